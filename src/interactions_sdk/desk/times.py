"""Times in the zone of the person who uses the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from interactions_sdk.calendars import add_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

__all__ = [
    "DayRange",
    "InvalidTimeError",
    "input_value",
    "parse_day",
    "parse_input",
    "read_days",
    "spoken",
]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


class InvalidTimeError(ValueError):
    """A form contains an invalid time."""


def parse_input(text: str, zone: tzinfo) -> datetime:
    """Return the time of a `datetime-local` field.

    Raises:
        InvalidTimeError: It is invalid, or the clocks skip it.

    Example:
        >>> from zoneinfo import ZoneInfo
        >>> parse_input("2026-05-04T09:00", ZoneInfo("Europe/Zurich")).isoformat()
        '2026-05-04T09:00:00+02:00'
    """
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
        exists = local.astimezone(UTC).astimezone(zone) == local
    except (ValueError, OverflowError) as error:
        raise InvalidTimeError("Enter a date and a time, such as 2026-05-04 09:00.") from error
    if not exists:
        raise InvalidTimeError("The clocks skip this time; choose another one.")
    return local


def parse_day(text: str, zone: tzinfo, *, days_later: int = 0) -> datetime:
    """Return the start of the day in a `date` field, or of a later day.

    Raises:
        InvalidTimeError: It is none.

    Example:
        >>> parse_day("2026-05-04", UTC, days_later=1).isoformat()
        '2026-05-05T00:00:00+00:00'
    """
    try:
        day = date.fromisoformat(text)
        return add_days(datetime(day.year, day.month, day.day, tzinfo=zone), days_later)
    except (ValueError, OverflowError) as error:
        raise InvalidTimeError("Enter a date, such as 2026-05-04.") from error


class DayRange(NamedTuple):
    """The start of the first and the end of the last day of a list, and the errors by field."""

    since: datetime | None
    until: datetime | None
    errors: dict[str, str]


def read_days(query: Mapping[str, str], zone: tzinfo) -> DayRange:
    """Return the days from `since` to `until`, both included; wrong ones are left out.

    Example:
        >>> days = read_days({"since": "2026-05-04", "until": "soon"}, UTC)
        >>> days.since.isoformat(), days.errors
        ('2026-05-04T00:00:00+00:00', {'until': 'Enter a date, such as 2026-05-04.'})
    """
    bounds: dict[str, datetime] = {}
    errors: dict[str, str] = {}
    for name, days_later in (("since", 0), ("until", 1)):
        try:
            if query[name]:
                bounds[name] = parse_day(query[name], zone, days_later=days_later)
        except InvalidTimeError as error:
            errors[name] = str(error)
    return DayRange(bounds.get("since"), bounds.get("until"), errors)


def input_value(moment: datetime | None, zone: tzinfo) -> str:
    """Return a time in the format of a `datetime-local` field.

    Example:
        >>> input_value(datetime(2026, 5, 4, 7, 0, tzinfo=UTC), UTC)
        '2026-05-04T07:00'
    """
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"


def spoken(moment: datetime, zone: tzinfo, *, now: datetime) -> str:
    """Return a time as people say it, with the year only if it is not the current one.

    Example:
        >>> now = datetime(2026, 5, 4, tzinfo=UTC)
        >>> spoken(datetime(2026, 5, 5, 7, 0, tzinfo=UTC), UTC, now=now)
        'tomorrow, 07:00'
        >>> spoken(datetime(2025, 5, 5, 7, 0, tzinfo=UTC), UTC, now=now)
        '5 May 2025, 07:00'
    """
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    distance = (local.date() - today) // timedelta(days=1)
    if distance in _NEAR_DAYS:
        day = _NEAR_DAYS[distance]
    elif 0 < distance < len(_WEEKDAYS):
        day = _WEEKDAYS[local.weekday()]
    else:
        day = f"{local.day} {_MONTHS[local.month - 1]}"
        if local.year != today.year:
            day += f" {local.year}"
    return f"{day}, {local:%H:%M}"
