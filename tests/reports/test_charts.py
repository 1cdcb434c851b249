"""Charts as files and in notebooks: static, offline and accessible."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree as ET

import altair as alt
import pytest

from interactions_sdk import reports
from interactions_sdk.errors import ConfigurationError
from tests.hostile_text import CORPUS, interactions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from interactions_sdk.models.interaction import CustomerInteraction

    Make = Callable[..., CustomerInteraction]

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def result(make: Make) -> pl.DataFrame:
    """Return a result with two users in one month."""
    return reports.user_activity(reports.frame([make(), make(), make(user_id="eve")]))


def _labels(chart: Any) -> set[str]:
    [rows] = chart.to_dict()["datasets"].values()
    return {row["user_id"] for row in rows}


def test_html_has_no_script_and_loads_nothing(result: pl.DataFrame, tmp_path: Path) -> None:
    """The page has no script, and its policy forbids scripts and requests."""
    chart: Any = reports.plot(result)
    page = chart.to_html()
    chart.save(tmp_path / "chart.html")
    chart.save(written := io.StringIO(), format="html")

    assert page == (tmp_path / "chart.html").read_text(encoding="utf-8") == written.getvalue()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
    assert 1 == page.count("<svg ")
    assert chart.to_html(fullhtml=False, inline=True) in page


def test_a_notebook_gets_what_it_can_show(result: pl.DataFrame) -> None:
    """A notebook gets Vega-Lite, HTML, PNG and text."""
    chart: Any = reports.plot(result)

    shown, about = chart._repr_mimebundle_()

    assert ["application/vnd.vegalite.v6+json", "text/html", "image/png", "text/plain"] == [*shown]
    assert shown["image/png"].startswith(b"\x89PNG")
    width = int.from_bytes(shown["image/png"][16:20])
    assert width == pytest.approx(2 * about["image/png"]["width"], abs=1)
    assert (
        "Interactions by user and period: 2 of 2 users, the busiest first." == shown["text/plain"]
    )
    assert shown["text/html"] == chart.to_html(fullhtml=False)


def test_a_picture_has_words(result: pl.DataFrame, tmp_path: Path) -> None:
    """Screen readers get a description, and each mark has a tooltip."""
    chart: Any = reports.plot(result)
    chart.save(tmp_path / "chart.svg")
    svg = ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - our own file

    assert "img" == svg.get("role")
    assert "Interactions by user and period: 2 of 2 users, the busiest first." == svg.get(
        "aria-label"
    )
    tooltips = {title.text for title in svg.iter(f"{SVG}title")}
    assert "period: 2026-05; user: ada; interactions: 2" in tooltips


def test_other_formats_are_altairs(result: pl.DataFrame, tmp_path: Path) -> None:
    """PNG and JSON are written by Altair, to paths and to open files."""
    chart: Any = reports.plot(result)
    chart.save(tmp_path / "chart.json")
    chart.save(written := io.BytesIO(), format="png", scale_factor=2)

    assert "layer" in json.loads((tmp_path / "chart.json").read_text(encoding="utf-8"))
    assert written.getvalue().startswith(b"\x89PNG")


def test_a_chart_stays_static_when_it_is_changed(result: pl.DataFrame) -> None:
    """Changing the title or size keeps the page free of scripts."""
    changed: Any = reports.plot(result).properties(title="Who")

    assert "<script" not in changed.to_html()
    assert isinstance(changed, alt.LayerChart)


@pytest.mark.unmeasured
def test_customers_and_users_have_names(result: pl.DataFrame) -> None:
    """Names are used if passed, and equal names are distinguished by ID."""
    assert {"ada", "Eve <3".replace("<", "\u2039")} == _labels(
        reports.plot(result, names={"eve": "Eve <3"})
    )
    both = reports.plot(result, names={"ada": "Ada", "eve": "Ada"})
    assert {"Ada (ada)", "Ada (eve)"} == _labels(both)


def test_colours_fit_the_theme(result: pl.DataFrame) -> None:
    """Each theme has contrasting text and background colours."""
    backgrounds = [reports.plot(result, theme=theme).to_dict() for theme in ("light", "dark")]
    assert ["#ffffff", "#161616"] == [each["background"] for each in backgrounds]
    assert ["#000000", "#f0f0f0"] == [each["config"]["title"]["color"] for each in backgrounds]
    with pytest.raises(ConfigurationError, match=r"Unknown theme 'neon'. Available: light, dark"):
        reports.plot(result, theme="neon")  # type: ignore[arg-type] # that is the mistake


@pytest.mark.unmeasured
@pytest.mark.parametrize("report", ["by_type", "user_activity", "engagement", "stale_customers"])
def test_no_data_of_a_chart_is_markup(report: str) -> None:
    """In Altair's own page, no text can end the script."""
    options: dict[str, Any] = {"days": 1} if report == "stale_customers" else {}
    drawn = reports.plot(getattr(reports, report)(reports.frame(interactions()), **options))
    page = alt.TopLevelMixin.to_html(cast("Any", drawn))

    data = json.dumps(drawn.to_dict(), ensure_ascii=False)
    assert not set(data) & {"<", "\x00", "\x1b", "\u202e", "\u2028", "\ufffe"}
    assert "alert(1)</script>" not in page


def test_different_texts_stay_different() -> None:
    """Unusual texts are not mixed up or combined."""
    drawn = reports.plot(reports.user_activity(reports.frame(interactions())))
    [subtitle] = [drawn.to_dict()["title"]["subtitle"]]

    assert f"20 of {len(CORPUS)} users, the busiest first" == subtitle
    assert 20 == len(_labels(drawn))


@pytest.mark.unmeasured
def test_a_text_that_no_picture_can_hold_is_drawn(make: Make, tmp_path: Path) -> None:
    """A NUL in a user ID, which would crash the renderer, is replaced."""
    frame = reports.frame([make(user_id="a\x00b", interaction_type="\x00")])
    names = {"a\x00b": "A\x00\ud800\uffff"}
    for result in (reports.user_activity(frame), reports.by_type(frame)):
        for known in ({}, names):
            reports.plot(result, names=known).save(tmp_path / "chart.png")
            assert (tmp_path / "chart.png").stat().st_size > 1000
