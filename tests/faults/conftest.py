"""The server of the fault tests, pauses that take no time, and the size of the matrix."""

from __future__ import annotations

import time
from types import SimpleNamespace
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


COUNTED = {
    "fault cases": "fault matrix, cases",
    "interleavings": "interleavings",
    "machine operations": "operations of the stateful machine",
}
"""What tests record, and how it is printed at the end."""


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the library would have paused; it does not wait for them."""
    taken: list[float] = []
    clock = SimpleNamespace(sleep=taken.append, monotonic=time.monotonic)
    monkeypatch.setattr("interactions_sdk.concurrency.time", clock)
    return taken


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many cases there were."""
    for counted, title in COUNTED.items():
        cases = sum(
            value
            for reports in terminalreporter.stats.values()
            for report in reports
            if isinstance(report, pytest.TestReport) and report.when == "call"
            for name, value in report.user_properties
            if name == counted and isinstance(value, int)
        )
        if cases:
            terminalreporter.write_line(f"{title}: {cases}")
