"""Calls on tables (transcripts `tables`, `schema-inline`)."""

# ruff: noqa: S608 - the names in this SQL are made of sequence numbers, never of users' words

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access.permissions import TABLE_ACTIONS
from interactions_sdk.embedded.database import catalog
from interactions_sdk.embedded.database.attributes import BOOLEAN, attribute
from interactions_sdk.embedded.database.query_sql import Condition
from interactions_sdk.embedded.services import columns, indexes, listings
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    as_list,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import RequestContext

_LISTED = listings.NAMED | {
    "enabled": attribute("enabled", BOOLEAN, "enabled"),
    "rowSecurity": attribute("rowSecurity", BOOLEAN, "row_security"),
}


def create(context: RequestContext) -> Response:
    """Make a table, with the columns and indexes that come with it."""
    table_id = context.new_id("tableId")
    name = context.name_param()
    permissions = context.permissions(TABLE_ACTIONS) or []
    row_security = context.bool_param("rowSecurity", default=False)
    enabled = context.bool_param("enabled", default=True)
    database = context.database()
    timestamp = now()
    try:
        sequence = context.connection.execute(
            "INSERT INTO _tables (database, id, name, enabled, row_security, permissions,"
            " created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(database.sequence, table_id, name, enabled, row_security),
                *(json.dumps(permissions), timestamp, timestamp),
            ),
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise AppwriteError("table_already_exists", table_id) from error
    context.connection.execute(
        f'CREATE TABLE "rows_{sequence}" (_sequence INTEGER PRIMARY KEY AUTOINCREMENT,'
        " _id TEXT NOT NULL, _createdAt TEXT NOT NULL, _updatedAt TEXT NOT NULL,"
        " _permissions TEXT NOT NULL)"
    )
    context.connection.execute(
        f'CREATE UNIQUE INDEX "ids_{sequence}" ON "rows_{sequence}" (upper(_id))'
    )
    for name, column in (("created", "_createdAt"), ("updated", "_updatedAt")):
        context.connection.execute(
            f'CREATE INDEX "{name}_{sequence}" ON "rows_{sequence}" ({column})'
        )
    context.bump_schema_version()
    context.path = {**context.path, "tableId": table_id}
    _create_inline(context)
    return json_response(context.table().to_json(), 201)


def _create_inline(context: RequestContext) -> None:
    """Make what came with the table; its index names `attributes` what others call columns."""
    sent = cast("list[JsonObject]", as_list(context.params.get("columns")))
    for column in sent:
        kind = column.get("type")
        if kind not in context.version.inline_types:
            message = f"Invalid type for attribute '{column.get('key')}': {kind}"
            raise AppwriteError("general_argument_invalid", message=message)
    for column in sent:
        kind = "float" if column["type"] == "double" else str(column["type"])
        columns.add(context, kind, {"required": False, **column}, inline=True)
    for index in cast("list[JsonObject]", as_list(context.params.get("indexes"))):
        indexes.add(context, {**index, "columns": index.get("attributes", index.get("columns"))})


def get(context: RequestContext) -> Response:
    """Show a table."""
    return json_response(context.table().to_json())


def list_tables(context: RequestContext) -> Response:
    """List the tables of a database."""
    database = context.database()
    total, rows = listings.list_resources(
        context,
        "_tables",
        catalog.TABLE_COLUMNS,
        _LISTED,
        among=Condition("database = ?", [database.sequence]),
        searched=("id", "name"),
    )
    shown = [catalog.load_table(context.connection, database, row).to_json() for row in rows]
    return json_response({"total": total, "tables": shown})


def update(context: RequestContext) -> Response:
    """Change a table; row security that is not given is off."""
    table = context.table()
    name = context.str_param("name", table.name, 128)
    permissions = context.permissions(TABLE_ACTIONS)
    if permissions is None:
        permissions = list(table.permissions)
    context.connection.execute(
        "UPDATE _tables SET name = ?, permissions = ?, row_security = ?, enabled = ?, updated = ?"
        " WHERE sequence = ?",
        (
            name,
            json.dumps(permissions),
            context.bool_param("rowSecurity", default=False),
            context.bool_param("enabled", default=True),
            now_later_than(table.updated),
            table.sequence,
        ),
    )
    context.bump_schema_version()
    return json_response(context.table().to_json())


def delete(context: RequestContext) -> Response:
    """Delete a table and its rows."""
    drop(context.connection, context.table().sequence)
    context.bump_schema_version()
    return NO_CONTENT


def drop(connection: sqlite3.Connection, sequence: int) -> None:
    """Delete a table, and everything that is kept about it."""
    connection.execute(f'DROP TABLE "rows_{sequence}"')
    for about in ("_columns", "_indexes", "_permissions", "_operations"):
        connection.execute(f'DELETE FROM {about} WHERE "table" = ?', (sequence,))
    connection.execute("DELETE FROM _tables WHERE sequence = ?", (sequence,))
