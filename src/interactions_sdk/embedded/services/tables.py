"""Calls on tables (transcripts `tables`, `schema-inline`)."""

# ruff: noqa: S608 - the names in this SQL are made of sequence numbers, never of users' words

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access.permissions import TABLE_ACTIONS
from interactions_sdk.embedded.database import catalog
from interactions_sdk.embedded.database.attributes import BOOLEAN, plain
from interactions_sdk.embedded.database.query_parser import Condition
from interactions_sdk.embedded.services import columns, indexes, listings
from interactions_sdk.embedded.services.context import as_list
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    Answer,
    AppwriteError,
    JsonObject,
    answer,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.services.context import Call

_LISTED = listings.NAMED | {
    "enabled": plain("enabled", BOOLEAN, "enabled"),
    "rowSecurity": plain("rowSecurity", BOOLEAN, "row_security"),
}
_INLINE_KINDS = frozenset({"string", "integer", "float", "double", "boolean", "datetime"})


def create(call: Call) -> Answer:
    """Make a table, with the columns and indexes that come with it."""
    table_id = call.new_id("tableId")
    name = call.name()
    permissions = call.permissions(TABLE_ACTIONS) or []
    row_security = call.flag("rowSecurity", default=False)
    enabled = call.flag("enabled", default=True)
    database = call.database()
    moment = now()
    try:
        sequence = call.connection.execute(
            "INSERT INTO _tables (database, id, name, enabled, row_security, permissions,"
            " created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(database.sequence, table_id, name, enabled, row_security),
                *(json.dumps(permissions), moment, moment),
            ),
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise AppwriteError("table_already_exists", table_id) from error
    call.connection.execute(
        f'CREATE TABLE "rows_{sequence}" (_sequence INTEGER PRIMARY KEY AUTOINCREMENT,'
        " _id TEXT NOT NULL, _createdAt TEXT NOT NULL, _updatedAt TEXT NOT NULL,"
        " _permissions TEXT NOT NULL)"
    )
    call.connection.execute(
        f'CREATE UNIQUE INDEX "ids_{sequence}" ON "rows_{sequence}" (upper(_id))'
    )
    for name, column in (("created", "_createdAt"), ("updated", "_updatedAt")):
        call.connection.execute(f'CREATE INDEX "{name}_{sequence}" ON "rows_{sequence}" ({column})')
    call.schema_changed()
    call.path = {**call.path, "tableId": table_id}
    _create_inline(call)
    return answer(call.table().answered(), 201)


def _create_inline(call: Call) -> None:
    """Make what came with the table; its index names `attributes` what others call columns."""
    sent = cast("list[JsonObject]", as_list(call.params.get("columns")))
    for column in sent:
        kind = column.get("type")
        if kind not in _INLINE_KINDS:
            message = f"Invalid type for attribute '{column.get('key')}': {kind}"
            raise AppwriteError("general_argument_invalid", message=message)
    for column in sent:
        kind = "float" if column["type"] == "double" else str(column["type"])
        columns.add(call, kind, {"required": False, **column})
    for index in cast("list[JsonObject]", as_list(call.params.get("indexes"))):
        indexes.add(call, {**index, "columns": index.get("attributes", index.get("columns"))})


def get(call: Call) -> Answer:
    """Show a table."""
    return answer(call.table().answered())


def list_tables(call: Call) -> Answer:
    """List the tables of a database."""
    database = call.database()
    total, found = listings.listed(
        call,
        "_tables",
        _LISTED,
        Condition("database = ?", [database.sequence]),
        searched=("id", "name"),
    )
    shown = [
        table.answered()
        for row in found
        for table in catalog.tables(call.connection, database, "AND sequence = ?", [*row])
    ]
    return answer({"total": total, "tables": shown})


def update(call: Call) -> Answer:
    """Change a table; what it is not told about its rows' security is off."""
    table = call.table()
    name = call.text("name", table.name, 128)
    permissions = call.permissions(TABLE_ACTIONS)
    if permissions is None:
        permissions = list(table.permissions)
    call.connection.execute(
        "UPDATE _tables SET name = ?, permissions = ?, row_security = ?, enabled = ?, updated = ?"
        " WHERE sequence = ?",
        (
            name,
            json.dumps(permissions),
            call.flag("rowSecurity", default=False),
            call.flag("enabled", default=True),
            now_later_than(table.updated),
            table.sequence,
        ),
    )
    call.schema_changed()
    return answer(call.table().answered())


def delete(call: Call) -> Answer:
    """Delete a table and its rows."""
    drop(call.connection, call.table())
    call.schema_changed()
    return NO_CONTENT


def drop(connection: sqlite3.Connection, table: Table) -> None:
    """Delete a table, and everything that is kept about it."""
    connection.execute(f"DROP TABLE {table.rows}")
    for about in ("_columns", "_indexes", "_permissions", "_operations"):
        connection.execute(f'DELETE FROM {about} WHERE "table" = ?', (table.sequence,))
    connection.execute("DELETE FROM _tables WHERE sequence = ?", (table.sequence,))
