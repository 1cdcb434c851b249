"""Commands whose output is piped to another program, which may stop reading."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from interactions_sdk.cli import main
from interactions_sdk.cli.console import stdout
from tests.processes import CLI, Program, environment
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")


@pytest.mark.parametrize(
    ("command", "first_line"),
    [
        (("serve", "--port", "0"), "Serving http://127.0.0.1:"),
        (("serve", "--port", "0", "--json"), "{"),
        (("watch", "ada", "--since", "1h ago"), "Renewal"),
        (("watch", "ada", "--since", "1h ago", "--json"), '"subject": "Renewal"'),
    ],
)
def test_a_command_that_never_ends_flushes_its_lines(
    crm: InteractionsClient, command: tuple[str, ...], first_line: str
) -> None:
    """Each line is flushed, so a reader gets it while the command is still running."""
    crm.as_user("ada").log_call("Renewal")
    with Program(*CLI, *command) as program:
        assert first_line in program.read_line()
        assert program.is_running
        program.send_signal(signal.SIGTERM if command[0] == "serve" else signal.SIGINT)
        assert 130 == program.exit_code()
        assert "Stopped.\n" == program.errors


@pytest.mark.parametrize(
    "command",
    [
        ("--help",),
        ("--version",),
        ("timeline", "ada"),
        ("timeline", "ada", "--json"),
        ("follow-ups", "list", "--user", "ada"),
        ("watch", "ada", "--since", "1h ago"),
        ("watch", "ada", "--since", "1h ago", "--json"),
        ("schema", "plan"),
        ("serve", "--port", "0"),
    ],
)
def test_a_closed_pipe_ends_a_command(
    crm: InteractionsClient,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The exit code is that of a broken pipe, and nothing is printed."""
    crm.as_user("ada").log_call("Renewal")
    monkeypatch.setattr("sys.argv", ["interactions", *command])
    monkeypatch.setattr(stdout, "quiet", False)  # which Rich sets when the pipe is closed

    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "w") as output, pytest.raises(SystemExit) as ended:
        monkeypatch.setattr("sys.stdout", output)
        main()
    stdout.quiet = True
    stdout.print()  # drops what Rich could not write and would print in the next test

    assert 141 == ended.value.code
    assert "" == capfd.readouterr().err


def test_the_first_line_is_enough(crm: InteractionsClient) -> None:
    """As with `| head -1`, the rest of the output may be discarded."""
    ada = crm.as_user("ada")
    for _ in range(30):
        ada.log_note("A note that fills the pipe. " * 100)
    program = subprocess.Popen(  # noqa: S603 - our own command
        [*CLI, "timeline", "ada", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert b"[" == program.stdout.read(1)
        program.stdout.close()
        assert 141 == program.wait(LIMIT)
        assert b"" == program.stderr.read()


def test_what_is_read_is_whole(crm: InteractionsClient) -> None:
    """A reader that does not stop gets the whole output."""
    crm.as_user("ada").log_call("Renewal")
    with Program(*CLI, "timeline", "ada", "--json") as program:
        [call] = json.loads("".join(program.remaining_lines()))
        assert 0 == program.exit_code()
    assert "Renewal" == call["subject"]
