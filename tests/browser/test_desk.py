"""The desk in a browser: accessibility, keyboard, and use without JavaScript."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from interactions_sdk import AsyncInteractionsClient, InteractionUpdate, Settings
from interactions_sdk.desk import Admin, User, desk
from interactions_sdk.desk.pages import events
from interactions_sdk.desk.sample import log_sample
from tests.hostile_text import HTML
from tests.waiting import join, wait_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

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
    """A desk over HTTP, whose client runs in the server's event loop."""

    def __init__(self, listener: socket.socket) -> None:
        settings = Settings(attachments_bucket="attachments")
        self.crm = AsyncInteractionsClient.embedded(settings=settings)
        self.person: Admin | User = Admin("root", name="Grace", tz="Europe/Zurich")
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.app: Any = desk(self.crm, identify=lambda _: self.person)
        config = uvicorn.Config(
            self.app, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self.server = uvicorn.Server(config)
        self.listener = listener

    async def serve(self) -> None:
        """Serve until `should_exit` is set."""
        self.loop = asyncio.get_running_loop()
        async with self.crm:
            await log_sample(self.crm, "root")
            await self.server.serve(sockets=[self.listener])

    def run(self, function: Callable[[AsyncInteractionsClient], Awaitable[Any]]) -> Any:
        """Run a function with the client, in the client's event loop."""

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
    """Serve one desk for all tests, which checks for changes without a pause."""
    with pytest.MonkeyPatch.context() as patch, serving() as served:
        patch.setattr(events, "_INTERVAL", 0.1)
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


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("reports", "report", "settings")]


@pytest.mark.parametrize("name", ["today", "customers", "customer", "entry", "missing", *SLOW])
def test_everybody_can_read_and_use_it(browser: Browser, served: Served, name: str) -> None:
    """Pages have no accessibility violations, no horizontal scrolling and no console errors."""
    url = served.url + _pages(served)[name]
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        browser.open(url, width=width, scheme=scheme)
        browser.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")

        assert [] == _violations(browser)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        logged = [each["entry"]["text"] for each in browser.happened("Log.entryAdded")]
        assert [] == [text for text in logged if name != "missing" or "404" not in text]
        asked = [each["request"]["url"] for each in browser.happened("Network.requestWillBeSent")]
        ours = (served.url, "data:")  # the browser draws the icons of date fields itself
        assert [] == [each for each in asked if not each.startswith(ours)]


def test_everything_can_be_done_with_a_keyboard(browser: Browser, served: Served) -> None:
    """Finding a customer, logging a call, browsing entries and showing shortcuts need no mouse."""
    focus = "document.activeElement"
    browser.open(f"{served.url}/customers", width=1400, scheme="light")

    browser.press("/")
    assert "q" == browser.evaluate(f"{focus}.name")
    browser.type("ada")
    _press_and_wait(browser, "Enter")
    browser.press("j")
    assert "Ada Lovelace" == browser.evaluate(f"{focus}.textContent")
    _press_and_wait(browser, "Enter")

    browser.press("n")
    assert "subject" == browser.evaluate(f"{focus}.name")
    browser.type("By keyboard?")  # here, keys are text
    _press_and_wait(browser, "Enter")
    assert "Logged." == browser.evaluate("document.querySelector('.notice').textContent")

    browser.press("j")
    assert "By keyboard?" == browser.evaluate(f"{focus}.textContent")
    browser.press("j")
    assert "By keyboard?" != browser.evaluate(f"{focus}.textContent")
    browser.press("k")
    assert "By keyboard?" == browser.evaluate(f"{focus}.textContent")
    assert "solid" == browser.evaluate(f"getComputedStyle({focus}).outlineStyle")
    browser.press("?")
    assert browser.evaluate("document.querySelector('dialog').open")
    assert [] == _violations(browser)
    browser.press("Escape")
    assert not browser.evaluate("document.querySelector('dialog').open")
    _press_and_wait(browser, "Enter")
    assert "By keyboard?" == browser.evaluate("document.querySelector('h1').textContent")


def _press_and_wait(browser: Browser, key: str) -> None:
    browser.events.clear()
    browser.press(key)
    browser.wait_for_page()


def test_it_works_without_javascript(browser: Browser, served: Served) -> None:
    """Without JavaScript, a call is logged, and after an error, the form keeps its values."""
    customer = _pages(served)["customer"]
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(served.url + customer, width=320, scheme="light")
        assert not browser.evaluate("typeof keys !== 'undefined'")
        _fill(browser, "subject", "x" * 201)
        assert "at most 200 characters" in browser.evaluate("document.body.innerText")
        assert 201 == browser.evaluate("document.querySelector('#subject').value.length")
        assert "subject-error" == browser.evaluate(
            "document.querySelector('#subject').getAttribute('aria-describedby')"
        )
        browser.evaluate("document.querySelector('#subject').value = ''")
        _fill(browser, "subject", "Without a script")
        assert "Logged." in browser.evaluate("document.body.innerText")
        assert "Without a script" in browser.evaluate("document.body.innerText")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


def _fill(browser: Browser, name: str, text: str) -> None:
    browser.evaluate(f"document.querySelector('[name={name}]').focus()")
    browser.type(text)
    _press_and_wait(browser, "Enter")


def test_a_second_click_sends_nothing(browser: Browser, served: Served) -> None:
    """The script prevents a second submission; without it, the form's key does."""
    browser.open(served.url + _pages(served)["customer"], width=1400, scheme="light")
    browser.evaluate("document.querySelector('#subject').value = 'Once'")
    browser.events.clear()
    browser.evaluate(
        "(button => {button.click(); button.click()})(document.querySelector('#log .primary'))"
    )
    browser.wait_for_page()

    assert 1 == len(served.run(lambda crm: _found(crm, "Once")))
    posts = [
        each
        for each in browser.happened("Network.requestWillBeSent")
        if each["request"]["method"] == "POST"
    ]
    assert 1 == len(posts)


async def _found(crm: AsyncInteractionsClient, text: str) -> list[Any]:
    return [each async for each in crm.as_admin("root").iterate(text=text)]


def test_an_open_page_shows_what_others_do(browser: Browser, served: Served) -> None:
    """A change appears automatically, or is announced while somebody is typing."""
    pages = _pages(served)
    browser.open(served.url + pages["customer"].partition("?")[0], width=1400, scheme="light")
    id = pages["entry"].rpartition("/")[2]

    async def rename(crm: AsyncInteractionsClient, subject: str) -> None:
        await crm.as_admin("root").update(id, InteractionUpdate(subject=subject))

    text = "document.body.innerText"
    _wait_for_stream(served)
    served.run(lambda crm: rename(crm, "Renamed meanwhile"))
    wait_until(lambda: "Renamed meanwhile" in browser.evaluate(text))

    browser.press("n")
    browser.type("half a sen")
    served.run(lambda crm: rename(crm, "Renamed again"))
    wait_until(lambda: "There are changes." in browser.evaluate(text))
    assert "half a sen" == browser.evaluate("document.querySelector('#subject').value")
    assert "Renamed again" not in browser.evaluate(text)
    assert [] == _violations(browser)


def _wait_for_stream(served: Served) -> None:
    wait_until(lambda: served.app.state.streams > 0)


def test_the_browsers_zone_is_used_until_one_is_chosen(browser: Browser, served: Served) -> None:
    """The page is reloaded in the browser's time zone."""
    served.person = User("ada")
    browser.send("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")
    try:
        browser.open(served.url, width=1400, scheme="light")
        browser.wait_for_page(2)
        assert "Asia/Tokyo" in browser.evaluate("document.body.innerText")
        assert "detect-zone" not in browser.evaluate("document.body.innerHTML")
    finally:
        browser.send("Emulation.setTimezoneOverride", timezoneId="")
        browser.send("Network.clearBrowserCookies")


def test_what_a_customer_wrote_does_nothing(browser: Browser, served: Served) -> None:
    """Customers' text runs no script, sends no request and opens no dialog."""

    async def log(crm: AsyncInteractionsClient) -> str:
        eve = await crm.customers.create("eve", name=HTML[0])
        note = await crm.as_admin("root").log_note(
            "".join(HTML)[:5000], subject=HTML[1], customer_id=eve.id, next_action=HTML[12]
        )
        return f"/interactions/{note.id}"

    entry = served.run(log)
    for path in (entry, "/customers", f"/customers?q={HTML[0][:40]}"):
        browser.open(served.url + path, width=1400, scheme="light")
        browser.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")

        asked = [each["request"]["url"] for each in browser.happened("Network.requestWillBeSent")]
        assert [] == [url for url in asked if not url.startswith((served.url, "data:"))]
        assert [] == browser.happened("Page.javascriptDialogOpening")
        assert [] == browser.happened("Log.entryAdded")
        assert "hurt" != browser.evaluate("document.title")
        assert 1 == browser.evaluate("document.scripts.length")
