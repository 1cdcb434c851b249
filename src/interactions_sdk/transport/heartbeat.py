"""Deciding when to ping a silent websocket, and when to close it, without sleeping."""

from __future__ import annotations

__all__ = ["HEARTBEAT", "Heartbeat"]

HEARTBEAT = 20.0
"""Seconds of silence after which a websocket is pinged."""


class Heartbeat:
    """Decides when to ping a silent websocket, and when to give it up.

    All times are in seconds of a monotonic clock.
    """

    def __init__(self, now: float) -> None:
        self._heard = now
        self._asked = False

    def record_message(self, now: float) -> None:
        """Record a received message."""
        self._heard = now
        self._asked = False

    def record_ping(self) -> None:
        """Record a sent ping."""
        self._asked = True

    def ping_due(self, now: float) -> bool:
        """Return whether a ping is due."""
        return not self._asked and now - self._heard >= HEARTBEAT

    def timed_out(self, now: float) -> bool:
        """Return whether a ping was not answered in time."""
        return self._asked and now - self._heard >= 2 * HEARTBEAT

    def seconds_left(self, now: float) -> float:
        """Return the seconds until the next ping or the timeout."""
        due = self._heard + (2 * HEARTBEAT if self._asked else HEARTBEAT)
        return max(0.0, due - now)
