from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import AsyncInteractionsClient, AsyncPage, CustomerInteraction

if TYPE_CHECKING:
    from interactions_sdk.paging import PendingPage


async def subjects(call: PendingPage[CustomerInteraction]) -> list[str | None]:
    """Return the subjects of all pages."""
    return [each.subject async for each in call]


@pytest.mark.anyio
async def test_a_call_is_a_page_and_a_loop_and_a_task() -> None:
    """A call can be awaited, iterated, gathered and run as a task."""
    async with AsyncInteractionsClient.embedded() as crm:
        await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        for number in range(5):
            await ada.log_call(str(number))

        page = await ada.find(limit=2)
        (gathered, count) = await asyncio.gather(ada.find(limit=2), ada.count())
        by_task = await asyncio.create_task(ada.find(limit=2))

        assert isinstance(page, AsyncPage)
        assert (page, page, 5) == (gathered, by_task, count)
        assert ["4", "3", "2", "1", "0"] == [each.subject async for each in page]
        assert ["4", "3", "2", "1", "0"] == await subjects(ada.find(limit=2))
        assert ["4", "3", "2", "1", "0"] == await subjects(ada.recent(limit=3))


@pytest.mark.anyio
async def test_a_task_is_cancelled_and_a_call_closed() -> None:
    """A call can be cancelled and closed like any coroutine."""
    async with AsyncInteractionsClient.embedded() as crm:
        await crm.customers.ensure("ada")
        task = asyncio.create_task(crm.as_user("ada").find())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        unused = crm.as_user("ada").find()
        unused.close()
        with pytest.raises(RuntimeError, match="already awaited"):
            await unused
