"""Operations staged in a transaction: kept until the commit, and seen by its own reads."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

from interactions_sdk.embedded.database import query_parser
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.responses import AppwriteError, Json, JsonObject, encode_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.database.query_parser import Query
    from interactions_sdk.embedded.services.context import RequestContext
    from interactions_sdk.embedded.values.versions import Version

MAX_OPERATIONS = 100
MAX_CHARACTERS = 5_000_000
"""What the column `data` of Appwrite's collection `transactionLogs` holds of one operation."""
_MAX_ESCAPE_LENGTH = 12
"""Characters that one becomes at most."""
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Operation:
    """One staged operation.

    Attributes:
        action: `create`, `bulkUpdate` and so on.
        row_id: None for the operations on many rows.
    """

    table: Table
    action: str
    row_id: str | None
    data: JsonObject | list[JsonObject]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as the file keeps it."""

    sequence: int
    id: str
    status: str
    operations: int
    expires: str
    created: str
    updated: str

    def to_json(self) -> JsonObject:
        """Show the transaction (transcript `transaction-commit`)."""
        return {
            "$id": self.id,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            "status": self.status,
            "operations": self.operations,
            "expiresAt": self.expires,
        }


COLUMNS = "sequence, id, status, operations, expires, created, updated"


def get_transaction(
    connection: sqlite3.Connection, transaction_id: str, actor: Actor
) -> Transaction:
    """Find a transaction; users find their own only (transcript `permissions-transaction`)."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM _transactions"  # noqa: S608 - a constant
        " WHERE id = ? AND (? OR owner = ?)",
        (transaction_id, actor.is_key, actor.user_id or None),
    ).fetchone()
    if row is None:
        raise AppwriteError("transaction_not_found", transaction_id)
    return Transaction(*row)


def require_active(transaction: Transaction) -> None:
    """Raise where a transaction's time is over."""
    if transaction.expires < now():
        raise AppwriteError("transaction_expired")


def require_capacity(transaction: Transaction, adding: int) -> None:
    """Raise if a transaction is full (transcript `transaction-refusals`)."""
    staged = transaction.operations
    if staged + adding > MAX_OPERATIONS:
        raise AppwriteError("transaction_limit_exceeded", staged, adding, MAX_OPERATIONS)


def stage(
    context: RequestContext,
    table: Table,
    action: str,
    row_id: str | None,
    data: JsonObject | list[JsonObject],
) -> bool:
    """Stage a call on rows if it names a transaction (transcript `transaction-row-calls`).

    Returns:
        Whether it was staged; otherwise, the caller carries it out.

    Raises:
        AppwriteError: There is no such transaction, or it takes no more.
    """
    transaction_id = context.transaction_id()
    if transaction_id is None:
        return False
    transaction = get_transaction(context.connection, transaction_id, context.actor)
    if transaction.status != PENDING:
        raise AppwriteError("transaction_not_ready")
    require_active(transaction)
    require_capacity(transaction, 1)
    add(context.connection, transaction, [Operation(table, action, row_id, data)])
    return True


def add(
    connection: sqlite3.Connection, transaction: Transaction, operations: Sequence[Operation]
) -> Transaction:
    """Put operations behind those that are staged, and give the transaction as it is then.

    Each keeps the state of its row as it is now: the commit is refused if the row has another
    by then (transcript `transaction-conflict`). Comparing states, not times, detects even changes
    within one millisecond apart.
    """
    timestamp = now()
    connection.executemany(
        'INSERT INTO _operations ("transaction", position, "table", database_id, table_id, "row",'
        " action, data, base, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                transaction.sequence,
                position,
                operation.table.sequence,
                operation.table.database.id,
                operation.table.id,
                operation.row_id,
                operation.action,
                _to_stored(operation.data),
                _read_base_version(connection, operation),
                timestamp,
            )
            for position, operation in enumerate(operations, start=transaction.operations)
        ],
    )
    count = transaction.operations + len(operations)
    connection.execute(
        "UPDATE _transactions SET operations = ?, updated = ? WHERE sequence = ?",
        (count, timestamp, transaction.sequence),
    )
    return replace(transaction, operations=count, updated=timestamp)


def _to_stored(data: JsonObject | list[JsonObject]) -> str:
    """Write an operation's data, or raise where Appwrite cannot keep it.

    PHP's `json_encode` escapes slashes and all that is not ASCII, and that is what counts. Appwrite
    has no words for it.
    """
    text = encode_json(data)
    if len(text) * _MAX_ESCAPE_LENGTH > MAX_CHARACTERS:
        escaped = json.dumps(data, separators=(",", ":"))
        if len(escaped) + escaped.count("/") > MAX_CHARACTERS:
            raise AppwriteError("general_unknown", message="Server Error")
    return text


def _read_base_version(connection: sqlite3.Connection, operation: Operation) -> str | None:
    if operation.row_id is None or operation.action == "create":
        return None
    row = records.get(connection, operation.table, operation.row_id)
    return None if row is None else base_version(row)


def base_version(row: JsonObject) -> str:
    """Name the state of a row."""
    return f"{row['$sequence']} {row['$updatedAt']}"


Staged: TypeAlias = tuple[str, JsonObject | None]
"""The action, and what it leaves of the row: None if it is deleted."""


def state(context: RequestContext, transaction_id: str, table: Table) -> dict[str, Staged]:
    """Play what is staged on a table, without looking at its rows.

    A transaction that is not there, is not pending or is not the actor's has staged nothing
    (transcript `transaction-reads`).
    """
    try:
        transaction = get_transaction(context.connection, transaction_id, context.actor)
    except AppwriteError:
        return {}
    staged: dict[str, Staged] = {}
    if transaction.status == PENDING:
        for action, row_id, data in context.connection.execute(
            'SELECT action, "row", data FROM _operations'
            ' WHERE "transaction" = ? AND "table" = ? ORDER BY position',
            (transaction.sequence, table.sequence),
        ):
            _apply(staged, action, row_id, json.loads(data))
    return staged


def _apply(staged: dict[str, Staged], action: str, row_id: str, data: Json) -> None:
    match action:
        case "create" | "upsert":
            staged[row_id] = (action, {"$id": row_id} | data)
        case "delete":
            staged[row_id] = ("delete", None)
        case "update":
            _apply_update(staged, row_id, data)
        case "increment" | "decrement":
            # Not seen before the commit: Appwrite looks for the column under a name that tables
            # do not use.
            pass
        case _:
            _BULK_HANDLERS[action](staged, data)


def _apply_update(staged: dict[str, Staged], row_id: str, data: JsonObject) -> None:
    earlier, document = staged.get(row_id, ("update", None))
    kept = earlier if earlier in {"create", "upsert"} else "update"
    staged[row_id] = (kept, (document or {}) | {key: data[key] for key in data if key != "$id"})


def _apply_bulk_create(staged: dict[str, Staged], data: list[JsonObject]) -> None:
    for row in data:
        if "$id" in row:
            staged[row["$id"]] = ("create", row)


def _apply_bulk_upsert(staged: dict[str, Staged], data: list[JsonObject]) -> None:
    for row in data:
        if "$id" in row:
            action, document = staged.get(row["$id"], ("upsert", None))
            staged[row["$id"]] = (action, (document or {}) | row)


def _apply_bulk_update(staged: dict[str, Staged], data: JsonObject) -> None:
    for row_id in _matching(staged, data["queries"]):
        _apply_update(staged, row_id, data["data"])


def _apply_bulk_delete(staged: dict[str, Staged], data: JsonObject) -> None:
    for row_id in _matching(staged, data["queries"]):
        staged[row_id] = ("delete", None)


def _matching(staged: dict[str, Staged], texts: list[str]) -> list[str]:
    queries = query_parser.parse(texts)
    return [
        row_id
        for row_id, (_, document) in staged.items()
        if document is not None and _matches(document, queries)
    ]


_BULK_HANDLERS: dict[str, Callable[[dict[str, Staged], Json], None]] = {
    "bulkCreate": _apply_bulk_create,
    "bulkUpsert": _apply_bulk_upsert,
    "bulkUpdate": _apply_bulk_update,
    "bulkDelete": _apply_bulk_delete,
}


# Staged rows are in no table, so that Appwrite compares them by itself, exactly, and knows these
# filters only; any other one lets a staged row pass.
_PREDICATES: dict[str, Callable[[Json, list[Json]], bool]] = {
    "equal": lambda value, values: value in values,
    "notEqual": lambda value, values: value not in values,
    "contains": lambda value, values: isinstance(value, list) and any(v in value for v in values),
    "startsWith": lambda value, values: isinstance(value, str) and value.startswith(tuple(values)),
    "endsWith": lambda value, values: isinstance(value, str) and value.endswith(tuple(values)),
    "isNull": lambda value, _: value is None,
    "isNotNull": lambda value, _: value is not None,
    "lessThan": lambda value, values: value is not None and value < values[0],
    "lessThanEqual": lambda value, values: value is not None and value <= values[0],
    "greaterThan": lambda value, values: value is not None and value > values[0],
    "greaterThanEqual": lambda value, values: value is not None and value >= values[0],
    "between": lambda value, values: value is not None and values[0] <= value <= values[1],
}


def _matches(document: JsonObject, queries: Iterable[Query]) -> bool:
    return all(
        _PREDICATES[query.method](document.get(query.attribute), query.values)
        for query in queries
        if query.method in _PREDICATES
    )


def overlay_row(
    version: Version,
    table: Table,
    row: JsonObject | None,
    staged: Staged | None,
    selected: list[str] | None,
) -> JsonObject | None:
    """Show a row as its transaction sees it; a new one without what only a commit gives it."""
    if staged is None:
        return row
    action, document = staged
    if document is None:
        return None
    if row is not None and action != "create":
        return {**row, **_selected(document, selected), "$id": row["$id"]}
    if action == "update":
        return None
    return {
        "$sequence": "0",
        "$databaseId": table.database.id,
        "$tableId": table.id,
        **dict(version.staged_dates),
        **_selected(document, selected),
    }


def _selected(document: JsonObject, selected: list[str] | None) -> JsonObject:
    if selected is None:
        return document
    return {key: document[key] for key in document if key in selected or key.startswith("$")}


def overlay_list(
    version: Version,
    table: Table,
    rows: list[JsonObject],
    staged: dict[str, Staged],
    selected: list[str] | None,
) -> list[JsonObject]:
    """Show a list as its transaction sees it: new rows last, whether they match or not."""
    committed: dict[str, JsonObject] = {row["$id"]: row for row in rows}
    for row_id, entry in staged.items():
        row = overlay_row(version, table, committed.get(row_id), entry, selected)
        if row is not None:
            committed[row_id] = row
        else:
            committed.pop(row_id, None)
    return list(committed.values())


def count(
    staged: dict[str, Staged], rows: list[JsonObject], queries: Sequence[Query], total: int
) -> int:
    """Count a list as its transaction sees it (transcript `transaction-reads`)."""
    listed = {row["$id"] for row in rows}
    for row_id, (action, document) in staged.items():
        matches = document is not None and _matches(document, queries)
        if row_id in listed and action != "create":
            total -= not matches
        elif action in {"create", "upsert"}:
            total += matches
    return max(0, total)


def operations_of(
    connection: sqlite3.Connection, transaction: Transaction
) -> list[StagedOperation]:
    """Read what is staged, in its order."""
    rows = connection.execute(
        'SELECT database_id, table_id, "row", action, data, base, created FROM _operations'
        ' WHERE "transaction" = ? ORDER BY position',
        (transaction.sequence,),
    )
    return [
        StagedOperation(database_id, table_id, row_id, action, json.loads(data), base, created)
        for database_id, table_id, row_id, action, data, base, created in rows
    ]


@dataclass(frozen=True, slots=True)
class StagedOperation:
    """One operation, as it was kept.

    Attributes:
        base: The state of the row when this was staged; None if there was none.
        created: When this was staged.
    """

    database_id: str
    table_id: str
    row_id: str | None
    action: str
    data: Json
    base: str | None
    created: str

    @property
    def id(self) -> str:
        """The ID of its row, for the operations that have one."""
        return cast("str", self.row_id)
