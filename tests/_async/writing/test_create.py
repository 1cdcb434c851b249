"""Logging an interaction: rows, requests and errors."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    CustomerNotFoundError,
    InteractionCreate,
    InteractionMetadata,
    NotFoundError,
    OwnershipError,
    Settings,
    wire,
)
from interactions_sdk._async.connection.rows import find_row
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded.access.actors import Actor
from interactions_sdk.embedded.events import Subscriber
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.wire import query

pytestmark = pytest.mark.anyio

YEAR_2020 = datetime(2020, 5, 1, 10, tzinfo=UTC)


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


async def audit_actions(crm: AsyncInteractionsClient, entity_id: str) -> list[str]:
    """Return the audited actions of an interaction."""
    table = crm._services.project.tables.audit
    assert table is not None
    call = wire.list_rows(table, [query.equal("entityId", entity_id)])
    return [entry.action for entry in (await crm._connection.send(call)).rows]


async def test_a_user_logs_a_call(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The interaction is returned as stored, with the owner's permissions."""
    customer = await acrm.customers.get_by_user_id("ada")
    draft = InteractionCreate(
        interaction_type="call",
        subject="Intro",
        description="Asked about prices.",
        contact_method="phone",
        direction="inbound",
        duration=12,
        outcome="successful",
        next_action="Send the offer",
        next_action_date=in_days(2),
        related_entity_type="quote",
        related_entity_id="q1",
        metadata=InteractionMetadata(tags=["vip"]),
    )
    call = await ada.create(draft)
    kept = {
        name: getattr(call, name) for name in InteractionCreate.model_fields if hasattr(call, name)
    }
    drafted = draft.model_dump(exclude={"occurred_at", "idempotency_key", "id", "customer_id"})
    assert {
        **drafted,
        "metadata": draft.metadata,
        "customer_id": customer.id,
        "id": call.id,
    } == kept
    assert ("ada", "ada") == (call.user_id, call.created_by)
    assert ['read("user:ada")', 'update("user:ada")', 'delete("user:ada")'] == call.permissions
    assert call == await ada.get(call.id)


async def test_a_create_is_audited(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The ID of the audit row is derived from the interaction's, and it has no permissions."""
    call = await ada.log_call("Intro")
    table = acrm._services.project.tables.audit
    assert table is not None
    entry = await find_row(acrm._connection, table, audit_row_id(call.id, CREATED))
    assert entry is not None
    assert ("interaction.created", "ada", call.id, call.customer_id, []) == (
        entry.action,
        entry.user_id,
        entry.entity_id,
        entry.customer_id,
        entry.permissions,
    )


async def test_a_create_moves_the_customers_dates(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The last contact is the latest interaction; the next follow-up is the earliest open one."""
    later, sooner = in_days(9), in_days(4)
    await ada.log_call("One", next_action_date=later)
    await ada.log_call("Two", next_action_date=sooner)
    last = await ada.log_call("Three", next_action_date=in_days(6))
    customer = await acrm.customers.get_by_user_id("ada")
    assert (last.created_at, sooner) == (customer.last_contact_at, customer.next_follow_up_at)


async def test_a_backdated_create_keeps_its_date(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """`occurred_at` becomes `$createdAt`, and does not move the last contact back."""
    now = await ada.log_call("Today")
    old = await ada.log_call("Long ago", occurred_at=YEAR_2020)
    customer = await acrm.customers.get_by_user_id("ada")
    assert YEAR_2020 == old.created_at
    assert now.created_at == customer.last_contact_at
    assert ["interaction.created"] == await audit_actions(acrm, old.id)


async def test_a_resolved_interaction_is_no_follow_up(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """An interaction that is resolved when it is created is not a follow-up."""
    await ada.log_call("Done", outcome="resolved", next_action_date=in_days(2))
    assert (await acrm.customers.get_by_user_id("ada")).next_follow_up_at is None


async def test_a_past_follow_up_is_not_trusted(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """A next follow-up in the past is looked up, since another program may have completed it."""
    past = InteractionCreate(
        interaction_type="task",
        subject="Old",
        occurred_at=YEAR_2020,
        next_action_date=YEAR_2020 + timedelta(days=1),
    )
    task = await ada.create(past)
    table = acrm._services.project.tables.interactions
    await acrm._connection.send(wire.update_row(table, task.id, {"outcome": "resolved"}))
    soon = in_days(3)
    await ada.log_call("New", next_action_date=soon)
    assert soon == (await acrm.customers.get_by_user_id("ada")).next_follow_up_at


async def test_a_remembered_follow_up_that_others_have_done_is_not_trusted() -> None:
    """A cached next follow-up is looked up, since another program may have completed it."""
    server = EmbeddedAppwrite()
    one, other = (
        AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=Settings(verify_users=False),
            transport=server.transport,
        )
        for _ in range(2)
    )
    async with one, other:
        await one.schema.apply()
        await one.customers.ensure("ada")
        task = await one.as_user("ada").log_task("Soon", next_action_date=in_days(1))
        await other.as_user("ada").follow_ups.cancel(task.id)
        later = in_days(5)
        await one.as_user("ada").log_call("Old", occurred_at=YEAR_2020, next_action_date=later)
        assert later == (await other.customers.get_by_user_id("ada")).next_follow_up_at
    server.close()


@pytest.mark.parametrize(
    ("settings", "requests"),
    [
        (Settings(), 5),
        (Settings(consistency="fast"), 3),
        (Settings(audit_table=None), 2),
    ],
    ids=["atomic", "fast", "without audit"],
)
async def test_a_warm_create_costs_few_requests(
    settings: Settings, requests: int, caplog: pytest.LogCaptureFixture
) -> None:
    """With a filled cache, an atomic create takes five requests, and a fast one three."""
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        await repo.log_call("Warm")
        caplog.set_level(logging.DEBUG, "interactions_sdk")
        caplog.clear()
        await repo.log_call("Counted", next_action_date=in_days(1))
        sent = [record for record in caplog.records if hasattr(record, "interactions_sdk")]
        assert requests == len(sent)


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(consistency="fast"), Settings(audit_table=None)],
    ids=["atomic", "fast", "without audit"],
)
async def test_the_same_key_makes_one_interaction(settings: Settings) -> None:
    """Repeating a draft returns its interaction; another draft with the same key is a conflict."""
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
        first = await repo.create(draft)
        assert first == await repo.create(draft)
        with pytest.raises(ConflictError) as caught:
            await repo.create(draft.model_copy(update={"subject": "Two"}))
        assert first == caught.value.current
        assert 1 == await repo.count()


async def test_the_same_key_finds_a_changed_interaction(ada: AsyncInteractionRepository) -> None:
    """Repeating a draft returns the interaction with its later changes."""
    from interactions_sdk import InteractionUpdate  # noqa: PLC0415 - only here

    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    first = await ada.create(draft)
    changed = await ada.update(first.id, InteractionUpdate(subject="Changed"))
    assert changed == await ada.create(draft)


async def test_the_key_of_a_deleted_interaction_is_used_up(
    ada: AsyncInteractionRepository,
) -> None:
    """Repeating the draft of a deleted interaction raises an error."""
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    first = await ada.create(draft)
    await ada.delete(first.id)
    with pytest.raises(ConflictError, match="is deleted"):
        await ada.create(draft)


async def test_a_key_belongs_to_its_customer(
    ada: AsyncInteractionRepository, bob: AsyncInteractionRepository
) -> None:
    """Two customers may use the same key."""
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    assert (await ada.create(draft)).id != (await bob.create(draft)).id


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
async def test_an_id_that_differs_in_case_is_taken(
    consistency: Literal["atomic", "fast"],
) -> None:
    """An ID that differs only in case from an existing one is a conflict."""
    settings = Settings(consistency=consistency)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        own = (await crm.customers.get_by_user_id("ada")).id
        admin = crm.as_admin("root")
        await admin.log_call("Intro", id="abc", customer_id=own)
        with pytest.raises(ConflictError, match="'ABC' was written before from another draft"):
            await admin.log_call("Intro", id="ABC", customer_id=own)
        assert ["interaction.created"] == await audit_actions(crm, "abc")
        assert ["abc"] == [call.id for call in (await admin.find()).items]


async def test_without_a_customer_record_nothing_is_logged(acrm: AsyncInteractionsClient) -> None:
    """Logging raises the documented error, and reads return nothing."""
    repo = acrm.as_user("nobody")
    with pytest.raises(CustomerNotFoundError) as caught:
        await repo.log_call("Intro")
    message = "Customer record not found. Please create your customer profile first."
    assert message == str(caught.value)
    assert [] == list((await repo.find()).items)
    assert 0 == await repo.count()


async def test_another_customer_is_refused_and_audited(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> None:
    """A user cannot log for another customer, and the attempt is audited."""
    theirs = await acrm.customers.get_by_user_id("bob")
    with pytest.raises(OwnershipError):
        await ada.log_call("Intro", customer_id=theirs.id)
    assert 0 == await bob.count()
    assert ["interaction.refused"] == await audit_actions(acrm, theirs.id)


async def test_an_admin_logs_for_any_customer(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    admin: AsyncInteractionRepository,
) -> None:
    """The admin is the user of the row, and the customer's user gets the permissions."""
    customer = await acrm.customers.get_by_user_id("ada")
    call = await admin.log_call("Intro", customer_id=customer.id)
    assert ("root", "root") == (call.user_id, call.created_by)
    assert 'read("user:ada")' in call.permissions
    assert call == await ada.get(call.id)


async def test_an_admin_names_an_existing_customer(admin: AsyncInteractionRepository) -> None:
    """A missing `customer_id` and an unknown customer raise different errors."""
    with pytest.raises(BadRequestError, match="customer_id="):
        await admin.log_call("Intro")
    with pytest.raises(CustomerNotFoundError):
        await admin.log_call("Intro", customer_id="missing")


async def test_a_customer_of_the_same_letters_is_another_one(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Customer IDs are compared exactly, although Appwrite ignores case."""
    await acrm.customers.create(user_id="ada", id="c1")
    with pytest.raises(CustomerNotFoundError):
        await admin.log_call("Intro", customer_id="C1")


@pytest.mark.parametrize("id", ["../../audit_logs/rows/x", "a/b", "..", "", "x" * 37, "_x"])
async def test_a_bad_id_reaches_no_path(id: str, admin: AsyncInteractionRepository) -> None:
    """Invalid IDs are rejected, since they would become part of a path."""
    for use in (admin.get, admin.delete, admin.follow_ups.cancel):
        with pytest.raises(BadRequestError, match="is not a valid"):
            await use(id)


async def test_a_missing_interaction_is_a_not_found_error(ada: AsyncInteractionRepository) -> None:
    """A missing and a foreign interaction read the same."""
    with pytest.raises(NotFoundError) as caught:
        await ada.get("missing")
    assert "Row with the requested ID 'missing' could not be found." == str(caught.value)


async def test_each_kind_is_logged_in_one_line(ada: AsyncInteractionRepository) -> None:
    """The short methods set the type and the contact method."""
    logged = [
        await ada.log_call("a"),
        await ada.log_email("b"),
        await ada.log_meeting("c", "notes"),
        await ada.log_note("d"),
        await ada.log_task("e"),
    ]
    assert [
        ("call", "phone"),
        ("email", "email"),
        ("meeting", "in_person"),
        ("note", None),
        ("task", None),
    ] == [(each.interaction_type, each.contact_method) for each in logged]


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
async def test_a_create_raises_an_event_of_the_interaction(
    consistency: Literal["atomic", "fast"],
) -> None:
    """Without `fast`, no event is raised for the audit row, which saves the server time."""
    settings = Settings(consistency=consistency, verify_users=False)
    server = start_embedded_server(":memory:", settings)
    listener = Subscriber(
        [
            f"databases.console-db.tables.{table}.rows"
            for table in ("customer_interactions", "audit_logs")
        ],
        Actor("root", "", ("users", "label:superadmin")),
        wake=list,
        cut_off=list,
    )
    server._subscribers.add(listener)
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=server.transport,
    ) as crm:
        await crm.customers.ensure("ada")
        await crm.as_user("ada").log_call("Intro")
    tables = [event.table.id for event in listener.drain()]
    assert ["customer_interactions"] == tables[:1]
    assert ([] if consistency == "atomic" else ["audit_logs"]) == tables[1:]
    server.close()
