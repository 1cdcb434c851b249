"""The server of the fault tests, pauses that take no time, and the size of the matrix."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.scenarios import start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """A server with the schema and nothing else; each case of a test has a customer of its own."""
    with start_server() as server:
        yield server


class Clock:
    """A clock that pauses move on, so that they take no time.

    Attributes:
        pauses: The seconds of each pause.
    """

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self.pauses.append(seconds)

    def monotonic(self) -> float:
        """Return the time with all pauses."""
        return time.monotonic() + sum(self.pauses)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the library would have paused; it does not wait for them."""
    clock = Clock()
    monkeypatch.setattr("interactions_sdk.concurrency.time", clock)
    monkeypatch.setattr("interactions_sdk._sync.connection.connection.monotonic", clock.monotonic)
    return clock.pauses
