# Generated from src/interactions_sdk/_async/transaction.py by scripts/unasync.py; do not edit.
"""Rows of any table that your program writes together: `crm.transaction()`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

from interactions_sdk import wire
from interactions_sdk._sync.connection.transactions import commit_operations
from interactions_sdk.errors import BadRequestError, ConfigurationError, ConflictError
from interactions_sdk.identifiers import validate_id
from interactions_sdk.rules.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from interactions_sdk._sync.connection.connection import Connection

__all__ = ["Transaction"]

_MAX_ATTEMPTS = 4


class Transaction:
    """Writes to rows of any table, committed together at the end of the block.

    An exception in the block writes nothing. See `InteractionsClient.transaction`.
    """

    def __init__(
        self,
        connection: Connection,
        database_id: str,
        *,
        after_commit: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._database_id = database_id
        self._after_commit = after_commit
        self._operations: list[Operation] = []

    def create(self, table: str, row_id: str, data: Mapping[str, object]) -> None:
        """Stage a new row.

        Args:
            table: The table ID.
            row_id: The row's ID, chosen by you, so that a repeated block finds its own row.
            data: Its columns; `$permissions` sets the row's permissions. Without them, only an API
                key and roles with permissions on the table can read the row, not even the
                authenticated user.
        """
        self._add(Operation("create", table, row_id, data))

    def create_many(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Stage many new rows, each with its `$id`; they raise no Appwrite events.

        Args:
            table: The table ID.
            rows: Their columns, with the `$id` of each.

        Raises:
            ConfigurationError: The client is authenticated as a user, who can write only single
                rows.
        """
        self._connection.require_api_key("transaction().create_many")
        self._add(Operation("bulkCreate", table, None, rows))

    def update(self, table: str, row_id: str, data: Mapping[str, object]) -> None:
        """Stage a change of some columns of a row.

        Args:
            table: The table ID.
            row_id: The row ID.
            data: The columns to set; None clears one.
        """
        self._add(Operation("update", table, row_id, data))

    def delete(self, table: str, row_id: str) -> None:
        """Stage a row's deletion.

        Args:
            table: The table ID.
            row_id: The row ID.
        """
        self._add(Operation("delete", table, row_id))

    def _add(self, operation: Operation) -> None:
        if len(self._operations) == wire.MAX_OPERATIONS:
            message = f"A transaction can hold at most {wire.MAX_OPERATIONS} operations."
            raise BadRequestError(message, type="transaction_limit_exceeded")
        if operation.row_id is not None:
            validate_id(operation.row_id, "row id")
        self._operations.append(operation)

    def __enter__(self) -> Self:
        if self._operations:
            raise ConfigurationError(
                "A transaction can be used only once. Call transaction() again."
            )
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if exc_type is not None or not self._operations:
            return
        try:
            self._commit()
        finally:
            self._after_commit()

    def _commit(self) -> None:
        for _ in range(_MAX_ATTEMPTS - 1):
            with suppress(ConflictError):
                commit_operations(self._connection, self._database_id, self._operations)
                return
        commit_operations(self._connection, self._database_id, self._operations)
