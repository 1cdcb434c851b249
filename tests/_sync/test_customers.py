# Generated from tests/_async/test_customers.py by scripts/unasync.py; do not edit.
"""Customer records and `reconcile()`."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interactions_sdk import (
    BadRequestError,
    ConflictError,
    CustomerColumns,
    CustomerNotFoundError,
    InteractionRepository,
    InteractionsClient,
    Reconciliation,
    RetryPolicy,
    ServerError,
    Settings,
    wire,
)
from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire.call import parse_nothing
from tests.meanwhile import Meanwhile


def test_a_customer_is_created_once(crm: InteractionsClient) -> None:
    """A second record for a user is a conflict, and the error suggests `ensure()`."""
    customer = crm.customers.create(user_id="ada")
    assert ("ada", None, None) == (
        customer.user_id,
        customer.last_contact_at,
        customer.next_follow_up_at,
    )
    with pytest.raises(ConflictError, match="ensure"):
        crm.customers.create(user_id="ada")
    assert customer == crm.customers.ensure("ada")
    assert customer == crm.customers.get(id=customer.id)
    assert customer == crm.customers.get_by_user_id("ada")


def test_a_missing_customer_is_told_as_such(crm: InteractionsClient) -> None:
    """Lookups by ID, by a look-alike ID and by user raise the error."""
    crm.customers.create(user_id="ada", id="c1")
    for missing in ("nope", "C1"):
        with pytest.raises(CustomerNotFoundError):
            crm.customers.get(missing)
    for user in ("bob", "ADA"):
        with pytest.raises(CustomerNotFoundError, match="create your customer profile"):
            crm.customers.get_by_user_id(user)


def test_a_user_of_the_same_letters_is_another_one(crm: InteractionsClient) -> None:
    """`Ada` cannot read what `ada` logged, though Appwrite's equality matches both."""
    crm.customers.ensure("ada")
    crm.as_user("ada").log_call("Secret")
    assert [] == list((crm.as_user("Ada").find()).items)


def test_users_of_the_same_letters_cannot_both_have_a_record(
    crm: InteractionsClient,
) -> None:
    """The unique index rejects the second record, and the error explains why."""
    crm.customers.ensure("ada")
    with pytest.raises(ConflictError, match="differ only in case"):
        crm.customers.ensure("Ada")


def test_columns_of_ones_own_are_named_in_the_error(crm: InteractionsClient) -> None:
    """An unknown column is rejected with a hint."""
    with pytest.raises(
        BadRequestError,
        match=r"Unknown attribute: \"colour\"\. Pass the columns that the customers table requires",
    ):
        crm.customers.create(user_id="ada", colour="red")


def test_columns_of_ones_own_may_be_of_any_kind(crm: InteractionsClient) -> None:
    """Lists and times are accepted; values that no column can hold are rejected."""
    columns = "/tablesdb/console-db/tables/customers/columns"
    for kind, column in (
        ("string", b'{"key":"tags","size":20,"required":false,"array":true}'),
        ("datetime", b'{"key":"since","required":false}'),
    ):
        path = f"{columns}/{kind}"
        crm._connection.send(wire.Call("POST", path, path, parse_nothing, column))
    ada = crm.customers.create(user_id="ada", tags=["vip"], since=datetime(2026, 5, 1, tzinfo=UTC))
    bob = crm.customers.ensure("bob", tags=["vip", "new"])
    assert ["vip"] == (ada.model_extra or {})["tags"]
    assert "2026-05-01T00:00:00.000+00:00" == (ada.model_extra or {})["since"]
    assert ["vip", "new"] == (bob.model_extra or {})["tags"]
    with pytest.raises(BadRequestError, match="cannot be sent as JSON") as caught:
        crm.customers.create(user_id="eve", tags={"vip"})
    assert "Pass the columns" not in str(caught.value)


def test_columns_may_have_other_names() -> None:
    """A customers table with other column names can be read and written."""
    columns = CustomerColumns(user_id="owner", last_contact_at="seenAt", next_follow_up_at="dueAt")
    with InteractionsClient.embedded(settings=Settings(customer_columns=columns)) as crm:
        crm.customers.ensure("ada")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        call = crm.as_user("ada").log_call("Intro", next_action_date=due)
        customer = crm.customers.get_by_user_id("ada")
        assert ("ada", call.created_at, due) == (
            customer.user_id,
            customer.last_contact_at,
            customer.next_follow_up_at,
        )


def test_a_failed_touch_does_not_fail_the_create(
    crm: InteractionsClient,
    ada: InteractionRepository,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A failed update of the dates is logged, and `reconcile` repairs it."""
    customer = crm.customers.get_by_user_id("ada")
    send = Connection.send

    def fail(self: Connection, request: wire.Call[object]) -> object:
        if "/customers/" in request.path and request.method == "PATCH":
            raise ServerError("Out of order.")
        return send(self, request)

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING, "interactions_sdk"):
        patched.setattr(Connection, "send", fail)
        call = ada.log_call("Intro")
    assert [True] == [f"reconcile('{customer.id}')" in r.getMessage() for r in caplog.records]
    assert Reconciliation(1, 1, 0) == crm.customers.reconcile(customer.id)
    assert call.created_at == (crm.customers.get(customer.id)).last_contact_at


def test_nothing_is_left_of_a_create_for_a_customer_that_is_gone(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """If the customer was erased in the meantime, the new interaction is deleted again."""
    ada.log_call("Makes the client know the customer")
    customer = crm.customers.get_by_user_id("ada")
    crm.as_admin("root").erase_customer(customer.id)
    crm._services.customer_store.cache(customer)

    with pytest.raises(CustomerNotFoundError):
        ada.log_call("Intro")

    assert 0 == crm.as_admin("root").count()


class Stopped(BaseException):
    """An exception like the cancellation of a task."""


def test_an_interrupted_touch_is_told_of(
    ada: InteractionRepository,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If a create is interrupted before the dates are updated, the log suggests `reconcile()`."""
    call = ada.log_call("Intro")
    send = Connection.send

    def stop(self: Connection, request: wire.Call[object]) -> object:
        if "/customers/" in request.path and request.method == "PATCH":
            raise Stopped
        return send(self, request)

    monkeypatch.setattr(Connection, "send", stop)
    with pytest.raises(Stopped):
        ada.log_call("Interrupted")
    assert f"reconcile('{call.customer_id}')" in caplog.text
    assert 2 == ada.count()


def test_reconcile_writes_missing_audit_rows(
    crm: InteractionsClient,
    ada: InteractionRepository,
    bob: InteractionRepository,
) -> None:
    """Rows of other programs get an audit row and update the dates, once."""
    bob.log_call("Known")
    customer = crm.customers.get_by_user_id("ada")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    row = {
        "customerId": customer.id,
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        "nextActionDate": due.isoformat(),
    }
    table = crm._services.project.tables.interactions
    written = crm._connection.send(wire.create_row(table, "theirs", row))
    assert Reconciliation(2, 1, 1) == crm.customers.reconcile()
    assert Reconciliation(2, 0, 0) == crm.customers.reconcile()
    after = crm.customers.get(customer.id)
    assert (written.created_at, due) == (after.last_contact_at, after.next_follow_up_at)
    assert 1 == ada.count()


@pytest.mark.parametrize("metadata", ["not JSON", "[" * 4000, f'{{"a":{"9" * 4900}}}', "NaN", None])
def test_reconcile_passes_over_whatever_stands_in_the_metadata(
    crm: InteractionsClient, metadata: str | None
) -> None:
    """Invalid metadata does not stop `reconcile()`."""
    customer = crm.customers.ensure("ada")
    row = {
        "customerId": customer.id,
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        "metadata": metadata,
    }
    crm._connection.send(wire.create_row(crm._services.project.tables.interactions, "theirs", row))
    with pytest.raises(ConflictError, match="from another draft"):
        crm.as_user("ada").log_call("Another", id="theirs")
    assert Reconciliation(1, 1, 1) == crm.customers.reconcile()
    assert Reconciliation(1, 0, 0) == crm.customers.reconcile()


def test_reconcile_does_not_move_the_last_contact_back(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """The last contact stays even if its interaction was deleted."""
    call = ada.log_call("Intro")
    ada.delete(call.id)
    crm.customers.reconcile(call.customer_id)
    assert call.created_at == (crm.customers.get(call.customer_id)).last_contact_at


def test_reconcile_without_an_audit_log() -> None:
    """Without an audit log, no audit row counts as missing."""
    with InteractionsClient.embedded(settings=Settings(audit_table=None)) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Intro")
        assert Reconciliation(1, 0, 0) == crm.customers.reconcile()


def test_a_dry_run_tells_and_writes_nothing(crm: InteractionsClient) -> None:
    """A dry run reports exactly what a real run repairs, with progress for each customer."""
    customer = crm.customers.ensure("ada")
    crm.customers.ensure("bob")
    call = crm.as_user("ada").log_call("Renewal")
    with crm.transaction() as transaction:
        transaction.update("customers", customer.id, {"lastContactAt": None})
        transaction.delete("audit_logs", audit_row_id(call.id, CREATED))
    told: list[Reconciliation] = []

    would = crm.customers.reconcile(dry_run=True, on_progress=told.append)

    assert Reconciliation(customers_checked=2, dates_updated=1, audit_rows_added=1) == would
    assert (2, would) == (len(told), told[-1])
    assert (crm.customers.get(customer.id)).last_contact_at is None
    assert replace(would, customers_checked=1) == crm.customers.reconcile(customer.id, dry_run=True)
    assert would == crm.customers.reconcile()


def test_reconcile_moves_a_last_contact_back_from_the_future(
    crm: InteractionsClient,
    ada: InteractionRepository,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A last contact in the future is corrected, and the correction is logged."""
    call = ada.log_call("Intro")
    customer = crm.customers.get_by_user_id("ada")
    table = crm._services.project.tables.customers
    ahead = {"lastContactAt": (datetime.now(UTC) + timedelta(days=400)).isoformat()}
    crm._connection.send(wire.update_row(table, customer.id, ahead))

    foreseen = crm.customers.reconcile(customer.id, dry_run=True)
    with caplog.at_level(logging.WARNING, "interactions_sdk"):
        repaired = crm.customers.reconcile(customer.id)

    assert foreseen == repaired == Reconciliation(1, 1, 0)
    assert call.created_at == (crm.customers.get(customer.id)).last_contact_at
    assert ["moved back" in record.getMessage() for record in caplog.records] == [True]
    assert Reconciliation(1, 0, 0) == crm.customers.reconcile(customer.id)


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("changed", [True, False])
def test_an_update_whose_answer_is_lost_is_found_again(*, lost: bool, changed: bool) -> None:
    """A retry of an applied update succeeds, unless the customer was changed in between."""
    settings = Settings(verify_users=False)
    with EmbeddedAppwrite() as server:
        others = Meanwhile(server, settings)
        fault = Fault.RESET_AFTER_WRITE if lost else None
        transport = FaultyTransport(others, fault, first=1, method="PATCH")
        retry = RetryPolicy(retries=1, initial_delay=0.0, max_delay=0.0)
        with InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=settings,
            transport=transport,
            retry=retry,
        ) as crm:
            crm.schema.apply()
            ada = crm.customers.ensure("ada")
            if changed:
                others.before(
                    "PATCH",
                    "*/customers/*",
                    lambda other: other.customers.update(
                        ada.id, name="Countess", email="a@b.example"
                    ),
                    number=1 + lost,
                )
                with pytest.raises(ConflictError) as refused:
                    crm.customers.update(ada.id, name="Ada", if_unchanged_since=ada.updated_at)
                assert lost == refused.value.may_have_landed
            else:
                renamed = crm.customers.update(
                    ada.id, name="Ada", if_unchanged_since=ada.updated_at
                )
                assert "Ada" == renamed.name
                assert "Ada" == (crm.customers.get(ada.id)).name
