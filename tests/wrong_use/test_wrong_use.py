"""Every incorrect call raises an explained error, and never one of Python's own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from pydantic import ValidationError

from interactions_sdk import (
    AsyncInteractionsClient,
    InteractionsClient,
    InteractionsError,
    Settings,
)
from tests.wrong_use.customers import CUSTOMERS
from tests.wrong_use.table import TABLE, Row, Scene

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk.embedded import EmbeddedAppwrite

ROWS = [*TABLE, *CUSTOMERS]
SETTINGS = Settings(verify_users=False, attachments_bucket="attachments")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the library's environment variables."""
    for name in os.environ:
        if name.startswith(("APPWRITE_", "INTERACTIONS_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def crm() -> Iterator[InteractionsClient]:
    """Return a client of a server with two customers, which incorrect calls do not change."""
    with InteractionsClient.embedded(settings=SETTINGS) as client:
        yield client


@pytest.fixture(scope="module")
def known(crm: InteractionsClient) -> dict[str, Any]:
    """Write the interactions that the calls use."""
    customer, other = crm.customers.ensure("ada"), crm.customers.ensure("bob")
    ada, tomorrow = crm.as_user("ada"), datetime.now(UTC) + timedelta(days=1)
    done = ada.log_task("Done", next_action_date=tomorrow)
    return {
        "call": ada.log_call("Renewal", outcome="successful").id,
        "task": ada.log_task("Call back", next_action_date=tomorrow).id,
        "done": ada.follow_ups.complete(done.id).id,
        "bobs": crm.as_user("bob").log_call("Offer").id,
        "customer": customer,
        "other": other,
    }


def scene(client: Any, server: EmbeddedAppwrite, known: dict[str, Any], folder: Path) -> Scene:
    """Return the objects used by the calls."""
    return Scene(
        client_class=type(client),
        crm=client,
        ada=client.as_user("ada"),
        root=client.as_admin("root"),
        folder=folder,
        server=server,
        **known,
    )


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_synchronous_client_answers_in_words(
    row: Row, crm: InteractionsClient, known: dict[str, Any], tmp_path: Path
) -> None:
    """The class and the message of the error are those in the table."""
    server = cast("EmbeddedAppwrite", crm._server)

    with pytest.raises(row.error) as caught:
        consume(row.use(scene(crm, server, known, tmp_path)))

    check(row, caught.value)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_asynchronous_client_answers_alike(
    row: Row, crm: InteractionsClient, known: dict[str, Any], tmp_path: Path
) -> None:
    """The asynchronous client has the same checks."""
    server = cast("EmbeddedAppwrite", crm._server)

    async def use() -> None:
        async with AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=server.transport,
            settings=SETTINGS,
        ) as client:
            await consume_async(row.use(scene(client, server, known, tmp_path)))

    with pytest.raises(row.error) as caught:
        asyncio.run(use())

    check(row, caught.value)


def test_the_table_is_long_enough() -> None:
    """There are at least 120 incorrect calls with different names."""
    assert len(ROWS) >= 120
    assert len(ROWS) == len({row.name for row in ROWS})


def consume(result: object) -> None:
    """Read an iterator to its end."""
    if isinstance(result, Iterator):
        for _ in cast("Iterator[object]", result):
            pass


async def consume_async(result: object) -> None:
    """Await a result if necessary, and read an iterator to its end."""
    if isinstance(result, Awaitable):
        await cast("Awaitable[object]", result)
    elif isinstance(result, AsyncIterator):
        async for _ in cast("AsyncIterator[object]", result):
            pass


def check(row: Row, error: Exception) -> None:
    """Compare an error with its row."""
    assert isinstance(error, InteractionsError | ValidationError)
    assert row.message in str(error)
    assert "secret" not in str(error).replace("client_secret", "")
