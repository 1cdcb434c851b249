"""Which changes are new: up to which of the server's times all are known, and what was seen since.

A row becomes visible a moment after the time that it carries: a transaction commits later, another
machine's clock is behind. So a look at a table begins some seconds before the latest time that was
seen, and what was seen there already is remembered. Places are always the server's own times; of
the client's clock only its passing counts.
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
"""How much later than its own time a row may become visible."""

CLOCK_RESOLUTION = timedelta(milliseconds=1)

_MAX_CLOCK_SKEW = timedelta(hours=1)
_GROWTH = 1.5


class PollInterval:
    """Pauses that are short while things happen, and grow while nothing does.

    Args:
        shortest: Seconds, more than 0.
        longest: Seconds.

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
        """Return the pause after a look.

        Args:
            found: Whether it found something.
        """
        grown = self._shortest if found else min(self._longest, self._pause * _GROWTH)
        self._pause = grown
        return grown


class ServerClock:
    """What the server's clock shows at least, derived from the times of rows that were seen.

    Attributes:
        latest: The latest time that was seen.
    """

    def __init__(self) -> None:
        self.latest = MIN_DATETIME
        self._read: tuple[datetime, float] | None = None

    def observe(self, time: datetime, *, now: float, present: datetime) -> bool:
        """Take notice of a row that was there.

        Args:
            time: When the server wrote it. An API key may write any time; one that is far ahead
                says nothing.
            now: When it was read, in seconds of a clock that only runs forward.
            present: The client's time, against which `time` is held.

        Returns:
            Whether the time says something.
        """
        if time > present + _MAX_CLOCK_SKEW:
            return False
        self.latest = max(self.latest, time)
        if self._read is None or time > self._shown(self._read, now):
            self._read = (time, now)
        return True

    def now_at_least(self, now: float) -> datetime:
        """Return the time it shows, or an earlier one."""
        return MIN_DATETIME if self._read is None else self._shown(self._read, now)

    def settled_until(self, now: float) -> datetime:
        """Return a time whose rows must all be visible, none of which is later than `latest`."""
        if self._read is None:
            return MIN_DATETIME
        return min(self.latest, truncate_to_milliseconds(self.now_at_least(now) - SCAN_OVERLAP))

    @staticmethod
    def _shown(read: tuple[datetime, float], now: float) -> datetime:
        time, then = read
        return time + timedelta(seconds=now - then)


class Watermark:
    """Up to which time all changes of one table are known.

    Args:
        clock: The server's clock, which tables share.
        settled: Where to begin: what happened later is new.

    Attributes:
        settled: All that happened up to this time was seen, for good.
    """

    def __init__(self, clock: ServerClock, settled: datetime = MIN_DATETIME) -> None:
        self._clock = clock
        self.settled = settled
        self._next = settled
        self._until = settled

    def start_scan(self, *, now: float) -> None:
        """Begin a look at all rows later than `settled`, oldest first."""
        self._next = max(self.settled, self._clock.settled_until(now))
        self._until = max(self.settled, self._clock.now_at_least(now))

    def covers(self, time: datetime) -> bool:
        """Return whether a poll that came to a time has seen enough: the next one sees the rest.

        Otherwise a poll would never end while others write faster than it reads, and until it ends
        all that it saw has to be remembered.
        """
        return time > self._until

    def safe_position(self, time: datetime) -> datetime:
        """Return where another run may begin, once this look has come to a time."""
        return max(self.settled, min(time - CLOCK_RESOLUTION, self._next))

    def finish_scan(self) -> None:
        """End a look that came to its end: what had to be visible when it began was seen."""
        self.settled = self._next


class KnownRows:
    """The rows that a watch has shown, or that were there when it began, and their customers.

    Where users may write audit rows, one of them may report the deletion of a row that never
    existed. Only what was there can have been deleted.

    Attributes:
        size: The maximum number of rows to remember.
    """

    def __init__(self, size: int = 100_000) -> None:
        self._customers: dict[str, str] = {}
        self.size = size

    def add(self, row_id: str, customer_id: str) -> None:
        """Remember a row; when there are too many, the one that was added first is forgotten."""
        if len(self._customers) >= self.size and row_id.lower() not in self._customers:
            del self._customers[next(iter(self._customers))]
        self._customers[row_id.lower()] = customer_id

    def has(self, row_id: str, customer_id: str) -> bool:
        """Return whether there was such a row of this customer; Appwrite's IDs ignore case."""
        return self._customers.get(row_id.lower()) == customer_id


class SeenChanges:
    """What was seen lately of single interactions: shown once, and in the order of their times."""

    def __init__(self) -> None:
        self._times: dict[str, tuple[datetime, bool]] = {}

    def __len__(self) -> int:
        return len(self._times)

    def latest_for(self, row_id: str) -> datetime | None:
        """Return the time of the state that was seen last; None if it was gone, or not seen."""
        time, is_gone = self._times.get(row_id, (None, False))
        return None if is_gone else time

    def is_new(self, row_id: str, time: datetime) -> bool:
        """Return whether a state is later than what was seen, and remember it.

        A deletion of the same millisecond came before it: afterwards, there would be no state.
        """
        time_seen, is_gone = self._times.get(row_id, (None, False))
        if time_seen is not None and (time < time_seen or (time == time_seen and not is_gone)):
            return False
        self._times[row_id] = (time, False)
        return True

    def is_new_deletion(self, row_id: str, time: datetime) -> bool:
        """Return whether a deletion is news, and remember it."""
        seen = self._times.get(row_id)
        if seen is not None and (seen[1] or time < seen[0]):
            return False
        self._times[row_id] = (time, True)
        return True

    def prune(self, until: datetime) -> None:
        """Forget what happened up to a time, since nobody looks there any more."""
        self._times = {row_id: seen for row_id, seen in self._times.items() if seen[0] > until}
