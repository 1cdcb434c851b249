"""The marimo notebook on the page about notebooks."""

from __future__ import annotations

import importlib
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.sessions import ROOT
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "how-to" / "notebook.md"
pytestmark = pytest.mark.slow


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Return the file with the content shown on the page."""
    [block] = [
        each for each in blocks_of(PAGE.read_text(encoding="utf-8")) if each.file == "first_look.py"
    ]
    path = tmp_path / "first_look.py"
    path.write_text(block.text, encoding="utf-8")
    return path


def test_it_shows_a_timeline_and_a_chart(notebook: Path) -> None:
    """The cells run in order, and marimo can display their results."""
    marimo: Any = importlib.import_module("marimo")  # one program of many that could be installed
    outputs, names = runpy.run_path(str(notebook))["app"].run()
    _, timeline, chart = outputs
    assert "Asked about the annual plan" in marimo.as_html(timeline).text
    assert "data:image/png" in marimo.as_html(chart).text
    names["crm"].close()


def test_marimo_finds_no_fault(notebook: Path) -> None:
    """`marimo check` reports no problem."""
    command = [sys.executable, "-m", "marimo", "check", "--strict", str(notebook)]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
