"""The example notebooks run without errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

_read: Any = nbformat.read  # it has no types
NOTEBOOKS = Path(__file__).parents[2] / "examples" / "notebooks"


def _run(name: str) -> list[dict[str, Any]]:
    """Return the outputs of a notebook's cells; warnings and errors fail the test."""
    notebook = _read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [] == [output for output in outputs if output.get("name") == "stderr"]
    return outputs


def _said(outputs: list[dict[str, Any]]) -> str:
    texts = [
        output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        for output in outputs
    ]
    return "\n".join(texts)


def _html(outputs: list[dict[str, Any]]) -> str:
    return "\n".join(output.get("data", {}).get("text/html", "") for output in outputs)


def _pictures(outputs: list[dict[str, Any]]) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.unmeasured
def test_the_first_look() -> None:
    """The notebook logs, shows a live timeline and a report, and uses `await`."""
    outputs = _run("first_look")

    assert "Kick-off" in _html(outputs)
    assert "Called back voicemail" in _said(outputs)
    assert "created Logged while this cell runs" in _said(outputs)
    assert "Logged while this cell runs" in _html(outputs)
    assert "6 interactions" in _said(outputs)
    assert "'Likes short notebooks.'" in _said(outputs)
    assert 1 == _pictures(outputs)


@pytest.mark.slow
def test_the_follow_up_desk() -> None:
    """One follow-up each is completed, snoozed and cancelled, and the report counts them."""
    outputs = _run("follow_up_desk")

    assert "Renewal with flint: Call back" in _said(outputs)
    assert "2 still due, 1 of them since before today" in _said(outputs)
    assert 1 == _pictures(outputs)


@pytest.mark.slow
def test_the_quarterly_report() -> None:
    """All reports and charts are created from 600 interactions."""
    outputs = _run("quarterly_report")

    assert "600 interactions with 29 customers" in _said(outputs)
    assert '<progress max="600" value="600"></progress> 600 of 600 interactions' in _html(outputs)
    assert "True" in _said(outputs)
    assert 6 == _pictures(outputs)


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_output(path: Path) -> None:
    """Outputs are created by running a notebook, not stored in it."""
    notebook = _read(path, as_version=4)

    assert [] == [output for cell in notebook.cells for output in cell.get("outputs", [])]
