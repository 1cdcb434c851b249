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


@pytest.hookimpl(tryfirst=True)  # before those marked slow are deselected
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Play exhaustive tests of generated code with the slow ones, and give slow ones more time."""
    for item in items:
        if "exhaustive" in item.keywords and "_sync" in item.path.parts:
            item.add_marker(pytest.mark.slow)
        if "slow" in item.keywords and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SLOW_LIMIT))
