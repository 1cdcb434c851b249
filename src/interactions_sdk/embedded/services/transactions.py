"""Transactions: begin, stage, and commit all operations or none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, cast

from interactions_sdk.embedded.access import permissions
from interactions_sdk.embedded.access.permissions import CREATE, DELETE, READ, UPDATE
from interactions_sdk.embedded.database import query_parser, writes
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.events import emit
from interactions_sdk.embedded.services import bulk_rows, staged_operations
from interactions_sdk.embedded.services.context import invalid_param
from interactions_sdk.embedded.services.staged_operations import (
    PENDING,
    Operation,
    StagedOperation,
    Transaction,
)
from interactions_sdk.embedded.values import operators
from interactions_sdk.embedded.values.column_types import is_number
from interactions_sdk.embedded.values.datetimes import after, now
from interactions_sdk.embedded.values.identifiers import KEY_RULE, is_id, unique
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    as_list,
    as_object,
    error_response,
    json_response,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.database.row_cache import RowChange
    from interactions_sdk.embedded.services.context import RequestContext

_MIN_TTL, _MAX_TTL, _DEFAULT_TTL = 60, 3600, 300
_KEPT_SECONDS = 24 * 3600
_CLEANUP_INTERVAL = 50

_ONE_ROW = ("create", "update", "upsert", "delete", "increment", "decrement")
_MANY_ROWS = ("bulkCreate", "bulkUpdate", "bulkUpsert", "bulkDelete")
_ACTIONS = (*_ONE_ROW, *_MANY_ROWS)
_NOT_PENDING = "Invalid or non\N{NON-BREAKING HYPHEN}pending transaction"


def create(context: RequestContext) -> Response:
    """Begin a transaction (transcript `transaction-rollback`)."""
    seconds = context.int_param("ttl", _DEFAULT_TTL, _MIN_TTL, _MAX_TTL)
    timestamp = now()
    begun = Transaction(0, unique(), PENDING, 0, after(seconds), timestamp, timestamp)
    sequence = context.connection.execute(
        "INSERT INTO _transactions (id, owner, status, operations, expires, created, updated)"
        " VALUES (?, ?, ?, 0, ?, ?, ?)",
        (begun.id, context.actor.user_id or None, PENDING, begun.expires, timestamp, timestamp),
    ).lastrowid
    if cast("int", sequence) % _CLEANUP_INTERVAL == 0:
        _delete_expired(context)
    return json_response(begun.to_json(), 201)


def _delete_expired(context: RequestContext) -> None:
    """Delete expired transactions, a few at a time."""
    old = context.connection.execute(
        "SELECT sequence FROM (SELECT * FROM _transactions ORDER BY sequence LIMIT ?)"
        " WHERE expires < ?",
        (2 * _CLEANUP_INTERVAL, after(-_KEPT_SECONDS)),
    ).fetchall()
    context.connection.executemany('DELETE FROM _operations WHERE "transaction" = ?', old)
    context.connection.executemany("DELETE FROM _transactions WHERE sequence = ?", old)


def _get(context: RequestContext) -> Transaction:
    return staged_operations.get_transaction(
        context.connection, context.path["transactionId"], context.actor
    )


def get(context: RequestContext) -> Response:
    """Show a transaction."""
    return json_response(_get(context).to_json())


def list_transactions(context: RequestContext) -> Response:
    """List the transactions that the actor may see."""
    rows = context.connection.execute(
        f"SELECT {staged_operations.COLUMNS} FROM _transactions"  # noqa: S608 - a constant
        " WHERE ? OR owner = ? ORDER BY sequence",
        (context.actor.is_key, context.actor.user_id or None),
    )
    shown = [Transaction(*row).to_json() for row in rows]
    return json_response({"total": len(shown), "transactions": shown})


def delete(context: RequestContext) -> Response:
    """Delete a transaction, and what is staged in it."""
    transaction = _get(context)
    _clear(context, transaction)
    context.connection.execute(
        "DELETE FROM _transactions WHERE sequence = ?", (transaction.sequence,)
    )
    return NO_CONTENT


def _clear(context: RequestContext, transaction: Transaction) -> None:
    context.connection.execute(
        'DELETE FROM _operations WHERE "transaction" = ?', (transaction.sequence,)
    )


def stage(context: RequestContext) -> Response:
    """Stage operations (transcripts `transaction-commit`, `transaction-refusals`)."""
    sent = as_list(context.params.get("operations"))
    for operation in sent:
        if wrong := _operation_error(operation):
            raise invalid_param("operations", f"Value must a valid array and {wrong}")
    if not sent:
        raise AppwriteError("general_bad_request", message="Operations array cannot be empty")
    transaction = _get(context)
    if transaction.status != PENDING:
        raise AppwriteError("general_bad_request", message=_NOT_PENDING)
    staged_operations.require_active(transaction)
    staged_operations.require_capacity(transaction, len(sent))
    created: set[tuple[int, str]] = set()
    operations = [_staged(context, transaction, each, created) for each in sent]
    return json_response(
        staged_operations.add(context.connection, transaction, operations).to_json(), 201
    )


def _operation_error(operation: object) -> str | None:  # noqa: PLR0911 - one for each rule
    if not isinstance(operation, dict):
        return "Value must be an array"
    sent = cast("JsonObject", operation)
    if wrong := _names_error(sent):
        return wrong
    action = sent["action"]
    if action not in _ACTIONS:
        return f"Key 'action' must be one of: {', '.join(_ACTIONS)}"
    if action in _ONE_ROW and "rowId" not in sent:
        return f"Key 'rowId' is required for action '{action}'"
    if "rowId" in sent and not _is_name(sent["rowId"]):
        return "Key 'rowId' must be a non-empty string"
    if action != "delete" and "data" not in sent:
        return "Missing required key: data"
    if "data" in sent and not isinstance(sent["data"], (dict, list)):
        return "Key 'data' must be an array"
    return _data_error(action, sent.get("data"))


def _names_error(sent: JsonObject) -> str | None:
    for key in ("action", "databaseId", "tableId"):
        if key not in sent:
            return f"Missing required key: {key}"
    for key in ("action", "databaseId", "tableId"):
        if not _is_name(sent[key]):
            return f"Key '{key}' must be a non\N{NON-BREAKING HYPHEN}empty string"
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _data_error(action: str, sent: object) -> str | None:
    data = as_object(sent)
    if action in {"bulkUpdate", "bulkDelete"}:
        if "queries" not in data:
            return f"Key 'queries' is required in data for {action}"
        if not isinstance(data["queries"], list):
            return f"Key 'queries' must be an array for {action}"
    if action == "bulkUpdate" and not isinstance(data.get("data"), dict):
        return f"Key 'data' is required in data for {action}"
    if action in {"increment", "decrement"}:
        if "column" not in data:
            return f"Key 'column' is required in data for {action}"
        if not is_number(data.get("value", 1)):
            return f"Key 'value' must be a numeric value for {action}"
    return None


def _staged(
    context: RequestContext,
    transaction: Transaction,
    sent: JsonObject,
    created: set[tuple[int, str]],
) -> Operation:
    action: str = sent["action"]
    row_id: str | None = sent.get("rowId")
    if action in _MANY_ROWS and not context.actor.is_key:
        raise AppwriteError("user_unauthorized")
    table = _table(context, sent["databaseId"], sent["tableId"])
    data = sent.get("data", {})
    if row_id is None or action in _MANY_ROWS:
        return Operation(table, action, None, data)
    data = _with_valid_permissions(as_object(data))
    row = None
    if action == CREATE:
        created.add((table.sequence, row_id))
    else:
        row = records.get(context.connection, table, row_id)
        if row is not None and not context.actor.has_role(records.roles_with(table, row, READ)):
            row = None
        staged = staged_operations.state(context, transaction.id, table).get(row_id)
        row = staged_operations.overlay_row(context.version, table, row, staged, None)
        if row is None and action != "upsert" and (table.sequence, row_id) not in created:
            raise AppwriteError("document_not_found", row_id)
    _require_permission(context, table, action, row, data)
    return Operation(table, action, row_id, data)


def _with_valid_permissions(data: JsonObject) -> JsonObject:
    if "$permissions" not in data:
        return data
    if wrong := permissions.validation_error(data["$permissions"], permissions.ROW_ACTIONS):
        raise AppwriteError("general_bad_request", message=wrong)
    granted = permissions.expand(data["$permissions"], permissions.ROW_ACTIONS)
    return data | {"$permissions": granted}


def _table(context: RequestContext, database_id: str, table_id: str) -> Table:
    try:
        return context.catalog.table(context.connection, database_id, table_id, context.actor)
    except AppwriteError as error:
        if error.type == "table_not_found":
            raise AppwriteError("collection_not_found", table_id) from error
        raise


_RIGHTS = {"update": UPDATE, "increment": UPDATE, "decrement": UPDATE, "delete": DELETE}


def _require_permission(
    context: RequestContext, table: Table, action: str, row: JsonObject | None, data: JsonObject
) -> None:
    if context.actor.is_key:
        return
    right = _RIGHTS.get(action, CREATE if row is None else UPDATE)
    roles = table.table_permissions(right)
    if right != CREATE and row is not None and "$permissions" in row:
        roles = records.roles_with(table, row, right)
    if not context.actor.has_role(roles):
        raise AppwriteError("user_unauthorized")
    if "$permissions" in data:
        permissions.require_held_roles(data["$permissions"], context.actor.roles)


def update(context: RequestContext) -> Response:
    """Commit or roll back (transcripts `transaction-commit`, `transaction-rollback`)."""
    commit = context.bool_param("commit", default=False)
    rollback = context.bool_param("rollback", default=False)
    if not commit and not rollback:
        raise AppwriteError("general_bad_request", message="Either commit or rollback must be true")
    if commit and rollback:
        message = "Cannot commit and rollback at the same time"
        raise AppwriteError("general_bad_request", message=message)
    transaction = _get(context)
    if transaction.status != PENDING:
        raise AppwriteError("transaction_not_ready")
    staged_operations.require_active(transaction)
    refused = _commit(context, transaction) if commit else None
    status = "committed" if commit and refused is None else "failed"
    ended = replace(transaction, status=status, updated=now())
    context.connection.execute(
        "UPDATE _transactions SET status = ?, updated = ? WHERE sequence = ? AND status = ?",
        (ended.status, ended.updated, transaction.sequence, PENDING),
    )
    _clear(context, transaction)
    # A refusal is answered, not raised: raising would undo that the transaction has failed.
    return json_response(ended.to_json()) if refused is None else error_response(refused)


def _commit(context: RequestContext, transaction: Transaction) -> AppwriteError | None:
    """Carry out what is staged; where that fails, undo it and say why.

    A savepoint would undo it too, but makes SQLite copy each page that is changed, and all that
    came before it is reading.
    """
    touched: Changes = {}
    for operation in staged_operations.operations_of(context.connection, transaction):
        try:
            _HANDLERS[operation.action](_Commit(context, operation, touched))
        except AppwriteError as error:
            context.connection.execute("ROLLBACK")
            context.connection.execute("BEGIN IMMEDIATE")
            if context.events is not None:
                context.events.clear()
            if context.row_cache is not None:
                place = (operation.database_id, operation.table_id, operation.row_id or "")
                context.row_cache.refuse(touched.values(), *place)
            return _as_of_transaction(error, operation)
    if context.row_cache is not None:
        context.row_cache.commit(touched.values())
    return None


def _as_of_transaction(error: AppwriteError, operation: StagedOperation) -> AppwriteError:
    """Speak of documents and conflicts, as transactions do."""
    match error.type:
        case "row_already_exists" | "row_unique_constraint_violation" | "row_update_conflict":
            return AppwriteError("transaction_conflict")
        case "row_invalid_structure":
            return AppwriteError("document_invalid_structure", message=error.message)
        case "row_not_found" | "column_not_found":
            return AppwriteError("document_not_found", operation.row_id or "unknown")
        case _:
            return error


Changes: TypeAlias = "dict[tuple[int, str], RowChange]"
"""What a transaction has written so far, by table and ID in capitals."""


class _Commit:
    """One operation being carried out: on which table, and which rows are already its own."""

    def __init__(
        self, context: RequestContext, operation: StagedOperation, touched: Changes
    ) -> None:
        self.context = context
        self.connection = context.connection
        self.operation = operation
        self.table = _table(context, operation.database_id, operation.table_id)
        self._written = touched

    def touch(self, row: JsonObject, old: JsonObject | None = None) -> None:
        """Remember that a row's state is this transaction's doing, and what it was before."""
        key = (self.table.sequence, row["$id"].upper())
        before, _ = self._written.get(key, (old, row))
        self._written[key] = before, row

    def emit(self, action: str, row: JsonObject) -> None:
        """Publish an event of a row, as operations on one row only do."""
        emit(self.context.events, self.table, action, [row], "transaction")

    def is_own_write(self, row_id: str) -> bool:
        """Return whether an earlier operation of the transaction wrote a row."""
        return (self.table.sequence, row_id.upper()) in self._written

    def row(self) -> JsonObject | None:
        """Read the operation's row."""
        row_id = self.operation.id
        row = records.get(self.connection, self.table, row_id)
        if (
            not self.is_own_write(row_id)
            and (row and staged_operations.base_version(row)) != self.operation.base
        ):
            if row is None:
                raise AppwriteError("row_not_found", row_id)
            raise AppwriteError("row_update_conflict")
        return row

    def require_row(self) -> JsonObject:
        """Read the operation's row, which must be there."""
        row = self.row()
        if row is None:
            raise AppwriteError("row_not_found", self.operation.id)
        return row

    def require_unchanged(self, rows: list[JsonObject]) -> None:
        """Raise where somebody wrote one of many rows since the staging.

        Which rows there would be is not known when this is staged, so that times are compared,
        to the millisecond, as Appwrite does.
        """
        for row in rows:
            if not self.is_own_write(row["$id"]) and row["$updatedAt"] > self.operation.created:
                raise AppwriteError("row_update_conflict")

    def matching(self) -> list[JsonObject]:
        """Read the rows that the operation's queries ask for."""
        queries = query_parser.parse(self.operation.data["queries"])
        rows = bulk_rows.select_matching(self.connection, self.table, queries)
        self.require_unchanged(rows)
        return rows

    def sent(self) -> JsonObject:
        """Take the operation's data; dates are the commit's (`transaction-system-columns`)."""
        data = writes.strip_read_only(self.operation.data, with_dates=False)
        return operators.parse(data, self.context.version)


def _create(commit: _Commit) -> None:
    if not commit.context.actor.has_role(commit.table.table_permissions(CREATE)):
        raise AppwriteError("user_unauthorized")
    data: JsonObject = {"$id": commit.operation.id, "$permissions": [], **commit.sent()}
    if not is_id(data["$id"]):
        raise AppwriteError("row_invalid_structure", message=KEY_RULE)
    row = writes.create(commit.connection, commit.table, data)
    commit.touch(row)
    commit.emit("create", row)


def _update(commit: _Commit) -> None:
    old = commit.require_row()
    actor = commit.context.actor
    row = writes.change(commit.connection, commit.table, old, commit.sent(), actor=actor)
    commit.touch(row, old)
    commit.emit("update", row)


def _upsert(commit: _Commit) -> None:
    # Without an id in its data the row gets a new one, whatever the operation says.
    data: JsonObject = {"$permissions": [], "$id": unique(), **commit.sent()}
    old = commit.row() if data["$id"] == commit.operation.row_id else None
    if old is not None and "$permissions" not in commit.operation.data:
        data["$permissions"] = old["$permissions"]
    actor = commit.context.actor
    row = writes.upsert(commit.connection, commit.table, old, data, actor=actor)
    commit.touch(row, old)
    commit.emit("upsert", row)


def _delete(commit: _Commit) -> None:
    commit.context.deletes = True
    old = commit.require_row()
    writes.delete(commit.connection, commit.table, old, actor=commit.context.actor)
    commit.emit("delete", old)


def _step(commit: _Commit) -> None:
    sign, bound_name = writes.STEPS[commit.operation.action]
    data = commit.operation.data
    old = commit.require_row()
    row = writes.increment(
        commit.connection,
        commit.table,
        commit.operation.id,
        data["column"],
        by=sign * data.get("value", 1),
        bound=data.get(bound_name),
        actor=commit.context.actor,
    )
    commit.touch(row, old)
    commit.emit("update", row)


def _bulk_create(commit: _Commit) -> None:
    rows = [
        bulk_rows.with_id(writes.strip_read_only(row, with_dates=False))
        for row in commit.operation.data
    ]
    for row in bulk_rows.insert(commit.connection, commit.table, rows):
        commit.touch(row)


def _bulk_update(commit: _Commit) -> None:
    data = writes.strip_read_only(commit.operation.data["data"], with_dates=False)
    matching = commit.matching()
    changed = bulk_rows.update_rows(commit.connection, commit.table, matching, data)
    for row, old in zip(changed, matching, strict=True):
        commit.touch(row, old)


def _bulk_upsert(commit: _Commit) -> None:
    for sent in commit.operation.data:
        row = writes.strip_read_only(sent, with_dates=False)
        old = records.get(commit.connection, commit.table, str(row.get("$id", "")))
        commit.require_unchanged([] if old is None else [old])
        commit.touch(bulk_rows.upsert_row(commit.context, commit.table, row), old)


def _bulk_delete(commit: _Commit) -> None:
    commit.context.deletes = True
    records.delete(commit.connection, commit.table, commit.matching())


_HANDLERS: dict[str, Callable[[_Commit], None]] = {
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "increment": _step,
    "decrement": _step,
    "bulkCreate": _bulk_create,
    "bulkUpdate": _bulk_update,
    "bulkUpsert": _bulk_upsert,
    "bulkDelete": _bulk_delete,
}
