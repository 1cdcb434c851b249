"""All HTML that the library creates from hostile texts in every column, in a browser."""

from __future__ import annotations

import inspect
import pkgutil
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

import interactions_sdk
from interactions_sdk import Timeline, reports
from tests.hostile_text import AT, CORPUS, HTML, SCRIPT, interactions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import Browser

ZONE = ZoneInfo("Europe/Zurich")


def _timeline() -> Timeline:
    link = "https://erp.example/{type}/{id}"
    return Timeline(interactions(), ZONE, is_truncated=True, entity_url=link)


def _chart(report: str) -> Any:
    frame = reports.frame(interactions(CORPUS))
    options: dict[str, Any] = {"days": 1, "as_of": AT} if report == "stale_customers" else {}
    names = dict(zip(CORPUS, reversed(CORPUS), strict=True)) if report == "user_activity" else None
    return reports.plot(getattr(reports, report)(frame, **options), names=names)


def _page(report: str) -> str:
    return str(_chart(report).to_html())


def _bundled(report: str) -> str:
    shown, _ = _chart(report)._repr_mimebundle_()
    return str(shown["text/html"])


def _frame() -> Any:
    frame = reports.frame(interactions())
    return frame.rename(dict(zip(frame.columns, HTML, strict=False)))


CHARTS = ("by_type", "user_activity", "engagement", "follow_up_completion", "stale_customers")
PAGES: dict[str, Callable[[], str]] = {
    "Timeline.to_html": lambda: _timeline().to_html("".join(HTML)),
    "Timeline._repr_html_": lambda: _timeline()._repr_html_(),
    **{f"plot({name}).to_html": partial(_page, name) for name in CHARTS},
    **{f"plot({name})._repr_mimebundle_": partial(_bundled, name) for name in CHARTS},
    "frame()._repr_html_": lambda: _frame()._repr_html_(),
    "frame().to_pandas()._repr_html_": lambda: _frame().to_pandas()._repr_html_(),
}


def _harm(browser: Browser, file: Path) -> list[str]:
    """Open a page, and return the effects of hostile text in it."""
    browser.open(file, width=1200, scheme="light")
    browser.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    asked = [each["request"]["url"] for each in browser.happened("Network.requestWillBeSent")]
    found = [f"asked for {url}" for url in asked if url != file.as_uri()]
    found += [f"opened {each}" for each in browser.happened("Page.javascriptDialogOpening")]
    found += [f"logged {each['entry']['text']}" for each in browser.happened("Log.entryAdded")]
    if browser.evaluate("document.title === 'hurt'"):
        found.append("ran a script")
    found += browser.evaluate(
        "[...document.querySelectorAll('script,iframe,object,embed,form,base,img')].map(String)"
    )
    found += browser.evaluate(
        "[...document.links].map(e => e.protocol).filter(p => !/^(https?|file):$/.test(p))"
    )
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nothing_that_a_customer_wrote_does_anything(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    """Customers' text runs no script, sends no request, and adds no dialog, element or link."""
    file = tmp_path / "page.html"
    file.write_text(PAGES[name](), encoding="utf-8")

    assert [] == _harm(browser, file)
    assert len(browser.evaluate("document.body.innerText")) > 100


@pytest.mark.parametrize("name", CHARTS)
def test_a_saved_picture_does_nothing_either(browser: Browser, tmp_path: Path, name: str) -> None:
    """A browser treats an SVG file as a page."""
    file = tmp_path / "chart.svg"
    _chart(name).save(file)

    browser.open(file, width=1200, scheme="light")
    asked = [each["request"]["url"] for each in browser.happened("Network.requestWillBeSent")]
    assert [file.as_uri()] == asked
    assert [] == browser.happened("Page.javascriptDialogOpening")
    assert 0 == browser.evaluate("document.querySelectorAll('script,a,image,foreignObject').length")
    assert "svg" == browser.evaluate("document.documentElement.tagName")


@pytest.mark.parametrize("text", [f"<script>{SCRIPT}</script>", HTML[16], "<base href=x:>"])
def test_harm_would_be_seen(browser: Browser, tmp_path: Path, text: str) -> None:
    """In a page without escaping, the effects of the same texts are detected."""
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><title>ok</title><body>{text}</body>", encoding="utf-8")

    assert _harm(browser, file)


def test_every_object_with_html_of_its_own_is_tried() -> None:
    """Every class that notebooks show as HTML has a page above."""
    shown = {
        value.__name__
        for module in pkgutil.walk_packages(interactions_sdk.__path__, "interactions_sdk.")
        if not module.name.endswith("__main__")
        for value in vars(import_module(module.name)).values()
        if inspect.isclass(value)
        and value.__module__.startswith("interactions_sdk")
        and {"_repr_html_", "_repr_mimebundle_", "to_html"} & set(vars(value))
    }

    assert {"Timeline", "_StaticChart"} == shown
