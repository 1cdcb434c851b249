"""Random samples of three nested operations, and of two that take turns."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.faults.interleaved import ATOMIC, BY_NAME, FAST, UNAUDITED, Case, make_world
from tests.faults.interleavings import NestedOperation, SteppedOperation, alternate, nest

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import Settings

CHOSEN = [
    BY_NAME[name]
    for name in (
        *("create", "create due +1", "create dated due +9", "create keyed due +2"),
        *("update plain due +1", "update due to +15", "update done reopened"),
        *("complete", "complete with next", "snooze", "cancel", "delete"),
    )
]
_REQUESTS = 10
_CUSTOMERS: tuple[str | None, ...] = ("customer", "older", None)

every_mode = pytest.mark.parametrize(
    "settings", [ATOMIC, FAST, UNAUDITED], ids=["atomic", "fast", "unaudited"]
)
every_size = pytest.mark.parametrize(
    "cases", [40, pytest.param(2000, marks=pytest.mark.slow)], ids=["few", "many"]
)


@every_mode
@every_size
def test_triples(
    settings: Settings, cases: int, record_property: Callable[[str, object], None]
) -> None:
    """Each of three operations is interrupted by the next."""
    draw = random.Random(cases)  # noqa: S311 - not for security
    world = make_world(settings)
    wrong: list[str] = []
    for _ in range(cases):
        operations = draw.choices(CHOSEN, k=3)
        case = Case(world, operations, draw.choices(_CUSTOMERS, k=3), NestedOperation)
        at = [draw.randrange(_REQUESTS), draw.randrange(_REQUESTS)]
        nest(case.operations, at)
        names = ", ".join(operation.name for operation in operations)
        wrong += [f"{names} at {at}: {each}" for each in case.faults()]
    record_property("interleavings", cases)
    assert [] == wrong


@every_mode
@every_size
def test_pairs_that_take_turns(
    settings: Settings, cases: int, record_property: Callable[[str, object], None]
) -> None:
    """Each of two operations continues after a part of the other."""
    draw = random.Random(cases)  # noqa: S311 - not for security
    world = make_world(settings)
    wrong: list[str] = []
    for _ in range(cases):
        operations = draw.choices(CHOSEN, k=2)
        case = Case(world, operations, draw.choices(_CUSTOMERS, k=2), SteppedOperation)
        at, other = draw.randrange(_REQUESTS), draw.randrange(_REQUESTS)
        alternate(case.operations[0], at, case.operations[1], other)
        names = ", ".join(operation.name for operation in operations)
        wrong += [f"{names} at {at}, {other}: {each}" for each in case.faults()]
    record_property("interleavings", cases)
    assert [] == wrong
