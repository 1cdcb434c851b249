from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.datetimes import (
    MAX_DATETIME,
    MIN_DATETIME,
    format_datetime,
    truncate_to_milliseconds,
    utc_now,
)
from interactions_sdk.errors import BadRequestError


class Nowhere(tzinfo):
    """A time zone without an offset."""

    def utcoffset(self, _: datetime | None) -> None:
        """Return None, which makes a datetime naive."""

    dst = utcoffset

    def tzname(self, _: datetime | None) -> str:
        """Return some name."""
        return "nowhere"


def test_now_has_milliseconds_and_utc() -> None:
    """The current time is returned as Appwrite would store it."""
    now = utc_now()

    assert UTC == now.tzinfo
    assert 0 == now.microsecond % 1000
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_times_are_cut_not_rounded() -> None:
    """Transcript `row-datetimes`: .123456 is kept as .123."""
    cut = truncate_to_milliseconds(datetime(2026, 5, 1, 10, 0, 0, 123999, tzinfo=UTC))

    assert 123000 == cut.microsecond


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 5, 1, 10, tzinfo=UTC), "2026-05-01T10:00:00.000+00:00"),
        (
            datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "2026-05-01T04:30:00.000+00:00",
        ),
        (MIN_DATETIME, "1000-01-01T00:00:00.000+00:00"),
        (MAX_DATETIME, "9999-12-31T23:59:59.999+00:00"),
    ],
)
def test_times_are_written_as_appwrite_writes_them(value: datetime, expected: str) -> None:
    """Times are in UTC, with milliseconds and the zone."""
    assert expected == format_datetime(value)


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_a_naive_time_is_refused(zone: tzinfo | None) -> None:
    """Python would silently treat it as local time."""
    with pytest.raises(BadRequestError, match="no time zone: use an aware datetime"):
        format_datetime(datetime(2026, 5, 1, tzinfo=zone))


@pytest.mark.unmeasured
@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1000, 1, 3)))  # noqa: DTZ001 - hypothesis requires naive ones
def test_written_times_read_back(value: datetime) -> None:
    """A formatted time is the same time, truncated to milliseconds."""
    try:
        text = format_datetime(value)
    except OverflowError:  # beyond the year 9999 in UTC, which drafts reject
        assert value > MAX_DATETIME
        return
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", text)
    assert timedelta(0) <= value - datetime.fromisoformat(text) < timedelta(milliseconds=1)
