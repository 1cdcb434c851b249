"""A stateful test: several clients with failing requests, overlapping calls and repeats.

The rows are compared with a model in plain Python, and the customer's dates and the audit log with
the rows.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from interactions_sdk import (
    BulkResult,
    CustomerInteraction,
    InteractionCreate,
    InteractionRepository,
    InteractionsError,
    InteractionUpdate,
    NotFoundError,
    Settings,
    wire,
)
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from tests.faults.interleaved import DAY, make_client
from tests.faults.machine_model import Action, Call, Facts, Model, Outcome, Part, State
from tests.faults.scenarios import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 3
START = datetime.now(UTC).replace(microsecond=0)
DAYS = range(1, 31)
_DAY_OF = {format_datetime(START + day * DAY): day for day in DAYS}
_LONGEST = timedelta(days=31)
_ANY_VARIANT = 3


class DisturbedTransport(httpx.BaseTransport):
    """A transport that disturbs one call at a time.

    Args:
        inner: The server's transport.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.calm()

    def calm(self) -> None:
        """Stop disturbing calls."""
        self._current = self._inner
        self._interruption: Callable[[], object] | None = None
        self._requests_before = 0

    def fail(self, fault: Fault, first: int, count: int) -> None:
        """Let requests of the next call fail."""
        self._current = FaultyTransport(self._inner, fault, first=first, count=count)

    def interrupt(self, before: int, interruption: Callable[[], object]) -> None:
        """Run an action before a request of the next call; the first one is 1."""
        self._interruption = interruption
        self._requests_before = before

    @property
    def has_failed(self) -> bool:
        """Whether a request failed."""
        current = self._current
        return isinstance(current, FaultyTransport) and any(each.fault for each in current.requests)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the action if it is due, and forward the request or fail."""
        self._requests_before -= 1
        if self._interruption is not None and not self._requests_before:
            interruption, self._interruption = self._interruption, None
            interruption()
        return self._current.handle_request(request)

    def close(self) -> None:
        """Leave the server's transport open."""


@dataclass(frozen=True)
class Step:
    """A call, drawn before it is known which interactions exist.

    Attributes:
        client: The client that makes the call.
        action: The name of the call.
        target: The interaction, as an index into the existing ones, most urgent first.
        due: A due date, in days after the start.
        outcome: An outcome to set.
        variant: Whether a create has a key, an update sets the outcome, and so on; 0 to 3.
    """

    client: int
    action: Action
    target: int = 0
    due: int | None = None
    outcome: str | None = None
    variant: int = 0


@dataclass(frozen=True)
class Failing:
    """Failing requests of a call: number `first`, and `count` in all."""

    fault: Fault
    first: int
    count: int


@dataclass(frozen=True)
class Interrupted:
    """An interruption before a request of a call, from 1, by a complete call of another client."""

    before: int
    by: Step
    failing: Failing | None = None


@dataclass
class Attempt:
    """A call and its result."""

    call: Call
    result: object = None
    error: InteractionsError | None = None
    has_failed: bool = False
    is_to_be_reconciled: bool = False

    @property
    def errors(self) -> list[Exception]:
        """The raised error, and the errors of a bulk result."""
        raised = [] if self.error is None else [self.error]
        items = self.result if isinstance(self.result, BulkResult) else ()
        return [*raised, *(item.error for item in items if item.error is not None)]

    @property
    def is_settled(self) -> bool:
        """Whether the customer's dates must be right after the call, if they were before."""
        return not (self.is_to_be_reconciled or (self.has_failed and self.errors))

    def parts(self) -> list[Part]:
        """Return each part of the call with what the caller learned about it."""
        if not isinstance(self.result, BulkResult):
            return [(part, _outcome_of(self.error)) for part in self.call.parts()]
        items = list(self.result)
        assert len(items) == len(self.call.names)
        return [
            (part, _outcome_of(item.error))
            for part, item in zip(self.call.parts(), items, strict=True)
        ]

    def repeat(self) -> Call:
        """Return the call for a second attempt, with what the error says."""
        found = dict(self.call.ids)
        if isinstance(self.result, BulkResult):
            for name, item in zip(self.call.names, self.result, strict=True):
                if isinstance(item.error, InteractionsError) and item.error.interaction_id:
                    found[name] = item.error.interaction_id
                elif item.error is None and item.id:
                    found[name] = item.id
        elif self.error is not None and self.error.interaction_id and self.call.action == "create":
            found[self.call.target] = self.error.interaction_id
        return replace(self.call, ids=tuple(found.items()))


def _outcome_of(error: Exception | None) -> Outcome:
    if error is None:
        return Outcome.DONE
    assert isinstance(error, InteractionsError), error
    return Outcome.UNKNOWN if error.may_have_landed else Outcome.REFUSED


steps = st.builds(
    Step,
    client=st.integers(0, CLIENTS - 1),
    action=st.sampled_from(
        [
            *("create", "create", "create_many", "update", "update", "complete", "complete"),
            *("snooze", "cancel", "delete", "claim", "reconcile"),
        ]
    ),
    target=st.integers(0, 3),
    due=st.none() | st.integers(DAYS[0], DAYS[-1]),
    outcome=st.sampled_from([None, "busy", "resolved"]),
    variant=st.integers(0, _ANY_VARIANT),
)
failing = st.builds(
    Failing,
    fault=st.sampled_from(Fault),
    first=st.integers(1, 8),
    count=st.sampled_from([1, 2, 99, 99]),
)
interrupted = st.builds(
    Interrupted, before=st.integers(1, 9), by=steps, failing=st.none() | failing
)
disturbances = st.one_of(st.none(), failing, failing, interrupted)


class Machine(RuleBasedStateMachine):
    """One customer, and the calls of three clients, each with its own cache."""

    settings: ClassVar[Settings]
    operations: ClassVar[int] = 0
    """The number of calls in all runs."""

    times_judged: ClassVar[int] = 0
    """The number of checks of the dates in all runs."""

    def __init__(self) -> None:
        super().__init__()
        snapshot, self.customer_id = _prepared(self.settings)
        self.server = EmbeddedAppwrite(snapshot=snapshot, stale_cache=True)
        self.transports = [DisturbedTransport(self.server.transport) for _ in range(CLIENTS)]
        self.clients = [make_client(self.server, self.settings, each) for each in self.transports]
        self.reader = make_client(self.server, self.settings)
        self.model = Model(knows_deletions=self.settings.audit_table is not None)
        self.state: State = {}
        self.ids: dict[str, str] = {}
        self.created: dict[str, str] = {}
        self.numbers = iter(range(10_000))
        self.to_repeat: list[Call] = []
        self.unsettled: set[Call] = set()
        self.is_to_be_reconciled = False
        self.unaudited_creates: set[str] = set()
        self.fewest_changes: Counter[str] = Counter()
        self.most_changes: Counter[str] = Counter()

    def teardown(self) -> None:
        """Stop the server."""
        self.server.close()

    # Rules

    @rule(step=steps, disturbance=disturbances)
    def call(self, step: Step, disturbance: Failing | Interrupted | None) -> None:
        """Make a call, which may fail or be interrupted."""
        call = self._call_of(step)
        if call is not None:
            self._make(step.client, call, disturbance)

    @precondition(lambda self: self.to_repeat)
    @rule(client=st.integers(0, CLIENTS - 1), disturbance=disturbances)
    def repeat(self, client: int, disturbance: Failing | Interrupted | None) -> None:
        """Repeat the failed calls, possibly with another client."""
        calls, self.to_repeat = self.to_repeat, []
        for call in calls:
            self.unsettled.discard(call)
            attempt = self._make(client, call, disturbance)
            if attempt.is_settled and attempt.errors:
                self.is_to_be_reconciled = True  # it may be rejected by now
            disturbance = None

    # Calls

    def _call_of(self, step: Step) -> Call | None:
        """Return the call of a step, if a suitable interaction exists."""
        if step.action in {"create", "create_many"}:
            return self._create_of(step)
        if step.action in {"claim", "reconcile"}:
            return Call(step.action, due=step.due)
        target = self._target(step)
        if target is None:
            return None
        if step.action == "update":
            due, outcome = ("due", step.due), ("outcome", step.outcome)
            columns = [(due,), (outcome,), (due, outcome), (due,)][step.variant]
            return Call("update", (target,), columns=columns)
        if step.action == "complete" and step.variant >= 2:
            return Call("complete", (target, self._next_name()), due=step.due, is_keyed=True)
        return Call(step.action, (target,), due=step.due or 1)

    def _create_of(self, step: Step) -> Call:
        names = (self._next_name(), self._next_name())
        is_keyed = step.variant >= 2
        if step.action == "create_many":
            return Call("create_many", names, due=step.due, is_keyed=is_keyed)
        occurred = -step.target - 1 if step.variant == 1 else None
        return Call("create", names[:1], due=step.due, occurred=occurred, is_keyed=is_keyed)

    def _target(self, step: Step) -> str | None:
        """Choose an interaction, sometimes a deleted one, and read it by its ID.

        A running call may just have written it.
        """
        there = self._read_rows()
        urgent = sorted(there, key=lambda name: there[name].due or DAYS[-1] + 1)
        names = list(self.ids) if step.variant == _ANY_VARIANT else urgent
        if not names:
            return None
        target = names[step.target % len(names)]
        self._read_by_id(self.ids[target])
        return target

    def _read_by_id(self, row_id: str) -> None:
        """Read a row as other programs do, so that the server's row cache becomes outdated."""
        path = f"{self.reader._services.project.tables.interactions.path}/{row_id}"
        with suppress(NotFoundError):  # it may have been deleted
            self.reader._connection.send(wire.Call("GET", "row", path, bytes))

    def _next_name(self) -> str:
        return f"n{next(self.numbers)}"

    def _make(self, client: int, call: Call, disturbance: Failing | Interrupted | None) -> Attempt:
        """Make a call and check the result."""
        attempts = self._attempt(client, call, disturbance)
        self._judge(attempts, is_overlapping=len(attempts) > 1)
        return attempts[0]

    def _attempt(
        self, client: int, call: Call, disturbance: Failing | Interrupted | None
    ) -> list[Attempt]:
        """Make a call; return its result, and that of the call that interrupted it."""
        transport = self.transports[client]
        transport.calm()
        interruptions: list[Attempt] = []
        if isinstance(disturbance, Failing):
            transport.fail(disturbance.fault, disturbance.first, disturbance.count)
        elif disturbance is not None and disturbance.by.client != client:

            def interrupt(by: Step, failing: Failing | None) -> None:
                other = self._call_of(by)
                if other is not None:
                    interruptions.extend(self._attempt(by.client, other, failing))

            transport.interrupt(
                disturbance.before, partial(interrupt, disturbance.by, disturbance.failing)
            )
        return [self._send(client, call), *interruptions]

    def _send(self, client: int, call: Call) -> Attempt:
        type(self).operations += 1
        attempt = Attempt(call)
        with Journal() as journal:
            try:
                attempt.result = self._run(client, call)
            except InteractionsError as error:
                attempt.error = error
        attempt.is_to_be_reconciled = journal.left_to_reconcile
        attempt.has_failed = self.transports[client].has_failed
        return attempt

    def _run(self, client: int, call: Call) -> object:
        crm = self.clients[client]
        repo = crm.as_admin(f"admin{client}")
        match call.action:
            case "reconcile":
                return crm.customers.reconcile(self.customer_id)
            case "create":
                return repo.create(self._draft(call, call.target))
            case "create_many":
                drafts = [self._draft(call, name) for name in call.names]
                return repo.create_many(drafts, on_error="continue")
            case "claim":
                return repo.follow_ups.claim(2, as_of=_date(call.due) or START + _LONGEST)
            case _:
                return self._change(repo, self.ids[call.target], call)

    def _change(self, repo: InteractionRepository, row_id: str, call: Call) -> object:
        match call.action:
            case "update":
                return repo.update(row_id, _update_of(call))
            case "complete":
                following = self._draft(call, call.names[1]) if call.names[1:] else None
                return repo.follow_ups.complete(row_id, next=following)
            case "snooze":
                return repo.follow_ups.snooze(row_id, until=_date(call.due))
            case "cancel":
                return repo.follow_ups.cancel(row_id)
            case _:
                repo.delete(row_id)
                return None

    def _draft(self, call: Call, name: str) -> InteractionCreate:
        return InteractionCreate(
            interaction_type="call",
            subject=name,
            customer_id=self.customer_id,
            next_action_date=_date(call.due),
            occurred_at=_date(call.occurred),
            idempotency_key=name if call.is_keyed else None,
            id=None if call.is_keyed else dict(call.ids).get(name),
        )

    # Checks

    def _judge(self, attempts: list[Attempt], *, is_overlapping: bool) -> None:
        """Compare the rows with the model, and remember failed calls."""
        rows = self._read_rows()
        before = self.state
        candidates = self.model.candidates(before, [attempt.parts() for attempt in attempts])
        found = {name: rows.get(name) for name in {**before, **rows}}
        assert any(_without_gone(each, found) == found for each in candidates), (
            f"{attempts} made {dict(before)} to {found}"
        )
        self.state = found
        if not any(attempt.has_failed for attempt in attempts):
            _judge_calm(attempts)
        for attempt in attempts:
            if not is_overlapping and not attempt.has_failed:
                self._judge_undisturbed(attempt, before)
            self._count_changes(attempt, before, is_overlapping=is_overlapping)
            self._remember(attempt)
        self._judge_dates()
        self._judge_audit_log()

    def _judge_undisturbed(self, attempt: Attempt, before: State) -> None:
        """Without a disturbance, a call succeeds, or is rejected for a valid reason."""
        error = attempt.error
        if error is None:
            result = attempt.result
            if isinstance(result, BulkResult):
                result.raise_for_failures()
            if isinstance(result, CustomerInteraction):
                expected = self.state[attempt.call.target]
                assert expected == _facts_of(result), "what was returned is not what is there"
        else:
            assert self.model.may_refuse(attempt.call, before), error

    def _count_changes(self, attempt: Attempt, before: State, *, is_overlapping: bool) -> None:
        """Return the minimum and maximum number of audit rows of changes."""
        for part, outcome in attempt.parts():
            if part.action in {"create", "claim", "reconcile"} or outcome is Outcome.REFUSED:
                continue
            self.most_changes[part.target] += 1
            is_change = not is_overlapping and self.model.apply(part, before) != before
            if outcome is Outcome.DONE and is_change:
                self.fewest_changes[part.target] += 1

    def _remember(self, attempt: Attempt) -> None:
        for part, outcome in attempt.parts():
            if part.action == "create" and outcome is Outcome.UNKNOWN:
                self.unaudited_creates.add(part.target)
            elif part.action == "create" and outcome is Outcome.DONE:
                self.unaudited_creates.discard(part.target)
        if attempt.call.action == "reconcile" and not attempt.errors:
            self.unsettled.clear()
            self.unaudited_creates.clear()
            self.is_to_be_reconciled = False
        elif attempt.errors and not attempt.is_settled:
            repeat = attempt.repeat()
            self.to_repeat.append(repeat)
            self.unsettled.add(repeat)
        elif not attempt.is_settled:
            self.is_to_be_reconciled = True

    def _judge_dates(self) -> None:
        """The dates match the rows, once failed calls were repeated or the customer reconciled."""
        if self.unsettled or self.is_to_be_reconciled:
            return
        type(self).times_judged += 1
        [customer] = self._read(self.reader._services.project.tables.customers)
        due = [facts.due for facts in self.state.values() if facts and facts.is_open]
        days = [day for day in due if day is not None]
        expected = min(days, default=None)
        assert expected == _day(customer["nextFollowUpAt"])
        newest = max(
            (self.created[name] for name, facts in self.state.items() if facts), default=""
        )
        latest = max(self.created.values(), default="")
        assert newest <= (customer["lastContactAt"] or "") <= latest

    def _judge_audit_log(self) -> None:
        """The audit log has each create, change and deletion once, and nothing else."""
        audit = self.reader._services.project.tables.audit
        if audit is None:
            return
        names = {row_id: name for name, row_id in self.ids.items()}
        creates: Counter[str] = Counter()
        deletions: Counter[str] = Counter()
        changes: Counter[str] = Counter()
        for entry in self._read(audit):
            action = entry["action"].removeprefix("interaction.")
            if action == "refused":
                continue
            counted = {"created": creates, "reconciled": creates, "deleted": deletions}
            counted.get(action, changes)[names[entry["entityId"]]] += 1
        for name, facts in self.state.items():
            assert creates[name] <= 1
            assert facts is None or creates[name] or name in self.unaudited_creates
            assert deletions[name] == (facts is None)
            made = changes[name] + deletions[name]
            assert self.fewest_changes[name] <= made <= self.most_changes[name], (
                f"{made} changes of {name}"
            )
            self.fewest_changes[name] = made

    # Reading

    def _read(self, table: wire.Table[Any]) -> list[dict[str, Any]]:
        call = wire.list_rows(table, [query.limit(query.MAX_LIMIT)])
        rows: list[dict[str, Any]] = json.loads(
            self.reader._connection.send(replace(call, read=bytes))  # type: ignore[arg-type] # raw
        )["rows"]
        return rows

    def _read_rows(self) -> dict[str, Facts]:
        found: dict[str, Facts] = {}
        for row in self._read(self.reader._services.project.tables.interactions):
            name = row["subject"]
            assert name not in found, f"{name} was written twice"
            assert self.ids.get(name, row["$id"]) == row["$id"]
            self.ids[name] = row["$id"]
            self.created[name] = row["$createdAt"]
            found[name] = Facts(_day(row["nextActionDate"]), row["outcome"])
        return found


def _judge_calm(attempts: list[Attempt]) -> None:
    """If no request failed, every call knows its result, and the dates are right."""
    for attempt in attempts:
        assert not attempt.is_to_be_reconciled, "it is logged that the dates may be wrong"
        assert all(outcome is not Outcome.UNKNOWN for _, outcome in attempt.parts())


def _update_of(call: Call) -> InteractionUpdate:
    columns: dict[str, Any] = dict(call.columns)
    if "due" in columns:
        columns["next_action_date"] = _date(columns.pop("due"))
    return InteractionUpdate(**columns)


def _without_gone(candidate: State, found: State) -> State:
    """Leave out interactions that were written and deleted within one step."""
    return {name: facts for name, facts in candidate.items() if facts or name in found}


def _facts_of(interaction: CustomerInteraction) -> Facts:
    date = interaction.next_action_date
    return Facts(None if date is None else _DAY_OF[format_datetime(date)], interaction.outcome)


def _date(day: object) -> datetime | None:
    return START + day * DAY if isinstance(day, int) else None


def _day(text: str | None) -> int | None:
    return None if text is None else _DAY_OF[text]


@cache
def _prepared(settings: Settings) -> tuple[bytes, str]:
    """Return a snapshot of a server with one customer, and the customer's ID."""
    with EmbeddedAppwrite() as server, make_client(server, settings) as crm:
        crm.schema.apply()
        customer_id = crm.customers.ensure("ada").id
        return server.snapshot(), customer_id
