"""Text for a spreadsheet, which takes a cell that begins with `=` for a formula.

An apostrophe in front keeps it a text, and is removed when the file is imported again
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

__all__ = ["escape_formula", "unescape_formula"]

_APOSTROPHE = "'"
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠" + _APOSTROPHE)  # noqa: RUF001 - spreadsheets know them, too


def escape_formula(text: str | None) -> str:
    """Return the cell that shows a text; an empty text and None differ.

    Example:
        >>> escape_formula("=1+1"), escape_formula("Renewal")
        ("'=1+1", 'Renewal')
        >>> escape_formula(""), escape_formula(None)
        ("'", '')
    """
    if text is None:
        return ""
    return _APOSTROPHE + text if not text or text.startswith(_FORMULA_STARTS) else text


def unescape_formula(cell: str) -> str | None:
    """Return the text that a cell was written from.

    Example:
        >>> unescape_formula("'=1+1"), unescape_formula("Renewal")
        ('=1+1', 'Renewal')
        >>> unescape_formula("'"), unescape_formula("")
        ('', None)
    """
    return cell.removeprefix(_APOSTROPHE) if cell else None
