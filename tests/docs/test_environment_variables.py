"""The page of environment variables lists every variable that the project reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.docs.sessions import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (ROOT / "docs/reference/environment-variables.md").read_text(encoding="utf-8")
FOLDERS = ("benchmarks", "docs", "examples", "scripts", "src", "tests")
ENVIRONMENT = "os.environ"


def variables_read(source: str) -> set[str]:
    """Return the names of the environment variables that a program reads.

    A name that is not a literal is returned as its expression.
    """
    return set(_reads(ast.parse(source)))


def _reads(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == ENVIRONMENT:
            if isinstance(node.ctx, ast.Load):
                yield _name(node.slice)
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[-1]) == ENVIRONMENT:
            yield _name(node.left)
        elif isinstance(node, ast.Call):
            if ast.unparse(node.func) in {f"{ENVIRONMENT}.get", "os.getenv"}:
                yield _name(node.args[0])
            yield from (_name(each.value) for each in node.keywords if each.arg == "envvar")


def _name(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


@pytest.mark.parametrize(
    "program",
    [
        "os.environ['A_NAME']",
        "os.environ.get('A_NAME', '')",
        "os.getenv('A_NAME')",
        "'A_NAME' in os.environ",
        "'A_NAME' not in os.environ",
        "typer.Option(envvar='A_NAME')",
    ],
)
def test_a_read_is_found(program: str) -> None:
    """All ways to read a variable are recognized."""
    assert {"A_NAME"} == variables_read(program)


def test_a_write_is_no_read() -> None:
    """Variables that a program sets for others are not listed."""
    assert set() == variables_read("os.environ['A_NAME'] = 'x'\ndel os.environ['A_NAME']")


def test_every_variable_that_is_read_is_on_the_page() -> None:
    """Every variable that is read is on the page."""
    read = {
        name: str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for name in variables_read(path.read_text(encoding="utf-8"))
    }
    assert {} == {name: where for name, where in read.items() if f"`{name}`" not in PAGE}
