"""Async and sync versions of locks, sleeps and bounded maps, in pairs.

`scripts/unasync.py` turns the first name of each pair into the second.
"""

from __future__ import annotations

import inspect
import time
from collections import deque
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar, copy_context
from os import getpid
from threading import TIMEOUT_MAX, Event, Lock, Semaphore, Thread, get_ident, local
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Generator,
        Iterable,
        Iterator,
    )
    from concurrent.futures import Future, ThreadPoolExecutor

    import httpcore

__all__ = [
    "PREFETCH_FACTOR",
    "AsyncStopEvent",
    "PerEventLoop",
    "PerProcess",
    "StopEvent",
    "aevent",
    "agather",
    "alock",
    "amap_concurrent",
    "amaybe_await",
    "areceive",
    "asemaphore",
    "ashielded",
    "asleep",
    "event",
    "gather",
    "lock",
    "map_concurrent",
    "maybe_await",
    "receive",
    "semaphore",
    "shielded",
    "sleep",
]

T = TypeVar("T")
R = TypeVar("R")


async def asleep(seconds: float) -> None:
    """Wait without blocking the event loop."""
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


def asemaphore(number: int) -> anyio.Semaphore:
    """Return a semaphore for tasks."""
    return anyio.Semaphore(number, fast_acquire=True)


def semaphore(number: int) -> Semaphore:
    """Return a semaphore for threads."""
    return Semaphore(number)


def aevent() -> anyio.Event:
    """Return an event that tasks wait for."""
    return anyio.Event()


def event() -> Event:
    """Return an event that threads wait for."""
    return Event()


async def amaybe_await(function: Callable[[], object]) -> object:
    """Call a user's function, and await the result if it is awaitable."""
    result = function()
    return await result if inspect.isawaitable(result) else result


def maybe_await(function: Callable[[], object]) -> object:
    """Call a user's function."""
    return function()


async def ashielded(function: Callable[[], Awaitable[R]]) -> R:
    """Call a function in its own task, which anyio can shield from cancellation.

    anyio shields the code of httpx that returns a connection to the pool, but not a task that
    asyncio cancels: the connection would count as busy forever, until none is left.
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


def shielded(function: Callable[[], R]) -> R:
    """Call a function."""
    return function()


@asynccontextmanager
async def adeadline(seconds: float | None) -> AsyncGenerator[None]:
    """Raise a `TimeoutError` if a block takes longer."""
    with anyio.fail_after(seconds):
        yield


@contextmanager
def deadline(seconds: float | None) -> Generator[None]:
    """Limit the total time that a block may take to read from the network."""
    token = _deadline.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def alimit_reads(transport: object) -> None:
    """Do nothing, because a task is cancelled at its deadline."""


def limit_reads(transport: object) -> None:
    """Make an httpx transport observe the deadline of the block in which it is used."""
    pool = vars(transport)["_pool"]  # httpx accepts no network backend, httpcore does
    pool._network_backend = _LimitedBackend(pool._network_backend)  # noqa: SLF001 - see above


_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def _within_deadline(timeout: float | None) -> float | None:
    until = _deadline.get()
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left if timeout is None else min(left, timeout)


class _LimitedBackend:
    """A network backend of httpcore whose reads end at the deadline."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **options: Any) -> _LimitedStream:  # noqa: ANN401 - as the backend has them
        """Return a connection."""
        return _LimitedStream(self._backend.connect_tcp(*args, **options))


class _LimitedStream:
    """A connection whose reads end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, or raise a `TimeoutError` at the deadline."""
        left = _within_deadline(timeout)
        try:
            return self._stream.read(max_bytes, left)
        except Exception as error:
            until = _deadline.get()
            if until is not None and time.monotonic() >= until:
                raise TimeoutError from error
            raise

    def start_tls(self, *args: Any, **options: Any) -> _LimitedStream:  # noqa: ANN401 - as the stream has them
        """Return the connection, encrypted."""
        return _LimitedStream(self._stream.start_tls(*args, **options))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


async def agather(
    first: Callable[[], Awaitable[T]], second: Callable[[], Awaitable[R]]
) -> tuple[T, R]:
    """Call two functions concurrently, and return both results.

    If one fails, or the caller is cancelled, the other is cancelled too. The error of the function
    that failed first is raised.
    """
    results: tuple[list[T], list[R]] = ([], [])
    errors: list[Exception] = []

    async def call(function: Callable[[], Awaitable[T | R]], result: list[Any]) -> None:
        try:
            result.append(await function())
        except Exception as error:  # noqa: BLE001 - it is raised below, and not in a group
            errors.append(error)
            tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call, first, results[0])
        tasks.start_soon(call, second, results[1])
    if errors:
        raise errors[0]
    return results[0][0], results[1][0]


def gather(first: Callable[[], T], second: Callable[[], R]) -> tuple[T, R]:
    """Call two functions concurrently, the second in its own thread, and return both results.

    If one fails, the other is still awaited; an interruption, such as Ctrl-C, waits for nothing.
    The second function sees the same context variables. The error of the first function, or else of
    the second, is raised.
    """
    results: list[R] = []
    errors: list[Exception] = []

    def call() -> None:
        try:
            results.append(second())
        except Exception as error:  # noqa: BLE001 - it is raised below, in the caller's thread
            errors.append(error)

    thread = Thread(target=copy_context().run, args=(call,), daemon=True)
    thread.start()
    try:
        result = first()
    except Exception:
        thread.join()
        raise
    thread.join()
    if errors:
        raise errors[0]
    return result, results[0]


@asynccontextmanager
async def amap_concurrent(
    function: Callable[[T], Awaitable[R]], items: Iterable[T], max_concurrency: int
) -> AsyncGenerator[AsyncIterator[R]]:
    """Yield the result for each item, in order, with several calls in progress at once.

    As soon as a call ends, the next one begins, so a slow call delays no other until
    `PREFETCH_FACTOR` times as many results are waiting for its own. An item is taken when its call
    begins, so an endless iterable needs no more memory than a short one. If a call fails, the
    others continue, and its error is raised in its place. Calls in progress when the block is left
    are finished; if the block is cancelled, they are cancelled.
    """
    window = _BoundedMap(function, items, max(1, max_concurrency))
    fault: Exception | None = None
    async with anyio.create_task_group() as tasks:
        for _ in range(window.width):
            tasks.start_soon(window.work)
        try:
            yield window.results()
        except Exception as error:  # noqa: BLE001 - it is raised below, and not in a group
            fault = error
        window.close()
    if fault is not None:
        raise fault


PREFETCH_FACTOR = 2
"""While a slow call is awaited, at most this many times `max_concurrency` items are taken.

With more, more of a bulk write would have begun before the failure of its first part is known.
"""


class _BoundedMap(Generic[T, R]):
    """The items that were taken and whose results have not been yielded yet."""

    def __init__(
        self, function: Callable[[T], Awaitable[R]], items: Iterable[T], width: int
    ) -> None:
        self.width = width
        self._function = function
        self._items = iter(items)
        self._taken = 0
        self._is_over = False
        self._results: dict[int, R] = {}
        self._errors: dict[int, Exception] = {}
        self._room = anyio.Semaphore(width * PREFETCH_FACTOR)
        self._news = anyio.Event()

    async def work(self) -> None:
        """Call the function with one item after the other, whenever a result can be stored."""
        await self._room.acquire()
        while not self._is_over:
            await self._call_next()
            self._notify()
            await self._room.acquire()

    async def _call_next(self) -> None:
        place = self._taken
        try:
            item = next(self._items)
        except StopIteration:
            self._is_over = True
            return
        except Exception as error:  # noqa: BLE001 - it is raised when its turn comes
            self._is_over = True
            self._taken += 1
            self._errors[place] = error
            return
        self._taken += 1
        try:
            self._results[place] = await self._function(item)
        except Exception as error:  # noqa: BLE001 - it is raised when its turn comes
            self._errors[place] = error

    def _notify(self) -> None:
        self._news.set()
        self._news = anyio.Event()

    async def results(self) -> AsyncIterator[R]:
        """Yield the results in order, and start further calls."""
        place = 0
        while await self._is_done(place):
            self._room.release()
            if place in self._errors:
                raise self._errors.pop(place)
            yield self._results.pop(place)
            place += 1

    async def _is_done(self, place: int) -> bool:
        """Wait for the call at a position; return False if there is none."""
        while place not in self._results and place not in self._errors:
            if self._is_over and place >= self._taken:
                return False
            await self._news.wait()
        return True

    def close(self) -> None:
        """Stop taking items."""
        self._is_over = True
        for _ in range(self.width):
            self._room.release()


@contextmanager
def map_concurrent(
    function: Callable[[T], R], items: Iterable[T], max_concurrency: int
) -> Generator[Iterator[R]]:
    """Yield the result for each item, in order, with several calls in progress at once, in threads.

    An item is taken, in the thread that asks for results, when its call begins, so an endless
    iterable needs no more memory than a short one. If a call fails, the others continue, and its
    error is raised in its place. Calls in progress when the block is left, or interrupted, are
    finished first. Calls see the context variables of the thread that asks for results.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only for bulk work

    width = max(1, max_concurrency)
    with ThreadPoolExecutor(width, thread_name_prefix="interactions-sdk") as threads:
        yield _results_in_order(threads, width, function, items)


def _results_in_order(
    threads: ThreadPoolExecutor, width: int, function: Callable[[T], R], items: Iterable[T]
) -> Iterator[R]:
    remaining = iter(items)
    begun: deque[Future[R]] = deque()
    fault: Exception | None = None
    is_over = False
    while True:
        while not is_over and len(begun) < width:
            try:
                item = next(remaining)
            except StopIteration:
                is_over = True
            except Exception as error:  # noqa: BLE001 - it is raised when its turn comes
                fault, is_over = error, True
            else:
                begun.append(threads.submit(copy_context().run, function, item))
        if not begun:
            break
        yield begun.popleft().result()
    if fault is not None:
        raise fault


class PerEventLoop(local, Generic[T]):
    """A value that exists once per event loop and process.

    An event loop runs in one thread, and the value of a loop that has ended cannot be used by the
    next.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept: tuple[object, T] | None = None

    def get(self) -> T:
        """Return the value of the running event loop."""
        home = getpid(), anyio.lowlevel.current_token()
        if self._kept is None or self._kept[0] != home:
            self._kept = home, self._make()
        return self._kept[1]


class PerProcess(Generic[T]):
    """A value that exists once per process, shared by its threads."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept = getpid(), make()  # otherwise, threads that begin at once would make one each

    def get(self) -> T:
        """Return the value of this process."""
        home, kept = self._kept
        if home != getpid():
            home, kept = self._kept = getpid(), self._make()
        return kept


class AsyncStopEvent:
    """An event that is set once, from any task or thread, and that one task waits for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_set = False
        self._event: anyio.Event | None = None
        self._thread = 0
        self._loop: anyio.lowlevel.EventLoopToken | None = None

    @property
    def is_set(self) -> bool:
        """Whether it was set."""
        return self._is_set

    def set(self) -> None:
        """Set it; the waiting task continues."""
        with self._lock:
            self._is_set = True
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
            if self._is_set:
                return
            if self._event is None:
                self._event, self._thread = anyio.Event(), get_ident()
                self._loop = anyio.lowlevel.current_token()
        with anyio.move_on_after(seconds):
            await self._event.wait()


class StopEvent:
    """An event that is set once, from any thread, and that one thread waits for."""

    def __init__(self) -> None:
        self._event = Event()

    @property
    def is_set(self) -> bool:
        """Whether it was set."""
        return self._event.is_set()

    def set(self) -> None:
        """Set it; the waiting thread continues."""
        self._event.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is given, or for so many seconds."""
        # A server may request a longer wait than a thread supports.
        self._event.wait(None if seconds is None else min(seconds, TIMEOUT_MAX))


class AsyncReceives(Protocol):
    """A websocket as a task reads it."""

    async def recv(self) -> str | bytes:
        """Return the next message."""
        ...


class Receives(Protocol):
    """A websocket as a thread reads it."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        """Return the next message."""
        ...


_LOOKED_UP_EVERY = 0.1


async def areceive(
    websocket: AsyncReceives, seconds: float, stopped: AsyncStopEvent
) -> str | bytes | None:
    """Return the next message; None after so many seconds without, or when it is to stop.

    Raises:
        Exception: What the websocket raises when it is closed.
    """
    messages: list[str | bytes] = []
    errors: list[Exception] = []
    # Each of the two ends the other; the task that waits for them is not cancelled.
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


def receive(websocket: Receives, seconds: float, stopped: StopEvent) -> str | bytes | None:
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
            if stopped.is_set or remaining <= _LOOKED_UP_EVERY:
                return None
