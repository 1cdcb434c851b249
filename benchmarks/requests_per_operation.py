"""The number of requests of each operation, with filled caches and without contention."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.results import Figure, Section, as_text
from interactions_sdk import InteractionsClient, InteractionUpdate, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = datetime.now(UTC) + timedelta(days=2)


class Counter(logging.Handler):
    """Counts the log records of requests."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.requests = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count a request."""
        self.requests += hasattr(record, "interactions_sdk")


def count(counter: Counter, operation: Callable[[], object]) -> int:
    """Return how many requests an operation sends."""
    before = counter.requests
    operation()
    return counter.requests - before


def measure(settings: Settings, counter: Counter) -> dict[str, int]:
    """Return the number of requests of each operation."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = repo.log_call("Warm")
        task = repo.log_task("Due", next_action_date=LATER)
        follow_ups = repo.follow_ups
        return {
            "create": count(counter, lambda: repo.log_call("Counted")),
            "create with a follow-up": count(
                counter, lambda: repo.log_call("Counted", next_action_date=LATER)
            ),
            "get": count(counter, lambda: repo.get(call.id)),
            "find": count(counter, repo.find),
            "count": count(counter, repo.count),
            "update": count(
                counter, lambda: repo.update(call.id, InteractionUpdate(outcome="busy"))
            ),
            "snooze": count(counter, lambda: follow_ups.snooze(task.id, by=timedelta(days=1))),
            "complete": count(counter, lambda: follow_ups.complete(task.id)),
            "delete": count(counter, lambda: repo.delete(call.id)),
        }


def section() -> Section:
    """Count the requests."""
    counter = Counter()
    logger = logging.getLogger("interactions_sdk")
    level = logger.level
    logger.addHandler(counter)
    logger.setLevel(logging.DEBUG)
    try:
        atomic = measure(Settings(), counter)
        fast = measure(Settings(consistency="fast"), counter)
    finally:
        logger.removeHandler(counter)
        logger.setLevel(level)
    figures = [
        figure
        for operation, requests in atomic.items()
        for figure in (
            Figure(operation, requests),
            Figure('- `consistency="fast"`', fast[operation]),
        )
        if figure.what == operation or fast[operation] != requests
    ]
    return Section(
        "Requests per operation",
        "With warm caches and without contention, on the embedded server. A create takes five "
        "requests with the functions of the schema document.",
        figures,
    )


def main() -> None:
    """Print a table."""
    print(as_text(section()))


if __name__ == "__main__":
    main()
