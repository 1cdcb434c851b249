"""Finds waits without a limit in the tests, for example for a thread or a process."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"

WAITS = {"communicate", "join", "readline", "result", "wait"}
"""Methods that wait forever if they are called without an argument."""

WAITS_OF = {"acquire": ("lock", "semaphore"), "get": ("queue",)}
"""Methods that do so only for objects with such a name."""

CALLS = {"HTTPConnection", "create_connection", "run"}
"""Functions of `http.client`, `socket` and `subprocess` that need a `timeout`."""

AWAITED_UNDER = ("fail_after", "move_on_after", "timeout", "timeout_at")
"""Contexts that limit the waits in them."""


def unlimited_waits(source: str) -> list[str]:
    """Return the calls of a program that may wait forever, with their lines."""
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


def main() -> int:
    """Print the waits without a limit; return 1 if there are any."""
    found = [
        f"{path.relative_to(TESTS.parent)}, {wait}: give it a limit (see tests/waiting.py)"
        for path in sorted(TESTS.rglob("*.py"))
        if "_sync" not in path.parts  # generated from _async
        for wait in unlimited_waits(path.read_text(encoding="utf-8"))
    ]
    print("\n".join(found) or "All waits have limits.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
