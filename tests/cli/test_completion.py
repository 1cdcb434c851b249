"""Shell completion, called as a shell calls it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from interactions_sdk.cli.app import app
from tests.waiting import LIMIT

PROGRAM = """
import sys

from interactions_sdk.cli import main

sys.argv[0] = "interactions"
main()
"""
"""The code of the installed command `interactions`."""


def asked(*words: str) -> dict[str, str]:
    """Return the variables with which bash requests completions for these words."""
    return {
        "_INTERACTIONS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("interactions", *words)),
        "COMP_CWORD": str(len(words)),
    }


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("fol",), ["follow-ups"]),
        (("schema", ""), ["plan", "apply", "check", "audit-ownership"]),
        (("follow-ups", ""), ["list", "complete", "snooze", "cancel", "skip", "stop"]),
        (("log", "pro"), ["proposal"]),
        (("report", "st"), ["stale_customers"]),
        (("export", "--jso"), ["--json"]),
    ],
)
def test_a_shell_is_told_how_words_go_on(
    words: tuple[str, ...],
    offered: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Commands, subcommands, values and options are completed."""
    for name, value in asked(*words).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        app(prog_name="interactions")
    assert 0 == ended.value.code
    assert offered == capsys.readouterr().out.split()


def test_the_installed_command_answers_a_shell() -> None:
    """The installed command prints nothing else, since that would appear on the user's line."""
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", PROGRAM],
        env=os.environ | asked("fol"),
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    assert ("", ["follow-ups"]) == (ran.stderr, ran.stdout.split())
