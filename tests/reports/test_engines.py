"""Reports on every engine, compared with a computation in plain Python."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from interactions_sdk import reports
from interactions_sdk.models.enums import ContactMethod, InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.reports.times import Every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

BERLIN = ZoneInfo("Europe/Berlin")
AS_OF = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)

Rows = list[dict[str, Any]]


def _random_interaction(dice: random.Random, number: int) -> CustomerInteraction:
    created = datetime(2025, 10, 20, tzinfo=UTC) + dice.random() * timedelta(days=270)
    created = created.replace(microsecond=created.microsecond // 1000 * 1000)
    first_due = created + timedelta(minutes=dice.randrange(30, 60_000))
    completed = first_due + timedelta(minutes=dice.randrange(-5_000, 9_000))
    outcome = dice.choice([None, None, *Outcome, "on_hold"])
    fields: dict[str, Any] = {}
    if dice.random() < 0.6:
        fields["next_action_date"] = first_due + dice.choice([0, 0, 3]) * DAY
    if outcome == "resolved" and dice.random() < 0.8:
        facts = {"completedAt": completed.isoformat(), "firstDueAt": first_due.isoformat()}
        fields["metadata"] = {"custom_fields": {"followUp": facts}}
    elif dice.random() < 0.2:
        facts = {"firstDueAt": first_due.isoformat()}
        fields["metadata"] = {"custom_fields": {"followUp": {**facts, "snoozes": 1}}}
    return CustomerInteraction.model_validate(
        {
            "id": f"i{number}",
            "created_at": created,
            "updated_at": created,
            "customer_id": f"customer-{dice.randrange(40)}",
            "user_id": dice.choice(["ada", "Ada", "grace", "édith"]),
            "interaction_type": dice.choice([*InteractionType, "fax"]),
            "contact_method": dice.choice([None, *ContactMethod]),
            "direction": dice.choice(["inbound", "outbound", "outbound"]),
            "duration": dice.choice([None, dice.randrange(1, 90)]),
            "outcome": outcome,
            **fields,
        }
    )


@pytest.fixture(scope="module")
def interactions() -> list[CustomerInteraction]:
    """Return a year of interactions across both clock changes, with all kinds of nulls."""
    dice = random.Random(7)  # noqa: S311 - data, not secrets
    return [_random_interaction(dice, number) for number in range(700)]


@pytest.fixture(scope="module")
def frame(interactions: list[CustomerInteraction]) -> pl.DataFrame:
    """Return the same interactions as a frame."""
    return reports.frame(interactions)


def _period(moment: datetime, every: str) -> datetime:
    day = moment.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    match every:
        case "1d":
            return day
        case "1w":
            return day - day.weekday() * DAY
        case "1mo":
            return day.replace(day=1)
        case "1q":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case _:
            return day.replace(day=1, month=1)


def _grouped(
    interactions: Iterable[CustomerInteraction], key: Callable[[CustomerInteraction], Any]
) -> list[tuple[Any, list[CustomerInteraction]]]:
    groups: dict[Any, list[CustomerInteraction]] = defaultdict(list)
    for interaction in interactions:
        groups[key(interaction)].append(interaction)
    return sorted(groups.items())


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _fact(interaction: CustomerInteraction, name: str) -> datetime | None:
    if interaction.metadata is None:
        return None
    facts: Any = interaction.metadata.custom_fields["followUp"]
    return datetime.fromisoformat(facts[name]) if name in facts else None


def _by_type(interactions: list[CustomerInteraction], every: str) -> Rows:
    sizes = Counter(_period(i.created_at, every) for i in interactions)
    rows = []
    for (period, kind), group in _grouped(
        interactions, lambda i: (_period(i.created_at, every), str(i.interaction_type))
    ):
        durations = [i.duration for i in group if i.duration is not None]
        outcomes = [i.outcome for i in group if i.outcome is not None]
        rows.append(
            {
                "period": period,
                "interaction_type": kind,
                "interactions": len(group),
                "share": len(group) / sizes[period],
                "mean_duration": sum(durations) / len(durations) if durations else None,
                "median_duration": _median(durations),
                "success_rate": _share(
                    sum(o in {"successful", "resolved"} for o in outcomes), len(outcomes)
                ),
            }
        )
    return rows


def _user_activity(interactions: list[CustomerInteraction], every: str) -> Rows:
    rows = []
    for (period, user), group in _grouped(
        interactions, lambda i: (_period(i.created_at, every), i.user_id)
    ):
        kinds = Counter(str(i.interaction_type) for i in group)
        hours = [
            (completed - i.created_at) / timedelta(hours=1)
            for i in group
            if (completed := _fact(i, "completedAt")) is not None
        ]
        rows.append(
            {
                "period": period,
                "user_id": user,
                "interactions": len(group),
                **{kind.value: kinds[kind] for kind in InteractionType},
                "unlisted": kinds["fax"],
                "customers": len({i.customer_id for i in group}),
                "minutes": sum(i.duration or 0 for i in group),
                "median_hours_to_follow_up": _median(hours),
            }
        )
    return rows


def _engagement(interactions: list[CustomerInteraction]) -> Rows:
    rows = []
    known = [i for i in interactions if i.created_at <= AS_OF]
    for customer, group in _grouped(known, lambda i: i.customer_id):
        contacts = sorted(i.created_at for i in group)
        gaps = [(later - earlier) / DAY for earlier, later in pairwise(contacts)]
        days = (AS_OF - contacts[-1]) / DAY
        inbound = sum(i.direction == "inbound" for i in group) / len(group)
        tried = [
            i.outcome
            for i in group
            if i.direction == "outbound" and i.outcome not in {None, "cancelled"}
        ]
        recent = sum(contact > AS_OF - 90 * DAY for contact in contacts)
        rows.append(
            {
                "customer_id": customer,
                "interactions": len(group),
                "first_contact_at": contacts[0],
                "last_contact_at": contacts[-1],
                "days_since_last_contact": days,
                "median_gap_days": _median(gaps),
                "longest_gap_days": max(gaps, default=None),
                "inbound_share": inbound,
                "response_rate": _share(
                    sum(o not in {"no_answer", "voicemail", "busy"} for o in tried), len(tried)
                ),
                "recent_interactions": recent,
                "score": 50 * 30 / (30 + days)
                + 30 * min(recent / 12, 1)
                + 20 * min(2 * inbound, 1),
            }
        )
    return rows


def _first_due(interaction: CustomerInteraction) -> datetime | None:
    return _fact(interaction, "firstDueAt") or interaction.next_action_date


def _completed(interaction: CustomerInteraction) -> datetime | None:
    completed = _fact(interaction, "completedAt")
    return completed if completed is None or completed <= AS_OF else None


def _is_done(interaction: CustomerInteraction) -> bool:
    completed = _fact(interaction, "completedAt")
    return interaction.outcome == "resolved" and (completed is None or completed <= AS_OF)


def _follow_up_completion(interactions: list[CustomerInteraction], every: str) -> Rows:
    today = AS_OF.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    planned = [
        (first_due, i)
        for i in interactions
        if i.created_at <= AS_OF
        and (first_due := _first_due(i)) is not None
        and (i.next_action_date is not None or _is_done(i))
    ]
    groups: dict[tuple[datetime, str], list[tuple[datetime, CustomerInteraction]]]
    groups = defaultdict(list)
    for first_due, i in planned:
        groups[_period(first_due, every), i.user_id].append((first_due, i))
    rows = []
    for (period, user), group in sorted(groups.items()):
        due = [i for first_due, i in group if first_due <= AS_OF]
        timed = [
            (first_due, completed)
            for first_due, i in group
            if _is_done(i) and (completed := _completed(i)) is not None
        ]
        in_time = sum(_period(done, "1d") <= _period(first, "1d") for first, done in timed)
        rows.append(
            {
                "period": period,
                "user_id": user,
                "planned": len(group),
                "due": len(due),
                "done": sum(_is_done(i) for _, i in group),
                "done_in_time": in_time,
                "overdue": sum(
                    not _is_done(i)
                    and i.next_action_date is not None
                    and i.next_action_date < today
                    for _, i in group
                ),
                "completion_rate": _share(sum(map(_is_done, due)), len(due)),
                "in_time_rate": _share(in_time, len(timed)),
                "median_delay_days": _median([(done - first) / DAY for first, done in timed]),
            }
        )
    return rows


def _stale_customers(interactions: list[CustomerInteraction]) -> Rows:
    rows = []
    known = [i for i in interactions if i.created_at <= AS_OF]
    for customer, group in _grouped(known, lambda i: i.customer_id):
        last = max(i.created_at for i in group)
        dates = [i.next_action_date for i in group if i.is_open_follow_up]
        if AS_OF - last >= 3 * DAY:
            rows.append(
                {
                    "customer_id": customer,
                    "last_contact_at": last,
                    "days_since_last_contact": (AS_OF - last) / DAY,
                    "interactions": len(group),
                    "open_follow_ups": len(dates),
                    "next_follow_up_at": min((date for date in dates if date), default=None),
                }
            )
    return sorted(rows, key=lambda row: (row["last_contact_at"], row["customer_id"]))


def _heatmap(interactions: list[CustomerInteraction]) -> Rows:
    local = [i.created_at.astimezone(BERLIN) for i in interactions]
    cells = Counter((moment.isoweekday(), moment.hour) for moment in local)
    return [
        {"weekday": weekday, "hour": hour, "interactions": count}
        for (weekday, hour), count in sorted(cells.items())
    ]


def _ask(every: Every) -> dict[str, Callable[[Any], Any]]:
    return {
        "by_type": lambda f: reports.by_type(f, every=every, tz="Europe/Berlin"),
        "user_activity": lambda f: reports.user_activity(f, every=every, tz="Europe/Berlin"),
        "engagement": lambda f: reports.engagement(f, as_of=AS_OF),
        "follow_up_completion": lambda f: reports.follow_up_completion(
            f,
            as_of=AS_OF,
            every=every,
            tz="Europe/Berlin",
        ),
        "stale_customers": lambda f: reports.stale_customers(f, days=3, as_of=AS_OF),
        "heatmap": lambda f: reports.heatmap(f, tz="Europe/Berlin"),
    }


def _expect(report: str, interactions: list[CustomerInteraction], every: str) -> Rows:
    match report:
        case "by_type":
            return _by_type(interactions, every)
        case "user_activity":
            return _user_activity(interactions, every)
        case "engagement":
            return _engagement(interactions)
        case "follow_up_completion":
            return _follow_up_completion(interactions, every)
        case "stale_customers":
            return _stale_customers(interactions)
        case _:
            return _heatmap(interactions)


CASES = [
    *(
        (report, every)
        for report in ("by_type", "user_activity", "follow_up_completion")
        for every in get_args(Every)
    ),
    *((report, "1mo") for report in ("engagement", "stale_customers", "heatmap")),
]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("report", "every"), CASES)
def test_every_engine_agrees_with_plain_python(
    engine: Any,
    report: str,
    every: Every,
    interactions: list[CustomerInteraction],
    frame: pl.DataFrame,
) -> None:
    """Every report has the rows, in order, that its definition implies."""
    result = engine.rows(_ask(every)[report](engine.load(frame)))

    expected = pl.DataFrame(_expect(report, interactions, every), schema=result.schema)
    assert not expected.is_empty()
    assert_frame_equal(expected, result, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", _ask("1mo"))
def test_a_report_is_of_the_kind_that_was_given(
    engine: Any, report: str, frame: pl.DataFrame
) -> None:
    """The result has the type of the input: Polars for Polars, lazy for lazy, and so on."""
    result = _ask("1mo")[report](engine.load(frame))

    assert isinstance(result, engine.kind)


_KINDS = {
    "text": pl.String(),
    "count": pl.Int64(),
    "number": pl.Float64(),
    "time": pl.Datetime("ms", "UTC"),
    "period": pl.Datetime("ms"),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", _ask("1mo"))
def test_nothing_gives_an_empty_table_with_the_right_columns(engine: Any, report: str) -> None:
    """A report on no interactions has its documented columns and types, but no rows."""
    result = engine.rows(_ask("1mo")[report](engine.load(reports.frame([]))))

    documented = {column.name: _KINDS[column.kind] for column in reports.columns(report)}
    assert documented == dict(result.schema)
    assert result.is_empty()


@pytest.mark.parametrize("report", _ask("1mo"))
def test_times_without_a_zone_are_utc(engine: Any, report: str, frame: pl.DataFrame) -> None:
    """Naive times in a frame are taken as UTC."""
    naive = frame.with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))

    result = engine.rows(_ask("1mo")[report](engine.load(naive)))

    expected = engine.rows(_ask("1mo")[report](engine.load(frame)))
    zoneless = expected.with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
    assert_frame_equal(zoneless, result, rel_tol=1e-12, abs_tol=1e-12)
