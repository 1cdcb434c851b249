# Generated from tests/_async/connection/test_rows.py by scripts/unasync.py; do not edit.
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
    BadRequestError,
    CustomerInteraction,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    OwnershipError,
    RetryPolicy,
    ServerError,
    Settings,
    wire,
)
from interactions_sdk._sync.connection import rows
from interactions_sdk.cursors import Position
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.models.row import ID

if TYPE_CHECKING:
    from pathlib import Path


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


def write(crm: InteractionsClient, *rows: dict[str, object]) -> None:
    """Write rows, 100 in each request, which keeps their dates."""
    for begin in range(0, len(rows), 100):
        call = wire.create_rows(
            crm._services.project.tables.interactions, rows[begin : begin + 100]
        )
        crm._connection.send(call)


def write_undated(crm: InteractionsClient, rows: list[dict[str, object]]) -> None:
    """Write many rows in one transaction, which sets their dates."""
    for each in rows:
        del each["$createdAt"]
    with crm.transaction() as transaction:
        for begin in range(0, len(rows), 1000):
            transaction.create_many("customer_interactions", rows[begin : begin + 1000])


def test_a_hundred_rows_of_one_millisecond_are_told_apart(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """Pages may end between rows of the same millisecond, in either order."""
    ids = sorted(f"r{number:03}" for number in range(107))
    write(crm, *(row(row_id) for row_id in ids))

    for newest_first, expected in ((False, ids), (True, ids[::-1])):
        found: list[str] = []
        after = None
        while True:
            page = admin.find(limit=10, after=after, newest_first=newest_first)
            found += [interaction.id for interaction in page.items]
            after = page.next_cursor
            if after is None:
                break
        assert expected == found


def test_iterating_needs_no_more_than_a_page_at_a_time(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """Iterating reads all pages, newest or oldest first."""
    ids = [f"r{number:04}" for number in range(530)]
    write(crm, *(row(i, NOON + timedelta(seconds=n)) for n, i in enumerate(ids)))

    assert ids[::-1] == [each.id for each in admin.iterate()]
    assert ids == [each.id for each in admin.iterate(newest_first=False)]


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
def test_iterating_loses_nothing_while_others_write(
    *,
    seconds: list[int],
    steps: list[Step],
    newest_first: bool,
    page_size: int,
) -> None:
    """Rows that exist throughout come exactly once, in order; no row comes twice."""
    with InteractionsClient.embedded(settings=Settings(page_size=page_size)) as crm:
        ids = [f"r{number:02}" for number in range(len(seconds))]
        times = {
            row_id: NOON + timedelta(seconds=second)
            for row_id, second in zip(ids, seconds, strict=True)
        }
        write(crm, *(row(row_id, at) for row_id, at in times.items()))
        table, send = crm._services.project.tables.interactions, crm._connection.send
        remaining = iter(enumerate(steps))
        there = set(ids)
        found: list[CustomerInteraction] = []

        for interaction in crm.as_admin("root").iterate(newest_first=newest_first):
            found.append(interaction)
            number, step = next(remaining, (0, None))
            if step is None:
                continue
            chosen = ids[step.place % len(ids)]
            if step.action == "add":
                write(crm, row(f"n{number:02}", NOON + timedelta(seconds=step.second)))
            elif chosen in there and step.action == "delete":
                send(wire.delete_row(table, chosen))
                there.discard(chosen)
            elif chosen in there:
                send(wire.update_row(table, chosen, {"subject": f"changed {number}"}))

        found_ids = [interaction.id for interaction in found]
        assert len(set(found_ids)) == len(found_ids)
        assert there <= set(found_ids)
        written = [(each.created_at, each.id[0] == "n", each.id) for each in found]
        assert sorted(written, reverse=newest_first) == written


def test_a_page_goes_on_where_its_last_row_was_deleted(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """A cursor is a position, so the last row of a page may be deleted."""
    write(crm, *(row(f"r{number}") for number in range(6)))
    first = admin.find(limit=3)
    for interaction in first.items:
        call = wire.delete_row(crm._services.project.tables.interactions, interaction.id)
        crm._connection.send(call)

    second = admin.find(limit=3, after=first.next_cursor)
    assert ["r2", "r1", "r0"] == [interaction.id for interaction in second.items]
    assert None is second.next_cursor


def test_a_cursor_survives_a_restart(tmp_path: Path) -> None:
    """A cursor can be used by another process."""
    file = tmp_path / "crm.db"
    with InteractionsClient.embedded(file) as crm:
        write(crm, *(row(f"r{number}") for number in range(5)))
        page = crm.as_admin("root").find(customer_id="c1", limit=2)
    with InteractionsClient.embedded(file) as crm:
        after = page.next_cursor
        found = crm.as_admin("other").find(customer_id="c1", limit=9, after=after)

    assert ["r2", "r1", "r0"] == [interaction.id for interaction in found.items]


def test_a_cursor_belongs_to_its_filter_and_order(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """A cursor is rejected with other filters or another order."""
    write(crm, *(row(f"r{number}") for number in range(5)))
    after = (admin.find(interaction_type="call", limit=2)).next_cursor
    assert after is not None

    with pytest.raises(BadRequestError, match=r"another order\. Use the same ones\.$"):
        admin.find(limit=2, after=after)
    with pytest.raises(BadRequestError, match="other filters or another order"):
        admin.find(interaction_type="call", after=after, newest_first=False)
    with pytest.raises(BadRequestError, match="other filters or another order"):
        admin.find(interaction_type="call", after=after, since=NOON)
    for wrong in ("", "x", after[:-4], "é", "bnVsbA"):
        with pytest.raises(BadRequestError, match="Invalid after"):
            admin.find(interaction_type="call", after=wrong)


def test_a_cursor_of_one_user_shows_another_nothing(
    ada: InteractionRepository, bob: InteractionRepository
) -> None:
    """The customer is one of the filters that a cursor is bound to."""
    for number in range(3):
        ada.log_call(f"Call {number}")
    after = (ada.find(limit=1)).next_cursor

    with pytest.raises(BadRequestError, match="other filters"):
        bob.find(after=after)


@pytest.mark.parametrize("limit", [0, -1, 5001])
def test_a_limit_that_no_page_has_is_refused(admin: InteractionRepository, limit: int) -> None:
    """An invalid limit is rejected, and the error suggests `iterate()`."""
    with pytest.raises(BadRequestError, match=r"iterate\(\)"):
        admin.find(limit=limit)


def test_the_last_page_says_that_it_is_the_last(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """If exactly `limit` rows are left, there is no next page."""
    write(crm, *(row(f"r{number}") for number in range(3)))

    assert None is (admin.find(limit=3)).next_cursor
    assert None is not (admin.find(limit=2)).next_cursor
    assert (3, None) == (
        (admin.find(limit=2, with_total=True)).total,
        (admin.find()).total,
    )


def test_counts_are_exact_past_5000(crm: InteractionsClient, admin: InteractionRepository) -> None:
    """Counts are exact above 5,000, where Appwrite's total stops."""
    calls = [row(f"c{number:05}") for number in range(5003)]
    notes = [row(f"n{number:05}", interactionType="note") for number in range(40)]
    write_undated(crm, calls + notes)

    assert 5043 == admin.count()
    assert 5003 == admin.count(interaction_type="call")
    assert 40 == admin.count(interaction_type="note")
    assert 5043 == (admin.find(limit=1, with_total=True)).total


def test_counts_are_exact_for_ids_that_look_alike(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """IDs are counted exactly, although Appwrite counts `C1` and `c1 ` as `c1`."""
    for number, customer_id in enumerate(["c1", "c1", "C1", "ç1", "c1 "]):
        write(crm, row(f"r{number}", customerId=customer_id))

    assert 2 == admin.count(customer_id="c1")
    assert 1 == admin.count(customer_id="C1")
    assert 3 == admin.count(customer_id=["c1", "ç1"])
    assert 2 == (admin.find(customer_id="c1", limit=1, with_total=True)).total
    assert 0 == admin.count(customer_id=[])


def test_look_alikes_neither_show_nor_cut_a_page_short(
    crm: InteractionsClient,
) -> None:
    """If rows of look-alike IDs fill Appwrite's page, more rows are read until the page is full."""
    crm.customers.create(user_id="ada", id="c1")
    others = [
        row(f"x{number:02}", NOON + timedelta(hours=1), customerId="C1") for number in range(9)
    ]
    own = [row(f"r{number}", NOON + timedelta(seconds=number)) for number in range(4)]
    write(crm, *others, *own)
    ada = crm.as_user("ada")

    page = ada.find(limit=3)
    assert ["r3", "r2", "r1"] == [interaction.id for interaction in page.items]
    rest = ada.find(limit=3, after=page.next_cursor)
    assert ["r0"] == [interaction.id for interaction in rest.items]
    assert 4 == ada.count()
    assert 4 == len([each for each in ada.iterate()])


def test_a_user_reads_its_own_customer_only(
    crm: InteractionsClient,
    ada: InteractionRepository,
    bob: InteractionRepository,
) -> None:
    """Reading another customer's interactions raises an error instead of returning nothing."""
    call = ada.log_call("Mine")

    with pytest.raises(OwnershipError):
        bob.find(customer_id=call.customer_id)
    with pytest.raises(OwnershipError):
        bob.count(customer_id=call.customer_id.upper())
    assert [] == list((bob.find()).items)
    assert [] == list((crm.as_user("nobody").find()).items)
    assert 0 == crm.as_user("nobody").count()


# --- cached reads


def test_what_was_read_about_a_customer_is_remembered_for_a_while(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """With `max_age`, a cached result is returned; without it, the server is asked."""
    write(crm, row("r1"))
    day = timedelta(days=1)

    first = admin.find(customer_id="c1", max_age=day)
    assert 1 == len(first)
    write(crm, row("r2"))
    assert first == admin.find(customer_id="c1", max_age=day)
    assert (1, 1) == (crm.read_cache.hits, crm.read_cache.misses)
    assert 2 == len(admin.find(customer_id="c1"))
    assert 2 == len(admin.find(customer_id="c1", limit=9, max_age=day))
    crm.read_cache.clear()
    assert 2 == len(admin.find(customer_id="c1", max_age=day))
    assert (1, 3) == (crm.read_cache.hits, crm.read_cache.misses)


def test_own_writes_show_at_once(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """Each kind of write clears the cached reads of its customer, and of no other."""
    bob = crm.customers.ensure("bob")
    admin = crm.as_admin("root")
    minute = timedelta(minutes=1)

    def subjects() -> list[str | None]:
        return [each.subject for each in (ada.recent(max_age=minute)).items]

    admin.recent(customer_id=bob.id, max_age=minute)
    assert [] == subjects()
    call = ada.log_call("A")
    assert ["A"] == subjects()
    due = datetime.now(UTC) + timedelta(days=1)
    call = ada.update(call.id, InteractionUpdate(next_action_date=due))
    assert due.replace(microsecond=due.microsecond // 1000 * 1000) == (
        (ada.recent(max_age=minute)).items[0].next_action_date
    )
    ada.delete(call.id)
    assert [] == subjects()
    with crm.transaction() as transaction:
        raw = row("raw", customerId=call.customer_id, subject="B")
        del raw["$createdAt"]
        transaction.create("customer_interactions", "raw", raw)
    assert ["B"] == subjects()
    misses = crm.read_cache.misses
    ada.log_call("C")
    assert ["C", "B"] == subjects()
    assert misses + 1 == crm.read_cache.misses


def test_a_read_that_a_write_overtakes_is_not_remembered(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """A read that started before a write and ended after it is not cached."""
    customer = crm.customers.get_by_user_id("ada")
    reads = crm.read_cache.for_customer(customer.id)
    ada.log_call("A")
    crm.read_cache.put(reads, "asked", ada.find(), asked_at=0)

    assert crm.read_cache.for_customer(customer.id) is not reads


def test_nothing_is_remembered_without_a_time_to_live() -> None:
    """With `cache_ttl=0` every read is sent."""
    with InteractionsClient.embedded(settings=Settings(cache_ttl=0)) as crm:
        for _ in range(2):
            crm.as_admin("root").find(customer_id="c1", max_age=timedelta(minutes=1))
        assert (0, 2) == (crm.read_cache.hits, crm.read_cache.misses)


def test_an_age_that_appwrite_does_not_know_is_refused(
    admin: InteractionRepository,
) -> None:
    """`max_age` must be between a second and a day, as in Appwrite's list cache."""
    for wrong in (timedelta(), timedelta(milliseconds=999), timedelta(days=1, seconds=1)):
        with pytest.raises(BadRequestError, match="max_age"):
            admin.find(max_age=wrong)
        with pytest.raises(BadRequestError, match="max_age"):
            admin.recent(max_age=wrong)


def test_recent_is_the_last_days(crm: InteractionsClient, admin: InteractionRepository) -> None:
    """`recent()` returns the interactions of the last week by default, newest first."""
    now = datetime.now(UTC)
    write(crm, *(row(f"d{days}", now - timedelta(days=days)) for days in (0, 1, 6, 8, 20)))

    assert ["d0", "d1", "d6"] == [each.id for each in (admin.recent()).items]
    assert ["d0", "d1"] == [each.id for each in (admin.recent(limit=2)).items]
    assert 4 == len(admin.recent(days=10, max_age=timedelta(hours=1)))
    assert [] == list((admin.recent(customer_id="c2")).items)


def test_a_remembered_page_is_ones_own(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """Changing the lists in a cached page does not affect other readers."""
    call = ada.log_call("Intro", metadata=InteractionMetadata(tags=["vip"]))
    hour = timedelta(hours=1)
    for _ in range(3):
        page = crm.as_admin("root").find(customer_id=call.customer_id, max_age=hour)
        (interaction,) = page.items
        assert interaction.metadata is not None
        assert ["vip"] == interaction.metadata.tags
        interaction.metadata.tags.append("changed")


def test_a_server_that_repeats_itself_is_not_asked_for_ever() -> None:
    """If a proxy drops the queries, a repeated page raises an error instead of an endless loop."""
    at = format_datetime(NOON)
    full = [row(f"d{number}") | {"$updatedAt": at, "$permissions": []} for number in range(2)]

    def repeat(request: httpx.Request) -> httpx.Response:
        assert "GET" == request.method
        return httpx.Response(200, json={"total": 2, "rows": full})

    with InteractionsClient(
        "https://crm.example/v1",
        "crm",
        api_key="key",
        settings=Settings(page_size=2, verify_users=False),
        transport=httpx.MockTransport(repeat),
        retry=RetryPolicy(retries=0),
    ) as crm:
        with pytest.raises(ServerError, match="same page twice"):
            assert [] == [each for each in crm.as_admin("root").iterate()]


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [
        (2, 2, [["r0", "r1"]]),
        (2, 3, [["r0", "r1"], ["r2"]]),  # rows were written in between
        (3, 2, [["r0", "r1"]]),  # rows were deleted in between
    ],
)
def test_a_range_whose_end_is_not_that_of_its_page_is_read_again(
    first: int, end: int, expected: list[list[str]]
) -> None:
    """Where others have moved the end of a page, no row is left out, and none comes twice."""
    with InteractionsClient.embedded() as crm:
        write(crm, *(row(f"r{number}", NOON + timedelta(seconds=number)) for number in range(4)))
        table = crm._services.project.tables.interactions
        listing = rows._Listing(crm._connection, table, [], rows.OLDEST_FIRST)
        page, ending = [listing.read(size, None) for size in (first, end)]

        pages = listing._up_to(listing.order.end_of(ending), page, first, None)

    assert expected == [[each.id for each in some] for some in pages]


@pytest.mark.parametrize("together", [2, 1000], ids=["two pages at once", "one page at a time"])
def test_pages_that_were_read_are_not_kept(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the next pages are requested, of the earlier ones only the last row is in use."""
    monkeypatch.setattr(rows, "_READ_TOGETHER", together)
    monkeypatch.setattr(rows, "_GROWTH", 1)
    alive: WeakSet[CustomerInteraction] = WeakSet()
    kept: list[int] = []
    with InteractionsClient.embedded(
        settings=Settings(page_size=4), on_request=lambda _: kept.append(len(alive))
    ) as crm:
        write(crm, *(row(f"r{number:02}") for number in range(20)))
        kept.clear()
        found = 0
        for interaction in crm.as_admin("root").iterate():
            alive.add(interaction)
            found += 1

    assert 20 == found
    assert 5 < len(kept)
    assert 1 == max(kept)


def test_a_position_by_id_goes_on_by_id() -> None:
    """A position that was created without a sequence continues by ID."""
    with InteractionsClient.embedded() as crm:
        write(crm, *(row(f"r{number}") for number in range(4)))
        table = crm._services.project.tables.interactions
        listing = rows._Listing(crm._connection, table, [], rows.OLDEST_FIRST)
        after = Position(NOON, "r0", ID)
        page = listing.read(2, after)

        following = listing.end_of(page, 2, after)

    assert ["r1", "r2"] == [each.id for each in page.rows]
    assert Position(NOON, "r2", ID) == following
