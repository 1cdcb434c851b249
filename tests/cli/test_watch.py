"""`interactions watch`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from interactions_sdk import InteractionsClient
from interactions_sdk.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run


def test_changes_are_shown_a_line_each(file: Path, run: Run) -> None:
    """Changes are filtered by `--since` and `--type`, and control characters are replaced."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        ada.log_note("not this")
        ada.log_call("Renewal \x1b[2J")
        gone = ada.log_call("gone")
        ada.delete(gone.id)

    said = run("watch", "ada", "--since", "1h ago", "--type", "call", "--limit", "2")

    lines = said.splitlines()
    assert ["created", "deleted"] == [line.split()[1] for line in lines]
    assert "Renewal" in lines[0]
    assert "\x1b" not in said
    assert gone.id in lines[1]


def test_changes_are_json_for_machines(file: Path, run: Run) -> None:
    """Each JSON line has a cursor, from which the next run resumes."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        call = crm.as_user("ada").log_call("Renewal")

    said = run("watch", "ada", "--since", "1h ago", "--limit", "1", "--json")

    [line] = map(json.loads, said.splitlines())
    assert ("created", call.id) == (line["kind"], line["interaction"]["id"])
    seen = line
    for _ in range(2):
        going_on = ("watch", "--admin", "root", "--cursor", seen["cursor"])
        seen = json.loads(run(*going_on, "--limit", "1", "--json"))
        assert line | {"cursor": seen["cursor"]} == seen  # each run has read up to another time


def test_an_admin_is_told_whose_it_is(file: Path, run: Run) -> None:
    """Only admins see the customer."""
    with InteractionsClient.embedded(file) as crm:
        customer = crm.customers.ensure("ada")
        call = crm.as_user("ada").log_call("Renewal")

    asked = ("watch", "--admin", "root", "--since", "1h ago", "--limit", "1")
    assert f"Renewal  customer ada {customer.id}  ID {call.id}\n" in run(*asked)
    assert f"Renewal  ID {call.id}\n" in run("watch", "ada", "--since", "1h ago", "--limit", "1")


def test_a_terminal_is_told_that_it_waits(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a terminal gets the message that changes are awaited, on stderr."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Renewal")
    asked = ["watch", "ada", "--since", "1h ago", "--limit", "1"]
    assert "" == CliRunner().invoke(app, asked).stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "Waiting for changes; Ctrl-C stops." in CliRunner().invoke(app, asked).stderr


def test_nobody_is_waited_for(file: Path, run: Run) -> None:
    """A missing customer record or customer is an immediate error."""
    assert file.name == "crm.db"
    assert "Customer record not found" in run("watch", "nobody", code=1)
    assert "nobody" in run("watch", "--admin", "root", "--customer", "nobody", code=1)


def test_a_wrong_cursor_is_told(file: Path, run: Run) -> None:
    """An invalid cursor is a usage error."""
    assert file.name == "crm.db"
    assert "--cursor: pass the cursor" in run("watch", "ada", "--cursor", "nonsense", code=2)


def test_a_change_is_a_line_however_long_it_is(file: Path, run: Run) -> None:
    """A change is printed on one line, however long it is."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Renewal " * 25)

    [line] = run("watch", "ada", "--since", "1h ago", "--limit", "1").splitlines()

    assert 25 == line.count("Renewal")


def test_a_watch_that_is_interrupted_has_written_nothing(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted watch does not suggest any repair."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    assert file.name == "crm.db"
    monkeypatch.setattr("interactions_sdk.cli.watch.repository_for", interrupt)
    assert "Stopped.\n" == run("watch", "ada", code=130)
