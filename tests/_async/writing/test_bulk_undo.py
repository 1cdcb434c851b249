"""Bulk writes for customers that are reassigned or erased during the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    ConflictError,
    CustomerNotFoundError,
    InteractionCreate,
    OwnershipError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk._async.writing import bulk
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from tests.meanwhile import Meanwhile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from interactions_sdk import InteractionsClient
    from interactions_sdk._async.writing.bulk import OnError
    from interactions_sdk.embedded import EmbeddedAppwrite

pytestmark = pytest.mark.anyio

ATOMIC = Settings(verify_users=False, cache_ttl=3600, bulk_size=3)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])
YEAR_2020 = datetime(2020, 5, 1, 10, tzinfo=UTC)
TRANSACTION = "*/transactions/*"


def drafts(number: int, **fields: Any) -> list[InteractionCreate]:
    """Return numbered drafts."""
    return [
        InteractionCreate(interaction_type="call", subject=str(each), **fields)
        for each in range(number)
    ]


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
        retry=RetryPolicy(retries=0),
    )


@pytest.fixture
async def aside(
    server: EmbeddedAppwrite, settings: Settings
) -> AsyncIterator[AsyncInteractionsClient]:
    """Yield another program's client, of a server with a customer."""
    async with client(server, settings) as crm:
        await crm.customers.ensure("ada")
        yield crm


async def give_away(aside: AsyncInteractionsClient, user: str = "ada") -> None:
    """Give a customer to another user, as a program that does not use this library would."""
    own = await aside.customers.get_by_user_id(user)
    table = aside._services.project.tables.customers
    await aside._connection.send(wire.update_row(table, own.id, {"userId": f"not {user}"}))


async def subjects(aside: AsyncInteractionsClient) -> list[str]:
    """Return the subjects of all interactions."""
    table = aside._services.project.tables.interactions
    rows = await aside._connection.send(wire.list_rows(table, [query.limit(100)]))
    return sorted(row.subject or "" for row in rows.rows)


async def actions(aside: AsyncInteractionsClient) -> list[str]:
    """Return the actions in the audit log."""
    table = aside._services.project.tables.audit
    if table is None:
        return []
    found = await aside._connection.send(wire.list_rows(table, [query.limit(100)]))
    return [entry.action for entry in found.rows]


@pytest.mark.parametrize("who", ["user", "admin"])
@pytest.mark.parametrize("occurred_at", [None, YEAR_2020])
@every_way
async def test_what_is_written_for_a_former_owner_is_undone(
    aside: AsyncInteractionsClient,
    server: EmbeddedAppwrite,
    settings: Settings,
    who: str,
    occurred_at: datetime | None,
) -> None:
    """The drafts of all chunks are undone; earlier interactions stay."""
    async with client(server, settings) as crm:
        repo = crm.as_user("ada")
        before = await repo.log_call("before")
        await give_away(aside)
        customer_id = None
        if who == "admin":
            repo, customer_id = crm.as_admin("root"), before.customer_id
        result = await repo.create_many(
            drafts(7, customer_id=customer_id, occurred_at=occurred_at), on_error="continue"
        )
    refusal = ConflictError if who == "admin" else OwnershipError
    assert [True] * 7 == [isinstance(item.error, refusal) for item in result]
    assert [None] * 7 == result.ids
    assert not any(item.error.may_have_landed for item in result.failed)  # type: ignore[union-attr]
    assert ["before"] == await subjects(aside)
    expected = ["interaction.created"] + ["interaction.refused"] * 7
    assert await actions(aside) == (expected if settings.audit_table else [])


@every_way
async def test_what_was_written_before_stays(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite, settings: Settings
) -> None:
    """Interactions that an earlier run wrote for the former user are found and kept."""
    several = [draft.model_copy(update={"idempotency_key": draft.subject}) for draft in drafts(3)]
    async with client(server, settings) as crm:
        repo = crm.as_user("ada")
        first = await repo.create_many(several)
        await give_away(aside)
        again = await repo.create_many(several)
    assert first.ids == again.ids
    assert ["0", "1", "2"] == await subjects(aside)


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("settings", [ATOMIC])
async def test_only_what_was_written_for_those_is_undone(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite, number: int
) -> None:
    """Only the interactions of reassigned or erased customers are undone."""
    users = [f"user{each}" for each in range(number)]
    async with client(server, ATOMIC) as crm:
        admin = crm.as_admin("root")
        own = {user: (await crm.customers.ensure(user)).id for user in [*users, "ada", "bob"]}
        for customer_id in own.values():
            await crm.customers.get(customer_id)
        await give_away(aside)
        customers = aside._services.project.tables.customers
        await aside._connection.send(wire.delete_row(customers, own["bob"]))
        several = [
            InteractionCreate(interaction_type="call", subject=user, customer_id=customer_id)
            for user, customer_id in own.items()
        ]
        result = await admin.create_many(several, on_error="continue")
    assert users == await subjects(aside)
    errors = {several[item.index].subject: type(item.error) for item in result.failed}
    assert {"ada": ConflictError, "bob": CustomerNotFoundError} == errors
    for user in users:
        customer = await aside.customers.get_by_user_id(user)
        assert customer.last_contact_at is not None


@pytest.mark.parametrize("gone", ["interaction", "audit row"])
@pytest.mark.parametrize("settings", [ATOMIC])
async def test_some_of_it_may_be_gone(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite, gone: str
) -> None:
    """If some of the interactions are gone already, the others are deleted."""

    def delete_one(crm: InteractionsClient) -> None:
        tables = crm._services.project.tables
        row = crm._connection.send(wire.list_rows(tables.interactions, [query.limit(1)])).rows[0]
        assert tables.audit is not None
        table = tables.interactions if gone == "interaction" else tables.audit
        row_id = row.id if gone == "interaction" else audit_row_id(row.id, CREATED)
        crm._connection.send(wire.delete_row(table, row_id))

    transport = Meanwhile(server, ATOMIC)
    async with client(server, ATOMIC, transport) as crm:
        repo = crm.as_user("ada")
        await repo.find()
        await give_away(aside)
        transport.before("PATCH", TRANSACTION, delete_one, number=2)
        result = await repo.create_many(drafts(3), on_error="continue")
    assert 3 == len(result.failed)
    assert [] == await subjects(aside)


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_what_cannot_be_undone_is_reported(
    aside: AsyncInteractionsClient,
    server: EmbeddedAppwrite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If undoing fails, the errors say so, and the log suggests what to do."""
    fault = FaultyTransport(
        server.transport, Fault.REFUSED, first=2, count=None, method="POST", route="*/transactions"
    )
    async with client(server, ATOMIC, fault) as crm:
        repo = crm.as_user("ada")
        await repo.find()
        await give_away(aside)
        result = await repo.create_many(drafts(3), on_error="continue")
    assert [True] * 3 == [
        isinstance(item.error, OwnershipError) and item.error.may_have_landed for item in result
    ]
    assert "could not be undone" in caplog.text
    assert ["0", "1", "2"] == await subjects(aside)


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_what_was_undone_before_a_failure_is_gone(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite
) -> None:
    """If deleting one by one fails, only the remaining interactions may have been applied."""

    def delete_one(crm: InteractionsClient) -> None:
        table = crm._services.project.tables.interactions
        row = crm._connection.send(wire.list_rows(table, [query.equal("subject", "1")])).rows[0]
        crm._connection.send(wire.delete_row(table, row.id))

    transport = Meanwhile(server, ATOMIC)
    transport.before("PATCH", TRANSACTION, delete_one, number=2)
    fault = FaultyTransport(
        transport, Fault.REFUSED, first=5, count=None, method="POST", route="*/transactions"
    )
    async with client(server, ATOMIC, fault) as crm:
        repo = crm.as_user("ada")
        await repo.find()
        await give_away(aside)
        result = await repo.create_many(drafts(3), on_error="continue")
    assert ["2"] == await subjects(aside)
    unsure = [item.error.may_have_landed for item in result.failed]  # type: ignore[union-attr]
    assert [False, False, True] == unsure


@pytest.mark.parametrize("key", ["id", "idempotency_key"])
@pytest.mark.parametrize("settings", [ATOMIC])
async def test_repeats_of_what_is_undone_have_the_error_too(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite, key: str
) -> None:
    """Repeated drafts get the same error, in the same chunk or in another one."""
    repeated = drafts(1, **{key: "again"}) * 2 + drafts(2) + drafts(1, **{key: "again"})
    async with client(server, ATOMIC) as crm:
        repo = crm.as_user("ada")
        await repo.find()
        await give_away(aside)
        result = await repo.create_many(repeated, on_error="continue")
    assert [None] * 5 == result.ids
    assert [True] * 5 == [isinstance(item.error, OwnershipError) for item in result]
    assert [None] * 5 == [item.status for item in result]
    assert [] == await subjects(aside)


@pytest.mark.unmeasured
@pytest.mark.parametrize("on_error", ["stop", "continue"])
@pytest.mark.parametrize("settings", [ATOMIC])
async def test_what_is_undone_stops_a_run_that_stops_on_errors(
    aside: AsyncInteractionsClient,
    server: EmbeddedAppwrite,
    on_error: OnError,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With `on_error="stop"`, no further drafts are read."""
    monkeypatch.setattr(bulk, "_MAX_PENDING_CUSTOMERS", 1)
    many = iter(drafts(30))
    async with client(server, ATOMIC) as crm:
        repo = crm.as_user("ada")
        await repo.find()
        await give_away(aside)
        result = await repo.create_many(many, on_error=on_error)
    assert (on_error == "stop") == bool(list(many))
    assert not any(result.ids)
    assert [] == await subjects(aside)


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_the_history_of_the_customer_is_not_read(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite
) -> None:
    """Interactions are undone without listing those of the customer."""
    fault = FaultyTransport(
        server.transport,
        Fault.REFUSED,
        count=None,
        method="GET",
        route="*/customer_interactions/rows",
    )
    async with client(server, ATOMIC, fault) as crm:
        repo = crm.as_user("ada")
        await crm.customers.get_by_user_id("ada")
        await give_away(aside)
        result = await repo.create_many(drafts(3, occurred_at=YEAR_2020), on_error="continue")
    assert [True] * 3 == [isinstance(item.error, OwnershipError) for item in result]
    assert [] == await subjects(aside)


@pytest.mark.parametrize("settings", [ATOMIC])
async def test_dates_that_cannot_be_updated_refuse_nothing(
    aside: AsyncInteractionsClient, server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """If the dates cannot be updated, the interactions stay, and the log suggests `reconcile()`."""
    fault = FaultyTransport(
        server.transport, Fault.REFUSED, count=None, method="PATCH", route="*/customers/rows*"
    )
    async with client(server, ATOMIC, fault) as crm:
        result = await crm.as_user("ada").create_many(drafts(3))
    assert not result.failed
    assert "reconcile(" in caplog.text
    assert ["0", "1", "2"] == await subjects(aside)
