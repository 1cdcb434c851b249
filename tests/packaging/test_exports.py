"""The package exports the names that it lists, as names of the package."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import interactions_sdk


def exported() -> list[str]:
    """Return the names that the package imports for type checkers."""
    tree = ast.parse(Path(interactions_sdk.__file__).read_text("utf-8"))
    seen = next(node for node in tree.body if isinstance(node, ast.If))
    return sorted(
        alias.name for node in seen.body if isinstance(node, ast.ImportFrom) for alias in node.names
    )


def in_ruffs_order(name: str) -> tuple[bool, bool, str]:
    """Return the sort key of a name in `__all__`: constants, classes, and the rest (RUF022)."""
    return (not name.isupper(), not name[0].isupper(), name)


def test_all_lists_exactly_what_is_exported() -> None:
    """Every public name is listed once, in order, and every listed name exists."""
    listed = [name for name in interactions_sdk.__all__ if name != "__version__"]

    assert sorted(exported(), key=in_ruffs_order) == listed


def test_what_type_checkers_see_is_what_there_is() -> None:
    """Names that are loaded on first use are also imported for type checkers."""
    assert exported() == sorted(interactions_sdk._HOME_OF)
    assert set(exported()) <= set(dir(interactions_sdk))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Unknown names raise an `AttributeError`, as in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        _ = interactions_sdk.nope


@pytest.mark.parametrize("name", exported())
def test_public_objects_go_by_the_package_name(name: str) -> None:
    """Tracebacks and help show `interactions_sdk.X`, not the module that defines X."""
    value = getattr(interactions_sdk, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert "interactions_sdk" == value.__module__


@pytest.mark.parametrize("name", exported())
def test_public_objects_are_documented(name: str) -> None:
    """Every public class and function has a docstring."""
    value = getattr(interactions_sdk, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert value.__doc__
