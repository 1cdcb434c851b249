"""HTML in which plain text is always escaped."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from interactions_sdk.escaping.characters import without_controls

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Html", "element", "escape_html", "joined", "link", "safe_url", "static_page"]

_LINKED_SCHEMES = {"http", "https", ""}
_LAST_CONTROL = 0x20
_DELETE = 0x7F
_TEXT_CONTROLS = "\n\r\t\u200e\u200f\u061c\xad"
"""White space, and what right-to-left text needs without being able to reorder its surroundings."""


class Html(str):
    """Markup, as opposed to a plain text."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the markup unchanged, so that template engines do not escape it again."""
        return str(self)


def escape_html(text: str) -> str:
    r"""Escape a plain text for an element or a quoted attribute value.

    Control characters, which HTML does not allow, become `\ufffd`.

    Example:
        >>> escape_html("<b title='1'>\x00")
        '&lt;b title=&#x27;1&#x27;&gt;\ufffd'
    """
    return escape(without_controls(text, keep=_TEXT_CONTROLS))


def joined(*parts: str | None) -> Html:
    """Join parts: markup unchanged, plain texts escaped, None left out."""
    return Html(
        "".join(part if isinstance(part, Html) else escape_html(part) for part in parts if part)
    )


def element(name: str, *children: str | None, **attributes: str | None) -> Html:
    """Return an element; children and attributes that are None are left out.

    Names of attributes have `_` for `-`, and a trailing one is dropped.

    Example:
        >>> element("p", "1 < 2", class_="sum")
        '<p class="sum">1 &lt; 2</p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape_html(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def link(text: str, url: str | None) -> Html:
    """Return a link, or only the text if the URL must not be linked.

    Example:
        >>> link("INV-1", "javascript:alert(1)")
        'INV-1'
    """
    if url is None or not safe_url(url):
        return joined(text)
    return element("a", text, href=url, target="_blank", rel="noopener noreferrer")


def safe_url(url: str) -> bool:
    """Return whether a URL may be linked: http, https and relative ones only.

    Browsers skip control characters within a scheme, so a URL that contains any is rejected.
    """
    if any(ord(character) <= _LAST_CONTROL or ord(character) == _DELETE for character in url):
        return False
    try:
        return urlsplit(url).scheme in _LINKED_SCHEMES
    except ValueError:
        return False


def static_page(body: Html, *, title: str, style: str, styles: Iterable[str] = ()) -> Html:
    """Return a whole page that runs and loads nothing, whatever its body contains.

    A content security policy in its head enforces this in the browser: no script, no picture, no
    frame, no form, and only these styles: that of the head, and those of the `<style>` elements in
    the body.
    """
    hashes = " ".join(_hash_source(each) for each in (style, *styles))
    policy = f"default-src 'none'; style-src {hashes}; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        element("title", title),
        element("style", Html(style)),
    )
    page = element("html", head, element("body", body), lang="en")
    return joined(Html("<!doctype html>\n"), page)


def _hash_source(style: str) -> str:
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
