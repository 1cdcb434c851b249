"""A new JWT is fetched once, however many tasks or threads wait for it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from interactions_sdk._async.connection.jwt_refresh import AsyncJwtProvider
from interactions_sdk._sync.connection.jwt_refresh import JwtProvider


@pytest.mark.anyio
async def test_tasks_fetch_one_together() -> None:
    """An asynchronous function is awaited once, and all tasks get its result."""
    made: list[str] = []

    async def fetch() -> str:
        await anyio.sleep(0.001)
        made.append("jwt")
        return f"jwt-{len(made)}"

    jwts = AsyncJwtProvider(fetch)
    stale = await jwts.get()
    found: list[str] = []

    async def renew() -> None:
        found.append((await jwts.refresh(stale)).secret)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(renew)

    assert ["jwt-2"] * 8 == found


def test_threads_fetch_one_together() -> None:
    """All threads get the result of the one that fetches."""
    made: list[str] = []

    def fetch() -> str:
        time.sleep(0.001)
        made.append("jwt")
        return f"jwt-{len(made)}"

    jwts = JwtProvider(fetch)
    stale = jwts.get()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: jwts.refresh(stale).secret, range(8)))

    assert ["jwt-2"] * 8 == found
