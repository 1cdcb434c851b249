"""Texts that a spreadsheet would take for formulas, made harmless in a way that can be undone.

What a customer wrote may begin with `=`, and a spreadsheet that opens the file would carry it out
(https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe in front keeps it a text.
"""

from __future__ import annotations

__all__ = ["defused", "undefused"]

_APOSTROPHE = "'"
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠" + _APOSTROPHE)  # noqa: RUF001 - spreadsheets know them, too


def defused(text: str | None) -> str:
    """Write a text as a cell: harmless, and told apart from no text at all.

    Example:
        >>> defused("=1+1"), defused("Renewal"), defused(""), defused(None)
        ("'=1+1", 'Renewal', "'", '')
    """
    if text is None:
        return ""
    return _APOSTROPHE + text if not text or text.startswith(_DANGEROUS) else text


def undefused(cell: str) -> str | None:
    """Return the text that a cell was written from.

    Example:
        >>> undefused("'=1+1"), undefused("Renewal"), undefused("'"), undefused("")
        ('=1+1', 'Renewal', '', None)
    """
    return cell.removeprefix(_APOSTROPHE) if cell else None
