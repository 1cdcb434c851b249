"""Text compared as MariaDB's utf8mb4_general_ci compares it.

That collation gives each character one weight: case and accents do not count, trailing spaces
do not count, and everything above the basic plane weighs the same (transcripts `list-equality`,
`row-unicode`). Text whose characters are replaced by their weights can be compared, ordered and
indexed byte by byte, which is what the tables of this server do.
"""

from __future__ import annotations

import unicodedata

_BEYOND_BASIC_PLANE = "\N{REPLACEMENT CHARACTER}"
_LAST_OF_BASIC_PLANE = 0xFFFF

# The collation follows Unicode 3.0, and only on these pages of 256 characters; Python still
# knows Unicode 3.2, which is near enough to leave the short list below.
_PAGES = frozenset({0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x1E, 0x1F, 0x21, 0x24, 0xFF})
_unicode3 = unicodedata.ucd_3_2_0

_EXCEPTIONS = {
    0x00DF: "S",  # sharp s is one s
    0x03F2: "\u03a3",  # lunate sigma is a sigma
    0x0419: "\u0419",  # short i is a letter of its own
    0x0439: "\u0419",
    # Characters and pairs that came after Unicode 3.0 weigh what they are.
    **{
        code: chr(code)
        for code in (
            *(0x019E, 0x03D9, 0x03F4, 0x03F5, 0x048B, 0x04C6, 0x04CA, 0x04CE),
            *range(0x0501, 0x0510, 2),
        )
    },
}


def _weight(code: int) -> str:
    if code > _LAST_OF_BASIC_PLANE:
        return _BEYOND_BASIC_PLANE
    character = chr(code)
    if code >> 8 not in _PAGES or _unicode3.category(character) == "Cn":
        return character
    upper = _base_letter(character).upper()
    is_assigned = len(upper) == 1 and _unicode3.category(upper) != "Cn"
    return upper if is_assigned else character


def _base_letter(character: str) -> str:
    """Take the accents off a letter; anything else stays as it is."""
    parts = _unicode3.decomposition(character).split()
    if len(parts) > 1 and not parts[0].startswith("<"):
        base = chr(int(parts[0], 16))
        if _unicode3.category(base).startswith("L"):
            return _base_letter(base)
    return character


class _Weights(dict[int, str]):
    """The weight of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        weight = self[code] = _weight(code)
        return weight


_weights = _Weights(_EXCEPTIONS)


def fold(text: str) -> str:
    """Replace each character by its weight, as `LIKE` sees the text."""
    return text.upper() if text.isascii() else text.translate(_weights)


def sort_key(text: str) -> str:
    """Give the text that equality and order see: trailing spaces do not count."""
    folded = text.upper() if text.isascii() else text.translate(_weights)
    return folded.rstrip(" ")
