"""Text for a terminal, which obeys escape sequences and marks of direction."""

from __future__ import annotations

from interactions_sdk.escaping.characters import without_controls

__all__ = ["for_terminal"]

_BLANKS = str.maketrans("\n\r\t", "   ")


def for_terminal(text: str) -> str:
    r"""Return a text as one line that a terminal shows and does not obey.

    Line ends and tabs become blanks; other control characters, marks of direction and invisible
    characters become `\ufffd`, so that neither colours nor links nor the clipboard can be set.

    Example:
        >>> for_terminal("\x1b]8;;https://evil.example\x07Renewal\n")
        '\ufffd]8;;https://evil.example\ufffdRenewal '
    """
    return without_controls(text.translate(_BLANKS))
