"""A pool of idle connections, between one request and the next."""

from __future__ import annotations

from collections import deque
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["IdlePool"]

T = TypeVar("T")


class IdlePool(Generic[T]):
    """Keeps idle connections for some seconds; the most recently used one is reused first.

    So no more are kept than were recently in use at the same time. Threads may share a pool.

    Example:
        >>> idle = IdlePool[str](seconds=30)
        >>> idle.release("first"), idle.release("second")
        ([], [])
        >>> idle.acquire(), idle.acquire(), idle.acquire()
        ('second', 'first', None)
    """

    def __init__(self, *, seconds: float, timer: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._timer = timer
        self._waiting: deque[tuple[T, float]] = deque()
        self._lock = Lock()
        self._is_closed = False

    def acquire(self) -> T | None:
        """Return the most recently used connection, or None if none is idle."""
        with self._lock:
            return self._waiting.pop()[0] if self._waiting else None

    def release(self, thing: T) -> list[T]:
        """Keep a connection, and return those to close because they have been idle for too long."""
        now = self._timer()
        with self._lock:
            if self._is_closed:
                return [thing]
            expired: list[T] = []
            while self._waiting and self._waiting[0][1] <= now - self._seconds:
                expired.append(self._waiting.popleft()[0])
            self._waiting.append((thing, now))
            return expired

    def close(self) -> list[T]:
        """Keep no more connections, and return all that have to be closed."""
        with self._lock:
            self._is_closed = True
            waiting = [thing for thing, _ in self._waiting]
            self._waiting.clear()
            return waiting
