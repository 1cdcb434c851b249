"""Joining sentences of this library to texts of others, whose end is not known."""

from __future__ import annotations

__all__ = ["end_sentence", "join_sentences"]

_ENDS = (".", "!", "?", ":", "…")


def end_sentence(text: str) -> str:
    """Return a text that ends as a sentence does, with one full stop.

    Example:
        >>> end_sentence("No space left on device"), end_sentence("Server disconnected.")
        ('No space left on device.', 'Server disconnected.')
    """
    text = text.rstrip()
    return text if not text or text.endswith(_ENDS) else f"{text}."


def join_sentences(*texts: str) -> str:
    """Return texts as one, in which each but the last ends as a sentence does.

    Example:
        >>> join_sentences('Missing required attribute "name"', "Pass it.", "")
        'Missing required attribute "name". Pass it.'
    """
    *first, last = [text.strip() for text in texts if text.strip()] or [""]
    return " ".join([*map(end_sentence, first), last])
