"""Creates that share transactions, some of which are cancelled at any moment."""

from __future__ import annotations

import random
from collections import Counter

import anyio
import httpx
import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    CustomerInteraction,
    InteractionsError,
    wire,
)
from interactions_sdk.testing import FaultyTransport
from interactions_sdk.wire import query
from interactions_sdk.wire.tables import tables_for
from tests.faults.scenarios import ATOMIC, QUICK, client_of, start_server

USERS = [f"user-{number}" for number in range(6)]
CALLERS = 12
PAUSE = 0.002
"""Maximum number of seconds before and after each request."""
PATIENT = 0.7
"""The share of callers that are never cancelled."""
LONGEST = 0.08
"""Seconds within which the others are cancelled."""


class Leisurely(httpx.AsyncBaseTransport):
    """Takes some time for each request and each answer, so that callers meet."""

    def __init__(self, inner: httpx.AsyncBaseTransport, seed: int) -> None:
        self._inner = inner
        self._random = random.Random(seed)  # noqa: S311 - it guards nothing

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request."""
        await anyio.sleep(self._random.random() * PAUSE)
        response = await self._inner.handle_async_request(request)
        await anyio.sleep(self._random.random() * PAUSE)
        return response


class Callers:
    """Callers of one client, of whom some are cancelled.

    Attributes:
        results: The interactions that were returned, by subject.
        cancelled: The subjects of creates that were cancelled.
    """

    def __init__(self, crm: AsyncInteractionsClient, seed: int) -> None:
        self.results: dict[str, CustomerInteraction] = {}
        self.cancelled: set[str] = set()
        self._crm = crm
        self._random = random.Random(seed)  # noqa: S311 - it guards nothing

    async def call(self, subject: str) -> None:
        """Log a call; three of ten are cancelled after some time."""
        user, limit = self._random.choice(USERS), self._random.random() * LONGEST
        if self._random.random() < PATIENT:
            await self._create(subject, user)
            return
        with anyio.move_on_after(limit) as scope:
            await self._create(subject, user)
        if scope.cancelled_caught:
            self.cancelled.add(subject)

    async def _create(self, subject: str, user: str) -> None:
        """Try until there is an answer, as the errors say."""
        row_id: str | None = None
        while subject not in self.results:
            try:
                self.results[subject] = await self._crm.as_user(user).log_call(subject, id=row_id)
            except InteractionsError as error:
                row_id = error.interaction_id or row_id


@pytest.mark.anyio
@pytest.mark.parametrize("fault_rate", [0.0, 0.05])
@pytest.mark.parametrize(("seed", "rounds"), [(1, 4), pytest.param(2, 40, marks=pytest.mark.slow)])
async def test_a_cancelled_create_harms_no_other(seed: int, rounds: int, fault_rate: float) -> None:
    """Each caller that is not cancelled gets its interaction; nothing is written twice or half."""
    server = start_server()
    faulty = FaultyTransport.random(server.transport, rate=fault_rate, seed=seed)
    plain = client_of(server, ATOMIC)
    for user in USERS:
        plain.customers.ensure(user)
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=ATOMIC,
        transport=Leisurely(faulty, seed),
        retry=QUICK,
    ) as crm:
        crm._connection.uses_network = True
        callers = Callers(crm, seed)
        for number in range(rounds):
            async with anyio.create_task_group() as tasks:
                for caller in range(CALLERS):
                    tasks.start_soon(callers.call, f"{number}-{caller}")

    stored = {each.id: each for each in plain.as_admin("root").iterate()}
    subjects = Counter(each.subject for each in stored.values())
    assert all(stored[result.id] == result for result in callers.results.values())
    assert dict.fromkeys(subjects, 1) == subjects
    assert callers.results.keys() <= subjects.keys() <= callers.results.keys() | callers.cancelled
    assert callers.cancelled
    audit = tables_for(ATOMIC).audit
    assert audit is not None
    audited = plain._connection.send(wire.list_rows(audit, [query.limit(query.MAX_LIMIT)])).rows
    assert dict.fromkeys(stored, 1) == Counter(entry.entity_id for entry in audited)
    server.close()
