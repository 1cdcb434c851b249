"""Calls on indexes (transcripts `indexes`, `schema-customer-interactions`).

An index of a user's is an index of SQLite's on the compared form of its columns, so that the
queries it is made for use it. A fulltext index is a permission to search.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.embedded.database.attributes import DATETIME, ROW_ATTRIBUTES
from interactions_sdk.embedded.database.catalog import Index
from interactions_sdk.embedded.services.context import invalid_param, required_key
from interactions_sdk.embedded.values.column_types import MAX_INDEXED_LENGTH, TEXT_TYPES, is_integer
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    as_list,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.services.context import RequestContext

_TYPES = ("key", "fulltext", "unique", "spatial")
_ORDERS = ("ASC", "DESC")
_SYSTEM_KEYS = frozenset({"$id", "$createdAt", "$updatedAt"})
_FLOAT_LENGTH = 2
_MAX_COLUMNS = 20


def create(context: RequestContext) -> Response:
    """Make an index; it is available at once, and answered as if it were not yet."""
    index = add(context, context.params)
    return json_response(index.to_json(context.table(), "processing"), 202)


def add(context: RequestContext, sent: JsonObject) -> Index:
    """Make an index of what was sent.

    Raises:
        AppwriteError: Something is missing or does not fit together.
    """
    key = required_key("key", sent.get("key"))
    type_ = cast("object", sent.get("type"))
    if type_ not in _TYPES:
        raise invalid_param("type", f"Value must be one of ({', '.join(_TYPES)})")
    if type_ == "spatial":
        raise AppwriteError("general_not_implemented", "The index type spatial")
    columns = _columns(sent)
    table = context.table()
    lengths = _lengths(sent, columns)
    _check(table, str(type_), columns, lengths)
    orders = [str(order).upper() for order in as_list(sent.get("orders")) if order]
    if any(order not in _ORDERS for order in orders):
        raise invalid_param("orders", f"Value must be one of ({', '.join(_ORDERS)})")
    timestamp = now()
    row = (key, str(type_), tuple(columns), tuple(lengths), tuple(orders))
    try:
        sequence = context.connection.execute(
            'INSERT INTO _indexes ("table", key, type, columns, lengths, orders, created, updated)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (table.sequence, *row[:2], *map(json.dumps, row[2:]), timestamp, timestamp),
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise AppwriteError("column_index_already_exists", key) from error
    index = Index(cast("int", sequence), *row, timestamp, timestamp)
    _build(context.connection, table, index)
    context.bump_schema_version()
    return index


def _columns(sent: JsonObject) -> list[str]:
    columns = as_list(sent.get("columns"))
    if len(columns) > _MAX_COLUMNS or not all(isinstance(column, str) for column in columns):
        rule = (
            f"Value must a valid array no longer than {_MAX_COLUMNS} items and Value must be a "
            "valid string and at least 1 chars"
        )
        raise invalid_param("columns", rule)
    return cast("list[str]", columns)


def _lengths(sent: JsonObject, columns: list[str]) -> list[int]:
    sent_lengths: list[Any] = as_list(sent.get("lengths"))
    if not all(length is None or is_integer(length) for length in sent_lengths):
        raise invalid_param("lengths", "Value must a valid array and Value must be a valid integer")
    return [(sent_lengths[at] or 0) if at < len(sent_lengths) else 0 for at in range(len(columns))]


def _check(table: Table, type_: str, columns: list[str], lengths: list[int]) -> None:
    for key in columns:
        if key not in table.columns and key not in _SYSTEM_KEYS:
            raise AppwriteError("column_unknown", key)
        column = table.columns.get(key)
        if column is not None and column.array:
            message = "Creating indexes on array attributes is not currently supported."
            raise AppwriteError("column_index_invalid", message=message)
    if wrong := _objection(table, type_, columns, lengths):
        raise AppwriteError("column_index_invalid", message=wrong)


def _objection(  # noqa: PLR0911 - one for each rule
    table: Table, type_: str, columns: list[str], lengths: list[int]
) -> str | None:
    if not columns:
        return "No attributes provided for index"
    if len({key.lower() for key in columns}) != len(columns):
        return "Duplicate attributes provided"
    if type_ == "fulltext":
        for key in columns:
            if key not in table.columns or table.columns[key].type not in TEXT_TYPES:
                return (
                    f'Attribute "{key}" cannot be part of a fulltext index, must be of type string'
                )
        return None
    total = 0
    for key, length in zip(columns, lengths, strict=True):
        size = _size(table, key)
        if length > size:
            return f'Index length {length} is larger than the size for {key}: {size}"'
        total += length or size
    if total > MAX_INDEXED_LENGTH:
        return f"Index length is longer than the maximum: {MAX_INDEXED_LENGTH}"
    return None


def _size(table: Table, key: str) -> int:
    column = table.columns.get(key)
    if column is not None and column.is_text:
        return column.size
    return _FLOAT_LENGTH if column is not None and column.kind == "float" else 1


def _build(connection: sqlite3.Connection, table: Table, index: Index) -> None:
    if index.type == "fulltext" or (index.type, index.columns) == ("key", ("$createdAt",)):
        return  # Every table has the second one from its beginning, as in MariaDB.
    parts: list[str] = []
    kinds: set[str] = set()
    for at, key in enumerate(index.columns):
        attribute = table.attributes[key] if key in table.columns else ROW_ATTRIBUTES[key]
        order = index.orders[at] if at < len(index.orders) and len(index.columns) > 1 else "ASC"
        parts.append(f"{attribute.compared} {order}")
        kinds.add(attribute.kind)
    if index.type == "key" and DATETIME not in kinds:
        # Rows are mostly asked for newest first: so the index gives them without sorting. One
        # column alone goes up, as the sequence does that ends every index: read backwards, both
        # go down. By a time rows are ordered alone, and then by the sequence.
        parts.append("_createdAt ASC")
    unique = "UNIQUE " if index.type == "unique" else ""
    definition = f"ON {table.rows} ({', '.join(parts)})"
    if not unique and _is_there(connection, definition):
        return  # Another index is the same, such as those on `a` and on `a, $createdAt`.
    try:
        connection.execute(f"CREATE {unique}INDEX IF NOT EXISTS {_sql_name(index)} {definition}")
    except sqlite3.IntegrityError as error:
        message = "The rows there are have the same values more than once"
        raise AppwriteError("column_index_invalid", message=message) from error


def _is_there(connection: sqlite3.Connection, definition: str) -> bool:
    same = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'index' AND substr(sql, -length(?)) = ?",
        (definition, definition),
    )
    return same.fetchone() is not None


def _sql_name(index: Index) -> str:
    return f'"index_{index.sequence}"'


def _index(context: RequestContext) -> Index:
    index = context.table().indexes.get(context.path["key"])
    if index is None:
        raise AppwriteError("column_index_not_found", context.path["key"])
    return index


def get(context: RequestContext) -> Response:
    """Show an index."""
    return json_response(_index(context).to_json(context.table(), "available"))


def list_indexes(context: RequestContext) -> Response:
    """List the indexes of a table."""
    table = context.table()
    shown = [index.to_json(table, "available") for index in table.indexes.values()]
    return json_response({"total": len(shown), "indexes": shown})


def delete(context: RequestContext) -> Response:
    """Delete an index."""
    deleted = _index(context)
    _drop(context.connection, deleted)
    table = context.table()
    for index in table.indexes.values():
        if index != deleted:
            _build(context.connection, table, index)  # it may have been the same in SQLite
    context.bump_schema_version()
    return NO_CONTENT


def _drop(connection: sqlite3.Connection, index: Index) -> None:
    connection.execute(f"DROP INDEX IF EXISTS {_sql_name(index)}")
    connection.execute("DELETE FROM _indexes WHERE sequence = ?", (index.sequence,))


def forget_column(connection: sqlite3.Connection, table: Table, key: str) -> None:
    """Take a column out of the indexes; one with no column left goes.

    A unique index goes too: on fewer columns it would refuse rows that it took.
    """
    for index in table.indexes.values():
        if key not in index.columns:
            continue
        _drop(connection, index)
        kept = [at for at, each in enumerate(index.columns) if each != key]
        if not kept or index.type == "unique":
            continue
        rest = Index(
            index.sequence,
            index.key,
            index.type,
            tuple(index.columns[at] for at in kept),
            tuple(index.lengths[at] for at in kept),
            tuple(index.orders[at] for at in kept if at < len(index.orders)),
            index.created,
            now(),
        )
        connection.execute(
            "INSERT INTO _indexes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(rest.sequence, table.sequence, rest.key, rest.type),
                *map(json.dumps, (rest.columns, rest.lengths, rest.orders)),
                *(rest.created, rest.updated),
            ),
        )
        _build(connection, table, rest)
