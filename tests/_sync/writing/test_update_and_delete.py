# Generated from tests/_async/writing/test_update_and_delete.py by scripts/unasync.py; do not edit.
"""Updates and deletions: conflicts, the customer's dates and the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from interactions_sdk import (
    ConflictError,
    InteractionMetadata,
    InteractionNotFoundError,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    OwnershipError,
    Settings,
    wire,
)
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.identifiers import audit_row_id
from interactions_sdk.wire import query

MINE = InteractionUpdate(subject="Mine")
MODES = pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(consistency="fast"),
        Settings(audit_table=None),
        Settings(consistency="fast", audit_table=None),
    ],
    ids=["atomic", "fast", "without audit", "fast without audit"],
)


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


@MODES
def test_only_what_is_set_is_changed(settings: Settings) -> None:
    """None clears a column; fields that are not set stay unchanged."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = repo.log_call("Intro", duration=5, metadata=InteractionMetadata(tags=["a"]))
        changed = repo.update(call.id, InteractionUpdate(duration=None, outcome="busy"))
        assert (None, "busy", "Intro", ["a"]) == (
            changed.duration,
            changed.outcome,
            changed.subject,
            changed.metadata and changed.metadata.tags,
        )
        assert changed.updated_at > call.updated_at
        assert changed == repo.get(call.id)


def test_an_empty_update_writes_nothing(ada: InteractionRepository) -> None:
    """An empty update sends nothing."""
    call = ada.log_call("Intro")
    assert call == ada.update(call.id, InteractionUpdate())


@pytest.mark.unmeasured
@MODES
def test_a_change_keeps_the_next_follow_up_true(settings: Settings) -> None:
    """Moving, clearing, resolving and deleting update the customer's next follow-up."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        dates = [in_days(day) for day in (2, 4, 6, 8)]
        calls = [repo.log_call("x", next_action_date=date) for date in dates]

        def next_follow_up() -> datetime | None:
            return (crm.customers.get_by_user_id("ada")).next_follow_up_at

        later = in_days(7)
        repo.update(calls[0].id, InteractionUpdate(next_action_date=later))
        assert dates[1] == next_follow_up()
        repo.update(calls[1].id, InteractionUpdate(next_action_date=None))
        assert dates[2] == next_follow_up()
        repo.update(calls[2].id, InteractionUpdate(outcome="resolved"))
        assert later == next_follow_up()
        repo.delete(calls[0].id)
        assert dates[3] == next_follow_up()
        repo.delete(calls[3].id)
        assert next_follow_up() is None


@MODES
def test_a_stale_change_is_a_conflict(settings: Settings) -> None:
    """Updating an outdated state raises an error with the newer one."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = repo.log_call("Intro")
        newer = repo.update(call.id, InteractionUpdate(subject="Theirs"))
        with pytest.raises(ConflictError) as caught:
            repo.update(
                call.id, InteractionUpdate(subject="Mine"), if_unchanged_since=call.updated_at
            )
        assert newer == caught.value.current
        mine = InteractionUpdate(subject="Mine")
        assert "Mine" == (repo.update(call.id, mine, if_unchanged_since=newer.updated_at)).subject


def test_a_note_keeps_its_description(ada: InteractionRepository) -> None:
    """An update that removes a note's description is rejected."""
    note = ada.log_note("Prefers email.")
    with pytest.raises(ValidationError, match="description"):
        ada.update(note.id, InteractionUpdate(description=None))
    assert note == ada.get(note.id)


def test_another_customers_interaction_is_not_there(
    ada: InteractionRepository, bob: InteractionRepository
) -> None:
    """Another customer's interaction raises the same errors as a missing one."""
    call = ada.log_call("Mine", next_action_date=in_days(1))
    message = f"Row with the requested ID '{call.id}' could not be found."
    with pytest.raises(OwnershipError) as read:
        bob.get(call.id)
    with pytest.raises(OwnershipError) as changed:
        bob.update(call.id, InteractionUpdate(subject="x"))
    with pytest.raises(OwnershipError) as deleted:
        bob.delete(call.id)
    with pytest.raises(OwnershipError) as completed:
        bob.follow_ups.complete(call.id)
    errors = [read.value, changed.value, deleted.value, completed.value]
    assert [message] * 4 == [str(error) for error in errors]
    assert call == ada.get(call.id)


def test_refused_writes_are_audited_and_refused_reads_are_not(
    crm: InteractionsClient,
    ada: InteractionRepository,
    bob: InteractionRepository,
) -> None:
    """Refused writes are audited with user and action; refused reads are not."""
    call = ada.log_call("Mine")
    with pytest.raises(OwnershipError):
        bob.get(call.id)
    with pytest.raises(OwnershipError):
        bob.delete(call.id)
    table = crm._services.project.tables.audit
    assert table is not None
    about = query.equal("entityId", call.id)
    entries = (crm._connection.send(wire.list_rows(table, [about]))).rows
    assert [
        ("interaction.created", "ada", None),
        ("interaction.refused", "bob", '{"tried": "delete"}'),
    ] == sorted((entry.action, entry.user_id, entry.details) for entry in entries)


@MODES
def test_a_deleted_interaction_is_gone(settings: Settings) -> None:
    """A second deletion raises an error, and the customer's last contact stays."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = repo.log_call("Intro")
        repo.delete(call.id)
        with pytest.raises(InteractionNotFoundError):
            repo.get(call.id)
        with pytest.raises(InteractionNotFoundError):
            repo.delete(call.id)
        customer = crm.customers.get_by_user_id("ada")
        assert call.created_at == customer.last_contact_at


def test_changes_of_the_same_state_share_an_audit_row(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """If another program changes the row before the commit, the update is a conflict."""
    call = ada.log_call("Intro")
    table = crm._services.project.tables.interactions
    crm._connection.send(wire.update_row(table, call.id, {"subject": "Theirs"}))
    from interactions_sdk.rules.interactions import plan_change  # noqa: PLC0415 - only here

    plan = plan_change(
        crm.settings, call, {"subject": "Mine"}, action="interaction.updated", user_id="ada"
    )
    with pytest.raises(ConflictError) as caught:
        crm._services.writer.update(call, plan)
    assert caught.value.current is not None
    assert "Theirs" == caught.value.current.subject
    assert "Theirs" == (ada.get(call.id)).subject


def test_an_audit_row_in_the_way_is_named(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """If a user has forged the audit row of a change, the error names it and what to do."""
    call = ada.log_call("Intro")
    forged = audit_row_id(call.id, format_datetime(call.updated_at))
    with crm.transaction() as transaction:
        transaction.create("audit_logs", forged, {"action": "x", "userId": "x", "entityId": "x"})
    for change in (lambda: ada.update(call.id, MINE), lambda: ada.delete(call.id)):
        with pytest.raises(ConflictError, match=f"has not changed.*audit row '{forged}'") as caught:
            change()
        assert call == caught.value.current
    with crm.transaction() as transaction:
        transaction.delete("audit_logs", forged)
    assert "Mine" == (ada.update(call.id, MINE)).subject


def test_unknown_values_survive_a_change(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """Invalid metadata is kept when other fields change."""
    due = datetime.now(UTC) + timedelta(days=1)
    call = ada.log_call("Intro", next_action_date=due)
    table = crm._services.project.tables.interactions
    crm._connection.send(wire.update_row(table, call.id, {"metadata": "not json"}))
    ada.update(call.id, InteractionUpdate(subject="Changed"))
    done = ada.follow_ups.complete(call.id)
    assert ("Changed", "resolved") == (done.subject, done.outcome)
    assert done.metadata is not None
    assert "not json" == done.metadata.to_wire()
