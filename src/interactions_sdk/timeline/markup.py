"""HTML that cannot be broken by what it shows: a plain text is escaped wherever it is put."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

__all__ = ["Html", "element", "joined", "link", "safe_url"]

_LINKED_SCHEMES = {"http", "https", ""}
_LAST_CONTROL = 0x20
_DELETE = 0x7F


class Html(str):
    """Markup, as opposed to a plain text."""

    __slots__ = ()


def joined(*parts: str | None) -> Html:
    """Put parts one after the other: markup as it is, plain texts escaped, None left out."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts if part))


def element(name: str, *children: str | None, **attributes: str | None) -> Html:
    """Return an element; a trailing underscore of an attribute's name is dropped.

    Args:
        name: The element's name.
        children: What it holds: markup, plain texts, or None for nothing.
        attributes: Its attributes, with `_` for `-`; those that are None are left out.

    Example:
        >>> element("p", "1 < 2", class_="sum")
        '<p class="sum">1 &lt; 2</p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def link(text: str, url: str | None) -> Html:
    """Return a link, or only the text where the URL is none that may be linked.

    Example:
        >>> link("INV-1", "javascript:alert(1)")
        'INV-1'
    """
    if url is None or not safe_url(url):
        return joined(text)
    return element("a", text, href=url, target="_blank", rel="noopener noreferrer")


def safe_url(url: str) -> bool:
    """Return whether a URL may be linked: http, https and relative ones only.

    Browsers skip control characters within a scheme, so a URL that holds any is refused.
    """
    if any(ord(character) <= _LAST_CONTROL or ord(character) == _DELETE for character in url):
        return False
    try:
        return urlsplit(url).scheme in _LINKED_SCHEMES
    except ValueError:
        return False
