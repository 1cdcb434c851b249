"""Reading rows: pages grow, large ones are read in pairs, and no row is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import anyio
import pytest

from interactions_sdk import AsyncInteractionsClient, ServerError, Settings, wire
from interactions_sdk._async.connection import rows
from interactions_sdk.datetimes import format_datetime
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def row(number: int, row_id: str = "") -> dict[str, object]:
    """Return a row; every three of them share a millisecond."""
    return {
        "$id": row_id or f"r{number:04}",
        "$createdAt": format_datetime(NOON + timedelta(milliseconds=number // 3)),
        "customerId": "c1",
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
    }


async def write(crm: AsyncInteractionsClient, *written: dict[str, object]) -> None:
    """Write rows, 100 in each request, which keeps their dates."""
    table = crm._services.project.tables.interactions
    for begin in range(0, len(written), 100):
        await crm._connection.send(wire.create_rows(table, written[begin : begin + 100]))


class Requests:
    """Records the limit and the offset of each list, and may act between two of them."""

    def __init__(self, crm: AsyncInteractionsClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[int, int]] = []
        self.after_first_boundary: Callable[[], Awaitable[None]] | None = None
        self._boundary_is_known = anyio.Event()
        self._send = crm._connection.send
        monkeypatch.setattr(crm._connection, "send", self.send)

    async def send(self, call: wire.Call[Any], **options: Any) -> Any:
        """Send a call; the first of two pages waits until another program has written."""
        if call.method != "GET":
            return await self._send(call, **options)
        queries = [json.loads(text) for _, text in parse_qsl(call.path.partition("?")[2])[:-1]]
        numbers = {each["method"]: each["values"][0] for each in queries if "values" in each}
        self.asked.append((numbers["limit"], numbers.get("offset", 0)))
        act = self.after_first_boundary
        if "offset" in numbers:
            answer = await self._send(call, **options)
            self.after_first_boundary = None
            if act is not None:
                await act()
            self._boundary_is_known.set()
            return answer
        if act is not None and len(self.asked) > 1:
            with anyio.fail_after(LIMIT):
                await self._boundary_is_known.wait()
        return await self._send(call, **options)


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pages in pairs from ten rows on."""
    monkeypatch.setattr(rows, "_READ_TOGETHER", 10)


async def test_pages_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page is small, and each further one is larger."""
    async with AsyncInteractionsClient.embedded(settings=Settings(page_size=2)) as crm:
        await write(crm, *map(row, range(70)))
        requests = Requests(crm, monkeypatch)
        async for _ in crm.as_admin("root").iterate():
            break
        assert [(2, 0)] == requests.asked

        requests.asked.clear()
        assert 70 == len([each async for each in crm.as_admin("root").iterate()])
        assert [(2, 0), (10, 0), (50, 0), (250, 0)] == requests.asked


async def test_pages_grow_to_a_thousand_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages grow to at most 1,000 rows, so an iteration needs limited memory."""
    async with AsyncInteractionsClient.embedded() as crm:
        await write(crm, *map(row, range(2601)))
        requests = Requests(crm, monkeypatch)
        assert 2601 == len([each async for each in crm.as_admin("root").iterate()])
        assert (100, 0) == requests.asked[0]
        step = [(500, 0), (1, 499), (500, 0)]
        assert sorted(step) == sorted(requests.asked[1:4])
        last = [(1000, 0), (1, 999), (1000, 0)]
        assert sorted(last) == sorted(requests.asked[4:])


@pytest.mark.unmeasured
@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("number", [2, 12, 21, 22, 23, 40, 122, 123, 137])
async def test_two_pages_at_once_hold_every_row_once(
    number: int,
    newest_first: bool,  # noqa: FBT001 - parametrized
) -> None:
    """All rows come in order, wherever the last page ends."""
    async with AsyncInteractionsClient.embedded(settings=Settings(page_size=2)) as crm:
        await write(crm, *map(row, range(number)))
        found = crm.as_admin("root").iterate(newest_first=newest_first)
        expected = [f"r{each:04}" for each in range(number)]
        assert (expected[::-1] if newest_first else expected) == [each.id async for each in found]


@pytest.mark.unmeasured
@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("gone", [[], [3], [11], [12], [9, 10, 11, 12, 13]])
@pytest.mark.parametrize("added", [0, 1, 25])
async def test_what_others_write_between_two_pages_costs_no_row(
    gone: list[int],
    added: int,
    newest_first: bool,  # noqa: FBT001 - parametrized
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows that exist throughout come exactly once, in order; no row comes twice."""
    async with AsyncInteractionsClient.embedded(settings=Settings(page_size=2)) as crm:
        await write(crm, *map(row, range(60)))
        table = crm._services.project.tables.interactions
        places = [59 - place if newest_first else place for place in gone]

        async def act() -> None:
            for place in places:
                await crm._connection.send(wire.delete_row(table, f"r{place:04}"))
            middle = 54 if newest_first else 6
            await write(crm, *(row(middle, f"n{each}") for each in range(added)))

        requests = Requests(crm, monkeypatch)
        requests.after_first_boundary = act
        found = [each.id async for each in crm.as_admin("root").iterate(newest_first=newest_first)]
        assert len(set(found)) == len(found)
        there = [f"r{each:04}" for each in range(60) if each not in places]
        old = [each for each in found if each[0] == "r" and each in there]
        assert (there[::-1] if newest_first else there) == old


@pytest.mark.usefixtures("two_at_once")
async def test_a_failure_of_one_of_two_pages_ends_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is raised unchanged, and no request is left running."""
    async with AsyncInteractionsClient.embedded(settings=Settings(page_size=2)) as crm:
        await write(crm, *map(row, range(60)))

        async def fail() -> None:
            raise ServerError("down", status_code=500)

        requests = Requests(crm, monkeypatch)
        requests.after_first_boundary = fail
        with pytest.raises(ServerError, match="down"):
            assert [] == [each async for each in crm.as_admin("root").iterate()]
        assert [(2, 0), (10, 0), (1, 9)] == requests.asked


async def test_a_cursor_of_an_earlier_version_goes_on_by_id() -> None:
    """Earlier versions sorted rows of the same time by ID, so their cursors continue by ID."""
    from interactions_sdk._async import reader  # noqa: PLC0415 - its internals are needed here
    from interactions_sdk.cursors import Position, encode_cursor  # noqa: PLC0415
    from interactions_sdk.filters import RowFilter  # noqa: PLC0415

    async with AsyncInteractionsClient.embedded() as crm:
        await write(crm, *(row(0, row_id) for row_id in ("c", "a", "e", "b", "d")))
        asked = reader._PageRequest(RowFilter(), 2, None, True, False)  # noqa: FBT003
        after: str | None = encode_cursor(Position(NOON, "d", "$id"), asked.cursor_scope)
        found: list[str] = []
        while after is not None:
            page = await crm.as_admin("root").find(limit=2, after=after)
            found += [each.id for each in page.items]
            after = page.next_cursor
        assert ["c", "b", "a"] == found
