"""The examples in docstrings of src print what they show.

Doctest's own search, which pytest's `--doctest-modules` also uses, inspects objects, and public
ones have the package as their module; so docstrings are read from the files.
"""

from __future__ import annotations

import ast
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, DocTest, DocTestParser, DocTestRunner
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).resolve().parents[2] / "src"
AWAITING = SOURCE / "interactions_sdk" / "_async"
"""Its examples use a top-level `await`, which doctest does not support; `_sync` is tested."""

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def examples() -> Iterator[DocTest]:
    """Return the tests of all docstrings with an example, without the names of their modules."""
    for path in sorted(SOURCE.rglob("*.py")):
        if AWAITING not in path.parents:
            yield from examples_of(path)


def examples_of(path: Path) -> Iterator[DocTest]:
    """Return the tests of the docstrings with an example in one file."""
    source = path.read_text(encoding="utf-8")
    if ">>>" not in source:  # parsing every file would slow down each run
        return
    module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, Documented) or (docstring := ast.get_docstring(node)) is None:
            continue
        name = f"{module}:{getattr(node, 'name', '')}"
        line = node.body[0].lineno - 1
        example = DocTestParser().get_doctest(docstring, {}, name, str(path), line)
        if example.examples:
            yield example


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.name)
def test_an_example_prints_what_it_says(example: DocTest) -> None:
    """An example runs with the names of its module."""
    example.globs.update(vars(import_module(example.name.partition(":")[0])))
    said: list[str] = []

    ran = DocTestRunner(optionflags=ELLIPSIS | NORMALIZE_WHITESPACE).run(example, out=said.append)

    assert 0 == ran.failed, "".join(said)
