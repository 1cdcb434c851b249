"""Completion in a shell, asked as the shell asks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.waiting import LIMIT

PROGRAM = """
import sys

from interactions_sdk.cli import main

sys.argv[0] = "interactions"
main()
"""
"""What the installed `interactions` does."""


def complete(*words: str) -> list[str]:
    """Return what bash offers after these words, the last of which has just been begun."""
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", PROGRAM],
        env=os.environ
        | {
            "_INTERACTIONS_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(("interactions", *words)),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    assert "" == ran.stderr
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("fol",), ["follow-ups"]),
        (("schema", ""), ["plan", "apply", "check", "audit-ownership"]),
        (("follow-ups", ""), ["list", "complete", "snooze", "cancel"]),
        (("log", "pro"), ["proposal"]),
        (("report", "st"), ["stale_customers"]),
        (("export", "--jso"), ["--json"]),
    ],
)
def test_a_shell_is_told_how_words_go_on(words: tuple[str, ...], offered: list[str]) -> None:
    """Commands, their commands, values and options."""
    assert offered == complete(*words)
