"""Several writers of one interaction, and many writers for one customer."""

from __future__ import annotations

import random
import time
from asyncio import Barrier as TaskBarrier
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from threading import Barrier
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    ConflictError,
    CustomerInteraction,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    Settings,
)
from interactions_sdk.testing.assertions import audit_entries
from tests.faults.scenarios import ATOMIC, FAST, UNAUDITED, Journal, Scene, client_of, days
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.embedded.httpx_transport import EmbeddedTransport

WRITERS = 8
CREATORS = 16
PAUSE = 0.002
PACE = random.Random()  # noqa: S311 - not for security

Step = Callable[[Any, CustomerInteraction], Any]
"""The operations of a writer, for the repository of either version."""


def _update(repo: Any, current: CustomerInteraction) -> Any:
    return repo.update(current.id, InteractionUpdate(description=PACE.randbytes(8).hex()))


def _delete(repo: Any, current: CustomerInteraction) -> Any:
    return repo.delete(current.id)


def _complete(repo: Any, current: CustomerInteraction) -> Any:
    return repo.follow_ups.complete(current.id, note="Done")


def _snooze(repo: Any, current: CustomerInteraction) -> Any:
    return repo.follow_ups.snooze(current.id, by=timedelta(days=1))


RACES = {
    "update-update": (_update,),
    "update-delete": (_update, _delete),
    "complete-snooze": (_complete, _snooze),
}


class Gate(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Makes writers wait until all have read the interaction."""

    def __init__(self, inner: EmbeddedTransport, barrier: Barrier | TaskBarrier) -> None:
        self._inner = inner
        self._barrier = barrier
        self._is_open = False

    def _opens_with(self, request: httpx.Request) -> bool:
        is_read = "/customer_interactions/rows" in request.url.path and request.method == "GET"
        opens = is_read and not self._is_open
        self._is_open = self._is_open or is_read
        return opens

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the other writers after the first read."""
        response = self._inner.handle_request(request)
        if self._opens_with(request):
            assert isinstance(self._barrier, Barrier)
            self._barrier.wait(LIMIT)
        time.sleep(PACE.random() * PAUSE)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the other writers after the first read."""
        response = await self._inner.handle_async_request(request)
        if self._opens_with(request):
            assert isinstance(self._barrier, TaskBarrier)
            with anyio.fail_after(LIMIT):
                await self._barrier.wait()
        await anyio.sleep(PACE.random() * PAUSE)
        return response


@dataclass
class Attempt:
    """The result that one writer sees."""

    result: Any = None
    error: ConflictError | None = None


def race(scene: Scene, steps: Sequence[Step]) -> list[Attempt]:
    """Run a step in eight threads at once, each with its own client."""
    barrier = Barrier(WRITERS)

    def run(step: Step) -> Attempt:
        crm = InteractionsClient(
            "http://embedded/v1",
            scene.server.project,
            api_key=scene.server.api_key,
            settings=scene.settings,
            transport=Gate(scene.server.transport, barrier),
        )
        try:
            return Attempt(result=step(crm.as_user(scene.user_id), scene.target))
        except ConflictError as error:
            return Attempt(error=error)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(run, _lined_up(steps)))


async def arace(scene: Scene, steps: Sequence[Step]) -> list[Attempt]:
    """Run a step in eight tasks at once, each with its own client."""
    barrier = TaskBarrier(WRITERS)
    attempts: list[Attempt] = []

    async def run(step: Step) -> None:
        crm = AsyncInteractionsClient(
            "http://embedded/v1",
            scene.server.project,
            api_key=scene.server.api_key,
            settings=scene.settings,
            transport=Gate(scene.server.transport, barrier),
        )
        try:
            attempts.append(Attempt(await step(crm.as_user(scene.user_id), scene.target)))
        except ConflictError as error:
            attempts.append(Attempt(error=error))

    async with anyio.create_task_group() as tasks:
        for step in _lined_up(steps):
            tasks.start_soon(run, step)
    return attempts


def _lined_up(steps: Sequence[Step]) -> Iterator[Step]:
    return islice(cycle(steps), WRITERS)


def _scene(server: EmbeddedAppwrite, settings: Settings) -> Scene:
    scene = Scene(server, settings)
    scene.add_customer()
    scene.add_interaction(next_action_date=days(1))
    return scene


def check_one_winner(scene: Scene, attempts: Sequence[Attempt]) -> None:
    """One writer succeeds, seven get the new state, and one change is audited."""
    won = [attempt for attempt in attempts if attempt.error is None]
    left = scene.row(scene.target.id)
    assert (WRITERS, 1) == (len(attempts), len(won))
    assert left == won[0].result, "what the winner was told is not what is there"
    assert {left} == {attempt.error.current for attempt in attempts if attempt.error}
    steps = [entry.action for entry in audit_entries(scene.crm, scene.target.id)]
    assert (0 if scene.settings.audit_table is None else 2) == len(steps), steps
    scene.check_dates()


every_race = pytest.mark.parametrize("steps", RACES.values(), ids=RACES.keys())
every_way = pytest.mark.parametrize(
    ("settings", "rounds"),
    [
        pytest.param(ATOMIC, 10, id="atomic"),
        pytest.param(FAST, 3, id="fast"),
        pytest.param(UNAUDITED, 3, id="unaudited"),
        pytest.param(ATOMIC, 200, id="atomic-200", marks=pytest.mark.slow),
        pytest.param(FAST, 50, id="fast-50", marks=pytest.mark.slow),
        pytest.param(UNAUDITED, 50, id="unaudited-50", marks=pytest.mark.slow),
    ],
)


@every_way
@every_race
def test_one_thread_wins(
    server: EmbeddedAppwrite, settings: Settings, rounds: int, steps: Sequence[Step]
) -> None:
    """Of eight threads that change the same state, one succeeds."""
    for _ in range(rounds):
        scene = _scene(server, settings)
        check_one_winner(scene, race(scene, steps))


@every_way
@every_race
@pytest.mark.anyio
async def test_one_task_wins(
    server: EmbeddedAppwrite, settings: Settings, rounds: int, steps: Sequence[Step]
) -> None:
    """Of eight tasks that change the same state, one succeeds."""
    for _ in range(rounds):
        scene = _scene(server, settings)
        check_one_winner(scene, await arace(scene, steps))


@pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])
@pytest.mark.parametrize("shares_client", [True, False], ids=["one-client", "many-clients"])
def test_many_threads_create_for_one_customer(
    server: EmbeddedAppwrite,
    settings: Settings,
    *,
    shares_client: bool,
) -> None:
    """No create fails, and the last contact and next follow-up are correct."""
    scene = Scene(server, settings)
    scene.add_customer()
    shared = client_of(server, settings)

    def create(number: int) -> list[CustomerInteraction]:
        crm = shared if shares_client else client_of(server, settings)
        repo: InteractionRepository = crm.as_user(scene.user_id)
        return [
            repo.log_call(f"{number}.{each}", next_action_date=days(1 + PACE.random()))
            for each in range(10)
        ]

    with Journal() as journal, ThreadPoolExecutor(CREATORS) as pool:
        created = [row for rows in pool.map(create, range(CREATORS)) for row in rows]

    check_busy_customer(scene, created, journal)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(settings, marks=[] if settings is ATOMIC else pytest.mark.slow)
        for settings in (ATOMIC, FAST, UNAUDITED)
    ],
)
async def test_many_tasks_create_for_one_customer(
    server: EmbeddedAppwrite, settings: Settings
) -> None:
    """No create fails, and the last contact and next follow-up are correct."""
    scene = Scene(server, settings)
    scene.add_customer()
    created: list[CustomerInteraction] = []
    crm = AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=Gate(server.transport, TaskBarrier(1)),
    )

    async def create(number: int) -> None:
        for each in range(10):
            due = days(1 + PACE.random())
            repo = crm.as_user(scene.user_id)
            created.append(await repo.log_call(f"{number}.{each}", next_action_date=due))

    with Journal() as journal:
        async with anyio.create_task_group() as tasks:
            for number in range(CREATORS):
                tasks.start_soon(create, number)

    check_busy_customer(scene, created, journal)


def check_busy_customer(
    scene: Scene, created: Sequence[CustomerInteraction], journal: Journal
) -> None:
    """Check that every interaction exists once, and that the dates are current."""
    assert CREATORS * 10 == len(created)
    assert {row.id for row in created} == {row.id for row in scene.rows()}
    assert not journal.left_to_reconcile
    customer = scene.crm.customers.get(scene.owner.id)
    assert max(row.created_at for row in created) == customer.last_contact_at
    scene.check_dates()
