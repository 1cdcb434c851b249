"""What the package exports is what it lists, and goes by the package's name."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import interactions_sdk


def exported() -> list[str]:
    """Return the names that type checkers see: those that the package imports for them."""
    tree = ast.parse(Path(interactions_sdk.__file__).read_text("utf-8"))
    seen = next(node for node in tree.body if isinstance(node, ast.If))
    return sorted(
        alias.name for node in seen.body if isinstance(node, ast.ImportFrom) for alias in node.names
    )


def in_ruffs_order(name: str) -> tuple[bool, bool, str]:
    """Return the place in a sorted `__all__`: constants, classes, and the rest (RUF022)."""
    return (not name.isupper(), not name[0].isupper(), name)


def test_all_lists_exactly_what_is_exported() -> None:
    """Every public name is listed once, in order, and every listed name is there."""
    listed = [name for name in interactions_sdk.__all__ if name != "__version__"]

    assert sorted(exported(), key=in_ruffs_order) == listed


def test_what_type_checkers_see_is_what_there_is() -> None:
    """The names that are loaded on first use are those that are imported for type checkers."""
    assert exported() == sorted(interactions_sdk._HOME_OF)
    assert set(exported()) <= set(dir(interactions_sdk))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of any other module."""
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        _ = interactions_sdk.nope


@pytest.mark.parametrize("name", exported())
def test_public_objects_go_by_the_package_name(name: str) -> None:
    """Tracebacks and help say `interactions_sdk.X`, whichever file X is written in."""
    value = getattr(interactions_sdk, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert "interactions_sdk" == value.__module__


@pytest.mark.parametrize("name", exported())
def test_public_objects_are_documented(name: str) -> None:
    """Every public class and function has a docstring."""
    value = getattr(interactions_sdk, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert value.__doc__
