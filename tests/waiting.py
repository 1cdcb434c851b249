"""Waits with a limit, after which a test fails instead of hanging."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread

__all__ = ["LIMIT", "join", "wait_until"]

LIMIT = 60.0
"""Seconds to wait for operations that take a second or two on an idle machine."""

_INTERVAL = 0.005


def wait_until(condition: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait for a condition that another thread or process makes true.

    Args:
        condition: Returns whether the condition is true.
        limit: Maximum number of seconds to wait.
    """
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"it did not come about within {limit} seconds"
        time.sleep(_INTERVAL)


def join(*threads: Thread, limit: float = LIMIT) -> None:
    """Wait for the end of threads.

    Args:
        threads: The threads, which have been started.
        limit: Maximum number of seconds to wait for each.
    """
    for thread in threads:
        thread.join(limit)
        assert not thread.is_alive(), f"{thread.name} did not end within {limit} seconds"
