"""Calls on databases (transcript `databases`)."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from interactions_sdk.embedded.database.catalog import Database
from interactions_sdk.embedded.services import listings, tables
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    Response,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import RequestContext


def create(context: RequestContext) -> Response:
    """Make a database."""
    database_id = context.new_id("databaseId")
    name = context.name_param()
    enabled = context.bool_param("enabled", default=True)
    timestamp = now()
    try:
        context.connection.execute(
            "INSERT INTO _databases (id, name, enabled, created, updated) VALUES (?, ?, ?, ?, ?)",
            (database_id, name, enabled, timestamp, timestamp),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("database_already_exists", database_id) from error
    return json_response(
        Database(0, database_id, name, enabled, timestamp, timestamp).to_json(), 201
    )


def get(context: RequestContext) -> Response:
    """Show a database."""
    return json_response(context.database().to_json())


def list_databases(context: RequestContext) -> Response:
    """List databases."""
    total, rows = listings.list_resources(
        context, "_databases", Database.COLUMNS, listings.NAMED, searched=("id", "name")
    )
    shown = [Database.of(row).to_json() for row in rows]
    return json_response({"total": total, "databases": shown})


def update(context: RequestContext) -> Response:
    """Rename, enable or disable a database."""
    database = context.database()
    name = context.str_param("name", database.name, 128)
    enabled = context.bool_param("enabled", default=database.enabled)
    context.connection.execute(
        "UPDATE _databases SET name = ?, enabled = ?, updated = ? WHERE sequence = ?",
        (name, enabled, now_later_than(database.updated), database.sequence),
    )
    context.bump_schema_version()
    return json_response(context.database().to_json())


def delete(context: RequestContext) -> Response:
    """Delete a database, its tables and their rows."""
    database = context.database()
    for (sequence,) in context.connection.execute(
        "SELECT sequence FROM _tables WHERE database = ?", (database.sequence,)
    ).fetchall():
        tables.drop(context.connection, sequence)
    context.connection.execute("DELETE FROM _databases WHERE sequence = ?", (database.sequence,))
    context.bump_schema_version()
    return NO_CONTENT
