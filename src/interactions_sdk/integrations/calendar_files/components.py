"""The events and to-dos of `.ics` files, recurrences expanded within a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactions_sdk.errors import BadRequestError
from interactions_sdk.integrations.calendar_files.limits import check_recurrence, check_zones
from interactions_sdk.sentences import end_sentence
from interactions_sdk.transfer.files import import_extra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["CalendarItem", "Window", "iterate_calendar"]

_RECURS = ("RRULE", "RDATE", "RECURRENCE-ID")
"""What an event has that recurs, or that is one occurrence of such an event."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which events are read."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """An event, one occurrence of an event that recurs, or a to-do.

    Attributes:
        place: Where it is, for the report.
        component: The icalendar component; None if there is none within the window.
        kind: `VEVENT` or `VTODO`.
        recurrence_id: The ID of the occurrence; empty if it does not recur.
        is_cancelled: Whether the whole calendar is a cancellation.
        fault: Why it cannot be read.
    """

    place: str
    component: Any
    kind: str
    recurrence_id: str = ""
    is_cancelled: bool = False
    fault: str = ""


def iterate_calendar(path: str | Path, window: Window) -> Iterator[CalendarItem]:
    """Yield the events and to-dos of an `.ics` file, or of a folder of such files.

    Raises:
        BadRequestError: There is no such file, it is not a calendar, or the folder holds none.
        ConfigurationError: The extra `calendar` is not installed.
    """
    place = Path(path)
    if not place.is_dir():
        yield from _file_items(place, place.name, window)
        return
    files = sorted(each for each in place.rglob("*") if each.suffix.lower() == ".ics")
    if not files:
        raise BadRequestError(f"{str(place)!r} holds no .ics files.")
    for file in files:
        yield from _file_items(file, file.relative_to(place).as_posix(), window)


def _file_items(file: Path, name: str, window: Window) -> Iterator[CalendarItem]:
    icalendar = import_extra("icalendar", "calendar")
    content = file.read_bytes()
    try:
        check_zones(content)
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        message = end_sentence(f"{file} cannot be read as a calendar: {error}")
        raise BadRequestError(message) from error
    for calendar in calendars:
        is_cancelled = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        for uid, series in _series(calendar).items():
            place = f"{name} event {uid}"
            try:
                yield from _occurrences(place, calendar, series, window, is_cancelled=is_cancelled)
            except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
                fault = f"its dates cannot be read: {error}"
                yield CalendarItem(place, None, "VEVENT", fault=fault)
        for todo in calendar.walk("VTODO"):
            place = f"{name} to-do {todo.get('UID')}"
            yield CalendarItem(place, todo, "VTODO", is_cancelled=is_cancelled)


def _series(calendar: Any) -> dict[str, list[Any]]:  # noqa: ANN401 - icalendar's own
    """Group the events by UID: each event with the occurrences that differ from it."""
    series: dict[str, list[Any]] = {}
    for event in calendar.walk("VEVENT"):
        series.setdefault(str(event.get("UID", "")), []).append(event)
    return series


def _occurrences(
    place: str,
    calendar: Any,  # noqa: ANN401 - icalendar's own
    series: list[Any],
    window: Window,
    *,
    is_cancelled: bool,
) -> Iterator[CalendarItem]:
    """Yield the occurrences of one event that begin within the window, or one item without any."""
    recurs = any(name in event for event in series for name in _RECURS)
    for event in series:
        check_recurrence(event)
    alone = type(calendar)()
    for part in [*calendar.walk("VTIMEZONE"), *series]:
        alone.add_component(part)
    expander = import_extra("recurring_ical_events", "calendar")
    is_empty = True
    for event in expander.of(alone).between(window.since, window.until):
        is_empty = False
        if recurs:
            when = event["RECURRENCE-ID"].dt
            where, recurrence_id = f"{place} on {when:%Y-%m-%d}", _recurrence_id(when)
        else:
            where, recurrence_id = place, ""
        yield CalendarItem(where, event, "VEVENT", recurrence_id, is_cancelled)
    if is_empty:
        yield CalendarItem(place, None, "VEVENT")


def _recurrence_id(when: Any) -> str:  # noqa: ANN401 - a date or a datetime
    """Return the ID of an occurrence: its original time, whatever the zone it is written in."""
    is_aware = getattr(when, "tzinfo", None) is not None
    return str((when.astimezone(UTC) if is_aware else when).isoformat())
