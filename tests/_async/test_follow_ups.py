"""Follow-ups: due, completed, snoozed, cancelled and claimed."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionNotFoundError,
    InteractionUpdate,
    OwnershipError,
    RequestEvent,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk._async.connection.rows import find_row
from interactions_sdk.concurrency import amap_concurrent
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.rules.follow_ups import FOLLOW_UP_FIELD, LEASE_FIELD
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


async def write_raw(
    crm: AsyncInteractionsClient,
    row_id: str,
    *,
    due: datetime | None = None,
    customer_id: str = "c1",
    **columns: object,
) -> None:
    """Write a row without validation, as another program would."""
    row = {
        "customerId": customer_id,
        "interactionType": "task",
        "userId": "ada",
        "direction": "outbound",
        "nextActionDate": due and format_datetime(due),
        **columns,
    }
    await crm._connection.send(
        wire.create_row(crm._services.project.tables.interactions, row_id, row)
    )


async def write_many(
    crm: AsyncInteractionsClient, count: int, *, due: datetime = NOON, customer_id: str = "c1"
) -> list[str]:
    """Write reminders that are due one second after another; return their IDs."""
    rows = [
        {
            "$id": f"r{number:05}",
            "customerId": customer_id,
            "interactionType": "task",
            "userId": "ada",
            "direction": "outbound",
            "nextActionDate": format_datetime(due + timedelta(seconds=number)),
        }
        for number in range(count)
    ]
    async with crm.transaction() as transaction:
        for begin in range(0, count, 500):
            transaction.create_many("customer_interactions", rows[begin : begin + 500])
    return [str(row["$id"]) for row in rows]


async def ids(interactions: AsyncIterator[CustomerInteraction]) -> list[str]:
    """Return the IDs of the interactions, in order."""
    return [interaction.id async for interaction in interactions]


async def raw_metadata(crm: AsyncInteractionsClient, row_id: str) -> str | None:
    """Return the metadata as stored in the column."""
    row = await find_row(crm._connection, crm._services.project.tables.interactions, row_id)
    assert row is not None
    return None if row.metadata is None else row.metadata.to_wire()


def facts_of(interaction: CustomerInteraction) -> dict[str, object]:
    """Return the stored follow-up data."""
    assert interaction.metadata is not None
    facts = interaction.metadata.custom_fields[FOLLOW_UP_FIELD]
    assert isinstance(facts, dict)
    return dict(facts)


# --- due, overdue, upcoming, today, this week


async def test_due_is_what_is_open_and_due(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A null outcome and `cancelled` are open, `resolved` is not; the exact time is included."""
    await write_raw(acrm, "null", due=NOON)
    await write_raw(acrm, "cancelled", due=NOON - HOUR, outcome="cancelled")
    await write_raw(acrm, "resolved", due=NOON - HOUR, outcome="resolved")
    await write_raw(acrm, "no-date", outcome="follow_up_required")
    await write_raw(acrm, "later", due=NOON + timedelta(milliseconds=1))

    assert ["cancelled", "null"] == await ids(admin.follow_ups.due(as_of=NOON))


async def test_due_goes_by_the_clock_if_no_time_is_given(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A follow-up of a moment ago is due by default, one in an hour is not."""
    await write_raw(acrm, "past", due=in_days(-0.001))
    await write_raw(acrm, "coming", due=in_days(0.1))

    assert ["past"] == await ids(admin.follow_ups.due())
    assert ["coming"] == await ids(admin.follow_ups.upcoming())


async def test_all_of_them_are_read_past_any_page_by_due_date(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """All 230 follow-ups are read in order, across pages, with ties ordered by ID."""
    expected = await write_many(acrm, 230)

    assert expected == await ids(admin.follow_ups.due(as_of=NOON + DAY))


async def test_a_hundred_reminders_of_one_moment_are_told_apart(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Reminders with the same due date are neither lost nor duplicated between pages."""
    expected = sorted(f"t{number}" for number in range(130))
    for row_id in expected:
        await write_raw(acrm, row_id, due=NOON)

    assert expected == await ids(admin.follow_ups.due(as_of=NOON))


async def test_follow_ups_of_users_are_told_apart_to_the_letter(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """User IDs are compared exactly, unlike Appwrite's equality."""
    for row_id, user in (("1", "ada"), ("2", "Ada"), ("3", "adä"), ("4", "ada "), ("5", "bob")):
        await write_raw(acrm, row_id, due=NOON, userId=user)

    assert ["1"] == await ids(admin.follow_ups.due("ada", NOON))
    assert ["2", "5"] == await ids(admin.follow_ups.due(["Ada", "bob"], NOON))
    assert [] == await ids(admin.follow_ups.due([], NOON))


async def test_a_user_sees_only_its_own_customers_follow_ups(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Follow-ups of look-alike customers are not listed and not claimed."""
    own = await acrm.customers.create(user_id="ada", id="cafe1")
    look_alikes = ("CAFE1", "café1", "cafe1 ", "cafe2")
    await write_raw(acrm, "own", due=NOON, customer_id=own.id)
    for number, customer_id in enumerate(look_alikes):
        await write_raw(acrm, f"other{number}", due=NOON, customer_id=customer_id)
    follow_ups = acrm.as_user("ada").follow_ups

    assert ["own"] == await ids(follow_ups.due(as_of=NOON))
    assert ["own"] == await ids(follow_ups.overdue(as_of=NOON + DAY))
    assert ["own"] == await ids(follow_ups.upcoming(as_of=NOON - HOUR))
    assert ["own"] == [claimed.id for claimed in await follow_ups.claim(10, as_of=NOON)]
    assert 1 + len(look_alikes) == len(await ids(admin.follow_ups.due(as_of=NOON)))


async def test_a_user_without_a_customer_has_no_follow_ups(
    acrm: AsyncInteractionsClient,
) -> None:
    """Reads are empty where there is no customer record."""
    await write_raw(acrm, "someones", due=NOON)

    assert [] == await ids(acrm.as_user("nobody").follow_ups.due(as_of=NOON))
    assert [] == await acrm.as_user("nobody").follow_ups.claim(5, as_of=NOON)


@pytest.mark.parametrize(
    ("tz", "as_of", "begin"),
    [
        pytest.param(
            "Europe/Zurich", "2026-03-29T12:00+00:00", "2026-03-28T23:00+00:00", id="clocks forward"
        ),
        pytest.param(
            "Europe/Zurich", "2026-03-30T12:00+00:00", "2026-03-29T22:00+00:00", id="the day after"
        ),
        pytest.param(
            "Europe/Zurich", "2026-10-25T22:30+00:00", "2026-10-24T22:00+00:00", id="25 hours"
        ),
        pytest.param(
            "America/New_York", "2026-03-08T03:00+00:00", "2026-03-07T05:00+00:00", id="evening"
        ),
        pytest.param(
            "America/New_York", "2026-11-01T23:30-05:00", "2026-11-01T04:00+00:00", id="New York"
        ),
        pytest.param(
            "Africa/Cairo", "2026-04-24T12:00+00:00", "2026-04-23T22:00+00:00", id="no midnight"
        ),
        pytest.param(None, "2026-06-01T00:00+02:00", "2026-05-31T00:00+00:00", id="UTC"),
    ],
)
async def test_overdue_is_what_was_due_before_today_in_a_zone(
    acrm: AsyncInteractionsClient,
    admin: AsyncInteractionRepository,
    tz: str | None,
    as_of: str,
    begin: str,
) -> None:
    """The start of the day is not overdue, but the millisecond before it is."""
    start = datetime.fromisoformat(begin)
    await write_raw(acrm, "yesterday", due=start - timedelta(milliseconds=1))
    await write_raw(acrm, "today", due=start)

    overdue = admin.follow_ups.overdue(as_of=datetime.fromisoformat(as_of), tz=tz)
    assert ["yesterday"] == await ids(overdue)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-07-01", 24), ("2026-10-25", 25)]
)
async def test_today_has_as_many_hours_as_the_day(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository, day: str, hours: int
) -> None:
    """A day with a clock change ends at its local midnight."""
    zurich = ZoneInfo("Europe/Zurich")
    begin = datetime.fromisoformat(day).replace(tzinfo=zurich).astimezone(UTC)
    await write_raw(acrm, "before", due=begin - timedelta(milliseconds=1))
    await write_raw(acrm, "first", due=begin)
    await write_raw(acrm, "last", due=begin + hours * HOUR - timedelta(milliseconds=1))
    await write_raw(acrm, "tomorrow", due=begin + hours * HOUR)

    today = admin.follow_ups.today(as_of=begin + 5 * HOUR, tz="Europe/Zurich")
    assert ["first", "last"] == await ids(today)


async def test_this_week_is_monday_to_sunday_in_a_zone(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """The week in which the clocks go forward has 167 hours."""
    monday = datetime(2026, 3, 23, tzinfo=ZoneInfo("Europe/Zurich")).astimezone(UTC)
    end = monday + 167 * HOUR
    for row_id, due in (("0", monday - HOUR), ("1", monday), ("2", end - HOUR), ("3", end)):
        await write_raw(acrm, row_id, due=due)

    week = admin.follow_ups.this_week(as_of=end - HOUR, tz="Europe/Zurich")
    assert ["1", "2"] == await ids(week)


async def test_today_and_this_week_go_by_the_clock(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """The default time is now, and users are selected as with `due`."""
    await write_raw(acrm, "now", due=in_days(0))

    assert ["now"] == await ids(admin.follow_ups.today("ada"))
    assert ["now"] == await ids(admin.follow_ups.this_week("ada"))
    assert [] == await ids(admin.follow_ups.overdue("ada"))


async def test_upcoming_is_what_will_be_due_within(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """The range is after now, up to and including its end."""
    for hours in (0, 1, 48, 49):
        await write_raw(acrm, f"in{hours:02}", due=NOON + hours * HOUR)

    upcoming = admin.follow_ups.upcoming(timedelta(days=2), as_of=NOON)
    assert ["in01", "in48"] == await ids(upcoming)


async def test_a_time_without_a_zone_and_an_unknown_zone_are_refused(
    admin: AsyncInteractionRepository,
) -> None:
    """A naive time and an unknown zone are rejected, because the day would be a guess."""
    naive = NOON.replace(tzinfo=None)
    for asked in (
        admin.follow_ups.due(as_of=naive),
        admin.follow_ups.upcoming(as_of=naive),
        admin.follow_ups.overdue(as_of=NOON, tz="Europe/Zürich"),
    ):
        with pytest.raises(BadRequestError, match="zone"):
            await ids(asked)
    with pytest.raises(BadRequestError, match="zone"):
        await admin.follow_ups.claim(1, as_of=naive)


# --- complete


async def test_a_completed_follow_up_is_resolved_and_keeps_the_facts(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """Time, note, previous outcome and first due date are stored; other metadata stays."""
    due = in_days(3)
    task = await ada.log_task(
        "Call back",
        outcome="no_answer",
        next_action_date=due,
        metadata=InteractionMetadata(tags=["vip"], custom_fields={"score": 7}),
    )

    before = datetime.now(UTC) - timedelta(milliseconds=1)
    done = await ada.follow_ups.complete(task.id, note="Reached her. 🎉")

    facts = facts_of(done)
    assert before <= datetime.fromisoformat(str(facts.pop("completedAt"))) <= datetime.now(UTC)
    expected = {
        "firstDueAt": format_datetime(due),
        "note": "Reached her. 🎉",
        "previousOutcome": "no_answer",
    }
    assert expected == facts
    assert ("resolved", due) == (done.outcome, done.next_action_date)
    assert done.metadata is not None
    assert (["vip"], 7) == (done.metadata.tags, done.metadata.custom_fields["score"])
    assert done == await ada.get(task.id)
    assert [] == await ids(ada.follow_ups.due(as_of=in_days(5)))
    assert None is (await acrm.customers.get_by_user_id("ada")).next_follow_up_at


async def test_a_follow_up_that_is_completed_already_stays_as_it_is(
    ada: AsyncInteractionRepository,
) -> None:
    """The second completion is a repeat and writes nothing."""
    task = await ada.log_task("Call back", outcome="busy", next_action_date=in_days(1))
    first = await ada.follow_ups.complete(task.id)

    assert first == await ada.follow_ups.complete(task.id, note="Really.")
    assert first == await ada.get(task.id)


async def test_a_follow_up_that_was_opened_again_starts_anew(
    ada: AsyncInteractionRepository,
) -> None:
    """Data of the first completion is not mixed with that of the reopened follow-up."""
    task = await ada.log_task("Call back", outcome="busy", next_action_date=in_days(1))
    await ada.follow_ups.complete(task.id, note="Reached.")
    again = in_days(9)
    await ada.update(task.id, InteractionUpdate(outcome=None, next_action_date=again))
    facts = facts_of(await ada.follow_ups.complete(task.id))

    assert {"completedAt", "firstDueAt"} == facts.keys()
    assert format_datetime(again) == facts["firstDueAt"]


async def test_the_next_follow_up_is_written_with_the_completion(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """Both are written in one transaction, and the customer's next date is the new one."""
    task = await ada.log_task("Send the offer", next_action_date=in_days(1))
    due = in_days(8)
    draft = InteractionCreate(
        interaction_type="task", subject="Ask what she thinks", next_action_date=due
    )
    await ada.follow_ups.complete(task.id, next=draft)

    followed = [interaction async for interaction in ada.follow_ups.due(as_of=in_days(9))]
    assert ["Ask what she thinks"] == [interaction.subject for interaction in followed]
    assert task.customer_id == followed[0].customer_id
    assert due == (await acrm.customers.get_by_user_id("ada")).next_follow_up_at


async def test_nothing_is_completed_when_the_next_one_cannot_be_written(
    ada: AsyncInteractionRepository,
) -> None:
    """If the next one's ID is in use, the follow-up stays open."""
    task = await ada.log_task("Send the offer", next_action_date=in_days(1))
    taken = await ada.log_note("Here already.")
    draft = InteractionCreate(interaction_type="task", subject="Next", id=taken.id)

    with pytest.raises(ConflictError):
        await ada.follow_ups.complete(task.id, next=draft)
    assert (await ada.get(task.id)).is_open_follow_up


async def test_the_next_one_is_of_the_same_customer_and_of_now(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """`next` with another customer or an `occurred_at` is rejected before anything is written."""
    customer, other = await acrm.customers.ensure("ada"), await acrm.customers.ensure("bob")
    task = await admin.log_task("Call", customer_id=customer.id, next_action_date=in_days(1))

    for wrong in ({"customer_id": other.id}, {"occurred_at": in_days(-1)}):
        draft = InteractionCreate.model_validate({"interaction_type": "task", **wrong})
        with pytest.raises(BadRequestError, match="next must"):
            await admin.follow_ups.complete(task.id, next=draft)
    assert (await admin.get(task.id)).is_open_follow_up


async def test_a_user_plans_nothing_for_another_customer(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The error is that of a missing customer, and it is audited."""
    task = await ada.log_task("Call", next_action_date=in_days(1))
    other = await acrm.customers.ensure("bob")
    draft = InteractionCreate(interaction_type="task", customer_id=other.id)

    with pytest.raises(OwnershipError):
        await ada.follow_ups.complete(task.id, next=draft)

    assert (await ada.get(task.id)).is_open_follow_up
    table = acrm._services.project.tables.audit
    assert table is not None
    queries = [query.equal("entityId", other.id)]
    audited = (await acrm._connection.send(wire.list_rows(table, queries))).rows
    assert [("interaction.refused", "ada")] == [(each.action, each.user_id) for each in audited]


@pytest.mark.parametrize("metadata", ["not JSON", "[1]", '{"tags": 5}'])
async def test_unreadable_metadata_survives(
    acrm: AsyncInteractionsClient,
    admin: AsyncInteractionRepository,
    caplog: pytest.LogCaptureFixture,
    metadata: str,
) -> None:
    """Invalid metadata of another program is kept; a note that does not fit is logged."""
    customer = await acrm.customers.ensure("ada")
    await write_raw(acrm, "r1", due=in_days(1), metadata=metadata, customer_id=customer.id)

    await admin.follow_ups.snooze("r1", by=DAY)
    with caplog.at_level(logging.WARNING, "interactions_sdk"):
        done = await admin.follow_ups.complete("r1", note="Done.")

    assert ("resolved", metadata) == (done.outcome, await raw_metadata(acrm, "r1"))
    assert ["the note on follow-up r1 was not kept"] == [
        record.message.partition(":")[0] for record in caplog.records
    ]


async def test_metadata_without_room_survives(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A follow-up with full metadata can still be completed, snoozed and cancelled."""
    customer = await acrm.customers.ensure("ada")
    full = json.dumps({"location": "x" * (5000 - len('{"location":""}'))}, separators=(",", ":"))
    for row_id in ("r1", "r2"):
        await write_raw(acrm, row_id, due=in_days(1), metadata=full, customer_id=customer.id)

    await admin.follow_ups.snooze("r1", by=DAY)
    done = await admin.follow_ups.complete("r1")
    cancelled = await admin.follow_ups.cancel("r2")

    assert ("resolved", None) == (done.outcome, cancelled.next_action_date)
    assert [full, full] == [await raw_metadata(acrm, row_id) for row_id in ("r1", "r2")]


async def test_a_note_that_is_too_long_is_refused(ada: AsyncInteractionRepository) -> None:
    """A note is never cut, and never lost where it could be shortened."""
    task = await ada.log_task("Call back", next_action_date=in_days(1))

    with pytest.raises(BadRequestError, match="shorten"):
        await ada.follow_ups.complete(task.id, note="x" * 5000)
    assert (await ada.get(task.id)).is_open_follow_up


# --- snooze and cancel


async def test_a_snoozed_follow_up_keeps_its_first_due_date(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """After two snoozes, the first due date and the number of snoozes are stored."""
    due = in_days(1)
    task = await ada.log_task("Call back", next_action_date=due)

    first = await ada.follow_ups.snooze(task.id, by=timedelta(hours=36))
    assert due + timedelta(hours=36) == first.next_action_date
    until = in_days(30)
    second = await ada.follow_ups.snooze(task.id, until=until)

    assert until == second.next_action_date
    assert {"firstDueAt": format_datetime(due), "snoozes": 2} == facts_of(second)
    assert until == (await acrm.customers.get_by_user_id("ada")).next_follow_up_at


@time_machine.travel(datetime(2026, 1, 20, tzinfo=UTC), tick=True)
async def test_a_month_later_keeps_the_day_where_it_can(ada: AsyncInteractionRepository) -> None:
    """One month after January 31 is February 28."""
    due = datetime(2026, 1, 31, 9, tzinfo=UTC)
    task = await ada.log_task("Call back", next_action_date=due)

    snoozed = await ada.follow_ups.snooze(task.id, by=relativedelta(months=1))
    assert datetime(2026, 2, 28, 9, tzinfo=UTC) == snoozed.next_action_date


@time_machine.travel(datetime(2026, 1, 20, tzinfo=UTC), tick=True)
async def test_calendar_units_are_counted_in_a_zone(ada: AsyncInteractionRepository) -> None:
    """Nine o'clock stays nine o'clock across a clock change."""
    zurich = ZoneInfo("Europe/Zurich")
    due = datetime(2026, 3, 15, 9, tzinfo=zurich)
    by_months = await ada.log_task("A", next_action_date=due)
    by_hours = await ada.log_task("B", next_action_date=due)
    midnight = await ada.log_task("C", next_action_date=datetime(2026, 1, 31, 0, 30, tzinfo=zurich))

    month, days, end = (
        await ada.follow_ups.snooze(by_months.id, by=relativedelta(months=1), tz="Europe/Zurich"),
        await ada.follow_ups.snooze(by_hours.id, by=timedelta(days=31), tz="Europe/Zurich"),
        await ada.follow_ups.snooze(midnight.id, by=relativedelta(months=1), tz="Europe/Zurich"),
    )
    assert datetime(2026, 4, 15, 9, tzinfo=zurich) == month.next_action_date
    assert datetime(2026, 4, 15, 10, tzinfo=zurich) == days.next_action_date
    assert datetime(2026, 2, 28, 0, 30, tzinfo=zurich) == end.next_action_date


async def test_what_is_long_overdue_is_put_off_from_now(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A day after last week's due date would also be past, so it counts from now."""
    customer = await acrm.customers.ensure("ada")
    await write_raw(acrm, "old", due=in_days(-7), customer_id=customer.id)
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    snoozed = await admin.follow_ups.snooze("old", by=DAY)

    assert snoozed.next_action_date is not None
    assert before + DAY <= snoozed.next_action_date <= datetime.now(UTC) + DAY


async def test_snoozes_that_cannot_be_are_refused(ada: AsyncInteractionRepository) -> None:
    """Invalid arguments and completed follow-ups are rejected."""
    task = await ada.log_task("Call back", next_action_date=in_days(1))
    refused: list[dict[str, object]] = [
        {},
        {"until": in_days(2), "by": DAY},
        {"by": -DAY},
        {"by": timedelta()},
        {"by": relativedelta(years=9000)},
        {"by": timedelta.max},
        {"until": in_days(2).replace(tzinfo=None)},
    ]
    for arguments in refused:
        with pytest.raises(BadRequestError):
            await ada.follow_ups.snooze(task.id, **arguments)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="next_action_date"):
        await ada.follow_ups.snooze(task.id, until=in_days(-1))
    await ada.follow_ups.complete(task.id)
    with pytest.raises(BadRequestError, match="to open it again"):
        await ada.follow_ups.snooze(task.id, by=DAY)


async def test_what_is_not_a_follow_up_is_left_as_it_is(ada: AsyncInteractionRepository) -> None:
    """An interaction without a due date cannot be completed, snoozed or cancelled."""
    call = await ada.log_call("Intro", outcome="successful")
    for action in (ada.follow_ups.complete, ada.follow_ups.cancel):
        with pytest.raises(BadRequestError, match="it has no next_action_date"):
            await action(call.id)
    with pytest.raises(BadRequestError, match="it has no next_action_date"):
        await ada.follow_ups.snooze(call.id, by=DAY)
    assert call == await ada.get(call.id)


async def test_cancelling_again_returns_the_follow_up_as_it_is(
    ada: AsyncInteractionRepository,
) -> None:
    """A caller that got no response repeats the call, which is not an error."""
    task = await ada.log_task("Call back", next_action_date=in_days(1))

    cancelled = await ada.follow_ups.cancel(task.id)

    assert cancelled == await ada.follow_ups.cancel(task.id)


async def test_a_cancelled_follow_up_has_no_date(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """A cancelled follow-up keeps its outcome and first due date, and is no longer the next."""
    later = in_days(5)
    await ada.log_task("Other", next_action_date=later)
    due = in_days(1)
    task = await ada.log_task("Call back", outcome="busy", next_action_date=due)

    cancelled = await ada.follow_ups.cancel(task.id)

    assert (None, "busy") == (cancelled.next_action_date, cancelled.outcome)
    assert {"firstDueAt": format_datetime(due)} == facts_of(cancelled)
    assert later == (await acrm.customers.get_by_user_id("ada")).next_follow_up_at


async def test_another_customers_follow_up_cannot_be_changed(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> None:
    """The error is that of a missing interaction, and the attempt is audited."""
    task = await ada.log_task("Call back", next_action_date=in_days(1))

    for tried in (
        bob.follow_ups.complete,
        bob.follow_ups.cancel,
    ):
        with pytest.raises(OwnershipError):
            await tried(task.id)
    with pytest.raises(OwnershipError):
        await bob.follow_ups.snooze(task.id, by=DAY)
    with pytest.raises(InteractionNotFoundError):
        await bob.follow_ups.complete("nothing")
    assert task == await ada.get(task.id)
    table = acrm._services.project.tables.audit
    assert table is not None
    refused = wire.list_rows(
        table, [query.equal("entityId", task.id), query.equal("userId", "bob")]
    )
    assert 3 == len((await acrm._connection.send(refused)).rows)


async def test_changes_are_audited_by_their_names(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The audit log distinguishes completion, snooze and cancellation."""
    task = await ada.log_task("Call back", next_action_date=in_days(1))
    await ada.follow_ups.snooze(task.id, by=DAY)
    await ada.follow_ups.cancel(task.id)
    await ada.update(task.id, InteractionUpdate(next_action_date=in_days(2)))
    await ada.follow_ups.complete(task.id)

    table = acrm._services.project.tables.audit
    assert table is not None
    entries = await acrm._connection.send(
        wire.list_rows(table, [query.equal("entityId", task.id), query.ascending("$createdAt")])
    )
    actions = ["created", "snoozed", "cancelled", "updated", "completed"]
    assert [f"interaction.{action}" for action in actions] == [
        entry.action for entry in entries.rows
    ]


# --- claim


async def test_what_is_claimed_is_not_claimed_again(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """The earliest are claimed first; the others are left for the next worker."""
    expected = await write_many(acrm, 5)
    as_of = NOON + DAY

    first = await admin.follow_ups.claim(3, as_of=as_of)
    second = await admin.follow_ups.claim(3, as_of=as_of)

    assert expected[:3] == [claimed.id for claimed in first]
    assert expected[3:] == [claimed.id for claimed in second]
    assert [] == await admin.follow_ups.claim(3, as_of=as_of)
    assert expected == await ids(admin.follow_ups.due(as_of=as_of))


async def test_a_lease_ends_by_itself(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Follow-ups claimed by a worker that died are claimed again after the lease."""
    await write_many(acrm, 1)
    with time_machine.travel(NOON + DAY, tick=False) as clock:
        assert 1 == len(await admin.follow_ups.claim(1, lease=HOUR))
        clock.shift(HOUR - timedelta(seconds=1))
        assert [] == await admin.follow_ups.claim(1, lease=HOUR)
        clock.shift(timedelta(seconds=1))
        assert 1 == len(await admin.follow_ups.claim(1, lease=HOUR))


async def test_completing_snoozing_and_cancelling_end_a_lease(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """The lease is removed, so a snoozed follow-up can be claimed when it is due again."""
    customer = await acrm.customers.ensure("ada")
    await write_many(acrm, 3, due=in_days(-1), customer_id=customer.id)
    one, two, three = await admin.follow_ups.claim(3)

    changed = [
        await admin.follow_ups.complete(one.id),
        await admin.follow_ups.snooze(two.id, by=DAY),
        await admin.follow_ups.cancel(three.id),
    ]
    for interaction in changed:
        assert interaction.metadata is not None
        assert LEASE_FIELD not in interaction.metadata.custom_fields
    assert [two.id] == [each.id for each in await admin.follow_ups.claim(3, as_of=in_days(2))]


async def test_a_reminder_that_has_no_room_for_a_lease_is_left_and_told_of(
    acrm: AsyncInteractionsClient,
    admin: AsyncInteractionRepository,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without a lease, two workers could get it, so it is skipped; the others are claimed."""
    await write_raw(acrm, "r1", due=NOON, metadata="not JSON")
    await write_raw(acrm, "r2", due=NOON)

    with caplog.at_level(logging.WARNING, "interactions_sdk"):
        claimed = await admin.follow_ups.claim(5, as_of=NOON)

    assert ["r2"] == [each.id for each in claimed]
    assert ["follow-up r1 cannot be claimed: its metadata has no room for a lease"] == [
        record.message for record in caplog.records
    ]


async def test_what_takes_no_lease_is_not_read_again_and_again() -> None:
    """Follow-ups that cannot hold a lease do not count as conflicts with other workers."""
    sent: list[RequestEvent] = []
    async with AsyncInteractionsClient.embedded(on_request=sent.append) as crm:
        for number in range(12):
            await write_raw(crm, f"r{number}", due=NOON, metadata="not JSON")
        sent.clear()
        assert [] == await crm.as_admin("root").follow_ups.claim(5, as_of=NOON)

    assert 1 == len(sent)


async def test_a_limit_or_a_lease_that_is_none_is_refused(
    admin: AsyncInteractionRepository,
) -> None:
    """A limit of 0 would claim nothing forever, and a lease of 0 protects nothing."""
    with pytest.raises(BadRequestError, match="limit"):
        await admin.follow_ups.claim(0)
    with pytest.raises(BadRequestError, match="lease"):
        await admin.follow_ups.claim(1, lease=timedelta())


async def test_a_reminder_that_is_completed_meanwhile_is_not_claimed(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A follow-up is claimed only if it has not changed since it was read."""
    customer = await acrm.customers.ensure("ada")
    await write_many(acrm, 2, customer_id=customer.id)
    stale = [interaction async for interaction in admin.follow_ups.due(as_of=NOON + DAY)]
    await admin.follow_ups.complete(stale[0].id)
    await admin.delete(stale[1].id)

    until = in_days(1)
    assert [None, None] == [await admin.follow_ups._claim(each, until=until) for each in stale]


@pytest.mark.unmeasured
async def test_workers_at_once_get_each_reminder_once(
    acrm: AsyncInteractionsClient,
) -> None:
    """Eight concurrent workers share 100 reminders: each is claimed once."""
    expected = await write_many(acrm, 100)
    workers = [acrm.as_admin(f"worker{number}") for number in range(8)]

    async def work(worker: AsyncInteractionRepository) -> list[str]:
        taken: list[str] = []
        while claimed := await worker.follow_ups.claim(5, as_of=NOON + DAY):
            taken += [each.id for each in claimed]
        return taken

    async with amap_concurrent(work, workers, max_concurrency=8) as under_way:
        shares = [share async for share in under_way]
    assert Counter(expected) == Counter(row_id for share in shares for row_id in share)


class Line(httpx.AsyncBaseTransport):
    """A connection to a server; subclasses disturb its requests."""

    def __init__(self, server: EmbeddedAppwrite) -> None:
        self.inner = server.transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request."""
        return await self.inner.handle_async_request(request)


class GivesOut(Line):
    """A connection that breaks after a number of changes."""

    def __init__(self, server: EmbeddedAppwrite, changes: int) -> None:
        super().__init__(server)
        self._changes = changes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, or fail."""
        self._changes -= request.method == "PATCH"
        if self._changes < 0:
            raise httpx.ConnectError("the line is dead")
        return await super().handle_async_request(request)


class LosesAnAnswer(Line):
    """A connection that applies the first change and loses its response.

    With `another_wins`, the applied change is that of another worker.
    """

    def __init__(self, server: EmbeddedAppwrite, *, another_wins: bool) -> None:
        super().__init__(server)
        self._another_wins = another_wins
        self._is_lost = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request; lose the response of the first change."""
        if request.method != "PATCH" or self._is_lost:
            return await super().handle_async_request(request)
        self._is_lost = True
        token = "another" if self._another_wins else r"\1"
        body = re.sub(
            rb'token\\":\\"([0-9a-f]+)', rf'token\\":\\"{token}'.encode(), request.content
        )
        headers = {**request.headers, "content-length": str(len(body))}
        carried_out = httpx.Request(request.method, request.url, headers=headers, content=body)
        await super().handle_async_request(carried_out)
        raise httpx.ReadTimeout("no answer")


class IsOvertaken(Line):
    """A connection on which another worker claims while the first list is read."""

    def __init__(self, server: EmbeddedAppwrite, claims: int) -> None:
        super().__init__(server)
        self._other = client_on(Line(server), server)
        self._claims = claims

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, and let the other worker claim."""
        answer = await super().handle_async_request(request)
        if request.method == "GET" and self._claims:
            claims, self._claims = self._claims, 0
            await self._other.as_admin("other").follow_ups.claim(claims, as_of=NOON + DAY)
        return answer


def client_on(line: Line, server: EmbeddedAppwrite) -> AsyncInteractionsClient:
    """Return a client that uses a connection and retries immediately."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=Settings(verify_users=False),
        transport=line,
        retry=RetryPolicy(retries=1, initial_delay=0),
    )


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Return a server that several clients share."""
    started = start_embedded_server(":memory:", Settings())
    yield started
    started.close()


async def claim_on(line: Line, server: EmbeddedAppwrite, limit: int = 5) -> list[str]:
    """Claim up to five due reminders over a connection, and return their IDs."""
    async with client_on(Line(server), server) as crm:
        for number in range(5):
            await write_raw(crm, f"r{number}", due=NOON + number * HOUR)
        async with client_on(line, server) as worker:
            claimed = await worker.as_admin("root").follow_ups.claim(limit, as_of=NOON + DAY)
    return [each.id for each in claimed]


async def test_what_was_claimed_before_the_line_broke_is_not_lost(
    server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """If the connection breaks, the worker gets the follow-ups that it has claimed so far."""
    with caplog.at_level(logging.WARNING, "interactions_sdk"):
        assert ["r0", "r1"] == await claim_on(GivesOut(server, 2), server)
    assert "only 2 follow-ups were claimed: APIConnectionError" == caplog.records[-1].message


async def test_a_line_that_is_dead_from_the_start_is_an_error(server: EmbeddedAppwrite) -> None:
    """If no request succeeds, the error is raised instead of returning no follow-ups."""
    with pytest.raises(APIConnectionError):
        await claim_on(GivesOut(server, 0), server)


async def test_a_claim_whose_answer_was_lost_is_known_by_its_token(
    server: EmbeddedAppwrite,
) -> None:
    """The retry conflicts with the first attempt, and recognizes it by the token."""
    line = LosesAnAnswer(server, another_wins=False)
    assert ["r0", "r1", "r2", "r3", "r4"] == await claim_on(line, server)


async def test_a_claim_that_another_worker_won_is_known_by_its_token(
    server: EmbeddedAppwrite,
) -> None:
    """After a conflict, the claim is read to find out which worker it belongs to."""
    line = LosesAnAnswer(server, another_wins=True)
    assert ["r1", "r2", "r3", "r4"] == await claim_on(line, server)


async def test_a_worker_that_was_overtaken_reads_anew(server: EmbeddedAppwrite) -> None:
    """Follow-ups claimed by others are not tried again; the list is read once more."""
    assert ["r3", "r4"] == await claim_on(IsOvertaken(server, 3), server)


async def test_a_worker_that_was_overtaken_gets_as_many_as_it_asked_for(
    server: EmbeddedAppwrite,
) -> None:
    """A worker whose candidates were claimed by others still gets as many as it asked for."""
    assert 1 == len(await claim_on(IsOvertaken(server, 2), server, limit=1))


async def test_what_is_claimed_is_read_anew(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A claim invalidates this client's cached reads of the customer."""
    await write_raw(acrm, "r1", due=NOON)
    before = await admin.find(customer_id="c1", max_age=HOUR)
    await admin.follow_ups.claim(1, as_of=NOON)
    after = await admin.find(customer_id="c1", max_age=HOUR)

    assert (None, 0) == (before.items[0].metadata, acrm.read_cache.hits)
    assert after.items[0].metadata is not None
