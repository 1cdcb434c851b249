"""Repeated calls after failures, and concurrent changes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    DeletedError,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionUpdate,
    OwnershipError,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk._async.connection.rows import read_by_ids
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from interactions_sdk.wire.call import Call, parse_nothing, to_json
from tests.meanwhile import Meanwhile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from interactions_sdk import InteractionsClient
    from interactions_sdk.embedded import EmbeddedAppwrite

pytestmark = pytest.mark.anyio

ATOMIC = Settings(verify_users=False)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])
DATED = {"occurred_at": datetime(2026, 1, 1, tzinfo=UTC)}
ONCE = RetryPolicy(retries=0)
INTERACTIONS, AUDIT = "*/customer_interactions/rows*", "*/audit_logs/rows*"
CUSTOMERS, TRANSACTION = "*/customers/rows*", "*/transactions/*"


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def keyed(**fields: object) -> InteractionCreate:
    """Return a draft with a key."""
    defaults = {"interaction_type": "task", "subject": "Keyed", "idempotency_key": "key"}
    return InteractionCreate.model_validate(defaults | fields)


@pytest.fixture
def server(settings: Settings) -> Iterator[EmbeddedAppwrite]:
    """Yield a server with the schema."""
    started = start_embedded_server(":memory:", settings)
    yield started
    started.close()


def client(
    server: EmbeddedAppwrite,
    settings: Settings,
    transport: FaultyTransport | Meanwhile | None = None,
) -> AsyncInteractionsClient:
    """Return a client that does not retry."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=ONCE,
    )


@pytest.fixture
async def crm(
    server: EmbeddedAppwrite, settings: Settings
) -> AsyncIterator[AsyncInteractionsClient]:
    """Yield a client without faults, of a server with two customers."""
    async with client(server, settings) as crm:
        await crm.customers.ensure("ada")
        await crm.customers.ensure("bob")
        yield crm


@pytest.fixture
def ada(crm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the interactions of a user."""
    return crm.as_user("ada")


@asynccontextmanager
async def failing(
    server: EmbeddedAppwrite, settings: Settings, fault: FaultyTransport
) -> AsyncIterator[AsyncInteractionRepository]:
    """Yield the user's interactions with a transport on which requests fail."""
    async with client(server, settings, fault) as crm:
        yield crm.as_user("ada")


async def actions(crm: AsyncInteractionsClient, entity_id: str) -> list[str]:
    """Return the audited actions of an interaction, oldest first."""
    table = crm._services.project.tables.audit
    if table is None:
        return []
    found = await crm._connection.send(wire.list_rows(table, [query.equal("entityId", entity_id)]))
    return [entry.action for entry in found.rows]


# Repeated creates


@pytest.mark.parametrize("dated", [{}, DATED], ids=["undated", "dated"])
@every_way
async def test_a_late_draft_is_still_the_same(
    ada: AsyncInteractionRepository, dated: dict[str, object]
) -> None:
    """A due date in the past is rejected only if the draft was not written before."""
    draft = keyed(next_action_date=in_days(1), **dated).model_dump(exclude_unset=True)
    first = await ada.create(InteractionCreate.model_validate(draft))
    task = await ada.log_task("Open", next_action_date=in_days(9))
    with time_machine.travel(in_days(3), tick=False):
        late = InteractionCreate.model_validate(draft)
        assert first == await ada.create(late)
        assert [first.id] == list((await ada.create_many([late])).ids)
        never_written = late.model_copy(update={"idempotency_key": "other", "occurred_at": None})
        with pytest.raises(ValidationError, match="next_action_date"):
            await ada.create(never_written)
        failed = (await ada.create_many([never_written]))[0].error
        with pytest.raises(ValidationError, match="next_action_date"):
            await ada.follow_ups.complete(task.id, next=never_written)
    assert isinstance(failed, BadRequestError)
    assert 2 == await ada.count()


@pytest.mark.parametrize("dated", [{}, DATED], ids=["undated", "dated"])
@pytest.mark.parametrize("settings", [ATOMIC, FAST])
async def test_what_was_deleted_is_not_written_again(
    crm: AsyncInteractionsClient, ada: AsyncInteractionRepository, dated: dict[str, object]
) -> None:
    """A deleted interaction is not written again, and its audit rows stay."""
    first = await ada.create(keyed(**dated))
    await ada.delete(first.id)
    with pytest.raises(DeletedError):
        await ada.create(keyed(**dated))
    many = await ada.create_many([keyed(**dated)])
    assert isinstance(many[0].error, DeletedError)
    assert 0 == await ada.count()
    assert ["interaction.created", "interaction.deleted"] == sorted(await actions(crm, first.id))


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_the_first_change_tells_the_draft(
    crm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    server: EmbeddedAppwrite,
) -> None:
    """If the audit row of the create is missing, the first change identifies the draft."""
    crash = FaultyTransport(server.transport, Fault.REFUSED, count=None, route=AUDIT)
    async with failing(server, ATOMIC, crash) as dying:
        with pytest.raises(APIConnectionError) as caught:
            await dying.create(keyed(**DATED))
    assert caught.value.may_have_landed
    [row] = [each async for each in ada.iterate()]
    await ada.update(row.id, InteractionUpdate(outcome="other"))

    other = keyed(**DATED, subject="Another")
    with pytest.raises(ConflictError, match="from another draft"):
        await ada.create(other)
    assert isinstance((await ada.create_many([other]))[0].error, ConflictError)
    assert [row.id] == list((await ada.create_many([keyed(**DATED)])).ids)
    assert row.id == (await ada.create(keyed(**DATED))).id
    assert "interaction.created" in await actions(crm, row.id)


@pytest.mark.parametrize("settings", [FAST])
async def test_a_repeat_whose_audit_row_is_not_written_says_so(
    crm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    server: EmbeddedAppwrite,
) -> None:
    """The error says that the interaction may be written; the next repeat adds the audit row."""
    crash = FaultyTransport(server.transport, Fault.REFUSED, count=None, method="POST", route=AUDIT)
    async with failing(server, FAST, crash) as dying:
        for _ in range(2):
            with pytest.raises(APIConnectionError) as caught:
                await dying.create(keyed())
            assert caught.value.may_have_landed
    [row] = [each async for each in ada.iterate()]
    assert [] == await actions(crm, row.id)
    assert row == await ada.create(keyed())
    assert ["interaction.created"] == await actions(crm, row.id)


@pytest.mark.parametrize("settings", [FAST])
async def test_reconcile_may_be_faster_with_an_audit_row(
    crm: AsyncInteractionsClient, server: EmbeddedAppwrite
) -> None:
    """If `reconcile()` writes the audit row first, the create still succeeds."""
    transport = Meanwhile(server, FAST)
    async with client(server, FAST, transport) as other:
        transport.before("POST", AUDIT, lambda aside: aside.customers.reconcile())
        created = await other.as_user("ada").log_call("Intro")
    assert created == await crm.as_user("ada").get(created.id)
    assert ["interaction.reconciled"] == await actions(crm, created.id)


# Completing with a next one


@pytest.mark.parametrize("settings", [ATOMIC, FAST])
async def test_the_next_one_is_told_of_when_it_cannot_be_read_back(
    ada: AsyncInteractionRepository, server: EmbeddedAppwrite
) -> None:
    """The error has the ID of the next interaction, with which a repeat finds it."""
    task = await ada.log_task("Call", next_action_date=in_days(1))
    fault = FaultyTransport(
        server.transport, Fault.REFUSED, first=3, count=2, method="GET", route=INTERACTIONS
    )
    following = InteractionCreate(interaction_type="call", subject="Next")
    async with failing(server, ATOMIC, fault) as repo:
        with pytest.raises(APIConnectionError) as caught:
            await repo.follow_ups.complete(task.id, next=following)
    assert caught.value.may_have_landed
    written = await ada.get(str(caught.value.interaction_id))
    again = following.model_copy(update={"id": written.id})
    assert "resolved" == (await ada.follow_ups.complete(task.id, next=again)).outcome
    assert 2 == await ada.count()


# Repeated deletions


def refuse_lookups(server: EmbeddedAppwrite, *, first: int) -> FaultyTransport:
    """Return a transport on which reads of interactions fail from the given one on."""
    return FaultyTransport(
        server.transport, Fault.REFUSED, first=first, count=None, method="GET", route=INTERACTIONS
    )


@pytest.mark.unmeasured
@pytest.mark.parametrize("who", ["user", "admin"])
@every_way
async def test_a_repeated_deletion_settles_the_dates(
    crm: AsyncInteractionsClient, server: EmbeddedAppwrite, settings: Settings, who: str
) -> None:
    """A repeated deletion updates the dates that the first one could not."""
    ada = crm.as_user("ada")
    task = await ada.log_task("Call", next_action_date=in_days(1))
    first = 3 if settings.audit_table else 2
    async with failing(server, settings, refuse_lookups(server, first=first)) as repo:
        await repo.delete(task.id)
    assert (await crm.customers.get(task.customer_id)).next_follow_up_at is not None

    repo = ada if who == "user" else crm.as_admin("root")
    with pytest.raises(InteractionNotFoundError) as caught:
        await repo.delete(task.id)

    is_audited = settings.audit_table is not None
    is_settled = (await crm.customers.get(task.customer_id)).next_follow_up_at is None
    assert (is_audited or who == "user") == is_settled  # otherwise, nothing says whose it was
    said = f"Interaction '{task.id}' was already deleted." == str(caught.value)
    assert is_audited == said
    assert isinstance(caught.value, OwnershipError) == (not is_audited and who == "user")
    assert "interaction.refused" not in await actions(crm, task.id)


@pytest.mark.unmeasured
@every_way
async def test_a_deletion_tells_strangers_nothing(
    ada: AsyncInteractionRepository, server: EmbeddedAppwrite, settings: Settings
) -> None:
    """For existing, deleted and unknown interactions, the error and its cost are the same."""
    there, deleted = await ada.log_call("There"), await ada.log_call("Deleted")
    await ada.delete(deleted.id)
    recorder = FaultyTransport(server.transport)
    told: set[tuple[type, str, int]] = set()
    async with client(server, settings, recorder) as other:
        bob = other.as_user("bob")
        await bob.log_call("Fills the cache")
        for id in (there.id, deleted.id, "0" * 32):
            recorder.requests.clear()
            with pytest.raises(OwnershipError) as caught:
                await bob.delete(id)
            message = caught.value.message.replace(id, "ID")
            told.add((type(caught.value), message, len(recorder.requests)))
    assert 1 == len(told)


@pytest.mark.parametrize("settings", [UNAUDITED])
@pytest.mark.parametrize("times", [1, None])
async def test_a_deletion_meets_a_conflict_that_is_none(
    ada: AsyncInteractionRepository, server: EmbeddedAppwrite, times: int | None
) -> None:
    """A conflict about an unchanged interaction is retried."""
    call = await ada.log_call("Intro")
    conflict = FaultyTransport(
        server.transport, Fault.TRANSACTION_CONFLICT, count=times, method="DELETE"
    )
    async with failing(server, UNAUDITED, conflict) as repo:
        if times is None:
            with pytest.raises(ConflictError):
                await repo.delete(call.id)
        else:
            await repo.delete(call.id)
    assert (0 if times else 1) == await ada.count()


@pytest.mark.parametrize("settings", [UNAUDITED])
async def test_a_deletion_whose_answer_is_lost_is_a_deletion(
    ada: AsyncInteractionRepository, server: EmbeddedAppwrite
) -> None:
    """If the response is lost, the retry treats a missing row as deleted."""
    call = await ada.log_call("Intro")
    lost = FaultyTransport(server.transport, Fault.TIMEOUT_AFTER_WRITE, method="DELETE")
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=UNAUDITED,
        transport=lost,
        retry=RetryPolicy(initial_delay=0.001),
    ) as crm:
        await crm.as_user("ada").delete(call.id)
    assert 0 == await ada.count()


@pytest.mark.parametrize("operation", ["delete", "update"])
@pytest.mark.parametrize("settings", [FAST, UNAUDITED])
async def test_what_another_deletes_first_is_a_conflict(
    ada: AsyncInteractionRepository, server: EmbeddedAppwrite, settings: Settings, operation: str
) -> None:
    """An update or deletion of an interaction that was deleted since it was read is a conflict."""
    call = await ada.log_call("Intro")
    transport = Meanwhile(server, settings)
    async with client(server, settings, transport) as other:
        repo = other.as_user("ada")
        await repo.find()
        transport.before("GET", CUSTOMERS, delete_all)
        transport.before("PATCH", INTERACTIONS, delete_all)
        transport.before("DELETE", INTERACTIONS, delete_all)
        transport.before("POST", "*/transactions", delete_all)
        with pytest.raises(ConflictError, match="was deleted by another client"):
            if operation == "delete":
                await repo.delete(call.id)
            else:
                await repo.update(call.id, InteractionUpdate(subject="Changed"))


@pytest.mark.parametrize("settings", [FAST])
async def test_what_another_changes_first_is_a_conflict(
    ada: AsyncInteractionRepository, server: EmbeddedAppwrite
) -> None:
    """An update is a conflict if the row changed since it was read, even without transactions."""
    call = await ada.log_call("Intro")

    def change(aside: InteractionsClient) -> None:
        aside.as_user("ada").update(call.id, InteractionUpdate(subject="Theirs"))

    transport = Meanwhile(server, FAST)
    async with client(server, FAST, transport) as other:
        transport.before("PATCH", INTERACTIONS, change)
        with pytest.raises(ConflictError, match="was changed by another client") as caught:
            await other.as_user("ada").update(call.id, InteractionUpdate(subject="Mine"))
    assert caught.value.current == await ada.get(call.id)
    assert "Theirs" == (await ada.get(call.id)).subject


async def test_the_deletion_of_a_look_alike_is_another_one() -> None:
    """IDs are compared exactly, although Appwrite ignores case."""
    async with AsyncInteractionsClient.embedded(settings=ATOMIC) as crm:
        own = (await crm.customers.ensure("ada")).id
        admin = crm.as_admin("root")
        await admin.log_call("Intro", id="call-1", customer_id=own)
        await admin.delete("call-1")
        with pytest.raises(InteractionNotFoundError, match="'CALL-1' could not be found"):
            await admin.delete("CALL-1")


async def test_who_is_no_admin_deletes_nothing() -> None:
    """A user who is not an admin cannot delete, and the attempt is audited."""
    settings = ATOMIC.model_copy(update={"verify_users": True})
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        body = to_json({"userId": "eve", "name": "eve"})
        await crm._connection.send(Call("POST", "/users", "/users", parse_nothing, body))
        with pytest.raises(PermissionDeniedError):
            await crm.as_admin("eve").delete("call-1")
        assert ["interaction.refused"] == await actions(crm, "call-1")


# Concurrent changes


def delete_all(aside: InteractionsClient) -> None:
    """Delete the interactions of the user."""
    repo = aside.as_user("ada")
    for row in list(repo.iterate()):
        repo.delete(row.id)


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_what_is_deleted_before_it_is_read_back_was_written(
    crm: AsyncInteractionsClient, server: EmbeddedAppwrite
) -> None:
    """A new interaction that is deleted before it is read back is returned as written."""
    transport = Meanwhile(server, ATOMIC)
    async with client(server, ATOMIC, transport) as other:
        transport.before("GET", INTERACTIONS, delete_all)
        created = await other.as_user("ada").log_call("Intro", next_action_date=in_days(1))
    assert "Intro" == created.subject
    assert 0 == await crm.as_user("ada").count()
    assert (await crm.customers.get(created.customer_id)).next_follow_up_at is None


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_a_completion_that_another_made_meanwhile_leaves_the_next_one_to_create(
    crm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """If another client has completed it, the next interaction is still written."""
    task = await ada.log_task("Call", next_action_date=in_days(1))
    done = await ada.follow_ups.complete(task.id)
    service = ada.follow_ups._interactions
    following = InteractionCreate(interaction_type="call", subject="Next")
    columns = {"outcome": "resolved"}

    again = await service.update(done, columns, action="interaction.completed", following=following)

    assert done == again
    assert 2 == await ada.count()
    assert 1 == (await actions(crm, task.id)).count("interaction.completed")


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_an_interaction_that_cannot_be_read_back_leaves_the_last_contact(
    crm: AsyncInteractionsClient,
    server: EmbeddedAppwrite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If a new row cannot be read back, its time is unknown, and the log suggests `reconcile()`."""
    async with failing(server, ATOMIC, refuse_lookups(server, first=1)) as repo:
        with pytest.raises(APIConnectionError) as caught:
            await repo.log_call("Intro")
    assert caught.value.may_have_landed
    assert "reconcile(" in caplog.text
    await crm.customers.reconcile()
    written = await crm.as_user("ada").get(str(caught.value.interaction_id))
    customer = await crm.customers.get(written.customer_id)
    assert written.created_at == customer.last_contact_at


def give_away(aside: InteractionsClient) -> None:
    """Give the user's customer to another user, as a program without this library would."""
    table = aside._services.project.tables.customers
    customer = aside.customers.get_by_user_id("ada")
    aside._connection.send(wire.update_row(table, customer.id, {"userId": "eve"}))


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_what_is_undone_may_be_gone(
    crm: AsyncInteractionsClient, server: EmbeddedAppwrite
) -> None:
    """If the row to be undone is already deleted, the ownership error is raised nevertheless."""
    transport = Meanwhile(server, ATOMIC)
    async with client(server, ATOMIC, transport) as other:
        repo = other.as_user("ada")
        await repo.find()
        transport.before("GET", INTERACTIONS, give_away)
        transport.before("POST", "*/transactions", lambda aside: delete_of(aside, "eve"), number=2)
        with pytest.raises(OwnershipError) as caught:
            await repo.log_call("Intro")
    assert not caught.value.may_have_landed
    assert 0 == await crm.as_user("eve").count()


def delete_of(aside: InteractionsClient, user: str) -> None:
    """Delete all interactions of a user."""
    for row in list(aside.as_user(user).iterate()):
        aside.as_user(user).delete(row.id)


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_what_cannot_be_undone_is_told(
    crm: AsyncInteractionsClient, server: EmbeddedAppwrite
) -> None:
    """If the new row cannot be deleted, the error says that it may have been applied."""
    fault = FaultyTransport(
        server.transport, Fault.REFUSED, first=2, count=None, route="/tablesdb/transactions"
    )
    async with failing(server, ATOMIC, fault) as repo:
        await repo.find()
        table = crm._services.project.tables.customers
        own = await crm.customers.get_by_user_id("ada")
        await crm._connection.send(wire.update_row(table, own.id, {"userId": "eve"}))
        with pytest.raises(OwnershipError) as caught:
            await repo.log_call("Intro")
    assert caught.value.may_have_landed
    assert isinstance(caught.value.__cause__, APIConnectionError)
    assert 1 == await crm.as_user("eve").count()


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_a_change_for_a_customer_that_is_gone_is_logged(
    crm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    server: EmbeddedAppwrite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The change succeeds, and the missing customer is logged."""
    task = await ada.log_task("Call", next_action_date=in_days(1))
    transport = Meanwhile(server, ATOMIC)
    async with client(server, ATOMIC, transport) as other:
        transport.before("PATCH", CUSTOMERS, lambda aside: remove(aside, task.customer_id))
        await other.as_admin("root").follow_ups.complete(task.id)
    assert f"could not update the dates of customer {task.customer_id}" in caplog.text
    assert "resolved" == (await crm.as_admin("root").get(task.id)).outcome


def remove(aside: InteractionsClient, customer_id: str) -> None:
    """Delete a customer's row."""
    table = aside._services.project.tables.customers
    aside._connection.send(wire.delete_row(table, customer_id))


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_times_of_other_rows_are_nobodys(
    crm: AsyncInteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were not asked for do not change a customer's dates."""
    other = await crm.as_user("bob").log_call("Other")

    async def read_more(connection: object, table: object, ids: object, *columns: str) -> object:
        del ids
        return await read_by_ids(connection, table, [other.id], *columns)  # type: ignore[arg-type]

    monkeypatch.setattr("interactions_sdk._async.writing.bulk_chunks.read_by_ids", read_more)
    result = await crm.as_user("ada").create_many([keyed()])
    assert result.ids[0] is not None
    assert (await crm.customers.get_by_user_id("ada")).last_contact_at is None
