"""What every test may use."""

from __future__ import annotations

import pytest

from tests.leftovers import nothing_is_left, own_temporary_folder

__all__ = ["nothing_is_left", "own_temporary_folder"]  # fixtures of every test


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, the event loop that httpx's users have."""
    return "asyncio"


SLOW_LIMIT = 1200
"""Seconds for a slow test; the others have the `timeout` of pyproject.toml."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give slow tests more time before they count as hanging."""
    for item in items:
        if "slow" in item.keywords and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SLOW_LIMIT))
