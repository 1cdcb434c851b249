"""Waits with a limit, which a test fails at instead of hanging."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread

__all__ = ["LIMIT", "join", "wait_until"]

LIMIT = 60.0
"""Seconds to wait for what takes a second or two on a quiet machine."""

_INTERVAL = 0.005


def wait_until(condition: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait for what another thread or process is about to bring about.

    Args:
        condition: Whether it has come about.
        limit: Seconds to wait for it at most.
    """
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"it did not come about within {limit} seconds"
        time.sleep(_INTERVAL)


def join(*threads: Thread, limit: float = LIMIT) -> None:
    """Wait for the end of threads.

    Args:
        threads: The threads, which have been started.
        limit: Seconds to wait for each of them at most.
    """
    for thread in threads:
        thread.join(limit)
        assert not thread.is_alive(), f"{thread.name} did not end within {limit} seconds"
