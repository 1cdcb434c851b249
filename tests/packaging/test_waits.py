"""No test can hang: whatever waits for another thread, process or peer has a limit."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = Path(__file__).parents[1]

WAITS = {"communicate", "join", "readline", "result", "wait"}
"""Methods that wait for ever where they are called without an argument."""

WAITS_OF = {"acquire": ("lock", "semaphore"), "get": ("queue",)}
"""Methods that do so only of objects with such a name."""

CALLS = {"HTTPConnection", "create_connection", "run"}
"""Functions of `http.client`, `socket` and `subprocess` that need a `timeout`."""

AWAITED_UNDER = ("fail_after", "move_on_after", "timeout", "timeout_at")
"""Contexts that limit what is awaited in them."""


def unlimited_waits(source: str) -> list[str]:
    """Return the calls of a program that may wait for ever, with their lines."""
    tree = ast.parse(source)
    limited = {
        id(call)
        for block in ast.walk(tree)
        if isinstance(block, (ast.With, ast.AsyncWith)) and _limits(block)
        for call in ast.walk(block)
    }
    return [
        f"line {call.lineno}: {ast.unparse(call)}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and id(call) not in limited
        and _is_unlimited(call, call.func, source)
    ]


def _limits(block: ast.With | ast.AsyncWith) -> bool:
    calls = [item.context_expr for item in block.items if isinstance(item.context_expr, ast.Call)]
    return any(ast.unparse(call.func).rpartition(".")[2] in AWAITED_UNDER for call in calls)


def _is_unlimited(call: ast.Call, method: ast.Attribute, source: str) -> bool:
    if any(keyword.arg == "timeout" for keyword in call.keywords):
        return False
    owner = ast.unparse(method.value)
    if owner in {"http.client", "socket", "subprocess"}:
        return method.attr in CALLS
    if method.attr == "accept":
        return "settimeout(" not in source
    owners = WAITS_OF.get(method.attr, ())
    waits = method.attr in WAITS or any(each in owner.lower() for each in owners)
    return waits and not call.args and not call.keywords


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
    """Of threads, processes, queues, futures, locks, events and sockets."""
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
    """By an argument, a context, or the socket's timeout; and so does what does not wait."""
    assert [] == unlimited_waits(program)


def test_every_wait_in_the_tests_has_a_limit() -> None:
    """A test that would hang fails instead, and says where."""
    found = {
        str(path.relative_to(TESTS)): waits
        for path in sorted(TESTS.rglob("*.py"))
        if "_sync" not in path.parts  # generated from _async
        if (waits := unlimited_waits(path.read_text(encoding="utf-8")))
    }
    assert {} == found


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
    """Not only where the test's own waits have a limit, but wherever it hangs."""
    pytester.makepyfile(HANGS)
    ended = pytester.runpytest_inprocess()
    ended.assert_outcomes(failed=1)
    ended.stdout.fnmatch_lines(["*in wait_for_nobody*", "*Timeout*"])


def test_every_test_has_a_limit(request: pytest.FixtureRequest) -> None:
    """The default of pyproject.toml, or more for slow tests."""
    assert 0 < float(request.config.getini("timeout")) <= 120
