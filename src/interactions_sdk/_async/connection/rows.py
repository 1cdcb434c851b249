"""Reading many rows: page by page, with nothing skipped while others write, or by ID.

Pages continue at a position in the order and not at a row, so deleted rows do no harm, and rows
with the same timestamp are distinguished by their sequence (transcript `list-order-page`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from interactions_sdk import wire
from interactions_sdk.concurrency import agather
from interactions_sdk.cursors import Position
from interactions_sdk.errors import ServerError
from interactions_sdk.models.row import CREATED_AT, ID, SEQUENCE, Row
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire import RowList, SequencedRowList, Table
    from interactions_sdk.wire.query import Query

__all__ = [
    "BY_DUE_DATE",
    "MAX_PAGE_SIZE",
    "MAX_ROWS_PER_REQUEST",
    "NEWEST_FIRST",
    "OLDEST_FIRST",
    "SortOrder",
    "batched",
    "find_row",
    "iterate_pages",
    "iterate_rows",
    "list_pages",
    "read_by_ids",
]

MAX_ROWS_PER_REQUEST = 100
"""Maximum number of rows in one request (transcript `bulk-create`), and of IDs in one filter."""

MAX_PAGE_SIZE = 1000
"""The size to which pages grow; larger pages take longer, but not less per row."""

_GROWTH = 5
_READ_TOGETHER = 500
"""The page size from which two pages at once are faster than one after the other."""

T = TypeVar("T")
RowT = TypeVar("RowT", bound=Row)
RowT_contra = TypeVar("RowT_contra", bound=Row, contravariant=True)


@dataclass(frozen=True, slots=True)
class SortOrder(Generic[RowT_contra]):
    """A sort order by a time, and by the sequence among rows with the same time.

    Attributes:
        column: The column of the time; never null in the rows that are read.
        time_of: Returns the time of a row.
        descending: Whether the latest comes first.
    """

    column: str
    time_of: Callable[[RowT_contra], datetime]
    descending: bool = False

    def queries(self, after: Position | None, until: Position | None = None) -> list[Query]:
        """Return the order, its start and its end as queries."""
        direction = query.descending if self.descending else query.ascending
        queries: list[Query] = []
        if after is not None:
            queries += after.after_queries(self.column, descending=self.descending)
        if until is not None:
            queries += until.until_queries(self.column, descending=self.descending)
        tie_column = SEQUENCE if after is None else after.tie_column
        return [*queries, direction(self.column), direction(tie_column)]

    def position_of(
        self, row: RowT_contra, sequence: str, after: Position | None = None
    ) -> Position:
        """Return the position of a row.

        Args:
            row: The row.
            sequence: Its sequence.
            after: The start of its page.
        """
        if after is not None and after.tie_column == ID:
            return Position(self.time_of(row), row.id, ID)
        return Position(self.time_of(row), sequence)

    def end_of(self, page: RowList[RowT_contra], after: Position | None = None) -> Position:
        """Return the position of the last row of a page, which has rows."""
        return self.position_of(page.rows[-1], page.last_sequence, after)


OLDEST_FIRST: SortOrder[Row] = SortOrder(CREATED_AT, attrgetter("created_at"))
NEWEST_FIRST: SortOrder[Row] = SortOrder(CREATED_AT, attrgetter("created_at"), descending=True)
BY_DUE_DATE: SortOrder[CustomerInteraction] = SortOrder(
    "nextActionDate", attrgetter("next_action_date")
)


@dataclass(frozen=True, slots=True)
class _Listing(Generic[RowT]):
    """The parameters that the pages of a list share; see `iterate_pages`."""

    connection: AsyncConnection
    table: Table[RowT]
    queries: Sequence[Query]
    order: SortOrder[RowT]

    async def read(
        self, limit: int, after: Position | None, until: Position | None = None
    ) -> RowList[RowT]:
        """Read one page."""
        queries = self._page_queries(limit, after, until)
        return await self.connection.send(wire.list_rows(self.table, queries))

    async def read_sequenced(
        self, limit: int, after: Position | None, max_age: timedelta | None
    ) -> SequencedRowList[RowT]:
        """Read one page, with the sequence of each row."""
        queries = self._page_queries(limit, after)
        return await self.connection.send(
            wire.list_sequenced_rows(self.table, queries, max_age=max_age)
        )

    def _page_queries(
        self, limit: int, after: Position | None, until: Position | None = None
    ) -> list[Query]:
        return [*self.queries, *self.order.queries(after, until), query.limit(limit)]

    async def read_one(
        self, size: int, after: Position | None
    ) -> tuple[list[list[RowT]], Position | None]:
        """Read one page.

        Returns:
            The page, and the start of the next one; None if there is none.
        """
        page = await self.read(size, after)
        return [page.rows], self.end_of(page, size, after)

    async def read_two(
        self, size: int, after: Position | None
    ) -> tuple[list[list[RowT]], Position | None]:
        """Read two pages at once, or one if it is the last.

        A probe finds the start of the second, in a fraction of the time of a page.

        Returns:
            The pages, and the start of the next one; None if there is none.
        """
        first, (boundary, second) = await agather(
            partial(self.read, size, after), partial(self._read_second, size, after)
        )
        if boundary is None or second is None:
            return [first.rows], self.end_of(first, size, after)
        return [
            *await self._up_to(boundary, first, size, after),
            second.rows,
        ], self.end_of(second, size, boundary)

    async def _read_second(
        self, size: int, after: Position | None
    ) -> tuple[Position | None, RowList[RowT] | None]:
        filters = [each for each in self.queries if each["method"] != "select"]
        page_queries = [
            *filters,
            *self.order.queries(after),
            query.select(ID, self.order.column),
            query.offset(size - 1),
            query.limit(1),
        ]
        found = await self.connection.send(wire.list_rows(self.table, page_queries))
        if not found.rows:
            return None, None
        boundary = self.order.end_of(found)
        return boundary, await self.read(size, boundary)

    async def _up_to(
        self, boundary: Position, page: RowList[RowT], size: int, after: Position | None
    ) -> list[list[RowT]]:
        """Return the rows of a page up to a position, usually that of its last row.

        Otherwise, others have written or deleted rows in between, and the range is read again.
        """
        if page.rows and self.order.end_of(page) == boundary:
            return [page.rows]
        pages: list[list[RowT]] = []
        following: Position | None = after
        while True:
            page = await self.read(size, following, boundary)
            pages.append(page.rows)
            following = self.end_of(page, size, following)
            if following is None:
                return pages

    def end_of(self, page: RowList[RowT], size: int, after: Position | None) -> Position | None:
        """Return the start of the page after this one; None if this is the last.

        Raises:
            ServerError: It ends where the previous one ended, so reading would never end.
        """
        end = self.order.end_of(page, after) if page.rows else None
        if end is not None and end == after:
            raise ServerError(
                "The server returned the same page twice. "
                "Check whether a proxy in between drops the query string.",
                status_code=502,
            )
        return end if len(page.rows) == size else None


async def list_pages(
    connection: AsyncConnection,
    table: Table[RowT],
    queries: Sequence[Query],
    order: SortOrder[RowT],
    *,
    page_size: int,
    after: Position | None = None,
    max_age: timedelta | None = None,
) -> AsyncIterator[SequencedRowList[RowT]]:
    """Yield pages of one size, with the sequences of their rows; see `iterate_pages`.

    Args:
        connection: The connection.
        table: The table.
        queries: The filter.
        order: The order.
        page_size: Rows in one request.
        after: Where to continue.
        max_age: How old a response from the server's list cache may be; None does not use it.
    """
    listing = _Listing(connection, table, queries, order)
    while True:
        page = await listing.read_sequenced(page_size, after, max_age)
        yield page
        after = listing.end_of(page, page_size, after)
        if after is None:
            return


async def iterate_pages(
    connection: AsyncConnection,
    table: Table[RowT],
    queries: Sequence[Query],
    order: SortOrder[RowT],
    *,
    page_size: int,
    max_page_size: int | None = None,
) -> AsyncIterator[list[RowT]]:
    """Yield the pages of all rows that match the queries, reading each when it is needed.

    Pages grow during the iteration: a reader that stops early costs the server little, and one that
    reads everything sends fewer requests. Large pages are read two at a time.

    Args:
        connection: The connection.
        table: The table.
        queries: The filter.
        order: The order.
        page_size: Rows in the first request.
        max_page_size: Maximum number of rows in one request (default: `page_size`).

    Raises:
        ServerError: A page ends where the previous one ended, so reading would never end.
    """
    listing = _Listing(connection, table, queries, order)
    size = page_size
    pages, after = await listing.read_one(size, None)
    while pages:
        yield pages.pop(0)  # what is not referred to here can be freed before the next is read
        if not pages and after is not None:
            size = max(size, min(size * _GROWTH, max_page_size or page_size))
            read = listing.read_one if size < _READ_TOGETHER else listing.read_two
            pages, after = await read(size, after)


async def iterate_rows(
    connection: AsyncConnection,
    table: Table[RowT],
    queries: Sequence[Query],
    order: SortOrder[RowT],
    *,
    page_size: int,
    max_page_size: int | None = None,
) -> AsyncIterator[RowT]:
    """Yield all rows that match the queries, one by one; see `iterate_pages`."""
    pages = iterate_pages(
        connection, table, queries, order, page_size=page_size, max_page_size=max_page_size
    )
    async for page in pages:
        for row in page:
            yield row


def batched(items: Iterable[T], size: int = MAX_ROWS_PER_REQUEST) -> Iterator[list[T]]:
    """Yield the items in lists of at most this size, taking them only as needed.

    Example:
        >>> list(batched("abcde", 2))
        [['a', 'b'], ['c', 'd'], ['e']]
    """
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


async def find_row(connection: AsyncConnection, table: Table[RowT], row_id: str) -> RowT | None:
    """Return the row with this ID, read from the server, or None.

    It is read as a list, because Appwrite answers reads of single rows from a cache, which can
    permanently keep a row from before a committed transaction (measured on 1.9.6 and later
    versions).

    Args:
        connection: The connection.
        table: The table.
        row_id: A valid ID. Appwrite ignores case in IDs, so the row's ID may differ in case.
    """
    queries = [query.equal(ID, row_id), query.limit(1)]
    rows = (await connection.send(wire.list_rows(table, queries))).rows
    return rows[0] if rows else None


async def read_by_ids(
    connection: AsyncConnection, table: Table[RowT], ids: Iterable[str], *columns: str
) -> list[RowT]:
    """Read the rows with these IDs, ignoring case as Appwrite does.

    Args:
        connection: The connection.
        table: The table.
        ids: The IDs, all valid.
        columns: The columns to read, in addition to the system columns (default: all).

    Returns:
        The rows that exist, in no particular order.
    """
    selected = [query.select(*columns)] if columns else []
    rows: list[RowT] = []
    for batch in batched(ids):
        queries = [query.equal(ID, *batch), *selected, query.limit(len(batch))]
        rows += (await connection.send(wire.list_rows(table, queries))).rows
    return rows
