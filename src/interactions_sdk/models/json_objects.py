"""Reading JSON objects from untrusted text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_list", "is_object", "parse_object"]


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a value that was read from JSON is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether a value that was read from JSON is a list."""
    return isinstance(value, list)


def parse_object(text: object) -> dict[str, Any]:
    """Return the JSON object of a text; an empty one for anything else.

    Example:
        >>> parse_object('{"a": 1}'), parse_object("[1]"), parse_object("{"), parse_object(None)
        ({'a': 1}, {}, {}, {})
    """
    if not isinstance(text, str):
        return {}
    try:
        parsed: object = from_json(text)
    except ValueError:
        return {}
    return parsed if is_object(parsed) else {}
