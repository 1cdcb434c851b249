"""`search`, as MariaDB's full-text index answers it in boolean mode.

The words of the search are alternatives, the last one (or the only one) may be the beginning of
a word, and a search in double quotes is a phrase (transcript `list-text`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from interactions_sdk.embedded.values.collation import fold

_WORD = re.compile(r"\w+")
_MIN_INDEXED_LENGTH = 3
_OPERATORS = str.maketrans(dict.fromkeys('@+-*)(<>~"', " "))
"""Appwrite replaces these by spaces."""


def matches(text: str | None, search: str) -> bool:
    """Return whether a text answers to a search; null answers to none."""
    if text is None:
        return False
    words = [word for word in _WORD.findall(fold(text)) if len(word) >= _MIN_INDEXED_LENGTH]
    exact, wanted = _parse_terms(search)
    if exact:
        count = len(wanted)
        return count > 0 and any(
            tuple(words[start : start + count]) == wanted for start in range(len(words))
        )
    *whole, beginning = wanted or ("",)
    if not beginning:
        return False
    return any(word.startswith(beginning) or word in whole for word in words)


def is_syntax_error(search: str) -> bool:
    """Return whether MariaDB refuses a search.

    Appwrite puts a `*` behind the last word, and `%` is not a word that could have one.
    """
    rest = search.translate(_OPERATORS)
    return "%" in rest and not rest.replace("%", " ").strip()


@lru_cache(maxsize=256)
def _parse_terms(search: str) -> tuple[bool, tuple[str, ...]]:
    exact = search.startswith('"') and search.endswith('"')
    return exact, tuple(_WORD.findall(fold(search)))
