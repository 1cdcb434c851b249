"""Creates that come at once share a transaction, and none of them depends on the others."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    ConflictError,
    CustomerInteraction,
    InteractionCreate,
    InteractionsError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk.concurrency import aevent, amap_concurrent
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded_setup import prepare
from interactions_sdk.testing import Fault, FaultyTransport
from tests.crowded import CrowdedTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    import httpx

pytestmark = pytest.mark.anyio

SETTINGS = Settings(verify_users=False)
IMPATIENT = RetryPolicy(retries=1, initial_delay=0.0, max_delay=0.0)
USERS = [f"user-{number}" for number in range(8)]
OTHERS = len(USERS) - 1
"""Number of creates that wait for the first one, and share the second transaction."""
SECOND = 2
ROWS = "/tablesdb/console-db/tables/customer_interactions/rows"
begins = partial(FaultyTransport, method="POST", route="/tablesdb/transactions")
stages = partial(FaultyTransport, method="POST", route="/tablesdb/transactions/{id}/operations")
commits = partial(FaultyTransport, method="PATCH", route="/tablesdb/transactions/{id}")


@pytest.fixture(autouse=True)
def one_leader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all creates but the first one wait."""
    monkeypatch.setattr("interactions_sdk._async.connection.group_commit._MAX_LEADERS", 1)


class Stopped(BaseException):
    """What stops a caller: a cancelled task, or Ctrl-C."""


@dataclass
class Crowd:
    """Eight users who each log a call, at the same moment."""

    crm: AsyncInteractionsClient
    faulty: FaultyTransport
    crowded: CrowdedTransport
    drafts: Sequence[InteractionCreate] = field(
        default_factory=lambda: [
            InteractionCreate(interaction_type="call", subject=user) for user in USERS
        ]
    )

    async def create(
        self, users: Sequence[str] = USERS
    ) -> list[CustomerInteraction | BaseException]:
        """Log the calls, seven of them in one transaction, and return the results in order."""
        self.crowded.waiting = OTHERS
        self.crowded.queue = self.crm._services.writer._group_commit._queues.get
        async with amap_concurrent(
            self._create, zip(users, self.drafts, strict=True), len(users)
        ) as results:
            return [result async for result in results]

    async def _create(
        self, user_and_draft: tuple[str, InteractionCreate]
    ) -> CustomerInteraction | BaseException:
        user, draft = user_and_draft
        try:
            return await self.crm.as_user(user).create(draft)
        except BaseException as error:  # noqa: BLE001 - one of them is stopped
            return error

    def count(self, method: str, route: str) -> int:
        """Count the requests to a route."""
        return sum((method, route) == (each.method, each.route) for each in self.faulty.requests)

    async def check(self, results: Sequence[CustomerInteraction | BaseException]) -> None:
        """Check that each user has one interaction, its audit row and its date."""
        tables = self.crm._services.project.tables
        assert tables.audit is not None
        entries = (await self.crm._connection.send(wire.list_rows(tables.audit, []))).rows
        audited = Counter(entry.entity_id for entry in entries)
        for user, result in zip(USERS, results, strict=True):
            [interaction] = (await self.crm.as_user(user).find()).items
            customer = await self.crm.customers.get_by_user_id(user)
            assert 1 == audited[interaction.id]
            if isinstance(result, CustomerInteraction):
                assert interaction == result
                assert interaction.created_at == customer.last_contact_at


@asynccontextmanager
async def a_crowd(
    make_faulty: Callable[[httpx.AsyncBaseTransport], FaultyTransport] = FaultyTransport,
) -> AsyncIterator[Crowd]:
    """Return users of a new server, on which requests may fail."""
    with EmbeddedAppwrite() as server:
        prepare(server, SETTINGS)
        faulty = make_faulty(server.transport)
        crowded = CrowdedTransport(faulty)
        async with AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=SETTINGS,
            transport=crowded,
            retry=IMPATIENT,
        ) as crm:
            for user in USERS:
                await crm.customers.ensure(user)
            faulty.requests.clear()
            yield Crowd(crm, faulty, crowded)


async def test_creates_that_wait_share_a_transaction() -> None:
    """The first create has one for itself, and the seven others one together, read back at once."""
    async with a_crowd() as crowd:
        results = await crowd.create()
        requests = {
            name: crowd.count(method, route)
            for name, method, route in (
                ("begin", "POST", "/tablesdb/transactions"),
                ("commit", "PATCH", "/tablesdb/transactions/{id}"),
                ("read", "GET", ROWS),
                ("dates", "PATCH", "/tablesdb/console-db/tables/customers/rows/{id}"),
            )
        }
        await crowd.check(results)
    assert USERS == [
        result.subject for result in results if isinstance(result, CustomerInteraction)
    ]
    assert {"begin": 2, "commit": 2, "read": 2, "dates": len(USERS)} == requests


async def test_if_the_rows_cannot_be_read_together_each_is_read_alone() -> None:
    """A failure of the read that all share is not a failure of their creates."""
    fail = partial(
        FaultyTransport,
        fault=Fault.SERVER_ERROR_BEFORE_WRITE,
        first=SECOND,
        count=2,
        method="GET",
        route=ROWS,
    )
    async with a_crowd(fail) as crowd:
        results = await crowd.create()
        reads = crowd.count("GET", ROWS)
        await crowd.check(results)
    assert not [result for result in results if isinstance(result, BaseException)]
    assert 1 + 2 + OTHERS == reads


async def test_a_draft_that_conflicts_fails_alone() -> None:
    """One user repeats a key with another draft; the others' creates succeed without theirs."""
    old = InteractionCreate(interaction_type="note", description="Old", idempotency_key="k")
    new = old.model_copy(update={"description": "New"})
    call = InteractionCreate(interaction_type="call", subject="Intro")
    async with a_crowd() as crowd:
        for user in USERS:
            await crowd.crm.as_user(user).create(old)
        crowd.drafts = [new, old, *[call] * 5, new]
        results = await crowd.create()
        counts = [await crowd.crm.as_user(user).count() for user in USERS]
    assert [1, 1, *[2] * 5, 1] == counts
    expected = [ConflictError, *[CustomerInteraction] * 6, ConflictError]
    assert expected == [type(result) for result in results]


async def test_the_same_draft_many_times_is_one_interaction() -> None:
    """All callers get it, although it cannot be staged twice in one transaction."""
    draft = InteractionCreate(interaction_type="call", subject="Once", idempotency_key="k")
    async with a_crowd() as crowd:
        crowd.drafts = [draft] * len(USERS)
        results = await crowd.create(["user-0"] * len(USERS))
        [stored] = (await crowd.crm.as_user("user-0").find()).items
    assert [stored.id] * len(USERS) == [
        result.id for result in results if isinstance(result, CustomerInteraction)
    ]


@pytest.mark.parametrize("requests", [begins, stages, commits], ids=["begin", "stage", "commit"])
async def test_a_server_that_is_down_fails_all_who_share_the_transaction(
    requests: partial[FaultyTransport],
) -> None:
    """Each caller gets an error with its own ID; none tries again alone."""
    refuse = partial(requests, fault=Fault.REFUSED, first=SECOND, count=None)
    async with a_crowd(refuse) as crowd:
        results = await crowd.create()
        begun = crowd.count("POST", "/tablesdb/transactions")
        counts = [await crowd.crm.as_user(user).count() for user in USERS]
    errors = [result for result in results if isinstance(result, InteractionsError)]
    assert OTHERS == len(errors) == len({error.interaction_id for error in errors})
    assert not any(error.may_have_landed for error in errors)
    assert 1 == sum(counts)
    assert SECOND <= begun <= 1 + 4


async def test_a_commit_without_an_answer_may_have_landed_for_all_who_share_it() -> None:
    """Each error names its own interaction, with which another create finds it."""
    unanswered = partial(
        FaultyTransport,
        fault=Fault.TIMEOUT_AFTER_WRITE,
        first=SECOND,
        count=4,  # two attempts to commit, and two to read the outcome
        route="/tablesdb/transactions/{id}",
    )
    async with a_crowd(unanswered) as crowd:
        results = await crowd.create()
        errors = {
            USERS[place]: result
            for place, result in enumerate(results)
            if isinstance(result, InteractionsError)
        }
        assert OTHERS == len(errors)
        for user, error in errors.items():
            assert error.may_have_landed
            [note] = error.__notes__
            assert f"id={error.interaction_id!r}" in note
            draft = crowd.drafts[USERS.index(user)]
            again = draft.model_copy(update={"id": error.interaction_id})
            results[USERS.index(user)] = await crowd.crm.as_user(user).create(again)
        await crowd.check(results)


@pytest.mark.parametrize("lands", [True, False])
async def test_a_leader_that_is_stopped_leaves_the_others_to_themselves(lands: bool) -> None:  # noqa: FBT001
    """They commit alone, and find what the stopped commit wrote."""

    class Stopping(FaultyTransport):
        """Stops the second commit, before or after it is answered."""

        commits = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            """Forward a request, or stop its caller."""
            is_commit = request.method == "PATCH" and "/transactions/" in request.url.path
            self.commits += is_commit
            stops = is_commit and self.commits == SECOND
            if stops and not lands:
                raise Stopped
            response = await super().handle_async_request(request)
            if stops:
                raise Stopped
            return response

    async with a_crowd(Stopping) as crowd:
        results = await crowd.create()
        [stopped] = [
            place
            for place, result in enumerate(results)
            if not isinstance(result, CustomerInteraction)
        ]
        if not lands:
            user = crowd.crm.as_user(USERS[stopped])
            assert 0 == await user.count()
            results[stopped] = await user.create(crowd.drafts[stopped])
        await crowd.check(results)
    assert len(USERS) - 1 + (not lands) == sum(
        isinstance(result, CustomerInteraction) for result in results
    )


async def test_a_caller_that_is_stopped_while_it_waits_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are not affected."""

    class Impatient:
        """An event whose second waiting caller is stopped."""

        waiting = 0

        def __init__(self) -> None:
            waited_for = aevent()
            self.set = waited_for.set
            self._waited = waited_for.wait  # for as long as the crowd waits for all of it

        async def wait(self) -> None:
            """Wait, or be stopped."""
            Impatient.waiting += 1
            if Impatient.waiting == 2:
                raise Stopped
            await self._waited()

    monkeypatch.setattr("interactions_sdk._async.connection.group_commit.aevent", Impatient)
    async with a_crowd() as crowd:
        crowd.drafts = [*crowd.drafts, crowd.drafts[0]]
        results = await crowd.create([*USERS, "user-0"])
        total = await crowd.crm.as_admin("root").count()
    assert len(USERS) == sum(isinstance(result, CustomerInteraction) for result in results)
    assert 1 == sum(isinstance(result, Stopped) for result in results)
    assert len(USERS) == total


async def test_a_create_during_a_commit_does_not_wait_for_it() -> None:
    """A hook that writes would otherwise wait for the commit that waits for the hook."""

    class Nested(FaultyTransport):
        """Logs another call before each commit, five times."""

        crm: AsyncInteractionsClient
        depth = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            """Log a call before a commit, and forward the request."""
            is_commit = request.method == "PATCH" and "/transactions/" in request.url.path
            if is_commit and self.depth < 5:
                self.depth += 1
                await self.crm.as_user("user-0").log_call("Nested")
            return await super().handle_async_request(request)

    async with a_crowd(Nested) as crowd:
        assert isinstance(crowd.faulty, Nested)
        crowd.faulty.crm = crowd.crm
        await crowd.crm.as_user("user-0").log_call("Outer")
        assert 6 == await crowd.crm.as_user("user-0").count()


async def test_a_transaction_is_begun_ahead_while_creates_come_quickly() -> None:
    """The first create begins its own, the second one also the next: four for three creates."""
    async with a_crowd() as crowd:
        crowd.crm._connection.uses_network = True
        for number in range(1, 4):
            await crowd.crm.as_user("user-0").log_call(f"Call {number}")
            expected = [1, 3, 4][number - 1]
            assert expected == crowd.count("POST", "/tablesdb/transactions")
        assert 3 == await crowd.crm.as_user("user-0").count()


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.TIMEOUT_AFTER_WRITE])
async def test_a_create_does_not_need_the_transaction_that_is_begun_ahead(fault: Fault) -> None:
    """If it cannot be begun, which is tried once, the next create begins its own."""
    async with a_crowd(partial(begins, fault=fault, first=3)) as crowd:
        crowd.crm._connection.uses_network = True
        for number in range(1, 4):
            await crowd.crm.as_user("user-0").log_call(f"Call {number}")
        assert 3 == await crowd.crm.as_user("user-0").count()
        assert 5 == crowd.count("POST", "/tablesdb/transactions")


async def test_a_transaction_that_was_begun_ahead_and_is_gone_is_replaced() -> None:
    """Appwrite deletes transactions that have expired."""
    async with a_crowd() as crowd:
        crowd.crm._services.writer._group_commit._spares.get().keep("gone")
        await crowd.crm.as_user("user-0").log_call("Intro")
        assert 1 == await crowd.crm.as_user("user-0").count()
        assert 1 == crowd.count("POST", "/tablesdb/transactions")
