r"""`LIKE`, as MariaDB reads the pattern that Appwrite makes of a value.

Appwrite escapes `%` and `_` of a value but not the backslash, which MariaDB takes as the escape of
the next character: `contains "a\b"` finds `ab`. So a client doubles the backslashes of a value.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from interactions_sdk.embedded.values.collation import fold

Segment: TypeAlias = tuple[str | None, ...]
"""What stands between two `%`: characters, and None for any one character."""


def escape(value: str) -> str:
    """Escape the wildcards of a value, as Appwrite does."""
    return value.replace("%", "\\%").replace("_", "\\_")


def matches(text: str | None, pattern: str) -> bool | None:
    """Return whether a text matches a pattern; of null that is unknown."""
    if text is None:
        return None
    folded = fold(text)
    first, *others = _segments(pattern)
    if not others:
        return len(folded) == len(first) and _is_at(folded, first, 0)
    *inner, last = others
    end = len(folded) - len(last)
    if not _is_at(folded, first, 0) or end < len(first) or not _is_at(folded, last, end):
        return False
    position = len(first)
    for segment in inner:
        # The leftmost place is as good as any: what follows may be anywhere behind it.
        place = _find(folded, segment, position)
        if place < 0:
            return False
        position = place + len(segment)
    return position <= end


@lru_cache(maxsize=256)
def _segments(pattern: str) -> tuple[Segment, ...]:
    segments: list[list[str | None]] = [[]]
    characters = iter(fold(pattern))
    for character in characters:
        match character:
            case "\\":
                segments[-1].append(next(characters, "\\"))  # the last one stands for itself
            case "%":
                segments.append([])
            case "_":
                segments[-1].append(None)
            case _:
                segments[-1].append(character)
    return tuple(map(tuple, segments))


def _find(text: str, segment: Segment, start: int) -> int:
    if None not in segment:
        return text.find("".join(map(str, segment)), start)
    places = range(start, len(text) - len(segment) + 1)
    return next((place for place in places if _is_at(text, segment, place)), -1)


def _is_at(text: str, segment: Segment, place: int) -> bool:
    part = text[place : place + len(segment)]
    return len(part) == len(segment) and all(
        wanted is None or wanted == character
        for wanted, character in zip(segment, part, strict=True)
    )
