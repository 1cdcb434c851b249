"""A transaction that was begun ahead, for a client whose creates come quickly."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SpareTransaction"]

_QUICKLY = 5.0
"""Seconds since the last commit within which another one is to be expected."""
_MAX_AGE = 10.0
"""Seconds after which a transaction is not used any more; Appwrite keeps it for five minutes."""


class SpareTransaction:
    """Keeps the ID of at most one transaction. Threads may share it.

    Args:
        timer: A clock that counts seconds.

    Example:
        >>> spare = SpareTransaction()
        >>> spare.reserve()  # no commit before this one
        False
        >>> spare.reserve(), spare.reserve()  # one is being begun already
        (True, False)
        >>> spare.keep("t1")
        >>> spare.release()
        >>> spare.take(), spare.take()
        ('t1', None)
    """

    def __init__(self, timer: Callable[[], float] = monotonic) -> None:
        self._timer = timer
        self._lock = Lock()
        self._committed_at: float | None = None
        self._kept: tuple[str, float] | None = None
        self._is_reserved = False

    def take(self) -> str | None:
        """Return the transaction, if there is one that is young enough."""
        with self._lock:
            kept, self._kept = self._kept, None
        return kept[0] if kept is not None and self._timer() - kept[1] <= _MAX_AGE else None

    def reserve(self) -> bool:
        """Return whether to begin one during this commit; if so, `release` has to follow."""
        now = self._timer()
        with self._lock:
            before, self._committed_at = self._committed_at, now
            comes_quickly = before is not None and now - before <= _QUICKLY
            if not comes_quickly or self._is_reserved or self._kept is not None:
                return False
            self._is_reserved = True
            return True

    def keep(self, transaction_id: str) -> None:
        """Keep a transaction that was begun."""
        self._kept = transaction_id, self._timer()

    def release(self) -> None:
        """End a reservation, whether a transaction was begun or not."""
        self._is_reserved = False
