"""Parsing times as people type them."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from dateutil.relativedelta import relativedelta
from dateutil.tz import tzlocal

from interactions_sdk.calendars import add_days, add_time, get_timezone, start_of_day
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = [
    "parse_datetime",
    "parse_duration",
    "parse_minutes",
    "parse_rule",
    "parse_timezone",
    "zone_name",
]

_LENGTH = re.compile(r"(\d{1,6}) ?(mo|min|m|h|d|w|y)")
_HOURS_AND_MINUTES = re.compile(r"(\d{1,4}) ?h ?([0-5]?\d) ?(?:m|min)?")
_LOCALTIME = Path("/etc/localtime")
_RULES = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def parse_timezone(name: str | None) -> tzinfo:
    """Return a zone by its name, or this machine's zone, if possible with its name."""
    if name is not None:
        return get_timezone(name)
    name = os.environ.get("TZ") or _LOCALTIME.resolve().as_posix().partition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return tzlocal()


def parse_duration(text: str) -> timedelta | relativedelta:
    """Parse a length of time: `90m`, `2h`, `1h30`, `3d`, `1w`, `1mo`, `1y`.

    Raises:
        BadRequestError: `text` is not a length of time.

    Example:
        >>> parse_duration("2h"), parse_duration("1h30")
        (datetime.timedelta(seconds=7200), datetime.timedelta(seconds=5400))
        >>> parse_duration("1mo")
        relativedelta(months=+1)
    """
    if parts := _HOURS_AND_MINUTES.fullmatch(text.strip()):
        return timedelta(hours=int(parts[1]), minutes=int(parts[2]))
    read = _LENGTH.fullmatch(text.strip())
    if read is None:
        raise BadRequestError(f"Invalid duration {text!r}. Use e.g. 90m, 2h, 3d, 1w, 1mo or 1y.")
    number = int(read[1])
    units: dict[str, timedelta | relativedelta] = {
        "m": timedelta(minutes=number),
        "min": timedelta(minutes=number),
        "h": timedelta(hours=number),
        "d": relativedelta(days=number),
        "w": relativedelta(weeks=number),
        "mo": relativedelta(months=number),
        "y": relativedelta(years=number),
    }
    return units[read[2]]


def parse_minutes(text: str) -> int:
    """Parse a number of minutes: `12`, `90m`, `2h`, `1h30`.

    Raises:
        typer.BadParameter: `text` is not a number of minutes.

    Example:
        >>> parse_minutes("12"), parse_minutes("90m"), parse_minutes("1h30")
        (12, 90, 90)
    """
    typed = text.strip()
    if typed.isdecimal():
        return int(typed)
    try:
        length = parse_duration(typed)
    except BadRequestError:
        length = relativedelta(days=1)
    if isinstance(length, relativedelta):
        raise typer.BadParameter(f"{text!r} is not a number of minutes. Use e.g. 12, 90m or 1h30.")
    return length // timedelta(minutes=1)


def parse_rule(text: str) -> str:
    """Parse how a follow-up recurs: a word, or a rule of RFC 5545.

    Example:
        >>> parse_rule("weekly"), parse_rule("FREQ=DAILY;COUNT=3")
        ('FREQ=WEEKLY', 'FREQ=DAILY;COUNT=3')
    """
    return _RULES.get(text.strip().lower(), text)


def zone_name(tz: tzinfo) -> str | None:
    """Return the name of a zone, if it has one."""
    return tz.key if isinstance(tz, ZoneInfo) else None


def parse_datetime(text: str | None, tz: tzinfo) -> datetime | None:
    """Parse a time: `2026-05-01`, `2026-05-01 09:00`, `tomorrow`, `in 3d`, `30d ago`.

    Times without a zone are in `tz`.

    Raises:
        BadRequestError: It is not a time.

    Example:
        >>> from datetime import UTC
        >>> parse_datetime("2026-05-01 09:00", UTC).isoformat()
        '2026-05-01T09:00:00+00:00'
        >>> parse_datetime("soon", UTC)
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: Invalid date or time 'soon'. ...
    """
    if text is None:
        return None
    typed = text.strip().lower()
    if typed in _DAYS:
        return add_days(start_of_day(utc_now(), tz), _DAYS[typed])
    if typed.startswith("in "):
        return add_time(utc_now(), parse_duration(typed.removeprefix("in ")), tz)
    if typed.endswith(" ago"):
        return _subtract(parse_duration(typed.removesuffix(" ago")), tz)
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadRequestError(
            f"Invalid date or time {text!r}. Use e.g. 2026-05-01, 2026-05-01T09:00, today, "
            "tomorrow, in 3d or 3d ago."
        ) from None
    return read if read.tzinfo is not None else read.replace(tzinfo=tz)


def _subtract(by: timedelta | relativedelta, tz: tzinfo) -> datetime:
    try:
        result: datetime = utc_now().astimezone(tz) - by
    except (OverflowError, ValueError) as error:
        raise BadRequestError(f"Date out of range: {error}.") from error
    return result
