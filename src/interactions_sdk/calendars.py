"""Parsing times, and days and weeks in a time zone, including daylight saving."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interactions_sdk.arguments import describe
from interactions_sdk.datetimes import is_supported, truncate_to_milliseconds
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

__all__ = [
    "TimeLike",
    "TimeZone",
    "add_days",
    "add_time",
    "get_timezone",
    "parse_time",
    "start_of_day",
    "start_of_week",
]

TimeLike = datetime | date | str
"""An aware datetime, a date (the start of its day), or either as ISO 8601 text."""

TimeZone = str | tzinfo
"""A zone's name, such as `Europe/Zurich`, or a zone."""


def get_timezone(tz: TimeZone | None) -> tzinfo:
    """Return a time zone by its name; UTC if no name is given.

    Raises:
        BadRequestError: The zone is unknown.
    """
    if tz is None:
        return UTC
    # A pytz zone has one fixed offset; its name gives a zone with all its changes.
    name = getattr(tz, "zone", None) if isinstance(tz, tzinfo) else tz
    if isinstance(tz, tzinfo) and name is None:
        return tz
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"Unknown time zone {describe(tz)}. Use a name such as 'Europe/Zurich'."
        raise BadRequestError(message) from error


_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_time(value: TimeLike, name: str, tz: TimeZone | None = None) -> datetime:
    """Return a time passed by a user as an aware datetime, to the millisecond.

    The day of a date begins in the zone `tz`; in UTC, if it is not given.

    Raises:
        BadRequestError: The value is not a time, has no time zone, or is out of range.

    Example:
        >>> parse_time("2026-05-01", "since", "Europe/Zurich").isoformat()
        '2026-05-01T00:00:00+02:00'
        >>> parse_time("2026-05-01T09:00Z", "since").isoformat()
        '2026-05-01T09:00:00+00:00'
    """
    time = _read_time(value, name)
    if not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day, tzinfo=get_timezone(tz))
    if time.utcoffset() is None:
        raise BadRequestError(
            f"{name} needs a time zone: {describe(value)} has none. Use "
            "datetime(..., tzinfo=UTC), for example."
        )
    if not is_supported(time):
        raise BadRequestError(f"{name} must be in the years 1000 to 9999, not {time.isoformat()}.")
    return truncate_to_milliseconds(time)


def _read_time(value: object, name: str) -> datetime | date:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            if _DATE_ONLY.fullmatch(value):
                return date.fromisoformat(value)
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise BadRequestError(
        f"{name} must be an aware datetime, a date, or ISO 8601 text such as '2026-05-01' or "
        f"'2026-05-01T09:00+02:00', not {describe(value)}."
    )


def start_of_day(moment: datetime, tz: TimeZone | None = None) -> datetime:
    """Return the start of the day, in a zone, that contains a time.

    Example:
        >>> start_of_day(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Zurich").isoformat()
        '2026-03-29T00:00:00+01:00'
    """
    return moment.astimezone(get_timezone(tz)).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )


def start_of_week(moment: datetime, tz: TimeZone | None = None) -> datetime:
    """Return the start of the week (Monday), in a zone, that contains a time.

    Example:
        >>> start_of_week(datetime(2026, 4, 1, 12, tzinfo=UTC), "Europe/Zurich").isoformat()
        '2026-03-30T00:00:00+02:00'
    """
    today = start_of_day(moment, tz)
    return add_days(today, -today.weekday())


def add_days(start: datetime, days: int) -> datetime:
    """Return the start of the day a number of days after another day.

    Days have 23 or 25 hours when the clocks change.

    Example:
        >>> begin = start_of_day(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Zurich")
        >>> (add_days(begin, 1).astimezone(UTC) - begin.astimezone(UTC)).total_seconds() / 3600
        23.0
    """
    return (start + timedelta(days=days)).replace(fold=0)


def add_time(
    moment: datetime, by: timedelta | relativedelta, tz: TimeZone | None = None
) -> datetime:
    """Return a later time, by a length of time or by calendar units.

    Calendar units keep the time of day in the zone, and the day of the month if it exists: one
    month after January 31 is February 28.

    Raises:
        BadRequestError: The result would not be later, or is out of range.
    """
    counted_in = UTC if isinstance(by, timedelta) else get_timezone(tz)
    try:
        result: datetime = moment.astimezone(counted_in) + by
        result = result.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadRequestError(f"by= results in a date out of range: {error}.") from error
    if result <= moment:
        raise BadRequestError("by= must lead to a later time.")
    return result
