# Generated from src/interactions_sdk/_async/connection/batches.py by scripts/unasync.py; do not edit.
"""What is read and written by the hundred: the most rows that one request takes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from interactions_sdk import wire
from interactions_sdk.models.row import ID, Row
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.wire import Table

__all__ = ["MOST_ROWS", "batches", "read_by_ids"]

MOST_ROWS = 100
"""Rows in one request (transcript `bulk-create`), and IDs that fit into one filter."""

T = TypeVar("T")
RowT = TypeVar("RowT", bound=Row)


def batches(items: Iterable[T], size: int = MOST_ROWS) -> Iterator[list[T]]:
    """Yield the items in lists of at most this size, taking no more than are asked for.

    Example:
        >>> list(batches("abcde", 2))
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
    for some in batches(ids):
        queries = [query.equal(ID, *some), *selected, query.limit(len(some))]
        rows += (connection.send(wire.list_rows(table, queries))).rows
    return rows
