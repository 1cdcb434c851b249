"""Charts of all reports."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import reports
from interactions_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.reports.charts import Chart

    Make = Callable[..., CustomerInteraction]

AS_OF = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)

ASK: dict[str, Callable[[Any], Any]] = {
    "by_type": reports.by_type,
    "user_activity": reports.user_activity,
    "engagement": lambda frame: reports.engagement(frame, as_of=AS_OF),
    "follow_up_completion": lambda frame: reports.follow_up_completion(frame, as_of=AS_OF),
    "stale_customers": lambda frame: reports.stale_customers(frame, days=1, as_of=AS_OF),
    "heatmap": reports.heatmap,
}


@pytest.fixture
def frame(make: Make) -> pl.DataFrame:
    """Return interactions of three months, with follow-ups in every state."""
    due = datetime(2026, 5, 20, tzinfo=UTC)
    done = {"custom_fields": {"followUp": {"completedAt": due.isoformat()}}}
    return reports.frame(
        [
            make("2026-04-01T10:00:00Z", next_action_date=due),
            make("2026-05-04T11:00:00Z", next_action_date=due, outcome="resolved", metadata=done),
            make("2026-05-05T11:00:00Z", customer_id="bolt", interaction_type="email"),
            make("2026-06-01T09:00:00Z", user_id="grace", next_action_date=AS_OF),
        ]
    )


def _specification(chart: Chart) -> dict[str, Any]:
    specification: dict[str, Any] = chart.to_dict()
    return specification


def _parts(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parts(value)


def _encodings(specification: dict[str, Any]) -> list[dict[str, Any]]:
    return [part["encoding"] for part in _parts(specification) if "encoding" in part]


@pytest.mark.parametrize("report", ASK)
def test_every_report_has_its_chart(
    engine: Any, report: str, frame: pl.DataFrame, tmp_path: Path
) -> None:
    """The result of any engine can be drawn without a network."""
    chart = reports.plot(ASK[report](engine.load(frame)))
    chart.save(tmp_path / "chart.png")

    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", ASK)
def test_axes_say_what_they_show(report: str, frame: pl.DataFrame) -> None:
    """Each chart has a title, and each axis has one."""
    specification = _specification(reports.plot(ASK[report](frame)))

    assert specification["title"]["text"]
    for encoding in _encodings(specification):
        assert encoding["x"]["title"]
        assert encoding["y"]["title"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", ASK)
def test_colours_survive_a_grey_printer(report: str, frame: pl.DataFrame) -> None:
    """All colours are shades of grey."""
    specification = _specification(reports.plot(ASK[report](frame)))
    ranges = [
        colour
        for encoding in _encodings(specification)
        for colour in encoding.get("color", {}).get("scale", {}).get("range", [])
    ]

    for colour in ranges:
        red, green, blue = (colour[at : at + 2] for at in (1, 3, 5))
        assert red == green == blue


def test_a_chart_is_saved_as_svg(frame: pl.DataFrame, tmp_path: Path) -> None:
    """SVG files can be written without a network."""
    reports.plot(reports.heatmap(frame)).save(tmp_path / "chart.svg")

    assert (tmp_path / "chart.svg").read_text(encoding="utf-8").startswith("<svg")


def test_what_is_no_report_is_refused(frame: pl.DataFrame) -> None:
    """The error lists the reports that can be drawn."""
    with pytest.raises(ConfigurationError, match="by_type, user_activity"):
        reports.plot(frame)


@pytest.mark.parametrize("report", ASK)
def test_nothing_to_report_is_drawn_as_nothing(report: str, tmp_path: Path) -> None:
    """An empty report has a chart with its title and a note."""
    chart = reports.plot(ASK[report](reports.frame([])))
    chart.save(tmp_path / "chart.png")

    assert "nothing to report" == _specification(chart)["title"]["subtitle"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", ASK)
def test_one_interaction_is_one(make: Make, report: str) -> None:
    """The subtitle uses the singular, and axes and legends have integer steps."""
    frame = reports.frame([make(next_action_date=datetime(2026, 5, 20, tzinfo=UTC))])
    specification = _specification(reports.plot(ASK[report](frame)))

    assert not re.search(r"\b1 (interactions|users|customers)", specification["title"]["subtitle"])
    for encoding in _encodings(specification):
        for each in (each for each in encoding.values() if isinstance(each, dict)):
            if each.get("axis", {}).get("format") == ",d":
                assert 1 == each["axis"]["tickCount"]
            if each.get("legend", {}).get("format") == ",d":
                assert [0, 1] == each["legend"]["values"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", ["user_activity", "stale_customers"])
def test_long_ids_can_be_told_apart(report: str, frame: pl.DataFrame) -> None:
    """Labels are wide enough for Appwrite's IDs of 36 characters."""
    (y, *_) = [each["y"] for each in _encodings(_specification(reports.plot(ASK[report](frame))))]

    assert y["axis"]["labelLimit"] >= 36 * 7


def test_a_single_day_is_labelled_with_the_day(make: Make) -> None:
    """A single period is labelled with its day, unless it is a month."""
    frame = reports.frame([make("2026-05-04T10:00:00Z")])
    specification = _specification(reports.plot(reports.by_type(frame, every="1d")))

    assert "%-d %b %Y" == specification["spec"]["encoding"]["x"]["axis"]["format"]


def test_hours_without_interactions_are_drawn_as_none(frame: pl.DataFrame) -> None:
    """The heat map shows all hours of the week."""
    specification = _specification(reports.plot(reports.heatmap(frame)))
    (cells,) = specification["datasets"].values()

    assert 7 * 24 == len(cells)
    assert frame.height == sum(cell["interactions"] for cell in cells)


def test_the_states_of_follow_ups_add_up(frame: pl.DataFrame) -> None:
    """The bars add up to the number of planned follow-ups."""
    specification = _specification(reports.plot(ASK["follow_up_completion"](frame)))
    (states,) = specification["datasets"].values()

    found = {
        state: sum(row["follow_ups"] for row in states if row["state"] == state)
        for state in {row["state"] for row in states}
    }
    expected = {"done in time": 1, "done late, or at an unknown time": 0, "open": 1, "overdue": 1}
    assert expected == found


def test_only_the_busiest_users_are_drawn(make: Make) -> None:
    """The chart shows at most 20 users, and the subtitle says how many there are."""
    interactions = [make(user_id=f"user-{n:02}") for n in range(25) for _ in range(n + 1)]

    specification = _specification(reports.plot(reports.user_activity(reports.frame(interactions))))

    assert "20 of 25 users, the busiest first" == specification["title"]["subtitle"]
    (cells,) = specification["datasets"].values()
    assert {f"user-{n:02}" for n in range(5, 25)} == {cell["user_id"] for cell in cells}


def test_many_periods_are_drawn_without_numbers(make: Make) -> None:
    """With many periods, the cells are too small to show numbers."""
    days = [datetime(2026, 5, 4, tzinfo=UTC) + timedelta(days=n) for n in range(15)]
    frame = reports.frame([make(day.isoformat()) for day in days])

    by_day = _specification(reports.plot(reports.user_activity(frame, every="1d")))
    by_week = _specification(reports.plot(reports.user_activity(frame, every="1w")))

    assert "layer" not in by_day
    assert "layer" in by_week


def test_periods_without_interactions_keep_their_place(make: Make) -> None:
    """A month without interactions is shown as a gap."""
    frame = reports.frame([make(f"2026-0{month}-04T10:00:00Z") for month in (1, 2, 5)])

    specification = _specification(reports.plot(reports.user_activity(frame)))

    (x, *_) = [encoding["x"] for encoding in _encodings(specification)]
    assert ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"] == x["scale"]["domain"]


def test_periods_of_days_are_labelled_with_the_day(make: Make) -> None:
    """Weeks are labelled with their Monday, and months with their name."""
    frame = reports.frame([make("2026-05-04T10:00:00Z"), make("2026-05-12T10:00:00Z")])

    def label(every: Any) -> str:
        specification = _specification(reports.plot(reports.by_type(frame, every=every)))
        found: str = specification["spec"]["encoding"]["x"]["axis"]["format"]
        return found

    assert "%-d %b %Y" == label("1w")
    assert "%b %Y" == label("1mo")
