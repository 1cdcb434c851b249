"""Pauses grow and shrink within their bounds; a silent websocket is asked, and then given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.pacing import HEARTBEAT, Heartbeat, Pace


@given(st.floats(0.01, 10), st.floats(0.01, 100), st.lists(st.booleans(), max_size=50))
def test_pauses_stay_within_their_bounds(
    shortest: float, longest: float, looks: list[bool]
) -> None:
    """Never shorter than the interval, never longer than the longest."""
    pace = Pace(shortest, longest)
    for found in looks:
        pause = pace.pause(found=found)
        assert shortest <= pause <= max(shortest, longest)
        if found:
            assert shortest == pause


def test_an_idle_pace_comes_to_its_longest() -> None:
    """And one thing that happens makes it quick again."""
    pace = Pace(1.0, 5.0)
    assert 5.0 == [pace.pause(found=False) for _ in range(10)][-1]
    assert 1.0 == pace.pause(found=True)


def test_a_silent_websocket_is_asked_once_and_given_up() -> None:
    """It has as long to answer as it was silent."""
    heartbeat = Heartbeat(100.0)
    assert HEARTBEAT == heartbeat.remaining(100.0)
    assert not heartbeat.is_due(100.0 + HEARTBEAT - 1)
    assert heartbeat.is_due(100.0 + HEARTBEAT)
    heartbeat.asked()
    assert not heartbeat.is_due(100.0 + HEARTBEAT)
    assert HEARTBEAT == heartbeat.remaining(100.0 + HEARTBEAT)
    assert not heartbeat.is_lost(100.0 + 2 * HEARTBEAT - 1)
    assert heartbeat.is_lost(100.0 + 2 * HEARTBEAT)
    assert 0.0 == heartbeat.remaining(100.0 + 3 * HEARTBEAT)


def test_whatever_comes_is_a_sign_of_life() -> None:
    """Events count as well as answers."""
    heartbeat = Heartbeat(0.0)
    heartbeat.asked()
    heartbeat.heard(HEARTBEAT + 1)
    assert not heartbeat.is_lost(2 * HEARTBEAT + 1)
    assert heartbeat.is_due(2 * HEARTBEAT + 1)
