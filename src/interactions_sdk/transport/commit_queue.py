"""Which of the concurrent callers commit now, and whose operations they take along.

A few callers lead at once, each with a transaction of its own. Whoever comes while they are busy
waits; the next leader commits for all who wait by then. Databases call this a group commit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from interactions_sdk.models.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from interactions_sdk.errors import InteractionsError
    from interactions_sdk.rules.operations import Operation

__all__ = ["CommitQueue", "Submission"]

RowT = TypeVar("RowT", bound=Row)


@dataclass(slots=True, eq=False)
class Submission(Generic[RowT]):
    """The operations of one caller, and the outcome of their commit.

    Attributes:
        operations: The operations.
        row_id: The row that the caller reads back afterwards.
        notify: Wakes the caller up, once it leads or another caller has tried to commit for it.
        leads: Whether the caller is to commit.
        is_committed: Whether the operations are committed.
        may_be_committed: Whether another caller was interrupted while it committed them.
        row: The row, if another caller has read it.
        error: Why another caller could not commit them; None without such a caller, and if the
            operations should be committed alone.
    """

    operations: Sequence[Operation]
    row_id: str
    notify: Callable[[], object] = field(repr=False)
    leads: bool = False
    is_committed: bool = False
    may_be_committed: bool = False
    row: RowT | None = None
    error: InteractionsError | None = None


class CommitQueue(Generic[RowT]):
    """The callers that wait, first come, first served. Threads may share a queue.

    Args:
        max_leaders: Maximum number of callers that lead at once, 1 or more.
        max_operations: Maximum number of operations in one transaction.

    Example:
        >>> queue = CommitQueue(max_leaders=1, max_operations=100)
        >>> first, second, third = (Submission([], row_id, print) for row_id in "abc")
        >>> queue.join(first)
        >>> queue.join(second), queue.join(third)
        (None, None)
        >>> first.leads, second.leads, third.leads
        (True, False, False)
        >>> queue.leave()
        <BLANKLINE>
        >>> second.leads, queue.take_followers(second) == [third]
        (True, True)
    """

    def __init__(self, *, max_leaders: int, max_operations: int) -> None:
        self._free = max_leaders
        self._max_operations = max_operations
        self._waiting: deque[Submission[RowT]] = deque()
        self._lock = Lock()

    def join(self, submission: Submission[RowT]) -> None:
        """Let a caller lead, or else wait."""
        with self._lock:
            if self._free:
                self._free -= 1
                submission.leads = True
            else:
                self._waiting.append(submission)

    def take_followers(self, leader: Submission[RowT]) -> list[Submission[RowT]]:
        """Remove those who wait from the queue, as far as their operations fit the transaction."""
        followers: list[Submission[RowT]] = []
        room = self._max_operations - len(leader.operations)
        with self._lock:
            while self._waiting and len(self._waiting[0].operations) <= room:
                room -= len(self._waiting[0].operations)
                followers.append(self._waiting.popleft())
        return followers

    def leave(self) -> None:
        """End the turn of a leader; whoever has waited longest leads next."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            successor = self._waiting.popleft()
            successor.leads = True
        successor.notify()

    def withdraw(self, submission: Submission[RowT]) -> None:
        """Forget a caller that was interrupted while it waited."""
        with self._lock:
            if submission in self._waiting:
                self._waiting.remove(submission)
        if submission.leads:
            self.leave()
