"""Limits for untrusted calendars: a short rule can stand for more times than fit in memory."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.models.recurrence import has_later_date
from interactions_sdk.transfer.files import import_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_recurrence", "check_zones", "values_of"]

_TOO_FREQUENT = {"SECONDLY", "MINUTELY", "HOURLY"}
_TIMES_OF_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_MAX_RULES = 10
_MAX_DATES = 5_000
_EARLIEST_YEAR = 1900
_MAX_DEPTH = 10


def check_recurrence(event: Any) -> None:  # noqa: ANN401 - icalendar's own
    """Check that an event recurs at most daily, with few rules and a limited number of dates.

    Each rule must have a date that dateutil finds in a limited time.

    Raises:
        ValueError: It does not; the message says why.
    """
    rules = values_of(event, "RRULE")
    if len(rules) > _MAX_RULES:
        raise ValueError(f"it has more than {_MAX_RULES} rules of recurrence")
    if any(map(_is_too_frequent, rules)):
        raise ValueError("it recurs more often than daily")
    if sum(len(dates.dts) for dates in values_of(event, "RDATE")) > _MAX_DATES:
        raise ValueError(f"it has more than {_MAX_DATES} dates")
    for rule in rules:
        _check_dates(rule, event.start)


def _check_dates(rule: Any, begin: Any) -> None:  # noqa: ANN401 - icalendar's own
    """Check that a rule has a later date, which dateutil looks for until the year 9999."""
    _check_interval(rule)
    if begin.year < _EARLIEST_YEAR:
        raise ValueError(f"it begins before the year {_EARLIEST_YEAR}")
    start = begin if isinstance(begin, datetime) else datetime.combine(begin, time())
    parts = rule.to_ical().decode().upper().split(";")
    unlimited = ";".join(part for part in parts if not part.startswith(("COUNT=", "UNTIL=")))
    if not has_later_date(unlimited, start.replace(tzinfo=None)):
        raise ValueError("no date after the first matches its rule")


def _check_interval(rule: Any) -> None:  # noqa: ANN401 - icalendar's own
    if any(interval < 1 for interval in rule.get("INTERVAL", ())):
        raise ValueError("its INTERVAL is less than 1")


def check_zones(content: bytes) -> None:
    """Check that the time zones of a calendar change yearly: each change up to a date is kept.

    Raises:
        ValueError: One changes more often, components are nested too deeply, or the content is not
            a calendar.
    """
    icalendar = import_extra("icalendar", "calendar")
    parser = import_extra("icalendar.parser", "calendar")
    parents: list[str] = []
    for line in parser.Contentlines.from_ical(content):
        if not line.upper().startswith(("BEGIN", "END", "RRULE")):
            continue
        name, _, value = line.parts()
        if name.upper() == "BEGIN":
            parents.append(value.strip().upper())
            if len(parents) > _MAX_DEPTH:
                raise ValueError("its components are nested too deeply")
        elif name.upper() == "END":
            del parents[-1:]
        elif "VTIMEZONE" in parents:
            rule = icalendar.vRecur.from_ical(value)
            if not _is_yearly(rule):
                raise ValueError("its time zone changes more often than yearly")
            _check_interval(rule)


def _is_yearly(rule: Any) -> bool:  # noqa: ANN401 - icalendar's own
    return _frequencies(rule) == {"YEARLY"} and not _is_too_frequent(rule)


def _is_too_frequent(rule: Any) -> bool:  # noqa: ANN401 - icalendar's own
    is_often_a_day = any(len(rule.get(name, ())) > 1 for name in _TIMES_OF_DAY)
    return is_often_a_day or bool(_TOO_FREQUENT & _frequencies(rule))


def _frequencies(rule: Any) -> set[str]:  # noqa: ANN401 - icalendar's own
    return {str(each).upper() for each in rule.get("FREQ", ())}


def values_of(component: Any, name: str) -> Sequence[Any]:  # noqa: ANN401 - icalendar's own
    """Return all values of a property, which icalendar lists only if there are several."""
    values = component.get(name, [])
    return cast("Sequence[Any]", values if isinstance(values, list) else [values])
