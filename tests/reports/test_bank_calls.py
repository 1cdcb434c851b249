"""A bank's calls, from a CSV file to reports and charts, compared with separate pandas code.

The file is generated in the format of UCI's Bank Marketing data. To run the same tests on the real
one: `BANK_CALLS=bank-calls.csv pytest tests/reports/test_bank_calls.py`.
"""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd  # type: ignore[import-untyped] # its stubs are a package of their own
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from interactions_sdk import reports
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.reports.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LISBON = ZoneInfo("Europe/Lisbon")
AS_OF = datetime(2010, 12, 1, tzinfo=UTC)
DAY = pd.Timedelta(days=1)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
CUSTOMERS = 500
AGENTS = 9


def _make_up(path: Path) -> None:
    """Write calls of 2008 to 2010, by month; some last less than a minute, few succeed."""
    dice = random.Random(41)  # noqa: S311 - data, not secrets
    months = [*range(5, 13), *range(3, 13), *range(3, 12)]
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(["contact", "month", "day_of_week", "duration", "campaign", "previous", "output"])
        for month in months:
            for _ in range(dice.randrange(20, 200)):
                write(
                    [
                        dice.choice(["cellular", "telephone"]),
                        MONTHS[month - 1],
                        dice.choice(WEEKDAYS),
                        int(dice.expovariate(1 / 250)),
                        dice.choice([1, 1, 2, 3, 9]),
                        dice.choice([0, 0, 0, 1, 2]),
                        dice.choice(["yes", "no", "no", "no"]),
                    ]
                )


# From lines to interactions, as a program would read the file.


def _interactions(path: Path) -> Iterator[CustomerInteraction]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    days = _days(lines)
    calls, earlier = Counter(days), Counter[datetime]()
    for number, (line, day) in enumerate(zip(lines, days, strict=True)):
        at = day + timedelta(seconds=36_000 * earlier[day] // calls[day])
        earlier[day] += 1
        yield _interaction(number, line, at.astimezone(UTC))


def _days(lines: list[dict[str, str]]) -> list[datetime]:
    """Return when the day of each call begins: the first such weekday of its month, at eight."""
    year, before, days = 2008, 1, []
    for line in lines:
        month = MONTHS.index(line["month"]) + 1
        year += month < before
        before = month
        first = datetime.combine(datetime(year, month, 1, tzinfo=LISBON), time(8), LISBON)
        ahead = (WEEKDAYS.index(line["day_of_week"]) - first.weekday()) % 7
        days.append(first + timedelta(days=ahead))
    return days


def _interaction(number: int, line: dict[str, str], at: datetime) -> CustomerInteraction:
    """Return the call as an interaction; a client who was called before has a follow-up."""
    seconds, is_sold = int(line["duration"]), line["output"] == "yes"
    fields: dict[str, Any] = {"outcome": "successful" if is_sold else None}
    if not is_sold and seconds < 30:
        fields["outcome"] = "no_answer"
    if int(line["previous"]) > 0:
        due = at + timedelta(days=3)
        fields["next_action_date"] = due
        if is_sold:
            done = at + timedelta(days=int(line["campaign"]))
            facts = {"firstDueAt": due.isoformat(), "completedAt": done.isoformat()}
            fields |= {"outcome": "resolved", "metadata": {"custom_fields": {"followUp": facts}}}
    return CustomerInteraction.model_validate(
        {
            "id": f"call-{number}",
            "created_at": at,
            "updated_at": at,
            "customer_id": f"client-{number % CUSTOMERS}",
            "user_id": f"agent-{number % AGENTS}",
            "interaction_type": "call",
            "contact_method": "phone",
            "direction": "inbound" if line["contact"] == "cellular" else "outbound",
            "duration": max(1, -(-seconds // 60)),
            **fields,
        }
    )


# The same in pandas, column by column, without the code above.


def _table(path: Path) -> pd.DataFrame:
    calls = pd.read_csv(path)
    number = pd.Series(range(len(calls)))
    month = calls["month"].map({name: place for place, name in enumerate(MONTHS, 1)})
    year = 2008 + (month.diff() < 0).cumsum()
    first = pd.to_datetime({"year": year, "month": month, "day": 1})
    weekday = calls["day_of_week"].map({name: place for place, name in enumerate(WEEKDAYS)})
    date = first + pd.to_timedelta((weekday - first.dt.day_of_week) % 7, unit="D")
    of_day = calls.groupby(date)["month"]
    seconds = 36_000 * of_day.cumcount() // of_day.transform("size")
    local = date + pd.Timedelta(hours=8) + pd.to_timedelta(seconds, unit="s")
    sold, again = calls["output"] == "yes", calls["previous"] > 0
    table = pd.DataFrame(
        {
            "local": local,
            "created": local.dt.tz_localize("Europe/Lisbon").dt.tz_convert("UTC"),
            "customer_id": "client-" + (number % 500).astype(str),
            "user_id": "agent-" + (number % 9).astype(str),
            "inbound": calls["contact"] == "cellular",
            "minutes": ((calls["duration"] + 59) // 60).clip(lower=1),
            "good": sold,
            "missed": ~sold & (calls["duration"] < 30),
            "planned": again,
            "done": again & sold,
        }
    )
    table["due"] = table["created"] + 3 * DAY
    table["completed"] = table["created"] + pd.to_timedelta(calls["campaign"], unit="D")
    return table


def _by_type(calls: pd.DataFrame) -> pd.DataFrame:
    calls = calls.assign(period=calls["local"].dt.to_period("Q").dt.start_time)
    groups = calls.groupby("period")
    known = (calls["good"] | calls["missed"]).groupby(calls["period"]).sum()
    return pd.DataFrame(
        {
            "interaction_type": "call",
            "interactions": groups.size(),
            "share": 1.0,
            "mean_duration": groups["minutes"].mean(),
            "median_duration": groups["minutes"].median(),
            "success_rate": groups["good"].sum() / known,
        }
    ).reset_index()


def _user_activity(calls: pd.DataFrame) -> pd.DataFrame:
    calls = calls.assign(period=calls["local"].dt.to_period("M").dt.start_time)
    groups = calls.groupby(["period", "user_id"])
    done = calls[calls["done"]]
    hours = (done["completed"] - done["created"]) / pd.Timedelta(hours=1)
    result = groups.agg(
        interactions=("minutes", "size"),
        customers=("customer_id", "nunique"),
        minutes=("minutes", "sum"),
    )
    result["call"] = result["interactions"]
    others = [c.name for c in reports.columns("user_activity")[4:15]]
    result[[*others, "unlisted"]] = 0
    result["median_hours_to_follow_up"] = hours.groupby([done["period"], done["user_id"]]).median()
    return result.reset_index()


def _engagement(calls: pd.DataFrame) -> pd.DataFrame:
    groups = calls.sort_values("created").groupby("customer_id")
    gaps = groups["created"].diff() / DAY
    tried = calls[~calls["inbound"] & (calls["good"] | calls["missed"])].groupby("customer_id")
    result = groups.agg(
        interactions=("created", "size"),
        first_contact_at=("created", "min"),
        last_contact_at=("created", "max"),
        inbound_share=("inbound", "mean"),
    )
    days = (pd.Timestamp(AS_OF) - result["last_contact_at"]) / DAY
    recent = groups["created"].agg(lambda c: (c > pd.Timestamp(AS_OF) - 90 * DAY).sum())
    result["days_since_last_contact"] = days
    result["median_gap_days"] = gaps.groupby(calls["customer_id"]).median()
    result["longest_gap_days"] = gaps.groupby(calls["customer_id"]).max()
    result["response_rate"] = tried["good"].mean()
    result["recent_interactions"] = recent
    result["score"] = (
        1500 / (30 + days)
        + 30 * (recent / 12).clip(upper=1)
        + 20 * (2 * result["inbound_share"]).clip(upper=1)
    )
    return result.reset_index()


def _follow_up_completion(calls: pd.DataFrame) -> pd.DataFrame:
    planned = calls[calls["planned"]].copy()
    due_there = planned["due"].dt.tz_convert("Europe/Lisbon").dt.tz_localize(None)
    done_there = planned["completed"].dt.tz_convert("Europe/Lisbon").dt.tz_localize(None)
    planned["period"] = due_there.dt.to_period("M").dt.start_time
    planned["is_due"] = planned["due"] <= AS_OF
    planned["done"] &= planned["completed"] <= AS_OF
    planned["due_done"] = planned["is_due"] & planned["done"]
    planned["in_time"] = planned["done"] & (done_there.dt.date <= due_there.dt.date)
    planned["overdue"] = ~planned["done"] & (planned["due"] < pd.Timestamp(AS_OF))
    delay = ((planned["completed"] - planned["due"]) / DAY).where(planned["done"])
    keys = ["period", "user_id"]
    result = planned.groupby(keys).agg(
        planned=("done", "size"),
        due=("is_due", "sum"),
        done=("done", "sum"),
        done_in_time=("in_time", "sum"),
        overdue=("overdue", "sum"),
        due_done=("due_done", "sum"),
    )
    result["completion_rate"] = (result["due_done"] / result["due"]).where(result["due"] > 0)
    result["in_time_rate"] = (result["done_in_time"] / result["done"]).where(result["done"] > 0)
    result["median_delay_days"] = delay.groupby([planned[key] for key in keys]).median()
    return result.reset_index()


def _stale_customers(calls: pd.DataFrame) -> pd.DataFrame:
    still_open = calls[calls["planned"] & ~calls["done"]].groupby("customer_id")
    result = calls.groupby("customer_id").agg(
        last_contact_at=("created", "max"), interactions=("created", "size")
    )
    result["days_since_last_contact"] = (pd.Timestamp(AS_OF) - result["last_contact_at"]) / DAY
    result["open_follow_ups"] = still_open.size()
    result["open_follow_ups"] = result["open_follow_ups"].fillna(0).astype(int)
    result["next_follow_up_at"] = still_open["due"].min()
    result = result[result["days_since_last_contact"] >= 60].reset_index()
    return result.sort_values(["days_since_last_contact", "customer_id"], ascending=[False, True])


def _heatmap(calls: pd.DataFrame) -> pd.DataFrame:
    clock = calls["local"].dt
    groups = calls.groupby([clock.day_of_week + 1, clock.hour]).size()
    return groups.rename_axis(["weekday", "hour"]).rename("interactions").reset_index()


class Case(NamedTuple):
    """A report and its expected result in pandas."""

    report: Callable[[pl.DataFrame], pl.DataFrame]
    expected: Callable[[pd.DataFrame], pd.DataFrame]


CASES = {
    "by_type": Case(lambda f: reports.by_type(f, every="1q", tz=LISBON), _by_type),
    "user_activity": Case(lambda f: reports.user_activity(f, tz=LISBON), _user_activity),
    "engagement": Case(lambda f: reports.engagement(f, as_of=AS_OF), _engagement),
    "follow_up_completion": Case(
        lambda f: reports.follow_up_completion(f, as_of=AS_OF, tz=LISBON), _follow_up_completion
    ),
    "stale_customers": Case(
        lambda f: reports.stale_customers(f, days=60, as_of=AS_OF), _stale_customers
    ),
    "heatmap": Case(lambda f: reports.heatmap(f, tz=LISBON), _heatmap),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of calls in the environment, or a generated one."""
    if "BANK_CALLS" in os.environ:
        return Path(os.environ["BANK_CALLS"])
    path = tmp_path_factory.mktemp("calls") / "calls.csv"
    _make_up(path)
    return path


@pytest.fixture(scope="module")
def frame(path: Path) -> pl.DataFrame:
    """Return the file as a frame."""
    return reports.frame(_interactions(path))


@pytest.fixture(scope="module")
def table(path: Path) -> pd.DataFrame:
    """Return the file as a pandas table."""
    return _table(path)


def test_every_report_has_its_case() -> None:
    """Every report has a case."""
    assert set(COLUMNS) == set(CASES)


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", CASES)
def test_a_report_agrees_with_pandas(
    report: str, frame: pl.DataFrame, table: pd.DataFrame, tmp_path: Path
) -> None:
    """All rows and values are equal, and the report has a chart."""
    case = CASES[report]

    result = case.report(frame)

    expected = pl.from_pandas(case.expected(table)).select(result.columns).cast(result.schema)
    assert len(table) == frame.height
    assert not expected.is_empty()
    assert_frame_equal(expected, result, rel_tol=1e-9, abs_tol=1e-9)
    reports.plot(result).save(str(tmp_path / "chart.png"))
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
