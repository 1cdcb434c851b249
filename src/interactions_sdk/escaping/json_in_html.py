"""JSON within a page, where `</script>` in a text would end the script."""

from __future__ import annotations

import json

__all__ = ["json_for_html"]

_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'"}


def json_for_html(value: object) -> str:
    r"""Return a value as JSON in ASCII that no HTML parser takes for anything but text.

    It can stand in a `<script>` element or an attribute's value in single quotes, and reads back
    as the same value.

    Example:
        >>> json_for_html({"user": "</script>"})
        '{"user": "\\u003c/script\\u003e"}'
    """
    return json.dumps(value).translate(_ESCAPES)
