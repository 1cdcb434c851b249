"""`show`, `update`, `delete` and `count`."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from interactions_sdk import (
    InteractionCreate,
    InteractionMetadata,
    InteractionNotFoundError,
    InteractionUpdate,
)
from interactions_sdk.cli.app import app

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run

ADA = ("--user", "ada")
RECURRENCE = {"recurrence", "recurrence_tz"}
"""Fields of the model that are stored in the metadata."""

DUE = datetime(2060, 5, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def id(crm: InteractionsClient) -> str:
    """Log a meeting for Ada with a value in each column; return its ID."""
    draft = InteractionCreate(
        interaction_type="meeting",
        subject="Kick-off",
        description="Goals\nDates",
        contact_method="video_call",
        direction="inbound",
        duration=45,
        outcome="follow_up_required",
        next_action="Send the plan",
        next_action_date=DUE,
        related_entity_type="contract",
        related_entity_id="C-1",
        metadata=InteractionMetadata.model_validate(
            {
                "location": "Zurich",
                "participants": ["bob"],
                "tags": ["vip"],
                "custom_fields": {"score": 7},
                "rating": [1, 2],
            }
        ),
    )
    return crm.as_user("ada").create(draft).id


def test_everything_is_shown(run: Run, id: str) -> None:
    """Each column is shown on its own line, and the description keeps its line breaks."""
    lines = [line.rstrip() for line in run("show", id, *ADA).splitlines()]

    assert "Kick-off" == lines[0]
    for line in (
        "Type           meeting",
        "Direction      inbound",
        "Method         video_call",
        "Duration       45 min",
        "Outcome        follow_up_required",
        "Description    Goals",
        "               Dates",
        "Next action    Send the plan",
        "Due            Sat 01 May 2060 09:30 +0000",
        "About          contract:C-1",
        "Location       Zurich",
        "Participants   bob",
        "Tags           vip",
        'Custom fields  {"score": 7}',
        "Rating         [1, 2]",
        "Logged by      ada",
        f"ID             {id}",
    ):
        assert line in lines


def test_little_is_shown_of_a_note(run: Run, crm: InteractionsClient) -> None:
    """Columns without a value are omitted, and invalid metadata is shown as text."""
    note = crm.as_user("ada").log_note("Prefers email")
    with crm.transaction() as transaction:
        transaction.update("customer_interactions", note.id, {"metadata": "no JSON"})

    said = run("show", note.id, "--admin", "root")

    assert "(untitled)" in said
    assert ["Metadata", "no", "JSON"] in [line.split() for line in said.splitlines()]
    for label in ("Duration", "Due", "About", "Tags"):
        assert label not in said
    call = crm.as_user("ada").log_call("Renewal")
    assert "Metadata" not in run("show", call.id, *ADA)


def test_one_is_shown_to_programs(run: Run, id: str) -> None:
    """The interaction is printed as a JSON object or a CSV row."""
    shown = json.loads(run("show", id, *ADA, "--json"))
    [row] = csv.DictReader(io.StringIO(run("show", id, *ADA, "--csv")))

    assert (id, 45) == (shown["id"], shown["duration"])
    assert (id, "45", "Goals\nDates") == (row["id"], row["duration"], row["description"])


def test_every_column_can_be_changed(run: Run, crm: InteractionsClient, id: str) -> None:
    """Every column can be changed with the options of `log`; other metadata stays."""
    changed = json.loads(
        run(
            *("update", id, *ADA, "--type", "call", "--subject", "Call", "--description", "Short"),
            *("--method", "phone", "--direction", "outbound", "--duration", "1h30"),
            *("--outcome", "resolved", "--next", "None", "--due", "2061-01-01"),
            *("--repeat", "FREQ=MONTHLY;COUNT=3", "--tz", "Europe/Zurich"),
            *("--about", "invoice:47", "--location", "Bern", "--tag", "a", "--tag", "b", "--json"),
        )
    )
    stored = crm.as_user("ada").get(id)

    assert stored.model_dump(mode="json") == changed
    assert InteractionUpdate.model_fields.keys() - RECURRENCE <= changed.keys()
    assert ("FREQ=MONTHLY;COUNT=3", "Europe/Zurich") == (stored.recurrence, stored.recurrence_tz)
    expected = {
        "interaction_type": "call",
        "subject": "Call",
        "description": "Short",
        "contact_method": "phone",
        "direction": "outbound",
        "duration": 90,
        "outcome": "resolved",
        "next_action": "None",
        "next_action_date": "2060-12-31T23:00:00Z",
        "related_entity_type": "invoice",
        "related_entity_id": "47",
    }
    assert expected == {name: changed[name] for name in expected}
    assert stored.metadata is not None
    assert ("Bern", ["bob"], ["a", "b"], 7) == (
        stored.metadata.location,
        stored.metadata.participants,
        stored.metadata.tags,
        stored.metadata.custom_fields["score"],
    )
    assert "Repeats        FREQ=MONTHLY;COUNT=3" in run("show", id, *ADA)
    run("update", id, *ADA, "--clear", "repeat")
    assert crm.as_user("ada").get(id).recurrence is None


def test_columns_are_cleared(run: Run, crm: InteractionsClient, id: str) -> None:
    """All optional columns can be cleared."""
    names = ("subject", "method", "duration", "outcome", "next", "due", "about", "metadata")
    run("update", id, *ADA, *(f"--clear={name}" for name in names))
    run("update", id, *ADA, "--type", "task", "--clear", "description")

    stored = crm.as_user("ada").get(id)

    columns = InteractionUpdate.model_fields.keys() - {"interaction_type", "direction"}
    assert {None} == {getattr(stored, name) for name in columns}


@pytest.mark.parametrize(
    "wrong",
    [
        ((), 2, "Nothing to change. Pass an option, e.g. --outcome successful."),
        (("--due", "today", "--clear", "due"), 2, "--clear contradicts another option: --due."),
        (("--tag", "x", "--clear", "metadata"), 2, "--clear contradicts another option: --loc"),
        (("--clear", "description"), 2, "--description: A note or a meeting needs a description"),
        (
            ("--due", "2020-01-01"),
            2,
            "--due: The next action must be later than now, not 2020-01-01",
        ),
        (("--subject", "x" * 201), 2, "--subject: String should have at most 200 characters"),
        (("--about", "invoice"), 2, "--about must be TYPE:ID"),
        (("--repeat", "hourly"), 2, "--repeat: Not a valid recurrence rule"),
        (("--outcome", "busy", "--if-unchanged-since", "2020-01-01"), 1, "was changed since 2020"),
    ],
)
def test_a_wrong_change_is_refused(
    run: Run, crm: InteractionsClient, id: str, wrong: tuple[tuple[str, ...], int, str]
) -> None:
    """The message names the option, and nothing is written."""
    options, code, message = wrong
    before = crm.as_user("ada").get(id)
    said = run("update", id, *ADA, *options, code=code)
    assert message in " ".join(said.replace("│", " ").split())
    assert before == crm.as_user("ada").get(id)


def test_a_change_is_made_if_nobody_was_faster(run: Run, crm: InteractionsClient, id: str) -> None:
    """`--if-unchanged-since` takes the time printed by `show --json`."""
    seen = json.loads(run("show", id, *ADA, "--json"))["updated_at"]
    run("update", id, *ADA, "--outcome", "busy", "--if-unchanged-since", seen)
    run("update", id, *ADA, "--outcome", "other", "--if-unchanged-since", seen, code=1)
    assert "busy" == crm.as_user("ada").get(id).outcome


def test_metadata_that_is_not_json_is_not_lost(run: Run, crm: InteractionsClient) -> None:
    """Invalid metadata is replaced only on request; missing metadata is created."""
    call = crm.as_user("ada").log_call("Renewal")
    with crm.transaction() as transaction:
        transaction.update("customer_interactions", call.id, {"metadata": "no JSON"})
    assert "not valid JSON" in run("update", call.id, *ADA, "--tag", "vip", code=2)
    run("update", call.id, *ADA, "--clear", "metadata")
    run("update", call.id, *ADA, "--tag", "vip")
    metadata = crm.as_user("ada").get(call.id).metadata
    assert metadata is not None
    assert ["vip"] == metadata.tags


def test_a_deletion_is_asked_about(crm: InteractionsClient, id: str) -> None:
    """Only the answer yes deletes; without an answer, the message names the option `--yes`."""
    command = ["delete", id, *ADA]
    no = CliRunner().invoke(app, command, input="n\n")
    nobody = CliRunner().invoke(app, command, input="")
    assert 1 == crm.as_user("ada").count()
    yes = CliRunner().invoke(app, command, input="y\n")

    assert (1, 2, 0) == (no.exit_code, nobody.exit_code, yes.exit_code)
    assert "Delete the meeting 'Kick-off' of " in no.stderr
    assert "Nothing was deleted." in no.stderr
    assert "--yes" in nobody.stderr
    assert f"Deleted {id}.\n" == yes.stdout
    with pytest.raises(InteractionNotFoundError):
        crm.as_user("ada").get(id)


def test_a_deletion_without_a_question(run: Run, crm: InteractionsClient, id: str) -> None:
    """`--yes` skips the question, and a second deletion fails."""
    assert {"deleted": id} == json.loads(run("delete", id, *ADA, "--yes", "--json"))
    assert 0 == crm.as_user("ada").count()
    assert "could not be found" in " ".join(run("delete", id, *ADA, "--yes", code=1).split())


@pytest.mark.parametrize("command", ["show", "update", "delete"])
def test_another_customer_s_is_not_there(
    run: Run, crm: InteractionsClient, id: str, command: str
) -> None:
    """Another customer's interaction causes the error for a missing one."""
    crm.customers.ensure("bob")
    options = {"update": ("--outcome", "busy"), "delete": ("--yes",)}.get(command, ())
    said = run(command, id, "--user", "bob", *options, code=1)
    assert "could not be found" in " ".join(said.split())
    assert crm.as_user("ada").get(id).outcome == "follow_up_required"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), 3),
        (("--type", "call"), 2),
        (("--type", "call", "--type", "email"), 3),
        (("--outcome", "busy"), 1),
        (("--direction", "inbound"), 1),
        (("--method", "phone"), 2),
        (("--by", "ada"), 3),
        (("--by", "bob"), 0),
        (("--about", "invoice"), 1),
        (("--about", "invoice:47"), 1),
        (("--about", "invoice:48"), 0),
        (("--text", "renew"), 1),
        (("--since", "1h ago"), 2),
        (("--until", "1h ago"), 1),
    ],
)
def test_interactions_are_counted(
    run: Run, crm: InteractionsClient, options: tuple[str, ...], expected: int
) -> None:
    """`count` accepts every filter."""
    ada = crm.as_user("ada")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    ada.log_call("Renewal", outcome="busy", occurred_at=yesterday)
    ada.log_call("Offer", direction="inbound")
    ada.log_email("Invoice", related_entity_type="invoice", related_entity_id="47")

    assert f"{expected}\n" == run("count", *ADA, *options)


def test_a_count_is_told_to_programs(run: Run, crm: InteractionsClient) -> None:
    """The count is printed as JSON or CSV; an admin counts one or all customers."""
    crm.as_user("ada").log_call("Renewal")
    customer = crm.customers.ensure("bob").id
    assert {"count": 1} == json.loads(run("count", "--admin", "root", "--json"))
    assert "count\n0\n" == run("count", "--admin", "root", "--customer", customer, "--csv")
    run("count", *ADA, "--about", ":47", code=2)
