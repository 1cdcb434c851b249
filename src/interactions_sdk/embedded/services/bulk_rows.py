"""Calls on many rows at once: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access import permissions
from interactions_sdk.embedded.database import query_parser, validation, writes
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.events import raise_events
from interactions_sdk.embedded.services import staged_operations
from interactions_sdk.embedded.services.context import as_list, invalid
from interactions_sdk.embedded.services.staged_operations import Operation
from interactions_sdk.embedded.values import operators
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.identifiers import KEY_RULE, is_id, unique
from interactions_sdk.embedded.values.responses import Answer, AppwriteError, JsonObject, answer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.database.query_parser import Query
    from interactions_sdk.embedded.services.context import Call

MOST_ROWS = 100


def sent_rows(call: Call) -> list[JsonObject]:
    """Read the parameter `rows` (transcript `bulk-create`)."""
    rows = as_list(call.params.get("rows"))
    if len(rows) > MOST_ROWS or not all(isinstance(row, dict) for row in rows):
        rule = (
            f"Value must a valid array no longer than {MOST_ROWS} items "
            "and Value must be a valid JSON string"
        )
        raise invalid("rows", rule)
    return cast("list[JsonObject]", rows)


def create(call: Call, rows: list[JsonObject], row_id: str, granted: list[str] | None) -> Answer:
    """Make many rows (transcript `bulk-create`)."""
    if row_id:
        message = (
            'Param "rowId" is not allowed when creating multiple rows, set "$id" on each instead.'
        )
        raise AppwriteError("general_bad_request", message=message)
    if granted:
        message = (
            'Param "permissions" is disallowed when creating multiple rows, '
            'set "$permissions" on each instead'
        )
        raise AppwriteError("general_bad_request", message=message)
    if not call.actor.is_key:
        raise AppwriteError("general_unauthorized_scope")
    table = call.table()
    data = [identified(row) for row in rows]
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        staged_operations.stage(call, transaction_id, [Operation(table, "bulkCreate", None, data)])
        return answer({"total": len(data), "rows": []})
    made = insert(call.connection, table, data)
    raise_events(call, table, "create", made, "many rows")
    return answer({"total": len(made), "rows": made}, 201)


def identified(row: JsonObject) -> JsonObject:
    """Give a row of many its id and its permissions.

    Raises:
        AppwriteError: `general_bad_request`.
    """
    row_id = row.get("$id", "unique()")
    if row_id == "unique()":
        row_id = unique()
    if not is_id(row_id):
        raise AppwriteError("general_bad_request", message=KEY_RULE)
    granted = cast("list[str]", row.get("$permissions") or [])
    wrong = permissions.objection(granted)
    if wrong:
        raise AppwriteError("general_bad_request", message=wrong)
    data = writes.writable(row, with_dates=True)
    aggregated = permissions.aggregated(granted, permissions.ROW_ACTIONS)
    return data | {"$id": row_id, "$permissions": aggregated}


def insert(
    connection: sqlite3.Connection, table: Table, rows: list[JsonObject]
) -> list[JsonObject]:
    """Add rows of one moment, all of them checked before the first is added.

    Raises:
        AppwriteError: `row_invalid_structure`, or `row_already_exists` naming no id.
    """
    moment = now()
    made = [writes.complete(table, data, moment) for data in rows]
    try:
        for row in made:
            records.insert(connection, table, row)
    except AppwriteError as error:
        raise AppwriteError("row_already_exists", "") from error
    return made


def _refuse_users(call: Call) -> None:
    """Tell a user what Appwrite tells it (transcript `permissions-user-bulk`)."""
    if not call.actor.is_key:
        raise AppwriteError("database_not_found", call.path["databaseId"])


def matching(
    connection: sqlite3.Connection, table: Table, asked: Sequence[Query]
) -> list[JsonObject]:
    """Read all rows that queries ask for; without a limit there is none.

    Raises:
        AppwriteError: `general_query_invalid`.
    """
    cursor = records.cursor_row(connection, table, asked)
    shape = query_parser.checked_shape(asked, table.attributes, limit=-1)
    condition = query_parser.filters(asked, table.attributes)
    return records.select(connection, table, condition, shape, cursor)


def update(call: Call) -> Answer:
    """Change all rows that match (transcript `bulk-update`)."""
    data = call.object("data")
    texts = call.queries()
    if not data:
        raise AppwriteError("row_missing_payload")
    _refuse_users(call)
    table = call.table()
    asked = query_parser.parse(texts)
    data = writes.writable(data, with_dates=True)
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        staged = {"data": data, "queries": texts}
        staged_operations.stage(
            call, transaction_id, [Operation(table, "bulkUpdate", None, staged)]
        )
        return answer({"total": 0, "rows": []})
    rows = change(call.connection, table, asked, operators.parse(data))
    raise_events(call, table, "update", rows, "many rows")
    return answer({"total": len(rows), "rows": rows[:MOST_ROWS]})


def change(
    connection: sqlite3.Connection, table: Table, asked: Sequence[Query], data: JsonObject
) -> list[JsonObject]:
    """Give all matching rows the same values.

    Raises:
        AppwriteError: `general_query_invalid`, `row_invalid_structure`.
    """
    rows = matching(connection, table, asked)
    return overwrite(connection, table, rows, data)


def overwrite(
    connection: sqlite3.Connection, table: Table, rows: list[JsonObject], data: JsonObject
) -> list[JsonObject]:
    """Give rows the same values.

    Raises:
        AppwriteError: `row_invalid_structure`.
    """
    data.pop("$id", None)
    validation.normalise(table, data)
    validation.check_partial(table, data)
    return writes.overwrite_many(connection, table, rows, data)


def upsert(call: Call) -> Answer:
    """Make or replace many rows (transcript `bulk-upsert`)."""
    rows = sent_rows(call)
    _refuse_users(call)
    table = call.table()
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        data = [writes.writable(row, with_dates=True) for row in rows]
        staged_operations.stage(call, transaction_id, [Operation(table, "bulkUpsert", None, data)])
        return answer({"total": len(rows), "rows": []})
    put = [put_one(call, table, row) for row in rows]
    raise_events(call, table, "upsert", put, "many rows")
    return answer({"total": len(put), "rows": put})


def put_one(call: Call, table: Table, row: JsonObject) -> JsonObject:
    """Make or replace one row of many.

    Raises:
        AppwriteError: `row_invalid_structure`, `general_bad_request`.
    """
    data = identified(row)
    old = records.find(call.connection, table, data["$id"])
    if old is not None and "$permissions" not in row:
        data["$permissions"] = old["$permissions"]
    return writes.put(call.connection, table, old, operators.parse(data), actor=call.actor)


def delete(call: Call) -> Answer:
    """Delete all rows that match (transcript `bulk-delete`)."""
    texts = call.queries()
    _refuse_users(call)
    table = call.table()
    asked = query_parser.parse(texts)
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        staged = {"queries": texts}
        staged_operations.stage(
            call, transaction_id, [Operation(table, "bulkDelete", None, staged)]
        )
        return answer({"total": 0, "rows": []})
    rows = matching(call.connection, table, asked)
    records.delete(call.connection, table, rows)
    raise_events(call, table, "delete", rows, "many rows")
    return answer({"total": len(rows), "rows": rows[:MOST_ROWS]})
