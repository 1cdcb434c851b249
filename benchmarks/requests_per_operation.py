"""How many requests each operation sends, warm and uncontended, on the embedded server."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from interactions_sdk import InteractionsClient, InteractionUpdate, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = datetime.now(UTC) + timedelta(days=2)


class Counter(logging.Handler):
    """Counts the log lines of requests."""

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
    """Return the requests of each operation."""
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


def main() -> None:
    """Print a table."""
    counter = Counter()
    logger = logging.getLogger("interactions_sdk")
    logger.addHandler(counter)
    logger.setLevel(logging.DEBUG)
    atomic = measure(Settings(), counter)
    fast = measure(Settings(consistency="fast"), counter)
    print(f"{'operation':26}{'atomic':>8}{'fast':>8}")
    for operation, requests in atomic.items():
        print(f"{operation:26}{requests:8}{fast[operation]:8}")


if __name__ == "__main__":
    main()
