"""Writes of rows: validation, defaults, times and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.embedded.access.permissions import CREATE, DELETE, READ, UPDATE
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.database import validation
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.operators import Operator
from interactions_sdk.embedded.values.responses import AppwriteError, JsonObject

if TYPE_CHECKING:
    import sqlite3

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.catalog import Table

_READ_ONLY = frozenset({"$sequence", "$databaseId", "$tableId"})
_DATES = ("$createdAt", "$updatedAt")

STEPS = {"increment": (1, "max"), "decrement": (-1, "min")}
"""The sign of each step of a number, and the parameter that bounds it."""


def strip_read_only(data: JsonObject, *, with_dates: bool) -> JsonObject:
    """Drop what a caller cannot set; the API key sets dates too (`row-system-columns`)."""
    return {
        key: value
        for key, value in data.items()
        if key not in _READ_ONLY and (with_dates or key not in _DATES)
    }


def apply_defaults(table: Table, data: JsonObject, timestamp: str) -> JsonObject:
    """Make a new row of what was sent: checked, with defaults, dates and all columns."""
    validation.normalize_datetimes(table, data)
    for column in table.defaulted:
        data.setdefault(column.key, column.default)
    validation.validate_row(table, data)
    row: JsonObject = dict.fromkeys(table.columns)
    for key, value in data.items():
        if key in row:
            is_operator = isinstance(value, Operator)
            row[key] = value.apply(table.columns[key], None) if is_operator else value
    row["$sequence"] = ""
    row["$id"] = data["$id"]
    row["$createdAt"] = data.get("$createdAt") or timestamp
    row["$updatedAt"] = data.get("$updatedAt") or timestamp
    row["$permissions"] = data["$permissions"]
    row["$databaseId"] = table.database.id
    row["$tableId"] = table.id
    return row


def create(connection: sqlite3.Connection, table: Table, data: JsonObject) -> JsonObject:
    """Add a row, and give it as it is then."""
    row = apply_defaults(table, data, now())
    records.insert(connection, table, row)
    return row


def change(
    connection: sqlite3.Connection,
    table: Table,
    old: JsonObject,
    data: JsonObject,
    *,
    actor: Actor,
    lock: str | None = None,
) -> JsonObject:
    """Change a row in part, and give it as it is then.

    What changes nothing leaves `$updatedAt` alone, and needs no more than the right to read.

    Raises:
        AppwriteError: The actor may not, the row is newer than the lock, or does not fit.
    """
    updates = _has_changes(old, data)
    if not actor.has_role(records.roles_with(table, old, UPDATE if updates else READ)):
        raise AppwriteError("user_unauthorized")
    if lock is not None and old["$updatedAt"] > lock:
        raise AppwriteError("row_update_conflict")
    new = {**old, **data, "$id": old["$id"]}
    validation.normalize_datetimes(table, new)
    validation.validate_row(table, new)
    return _update(connection, table, old, new, dated=updates and not data.get("$updatedAt"))


def _has_changes(old: JsonObject, data: JsonObject) -> bool:
    return any(
        sorted(old[key]) != sorted(value) if key == "$permissions" else old.get(key) != value
        for key, value in data.items()
        if key != "$id"
    )


def upsert(
    connection: sqlite3.Connection,
    table: Table,
    old: JsonObject | None,
    data: JsonObject,
    *,
    actor: Actor,
) -> JsonObject:
    """Write a row over an old one, or make it; what may be null and is not sent stays.

    Raises:
        AppwriteError: The actor may not, or the row does not fit (transcript `row-upsert`).
    """
    allowed = (
        table.table_permissions(CREATE) if old is None else records.roles_with(table, old, UPDATE)
    )
    if not actor.has_role(allowed):
        raise AppwriteError("user_unauthorized")
    if old is None:
        row = apply_defaults(table, data, now())
        records.overwrite(connection, table, row)
        return row
    for key, column in table.columns.items():
        if not column.required:
            data.setdefault(key, old[key])
    validation.normalize_datetimes(table, data)
    validation.validate_row(table, data)
    return _update(connection, table, old, {**old, **data}, dated=not data.get("$updatedAt"))


def update_many(
    connection: sqlite3.Connection, table: Table, rows: list[JsonObject], data: JsonObject
) -> list[JsonObject]:
    """Give many rows the same values, checked before (transcript `bulk-update`)."""
    return [
        _update(connection, table, old, {**old, **data}, dated=not data.get("$updatedAt"))
        for old in rows
    ]


def _update(
    connection: sqlite3.Connection,
    table: Table,
    old: JsonObject,
    new: JsonObject,
    *,
    dated: bool,
) -> JsonObject:
    for key, value in new.items():
        if isinstance(value, Operator):
            new[key] = value.apply(table.columns[key], old[key])
    for key in _DATES:
        new[key] = new[key] or old[key]
    if dated:
        new["$updatedAt"] = now_later_than(old["$updatedAt"])
    records.replace(connection, table, old, new)
    return new


def delete(
    connection: sqlite3.Connection,
    table: Table,
    old: JsonObject,
    *,
    actor: Actor,
    lock: str | None = None,
) -> None:
    """Delete a row.

    Raises:
        AppwriteError: The actor may not, or the row is newer than the lock.
    """
    if not actor.has_role(records.roles_with(table, old, DELETE)):
        raise AppwriteError("user_unauthorized")
    if lock is not None and old["$updatedAt"] > lock:
        raise AppwriteError("row_update_conflict")
    records.delete(connection, table, [old])


def increment(
    connection: sqlite3.Connection,
    table: Table,
    row_id: str,
    key: str,
    *,
    by: float,
    bound: float | None,
    actor: Actor,
) -> JsonObject:
    """Move a number up, or down where `by` is negative (transcript `row-increment`).

    Raises:
        AppwriteError: There is no such column or row, it holds no number, or the bound is near.
    """
    column = table.columns.get(key)
    old = None if column is None else records.get(connection, table, row_id)
    if column is None or old is None:
        # Appwrite forgets to put the key into the message.
        raise AppwriteError("column_not_found", "%s")
    if column.type not in {"integer", "double"} or column.array:
        raise AppwriteError("attribute_type_invalid", message=f'tablesDB "{key}" is not a number')
    if not actor.has_role(records.roles_with(table, old, UPDATE)):
        raise AppwriteError("user_unauthorized")
    value = (old[key] or 0) + by
    if bound is not None and (value > bound if by > 0 else value < bound):
        extreme = "maximum" if by > 0 else "minimum"
        message = f'tablesDB "{key}" has reached the {extreme} value of {bound}'
        raise AppwriteError("column_limit_exceeded", message=message)
    operator = Operator("increment", [by])
    return _update(connection, table, old, {**old, key: operator}, dated=True)
