"""Runs several operations against one server and switches between them before chosen requests.

Each operation runs in a thread of its own and waits before every request until it is resumed, so
that a schedule such as "three requests of the first, all of the second, the rest of the first" is
followed exactly, and the same way each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Semaphore, Thread
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
        requests: How many requests it sent.
    """

    result: object = None
    error: Exception | None = None
    requests: int = 0


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
        self.outcome.requests = self._transport.requests
        return self.outcome


def interrupt(first: SteppedOperation, at: int, second: SteppedOperation) -> bool:
    """Run the second operation after so many requests of the first.

    Returns:
        Whether the first was interrupted, and had not ended by then.
    """
    is_interrupted = first.step(at)
    second.finish()
    first.finish()
    return is_interrupted


def nest(operations: Sequence[SteppedOperation], at: Sequence[int]) -> bool:
    """Interrupt each operation by the next one, and finish them from the last to the first.

    Returns:
        Whether each was interrupted before its end.
    """
    interrupted = [
        operation.step(number) for operation, number in zip(operations, at, strict=False)
    ]
    for operation in reversed(operations):
        operation.finish()
    return all(interrupted)


def alternate(first: SteppedOperation, at: int, second: SteppedOperation, other: int) -> bool:
    """Run a part of the first, a part of the second, the rest of the first, and of the second."""
    interrupted = [first.step(at), second.step(other)]
    first.finish()
    second.finish()
    return all(interrupted)
