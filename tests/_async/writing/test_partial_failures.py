"""Writes of which one request fails."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    APITimeoutError,
    AsyncInteractionsClient,
    ConflictError,
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionUpdate,
    OwnershipError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
ATOMIC = Settings(verify_users=False)
FAST = Settings(verify_users=False, consistency="fast")
INTERACTIONS, AUDIT = "*/customer_interactions/rows*", "*/audit_logs/rows*"
CUSTOMERS, TRANSACTION = "*/customers/rows*", "*/transactions/{id}"
AGAIN, ONCE = RetryPolicy(initial_delay=0.001), RetryPolicy(retries=0)


@asynccontextmanager
async def failing(
    settings: Settings,
    fault: Fault,
    method: str,
    route: str,
    *,
    times: int | None = 1,
    retry: RetryPolicy = AGAIN,
) -> AsyncGenerator[AsyncInteractionsClient]:
    """Yield a client of a server with two customers, on which certain requests fail."""
    server = start_embedded_server(":memory:", settings)
    address = ("http://embedded/v1", server.project)
    async with AsyncInteractionsClient(
        *address, api_key=server.api_key, settings=settings, transport=server.transport
    ) as clean:
        await clean.customers.ensure("ada")
        await clean.customers.ensure("bob")
    async with AsyncInteractionsClient(
        *address,
        api_key=server.api_key,
        settings=settings,
        transport=FaultyTransport(server.transport, fault, method=method, route=route, count=times),
        retry=retry,
    ) as crm:
        yield crm
    server.close()


async def test_a_lost_answer_of_an_audit_row_is_no_conflict() -> None:
    """If the response of the audit row is lost, the retry recognizes its own row."""
    async with failing(FAST, Fault.TIMEOUT_AFTER_WRITE, "POST", AUDIT) as crm:
        call = await crm.as_user("ada").log_call("Intro")
        assert 0 == (await crm.customers.reconcile(call.customer_id)).audit_rows_added


async def test_a_conflict_of_an_audit_row_that_is_not_there_is_told() -> None:
    """A conflict of a missing audit row is raised, not ignored."""
    async with failing(FAST, Fault.TRANSACTION_CONFLICT, "POST", AUDIT) as crm:
        with pytest.raises(ConflictError) as caught:
            await crm.as_user("ada").log_call("Intro")
        assert caught.value.may_have_landed


async def test_a_refusal_stands_when_it_cannot_be_audited(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the audit row cannot be written, this is logged and the original error raised."""
    async with failing(ATOMIC, Fault.REFUSED, "POST", AUDIT, times=None, retry=ONCE) as crm:
        call = await crm.as_user("ada").log_call("Intro")
        with pytest.raises(OwnershipError):
            await crm.as_user("bob").delete(call.id)
        assert "a refusal was not audited" in caplog.text


async def test_without_an_audit_log_a_refusal_is_only_a_refusal() -> None:
    """Without an audit log, a refusal is not audited."""
    settings = Settings(verify_users=False, audit_table=None)
    async with failing(settings, Fault.REFUSED, "PUT", "*") as crm:
        call = await crm.as_user("ada").log_call("Intro")
        with pytest.raises(OwnershipError):
            await crm.as_user("bob").delete(call.id)
        assert call == await crm.as_user("ada").get(call.id)


async def test_a_lost_answer_of_a_customer_is_no_conflict() -> None:
    """If the response is lost, the retry recognizes its own customer record."""
    async with failing(ATOMIC, Fault.TIMEOUT_AFTER_WRITE, "POST", CUSTOMERS) as crm:
        customer = await crm.customers.create(user_id="eve")
        assert customer == await crm.customers.get_by_user_id("eve")


async def test_a_customer_made_meanwhile_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the record is created in the meantime, `ensure()` returns it."""
    async with failing(ATOMIC, Fault.REFUSED, "PUT", "*") as crm:
        there = await crm.customers.get_by_user_id("ada")
        find = crm._services.customer_store.find_by_user_id
        seen: list[str] = []

        async def find_late(user_id: str) -> Customer | None:
            seen.append(user_id)
            return await find(user_id) if len(seen) > 1 else None

        monkeypatch.setattr(crm._services.customer_store, "find_by_user_id", find_late)
        assert there == await crm.customers.ensure("ada")


async def test_a_commit_that_always_conflicts_is_given_up() -> None:
    """After the last retry the conflict is raised, and nothing has been written."""
    async with failing(ATOMIC, Fault.TRANSACTION_CONFLICT, "PATCH", TRANSACTION, times=None) as crm:
        with pytest.raises(ConflictError) as caught:
            await crm.as_user("ada").log_call("Intro")
        assert not caught.value.may_have_landed
        assert 0 == await crm.as_user("ada").count()


async def test_a_conflict_of_a_row_that_is_not_there_is_told() -> None:
    """A conflict of a missing row is raised, not ignored."""
    async with failing(FAST, Fault.TRANSACTION_CONFLICT, "POST", INTERACTIONS) as crm:
        with pytest.raises(ConflictError):
            await crm.as_user("ada").log_call("Intro")
        assert 0 == await crm.as_user("ada").count()


async def test_doubt_is_told_with_the_id_that_ends_it() -> None:
    """Creating again with the ID from the error finds the interaction."""
    async with failing(FAST, Fault.TIMEOUT_AFTER_WRITE, "POST", INTERACTIONS, retry=ONCE) as crm:
        repo = crm.as_user("ada")
        with pytest.raises(APITimeoutError) as caught:
            await repo.log_call("Intro")
        assert caught.value.may_have_landed
        assert str(caught.value.interaction_id) in caught.value.__notes__[0]
        call = await repo.log_call("Intro", id=caught.value.interaction_id)
        assert [call] == list((await repo.find()).items)


async def test_a_lost_answer_of_a_change_is_no_conflict() -> None:
    """If the response is lost, the retry recognizes its own change."""
    async with failing(FAST, Fault.TIMEOUT_AFTER_WRITE, "PATCH", INTERACTIONS) as crm:
        repo = crm.as_user("ada")
        call = await repo.log_call("Intro")
        changed = await repo.update(call.id, InteractionUpdate(subject="Changed"))
        assert "Changed" == changed.subject


async def test_a_lost_answer_of_a_delete_is_a_delete() -> None:
    """If the response is lost, the retry treats a missing row as deleted."""
    async with failing(FAST, Fault.TIMEOUT_AFTER_WRITE, "DELETE", INTERACTIONS) as crm:
        repo = crm.as_user("ada")
        call = await repo.log_call("Intro")
        await repo.delete(call.id)
        assert 0 == await repo.count()


async def test_the_next_one_is_written_once() -> None:
    """Repeating a completion with the same `next` writes nothing twice."""
    async with failing(ATOMIC, Fault.REFUSED, "PUT", "*") as crm:
        repo = crm.as_user("ada")
        task = await repo.log_task("Call", next_action_date=datetime.now(UTC) + timedelta(days=1))
        following = InteractionCreate(interaction_type="call", subject="Next", idempotency_key="n")
        await repo.create(following)
        done = await repo.follow_ups.complete(task.id, next=following)
        assert done == await repo.follow_ups.complete(task.id, next=following)
        assert "resolved" == done.outcome
        assert 2 == await repo.count()


async def test_a_change_to_what_is_there_writes_nothing() -> None:
    """An update to the same values does not change `updated_at`."""
    async with failing(ATOMIC, Fault.REFUSED, "PUT", "*") as crm:
        repo = crm.as_user("ada")
        call = await repo.log_call("Intro")
        assert call == await repo.update(call.id, InteractionUpdate(subject="Intro"))


async def test_a_customer_that_others_change_each_time_is_left_to_reconcile(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The create succeeds, and the log suggests `reconcile()`."""
    settings = Settings(verify_users=False, customer_update_attempts=1)
    async with failing(settings, Fault.TRANSACTION_CONFLICT, "PATCH", CUSTOMERS) as crm:
        call = await crm.as_user("ada").log_call("Intro")
        assert f"reconcile('{call.customer_id}')" in caplog.text


async def test_a_customer_without_a_user_has_interactions_without_an_owner() -> None:
    """Interactions of such customers have no permissions."""
    async with failing(ATOMIC, Fault.REFUSED, "PUT", "*") as crm:
        table = crm._services.project.tables.customers
        await crm._connection.send(wire.create_row(table, "nobodys", {"userId": ""}))
        call = await crm.as_admin("root").log_call("Intro", customer_id="nobodys")
        assert [] == call.permissions


async def test_look_alikes_are_nobodys() -> None:
    """An ID that differs only in case finds nothing and does not change dates."""
    async with failing(ATOMIC, Fault.REFUSED, "PUT", "*") as crm:
        repo = crm.as_user("ada")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        task = await repo.log_task("Mine", id="mine", next_action_date=due + timedelta(days=1))
        row = {
            "customerId": task.customer_id.upper(),
            "interactionType": "task",
            "userId": "ada",
            "direction": "outbound",
            "nextActionDate": due.isoformat(),
        }
        table = crm._services.project.tables.interactions
        await crm._connection.send(wire.create_row(table, "theirs", row))
        with pytest.raises(InteractionNotFoundError):
            await repo.get("MINE")
        await crm.customers.reconcile(task.customer_id)
        customer = await crm.customers.get(task.customer_id)
        assert task.next_action_date == customer.next_follow_up_at
        assert [task] == list((await repo.find(customer_id=task.customer_id)).items)


async def test_an_export_without_progress_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages are written if no `on_progress` is passed."""
    monkeypatch.setattr("interactions_sdk._async.transfer.exporting._BATCH_SIZE", 1)
    async with failing(Settings(verify_users=False, page_size=1), Fault.REFUSED, "PUT", "*") as crm:
        repo = crm.as_user("ada")
        for subject in ("One", "Two", "Three"):
            await repo.log_call(subject)
        assert 3 == await repo.export_jsonl(tmp_path / "calls.jsonl")


def test_an_embedded_server_that_cannot_be_prepared_is_closed(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The original exception is raised."""

    def fail(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("interactions_sdk._sync.schema.Schema.apply", fail)
    with pytest.raises(KeyboardInterrupt):
        AsyncInteractionsClient.embedded(tmp_path / "crm.db")


async def test_a_completion_that_always_conflicts_is_given_up() -> None:
    """After the last retry, neither the completion nor the next interaction is written."""
    async with failing(ATOMIC, Fault.TRANSACTION_CONFLICT, "PATCH", TRANSACTION, times=None) as crm:
        repo = crm.as_user("ada")
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        task = await repo.log_task(
            "Call", occurred_at=begin, next_action_date=begin + timedelta(days=1)
        )
        following = InteractionCreate(interaction_type="call", subject="Next")
        with pytest.raises(ConflictError):
            await repo.follow_ups.complete(task.id, next=following)
        assert [task] == list((await repo.find()).items)


@pytest.mark.unmeasured
@pytest.mark.parametrize("consistency", ["atomic", "fast"])
@pytest.mark.parametrize("method", ["snooze", "update"])
async def test_repeating_a_change_moves_the_date_that_it_left_behind(
    consistency: str, method: str
) -> None:
    """Repeating a change updates the customer, even if the repeat changes the row again."""
    settings = Settings.model_validate({"consistency": consistency, "verify_users": False})
    soon, later = (datetime.now(UTC).replace(microsecond=0) + days * DAY for days in (1, 9))
    async with failing(settings, Fault.REFUSED, "PATCH", CUSTOMERS, times=2, retry=ONCE) as crm:
        repo = crm.as_user("ada")
        task = await repo.log_task("Call back", next_action_date=later)

        async def change(outcome: str) -> CustomerInteraction:
            if method == "snooze":
                return await repo.follow_ups.snooze(task.id, until=soon)
            draft = {"next_action_date": soon, "outcome": outcome}
            return await repo.update(task.id, InteractionUpdate.model_validate(draft))

        await change("busy")
        assert (await crm.customers.get(task.customer_id)).next_follow_up_at is None
        await change("voicemail")

        assert soon == (await crm.customers.get(task.customer_id)).next_follow_up_at
