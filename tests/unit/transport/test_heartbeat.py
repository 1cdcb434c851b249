"""A silent websocket is pinged once and then closed."""

from __future__ import annotations

from interactions_sdk.transport.heartbeat import HEARTBEAT, Heartbeat


def test_a_silent_websocket_is_asked_once_and_given_up() -> None:
    """The time to answer a ping is as long as the silence before it."""
    heartbeat = Heartbeat(100.0)
    assert HEARTBEAT == heartbeat.seconds_left(100.0)
    assert not heartbeat.ping_due(100.0 + HEARTBEAT - 1)
    assert heartbeat.ping_due(100.0 + HEARTBEAT)
    heartbeat.record_ping()
    assert not heartbeat.ping_due(100.0 + HEARTBEAT)
    assert HEARTBEAT == heartbeat.seconds_left(100.0 + HEARTBEAT)
    assert not heartbeat.timed_out(100.0 + 2 * HEARTBEAT - 1)
    assert heartbeat.timed_out(100.0 + 2 * HEARTBEAT)
    assert 0.0 == heartbeat.seconds_left(100.0 + 3 * HEARTBEAT)


def test_whatever_comes_is_a_sign_of_life() -> None:
    """Events count as well as answers to pings."""
    heartbeat = Heartbeat(0.0)
    heartbeat.record_ping()
    heartbeat.record_message(HEARTBEAT + 1)
    assert not heartbeat.timed_out(2 * HEARTBEAT + 1)
    assert heartbeat.ping_due(2 * HEARTBEAT + 1)
