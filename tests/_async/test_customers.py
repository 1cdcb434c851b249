"""Customer records and `reconcile()`."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    CustomerColumns,
    CustomerNotFoundError,
    Reconciliation,
    RetryPolicy,
    ServerError,
    Settings,
    wire,
)
from interactions_sdk._async.connection.connection import AsyncConnection
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire.call import parse_nothing
from tests.meanwhile import Meanwhile

pytestmark = pytest.mark.anyio


async def test_a_customer_is_created_once(acrm: AsyncInteractionsClient) -> None:
    """A second record for a user is a conflict, and the error suggests `ensure()`."""
    customer = await acrm.customers.create(user_id="ada")
    assert ("ada", None, None) == (
        customer.user_id,
        customer.last_contact_at,
        customer.next_follow_up_at,
    )
    with pytest.raises(ConflictError, match="ensure"):
        await acrm.customers.create(user_id="ada")
    assert customer == await acrm.customers.ensure("ada")
    assert customer == await acrm.customers.get(id=customer.id)
    assert customer == await acrm.customers.get_by_user_id("ada")


async def test_a_missing_customer_is_told_as_such(acrm: AsyncInteractionsClient) -> None:
    """Lookups by ID, by a look-alike ID and by user raise the error."""
    await acrm.customers.create(user_id="ada", id="c1")
    for missing in ("nope", "C1"):
        with pytest.raises(CustomerNotFoundError):
            await acrm.customers.get(missing)
    for user in ("bob", "ADA"):
        with pytest.raises(CustomerNotFoundError, match="create your customer profile"):
            await acrm.customers.get_by_user_id(user)


async def test_a_user_of_the_same_letters_is_another_one(acrm: AsyncInteractionsClient) -> None:
    """`Ada` cannot read what `ada` logged, though Appwrite's equality matches both."""
    await acrm.customers.ensure("ada")
    await acrm.as_user("ada").log_call("Secret")
    assert [] == list((await acrm.as_user("Ada").find()).items)


async def test_users_of_the_same_letters_cannot_both_have_a_record(
    acrm: AsyncInteractionsClient,
) -> None:
    """The unique index rejects the second record, and the error explains why."""
    await acrm.customers.ensure("ada")
    with pytest.raises(ConflictError, match="differ only in case"):
        await acrm.customers.ensure("Ada")


async def test_columns_of_ones_own_are_named_in_the_error(acrm: AsyncInteractionsClient) -> None:
    """An unknown column is rejected with a hint."""
    with pytest.raises(
        BadRequestError,
        match=r"Unknown attribute: \"colour\"\. Pass the columns that the customers table requires",
    ):
        await acrm.customers.create(user_id="ada", colour="red")


async def test_columns_of_ones_own_may_be_of_any_kind(acrm: AsyncInteractionsClient) -> None:
    """Lists and times are accepted; values that no column can hold are rejected."""
    columns = "/tablesdb/console-db/tables/customers/columns"
    for kind, column in (
        ("string", b'{"key":"tags","size":20,"required":false,"array":true}'),
        ("datetime", b'{"key":"since","required":false}'),
    ):
        path = f"{columns}/{kind}"
        await acrm._connection.send(wire.Call("POST", path, path, parse_nothing, column))
    ada = await acrm.customers.create(
        user_id="ada", tags=["vip"], since=datetime(2026, 5, 1, tzinfo=UTC)
    )
    bob = await acrm.customers.ensure("bob", tags=["vip", "new"])
    assert ["vip"] == (ada.model_extra or {})["tags"]
    assert "2026-05-01T00:00:00.000+00:00" == (ada.model_extra or {})["since"]
    assert ["vip", "new"] == (bob.model_extra or {})["tags"]
    with pytest.raises(BadRequestError, match="cannot be sent as JSON") as caught:
        await acrm.customers.create(user_id="eve", tags={"vip"})
    assert "Pass the columns" not in str(caught.value)


async def test_columns_may_have_other_names() -> None:
    """A customers table with other column names can be read and written."""
    columns = CustomerColumns(user_id="owner", last_contact_at="seenAt", next_follow_up_at="dueAt")
    async with AsyncInteractionsClient.embedded(settings=Settings(customer_columns=columns)) as crm:
        await crm.customers.ensure("ada")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        call = await crm.as_user("ada").log_call("Intro", next_action_date=due)
        customer = await crm.customers.get_by_user_id("ada")
        assert ("ada", call.created_at, due) == (
            customer.user_id,
            customer.last_contact_at,
            customer.next_follow_up_at,
        )


async def test_a_failed_touch_does_not_fail_the_create(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A failed update of the dates is logged, and `reconcile` repairs it."""
    customer = await acrm.customers.get_by_user_id("ada")
    send = AsyncConnection.send

    async def fail(self: AsyncConnection, request: wire.Call[object]) -> object:
        if "/customers/" in request.path and request.method == "PATCH":
            raise ServerError("Out of order.")
        return await send(self, request)

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING, "interactions_sdk"):
        patched.setattr(AsyncConnection, "send", fail)
        call = await ada.log_call("Intro")
    assert [True] == [f"reconcile('{customer.id}')" in r.getMessage() for r in caplog.records]
    assert Reconciliation(1, 1, 0) == await acrm.customers.reconcile(customer.id)
    assert call.created_at == (await acrm.customers.get(customer.id)).last_contact_at


async def test_nothing_is_left_of_a_create_for_a_customer_that_is_gone(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """If the customer was erased in the meantime, the new interaction is deleted again."""
    await ada.log_call("Makes the client know the customer")
    customer = await acrm.customers.get_by_user_id("ada")
    await acrm.as_admin("root").erase_customer(customer.id)
    acrm._services.customer_store.cache(customer)

    with pytest.raises(CustomerNotFoundError):
        await ada.log_call("Intro")

    assert 0 == await acrm.as_admin("root").count()


class Stopped(BaseException):
    """An exception like the cancellation of a task."""


async def test_an_interrupted_touch_is_told_of(
    ada: AsyncInteractionRepository,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If a create is interrupted before the dates are updated, the log suggests `reconcile()`."""
    call = await ada.log_call("Intro")
    send = AsyncConnection.send

    async def stop(self: AsyncConnection, request: wire.Call[object]) -> object:
        if "/customers/" in request.path and request.method == "PATCH":
            raise Stopped
        return await send(self, request)

    monkeypatch.setattr(AsyncConnection, "send", stop)
    with pytest.raises(Stopped):
        await ada.log_call("Interrupted")
    assert f"reconcile('{call.customer_id}')" in caplog.text
    assert 2 == await ada.count()


async def test_reconcile_writes_missing_audit_rows(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> None:
    """Rows of other programs get an audit row and update the dates, once."""
    await bob.log_call("Known")
    customer = await acrm.customers.get_by_user_id("ada")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    row = {
        "customerId": customer.id,
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        "nextActionDate": due.isoformat(),
    }
    table = acrm._services.project.tables.interactions
    written = await acrm._connection.send(wire.create_row(table, "theirs", row))
    assert Reconciliation(2, 1, 1) == await acrm.customers.reconcile()
    assert Reconciliation(2, 0, 0) == await acrm.customers.reconcile()
    after = await acrm.customers.get(customer.id)
    assert (written.created_at, due) == (after.last_contact_at, after.next_follow_up_at)
    assert 1 == await ada.count()


@pytest.mark.parametrize("metadata", ["not JSON", "[" * 4000, f'{{"a":{"9" * 4900}}}', "NaN", None])
async def test_reconcile_passes_over_whatever_stands_in_the_metadata(
    acrm: AsyncInteractionsClient, metadata: str | None
) -> None:
    """Invalid metadata does not stop `reconcile()`."""
    customer = await acrm.customers.ensure("ada")
    row = {
        "customerId": customer.id,
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        "metadata": metadata,
    }
    await acrm._connection.send(
        wire.create_row(acrm._services.project.tables.interactions, "theirs", row)
    )
    with pytest.raises(ConflictError, match="from another draft"):
        await acrm.as_user("ada").log_call("Another", id="theirs")
    assert Reconciliation(1, 1, 1) == await acrm.customers.reconcile()
    assert Reconciliation(1, 0, 0) == await acrm.customers.reconcile()


async def test_reconcile_does_not_move_the_last_contact_back(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The last contact stays even if its interaction was deleted."""
    call = await ada.log_call("Intro")
    await ada.delete(call.id)
    await acrm.customers.reconcile(call.customer_id)
    assert call.created_at == (await acrm.customers.get(call.customer_id)).last_contact_at


async def test_reconcile_without_an_audit_log() -> None:
    """Without an audit log, no audit row counts as missing."""
    async with AsyncInteractionsClient.embedded(settings=Settings(audit_table=None)) as crm:
        await crm.customers.ensure("ada")
        await crm.as_user("ada").log_call("Intro")
        assert Reconciliation(1, 0, 0) == await crm.customers.reconcile()


async def test_a_dry_run_tells_and_writes_nothing(acrm: AsyncInteractionsClient) -> None:
    """A dry run reports exactly what a real run repairs, with progress for each customer."""
    customer = await acrm.customers.ensure("ada")
    await acrm.customers.ensure("bob")
    call = await acrm.as_user("ada").log_call("Renewal")
    async with acrm.transaction() as transaction:
        transaction.update("customers", customer.id, {"lastContactAt": None})
        transaction.delete("audit_logs", audit_row_id(call.id, CREATED))
    told: list[Reconciliation] = []

    would = await acrm.customers.reconcile(dry_run=True, on_progress=told.append)

    assert Reconciliation(customers_checked=2, dates_updated=1, audit_rows_added=1) == would
    assert (2, would) == (len(told), told[-1])
    assert (await acrm.customers.get(customer.id)).last_contact_at is None
    assert replace(would, customers_checked=1) == await acrm.customers.reconcile(
        customer.id, dry_run=True
    )
    assert would == await acrm.customers.reconcile()


async def test_reconcile_moves_a_last_contact_back_from_the_future(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A last contact in the future is corrected, and the correction is logged."""
    call = await ada.log_call("Intro")
    customer = await acrm.customers.get_by_user_id("ada")
    table = acrm._services.project.tables.customers
    ahead = {"lastContactAt": (datetime.now(UTC) + timedelta(days=400)).isoformat()}
    await acrm._connection.send(wire.update_row(table, customer.id, ahead))

    foreseen = await acrm.customers.reconcile(customer.id, dry_run=True)
    with caplog.at_level(logging.WARNING, "interactions_sdk"):
        repaired = await acrm.customers.reconcile(customer.id)

    assert foreseen == repaired == Reconciliation(1, 1, 0)
    assert call.created_at == (await acrm.customers.get(customer.id)).last_contact_at
    assert ["moved back" in record.getMessage() for record in caplog.records] == [True]
    assert Reconciliation(1, 0, 0) == await acrm.customers.reconcile(customer.id)


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("changed", [True, False])
async def test_an_update_whose_answer_is_lost_is_found_again(*, lost: bool, changed: bool) -> None:
    """A retry of an applied update succeeds, unless the customer was changed in between."""
    settings = Settings(verify_users=False)
    with EmbeddedAppwrite() as server:
        others = Meanwhile(server, settings)
        fault = Fault.RESET_AFTER_WRITE if lost else None
        transport = FaultyTransport(others, fault, first=1, method="PATCH")
        retry = RetryPolicy(retries=1, initial_delay=0.0, max_delay=0.0)
        async with AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=settings,
            transport=transport,
            retry=retry,
        ) as crm:
            await crm.schema.apply()
            ada = await crm.customers.ensure("ada")
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
                    await crm.customers.update(
                        ada.id, name="Ada", if_unchanged_since=ada.updated_at
                    )
                assert lost == refused.value.may_have_landed
            else:
                renamed = await crm.customers.update(
                    ada.id, name="Ada", if_unchanged_since=ada.updated_at
                )
                assert "Ada" == renamed.name
                assert "Ada" == (await crm.customers.get(ada.id)).name
