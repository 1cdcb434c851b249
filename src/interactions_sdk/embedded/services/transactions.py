"""Transactions: begun, filled, and then committed whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access import permissions
from interactions_sdk.embedded.access.permissions import CREATE, DELETE, READ, UPDATE
from interactions_sdk.embedded.database import query_parser, writes
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.events import raise_events
from interactions_sdk.embedded.services import bulk_rows, staged_operations
from interactions_sdk.embedded.services.context import as_list, as_object, invalid
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
    Answer,
    AppwriteError,
    JsonObject,
    answer,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.services.context import Call

_SHORTEST, _LONGEST, _USUAL = 60, 3600, 300
_KEPT_SECONDS = 24 * 3600
_FORGOTTEN_EVERY = 50

_ONE_ROW = ("create", "update", "upsert", "delete", "increment", "decrement")
_MANY_ROWS = ("bulkCreate", "bulkUpdate", "bulkUpsert", "bulkDelete")
_ACTIONS = (*_ONE_ROW, *_MANY_ROWS)
_NOT_PENDING = "Invalid or non\N{NON-BREAKING HYPHEN}pending transaction"


def create(call: Call) -> Answer:
    """Begin a transaction (transcript `transaction-rollback`)."""
    seconds = call.whole_number("ttl", _USUAL, _SHORTEST, _LONGEST)
    moment = now()
    found = Transaction(0, unique(), PENDING, 0, after(seconds), moment, moment)
    sequence = call.connection.execute(
        "INSERT INTO _transactions (id, owner, status, operations, expires, created, updated)"
        " VALUES (?, ?, ?, 0, ?, ?, ?)",
        (found.id, call.actor.user_id or None, PENDING, found.expires, moment, moment),
    ).lastrowid
    if cast("int", sequence) % _FORGOTTEN_EVERY == 0:
        _forget_old(call)
    return answer(found.answered(), 201)


def _forget_old(call: Call) -> None:
    """Forget what nobody can be waiting for any more, some of it at a time."""
    old = call.connection.execute(
        "SELECT sequence FROM (SELECT * FROM _transactions ORDER BY sequence LIMIT ?)"
        " WHERE expires < ?",
        (2 * _FORGOTTEN_EVERY, after(-_KEPT_SECONDS)),
    ).fetchall()
    call.connection.executemany('DELETE FROM _operations WHERE "transaction" = ?', old)
    call.connection.executemany("DELETE FROM _transactions WHERE sequence = ?", old)


def _found(call: Call) -> Transaction:
    return staged_operations.transaction(call.connection, call.path["transactionId"], call.actor)


def get(call: Call) -> Answer:
    """Show a transaction."""
    return answer(_found(call).answered())


def list_transactions(call: Call) -> Answer:
    """List the transactions that the actor may see."""
    found = call.connection.execute(
        "SELECT id FROM _transactions WHERE ? OR owner = ? ORDER BY sequence",
        (call.actor.is_key, call.actor.user_id or None),
    ).fetchall()
    shown = [
        staged_operations.transaction(call.connection, row[0], call.actor).answered()
        for row in found
    ]
    return answer({"total": len(shown), "transactions": shown})


def delete(call: Call) -> Answer:
    """Delete a transaction, and what is staged in it."""
    found = _found(call)
    _clear(call, found)
    call.connection.execute("DELETE FROM _transactions WHERE sequence = ?", (found.sequence,))
    return NO_CONTENT


def _clear(call: Call, found: Transaction) -> None:
    call.connection.execute('DELETE FROM _operations WHERE "transaction" = ?', (found.sequence,))


def stage(call: Call) -> Answer:
    """Stage operations (transcripts `transaction-commit`, `transaction-refusals`)."""
    sent = as_list(call.params.get("operations"))
    for operation in sent:
        wrong = _objection(operation)
        if wrong:
            raise invalid("operations", f"Value must a valid array and {wrong}")
    if not sent:
        message = "Operations array cannot be empty"
        raise AppwriteError("general_bad_request", message=message)
    found = _found(call)
    if found.status != PENDING:
        raise AppwriteError("general_bad_request", message=_NOT_PENDING)
    staged_operations.refuse_expired(found)
    staged_operations.refuse_more(found, len(sent))
    created: set[tuple[int, str]] = set()
    operations = [_staged(call, found, each, created) for each in sent]
    return answer(staged_operations.add(call.connection, found, operations).answered(), 201)


def _objection(operation: object) -> str | None:  # noqa: PLR0911 - one for each rule
    if not isinstance(operation, dict):
        return "Value must be an array"
    given = cast("JsonObject", operation)
    wrong = _objection_to_names(given)
    if wrong:
        return wrong
    action = given["action"]
    if action not in _ACTIONS:
        return f"Key 'action' must be one of: {', '.join(_ACTIONS)}"
    if action in _ONE_ROW and "rowId" not in given:
        return f"Key 'rowId' is required for action '{action}'"
    if "rowId" in given and not _is_name(given["rowId"]):
        return "Key 'rowId' must be a non-empty string"
    if action != "delete" and "data" not in given:
        return "Missing required key: data"
    if "data" in given and not isinstance(given["data"], (dict, list)):
        return "Key 'data' must be an array"
    return _objection_to_data(action, given.get("data"))


def _objection_to_names(given: JsonObject) -> str | None:
    for key in ("action", "databaseId", "tableId"):
        if key not in given:
            return f"Missing required key: {key}"
    for key in ("action", "databaseId", "tableId"):
        if not _is_name(given[key]):
            return f"Key '{key}' must be a non\N{NON-BREAKING HYPHEN}empty string"
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _objection_to_data(action: str, sent: object) -> str | None:
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
    call: Call, found: Transaction, sent: JsonObject, created: set[tuple[int, str]]
) -> Operation:
    action: str = sent["action"]
    row_id: str | None = sent.get("rowId")
    if action in _MANY_ROWS and not call.actor.is_key:
        raise AppwriteError("user_unauthorized")
    table = _table(call, sent["databaseId"], sent["tableId"])
    data = sent.get("data", {})
    if row_id is None or action in _MANY_ROWS:
        return Operation(table, action, None, data)
    data = _with_sound_permissions(as_object(data))
    row = None
    if action == CREATE:
        created.add((table.sequence, row_id))
    else:
        row = records.find(call.connection, table, row_id)
        if row is not None and not call.actor.may(records.granted(table, row, READ)):
            row = None
        staged = staged_operations.state(call, found.id, table).get(row_id)
        row = staged_operations.seen(table, row, staged, None)
        if row is None and action != "upsert" and (table.sequence, row_id) not in created:
            raise AppwriteError("document_not_found", row_id)
    _refuse_unless_allowed(call, table, action, row, data)
    return Operation(table, action, row_id, data)


def _with_sound_permissions(data: JsonObject) -> JsonObject:
    if "$permissions" not in data:
        return data
    wrong = permissions.objection(data["$permissions"], permissions.ROW_ACTIONS)
    if wrong:
        raise AppwriteError("general_bad_request", message=wrong)
    spelled = permissions.aggregated(data["$permissions"], permissions.ROW_ACTIONS)
    return data | {"$permissions": spelled}


def _table(call: Call, database_id: str, table_id: str) -> Table:
    try:
        return call.catalog.table(call.connection, database_id, table_id, call.actor)
    except AppwriteError as error:
        if error.type == "table_not_found":
            raise AppwriteError("collection_not_found", table_id) from error
        raise


_RIGHTS = {"update": UPDATE, "increment": UPDATE, "decrement": UPDATE, "delete": DELETE}


def _refuse_unless_allowed(
    call: Call, table: Table, action: str, row: JsonObject | None, data: JsonObject
) -> None:
    if call.actor.is_key:
        return
    right = _RIGHTS.get(action, CREATE if row is None else UPDATE)
    roles = table.granted(right)
    if right != CREATE and row is not None and "$permissions" in row:
        roles = records.granted(table, row, right)
    if not call.actor.may(roles):
        raise AppwriteError("user_unauthorized")
    if "$permissions" in data:
        permissions.refuse_roles_not_held(data["$permissions"], call.actor.roles)


def update(call: Call) -> Answer:
    """Commit or roll back (transcripts `transaction-commit`, `transaction-rollback`)."""
    commit = call.flag("commit", default=False)
    rollback = call.flag("rollback", default=False)
    if not commit and not rollback:
        message = "Either commit or rollback must be true"
        raise AppwriteError("general_bad_request", message=message)
    if commit and rollback:
        message = "Cannot commit and rollback at the same time"
        raise AppwriteError("general_bad_request", message=message)
    found = _found(call)
    if found.status != PENDING:
        raise AppwriteError("transaction_not_ready")
    staged_operations.refuse_expired(found)
    refused = _commit(call, found) if commit else None
    status = "committed" if commit and refused is None else "failed"
    ended = replace(found, status=status, updated=now())
    call.connection.execute(
        "UPDATE _transactions SET status = ?, updated = ? WHERE sequence = ? AND status = ?",
        (ended.status, ended.updated, found.sequence, PENDING),
    )
    _clear(call, found)
    # A refusal is answered, not raised: raising would undo that the transaction has failed.
    return answer(ended.answered()) if refused is None else refusal(refused)


def _commit(call: Call, found: Transaction) -> AppwriteError | None:
    """Carry out what is staged; where that fails, undo it and say why.

    A savepoint would undo it too, but makes SQLite copy each page that is changed, and all that
    came before it is reading.
    """
    touched: set[tuple[int, str]] = set()
    for operation in staged_operations.operations_of(call.connection, found):
        try:
            _carry_out(call, operation, touched)
        except AppwriteError as error:
            call.connection.execute("ROLLBACK")
            call.connection.execute("BEGIN IMMEDIATE")
            if call.raised is not None:
                call.raised.clear()
            return _as_of_transaction(error, operation)
    return None


def _as_of_transaction(error: AppwriteError, operation: StagedOperation) -> AppwriteError:
    """Speak of documents and conflicts, as transactions do."""
    match error.type:
        case "row_already_exists" | "row_update_conflict":
            return AppwriteError("transaction_conflict")
        case "row_invalid_structure":
            return AppwriteError("document_invalid_structure", message=error.message)
        case "row_not_found" | "column_not_found":
            return AppwriteError("document_not_found", operation.row_id or "unknown")
        case _:
            return error


class _Commit:
    """One operation being carried out: on which table, and which rows are already its own."""

    def __init__(
        self, call: Call, operation: StagedOperation, touched: set[tuple[int, str]]
    ) -> None:
        self.call = call
        self.connection = call.connection
        self.operation = operation
        self.table = _table(call, operation.database_id, operation.table_id)
        self._touched = touched

    def touch(self, row: JsonObject) -> None:
        """Remember that a row's state is this transaction's doing."""
        self._touched.add((self.table.sequence, row["$id"].upper()))

    def tell(self, action: str, row: JsonObject) -> None:
        """Have those who listen told of a row, as they are of operations on one row only."""
        raise_events(self.call, self.table, action, [row], "transaction")

    def is_own(self, row_id: str) -> bool:
        """Tell whether an earlier operation of the transaction wrote a row."""
        return (self.table.sequence, row_id.upper()) in self._touched

    def row(self) -> JsonObject | None:
        """Read the operation's row.

        Raises:
            AppwriteError: `row_update_conflict`, where somebody wrote it since the staging.
        """
        row_id = self.operation.id
        row = records.find(self.connection, self.table, row_id)
        if (
            not self.is_own(row_id)
            and (row and staged_operations.base_of(row)) != self.operation.base
        ):
            if row is None:
                raise AppwriteError("row_not_found", row_id)
            raise AppwriteError("row_update_conflict")
        return row

    def existing_row(self) -> JsonObject:
        """Read the operation's row, which must be there."""
        row = self.row()
        if row is None:
            raise AppwriteError("row_not_found", self.operation.id)
        return row

    def refuse_newer(self, rows: list[JsonObject]) -> None:
        """Raise where somebody wrote one of many rows since the staging.

        Which rows there would be is not known when this is staged, so that times are compared,
        to the millisecond, as Appwrite does.
        """
        for row in rows:
            if not self.is_own(row["$id"]) and row["$updatedAt"] > self.operation.created:
                raise AppwriteError("row_update_conflict")

    def matching(self) -> list[JsonObject]:
        """Read the rows that the operation's queries ask for."""
        asked = query_parser.parse(self.operation.data["queries"])
        rows = bulk_rows.matching(self.connection, self.table, asked)
        self.refuse_newer(rows)
        return rows

    def sent(self) -> JsonObject:
        """Take the operation's data; dates are the commit's (`transaction-system-columns`)."""
        return operators.parse(writes.writable(self.operation.data, with_dates=False))


def _carry_out(call: Call, operation: StagedOperation, touched: set[tuple[int, str]]) -> None:
    _OPERATIONS[operation.action](_Commit(call, operation, touched))


def _create(commit: _Commit) -> None:
    if not commit.call.actor.may(commit.table.granted(CREATE)):
        raise AppwriteError("user_unauthorized")
    data: JsonObject = {"$id": commit.operation.id, "$permissions": [], **commit.sent()}
    if not is_id(data["$id"]):
        raise AppwriteError("row_invalid_structure", message=KEY_RULE)
    row = writes.create(commit.connection, commit.table, data)
    commit.touch(row)
    commit.tell("create", row)


def _update(commit: _Commit) -> None:
    old = commit.existing_row()
    actor = commit.call.actor
    row = writes.change(commit.connection, commit.table, old, commit.sent(), actor=actor)
    commit.touch(row)
    commit.tell("update", row)


def _upsert(commit: _Commit) -> None:
    # Without an id in its data the row gets a new one, whatever the operation says.
    data: JsonObject = {"$permissions": [], "$id": unique(), **commit.sent()}
    old = commit.row() if data["$id"] == commit.operation.row_id else None
    if old is not None and "$permissions" not in commit.operation.data:
        data["$permissions"] = old["$permissions"]
    actor = commit.call.actor
    row = writes.put(commit.connection, commit.table, old, data, actor=actor)
    commit.touch(row)
    commit.tell("upsert", row)


def _delete(commit: _Commit) -> None:
    old = commit.existing_row()
    writes.delete(commit.connection, commit.table, old, actor=commit.call.actor)
    commit.tell("delete", old)


def _increment(commit: _Commit) -> None:
    _step(commit, 1, "max")


def _decrement(commit: _Commit) -> None:
    _step(commit, -1, "min")


def _step(commit: _Commit, sign: int, bound_name: str) -> None:
    data = commit.operation.data
    commit.existing_row()
    row = writes.step(
        commit.connection,
        commit.table,
        commit.operation.id,
        data["column"],
        by=sign * data.get("value", 1),
        bound=data.get(bound_name),
        actor=commit.call.actor,
    )
    commit.touch(row)
    commit.tell("update", row)


def _bulk_create(commit: _Commit) -> None:
    rows = [
        bulk_rows.identified(writes.writable(row, with_dates=False))
        for row in commit.operation.data
    ]
    for row in bulk_rows.insert(commit.connection, commit.table, rows):
        commit.touch(row)


def _bulk_update(commit: _Commit) -> None:
    data = writes.writable(commit.operation.data["data"], with_dates=False)
    for row in bulk_rows.overwrite(commit.connection, commit.table, commit.matching(), data):
        commit.touch(row)


def _bulk_upsert(commit: _Commit) -> None:
    for sent in commit.operation.data:
        row = writes.writable(sent, with_dates=False)
        old = records.find(commit.connection, commit.table, str(row.get("$id", "")))
        commit.refuse_newer([] if old is None else [old])
        commit.touch(bulk_rows.put_one(commit.call, commit.table, row))


def _bulk_delete(commit: _Commit) -> None:
    records.delete(commit.connection, commit.table, commit.matching())


_OPERATIONS: dict[str, Callable[[_Commit], None]] = {
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "increment": _increment,
    "decrement": _decrement,
    "bulkCreate": _bulk_create,
    "bulkUpdate": _bulk_update,
    "bulkUpsert": _bulk_upsert,
    "bulkDelete": _bulk_delete,
}
