"""The desk in a real browser: read, used with a keyboard, and without JavaScript."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from interactions_sdk import AsyncInteractionsClient, InteractionUpdate, Settings
from interactions_sdk.desk import Admin, User, desk
from interactions_sdk.desk.sample import log_sample
from tests.waiting import join, wait_until

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

AXE = Path(__file__).with_name("axe-core") / "axe.min.js"
WIDTHS = (320, 1400)
SCHEMES = ("light", "dark")
VIOLATIONS = """
axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
  each => each.id + ": " + each.nodes.map(node => node.html + " " + node.failureSummary).join(" | ")
))
"""


class Served:
    """A desk over HTTP, whose client lives in the server's event loop."""

    def __init__(self, listener: socket.socket) -> None:
        settings = Settings(attachments_bucket="attachments")
        self.crm = AsyncInteractionsClient.embedded(settings=settings)
        self.person: Admin | User = Admin("root", name="Grace", tz="Europe/Zurich")
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = desk(self.crm, identify=lambda _: self.person)
        config = uvicorn.Config(
            app, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self.server = uvicorn.Server(config)
        self.listener = listener

    async def serve(self) -> None:
        """Serve until it is told to stop."""
        self.loop = asyncio.get_running_loop()
        async with self.crm:
            await log_sample(self.crm, "root")
            await self.server.serve(sockets=[self.listener])

    def run(self, function: Callable[[AsyncInteractionsClient], Awaitable[Any]]) -> Any:
        """Do something with the client, in its own event loop."""

        async def call() -> Any:
            return await function(self.crm)

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(60)


@contextmanager
def serving() -> Iterator[Served]:
    """Serve a desk with sample data."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(listener)
        thread = threading.Thread(target=lambda: asyncio.run(served.serve()))
        thread.start()
        wait_until(lambda: served.server.started)
        yield served
        served.server.should_exit = True
        join(thread)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve one desk for all tests."""
    with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def somebody(served: Served) -> None:
    """Sign in as an admin."""
    served.person = Admin("root", name="Grace", tz="Europe/Zurich")


def _pages(served: Served) -> dict[str, str]:
    async def ids(crm: AsyncInteractionsClient) -> tuple[str, str]:
        ada = await crm.customers.get_by_user_id("grace")
        [task] = (await crm.as_admin("root").find(customer_id=ada.id, limit=1)).items
        return ada.id, task.id

    customer, entry = served.run(ids)
    return {
        "today": "/",
        "customers": "/customers",
        "customer": f"/customers/{customer}?log=call",
        "entry": f"/interactions/{entry}",
        "reports": "/reports",
        "report": "/reports/activity",
        "settings": "/settings",
        "missing": "/nowhere",
    }


def _violations(browser: Browser) -> list[str]:
    browser.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = browser.evaluate(VIOLATIONS)
    return found


@pytest.mark.parametrize("name", ["today", "customers", "customer", "entry", "reports", "report", "settings", "missing"])
def test_everybody_can_read_and_use_it(browser: Browser, served: Served, name: str) -> None:
    """No violation of accessibility rules, no sideways scrolling, nothing refused or broken."""
    url = served.url + _pages(served)[name]
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        browser.open(url, width=width, scheme=scheme)
        browser.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")

        assert [] == _violations(browser)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        logged = [each["entry"]["text"] for each in browser.happened("Log.entryAdded")]
        assert [] == [text for text in logged if name != "missing" or "404" not in text]
        asked = [each["request"]["url"] for each in browser.happened("Network.requestWillBeSent")]
        ours = (served.url, "data:")  # the browser draws its own icons of date fields
        assert [] == [each for each in asked if not each.startswith(ours)]
