"""Runs several operations against one server and switches between them before chosen requests.

A schedule such as "three requests of the first, all of the second, the rest of the first" is
followed exactly, and the same way each time. An operation that is only interrupted needs no thread:
the other one runs within its request. Where both take turns, each runs in a thread of its own, and
waits before every request until it is resumed.
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
"""Seconds after which an operation counts as stuck."""


@dataclass
class Outcome:
    """What an operation returned or raised.

    Attributes:
        result: What it returned.
        error: What it raised instead.
    """

    result: object = None
    error: Exception | None = None


class InterruptibleTransport(httpx.BaseTransport):
    """Does something else before a chosen request.

    Args:
        inner: The transport that answers.

    Attributes:
        requests: How many requests were sent.
        begins: The numbers of those that began a transaction, from 0.
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
        """Whether the interruption is still to come."""
        return self._interruption is not None

    def interrupt(self, after: int, interruption: Callable[[], object]) -> None:
        """Do something after so many requests, before the next one is sent."""
        self._after, self._interruption = after, interruption

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, after the action that comes first."""
        with self._one_by_one:
            if self.requests == self._after:
                self.run_interruption()
            if request.method == "POST" and request.url.path.endswith("/transactions"):
                self.begins.append(self.requests)
            self.requests += 1
            return self._inner.handle_request(request)

    def run_interruption(self) -> None:
        """Do it now, unless it is done."""
        interruption, self._interruption = self._interruption, None
        if interruption is not None:
            interruption()


class NestedOperation:
    """An operation that may be interrupted before one of its requests.

    Args:
        transport: The server's transport.
        run: The operation, given the transport that its client is to use.
    """

    def __init__(
        self, transport: httpx.BaseTransport, run: Callable[[httpx.BaseTransport], object]
    ) -> None:
        self.outcome = Outcome()
        self._run = run
        self._transport = InterruptibleTransport(transport)

    def finish(self) -> Outcome:
        """Run it to its end."""
        try:
            self.outcome.result = self._run(self._transport)
        except Exception as error:  # noqa: BLE001 - the outcome is judged
            self.outcome.error = error
        return self.outcome

    def moments(self) -> list[int]:
        """Run it, and return before which of its requests an interruption makes a difference.

        Not after its last one: the other operation, interrupted before its first request, is the
        same. Nor after a transaction was begun: it is seen by nobody else, so that is as before.
        """
        self.finish()
        begins = self._transport.begins
        return [at for at in range(self._transport.requests) if at - 1 not in begins]

    def finish_around(self, at: int, interruption: Callable[[], object]) -> bool:
        """Run it, and something else after so many of its requests, or after its end.

        Returns:
            Whether it was interrupted before its end.
        """
        self._transport.interrupt(at, interruption)
        self.finish()
        has_ended = self._transport.is_pending
        self._transport.run_interruption()
        return not has_ended


class SteppedTransport(httpx.BaseTransport):
    """Holds every request until it is let through.

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
        """Wait, and then answer."""
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
        """Let one request through, and wait for its answer."""
        self._answered.clear()
        self._allowed.release()
        assert self._answered.wait(PATIENCE), "the server does not answer"

    def end(self) -> None:
        """Wake whoever waits for a request: there are no more."""
        self._arrived.release()

    def open(self) -> None:
        """Hold no more requests."""
        self._is_open = True
        self._allowed.release()


class SteppedOperation:
    """An operation that is run request by request.

    Args:
        transport: The server's transport.
        run: The operation, given the transport that its client is to use.
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
        """Let so many requests through.

        Returns:
            Whether it is still waiting to send another one.
        """
        self._start()
        for _ in range(requests):
            if self.is_done:
                return False
            self._transport.let_through()
            self._transport.wait_for_request()
        return not self.is_done

    def finish(self) -> Outcome:
        """Run it to its end."""
        self._start()
        while not self.is_done:
            self._transport.let_through()
            self._transport.wait_for_request()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the operation is stuck"
        return self.outcome


def interrupt(first: NestedOperation, at: int, second: NestedOperation) -> bool:
    """Run the second operation after so many requests of the first.

    Returns:
        Whether the first was interrupted, and had not ended by then.
    """
    return first.finish_around(at, second.finish)


def nest(operations: Sequence[NestedOperation], at: Sequence[int]) -> None:
    """Interrupt each operation by the next one, and finish them from the last to the first."""
    first, *others = operations
    if others:
        first.finish_around(at[0], partial(nest, others, at[1:]))
    else:
        first.finish()


def alternate(first: SteppedOperation, at: int, second: SteppedOperation, other: int) -> bool:
    """Run a part of the first, a part of the second, the rest of the first, and of the second."""
    interrupted = [first.step(at), second.step(other)]
    first.finish()
    second.finish()
    return all(interrupted)
