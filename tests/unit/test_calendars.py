"""Days, weeks and later times in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.calendars import (
    add_days,
    add_time,
    get_timezone,
    parse_time,
    start_of_day,
    start_of_week,
)
from interactions_sdk.errors import BadRequestError

ZONES = ["Europe/Zurich", "America/New_York", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia"]
MOMENTS = st.integers(946_684_800, 2_051_222_400).map(
    lambda each: datetime.fromtimestamp(each, UTC)
)


class LikePytz(tzinfo):
    """A time zone like pytz's, with a name and a fixed offset."""

    zone = "Europe/Zurich"

    def utcoffset(self, dt: datetime | None) -> timedelta:  # noqa: ARG002 - one offset
        """Return the historical offset that pytz starts with."""
        return timedelta(minutes=34)

    def dst(self, dt: datetime | None) -> None:
        """Return nothing."""

    def tzname(self, dt: datetime | None) -> None:
        """Return nothing."""


def test_a_zone_has_a_name_or_is_one() -> None:
    """Names and time zone objects, including pytz's, are accepted."""
    two_hours = timezone(timedelta(hours=2))
    assert UTC is get_timezone(None)
    assert two_hours is get_timezone(two_hours)
    assert ZoneInfo("Europe/Zurich") == get_timezone("Europe/Zurich")
    assert ZoneInfo("Europe/Zurich") == get_timezone(LikePytz())


@pytest.mark.parametrize("wrong", ["Mars/Olympus", "", "../etc/passwd", "Europe/Zürich", "Europe"])
def test_a_zone_that_does_not_exist_is_refused(wrong: str) -> None:
    """The error suggests a valid time zone."""
    with pytest.raises(BadRequestError, match="Europe/Zurich"):
        get_timezone(wrong)


@given(moment=MOMENTS, name=st.sampled_from(ZONES))
def test_a_moment_lies_in_its_day_and_its_week(moment: datetime, name: str) -> None:
    """A day begins where the previous day ends."""
    begin = start_of_day(moment, name)
    local = moment.astimezone(ZoneInfo(name))
    assert local.date() == begin.date()
    assert begin.astimezone(UTC) <= moment < add_days(begin, 1).astimezone(UTC)
    before = (begin.astimezone(UTC) - timedelta(milliseconds=1)).astimezone(ZoneInfo(name))
    assert before.date() < local.date()
    week = start_of_week(moment, name)
    assert 0 == week.weekday()
    assert week.astimezone(UTC) <= moment < add_days(week, 7).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "by", "tz", "expected"),
    [
        ("2026-01-31T09:00Z", relativedelta(months=1), None, "2026-02-28T09:00Z"),
        ("2028-01-31T09:00Z", relativedelta(months=1), None, "2028-02-29T09:00Z"),
        ("2026-01-30T23:30Z", relativedelta(months=1), "Europe/Zurich", "2026-02-27T23:30Z"),
        ("2026-03-28T08:00Z", relativedelta(days=1), "Europe/Zurich", "2026-03-29T07:00Z"),
        ("2026-03-28T08:00Z", timedelta(days=1), "Europe/Zurich", "2026-03-29T08:00Z"),
        ("2026-03-28T01:30Z", relativedelta(days=1), "Europe/Zurich", "2026-03-29T01:30Z"),
        ("2026-10-31T14:00Z", relativedelta(days=1), "America/New_York", "2026-11-01T15:00Z"),
    ],
)
def test_calendar_units_keep_the_time_of_day_in_the_zone(
    due: str, by: timedelta | relativedelta, tz: str | None, expected: str
) -> None:
    """Hours are exact, and days have 23 to 25 hours."""
    result = add_time(datetime.fromisoformat(due), by, tz)
    assert datetime.fromisoformat(expected) == result
    assert UTC is result.tzinfo


@pytest.mark.parametrize(
    "by",
    [timedelta(), -timedelta(days=1), timedelta.max, relativedelta(years=9000), relativedelta()],
)
def test_what_is_not_later_is_refused(by: timedelta | relativedelta) -> None:
    """A result that is not later, or not a valid time, is rejected."""
    with pytest.raises(BadRequestError, match="by="):
        add_time(datetime(2026, 1, 1, tzinfo=UTC), by)


@pytest.mark.parametrize(
    "time", [datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "0999-12-31T00:00Z"]
)
def test_times_that_no_server_keeps_are_refused(time: datetime | str) -> None:
    """Times outside of the years 1000 to 9999 in UTC are rejected."""
    with pytest.raises(BadRequestError, match="since must be in the years 1000 to 9999, not "):
        parse_time(time, "since")
