"""The events and to-dos of calendars, as items to import."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from interactions_sdk.calendars import get_timezone
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.integrations.calendar_files.components import Window, iterate_calendar
from interactions_sdk.integrations.calendar_files.limits import values_of
from interactions_sdk.integrations.own_addresses import OwnAddresses
from interactions_sdk.models.recurrence import Recurrence, check_rule
from interactions_sdk.sentences import truncate
from interactions_sdk.transfer.sources import SourceItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.integrations.calendar_files.components import CalendarItem

__all__ = ["CalendarSource"]

_YEAR = timedelta(days=366)
_MAX_SUBJECT = 200
_MAX_TEXT = 5000
_MAX_PARTICIPANTS = 20
_MAX_PARTICIPANT = 100
_MAX_LOCATION = 500
_END_OF_DAY = time(23, 59, 59, 999_000)
_ERRORS = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
_RESOURCES = {"ROOM", "RESOURCE"}
_OUTCOMES = {"COMPLETED": "resolved"}


class CalendarSource:
    """The events and to-dos of an `.ics` file, or of a folder of such files.

    Args:
        path: The file or folder.
        own: Your own addresses and domains, as for mail.
        tz: The zone of dates and times without one.
        since: Events that began earlier are skipped; if not given, those of more than a year ago.
        customer_id: The customer of events and to-dos without attendees.

    Raises:
        BadRequestError: `own` is empty.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        own: Iterable[str],
        tz: TimeZone,
        since: datetime | None = None,
        customer_id: str | None = None,
    ) -> None:
        self._own = OwnAddresses(own)
        self._path = path
        self._tz = get_timezone(tz)
        self._now = utc_now()
        self._window = Window(since or self._now - _YEAR, self._now)
        self._customer_id = customer_id or ""

    def items(self) -> Iterator[SourceItem]:
        """Yield the events and to-dos; of several versions in the files, each."""
        for item in iterate_calendar(self._path, self._window):
            if item.fault or item.component is None:
                skipped = "" if item.fault else "outside"
                yield SourceItem(place=item.place, fault=item.fault, skipped=skipped)
                continue
            try:
                yield self._event(item) if item.kind == "VEVENT" else self._todo(item)
            except _ERRORS as error:
                yield SourceItem(place=item.place, fault=f"it cannot be read: {error}")

    def _event(self, item: CalendarItem) -> SourceItem:
        event = item.component
        start, end = event.start, event.end
        begins = self._aware(start, time.min)
        if not self._window.since <= begins <= self._now:
            return SourceItem(place=item.place, skipped="outside")
        addresses = _addresses(event)
        others = [each for each in addresses if each not in self._own]
        if not others and not self._customer_id:
            return SourceItem(place=item.place, skipped="private")
        is_whole_day = not isinstance(start, datetime)
        minutes = round((self._aware(end, time.min) - begins).total_seconds() / 60)
        is_cancelled = item.is_cancelled or _text(event, "STATUS").upper() == "CANCELLED"
        summary = _text(event, "SUMMARY")
        fields: dict[str, object] = {
            "interaction_type": "meeting",
            "direction": "outbound" if _organizer(event) in self._own else "inbound",
            "subject": truncate(summary, _MAX_SUBJECT) or None,
            "description": truncate(_text(event, "DESCRIPTION") or summary, _MAX_TEXT) or "Meeting",
            "duration": None if is_whole_day or minutes < 1 else minutes,
            "outcome": "cancelled" if is_cancelled else None,
            "occurred_at": begins,
            "metadata": _metadata(item, addresses),
        }
        return self._item(item, fields, others, is_cancelled=is_cancelled)

    def _todo(self, item: CalendarItem) -> SourceItem:
        todo = item.component
        due = todo.end if "DUE" in todo or "DURATION" in todo else None
        addresses = _addresses(todo)
        others = [each for each in addresses if each not in self._own]
        if not others and not self._customer_id:
            return SourceItem(place=item.place, skipped="private")
        status = _text(todo, "STATUS").upper()
        is_cancelled = item.is_cancelled or status == "CANCELLED"
        subject = truncate(_text(todo, "SUMMARY"), _MAX_SUBJECT)
        created = self._created(todo)
        fields: dict[str, object] = {
            "interaction_type": "task",
            "subject": subject or None,
            "description": truncate(_text(todo, "DESCRIPTION"), _MAX_TEXT) or None,
            "outcome": "cancelled" if is_cancelled else _OUTCOMES.get(status),
            "next_action": subject or None,
            "next_action_date": None if due is None else self._aware(due, _END_OF_DAY),
            "occurred_at": created,
            "metadata": _metadata(item, addresses),
        }
        notes: list[str] = []
        if due is not None and "RRULE" in todo:
            fields |= self._recurrence(todo, due, notes)
        return self._item(item, fields, others, is_cancelled=is_cancelled, notes=notes)

    def _recurrence(self, todo: Any, due: Any, notes: list[str]) -> dict[str, object]:  # noqa: ANN401
        """Return the rule of a recurring to-do, if follow-ups support it."""
        rule = todo["RRULE"].to_ical().decode()
        zone = str(getattr(due, "tzinfo", None) or self._tz)
        try:
            series = Recurrence.begin(rule, zone, self._aware(due, _END_OF_DAY))
            check_rule(rule, series.start)
        except (ValueError, OverflowError, BadRequestError) as error:
            notes.append(f"it does not recur here: {error}")
            return {}
        return {"recurrence": rule, "recurrence_tz": zone}

    def _created(self, todo: Any) -> datetime | None:  # noqa: ANN401 - icalendar's own
        for name in ("CREATED", "DTSTAMP"):
            if (stamp := todo.get(name)) is not None:
                created = self._aware(stamp.dt, time.min)
                return created if created <= self._now else None
        return None

    def _item(
        self,
        item: CalendarItem,
        fields: dict[str, object],
        others: list[str],
        *,
        is_cancelled: bool,
        notes: Iterable[str] = (),
    ) -> SourceItem:
        uid = _text(item.component, "UID")
        return SourceItem(
            place=item.place,
            key=f"calendar {uid} {item.recurrence_id}".rstrip(),
            fields=fields,
            addresses=others,
            is_for_all=True,
            customer_id="" if others else self._customer_id,
            revision=int(item.component.get("SEQUENCE", 0)),
            is_cancelled=is_cancelled,
            fault="" if uid else "it has no UID",
            notes=list(notes),
        )

    def _aware(self, when: date, at: time) -> datetime:
        """Return a time with its zone; a date gets the given time of day."""
        if not isinstance(when, datetime):
            return datetime.combine(when, at, tzinfo=self._tz)
        return when if when.tzinfo is not None else when.replace(tzinfo=self._tz)


def _text(component: Any, name: str) -> str:  # noqa: ANN401 - icalendar's own
    return str(component.get(name, "")).replace("\0", "").strip()


def _organizer(component: Any) -> str:  # noqa: ANN401 - icalendar's own
    return _address(component.get("ORGANIZER", ""))


def _address(value: object) -> str:
    text = str(value).strip().lower().removeprefix("mailto:")
    return text if "@" in text else ""


def _addresses(component: Any) -> list[str]:  # noqa: ANN401 - icalendar's own
    """Return the organizer and the attendees, except resources and those who declined."""
    people = [
        attendee
        for attendee in values_of(component, "ATTENDEE")
        if str(attendee.params.get("CUTYPE", "")).upper() not in _RESOURCES
        and str(attendee.params.get("PARTSTAT", "")).upper() != "DECLINED"
    ]
    addresses = [_organizer(component), *map(_address, people)]
    return list(dict.fromkeys(filter(None, addresses)))


def _metadata(item: CalendarItem, addresses: list[str]) -> dict[str, object]:
    component = item.component
    fields = {
        "uid": truncate(_text(component, "UID"), _MAX_SUBJECT),
        "recurrenceId": item.recurrence_id,
        "sequence": int(component.get("SEQUENCE", 0)),
    }
    location = truncate(_text(component, "LOCATION"), _MAX_LOCATION)
    people = [truncate(each, _MAX_PARTICIPANT) for each in addresses[:_MAX_PARTICIPANTS]]
    return {
        "participants": people,
        **({"location": location} if location else {}),
        "customFields": {name: value for name, value in fields.items() if value != ""},
    }
