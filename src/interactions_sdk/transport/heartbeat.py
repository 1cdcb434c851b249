"""When to ping a silent websocket, and when to close it. Pure functions, no sleeping."""

from __future__ import annotations

__all__ = ["HEARTBEAT", "Heartbeat"]

HEARTBEAT = 20.0
"""Seconds of silence after which a websocket is asked whether it lives."""


class Heartbeat:
    """When to ask a silent websocket for a sign of life, and when to give it up.

    Args:
        now: The time at which it was opened, in seconds of a clock that only runs forward.
    """

    def __init__(self, now: float) -> None:
        self._heard = now
        self._asked = False

    def record_message(self, now: float) -> None:
        """Take notice that something came."""
        self._heard = now
        self._asked = False

    def record_ping(self) -> None:
        """Take notice that it was asked."""
        self._asked = True

    def ping_due(self, now: float) -> bool:
        """Return whether it is time to ask."""
        return not self._asked and now - self._heard >= HEARTBEAT

    def timed_out(self, now: float) -> bool:
        """Return whether it was asked, and did not answer in time."""
        return self._asked and now - self._heard >= 2 * HEARTBEAT

    def seconds_left(self, now: float) -> float:
        """Return the seconds until it is to be asked or given up."""
        due = self._heard + (2 * HEARTBEAT if self._asked else HEARTBEAT)
        return max(0.0, due - now)
