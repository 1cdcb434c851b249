"""Recurring follow-ups: completing one creates the next, once."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pydantic import ValidationError

from interactions_sdk import (
    APITimeoutError,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    RetryPolicy,
    ServerError,
    Settings,
)
from interactions_sdk.concurrency import agather
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = datetime(2026, 3, 23, 9, tzinfo=ZURICH)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Freeze the clock in one week for all tests."""
    with time_machine.travel(NOW):
        yield


async def log(repo: AsyncInteractionRepository, **details: Any) -> CustomerInteraction:
    """Log a task that recurs every week at nine o'clock in Zurich."""
    fields: dict[str, Any] = {
        "next_action_date": FIRST,
        "recurrence": "FREQ=WEEKLY",
        "recurrence_tz": "Europe/Zurich",
        **details,
    }
    return await repo.log_task("Call back", **fields)


async def open_ones(repo: AsyncInteractionRepository) -> list[CustomerInteraction]:
    """Return all open follow-ups."""
    return [each async for each in repo.follow_ups.due(as_of=NEVER)]


async def test_a_rule_needs_metadata_that_can_be_read(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """A recurrence cannot be added to invalid metadata, unless the update replaces the metadata."""
    task = await log(ada, recurrence=None, recurrence_tz=None)
    async with acrm.transaction() as transaction:
        transaction.update("customer_interactions", task.id, {"metadata": "not JSON"})
    with pytest.raises(BadRequestError, match="not valid JSON"):
        await ada.update(task.id, recurrence="FREQ=DAILY")
    fixed = await ada.update(task.id, recurrence="FREQ=DAILY", metadata=InteractionMetadata())
    assert "FREQ=DAILY" == fixed.recurrence


async def test_completing_one_writes_the_next(ada: AsyncInteractionRepository) -> None:
    """The next follow-up is a copy at the same local time, until the series ends."""
    metadata = InteractionMetadata(
        tags=["vip"],
        attachments=["https://files.example/offer.pdf"],
        call_recording_url="https://files.example/1.mp3",
        custom_fields={"score": 7},
    )
    task = await log(
        ada, recurrence="FREQ=WEEKLY;COUNT=3", metadata=metadata, description="About the renewal"
    )
    assert ("FREQ=WEEKLY;COUNT=3", "Europe/Zurich") == (task.recurrence, task.recurrence_tz)

    done = await ada.follow_ups.complete(task.id, note="Voicemail.")
    (second,) = await open_ones(ada)

    assert ("resolved", None) == (done.outcome, done.recurrence)
    assert done.metadata is not None
    facts: Any = done.metadata.custom_fields["followUp"]
    assert second.id == facts["nextId"]
    assert FIRST + timedelta(days=7) == second.next_action_date
    assert datetime(2026, 3, 30, 7, tzinfo=UTC) == second.next_action_date
    same = ("interaction_type", "subject", "description", "direction", "user_id", "recurrence")
    assert [getattr(task, name) for name in same] == [getattr(second, name) for name in same]
    assert second.metadata is not None
    assert (["vip"], [], None) == (
        second.metadata.tags,
        second.metadata.attachments,
        second.metadata.call_recording_url,
    )
    assert {"score", "followUpRecurrence"} == set(second.metadata.custom_fields)

    await ada.follow_ups.complete(second.id)
    (third,) = await open_ones(ada)
    await ada.follow_ups.complete(third.id)
    assert [] == await open_ones(ada)
    assert 3 == await ada.count()


async def test_the_customer_is_due_at_the_next_date(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The customer's next follow-up is updated as after any change."""
    task = await log(ada)
    await ada.follow_ups.complete(task.id)
    customer = await acrm.customers.get(task.customer_id)
    assert FIRST + timedelta(days=7) == customer.next_follow_up_at

    (second,) = await open_ones(ada)
    await ada.follow_ups.skip(second.id)
    customer = await acrm.customers.get(task.customer_id)
    assert FIRST + timedelta(days=14) == customer.next_follow_up_at


async def test_repeating_never_makes_two(ada: AsyncInteractionRepository) -> None:
    """Completing it again, even after reopening, does not create a second one."""
    task = await log(ada)
    done = await ada.follow_ups.complete(task.id)
    assert done == await ada.follow_ups.complete(task.id)

    await ada.update(task.id, outcome=None)
    await ada.follow_ups.complete(task.id)

    assert 1 == len(await open_ones(ada))
    assert 2 == await ada.count()


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
async def test_two_who_complete_it_write_one(consistency: Any) -> None:
    """Only one of two concurrent completions creates the next; the other gets it or a conflict."""
    settings = Settings(verify_users=False, consistency=consistency)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        task = await log(ada)

        async def complete() -> None:
            with suppress(ConflictError):
                await crm.as_user("ada").follow_ups.complete(task.id)

        await agather(complete, complete)

        assert 1 == len(await open_ones(ada))
        assert 2 == await ada.count()


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER_WRITE, Fault.BAD_GATEWAY_BEFORE_WRITE])
@pytest.mark.parametrize("number", range(1, 13))
async def test_nothing_is_lost_or_doubled_when_an_answer_is(fault: Fault, number: int) -> None:
    """If any write gets no response, completing it again leaves exactly one open follow-up."""
    settings = Settings(verify_users=False)
    server = start_embedded_server(":memory:", settings)
    transport = FaultyTransport(server.transport, fault, first=number)
    address = ("http://embedded/v1", server.project)
    async with AsyncInteractionsClient(
        *address, api_key=server.api_key, settings=settings, transport=server.transport
    ) as clean:
        await clean.customers.ensure("ada")
        task = await log(clean.as_user("ada"))
        async with AsyncInteractionsClient(
            *address,
            api_key=server.api_key,
            settings=settings,
            transport=transport,
            retry=RetryPolicy(retries=0),
        ) as crm:
            with suppress(APITimeoutError, ServerError):
                await crm.as_user("ada").follow_ups.complete(task.id)
            await crm.as_user("ada").follow_ups.complete(task.id)

        assert "resolved" == (await clean.as_user("ada").get(task.id)).outcome
        assert 1 == len(await open_ones(clean.as_user("ada")))
        assert 2 == await clean.as_user("ada").count()
    server.close()


async def test_skipping_moves_to_the_next_date(ada: AsyncInteractionRepository) -> None:
    """Skipping ends at the last date; only open recurring follow-ups can be skipped."""
    task = await log(ada, recurrence="FREQ=WEEKLY;COUNT=2")
    await ada.follow_ups.snooze(task.id, by=timedelta(hours=2))
    task = await ada.follow_ups.skip(task.id)
    assert FIRST + timedelta(days=7) == task.next_action_date
    assert task.metadata is not None
    assert {"followUpRecurrence"} == set(task.metadata.custom_fields)

    with pytest.raises(BadRequestError, match="it is the last of its series"):
        await ada.follow_ups.skip(task.id)
    single = await ada.log_task("Once", next_action_date=FIRST)
    with pytest.raises(BadRequestError, match="does not recur"):
        await ada.follow_ups.skip(single.id)
    await ada.follow_ups.complete(task.id)
    for change in (ada.follow_ups.skip, ada.follow_ups.stop):
        with pytest.raises(BadRequestError, match="not an open follow-up"):
            await change(task.id)


async def test_stopping_leaves_it_open(ada: AsyncInteractionRepository) -> None:
    """A stopped follow-up stays open as the last one; one that does not recur is unchanged."""
    task = await log(ada)
    stopped = await ada.follow_ups.stop(task.id)
    assert (None, FIRST) == (stopped.recurrence, stopped.next_action_date)
    assert stopped == await ada.follow_ups.stop(task.id)

    await ada.follow_ups.complete(task.id)
    assert [] == await open_ones(ada)

    plain = await ada.log_task("Once", next_action_date=FIRST)
    assert plain == await ada.follow_ups.stop(plain.id)


async def test_what_is_late_goes_on_after_now(ada: AsyncInteractionRepository) -> None:
    """Past dates are dropped; a snoozed follow-up keeps its series."""
    task = await log(ada)
    await ada.follow_ups.snooze(task.id, by=timedelta(days=1))
    with time_machine.travel(FIRST + timedelta(days=20)):
        await ada.follow_ups.complete(task.id)
        (following,) = await open_ones(ada)
        assert FIRST + timedelta(days=21) == following.next_action_date


async def test_an_update_sets_keeps_and_ends_a_series(ada: AsyncInteractionRepository) -> None:
    """Replacing other metadata keeps the series; a rule needs a date."""
    task = await ada.log_task("Call back", next_action_date=FIRST)

    task = await ada.update(task.id, recurrence="freq=monthly", recurrence_tz="Europe/Zurich")
    assert ("FREQ=MONTHLY", "Europe/Zurich") == (task.recurrence, task.recurrence_tz)
    task = await ada.update(task.id, metadata=InteractionMetadata(tags=["vip"]))
    assert (["vip"], "FREQ=MONTHLY") == (task.metadata and task.metadata.tags, task.recurrence)
    task = await ada.update(task.id, metadata=None)
    assert "FREQ=MONTHLY" == task.recurrence
    task = await ada.update(task.id, recurrence=None, metadata=None)
    assert (None, None) == (task.recurrence, task.recurrence_tz)

    call = await ada.log_call("Intro")
    call = await ada.update(call.id, metadata=None)
    assert None is call.metadata
    with pytest.raises(ValidationError, match="needs a next_action_date"):
        await ada.update(call.id, recurrence="FREQ=DAILY")
    call = await ada.update(call.id, recurrence="FREQ=DAILY", next_action_date=FIRST)
    assert ("FREQ=DAILY", "UTC") == (call.recurrence, call.recurrence_tz)


async def test_a_next_one_of_ones_own_is_refused(ada: AsyncInteractionRepository) -> None:
    """`next` is rejected for recurring follow-ups, which create their next one."""
    task = await log(ada)

    with pytest.raises(BadRequestError, match="completing it writes the next one by itself"):
        await ada.follow_ups.complete(task.id, next={"interaction_type": "call"})


async def test_an_admin_leaves_the_work_with_whoever_has_it(
    ada: AsyncInteractionRepository, admin: AsyncInteractionRepository
) -> None:
    """If an admin completes it, the next one belongs to the same user."""
    task = await log(ada)
    await admin.follow_ups.complete(task.id)

    (following,) = [each async for each in admin.follow_ups.due("ada", as_of=NEVER)]
    assert ("ada", "root") == (following.user_id, following.created_by)


async def test_the_zone_is_the_clients() -> None:
    """The default time zone is the client's."""
    settings = Settings(time_zone="Europe/Zurich")
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        task = await log(crm.as_user("ada"), recurrence_tz=None)
        assert "Europe/Zurich" == task.recurrence_tz


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"recurrence": "FREQ=SECONDLY"}, "recurrence", "FREQ must be DAILY, WEEKLY"),
        ({"next_action_date": None}, "recurrence", "needs a next_action_date"),
        ({"recurrence": None}, "recurrence", "recurrence_tz needs a recurrence"),
        ({"recurrence_tz": "Mars"}, "recurrence_tz", "Unknown time zone 'Mars'"),
        ({"next_action_date": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "recurrence", "of range"),
        ({"next_action_date": "soon"}, "next_action_date", "Use a datetime"),
        (
            {"metadata": InteractionMetadata(custom_fields={"a": "x" * 4900})},
            "recurrence",
            "at most 5000 characters",
        ),
    ],
)
def test_a_draft_is_checked(fields: dict[str, Any], field: str, reason: str) -> None:
    """Each invalid value in a recurring draft raises a `ValidationError`."""
    draft = {
        "interaction_type": "task",
        "next_action_date": FIRST,
        "recurrence": "FREQ=DAILY",
        "recurrence_tz": "Europe/Zurich",
        **fields,
    }

    with pytest.raises(ValidationError) as caught:
        InteractionCreate.model_validate(draft)

    (fault,) = caught.value.errors()
    assert (field,) == fault["loc"]
    assert reason in fault["msg"]
