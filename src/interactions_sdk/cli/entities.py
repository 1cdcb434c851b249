"""Related entities as people type them: `invoice:4711`."""

from __future__ import annotations

from interactions_sdk.cli.usage import UsageError

__all__ = ["parse_entity", "parse_entity_filter"]


def parse_entity(text: str | None) -> tuple[str, str] | tuple[None, None]:
    """Read the type and the ID of a related entity.

    Raises:
        UsageError: `text` is not a type and an ID.

    Example:
        >>> parse_entity("invoice:4711")
        ('invoice', '4711')
    """
    return (None, None) if text is None else _split(text)


def parse_entity_filter(text: str | None) -> str | tuple[str, str] | None:
    """Read a type, or a type and an ID, to filter by.

    Raises:
        UsageError: `text` has a colon, but not a type before it and an ID after it.

    Example:
        >>> parse_entity_filter("invoice"), parse_entity_filter("invoice:4711")
        ('invoice', ('invoice', '4711'))
    """
    if text is None or (text and ":" not in text):
        return text
    return _split(text)


def _split(text: str) -> tuple[str, str]:
    kind, _, id = text.partition(":")
    if not (kind and id):
        raise UsageError(f"--about must be TYPE:ID, e.g. invoice:4711, not {text!r}.")
    return kind, id
