"""Running tests with and without coverage.

Only tests that are needed to cover every branch are measured, since coverage doubles the time of
Python code.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest

import interactions_sdk

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["is_measured", "measure_imports", "pytest_runtest_protocol", "unmeasured"]

TESTS = Path(__file__).parent
NOT_MEASURED = {"browser", "docs", "faults", "scripts", "typing"}
"""Folders whose tests cover nothing that other tests do not cover."""

CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""The environment variable with which coverage measures child processes."""


def is_measured(item: pytest.Item) -> bool:
    """Return whether coverage measures a test."""
    folder = item.path.relative_to(TESTS).parts[0]
    return folder not in NOT_MEASURED and item.get_closest_marker("unmeasured") is None


@contextmanager
def unmeasured() -> Generator[None]:
    """Pause coverage in this thread, in new threads and in child processes."""
    trace, trace_threads = sys.gettrace(), threading.gettrace()
    settings = os.environ.pop(CHILDREN, None)
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(trace_threads)
        sys.settrace(trace)
        if settings is not None:
            os.environ[CHILDREN] = settings


def measure_imports() -> None:
    """If coverage is measuring, import every module, to count the lines that importing runs.

    Some modules are imported on first use, which may be in a test without coverage.
    """
    if sys.gettrace() is not None:
        for module in walk_packages(interactions_sdk.__path__, f"{interactions_sdk.__name__}."):
            if not module.name.endswith(".__main__"):
                import_module(module.name)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test with its fixtures, with or without coverage."""
    if is_measured(item):
        return (yield)
    with unmeasured():
        return (yield)
