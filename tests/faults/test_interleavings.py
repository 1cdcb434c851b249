"""Pairs of operations, where the second runs before each request of the first.

The fast tests run the pairs that have failed before, and the slow ones every 13th pair.
`make test-exhaustive` runs every pair.
"""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

import pytest

from tests.faults.interleaved import (
    ATOMIC,
    BY_NAME,
    CHANGES,
    CREATES,
    CUSTOMERS,
    FAST,
    FAST_UNAUDITED,
    MEMORIES,
    OPERATIONS,
    SERIES,
    UNAUDITED,
    Case,
    make_world,
)
from tests.faults.interleavings import NestedOperation, interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from interactions_sdk import Settings
    from tests.faults.interleaved import Operation, World

    Pair = tuple[Operation, Operation]

ONCE_WRONG = [
    *product(
        ("complete", "cancel", "delete", "snooze"), ("create dated due +9", "update plain due +9")
    ),
    *product(("update plain due +1",), ("update plain due +9", "cancel", "delete plain")),
    ("complete with next", "delete"),
    ("create dated due +9", "complete"),
    ("create due +1", "delete"),
    ("create many", "erase"),
    ("erase", "create many dated"),
    ("complete recurring", "complete recurring"),
    ("complete recurring", "snooze recurring"),
    ("skip recurring", "complete recurring"),
    ("create many", "reassign"),
    ("reassign", "start plan"),
]
"""Pairs of an operation and one that interrupts it, which have failed before."""

WRITES_DATES = [
    operation
    for operation in (*CREATES, *CHANGES)
    if operation.name not in {"create", "update subject", "claim", "delete plain", "import"}
]


some_or_all = pytest.mark.parametrize(
    "step", [pytest.param(13, id="some"), pytest.param(1, id="all", marks=pytest.mark.longest)]
)
"""Every 13th pair for the slow tests, and every pair for the exhaustive ones."""


def check_pairs(world: World, pairs: Iterable[Pair], memory: str) -> tuple[int, list[str]]:
    """Run the second operation of each pair before each request of the first.

    Returns:
        The number of interleavings, and what was wrong.
    """
    memories = MEMORIES[memory]
    moments: dict[str, list[int]] = {}
    played = 0
    wrong: list[str] = []
    for first, second in pairs:
        if first.name not in moments:
            alone = Case(world, [first], memories[:1], NestedOperation)
            moments[first.name] = alone.operations[0].moments()
            wrong += [f"{first.name} alone: {each}" for each in alone.faults()]
        for at in moments[first.name]:
            case = Case(world, (first, second), memories, NestedOperation)
            assert interrupt(case.operations[0], at, case.operations[1])
            played += 1
            wrong += [f"{first.name}, {second.name} at {at}: {each}" for each in case.faults()]
    return played, wrong


@pytest.mark.parametrize("memory", ["fresh", "second older"])
@pytest.mark.parametrize("settings", [ATOMIC, FAST], ids=["atomic", "fast"])
def test_pairs_that_were_once_wrong(
    settings: Settings, memory: str, record_property: Callable[[str, object], None]
) -> None:
    """For pairs that have failed before, dates match the rows, and the audit log what happened."""
    pairs = [(BY_NAME[first], BY_NAME[second]) for first, second in ONCE_WRONG]

    played, wrong = check_pairs(make_world(settings), pairs, memory)

    record_property("interleavings", played)
    assert [] == wrong


@pytest.mark.slow
@some_or_all
@pytest.mark.parametrize(
    ("settings", "memory", "operations"),
    [
        pytest.param(ATOMIC, "fresh", OPERATIONS, id="atomic-fresh"),
        pytest.param(FAST, "fresh", OPERATIONS, id="fast-fresh"),
        pytest.param(UNAUDITED, "fresh", OPERATIONS, id="unaudited-fresh"),
        pytest.param(FAST_UNAUDITED, "fresh", WRITES_DATES, id="fast-unaudited-fresh"),
        pytest.param(ATOMIC, "cold", WRITES_DATES, id="atomic-cold"),
        *(
            pytest.param(settings, memory, WRITES_DATES, id=f"{name}-{memory}")
            for name, settings in (("atomic", ATOMIC), ("fast", FAST))
            for memory in ("first older", "second older")
        ),
    ],
)
def test_every_pair(
    settings: Settings,
    memory: str,
    operations: Sequence[Operation],
    step: int,
    record_property: Callable[[str, object], None],
) -> None:
    """Any operation can interrupt any other before any request."""
    pairs = islice(product(operations, operations), 0, None, step)

    played, wrong = check_pairs(make_world(settings), pairs, memory)

    record_property("interleavings", played)
    assert [] == wrong


MIXED_WITH = [
    BY_NAME[name]
    for name in (
        *("create due +1", "create many", "import", "update due to none", "complete", "claim"),
        *("delete", "reconcile", "erase"),
    )
]
"""The operations that series and customers are interleaved with, besides each other."""


@pytest.mark.slow
@some_or_all
@pytest.mark.parametrize("memory", ["fresh", "second older"])
@pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED], ids=["atomic", "fast", "unaudited"])
def test_every_pair_with_series_and_customers(
    settings: Settings, memory: str, step: int, record_property: Callable[[str, object], None]
) -> None:
    """Each completion creates one next follow-up, whatever interrupts it."""
    newer = [*SERIES, *CUSTOMERS]
    pairs = [
        *product(newer, newer),
        *product(newer, MIXED_WITH),
        *product(MIXED_WITH, newer),
    ]

    played, wrong = check_pairs(make_world(settings), pairs[::step], memory)

    record_property("interleavings", played)
    assert [] == wrong
