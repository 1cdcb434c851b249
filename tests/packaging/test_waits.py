"""Every wait in the tests has a limit, so no test can hang."""

from __future__ import annotations

import pytest

from scripts.check_waits import main, unlimited_waits

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    "program",
    [
        "thread.join()",
        "process.stdout.readline()",
        "process.communicate()",
        "queue.get()",
        "future.result()",
        "lock.acquire()",
        "async def f():\n    await event.wait()",
        "subprocess.run(['true'], check=True)",
        "listener.accept()",
        "socket.create_connection(address)",
        "with lock:\n    process.wait()",
    ],
)
def test_an_unlimited_wait_is_found(program: str) -> None:
    """Waits for threads, processes, queues, futures, locks, events and sockets are found."""
    assert 1 == len(unlimited_waits(program))


@pytest.mark.parametrize(
    "program",
    [
        "thread.join(5)",
        "queue.get(timeout=5)",
        "', '.join(names)",
        "row.get('subject')",
        "async def f():\n    with anyio.fail_after(5):\n        await event.wait()",
        "subprocess.run(['true'], timeout=5)",
        "listener.settimeout(5)\nlistener.accept()",
        "Account(crm.appwrite).get()",
        "pool.acquire()",
    ],
)
def test_a_limited_wait_passes(program: str) -> None:
    """A limit may be an argument, a context or the socket's timeout."""
    assert [] == unlimited_waits(program)


def test_every_wait_in_the_tests_has_a_limit() -> None:
    """All waits in the tests have a limit."""
    assert 0 == main()


HANGS = """
import threading
import pytest

def wait_for_nobody():
    threading.Event().wait()

@pytest.mark.timeout(1)
def test_that_hangs():
    wait_for_nobody()
"""


def test_a_test_that_hangs_fails_with_its_stack(pytester: pytest.Pytester) -> None:
    """Wherever a test hangs, it fails with its stack."""
    pytester.makepyfile(HANGS)
    ended = pytester.runpytest_inprocess()
    ended.assert_outcomes(failed=1)
    ended.stdout.fnmatch_lines(["*in wait_for_nobody*", "*Timeout*"])


def test_every_test_has_a_limit(request: pytest.FixtureRequest) -> None:
    """The limit is the default in pyproject.toml, or higher for slow tests."""
    assert 0 < float(request.config.getini("timeout")) <= 120
