"""Time zones, clock changes and invalid arguments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from interactions_sdk import reports
from interactions_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.models.interaction import CustomerInteraction

    Make = Callable[..., CustomerInteraction]


def test_the_wall_clock_counts_when_clocks_change(engine: Any, make: Make) -> None:
    """Skipped and repeated hours are counted by the local time."""
    moments = [
        "2026-03-29T00:59:59.999Z",  # 01:59 in winter time
        "2026-03-29T01:00:00.000Z",  # 03:00 in summer time
        "2026-10-25T00:30:00.000Z",  # 02:30 in summer time
        "2026-10-25T01:30:00.000Z",  # 02:30 in winter time
    ]
    frame = reports.frame([make(moment) for moment in moments])

    result = engine.rows(reports.heatmap(engine.load(frame), tz="Europe/Berlin"))

    assert [(7, 1, 1), (7, 2, 2), (7, 3, 1)] == result.rows()


@pytest.mark.unmeasured
def test_a_period_begins_at_local_midnight(engine: Any, make: Make) -> None:
    """Days, months, years and weeks begin at local midnight."""
    frame = reports.frame([make("2025-12-31T10:59:59.999Z"), make("2025-12-31T11:00:00Z")])

    def periods(every: Any) -> list[datetime]:
        result = reports.by_type(engine.load(frame), every=every, tz="Pacific/Auckland")
        found: list[datetime] = engine.rows(result)["period"].to_list()
        return found

    new_year = datetime(2026, 1, 1)  # noqa: DTZ001 - periods are local
    old = datetime(2025, 12, 31)  # noqa: DTZ001 - the same
    assert [old, new_year] == periods("1d")
    assert [datetime(2025, 12, 1), new_year] == periods("1mo")  # noqa: DTZ001 - the same
    assert [datetime(2025, 12, 29)] == periods("1w")  # noqa: DTZ001 - the same


def test_a_day_that_has_no_midnight_is_a_day(engine: Any, make: Make) -> None:
    """If the clocks skip midnight, the day is still that day."""
    frame = reports.frame([make("2018-11-04T03:30:00Z")])

    result = reports.by_type(engine.load(frame), every="1d", tz="America/Sao_Paulo")

    assert [datetime(2018, 11, 4)] == engine.rows(result)["period"].to_list()  # noqa: DTZ001 - local


def test_overdue_is_before_today_in_the_zone(make: Make) -> None:
    """A follow-up due this morning is not overdue at noon, except where it is already tomorrow."""
    due = datetime(2026, 6, 15, 9, tzinfo=UTC)
    frame = reports.frame([make(next_action_date=due)])
    noon = datetime(2026, 6, 15, 12, tzinfo=UTC)

    def overdue(tz: str) -> int:
        found: int = reports.follow_up_completion(frame, as_of=noon, tz=tz)["overdue"].item()
        return found

    assert 0 == overdue("UTC")
    assert 1 == overdue("Pacific/Auckland")


def test_as_of_is_now_unless_it_is_said(make: Make) -> None:
    """Without `as_of`, the current time is used."""
    now = datetime.now(UTC)
    frame = reports.frame([make(now.isoformat()), make("2999-01-01T00:00:00Z", customer_id="bolt")])

    assert ["acme"] == reports.engagement(frame)["customer_id"].to_list()
    assert ["acme"] == reports.stale_customers(frame, days=0)["customer_id"].to_list()
    assert [] == reports.stale_customers(frame)["customer_id"].to_list()


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Tokyo")])
def test_as_of_may_be_in_any_zone(make: Make, zone: Any) -> None:
    """The same time in another zone results in the same report."""
    frame = reports.frame([make("2026-05-04T10:00:00Z")])
    as_of = datetime(2026, 5, 5, 10, tzinfo=UTC).astimezone(zone)

    result = reports.engagement(frame, as_of=as_of)

    assert [1.0] == result["days_since_last_contact"].to_list()


@pytest.mark.parametrize(
    "ask",
    [
        reports.engagement,
        reports.stale_customers,
        reports.follow_up_completion,
    ],
)
def test_as_of_needs_a_zone(ask: Callable[..., object]) -> None:
    """A naive `as_of` is rejected."""
    with pytest.raises(ConfigurationError, match="time zone"):
        ask(reports.frame([]), as_of=datetime(2026, 5, 4))  # noqa: DTZ001 - that is the point


def test_a_zone_may_be_an_object(make: Make) -> None:
    """A ZoneInfo is equivalent to its name."""
    frame = reports.frame([make("2026-05-04T10:00:00Z")])

    by_name = reports.heatmap(frame, tz="Asia/Tokyo")

    assert by_name.equals(reports.heatmap(frame, tz=ZoneInfo("Asia/Tokyo")))


@pytest.mark.parametrize(
    "tz", ["Europe/Atlantis", "", "../etc/passwd", timezone(timedelta(hours=2))]
)
def test_an_unknown_zone_is_told(tz: Any) -> None:
    """The message explains what a time zone is."""
    with pytest.raises(ConfigurationError, match="IANA"):
        reports.heatmap(reports.frame([]), tz=tz)


def test_an_unknown_period_is_told() -> None:
    """The message lists the available periods."""
    wrong: Any = "2w"
    with pytest.raises(ConfigurationError, match="1d, 1w, 1mo, 1q, 1y"):
        reports.by_type(reports.frame([]), every=wrong)


def test_a_column_that_holds_no_times_is_told(make: Make) -> None:
    """The column must contain datetimes, not text as read from CSV."""
    frame = reports.frame([make()]).with_columns(pl.col("created_at").cast(pl.String))

    with pytest.raises(ConfigurationError, match="created_at must hold datetimes"):
        reports.heatmap(frame)


def test_silence_is_not_negative() -> None:
    """A negative number of days is rejected."""
    with pytest.raises(ConfigurationError, match="0 or more"):
        reports.stale_customers(reports.frame([]), days=-1)
