"""Items from calendar files: time zones, recurrences, versions and skipped entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from interactions_sdk import BadRequestError
from interactions_sdk.datetimes import utc_now
from interactions_sdk.integrations.calendar_files import CalendarSource

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk.transfer.sources import SourceItem

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = "ORGANIZER:mailto:bob@acme.example\nATTENDEE;CN=Ada:mailto:Ada@Example.com\n"
ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Odd\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    "TZOFFSETFROM:+0130\nTZOFFSETTO:+0130\nEND:STANDARD\nEND:VTIMEZONE\n"
)


def calendar(*components: str, head: str = "") -> str:
    """Return a calendar with these components."""
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join(components)}END:VCALENDAR\n"


def event(lines: str, people: str = PEOPLE, kind: str = "VEVENT") -> str:
    """Return an event with these lines."""
    return f"BEGIN:{kind}\n{lines}\n{people}END:{kind}\n"


def items(path: Path, text: str, customer_id: str | None = None) -> list[SourceItem]:
    """Return the items of a calendar, for the company acme.example in Zurich."""
    (path / "calendar.ics").write_text(text)
    source = CalendarSource(
        path / "calendar.ics",
        own=["acme.example", " "],
        tz="Europe/Zurich",
        since=SINCE,
        customer_id=customer_id,
    )
    return list(source.items())


def metadata_of(item: SourceItem) -> dict[str, Any]:
    """Return the metadata of an item."""
    return cast("dict[str, Any]", item.fields["metadata"])


def test_an_event_with_attendees_is_a_meeting(tmp_path: Path) -> None:
    """Meetings have the attendees from outside, except resources and people who declined."""
    people = (
        f"{PEOPLE}ATTENDEE;CUTYPE=ROOM:mailto:room@example.com\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:no@example.com\nATTENDEE:tel:+41\n"
    )
    lines = (
        "UID:1\nSEQUENCE:2\nDTSTART:20260501T080000Z\nDTEND:20260501T093000Z\nSUMMARY:Demo\n"
        "DESCRIPTION:First look\nLOCATION:Bern"
    )
    [item] = items(tmp_path, calendar(event(lines, people)))
    assert ("calendar.ics event 1", "calendar 1", 2) == (item.place, item.key, item.revision)
    assert (["ada@example.com"], True) == (item.addresses, item.is_for_all)
    assert {
        "interaction_type": "meeting",
        "direction": "outbound",
        "subject": "Demo",
        "description": "First look",
        "duration": 90,
        "outcome": None,
        "occurred_at": datetime(2026, 5, 1, 8, tzinfo=UTC),
        "metadata": {
            "participants": ["bob@acme.example", "ada@example.com"],
            "location": "Bern",
            "customFields": {"uid": "1", "sequence": 2},
        },
    } == item.fields


@pytest.mark.parametrize(
    ("start", "expected", "duration"),
    [
        ("DTSTART:20260501T080000Z\nDURATION:PT1H", "2026-05-01T08:00", 60),
        ("DTSTART:20260501T080000\nDURATION:PT1H", "2026-05-01T06:00", 60),
        ("DTSTART;TZID=America/New_York:20260501T080000", "2026-05-01T12:00", None),
        (
            "DTSTART;TZID=Odd:20260501T080000\nDTEND;TZID=Odd:20260501T081500",
            "2026-05-01T06:30",
            15,
        ),
        ("DTSTART;VALUE=DATE:20260501", "2026-04-30T22:00", None),
    ],
)
def test_times_in_any_zone(tmp_path: Path, start: str, expected: str, duration: int | None) -> None:
    """UTC, local times, known zones, zones defined in the file, and whole days are supported."""
    [item] = items(tmp_path, calendar(ZONE, event(f"UID:1\n{start}")))
    when = cast("datetime", item.fields["occurred_at"])
    assert (expected, duration) == (
        f"{when.astimezone(UTC):%Y-%m-%dT%H:%M}",
        item.fields["duration"],
    )
    assert (None, "Meeting") == (item.fields["subject"], item.fields["description"])


def test_recurrences_are_expanded_within_the_window(tmp_path: Path) -> None:
    """Exceptions are left out and moved occurrences are included; each has its own key."""
    series = event(
        "UID:1\nDTSTART;TZID=Odd:20251230T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=6\n"
        "EXDATE;TZID=Odd:20260102T080000\nSUMMARY:Daily"
    )
    moved = event(
        "UID:1\nRECURRENCE-ID;TZID=Odd:20260103T080000\nDTSTART;TZID=Odd:20260103T120000\n"
        "SUMMARY:Moved\nSEQUENCE:1"
    )
    found = items(tmp_path, calendar(ZONE, series, moved))
    assert [
        ("calendar 1 2026-01-01T06:30:00+00:00", "Daily", "2026-01-01 08:00"),
        ("calendar 1 2026-01-03T06:30:00+00:00", "Moved", "2026-01-03 12:00"),
        ("calendar 1 2026-01-04T06:30:00+00:00", "Daily", "2026-01-04 08:00"),
    ] == [
        (each.key, each.fields["subject"], f"{each.fields['occurred_at']:%Y-%m-%d %H:%M}")
        for each in found
    ]
    assert "calendar.ics event 1 on 2026-01-03" == found[1].place


def test_dates_and_one_hour_of_the_day_recur(tmp_path: Path) -> None:
    """Rules with an hour and lists of dates are supported."""
    ruled = event("UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=DAILY;BYHOUR=8;COUNT=2")
    listed = event("UID:2\nDTSTART:20260501T080000Z\nRDATE:20260502T080000Z,20260503T080000Z")
    found = items(tmp_path, calendar(ruled, listed))
    assert [("1", 1), ("1", 2), ("2", 1), ("2", 2), ("2", 3)] == [
        (metadata_of(each)["customFields"]["uid"], cast("datetime", each.fields["occurred_at"]).day)
        for each in found
    ]


def test_an_occurrence_alone_keeps_its_own_key(tmp_path: Path) -> None:
    """The key of an occurrence is the same with its series, with another one, and alone."""
    first, second = (
        event(
            f"UID:1\nRECURRENCE-ID:2026050{day}T080000Z\nDTSTART:2026050{day}T120000Z\nSEQUENCE:1"
        )
        for day in (1, 2)
    )
    series = event("UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=DAILY;COUNT=2")
    keys = ["calendar 1 2026-05-01T08:00:00+00:00", "calendar 1 2026-05-02T08:00:00+00:00"]
    for components in ([series], [series, second], [first, second]):
        assert keys == sorted(each.key for each in items(tmp_path, calendar(*components)))
    for component, key in zip([first, second], keys, strict=True):
        assert [key] == [each.key for each in items(tmp_path, calendar(component))]


def test_versions_of_an_event_in_one_file_have_the_key_of_the_event(tmp_path: Path) -> None:
    """Only the newest version is imported."""
    old, new = (
        event(f"UID:1\nDTSTART:2026050{day}T080000Z\nSEQUENCE:{day}\nSUMMARY:{day}")
        for day in (1, 2)
    )
    for components in ([old, new], [new, old], [new]):
        found = items(tmp_path, calendar(*components))
        assert [("calendar 1", 2, "2")] == [
            (each.key, each.revision, each.fields["subject"]) for each in found
        ]


def test_days_recur_as_well(tmp_path: Path) -> None:
    """The keys of whole-day occurrences have no time."""
    series = event("UID:1\nDTSTART;VALUE=DATE:20260501\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert ["calendar 1 2026-05-01", "calendar 1 2026-05-08"] == [
        each.key for each in items(tmp_path, calendar(series))
    ]


def test_what_is_outside_the_window_is_skipped(tmp_path: Path) -> None:
    """Future events, events before the window, and series without occurrences in it are skipped."""
    ahead = utc_now() + timedelta(days=3)
    texts = (
        f"UID:1\nDTSTART:{ahead:%Y%m%dT%H%M%SZ}",
        "UID:2\nDTSTART:20251231T230000Z\nDTEND:20260101T020000Z",
        "UID:3\nDTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;COUNT=3",
    )
    found = items(tmp_path, calendar(*map(event, texts)))
    assert ["outside"] * 3 == [each.skipped for each in found]


def test_cancelled_events_are_only_noted(tmp_path: Path) -> None:
    """An event is cancelled by its status or by the method of the calendar."""
    lines = "UID:1\nDTSTART:20260501T080000Z"
    [one] = items(tmp_path, calendar(event(f"{lines}\nSTATUS:CANCELLED")))
    [other] = items(tmp_path, calendar(event(lines), head="METHOD:CANCEL\n"))
    assert (True, "cancelled") == (one.is_cancelled, one.fields["outcome"])
    assert (True, "cancelled") == (other.is_cancelled, other.fields["outcome"])


def test_what_has_no_attendees_is_private_or_of_one_customer(tmp_path: Path) -> None:
    """Events without attendees or within the company are private, unless a customer is given."""
    own = "ORGANIZER:mailto:bob@acme.example\nATTENDEE:mailto:eve@acme.example\n"
    text = calendar(
        event("UID:1\nDTSTART:20260501T080000Z", own),
        event("UID:2\nSUMMARY:Send", "", "VTODO"),
    )
    assert ["private", "private"] == [each.skipped for each in items(tmp_path, text)]
    given = items(tmp_path, text, customer_id="c1")
    assert [["c1"], ["c1"]] == [each.customers({}) for each in given]


def test_a_to_do_is_a_task(tmp_path: Path) -> None:
    """A to-do is due at its time or at the end of its day; its status becomes the outcome."""
    made = "CREATED:20260501T080000Z\n"
    todos = (
        f"UID:1\n{made}SUMMARY:Send\nDUE:20360501T100000Z",
        f"UID:2\n{made}SUMMARY:Sent\nDUE;VALUE=DATE:20260502\nSTATUS:COMPLETED",
        "UID:3\nDTSTAMP:20260501T080000Z\nSUMMARY:Never\nSTATUS:CANCELLED",
        f"UID:4\nCREATED:{utc_now() + timedelta(days=9):%Y%m%dT%H%M%SZ}\nDESCRIPTION:x",
        "UID:5\nSUMMARY:Plain",
    )
    found = items(tmp_path, calendar(*(event(each, kind="VTODO") for each in todos)))
    at = datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert [
        ("Send", None, "2036-05-01 10:00:00+0000", at),
        ("Sent", "resolved", "2026-05-02 23:59:59+0200", at),
        ("Never", "cancelled", None, at),
        (None, None, None, None),
        ("Plain", None, None, None),
    ] == [
        (
            each.fields["next_action"],
            each.fields["outcome"],
            (due := cast("datetime | None", each.fields["next_action_date"]))
            and f"{due:%Y-%m-%d %H:%M:%S%z}",
            each.fields["occurred_at"],
        )
        for each in found
    ]
    assert ["task"] * 5 == [each.fields["interaction_type"] for each in found]


def test_a_to_do_that_recurs_is_a_follow_up_that_does(tmp_path: Path) -> None:
    """Rules that follow-ups do not support are noted."""
    lines = "UID:1\nSUMMARY:Ask\nDUE;TZID=Europe/Zurich:20360501T100000\nRRULE:FREQ={}"
    [weekly] = items(tmp_path, calendar(event(lines.format("WEEKLY"), kind="VTODO")))
    assert ("FREQ=WEEKLY", "Europe/Zurich") == (
        weekly.fields["recurrence"],
        weekly.fields["recurrence_tz"],
    )
    assert "FREQ=WEEKLY" == weekly.draft("c1").recurrence
    [hourly] = items(tmp_path, calendar(event(lines.format("HOURLY"), kind="VTODO")))
    assert "recurrence" not in hourly.fields
    assert "it does not recur here: FREQ must be" in hourly.notes[0]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("DTSTART:20260501T080000Z", "it has no UID"),
        ("UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=SECONDLY", "recurs more often than daily"),
        (
            "UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=WEEKLY\nRRULE:FREQ=MINUTELY",
            "recurs more often than daily",
        ),
        (
            "UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=WEEKLY;BYHOUR=9,15",
            "recurs more often than daily",
        ),
        (
            "UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=DAILY;BYMINUTE=0,1",
            "recurs more often than daily",
        ),
        (
            "UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=DAILY;BYSECOND=0,1",
            "recurs more often than daily",
        ),
        (
            "UID:1\nDTSTART:20260501T080000Z" + "\nRRULE:FREQ=DAILY;BYHOUR=9" * 11,
            "has more than 10 rules",
        ),
        (
            "UID:1\nDTSTART:20260501T080000Z\nRDATE:20260502T080000Z"
            "\nRDATE:" + ",".join(["20260503T080000Z"] * 5_000),
            "has more than 5000 dates",
        ),
        ("UID:1\nDTSTART:20260501T080000Z\nRRULE:FREQ=DAILY;INTERVAL=0", "INTERVAL is less than 1"),
        (
            "UID:1\nDTSTART:20260504T080000Z\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU",
            "no date after the first matches its rule",
        ),
        (
            "UID:1\nDTSTART;VALUE=DATE:20260504\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "no date after the first matches its rule",
        ),
        (
            "UID:1\nDTSTART:00010101T080000Z\nRRULE:FREQ=DAILY",
            "it begins before the year 1900",
        ),
        ("UID:1\nSUMMARY:No date", "its dates cannot be read"),
        ("UID:1\nDTSTART:20260501T080000Z\nSEQUENCE:x", "its dates cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, lines: str, fault: str) -> None:
    """An invalid event is reported, and the other events are read."""
    good = event("UID:9\nDTSTART:20260501T080000Z")
    found = items(tmp_path, calendar(event(lines), good))
    assert [True, False] == [bool(each.fault) for each in found]
    assert fault in found[0].fault


def test_a_to_do_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A to-do that begins at a time and is due on a day is invalid."""
    lines = "UID:1\nDTSTART:20260501T080000Z\nDUE;VALUE=DATE:20260502"
    [item] = items(tmp_path, calendar(event(lines, kind="VTODO")))
    assert "it cannot be read: " in item.fault


def test_long_texts_are_cut(tmp_path: Path) -> None:
    """Subject, description and participants are cut to a valid draft."""
    people = "".join(f"ATTENDEE:mailto:{'a' * 90}{number}@example.com\n" for number in range(40))
    long = f"SUMMARY:{'s' * 300}\nDESCRIPTION:{'d' * 6000}\nLOCATION:{'l' * 900}"
    lines = f"UID:{'u' * 900}\nDTSTART:20260501T080000Z\n{long}"
    [item] = items(tmp_path, calendar(event(lines, people)))
    draft = item.draft("c1")
    assert ("s" * 199 + "…", 5000) == (draft.subject, len(draft.description or ""))
    assert 20 == len(metadata_of(item)["participants"])


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "freq=secondly", "FREQ=YEARLY;BYMINUTE=1,2"])
def test_a_zone_that_changes_more_often_than_yearly_is_refused(tmp_path: Path, rule: str) -> None:
    """Such a zone is rejected before its changes are listed; normal zones are read."""
    zone = ZONE.replace("END:STANDARD", "RRULE:{}\nEND:STANDARD")
    yearly = zone.format("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")
    good = event("UID:9\nDTSTART;TZID=Odd:20260501T080000\nRRULE:FREQ=DAILY;COUNT=1")
    assert 1 == len(items(tmp_path, calendar(yearly, good)))
    with pytest.raises(BadRequestError, match="its time zone changes more often than yearly"):
        items(tmp_path, calendar(zone.format(rule), good))
    with pytest.raises(BadRequestError, match="its INTERVAL is less than 1"):
        items(tmp_path, calendar(zone.format("FREQ=YEARLY;INTERVAL=0"), good))


def test_components_are_nested_within_limits(tmp_path: Path) -> None:
    """Deeply nested components are rejected, since reading them takes hours or all of the stack."""
    with pytest.raises(BadRequestError, match="its components are nested too deeply"):
        items(tmp_path, calendar("BEGIN:VEVENT\n" * 20_000 + "END:VEVENT\n" * 20_000))


def test_an_end_of_something_else_is_refused(tmp_path: Path) -> None:
    """Such an event would be read as a time zone by icalendar."""
    with pytest.raises(BadRequestError, match="cannot be read as a calendar"):
        items(tmp_path, calendar("BEGIN:VEVENT\nTZID:Odder\nEND:VTIMEZONE\n"))


def test_a_folder_is_read(tmp_path: Path) -> None:
    """Subfolders are read, and the default window is a year."""
    (tmp_path / "team").mkdir()
    recent = utc_now() - timedelta(days=1)
    text = calendar(event(f"UID:1\nDTSTART:{recent:%Y%m%dT%H%M%SZ}"))
    (tmp_path / "team" / "a.ICS").write_text(text + text)
    found = CalendarSource(tmp_path, own="acme.example", tz="UTC").items()
    assert ["team/a.ICS event 1"] * 2 == [each.place for each in found]


def test_wrong_arguments_are_refused_in_words(tmp_path: Path) -> None:
    """A folder without calendars, another file, and an empty `own=` are rejected."""
    with pytest.raises(BadRequestError, match="own= must name"):
        CalendarSource(tmp_path, own=[""], tz="UTC")
    with pytest.raises(BadRequestError, match=r"holds no \.ics files"):
        list(CalendarSource(tmp_path, own="a", tz="UTC").items())
    with pytest.raises(BadRequestError, match="cannot be read as a calendar"):
        items(tmp_path, "BEGIN:VCALENDAR\nno colon\n")
