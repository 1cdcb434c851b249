"""Follow-ups as an iCalendar feed (RFC 5545), which calendar programs subscribe to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from interactions_sdk.arguments import check_callable, check_duration, check_text
from interactions_sdk.calendars import get_timezone
from interactions_sdk.datetimes import MAX_DATETIME
from interactions_sdk.errors import BadRequestError
from interactions_sdk.escaping.characters import without_controls
from interactions_sdk.escaping.html import safe_url
from interactions_sdk.transfer.files import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["CalendarFeed"]

_PRODUCT = "-//interactions-sdk//Follow-ups//EN"
_REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """How follow-ups are shown in a calendar.

    Times are in UTC, which every program shows in its user's zone. (Outlook misreads definitions of
    zones whose rules have changed.) For the attributes, see `FollowUps.ical`.
    """

    name: str
    tz: str
    duration: timedelta
    alarm: timedelta | None
    title: Callable[[CustomerInteraction], str] | None
    url: str | None

    def __post_init__(self) -> None:
        check_text(self.name, "name")
        get_timezone(self.tz)
        check_duration(self.duration, "duration")
        if self.alarm is not None:
            check_duration(self.alarm, "alarm")
        check_callable(self.title, "title")
        if self.url is not None and not ("{id}" in self.url and safe_url(self.url)):
            raise BadRequestError(
                "url must be an http or https address with {id} in it, such as "
                "https://crm.example/interactions/{id}."
            )

    def render(self, follow_ups: Iterable[CustomerInteraction]) -> bytes:
        """Return the feed, the same bytes until something changes.

        Raises:
            ConfigurationError: The extra `calendar` is not installed.
        """
        icalendar = import_extra("icalendar", "calendar")
        calendar = icalendar.Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        for name in ("name", "x-wr-calname"):
            calendar.add(name, icalendar.vText(_plain(self.name)))  # it does not know the names
        calendar.add("x-wr-timezone", self.tz)
        for name in ("refresh-interval", "x-published-ttl"):
            calendar.add(name, icalendar.vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
        for follow_up in follow_ups:
            calendar.add_component(self._event(icalendar, follow_up))
        content: bytes = calendar.to_ical()
        return content

    def _event(self, icalendar: Any, follow_up: CustomerInteraction) -> Any:  # noqa: ANN401 - its own
        due = (follow_up.next_action_date or MAX_DATETIME).astimezone(UTC).replace(microsecond=0)
        title = _plain(self._title_of(follow_up))
        event = icalendar.Event()
        event.add("uid", f"{follow_up.id}@interactions-sdk")
        event.add("sequence", _revision(follow_up))
        event.add("dtstamp", follow_up.updated_at.replace(microsecond=0))
        event.add("created", follow_up.created_at.replace(microsecond=0))
        event.add("last-modified", follow_up.updated_at.replace(microsecond=0))
        event.add("dtstart", due)
        event.add("duration", self.duration)
        event.add("summary", title)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        event.add("categories", [_plain(str(follow_up.interaction_type))])
        description = "\n\n".join(filter(None, [follow_up.subject, follow_up.description]))
        if description:
            event.add("description", _plain(description))
        if self.url is not None:
            event.add("url", self.url.replace("{id}", quote(follow_up.id, safe="")))
        if self.alarm is not None:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", title)
            alarm.add("trigger", -self.alarm)
            event.add_component(alarm)
        return event

    def _title_of(self, follow_up: CustomerInteraction) -> str:
        if self.title is not None:
            return self.title(follow_up)
        return follow_up.next_action or follow_up.subject or str(follow_up.interaction_type)


def _revision(follow_up: CustomerInteraction) -> int:
    """Return a number that grows with each change, by the second."""
    return max(0, int((follow_up.updated_at - follow_up.created_at).total_seconds()))


def _plain(text: str) -> str:
    return without_controls("\n".join(text.splitlines()), keep="\n\t")
