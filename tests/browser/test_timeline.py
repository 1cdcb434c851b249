"""The page of a timeline in a browser: layout, safety and keyboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from interactions_sdk import CustomerInteraction, InteractionMetadata, InteractionType, Timeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Browser

AT = datetime(2026, 8, 27, 14, 5, tzinfo=UTC)
WIDTHS = (400, 1200)
SCHEMES = ("light", "dark")

CONTRAST = """
(() => {
  const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = numbers(colour).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.body.querySelectorAll("*")].filter(e =>
    e.tagName !== "STYLE" && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  return Math.min(...texts.map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }));
})()
"""


def interaction(number: int, **fields: object) -> CustomerInteraction:
    """Return an interaction; higher numbers are older."""
    at = AT - timedelta(hours=9 * number)
    known = {"id": f"i{number}", "created_at": at, "updated_at": at, "user_id": "ada"}
    return CustomerInteraction.model_validate({**known, "customer_id": "c1", **fields})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return the file of a timeline with many interactions of all kinds."""
    shown = [
        interaction(
            0,
            interaction_type="call",
            subject="Renewal: price and term",
            description="Ada wants three years instead of one.\nShe asks for it in writing.",
            contact_method="phone",
            duration=12,
            outcome="follow_up_required",
            next_action="Send the offer",
            next_action_date=AT + timedelta(days=7),
            related_entity_type="quote",
            related_entity_id="Q-17",
            metadata=InteractionMetadata(
                tags=["renewal", "key account"],
                participants=["ada@example.org"],
                attachments=["https://files.example/" + "long" * 60, "javascript:alert(1)"],
            ),
        ),
        interaction(
            1, interaction_type="email", subject="<script>document.title = 'broken'</script>"
        ),
        interaction(2, interaction_type="note", description="w" * 300),
        interaction(
            3,
            interaction_type="task",
            subject="Send the contract",
            outcome="resolved",
            next_action_date=AT - timedelta(days=1),
        ),
        *(
            interaction(4 + place, interaction_type=kind, subject=f"About a {kind}")
            for place, kind in enumerate(InteractionType)
        ),
    ]
    timeline = Timeline(
        shown,
        ZoneInfo("Europe/Zurich"),
        is_truncated=True,
        entity_url="https://erp.example/{type}/{id}",
    )
    file = tmp_path / "timeline.html"
    file.write_text(timeline.to_html("Ada Lovelace Ltd."), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_can_be_read_on_every_screen(
    browser: Browser, page: Path, tmp_path: Path, width: int, scheme: str
) -> None:
    """Pages fit every screen, and the contrast of every text meets WCAG AA."""
    browser.open(page, width=width, scheme=scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")

    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate(CONTRAST) >= 4.5
    ground = browser.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor")
    assert {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[scheme] == ground
    picture = tmp_path / f"timeline-{scheme}-{width}.png"
    browser.screenshot(picture)
    assert picture.stat().st_size > 10_000


def test_nothing_runs_and_nothing_is_loaded(browser: Browser, page: Path) -> None:
    """The page sends no other requests, and a script in a subject is shown as text."""
    browser.open(page, width=1200, scheme="light")

    requests = [e for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert [page.as_uri()] == [each["params"]["request"]["url"] for each in requests]
    assert "Ada Lovelace Ltd." == browser.evaluate("document.title")
    assert 0 == browser.evaluate("document.scripts.length")
    assert browser.evaluate(
        "document.body.innerText.includes(\"<script>document.title = 'broken'</script>\")"
    )
    assert [] == [e for e in browser.events if e["method"] == "Log.entryAdded"]


def test_details_open_by_keyboard_and_by_click(browser: Browser, page: Path) -> None:
    """Tab moves between entries; Enter, Space and a click open and close them."""
    browser.open(page, width=1200, scheme="light")
    is_open = "document.querySelector('details').open"
    link = "document.querySelector('details a')"
    assert not browser.evaluate(is_open)
    assert not browser.evaluate(f"{link}.checkVisibility()")

    browser.press("Tab")
    assert "SUMMARY" == browser.evaluate("document.activeElement.tagName")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert "solid" == browser.evaluate(outline)
    browser.press("Enter")
    assert browser.evaluate(is_open)
    browser.press("Tab")
    assert "https://erp.example/quote/Q-17" == browser.evaluate("document.activeElement.href")
    assert browser.evaluate(f"{link}.checkVisibility()")
    browser.evaluate("document.querySelector('summary').focus()")
    browser.press(" ")
    assert not browser.evaluate(is_open)
    browser.evaluate("document.querySelector('summary').click()")
    assert browser.evaluate(is_open)


def test_only_web_addresses_are_links(browser: Browser, page: Path) -> None:
    """The scheme that the browser parses decides whether an address is a link."""
    browser.open(page, width=1200, scheme="light")
    protocols = browser.evaluate("[...document.links].map(e => e.protocol)")

    assert ["https:", "https:"] == protocols


@pytest.mark.parametrize(
    ("host", "scheme", "ground"),
    [
        ('<body data-jp-theme-light="false">', "light", "rgb(20, 24, 29)"),
        ('<body data-jp-theme-light="true">', "dark", "rgb(255, 255, 255)"),
        ('<body class="vscode-dark">', "light", "rgb(20, 24, 29)"),
        ('<body class="vscode-light">', "dark", "rgb(255, 255, 255)"),
    ],
)
def test_a_notebooks_own_theme_goes_before_the_systems(
    browser: Browser, tmp_path: Path, host: str, scheme: str, ground: str
) -> None:
    """The theme of JupyterLab and VS Code takes precedence over that of the system."""
    file = tmp_path / "notebook.html"
    piece = Timeline([interaction(0)], UTC)._repr_html_()
    file.write_text(f"<!doctype html>{host}{piece}</body>", encoding="utf-8")
    browser.open(file, width=800, scheme=scheme)

    shown = "getComputedStyle(document.querySelector('section')).backgroundColor"
    assert ground == browser.evaluate(shown)
