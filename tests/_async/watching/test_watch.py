"""Watching by polling: each change is reported once and in order, to those who may see it."""

from __future__ import annotations

import logging
import pickle
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import time_machine

from interactions_sdk import (
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    InteractionCreate,
    InteractionUpdate,
    OwnershipError,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
)
from interactions_sdk._async.watching import polling
from interactions_sdk.change_tracking import KnownRows
from interactions_sdk.embedded.application import Application
from interactions_sdk.embedded.values.responses import AppwriteError, Response, error_response
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from tests.embedded.http_client import Talk

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import AsyncInteractionRepository, AsyncWatch, Change
    from interactions_sdk.embedded.services.context import Request
    from interactions_sdk.transport.hooks import RequestEvent

pytestmark = pytest.mark.anyio

QUICK = 0.02
SECONDS = 30


async def taken(changes: AsyncWatch, count: int) -> list[Change]:
    """Take a number of changes; stop the watch if they do not come in time."""
    guard = threading.Timer(SECONDS, changes.stop)
    guard.start()
    try:
        return [await anext(changes) for _ in range(count)]
    finally:
        guard.cancel()


async def rest(changes: AsyncWatch, count: int = 0, seconds: float = 0.2) -> list[Change]:
    """Take a number of changes, and all that follow within some time; then stop the watch."""
    found = await taken(changes, count)
    timer = threading.Timer(seconds, changes.stop)
    timer.start()
    try:
        return found + [change async for change in changes]
    finally:
        timer.cancel()


def told(changes: list[Change]) -> list[tuple[str, str | None]]:
    """Return the kind and the subject of each change."""
    return [(change.kind, change.interaction.subject) for change in changes]


def details(number: int) -> InteractionCreate:
    """Return a numbered draft."""
    return InteractionCreate(interaction_type="call", subject=f"call {number}")


async def test_changes_come_in_their_order(ada: AsyncInteractionRepository) -> None:
    """Creations, updates and deletions are reported; earlier ones are not."""
    await ada.log_call("before")
    async with ada.watch(interval=QUICK) as changes:
        call = await ada.log_call("Renewal")
        [created] = await taken(changes, 1)
        updated = await ada.update(call.id, InteractionUpdate(outcome="busy"))
        [changed] = await taken(changes, 1)
        await ada.delete(call.id)
        [deleted] = await taken(changes, 1)

        assert ["created", "updated", "deleted"] == [
            each.kind for each in (created, changed, deleted)
        ]
        assert [call, updated] == [created.interaction, changed.interaction]
        assert (updated.updated_at, call.id) == (changed.at, deleted.interaction.id)
        assert ("busy", None) == (deleted.interaction.outcome, deleted.interaction.subject)
        assert deleted.at > updated.updated_at
        assert [] == await rest(changes)


async def test_it_begins_with_the_first_change_asked_for(ada: AsyncInteractionRepository) -> None:
    """A watch can be used without a context, and again after a `break`."""
    await ada.log_call("before")
    changes = ada.watch(interval=QUICK)
    threading.Timer(0.3, changes.stop).start()
    assert [] == [change async for change in changes]
    assert [] == [change async for change in changes]


async def test_several_changes_between_two_looks_are_one(ada: AsyncInteractionRepository) -> None:
    """A new row that was changed is `created`; one that was created and deleted is `deleted`."""
    async with ada.watch(interval=QUICK) as changes:
        call = await ada.log_call("first")
        gone = await ada.log_call("gone")
        await ada.update(call.id, InteractionUpdate(subject="second"))
        await ada.delete(gone.id)

        [created, deleted] = await taken(changes, 2)
        assert ("created", "second") == (created.kind, created.interaction.subject)
        assert ("deleted", gone.id) == (deleted.kind, deleted.interaction.id)


async def test_an_interaction_that_was_there_is_updated(ada: AsyncInteractionRepository) -> None:
    """An interaction that was written just before the watch started is `updated`."""
    call = await ada.log_call("before")
    async with ada.watch(interval=QUICK) as changes:
        await ada.update(call.id, InteractionUpdate(outcome="busy"))
        assert [("updated", "before")] == told(await taken(changes, 1))


@pytest.mark.unmeasured
async def test_many_pages(acrm: AsyncInteractionsClient) -> None:
    """A thousand changes are reported once each, in the order of their times."""
    await acrm.customers.ensure("ada")
    ada = acrm.as_user("ada")
    async with ada.watch(interval=QUICK) as changes:
        result = await ada.create_many(details(number) for number in range(1000))
        result.raise_for_failures()
        found = await taken(changes, 1000)
        times = [change.at for change in found]
        assert sorted(times) == times
        assert {item.id for item in result.items} == {change.interaction.id for change in found}
        assert [] == await rest(changes)


async def test_since_a_time(ada: AsyncInteractionRepository) -> None:
    """`since=` also reports earlier changes and deletions."""
    await ada.log_call("old")
    middle = await ada.log_call("middle")
    gone = await ada.log_call("gone")
    await ada.delete(gone.id)
    async with ada.watch(since=middle.updated_at, interval=QUICK) as changes:
        await ada.log_call("new")
        found = await taken(changes, 3)
        assert {("created", "middle"), ("created", "new"), ("deleted", None)} == set(told(found))


@pytest.mark.unmeasured
async def test_since_a_cursor(ada: AsyncInteractionRepository) -> None:
    """Resuming from the cursor of any change misses nothing."""
    ids: list[str] = []
    cursors: list[str] = []
    async with ada.watch(interval=QUICK) as changes:
        for number in range(5):
            ids.append((await ada.log_call(str(number))).id)
            [change] = await taken(changes, 1)
            cursors.append(change.cursor)
    gone = await ada.log_call("gone")
    await ada.delete(gone.id)
    for place, cursor in enumerate(cursors):
        async with ada.watch(since=cursor, interval=QUICK) as changes:
            later = await rest(changes, len(ids) - place)
        assert {*ids[place + 1 :], gone.id} <= {change.interaction.id for change in later}
        assert len({(change.interaction.id, change.at) for change in later}) == len(later)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"since": "no cursor"}, "Invalid since"),
        ({"since": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - what is wrong with it
        ({"interval": 0}, "positive number"),
        ({"interval": float("nan")}, "positive number"),
    ],
)
async def test_arguments_that_are_wrong(
    ada: AsyncInteractionRepository, arguments: dict[str, Any], message: str
) -> None:
    """Invalid arguments are rejected immediately."""
    with pytest.raises(BadRequestError, match=message):
        ada.watch(**arguments)


async def test_a_cursor_of_other_filters(ada: AsyncInteractionRepository) -> None:
    """A cursor of a watch with other filters is rejected."""
    async with ada.watch(interval=QUICK) as changes:
        await ada.log_call("Renewal")
        [change] = await taken(changes, 1)
    with pytest.raises(BadRequestError, match="other filters"):
        ada.watch(since=change.cursor, outcome="busy")


async def test_one_sees_one_s_own_only(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
    admin: AsyncInteractionRepository,
) -> None:
    """Users get changes and deletions of their own interactions, admins of all."""
    customer = await acrm.customers.get_by_user_id("ada")
    async with ada.watch(interval=QUICK) as hers, admin.watch(interval=QUICK) as all_of_them:
        async with admin.watch(interval=QUICK, customer_id=customer.id) as of_hers:
            his = await bob.log_call("his")
            await bob.delete(his.id)
            await ada.log_call("hers")
            kept = await bob.log_call("his again")

            assert [("created", "hers")] == told(await rest(of_hers, 1))
        assert [("created", "hers")] == told(await rest(hers, 1))
        found = await taken(all_of_them, 3)
    assert {("deleted", his.id), ("created", kept.id)} < {
        (change.kind, change.interaction.id) for change in found
    }


async def test_rows_that_only_look_like_one_s_own(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """Rows and deletions for `C1` are not reported to `c1`, which Appwrite considers equal."""
    own = await acrm.customers.get_by_user_id("ada")
    forged = own.id.upper()
    assert forged != own.id
    base = {"interactionType": "call", "userId": "ada", "direction": "inbound"}
    entry = {"userId": "ada", "entityId": "e1"}
    async with ada.watch(interval=QUICK) as changes:
        async with acrm.transaction() as transaction:
            transaction.create("customer_interactions", "f1", base | {"customerId": forged})
            transaction.create(
                "audit_logs", "a1", entry | {"action": "interaction.deleted", "customerId": forged}
            )
            transaction.create(
                "audit_logs", "a2", entry | {"action": "INTERACTION.DELETED", "customerId": own.id}
            )
            transaction.create("audit_logs", "a3", entry | {"action": "interaction.deleted"})
        await ada.log_call("hers")
        assert [("created", "hers")] == told(await rest(changes, 1))


async def test_what_users_may_have_forged() -> None:
    """With `user_sessions`, forged rows and deletions are not reported."""
    settings = Settings(user_sessions=True)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        own = await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        call = await ada.log_call("there")
        row = {"interactionType": "call", "userId": "eve", "direction": "inbound"}
        entry = {"action": "interaction.deleted", "userId": "eve", "customerId": own.id}
        async with ada.watch(interval=QUICK) as changes:
            async with crm.transaction() as transaction:
                transaction.create("customer_interactions", "f1", row | {"customerId": own.id})
                transaction.create("audit_logs", "a1", entry | {"entityId": call.id})
            gone = await ada.log_call("gone")
            assert [("created", "gone")] == told(await taken(changes, 1))
            await ada.delete(gone.id)
            [deleted] = await rest(changes, 1)
            assert ("deleted", gone.id) == (deleted.kind, deleted.interaction.id)


async def test_a_deletion_of_what_never_was(caplog: pytest.LogCaptureFixture) -> None:
    """With `user_sessions`, a deletion is reported only for rows seen before; others are logged."""
    settings = Settings(user_sessions=True)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        own = await crm.customers.ensure("ada")
        other = await crm.customers.ensure("eve")
        ada = crm.as_user("ada")
        old = await ada.log_call("old")
        entry = {"action": "interaction.deleted", "userId": "eve"}
        async with (
            ada.watch(interval=QUICK) as changes,
            crm.as_admin("root").watch(interval=QUICK) as all_changes,
        ):
            async with crm.transaction() as transaction:
                for number in range(3):
                    columns = entry | {"entityId": f"never-{number}", "customerId": own.id}
                    transaction.create("audit_logs", f"a{number}", columns)
                transaction.delete("customer_interactions", old.id)
                columns = entry | {"entityId": old.id, "customerId": other.id}
                transaction.create("audit_logs", "a3", columns)
                transaction.create("audit_logs", "a4", columns | {"customerId": own.id})
            for each in (changes, all_changes):
                [deleted] = await rest(each)
                assert ("deleted", old.id) == (deleted.kind, deleted.interaction.id)
                assert own.id == deleted.interaction.customer_id
    said = [record for record in caplog.records if "known only from an audit row" in record.message]
    assert 2 == len(said)


async def test_where_there_are_many_rows_the_newest_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If there are too many rows, only deletions of the newest are reported."""
    monkeypatch.setattr(polling, "KnownRows", partial(KnownRows, 1))
    async with AsyncInteractionsClient.embedded(settings=Settings(user_sessions=True)) as crm:
        await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        old, new = await ada.log_call("old"), await ada.log_call("new")
        async with ada.watch(interval=QUICK) as changes:
            for call in (old, new):
                await ada.delete(call.id)
            assert [new.id] == [each.interaction.id for each in await rest(changes, 1)]


async def test_a_user_without_customer_knows_no_rows() -> None:
    """A user without a customer record gets no changes."""
    settings = Settings(user_sessions=True)
    async with (
        AsyncInteractionsClient.embedded(settings=settings) as crm,
        crm.as_user("ada").watch(interval=QUICK) as changes,
    ):
        assert [] == await rest(changes)


async def test_asking_for_another_s_customer(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository, bob: AsyncInteractionRepository
) -> None:
    """Another user's customer is rejected, as by `find()`."""
    assert bob is not ada
    his = await acrm.customers.get_by_user_id("bob")
    with pytest.raises(OwnershipError):
        await anext(ada.watch(customer_id=his.id))


async def test_filters(ada: AsyncInteractionRepository) -> None:
    """The filters are those of `find()`; a known row that does not match hides its deletion."""
    async with ada.watch(interval=QUICK, interaction_type="call", text="renew") as changes:
        await ada.log_email("Renewal")
        await ada.log_call("Offer")
        call = await ada.log_call("RENEWAL of the plan")
        assert [("created", "RENEWAL of the plan")] == told(await taken(changes, 1))
        email = await ada.log_email("Other")
        await ada.delete(email.id)
        await ada.delete(call.id)
        [deleted] = await rest(changes, 1)
        assert ("deleted", call.id) == (deleted.kind, deleted.interaction.id)


async def test_until_a_time_of_creation(ada: AsyncInteractionRepository) -> None:
    """With `until=`, neither changes nor deletions of newer interactions are reported."""
    old = await ada.log_call("old", occurred_at=datetime(2025, 1, 1, tzinfo=UTC))
    new = await ada.log_call("new")
    async with ada.watch(interval=QUICK, until=datetime(2025, 6, 1, tzinfo=UTC)) as changes:
        await ada.update(old.id, InteractionUpdate(outcome="busy"))
        await ada.update(new.id, InteractionUpdate(outcome="busy"))
        await ada.delete(new.id)
        assert [("updated", "old")] == told(await rest(changes, 1))


async def test_deletions_of_archives_and_erasures(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    admin: AsyncInteractionRepository,
    tmp_path: Path,
) -> None:
    """Interactions that are archived or erased are reported as deleted."""
    old = await ada.log_call("old", occurred_at=datetime(2020, 1, 1, tzinfo=UTC))
    new = await ada.log_call("new")
    customer = await acrm.customers.get_by_user_id("ada")
    async with ada.watch(interval=QUICK) as changes:
        await admin.archive(datetime(2021, 1, 1, tzinfo=UTC), tmp_path)
        assert old.id == (await taken(changes, 1))[0].interaction.id
        await admin.erase_customer(customer.id, mode="redact")
        assert [("updated", None)] == told(await taken(changes, 1))
    async with admin.watch(interval=QUICK) as changes:
        await admin.erase_customer(customer.id)
        [deleted] = await taken(changes, 1)
        assert ("deleted", new.id) == (deleted.kind, deleted.interaction.id)


@pytest.mark.parametrize("seconds", [0, 1])
async def test_made_again_after_its_deletion(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository, seconds: int
) -> None:
    """A row that was deleted and created again is reported with its new state.

    This includes both happening in the same millisecond.
    """
    base = {"interactionType": "call", "userId": "ada", "direction": "inbound"}
    own = await acrm.customers.get_by_user_id("ada")
    call = await ada.log_call("first")
    async with ada.watch(interval=QUICK) as changes:
        deleted_at = call.created_at + timedelta(seconds=1)
        with time_machine.travel(deleted_at, tick=False):
            await ada.delete(call.id)
        with time_machine.travel(deleted_at + timedelta(seconds=seconds), tick=False):
            async with acrm.transaction() as transaction:
                row = base | {"customerId": own.id, "subject": "again"}
                transaction.create("customer_interactions", call.id, row)
        assert [("created", "again")] == told(await rest(changes, 1))


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
async def test_without_an_audit_log(consistency: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each watch logs that deletions are not reported, and reports other changes."""
    settings = Settings.model_validate({"audit_table": None, "consistency": consistency})
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        async with ada.watch(interval=QUICK, realtime=False) as changes:
            call = await ada.log_call("Renewal")
            assert [("created", "Renewal")] == told(await taken(changes, 1))
            await ada.delete(call.id)
            assert [] == await rest(changes)
        async with ada.watch(since=call.updated_at, interval=QUICK, realtime=False) as changes:
            assert [] == await rest(changes)
    lines = [record.message for record in caplog.records if "deletions" in record.message]
    assert 2 == len(lines)
    assert "no audit log is kept" in lines[0]


class Counted:
    """Counts a client's requests by route."""

    def __init__(self) -> None:
        self.routes: list[str] = []

    def __call__(self, event: RequestEvent) -> None:
        """Count a request."""
        self.routes.append(event.route.rpartition("}/")[2])


async def test_an_idle_watch_sends_one_request_in_an_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After many changes, too, an idle watch sends one request per interval."""
    monkeypatch.setattr("interactions_sdk.change_tracking.SCAN_OVERLAP", timedelta(milliseconds=50))
    monkeypatch.setattr(
        "interactions_sdk._async.watching.polling.SCAN_OVERLAP", timedelta(milliseconds=50)
    )
    counted = Counted()
    settings = Settings(page_size=10, cache_ttl=1.0)
    async with AsyncInteractionsClient.embedded(settings=settings, on_request=counted) as crm:
        await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        async with ada.watch(interval=0.02) as changes:
            (await ada.create_many(details(number) for number in range(100))).raise_for_failures()
            await taken(changes, 100)
            threading.Timer(0.5, counted.routes.clear).start()
            assert [] == await rest(changes, seconds=1.0)
    # In the last half second, the interval has grown to 0.1 s; reading the changes again would
    # take eleven pages.
    assert 1 <= len(counted.routes) <= 6


async def test_a_customer_record_that_comes_later(acrm: AsyncInteractionsClient) -> None:
    """A watch without a customer record reports changes once there is one."""
    ada = acrm.as_user("ada")
    async with ada.watch(interval=QUICK) as changes:
        timer = threading.Timer(0.2, changes.stop)
        timer.start()
        assert [] == [change async for change in changes]
    settings = Settings(cache_ttl=0)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        ada = crm.as_user("ada")
        async with ada.watch(since=datetime(2026, 1, 1, tzinfo=UTC), interval=QUICK) as changes:
            await crm.customers.ensure("ada")
            await ada.log_call("Renewal")
            assert [("created", "Renewal")] == told(await taken(changes, 1))


async def test_rights_are_looked_at_again() -> None:
    """A user who is no longer an admin gets an error, as with `find()`."""
    settings = Settings(verify_users=True, cache_ttl=0)
    server = start_embedded_server(":memory:", settings)
    talk = Talk(server)
    talk.user("root", "superadmin")
    talk.user("ada")
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=server.transport,
    ) as crm:
        root = crm.as_admin("root")
        customer = await crm.customers.ensure("ada")
        async with root.watch(interval=QUICK) as changes:
            for subject in ("Renewal", "Offer"):
                await root.log_call(subject, customer_id=customer.id)
                assert [("created", subject)] == told(await taken(changes, 1))
            talk.good("PUT", "/users/root/labels", {"labels": []})
            with pytest.raises(PermissionDeniedError):
                await taken(changes, 1)
    server.close()


async def test_a_network_that_fails_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """A temporary network failure is logged once, and no change is lost."""
    caplog.set_level(logging.INFO, "interactions_sdk")
    settings = Settings(verify_users=False)
    server = start_embedded_server(":memory:", settings)
    looks = "*/customer_interactions/rows"
    transport = FaultyTransport(
        server.transport, Fault.TIMEOUT_BEFORE_WRITE, first=3, count=3, method="GET", route=looks
    )
    key = server.api_key
    patience = RetryPolicy(initial_delay=0.001, max_delay=0.01)
    async with (
        AsyncInteractionsClient(
            *("http://embedded/v1", server.project),
            api_key=key,
            settings=settings,
            transport=transport,
            retry=patience,
        ) as crm,
        AsyncInteractionsClient(
            *("http://embedded/v1", server.project),
            api_key=key,
            settings=settings,
            transport=server.transport,
        ) as other,
    ):
        await crm.customers.ensure("ada")
        async with crm.as_user("ada").watch(interval=QUICK) as changes:
            await other.as_user("ada").log_call("Renewal")
            assert [("created", "Renewal")] == told(await taken(changes, 1))
            assert [] == await rest(changes)
    server.close()
    lines = [record.message for record in caplog.records if record.message.startswith("watch")]
    assert "watch: no answer (APITimeoutError), trying again" in lines
    assert 1 == lines.count("watch: the server answers again")


CLOUDFLARE = (*range(520, 528), 530)
UNKNOWN = (509, 561, 599)


class Proxy(httpx.AsyncBaseTransport):
    """A proxy in front of a server that answers reads with the given error statuses."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        self._server = server
        self.statuses: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond with the next status, or forward the request."""
        if self.statuses and request.url.path.endswith("/customer_interactions/rows"):
            status = self.statuses.pop(0)
            return httpx.Response(status, html="<h1>error</h1>", request=request)
        return await self._server.handle_async_request(request)


async def test_a_proxy_that_fails_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Cloudflare's and unknown statuses are retried, and no change is lost."""
    caplog.set_level(logging.INFO, "interactions_sdk")
    settings = Settings(verify_users=False)
    with start_embedded_server(":memory:", settings) as server:
        proxy = Proxy(server.transport)
        async with AsyncInteractionsClient(
            *("http://embedded/v1", server.project),
            api_key=server.api_key,
            settings=settings,
            transport=proxy,
            retry=RetryPolicy(max_delay=0.01),
        ) as crm:
            await crm.customers.ensure("ada")
            ada = crm.as_user("ada")
            async with ada.watch(interval=QUICK) as changes:
                await ada.log_call("Renewal")
                proxy.statuses += [*CLOUDFLARE, *UNKNOWN]
                assert [("created", "Renewal")] == told(await taken(changes, 1))
                assert [] == proxy.statuses
                assert [] == await rest(changes)
    messages = [record.message for record in caplog.records]
    assert 1 == messages.count("watch: no answer (ServerError), trying again")
    assert 1 == messages.count("watch: the server answers again")


async def test_rows_of_all_times() -> None:
    """Rows with dates far in the past or in the future do not disturb a watch."""
    settings = Settings(verify_users=False)
    server = start_embedded_server(":memory:", settings)
    async with AsyncInteractionsClient(
        *("http://embedded/v1", server.project),
        api_key=server.api_key,
        settings=settings,
        transport=server.transport,
    ) as crm:
        own = await crm.customers.ensure("ada")
        data = {"customerId": own.id, "interactionType": "call", "userId": "ada"}
        for number, year in enumerate((2020, 2021, 9000)):
            time = f"{year}-01-01T00:00:00.000+00:00"
            dated = data | {"direction": "inbound", "$createdAt": time, "$updatedAt": time}
            rows = "/tablesdb/console-db/tables/customer_interactions/rows"
            Talk(server).good("POST", rows, {"rowId": f"r{number}", "data": dated})
        ada = crm.as_user("ada")
        async with ada.watch(interval=QUICK) as changes:
            await ada.log_call("Renewal")
            assert [("created", "Renewal")] == told(await rest(changes, 1))
    server.close()


async def test_a_key_that_may_not_read_the_audit_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key without permission to read the audit log raises an error."""
    handle = Application.handle

    def refusing(self: Application, request: Request) -> Response:
        if "/audit_logs/rows" in request.path:
            return error_response(AppwriteError("general_unauthorized_scope"))
        return handle(self, request)

    async with AsyncInteractionsClient.embedded() as crm:
        await crm.customers.ensure("ada")
        monkeypatch.setattr(Application, "handle", refusing)
        with pytest.raises(PermissionDeniedError):
            await anext(crm.as_user("ada").watch(interval=QUICK))


async def test_stopping_from_another_thread(ada: AsyncInteractionRepository) -> None:
    """Stopping interrupts the wait, and changes that were not yet taken are dropped."""
    async with ada.watch(interval=60.0) as changes:
        threading.Timer(0.1, changes.stop).start()
        assert [] == [change async for change in changes]
        changes.stop()
    async with ada.watch(interval=QUICK) as changes:
        await ada.create_many(details(number) for number in range(10))
        seen: list[Change] = []
        async for change in changes:
            seen.append(change)
            changes.stop()
        assert 1 == len(seen)


async def test_what_is_shown_of_a_watch(ada: AsyncInteractionRepository) -> None:
    """The `repr` says whether the watch is running; a watch cannot be pickled."""
    changes = ada.watch()
    assert "running" in repr(changes)
    changes.stop()
    assert "stopped" in repr(changes)
    with pytest.raises(TypeError, match="cursor"):
        pickle.dumps(changes)


async def test_a_rejected_update_is_not_reported(ada: AsyncInteractionRepository) -> None:
    """A rejected update is not reported."""
    call = await ada.log_call("Renewal")
    async with ada.watch(interval=QUICK) as changes:
        await ada.update(call.id, InteractionUpdate(outcome="busy"))
        with pytest.raises(ConflictError):
            await ada.update(
                call.id, InteractionUpdate(outcome="other"), if_unchanged_since=call.updated_at
            )
        assert [("updated", "Renewal")] == told(await rest(changes, 1))
    assert audit_row_id(call.id, "x") != call.id
