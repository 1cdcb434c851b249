"""Rows as an archive stores them: the columns of the reports, and all other columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.row import Row, column_name
from interactions_sdk.transfer.writers import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "OTHER_COLUMNS",
    "RawRow",
    "StoredRow",
    "equal_except_updated_at",
    "extra_columns",
    "group_by_month",
    "to_interaction",
    "to_row",
    "to_stored_row",
]

StoredRow = Mapping[str, object]
"""A row as it is created: `$id`, `$createdAt`, `$updatedAt`, `$permissions`, and the columns that
are not null."""

OTHER_COLUMNS = "other_columns"
"""The column of an archive file with everything that the report columns do not contain, as JSON."""


class RawRow(Row):
    """A row with every column of the table, unchanged."""

    model_config = ConfigDict(extra="allow")


def to_row(raw: RawRow) -> StoredRow:
    """Return a row in the form in which it can be created again."""
    columns = {
        name: value
        for name, value in (raw.model_extra or {}).items()
        if value is not None and not name.startswith("$")
    }
    return {
        "$id": raw.id,
        "$createdAt": format_datetime(raw.created_at),
        "$updatedAt": format_datetime(raw.updated_at),
        "$permissions": raw.permissions,
        **columns,
    }


def to_interaction(row: StoredRow) -> CustomerInteraction:
    """Return the interaction that a row is read into."""
    return CustomerInteraction.model_validate(row, by_alias=True, by_name=False)


def extra_columns(row: StoredRow) -> str | None:
    """Return the parts of a row that its interaction does not contain, such as your own columns.

    Example:
        >>> row = {"$id": "a", "$createdAt": "2026-05-01T10:00:00.000+00:00",
        ...        "$updatedAt": "2026-05-01T10:00:00.000+00:00", "$permissions": [],
        ...        "direction": "outbound", "branch": "Bern"}
        >>> extra_columns(row | {"customerId": "c1", "interactionType": "call", "userId": "ada"})
        '{"branch": "Bern"}'
    """
    interaction = to_interaction(row)
    typed = _kept({name: getattr(interaction, name) for name in type(interaction).model_fields})
    names = sorted(row.keys() | typed.keys())
    other = {name: row.get(name) for name in names if row.get(name) != typed.get(name)}
    return json.dumps(other, ensure_ascii=False) if other else None


def to_stored_row(archived: Mapping[str, object]) -> StoredRow:
    """Return the row that was archived as this row of a file."""
    typed = _kept({name: archived[name] for name in CustomerInteraction.model_fields})
    other = archived.get(OTHER_COLUMNS)
    if isinstance(other, str):
        typed |= json.loads(other)
    return {name: value for name, value in typed.items() if value is not None}


def _kept(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        column_name(name): to_plain(value) for name, value in fields.items() if value is not None
    }


def equal_except_updated_at(one: StoredRow, other: StoredRow) -> bool:
    """Return whether two rows are equal, apart from the time of their last change."""
    return {**one, "$updatedAt": None} == {**other, "$updatedAt": None}


def group_by_month(rows: Iterable[StoredRow]) -> dict[tuple[int, int], list[StoredRow]]:
    """Return rows by the year and month of their creation in UTC."""
    months: dict[tuple[int, int], list[StoredRow]] = {}
    for row in rows:
        created_at = datetime.fromisoformat(str(row["$createdAt"]))
        months.setdefault((created_at.year, created_at.month), []).append(row)
    return months
