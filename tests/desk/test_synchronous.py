"""The desk with a synchronous client, whose calls run in threads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import ConfigurationError, InteractionsClient
from interactions_sdk.desk import Admin, User, desk
from interactions_sdk.desk.pages import events
from tests.desk.pages import Surfer
from tests.desk.test_events import Listener, until

if TYPE_CHECKING:
    from tests.desk.conftest import Office

pytestmark = pytest.mark.anyio


@pytest.fixture
def crm(office: Office) -> InteractionsClient:
    """Return a synchronous client of the office's server."""
    server: Any = office.crm._server
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=office.crm.settings,
    )


async def test_every_page_works(office: Office, crm: InteractionsClient) -> None:
    """Pages work as with an asynchronous client."""
    surfer = Surfer(desk(crm, identify=lambda _: Admin("root")))
    page = await surfer.open(f"/customers/{office.ada.id}")
    due = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}"
    page = await surfer.send(
        page, page.form("/interactions"), subject="Renewal", next_action_date=due
    )
    assert "Logged." in page.text

    entry = await surfer.open(page.links["Renewal"])
    entry = await surfer.send(entry, entry.form("/attachments"), file=("a.txt", b"Dear Ada"))
    assert "Dear Ada" == (await surfer.open(entry.links["a.txt"])).html
    today = await surfer.open("/")
    assert "Renewal" in today.links
    today = await surfer.send(today, today.form("/complete"), "Done")
    assert "The follow-up is completed." in today.text
    assert "ada" in (await surfer.open("/customers")).links
    assert "interaction.completed" in (await surfer.open("/audit")).links
    assert "root" in (await surfer.open("/reports/activity")).text
    assert 404 == (await surfer.open("/interactions/nothing")).status


async def test_changes_reach_open_pages(
    office: Office, crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open pages receive changes, and closing them ends the watch."""
    monkeypatch.setattr(events, "_INTERVAL", 0.02)
    app: Any = desk(crm, identify=lambda _: User("ada"))
    async with Listener(app) as page:
        heard = page.events()
        assert "retry: 10000\n\n" == await anext(heard)
        assert ": watching\n\n" == await anext(heard)
        await office.repo.log_call("Of Ada", customer_id=office.ada.id)
        told = [each async for each in until(heard, "event: change")]
        assert office.ada.id in told[-1]
    assert 0 == app.state.streams


def test_what_is_no_client_is_refused() -> None:
    """The error names the argument."""
    wrong: Any = "http://localhost/v1"
    with pytest.raises(ConfigurationError, match="crm must be an AsyncInteractionsClient"):
        desk(wrong)
