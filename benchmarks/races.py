"""The results of concurrent writes, with each way to protect them.

    python -m benchmarks.races           an embedded server, over HTTP
    python -m benchmarks.races --live    the server that APPWRITE_* name

All writers have staged or read before any of them writes.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.servers import a_server
from interactions_sdk import InteractionsClient, Settings

if TYPE_CHECKING:
    from benchmarks.servers import Server

ROUNDS = 100
WRITERS = 8
BUSY_ROUNDS = 6
BUSY_WRITERS = 16
CONFLICT = 409

Write = Callable[[], bool]
"""Runs a prepared write; returns whether it succeeded."""


@dataclass(frozen=True)
class Database:
    """Raw requests to a database."""

    http: httpx.Client
    id: str

    def request(self, method: str, path: str, body: object, **headers: str) -> dict[str, Any]:
        """Send a request that must succeed, and return its response."""
        answer = self.http.request(method, path, json=body, headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def create(self, table: str, data: dict[str, object]) -> dict[str, Any]:
        """Create a row."""
        path = f"/tablesdb/{self.id}/tables/{table}/rows"
        return self.request("POST", path, {"rowId": new_id(), "data": data})

    def stage(self, *operations: dict[str, object]) -> Write:
        """Stage operations in a transaction; return its commit."""
        transaction = self.request("POST", "/tablesdb/transactions", {})["$id"]
        path = f"/tablesdb/transactions/{transaction}"
        staged = [{"databaseId": self.id, **each} for each in operations]
        self.request("POST", f"{path}/operations", {"operations": staged})
        return lambda: landed(self.http.patch(path, json={"commit": True}))

    def change(self, table: str, row: dict[str, Any], data: dict[str, object]) -> Write:
        """Prepare an update that succeeds only if the row has not changed since it was read."""
        path = f"/tablesdb/{self.id}/tables/{table}/rows/{row['$id']}"
        lock = {"X-Appwrite-Timestamp": row["$updatedAt"]}
        return lambda: landed(self.http.patch(path, json={"data": data}, headers=lock))


def new_id() -> str:
    """Return a new row ID."""
    return secrets.token_hex(12)


def landed(answer: httpx.Response) -> bool:
    """Return whether a write succeeded; errors other than conflicts are raised."""
    if answer.status_code != CONFLICT:
        answer.raise_for_status()
    return answer.is_success


def create_of(table: str, data: dict[str, object], id: str | None = None) -> dict[str, object]:
    """Return the operation that creates a row."""
    return {"action": "create", "tableId": table, "rowId": id or new_id(), "data": data}


def update_of(table: str, row: dict[str, Any], data: dict[str, object]) -> dict[str, object]:
    """Return the operation that updates a row."""
    return {"action": "update", "tableId": table, "rowId": row["$id"], "data": data}


def call_of(customer: dict[str, Any], subject: str) -> dict[str, object]:
    """Return the columns of an interaction."""
    return {
        "customerId": customer["$id"],
        "userId": "ada",
        "interactionType": "call",
        "direction": "outbound",
        "subject": subject,
    }


def race(prepare: Callable[[int], Write], writers: int) -> int:
    """Let writers prepare, then write at the same time; return how many succeeded."""
    ready = Barrier(writers)

    def write(number: int) -> bool:
        prepared = prepare(number)
        ready.wait()
        return prepared()

    with ThreadPoolExecutor(writers) as pool:
        return sum(pool.map(write, range(writers)))


def winners(database: Database, customer: dict[str, Any]) -> dict[str, list[int]]:
    """Return how many writers of one interaction succeeded in each round, for each way."""

    def staged(call: dict[str, Any], number: int) -> Write:
        return database.stage(
            update_of("customer_interactions", call, {"subject": f"Writer {number}"})
        )

    def audited(call: dict[str, Any], number: int) -> Write:
        audit = {"action": "interaction.updated", "userId": "ada", "entityId": call["$id"]}
        return database.stage(
            create_of("audit_logs", audit, id=f"a{call['$id']}"),
            update_of("customer_interactions", call, {"subject": f"Writer {number}"}),
        )

    def locked(call: dict[str, Any], number: int) -> Write:
        return database.change("customer_interactions", call, {"subject": f"Writer {number}"})

    ways = {
        "staged update": staged,
        "staged update and audit row": audited,
        "PATCH under the timestamp": locked,
    }
    won: dict[str, list[int]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            call = database.create("customer_interactions", call_of(customer, "Renewal"))
            won[name].append(race(lambda number: way(call, number), WRITERS))  # noqa: B023 - called now
    return won


def commits(database: Database, customer: dict[str, Any]) -> dict[str, int]:
    """Return how many concurrent creates for one customer succeeded, for each way."""

    def with_dates(number: int) -> Write:
        seen: dict[str, object] = {"lastContactAt": f"2026-05-01T10:00:{number:02}.000+00:00"}
        return database.stage(
            create_of("customer_interactions", call_of(customer, f"Call {number}")),
            update_of("customers", customer, seen),
        )

    def alone(number: int) -> Write:
        return database.stage(
            create_of("customer_interactions", call_of(customer, f"Call {number}"))
        )

    return {
        "with the customer's dates": sum(
            race(with_dates, BUSY_WRITERS) for _ in range(BUSY_ROUNDS)
        ),
        "without": sum(race(alone, BUSY_WRITERS) for _ in range(BUSY_ROUNDS)),
    }


def report(server: Server) -> None:
    """Race on a server, and print the results."""
    settings = Settings(database_id=server.database, verify_users=False)
    with InteractionsClient(
        server.endpoint, server.project, api_key=server.key, settings=settings
    ) as crm:
        crm.schema.apply()
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.key}
    with httpx.Client(base_url=server.endpoint, headers=headers, timeout=60) as http:
        database = Database(http, server.database)
        customer = database.create("customers", {"userId": "ada"})
        print(f"{WRITERS} writers of one interaction, {ROUNDS} rounds")
        for way, won in winners(database, customer).items():
            several = sum(each > 1 for each in won)
            none = sum(each == 0 for each in won)
            print(f"  {way:28} {several:3} with two winners or more, {none:3} with none")
        print(f"{BUSY_WRITERS} creates for one customer at once, {BUSY_ROUNDS} rounds")
        for way, number in commits(database, customer).items():
            of = BUSY_WRITERS * BUSY_ROUNDS
            print(f"  {way:28} {of - number:3} of {of} answered 409")


def main() -> None:
    """Race on an embedded server over HTTP, or on the environment's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--live", action="store_true", help="race on the server of APPWRITE_*")
    with a_server(live=parser.parse_args().live) as server:
        report(server)


if __name__ == "__main__":
    main()
