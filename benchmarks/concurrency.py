"""Concurrency: throughput, one slow response, and a long queue."""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import httpx

from benchmarks.reading import ROWS, a_list, one_row, row
from benchmarks.results import Figure, Section
from benchmarks.servers import SLOW_ROW, a_server
from benchmarks.stub_server import stub_server
from interactions_sdk import (
    AsyncInteractionsClient,
    CustomerInteraction,
    InteractionCreate,
    Settings,
)
from interactions_sdk.concurrency import amap_concurrent
from interactions_sdk.wire import RowList

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from benchmarks.servers import Server

READS = {1: 32, 8: 128, 64: 384}
"""The number of reads, for each number in flight."""
ROUNDS = 3
QUEUED = 2_000
DISTANCE = 0.02
DRAFT = InteractionCreate(interaction_type="call", subject="Intro")


def _client(server: Server) -> AsyncInteractionsClient:
    return AsyncInteractionsClient(
        server.endpoint,
        server.project,
        api_key=server.key,
        settings=Settings(
            database_id=server.database, verify_users=False, consistency="fast", audit_table=None
        ),
    )


async def _per_second(crm: AsyncInteractionsClient, interaction_id: str, width: int) -> float:
    repo = crm.as_admin("root")
    began = perf_counter()
    async with amap_concurrent(repo.get, [interaction_id] * READS[width], width) as found:
        async for _ in found:
            pass
    return READS[width] / (perf_counter() - began)


async def _throughput(server: Server) -> dict[int, float]:
    """Return the reads per second for each number in flight, the median of the rounds."""
    async with _client(server) as crm:
        call = await crm.as_user("ada").create(DRAFT)
        rates: dict[int, list[float]] = {width: [] for width in READS}
        for _ in range(ROUNDS):
            for width in READS:
                rates[width].append(await _per_second(crm, call.id, width))
    return {width: median(each) for width, each in rates.items()}


async def _one_slow(server: Server) -> tuple[float, float]:
    """Return how long 64 reads take the other 63, with and without one that takes a second."""
    async with _client(server) as crm:
        call = await crm.as_user("ada").create(DRAFT)
        repo = crm.as_admin("root")
        chosen = {"id": SLOW_ROW, "customer_id": call.customer_id}
        slow = await repo.create(DRAFT.model_copy(update=chosen))
        ended: list[float] = []

        async def read(interaction_id: str) -> None:
            await repo.get(interaction_id)
            ended.append(perf_counter())

        async def others(first: str) -> float:
            ended.clear()
            began = perf_counter()
            asked = [first] + [call.id] * 63
            async with amap_concurrent(read, asked, 64) as done:
                async for _ in done:
                    pass
            return sorted(ended)[62] - began

        await others(call.id)
        quick = median([await others(call.id) for _ in range(ROUNDS)])
        slowed = median([await others(slow.id) for _ in range(ROUNDS)])
    return quick, slowed


async def _queued(server: Server) -> tuple[int, int]:
    """Queue many creates; return how many were made, and the maximum number of drafts held."""
    taken = given = ahead = 0

    def drafts() -> Iterator[InteractionCreate]:
        nonlocal taken, ahead
        for _ in range(QUEUED):
            taken += 1
            ahead = max(ahead, taken - given)
            yield DRAFT

    async with _client(server) as crm:
        repo = crm.as_user("ada")
        async with amap_concurrent(repo.create, drafts(), 8) as created:
            async for _ in created:
                given += 1
    return given, ahead


async def _beside_httpx() -> list[Figure]:
    """Compare the CPU time of a read with that of a bare httpx client and the same model."""
    read = RowList[CustomerInteraction].__pydantic_validator__.validate_json
    ratios: dict[int, list[float]] = {1: [], 64: []}
    row_id = str(row(0)["$id"])
    with stub_server(a_list(1)) as endpoint:
        settings = Settings(verify_users=False)
        async with (
            AsyncInteractionsClient(endpoint, "p", api_key="k", settings=settings) as crm,
            httpx.AsyncClient(headers={"X-Appwrite-Project": "p", "X-Appwrite-Key": "k"}) as bare,
        ):
            get_ours = crm.as_admin("root").get

            async def get_bare(row_id: str) -> CustomerInteraction:
                answer = await bare.get(endpoint + ROWS, params=one_row(row_id))
                interaction: CustomerInteraction = read(answer.content).rows[0]
                return interaction

            for _ in range(2 * ROUNDS + 1):
                for width, so_far in ratios.items():
                    ours = await _processor_time(get_ours, row_id, width)
                    so_far.append(ours / await _processor_time(get_bare, row_id, width))
    return [
        Figure(
            "our CPU time for a read, compared with a bare `httpx.AsyncClient`", median(ratios[1])
        ),
        Figure("- the same with 64 in flight", median(ratios[64])),
    ]


async def _processor_time(
    read: Callable[[str], Awaitable[CustomerInteraction]], row_id: str, width: int
) -> float:
    began = process_time()
    async with amap_concurrent(read, [row_id] * READS[width], width) as found:
        async for _ in found:
            pass
    return process_time() - began


async def _prepared(server: Server) -> None:
    async with _client(server) as crm:
        await crm.schema.apply()
        await crm.customers.ensure("ada")


async def _near(server: Server) -> list[Figure]:
    await _prepared(server)
    rates = await _throughput(server)
    created, ahead = await _queued(server)
    return [
        Figure("reads per second, 1 at a time", rates[1]),
        Figure("8 in flight, compared with 1", rates[8] / rates[1]),
        Figure("64 in flight, compared with 8", rates[64] / rates[8]),
        Figure(f"{created:,} creates queued, 8 in flight: drafts taken ahead at most", ahead),
    ]


async def _far(server: Server) -> list[Figure]:
    await _prepared(server)
    rates = await _throughput(server)
    quick, slowed = await _one_slow(server)
    return [
        Figure("20 ms away: reads per second, 1 at a time", rates[1]),
        Figure("20 ms away: 8 in flight, compared with 1", rates[8] / rates[1]),
        Figure("20 ms away: 64 in flight, compared with 8", rates[64] / rates[8]),
        Figure(
            "63 reads beside one that takes a second, compared with 63 beside a quick one",
            slowed / quick,
        ),
    ]


def section() -> Section:
    """Run the benchmarks."""
    with a_server(live=False) as server:
        figures = asyncio.run(_near(server))
    with a_server(live=False, distance=DISTANCE) as server:
        figures += asyncio.run(_far(server))
    figures += asyncio.run(_beside_httpx())
    return Section(
        "Concurrent requests",
        "The asynchronous client with the embedded server over HTTP: first without latency, where "
        "the CPU that client and server share is the limit from the start, then with 20 ms of "
        "latency, as with a remote server. Throughput should grow with the number of requests in "
        "flight until one of the two is the limit, and then stay constant; a ratio below 1 means "
        "that it fell. httpx's pool wakes all waiting requests for each connection that becomes "
        "free, and keeps 20 connections; here, each request in flight has its own connection.",
        figures,
    )
