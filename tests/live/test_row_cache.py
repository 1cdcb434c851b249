"""Appwrite's row cache misleads neither a writer nor a reader of a row."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.waiting import LIMIT, join, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from interactions_sdk import CustomerInteraction, InteractionsClient
    from tests.live.conftest import Server

ROUNDS = 60
HOUR = timedelta(hours=1)


@contextmanager
def reading(server: Server, path: str) -> Generator[list[int]]:
    """Read a row by its ID continuously, as another program would; yield the status codes."""
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.key}
    seen: list[int] = []
    is_over, has_begun = Event(), Event()

    def read() -> None:
        with httpx.Client(headers=headers, timeout=LIMIT) as http:
            while not is_over.is_set():
                seen.append(http.get(server.endpoint + path).status_code)
                has_begun.set()

    thread = Thread(target=read)
    thread.start()
    try:
        assert has_begun.wait(LIMIT)
        yield seen
    finally:
        is_over.set()
        join(thread)


@pytest.mark.timeout(600)
def test_a_row_that_another_program_reads_is_never_outdated(
    server: Server, crm: InteractionsClient, user: str
) -> None:
    """In each of 60 rounds, every result and date reflects the change."""
    repo = crm.as_user(user)
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    task = repo.log_task("Read by others", next_action_date=due)
    path = f"{crm._services.project.tables.interactions.path}/{task.id}"
    wrong: list[tuple[int, str, CustomerInteraction]] = []

    with reading(server, path) as seen:
        for number in range(1, ROUNDS + 1):
            wanted = due + number * HOUR
            changed = repo.follow_ups.snooze(task.id, until=wanted)
            customer = crm.customers.get_by_user_id(user)
            dates = (changed.next_action_date, customer.next_follow_up_at)
            read = len(seen)
            wait_until(lambda: len(seen) > read)  # noqa: B023 - called immediately
            if dates != (wanted, wanted) or repo.get(task.id) != changed:
                wrong.append((number, str(dates), changed))
        done = repo.follow_ups.complete(task.id)

    assert [] == wrong
    assert "resolved" == done.outcome
    assert crm.customers.get_by_user_id(user).next_follow_up_at is None
    assert {200} == set(seen)
    assert ROUNDS <= len(seen)
