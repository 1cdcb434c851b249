"""Calls on databases (transcript `databases`)."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from interactions_sdk.embedded.database import catalog
from interactions_sdk.embedded.database.catalog import Database
from interactions_sdk.embedded.services import listings, tables
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.responses import NO_CONTENT, Answer, AppwriteError, answer

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import Call


def create(call: Call) -> Answer:
    """Make a database."""
    database_id = call.new_id("databaseId")
    name = call.name()
    enabled = call.flag("enabled", default=True)
    moment = now()
    try:
        call.connection.execute(
            "INSERT INTO _databases (id, name, enabled, created, updated) VALUES (?, ?, ?, ?, ?)",
            (database_id, name, enabled, moment, moment),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("database_already_exists", database_id) from error
    return answer(Database(0, database_id, name, enabled, moment, moment).answered(), 201)


def get(call: Call) -> Answer:
    """Show a database."""
    return answer(call.database().answered())


def list_databases(call: Call) -> Answer:
    """List databases."""
    total, found = listings.listed(call, "_databases", listings.NAMED, searched=("id", "name"))
    shown = [
        database.answered()
        for row in found
        for database in catalog.databases(call.connection, "WHERE sequence = ?", [*row])
    ]
    return answer({"total": total, "databases": shown})


def update(call: Call) -> Answer:
    """Rename, enable or disable a database."""
    database = call.database()
    name = call.text("name", database.name, 128)
    enabled = call.flag("enabled", default=database.enabled)
    call.connection.execute(
        "UPDATE _databases SET name = ?, enabled = ?, updated = ? WHERE sequence = ?",
        (name, enabled, now_later_than(database.updated), database.sequence),
    )
    call.schema_changed()
    return answer(call.database().answered())


def delete(call: Call) -> Answer:
    """Delete a database, its tables and their rows."""
    database = call.database()
    for table in catalog.tables(call.connection, database, "", []):
        tables.drop(call.connection, table)
    call.connection.execute("DELETE FROM _databases WHERE sequence = ?", (database.sequence,))
    call.schema_changed()
    return NO_CONTENT
