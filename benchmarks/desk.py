"""The time and the requests of the desk's pages with many customers and interactions.

python -m benchmarks.desk
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.results import Figure, Section, as_text
from interactions_sdk import AsyncInteractionsClient, Settings
from interactions_sdk.desk import Admin, desk
from interactions_sdk.embedded_setup import start_embedded_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite

CUSTOMERS, INTERACTIONS = 10_000, 100_000
AT_ONCE = 100
ROUNDS = 15
GOAL_MS, GOAL_REQUESTS = 100, 6
TABLES = "/tablesdb/console-db/tables"
TYPES = ("call", "email", "meeting", "note", "task")
PAGES = {
    "today": "/",
    "customers": "/customers",
    "customers by name": "/customers?sort=name",
    "customers with a follow-up due": "/customers?only=due&sort=follow-up",
    "a search": "/customers?q=number+0421",
    "a customer": "/customers/c0000042",
    "a customer, filtered by text": "/customers/c0000042?text=renewal+7",
    "an entry": "/interactions/i00000042",
    "reports": "/reports",
    "who did what": "/audit",
}


def section(customers: int = CUSTOMERS, interactions: int = INTERACTIONS) -> Section:
    """Run the benchmarks.

    Args:
        customers: The number of customers.
        interactions: The number of their interactions.
    """
    server = start_embedded_server(":memory:", Settings(verify_users=False))
    _fill(server, customers, interactions)
    measured = asyncio.run(_measure(server))
    server.close()
    figures = [
        figure
        for name, page in measured.items()
        for figure in (
            Figure(name, page.milliseconds, "ms", at_most=GOAL_MS),
            Figure(f"{name}: requests", page.requests, at_most=GOAL_REQUESTS),
        )
    ]
    return Section(
        "The desk",
        f"With {customers:,} customers and {interactions:,} interactions, a tenth of them open "
        f"follow-ups, and the desk and the embedded server in one process: the time from request "
        f"to response, by the clock, the median of {ROUNDS}. The client caches nothing.",
        figures,
    )


@dataclass(frozen=True)
class _Page:
    milliseconds: float
    requests: int


async def _measure(server: EmbeddedAppwrite) -> dict[str, _Page]:
    requests: list[object] = []
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=Settings(verify_users=False, cache_ttl=0),
        on_request=requests.append,
    ) as crm:
        app = desk(crm, identify=lambda _: Admin("root", tz="Europe/Zurich"))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as browser:
            found: dict[str, _Page] = {}
            for name, path in PAGES.items():
                (await browser.get(path)).raise_for_status()
                seconds: list[float] = []
                for _ in range(ROUNDS):
                    requests.clear()
                    begin = perf_counter()
                    await browser.get(path)
                    seconds.append(perf_counter() - begin)
                found[name] = _Page(median(seconds) * 1000, len(requests))
            return found


def _fill(server: EmbeddedAppwrite, customers: int, interactions: int) -> None:
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.api_key}
    with httpx.Client(
        base_url="http://embedded/v1", transport=server.transport, headers=headers
    ) as http:
        now = datetime.now(UTC)
        tables = {
            "customers": _customers(customers, now),
            "customer_interactions": _interactions(interactions, customers, now),
            "audit_logs": _audit_rows(interactions, customers),
        }
        for table, rows in tables.items():
            batch: list[dict[str, Any]] = []
            for row in rows:
                batch.append(row)
                if len(batch) == AT_ONCE:
                    _create(http, table, batch)
                    batch = []
            if batch:
                _create(http, table, batch)


def _create(http: httpx.Client, table: str, rows: list[dict[str, Any]]) -> None:
    http.post(f"{TABLES}/{table}/rows", json={"rows": rows}).raise_for_status()


def _customers(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "$id": f"c{number:07}",
            "userId": f"user{number}",
            "name": f"Number {number:05}",
            "email": f"number{number}@example.org",
            "lastContactAt": (now - timedelta(hours=number % 5000)).isoformat(),
            "nextFollowUpAt": (now + timedelta(hours=number % 500 - 250)).isoformat(),
        }


def _interactions(count: int, customers: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(count):
        due = {
            "nextAction": "Call again",
            "nextActionDate": (now + timedelta(minutes=number % 20_000 - 10_000)).isoformat(),
        }
        yield {
            "$id": f"i{number:08}",
            "$createdAt": (now - timedelta(minutes=number * 3)).isoformat(),
            "customerId": f"c{number % customers:07}",
            "interactionType": TYPES[number % len(TYPES)],
            "subject": f"Renewal {number}",
            "description": "Asked about prices, dates and the length of the contract. " * 5,
            "userId": f"user{number % customers}",
            "createdBy": "root",
            "direction": "inbound",
            **(due if number % 10 == 0 else {"outcome": "successful"}),
        }


def _audit_rows(count: int, customers: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "action": "interaction.created",
            "userId": "root",
            "entityId": f"i{number:08}",
            "customerId": f"c{number % customers:07}",
        }


if __name__ == "__main__":
    print(as_text(section()))
