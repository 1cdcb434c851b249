"""Files of entries of the audit log: CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.escaping.spreadsheet import escape_formula
from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.transfer.files import UTF_8_FOR_SPREADSHEETS, atomic_file
from interactions_sdk.transfer.writers import to_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    WriteEntries = Callable[[Sequence[AuditEntry]], object]
    """Writes some entries to a file that is open."""
    OpenAuditFile = Callable[[str | Path], AbstractContextManager[WriteEntries]]

__all__ = ["open_audit_csv", "open_audit_jsonl"]

_CSV_HEAD = (
    *("created_at", "action", "user_id", "entity_id", "customer_id"),
    *("field", "before", "after", "values", "is_verified", "id"),
)


@contextmanager
def open_audit_csv(path: str | Path) -> Generator[WriteEntries]:
    """Open a CSV file for writing, with the byte order mark that spreadsheets need for UTF-8."""
    with (
        atomic_file(path) as part,
        part.open("w", encoding=UTF_8_FOR_SPREADSHEETS, newline="") as file,
    ):
        csv.writer(file).writerow(_CSV_HEAD)
        yield lambda entries: file.write(_to_csv(entries))


@contextmanager
def open_audit_jsonl(path: str | Path) -> Generator[WriteEntries]:
    """Open a JSON Lines file for writing."""
    with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield lambda entries: file.write("".join(map(_to_json_line, entries)))


def _to_csv(entries: Sequence[AuditEntry]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(line for entry in entries for line in _lines(entry))
    return written.getvalue()


def _lines(entry: AuditEntry) -> Iterator[list[str]]:
    """Yield a line for each change, but at least one; formulas are escaped."""
    head = [entry.action, entry.user_id, entry.entity_id, entry.customer_id]
    verified = str(entry.is_verified).lower()
    changes = [
        [each.field, _cell(each.before), _cell(each.after), each.values] for each in entry.changes
    ]
    for change in changes or [[None] * 4]:
        time = format_datetime(entry.created_at)
        yield [time, *map(escape_formula, [*head, *change]), verified, escape_formula(entry.id)]


def _cell(value: object) -> str | None:
    plain = to_plain(value)
    if plain is None or isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False)


def _to_json_line(entry: AuditEntry) -> str:
    """Write an entry as a JSON object; times are ISO 8601 in UTC."""
    fields: dict[str, object] = {
        name: to_plain(getattr(entry, name)) for name in AuditEntry.model_fields
    }
    changes = [
        {
            "field": each.field,
            "before": to_plain(each.before),
            "after": to_plain(each.after),
            "values": each.values,
        }
        for each in entry.changes
    ]
    line = {**fields, "is_verified": entry.is_verified, "changes": changes}
    return json.dumps(line, ensure_ascii=False) + "\n"
