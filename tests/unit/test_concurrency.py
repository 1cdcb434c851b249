from __future__ import annotations

import asyncio
import gc
from contextlib import AbstractAsyncContextManager, suppress
from contextvars import ContextVar
from functools import partial
from itertools import count, islice
from threading import Barrier, Thread, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import anyio
import anyio.lowlevel
import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from interactions_sdk import (
    AsyncInteractionsClient,
    InteractionsClient,
    RetryPolicy,
    Settings,
)
from interactions_sdk.concurrency import (
    PREFETCH_FACTOR,
    AsyncStopEvent,
    StopEvent,
    _within_deadline,
    agather,
    amap_concurrent,
    areceive,
    ashielded,
    asleep,
    deadline,
    gather,
    map_concurrent,
    receive,
    shielded,
    sleep,
)
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded_setup import start_embedded_server
from tests.waiting import LIMIT, join

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from interactions_sdk.embedded.http_server import RunningServer

pytestmark = pytest.mark.anyio
UNVERIFIED = Settings(verify_users=False)


class Gauge:
    """Calls that take some time, and count how many are running."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.done: list[int] = []

    async def call(self, item: int) -> str:
        """Wait, less for greater items, and return the item as text."""
        self.now += 1
        self.most = max(self.most, self.now)
        await anyio.sleep(0.001 * (5 - item % 5))
        self.now -= 1
        self.done.append(item)
        return str(item)


async def collected(under_way: AbstractAsyncContextManager[AsyncIterator[Any]]) -> list[Any]:
    """Return all results."""
    async with under_way as results:
        return [result async for result in results]


@pytest.mark.parametrize("items", [0, 1, 2, 3, 4, 5, 7, 20])
@pytest.mark.parametrize("in_flight", [1, 2, 3, 4, 50])
async def test_order_is_kept_and_nothing_lost(items: int, in_flight: int) -> None:
    """Each item has one result, in its position, whatever finishes first."""
    gauge = Gauge()

    results = await collected(amap_concurrent(gauge.call, range(items), in_flight))

    assert [str(item) for item in range(items)] == results
    assert sorted(gauge.done) == list(range(items))
    assert gauge.most <= in_flight


async def test_calls_are_under_way_at_once() -> None:
    """Several calls are in progress at the same time."""
    gauge = Gauge()

    await collected(amap_concurrent(gauge.call, range(12), 4))

    assert 4 == gauge.most


async def test_the_next_call_begins_when_any_ends() -> None:
    """A slow call does not delay other calls; only their results wait for it."""
    first_may_end = anyio.Event()
    done: list[int] = []

    async def call(item: int) -> int:
        if item == 0:
            with anyio.fail_after(LIMIT):
                await first_may_end.wait()
        done.append(item)
        if len(done) == 8 * PREFETCH_FACTOR - 1:
            first_may_end.set()
        return item

    assert list(range(99)) == await collected(amap_concurrent(call, range(99), 8))
    assert 8 * PREFETCH_FACTOR - 1 == done.index(0)


async def test_items_are_not_taken_ahead() -> None:
    """Few more items are taken than are in progress, so memory stays constant."""
    taken = 0
    most_ahead = 0
    given = 0

    def items() -> Iterator[int]:
        nonlocal taken, most_ahead
        for number in count():
            taken += 1
            most_ahead = max(most_ahead, taken - given)
            yield number

    gauge = Gauge()
    async with amap_concurrent(gauge.call, items(), 3) as results:
        async for _ in results:
            given += 1
            await anyio.lowlevel.checkpoint()
            if given == 100:
                break

    assert 3 == gauge.most
    assert most_ahead <= 3 * PREFETCH_FACTOR + 1


@pytest.mark.unmeasured
async def test_ten_thousand_queued_calls_hold_few_results() -> None:
    """If results are not consumed, calls wait until their results can be stored."""
    alive: WeakSet[Result] = WeakSet()
    most = 0

    class Result:
        """An object that can be counted."""

    async def call(_: int) -> Result:
        nonlocal most
        await anyio.lowlevel.checkpoint()
        result = Result()
        alive.add(result)
        most = max(most, len(alive))
        return result

    given = 0
    async with amap_concurrent(call, range(10_000), 64) as results:
        async for _ in results:
            given += 1

    assert 10_000 == given
    assert 64 <= most <= 64 * PREFETCH_FACTOR + 2


async def test_what_is_under_way_ends_when_the_block_is_left() -> None:
    """A call that has started is completed when the block is left."""
    gauge = Gauge()

    async with amap_concurrent(gauge.call, count(), 4) as results:
        assert "0" == await anext(results)
    begun = len(gauge.done)

    assert 0 == gauge.now
    await anyio.sleep(0.01)
    assert begun == len(gauge.done)


async def test_what_is_under_way_is_cancelled_with_the_block() -> None:
    """If the block is cancelled, all its calls are, too."""
    gauge = Gauge()

    with anyio.move_on_after(0.02) as scope:
        async with amap_concurrent(gauge.call, count(), 4) as results:
            async for _ in results:
                if len(gauge.done) > 8:
                    await anyio.sleep_forever()
    begun = len(gauge.done)
    await anyio.sleep(0.01)

    assert scope.cancelled_caught
    assert begun == len(gauge.done)


async def test_a_failure_is_raised_in_its_place() -> None:
    """Earlier results come first, then the error; other calls are completed."""
    gauge = Gauge()

    async def call(item: int) -> str:
        if item == 1:
            raise KeyError(item)
        return await gauge.call(item)

    with pytest.raises(KeyError, match="1"):
        async with amap_concurrent(call, range(4), 4) as results:
            assert "0" == await anext(results)
            await anext(results)

    assert [0, 2, 3] == sorted(gauge.done)


async def test_the_input_s_failure_is_raised() -> None:
    """An error of the iterable is raised."""

    def items() -> Iterator[int]:
        yield 1
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        await collected(amap_concurrent(Gauge().call, items(), 2))


async def test_none_in_flight_is_one() -> None:
    """A limit of 0 is treated as 1."""
    assert ["0", "1"] == await collected(amap_concurrent(Gauge().call, range(2), 0))


def test_the_synchronous_half_does_the_same() -> None:
    """Order, limit and errors are those of the asynchronous version."""
    taken: list[int] = []

    def double(item: int) -> int:
        if item == 3:
            raise KeyError(item)
        taken.append(item)
        return item * 2

    function: Callable[[int], int] = double
    endless: Iterable[int] = count()
    with map_concurrent(function, endless, 4) as results:
        assert [0, 2] == list(islice(results, 2))
        assert {0, 1} <= set(taken) <= {0, 1, 2, 4}
        assert 4 == next(results)
        with pytest.raises(KeyError, match="3"):
            next(results)


async def test_sleeping() -> None:
    """Both versions wait for the given time."""
    began = monotonic()
    await asleep(0.02)
    sleep(0.02)

    assert monotonic() - began >= 0.039


async def test_what_is_sheltered_ends_as_it_would() -> None:
    """A shielded call returns its result or raises its error, in both versions."""

    async def divide(by: int) -> float:
        await asleep(0)
        return 1 / by

    assert 0.5 == await ashielded(lambda: divide(2))
    assert 0.5 == shielded(lambda: 1 / 2)
    with pytest.raises(ZeroDivisionError):
        await ashielded(lambda: divide(0))


def test_threads_are_in_progress_at_once_and_results_come_in_order() -> None:
    """Items are taken as calls begin; errors of calls and of the input are raised in order."""
    together = Barrier(3)
    with map_concurrent(lambda item: (together.wait(5), item)[1], count(), 3) as results:
        assert [0, 1, 2] == list(islice(results, 3))
        together.abort()

    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(4):
            taken.append(item)
            yield item
        raise OSError("the disk is gone")

    with map_concurrent(lambda item: 6 // (2 - item), items(), 2) as results:
        assert [3, 6] == [next(results), next(results)]
        assert [0, 1, 2] == taken
        with pytest.raises(ZeroDivisionError):
            next(results)
    with map_concurrent(str, items(), 2) as texts:
        assert ["0", "1", "2", "3"] == list(islice(texts, 4))
        with pytest.raises(OSError, match="the disk is gone"):
            next(texts)


async def test_two_calls_at_once() -> None:
    """Each waits for the other, so both must be in progress, and both results are returned."""
    events, threads = (anyio.Event(), anyio.Event()), Barrier(2)

    async def meet(own: int) -> int:
        events[own].set()
        with anyio.fail_after(LIMIT):
            await events[1 - own].wait()
        return own

    assert (0, 1) == await agather(lambda: meet(0), lambda: meet(1))
    assert sorted(gather(partial(threads.wait, 5), partial(threads.wait, 5))) == [0, 1]


async def test_what_fails_of_two_calls_is_raised() -> None:
    """The other call is cancelled or, in threads, awaited; the error is not a group."""
    cancelled: list[bool] = []

    async def wait() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.append(True)

    async def fail() -> None:
        raise KeyError("first")

    with pytest.raises(KeyError):
        await agather(fail, wait)
    with pytest.raises(KeyError):
        await agather(wait, fail)
    assert [True, True] == cancelled

    def raise_(error: Exception) -> None:
        raise error

    with pytest.raises(KeyError):
        gather(partial(raise_, KeyError()), partial(raise_, ValueError()))
    with pytest.raises(ValueError, match="second"):
        gather(lambda: None, partial(raise_, ValueError("second")))


async def test_two_calls_that_are_cancelled_leave_nothing_behind() -> None:
    """Both calls end before the caller continues."""
    ended: list[int] = []

    async def wait(number: int) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(number)

    with anyio.move_on_after(0.01):
        await agather(lambda: wait(1), lambda: wait(2))
    assert [1, 2] == sorted(ended)


def test_a_second_thread_sees_the_context() -> None:
    """Context variables, for example of a tracer, have the same values in both threads."""
    variable: ContextVar[str] = ContextVar("variable", default="none")
    variable.set("ours")
    assert ("ours", "ours") == gather(variable.get, variable.get)


async def test_cancelled_requests_leave_no_connection_busy() -> None:
    """A pool of two connections still works after a hundred cancelled requests."""
    server = EmbeddedAppwrite()
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=UNVERIFIED,
    ) as crm:
        await crm.schema.apply()
        await crm.customers.ensure("ada")
    pool = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=2))
    with server.serve() as running:
        async with AsyncInteractionsClient(
            running.endpoint,
            server.project,
            api_key=server.api_key,
            transport=pool,
            timeout=httpx.Timeout(10, pool=1),
            retry=RetryPolicy(retries=0),
            settings=UNVERIFIED,
        ) as crm:
            for attempt in range(100):
                request = asyncio.create_task(crm.as_user("ada").find())
                await asyncio.sleep(0.0002 * (attempt % 30))
                request.cancel()
                with suppress(asyncio.CancelledError):
                    await request
            assert [] == list((await crm.as_user("ada").find()).items)
    server.close()


async def test_a_signal_ends_the_waiting() -> None:
    """The wait ends if the event is set before or during it, or after the timeout."""
    early = AsyncStopEvent()
    early.set()
    await early.wait(LIMIT)
    for give in (lambda signal: signal.set(), lambda signal: Thread(target=signal.set).start()):
        signal = AsyncStopEvent()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(signal.wait)
            await anyio.sleep(0.01)
            give(signal)
        assert signal.is_set
    never = AsyncStopEvent()
    await never.wait(0.01)
    await never.wait(0.01)
    assert not never.is_set


def test_a_signal_for_a_loop_that_has_ended() -> None:
    """Setting the event is harmless if nobody waits for it anymore."""
    signal = AsyncStopEvent()
    anyio.run(signal.wait, 0.01)
    giving = Thread(target=signal.set)
    giving.start()
    join(giving)
    assert signal.is_set


def test_a_signal_for_threads() -> None:
    """An event for threads works like the one for tasks."""
    signal = StopEvent()
    signal.wait(0.001)
    assert not signal.is_set
    Thread(target=signal.set).start()
    signal.wait(LIMIT)
    assert signal.is_set


class Websocket:
    """A websocket that sends a message after some time."""

    def __init__(self, says: str | Exception, after: float) -> None:
        self.says = says
        self.after = after

    def said(self) -> str:
        """Return the message."""
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class AsyncWebsocket(Websocket):
    """A websocket for tasks."""

    async def recv(self) -> str:
        """Return the message after some time."""
        await anyio.sleep(self.after)
        return self.said()


class SyncWebsocket(Websocket):
    """A websocket for threads."""

    def recv(self, timeout: float | None = None) -> str:
        """Return the message after some time, unless it exceeds the timeout."""
        if timeout is not None and self.after > timeout:
            sleep(timeout)
            self.after -= timeout
            raise TimeoutError
        sleep(self.after)
        return self.said()


RECEIVED = [
    (0.0, 10.0, "hello"),
    (0.15, 10.0, "hello"),
    (10.0, 0.01, None),
    (10.0, 0.15, None),
]


@pytest.mark.parametrize(("after", "seconds", "expected"), RECEIVED)
async def test_a_message_is_waited_for(after: float, seconds: float, expected: str | None) -> None:
    """The wait for a message has a timeout, in both versions."""
    assert expected == await areceive(AsyncWebsocket("hello", after), seconds, AsyncStopEvent())
    assert expected == receive(SyncWebsocket("hello", after), seconds, StopEvent())


async def test_waiting_for_a_message_can_be_stopped() -> None:
    """The wait can be stopped from another thread, almost immediately."""
    stopped, also_stopped = AsyncStopEvent(), StopEvent()
    Timer(0.02, stopped.set).start()
    Timer(0.02, also_stopped.set).start()
    assert await areceive(AsyncWebsocket("hello", 60), 60, stopped) is None
    assert receive(SyncWebsocket("hello", 60), 60, also_stopped) is None


async def test_a_websocket_that_fails() -> None:
    """An error of a websocket is raised unchanged."""
    with pytest.raises(OSError, match="gone"):
        await areceive(AsyncWebsocket(OSError("gone"), 0), 1, AsyncStopEvent())
    with pytest.raises(OSError, match="gone"):
        receive(SyncWebsocket(OSError("gone"), 0), 1, StopEvent())


def test_a_thread_waits_as_long_as_it_can() -> None:
    """A wait until the year 9999, as `Retry-After` may ask for, does not fail."""
    signal = StopEvent()
    Timer(0.01, signal.set).start()
    signal.wait(1e300)
    assert signal.is_set


# --- where connections belong


@pytest.fixture
def running() -> Iterator[RunningServer]:
    """Run a server."""
    server = start_embedded_server(":memory:", Settings())
    with server.serve() as running:
        yield running
    server.close()
    gc.collect()  # connections left open are reported in this test


LEFT_OPEN = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""Connections of an ended event loop, or of a parent process, cannot be closed."""


@LEFT_OPEN
def test_a_client_outlives_an_event_loop(running: RunningServer) -> None:
    """A program may call `asyncio.run` any number of times, for example once per event."""
    crm = AsyncInteractionsClient(
        running.endpoint, "embedded", api_key=running.api_key, settings=UNVERIFIED
    )

    async def ask() -> str:
        await asyncio.gather(*(crm.customers.ensure(f"user{number}") for number in range(3)))
        return (await crm.customers.ensure("ada")).user_id

    assert ["ada", "ada", "ada"] == [asyncio.run(ask()) for _ in range(3)]
    asyncio.run(crm.aclose())


def test_event_loops_in_several_threads_keep_their_connections(running: RunningServer) -> None:
    """Two running event loops never share a connection, and none is left open."""
    crm = AsyncInteractionsClient(
        running.endpoint, "embedded", api_key=running.api_key, settings=UNVERIFIED
    )

    async def ask() -> object:
        await crm.customers.ensure("ada")
        return crm._connection._pool._transports.get()

    with start_blocking_portal() as one, start_blocking_portal() as other:
        used = [portal.call(ask) for portal in (one, other, one, other)]
        for portal in (one, other):
            portal.call(crm.aclose)

    assert used[:2] == used[2:]
    assert used[0] is not used[1]


@LEFT_OPEN
def test_a_fork_has_connections_of_its_own(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise, parent and child would read each other's responses."""
    processes = [1, 1, 2]
    used: list[object] = []
    with InteractionsClient(
        running.endpoint, "embedded", api_key=running.api_key, settings=UNVERIFIED
    ) as crm:
        for process in processes:
            monkeypatch.setattr("interactions_sdk.concurrency.getpid", process.__int__)
            crm.customers.ensure("ada")
            used.append(crm._connection._pool._transports.get())

    parents, again, childs = used
    assert (True, False) == (parents is again, parents is childs)


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_nothing_more_is_read_after_a_deadline(timeout: float | None) -> None:
    """The deadline holds, whatever the limit of a single read."""
    with deadline(-1.0), pytest.raises(TimeoutError):
        _within_deadline(timeout)
