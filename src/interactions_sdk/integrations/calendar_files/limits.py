"""Limits for calendars from anywhere: a short rule can stand for more times than fit in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.transfer.files import import_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_recurrence", "check_zones"]

_TOO_FREQUENT = {"SECONDLY", "MINUTELY", "HOURLY"}
_TIMES_OF_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_MAX_RULES = 10
_MAX_DATES = 5_000


def check_recurrence(event: Any) -> None:  # noqa: ANN401 - icalendar's own
    """Check that an event recurs at most daily, with few rules and a limited number of dates.

    Raises:
        ValueError: It does not; the message says why.
    """
    rules = _values(event, "RRULE")
    if len(rules) > _MAX_RULES:
        raise ValueError(f"it has more than {_MAX_RULES} rules of recurrence")
    if any(map(_is_too_frequent, rules)):
        raise ValueError("it recurs more often than daily")
    if sum(len(each.dts) for each in _values(event, "RDATE")) > _MAX_DATES:
        raise ValueError(f"it has more than {_MAX_DATES} dates")


def check_zones(content: bytes) -> None:
    """Check that the time zones of a calendar change yearly: each change up to a date is kept.

    Raises:
        ValueError: One changes more often, or the content is not a calendar.
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
        elif name.upper() == "END":
            del parents[-1:]
        elif "VTIMEZONE" in parents and not _is_yearly(icalendar.vRecur.from_ical(value)):
            raise ValueError("its time zone changes more often than yearly")


def _is_yearly(rule: Any) -> bool:  # noqa: ANN401 - icalendar's own
    return _frequencies(rule) == {"YEARLY"} and not _is_too_frequent(rule)


def _is_too_frequent(rule: Any) -> bool:  # noqa: ANN401 - icalendar's own
    is_often_a_day = any(len(rule.get(name, ())) > 1 for name in _TIMES_OF_DAY)
    return is_often_a_day or bool(_TOO_FREQUENT & _frequencies(rule))


def _frequencies(rule: Any) -> set[str]:  # noqa: ANN401 - icalendar's own
    return {str(each).upper() for each in rule.get("FREQ", ())}


def _values(event: Any, name: str) -> Sequence[Any]:  # noqa: ANN401 - icalendar's own
    found = event.get(name, [])
    return cast("Sequence[Any]", found if isinstance(found, list) else [found])
