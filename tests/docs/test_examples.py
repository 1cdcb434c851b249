"""The examples and the front page run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
)
NO_SERVER = {name: value for name, value in os.environ.items() if not name.startswith("APPWRITE_")}


def run(*arguments: str) -> str:
    """Run Python as a user would, warnings being errors, and return what it prints."""
    ended = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        env=NO_SERVER,
        check=False,
    )
    assert (0, "") == (ended.returncode, ended.stderr)
    return ended.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_prints_a_timeline(example: Path) -> None:
    """Each script runs without a server and prints what it logged."""
    assert "Timeline" in run(str(example))


def test_the_quickstart_prints_what_is_due() -> None:
    """The timeline has the latest first, and the task of yesterday is due."""
    lines = [line.strip() for line in run(str(ROOT / "examples/quickstart.py")).splitlines()]
    timeline, due = lines.index("Timeline"), lines.index("Follow-ups due")
    assert [
        ("note", "Prefers email to calls."),
        ("meeting", "Kick-off"),
        ("email", "Offer for the annual plan"),
        ("call", "Called back"),
        ("call", "Asked about the annual plan"),
        ("task", "Send the contract"),
    ] == [tuple(line.split(maxsplit=3)[2:]) for line in lines[timeline + 1 : due]]
    assert ["Send the contract"] == [line.split(maxsplit=2)[2] for line in lines[due + 1 : -1]]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_the_front_page_runs(block: str) -> None:
    """What a stranger copies works."""
    assert run("-c", block)
