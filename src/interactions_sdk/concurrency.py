"""What waits, in pairs: an asynchronous half, and the synchronous one that replaces it.

`scripts/unasync.py` turns the first name of each pair into the second.
"""

from __future__ import annotations

import inspect
import time
from contextlib import suppress
from itertools import islice
from threading import Event, Lock, get_ident
from typing import TYPE_CHECKING, Protocol, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

__all__ = [
    "AsyncSignal",
    "Signal",
    "acalled",
    "alock",
    "amap_in_flight",
    "areceived",
    "asheltered",
    "asleep",
    "called",
    "lock",
    "map_in_flight",
    "received",
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


class AsyncSignal:
    """Something that is given once, from any task or thread, and that one task waits for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_given = False
        self._event: anyio.Event | None = None
        self._thread = 0
        self._loop: anyio.lowlevel.EventLoopToken | None = None

    @property
    def is_given(self) -> bool:
        """Whether it was given."""
        return self._is_given

    def give(self) -> None:
        """Give it; the task that waits goes on."""
        with self._lock:
            self._is_given = True
            event = self._event
        if event is None:
            return
        if self._thread == get_ident():
            event.set()
            return
        with suppress(RuntimeError):  # the event loop has ended, so nobody waits
            anyio.from_thread.run_sync(event.set, token=self._loop)

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until it is given, or for so many seconds."""
        with self._lock:
            if self._is_given:
                return
            if self._event is None:
                self._event, self._thread = anyio.Event(), get_ident()
                self._loop = anyio.lowlevel.current_token()
        with anyio.move_on_after(seconds):
            await self._event.wait()


class Signal:
    """Something that is given once, from any thread, and that one thread waits for."""

    def __init__(self) -> None:
        self._event = Event()

    @property
    def is_given(self) -> bool:
        """Whether it was given."""
        return self._event.is_set()

    def give(self) -> None:
        """Give it; the thread that waits goes on."""
        self._event.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is given, or for so many seconds."""
        self._event.wait(seconds)


class AsyncReceiver(Protocol):
    """A websocket as a task reads it."""

    async def recv(self) -> str | bytes:
        """Return the next message."""
        ...


class Receiver(Protocol):
    """A websocket as a thread reads it."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        """Return the next message."""
        ...


_LOOKED_UP_EVERY = 0.1


async def areceived(
    websocket: AsyncReceiver, seconds: float, stopped: AsyncSignal
) -> str | bytes | None:
    """Return the next message; None after so many seconds without, or when it is to stop.

    Raises:
        Exception: What the websocket raises when it is closed.
    """
    messages: list[str | bytes] = []
    errors: list[Exception] = []
    # Each of the two ends the other; what waits for them is not cancelled, so that it goes on.
    listening, waiting = anyio.CancelScope(), anyio.CancelScope()

    async def listen() -> None:
        with listening:
            try:
                messages.append(await websocket.recv())
            except Exception as error:  # noqa: BLE001 - it is raised below, and not in a group
                errors.append(error)
        waiting.cancel()

    async def wait() -> None:
        with waiting:
            await stopped.wait(seconds)
        listening.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        tasks.start_soon(wait)
    if errors:
        raise errors[0]
    return messages[0] if messages else None


def received(websocket: Receiver, seconds: float, stopped: Signal) -> str | bytes | None:
    """Return the next message; None after so many seconds without, or when it is to stop.

    Raises:
        Exception: What the websocket raises when it is closed.
    """
    until = time.monotonic() + seconds
    while True:
        remaining = max(0.0, until - time.monotonic())
        try:
            return websocket.recv(timeout=min(remaining, _LOOKED_UP_EVERY))
        except TimeoutError:
            if stopped.is_given or remaining <= _LOOKED_UP_EVERY:
                return None
