"""Requests about rows (https://appwrite.io/docs/references/cloud/server-rest/tablesDB)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.row import Row
from interactions_sdk.wire import query
from interactions_sdk.wire.call import (
    Call,
    RowList,
    SequencedRowList,
    Table,
    parse_nothing,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from interactions_sdk.wire.query import Query

__all__ = [
    "create_row",
    "create_rows",
    "delete_row",
    "list_rows",
    "list_sequenced_rows",
    "update_row",
    "update_rows",
]

RowT = TypeVar("RowT", bound=Row)

QUERIES_WITHOUT_FILTER = frozenset(
    {
        *("select", "limit", "offset", "cursorAfter", "cursorBefore"),
        *("orderAsc", "orderDesc", "orderRandom"),
    }
)
"""Queries that do not select rows."""

_ROWS = "/tablesdb/{database}/tables/{table}/rows"
_ROW = _ROWS + "/{row}"
_SAFE_CHARS = "$,:"
"""Frequent characters that a URL's query may contain unescaped (RFC 3986)."""


def _row_path(table: Table[Row], row_id: str) -> str:
    return f"{table.path}/{validate_id(row_id, 'row id')}"


def list_rows(
    table: Table[RowT], queries: Sequence[Query], *, with_total: bool = False
) -> Call[RowList[RowT]]:
    """Read the rows that match the queries; counting is expensive, so it must be requested.

    Only `total=0` skips the count: `total=false` still counts.
    """
    path = _list_path(table, queries, with_total=with_total)
    return Call("GET", _ROWS, path, table.read_rows)


def list_sequenced_rows(
    table: Table[RowT],
    queries: Sequence[Query],
    *,
    with_total: bool = False,
    max_age: timedelta | None = None,
) -> Call[SequencedRowList[RowT]]:
    """Read the rows that match the queries, with the sequence of each; see `list_rows`.

    With `max_age`, the response may come from the server's list cache (since 1.9:
    https://appwrite.io/docs/products/databases/rows#cache-list-responses), which writes do not
    clear. Older servers ignore it.
    """
    path = _list_path(table, queries, with_total=with_total)
    if max_age is not None:
        path += f"&ttl={int(max_age.total_seconds())}"
    return Call("GET", _ROWS, path, table.read_sequenced_rows)


def _list_path(table: Table[Row], queries: Sequence[Query], *, with_total: bool) -> str:
    parameters = [
        f"queries%5B%5D={quote(text, safe=_SAFE_CHARS)}" for text in query.encode_queries(queries)
    ]
    if not with_total:
        parameters.append("total=0")
    return f"{table.path}?{'&'.join(parameters)}"


def create_row(table: Table[RowT], row_id: str, data: Mapping[str, object]) -> Call[RowT]:
    """Create one row; if it is sent twice, the second is answered 409 (transcript `row-create`).

    `data` are the columns, with `$createdAt` if given; `$permissions` sets the row's permissions
    (transcript `row-permissions-form`).
    """
    body = {"rowId": validate_id(row_id, "row id"), **_body(data)}
    return Call("POST", _ROWS, table.path, table.read_row, to_json(body))


def create_rows(table: Table[Row], rows: Sequence[Mapping[str, object]]) -> Call[None]:
    """Create up to 100 rows, all or none; each has its `$id` (transcript `bulk-create`)."""
    return Call("POST", _ROWS, table.path, parse_nothing, to_json({"rows": rows}))


def update_row(
    table: Table[RowT],
    row_id: str,
    data: Mapping[str, object],
    *,
    if_unmodified_since: datetime | None = None,
) -> Call[RowT]:
    """Change columns of one row; `$permissions` sets the row's permissions.

    `if_unmodified_since` is the row's `$updatedAt` as it was read; a newer row answers 409
    (transcript `row-timestamp-lock`).
    """
    path = _row_path(table, row_id)
    headers = _if_unmodified_header(if_unmodified_since)
    return Call("PATCH", _ROW, path, table.read_row, to_json(_body(data)), headers)


def _body(data: Mapping[str, object]) -> dict[str, object]:
    """Return columns and permissions, which single-row calls take side by side."""
    if "$permissions" not in data:
        return {"data": data}
    columns = dict(data)
    return {"permissions": columns.pop("$permissions"), "data": columns}


def update_rows(
    table: Table[RowT], queries: Sequence[Query], data: Mapping[str, object]
) -> Call[RowList[RowT]]:
    """Change columns of all rows that match the queries (transcript `bulk-update`).

    Raises:
        BadRequestError: No query selects rows, so every row of the table would be changed.
    """
    if QUERIES_WITHOUT_FILTER.issuperset(each["method"] for each in queries):
        message = "A bulk update without a filter would change every row of the table."
        raise BadRequestError(message)
    body = to_json({"queries": query.encode_queries(queries), "data": data})
    return Call("PATCH", _ROWS, table.path, table.read_rows, body)


def delete_row(
    table: Table[Row], row_id: str, *, if_unmodified_since: datetime | None = None
) -> Call[None]:
    """Delete one row, optionally only if it has not changed (transcript `row-delete`)."""
    path = _row_path(table, row_id)
    return Call(
        "DELETE", _ROW, path, parse_nothing, headers=_if_unmodified_header(if_unmodified_since)
    )


def _if_unmodified_header(if_unmodified_since: datetime | None) -> dict[str, str] | None:
    if if_unmodified_since is None:
        return None
    return {"X-Appwrite-Timestamp": format_datetime(if_unmodified_since)}
