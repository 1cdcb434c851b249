"""Fixtures and options for all tests."""

from __future__ import annotations

import gc
from functools import partialmethod
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded.database.row_cache import StaleRowCache
from tests.folder_times import format_folder_times
from tests.leftovers import nothing_is_left, own_temporary_folder
from tests.measuring import measure_imports, pytest_runtest_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["nothing_is_left", "own_temporary_folder", "pytest_runtest_protocol"]  # of every test

# However slow the machine is: pytest-timeout finds what hangs.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which most users of httpx use."""
    return "asyncio"


@pytest.fixture(scope="session")
def own_jedi_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give jedi a cache for this process; other processes may be writing to the default one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jedi.settings.cache_directory", str(tmp_path_factory.mktemp("jedi")))
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs any test on servers with an outdated row cache."""
    parser.addoption(
        "--stale-cache",
        action="store_true",
        help="start every embedded server with stale_cache=True, as if every row had been read",
    )


@pytest.fixture(scope="session", autouse=True)
def outdated_row_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--stale-cache`, reads by ID return outdated rows after a transaction.

    On a real server, this happens only if the row is read during the commit; here it always
    happens.
    """
    with pytest.MonkeyPatch.context() as patch:
        if request.config.getoption("--stale-cache"):
            start = partialmethod(EmbeddedAppwrite.__init__, stale_cache=True)
            patch.setattr(EmbeddedAppwrite, "__init__", start)
            patch.setattr(StaleRowCache, "was_read", lambda *_: True)
        yield


def pytest_collectstart() -> None:
    """Pause the garbage collector, because objects created during collection stay."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let coverage measure all imports, and the garbage collector ignore existing objects."""
    measure_imports()
    gc.freeze()
    gc.enable()


SLOW_LIMIT = 1200
"""Time limit of a slow test in seconds; others have the `timeout` of pyproject.toml."""


@pytest.hookimpl(tryfirst=True)  # before slow tests are deselected
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark exhaustive tests of generated code as slow, and give slow tests more time."""
    for item in items:
        if "exhaustive" in item.keywords and "_sync" in item.path.parts:
            item.add_marker(pytest.mark.slow)
        if "slow" in item.keywords and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SLOW_LIMIT))


COUNTED = {
    "fault cases": "fault matrix, cases",
    "interleavings": "interleavings",
    "machine operations": "operations of the stateful machine",
}
"""Numbers recorded by tests, and how they are printed at the end."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the numbers of cases, and the time for each folder."""
    parts = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
    ]
    for counted, title in COUNTED.items():
        cases = sum(
            value
            for report in parts
            if report.when == "call"
            for name, value in report.user_properties
            if name == counted and isinstance(value, int)
        )
        if cases:
            terminalreporter.write_line(f"{title}: {cases}")
    if times := format_folder_times(parts):
        terminalreporter.write_line(f"seconds per folder: {times}")
