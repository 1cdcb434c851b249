# Generated from src/interactions_sdk/_async/connection/rows.py by scripts/unasync.py; do not edit.
"""Reading many rows: page by page, with nothing lost while others write, or by their ids.

Pages continue at a place in the order and not at a row, so deleted rows break nothing, and a
hundred rows of one millisecond are distinguished by their IDs (transcript `list-order-page`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from interactions_sdk import wire
from interactions_sdk.cursors import Position
from interactions_sdk.errors import ServerError
from interactions_sdk.models.row import CREATED_AT, ID, Row
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire import Table
    from interactions_sdk.wire.query import Query

__all__ = [
    "BY_DUE_DATE",
    "MAX_ROWS_PER_REQUEST",
    "NEWEST_FIRST",
    "OLDEST_FIRST",
    "SortOrder",
    "batched",
    "iterate_pages",
    "iterate_rows",
    "read_by_ids",
]

MAX_ROWS_PER_REQUEST = 100
"""Rows in one request (transcript `bulk-create`), and IDs that fit into one filter."""

T = TypeVar("T")
RowT = TypeVar("RowT", bound=Row)
RowT_contra = TypeVar("RowT_contra", bound=Row, contravariant=True)


@dataclass(frozen=True, slots=True)
class SortOrder(Generic[RowT_contra]):
    """An order by a time, and by id among rows of one time.

    Attributes:
        column: The column of the time; never null in the rows that are read.
        time_of: The time of a row that was read.
        descending: Whether the latest comes first.
    """

    column: str
    time_of: Callable[[RowT_contra], datetime]
    descending: bool = False

    def queries(self, after: Position | None) -> list[Query]:
        """Return the order, and where it continues, as queries."""
        direction = query.descending if self.descending else query.ascending
        beyond = after.after_queries(self.column, descending=self.descending) if after else []
        return [*beyond, direction(self.column), direction(ID)]

    def position_of(self, row: RowT_contra) -> Position:
        """Return the place of a row."""
        return Position(self.time_of(row), row.id)


OLDEST_FIRST: SortOrder[Row] = SortOrder(CREATED_AT, attrgetter("created_at"))
NEWEST_FIRST: SortOrder[Row] = SortOrder(CREATED_AT, attrgetter("created_at"), descending=True)
BY_DUE_DATE: SortOrder[CustomerInteraction] = SortOrder(
    "nextActionDate", attrgetter("next_action_date")
)


def iterate_pages(
    connection: Connection,
    table: Table[RowT],
    queries: Sequence[Query],
    order: SortOrder[RowT],
    *,
    page_size: int,
    after: Position | None = None,
    max_age: timedelta | None = None,
) -> Iterator[list[RowT]]:
    """Yield the pages of all rows that the queries find, reading each when it is needed.

    Args:
        connection: The connection.
        table: The table.
        queries: The filter.
        order: The order.
        page_size: Rows in one request.
        after: Where to continue.
        max_age: How old an answer of the server's list cache may be; None does not use it.

    Raises:
        ServerError: A page ends where the one before it has, so that there would be no end.
    """
    while True:
        page = [*queries, *order.queries(after), query.limit(page_size)]
        rows = (connection.send(wire.list_rows(table, page, max_age=max_age))).rows
        yield rows
        if len(rows) < page_size:
            return
        before, after = after, order.position_of(rows[-1])
        if after == before:
            raise ServerError(
                "The server answered with the same rows again, as if it was not asked for others. "
                "Does something in between, such as a proxy, drop the queries?",
                status_code=502,
            )


def iterate_rows(
    connection: Connection,
    table: Table[RowT],
    queries: Sequence[Query],
    order: SortOrder[RowT],
    *,
    page_size: int,
    after: Position | None = None,
) -> Iterator[RowT]:
    """Yield all rows that the queries find, one by one; see `iterate_pages`."""
    pages = iterate_pages(connection, table, queries, order, page_size=page_size, after=after)
    for page in pages:
        for row in page:
            yield row


def batched(items: Iterable[T], size: int = MAX_ROWS_PER_REQUEST) -> Iterator[list[T]]:
    """Yield the items in lists of at most this size, taking no more than are asked for.

    Example:
        >>> list(batched("abcde", 2))
        [['a', 'b'], ['c', 'd'], ['e']]
    """
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def read_by_ids(
    connection: Connection, table: Table[RowT], ids: Iterable[str], *columns: str
) -> list[RowT]:
    """Read the rows that have these ids, up to case, which Appwrite ignores in ids.

    Args:
        connection: The connection.
        table: The table.
        ids: The ids, each of them valid.
        columns: The columns to read, besides the system columns; all, if none are named.

    Returns:
        The rows that exist, in no particular order.
    """
    selected = [query.select(*columns)] if columns else []
    rows: list[RowT] = []
    for some in batched(ids):
        queries = [query.equal(ID, *some), *selected, query.limit(len(some))]
        rows += (connection.send(wire.list_rows(table, queries))).rows
    return rows
