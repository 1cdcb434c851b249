# Generated from tests/_async/test_recurring_follow_ups.py by scripts/unasync.py; do not edit.
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
    BadRequestError,
    ConflictError,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    RetryPolicy,
    ServerError,
    Settings,
)
from interactions_sdk.concurrency import gather
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport

if TYPE_CHECKING:
    from collections.abc import Iterator


ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = datetime(2026, 3, 23, 9, tzinfo=ZURICH)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Freeze the clock in one week for all tests."""
    with time_machine.travel(NOW):
        yield


def log(repo: InteractionRepository, **details: Any) -> CustomerInteraction:
    """Log a task that recurs every week at nine o'clock in Zurich."""
    fields: dict[str, Any] = {
        "next_action_date": FIRST,
        "recurrence": "FREQ=WEEKLY",
        "recurrence_tz": "Europe/Zurich",
        **details,
    }
    return repo.log_task("Call back", **fields)


def open_ones(repo: InteractionRepository) -> list[CustomerInteraction]:
    """Return all open follow-ups."""
    return [each for each in repo.follow_ups.due(as_of=NEVER)]


def test_a_rule_needs_metadata_that_can_be_read(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """A recurrence cannot be added to invalid metadata, unless the update replaces the metadata."""
    task = log(ada, recurrence=None, recurrence_tz=None)
    with crm.transaction() as transaction:
        transaction.update("customer_interactions", task.id, {"metadata": "not JSON"})
    with pytest.raises(BadRequestError, match="not valid JSON"):
        ada.update(task.id, recurrence="FREQ=DAILY")
    fixed = ada.update(task.id, recurrence="FREQ=DAILY", metadata=InteractionMetadata())
    assert "FREQ=DAILY" == fixed.recurrence


def test_completing_one_writes_the_next(ada: InteractionRepository) -> None:
    """The next follow-up is a copy at the same local time, until the series ends."""
    metadata = InteractionMetadata(
        tags=["vip"],
        attachments=["https://files.example/offer.pdf"],
        call_recording_url="https://files.example/1.mp3",
        custom_fields={"score": 7},
    )
    task = log(
        ada, recurrence="FREQ=WEEKLY;COUNT=3", metadata=metadata, description="About the renewal"
    )
    assert ("FREQ=WEEKLY;COUNT=3", "Europe/Zurich") == (task.recurrence, task.recurrence_tz)

    done = ada.follow_ups.complete(task.id, note="Voicemail.")
    (second,) = open_ones(ada)

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

    ada.follow_ups.complete(second.id)
    (third,) = open_ones(ada)
    ada.follow_ups.complete(third.id)
    assert [] == open_ones(ada)
    assert 3 == ada.count()


def test_the_customer_is_due_at_the_next_date(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """The customer's next follow-up is updated as after any change."""
    task = log(ada)
    ada.follow_ups.complete(task.id)
    customer = crm.customers.get(task.customer_id)
    assert FIRST + timedelta(days=7) == customer.next_follow_up_at

    (second,) = open_ones(ada)
    ada.follow_ups.skip(second.id)
    customer = crm.customers.get(task.customer_id)
    assert FIRST + timedelta(days=14) == customer.next_follow_up_at


def test_repeating_never_makes_two(ada: InteractionRepository) -> None:
    """Completing it again, even after reopening, does not create a second one."""
    task = log(ada)
    done = ada.follow_ups.complete(task.id)
    assert done == ada.follow_ups.complete(task.id)

    ada.update(task.id, outcome=None)
    ada.follow_ups.complete(task.id)

    assert 1 == len(open_ones(ada))
    assert 2 == ada.count()


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
def test_two_who_complete_it_write_one(consistency: Any) -> None:
    """Only one of two concurrent completions creates the next; the other gets it or a conflict."""
    settings = Settings(verify_users=False, consistency=consistency)
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        task = log(ada)

        def complete() -> None:
            with suppress(ConflictError):
                crm.as_user("ada").follow_ups.complete(task.id)

        gather(complete, complete)

        assert 1 == len(open_ones(ada))
        assert 2 == ada.count()


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER_WRITE, Fault.BAD_GATEWAY_BEFORE_WRITE])
@pytest.mark.parametrize("number", range(1, 13))
def test_nothing_is_lost_or_doubled_when_an_answer_is(fault: Fault, number: int) -> None:
    """If any write gets no response, completing it again leaves exactly one open follow-up."""
    settings = Settings(verify_users=False)
    server = start_embedded_server(":memory:", settings)
    transport = FaultyTransport(server.transport, fault, first=number)
    address = ("http://embedded/v1", server.project)
    with InteractionsClient(
        *address, api_key=server.api_key, settings=settings, transport=server.transport
    ) as clean:
        clean.customers.ensure("ada")
        task = log(clean.as_user("ada"))
        with InteractionsClient(
            *address,
            api_key=server.api_key,
            settings=settings,
            transport=transport,
            retry=RetryPolicy(retries=0),
        ) as crm:
            with suppress(APITimeoutError, ServerError):
                crm.as_user("ada").follow_ups.complete(task.id)
            crm.as_user("ada").follow_ups.complete(task.id)

        assert "resolved" == (clean.as_user("ada").get(task.id)).outcome
        assert 1 == len(open_ones(clean.as_user("ada")))
        assert 2 == clean.as_user("ada").count()
    server.close()


def test_skipping_moves_to_the_next_date(ada: InteractionRepository) -> None:
    """Skipping ends at the last date; only open recurring follow-ups can be skipped."""
    task = log(ada, recurrence="FREQ=WEEKLY;COUNT=2")
    ada.follow_ups.snooze(task.id, by=timedelta(hours=2))
    task = ada.follow_ups.skip(task.id)
    assert FIRST + timedelta(days=7) == task.next_action_date
    assert task.metadata is not None
    assert {"followUpRecurrence"} == set(task.metadata.custom_fields)

    with pytest.raises(BadRequestError, match="it is the last of its series"):
        ada.follow_ups.skip(task.id)
    single = ada.log_task("Once", next_action_date=FIRST)
    with pytest.raises(BadRequestError, match="does not recur"):
        ada.follow_ups.skip(single.id)
    ada.follow_ups.complete(task.id)
    for change in (ada.follow_ups.skip, ada.follow_ups.stop):
        with pytest.raises(BadRequestError, match="not an open follow-up"):
            change(task.id)


def test_stopping_leaves_it_open(ada: InteractionRepository) -> None:
    """A stopped follow-up stays open as the last one; one that does not recur is unchanged."""
    task = log(ada)
    stopped = ada.follow_ups.stop(task.id)
    assert (None, FIRST) == (stopped.recurrence, stopped.next_action_date)
    assert stopped == ada.follow_ups.stop(task.id)

    ada.follow_ups.complete(task.id)
    assert [] == open_ones(ada)

    plain = ada.log_task("Once", next_action_date=FIRST)
    assert plain == ada.follow_ups.stop(plain.id)


def test_what_is_late_goes_on_after_now(ada: InteractionRepository) -> None:
    """Past dates are dropped; a snoozed follow-up keeps its series."""
    task = log(ada)
    ada.follow_ups.snooze(task.id, by=timedelta(days=1))
    with time_machine.travel(FIRST + timedelta(days=20)):
        ada.follow_ups.complete(task.id)
        (following,) = open_ones(ada)
        assert FIRST + timedelta(days=21) == following.next_action_date


def test_an_update_sets_keeps_and_ends_a_series(ada: InteractionRepository) -> None:
    """Replacing other metadata keeps the series; a rule needs a date."""
    task = ada.log_task("Call back", next_action_date=FIRST)

    task = ada.update(task.id, recurrence="freq=monthly", recurrence_tz="Europe/Zurich")
    assert ("FREQ=MONTHLY", "Europe/Zurich") == (task.recurrence, task.recurrence_tz)
    task = ada.update(task.id, metadata=InteractionMetadata(tags=["vip"]))
    assert (["vip"], "FREQ=MONTHLY") == (task.metadata and task.metadata.tags, task.recurrence)
    task = ada.update(task.id, metadata=None)
    assert "FREQ=MONTHLY" == task.recurrence
    task = ada.update(task.id, recurrence=None, metadata=None)
    assert (None, None) == (task.recurrence, task.recurrence_tz)

    call = ada.log_call("Intro")
    call = ada.update(call.id, metadata=None)
    assert None is call.metadata
    with pytest.raises(ValidationError, match="needs a next_action_date"):
        ada.update(call.id, recurrence="FREQ=DAILY")
    call = ada.update(call.id, recurrence="FREQ=DAILY", next_action_date=FIRST)
    assert ("FREQ=DAILY", "UTC") == (call.recurrence, call.recurrence_tz)


def test_a_next_one_of_ones_own_is_refused(ada: InteractionRepository) -> None:
    """`next` is rejected for recurring follow-ups, which create their next one."""
    task = log(ada)

    with pytest.raises(BadRequestError, match="completing it writes the next one by itself"):
        ada.follow_ups.complete(task.id, next={"interaction_type": "call"})


def test_an_admin_leaves_the_work_with_whoever_has_it(
    ada: InteractionRepository, admin: InteractionRepository
) -> None:
    """If an admin completes it, the next one belongs to the same user."""
    task = log(ada)
    admin.follow_ups.complete(task.id)

    (following,) = [each for each in admin.follow_ups.due("ada", as_of=NEVER)]
    assert ("ada", "root") == (following.user_id, following.created_by)


def test_the_zone_is_the_clients() -> None:
    """The default time zone is the client's."""
    settings = Settings(time_zone="Europe/Zurich")
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        task = log(crm.as_user("ada"), recurrence_tz=None)
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
