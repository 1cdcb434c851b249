"""JSON objects whose numbers keep their written form, such as `1e5`, `007` or twenty digits."""

from __future__ import annotations

import json
import re
from typing import Self, cast

__all__ = ["WrittenFloat", "WrittenInt", "read_object"]

_STRING_OR_ZEROS = re.compile(
    r'("(?:[^"\\]|\\.)*"?)|(?<![\w.+-])(-?0\d+(?:\.\d+)?)(?![\w.+-])', re.DOTALL
)
"""A string also matches without its end: looking for the end again and again is quadratic."""


class WrittenInt(int):
    """An integer that keeps its written form."""

    written: str

    def __new__(cls, text: str) -> Self:
        """Return the number of a text."""
        number = super().__new__(cls, text)
        number.written = text
        return number


class WrittenFloat(float):
    """A number that keeps its written form."""

    written: str

    def __new__(cls, text: str) -> Self:
        """Return the number of a text."""
        number = super().__new__(cls, text)
        number.written = text
        return number


_decode = json.JSONDecoder(parse_int=WrittenInt, parse_float=WrittenFloat).decode


def read_object(text: str) -> dict[str, object]:
    """Return the object of a line of JSON.

    A number with leading zeros is not JSON and becomes text, because it is a phone number or the
    like. `NaN` and `Infinity` become numbers, which no column of text takes.

    Raises:
        ValueError: It is not an object.

    Example:
        >>> read_object('{"phone": 007, "n": 1e5}')["phone"]
        '007'
    """
    try:
        found = _decode(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        quoted = _STRING_OR_ZEROS.sub(lambda match: match[1] or f'"{match[2]}"', text)
        if quoted == text:
            raise ValueError(f"{error.msg} at character {error.pos + 1}") from error
        return read_object(quoted)
    if not isinstance(found, dict):
        raise ValueError(f"it is a {type(found).__name__}")  # noqa: TRY004 - the file's mistake
    return cast("dict[str, object]", found)
