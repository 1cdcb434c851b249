"""Pairs of operations over HTTP, interleaved at a request or run at the same time.

The pairs and checks are those of `tests/faults/test_interleavings.py`; each pair has its own
customer in one database. `claim` and `archive` are left out, since they affect all customers.
"""

from __future__ import annotations

import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from threading import Barrier
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import InteractionCreate, InteractionsClient
from tests.faults.interleaved import (
    ATOMIC,
    DAY,
    FAST,
    MEMORIES,
    OPERATIONS,
    Case,
    Operation,
    World,
    make_client,
)
from tests.faults.interleavings import NestedOperation, interrupt
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.live import conftest

pytestmark = pytest.mark.timeout(7200)
AT_ONCE = 3
"""The number of cases that run at the same time."""

PAIRED = [operation for operation in OPERATIONS if operation.name not in {"claim", "archive"}]


@dataclass(frozen=True)
class Place:
    """A server over HTTP, on which operations are interleaved."""

    endpoint: str
    project: str
    api_key: str
    transport: httpx.BaseTransport

    def close(self) -> None:
        """Do nothing, since other cases use the server."""


@pytest.fixture
def place(server: conftest.Server) -> Iterator[Place]:
    """Connect to a server."""
    with httpx.HTTPTransport(retries=1) as transport:
        yield Place(server.endpoint, server.project, server.key, transport)


@pytest.fixture(params=[ATOMIC, FAST], ids=["atomic", "fast"])
def world(request: pytest.FixtureRequest, server: conftest.Server, place: Place) -> Iterator[World]:
    """Return a world in a new database, deleted afterwards."""
    database_id = f"races{secrets.token_hex(6)}"
    settings = request.param.model_copy(update={"database_id": database_id})
    with (
        server.deleting(f"/tablesdb/{database_id}"),
        make_client(place, settings) as crm,
    ):
        crm.schema.apply()
        yield _make_worlds(crm, 1)[0]


def _make_worlds(crm: InteractionsClient, count: int) -> list[World]:
    """Create the data for a number of customers."""
    start = datetime.now(UTC).replace(microsecond=0)
    repo = crm.as_admin("before")
    customers = [crm.customers.ensure(f"u{secrets.token_hex(8)}") for _ in range(count)]

    def write(subject: str, days: int | None, **fields: object) -> dict[str, str]:
        """Write an interaction for each customer; return their IDs."""
        date = None if days is None else start + days * DAY
        drafts = [
            InteractionCreate.model_validate(
                {
                    "interaction_type": "call",
                    "subject": subject,
                    "customer_id": customer.id,
                    "next_action_date": date,
                    **fields,
                }
            )
            for customer in customers
        ]
        result = repo.create_many(drafts)
        result.raise_for_failures()
        return {
            customer.id: item.id or "" for customer, item in zip(customers, result, strict=True)
        }

    plain, due, later = write("plain", None), write("due", 5), write("later", 20)
    done = write("done", 3, outcome="resolved")
    recurring = write("recurring", 12, recurrence="FREQ=DAILY")
    write("old", None, occurred_at=start - 90 * DAY)
    older = {customer.id: crm.customers.get(customer.id) for customer in customers}
    write("the last contact", None)
    rows = {row.id: row for row in repo.iterate()}
    return [
        World(
            crm.settings,
            start,
            plain=rows[plain[customer.id]],
            due=rows[due[customer.id]],
            later=rows[later[customer.id]],
            done=rows[done[customer.id]],
            recurring=rows[recurring[customer.id]],
            older=older[customer.id],
            customer=crm.customers.get(customer.id),
        )
        for customer in customers
    ]


def _played(place: Place, world: World, plays: Sequence[Callable[[World], list[str]]]) -> list[str]:
    """Run each case with its own customer; return what was wrong."""
    with make_client(place, world.settings) as crm:
        worlds = _make_worlds(crm, len(plays))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = threads.map(lambda play, own: play(own), plays, worlds)
        return [wrong for each in found for wrong in each]


@pytest.mark.slow
def test_pairs_interleaved_at_a_request(
    server: conftest.Server,
    place: Place,
    world: World,
    record_property: Callable[[str, object], None],
) -> None:
    """The second operation runs before a randomly chosen request of the first."""
    draw = random.Random(0)  # noqa: S311 - not for security
    with make_client(place, world.settings) as crm:
        worlds = _make_worlds(crm, len(PAIRED))
    moments = {
        operation.name: Case(own, [operation], (None,), NestedOperation, place)
        .operations[0]
        .moments()
        for operation, own in zip(PAIRED, worlds, strict=True)
    }

    def case() -> Callable[[World], list[str]]:
        first, second = draw.choices(PAIRED, k=2)
        at, memory = draw.choice(moments[first.name]), draw.choice(list(MEMORIES))

        def play(own: World) -> list[str]:
            case = Case(own, (first, second), MEMORIES[memory], NestedOperation, place)
            interrupt(case.operations[0], at, case.operations[1])
            return [f"{first.name}, {second.name} at {at}, {memory}: {x}" for x in case.faults()]

        return play

    plays = [case() for _ in range(300 if server.is_real else 10)]

    wrong = _played(place, world, plays)

    record_property("interleavings", len(plays))
    assert [] == wrong


@pytest.mark.slow
def test_pairs_at_the_same_time(
    server: conftest.Server,
    place: Place,
    world: World,
    record_property: Callable[[str, object], None],
) -> None:
    """Both operations of a pair start at the same time, in two threads."""

    def case(first: Operation, second: Operation) -> Callable[[World], list[str]]:
        def play(own: World) -> list[str]:
            case = Case(own, (first, second), MEMORIES["fresh"], NestedOperation, place)
            barrier = Barrier(2)

            def run(operation: NestedOperation) -> None:
                barrier.wait(LIMIT)
                operation.finish()

            with ThreadPoolExecutor(2) as threads:
                list(threads.map(run, case.operations))
            return [f"{first.name}, {second.name} at once: {each}" for each in case.faults()]

        return play

    pairs = list(product(PAIRED, PAIRED))
    plays = [case(*pair) for pair in (pairs if server.is_real else pairs[::60])]

    wrong = _played(place, world, plays)

    record_property("interleavings", len(plays))
    assert [] == wrong
