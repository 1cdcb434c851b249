"""Caches: expiry, size and concurrent use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest

from interactions_sdk import wire
from interactions_sdk.caching import Cache, CustomerReadCache, check_max_age
from interactions_sdk.errors import BadRequestError
from interactions_sdk.settings import Settings
from interactions_sdk.wire.tables import tables_for

MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def test_a_value_is_remembered_for_its_time() -> None:
    """A value is cached until it expires."""
    clock = Clock()
    cache: Cache[str, int] = Cache(ttl=10, size=5, timer=clock)
    cache.put("a", 1)
    clock.now += 9
    assert 1 == cache.get("a")
    clock.now += 1
    assert None is cache.get("a")


def test_the_least_recently_used_value_goes_first() -> None:
    """The size of the cache is limited."""
    cache: Cache[str, int] = Cache(ttl=60, size=2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)
    assert [1, None, 3] == [cache.get(key) for key in "abc"]


def test_values_can_be_forgotten() -> None:
    """One value, a missing one, or all values can be removed."""
    cache: Cache[str, int] = Cache(ttl=60, size=5)
    for key in "abc":
        cache.put(key, 1)
    cache.discard("a")
    cache.discard("z")
    assert [None, 1] == [cache.get(key) for key in "ab"]
    cache.clear()
    assert None is cache.get("b")


def test_without_a_time_nothing_is_remembered() -> None:
    """A time to live of 0 disables the cache."""
    cache: Cache[str, int] = Cache(ttl=0, size=5)
    cache.put("a", 1)
    assert None is cache.get("a")


def test_threads_may_use_it_at_once() -> None:
    """Concurrent use is safe, and the limit holds."""
    cache: Cache[int, int] = Cache(ttl=60, size=10)

    def use(number: int) -> int | None:
        for key in range(200):
            cache.put((key * number) % 37, key)
            cache.get(key % 37)
            cache.discard(key % 5)
        return None

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(1, 9)))
    assert sum(cache.get(key) is not None for key in range(37)) <= 10


def test_a_read_is_as_old_as_its_question() -> None:
    """The age counts from the request, not from the response."""
    clock = Clock()
    reads: CustomerReadCache[str] = CustomerReadCache(ttl=3600, size=5, timer=clock)
    clock.now += 30
    reads.put(reads.for_customer("c1"), "q", "answer", asked_at=0)
    clock.now += 30
    assert "answer" == reads.get(reads.for_customer("c1"), "q", MINUTE)
    clock.now += 1
    assert None is reads.get(reads.for_customer("c1"), "q", MINUTE)
    assert "answer" == reads.get(reads.for_customer("c1"), "q", 2 * MINUTE)
    assert (2, 1) == (reads.hits, reads.misses)


def test_a_customers_reads_are_forgotten_when_it_is_written_to() -> None:
    """A write removes the customer's cached reads even if it fails; those of others stay."""
    reads: CustomerReadCache[str] = CustomerReadCache(ttl=60, size=5)
    for customer_id in ("c1", "c2"):
        reads.put(reads.for_customer(customer_id), "q", customer_id, asked_at=monotonic())
    before = reads.for_customer("c1")
    with pytest.raises(ConnectionError), reads.invalidate_after("c1"):
        raise ConnectionError
    reads.put(before, "q", "overtaken", asked_at=monotonic())

    assert None is reads.get(reads.for_customer("c1"), "q", MINUTE)
    assert "c2" == reads.get(reads.for_customer("c2"), "q", MINUTE)
    reads.clear()
    assert None is reads.get(reads.for_customer("c2"), "q", MINUTE)


@pytest.mark.parametrize("age", [None, timedelta(seconds=1), timedelta(days=1)])
def test_ages_that_appwrite_takes(age: timedelta | None) -> None:
    """Ages from one second to a day, and None, are accepted."""
    check_max_age(age)


@pytest.mark.parametrize("age", [timedelta(), timedelta(seconds=0.9), timedelta(days=2), -MINUTE])
def test_ages_that_appwrite_refuses(age: timedelta) -> None:
    """Other ages are rejected."""
    with pytest.raises(BadRequestError, match="max_age"):
        check_max_age(age)


def test_appwrites_list_cache_is_asked_in_whole_seconds() -> None:
    """Without an age, the cache is not used."""
    table = tables_for(Settings()).interactions
    aged = wire.list_sequenced_rows(table, [], max_age=timedelta(seconds=90.7))
    assert aged.path.endswith("/rows?total=0&ttl=90")
    assert wire.list_rows(table, []).path.endswith("/rows?total=0")
