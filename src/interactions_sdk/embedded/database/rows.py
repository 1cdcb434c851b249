"""Rows in SQLite: reading, writing and finding; independent of requests."""

# ruff: noqa: S608 - the names in this SQL are made of sequence numbers, never of users' words

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access.permissions import parse
from interactions_sdk.embedded.access.permissions import roles_with as granted_roles
from interactions_sdk.embedded.database import query_parser, query_sql
from interactions_sdk.embedded.database.catalog import Projection
from interactions_sdk.embedded.database.query_sql import Condition, ListOptions
from interactions_sdk.embedded.values.collation import sort_key
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.database.query_parser import Query
    from interactions_sdk.embedded.values.column_types import Scalar
    from interactions_sdk.embedded.values.responses import JsonObject


def get(
    connection: sqlite3.Connection, table: Table, row_id: str, projection: Projection | None = None
) -> JsonObject | None:
    """Read a row by its ID; IDs ignore case."""
    chosen = projection or table.full_projection
    values = connection.execute(
        f"SELECT {chosen.selected} FROM {table.rows} WHERE upper(_id) = ?", (row_id.upper(),)
    ).fetchone()
    return None if values is None else chosen.row(values)


def get_cursor_row(
    connection: sqlite3.Connection, table: Table, queries: Iterable[Query]
) -> JsonObject | None:
    """Read the cursor row of a list, if there is one.

    Appwrite does this before it validates the other queries.

    Raises:
        AppwriteError: `general_query_invalid`, `general_cursor_not_found`.
    """
    row_id, _ = query_parser.cursor_of(queries)
    if row_id is None:
        return None
    row = get(connection, table, row_id)
    if row is None:
        message = f"Row '{row_id}' for the 'cursor' value not found."
        raise AppwriteError("general_cursor_not_found", message=message)
    return row


def select(
    connection: sqlite3.Connection,
    table: Table,
    condition: Condition,
    shape: ListOptions,
    cursor: JsonObject | None,
) -> list[JsonObject]:
    """Read the rows that match a condition, in the requested order and number.

    Raises:
        AppwriteError: The cursor's row has null in the order.
    """
    where = condition
    if cursor is not None:
        after = query_sql.cursor_clause(shape.orders, cursor, backwards=shape.backwards)
        where = after.and_(where)
    projection = project(table, shape.selected)
    order = query_sql.order_clause(shape.orders, backwards=shape.backwards)
    found = connection.execute(
        f"SELECT {projection.selected} FROM {table.rows}"
        f" WHERE {where.sql} ORDER BY {order} LIMIT ? OFFSET ?",
        [*where.values, shape.limit, shape.offset],
    )
    rows = [projection.row(values) for values in found]
    return rows[::-1] if shape.backwards else rows


def project(table: Table, selected: Sequence[str] | None) -> Projection:
    """Choose the columns to read."""
    if selected is None:
        return table.full_projection
    columns = (table.columns.get(key) for key in dict.fromkeys(selected))
    return Projection(table, tuple(column for column in columns if column is not None))


def count(connection: sqlite3.Connection, table: Table, condition: Condition) -> int:
    """Count the rows that match a condition, up to 5,000."""
    counted: int = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {table.rows} WHERE {condition.sql} LIMIT ?)",
        [*condition.values, query_sql.MAX_COUNTED],
    ).fetchone()[0]
    return counted


def readable(table: Table, actor: Actor, action: str) -> Condition:
    """Return the condition that the actor may perform an action on a row."""
    if actor.has_role(table.table_permissions(action)):
        return Condition()
    if not table.row_security:
        raise AppwriteError("user_unauthorized")
    return Condition(
        '_sequence IN (SELECT "row" FROM _permissions WHERE "table" = ? AND action = ?'
        " AND role IN (SELECT value FROM json_each(?)))",
        [table.sequence, action, json.dumps(actor.roles)],
    )


def roles_with(table: Table, row: JsonObject, action: str) -> list[str]:
    """Return the roles that may perform an action on a row."""
    roles = table.table_permissions(action)
    if not table.row_security:
        return roles
    return [*roles, *granted_roles(row["$permissions"], action)]


def insert(connection: sqlite3.Connection, table: Table, row: JsonObject) -> None:
    """Add a row, and put its sequence into it.

    Raises:
        AppwriteError: `row_already_exists`, `row_unique_constraint_violation` (transcript
            `indexes`).
    """
    try:
        cursor = connection.execute(table.insert, _values(table, row))
    except sqlite3.IntegrityError as error:
        taken = f"'ids_{table.sequence}'" in str(error)
        type_ = "row_already_exists" if taken else "row_unique_constraint_violation"
        raise AppwriteError(type_, row["$id"]) from error
    sequence = cast("int", cursor.lastrowid)
    row["$sequence"] = str(sequence)
    _add_permissions(connection, table, sequence, row["$permissions"])


def overwrite(connection: sqlite3.Connection, table: Table, row: JsonObject) -> None:
    """Add a row, or overwrite the row with which it conflicts."""
    sequence: int = connection.execute(table.upsert, _values(table, row)).fetchone()[0]
    row["$sequence"] = str(sequence)
    connection.execute(
        'DELETE FROM _permissions WHERE "table" = ? AND action IN (?, ?, ?) AND "row" = ?',
        (table.sequence, "read", "update", "delete", sequence),
    )
    _add_permissions(connection, table, sequence, row["$permissions"])


def _values(table: Table, row: JsonObject) -> list[Scalar]:
    granted = _permissions_text(row["$permissions"])
    values: list[Scalar] = [None, row["$id"], row["$createdAt"], row["$updatedAt"], granted]
    if table.arrays:
        values += [column.to_sql(row[key]) for key, column in table.columns.items()]
    else:
        values += [row[key] for key in table.columns]
    values += [None if row[key] is None else sort_key(row[key]) for key in table.with_sort_column]
    return values


def _permissions_text(permissions: list[str]) -> str:
    return json.dumps(permissions, separators=(",", ":")) if permissions else "[]"


def replace(connection: sqlite3.Connection, table: Table, old: JsonObject, new: JsonObject) -> None:
    """Write what differs between two states of a row."""
    names: list[str] = []
    values: list[Scalar] = []
    for key, column in table.columns.items():
        if new[key] != old[key] or type(new[key]) is not type(old[key]):
            names.append(column.name)
            values.append(column.to_sql(new[key]))
            if column.sort_column:
                names.append(column.sort_column)
                values.append(None if new[key] is None else sort_key(new[key]))
    for key, name in (("$createdAt", "_createdAt"), ("$updatedAt", "_updatedAt")):
        if new[key] != old[key]:
            names.append(name)
            values.append(new[key])
    if permitted := new["$permissions"] != old["$permissions"]:
        names.append("_permissions")
        values.append(_permissions_text(new["$permissions"]))
    if not names:
        return
    sequence = int(old["$sequence"])
    changes = ", ".join(f"{name} = ?" for name in names)
    try:
        connection.execute(
            f"UPDATE {table.rows} SET {changes} WHERE _sequence = ?", [*values, sequence]
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("row_unique_constraint_violation", old["$id"]) from error
    if permitted:
        _remove_permissions(connection, table, sequence, old["$permissions"])
        _add_permissions(connection, table, sequence, new["$permissions"])


def delete(connection: sqlite3.Connection, table: Table, rows: Iterable[JsonObject]) -> None:
    """Delete rows and their permissions."""
    for row in rows:
        sequence = int(row["$sequence"])
        connection.execute(f"DELETE FROM {table.rows} WHERE _sequence = ?", (sequence,))
        _remove_permissions(connection, table, sequence, row["$permissions"])


def _add_permissions(
    connection: sqlite3.Connection, table: Table, sequence: int, permissions: list[str]
) -> None:
    if permissions:
        connection.executemany(
            "INSERT OR IGNORE INTO _permissions VALUES (?, ?, ?, ?)",
            [(table.sequence, *parse(permission), sequence) for permission in permissions],
        )


def _remove_permissions(
    connection: sqlite3.Connection, table: Table, sequence: int, permissions: list[str]
) -> None:
    if permissions:
        connection.executemany(
            'DELETE FROM _permissions WHERE "table" = ? AND action = ? AND role = ? AND "row" = ?',
            [(table.sequence, *parse(permission), sequence) for permission in permissions],
        )
