"""The mapping file: owners to users, contacts and accounts to customers."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from interactions_sdk.errors import BadRequestError
from interactions_sdk.escaping.spreadsheet import escape_formula, unescape_formula
from interactions_sdk.transfer.files import atomic_file
from interactions_sdk.transfer.results import NameMatches

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MappingFile"]

_HEADER = ["kind", "external_id", "name", "id", "lines"]
Kind = Literal["customer", "owner"]


class _Key(NamedTuple):
    """The key of a person or company: an ID in the other system, or else a name."""

    kind: str
    external_id: str
    name: str


class MappingFile:
    """Customers and users of another system, and their IDs here.

    A customer or user with an ID in the other system is found by that ID; the name is only for
    information.

    Args:
        path: A CSV file with the columns `kind` (`customer` or `owner`), `external_id` (in the
            other system; may be missing), `name`, `id` (here) and `lines`; it need not exist yet.

    Raises:
        BadRequestError: It has other columns.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._ids: dict[_Key, str] = {}
        self._names: dict[_Key, str] = {}
        self._seen: Counter[_Key] = Counter()
        if self._path.exists():
            self._read()

    def _read(self) -> None:
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"kind", "name", "id"} <= set(reader.fieldnames or ()):
                raise BadRequestError(
                    f"{self._path} is not a mapping file: it needs the columns kind, name and id. "
                    "A dry run writes one."
                )
            for row in reader:
                name = _text(row, "name")
                key = _key(_text(row, "kind"), name, _text(row, "external_id"))
                self._names[key] = name
                self._ids[key] = (row["id"] or "").strip()

    def find(self, kind: Kind, name: str, external_id: str = "") -> str | None:
        """Return the ID of a customer or user, and count the line; None if the file has none.

        The name is ignored if there is an external ID.
        """
        key = _key(kind, name, external_id)
        self._names.setdefault(key, name)
        self._seen[key] += 1
        return self._ids.get(key) or None

    @property
    def missing(self) -> int:
        """How many customers have no ID."""
        return sum(key.kind == "customer" and not self._ids.get(key) for key in self._seen)

    @property
    def matched_by_name(self) -> NameMatches | None:
        """Whom the export gave no ID, so that namesakes are one; None if there was nobody."""
        lines = {
            kind: [n for key, n in self._seen.items() if key.kind == kind and not key.external_id]
            for kind in ("customer", "owner")
        }
        customers, owners = lines["customer"], lines["owner"]
        if not customers and not owners:
            return None
        return NameMatches(len(customers), sum(customers), len(owners), sum(owners))

    def save(self) -> None:
        """Write all names, those with the most lines first; filled-in IDs are kept."""
        order = sorted(
            self._names,
            key=lambda key: (key.kind, -self._seen[key], self._names[key], key.external_id),
        )
        with (
            atomic_file(self._path) as part,
            part.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(_HEADER)
            for key in order:
                external_id = escape_formula(key.external_id or None)
                name = escape_formula(self._names[key] or None)
                id = self._ids.get(key, "")
                writer.writerow([key.kind, external_id, name, id, self._seen[key]])


def _key(kind: str, name: str, external_id: str) -> _Key:
    return _Key(kind, external_id, "" if external_id else name)


def _text(row: Mapping[str, str | None], column: str) -> str:
    return unescape_formula((row.get(column) or "").strip()) or ""
