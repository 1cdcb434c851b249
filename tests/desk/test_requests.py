"""Each page takes at most six requests to Appwrite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from interactions_sdk import AsyncInteractionsClient, Settings
from interactions_sdk.desk import Admin, User, desk
from tests.desk.pages import Surfer
from tests.users import People

pytestmark = pytest.mark.anyio

MOST = 6
SETTINGS = Settings(attachments_bucket="attachments")  # users are verified by default


def _client(people: People, requests: list[str]) -> AsyncInteractionsClient:
    return AsyncInteractionsClient(
        "http://embedded/v1",
        people.server.project,
        api_key=people.server.api_key,
        transport=people.server.transport,
        settings=SETTINGS,
        on_request=lambda event: requests.append(f"{event.method} {event.route}"),
    )


async def _fill(crm: AsyncInteractionsClient) -> tuple[str, str]:
    """Log many interactions; return Ada's customer and an interaction with a file."""
    ada = await crm.customers.create("ada")
    eve = await crm.customers.create("eve")
    root = crm.as_admin("root")
    now = datetime.now(UTC)
    for number in range(240):
        await root.log_task(
            f"Number {number}",
            customer_id=(ada if number % 2 else eve).id,
            occurred_at=now - timedelta(days=40),
            next_action_date=now + timedelta(hours=number - 120),
        )
    entry = await root.log_call("Renewal", customer_id=ada.id)
    await root.attach(entry.id, b"Dear Ada", name="offer.txt")
    return ada.id, entry.id


@pytest.mark.parametrize("person", [Admin("root"), User("ada")])
async def test_a_page_takes_few_requests(person: Admin | User) -> None:
    """The limit holds with empty caches and many follow-ups."""
    people = People.start(SETTINGS)
    async with _client(people, []) as crm:
        customer_id, entry_id = await _fill(crm)
    customer, entry = f"/customers/{customer_id}", f"/interactions/{entry_id}"
    paths = [
        "/",
        f"{entry}/history",
        "/me",
        customer,
        f"{customer}?text=number",
        entry,
        f"{entry}/attachments/0",
    ]
    paths += ["/reports", "/reports/activity", "/reports/activity/plot.svg", "/settings"]
    if person.is_admin:
        paths.remove("/me")
        paths += ["/customers", "/customers?q=ad", "/customers?only=due&sort=name", "/audit"]
        paths += ["/?mine=1"]
    taken: dict[str, list[str]] = {}
    for path in paths:
        requests = taken[path] = []
        async with _client(people, requests) as crm:
            page = await Surfer(desk(crm, identify=lambda _: person)).open(path)
        assert 200 == page.status, (path, page.text)
    people.server.close()

    assert {} == {path: each for path, each in taken.items() if len(each) > MOST}
    assert any(taken.values())
