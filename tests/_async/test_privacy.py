"""Privacy: everything about a customer, handed out or erased, and No data found for another one."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    Customer,
    CustomerNotFoundError,
    InteractionCreate,
    InteractionMetadata,
    InteractionsError,
    InteractionType,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    reports,
)
from interactions_sdk._async import privacy
from interactions_sdk.embedded_setup import start_embedded
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.transfer import ErasureResult

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

pytestmark = pytest.mark.anyio

MAY = datetime(2020, 5, 1, 10, tzinfo=UTC)
NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
SETTINGS = Settings(verify_users=False)


def drafts(who: str) -> list[InteractionCreate]:
    """Return interactions that say something secret."""
    secret = f"secret of {who}"
    kinds = (InteractionType.CALL, InteractionType.NOTE, InteractionType.EMAIL)
    return [
        InteractionCreate(
            interaction_type=kind,
            subject=secret,
            description=secret,
            next_action=secret,
            related_entity_type="invoice",
            related_entity_id=secret,
            metadata=InteractionMetadata(tags=[secret]),
            duration=5,
            occurred_at=MAY + timedelta(days=number),
            id=f"{who}-{number}",
        )
        for number, kind in enumerate(kinds)
    ]


@pytest.fixture
async def ada_customer(acrm: AsyncInteractionsClient) -> Customer:
    """Return a customer with interactions, next to another one."""
    for who in ("ada", "bob"):
        await acrm.customers.ensure(who)
        (await acrm.as_user(who).create_many(drafts(who))).raise_for_failures()
    return await acrm.customers.get_by_user_id("ada")


@pytest.fixture
def root(acrm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the repository of an admin."""
    return acrm.as_admin("root")


async def test_everything_about_a_customer(
    acrm: AsyncInteractionsClient, ada_customer: Customer, root: AsyncInteractionRepository
) -> None:
    """Record, interactions and audit log are one JSON, without a word about others."""
    bob = acrm.as_user("bob")
    with suppress(LookupError):
        await bob.delete("ada-0")
    with suppress(LookupError):
        await bob.log_call("Intro", customer_id=ada_customer.id.upper())
    found = json.loads(json.dumps(await root.export_customer(ada_customer.id)))
    assert ada_customer.id == found["customer"]["$id"]
    assert ["ada-0", "ada-1", "ada-2"] == [row["$id"] for row in found["interactions"]]
    assert "secret of ada" == found["interactions"][0]["subject"]
    assert ["interaction.created"] * 3 + ["interaction.refused"] == sorted(
        row["action"] for row in found["audit"]
    )
    assert "secret of bob" not in json.dumps(found)


async def test_what_is_left_of_a_customer_is_found(
    acrm: AsyncInteractionsClient, ada_customer: Customer, root: AsyncInteractionRepository
) -> None:
    """The record may be gone, or in another case; where there is nothing, that is an error."""
    async with acrm.transaction() as transaction:
        transaction.delete("customers", ada_customer.id)
    found = await root.export_customer(ada_customer.id)
    assert (None, 3) == (found["customer"], len(found["interactions"]))
    with pytest.raises(CustomerNotFoundError, match="No data found for customer"):
        await root.export_customer("nobody")
    bob = await acrm.customers.get_by_user_id("bob")
    with pytest.raises(CustomerNotFoundError):
        await root.export_customer(bob.id.upper())


async def test_who_was_erased_is_not_remembered() -> None:
    """What the program has just read of a customer writes nothing more about it."""
    async with AsyncInteractionsClient.embedded() as crm:
        customer = await crm.customers.ensure("ada")
        ada, root = crm.as_user("ada"), crm.as_admin("root")
        await ada.log_call("Intro")
        await root.erase_customer(customer.id)
        with pytest.raises(CustomerNotFoundError):
            await ada.log_call("Too late")
        with pytest.raises(CustomerNotFoundError):
            await root.log_call("Too late", customer_id=customer.id)
        assert 0 == await root.count()


@pytest.mark.parametrize("audit_table", ["audit_logs", None])
async def test_a_customer_is_deleted(audit_table: str | None) -> None:
    """Nothing but the audit log is left, and it holds none of the words."""
    settings = Settings(verify_users=False, audit_table=audit_table)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        for who in ("ada", "bob"):
            await crm.customers.ensure(who)
            (await crm.as_user(who).create_many(drafts(who))).raise_for_failures()
        ada = await crm.customers.get_by_user_id("ada")
        root = crm.as_admin("root")
        if audit_table is None:
            redacted = await root.erase_customer(ada.id, "redact")
            assert ErasureResult(3, 0, customer=False) == redacted
        assert ErasureResult(3, 0, customer=True) == await root.erase_customer(ada.id)
        assert {"bob-0", "bob-1", "bob-2"} == {each.id async for each in root.iterate()}
        with pytest.raises(CustomerNotFoundError):
            await crm.customers.get(ada.id)
        assert ErasureResult(0, 0, customer=False) == await root.erase_customer(ada.id)
        if audit_table is None:
            with pytest.raises(CustomerNotFoundError):
                await root.export_customer(ada.id)
            return
        left = await root.export_customer(ada.id)
        actions = sorted(row["action"] for row in left["audit"])
        assert ["customer.erased", *["interaction.created"] * 3] == actions[:4]
        assert ["interaction.erased"] * 3 == actions[4:]
        assert "secret" not in json.dumps(left)


async def test_a_customer_is_redacted(
    ada_customer: Customer, root: AsyncInteractionRepository, acrm: AsyncInteractionsClient
) -> None:
    """Words and links go; what reports count stays, and so does the customer record."""
    assert ErasureResult(3, 0, customer=False) == await root.erase_customer(
        ada_customer.id, mode="redact"
    )
    found = await root.export_customer(ada_customer.id)
    assert "secret" not in json.dumps(found)
    assert [("call", None, 5), ("note", "[erased]", 5), ("email", None, 5)] == [
        (row["interactionType"], row.get("description"), row["duration"])
        for row in found["interactions"]
    ]
    assert ada_customer == await acrm.customers.get(ada_customer.id)
    again = await root.erase_customer(ada_customer.id, mode="redact")
    assert ErasureResult(0, 0, customer=False) == again
    assert 1 == sum(row["action"] == "customer.erased" for row in found["audit"])
    assert 3 == sum(row["action"] == "interaction.redacted" for row in found["audit"])


@pytest.mark.parametrize("mode", ["delete", "redact"])
async def test_archived_files_are_erased_as_well(
    acrm: AsyncInteractionsClient,
    root: AsyncInteractionRepository,
    ada_customer: Customer,
    tmp_path: Path,
    mode: Literal["delete", "redact"],
) -> None:
    """Others in the same file are left as they are."""
    await root.archive(NEW_YEAR, tmp_path)
    await acrm.as_user("ada").log_call("Late", occurred_at=datetime(2020, 7, 1, tzinfo=UTC))
    await root.archive(NEW_YEAR, tmp_path)
    await acrm.as_user("bob").log_call("Later", occurred_at=datetime(2020, 8, 1, tzinfo=UTC))
    await root.archive(NEW_YEAR, tmp_path)
    result = await root.erase_customer(ada_customer.id, mode, archive=tmp_path)
    assert (0, 4) == (result.interactions, result.archived)
    frame = reports.scan(tmp_path).collect()
    assert "secret of ada" not in str(frame.rows())
    assert 3 == str(frame["subject"].to_list()).count("secret of bob")
    assert (4 if mode == "delete" else 8) == frame.height
    again = await root.erase_customer(ada_customer.id, mode, archive=tmp_path)
    assert ErasureResult(0, 0, customer=False) == again


async def test_only_admins_see_and_erase(
    acrm: AsyncInteractionsClient, ada_customer: Customer, root: AsyncInteractionRepository
) -> None:
    """Not even the customer's own user; and arguments are checked."""
    ada = acrm.as_user("ada")
    with pytest.raises(PermissionDeniedError):
        await ada.export_customer(ada_customer.id)
    with pytest.raises(PermissionDeniedError):
        await ada.erase_customer(ada_customer.id)
    with pytest.raises(BadRequestError, match="'delete' or 'redact'"):
        await root.erase_customer(ada_customer.id, "forget")  # type: ignore[arg-type]
    with pytest.raises(BadRequestError, match="not a valid customer id"):
        await root.erase_customer("../x")
    assert 6 == await root.count()


@pytest.mark.exhaustive
@pytest.mark.parametrize("mode", ["delete", "redact"])
async def test_an_erasure_that_breaks_off_is_completed(
    monkeypatch: pytest.MonkeyPatch, mode: Literal["delete", "redact"]
) -> None:
    """Whichever request fails, before or after the write, a second run leaves no word."""
    monkeypatch.setattr(privacy, "_ERASE_BATCH_SIZE", 2)
    for fault in (Fault.RESET_BEFORE_WRITE, Fault.RESET_AFTER_WRITE, Fault.TRANSACTION_CONFLICT):
        for at in range(1, 60):
            server = start_embedded(":memory:", SETTINGS)
            address = ("http://embedded/v1", server.project)
            transport = FaultyTransport(server.transport, fault, at=at, times=2)
            crm = AsyncInteractionsClient(
                *address, api_key=server.api_key, settings=SETTINGS, transport=server.transport
            )
            broken = AsyncInteractionsClient(
                *address,
                api_key=server.api_key,
                settings=SETTINGS,
                transport=transport,
                retry=RetryPolicy(retries=0),
            )
            ada = await crm.customers.ensure("ada")
            (await crm.as_user("ada").create_many(drafts("ada"))).raise_for_failures()
            with suppress(InteractionsError):
                await broken.as_admin("root").erase_customer(ada.id, mode)
            root = crm.as_admin("root")
            await root.erase_customer(ada.id, mode)
            found = await root.export_customer(ada.id)
            assert "secret" not in json.dumps(found)
            word = "interaction.erased" if mode == "delete" else "interaction.redacted"
            assert 3 == sum(row["action"] == word for row in found["audit"])
            server.close()
            if len(transport.requests) < at:
                break


async def test_others_who_keep_writing_are_told_of(
    acrm: AsyncInteractionsClient,
    ada_customer: Customer,
    root: AsyncInteractionRepository,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An erasure ends with nothing left, or with an error."""
    erase = root._privacy._erase

    async def erase_and_write(*arguments: object) -> int:
        erased = await erase(*arguments)  # type: ignore[arg-type]
        await acrm.as_user("ada").log_call("secret")
        return erased

    monkeypatch.setattr(root._privacy, "_erase", erase_and_write)
    with pytest.raises(ConflictError, match="keep writing"):
        await root.erase_customer(ada_customer.id)
