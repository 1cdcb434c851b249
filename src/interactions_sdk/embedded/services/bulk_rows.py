"""Requests about many rows: all are written, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access import permissions
from interactions_sdk.embedded.database import query_parser, query_sql, validation, writes
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.events import emit
from interactions_sdk.embedded.services import staged_operations
from interactions_sdk.embedded.services.context import invalid_param
from interactions_sdk.embedded.values import operators
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.identifiers import KEY_RULE, is_id, unique
from interactions_sdk.embedded.values.responses import (
    AppwriteError,
    JsonObject,
    Response,
    as_list,
    json_response,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.database.query_parser import Query
    from interactions_sdk.embedded.services.context import RequestContext

MAX_ROWS = 100


def rows_param(context: RequestContext) -> list[JsonObject]:
    """Read the parameter `rows` (transcript `bulk-create`)."""
    rows = as_list(context.params.get("rows"))
    if len(rows) > MAX_ROWS or not all(isinstance(row, dict) for row in rows):
        rule = (
            f"Value must a valid array no longer than {MAX_ROWS} items "
            f"and {context.version.bulk_row_rule}"
        )
        raise invalid_param("rows", rule)
    return cast("list[JsonObject]", rows)


def create(
    context: RequestContext, rows: list[JsonObject], row_id: str, granted: list[str] | None
) -> Response:
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
    if not context.actor.is_key:
        raise AppwriteError("general_unauthorized_scope")
    table = context.table()
    data = [with_id(row) for row in rows]
    if staged_operations.stage(context, table, "bulkCreate", None, data):
        return json_response({"total": len(data), "rows": []})
    made = insert(context.connection, table, data)
    emit(context.events, table, "create", made, "many rows")
    return json_response({"total": len(made), "rows": made}, 201)


def with_id(row: JsonObject) -> JsonObject:
    """Give a row of many its ID and its permissions."""
    row_id = row.get("$id", "unique()")
    if row_id == "unique()":
        row_id = unique()
    if not is_id(row_id):
        raise AppwriteError("general_bad_request", message=KEY_RULE)
    data = writes.strip_read_only(row, with_dates=True)
    return data | {"$id": row_id, "$permissions": _row_permissions(row)}


def _row_permissions(row: JsonObject) -> list[str]:
    granted = cast("list[str]", row.get("$permissions") or [])
    if wrong := permissions.validation_error(granted):
        raise AppwriteError("general_bad_request", message=wrong)
    return permissions.expand(granted, permissions.ROW_ACTIONS)


def insert(
    connection: sqlite3.Connection, table: Table, rows: list[JsonObject]
) -> list[JsonObject]:
    """Add rows of one moment, all of them checked before the first is added.

    Raises:
        AppwriteError: `row_invalid_structure`, or `row_already_exists` naming no ID.
    """
    timestamp = now()
    made = [writes.apply_defaults(table, data, timestamp) for data in rows]
    try:
        for row in made:
            records.insert(connection, table, row)
    except AppwriteError as error:
        raise AppwriteError("row_already_exists", "") from error
    return made


def _require_api_key(context: RequestContext) -> None:
    """Return the error that Appwrite returns to a user (transcript `permissions-user-bulk`)."""
    if not context.actor.is_key:
        raise AppwriteError("database_not_found", context.path["databaseId"])


def select_matching(
    connection: sqlite3.Connection, table: Table, queries: Sequence[Query]
) -> list[JsonObject]:
    """Read all rows that queries ask for; without a limit there is none."""
    cursor = records.get_cursor_row(connection, table, queries)
    shape = query_sql.validated_list_options(queries, table.attributes, limit=-1)
    condition = query_sql.where_clause(queries, table.attributes)
    return records.select(connection, table, condition, shape, cursor)


def update(context: RequestContext) -> Response:
    """Change all rows that match (transcript `bulk-update`)."""
    data = context.object_param("data")
    texts = context.queries()
    if not data:
        raise AppwriteError("row_missing_payload")
    _require_api_key(context)
    table = context.table()
    queries = query_parser.parse(texts)
    data = writes.strip_read_only(data, with_dates=True)
    staged = {"data": data, "queries": texts}
    if staged_operations.stage(context, table, "bulkUpdate", None, staged):
        return json_response({"total": 0, "rows": []})
    rows = select_matching(context.connection, table, queries)
    data = operators.parse(data, context.version)
    rows = update_rows(context.connection, table, rows, data)
    emit(context.events, table, "update", rows, "many rows")
    return json_response({"total": len(rows), "rows": rows[:MAX_ROWS]})


def update_rows(
    connection: sqlite3.Connection, table: Table, rows: list[JsonObject], data: JsonObject
) -> list[JsonObject]:
    """Give rows the same values."""
    data.pop("$id", None)
    if "$permissions" in data:
        data["$permissions"] = _row_permissions(data)
    validation.normalize_datetimes(table, data)
    validation.validate_partial(table, data)
    return writes.update_many(connection, table, rows, data)


def upsert(context: RequestContext) -> Response:
    """Make or replace many rows (transcript `bulk-upsert`)."""
    rows = rows_param(context)
    _require_api_key(context)
    table = context.table()
    data = [writes.strip_read_only(row, with_dates=True) for row in rows]
    if staged_operations.stage(context, table, "bulkUpsert", None, data):
        return json_response({"total": len(rows), "rows": []})
    put = [upsert_row(context, table, row) for row in rows]
    emit(context.events, table, "upsert", put, "many rows")
    return json_response({"total": len(put), "rows": put})


def upsert_row(context: RequestContext, table: Table, row: JsonObject) -> JsonObject:
    """Make or replace one row of many."""
    data = with_id(row)
    old = records.get(context.connection, table, data["$id"])
    if old is not None and "$permissions" not in row:
        data["$permissions"] = old["$permissions"]
    return writes.upsert(
        context.connection, table, old, operators.parse(data, context.version), actor=context.actor
    )


def delete(context: RequestContext) -> Response:
    """Delete all rows that match (transcript `bulk-delete`)."""
    texts = context.queries()
    _require_api_key(context)
    table = context.table()
    queries = query_parser.parse(texts)
    if staged_operations.stage(context, table, "bulkDelete", None, {"queries": texts}):
        return json_response({"total": 0, "rows": []})
    rows = select_matching(context.connection, table, queries)
    records.delete(context.connection, table, rows)
    emit(context.events, table, "delete", rows, "many rows")
    return json_response({"total": len(rows), "rows": rows[:MAX_ROWS]})
