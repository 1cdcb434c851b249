"""The examples run unchanged."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import LIMIT

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PAGES = ROOT / "docs" / "examples"
IMAGES_SCRIPT = ROOT / "docs" / "_build_scripts" / "images.py"
PICTURES = ("timeline.png", "timeline-dark.png", "desk.png", "desk-dark.png")
UNSET = ("APPWRITE_", "COVERAGE_")
NO_SERVER = {name: value for name, value in os.environ.items() if not name.startswith(UNSET)}


def run(*arguments: str, folder: Path = ROOT) -> str:
    """Run Python with warnings as errors, and return the output."""
    ended = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        env=NO_SERVER,
        cwd=folder,
        check=False,
        timeout=LIMIT,
    )
    assert (0, "") == (ended.returncode, ended.stderr), ended.stdout
    return ended.stdout


def test_each_example_has_its_page_and_runs_there() -> None:
    """A page shows each file completely, and runs each script (see test_pages.py)."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    files = {path.relative_to(ROOT) for path in EXAMPLES.rglob("*.py")}
    assert {f"../../{file}" for file in files} == set(
        re.findall(r"^```\{literalinclude\} (\S+)$", pages, re.MULTILINE)
    )
    assert {f"examples/{path.name}" for path in EXAMPLES.glob("*.py")} == set(
        re.findall(r"^\$ python (\S+)", pages, re.MULTILINE)
    )


def test_each_notebook_has_its_page() -> None:
    """The pages are created when the documentation is built."""
    assert {path.stem for path in (EXAMPLES / "notebooks").glob("*.ipynb")} == set(
        re.findall(
            r"_generated/notebooks/(\w+)$", (PAGES / "notebooks.md").read_text(), re.MULTILINE
        )
    )


def test_the_quickstart_prints_what_is_due() -> None:
    """The timeline has the newest first, and yesterday's task is due."""
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
    """Two workers share twelve reminders."""
    printed = run(str(EXAMPLES / "follow_up_worker.py"))

    reminded = re.findall(r"remind ada: Call (\d+)", printed)
    assert list(range(1, 13)) == sorted(map(int, reminded))


def test_the_nightly_report_writes_where_it_is_told(tmp_path: Path) -> None:
    """The chart is a PNG, and the customer without contact is on the list."""
    run(str(EXAMPLES / "nightly_report.py"), str(tmp_path / "new"))

    assert (tmp_path / "new" / "by_type.png").read_bytes().startswith(b"\x89PNG")
    assert 2 == len((tmp_path / "new" / "stale_customers.csv").read_text().splitlines())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="no Java is installed, which Spark needs")
@pytest.mark.parametrize(
    ("example", "arguments", "variable"),
    [
        ("bulk_import.py", ["calls.csv"], "ADMIN_USER_ID"),
        ("follow_up_worker.py", [], "ADMIN_USER_ID"),
        ("nightly_report.py", [], "ADMIN_USER_ID"),
        ("watch.py", [], "WATCH_AS"),
    ],
)
def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, example: str, arguments: list[str], variable: str
) -> None:
    """If a server is set, the missing variable for the admin is named before any request."""
    for name in ("ADMIN_USER_ID", "WATCH_AS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APPWRITE_ENDPOINT", "http://localhost:9/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", "secret")
    monkeypatch.setattr(sys, "argv", [example, *arguments])

    with pytest.raises(SystemExit, match=f"^Set {variable} to the ID of a user who is an admin; "):
        runpy.run_path(str(EXAMPLES / example), run_name="__main__")


@pytest.mark.slow
def test_spark_reports_on_an_archive() -> None:
    """Only the example's own output is checked, since Spark logs to stderr."""
    ended = subprocess.run(  # noqa: S603 - our own file
        [sys.executable, str(EXAMPLES / "report_on_spark.py")],
        capture_output=True,
        text=True,
        env=NO_SERVER,
        check=True,
        timeout=10 * LIMIT,
    )

    assert ended.stdout.startswith("Archived 64\n")
    assert re.search(r"has 52 interactions, score \d+\n.* has 12 interactions", ended.stdout)


@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="no Chromium or Chrome is installed: apt-get install chromium",
)
@pytest.mark.slow
def test_the_pictures_of_the_front_page_can_be_made_again(tmp_path: Path) -> None:
    """The images of the README are drawn from a real timeline, and are small."""
    run(str(IMAGES_SCRIPT), str(tmp_path))

    for name in PICTURES:
        for picture in (tmp_path / name, ROOT / "docs" / "images" / name):
            assert picture.read_bytes().startswith(b"\x89PNG")
            assert picture.stat().st_size < 200_000


def test_without_a_browser_the_pictures_are_those_of_the_front_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a browser, the committed images are used, and the build says so."""
    monkeypatch.setitem(NO_SERVER, "PATH", "")

    printed = run(str(IMAGES_SCRIPT), str(tmp_path))

    assert "No Chromium" in printed
    for name in PICTURES:
        committed = (ROOT / "docs" / "images" / name).read_bytes()
        assert committed == (tmp_path / name).read_bytes()
