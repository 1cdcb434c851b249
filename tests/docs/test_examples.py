"""The examples run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NO_SERVER = {name: value for name, value in os.environ.items() if not name.startswith("APPWRITE_")}

PRINTS = {
    "archive.py": ["Archived 3", "Left because something is still to be done: 1", "Restored 3"],
    "bulk_import.py": ["Imported 2,000 of 2,002 lines", "Run again: 2,000 there, 2,000 in all"],
    "follow_up_worker.py": ["Sent 12 reminders", "Still due: 0"],
    "nightly_report.py": ["Without contact for 30 days: 1", "by_type.png stale_customers.csv"],
    "quickstart.py": ["Timeline", "Follow-ups due", "Last contact"],
    "quickstart_async.py": ["Timeline", "Follow-ups of the next days"],
}
"""What each script says, among other things, in this order."""

ON_SPARK = "report_on_spark.py"
"""It has a test of its own: Spark is slow, and talks on stderr."""


def run(*arguments: str, folder: Path = ROOT) -> str:
    """Run Python as a user would, warnings being errors, and return what it prints."""
    ended = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        env=NO_SERVER,
        cwd=folder,
        check=False,
    )
    assert (0, "") == (ended.returncode, ended.stderr), ended.stdout
    return ended.stdout


def test_of_each_script_it_is_known_what_it_prints() -> None:
    """A new example says here what is expected of it."""
    assert sorted([*PRINTS, ON_SPARK]) == sorted(path.name for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("example", PRINTS)
def test_an_example_prints_what_it_should(example: str, tmp_path: Path) -> None:
    """Each script runs without a server, and from any folder."""
    printed = run(str(EXAMPLES / example), folder=tmp_path)

    assert re.search(".*".join(map(re.escape, PRINTS[example])), printed, re.DOTALL), printed
    assert [] == list(tmp_path.iterdir())


def test_the_quickstart_prints_what_is_due() -> None:
    """The timeline has the latest first, and the task of yesterday is due."""
    lines = [line.strip() for line in run(str(EXAMPLES / "quickstart.py")).splitlines()]
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


def test_each_reminder_is_sent_once() -> None:
    """Two workers share a dozen of them."""
    printed = run(str(EXAMPLES / "follow_up_worker.py"))

    reminded = re.findall(r"remind ada: Call (\d+)", printed)
    assert list(range(1, 13)) == sorted(map(int, reminded))


def test_the_nightly_report_writes_where_it_is_told(tmp_path: Path) -> None:
    """The chart is a picture, and the silent customer is on the list."""
    run(str(EXAMPLES / "nightly_report.py"), str(tmp_path / "new"))

    assert (tmp_path / "new" / "by_type.png").read_bytes().startswith(b"\x89PNG")
    assert 2 == len((tmp_path / "new" / "stale_customers.csv").read_text().splitlines())


@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="no Chromium or Chrome is installed: apt-get install chromium",
)
def test_the_picture_of_the_front_page_can_be_made_again(tmp_path: Path) -> None:
    """It is drawn from a real timeline, and small enough for a front page."""
    run(str(ROOT / "docs" / "make_images.py"), str(tmp_path / "timeline.png"))

    for picture in (tmp_path / "timeline.png", ROOT / "docs" / "images" / "timeline.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 200_000
