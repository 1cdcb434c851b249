"""Open pages receive changes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

import pytest

from interactions_sdk import AsyncInteractionsClient, Settings
from interactions_sdk.desk import Admin, User, desk
from interactions_sdk.desk.pages import events
from tests.users import People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.desk.conftest import Office

pytestmark = pytest.mark.anyio


class Listener:
    """An open page: an ASGI client that reads an endless response."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def _receive(self) -> dict[str, Any]:
        await asyncio.wait_for(self.gone, 60)
        return {"type": "http.disconnect"}

    async def __aenter__(self) -> Self:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/events",
            "raw_path": b"/events",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"desk.example")],
            "client": ("127.0.0.1", 1),
            "server": ("desk.example", 80),
        }
        self.task = asyncio.ensure_future(self.app(scope, self._receive, self.messages.put))
        self.start = await asyncio.wait_for(self.messages.get(), 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self.task.done():
            self.gone.set_result(None)
        await asyncio.wait_for(self.task, 10)

    async def events(self) -> AsyncIterator[str]:
        """Yield the received messages."""
        while True:
            message = await asyncio.wait_for(self.messages.get(), 10)
            yield message["body"].decode()


async def until(heard: AsyncIterator[str], beginning: str) -> AsyncIterator[str]:
    """Yield messages up to the first one with a prefix."""
    async for each in heard:
        yield each
        if each.startswith(beginning):
            return


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the intervals for the tests."""
    monkeypatch.setattr(events, "_INTERVAL", 0.02)
    monkeypatch.setattr(events, "_KEEP_ALIVE_SECONDS", 0.05)


async def test_a_change_is_told_to_whoever_may_see_it(office: Office) -> None:
    """Only visible changes are sent; comments keep the connection open; closing ends the watch."""
    app = desk(office.crm, identify=lambda _: User("ada"))
    async with Listener(app) as page:
        assert 200 == page.start["status"]
        assert (b"content-type", b"text/event-stream; charset=utf-8") in page.start["headers"]
        heard = page.events()
        assert "retry: 10000\n\n" == await anext(heard)
        assert ": watching\n\n" == await anext(heard)
        assert ": still here\n\n" == await anext(heard)
        await office.repo.log_call("Of Bob", customer_id=office.bob.id)
        call = await office.repo.log_call("Of Ada", customer_id=office.ada.id)

        told = [each async for each in until(heard, "event: change")]

    data = json.loads(told[-1].partition("data: ")[2])
    assert {"kind": "created", "id": call.id, "customer": office.ada.id} == data
    assert not any("Bob" in each or office.bob.id in each for each in told)
    assert 0 == app.state.streams  # type: ignore[attr-defined]


async def test_there_is_a_limit(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of open streams is limited, because each of them polls."""
    monkeypatch.setattr(events, "MAX_STREAMS", 1)
    app = desk(office.crm, identify=lambda _: Admin("root"))
    async with Listener(app) as first:
        assert "retry: 10000\n\n" == await anext(first.events())
        async with Listener(app) as second:
            assert 503 == second.start["status"]
    async with Listener(app) as third:
        assert 200 == third.start["status"]


async def test_whoever_may_not_watch_hears_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The stream ends, and the reason is logged."""
    people = People.start(Settings())
    async with (
        AsyncInteractionsClient(
            "http://embedded/v1",
            people.server.project,
            api_key=people.server.api_key,
            transport=people.server.transport,
        ) as crm,
        Listener(desk(crm, identify=lambda _: Admin("ada"))) as page,
    ):
        heard = page.events()
        assert ["retry: 10000\n\n", ""] == [await anext(heard), await anext(heard)]
    people.server.close()

    assert "the desk stopped watching for ada: PermissionDeniedError" in caplog.messages
