"""What waits, in pairs: an asynchronous half, and the synchronous one that replaces it.

`scripts/unasync.py` turns the first name of each pair into the second.
"""

from __future__ import annotations

import inspect
import time
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

__all__ = [
    "acalled",
    "alock",
    "amap_in_flight",
    "asheltered",
    "asleep",
    "called",
    "lock",
    "map_in_flight",
    "sheltered",
    "sleep",
]

T = TypeVar("T")
R = TypeVar("R")


async def asleep(seconds: float) -> None:
    """Wait without holding up the event loop."""
    await anyio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def alock() -> anyio.Lock:
    """Return a lock for tasks."""
    return anyio.Lock()


def lock() -> Lock:
    """Return a lock for threads."""
    return Lock()


async def acalled(function: Callable[[], object]) -> object:
    """Call a function of a user's, and await what it returns where that is to be awaited."""
    result = function()
    return await result if inspect.isawaitable(result) else result


def called(function: Callable[[], object]) -> object:
    """Call a function of a user's."""
    return function()


async def asheltered(function: Callable[[], Awaitable[R]]) -> R:
    """Call something in a task of its own, which anyio can shield from a cancellation.

    What httpx does to give a connection back is shielded by anyio. A task that asyncio cancels is
    not: the connection would count as busy for ever, and in the end the pool has no other.

    Args:
        function: What to call.
    """
    results: list[R] = []
    errors: list[Exception] = []

    async def call() -> None:
        try:
            results.append(await function())
        except Exception as error:  # noqa: BLE001 - it is raised below, and not in a group
            errors.append(error)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
    if errors:
        raise errors[0]
    return results[0]


def sheltered(function: Callable[[], R]) -> R:
    """Call something."""
    return function()


async def amap_in_flight(
    function: Callable[[T], Awaitable[R]], items: Iterable[T], in_flight: int
) -> AsyncIterator[R]:
    """Yield the result for each item, in order, with so many calls under way at once.

    Items are taken only as calls end, so an endless iterable needs no more memory than a short one.
    A call that fails disturbs none of its neighbours: its error is raised in its place.

    Args:
        function: What to call.
        items: What to call it with.
        in_flight: How many calls are under way at most, 1 or more.
    """
    remaining = iter(items)
    while batch := list(islice(remaining, max(1, in_flight))):
        results: dict[int, R] = {}
        errors: dict[int, Exception] = {}
        async with anyio.create_task_group() as tasks:
            for place, item in enumerate(batch):
                tasks.start_soon(_settle, function, item, place, results, errors)
        for place in range(len(batch)):
            if place in errors:
                raise errors[place]
            yield results[place]


async def _settle(
    function: Callable[[T], Awaitable[R]],
    item: T,
    place: int,
    results: dict[int, R],
    errors: dict[int, Exception],
) -> None:
    try:
        results[place] = await function(item)
    except Exception as error:  # noqa: BLE001 - it is raised when its turn comes
        errors[place] = error


def map_in_flight(
    function: Callable[[T], R],
    items: Iterable[T],
    in_flight: int,  # noqa: ARG001 - the pair's
) -> Iterator[R]:
    """Yield the result for each item, in order, one after the other."""
    return map(function, items)
