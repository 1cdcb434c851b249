"""The server of the fault tests, simulated pauses, and the size of the matrix."""

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
    """Return a server with the schema; each case has its own customer."""
    with start_server() as server:
        yield server


class Clock:
    """A clock that advances only by pauses, which take no time.

    Attributes:
        pauses: The seconds of each pause.
    """

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.pauses.append(seconds)

    def monotonic(self) -> float:
        """Return the time including all pauses."""
        return time.monotonic() + sum(self.pauses)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the library's pauses instead of waiting."""
    clock = Clock()
    monkeypatch.setattr("interactions_sdk.concurrency.time", clock)
    monkeypatch.setattr("interactions_sdk._sync.connection.connection.monotonic", clock.monotonic)
    return clock.pauses
