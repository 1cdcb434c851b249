"""Characters that control a display instead of being displayed."""

from __future__ import annotations

import re

__all__ = ["REPLACEMENT", "without_controls"]

REPLACEMENT = "\ufffd"

_PLANES = range(0x10000, 0x110000, 0x10000)
_CONTROLS = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"  # invisible
    "\ud800-\udfff"  # surrogates, which no file can hold
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters, which XML forbids
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in _PLANES)
    + "]"
)
"""Without the joiners U+200C and U+200D, which Persian, Indic scripts and emoji need."""


def without_controls(text: str, *, keep: str = "") -> str:
    r"""Return the text with `\ufffd` in place of each control character.

    These are control characters (escape sequences begin with one), marks that change the direction
    of writing, invisible characters, lone surrogates and noncharacters.

    Args:
        text: The text.
        keep: Characters to leave as they are, such as a line feed.

    Example:
        >>> without_controls("\x1b[2J\u202eRenewal\n", keep="\n")
        '\ufffd[2J\ufffdRenewal\n'
    """
    return _CONTROLS.sub(lambda found: found[0] if found[0] in keep else REPLACEMENT, text)
