"""Texts that a spreadsheet would take for formulas, made harmless in a way that can be undone.

What a customer wrote may begin with `=`, and a spreadsheet that opens the file would carry it out
(https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe in front keeps it a text.
"""

from __future__ import annotations

__all__ = ["escape_formula", "unescape_formula"]

_APOSTROPHE = "'"
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠" + _APOSTROPHE)  # noqa: RUF001 - spreadsheets know them, too


def escape_formula(text: str | None) -> str:
    """Write a text as a cell: harmless, and distinct from a missing text.

    Example:
        >>> [escape_formula(text) for text in ("=1+1", "Renewal", "", None)]
        ["'=1+1", 'Renewal', "'", '']
    """
    if text is None:
        return ""
    return _APOSTROPHE + text if not text or text.startswith(_DANGEROUS) else text


def unescape_formula(cell: str) -> str | None:
    """Return the text that a cell was written from.

    Example:
        >>> [unescape_formula(cell) for cell in ("'=1+1", "Renewal", "'", "")]
        ['=1+1', 'Renewal', '', None]
    """
    return cell.removeprefix(_APOSTROPHE) if cell else None
