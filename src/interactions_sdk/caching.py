"""A bounded memory that forgets by itself and can be used from several threads."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from cachetools import TTLCache

__all__ = ["Cache"]

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Remembers values for some seconds.

    Args:
        ttl: Seconds; 0 remembers nothing.
        size: How many values at most; the least recently used go first.
    """

    def __init__(self, *, ttl: float, size: int) -> None:
        self._values: TTLCache[K, V] = TTLCache(maxsize=size, ttl=ttl, timer=monotonic)
        self._lock = Lock()
        self._holds_nothing = not ttl
        self.hits = 0
        self.misses = 0

    def get(self, key: K) -> V | None:
        """Return what is remembered, or None."""
        with self._lock:
            value = self._values.get(key)
            if value is None:
                self.misses += 1
            else:
                self.hits += 1
            return value

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        if self._holds_nothing:
            return
        with self._lock:
            self._values[key] = value

    def drop(self, key: K) -> None:
        """Forget a value."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
