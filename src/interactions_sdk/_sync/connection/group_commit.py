# Generated from src/interactions_sdk/_async/connection/group_commit.py by scripts/unasync.py; do not edit.
"""Committing the creates of concurrent callers together.

In a commit, the operations take less time than everything around them: four database transactions,
and the requests before it. So callers that would only wait for the server share a transaction. A
transaction is also begun ahead while another one is committed, if creates come quickly.
"""

from __future__ import annotations

import copy
import logging
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import read_by_ids
from interactions_sdk._sync.connection.transactions import commit_operations
from interactions_sdk.concurrency import PerProcess, event
from interactions_sdk.errors import InteractionsError, mark_possibly_applied
from interactions_sdk.models.row import Row
from interactions_sdk.transport.commit_queue import CommitQueue, Submission
from interactions_sdk.transport.retry import RetryPolicy, is_transient
from interactions_sdk.transport.spare_transaction import SpareTransaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.rules.operations import Operation
    from interactions_sdk.wire import Table

__all__ = ["GroupCommit"]

RowT = TypeVar("RowT", bound=Row)

logger = logging.getLogger("interactions_sdk")

_MAX_LEADERS = 2
"""Number of transactions in progress at once; more gain nothing on a server with two cores."""
_ONCE = RetryPolicy(retries=0)

_is_leading: ContextVar[bool] = ContextVar("is_leading", default=False)


class GroupCommit(Generic[RowT]):
    """Commits creates, those of several callers in one transaction if many come at once.

    Args:
        connection: The connection.
        table: The table whose new rows are read back.
    """

    def __init__(self, connection: Connection, table: Table[RowT]) -> None:
        self._connection = connection
        self._table = table
        self._queues = PerProcess(_make_queue)
        self._spares = PerProcess(SpareTransaction)

    def commit(self, operations: Sequence[Operation], row_id: str) -> RowT | None:
        """Write all operations or none; it does not matter to them whether others are written too.

        If a transaction of several callers fails and nothing was written, each of them commits its
        own operations.

        Args:
            operations: 1 to 100 creates, which do not depend on those of other callers.
            row_id: The new row of the table.

        Returns:
            The row, if it was read together with the rows of others.

        Raises:
            InteractionsError: As `commit_operations` raises it.
        """
        if _is_leading.get():  # a hook, which would wait for the commit that waits for it
            self._commit_alone(operations)
            return None
        queue = self._queues.get()
        turn = event()
        submission = Submission[RowT](operations, row_id, turn.set)
        queue.join(submission)
        if not submission.leads:
            try:
                turn.wait()
            except BaseException:
                queue.withdraw(submission)
                raise
        if submission.leads:
            self._lead(queue, submission)
        elif submission.error is not None:
            raise submission.error
        if not submission.is_committed:
            with mark_possibly_applied(applied=submission.may_be_committed):
                self._commit_alone(operations)
        return submission.row

    def _commit_alone(self, operations: Sequence[Operation]) -> None:
        commit_operations(self._connection, self._table.database_id, operations)

    def _lead(self, queue: CommitQueue[RowT], leader: Submission[RowT]) -> None:
        """Commit the operations of a caller and of all who wait, unless that is impossible."""
        followers = queue.take_followers(leader)
        group = [leader, *followers]
        try:
            try:
                self._commit_group([each for member in group for each in member.operations])
            finally:
                queue.leave()
            for member in group:
                member.is_committed = True
            if followers:
                self._read_back(group)
        except InteractionsError as error:
            if not followers or error.may_have_landed or is_transient(error):
                for follower in followers:
                    follower.error = _copy(error)
                raise
        except BaseException:
            for follower in followers:
                follower.may_be_committed = True
            raise
        finally:
            for follower in followers:
                follower.notify()

    def _read_back(self, group: Sequence[Submission[RowT]]) -> None:
        """Read the rows of a group; if this fails, each caller reads its own."""
        try:
            rows = read_by_ids(self._connection, self._table, [member.row_id for member in group])
        except InteractionsError as error:
            logger.debug(
                "new rows are read one by one: %s",
                type(error).__name__,
                extra={"interactions_sdk": {"failure": type(error).__name__}},
            )
            return
        by_id = {row.id: row for row in rows}
        for member in group:
            member.row = by_id.get(member.row_id)

    def _commit_group(self, operations: Sequence[Operation]) -> None:
        spare = self._spares.get()
        begun = spare.take()
        may_begin_ahead = self._connection.uses_network and not self._connection.is_user
        begins_next = may_begin_ahead and spare.reserve()
        token = _is_leading.set(True)
        try:
            commit_operations(
                self._connection,
                self._table.database_id,
                operations,
                begun=begun,
                meanwhile=partial(self._begin_next, spare) if begins_next else None,
            )
        finally:
            _is_leading.reset(token)
            if begins_next:
                spare.release()

    def _begin_next(self, spare: SpareTransaction) -> None:
        """Begin the next transaction while this one is committed; a failure does not matter."""
        try:
            begun = self._connection.send(wire.begin_transaction(), policy=_ONCE)
        except InteractionsError as error:
            logger.debug(
                "no transaction was begun ahead: %s",
                type(error).__name__,
                extra={"interactions_sdk": {"failure": type(error).__name__}},
            )
        else:
            spare.keep(begun.id)


def _make_queue() -> CommitQueue[Any]:
    return CommitQueue(max_leaders=_MAX_LEADERS, max_operations=wire.MAX_OPERATIONS)


def _copy(error: InteractionsError) -> InteractionsError:
    """Return an error for another caller, which may add notes of its own."""
    own = copy.copy(error)
    own.__notes__ = list(getattr(error, "__notes__", ()))
    return own
