"""Operations to interleave, on a server with one customer."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from interactions_sdk import (
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionsClient,
    InteractionsError,
    InteractionUpdate,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.models.row import ID
from interactions_sdk.wire import query
from tests.faults.interleavings import NestedOperation, SteppedOperation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx

    from interactions_sdk import InteractionRepository
    from tests.faults.interleavings import Outcome

DAY = timedelta(days=1)
USER = "ada"
PLANS: Any = {"chase": [{"after": "P3D", "subject": "step"}]}
ATOMIC = Settings(verify_users=False, cache_ttl=3600, follow_up_plans=PLANS)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
FAST_UNAUDITED = FAST.model_copy(update={"audit_table": None})
QUICK = RetryPolicy(retries=1, initial_delay=0.0, max_delay=0.0, wait_out_outages=False)


@dataclass(frozen=True)
class World:
    """The data that exists before the operations.

    Attributes:
        settings: The settings of every client.
        start: The time when it was created.
        plain: An interaction without a follow-up.
        due: The open follow-up that is the customer's next, due in five days.
        later: An open follow-up, due in twenty days.
        done: A completed follow-up; its date is in three days.
        recurring: An open follow-up that recurs daily, due in twelve days.
        older: The customer before the last contact.
        customer: The current customer.
        snapshot: The content of a server with this data only.
    """

    settings: Settings
    start: datetime
    plain: CustomerInteraction
    due: CustomerInteraction
    later: CustomerInteraction
    done: CustomerInteraction
    recurring: CustomerInteraction
    older: Customer
    customer: Customer
    snapshot: bytes = b""

    @property
    def interactions(self) -> tuple[CustomerInteraction, ...]:
        """The interactions that the operations use."""
        return (self.plain, self.due, self.later, self.done, self.recurring)


class Server(Protocol):
    """The server on which the operations run."""

    @property
    def endpoint(self) -> str:
        """The address of its API."""

    @property
    def project(self) -> str:
        """The ID of its project."""

    @property
    def api_key(self) -> str:
        """A key with all scopes."""

    @property
    def transport(self) -> httpx.BaseTransport:
        """The transport to the server."""

    def close(self) -> None:
        """Close the server, unless others use it."""


def make_world(settings: Settings) -> World:
    """Create the data for one kind of client."""
    start = datetime.now(UTC).replace(microsecond=0)
    with closing(EmbeddedAppwrite()) as server, make_client(server, settings) as crm:
        crm.schema.apply()
        customer_id = crm.customers.ensure(USER).id
        repo = crm.as_user(USER)
        plain = repo.log_call("plain")
        due = repo.log_task("due", next_action_date=start + 5 * DAY)
        later = repo.log_task("later", next_action_date=start + 20 * DAY)
        done = repo.log_task("done", next_action_date=start + 3 * DAY)
        done = repo.follow_ups.complete(done.id)
        recurring = repo.log_task(
            "recurring", next_action_date=start + 12 * DAY, recurrence="FREQ=DAILY"
        )
        repo.create(
            InteractionCreate(interaction_type="call", subject="old", occurred_at=start - 90 * DAY)
        )
        older = crm.customers.get(customer_id)
        repo.log_call("the last contact")
        customer = crm.customers.get(customer_id)
        found = (plain, due, later, done, recurring, older, customer)
        return World(settings, start, *found, server.snapshot())


def make_client(
    server: EmbeddedAppwrite | Server,
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
) -> InteractionsClient:
    """Return a client of a server."""
    return InteractionsClient(
        "http://embedded/v1" if isinstance(server, EmbeddedAppwrite) else server.endpoint,
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=QUICK,
    )


@dataclass(frozen=True)
class Operation:
    """An operation.

    Attributes:
        name: The name of the operation.
        run: Runs the operation as an admin.
        run_client: Runs it with a client instead, for operations on the customer.
    """

    name: str
    run: Callable[[InteractionRepository, World], object] | None = None
    run_client: Callable[[InteractionsClient, World], object] | None = None


def _draft(world: World, **fields: object) -> InteractionCreate:
    defaults = {
        "interaction_type": "call",
        "subject": "new",
        "customer_id": world.customer.id,
    }
    return InteractionCreate.model_validate(defaults | fields)


def _create(
    *, due: int | None = None, occurred: int | None = None, key: str | None = None
) -> Callable[[InteractionRepository, World], object]:
    def run(repo: InteractionRepository, world: World) -> object:
        return repo.create(
            _draft(
                world,
                next_action_date=None if due is None else world.start + due * DAY,
                occurred_at=None if occurred is None else world.start + occurred * DAY,
                idempotency_key=key,
            )
        )

    return run


def _create_many(repo: InteractionRepository, world: World) -> object:
    drafts = [
        _draft(world, subject=f"many {number}", next_action_date=world.start + number * DAY)
        for number in (2, 9)
    ]
    result = repo.create_many(drafts)
    result.raise_for_failures()
    return result


def _create_many_dated(repo: InteractionRepository, world: World) -> object:
    drafts = [
        _draft(
            world,
            subject=f"many {number}",
            occurred_at=world.start - number * DAY,
            next_action_date=world.start + number * DAY,
        )
        for number in (4, 30)
    ]
    result = repo.create_many(drafts)
    result.raise_for_failures()
    return result


def _import(repo: InteractionRepository, world: World) -> object:
    lines = [
        {
            "interaction_type": "call",
            "subject": f"imported {number}",
            "customer_id": world.customer.id,
            "occurred_at": (world.start - number * DAY).isoformat(),
            "next_action_date": (world.start + number * DAY).isoformat(),
        }
        for number in (1, 8)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, "calls.jsonl")
        path.write_text("\n".join(map(json.dumps, lines)))
        return repo.import_jsonl(path)


def _update(
    which: str, **columns: int | str | None
) -> Callable[[InteractionRepository, World], object]:
    """Update an interaction; a number of days stands for a date."""

    def run(repo: InteractionRepository, world: World) -> object:
        values = {
            name: world.start + value * DAY if isinstance(value, int) else value
            for name, value in columns.items()
        }
        target: CustomerInteraction = getattr(world, which)
        return repo.update(target.id, InteractionUpdate.model_validate(values))

    return run


def _complete(which: str) -> Callable[[InteractionRepository, World], object]:
    def run(repo: InteractionRepository, world: World) -> object:
        target: CustomerInteraction = getattr(world, which)
        return repo.follow_ups.complete(target.id)

    return run


def _complete_with_next(repo: InteractionRepository, world: World) -> object:
    following = _draft(world, subject="next", next_action_date=world.start + 8 * DAY)
    return repo.follow_ups.complete(world.due.id, next=following)


def _claim(repo: InteractionRepository, world: World) -> object:
    return repo.follow_ups.claim(1, as_of=world.start + 6 * DAY)


def _delete(which: str) -> Callable[[InteractionRepository, World], object]:
    def run(repo: InteractionRepository, world: World) -> object:
        target: CustomerInteraction = getattr(world, which)
        repo.delete(target.id)
        return None

    return run


def _archive(repo: InteractionRepository, world: World) -> object:
    with TemporaryDirectory() as folder:
        return repo.archive(world.start - 30 * DAY, folder)


def _erase(repo: InteractionRepository, world: World) -> object:
    return repo.erase_customer(world.customer.id)


def _rename_unchanged(crm: InteractionsClient, world: World) -> object:
    customer = world.customer
    return crm.customers.update(customer.id, name="Ada", if_unchanged_since=customer.updated_at)


CREATES = (
    Operation("create", _create()),
    Operation("create dated", _create(occurred=-10)),
    Operation("create due +1", _create(due=1)),
    Operation("create due +9", _create(due=9)),
    Operation("create dated due +9", _create(occurred=-10, due=9)),
    Operation("create keyed due +2", _create(due=2, key="key")),
    Operation("create many", _create_many),
    Operation("create many dated", _create_many_dated),
    Operation("import", _import),
)
CHANGES = (
    Operation("update subject", _update("due", subject="other")),
    Operation("update plain due +1", _update("plain", next_action_date=1)),
    Operation("update plain due +9", _update("plain", next_action_date=9)),
    Operation("update due to +15", _update("due", next_action_date=15)),
    Operation("update due to none", _update("due", next_action_date=None)),
    Operation("update due resolved", _update("due", outcome="resolved")),
    Operation("update done reopened", _update("done", outcome="busy")),
    Operation("complete", _complete("due")),
    Operation("complete later", _complete("later")),
    Operation("complete with next", _complete_with_next),
    Operation("snooze", lambda repo, world: repo.follow_ups.snooze(world.due.id, by=15 * DAY)),
    Operation("cancel", lambda repo, world: repo.follow_ups.cancel(world.due.id)),
    Operation("claim", _claim),
    Operation("delete", _delete("due")),
    Operation("delete plain", _delete("plain")),
)
UPKEEP = (
    Operation(
        "reconcile", run_client=lambda crm, world: crm.customers.reconcile(world.customer.id)
    ),
    Operation("archive", _archive),
    Operation("erase", _erase),
)
OPERATIONS = (*CREATES, *CHANGES, *UPKEEP)
SERIES = (
    Operation("complete recurring", _complete("recurring")),
    Operation("skip recurring", lambda repo, world: repo.follow_ups.skip(world.recurring.id)),
    Operation("stop recurring", lambda repo, world: repo.follow_ups.stop(world.recurring.id)),
    Operation("cancel recurring", lambda repo, world: repo.follow_ups.cancel(world.recurring.id)),
    Operation(
        "snooze recurring", lambda repo, world: repo.follow_ups.snooze(world.recurring.id, by=DAY)
    ),
    Operation("delete recurring", _delete("recurring")),
    Operation(
        "start plan", lambda repo, world: repo.follow_ups.complete(world.due.id, next="chase")
    ),
)
"""Operations on follow-ups that have successors."""
CUSTOMERS = (
    Operation(
        "reassign",
        run_client=lambda crm, world: crm.customers.reassign(world.customer.id, to="bob"),
    ),
    Operation(
        "rename", run_client=lambda crm, world: crm.customers.update(world.customer.id, name="Ada")
    ),
    Operation("rename unchanged", run_client=_rename_unchanged),
)
BY_NAME = {each.name: each for each in (*OPERATIONS, *SERIES, *CUSTOMERS)}

MEMORIES: dict[str, tuple[str | None, str | None]] = {
    "fresh": ("customer", "customer"),
    "cold": (None, None),
    "first older": ("older", "customer"),
    "second older": ("customer", "older"),
}
"""What each of two clients has cached of the customer."""


AnyOperation = TypeVar("AnyOperation", bound=NestedOperation | SteppedOperation)


class Case(Generic[AnyOperation]):
    """Several operations, each with its own client, on their own data.

    Args:
        world: The data before the operations.
        operations: The operations.
        memories: What each client has cached of the customer: an attribute of the world, or
            nothing.
        how: How the operations are run.
        server: The server; by default, a new embedded one.
    """

    def __init__(
        self,
        world: World,
        operations: Iterable[Operation],
        memories: Iterable[str | None],
        how: type[AnyOperation],
        server: Server | None = None,
    ) -> None:
        self.world = world
        self.server = server or EmbeddedAppwrite(snapshot=world.snapshot)
        self.operations: list[AnyOperation] = [
            how(self.server.transport, self._play(number, operation, memory))
            for number, (operation, memory) in enumerate(zip(operations, memories, strict=True))
        ]

    def _play(
        self, number: int, operation: Operation, memory: str | None
    ) -> Callable[[httpx.BaseTransport], object]:
        def play(transport: httpx.BaseTransport) -> object:
            crm = make_client(self.server, self.world.settings, transport)
            if memory is not None:
                crm._services.customer_store.cache(getattr(self.world, memory))
            if operation.run_client is not None:
                return operation.run_client(crm, self.world)
            assert operation.run is not None
            return operation.run(crm.as_admin(f"admin{number}"), self.world)

        return play

    def faults(self) -> list[str]:
        """Return the errors found after all operations have ended."""
        crm = make_client(self.server, self.world.settings)
        outcomes = [operation.outcome for operation in self.operations]
        found = _read_everything(crm, self.world)
        self.server.close()
        return [
            *_wrong_outcomes(outcomes, found),
            *_wrong_dates(self.world, outcomes, found),
            *_wrong_audit_log(self.world, found),
            *_wrong_series(self.world, found),
        ]


@dataclass(frozen=True)
class _Found:
    customer: Customer | None
    rows: list[CustomerInteraction]
    audit: list[tuple[str, str, str]] | None
    """Action, acting user and interaction of each entry."""


def _read_everything(crm: InteractionsClient, world: World) -> _Found:
    project = crm._services.project
    itself = [query.equal(ID, world.customer.id), query.limit(1)]
    everything = [query.equal("customerId", world.customer.id), query.limit(query.MAX_LIMIT)]
    customers = crm._connection.send(wire.list_rows(project.tables.customers, itself)).rows
    rows = crm._connection.send(wire.list_rows(project.tables.interactions, everything)).rows
    audit = None
    if project.tables.audit is not None:
        entries = crm._connection.send(wire.list_rows(project.tables.audit, everything)).rows
        audit = [(entry.action, entry.user_id, entry.entity_id) for entry in entries]
    return _Found(customers[0] if customers else None, rows, audit)


def _wrong_outcomes(outcomes: list[Outcome], found: _Found) -> Iterable[str]:
    """Without failing requests, every error must name its reason and have had no effect."""
    for number, outcome in enumerate(outcomes):
        error = outcome.error
        if error is None:
            continue
        if not isinstance(error, InteractionsError) or error.may_have_landed:
            yield f"raised {error!r}"
        audit = found.audit or ()
        erased = {entry[2] for entry in audit if entry[0] == "interaction.erased"}
        written = [each for each in audit if each[1] == f"admin{number}" and each[2] not in erased]
        if any(entry[0] != "interaction.refused" for entry in written):
            yield f"raised {error!r}, and yet the audit log has {written}"


def _wrong_dates(world: World, outcomes: list[Outcome], found: _Found) -> Iterable[str]:
    customer = found.customer
    if customer is None:
        if found.rows:
            yield f"the customer is gone, and {len(found.rows)} interactions are left"
        return
    due = [row.next_action_date for row in found.rows if row.is_open_follow_up]
    expected = min((date for date in due if date is not None), default=None)
    if expected != customer.next_follow_up_at:
        yield f"nextFollowUpAt is {customer.next_follow_up_at}, not {expected}"
    returned = [
        outcome.result.created_at
        for outcome in outcomes
        if isinstance(outcome.result, CustomerInteraction)
    ]
    newest = max((row.created_at for row in found.rows), default=None)
    initial = world.customer.last_contact_at
    assert initial is not None
    latest = max([initial, *([newest] if newest else [])])
    at_most = max([latest, *returned])
    if customer.user_id != USER:  # an operation undone because of a reassignment has moved the date
        at_most = datetime.max.replace(tzinfo=UTC)
    if customer.last_contact_at is None or not latest <= customer.last_contact_at <= at_most:
        yield f"lastContactAt is {customer.last_contact_at}, not {latest}"


def _wrong_audit_log(world: World, found: _Found) -> Iterable[str]:
    if found.audit is None:
        return
    created = Counter(
        entry[2]
        for entry in found.audit
        if entry[0] in {"interaction.created", "interaction.reconciled"}
    )
    for row in found.rows:
        if created[row.id] != 1:
            yield f"{created[row.id]} audit rows tell that {row.subject!r} was created"
    deletions = {
        entry[2]
        for entry in found.audit
        if entry[0] in {"interaction.deleted", "interaction.archived", "interaction.erased"}
    }
    there = {row.id for row in found.rows}
    before = {each.id for each in world.interactions}
    for gone in before - there - deletions:
        yield f"the deletion of {gone} is not in the audit log"
    for claimed in deletions & there:
        yield f"the audit log says that {claimed} was deleted"
    if unsettled := [entry for entry in found.audit if entry[0] == "interaction.intended"]:
        yield f"the audit log still has {unsettled}"


def _wrong_series(world: World, found: _Found) -> Iterable[str]:
    """One follow-up is open at a time, and each completion has created one."""
    for subject, first in (("recurring", world.recurring), ("step", world.due)):
        rows = [row for row in found.rows if row.subject == subject and row.id != first.id]
        still_open = [row for row in rows if row.is_open_follow_up]
        is_open = any(row.id == first.id and row.is_open_follow_up for row in found.rows)
        if len(still_open) + is_open > 1 or len(rows) > 1:
            yield f"{len(rows)} follow-ups come after {first.subject!r}"
        done = [row for row in found.rows if row.id == first.id and row.outcome == "resolved"]
        named = [_next_id(row) for row in done]
        if [each for each in named if each] != [row.id for row in rows] and done:
            yield f"{first.subject!r} names {named} as what comes after it, not {rows}"


def _next_id(row: CustomerInteraction) -> object:
    facts = row.metadata.custom_fields.get("followUp") if row.metadata else None
    return facts.get("nextId") if isinstance(facts, dict) else None
