"""Threads that claim reminders concurrently, like cron jobs on several machines."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

import time_machine

from interactions_sdk import InteractionsClient
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.settings import Settings

if TYPE_CHECKING:
    from interactions_sdk.embedded import EmbeddedAppwrite

WORKERS = 8
REMINDERS = 500
LEASE = timedelta(hours=1)
LONG_AGO = datetime(2026, 3, 10, 12, tzinfo=UTC)
SETTINGS = Settings(verify_users=False)


def client_of(server: EmbeddedAppwrite) -> InteractionsClient:
    """Return a separate client, as another process would have."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=SETTINGS,
        transport=server.transport,
    )


def write_reminders(crm: InteractionsClient) -> set[str]:
    """Write due reminders; return their IDs."""
    rows = [
        {
            "$id": f"r{number:05}",
            "customerId": "c1",
            "interactionType": "task",
            "userId": "ada",
            "direction": "outbound",
            "nextActionDate": format_datetime(LONG_AGO + timedelta(seconds=number)),
        }
        for number in range(REMINDERS)
    ]
    with crm.transaction() as transaction:
        transaction.create_many("customer_interactions", rows)
    return {str(row["$id"]) for row in rows}


def test_eight_workers_get_each_of_500_reminders_once() -> None:
    """No follow-up is claimed twice, and none is left."""
    server = start_embedded_server(":memory:", SETTINGS)
    clients = [client_of(server) for _ in range(WORKERS)]
    expected = write_reminders(clients[0])

    def work(number: int) -> list[str]:
        follow_ups = clients[number].as_admin(f"worker{number}").follow_ups
        taken: list[str] = []
        while claimed := follow_ups.claim(10):
            taken += [each.id for each in claimed]
        return taken

    with ThreadPoolExecutor(WORKERS) as threads:
        shares = list(threads.map(work, range(WORKERS)))
    for crm in clients:
        crm.close()
    server.close()

    assert Counter(expected) == Counter(chain.from_iterable(shares))


def test_what_a_dead_worker_had_claimed_goes_to_the_others_once() -> None:
    """The claims of a dead worker are available to others when the lease ends."""
    server = start_embedded_server(":memory:", SETTINGS)
    with client_of(server) as dead:
        expected = write_reminders(dead)
        assert REMINDERS == len(dead.as_admin("dead").follow_ups.claim(REMINDERS, lease=LEASE))
    clients = [client_of(server) for _ in range(2)]

    def work(number: int) -> list[str]:
        follow_ups = clients[number].as_admin(f"worker{number}").follow_ups
        return [each.id for each in follow_ups.claim(REMINDERS)]

    with ThreadPoolExecutor(2) as threads:
        early = list(threads.map(work, range(2)))
        with time_machine.travel(datetime.now(UTC) + LEASE, tick=True):
            shares = list(threads.map(work, range(2)))
    for crm in clients:
        crm.close()
    server.close()

    assert [[], []] == early
    assert Counter(expected) == Counter(chain.from_iterable(shares))
