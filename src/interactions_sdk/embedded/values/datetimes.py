"""Datetimes: parsed as Appwrite does, stored and returned in one UTC format.

Text of that form sorts as the times do, so SQLite compares it as it is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_TICK = timedelta(milliseconds=1)
_LONE_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_DAY_BEYOND_MONTH = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2])-)(29|30|31)(.*)", re.DOTALL)
_EARLIEST_YEAR = 1000
_DAYS_FROM_NOW = {"today": 0, "midnight": 0, "tomorrow": 1, "yesterday": -1}

DATE_RANGE = "Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59."


def format_datetime(timestamp: datetime) -> str:
    """Write a moment as `2026-05-01T10:00:00.000+00:00`; what is below a millisecond is cut."""
    return timestamp.astimezone(UTC).isoformat(timespec="milliseconds")


def now() -> str:
    """Return the server's time, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def after(seconds: float) -> str:
    """Return the time in some seconds."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds))


def now_later_than(previous: str) -> str:
    """Return the server's time, or the first millisecond after `previous` if that is later.

    Two changes of one row within a millisecond (or under a frozen clock) would otherwise carry
    one `$updatedAt`, and the second writer that locked on the first one's predecessor could not
    be distinguished from the winner: the lock must have exactly one (transcript
    `row-timestamp-lock`).
    """
    timestamp = now()
    if timestamp > previous:
        return timestamp
    return format_datetime(datetime.fromisoformat(previous) + _TICK)


def normalize(value: object) -> str | None:
    """Read what a row may hold as a datetime; None if it is not one.

    Taken are ISO 8601 with or without a zone (then UTC), a day past the end of its month (the
    surplus is carried over), empty text and `now` as the present, and the words for near days
    (transcript `row-datetimes`).
    """
    if not isinstance(value, str):
        return None
    timestamp = _read(value)
    if timestamp is None:
        return None
    try:
        timestamp = timestamp.astimezone(UTC)
    except OverflowError:
        return None
    return format_datetime(timestamp) if timestamp.year >= _EARLIEST_YEAR else None


def normalize_in_query(value: object) -> str | None:
    """Read a datetime of a query, which must name a year of four digits."""
    if not isinstance(value, str) or not _LONE_YEAR.search(value):
        return None
    return normalize(value)


def _read(text: str) -> datetime | None:
    timestamp = _iso(text)
    if timestamp is not None:
        return timestamp
    present = datetime.now(UTC)
    word = text.strip().lower()
    if word in {"", "now"}:
        return present
    if word in _DAYS_FROM_NOW:
        midnight = present.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=_DAYS_FROM_NOW[word])
    if clock := _TIME_OF_DAY.fullmatch(word):
        # PHP, which reads Appwrite's dates, takes four digits for a time of today where it can.
        hour, minute = map(int, clock.groups())
        return present.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if beyond := _DAY_BEYOND_MONTH.fullmatch(text):
        first = _iso(f"{beyond[1]}01{beyond[3]}")
        return first and first + timedelta(days=int(beyond[2]) - 1)
    return None


def _iso(text: str) -> datetime | None:
    try:
        timestamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)
