"""Recurrence rules of follow-ups."""
# ruff: noqa: DTZ001 - the dates of a rule are local times

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions_sdk.models.recurrence import Recurrence, check_rule

FIRST = datetime(2026, 1, 31, 9)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = ("UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")


def series(rule: str, first: datetime = FIRST, tz: str = "UTC") -> Recurrence:
    """Return a series that starts at a local time."""
    return Recurrence(check_rule(rule, first), tz, first, first)


def dates(of: Recurrence, count: int) -> list[datetime]:
    """Return the next local dates, each computed from the previous one."""
    found: list[datetime] = []
    now = datetime(1, 1, 1, tzinfo=UTC)
    current = of
    while len(found) < count and (following := current.following(now)):
        current = following
        found.append(current.at)
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", ["02-01", "02-02", "02-03"]),
        ("FREQ=DAILY;INTERVAL=10", ["02-10", "02-20", "03-02"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH", ["02-02", "02-05", "02-09"]),
        ("FREQ=MONTHLY", ["02-28", "03-31", "04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["02-28", "03-31", "04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=30", ["02-28", "03-30", "04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["02-28", "03-31", "04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", ["02-01", "02-15", "03-01"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["02-27", "03-27", "04-24"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["02-27", "03-31", "04-30"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["02-28", "02-28", "02-29"]),
        ("FREQ=YEARLY;BYMONTH=3,6;BYMONTHDAY=31", ["03-31", "03-31", "03-31"]),
        ("FREQ=WEEKLY;COUNT=3", ["02-07", "02-14"]),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=MO", ["02-02", "02-09"]),
        ("FREQ=DAILY;COUNT=1", []),
        ("FREQ=WEEKLY;COUNT=1;BYDAY=MO", []),
        ("FREQ=DAILY;UNTIL=20260202", ["02-01", "02-02"]),
        ("FREQ=DAILY;UNTIL=20260202T085959Z", ["02-01"]),
        ("FREQ=DAILY;UNTIL=20260202T090000Z", ["02-01", "02-02"]),
        ("FREQ=DAILY;UNTIL=20250101", []),
    ],
)
def test_a_rule_has_its_dates(rule: str, expected: list[str]) -> None:
    """COUNT includes the first date, UNTIL is inclusive, and short months use their last day."""
    found = dates(series(rule), 3)

    assert expected == [f"{each:%m-%d}" for each in found]
    assert {time(9)} >= {each.time() for each in found}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "use parts such as FREQ=WEEKLY;BYDAY=MO, not ''"),
        ("weekly", "use parts such as FREQ=WEEKLY;BYDAY=MO, not 'WEEKLY'"),
        ("FREQ=DAILY" + ";" * 300, "it has more than 200 characters"),
        ("BYDAY=MO", "FREQ is missing"),
        ("FREQ=SECONDLY", "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, not 'SECONDLY'"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is given twice"),
        ("FREQ=DAILY;BYHOUR=9", "leave out BYHOUR: the time of day is that of next_action_date"),
        ("FREQ=YEARLY;BYWEEKNO=53", "BYWEEKNO is not supported"),
        ("FREQ=DAILY;BYDY=MO", "unknown part 'BYDY'. Did you mean 'BYDAY'?"),
        ("FREQ=DAILY;X=1", "unknown part 'X'"),
        ("FREQ=WEEKLY;BYDAY=MONDAY", "'MONDAY' is not a value of BYDAY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be from 1 to 1000, not 0"),
        ("FREQ=DAILY;COUNT=10001", "COUNT must be from 1 to 10000, not 10001"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "use COUNT or UNTIL, not both"),
        ("FREQ=DAILY;UNTIL=20260230", "'20260230' is not a value of UNTIL"),
        ("FREQ=DAILY;UNTIL=30000101", "'30000101' is not a value of UNTIL"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbers in BYDAY need FREQ=MONTHLY or YEARLY, not WEEKLY"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS needs FREQ=MONTHLY or YEARLY, not DAILY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY needs FREQ=DAILY, MONTHLY or YEARLY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no such month has a day 30"),
        ("FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=-31", "no such month has a day 31"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=20", "no date after the first matches it"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "no date after the first matches it"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", "no date after the first matches it"),
        ("FREQ=MONTHLY;BYDAY=5MO;BYMONTH=2;BYMONTHDAY=1", "no date after the first matches it"),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=3", "'6MO' is not a value of BYDAY here"),
        ("FREQ=MONTHLY;BYDAY=20MO", "'20MO' is not a value of BYDAY here: 1 to 5 weeks"),
        ("FREQ=YEARLY;BYDAY=MO,-54SU", "'-54SU' is not a value of BYDAY here: 1 to 53 weeks"),
        ("FREQ=YEARLY;BYMONTH=2;BYDAY=53MO", "'53MO' is not a value of BYDAY here: 1 to 5 weeks"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,-367", "BYSETPOS must be from 1 to 366, not -367"),
    ],
)
def test_what_is_no_rule_for_follow_ups_is_refused(rule: str, reason: str) -> None:
    """The error names the reason; rules without further dates are rejected."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}"):
        check_rule(rule, FIRST)


def test_a_rule_is_kept_in_its_usual_form() -> None:
    """A rule is stored in upper case and without the prefix RRULE."""
    assert "FREQ=WEEKLY;BYDAY=MO,FR" == check_rule(" rrule:freq=weekly; byday = mo,fr; ", FIRST)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (datetime(2026, 3, 28, 9), ["09:00+0200", "09:00+0200"]),
        (datetime(2026, 10, 24, 9), ["09:00+0100", "09:00+0100"]),
        (datetime(2026, 3, 28, 2, 30), ["03:30+0200", "02:30+0200"]),  # 02:30 is skipped
        (datetime(2026, 10, 24, 2, 30), ["02:30+0200", "02:30+0100"]),  # 02:30 comes twice
    ],
)
def test_the_time_of_day_stays(first: datetime, expected: list[str]) -> None:
    """The local time stays the same; a skipped time is moved forward, as in RFC 5545."""
    zone = ZoneInfo("Europe/Zurich")
    current = series("FREQ=DAILY", first, "Europe/Zurich")
    found: list[str] = []
    for _ in expected:
        following = current.following(current.due)
        assert following is not None
        current = following
        found.append(f"{current.due.astimezone(zone):%H:%M%z}")

    assert expected == found


def test_what_is_late_goes_on_after_now() -> None:
    """Past dates are skipped; the second of two equal local times is not the next date."""
    weekly = series("FREQ=WEEKLY", datetime(2026, 1, 5, 9))
    after = weekly.following(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert after is not None
    assert datetime(2026, 3, 9, 9) == after.at

    early = weekly.following(datetime(2025, 12, 1, tzinfo=UTC))
    assert early is not None
    assert datetime(2026, 1, 12, 9) == early.at

    daily = series("FREQ=DAILY", datetime(2026, 10, 24, 2, 30), "Europe/Zurich")
    second_time = daily.following(datetime(2026, 10, 25, 1, 10, tzinfo=UTC))  # 02:10 again
    assert second_time is not None
    assert datetime(2026, 10, 26, 2, 30) == second_time.at


def test_a_series_survives_its_field() -> None:
    """A series can be stored and read with milliseconds; invalid fields are no series."""
    kept = series("FREQ=MONTHLY", datetime(2026, 1, 31, 9, 0, 0, 5000), "Europe/Zurich")

    assert kept == Recurrence.from_field(kept.to_field())
    assert [datetime(2026, 2, 28, 9, 0, 0, 5000)] == dates(kept, 1)
    field: dict[str, Any] = kept.to_field()
    for wrong in (
        None,
        "FREQ=DAILY",
        {},
        field | {"start": 5},
        field | {"rule": "FREQ=SECONDLY"},
        field | {"rule": "FREQ=DAILY;COUNT=99999"},
        field | {"rule": "FREQ=DAILY;BYSETPOS=1"},
        field | {"timeZone": "Mars"},
        field | {"at": "2026-01-31T09:00:00Z"},
        field | {"start": "2026-01-31T09:00:00Z"},
        field | {"start": "1969-12-31T09:00:00"},
        field | {"start": "9900-01-01T09:00:00", "at": "9900-01-01T09:00:00"},
        field | {"at": "2026-01-30T09:00:00"},
        field | {"at": "9999-12-31T23:59:59"},
        field | {"rule": "FREQ=MONTHLY;BYDAY=53SA"},
        field | {"rule": "FREQ=YEARLY;BYDAY=MO;BYSETPOS=999"},
    ):
        assert None is Recurrence.from_field(wrong)


def test_the_end_of_the_calendar_is_an_end() -> None:
    """A series ends with the year 9999."""
    last = datetime(9999, 6, 1, 9)
    assert None is Recurrence("FREQ=YEARLY", "UTC", last, last).following(FIRST.replace(tzinfo=UTC))
    far = Recurrence("FREQ=YEARLY", "UTC", FIRST, last)
    assert None is far.following(FIRST.replace(tzinfo=UTC))


DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TIMES = st.times().map(lambda each: each.replace(microsecond=0, fold=0))


def matches(day: date, first: date, rule: dict[str, Any]) -> bool:
    """Return whether a day matches a rule, computed without dateutil."""
    interval: int = rule["interval"]
    days: set[str] = rule["days"]
    if rule["freq"] == "DAILY":
        return (day - first).days % interval == 0
    if rule["freq"] == "WEEKLY":
        weeks = (_monday(day) - _monday(first)).days // 7
        return weeks % interval == 0 and WEEKDAYS[day.weekday()] in days
    months = (day.year - first.year) * 12 + day.month - first.month
    last = monthrange(day.year, day.month)[1]
    return months % interval == 0 and day.day == min(first.day, last)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@pytest.mark.unmeasured
@given(
    first=st.builds(datetime.combine, DAYS, TIMES),
    tz=st.sampled_from(ZONES),
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    interval=st.integers(1, 5),
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    late=st.lists(st.timedeltas(timedelta(), timedelta(days=40)), min_size=1, max_size=8),
)
def test_no_date_is_skipped_or_doubled(
    *,
    first: datetime,
    tz: str,
    freq: str,
    interval: int,
    days: set[str],
    late: list[timedelta],
) -> None:
    """Each date is the next matching day after now, at the same local time."""
    text = f"FREQ={freq};INTERVAL={interval}"
    if freq == "WEEKLY":
        text += f";BYDAY={','.join(sorted(days))}"
    rule = {"freq": freq, "interval": interval, "days": days}
    zone = ZoneInfo(tz)
    current = series(text, first, tz)
    for delay in late:
        now = current.due + delay
        following = current.following(now)
        assert following is not None
        assert following.due > now
        assert first.time() == following.at.time()
        between = (
            current.at + timedelta(days=number)
            for number in range(1, (following.at.date() - current.at.date()).days)
        )
        for day in between:
            is_past = day.replace(tzinfo=zone).astimezone(UTC) <= now
            assert is_past or not matches(day.date(), first.date(), rule)
        assert matches(following.at.date(), first.date(), rule)
        current = following


@settings(max_examples=30)
@given(
    count=st.integers(1, 9),
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    first=st.builds(datetime.combine, DAYS, TIMES),
)
def test_count_is_how_many_there_are(count: int, freq: str, first: datetime) -> None:
    """COUNT includes the first date, whether dates are computed one by one or all at once."""
    found = dates(series(f"FREQ={freq};COUNT={count}", first), 10)

    assert count == 1 + len(found)
    assert found == list(islice(dates(series(f"FREQ={freq}", first), 10), count - 1))
