"""The layout of an export: how it is recognized, and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from interactions_sdk.sentences import truncate
from interactions_sdk.transfer.converters import joined_text

if TYPE_CHECKING:
    from interactions_sdk.transfer import Row

__all__ = [
    "Cells",
    "Layout",
    "Party",
    "chosen",
    "clock_minutes",
    "description",
    "direction",
    "first",
    "is_completed",
    "minutes",
    "normalize",
    "subject",
]

_MAX_SUBJECT = 200
_MAX_DESCRIPTION = 5000


def normalize(column: str) -> str:
    """Normalize the name of a column: `Call Title` and `call_title` are the same.

    Example:
        >>> normalize("Activity - Due date"), normalize("call_title")
        ('duedate', 'calltitle')
    """
    return re.sub(r"[\s_]", "", column.lower()).removeprefix("activity-")


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row, whose columns are found by their normalized names."""

    row: Row
    names: Mapping[str, str]

    def first(self, *columns: str) -> str | None:
        """Return the first cell that is not empty."""
        names = (self.names.get(normalize(column), column) for column in columns)
        return next(filter(None, (joined_text(self.row, name) for name in names)), None)


@dataclass(frozen=True, slots=True)
class Party:
    """The columns that identify somebody: a customer, or the owner of a record.

    Attributes:
        id: The column of the ID in the other system, which not every file has; empty if no export
            has one.
        names: The columns of the name; the first that is not empty is used.
        prefix: A prefix for the ID, if records of another kind may have the same ID.
    """

    id: str
    names: tuple[str, ...] = ()
    prefix: str = ""

    def external_id(self, cells: Cells) -> str:
        """Return the ID in the other system; empty if there is none."""
        id = cells.first(self.id) if self.id else None
        return "" if id is None else self.prefix + id

    def name(self, cells: Cells) -> str:
        """Return the name; empty if there is none."""
        return cells.first(*self.names) or ""


Reader = Callable[[Cells], object]
"""Returns the value of a field for a row; None leaves the field out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of export.

    Attributes:
        signature: The columns by which it is recognized.
        record: The column of the record's ID.
        customers: The possible customers: the first with an ID is used, or else the first with a
            name.
        owners: The possible owners: the user of the other system to whom the record belongs.
        kept: The columns that are stored as custom fields.
    """

    name: str
    signature: tuple[str, ...]
    record: str
    customers: tuple[Party, ...]
    owners: tuple[Party, ...]
    fields: Mapping[str, Reader]
    dates: Mapping[str, Callable[[Cells], str | None]]
    kept: tuple[str, ...] = field(default=())

    def customer(self, cells: Cells) -> tuple[str, str]:
        """Return the ID of the customer in the other system, and the name; empty if not given.

        An ID comes first: namesakes are different customers.
        """
        return _identify(self.customers, cells)

    def owner(self, cells: Cells) -> tuple[str, str]:
        """Return the ID and the name of the owner, in the same way."""
        return _identify(self.owners, cells)

    def fits(self, columns: Mapping[str, str]) -> bool:
        """Return whether a file with these columns has this layout."""
        return all(normalize(column) in columns for column in self.signature)


def _identify(parties: tuple[Party, ...], cells: Cells) -> tuple[str, str]:
    people = [(party.external_id(cells), party.name(cells)) for party in parties]
    by_id = ((id, name) for id, name in people if id)
    by_name = ((id, name) for id, name in people if name)
    return next(chain(by_id, by_name), ("", ""))


def first(*columns: str) -> Callable[[Cells], str | None]:
    """Return the first of several columns that is not empty."""
    return lambda cells: cells.first(*columns)


def _cut(limit: int, *columns: str) -> Callable[[Cells], str | None]:
    """Return the first of several columns, cut to a maximum length."""

    def read(cells: Cells) -> str | None:
        text = cells.first(*columns)
        return None if text is None else truncate(text, limit)

    return read


def subject(*columns: str) -> Callable[[Cells], str | None]:
    """Take a subject."""
    return _cut(_MAX_SUBJECT, *columns)


def description(*columns: str) -> Callable[[Cells], str | None]:
    """Take a description."""
    return _cut(_MAX_DESCRIPTION, *columns)


def chosen(
    values: Mapping[str, str], *columns: str, default: str | None = None
) -> Callable[[Cells], str | None]:
    """Translate the value of a column, whatever its case; any other becomes the default."""

    def read(cells: Cells) -> str | None:
        return values.get((cells.first(*columns) or "").lower(), default)

    return read


def direction(*columns: str) -> Callable[[Cells], str | None]:
    """Return a direction: values that begin with "in", or missed calls, are inbound."""

    def read(cells: Cells) -> str:
        value = (cells.first(*columns) or "").lower()
        return "inbound" if value.startswith(("in", "missed")) else "outbound"

    return read


def minutes(per_minute: int, *columns: str) -> Callable[[Cells], int | None]:
    """Return a duration in milliseconds, seconds or minutes as minutes."""

    def read(cells: Cells) -> int | None:
        text = cells.first(*columns)
        if text is None:
            return None
        try:
            count = float(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is not a number") from error
        return max(1, round(count / per_minute)) if count > 0 else None

    return read


def clock_minutes(unit: int, *columns: str) -> Callable[[Cells], int | None]:
    """Return a duration such as `01:30`, whose first part has the given number of seconds.

    The second part is a sixtieth of that.
    """

    def read(cells: Cells) -> int | None:
        text = cells.first(*columns)
        match = re.fullmatch(r"(\d+)(?::(\d+))?(?::\d+)?", text or "0")
        if match is None:
            raise ValueError(f"{text!r} is not a duration")
        seconds = int(match[1]) * unit + int(match[2] or 0) * unit // 60
        return max(1, round(seconds / 60)) if seconds else None

    return read


def is_completed(cells: Cells) -> bool:
    """Return whether the status of a task is `Completed`."""
    return (cells.first("Status") or "").lower() == "completed"
