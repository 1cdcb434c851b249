"""Exporting and erasing all data of one customer, and of no other."""

from __future__ import annotations

import json
from base64 import b64decode
from contextlib import asynccontextmanager, suppress
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
    NotFoundError,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    reports,
    wire,
)
from interactions_sdk._async import privacy
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.transfer import ErasureResult
from interactions_sdk.wire import storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Literal

    from interactions_sdk.embedded import EmbeddedAppwrite

pytestmark = pytest.mark.anyio

MAY = datetime(2020, 5, 1, 10, tzinfo=UTC)
NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
SETTINGS = Settings(verify_users=False)


def drafts(who: str) -> list[InteractionCreate]:
    """Return interactions with secret texts."""
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


async def add(crm: AsyncInteractionsClient, who: str) -> None:
    """Write the interactions of a customer as an admin, which keeps the IDs of the drafts."""
    customer_id = (await crm.customers.get_by_user_id(who)).id
    own = [draft.model_copy(update={"customer_id": customer_id}) for draft in drafts(who)]
    (await crm.as_admin("root").create_many(own)).raise_for_failures()


@pytest.fixture
async def ada_customer(acrm: AsyncInteractionsClient) -> Customer:
    """Return a customer with interactions; another customer has some, too."""
    for who in ("ada", "bob"):
        await acrm.customers.ensure(who)
        await add(acrm, who)
    return await acrm.customers.get_by_user_id("ada")


@pytest.fixture
def root(acrm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the repository of an admin."""
    return acrm.as_admin("root")


async def test_everything_about_a_customer(
    acrm: AsyncInteractionsClient, ada_customer: Customer, root: AsyncInteractionRepository
) -> None:
    """The record, interactions and audit log are one JSON document, without other customers."""
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
    """Data is exported even if the record is missing; if there is no data, an error is raised."""
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
    """A cached customer cannot be written to after the erasure."""
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
    """Only the audit log is left, and it contains no text."""
    settings = Settings(verify_users=False, audit_table=audit_table)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        for who in ("ada", "bob"):
            await crm.customers.ensure(who)
            await add(crm, who)
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
    """Text and links are removed; report data and the customer record stay."""
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
    """Archived interactions of other customers stay in the file."""
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
    """Even the customer's own user is rejected, and arguments are validated."""
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


@pytest.mark.parametrize(
    ("first", "conflicts"),
    [
        (1, 1),  # the three interactions: two batches of two and one are then erased
        (1, 3),  # and one of these: it is left for the next pass
        (2, 1),  # the customer record
        (2, 9),  # at every attempt
    ],
)
async def test_an_erasure_goes_on_after_conflicts(first: int, conflicts: int) -> None:
    """The erasure is repeated if the rows or the customer's dates change in the meantime."""
    server = start_embedded_server(":memory:", SETTINGS)
    crm = client(server)
    await crm.customers.ensure("ada")
    await add(crm, "ada")
    customer = await crm.customers.get_by_user_id("ada")
    root = client(server, conflict_at(server, first, conflicts)).as_admin("root")

    assert ErasureResult(3, 0, customer=True) == await root.erase_customer(customer.id)

    assert 0 == await crm.as_admin("root").count()
    with pytest.raises(CustomerNotFoundError):
        await crm.customers.get(customer.id)
    server.close()


@pytest.mark.parametrize("mode", ["delete", "redact"])
async def test_an_audit_row_in_the_way_blocks_no_erasure(
    acrm: AsyncInteractionsClient,
    ada_customer: Customer,
    root: AsyncInteractionRepository,
    mode: Literal["delete", "redact"],
) -> None:
    """Its ID is the one that the next change of an interaction needs."""
    audit = acrm._services.project.tables.audit
    assert audit is not None
    [first, *others] = [each async for each in root.iterate(customer_id=ada_customer.id)]
    blocking = audit_row_id(first.id, format_datetime(first.updated_at))
    entry = {"action": "other", "userId": "root", "entityId": first.id}
    await acrm._connection.send(wire.create_row(audit, blocking, entry))

    erased = await root.erase_customer(ada_customer.id, mode=mode)

    assert 1 + len(others) == erased.interactions


async def test_an_erasure_without_an_audit_log_goes_on_after_conflicts() -> None:
    """There is no audit row that could be in the way."""
    settings = SETTINGS.model_copy(update={"audit_table": None})
    server = start_embedded_server(":memory:", settings)
    crm = client(server, settings=settings)
    customer = await crm.customers.ensure("ada")
    await add(crm, "ada")
    root = client(server, conflict_at(server, 1, 3), settings).as_admin("root")

    assert ErasureResult(3, 0, customer=True) == await root.erase_customer(customer.id)
    server.close()


async def test_a_customer_that_changes_all_the_time_is_left() -> None:
    """After too many conflicts, an error is raised, and the erasure can be run again."""
    server = start_embedded_server(":memory:", SETTINGS)
    crm = client(server)
    customer = await crm.customers.ensure("ada")
    await add(crm, "ada")
    root = client(server, conflict_at(server, 2, 10)).as_admin("root")

    with pytest.raises(ConflictError):
        await root.erase_customer(customer.id)

    assert "ada" == (await crm.customers.get(customer.id)).user_id
    assert (await root.erase_customer(customer.id)).customer
    server.close()


def client(
    server: EmbeddedAppwrite,
    transport: FaultyTransport | None = None,
    settings: Settings = SETTINGS,
) -> AsyncInteractionsClient:
    """Return a client that does not retry."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=RetryPolicy(retries=0),
    )


def conflict_at(server: EmbeddedAppwrite, first: int, count: int) -> FaultyTransport:
    """Return a transport on which transactions conflict from the given one on."""
    return FaultyTransport(
        server.transport,
        Fault.TRANSACTION_CONFLICT,
        first=first,
        count=count,
        route="*/transactions/{id}/operations",
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("mode", ["delete", "redact"])
async def test_an_erasure_that_breaks_off_is_completed(
    monkeypatch: pytest.MonkeyPatch, mode: Literal["delete", "redact"]
) -> None:
    """Whichever request fails, before or after the write, a second run erases all text."""
    monkeypatch.setattr(privacy, "_ERASE_BATCH_SIZE", 2)
    for fault in (Fault.RESET_BEFORE_WRITE, Fault.RESET_AFTER_WRITE, Fault.TRANSACTION_CONFLICT):
        for at in range(1, 60):
            server = start_embedded_server(":memory:", SETTINGS)
            address = ("http://embedded/v1", server.project)
            transport = FaultyTransport(server.transport, fault, first=at, count=2)
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
            await add(crm, "ada")
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
        else:
            pytest.fail("There are more requests than were tried.")


async def test_others_who_keep_writing_are_told_of(
    acrm: AsyncInteractionsClient,
    ada_customer: Customer,
    root: AsyncInteractionRepository,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If another program keeps writing, the erasure raises an error."""
    erase = root._privacy._erase

    async def erase_and_write(*arguments: object) -> int:
        erased = await erase(*arguments)  # type: ignore[arg-type]
        await acrm.as_user("ada").log_call("secret")
        return erased

    monkeypatch.setattr(root._privacy, "_erase", erase_and_write)
    with pytest.raises(ConflictError, match="keep writing"):
        await root.erase_customer(ada_customer.id)


WITH_BUCKET = Settings(verify_users=False, attachments_bucket="attachments")


@asynccontextmanager
async def customer_with_file(
    archive: Path | None = None,
) -> AsyncIterator[tuple[EmbeddedAppwrite, Customer, str]]:
    """Return a server with a customer whose call has a file, and the file's link."""
    server = start_embedded_server(":memory:", WITH_BUCKET)
    async with client_of(server, WITH_BUCKET) as crm:
        await crm.schema.apply()
        customer = await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        call = await ada.log_call("Offer", occurred_at=MAY)
        attached = await ada.attach(call.id, b"secret of ada", name="offer.txt")
        assert attached.metadata is not None
        if archive is not None:
            await crm.as_admin("root").archive(NEW_YEAR, archive)
        yield server, customer, attached.metadata.attachments[0]
    server.close()


def client_of(
    server: EmbeddedAppwrite, settings: Settings, transport: FaultyTransport | None = None
) -> AsyncInteractionsClient:
    """Return a client of a server with other settings."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=RetryPolicy(retries=0),
    )


async def test_files_are_found_by_their_links() -> None:
    """A client without a bucket in its settings exports and erases the files, too."""
    async with customer_with_file() as (server, customer, link):
        root = client_of(server, SETTINGS).as_admin("root")
        (file,) = (await root.export_customer(customer.id))["files"]
        assert ("offer.txt", link) == (file["name"], file["link"])
        assert b"secret of ada" == b64decode(file["base64"])
        erased = await root.erase_customer(customer.id)
        assert ErasureResult(1, 0, customer=True, files=1) == erased
        assert "backups and snapshots" in " ".join(erased.out_of_reach)
        owner = client_of(server, WITH_BUCKET)
        with pytest.raises(NotFoundError):
            bucket, file_id = storage.parse_file_link(link) or ("", "")
            await owner._connection.send(storage.get_file(bucket, file_id))


async def test_a_file_that_is_gone_is_named_in_the_export(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A missing file does not stop an erasure either."""
    async with customer_with_file() as (server, customer, link):
        owner = client_of(server, WITH_BUCKET)
        bucket, file_id = storage.parse_file_link(link) or ("", "")
        await owner._connection.send(storage.delete_file(bucket, file_id))
        root = client_of(server, SETTINGS).as_admin("root")
        (file,) = (await root.export_customer(customer.id))["files"]
        assert {"missing": True, "link": link}.items() <= file.items()
        assert f"attached file {file_id} does not exist" in caplog.text
        erased = await root.erase_customer(customer.id)
        assert ErasureResult(1, 0, customer=True) == erased


@pytest.mark.parametrize("mode", ["delete", "redact"])
async def test_a_file_that_cannot_be_deleted_keeps_its_interaction(
    mode: Literal["delete", "redact"], caplog: pytest.LogCaptureFixture
) -> None:
    """A file that cannot be deleted is reported, its link is kept, and a second run deletes it."""
    async with customer_with_file() as (server, customer, link):
        await client_of(server, SETTINGS).as_user("ada").log_call("Another one")
        broken = FaultyTransport(
            server.transport,
            Fault.SERVER_ERROR_BEFORE_WRITE,
            method="DELETE",
            route="/storage/*",
            count=None,
        )
        first = (
            await client_of(server, SETTINGS, broken)
            .as_admin("root")
            .erase_customer(customer.id, mode)
        )
        assert (1, 0, False, (link,)) == (
            first.interactions,
            first.files,
            first.customer,
            first.files_left,
        )
        assert link in caplog.text
        root = client_of(server, SETTINGS).as_admin("root")
        (left,) = [each async for each in root.iterate() if each.subject == "Offer"]
        assert left.metadata is not None
        assert [link] == left.metadata.attachments
        second = await root.erase_customer(customer.id, mode)
        assert ErasureResult(1, 0, customer=mode == "delete", files=1) == second


async def test_files_of_archived_interactions_are_deleted(tmp_path: Path) -> None:
    """The files are found by the links in the archive; without its folder, they are left."""
    async with customer_with_file(tmp_path) as (server, customer, link):
        broken = FaultyTransport(
            server.transport, Fault.SERVER_ERROR_BEFORE_WRITE, method="DELETE", count=None
        )
        first = (
            await client_of(server, SETTINGS, broken)
            .as_admin("root")
            .erase_customer(customer.id, archive=tmp_path)
        )
        assert (0, (link,), False) == (first.archived, first.files_left, first.customer)
        assert 1 == reports.scan(tmp_path).collect().height
        root = client_of(server, SETTINGS).as_admin("root")
        second = await root.erase_customer(customer.id, archive=tmp_path)
        assert ErasureResult(0, 1, customer=True, files=1) == second
        assert 0 == reports.scan(tmp_path).collect().height
        assert "other archive folders" in second.out_of_reach[0]
