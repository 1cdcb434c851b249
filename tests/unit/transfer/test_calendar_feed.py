"""The calendar feed of follow-ups, read back by another library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import vobject  # type: ignore[import-untyped]

from interactions_sdk import BadRequestError, CustomerInteraction
from interactions_sdk.escaping.characters import without_controls
from interactions_sdk.transfer.calendar_feed import CalendarFeed
from tests.hostile_text import CORPUS

CREATED = datetime(2026, 3, 2, 9, 0, 0, 123000, UTC)
DUE = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def follow_up(**fields: Any) -> CustomerInteraction:
    """Return an open follow-up."""
    return CustomerInteraction.model_validate(
        {
            "id": "i1",
            "created_at": CREATED,
            "updated_at": CREATED,
            "interaction_type": "task",
            "subject": "Renewal",
            "next_action_date": DUE,
            **fields,
        }
    )


def feed(**options: Any) -> CalendarFeed:
    """Return a feed with the default options."""
    usual: dict[str, Any] = {
        "name": "Follow-ups",
        "tz": "Europe/Zurich",
        "duration": timedelta(minutes=30),
        "alarm": timedelta(minutes=15),
        "title": None,
        "url": None,
    }
    return CalendarFeed(**usual | options)


def read(content: bytes) -> Any:
    """Return the only entry of a feed, parsed by the other library."""
    (event,) = vobject.readOne(content.decode()).vevent_list
    return event


def test_an_entry_is_what_is_to_be_done() -> None:
    """An entry has a title, time, description, category and reminder."""
    event = read(feed().render([follow_up(next_action="Send the offer", description="3 years")]))

    assert "Send the offer" == event.summary.value
    assert (DUE, timedelta(minutes=30)) == (event.dtstart.value, event.duration.value)
    assert "Renewal\n\n3 years" == event.description.value
    assert ["task"] == event.categories.value
    alarm = event.valarm
    assert (timedelta(minutes=-15), "DISPLAY") == (alarm.trigger.value, alarm.action.value)
    assert "Send the offer" == alarm.description.value


def test_an_entry_is_known_again_when_it_was_moved() -> None:
    """A moved follow-up keeps its UID and gets a higher SEQUENCE; others do not change."""
    before, after = (
        follow_up(),
        follow_up(
            updated_at=CREATED + timedelta(hours=1), next_action_date=DUE + timedelta(days=1)
        ),
    )
    first, second = feed().render([before]), feed().render([after])

    assert first == feed().render([before])
    assert read(first).uid.value == read(second).uid.value == "i1@interactions-sdk"
    assert b"SEQUENCE:0\r\n" in first
    assert b"SEQUENCE:3600\r\n" in second
    assert b"LAST-MODIFIED:20260302T100000Z\r\n" in second
    backdated = follow_up(created_at=CREATED + timedelta(days=1))
    assert b"SEQUENCE:0\r\n" in feed().render([backdated])


def test_the_calendar_says_what_it_is() -> None:
    """A calendar, even an empty one, has a name, time zone and refresh interval."""
    content = feed(name="Ada; calls").render([]).decode().splitlines()

    assert "BEGIN:VCALENDAR" == content[0]
    for line in (
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Ada\\; calls",
        "X-WR-TIMEZONE:Europe/Zurich",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ):
        assert line in content
    assert "vevent" not in vobject.readOne("\n".join(content)).contents


@pytest.mark.parametrize(
    ("fields", "options", "title"),
    [
        ({}, {}, "Renewal"),
        ({"subject": None}, {}, "task"),
        ({}, {"title": lambda each: f"{each.subject} ({each.id})"}, "Renewal (i1)"),
    ],
)
def test_the_title_is_what_there_is(
    fields: dict[str, Any], options: dict[str, Any], title: str
) -> None:
    """The default title is the next action, the subject or the type."""
    assert title == read(feed(**options).render([follow_up(**fields)])).summary.value


def test_a_link_and_no_reminder() -> None:
    """The entry has a link to the interaction, whose ID is escaped."""
    template = "https://crm.example/i/{id}?from=calendar"
    event = read(feed(url=template, alarm=None).render([follow_up(id="a/b c")]))

    assert "https://crm.example/i/a%2Fb%20c?from=calendar" == event.url.value
    assert "valarm" not in event.contents


@pytest.mark.unmeasured
@pytest.mark.parametrize("text", [*CORPUS, "a\r\nBEGIN:VEVENT\r\nUID:x", "a\rb", "a;b,c\\n:d"])
def test_text_stays_text(text: str) -> None:
    """Whatever the text, there is one entry that contains it, without control characters."""
    shown = follow_up(subject=None, description=text, next_action=text)

    content = feed(name=f"x{text}").render([shown])

    assert 1 == content.count(b"\r\nBEGIN:VEVENT\r\n")
    assert 1 == content.count(b"\r\nUID:")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    event = read(content)
    plain = without_controls("\n".join(text.splitlines()), keep="\n\t")
    assert (plain, plain) == (event.summary.value, event.description.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ""}, "name must be a non-empty string"),
        ({"tz": "Mars"}, "Unknown time zone 'Mars'"),
        ({"duration": timedelta()}, "duration must be a timedelta longer than 0"),
        ({"alarm": 5}, "alarm must be a timedelta longer than 0"),
        ({"title": "Call"}, "title must be a function"),
        ({"url": "https://crm.example/"}, "url must be an http or https address with {id} in it"),
        ({"url": "javascript:{id}"}, "url must be an http or https address with {id} in it"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    """Invalid options raise a `BadRequestError`."""
    with pytest.raises(BadRequestError) as caught:
        feed(**options)

    assert message in str(caught.value)
