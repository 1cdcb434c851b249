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
    """Keeps what nobody uses for some seconds; what was used last is used first.

    So no more are kept than were lately in use at once. Threads may share one.

    Args:
        seconds: How long something waits at most.
        timer: A clock that counts seconds.

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
        """Return what was used last, or None where nothing waits."""
        with self._lock:
            return self._waiting.pop()[0] if self._waiting else None

    def release(self, thing: T) -> list[T]:
        """Keep something, and return what is to be closed: it has waited for too long."""
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
        """Keep nothing from now on, and return all that is to be closed."""
        with self._lock:
            self._is_closed = True
            waiting = [thing for thing, _ in self._waiting]
            self._waiting.clear()
            return waiting
