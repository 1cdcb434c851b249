"""Calls on rows, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access.permissions import (
    CREATE,
    READ,
    ROW_ACTIONS,
    owner_permissions,
    require_held_roles,
)
from interactions_sdk.embedded.database import query_parser, query_sql, writes
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.events import emit
from interactions_sdk.embedded.services import bulk_rows, staged_operations
from interactions_sdk.embedded.services.context import invalid_param
from interactions_sdk.embedded.values import operators
from interactions_sdk.embedded.values.column_types import is_number
from interactions_sdk.embedded.values.datetimes import normalize
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.database.row_cache import StaleRowCache
    from interactions_sdk.embedded.services.context import RequestContext


def create(context: RequestContext) -> Response:
    """Make a row, or many (transcripts `row-create`, `bulk-create`)."""
    row_id = context.new_id("rowId") if context.params.get("rowId") is not None else ""
    data = context.object_param("data")
    permissions = context.permissions(ROW_ACTIONS)
    rows = bulk_rows.rows_param(context)
    if not data and not rows:
        raise AppwriteError("row_missing_data")
    if data and rows:
        message = "You can only send one of the following parameters: data, rows"
        raise AppwriteError("general_bad_request", message=message)
    if rows:
        return bulk_rows.create(context, rows, row_id, permissions)
    if not row_id:
        message = "Row ID is required when creating a single row."
        raise AppwriteError("row_missing_data", message=message)
    table = context.table()
    actor = context.actor
    permissions = _with_owner_permissions(context, permissions)
    actor.require_role(CREATE, table.table_permissions(CREATE))
    data = writes.strip_read_only(data, with_dates=actor.is_key)
    data |= {"$id": row_id, "$permissions": permissions}
    if staged_operations.stage(context, table, "create", row_id, data):
        return json_response(_staged_row(table, dict(context.version.staged_dates) | data), 201)
    row = writes.create(context.connection, table, data)
    emit(context.events, table, "create", [row])
    return json_response(row, 201)


def _with_owner_permissions(context: RequestContext, permissions: list[str] | None) -> list[str]:
    """Give a user what it makes, and hold it to the roles it has."""
    actor = context.actor
    if permissions is None:
        permissions = owner_permissions(actor.user_id) if actor.user_id else []
    if not actor.is_key:
        require_held_roles(permissions, actor.roles)
    return permissions


def _staged_row(table: Table, data: JsonObject) -> JsonObject:
    """Show a staged row: only what was staged (transcript `transaction-row-calls`)."""
    return {"$sequence": "0", "$databaseId": table.database.id, "$tableId": table.id, **data}


def get(context: RequestContext) -> Response:
    """Read a row (transcripts `row-get`, `permissions-row`)."""
    table = context.table()
    row_id = context.path["rowId"]
    queries = query_parser.parse(context.queries())
    query_parser.require_select_only(queries)
    query_parser.validate(queries, table.attributes)
    selected = query_sql.list_options(queries, table.attributes).selected
    row = records.get(context.connection, table, row_id, records.project(table, selected))
    if row is not None and context.row_cache is not None:
        row = _cached(context, context.row_cache, table, row)
    if row is not None and not context.actor.has_role(records.roles_with(table, row, READ)):
        row = None
    transaction_id = context.transaction_id()
    if transaction_id is not None:
        staged = staged_operations.state(context, transaction_id, table).get(row_id)
        row = staged_operations.overlay_row(context.version, table, row, staged, selected)
    if row is None:
        raise AppwriteError("row_not_found", row_id)
    return json_response(row)


def _cached(
    context: RequestContext, cache: StaleRowCache, table: Table, row: JsonObject
) -> JsonObject:
    full = records.get(context.connection, table, row["$id"])
    cached = cache.read(row if full is None else full)
    return {key: cached[key] for key in row}


def list_rows(context: RequestContext) -> Response:
    """List rows (the `list-` transcripts, `fuzz-queries`, `transaction-reads`)."""
    table = context.table()
    connection = context.connection
    queries = query_parser.parse(context.queries())
    cursor = records.get_cursor_row(connection, table, queries)
    shape = query_sql.validated_list_options(queries, table.attributes)
    condition = query_sql.where_clause(queries, table.attributes)
    condition = condition.and_(records.readable(table, context.actor, READ))
    listed = records.select(connection, table, condition, shape, cursor)
    total = 0
    if context.with_total():
        everything = shape.cursor is None and not shape.offset and len(listed) < shape.limit
        total = len(listed) if everything else records.count(connection, table, condition)
    transaction_id = context.transaction_id()
    if transaction_id is not None:
        state = staged_operations.state(context, transaction_id, table)
        if context.with_total():
            total = staged_operations.count(state, listed, queries, total)
        listed = staged_operations.overlay_list(
            context.version, table, listed, state, shape.selected
        )
    return json_response({"total": total, "rows": listed})


def update(context: RequestContext) -> Response:
    """Change a row in part (transcripts `row-update`, `row-timestamp-lock`, `row-operators`)."""
    data = context.object_param("data")
    permissions = context.permissions(ROW_ACTIONS)
    if not data and permissions is None:
        raise AppwriteError("row_missing_payload")
    table = context.table()
    row_id = context.path["rowId"]
    old = _row(context, table)
    if old is None:
        raise AppwriteError("row_not_found", row_id)
    if permissions is None:
        permissions = old.get("$permissions", [])
    else:
        permissions = _with_owner_permissions(context, permissions)
    data = writes.strip_read_only(data, with_dates=context.actor.is_key)
    data |= {"$id": row_id, "$permissions": permissions}
    if staged_operations.stage(context, table, "update", row_id, data):
        return json_response(_staged_row(table, old | data))
    data = operators.parse(data, context.version)
    row = writes.change(
        context.connection, table, old, data, actor=context.actor, lock=_lock(context)
    )
    emit(context.events, table, "update", [row])
    return json_response(row)


def _row(context: RequestContext, table: Table) -> JsonObject | None:
    """Read the row to be changed, as the call's transaction sees it if there is one.

    Changing needs no right to read.
    """
    transaction_id = context.transaction_id()
    row_id = context.path["rowId"]
    row = records.get(context.connection, table, row_id)
    if transaction_id is None:
        return row
    staged = staged_operations.state(context, transaction_id, table).get(row_id)
    return staged_operations.overlay_row(context.version, table, row, staged, None)


def _lock(context: RequestContext) -> str | None:
    """Read the time that a change is locked to (transcript `row-timestamp-lock`)."""
    header = context.headers.get("x-appwrite-timestamp")
    if header is None:
        return None
    timestamp = normalize(header)
    if timestamp is None:
        message = "Invalid X-Appwrite-Timestamp header value"
        raise AppwriteError("general_argument_invalid", message=message)
    return timestamp


def upsert(context: RequestContext) -> Response:
    """Make or replace a row (transcript `row-upsert`)."""
    data = context.object_param("data")
    permissions = context.permissions(ROW_ACTIONS)
    if not data and permissions is None:
        raise AppwriteError("row_missing_payload")
    table = context.table()
    row_id = context.path["rowId"]
    old = _row(context, table)
    if permissions is None and old is not None:
        permissions = old.get("$permissions", [])
    else:
        permissions = _with_owner_permissions(context, permissions)
    data = writes.strip_read_only(data, with_dates=context.actor.is_key)
    data |= {"$id": row_id, "$permissions": permissions}
    if staged_operations.stage(context, table, "upsert", row_id, data):
        return json_response(_staged_row(table, dict(context.version.staged_dates) | data), 201)
    data = operators.parse(data, context.version)
    row = writes.upsert(context.connection, table, old, data, actor=context.actor)
    emit(context.events, table, "upsert", [row])
    return json_response(row)


def delete(context: RequestContext) -> Response:
    """Delete a row (transcripts `row-delete`, `row-timestamp-lock`)."""
    table = context.table()
    row_id = context.path["rowId"]
    old = _row(context, table)
    if old is None:
        raise AppwriteError("row_not_found", row_id)
    if not staged_operations.stage(context, table, "delete", row_id, {}):
        writes.delete(context.connection, table, old, actor=context.actor, lock=_lock(context))
        emit(context.events, table, "delete", [old])
    return NO_CONTENT


def step(action: str, context: RequestContext) -> Response:
    """Move a number up or down (transcript `row-increment`)."""
    sign, bound_name = writes.STEPS[action]
    table = context.table()
    row_id, column = context.path["rowId"], context.path["column"]
    by = _number(context, "value", 1)
    bound = _number(context, bound_name, None)
    if by is None or by <= 0:
        message = "Value must be numeric and greater than 0"
        raise AppwriteError("general_argument_invalid", message=message)
    data: JsonObject = {"column": column, "value": by, bound_name: bound}
    if staged_operations.stage(context, table, action, row_id, data):
        return json_response(_staged_row(table, {"$id": row_id, column: by}))
    row = writes.increment(
        context.connection, table, row_id, column, by=sign * by, bound=bound, actor=context.actor
    )
    emit(context.events, table, "update", [row])
    return json_response(row)


def _number(context: RequestContext, name: str, default: float | None) -> float | None:
    value = cast("object", context.params.get(name))
    if value is None:
        return default
    if not is_number(value):
        raise invalid_param(name, "Value must be a valid number")
    return cast("float", value)
