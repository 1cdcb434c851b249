"""Deciding which changes are new, by the server's times and the changes already seen.

A row becomes visible slightly later than its timestamp: a transaction commits later, or another
machine's clock is behind. So a scan of a table starts some seconds before the latest time that was
seen, and the changes already seen there are remembered. Positions are always times of the server;
the client's clock only measures how much time has passed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from interactions_sdk.datetimes import MIN_DATETIME, truncate_to_milliseconds

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "CLOCK_RESOLUTION",
    "SCAN_OVERLAP",
    "KnownRows",
    "PollInterval",
    "SeenChanges",
    "ServerClock",
    "Watermark",
]

SCAN_OVERLAP = timedelta(seconds=10)
"""How much later than its timestamp a row may become visible."""

CLOCK_RESOLUTION = timedelta(milliseconds=1)

_MAX_CLOCK_SKEW = timedelta(hours=1)
_GROWTH = 1.5


class PollInterval:
    """Polling intervals in seconds: short while there are changes, growing while there are none.

    Example:
        >>> interval = PollInterval(1.0, 2.0)
        >>> [interval.next(found=found) for found in (True, False, False, False, True)]
        [1.0, 1.5, 2.0, 2.0, 1.0]
    """

    def __init__(self, shortest: float, longest: float) -> None:
        self._shortest = shortest
        self._longest = max(shortest, longest)
        self._pause = shortest

    def next(self, *, found: bool) -> float:
        """Return the pause after a poll, by whether it found changes."""
        self._pause = self._shortest if found else min(self._longest, self._pause * _GROWTH)
        return self._pause


class ServerClock:
    """A lower bound for the server's time, derived from the timestamps of rows.

    `now` is in seconds of a monotonic clock.

    Attributes:
        latest: The latest time that was seen.
    """

    def __init__(self) -> None:
        self.latest = MIN_DATETIME
        self._read: tuple[datetime, float] | None = None

    def observe(self, time: datetime, *, now: float, present: datetime) -> bool:
        """Record the timestamp of a row that was read at `now`, and return whether it was used.

        An API key may set any time, so one that is far in the future, by the client's `present`
        time, is ignored.
        """
        if time > present + _MAX_CLOCK_SKEW:
            return False
        self.latest = max(self.latest, time)
        if self._read is None or time > self._shown(self._read, now):
            self._read = (time, now)
        return True

    def now_at_least(self, now: float) -> datetime:
        """Return a time that the server's clock has reached."""
        return MIN_DATETIME if self._read is None else self._shown(self._read, now)

    def settled_until(self, now: float) -> datetime:
        """Return a time, not after `latest`, up to which all rows must be visible."""
        if self._read is None:
            return MIN_DATETIME
        return min(self.latest, truncate_to_milliseconds(self.now_at_least(now) - SCAN_OVERLAP))

    @staticmethod
    def _shown(read: tuple[datetime, float], now: float) -> datetime:
        time, then = read
        return time + timedelta(seconds=now - then)


class Watermark:
    """The time up to which all changes in one table are known; tables share a clock.

    Attributes:
        settled: All changes up to this time have been seen.
    """

    def __init__(self, clock: ServerClock, settled: datetime = MIN_DATETIME) -> None:
        self._clock = clock
        self.settled = settled
        self._next = settled
        self._until = settled

    def start_scan(self, *, now: float) -> None:
        """Begin a scan of all rows later than `settled`, oldest first."""
        self._next = max(self.settled, self._clock.settled_until(now))
        self._until = max(self.settled, self._clock.now_at_least(now))

    def covers(self, time: datetime) -> bool:
        """Return whether a poll may stop at a time and leave the rest to the next one.

        Otherwise, a poll would never end while others write faster than it reads, and everything it
        has seen must be remembered until it ends.
        """
        return time > self._until

    def safe_position(self, time: datetime) -> datetime:
        """Return where another run may begin after this scan has reached a time."""
        return max(self.settled, min(time - CLOCK_RESOLUTION, self._next))

    def finish_scan(self) -> None:
        """Finish a complete scan: it has seen all that had to be visible when it began."""
        self.settled = self._next


class KnownRows:
    """The rows, with their customers, that a watch has shown or that existed when it began.

    Where users may write audit rows, an audit row may report the deletion of a row that never
    existed. Only known rows can have been deleted.

    Attributes:
        size: The maximum number of rows to remember.
    """

    def __init__(self, size: int = 100_000) -> None:
        self._customers: dict[str, str] = {}
        self.size = size

    def add(self, row_id: str, customer_id: str) -> None:
        """Remember a row; if there are too many, forget the one that was added first."""
        if len(self._customers) >= self.size and row_id.lower() not in self._customers:
            del self._customers[next(iter(self._customers))]
        self._customers[row_id.lower()] = customer_id

    def has(self, row_id: str, customer_id: str) -> bool:
        """Return whether there was such a row of this customer; Appwrite's IDs ignore case."""
        return self._customers.get(row_id.lower()) == customer_id


class SeenChanges:
    """The recently seen states of interactions, so that each is shown once and in order."""

    def __init__(self) -> None:
        self._times: dict[str, tuple[datetime, bool]] = {}

    def __len__(self) -> int:
        return len(self._times)

    def latest_for(self, row_id: str) -> datetime | None:
        """Return the time of the last state seen; None if it was deleted or not seen."""
        time, is_gone = self._times.get(row_id, (None, False))
        return None if is_gone else time

    def is_new(self, row_id: str, time: datetime) -> bool:
        """Return whether a state is later than the last one seen, and remember it.

        A deletion in the same millisecond came before it; otherwise, there would be no state.
        """
        time_seen, is_gone = self._times.get(row_id, (None, False))
        if time_seen is not None and (time < time_seen or (time == time_seen and not is_gone)):
            return False
        self._times[row_id] = (time, False)
        return True

    def is_new_deletion(self, row_id: str, time: datetime) -> bool:
        """Return whether a deletion is new, and remember it."""
        seen = self._times.get(row_id)
        if seen is not None and (seen[1] or time < seen[0]):
            return False
        self._times[row_id] = (time, True)
        return True

    def prune(self, until: datetime) -> None:
        """Forget changes up to a time, which will not be scanned again."""
        self._times = {row_id: seen for row_id, seen in self._times.items() if seen[0] > until}
