"""An icon for each interaction type; the type is also shown as text."""

from __future__ import annotations

from interactions_sdk.escaping.html import Html, element
from interactions_sdk.models.enums import InteractionType

__all__ = ["icon"]

_PATHS: dict[str, str] = {
    InteractionType.CALL: "M5.2 2.5 3 3.3c-.4 5 4.7 10.1 9.7 9.7l.8-2.2-2.8-1.7"
    "-1.3 1.2C8 9.6 6.4 8 5.7 6.6l1.2-1.3z",
    InteractionType.EMAIL: "M2.5 4h11v8h-11z M2.5 4.5 8 8.7l5.5-4.2",
    InteractionType.MEETING: "M6 7.2a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M2.3 12.8c0-2 1.6-3.5 3.7-3.5"
    "s3.7 1.5 3.7 3.5 M10.3 3.5a2 2 0 0 1 0 3.5 M11.3 9.6c1.4.4 2.4 1.6 2.4 3.2",
    InteractionType.NOTE: "M3.5 2.5h9v7.5l-3.5 3.5h-5.5z M9 13.5V10h3.5 M5.5 5.5h5 M5.5 8h3",
    InteractionType.TASK: "M3 3h10v10H3z M5.3 8.2l2 2 3.5-4.2",
    InteractionType.QUOTE: "M4 2.5h8v11l-2-1.3-2 1.3-2-1.3-2 1.3z M6 5.5h4 M6 8h4",
    InteractionType.PROPOSAL: "M4 2.5h5l3 3v8H4z M9 2.5v3h3 M6 8.5h4 M6 11h4",
    InteractionType.CONTRACT: "M10.7 2.8l2.5 2.5-6.5 6.5-3.2.7.7-3.2z M8 13.5h5.5",
    InteractionType.SUPPORT: "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z"
    " M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M4.1 4.1l2.5 2.5 M9.4 9.4l2.5 2.5"
    " M11.9 4.1 9.4 6.6 M6.6 9.4l-2.5 2.5",
    InteractionType.COMPLAINT: "M8 2.5 14 13H2z M8 6.5V9.5 M8 11.3v.1",
    InteractionType.FEEDBACK: "M2.5 3h11v7.5H8L5 13.3v-2.8H2.5z M5.3 6.8h5.4",
}
_OTHER = "M8 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z"


def icon(interaction_type: str) -> Html:
    """Return the drawing of a type; unknown types share one."""
    path = element("path", d=_PATHS.get(interaction_type, _OTHER))
    return element("svg", path, viewBox="0 0 16 16", aria_hidden="true", focusable="false")
