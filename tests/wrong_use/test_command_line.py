"""Incorrect commands are explained in terms of the command line."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from interactions_sdk import InteractionsClient
from interactions_sdk.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

NO, USAGE = 1, 2

TABLE: list[tuple[tuple[str, ...], int, str]] = [
    (("timeline",), USAGE, "Pass USER or --admin ID."),
    (("watch",), USAGE, "Pass USER or --admin ID."),
    (("watch", "nobody"), NO, "Customer record not found."),
    (("watch", "--admin", "root", "--customer", "nobody"), NO, "'nobody'"),
    (("follow-ups",), USAGE, "Pass --user ID or --admin ID."),
    (("log", "call", "x"), USAGE, "Pass --user ID or --admin ID."),
    (("log", "call", "x", "--user", "ada", "--admin", "root"), USAGE, "not both"),
    (("log", "call", "x", "--admin", "root"), USAGE, "--admin requires --customer ID."),
    (("log", "call", "x", "--user", "nobody"), NO, "Customer record not found."),
    (("log", "phone", "x", "--user", "ada"), USAGE, "'phone'"),
    (
        ("log", "call", "x", "--user", "ada", "--due", "2020-01-01"),
        USAGE,
        "--due: The next action must be later than now",
    ),
    (
        ("log", "call", "x", "--user", "ada", "--due", "soon"),
        USAGE,
        "Invalid date or time 'soon'. Use e.g. 2026-05-01,",
    ),
    (
        ("log", "call", "x", "--user", "ada", "--at", "2999-01-01"),
        USAGE,
        "--at: An interaction is logged after it has happened",
    ),
    (("log", "call", "x" * 201, "--user", "ada"), USAGE, "SUBJECT: String should have at most 200"),
    (("log", "meeting", "x", "--user", "ada"), USAGE, "DESCRIPTION: A note or a meeting needs"),
    (
        ("log", "call", "x", "--user", "ada", "--about", "invoice"),
        USAGE,
        "--about must be TYPE:ID, e.g. invoice:4711, not 'invoice'.",
    ),
    (
        ("log", "call", "x", "--user", "ada", "--duration", "0"),
        USAGE,
        "--duration: Input should be",
    ),
    (
        ("log", "call", "x", "--user", "ada", "--duration", "long"),
        USAGE,
        "'--duration': 'long' is not a number of minutes. Use e.g. 12, 90m or 1h30.",
    ),
    (
        ("log", "call", "x", "--user", "ada", "--outcome", "sold"),
        USAGE,
        "Invalid value for '--outcome': 'sold' is not one of 'successful',",
    ),
    (("timeline", "ada", "--json", "--csv"), USAGE, "Pass either --json or --csv."),
    (("follow-ups", "snooze", "x", "--user", "ada"), USAGE, "Pass either --until or --by."),
    (
        ("follow-ups", "snooze", "{task}", "--user", "ada", "--until", "2020-01-01"),
        USAGE,
        "--until: The next action must be later than now",
    ),
    (
        ("follow-ups", "snooze", "{task}", "--user", "ada", "--by", "soon"),
        USAGE,
        "Invalid duration 'soon'. Use e.g. 90m,",
    ),
    (
        ("follow-ups", "complete", "{call}", "--user", "ada"),
        USAGE,
        "is not an open follow-up: it has no due date",
    ),
    (("follow-ups", "complete", "nosuch", "--user", "ada"), NO, "'nosuch' could not be found."),
    (
        ("timeline", "ada", "--since", "tomorrow", "--until", "today"),
        USAGE,
        "--since must not be later than --until:",
    ),
    (("timeline", "ada", "--tz", "Zurich"), USAGE, "Unknown time zone 'Zurich'."),
    (("timeline", "a b"), USAGE, "'a b' is not a valid user id"),
    (("watch", "ada", "--cursor", "x"), USAGE, "Invalid --cursor: pass the cursor"),
    (("export", "all.txt", "--user", "ada"), USAGE, "all.txt must end in .csv, .jsonl"),
    (("import", "nosuch.csv", "--user", "ada"), USAGE, "nosuch.csv"),
    (("reconcile", "--customer", "nosuch"), NO, "'nosuch' could not be found."),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a file that no incorrect command changes, and the IDs of its interactions."""
    path = tmp_path_factory.mktemp("wrong_use") / "crm.db"
    with InteractionsClient.embedded(path) as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        task = ada.log_task("Call back", next_action_date=datetime(2999, 1, 1, tzinfo=UTC))
        return path, {"task": task.id, "call": ada.log_call("Renewal").id}


@pytest.fixture
def ids(
    database: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Return the IDs, in a copy of the file that the commands use."""
    path, ids = database
    for name in os.environ:
        if name.startswith(("APPWRITE_", "INTERACTIONS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("INTERACTIONS_EMBEDDED", str(path))
    monkeypatch.chdir(tmp_path)
    return ids


@pytest.mark.parametrize(("arguments", "code", "message"), TABLE)
def test_the_command_line_answers_in_words(
    arguments: tuple[str, ...], code: int, message: str, ids: dict[str, str]
) -> None:
    """The message names options and valid values, and the exit code says who must act."""
    given = [argument.format(**ids) for argument in arguments]

    result = CliRunner().invoke(app, given, terminal_width=300)

    assert code == result.exit_code, result.output
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Value error" not in result.stderr


def test_a_user_who_does_not_exist_gets_no_record(ids: dict[str, str], tmp_path: Path) -> None:
    """`--new-customer` looks up the user first, and the message names the variable."""
    assert ids
    environment = {"INTERACTIONS_VERIFY_USERS": "true"}
    arguments = ["log", "call", "x", "--user", "typo", "--new-customer"]

    result = CliRunner().invoke(app, arguments, env=environment, terminal_width=300)

    assert NO == result.exit_code
    assert "User 'typo' does not exist in Appwrite." in result.stderr
    assert "INTERACTIONS_VERIFY_USERS=false" in result.stderr
    with InteractionsClient.embedded(tmp_path / "crm.db") as crm, pytest.raises(LookupError):
        crm.customers.get_by_user_id("typo")
