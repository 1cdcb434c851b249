"""Calls on rows, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access.permissions import (
    CREATE,
    READ,
    ROW_ACTIONS,
    own,
    refuse_roles_not_held,
)
from interactions_sdk.embedded.database import query_parser, writes
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.events import raise_events
from interactions_sdk.embedded.services import bulk_rows, staged_operations
from interactions_sdk.embedded.services.context import invalid
from interactions_sdk.embedded.services.staged_operations import Operation
from interactions_sdk.embedded.values import operators
from interactions_sdk.embedded.values.column_types import is_number
from interactions_sdk.embedded.values.datetimes import normalised
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


def create(call: Call) -> Answer:
    """Make a row, or many (transcripts `row-create`, `bulk-create`)."""
    row_id = call.new_id("rowId") if call.params.get("rowId") is not None else ""
    data = call.object("data")
    permissions = call.permissions(ROW_ACTIONS)
    rows = bulk_rows.sent_rows(call)
    if not data and not rows:
        raise AppwriteError("row_missing_data")
    if data and rows:
        message = "You can only send one of the following parameters: data, rows"
        raise AppwriteError("general_bad_request", message=message)
    if rows:
        return bulk_rows.create(call, rows, row_id, permissions)
    if not row_id:
        message = "Row ID is required when creating a single row."
        raise AppwriteError("row_missing_data", message=message)
    table = call.table()
    actor = call.actor
    permissions = _own_if_none(call, permissions)
    actor.refuse_unless(CREATE, table.granted(CREATE))
    data = writes.writable(data, with_dates=actor.is_key)
    data |= {"$id": row_id, "$permissions": permissions}
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        staged_operations.stage(call, transaction_id, [Operation(table, "create", row_id, data)])
        return answer(_mock(table, data), 201)
    row = writes.create(call.connection, table, data)
    raise_events(call, table, "create", [row])
    return answer(row, 201)


def _own_if_none(call: Call, permissions: list[str] | None) -> list[str]:
    """Give a user what it makes, and hold it to the roles it has."""
    actor = call.actor
    if permissions is None:
        permissions = own(actor.user_id) if actor.user_id else []
    if not actor.is_key:
        refuse_roles_not_held(permissions, actor.roles)
    return permissions


def _mock(table: Table, data: JsonObject) -> JsonObject:
    """Show a staged row: only what was staged (transcript `transaction-row-calls`)."""
    return {"$sequence": "0", "$databaseId": table.database.id, "$tableId": table.id, **data}


def get(call: Call) -> Answer:
    """Read a row (transcripts `row-get`, `permissions-row`)."""
    table = call.table()
    row_id = call.path["rowId"]
    asked = query_parser.parse(call.queries())
    query_parser.refuse_all_but_select(asked)
    query_parser.check(asked, table.attributes)
    selected = query_parser.shape(asked, table.attributes).selected
    row = records.find(call.connection, table, row_id, records.projected(table, selected))
    if row is not None and not call.actor.may(records.granted(table, row, READ)):
        row = None
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        staged = staged_operations.state(call, transaction_id, table).get(row_id)
        row = staged_operations.seen(table, row, staged, selected)
    if row is None:
        raise AppwriteError("row_not_found", row_id)
    return answer(row)


def list_rows(call: Call) -> Answer:
    """List rows (the `list-` transcripts, `fuzz-queries`, `transaction-reads`)."""
    table = call.table()
    connection = call.connection
    asked = query_parser.parse(call.queries())
    cursor = records.cursor_row(connection, table, asked)
    shape = query_parser.checked_shape(asked, table.attributes)
    condition = query_parser.filters(asked, table.attributes)
    condition = condition.joined(records.visible(table, call.actor, READ))
    found = records.select(connection, table, condition, shape, cursor)
    total = 0
    if call.wants_total():
        everything = shape.cursor is None and not shape.offset and len(found) < shape.limit
        total = len(found) if everything else records.count(connection, table, condition)
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        state = staged_operations.state(call, transaction_id, table)
        if call.wants_total():
            total = staged_operations.count(state, found, asked, total)
        found = staged_operations.seen_list(table, found, state, shape.selected)
    return answer({"total": total, "rows": found})


def update(call: Call) -> Answer:
    """Change a row in part (transcripts `row-update`, `row-timestamp-lock`, `row-operators`)."""
    data = call.object("data")
    permissions = call.permissions(ROW_ACTIONS)
    if not data and permissions is None:
        raise AppwriteError("row_missing_payload")
    table = call.table()
    row_id = call.path["rowId"]
    transaction_id = call.transaction_id()
    old = _row(call, table, row_id, transaction_id)
    if old is None:
        raise AppwriteError("row_not_found", row_id)
    if permissions is None:
        permissions = old.get("$permissions", [])
    else:
        permissions = _own_if_none(call, permissions)
    data = writes.writable(data, with_dates=call.actor.is_key)
    data |= {"$id": row_id, "$permissions": permissions}
    if transaction_id is not None:
        staged_operations.stage(call, transaction_id, [Operation(table, "update", row_id, data)])
        return answer(_mock(table, old | data))
    data = operators.parse(data)
    row = writes.change(call.connection, table, old, data, actor=call.actor, lock=_lock(call))
    raise_events(call, table, "update", [row])
    return answer(row)


def _row(call: Call, table: Table, row_id: str, transaction_id: str | None) -> JsonObject | None:
    """Read a row to be changed, as a transaction sees it if there is one.

    Changing needs no right to read.
    """
    row = records.find(call.connection, table, row_id)
    if transaction_id is None:
        return row
    staged = staged_operations.state(call, transaction_id, table).get(row_id)
    return staged_operations.seen(table, row, staged, None)


def _lock(call: Call) -> str | None:
    """Read the time that a change is locked to (transcript `row-timestamp-lock`)."""
    header = call.headers.get("x-appwrite-timestamp")
    if header is None:
        return None
    moment = normalised(header)
    if moment is None:
        message = "Invalid X-Appwrite-Timestamp header value"
        raise AppwriteError("general_argument_invalid", message=message)
    return moment


def upsert(call: Call) -> Answer:
    """Make or replace a row (transcript `row-upsert`)."""
    data = call.object("data")
    permissions = call.permissions(ROW_ACTIONS)
    if not data and permissions is None:
        raise AppwriteError("row_missing_payload")
    table = call.table()
    row_id = call.path["rowId"]
    transaction_id = call.transaction_id()
    old = _row(call, table, row_id, transaction_id)
    if permissions is None and old is not None:
        permissions = old.get("$permissions", [])
    else:
        permissions = _own_if_none(call, permissions)
    data = writes.writable(data, with_dates=call.actor.is_key)
    data |= {"$id": row_id, "$permissions": permissions}
    if transaction_id is not None:
        staged_operations.stage(call, transaction_id, [Operation(table, "upsert", row_id, data)])
        return answer(_mock(table, data), 201)
    data = operators.parse(data)
    row = writes.put(call.connection, table, old, data, actor=call.actor)
    raise_events(call, table, "upsert", [row])
    return answer(row)


def delete(call: Call) -> Answer:
    """Delete a row (transcripts `row-delete`, `row-timestamp-lock`)."""
    table = call.table()
    row_id = call.path["rowId"]
    transaction_id = call.transaction_id()
    old = _row(call, table, row_id, transaction_id)
    if old is None:
        raise AppwriteError("row_not_found", row_id)
    if transaction_id is not None:
        staged_operations.stage(call, transaction_id, [Operation(table, "delete", row_id, {})])
    else:
        writes.delete(call.connection, table, old, actor=call.actor, lock=_lock(call))
        raise_events(call, table, "delete", [old])
    return NO_CONTENT


def increment(call: Call) -> Answer:
    """Move a number up (transcript `row-increment`)."""
    return _step(call, "increment", 1, "max")


def decrement(call: Call) -> Answer:
    """Move a number down (transcript `row-increment`)."""
    return _step(call, "decrement", -1, "min")


def _step(call: Call, action: str, sign: int, bound_name: str) -> Answer:
    table = call.table()
    row_id, column = call.path["rowId"], call.path["column"]
    by = _number(call, "value", 1)
    bound = _number(call, bound_name, None)
    if by is None or by <= 0:
        message = "Value must be numeric and greater than 0"
        raise AppwriteError("general_argument_invalid", message=message)
    transaction_id = call.transaction_id()
    if transaction_id is not None:
        data: JsonObject = {"column": column, "value": by, bound_name: bound}
        staged_operations.stage(call, transaction_id, [Operation(table, action, row_id, data)])
        return answer(_mock(table, {"$id": row_id, column: by}))
    row = writes.step(
        call.connection, table, row_id, column, by=sign * by, bound=bound, actor=call.actor
    )
    raise_events(call, table, "update", [row])
    return answer(row)


def _number(call: Call, name: str, default: float | None) -> float | None:
    value = cast("object", call.params.get(name))
    if value is None:
        return default
    if not is_number(value):
        raise invalid(name, "Value must be a valid number")
    return cast("float", value)
