"""How long to wait: between two looks, and for a sign of life. Plain numbers, no sleeping."""

from __future__ import annotations

__all__ = ["HEARTBEAT", "Heartbeat", "Pace"]

HEARTBEAT = 20.0
"""Seconds of silence after which a websocket is asked whether it lives."""

_GROWTH = 1.5


class Pace:
    """Pauses that are short while things happen, and grow while nothing does.

    Args:
        shortest: Seconds, more than 0.
        longest: Seconds.

    Example:
        >>> pace = Pace(1.0, 2.0)
        >>> [pace.pause(found=found) for found in (True, False, False, False, True)]
        [1.0, 1.5, 2.0, 2.0, 1.0]
    """

    def __init__(self, shortest: float, longest: float) -> None:
        self._shortest = shortest
        self._longest = max(shortest, longest)
        self._pause = shortest

    def pause(self, *, found: bool) -> float:
        """Return the pause after a look.

        Args:
            found: Whether it found something.
        """
        grown = self._shortest if found else min(self._longest, self._pause * _GROWTH)
        self._pause = grown
        return grown


class Heartbeat:
    """When to ask a silent websocket for a sign of life, and when to give it up.

    Args:
        now: The time at which it was opened, in seconds of a clock that only runs forward.
    """

    def __init__(self, now: float) -> None:
        self._heard = now
        self._asked = False

    def heard(self, now: float) -> None:
        """Take notice that something came."""
        self._heard = now
        self._asked = False

    def asked(self) -> None:
        """Take notice that it was asked."""
        self._asked = True

    def is_due(self, now: float) -> bool:
        """Return whether it is time to ask."""
        return not self._asked and now - self._heard >= HEARTBEAT

    def is_lost(self, now: float) -> bool:
        """Return whether it was asked, and did not answer in time."""
        return self._asked and now - self._heard >= 2 * HEARTBEAT

    def remaining(self, now: float) -> float:
        """Return the seconds until it is to be asked or given up."""
        due = self._heard + (2 * HEARTBEAT if self._asked else HEARTBEAT)
        return max(0.0, due - now)
