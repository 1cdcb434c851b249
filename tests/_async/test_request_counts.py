"""The number of requests of each operation, and of steps from a response to models."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    CustomerInteraction,
    InteractionMetadata,
    InteractionUpdate,
    RequestEvent,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from types import FrameType

    from interactions_sdk.wire import SequencedRowList

pytestmark = pytest.mark.anyio

LATER = datetime.now(UTC) + timedelta(days=2)
READERS = {"validate_json", "validate_python", "from_json", "loads", "raw_decode", "dumps"}


@pytest.mark.parametrize(
    ("consistency", "expected"),
    [
        (
            "atomic",
            {"create": 5, "get": 1, "find": 1, "count": 1, "update": 6, "snooze": 9}
            | {"complete": 9, "delete": 5},
        ),
        (
            "fast",
            {"create": 3, "get": 1, "find": 1, "count": 1, "update": 3, "snooze": 6}
            | {"complete": 6, "delete": 5},
        ),
    ],
)
async def test_requests_of_each_operation(consistency: str, expected: dict[str, int]) -> None:
    """With filled caches and no contention, no operation sends more requests than listed."""
    sent: list[RequestEvent] = []
    settings = Settings.model_validate({"consistency": consistency, "verify_users": False})
    async with AsyncInteractionsClient.embedded(settings=settings, on_request=sent.append) as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = await repo.log_call("Warm")
        task = await repo.log_task("Due", next_action_date=LATER)
        operations: dict[str, Callable[[], Awaitable[object]]] = {
            "create": lambda: repo.log_call("Counted", next_action_date=LATER),
            "get": lambda: repo.get(call.id),
            "find": repo.find,
            "count": repo.count,
            "update": lambda: repo.update(call.id, InteractionUpdate(outcome="busy")),
            "snooze": lambda: repo.follow_ups.snooze(task.id, by=timedelta(days=1)),
            "complete": lambda: repo.follow_ups.complete(task.id),
            "delete": lambda: repo.delete(call.id),
        }
        counted: dict[str, int] = {}
        for name, operation in operations.items():
            sent.clear()
            await operation()
            counted[name] = len(sent)

    assert expected == counted


@contextmanager
def counting(names: set[str]) -> Iterator[Counter[str]]:
    """Count the calls of C functions, by name."""
    counted: Counter[str] = Counter()

    def note(_: FrameType, event: str, function: object) -> None:
        name = getattr(function, "__name__", "")
        if event == "c_call" and name in names:
            counted[name] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(before)


async def test_a_page_goes_from_bytes_to_models_in_one_step() -> None:
    """A page is validated once, with one nested validation per metadata and no dictionaries."""
    answers: list[bytes] = []

    def noted(answer: bytes) -> SequencedRowList[CustomerInteraction]:
        answers.append(answer)
        return read(answer)

    async with AsyncInteractionsClient.embedded() as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        for number in range(5):
            metadata = InteractionMetadata(tags=["vip"]) if number < 2 else None
            await repo.log_call(str(number), metadata=metadata)
        await repo.find()
        table = crm._services.project.tables.interactions
        read = table.read_sequenced_rows
        table.__dict__["read_sequenced_rows"] = noted  # a cached property
        await repo.find()
        with counting(READERS) as counted:
            rows = read(answers[0]).rows

    assert 5 == len(rows)
    assert 1 == len(answers)
    assert {"validate_json": 2} == dict(counted)
