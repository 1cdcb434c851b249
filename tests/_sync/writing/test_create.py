# Generated from tests/_async/writing/test_create.py by scripts/unasync.py; do not edit.
"""Logging an interaction: rows, requests and errors."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from interactions_sdk import (
    BadRequestError,
    ConflictError,
    CustomerNotFoundError,
    InteractionCreate,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    NotFoundError,
    OwnershipError,
    Settings,
    wire,
)
from interactions_sdk._sync.connection.rows import find_row
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded.access.actors import Actor
from interactions_sdk.embedded.events import Subscriber
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.wire import query

YEAR_2020 = datetime(2020, 5, 1, 10, tzinfo=UTC)


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def audit_actions(crm: InteractionsClient, entity_id: str) -> list[str]:
    """Return the audited actions of an interaction."""
    table = crm._services.project.tables.audit
    assert table is not None
    call = wire.list_rows(table, [query.equal("entityId", entity_id)])
    return [entry.action for entry in (crm._connection.send(call)).rows]


def test_a_user_logs_a_call(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """The interaction is returned as stored, with the owner's permissions."""
    customer = crm.customers.get_by_user_id("ada")
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
    call = ada.create(draft)
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
    assert call == ada.get(call.id)


def test_a_create_is_audited(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """The ID of the audit row is derived from the interaction's, and it has no permissions."""
    call = ada.log_call("Intro")
    table = crm._services.project.tables.audit
    assert table is not None
    entry = find_row(crm._connection, table, audit_row_id(call.id, CREATED))
    assert entry is not None
    assert ("interaction.created", "ada", call.id, call.customer_id, []) == (
        entry.action,
        entry.user_id,
        entry.entity_id,
        entry.customer_id,
        entry.permissions,
    )


def test_a_create_moves_the_customers_dates(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """The last contact is the latest interaction; the next follow-up is the earliest open one."""
    later, sooner = in_days(9), in_days(4)
    ada.log_call("One", next_action_date=later)
    ada.log_call("Two", next_action_date=sooner)
    last = ada.log_call("Three", next_action_date=in_days(6))
    customer = crm.customers.get_by_user_id("ada")
    assert (last.created_at, sooner) == (customer.last_contact_at, customer.next_follow_up_at)


def test_a_backdated_create_keeps_its_date(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """`occurred_at` becomes `$createdAt`, and does not move the last contact back."""
    now = ada.log_call("Today")
    old = ada.log_call("Long ago", occurred_at=YEAR_2020)
    customer = crm.customers.get_by_user_id("ada")
    assert YEAR_2020 == old.created_at
    assert now.created_at == customer.last_contact_at
    assert ["interaction.created"] == audit_actions(crm, old.id)


def test_a_resolved_interaction_is_no_follow_up(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """An interaction that is resolved when it is created is not a follow-up."""
    ada.log_call("Done", outcome="resolved", next_action_date=in_days(2))
    assert (crm.customers.get_by_user_id("ada")).next_follow_up_at is None


def test_a_past_follow_up_is_not_trusted(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """A next follow-up in the past is looked up, since another program may have completed it."""
    past = InteractionCreate(
        interaction_type="task",
        subject="Old",
        occurred_at=YEAR_2020,
        next_action_date=YEAR_2020 + timedelta(days=1),
    )
    task = ada.create(past)
    table = crm._services.project.tables.interactions
    crm._connection.send(wire.update_row(table, task.id, {"outcome": "resolved"}))
    soon = in_days(3)
    ada.log_call("New", next_action_date=soon)
    assert soon == (crm.customers.get_by_user_id("ada")).next_follow_up_at


def test_a_remembered_follow_up_that_others_have_done_is_not_trusted() -> None:
    """A cached next follow-up is looked up, since another program may have completed it."""
    server = EmbeddedAppwrite()
    one, other = (
        InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=Settings(verify_users=False),
            transport=server.transport,
        )
        for _ in range(2)
    )
    with one, other:
        one.schema.apply()
        one.customers.ensure("ada")
        task = one.as_user("ada").log_task("Soon", next_action_date=in_days(1))
        other.as_user("ada").follow_ups.cancel(task.id)
        later = in_days(5)
        one.as_user("ada").log_call("Old", occurred_at=YEAR_2020, next_action_date=later)
        assert later == (other.customers.get_by_user_id("ada")).next_follow_up_at
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
def test_a_warm_create_costs_few_requests(
    settings: Settings, requests: int, caplog: pytest.LogCaptureFixture
) -> None:
    """With a filled cache, an atomic create takes five requests, and a fast one three."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        repo.log_call("Warm")
        caplog.set_level(logging.DEBUG, "interactions_sdk")
        caplog.clear()
        repo.log_call("Counted", next_action_date=in_days(1))
        sent = [record for record in caplog.records if hasattr(record, "interactions_sdk")]
        assert requests == len(sent)


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(consistency="fast"), Settings(audit_table=None)],
    ids=["atomic", "fast", "without audit"],
)
def test_the_same_key_makes_one_interaction(settings: Settings) -> None:
    """Repeating a draft returns its interaction; another draft with the same key is a conflict."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
        first = repo.create(draft)
        assert first == repo.create(draft)
        with pytest.raises(ConflictError) as caught:
            repo.create(draft.model_copy(update={"subject": "Two"}))
        assert first == caught.value.current
        assert 1 == repo.count()


def test_the_same_key_finds_a_changed_interaction(ada: InteractionRepository) -> None:
    """Repeating a draft returns the interaction with its later changes."""
    from interactions_sdk import InteractionUpdate  # noqa: PLC0415 - only here

    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    first = ada.create(draft)
    changed = ada.update(first.id, InteractionUpdate(subject="Changed"))
    assert changed == ada.create(draft)


def test_the_key_of_a_deleted_interaction_is_used_up(
    ada: InteractionRepository,
) -> None:
    """Repeating the draft of a deleted interaction raises an error."""
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    first = ada.create(draft)
    ada.delete(first.id)
    with pytest.raises(ConflictError, match="is deleted"):
        ada.create(draft)


def test_a_key_belongs_to_its_customer(
    ada: InteractionRepository, bob: InteractionRepository
) -> None:
    """Two customers may use the same key."""
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    assert (ada.create(draft)).id != (bob.create(draft)).id


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
def test_an_id_that_differs_in_case_is_taken(
    consistency: Literal["atomic", "fast"],
) -> None:
    """An ID that differs only in case from an existing one is a conflict."""
    settings = Settings(consistency=consistency)
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        own = (crm.customers.get_by_user_id("ada")).id
        admin = crm.as_admin("root")
        admin.log_call("Intro", id="abc", customer_id=own)
        with pytest.raises(ConflictError, match="'ABC' was written before from another draft"):
            admin.log_call("Intro", id="ABC", customer_id=own)
        assert ["interaction.created"] == audit_actions(crm, "abc")
        assert ["abc"] == [call.id for call in (admin.find()).items]


def test_without_a_customer_record_nothing_is_logged(crm: InteractionsClient) -> None:
    """Logging raises the documented error, and reads return nothing."""
    repo = crm.as_user("nobody")
    with pytest.raises(CustomerNotFoundError) as caught:
        repo.log_call("Intro")
    message = "Customer record not found. Please create your customer profile first."
    assert message == str(caught.value)
    assert [] == list((repo.find()).items)
    assert 0 == repo.count()


def test_another_customer_is_refused_and_audited(
    crm: InteractionsClient,
    ada: InteractionRepository,
    bob: InteractionRepository,
) -> None:
    """A user cannot log for another customer, and the attempt is audited."""
    theirs = crm.customers.get_by_user_id("bob")
    with pytest.raises(OwnershipError):
        ada.log_call("Intro", customer_id=theirs.id)
    assert 0 == bob.count()
    assert ["interaction.refused"] == audit_actions(crm, theirs.id)


def test_an_admin_logs_for_any_customer(
    crm: InteractionsClient,
    ada: InteractionRepository,
    admin: InteractionRepository,
) -> None:
    """The admin is the user of the row, and the customer's user gets the permissions."""
    customer = crm.customers.get_by_user_id("ada")
    call = admin.log_call("Intro", customer_id=customer.id)
    assert ("root", "root") == (call.user_id, call.created_by)
    assert 'read("user:ada")' in call.permissions
    assert call == ada.get(call.id)


def test_an_admin_names_an_existing_customer(admin: InteractionRepository) -> None:
    """A missing `customer_id` and an unknown customer raise different errors."""
    with pytest.raises(BadRequestError, match="customer_id="):
        admin.log_call("Intro")
    with pytest.raises(CustomerNotFoundError):
        admin.log_call("Intro", customer_id="missing")


def test_a_customer_of_the_same_letters_is_another_one(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """Customer IDs are compared exactly, although Appwrite ignores case."""
    crm.customers.create(user_id="ada", id="c1")
    with pytest.raises(CustomerNotFoundError):
        admin.log_call("Intro", customer_id="C1")


@pytest.mark.parametrize("id", ["../../audit_logs/rows/x", "a/b", "..", "", "x" * 37, "_x"])
def test_a_bad_id_reaches_no_path(id: str, admin: InteractionRepository) -> None:
    """Invalid IDs are rejected, since they would become part of a path."""
    for use in (admin.get, admin.delete, admin.follow_ups.cancel):
        with pytest.raises(BadRequestError, match="is not a valid"):
            use(id)


def test_a_missing_interaction_is_a_not_found_error(ada: InteractionRepository) -> None:
    """A missing and a foreign interaction read the same."""
    with pytest.raises(NotFoundError) as caught:
        ada.get("missing")
    assert "Row with the requested ID 'missing' could not be found." == str(caught.value)


def test_each_kind_is_logged_in_one_line(ada: InteractionRepository) -> None:
    """The short methods set the type and the contact method."""
    logged = [
        ada.log_call("a"),
        ada.log_email("b"),
        ada.log_meeting("c", "notes"),
        ada.log_note("d"),
        ada.log_task("e"),
    ]
    assert [
        ("call", "phone"),
        ("email", "email"),
        ("meeting", "in_person"),
        ("note", None),
        ("task", None),
    ] == [(each.interaction_type, each.contact_method) for each in logged]


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
def test_a_create_raises_an_event_of_the_interaction(
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
    with InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=server.transport,
    ) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Intro")
    tables = [event.table.id for event in listener.drain()]
    assert ["customer_interactions"] == tables[:1]
    assert ([] if consistency == "atomic" else ["audit_logs"]) == tables[1:]
    server.close()
