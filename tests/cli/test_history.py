"""`interactions history`."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionUpdate

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run


@pytest.fixture
def id(crm: InteractionsClient) -> str:
    """Log a call and update it as an admin; return its ID."""
    call = crm.as_user("ada").log_call("Renewal")
    crm.as_admin("root").update(call.id, InteractionUpdate(outcome="busy", duration=12))
    return call.id


@pytest.mark.parametrize("who", [("--user", "ada"), ("--admin", "root")])
def test_a_history_is_shown(run: Run, id: str, who: tuple[str, str]) -> None:
    """Each entry shows user, action and values before and after, in order."""
    lines = run("history", id, *who).splitlines()

    assert [["ada", "created"], ["root", "updated"]] == [
        line.split()[-2:] for line in lines if not line.startswith(" ")
    ]
    assert ["  duration: nothing -> 12", "  outcome: nothing -> busy"] == [
        line.rstrip() for line in lines if line.startswith(" ")
    ]


def test_a_history_is_read_by_programs(run: Run, id: str) -> None:
    """JSON has an object for each entry, and CSV a row for each change."""
    created, updated = json.loads(run("history", id, "--admin", "root", "--json"))
    rows = list(csv.DictReader(io.StringIO(run("history", id, "--admin", "root", "--csv"))))

    assert ("interaction.created", [], True) == (
        created["action"],
        created["changes"],
        created["is_verified"],
    )
    assert ["duration", "outcome"] == [each["field"] for each in updated["changes"]]
    assert [("", "", "true"), ("duration", "12", "true"), ("outcome", "busy", "true")] == [
        (row["field"], row["after"], row["is_verified"]) for row in rows
    ]


def test_entries_that_users_may_have_written_are_marked(
    run: Run, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `user_sessions`, entries are marked as unverified."""
    monkeypatch.setenv("INTERACTIONS_USER_SESSIONS", "true")
    said = " ".join(run("history", id, "--admin", "root").split())
    assert 2 == said.count("(unverified: a user may have written this entry)")


def test_the_history_of_nothing_is_an_error(run: Run, crm: InteractionsClient, id: str) -> None:
    """A missing interaction and another customer's are errors; admins can read deleted ones'."""
    crm.customers.ensure("bob")
    for arguments in (("nosuch", "--admin", "root"), (id, "--user", "bob")):
        assert "could not be found" in " ".join(run("history", *arguments, code=1).split())
    crm.as_user("ada").delete(id)
    assert "deleted" in run("history", id, "--admin", "root")
