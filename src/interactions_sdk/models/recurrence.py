"""Recurrence rules of follow-ups, in a subset of RFC 5545."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Self, cast

from interactions_sdk.arguments import describe, suggestion
from interactions_sdk.calendars import get_timezone
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

__all__ = ["RECURRENCE_FIELD", "Recurrence", "check_rule", "has_later_date"]

RECURRENCE_FIELD = "followUpRecurrence"
"""The custom field that stores the series; it needs no new column, and other programs keep it."""

MAX_COUNT = 10_000
MAX_INTERVAL = 1000
_MAX_POSITION = 366
_MAX_WEEKS = {"MONTHLY": 5, "YEARLY": 53}
_EARLIEST_YEAR = 1970
_MAX_LENGTH = 200
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_TIME = r"[12]\d{7}(?:T\d{6}Z)?"


def _numbers(pattern: str) -> str:
    return f"(?:{pattern})(?:,(?:{pattern}))*"


_VALUES = {
    "FREQ": "|".join(_FREQUENCIES),
    "INTERVAL": r"\d{1,4}",
    "COUNT": r"\d{1,5}",
    "UNTIL": _TIME,
    "WKST": _WEEKDAY,
    "BYDAY": _numbers(rf"(?:[+-]?[1-9]\d?)?{_WEEKDAY}"),
    "BYMONTHDAY": _numbers(r"[+-]?(?:[1-9]|[12]\d|3[01])"),
    "BYMONTH": _numbers(r"[1-9]|1[0-2]"),
    "BYSETPOS": _numbers(r"[+-]?[1-9]\d{0,2}"),
}
_OTHERS = ("BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO", "BYEASTER")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ALWAYS_THERE = 28
"""The highest day number that every month has."""


def check_rule(text: str, due: datetime) -> str:
    """Return a rule in normal form, if a follow-up can have it.

    Args:
        text: The rule, such as `FREQ=MONTHLY;BYDAY=1MO`.
        due: The first due date.

    Raises:
        ValueError: It is malformed, too costly, or has no date after the first; the message says
            what is allowed.

    Example:
        >>> check_rule("RRULE:freq=weekly;byday=mo,fr", datetime(2026, 3, 2, 9))
        'FREQ=WEEKLY;BYDAY=MO,FR'
        >>> check_rule("FREQ=SECONDLY", datetime(2026, 3, 2, 9))
        Traceback (most recent call last):
        ...
        ValueError: FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, not 'SECONDLY'
    """
    parts = _parse(text)
    unlimited = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    if next(_dates_after(unlimited, due, due, UTC), None) is None:
        raise ValueError("no date after the first matches it")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _parse(text: str) -> dict[str, str]:
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"it has more than {_MAX_LENGTH} characters")
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").removesuffix(";").split(";"):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals:
            raise ValueError(f"use parts such as FREQ=WEEKLY;BYDAY=MO, not {describe(part)}")
        if name in parts:
            raise ValueError(f"{name} is given twice")
        _check_part(name, value)
        parts[name] = value
    if "FREQ" not in parts:
        raise ValueError("FREQ is missing, such as FREQ=WEEKLY")
    _check_limits(parts)
    _check_combination(parts)
    return parts


def _check_part(name: str, value: str) -> None:
    if name in ("BYSECOND", "BYMINUTE", "BYHOUR"):
        raise ValueError(f"leave out {name}: the time of day is that of next_action_date")
    if name in _OTHERS:
        raise ValueError(f"{name} is not supported; use BYMONTH, BYMONTHDAY or BYDAY")
    if name not in _VALUES:
        raise ValueError(f"unknown part {describe(name)}.{suggestion(name, _VALUES)}".rstrip("."))
    if re.fullmatch(_VALUES[name], value, re.ASCII):
        return
    if name == "FREQ":
        raise ValueError(f"FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, not {describe(value)}")
    raise ValueError(f"{describe(value)} is not a value of {name}")


def _check_limits(parts: Mapping[str, str]) -> None:
    for name, most in (("INTERVAL", MAX_INTERVAL), ("COUNT", MAX_COUNT)):
        if name in parts and not 1 <= int(parts[name]) <= most:
            raise ValueError(f"{name} must be from 1 to {most}, not {parts[name]}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("use COUNT or UNTIL, not both")
    if "UNTIL" in parts:
        _read_until(parts["UNTIL"])


def _check_combination(parts: Mapping[str, str]) -> None:
    """Reject combinations that the RFC does not allow, and days that no month has."""
    frequency = parts["FREQ"]
    if frequency in ("DAILY", "WEEKLY"):
        if any(character.isdigit() for character in parts.get("BYDAY", "")):
            raise ValueError(f"numbers in BYDAY need FREQ=MONTHLY or YEARLY, not {frequency}")
        if "BYSETPOS" in parts:
            raise ValueError(f"BYSETPOS needs FREQ=MONTHLY or YEARLY, not {frequency}")
    _check_numbers(parts)
    if frequency == "WEEKLY" and "BYMONTHDAY" in parts:
        raise ValueError("BYMONTHDAY needs FREQ=DAILY, MONTHLY or YEARLY, not WEEKLY")
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in parts.get("BYMONTHDAY", "1").split(",")]
    if min(days) > max(_LONGEST_MONTHS[month - 1] for month in months):
        raise ValueError(f"no such month has a day {min(days)}")


def _check_numbers(parts: Mapping[str, str]) -> None:
    """Refuse weeks and positions that no month or year has: dateutil fails on them later."""
    most = 5 if "BYMONTH" in parts else _MAX_WEEKS.get(parts["FREQ"], 0)
    for day in filter(None, parts.get("BYDAY", "").split(",")):
        number = day[:-2]
        if number and abs(int(number)) > most:
            raise ValueError(f"{describe(day)} is not a value of BYDAY here: 1 to {most} weeks")
    for position in filter(None, parts.get("BYSETPOS", "").split(",")):
        if abs(int(position)) > _MAX_POSITION:
            raise ValueError(f"BYSETPOS must be from 1 to {_MAX_POSITION}, not {position}")


def _read_until(text: str) -> datetime:
    """Return the last moment; a day without a time counts to its end."""
    try:
        if text.endswith("Z"):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return datetime.strptime(text, "%Y%m%d") + timedelta(days=1, seconds=-1)  # noqa: DTZ007 - local
    except ValueError:
        raise ValueError(f"{describe(text)} is not a value of UNTIL") from None


def _with_last_days(parts: Mapping[str, str], start: datetime) -> dict[str, str]:
    """Return a rule that takes the last day of months without the 29th, 30th or 31st.

    RFC 5545 would leave such months out, and the follow-up would be forgotten. (RFC 7529 calls this
    rule `SKIP=BACKWARD`.)
    """
    adapted = dict(parts)
    days = parts.get("BYMONTHDAY", str(start.day))
    is_monthly = parts["FREQ"] == "MONTHLY"
    month = parts.get("BYMONTH", "" if "BYMONTHDAY" in parts else str(start.month))
    is_yearly = parts["FREQ"] == "YEARLY" and month.isdigit()
    is_one_day = days.isdigit() and int(days) > _ALWAYS_THERE
    if not is_one_day or {"BYDAY", "BYSETPOS"} & parts.keys() or not (is_monthly or is_yearly):
        return adapted
    candidates = range(_ALWAYS_THERE, int(days) + 1)
    adapted |= {"BYMONTHDAY": ",".join(map(str, candidates)), "BYSETPOS": "-1"}
    return adapted | ({"BYMONTH": month} if is_yearly else {})


_GREGORIAN_CYCLE = 400
"""Years after which dates fall on the same weekdays."""

_YEARS_AHEAD = 100
"""How far ahead to search for a date, at least."""


def _years_to_end(start: datetime) -> int:
    """Return by how many years to move a date towards the end of the calendar."""
    cycles = (MAXYEAR - _YEARS_AHEAD - start.year) // _GREGORIAN_CYCLE
    return _GREGORIAN_CYCLE * max(0, cycles)


def has_later_date(rule: str, start: datetime) -> bool:
    """Return whether a rule of RFC 5545 without COUNT and UNTIL has a date after its first one.

    Args:
        rule: The rule, as a calendar has it.
        start: The first date, without a time zone.

    Raises:
        ValueError: It is not a rule.
    """
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - only where something recurs

    first = start.replace(year=start.year + _years_to_end(start))
    return next(rrulestr(rule, dtstart=first).xafter(first), None) is not None


def _dates_after(
    parts: Mapping[str, str], start: datetime, after: datetime, zone: tzinfo
) -> Iterator[datetime]:
    """Yield the dates of a rule after one of them, all in local time without a zone.

    dateutil searches for a nonexistent date until the year 9999, which takes many seconds. So the
    search is moved near the end of the calendar, to years with the same weekdays.
    """
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - only where something recurs

    shift = _years_to_end(start)
    if after.year + shift > MAXYEAR:
        return
    first = start.replace(year=start.year + shift, microsecond=0)
    rule = _with_last_days(parts, start)
    until, count = rule.pop("UNTIL", None), rule.pop("COUNT", None)
    last = None if until is None else _local(_read_until(until), zone)
    text = ";".join(f"{name}={value}" for name, value in rule.items())
    if count is not None:
        # The first date counts, even if the rule does not include it.
        has_first = next(iter(rrulestr(text, dtstart=first)), None) == first
        text += f";COUNT={int(count) - (not has_first)}"
    begin = after.replace(year=after.year + shift, microsecond=0)
    for date in rrulestr(text, dtstart=first).xafter(begin):
        local = date.replace(year=date.year - shift, microsecond=start.microsecond)
        if local.year == MAXYEAR or (last is not None and local > last):
            return
        yield local


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A series of due dates at the same local time.

    Attributes:
        rule: The rule.
        tz: The name of the time zone.
        start: The first date, in local time.
        at: The date that is due now, in local time; a follow-up that was snoozed is due later.

    Example:
        >>> due = datetime(2026, 3, 23, 8, tzinfo=UTC)
        >>> weekly = Recurrence.begin("FREQ=WEEKLY", "Europe/Zurich", due)
        >>> following = weekly.following(datetime(2026, 3, 24, tzinfo=UTC))
        >>> following.due.isoformat()  # nine o'clock in Zurich, where the clocks have changed
        '2026-03-30T07:00:00+00:00'
    """

    rule: str
    tz: str
    start: datetime
    at: datetime

    @classmethod
    def begin(cls, rule: str, tz: str, due: datetime) -> Self:
        """Return the series that begins with a due date."""
        local = _local(due, get_timezone(tz))
        return cls(rule, tz, local, local)

    @classmethod
    def from_field(cls, value: object) -> Self | None:
        """Read a series from a custom field; None if the field has no valid series."""
        if not isinstance(value, dict):
            return None
        field = cast("dict[str, str]", value)
        try:
            rule, tz = str(field["rule"]), str(field["timeZone"])
            start, at = (datetime.fromisoformat(field[name]) for name in ("start", "at"))
            _parse(rule)
            get_timezone(tz)
        except (KeyError, TypeError, ValueError, BadRequestError):
            return None
        is_local = start.tzinfo is None and at.tzinfo is None
        is_in_range = _EARLIEST_YEAR <= start.year <= MAXYEAR - _YEARS_AHEAD and at.year < MAXYEAR
        return cls(rule, tz, start, at) if is_local and is_in_range and start <= at else None

    def to_field(self) -> dict[str, JsonValue]:
        """Return the series as it is stored in the metadata."""
        return {
            "rule": self.rule,
            "timeZone": self.tz,
            "start": self.start.isoformat(),
            "at": self.at.isoformat(),
        }

    @property
    def due(self) -> datetime:
        """When it is due, in UTC; a time that the clocks skip moves forward."""
        return self.at.replace(tzinfo=get_timezone(self.tz)).astimezone(UTC)

    def following(self, now: datetime) -> Self | None:
        """Return the series at its next date after now; None at its end."""
        zone = get_timezone(self.tz)
        after = self.at
        if self.due < now:
            # A day before now: a time that the clocks skip or repeat may be due later than it says.
            after = max(after, _local(now, zone) - timedelta(days=1))
        for date in _dates_after(_parse(self.rule), self.start, after, zone):
            following = replace(self, at=date)
            if following.due > now:
                return following
        return None
