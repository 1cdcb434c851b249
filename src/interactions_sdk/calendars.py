"""Days as people mean them: in a time zone, daylight saving included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

__all__ = ["TimeZone", "later", "start_of_day", "zone"]

TimeZone = str | tzinfo
"""A zone's name, such as `Europe/Zurich`, or a zone."""


def zone(tz: TimeZone | None) -> tzinfo:
    """Return a zone by its name; UTC if none is given.

    Raises:
        BadRequestError: There is no such zone.
    """
    if tz is None:
        return UTC
    if isinstance(tz, tzinfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = f"There is no time zone {tz!r}: give a name such as 'Europe/Zurich'."
        raise BadRequestError(message) from error


def start_of_day(moment: datetime, tz: TimeZone | None = None) -> datetime:
    """Return when the day of a moment began in a zone.

    Example:
        >>> start_of_day(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Zurich").isoformat()
        '2026-03-29T00:00:00+01:00'
    """
    return moment.astimezone(zone(tz)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def later(moment: datetime, by: timedelta | relativedelta) -> datetime:
    """Return a moment put off, by a length of time or by calendar units.

    Calendar units keep the time of day in the moment's own zone, and the day of the month where
    there is one: a month after the 31st of January is the 28th of February.

    Raises:
        BadRequestError: It would not be later.
    """
    result: datetime = moment + by
    if result.astimezone(UTC) <= moment.astimezone(UTC):
        raise BadRequestError("by= must lead to a later time.")
    return result
