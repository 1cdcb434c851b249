"""Changes on the command line."""

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
    """From a time on, those of the type that is asked for; what a terminal would obey is not."""
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
    """The next run resumes at the cursor of a line."""
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
        assert line | {"cursor": seen["cursor"]} == seen  # each run has seen another moment


def test_an_admin_is_told_whose_it_is(file: Path, run: Run) -> None:
    """A user is not: there is one customer only."""
    with InteractionsClient.embedded(file) as crm:
        customer = crm.customers.ensure("ada")
        call = crm.as_user("ada").log_call("Renewal")

    asked = ("watch", "--admin", "root", "--since", "1h ago", "--limit", "1")
    assert f"Renewal  customer ada {customer.id}  ID {call.id}\n" in run(*asked)
    assert f"Renewal  ID {call.id}\n" in run("watch", "ada", "--since", "1h ago", "--limit", "1")


def test_a_terminal_is_told_that_it_waits(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr, where nothing may happen for long; a pipe is not."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Renewal")
    asked = ["watch", "ada", "--since", "1h ago", "--limit", "1"]
    assert "" == CliRunner().invoke(app, asked).stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "Waiting for changes; Ctrl-C stops." in CliRunner().invoke(app, asked).stderr


def test_nobody_is_waited_for(file: Path, run: Run) -> None:
    """A user without a customer record, or a customer who does not exist, is an error at once."""
    assert file.name == "crm.db"
    assert "Customer record not found" in run("watch", "nobody", code=1)
    assert "nobody" in run("watch", "--admin", "root", "--customer", "nobody", code=1)


def test_a_wrong_cursor_is_told(file: Path, run: Run) -> None:
    """As any other argument that is wrong."""
    assert file.name == "crm.db"
    assert "--cursor: pass the cursor" in run("watch", "ada", "--cursor", "nonsense", code=2)


def test_a_change_is_a_line_however_long_it_is(file: Path, run: Run) -> None:
    """Programs read lines."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Renewal " * 25)

    [line] = run("watch", "ada", "--since", "1h ago", "--limit", "1").splitlines()

    assert 25 == line.count("Renewal")


def test_a_watch_that_is_interrupted_has_written_nothing(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So there is nothing to repair."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    assert file.name == "crm.db"
    monkeypatch.setattr("interactions_sdk.cli.watch.repository_for", interrupt)
    assert "Stopped.\n" == run("watch", "ada", code=130)
