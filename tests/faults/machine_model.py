"""The model of the stateful test: the effect of calls on interactions, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from itertools import permutations, product
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RESOLVED = "resolved"


class Facts(NamedTuple):
    """The model's state of an interaction.

    Attributes:
        due: The due date, in days after the start; None without one.
        outcome: The outcome, or None.
    """

    due: int | None = None
    outcome: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is an open follow-up."""
        return self.due is not None and self.outcome != RESOLVED


State: TypeAlias = "Mapping[str, Facts | None]"
"""All interactions by name; None for deleted ones."""

Action: TypeAlias = Literal[
    "create",
    "create_many",
    "update",
    "complete",
    "snooze",
    "cancel",
    "delete",
    "claim",
    "reconcile",
]


@dataclass(frozen=True)
class Call:
    """A call of a client.

    Attributes:
        action: The name of the call.
        names: The interactions that it writes or changes; for `complete`, the second one is the
            next follow-up.
        columns: What an update sets: `due` and `outcome`.
        due: The due date, in days after the start.
        occurred: The time of a backdated create, in days after the start.
        is_keyed: Whether each draft has its name as idempotency key.
        ids: The IDs that a repeat passes, by name.
    """

    action: Action
    names: tuple[str, ...] = ()
    columns: tuple[tuple[str, int | str | None], ...] = ()
    due: int | None = None
    occurred: int | None = None
    is_keyed: bool = False
    ids: tuple[tuple[str, str], ...] = ()

    @property
    def target(self) -> str:
        """The interaction that the call is about."""
        return self.names[0]

    def parts(self) -> list[Call]:
        """Return the parts that are applied independently of each other."""
        if self.action != "create_many":
            return [self]
        return [replace(self, action="create", names=(name,)) for name in self.names]


class Outcome(Enum):
    """What the caller learned about a part of a call."""

    DONE = "done"
    REFUSED = "it did nothing"
    UNKNOWN = "it may have been carried out"


Part: TypeAlias = tuple[Call, Outcome]


class Model:
    """Applies calls to states.

    Args:
        knows_deletions: Whether there is an audit log, which knows deleted interactions.
    """

    def __init__(self, *, knows_deletions: bool) -> None:
        self._knows_deletions = knows_deletions

    def apply(self, call: Call, state: State) -> State | None:
        """Return the state after a call; None if it must be rejected."""
        match call.action:
            case "create":
                return self._create(call.target, call.due, state)
            case "claim" | "reconcile":
                return state
            case _:
                facts = state.get(call.target)
                return None if facts is None else self._change(call, facts, state)

    def _create(self, name: str, due: int | None, state: State) -> State | None:
        if state.get(name) is not None:
            return state  # a repeat returns the interaction as it is
        if name in state and self._knows_deletions:
            return None
        return {**state, name: Facts(due)}

    def _change(self, call: Call, facts: Facts, state: State) -> State | None:
        if call.action in {"delete", "update"}:
            columns = dict(call.columns)
            changed = None if call.action == "delete" else Facts(**{**facts._asdict(), **columns})
            return {**state, call.target: changed}
        if not facts.is_open:
            # Completing and cancelling may be repeats; if they are not, nothing changes either.
            return None if call.action == "snooze" else state
        if call.action == "complete":
            done = {**state, call.target: facts._replace(outcome=RESOLVED)}
            return self._create(call.names[1], call.due, done) if call.names[1:] else done
        due = call.due if call.action == "snooze" else None
        return {**state, call.target: facts._replace(due=due)}

    def may_refuse(self, call: Call, state: State) -> bool:
        """Return whether an undisturbed call may be rejected."""
        after = self.apply(call, state)
        is_no_change = call.action in {"complete", "cancel"} and after == state
        return after is None or is_no_change

    def candidates(self, state: State, calls: Sequence[Sequence[Part]]) -> Iterator[State]:
        """Yield each state that overlapping calls may result in, in any order.

        Args:
            state: The state before.
            calls: The parts of each call.
        """
        parts = [part for call in calls for part in call]
        chosen = [
            {Outcome.DONE: (True,), Outcome.REFUSED: (False,)}.get(outcome, (True, False))
            for _, outcome in parts
        ]
        for ordered in permutations(range(len(parts))):
            for carried_out in product(*chosen):
                after = self._play(state, [parts[at][0] for at in ordered if carried_out[at]])
                if after is not None:
                    yield after

    def _play(self, state: State | None, calls: Sequence[Call]) -> State | None:
        for call in calls:
            state = None if state is None else self.apply(call, state)
        return state
