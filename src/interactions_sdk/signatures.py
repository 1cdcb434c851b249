"""Signatures that name every keyword, as `help()`, notebooks and documentation show them."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NOT_GIVEN", "spell_out"]


class _NotGiven:
    def __repr__(self) -> str:
        return "..."


NOT_GIVEN = _NotGiven()
"""Shown as the default of a keyword for which None and "not passed" differ."""

F = TypeVar("F", bound="Callable[..., object]")


def spell_out(keywords: type, *, default: object = NOT_GIVEN) -> Callable[[F], F]:
    """Show the keys of a `TypedDict` in a signature that accepts them as `**keywords`.

    Type checkers understand `Unpack[...]`; `inspect`, and everything based on it, does not.

    Example:
        >>> from typing import TypedDict, Unpack
        >>> class Size(TypedDict, total=False):
        ...     width: int
        >>> @spell_out(Size)
        ... def draw(name: str, **size: Unpack[Size]) -> None: ...
        >>> print(inspect.signature(draw))
        (name: 'str', *, width: 'int' = ...) -> 'None'
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        assert parameters.pop().kind is inspect.Parameter.VAR_KEYWORD  # noqa: S101 - our own functions
        spelled = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=_text(hint)
            )
            for name, hint in keywords.__annotations__.items()
        ]
        function.__signature__ = signature.replace(parameters=[*parameters, *spelled])  # type: ignore[attr-defined]
        return function

    return decorate


def _text(annotation: object) -> object:
    text = getattr(annotation, "__forward_arg__", annotation)
    required = re.fullmatch(r"Required\[(.*)\]", str(text))
    return required[1] if required else text
