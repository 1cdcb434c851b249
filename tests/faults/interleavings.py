"""Runs several operations on one server, and switches between them before chosen requests.

A schedule such as "three requests of the first, all of the second, the rest of the first" is
followed exactly and is repeatable. An operation that is only interrupted needs no thread: the other
one runs within its request. If both take turns, each runs in its own thread, and waits before every
request until it is resumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Event, RLock, Semaphore, Thread
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATIENCE = 60.0
"""The timeout after which an operation counts as stuck, in seconds."""


@dataclass
class Outcome:
    """The result or error of an operation.

    Attributes:
        result: The value that it returned.
        error: The exception that it raised instead.
    """

    result: object = None
    error: Exception | None = None


class InterruptibleTransport(httpx.BaseTransport):
    """Runs an action before a chosen request.

    Args:
        inner: The transport that answers.

    Attributes:
        requests: The number of requests sent.
        begins: The numbers of the requests that began a transaction, from 0.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._one_by_one = RLock()
        self._interruption: Callable[[], object] | None = None
        self._after = 0
        self.requests = 0
        self.begins: list[int] = []

    @property
    def is_pending(self) -> bool:
        """Whether the action has not been run yet."""
        return self._interruption is not None

    def interrupt(self, after: int, interruption: Callable[[], object]) -> None:
        """Run an action after a number of requests, before the next one is sent."""
        self._after, self._interruption = after, interruption

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the action if it is due, and forward the request."""
        with self._one_by_one:
            if self.requests == self._after:
                self.run_interruption()
            if request.method == "POST" and request.url.path.endswith("/transactions"):
                self.begins.append(self.requests)
            self.requests += 1
            return self._inner.handle_request(request)

    def run_interruption(self) -> None:
        """Run the action now, unless it has been run."""
        interruption, self._interruption = self._interruption, None
        if interruption is not None:
            interruption()


class NestedOperation:
    """An operation that may be interrupted before one of its requests.

    Args:
        transport: The server's transport.
        run: The operation, which is called with the transport for its client.
    """

    def __init__(
        self, transport: httpx.BaseTransport, run: Callable[[httpx.BaseTransport], object]
    ) -> None:
        self.outcome = Outcome()
        self._run = run
        self._transport = InterruptibleTransport(transport)

    def finish(self) -> Outcome:
        """Run the operation to its end."""
        try:
            self.outcome.result = self._run(self._transport)
        except Exception as error:  # noqa: BLE001 - the outcome is judged
            self.outcome.error = error
        return self.outcome

    def moments(self) -> list[int]:
        """Run it, and return the requests before which an interruption makes a difference.

        An interruption after the last request is the same as running the other operation first.
        One after the begin of a transaction is the same as one before, since nobody else sees it.
        """
        self.finish()
        begins = self._transport.begins
        return [at for at in range(self._transport.requests) if at - 1 not in begins]

    def finish_around(self, at: int, interruption: Callable[[], object]) -> bool:
        """Run the operation, and an action after a number of its requests or after its end.

        Returns:
            Whether it was interrupted before its end.
        """
        self._transport.interrupt(at, interruption)
        self.finish()
        has_ended = self._transport.is_pending
        self._transport.run_interruption()
        return not has_ended


class SteppedTransport(httpx.BaseTransport):
    """Holds every request until it is released.

    Args:
        inner: The transport that answers.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._allowed = Semaphore(0)
        self._arrived = Semaphore(0)
        self._answered = Event()
        self._is_open = False
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait until the request is released, and forward it."""
        self._arrived.release()
        if not self._is_open:
            assert self._allowed.acquire(timeout=PATIENCE), "nobody resumed the operation"
        self.requests += 1
        try:
            response = self._inner.handle_request(request)
            response.read()
            return response
        finally:
            self._answered.set()

    def wait_for_request(self) -> None:
        """Wait until a request has arrived, or the operation has ended."""
        assert self._arrived.acquire(timeout=PATIENCE), "the operation is stuck"

    def let_through(self) -> None:
        """Release one request, and wait for its response."""
        self._answered.clear()
        self._allowed.release()
        assert self._answered.wait(PATIENCE), "the server does not answer"

    def end(self) -> None:
        """End the wait for a request when there are no more."""
        self._arrived.release()

    def open(self) -> None:
        """Hold no more requests."""
        self._is_open = True
        self._allowed.release()


class SteppedOperation:
    """An operation that is run request by request.

    Args:
        transport: The server's transport.
        run: The operation, which is called with the transport for its client.
    """

    def __init__(
        self, transport: httpx.BaseTransport, run: Callable[[httpx.BaseTransport], object]
    ) -> None:
        self.outcome = Outcome()
        self.is_done = False
        self._run = run
        self._transport = SteppedTransport(transport)
        self._thread = Thread(target=self._play, daemon=True)
        self._is_started = False

    def _play(self) -> None:
        try:
            self.outcome.result = self._run(self._transport)
        except Exception as error:  # noqa: BLE001 - the outcome is judged
            self.outcome.error = error
        self.is_done = True
        self._transport.end()

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._thread.start()
            self._transport.wait_for_request()

    def step(self, requests: int) -> bool:
        """Release a number of requests.

        Returns:
            Whether another request is waiting.
        """
        self._start()
        for _ in range(requests):
            if self.is_done:
                return False
            self._transport.let_through()
            self._transport.wait_for_request()
        return not self.is_done

    def finish(self) -> Outcome:
        """Run the operation to its end."""
        self._start()
        while not self.is_done:
            self._transport.let_through()
            self._transport.wait_for_request()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the operation is stuck"
        return self.outcome


def interrupt(first: NestedOperation, at: int, second: NestedOperation) -> bool:
    """Run the second operation after a number of requests of the first.

    Returns:
        Whether the first operation was interrupted before its end.
    """
    return first.finish_around(at, second.finish)


def nest(operations: Sequence[NestedOperation], at: Sequence[int]) -> None:
    """Interrupt each operation with the next one, and finish them from the last to the first."""
    first, *others = operations
    if others:
        first.finish_around(at[0], partial(nest, others, at[1:]))
    else:
        first.finish()


def alternate(first: SteppedOperation, at: int, second: SteppedOperation, other: int) -> bool:
    """Run parts of both operations in turn: first, second, rest of first, rest of second."""
    interrupted = [first.step(at), second.step(other)]
    first.finish()
    second.finish()
    return all(interrupted)
