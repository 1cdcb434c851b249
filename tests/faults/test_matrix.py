"""Every operation x each of its requests x each fault: the database matches the report."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionsError
from interactions_sdk.testing import Fault, FaultyTransport
from tests.faults.follow_up_operations import FOLLOW_UP_OPERATIONS
from tests.faults.operations import OPERATIONS, Operation, Told
from tests.faults.other_operations import OTHER_OPERATIONS
from tests.faults.scenarios import RETRIES, Journal, Scene, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.testing import SentRequest


class Lasting(Enum):
    """The duration of a fault, from the request with which it begins."""

    ONCE = "once"
    UNTIL_GIVEN_UP = "until the retries are used up"
    ON_THE_ROUTE = "for good, for requests of this kind"
    FOR_GOOD = "for good"


def healthy_requests(server: EmbeddedAppwrite, operation: Operation) -> list[SentRequest]:
    """Return the requests of an operation without faults."""
    scene = _scene(server, operation)
    transport = FaultyTransport(server.transport)
    operation.run(client_of(server, operation.settings, transport), scene)
    return transport.requests


def faulty_transport(
    server: EmbeddedAppwrite,
    requests: Sequence[SentRequest],
    at: int,
    fault: Fault,
    lasting: Lasting,
) -> FaultyTransport:
    """Return a transport on which the fault begins with the given request, from 1."""
    request = requests[at - 1]
    if lasting is Lasting.ON_THE_ROUTE:
        ordinal = Counter(requests[:at])[request]
        return FaultyTransport(
            server.transport,
            fault,
            first=ordinal,
            count=None,
            method=request.method,
            route=request.route,
        )
    times = {Lasting.ONCE: 1, Lasting.UNTIL_GIVEN_UP: RETRIES + 1, Lasting.FOR_GOOD: None}[lasting]
    return FaultyTransport(server.transport, fault, first=at, count=times)


def play(operation: Operation, scene: Scene, transport: FaultyTransport) -> Told:
    """Run an operation, and return the result that the caller sees."""
    crm = client_of(scene.server, scene.settings, transport)
    with Journal() as journal:
        try:
            result = operation.run(crm, scene)
        except InteractionsError as error:
            return Told(error=error, left_to_reconcile=journal.left_to_reconcile)
    return Told(result=result, left_to_reconcile=journal.left_to_reconcile)


def _scene(server: EmbeddedAppwrite, operation: Operation) -> Scene:
    scene = Scene(server, operation.settings)
    operation.prepare(scene)
    scene.remember()
    return scene


def _must_succeed(request: SentRequest, fault: Fault) -> bool:
    """Return whether a single fault must be retried: all but conflicts outside of commits."""
    is_commit = request.method == "PATCH" and request.route.endswith("/transactions/{id}")
    return fault is not Fault.TRANSACTION_CONFLICT or is_commit


def check_matrix(
    server: EmbeddedAppwrite, operation: Operation, fault: Fault, lasting: Lasting
) -> tuple[int, list[str]]:
    """Run every case of an operation and a fault.

    Returns:
        The number of cases, and what was wrong.
    """
    requests = healthy_requests(server, operation)
    wrong: list[str] = []
    for at, request in enumerate(requests, start=1):
        scene = _scene(server, operation)
        transport = faulty_transport(server, requests, at, fault, lasting)
        where = f"request {at} of {len(requests)}, {request.method} {request.route}"
        may_fail = lasting is not Lasting.ONCE or not _must_succeed(request, fault)
        wrong += _judged(where, operation, scene, transport, may_fail=may_fail)
    return len(requests), wrong


def _judged(
    where: str, operation: Operation, scene: Scene, transport: FaultyTransport, *, may_fail: bool
) -> list[str]:
    """Run one case, and return what was wrong with it."""
    try:
        told = play(operation, scene, transport)
        assert may_fail or told.error is None, f"a single fault was not overcome: {told.error!r}"
        operation.judge(scene, told)
    except Exception as error:  # noqa: BLE001 - any exception is reported
        return [f"{where}: {type(error).__name__}: {error}"]
    return []


def _named(value: Operation) -> str:
    return value.name


every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=_named)

FURTHER_OPERATIONS = [*FOLLOW_UP_OPERATIONS, *OTHER_OPERATIONS]
FAST = {
    *("complete-recurring", "start-plan", "skip-fast", "customers-update-unchanged", "reassign"),
    *("attach", "detach", "import-mbox", "import-ics"),
}
"""The operations of the fast tests, with the two faults that lose a response."""


OF_EACH_KIND = {
    Fault.REFUSED,
    Fault.RESET_AFTER_WRITE,
    Fault.RATE_LIMITED,
    Fault.SERVER_ERROR_AFTER_WRITE,
    Fault.BAD_GATEWAY_BEFORE_WRITE,
    Fault.TRANSACTION_CONFLICT,
}
"""The single faults of the fast tests; the slow ones have all."""


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[] if fault in OF_EACH_KIND else pytest.mark.slow)
        for fault in Fault
    ],
)
@every_operation
def test_a_single_fault(
    server: EmbeddedAppwrite,
    operation: Operation,
    fault: Fault,
    record_property: Callable[[str, object], None],
) -> None:
    """A single fault at any request is overcome, and nothing is lost or duplicated."""
    cases, wrong = check_matrix(server, operation, fault, Lasting.ONCE)
    record_property("fault cases", cases)
    assert [] == wrong


USUAL = {
    (Lasting.UNTIL_GIVEN_UP, Fault.RESET_BEFORE_WRITE),
    (Lasting.ON_THE_ROUTE, Fault.REFUSED),
    (Lasting.ON_THE_ROUTE, Fault.BAD_GATEWAY_AFTER_WRITE),
    (Lasting.FOR_GOOD, Fault.TIMEOUT_AFTER_WRITE),
}
"""The lasting faults of the fast tests; the slow ones have all."""


@pytest.mark.parametrize(
    ("lasting", "fault"),
    [
        pytest.param(
            lasting,
            fault,
            id=f"{lasting.name}-{fault.name}",
            marks=[] if (lasting, fault) in USUAL else pytest.mark.slow,
        )
        for lasting in (Lasting.UNTIL_GIVEN_UP, Lasting.ON_THE_ROUTE, Lasting.FOR_GOOD)
        for fault in Fault
    ],
)
@every_operation
def test_a_lasting_fault(
    server: EmbeddedAppwrite,
    operation: Operation,
    fault: Fault,
    lasting: Lasting,
    record_property: Callable[[str, object], None],
) -> None:
    """After a fault that outlasts the retries, the database matches the report to the caller."""
    cases, wrong = check_matrix(server, operation, fault, lasting)
    record_property("fault cases", cases)
    assert [] == wrong


@pytest.mark.parametrize(
    ("lasting", "fault"),
    [(Lasting.ONCE, Fault.RESET_AFTER_WRITE), (Lasting.FOR_GOOD, Fault.TIMEOUT_AFTER_WRITE)],
    ids=["once", "for-good"],
)
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(each, id=each.name, marks=[] if each.name in FAST else pytest.mark.slow)
        for each in FURTHER_OPERATIONS
    ],
)
def test_lost_answers_of_further_operations(
    server: EmbeddedAppwrite,
    operation: Operation,
    fault: Fault,
    lasting: Lasting,
    record_property: Callable[[str, object], None],
) -> None:
    """A retry, or the caller's second attempt, finds what was applied without a response."""
    cases, wrong = check_matrix(server, operation, fault, lasting)
    record_property("fault cases", cases)
    assert [] == wrong


@pytest.mark.slow
@pytest.mark.parametrize("lasting", Lasting, ids=lambda lasting: lasting.name)
@pytest.mark.parametrize("operation", FURTHER_OPERATIONS, ids=_named)
def test_every_fault_of_further_operations(
    server: EmbeddedAppwrite,
    operation: Operation,
    lasting: Lasting,
    record_property: Callable[[str, object], None],
) -> None:
    """Every fault, at every request and of every duration, is reported correctly."""
    played = 0
    wrong: list[str] = []
    for fault in Fault:
        cases, found = check_matrix(server, operation, fault, lasting)
        played += cases
        wrong += [f"{fault.name}: {each}" for each in found]
    record_property("fault cases", played)
    assert [] == wrong


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 150), marks=pytest.mark.slow)])
@every_operation
def test_many_faults(
    server: EmbeddedAppwrite,
    operation: Operation,
    seeds: Sequence[int],
    record_property: Callable[[str, object], None],
) -> None:
    """If every third request fails in some way, the report is still correct."""
    wrong: list[str] = []
    for seed in seeds:
        scene = _scene(server, operation)
        transport = FaultyTransport.random(server.transport, rate=0.35, seed=seed)
        wrong += _judged(f"seed {seed}", operation, scene, transport, may_fail=True)
    record_property("fault cases", len(seeds))
    assert [] == wrong
