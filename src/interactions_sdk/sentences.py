"""Texts for people: sentences joined, things counted, long texts cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["count_noun", "end_sentence", "join_sentences", "truncate"]

_ENDS = (".", "!", "?", ":", "…")


def end_sentence(text: str) -> str:
    """Return a text that ends with one full stop.

    Example:
        >>> end_sentence("No space left on device"), end_sentence("Server disconnected.")
        ('No space left on device.', 'Server disconnected.')
    """
    text = text.rstrip()
    return text if not text or text.endswith(_ENDS) else f"{text}."


def join_sentences(*texts: str) -> str:
    """Join texts, ending each but the last with a full stop.

    Example:
        >>> join_sentences('Missing required attribute "name"', "Pass it.", "")
        'Missing required attribute "name". Pass it.'
    """
    *first, last = [text.strip() for text in texts if text.strip()] or [""]
    return " ".join([*map(end_sentence, first), last])


def count_noun(number: float | Decimal, noun: str) -> str:
    """Return a number with its noun, which takes an `s` unless there is exactly one.

    Example:
        >>> count_noun(1, "line"), count_noun(0, "line"), count_noun(2500, "interaction")
        ('1 line', '0 lines', '2,500 interactions')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def truncate(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters; one that is cut ends with an ellipsis.

    Example:
        >>> truncate("Renewal", 7), truncate("Renewal", 4)
        ('Renewal', 'Ren…')
    """
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
