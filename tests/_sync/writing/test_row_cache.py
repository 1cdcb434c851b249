# Generated from tests/_async/writing/test_row_cache.py by scripts/unasync.py; do not edit.
"""A server whose row cache may return a state from before a commit, as Appwrite's can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import InteractionsClient, InteractionUpdate, Settings, wire
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded_setup import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk import CustomerInteraction

SETTINGS = Settings(verify_users=False)
DUE = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)


@pytest.fixture
def crm() -> Iterator[InteractionsClient]:
    """Yield a client of such a server."""
    server = EmbeddedAppwrite(stale_cache=True)
    prepare(server, SETTINGS)
    with InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=SETTINGS,
        transport=server.transport,
    ) as client:
        yield client
    server.close()


def read_by_id(crm: InteractionsClient, row_id: str) -> CustomerInteraction:
    """Read a row by its ID, as other programs do."""
    table = crm._services.project.tables.interactions
    route = "/tablesdb/{database}/tables/{table}/rows/{row}"
    call = wire.Call("GET", route, f"{table.path}/{row_id}", table.read_row)
    return crm._connection.send(call)


STEPS: dict[str, Callable[[Any, str], Any]] = {
    "complete": lambda repo, row_id: repo.follow_ups.complete(row_id),
    "cancel": lambda repo, row_id: repo.follow_ups.cancel(row_id),
    "snooze": lambda repo, row_id: repo.follow_ups.snooze(row_id, by=timedelta(days=3)),
    "update": lambda repo, row_id: repo.update(
        row_id, InteractionUpdate(next_action_date=DUE + timedelta(days=3))
    ),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("step", STEPS)
def test_a_change_is_returned_though_another_program_reads_the_row(
    crm: InteractionsClient, step: str
) -> None:
    """The result, the next read and the customer's dates reflect the change."""
    customer = crm.customers.ensure("ada")
    repo = crm.as_user("ada")
    task = repo.log_task("Call back", next_action_date=DUE)
    read_by_id(crm, task.id)

    changed = STEPS[step](repo, task.id)

    assert task == read_by_id(crm, task.id), "the cache is not outdated"
    assert changed != task
    assert changed == repo.get(task.id)
    due = changed.next_action_date if changed.is_open_follow_up else None
    assert due == (crm.customers.get(customer.id)).next_follow_up_at
