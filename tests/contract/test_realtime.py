"""The websocket sends the messages recorded from a real Appwrite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.realtime import RECORD, RealtimeScenario, reduced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.embedded.http_server import RunningServer

LOG: list[dict[str, Any]] = json.loads(RECORD.read_text())["log"]
SILENCE = 0.2
"""Seconds without a message that count as none."""


@pytest.fixture(scope="module")
def running(server: EmbeddedAppwrite) -> Iterator[RunningServer]:
    """Serve HTTP and the websocket."""
    with server.serve() as started:
        yield started


@pytest.mark.parametrize("run", ["first", "again"])
def test_recorded_websocket(running: RunningServer, server: EmbeddedAppwrite, run: str) -> None:
    """All recorded messages are received, on every connection and in order."""
    scenario = RealtimeScenario(running.endpoint, server.project, server.api_key, run)
    with scenario.stack:
        for step, received in scenario.play(LOG, SILENCE):
            expected = step["message"] if step["direction"] == "received" else None
            assert reduced(scenario.filled(expected)) == reduced(received)


def test_recording_is_all_there() -> None:
    """The recording has 31 received messages."""
    assert 31 == sum(step["direction"] == "received" for step in LOG)
