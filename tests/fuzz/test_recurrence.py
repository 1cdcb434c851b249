"""Reading a recurrence from any metadata either succeeds or raises a known error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions_sdk.models.recurrence import Recurrence, check_rule

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANY_TEXT = st.text("aZ09;=:,-+/ .\0\u2028\u00e9", max_size=30)
DAYS = st.sampled_from(["MO", "1TU", "-1WE", "5TH", "-53FR", "20SA", "+2SU", "0MO", "XX"])
PARTS = {
    "FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "SECONDLY"]),
    "INTERVAL": st.sampled_from([0, 1, 2, 7, 12, 400, 1000, 1001]),
    "COUNT": st.sampled_from([0, 1, 2, 10_000, 99_999]),
    "UNTIL": st.sampled_from(["20270101", "10000101", "29991231T235959Z", "20260230"]),
    "BYDAY": st.lists(DAYS, min_size=1, max_size=4).map(",".join),
    "BYMONTHDAY": st.sampled_from(["1", "28,29,30", "31", "-1", "-31,31", "32", "0"]),
    "BYMONTH": st.sampled_from(["1", "2", "2,4", "2,2,12", "13"]),
    "BYSETPOS": st.sampled_from(["1", "-1", "1,300", "366", "-367", "999"]),
    "WKST": st.sampled_from(["MO", "SU", "XX"]),
    "BYHOUR": st.just("9"),
}
RULES = st.fixed_dictionaries({"FREQ": PARTS.pop("FREQ")}, optional=PARTS).map(
    lambda parts: ";".join(f"{name}={value}" for name, value in parts.items())
)
STAMPS = st.datetimes().map(datetime.isoformat) | st.sampled_from(
    ["2026-01-31T09:00:00", "2024-02-29", "0001-01-01", "9999-12-31T23:59:59", "2026-01-31T09Z"]
)
ZONES = st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Mars", "../etc/passwd"])
ANYTHING = st.none() | st.booleans() | st.integers() | ANY_TEXT | st.lists(st.integers())
FIELDS = (
    st.fixed_dictionaries(
        {
            "rule": RULES | ANY_TEXT,
            "timeZone": ZONES | ANY_TEXT,
            "start": STAMPS | ANYTHING,
            "at": STAMPS | ANYTHING,
        }
    )
    | st.dictionaries(st.sampled_from(["rule", "timeZone", "start", "at"]), ANYTHING)
    | ANYTHING
)

how_often = pytest.mark.parametrize(
    "examples", [40, pytest.param(4_000, marks=pytest.mark.slow)], ids=["few", "many"]
)


@how_often
def test_metadata_of_other_programs(examples: int) -> None:
    """Any metadata is either no series, or one whose next date is after now."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(FIELDS)
    def check(field: Any) -> None:
        series = Recurrence.from_field(field)
        following = series.following(NOW) if series is not None else None
        assert following is None or following.due > NOW
        assert following is None or Recurrence.from_field(following.to_field()) == following

    check()


@how_often
def test_rules_that_people_type(examples: int) -> None:
    """Any rule is either rejected with a message, or has a next date."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(RULES | ANY_TEXT, st.datetimes(timezones=st.none()))
    def check(rule: str, first: datetime) -> None:
        try:
            kept = check_rule(rule, first)
        except ValueError:
            return
        assert kept == check_rule(kept, first)

    check()
