"""All log records have structured fields."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import interactions_sdk

SOURCE = Path(interactions_sdk.__file__).parent
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def logged(path: Path) -> list[ast.Call]:
    """Return the calls of `logger` in a file."""
    source = path.read_text(encoding="utf-8")
    if "logger." not in source:  # parsing every file would slow down each run
        return []
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "logger"
        and node.func.attr in LEVELS
    ]


CALLS = {
    f"{path.relative_to(SOURCE).as_posix()}:{call.lineno}": call
    for path in sorted(SOURCE.rglob("*.py"))
    for call in logged(path)
}


@pytest.mark.parametrize("place", CALLS)
def test_a_record_has_its_fields(place: str) -> None:
    """The values in the message are also in `record.interactions_sdk`."""
    [extra] = [each.value for each in CALLS[place].keywords if each.arg == "extra"]

    assert isinstance(extra, ast.Dict)
    [(key, fields)] = zip(extra.keys, extra.values, strict=True)
    assert isinstance(key, ast.Constant)
    assert "interactions_sdk" == key.value
    assert isinstance(fields, ast.Dict)
    assert fields.keys


def test_failures_are_told_alike() -> None:
    """The field `failure` always has the name of the error."""
    for place, call in CALLS.items():
        text = ast.unparse(call)
        assert text.count("type(error).__name__") in {0, 2}, place
