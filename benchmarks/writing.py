"""Creating and reading, one by one and many, beside the document's functions by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from appwrite.client import Client
from appwrite.id import ID
from appwrite.query import Query
from appwrite.services.tables_db import TablesDB

from benchmarks.servers import a_server
from interactions_sdk import InteractionCreate, InteractionsClient, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.servers import Server

CREATES = 100
ROUNDS = 5
BULK = 10_000
CHUNK = 100

DUE = datetime.now(UTC) + timedelta(days=7)
DRAFT: dict[str, Any] = {"interactionType": "call", "subject": "Intro", "duration": 12}


def document_create(tables: TablesDB, database: str, user_id: str) -> None:
    """Do what the schema document's `createInteraction` does, call for call."""
    found = tables.list_rows(database, "customers", [Query.equal("userId", [user_id])])
    customer_id = found.rows[0].id
    now = datetime.now(UTC).isoformat()
    row = {
        **DRAFT,
        "customerId": customer_id,
        "userId": user_id,
        "direction": "outbound",
        "createdBy": user_id,
        "nextActionDate": DUE.isoformat(),
    }
    created = tables.create_row(database, "customer_interactions", ID.unique(), row)
    tables.update_row(database, "customers", customer_id, {"lastContactAt": now})
    tables.update_row(database, "customers", customer_id, {"nextFollowUpAt": DUE.isoformat()})
    audit = {
        "action": "interaction.created",
        "userId": user_id,
        "entityId": created.id,
        "customerId": customer_id,
    }
    tables.create_row(database, "audit_logs", ID.unique(), audit)


def document_bulk(tables: TablesDB, database: str, customer_id: str) -> None:
    """Write many rows by a hundred, without audit rows, as one would by hand."""
    rows = [
        {
            "$id": ID.unique(),
            **DRAFT,
            "customerId": customer_id,
            "userId": "root",
            "direction": "outbound",
        }
        for _ in range(BULK)
    ]
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        tables.create_rows(database, "customer_interactions", chunk)


def document_read(tables: TablesDB, database: str, customer_id: str) -> int:
    """Read all interactions of a customer with the official package's cursors."""
    queries = [
        Query.equal("customerId", [customer_id]),
        Query.order_desc("$createdAt"),
        Query.limit(CHUNK),
    ]
    read = 0
    last: str | None = None
    while True:
        more = [Query.cursor_after(last)] if last else []
        rows = tables.list_rows(database, "customer_interactions", [*queries, *more]).rows
        read += len(rows)
        if len(rows) < CHUNK:
            return read
        last = rows[-1].id


def timed(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = perf_counter()
    function()
    return perf_counter() - began


def compare_creates(server: Server, crm: InteractionsClient, fast: InteractionsClient) -> None:
    """Print a create's time, each way in turn in every round."""
    tables = _official(server)
    crm.customers.ensure("ada")
    draft = InteractionCreate(
        interaction_type="call", subject="Intro", duration=12, next_action_date=DUE
    )
    ways: dict[str, Callable[[], object]] = {
        "atomic create": lambda: crm.as_user("ada").create(draft),
        "fast create": lambda: fast.as_user("ada").create(draft),
        "the document's five calls": lambda: document_create(tables, server.database, "ada"),
    }
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            seconds[name] += [timed(way) for _ in range(CREATES // ROUNDS)]
    by_hand = median(seconds["the document's five calls"])
    for name, values in seconds.items():
        print(f"{name}: {median(values) * 1e3:.1f} ms, {median(values) / by_hand:.2f} of by hand")


def compare_bulk(server: Server, crm: InteractionsClient) -> None:
    """Print the time of many creates, and of reading them all."""
    tables = _official(server)
    one, other = crm.customers.ensure("bulk"), crm.customers.ensure("hand")
    draft = InteractionCreate(
        interaction_type="call", subject="Intro", duration=12, customer_id=one.id
    )
    admin = crm.as_admin("root")
    ours = timed(lambda: admin.create_many(draft for _ in range(BULK)).raise_for_failures())
    by_hand = timed(lambda: document_bulk(tables, server.database, other.id))
    print(f"create_many of {BULK} with audit rows: {BULK / ours:.0f} rows per second")
    print(f"create_rows by {CHUNK} without: {BULK / by_hand:.0f} rows per second")
    print(f"  ours writes {by_hand / ours:.2f} times as many interactions per second")
    began = process_time()
    assert sum(1 for _ in admin.iterate(customer_id=one.id)) == BULK  # noqa: S101 - or no measure
    ours = process_time() - began
    began = process_time()
    assert document_read(tables, server.database, other.id) == BULK  # noqa: S101 - or no measure
    by_hand = process_time() - began
    print(f"reading {BULK}: {ours:.2f} s of the client's processor, by hand {by_hand:.2f} s")
    print(f"  by hand takes {by_hand / ours:.2f} times as much")


def _official(server: Server) -> TablesDB:
    client = Client().set_endpoint(server.endpoint).set_project(server.project)
    return TablesDB(client.set_key(server.key))


def main(*, live: bool = False) -> None:
    """Measure against an embedded server over HTTP, or against the environment's."""
    with a_server(live=live) as server:
        settings = Settings(database_id=server.database, verify_users=False)
        with (
            InteractionsClient(
                server.endpoint, server.project, api_key=server.key, settings=settings
            ) as crm,
            InteractionsClient(
                server.endpoint,
                server.project,
                api_key=server.key,
                settings=settings.model_copy(update={"consistency": "fast"}),
            ) as fast,
        ):
            crm.schema.apply()
            compare_creates(server, crm, fast)
            compare_bulk(server, crm)


if __name__ == "__main__":
    main()
