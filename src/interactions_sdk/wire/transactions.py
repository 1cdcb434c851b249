"""Requests about transactions: begin, stage, commit, read, roll back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import Field

from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import validate_id
from interactions_sdk.wire.call import Call, ResponseModel, rows_to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.rules.operations import Operation

__all__ = [
    "MAX_OPERATIONS",
    "TransactionState",
    "begin_transaction",
    "commit_transaction",
    "get_transaction",
    "roll_back_transaction",
    "stage_operations",
]

MAX_OPERATIONS = 100
"""Maximum number of operations in a transaction; a `bulkCreate` counts as one, however many rows it
has."""

_MAX_CHARACTERS = 5_000_000
"""Maximum length of an operation's data in Appwrite, as JSON with escaped slashes and non-ASCII
characters (its collection `transactionLogs`)."""
_MAX_ESCAPE_LENGTH = 3
"""Maximum number of characters for one escaped byte of UTF-8."""

_TRANSACTIONS = "/tablesdb/transactions"
_TRANSACTION = _TRANSACTIONS + "/{transaction}"
_OPERATIONS = _TRANSACTION + "/operations"


class TransactionState(ResponseModel):
    """A transaction as Appwrite returns it.

    Attributes:
        status: `pending`, `committing`, `committed` or `failed`.
        operations: How many operations are staged.
    """

    id: str = Field(validation_alias="$id")
    status: str
    operations: int


_read_state = TransactionState.__pydantic_validator__.validate_json


def begin_transaction() -> Call[TransactionState]:
    """Begin a transaction; if it is never committed, it expires."""
    return Call("POST", _TRANSACTIONS, _TRANSACTIONS, _read_state, b"{}")


def get_transaction(transaction_id: str) -> Call[TransactionState]:
    """Read the state of a transaction."""
    return Call("GET", _TRANSACTION, _transaction_path(transaction_id), _read_state)


def stage_operations(
    transaction_id: str, database_id: str, operations: Sequence[Operation]
) -> Call[TransactionState]:
    """Stage operations. It is not idempotent: a create that is staged twice conflicts with itself.

    Raises:
        BadRequestError: An operation is larger than Appwrite accepts, which it would answer with an
            uninformative 500.
    """
    staged = [_staged(database_id, operation) for operation in operations]
    body = rows_to_json({"operations": staged})
    if len(body) * _MAX_ESCAPE_LENGTH > _MAX_CHARACTERS:
        _check_operation_sizes(operations)
    path = f"{_transaction_path(transaction_id)}/operations"
    return Call("POST", _OPERATIONS, path, _read_state, body, idempotent=False)


def _check_operation_sizes(operations: Sequence[Operation]) -> None:
    for operation in operations:
        kept = json.dumps(operation.data, separators=(",", ":"))
        characters = len(kept) + kept.count("/")
        if characters > _MAX_CHARACTERS:
            message = (
                f"An operation of a transaction has {characters:,} characters of JSON, and "
                f"Appwrite accepts at most {_MAX_CHARACTERS:,}: write fewer rows in one."
            )
            raise BadRequestError(message, type="transaction_limit_exceeded")


def _staged(database_id: str, operation: Operation) -> dict[str, object]:
    staged: dict[str, object] = {
        "action": operation.action,
        "databaseId": database_id,
        "tableId": operation.table,
    }
    if operation.row_id is not None:
        staged["rowId"] = validate_id(operation.row_id, "row id")
    if operation.data is not None:
        staged["data"] = operation.data
    return staged


def commit_transaction(transaction_id: str) -> Call[TransactionState]:
    """Commit. It is not idempotent: a second commit is answered 400, whatever the first one did."""
    path = _transaction_path(transaction_id)
    body = b'{"commit":true}'
    return Call("PATCH", _TRANSACTION, path, _read_state, body, idempotent=False)


def roll_back_transaction(transaction_id: str) -> Call[TransactionState]:
    """Roll back a transaction."""
    path = _transaction_path(transaction_id)
    return Call("PATCH", _TRANSACTION, path, _read_state, b'{"rollback":true}')


def _transaction_path(transaction_id: str) -> str:
    return f"{_TRANSACTIONS}/{validate_id(transaction_id, 'transaction id')}"
