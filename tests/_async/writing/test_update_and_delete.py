"""Updates and deletions: conflicts, the customer's dates and the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    ConflictError,
    InteractionMetadata,
    InteractionNotFoundError,
    InteractionUpdate,
    OwnershipError,
    Settings,
    wire,
)
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.identifiers import audit_row_id
from interactions_sdk.wire import query

pytestmark = pytest.mark.anyio

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
async def test_only_what_is_set_is_changed(settings: Settings) -> None:
    """None clears a column; fields that are not set stay unchanged."""
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = await repo.log_call("Intro", duration=5, metadata=InteractionMetadata(tags=["a"]))
        changed = await repo.update(call.id, InteractionUpdate(duration=None, outcome="busy"))
        assert (None, "busy", "Intro", ["a"]) == (
            changed.duration,
            changed.outcome,
            changed.subject,
            changed.metadata and changed.metadata.tags,
        )
        assert changed.updated_at > call.updated_at
        assert changed == await repo.get(call.id)


async def test_an_empty_update_writes_nothing(ada: AsyncInteractionRepository) -> None:
    """An empty update sends nothing."""
    call = await ada.log_call("Intro")
    assert call == await ada.update(call.id, InteractionUpdate())


@pytest.mark.unmeasured
@MODES
async def test_a_change_keeps_the_next_follow_up_true(settings: Settings) -> None:
    """Moving, clearing, resolving and deleting update the customer's next follow-up."""
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        dates = [in_days(day) for day in (2, 4, 6, 8)]
        calls = [await repo.log_call("x", next_action_date=date) for date in dates]

        async def next_follow_up() -> datetime | None:
            return (await crm.customers.get_by_user_id("ada")).next_follow_up_at

        later = in_days(7)
        await repo.update(calls[0].id, InteractionUpdate(next_action_date=later))
        assert dates[1] == await next_follow_up()
        await repo.update(calls[1].id, InteractionUpdate(next_action_date=None))
        assert dates[2] == await next_follow_up()
        await repo.update(calls[2].id, InteractionUpdate(outcome="resolved"))
        assert later == await next_follow_up()
        await repo.delete(calls[0].id)
        assert dates[3] == await next_follow_up()
        await repo.delete(calls[3].id)
        assert await next_follow_up() is None


@MODES
async def test_a_stale_change_is_a_conflict(settings: Settings) -> None:
    """Updating an outdated state raises an error with the newer one."""
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = await repo.log_call("Intro")
        newer = await repo.update(call.id, InteractionUpdate(subject="Theirs"))
        with pytest.raises(ConflictError) as caught:
            await repo.update(
                call.id, InteractionUpdate(subject="Mine"), if_unchanged_since=call.updated_at
            )
        assert newer == caught.value.current
        mine = InteractionUpdate(subject="Mine")
        assert (
            "Mine"
            == (await repo.update(call.id, mine, if_unchanged_since=newer.updated_at)).subject
        )


async def test_a_note_keeps_its_description(ada: AsyncInteractionRepository) -> None:
    """An update that removes a note's description is rejected."""
    note = await ada.log_note("Prefers email.")
    with pytest.raises(ValidationError, match="description"):
        await ada.update(note.id, InteractionUpdate(description=None))
    assert note == await ada.get(note.id)


async def test_another_customers_interaction_is_not_there(
    ada: AsyncInteractionRepository, bob: AsyncInteractionRepository
) -> None:
    """Another customer's interaction raises the same errors as a missing one."""
    call = await ada.log_call("Mine", next_action_date=in_days(1))
    message = f"Row with the requested ID '{call.id}' could not be found."
    with pytest.raises(OwnershipError) as read:
        await bob.get(call.id)
    with pytest.raises(OwnershipError) as changed:
        await bob.update(call.id, InteractionUpdate(subject="x"))
    with pytest.raises(OwnershipError) as deleted:
        await bob.delete(call.id)
    with pytest.raises(OwnershipError) as completed:
        await bob.follow_ups.complete(call.id)
    errors = [read.value, changed.value, deleted.value, completed.value]
    assert [message] * 4 == [str(error) for error in errors]
    assert call == await ada.get(call.id)


async def test_refused_writes_are_audited_and_refused_reads_are_not(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> None:
    """Refused writes are audited with user and action; refused reads are not."""
    call = await ada.log_call("Mine")
    with pytest.raises(OwnershipError):
        await bob.get(call.id)
    with pytest.raises(OwnershipError):
        await bob.delete(call.id)
    table = acrm._services.project.tables.audit
    assert table is not None
    about = query.equal("entityId", call.id)
    entries = (await acrm._connection.send(wire.list_rows(table, [about]))).rows
    assert [
        ("interaction.created", "ada", None),
        ("interaction.refused", "bob", '{"tried": "delete"}'),
    ] == sorted((entry.action, entry.user_id, entry.details) for entry in entries)


@MODES
async def test_a_deleted_interaction_is_gone(settings: Settings) -> None:
    """A second deletion raises an error, and the customer's last contact stays."""
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = await repo.log_call("Intro")
        await repo.delete(call.id)
        with pytest.raises(InteractionNotFoundError):
            await repo.get(call.id)
        with pytest.raises(InteractionNotFoundError):
            await repo.delete(call.id)
        customer = await crm.customers.get_by_user_id("ada")
        assert call.created_at == customer.last_contact_at


async def test_changes_of_the_same_state_share_an_audit_row(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """If another program changes the row before the commit, the update is a conflict."""
    call = await ada.log_call("Intro")
    table = acrm._services.project.tables.interactions
    await acrm._connection.send(wire.update_row(table, call.id, {"subject": "Theirs"}))
    from interactions_sdk.rules.interactions import plan_change  # noqa: PLC0415 - only here

    plan = plan_change(
        acrm.settings, call, {"subject": "Mine"}, action="interaction.updated", user_id="ada"
    )
    with pytest.raises(ConflictError) as caught:
        await acrm._services.writer.update(call, plan)
    assert caught.value.current is not None
    assert "Theirs" == caught.value.current.subject
    assert "Theirs" == (await ada.get(call.id)).subject


async def test_an_audit_row_in_the_way_is_named(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """If a user has forged the audit row of a change, the error names it and what to do."""
    call = await ada.log_call("Intro")
    forged = audit_row_id(call.id, format_datetime(call.updated_at))
    async with acrm.transaction() as transaction:
        transaction.create("audit_logs", forged, {"action": "x", "userId": "x", "entityId": "x"})
    for change in (lambda: ada.update(call.id, MINE), lambda: ada.delete(call.id)):
        with pytest.raises(ConflictError, match=f"has not changed.*audit row '{forged}'") as caught:
            await change()
        assert call == caught.value.current
    async with acrm.transaction() as transaction:
        transaction.delete("audit_logs", forged)
    assert "Mine" == (await ada.update(call.id, MINE)).subject


async def test_unknown_values_survive_a_change(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """Invalid metadata is kept when other fields change."""
    due = datetime.now(UTC) + timedelta(days=1)
    call = await ada.log_call("Intro", next_action_date=due)
    table = acrm._services.project.tables.interactions
    await acrm._connection.send(wire.update_row(table, call.id, {"metadata": "not json"}))
    await ada.update(call.id, InteractionUpdate(subject="Changed"))
    done = await ada.follow_ups.complete(call.id)
    assert ("Changed", "resolved") == (done.subject, done.outcome)
    assert done.metadata is not None
    assert "not json" == done.metadata.to_wire()
