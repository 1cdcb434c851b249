"""Reading a page of 100 rows, and one row, beside the official package and beside the floor.

The floor is httpx's bare request and pydantic's `validate_json` of the same models.
"""

from __future__ import annotations

import json
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import httpx
from appwrite.client import Client
from appwrite.query import Query
from appwrite.services.tables_db import TablesDB

from benchmarks.stub_server import stub_server
from interactions_sdk import CustomerInteraction, InteractionsClient, Settings
from interactions_sdk.wire import RowList

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
CALLS = 60


def row(number: int) -> dict[str, object]:
    """Return a row as a server answers it."""
    return {
        "$id": f"{number:032x}",
        "$sequence": str(number),
        "$createdAt": "2026-05-01T10:00:00.123+00:00",
        "$updatedAt": "2026-05-01T10:00:00.123+00:00",
        "$permissions": ['read("user:ada")', 'update("user:ada")', 'delete("user:ada")'],
        "$databaseId": "console-db",
        "$tableId": "customer_interactions",
        "customerId": "c1",
        "interactionType": "call",
        "subject": f"Call number {number} about the renewal",
        "description": "Asked about prices, wants an offer by the end of the month. " * 2,
        "userId": "ada",
        "contactMethod": "phone",
        "direction": "outbound",
        "duration": 12,
        "outcome": "successful",
        "nextAction": None,
        "nextActionDate": "2026-06-01T10:00:00.000+00:00",
        "relatedEntityType": None,
        "relatedEntityId": None,
        "metadata": '{"tags":["vip"]}' if number % 4 == 0 else None,
        "createdBy": "ada",
    }


def compare(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of a call, each way measured in turn in every round."""
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = perf_counter()
            for _ in range(CALLS):
                way()
            seconds[name].append((perf_counter() - began) / CALLS)
    return {name: median(values) for name, values in seconds.items()}


def report(title: str, seconds: dict[str, float], goals: str) -> None:
    """Print the times, and ours as ratios of the others."""
    ours = seconds.pop("ours")
    print(f"{title}: ours {ours * 1e3:.3f} ms ({goals})")
    for name, value in seconds.items():
        print(f"  {name}: {value * 1e3:.3f} ms; ours takes {ours / value:.2f} of it")


def page() -> None:
    """Measure a page of 100 rows."""
    body = json.dumps({"total": 100, "rows": [row(number) for number in range(100)]}).encode()
    read = RowList[CustomerInteraction].__pydantic_validator__.validate_json
    with stub_server(body) as endpoint:
        crm = InteractionsClient(endpoint, "p", api_key="k", settings=Settings(verify_users=False))
        repo = crm.as_admin("root")
        official = TablesDB(Client().set_endpoint(endpoint).set_project("p").set_key("k"))
        bare = httpx.Client(headers={"X-Appwrite-Project": "p", "X-Appwrite-Key": "k"})
        path = "/tablesdb/console-db/tables/customer_interactions/rows"
        asked = {"queries[]": json.dumps({"method": "limit", "values": [100]}), "total": "0"}
        ways: dict[str, Callable[[], object]] = {
            "ours": lambda: repo.find(limit=100),
            "floor": lambda: read(bare.get(endpoint + path, params=asked).content),
            "official": lambda: official.list_rows(
                "console-db", "customer_interactions", [Query.limit(100)]
            ),
        }
        report("A page of 100 rows", compare(ways), "goals 1.3 of the floor, 0.25 of the official")
        crm.close()
        bare.close()


def single() -> None:
    """Measure one row."""
    read = CustomerInteraction.__pydantic_validator__.validate_json
    with stub_server(json.dumps({**row(1), "$id": "i1"}).encode()) as endpoint:
        crm = InteractionsClient(endpoint, "p", api_key="k", settings=Settings(verify_users=False))
        repo = crm.as_admin("root")
        official = TablesDB(Client().set_endpoint(endpoint).set_project("p").set_key("k"))
        bare = httpx.Client(headers={"X-Appwrite-Project": "p", "X-Appwrite-Key": "k"})
        path = "/tablesdb/console-db/tables/customer_interactions/rows/i1"
        ways: dict[str, Callable[[], object]] = {
            "ours": lambda: repo.get("i1"),
            "floor": lambda: read(bare.get(endpoint + path).content),
            "official": lambda: official.get_row("console-db", "customer_interactions", "i1"),
        }
        report("One row", compare(ways), "goal 1.15 of the floor")
        crm.close()
        bare.close()


def main() -> None:
    """Measure both."""
    page()
    single()


if __name__ == "__main__":
    main()
