"""Bounded, thread-safe caches with an expiry time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from cachetools import TTLCache

from interactions_sdk.arguments import describe
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

__all__ = ["Cache", "CustomerReadCache", "check_max_age"]

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Caches up to `size` values, those used last, for `ttl` seconds; with 0, it caches nothing."""

    def __init__(self, *, ttl: float, size: int, timer: Callable[[], float] = monotonic) -> None:
        self._values: TTLCache[K, V] = TTLCache(maxsize=size, ttl=ttl, timer=timer)
        self._lock = Lock()
        self._holds_nothing = not ttl

    def get(self, key: K) -> V | None:
        """Return the cached value, or None."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Cache a value."""
        if self._holds_nothing:
            return
        with self._lock:
            self._values[key] = value

    def discard(self, key: K) -> None:
        """Remove a value."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()


_MAX_READS_PER_CUSTOMER = 16
_MIN_AGE, _MAX_AGE = timedelta(seconds=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _CachedRead(Generic[V]):
    value: V
    at: float


def check_max_age(max_age: object) -> None:
    """Reject an age that Appwrite's list cache would reject.

    Raises:
        BadRequestError: It is less than a second or more than a day.
    """
    if max_age is None:
        return
    if not isinstance(max_age, timedelta) or not _MIN_AGE <= max_age <= _MAX_AGE:
        raise BadRequestError(
            "max_age must be a timedelta between 1 second and 24 hours, or None for no caching, "
            f"not {describe(max_age)}."
        )


class CustomerReadCache(Generic[V]):
    """Caches results about single customers until a write affects them: `crm.read_cache`.

    Attributes:
        hits: How many reads were answered from the cache.
        misses: How many had to be sent to the server.
    """

    def __init__(self, *, ttl: float, size: int, timer: Callable[[], float] = monotonic) -> None:
        self._ttl = ttl
        self._customers: Cache[str, Cache[Hashable, _CachedRead[V]]] = Cache(
            ttl=ttl, size=size, timer=timer
        )
        self._timer = timer
        self._lock = Lock()
        self.hits = 0
        self.misses = 0

    def for_customer(self, customer_id: str) -> Cache[Hashable, _CachedRead[V]]:
        """Return the cached reads about a customer.

        Get it before a read is sent: after a write to the customer, the result of a read in
        progress is stored in the old object, which is no longer used.
        """
        reads: Cache[Hashable, _CachedRead[V]] | None = self._customers.get(customer_id)
        if reads is None:
            reads = Cache(ttl=self._ttl, size=_MAX_READS_PER_CUSTOMER, timer=self._timer)
            self._customers.put(customer_id, reads)
        return reads

    def get(
        self, reads: Cache[Hashable, _CachedRead[V]], key: Hashable, max_age: timedelta
    ) -> V | None:
        """Return a result that is at most `max_age` old, or None."""
        read = reads.get(key)
        is_hit = read is not None and self._timer() - read.at <= max_age.total_seconds()
        with self._lock:
            self.hits += is_hit
            self.misses += not is_hit
        return read.value if is_hit and read is not None else None

    def put(
        self, reads: Cache[Hashable, _CachedRead[V]], key: Hashable, value: V, *, asked_at: float
    ) -> None:
        """Cache a result, with the time at which it was requested."""
        reads.put(key, _CachedRead(value, asked_at))

    @contextmanager
    def invalidate_after(self, *customer_ids: str) -> Generator[None]:
        """Remove the results about customers at the end of a block that writes to them."""
        try:
            yield
        finally:
            for customer_id in customer_ids:
                self._customers.discard(customer_id)

    def clear(self) -> None:
        """Forget everything."""
        self._customers.clear()
