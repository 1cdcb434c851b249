"""Committing several writes together or not at all.

A transaction is begun, its operations are staged once, counted, and committed. What makes this
safe in a failing network:

- staging without a response is never repeated, because a create that is staged twice conflicts with
  itself (transcript `transaction-one-winner`); a new transaction is begun instead;
- staged operations are counted before the commit, because after a rejected staging, a commit does
  nothing and is answered 200 (transcript `transaction-one-winner`);
- if a commit gets no response, the transaction's status shows the outcome.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk.concurrency import agather, asleep
from interactions_sdk.errors import (
    SESSION_ENDED,
    APIConnectionError,
    APIError,
    BadRequestError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
)
from interactions_sdk.rules.operations import Operation
from interactions_sdk.transport.retry import RetryPolicy, is_transient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.wire import TransactionState

__all__ = ["commit_operations", "id_exists"]

logger = logging.getLogger("interactions_sdk")

_MAX_ATTEMPTS = 4
_MAX_STATUS_CHECKS = 20
_PAUSE = 0.1
_ONCE = RetryPolicy(retries=0)
_MISSING_COLUMN = "thereIsNoSuchColumn"
_CONFLICTS_TO_BE_SURE = 2
"""Number of consecutive conflicts after which the conflict is real and not accidental."""
_INVALID_STRUCTURE = "document_invalid_structure"


async def commit_operations(
    connection: AsyncConnection,
    database_id: str,
    operations: Sequence[Operation],
    *,
    before_commit: Callable[[], Awaitable[None]] | None = None,
    begun: str | None = None,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Write all operations or none.

    Args:
        connection: The connection.
        database_id: The database.
        operations: 1 to 100 of them.
        before_commit: A final check between staging and commit; an error rolls the transaction
            back.
        begun: A transaction that was begun ahead; if Appwrite does not accept it, another is begun.
        meanwhile: Called during the commit; it must not raise.

    Raises:
        ConflictError: One of the rows was created or changed by someone else; nothing was written.
        NotFoundError: A row to change or delete is gone; nothing was written.
        APIError: Appwrite returned an error; nothing was written, unless `may_have_landed` is true.
        APIConnectionError: No response; `may_have_landed` says whether the commit may have been
            applied.
    """
    transaction_id = await _stage(connection, database_id, operations, begun)
    try:
        if before_commit is not None:
            await before_commit()
    except InteractionsError as error:
        await _roll_back(connection, transaction_id)
        error.may_have_landed = False
        raise
    await _commit(connection, transaction_id, meanwhile)


async def id_exists(connection: AsyncConnection, database_id: str, create: Operation) -> bool:
    """Return whether the ID of a new row is in use, even by a row that may not be read.

    Nothing is written: the row is staged, followed by one that is invalid for its table. So the
    commit always fails, with a conflict if the first row exists, and otherwise because the second
    is invalid (transcripts `transaction-commit` and `transaction-refusals`).

    Args:
        connection: The connection.
        database_id: The database.
        create: The create operation of the row.

    Raises:
        InteractionsError: The outcome is unknown.
    """
    impossible = {**create.columns, _MISSING_COLUMN: ""}
    behind = Operation("create", create.table, f"{create.row_id}.", impossible)
    conflicts = 0
    for attempts_left in reversed(range(_MAX_ATTEMPTS)):  # pragma: no branch - the last run ends it
        transaction_id = await _stage(connection, database_id, [create, behind])
        failure = await _expect_commit_failure(connection, transaction_id)
        if isinstance(failure, BadRequestError) and failure.type == _INVALID_STRUCTURE:
            return False
        conflicts += isinstance(failure, ConflictError)
        if conflicts == _CONFLICTS_TO_BE_SURE:
            return True
        if not attempts_left or not (conflicts or failure.may_have_landed):
            failure.may_have_landed = False
            raise failure
    raise AssertionError  # pragma: no cover - as above


async def _expect_commit_failure(
    connection: AsyncConnection, transaction_id: str
) -> InteractionsError:
    """Commit a transaction that must fail; if there is no response, do not ask again.

    The status of the transaction would show that it failed, but not why.
    """
    try:
        await connection.send(wire.commit_transaction(transaction_id))
    except InteractionsError as failure:
        return failure
    raise AssertionError(_MISSING_COLUMN)  # pragma: no cover - no table has such a column


async def _stage(
    connection: AsyncConnection,
    database_id: str,
    operations: Sequence[Operation],
    begun: str | None = None,
) -> str:
    """Stage in a new transaction, and in another one after each missing response."""
    for run in range(1, _MAX_ATTEMPTS + 1):
        transaction_id = begun or (await _begin(connection)).id
        try:
            staged = await connection.send(
                wire.stage_operations(transaction_id, database_id, operations)
            )
        except InteractionsError as error:
            if connection.is_user and _is_session_expired(error):
                raise _session_ended() from error
            await _roll_back(connection, transaction_id)
            is_outdated = begun is not None and _is_about_the_transaction(error)
            if run == _MAX_ATTEMPTS or not (is_transient(error) or is_outdated):
                error.may_have_landed = False
                raise
            begun = None
        else:
            if staged.operations == len(operations):
                return transaction_id
            await _roll_back(connection, transaction_id)
            message = f"Only {staged.operations} of {len(operations)} operations were staged."
            raise ServerError(message, may_have_landed=False)
    raise AssertionError  # pragma: no cover - the last run returns or raises


def _is_about_the_transaction(error: InteractionsError) -> bool:
    """Return whether a transaction is gone, expired or not pending any more."""
    return isinstance(error, APIError) and (error.type or "").startswith("transaction_")


def _is_session_expired(error: InteractionsError) -> bool:
    """Return whether a new transaction is not found, because guests have none."""
    return isinstance(error, NotFoundError) and error.type == "transaction_not_found"


def _session_ended() -> PermissionDeniedError:
    return PermissionDeniedError(
        "The transaction has no owner.", status_code=401, hint=SESSION_ENDED
    )


async def _begin(connection: AsyncConnection) -> TransactionState:
    try:
        return await connection.send(wire.begin_transaction())
    except InteractionsError as error:
        error.may_have_landed = False
        raise


async def _commit(
    connection: AsyncConnection,
    transaction_id: str,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> None:
    commit = partial(connection.send, wire.commit_transaction(transaction_id))
    try:
        await (commit() if meanwhile is None else agather(commit, meanwhile))
    except InteractionsError as error:
        if not error.may_have_landed:
            await _roll_back(connection, transaction_id)
            raise
        await _resolve_commit(connection, transaction_id, error)


async def _resolve_commit(
    connection: AsyncConnection, transaction_id: str, unanswered: InteractionsError
) -> None:
    """Find out the outcome of a commit that got no response, and finish it."""
    for _ in range(_MAX_STATUS_CHECKS):
        try:
            state = await connection.send(wire.get_transaction(transaction_id))
        except InteractionsError as error:
            raise unanswered from error
        if state.status == "committed":
            return
        if state.status == "failed":
            raise ConflictError(
                "The transaction failed, and nothing was written.",
                type="transaction_conflict",
                hint="Another request changed the same rows. Read them again and retry.",
            )
        if state.status == "pending" and await _retry_commit(connection, transaction_id):
            return
        await asleep(_PAUSE)
    raise unanswered


async def _retry_commit(connection: AsyncConnection, transaction_id: str) -> bool:
    """Commit once more; return False if the outcome is still unknown."""
    try:
        await connection.send(wire.commit_transaction(transaction_id))
    except InteractionsError as error:
        if error.may_have_landed or _is_not_ready(error):
            return False
        error.may_have_landed = is_transient(error) or isinstance(error, APIConnectionError)
        raise
    return True


def _is_not_ready(error: InteractionsError) -> bool:
    """Return whether a commit met its own earlier attempt (transcript `transaction-rollback`)."""
    return isinstance(error, BadRequestError) and error.type == "transaction_not_ready"


async def _roll_back(connection: AsyncConnection, transaction_id: str) -> None:
    """Try to roll back; otherwise, the transaction expires."""
    try:
        await connection.send(wire.roll_back_transaction(transaction_id), policy=_ONCE)
    except InteractionsError as error:
        logger.debug(
            "transaction left to expire: %s",
            type(error).__name__,
            extra={"interactions_sdk": {"failure": type(error).__name__}},
        )
