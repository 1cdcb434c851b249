"""Appending sentences to texts from elsewhere, which may end with or without a full stop."""

from __future__ import annotations

__all__ = ["end_sentence", "join_sentences"]

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
