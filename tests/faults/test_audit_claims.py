"""Failed and rejected operations leave no audit row that claims success."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionsError, Settings, wire
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.rules.deletions import DELETIONS
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from tests.faults.interleaved import ATOMIC, FAST, OPERATIONS, make_client, make_world

if TYPE_CHECKING:
    from interactions_sdk import AuditEntry, CustomerInteraction
    from tests.faults.interleaved import Operation, World

OF_EACH_KIND = {
    "create",
    "create dated due +9",
    "create keyed due +2",
    "create many",
    "create many dated",
    "update due to +15",
    "complete with next",
    "claim",
    "delete",
    "archive",
    "erase",
}
WRITES = [operation for operation in OPERATIONS if operation.run is not None]
EACH_WRITE = [
    pytest.param(
        operation,
        id=operation.name,
        marks=[] if operation.name in OF_EACH_KIND else pytest.mark.slow,
    )
    for operation in WRITES
]
CREATIONS = ("interaction.created", "interaction.reconciled")
FAULTS = [
    pytest.param(Fault.REFUSED, id="refused"),
    pytest.param(Fault.TIMEOUT_AFTER_WRITE, id="unanswered", marks=pytest.mark.slow),
    pytest.param(Fault.SERVER_ERROR_BEFORE_WRITE, id="server error", marks=pytest.mark.slow),
    pytest.param(Fault.TRANSACTION_CONFLICT, id="conflict", marks=pytest.mark.slow),
]
world_of = cache(make_world)
every_mode = pytest.mark.parametrize("settings", [ATOMIC, FAST], ids=["atomic", "fast"])


class Log:
    """The current rows and audit log of a server."""

    def __init__(self, server: EmbeddedAppwrite, settings: Settings) -> None:
        with make_client(server, settings) as crm:
            tables = crm._services.project.tables
            assert tables.audit is not None
            everything = [query.limit(query.MAX_LIMIT)]
            send = crm._connection.send
            self.rows: dict[str, CustomerInteraction] = {
                row.id: row for row in send(wire.list_rows(tables.interactions, everything)).rows
            }
            self.entries: dict[str, AuditEntry] = {
                entry.id: entry for entry in send(wire.list_rows(tables.audit, everything)).rows
            }

    def claims_since(self, before: Log) -> list[AuditEntry]:
        """Return the new entries of the audit log, except refusals."""
        known = before.entries.values()
        return [
            entry
            for entry in self.entries.values()
            if entry not in known and entry.action != "interaction.refused"
        ]

    def is_true(self, entry: AuditEntry, before: Log) -> bool:
        """Return whether an audit row's event has happened."""
        row = self.rows.get(entry.entity_id)
        deleted = {each.entity_id for each in self.entries.values() if each.action in DELETIONS}
        if entry.action in DELETIONS:
            return row is None
        if entry.action in CREATIONS:
            return row is not None or entry.entity_id in deleted
        assert entry.action.startswith(("interaction.", "customer.")), entry.action
        return row is None or row.updated_at != before.rows[row.id].updated_at


@every_mode
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", EACH_WRITE)
def test_a_failed_operation_claims_nothing(
    operation: Operation, fault: Fault, settings: Settings
) -> None:
    """If all requests from one on fail, the audit log reports only what has happened."""
    world = world_of(settings)
    failed = 0
    for first in count(1):
        with closing(EmbeddedAppwrite(snapshot=world.snapshot)) as server:
            before = Log(server, settings)
            transport = FaultyTransport(server.transport, fault, first=first, count=None)
            error = play(operation, world, server, transport, "admin0")
            after = Log(server, settings)
        false = [each for each in after.claims_since(before) if not after.is_true(each, before)]
        assert not false, f"from request {first}: {error!r}, and the audit log has {false}"
        if error is not None and not error.may_have_landed and before.rows == after.rows:
            assert not after.claims_since(before), f"from request {first}: {error!r}"
        failed += error is not None
        if len(transport.requests) < first:
            break
    assert failed


@every_mode
@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_a_refused_operation_claims_nothing(operation: Operation, settings: Settings) -> None:
    """A refused operation on another customer writes only the refusal."""
    world = world_of(settings)
    with closing(EmbeddedAppwrite(snapshot=world.snapshot)) as server:
        with make_client(server, settings) as crm:
            crm.customers.ensure("eve")
        before = Log(server, settings)
        play(operation, world, server, FaultyTransport(server.transport), "eve", is_admin=False)
        after = Log(server, settings)
    assert before.rows == after.rows
    assert not after.claims_since(before)
    if operation.name != "claim":  # `claim` reads only the user's own customer
        assert after.entries.keys() > before.entries.keys()


def play(
    operation: Operation,
    world: World,
    server: EmbeddedAppwrite,
    transport: FaultyTransport,
    user: str,
    *,
    is_admin: bool = True,
) -> InteractionsError | None:
    """Run an operation, and return its error."""
    assert operation.run is not None
    crm = make_client(server, world.settings, transport)
    repo = crm.as_admin(user) if is_admin else crm.as_user(user)
    try:
        operation.run(repo, world)
    except InteractionsError as error:
        return error
    return None
