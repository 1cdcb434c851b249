"""`interactions demo` shows an example on every machine."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

PROGRAM = Path(sys.executable).with_name("interactions")
LIMIT = 60
"""The timeout for one run, in seconds."""


def test_it_shows_timeline_follow_ups_and_report(run: Run) -> None:
    """Timeline, follow-ups and report are shown in order, followed by suggested commands."""
    printed = run("demo")

    parts = [
        "Asked about the annual plan",
        "Follow-ups due now",
        "Follow-ups due in three days",
        "✓ Send an offer: completed",
        "Still due: none.",
        "Report of the week",
        "Last contact",
        "Try it with your own file:",
    ]
    places = [printed.index(part) for part in parts]
    assert sorted(places) == places


@pytest.mark.parametrize(
    ("called", "on_path", "expected"),
    [
        (".venv/bin/interactions", False, ".venv/bin/interactions"),
        (str(PROGRAM), True, "interactions"),
        (str(PROGRAM), False, str(PROGRAM)),
        (
            "/site-packages/interactions_sdk/cli/__main__.py",
            False,
            "python -m interactions_sdk.cli",
        ),
    ],
)
def test_it_names_the_program_as_it_was_called(
    called: str, expected: str, run: Run, monkeypatch: pytest.MonkeyPatch, *, on_path: bool
) -> None:
    """The suggested commands contain the program's name as it was called, so they can be copied."""
    monkeypatch.setattr(sys, "argv", [called, "demo"])
    monkeypatch.setenv("PATH", str(PROGRAM.parent) if on_path else "")

    lines = run("demo").splitlines()
    commands = [line for line in lines if line.startswith("  $ ")]

    assert f"    {expected} desk --demo" == lines[-1]
    assert 3 == len(commands)
    assert all(line.startswith(f"  $ {expected} ") for line in commands)


def test_a_follow_up_becomes_due_and_is_completed(run: Run) -> None:
    """The offer becomes due in three days, and is then completed."""
    printed = run("demo")
    now, later = printed.index("due now"), printed.index("due in three days")

    assert "Send an offer" not in printed[now:later]
    assert "Send an offer" in printed[later : printed.index("✓")]


def test_its_json_has_the_same(run: Run) -> None:
    """The JSON contains six interactions, of which one is due and two are completed."""
    printed = json.loads(run("demo", "--json"))

    assert [6, 1, 2] == [len(printed[name]) for name in ("timeline", "due", "completed")]
    assert "ada" == printed["customer"]["user_id"]


def test_the_next_commands_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suggested commands can be run."""
    monkeypatch.setattr(sys, "argv", [str(PROGRAM), "demo"])
    commands = [line for line in run("demo").splitlines() if line.startswith("  $ ")]

    assert 3 == len(commands)
    for command in commands:
        program, *arguments = shlex.split(command.removeprefix("  $ "))
        assert PROGRAM.samefile(program)
        assert "Asked about prices" in run(*arguments)


def test_no_variable_leads_it_to_a_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo uses the embedded server, whatever variables are set."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", "key")
    monkeypatch.setenv("INTERACTIONS_VERIFY_USERS", "true")
    monkeypatch.setenv("INTERACTIONS_EMBEDDED", "crm.db")

    assert "Still due: none." in run("demo")
    assert not Path("crm.db").exists()


def environment() -> dict[str, str]:
    """Return the environment of a terminal with colours."""
    names = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"}
    return {name: value for name, value in os.environ.items() if name not in names} | {
        "TERM": "xterm-256color"
    }


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_it_is_plain_text_in_a_pipe(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Output to a pipe contains no escape sequences, however wide its lines are."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", columns)

    printed = run("demo")

    assert "Report of the week" in printed
    assert "Send an offer" in printed
    assert "\x1b" not in printed


def test_it_has_colours_in_a_terminal() -> None:
    """A pseudo-terminal with 256 colours gets coloured output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAM, "demo"], stdout=theirs, env=environment()) as process:  # noqa: S603 - our own program
        os.close(theirs)
        printed = b""
        try:
            while part := os.read(ours, 65536):
                printed += part
        except OSError:  # Linux reports the end of a pseudo-terminal as an error
            pass
        finally:
            os.close(ours)
            process.wait(LIMIT)

    shown = printed.decode()
    for coloured in ("\x1b[32mcall\x1b[0m", "\x1b[1mKick-off\x1b[0m", "\x1b[32m✓ \x1b[0mSend"):
        assert coloured in shown
