"""The marimo notebook on the page about notebooks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.sessions import ROOT
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "how-to" / "notebook.md"
DISPLAY = """
import runpy, sys
import marimo

outputs, names = runpy.run_path(sys.argv[1])["app"].run()
for output in outputs[1:]:
    print(marimo.as_html(output).text.replace("\\n", " "))
names["crm"].close()
"""
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
    # In a process of its own: marimo loads more of the packages that other tests have imported.
    program = notebook.with_name("display.py")
    program.write_text(DISPLAY, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program), str(notebook)]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    timeline, chart = ran.stdout.splitlines()
    assert "Asked about the annual plan" in timeline
    assert "data:image/png" in chart


def test_marimo_finds_no_fault(notebook: Path) -> None:
    """`marimo check` reports no problem."""
    command = [sys.executable, "-m", "marimo", "check", "--strict", str(notebook)]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
