# Generated from tests/_async/access/test_reassignment.py by scripts/unasync.py; do not edit.
"""Customers that are reassigned to another user, and what their former user may still do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    ConflictError,
    CustomerNotFoundError,
    InteractionCreate,
    InteractionsClient,
    InteractionsError,
    InteractionUpdate,
    OwnershipError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk.datetimes import utc_now
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from tests.meanwhile import Meanwhile

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient
    from interactions_sdk.wire.query import Query


ATOMIC = Settings(verify_users=False, cache_ttl=3600)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])


def client(
    server: EmbeddedAppwrite,
    settings: Settings,
    transport: Meanwhile | FaultyTransport | None = None,
) -> InteractionsClient:
    """Return a client of the server."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=RetryPolicy(retries=1, initial_delay=0.0, max_delay=0.0, wait_out_outages=False),
    )


def give(crm: InteractionsClient, customer_id: str, to: str) -> None:
    """Give a customer to another user, like a program that does not use this library."""
    table = crm._services.project.tables.customers
    crm._connection.send(wire.update_row(table, customer_id, {"userId": to}))


def rows_of(crm: InteractionsClient) -> list[str | None]:
    """Return the subjects of all interactions."""
    table = crm._services.project.tables.interactions
    rows = crm._connection.send(wire.list_rows(table, [query.limit(100)]))
    return [row.subject for row in rows.rows]


@every_way
@pytest.mark.parametrize("occurred_at", [None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_what_a_former_owner_creates_is_undone(
    settings: Settings, occurred_at: datetime | None
) -> None:
    """An interaction that the former user creates is rejected, audited and removed."""
    server = EmbeddedAppwrite()
    with client(server, settings) as crm, client(server, settings) as other:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        ada.log_call("before")
        give(other, customer.id, "bob")

        draft = InteractionCreate(interaction_type="call", subject="after", occurred_at=occurred_at)
        with pytest.raises(OwnershipError) as caught:
            ada.create(draft)

        assert not caught.value.may_have_landed
        assert ["before"] == rows_of(crm)
        with pytest.raises(CustomerNotFoundError):
            ada.log_call("again")
        if settings.audit_table is not None:
            assert ["interaction.created", "interaction.refused"] == actions(crm)
    server.close()


def actions(crm: InteractionsClient, *queries: Query) -> list[str]:
    """Return the actions in the audit log."""
    table = crm._services.project.tables.audit
    assert table is not None
    found = crm._connection.send(wire.list_rows(table, [*queries, query.limit(100)]))
    return [entry.action for entry in found.rows]


@every_way
def test_a_former_owner_changes_nothing_of_the_new_one(settings: Settings) -> None:
    """The permissions of a row decide whose it is, so the former user cannot change it."""
    server = EmbeddedAppwrite()
    with client(server, settings) as crm, client(server, settings) as other:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        old = ada.log_call("old")
        give(other, customer.id, "bob")
        bob = other.as_user("bob")
        new = bob.log_call("new")

        with pytest.raises(OwnershipError):
            ada.update(new.id, InteractionUpdate(subject="defaced"))
        with pytest.raises(OwnershipError):
            ada.delete(new.id)
        changed = bob.update(old.id, InteractionUpdate(subject="changed"))

        assert "changed" == changed.subject
        assert "new" == (bob.get(new.id)).subject
    server.close()


def test_an_admin_repeats_what_was_written_for_the_former_owner() -> None:
    """The first attempt is rejected because its row would have the former user's permissions."""
    server = EmbeddedAppwrite()
    with client(server, ATOMIC) as crm, client(server, ATOMIC) as other:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        admin = crm.as_admin("root")
        admin.log_call("before", customer_id=customer.id)
        give(other, customer.id, "bob")

        with pytest.raises(ConflictError, match="given to another user"):
            admin.log_call("after", customer_id=customer.id)
        again = admin.log_call("after", customer_id=customer.id)

        assert 'read("user:bob")' in again.permissions
        assert ["before", "after"] == rows_of(crm)
    server.close()


@every_way
def test_reassign_gives_the_interactions_as_well(settings: Settings) -> None:
    """`reassign()` updates the permissions of all interactions, and a repeat changes nothing."""
    server = EmbeddedAppwrite()
    with client(server, settings) as crm:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        calls = [ada.log_call(str(number)) for number in range(3)]
        told: list[int] = []

        moved = crm.customers.reassign(customer.id, to="bob", on_progress=told.append)
        again = crm.customers.reassign(customer.id, to="bob")

        bob = crm.as_user("bob")
        assert ("bob", "bob") == (moved.user_id, again.user_id)
        assert [3] == told
        rights = ['read("user:bob")', 'update("user:bob")', 'delete("user:bob")']
        assert [rights] * 3 == [row.permissions for row in bob.iterate()]
        with pytest.raises(InteractionsError):
            crm.as_user("ada").get(calls[0].id)
        if settings.audit_table is not None:
            about_it = query.equal("entityId", customer.id)
            expected = ["customer.reassigning", "customer.reassigned"]
            assert expected == actions(crm, about_it)
    server.close()


def test_what_comes_after_is_of_the_new_owner() -> None:
    """The next recurrence gets the new user's permissions, whichever user the admin has cached."""
    server = EmbeddedAppwrite()
    with client(server, ATOMIC) as crm, client(server, ATOMIC) as other:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        admin = crm.as_admin("root")
        due = utc_now() + timedelta(days=1)
        first = admin.log_task(
            "call back", customer_id=customer.id, next_action_date=due, recurrence="FREQ=DAILY"
        )
        other.customers.reassign(customer.id, to="bob")

        admin.follow_ups.complete(first.id)

        [following] = [row for row in admin.follow_ups.upcoming(timedelta(days=9))]
        rights = ['read("user:bob")', 'update("user:bob")', 'delete("user:bob")']
        assert rights == following.permissions
    server.close()


def test_what_is_undone_leaves_no_due_date() -> None:
    """An undone create, of one draft or of many, does not change the customer's next due date."""
    server = EmbeddedAppwrite()
    with client(server, ATOMIC) as crm, client(server, ATOMIC) as other:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        admin = crm.as_admin("root")
        drafts = [
            InteractionCreate(
                interaction_type="task",
                subject=str(days),
                customer_id=customer.id,
                next_action_date=utc_now().replace(microsecond=0) + timedelta(days=days),
            )
            for days in (3, 2, 1)
        ]
        first = admin.create(drafts[0])
        give(other, customer.id, "bob")

        with pytest.raises(ConflictError, match="given to another user"):
            admin.create(drafts[1])
        there = other.customers.get(customer.id)
        give(other, customer.id, "cleo")
        undone = admin.create_many(drafts[2:])

        assert first.next_action_date == there.next_follow_up_at
        assert isinstance(undone[0].error, ConflictError)
        there = other.customers.get(customer.id)
        assert first.next_action_date == there.next_follow_up_at
    server.close()


@pytest.mark.parametrize("stage", ["request", "answer"])
@pytest.mark.parametrize("first", range(3, 8))
def test_an_interrupted_reassign_is_audited_once_repeated(stage: str, first: int) -> None:
    """A `reassign()` that failed at any request is audited once when it is repeated."""
    fault = Fault.REFUSED if stage == "request" else Fault.TIMEOUT_AFTER_WRITE
    server = EmbeddedAppwrite()
    transport = FaultyTransport(server.transport, fault, first=first, count=None)
    with client(server, ATOMIC) as aside, client(server, ATOMIC, transport) as crm:
        aside.schema.apply()
        customer = aside.customers.ensure("ada")
        aside.as_user("ada").log_call("call")

        with pytest.raises(InteractionsError):
            crm.customers.reassign(customer.id, to="bob")
        for _ in range(2):
            aside.customers.reassign(customer.id, to="bob")

        about_it = query.equal("entityId", customer.id)
        expected = ["customer.reassigning", "customer.reassigned"]
        assert expected == actions(aside, about_it)
        assert "bob" == (aside.customers.get(customer.id)).user_id
    server.close()


def test_what_is_created_for_a_customer_that_is_erased_is_undone() -> None:
    """The new interaction is deleted if the customer has been erased in the meantime."""
    server = EmbeddedAppwrite()
    others = Meanwhile(server, ATOMIC)
    with client(server, ATOMIC) as aside, client(server, ATOMIC, others) as crm:
        aside.schema.apply()
        customer = aside.customers.ensure("ada")
        others.before(
            "PATCH",
            "*/customers/*",
            lambda other: other.as_admin("root").erase_customer(customer.id),
        )

        with pytest.raises(CustomerNotFoundError):
            crm.as_admin("root").log_call("call", customer_id=customer.id)

        assert [] == rows_of(aside)
    server.close()


def test_a_reassign_whose_answer_is_lost_is_found_again() -> None:
    """If the response was lost, the retry conflicts with its own change and succeeds."""
    server = EmbeddedAppwrite()
    transport = FaultyTransport(server.transport, Fault.RESET_AFTER_WRITE, first=1, method="PATCH")
    with client(server, ATOMIC) as aside, client(server, ATOMIC, transport) as crm:
        aside.schema.apply()
        customer = aside.customers.ensure("ada")

        moved = crm.customers.reassign(customer.id, to="bob")

        assert "bob" == moved.user_id
        about_it = query.equal("entityId", customer.id)
        expected = ["customer.reassigning", "customer.reassigned"]
        assert expected == actions(aside, about_it)
    server.close()


@pytest.mark.parametrize("lost", [True, False])
def test_a_reassign_that_others_forestall_is_refused(*, lost: bool) -> None:
    """`reassign()` is rejected if another program reassigns the customer first."""
    server = EmbeddedAppwrite()
    others = Meanwhile(server, ATOMIC)
    fault = Fault.RESET_AFTER_WRITE if lost else None
    transport = FaultyTransport(others, fault, first=1, method="PATCH")
    with client(server, ATOMIC) as aside, client(server, ATOMIC, transport) as crm:
        aside.schema.apply()
        customer = aside.customers.ensure("ada")
        others.before(
            "PATCH",
            "*/customers/*",
            lambda other: other.customers.reassign(customer.id, to="cleo"),
            number=1 + lost,
        )

        with pytest.raises(ConflictError) as refused:
            crm.customers.reassign(customer.id, to="bob")

        assert lost == refused.value.may_have_landed
        assert "cleo" == (aside.customers.get(customer.id)).user_id
    server.close()


def test_entries_of_other_programs_are_ignored() -> None:
    """An audit entry of another program is not taken for an interrupted `reassign()`."""
    server = EmbeddedAppwrite()
    with client(server, ATOMIC) as crm:
        crm.schema.apply()
        customer = crm.customers.ensure("ada")
        entry = {"action": "customer.reassigning", "userId": "ada", "details": '{"to": "ada"}'}
        with crm.transaction() as transaction:
            transaction.create("audit_logs", "odd", {**entry, "entityId": customer.id})

        crm.customers.reassign(customer.id, to="ada")

        about_it = query.equal("entityId", customer.id)
        assert ["customer.reassigning"] == actions(crm, about_it)
    server.close()


@pytest.mark.parametrize("change", ["updated", "deleted"])
def test_reassign_goes_on_while_others_write(change: str) -> None:
    """Rows that change during `reassign()` keep the changes; deleted ones are skipped."""
    server = EmbeddedAppwrite()
    transport = Meanwhile(server, ATOMIC)
    with client(server, ATOMIC) as aside, client(server, ATOMIC, transport) as crm:
        aside.schema.apply()
        customer = aside.customers.ensure("ada")
        ada = aside.as_user("ada")
        calls = [ada.log_call(str(number)) for number in range(3)]

        def act(other: InteractionsClient) -> None:
            admin = other.as_admin("root")
            if change == "updated":
                admin.update(calls[0].id, InteractionUpdate(outcome="busy"))
            else:
                admin.delete(calls[0].id)

        transport.before("PATCH", "*/transactions/*", act)
        crm.customers.reassign(customer.id, to="bob")

        left = calls if change == "updated" else calls[1:]
        bob = aside.as_user("bob")
        assert {each.id for each in left} == {row.id for row in bob.iterate()}
        rights = ['read("user:bob")', 'update("user:bob")', 'delete("user:bob")']
        assert [rights] * len(left) == [row.permissions for row in bob.iterate()]
    server.close()


def test_reassign_lets_the_new_user_read_the_record() -> None:
    """With `user_sessions`, the permissions of the customer's row are replaced, too."""
    sessions = ATOMIC.model_copy(update={"user_sessions": True})
    with InteractionsClient.embedded(settings=sessions) as crm:
        customer = crm.customers.ensure("ada")
        moved = crm.customers.reassign(customer.id, to="bob")
        assert 'read("user:bob")' in moved.permissions
        assert not [each for each in moved.permissions if "ada" in each]


def test_reassign_refuses_a_user_that_has_a_record() -> None:
    """A user who has a record already cannot get another, and nothing is changed."""
    with InteractionsClient.embedded(settings=ATOMIC) as crm:
        ada, bob = crm.customers.ensure("ada"), crm.customers.ensure("bob")

        with pytest.raises(ConflictError, match="already has a customer record"):
            crm.customers.reassign(ada.id, to="bob")

        assert ada == crm.customers.get(ada.id)
        assert bob == crm.customers.reassign(bob.id, to="bob")


@pytest.mark.unmeasured
@every_way
def test_missing_and_foreign_interactions_look_the_same(settings: Settings) -> None:
    """Errors about missing and other customers' interactions have the same class, text and cost."""
    sent: list[object] = []
    with InteractionsClient.embedded(settings=settings, on_request=sent.append) as crm:
        crm.customers.ensure("ada")
        crm.customers.ensure("bob")
        foreign = (crm.as_user("ada").log_call("hers")).id
        bob = crm.as_user("bob")
        seen: dict[str, list[tuple[type, str, int]]] = {foreign: [], "0" * 32: []}
        for id, told in seen.items():
            for operation in (
                bob.get,
                bob.delete,
                bob.follow_ups.complete,
                bob.follow_ups.cancel,
                lambda id: bob.follow_ups.snooze(id, by=timedelta(days=1)),
                lambda id: bob.update(id, InteractionUpdate(subject="x")),
            ):
                crm._services.clear_caches()
                sent.clear()
                with pytest.raises(OwnershipError) as caught:
                    operation(id)
                told.append((type(caught.value), caught.value.message.replace(id, "ID"), len(sent)))

    assert seen[foreign] == seen["0" * 32]
