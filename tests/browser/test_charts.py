"""Charts in a browser without a network: saved pages, and notebooks exported as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbconvert
import nbformat
import pytest
from nbclient import NotebookClient

from interactions_sdk import reports
from tests.hostile_text import interactions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Browser

CELL = """
from datetime import UTC, datetime
from interactions_sdk import InteractionsClient, reports
crm = InteractionsClient.embedded()
crm.customers.ensure("ada")
ada = crm.as_user("ada")
call = ada.log_call("Renewal", occurred_at=datetime(2026, 5, 4, tzinfo=UTC))
reports.plot(reports.by_type(reports.frame(ada.iterate())))
"""
MARKS = "document.querySelectorAll('svg [role=graphics-symbol]').length"
SEEN = (
    "(r => r.width > 300 && r.height > 50)(document.querySelector('svg').getBoundingClientRect())"
)


@pytest.fixture
def offline(browser: Browser) -> Iterator[Browser]:
    """Return the browser without any network."""
    cut = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.send("Network.emulateNetworkConditions", offline=True, **cut)
    yield browser
    browser.send("Network.emulateNetworkConditions", offline=False, **cut)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_saved_chart_is_shown(offline: Browser, tmp_path: Path, theme: Any) -> None:
    """The page needs no other files, and fits a narrow screen."""
    file = tmp_path / "chart.html"
    chart = reports.plot(reports.user_activity(reports.frame(interactions()[:9])), theme=theme)
    chart.save(file)

    offline.open(file, width=400, scheme=theme)

    assert 9 <= offline.evaluate(MARKS)
    assert offline.evaluate("document.documentElement.scrollWidth") <= 400
    assert "img" == offline.evaluate("document.querySelector('svg').getAttribute('role')")
    assert [] == offline.happened("Log.entryAdded")


@pytest.mark.slow
def test_a_notebook_made_into_a_page_shows_its_chart(offline: Browser, tmp_path: Path) -> None:
    """A chart of a notebook is in the page that nbconvert exports after running the cell."""
    new: Any = nbformat.v4
    notebook = new.new_notebook(cells=[new.new_code_cell(CELL)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    exporter: Any = nbconvert.HTMLExporter  # it has no types
    page, _ = exporter(template_name="basic").from_notebook_node(notebook)
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{page}", encoding="utf-8")

    offline.open(file, width=1200, scheme="light")

    assert 1 <= offline.evaluate(MARKS)
    assert offline.evaluate(SEEN)
    assert {"image/png", "text/html"} <= set(notebook.cells[0].outputs[-1].data)
