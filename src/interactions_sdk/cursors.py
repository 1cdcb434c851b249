"""Cursors of pages and of watches.

A cursor is opaque to users, remains valid after a restart, and is tied to its filter.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from interactions_sdk.calendars import TimeLike, TimeZone, parse_time
from interactions_sdk.datetimes import MIN_DATETIME, format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.row import ID, SEQUENCE
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from interactions_sdk.wire.query import Query, Value

    _Comparison = Callable[[str, Value], Query]

__all__ = [
    "Position",
    "WatchPosition",
    "decode_cursor",
    "decode_watch_cursor",
    "encode_cursor",
    "encode_watch_cursor",
    "parse_since",
    "read_time",
]


@dataclass(frozen=True, slots=True)
class Position:
    """A position in an order by a time or a text and, among rows with the same value, by sequence.

    Appwrite's own cursors fail if the row is deleted (transcript `list-order-page`); a position
    does not. Every MariaDB index ends with the sequence, so no page has to be sorted (ordered by
    ID, all matching rows were sorted). The sequence is opaque, a number on some databases and text
    on others, so only the server compares it.

    Attributes:
        value: The time or the text of the last row of the page; None for a position among rows
            without a value, which are ordered by their sequence alone.
        tie: Its sequence.
        tie_column: The column of `tie`; in cursors of earlier versions, the ID.
    """

    value: datetime | str | None
    tie: str
    tie_column: str = SEQUENCE

    def after_queries(self, column: str, *, descending: bool) -> list[Query]:
        """Return the query for the rows after this position, in the order of a column."""
        beyond = query.less_than if descending else query.greater_than
        return [self._query(column, beyond, beyond)]

    def until_queries(self, column: str, *, descending: bool) -> list[Query]:
        """Return the query for the rows up to and including this position."""
        if descending:
            return [self._query(column, query.greater_than, query.greater_than_equal)]
        return [self._query(column, query.less_than, query.less_than_equal)]

    def _query(self, column: str, other_value: _Comparison, same_value: _Comparison) -> Query:
        if self.value is None:
            return same_value(self.tie_column, self.tie)
        return query.or_(
            other_value(column, self.value),
            query.and_(query.equal(column, self.value), same_value(self.tie_column, self.tie)),
        )


def encode_cursor(position: Position, scope: Sequence[str]) -> str:
    """Encode a position as an opaque text.

    The scope is what the pages have in common, such as the filter's digest and the order.
    """
    value = position.value
    written = format_datetime(value) if isinstance(value, datetime) else value
    if position.tie_column == ID:
        return _encode([written, position.tie, *scope])
    return _encode([_BY_SEQUENCE, written, position.tie, *scope])


def read_time(value: Any) -> datetime:  # noqa: ANN401 - JSON of whoever made it
    """Read the time of a position from JSON.

    Raises:
        TypeError: It is not a text.
        ValueError: It is not a time.
        BadRequestError: Appwrite does not support this time.
    """
    time = datetime.fromisoformat(value)
    format_datetime(time)
    return time


def decode_cursor(
    cursor: str,
    scope: Sequence[str],
    read_value: Callable[[Any], datetime | str | None] = read_time,
    *,
    hint: str = "",
) -> Position:
    """Decode a position.

    `read_value` reads the value from JSON, and raises a `TypeError` or a `ValueError` for one of
    another kind. The hint, about what else may differ, is added to the error about another scope.

    Raises:
        BadRequestError: It is not a cursor, or it belongs to another filter or order.
    """
    try:
        value, tie, tie_column, owner = _split_position(_decode(cursor))
        position = Position(read_value(value), tie, tie_column) if owner == list(scope) else None
    except (ValueError, TypeError, KeyError, BadRequestError) as error:
        message = "Invalid after: pass the next_cursor of a page, unmodified."
        raise BadRequestError(message) from error
    if position is None:
        message = "The cursor was created with other filters or another order. Use the same ones."
        raise BadRequestError(f"{message} {hint}".rstrip())
    return position


_BY_SEQUENCE = "sequence"
_SEQUENCE = re.compile(r"[0-9A-Za-z-]{1,64}")


def _split_position(parts: Any) -> tuple[Any, str, str, list[str]]:  # noqa: ANN401 - as above
    """Return value, tie and its column, and the scope."""
    if isinstance(parts, str):  # its letters would be taken for parts
        raise TypeError(parts)
    if parts[:1] == [_BY_SEQUENCE]:
        _, value, sequence, *owner = parts
        if not _SEQUENCE.fullmatch(sequence):
            raise ValueError(sequence)
        return value, sequence, SEQUENCE, owner
    value, row_id, *owner = parts
    return value, validate_id(row_id, "row id"), ID, owner


@dataclass(frozen=True, slots=True)
class WatchPosition:
    """The position up to which changes were shown.

    Attributes:
        rows: Rows created or updated up to this time were shown.
        deletions: Deletions up to this time were shown.
    """

    rows: datetime
    deletions: datetime


_WATCH = "watch"


def encode_watch_cursor(position: WatchPosition, scope: str) -> str:
    """Encode the position of a watch, with the filter's digest, as an opaque text."""
    return _encode(
        [_WATCH, format_datetime(position.rows), format_datetime(position.deletions), scope]
    )


def decode_watch_cursor(cursor: str, scope: str) -> WatchPosition:
    """Decode the position of a watch.

    Raises:
        BadRequestError: It is not the cursor of a change, or it belongs to another filter.
    """
    try:
        kind, rows, deletions, owner = _decode(cursor)
        position = WatchPosition(datetime.fromisoformat(rows), datetime.fromisoformat(deletions))
        format_datetime(position.rows)
        format_datetime(position.deletions)
    except (ValueError, TypeError, BadRequestError) as error:
        message = "Invalid since: pass a datetime or the cursor of a change, unmodified."
        raise BadRequestError(message) from error
    if (kind, owner) != (_WATCH, scope):
        message = "The cursor was created with other filters. Use the same ones."
        raise BadRequestError(message)
    return position


def parse_since(since: TimeLike, scope: str, tz: TimeZone | None = None) -> WatchPosition:
    """Return where a watch begins: at a time, which is included, or after the cursor of a change.

    Raises:
        BadRequestError: `since` is neither a time with a zone nor the cursor of such a watch.
    """
    if isinstance(since, str) and not since[:1].isdigit():
        return decode_watch_cursor(since, scope)
    time = parse_time(since, "since", tz)
    before = max(MIN_DATETIME, time.astimezone(UTC) - timedelta(milliseconds=1))
    return WatchPosition(before, before)


def _encode(parts: Sequence[str | None]) -> str:
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> Any:  # noqa: ANN401 - JSON of whoever made it
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
