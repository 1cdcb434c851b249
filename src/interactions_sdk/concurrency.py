"""What waits, in pairs: an asynchronous half, and the synchronous one that replaces it.

`scripts/unasync.py` turns the first name of each pair into the second.
"""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

__all__ = ["amap_in_flight", "asleep", "map_in_flight", "sleep"]

T = TypeVar("T")
R = TypeVar("R")


async def asleep(seconds: float) -> None:
    """Wait without holding up the event loop."""
    await anyio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


async def amap_in_flight(
    function: Callable[[T], Awaitable[R]], items: Iterable[T], in_flight: int
) -> AsyncIterator[R]:
    """Yield the result for each item, in order, with so many calls under way at once.

    Items are taken only as calls end, so an endless iterable needs no more memory than a short one.

    Args:
        function: What to call.
        items: What to call it with.
        in_flight: How many calls are under way at most.
    """
    results: list[R | None]
    remaining = iter(items)
    while batch := list(islice(remaining, in_flight)):
        results = [None] * len(batch)
        async with anyio.create_task_group() as tasks:
            for place, item in enumerate(batch):
                tasks.start_soon(_fill, results, place, function, item)
        for result in results:
            yield result  # type: ignore[misc]


async def _fill(
    results: list[R | None], place: int, function: Callable[[T], Awaitable[R]], item: T
) -> None:
    results[place] = await function(item)


def map_in_flight(
    function: Callable[[T], R],
    items: Iterable[T],
    in_flight: int,  # noqa: ARG001 - the pair's
) -> Iterator[R]:
    """Yield the result for each item, in order, one after the other."""
    return map(function, items)
