"""Reading many rows: none is skipped or repeated while other programs write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakSet

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    CustomerInteraction,
    InteractionMetadata,
    InteractionUpdate,
    OwnershipError,
    RetryPolicy,
    ServerError,
    Settings,
    wire,
)
from interactions_sdk._async.connection import rows
from interactions_sdk.cursors import Position
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.models.row import ID

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def row(row_id: str, at: datetime = NOON, **columns: object) -> dict[str, object]:
    """Return a row with dates, as another program would write it."""
    return {
        "$id": row_id,
        "$createdAt": format_datetime(at),
        "customerId": "c1",
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        **columns,
    }


async def write(crm: AsyncInteractionsClient, *rows: dict[str, object]) -> None:
    """Write rows, 100 in each request, which keeps their dates."""
    for begin in range(0, len(rows), 100):
        call = wire.create_rows(
            crm._services.project.tables.interactions, rows[begin : begin + 100]
        )
        await crm._connection.send(call)


async def write_undated(crm: AsyncInteractionsClient, rows: list[dict[str, object]]) -> None:
    """Write many rows in one transaction, which sets their dates."""
    for each in rows:
        del each["$createdAt"]
    async with crm.transaction() as transaction:
        for begin in range(0, len(rows), 1000):
            transaction.create_many("customer_interactions", rows[begin : begin + 1000])


async def test_a_hundred_rows_of_one_millisecond_are_told_apart(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Pages may end between rows of the same millisecond, in either order."""
    ids = sorted(f"r{number:03}" for number in range(107))
    await write(acrm, *(row(row_id) for row_id in ids))

    for newest_first, expected in ((False, ids), (True, ids[::-1])):
        found: list[str] = []
        after = None
        while True:
            page = await admin.find(limit=10, after=after, newest_first=newest_first)
            found += [interaction.id for interaction in page.items]
            after = page.next_cursor
            if after is None:
                break
        assert expected == found


async def test_iterating_needs_no_more_than_a_page_at_a_time(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Iterating reads all pages, newest or oldest first."""
    ids = [f"r{number:04}" for number in range(530)]
    await write(acrm, *(row(i, NOON + timedelta(seconds=n)) for n, i in enumerate(ids)))

    assert ids[::-1] == [each.id async for each in admin.iterate()]
    assert ids == [each.id async for each in admin.iterate(newest_first=False)]


@dataclass(frozen=True)
class Step:
    """What another program does between two rows that are read."""

    action: str
    place: int
    second: int


STEPS = st.lists(
    st.builds(
        Step,
        action=st.sampled_from(["add", "delete", "update"]),
        place=st.integers(0, 11),
        second=st.integers(0, 3),
    ),
    max_size=12,
)


@pytest.mark.unmeasured
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seconds=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    steps=STEPS,
    newest_first=st.booleans(),
    page_size=st.integers(1, 4),
)
async def test_iterating_loses_nothing_while_others_write(
    *,
    seconds: list[int],
    steps: list[Step],
    newest_first: bool,
    page_size: int,
) -> None:
    """Rows that exist throughout come exactly once, in order; no row comes twice."""
    async with AsyncInteractionsClient.embedded(settings=Settings(page_size=page_size)) as crm:
        ids = [f"r{number:02}" for number in range(len(seconds))]
        times = {
            row_id: NOON + timedelta(seconds=second)
            for row_id, second in zip(ids, seconds, strict=True)
        }
        await write(crm, *(row(row_id, at) for row_id, at in times.items()))
        table, send = crm._services.project.tables.interactions, crm._connection.send
        remaining = iter(enumerate(steps))
        there = set(ids)
        found: list[CustomerInteraction] = []

        async for interaction in crm.as_admin("root").iterate(newest_first=newest_first):
            found.append(interaction)
            number, step = next(remaining, (0, None))
            if step is None:
                continue
            chosen = ids[step.place % len(ids)]
            if step.action == "add":
                await write(crm, row(f"n{number:02}", NOON + timedelta(seconds=step.second)))
            elif chosen in there and step.action == "delete":
                await send(wire.delete_row(table, chosen))
                there.discard(chosen)
            elif chosen in there:
                await send(wire.update_row(table, chosen, {"subject": f"changed {number}"}))

        found_ids = [interaction.id for interaction in found]
        assert len(set(found_ids)) == len(found_ids)
        assert there <= set(found_ids)
        written = [(each.created_at, each.id[0] == "n", each.id) for each in found]
        assert sorted(written, reverse=newest_first) == written


async def test_a_page_goes_on_where_its_last_row_was_deleted(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A cursor is a position, so the last row of a page may be deleted."""
    await write(acrm, *(row(f"r{number}") for number in range(6)))
    first = await admin.find(limit=3)
    for interaction in first.items:
        call = wire.delete_row(acrm._services.project.tables.interactions, interaction.id)
        await acrm._connection.send(call)

    second = await admin.find(limit=3, after=first.next_cursor)
    assert ["r2", "r1", "r0"] == [interaction.id for interaction in second.items]
    assert None is second.next_cursor


async def test_a_cursor_survives_a_restart(tmp_path: Path) -> None:
    """A cursor can be used by another process."""
    file = tmp_path / "crm.db"
    async with AsyncInteractionsClient.embedded(file) as crm:
        await write(crm, *(row(f"r{number}") for number in range(5)))
        page = await crm.as_admin("root").find(customer_id="c1", limit=2)
    async with AsyncInteractionsClient.embedded(file) as crm:
        after = page.next_cursor
        found = await crm.as_admin("other").find(customer_id="c1", limit=9, after=after)

    assert ["r2", "r1", "r0"] == [interaction.id for interaction in found.items]


async def test_a_cursor_belongs_to_its_filter_and_order(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """A cursor is rejected with other filters or another order."""
    await write(acrm, *(row(f"r{number}") for number in range(5)))
    after = (await admin.find(interaction_type="call", limit=2)).next_cursor
    assert after is not None

    with pytest.raises(BadRequestError, match=r"another order\. Use the same ones\.$"):
        await admin.find(limit=2, after=after)
    with pytest.raises(BadRequestError, match="other filters or another order"):
        await admin.find(interaction_type="call", after=after, newest_first=False)
    with pytest.raises(BadRequestError, match="other filters or another order"):
        await admin.find(interaction_type="call", after=after, since=NOON)
    for wrong in ("", "x", after[:-4], "é", "bnVsbA"):
        with pytest.raises(BadRequestError, match="Invalid after"):
            await admin.find(interaction_type="call", after=wrong)


async def test_a_cursor_of_one_user_shows_another_nothing(
    ada: AsyncInteractionRepository, bob: AsyncInteractionRepository
) -> None:
    """The customer is one of the filters that a cursor is bound to."""
    for number in range(3):
        await ada.log_call(f"Call {number}")
    after = (await ada.find(limit=1)).next_cursor

    with pytest.raises(BadRequestError, match="other filters"):
        await bob.find(after=after)


@pytest.mark.parametrize("limit", [0, -1, 5001])
async def test_a_limit_that_no_page_has_is_refused(
    admin: AsyncInteractionRepository, limit: int
) -> None:
    """An invalid limit is rejected, and the error suggests `iterate()`."""
    with pytest.raises(BadRequestError, match=r"iterate\(\)"):
        await admin.find(limit=limit)


async def test_the_last_page_says_that_it_is_the_last(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """If exactly `limit` rows are left, there is no next page."""
    await write(acrm, *(row(f"r{number}") for number in range(3)))

    assert None is (await admin.find(limit=3)).next_cursor
    assert None is not (await admin.find(limit=2)).next_cursor
    assert (3, None) == (
        (await admin.find(limit=2, with_total=True)).total,
        (await admin.find()).total,
    )


async def test_counts_are_exact_past_5000(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Counts are exact above 5,000, where Appwrite's total stops."""
    calls = [row(f"c{number:05}") for number in range(5003)]
    notes = [row(f"n{number:05}", interactionType="note") for number in range(40)]
    await write_undated(acrm, calls + notes)

    assert 5043 == await admin.count()
    assert 5003 == await admin.count(interaction_type="call")
    assert 40 == await admin.count(interaction_type="note")
    assert 5043 == (await admin.find(limit=1, with_total=True)).total


async def test_counts_are_exact_for_ids_that_look_alike(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """IDs are counted exactly, although Appwrite counts `C1` and `c1 ` as `c1`."""
    for number, customer_id in enumerate(["c1", "c1", "C1", "ç1", "c1 "]):
        await write(acrm, row(f"r{number}", customerId=customer_id))

    assert 2 == await admin.count(customer_id="c1")
    assert 1 == await admin.count(customer_id="C1")
    assert 3 == await admin.count(customer_id=["c1", "ç1"])
    assert 2 == (await admin.find(customer_id="c1", limit=1, with_total=True)).total
    assert 0 == await admin.count(customer_id=[])


async def test_look_alikes_neither_show_nor_cut_a_page_short(
    acrm: AsyncInteractionsClient,
) -> None:
    """If rows of look-alike IDs fill Appwrite's page, more rows are read until the page is full."""
    await acrm.customers.create(user_id="ada", id="c1")
    others = [
        row(f"x{number:02}", NOON + timedelta(hours=1), customerId="C1") for number in range(9)
    ]
    own = [row(f"r{number}", NOON + timedelta(seconds=number)) for number in range(4)]
    await write(acrm, *others, *own)
    ada = acrm.as_user("ada")

    page = await ada.find(limit=3)
    assert ["r3", "r2", "r1"] == [interaction.id for interaction in page.items]
    rest = await ada.find(limit=3, after=page.next_cursor)
    assert ["r0"] == [interaction.id for interaction in rest.items]
    assert 4 == await ada.count()
    assert 4 == len([each async for each in ada.iterate()])


async def test_a_user_reads_its_own_customer_only(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> None:
    """Reading another customer's interactions raises an error instead of returning nothing."""
    call = await ada.log_call("Mine")

    with pytest.raises(OwnershipError):
        await bob.find(customer_id=call.customer_id)
    with pytest.raises(OwnershipError):
        await bob.count(customer_id=call.customer_id.upper())
    assert [] == list((await bob.find()).items)
    assert [] == list((await acrm.as_user("nobody").find()).items)
    assert 0 == await acrm.as_user("nobody").count()


# --- cached reads


async def test_what_was_read_about_a_customer_is_remembered_for_a_while(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """With `max_age`, a cached result is returned; without it, the server is asked."""
    await write(acrm, row("r1"))
    day = timedelta(days=1)

    first = await admin.find(customer_id="c1", max_age=day)
    assert 1 == len(first)
    await write(acrm, row("r2"))
    assert first == await admin.find(customer_id="c1", max_age=day)
    assert (1, 1) == (acrm.read_cache.hits, acrm.read_cache.misses)
    assert 2 == len(await admin.find(customer_id="c1"))
    assert 2 == len(await admin.find(customer_id="c1", limit=9, max_age=day))
    acrm.read_cache.clear()
    assert 2 == len(await admin.find(customer_id="c1", max_age=day))
    assert (1, 3) == (acrm.read_cache.hits, acrm.read_cache.misses)


async def test_own_writes_show_at_once(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """Each kind of write clears the cached reads of its customer, and of no other."""
    bob = await acrm.customers.ensure("bob")
    admin = acrm.as_admin("root")
    minute = timedelta(minutes=1)

    async def subjects() -> list[str | None]:
        return [each.subject for each in (await ada.recent(max_age=minute)).items]

    await admin.recent(customer_id=bob.id, max_age=minute)
    assert [] == await subjects()
    call = await ada.log_call("A")
    assert ["A"] == await subjects()
    due = datetime.now(UTC) + timedelta(days=1)
    call = await ada.update(call.id, InteractionUpdate(next_action_date=due))
    assert due.replace(microsecond=due.microsecond // 1000 * 1000) == (
        (await ada.recent(max_age=minute)).items[0].next_action_date
    )
    await ada.delete(call.id)
    assert [] == await subjects()
    async with acrm.transaction() as transaction:
        raw = row("raw", customerId=call.customer_id, subject="B")
        del raw["$createdAt"]
        transaction.create("customer_interactions", "raw", raw)
    assert ["B"] == await subjects()
    misses = acrm.read_cache.misses
    await ada.log_call("C")
    assert ["C", "B"] == await subjects()
    assert misses + 1 == acrm.read_cache.misses


async def test_a_read_that_a_write_overtakes_is_not_remembered(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """A read that started before a write and ended after it is not cached."""
    customer = await acrm.customers.get_by_user_id("ada")
    reads = acrm.read_cache.for_customer(customer.id)
    await ada.log_call("A")
    acrm.read_cache.put(reads, "asked", await ada.find(), asked_at=0)

    assert acrm.read_cache.for_customer(customer.id) is not reads


async def test_nothing_is_remembered_without_a_time_to_live() -> None:
    """With `cache_ttl=0` every read is sent."""
    async with AsyncInteractionsClient.embedded(settings=Settings(cache_ttl=0)) as crm:
        for _ in range(2):
            await crm.as_admin("root").find(customer_id="c1", max_age=timedelta(minutes=1))
        assert (0, 2) == (crm.read_cache.hits, crm.read_cache.misses)


async def test_an_age_that_appwrite_does_not_know_is_refused(
    admin: AsyncInteractionRepository,
) -> None:
    """`max_age` must be between a second and a day, as in Appwrite's list cache."""
    for wrong in (timedelta(), timedelta(milliseconds=999), timedelta(days=1, seconds=1)):
        with pytest.raises(BadRequestError, match="max_age"):
            await admin.find(max_age=wrong)
        with pytest.raises(BadRequestError, match="max_age"):
            await admin.recent(max_age=wrong)


async def test_recent_is_the_last_days(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """`recent()` returns the interactions of the last week by default, newest first."""
    now = datetime.now(UTC)
    await write(acrm, *(row(f"d{days}", now - timedelta(days=days)) for days in (0, 1, 6, 8, 20)))

    assert ["d0", "d1", "d6"] == [each.id for each in (await admin.recent()).items]
    assert ["d0", "d1"] == [each.id for each in (await admin.recent(limit=2)).items]
    assert 4 == len(await admin.recent(days=10, max_age=timedelta(hours=1)))
    assert [] == list((await admin.recent(customer_id="c2")).items)


async def test_a_remembered_page_is_ones_own(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """Changing the lists in a cached page does not affect other readers."""
    call = await ada.log_call("Intro", metadata=InteractionMetadata(tags=["vip"]))
    hour = timedelta(hours=1)
    for _ in range(3):
        page = await acrm.as_admin("root").find(customer_id=call.customer_id, max_age=hour)
        (interaction,) = page.items
        assert interaction.metadata is not None
        assert ["vip"] == interaction.metadata.tags
        interaction.metadata.tags.append("changed")


async def test_a_server_that_repeats_itself_is_not_asked_for_ever() -> None:
    """If a proxy drops the queries, a repeated page raises an error instead of an endless loop."""
    at = format_datetime(NOON)
    full = [row(f"d{number}") | {"$updatedAt": at, "$permissions": []} for number in range(2)]

    def repeat(request: httpx.Request) -> httpx.Response:
        assert "GET" == request.method
        return httpx.Response(200, json={"total": 2, "rows": full})

    async with AsyncInteractionsClient(
        "https://crm.example/v1",
        "crm",
        api_key="key",
        settings=Settings(page_size=2, verify_users=False),
        transport=httpx.MockTransport(repeat),
        retry=RetryPolicy(retries=0),
    ) as crm:
        with pytest.raises(ServerError, match="same page twice"):
            assert [] == [each async for each in crm.as_admin("root").iterate()]


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [
        (2, 2, [["r0", "r1"]]),
        (2, 3, [["r0", "r1"], ["r2"]]),  # rows were written in between
        (3, 2, [["r0", "r1"]]),  # rows were deleted in between
    ],
)
async def test_a_range_whose_end_is_not_that_of_its_page_is_read_again(
    first: int, end: int, expected: list[list[str]]
) -> None:
    """Where others have moved the end of a page, no row is left out, and none comes twice."""
    async with AsyncInteractionsClient.embedded() as crm:
        await write(
            crm, *(row(f"r{number}", NOON + timedelta(seconds=number)) for number in range(4))
        )
        table = crm._services.project.tables.interactions
        listing = rows._Listing(crm._connection, table, [], rows.OLDEST_FIRST)
        page, ending = [await listing.read(size, None) for size in (first, end)]

        pages = await listing._up_to(listing.order.end_of(ending), page, first, None)

    assert expected == [[each.id for each in some] for some in pages]


@pytest.mark.parametrize("together", [2, 1000], ids=["two pages at once", "one page at a time"])
async def test_pages_that_were_read_are_not_kept(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the next pages are requested, of the earlier ones only the last row is in use."""
    monkeypatch.setattr(rows, "_READ_TOGETHER", together)
    monkeypatch.setattr(rows, "_GROWTH", 1)
    alive: WeakSet[CustomerInteraction] = WeakSet()
    kept: list[int] = []
    async with AsyncInteractionsClient.embedded(
        settings=Settings(page_size=4), on_request=lambda _: kept.append(len(alive))
    ) as crm:
        await write(crm, *(row(f"r{number:02}") for number in range(20)))
        kept.clear()
        found = 0
        async for interaction in crm.as_admin("root").iterate():
            alive.add(interaction)
            found += 1

    assert 20 == found
    assert 5 < len(kept)
    assert 1 == max(kept)


async def test_a_position_by_id_goes_on_by_id() -> None:
    """A position that was created without a sequence continues by ID."""
    async with AsyncInteractionsClient.embedded() as crm:
        await write(crm, *(row(f"r{number}") for number in range(4)))
        table = crm._services.project.tables.interactions
        listing = rows._Listing(crm._connection, table, [], rows.OLDEST_FIRST)
        after = Position(NOON, "r0", ID)
        page = await listing.read(2, after)

        following = listing.end_of(page, 2, after)

    assert ["r1", "r2"] == [each.id for each in page.rows]
    assert Position(NOON, "r2", ID) == following
