"""What is left of an interaction when its customer's words are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.models.drafts import DESCRIBED_TYPES

if TYPE_CHECKING:
    from interactions_sdk.transfer.archive_rows import StoredRow

__all__ = ["ERASED", "redaction"]

ERASED = "[erased]"
"""What a note or a meeting says instead, since it needs a description."""

_WORDS = (
    "subject",
    "description",
    "nextAction",
    "relatedEntityType",
    "relatedEntityId",
    "metadata",
)
"""The columns that hold what people wrote, or lead to it."""


def redaction(row: StoredRow) -> dict[str, str | None]:
    """Return the columns to change so that no words are left; none where none are.

    Types, times, durations, outcomes and users stay, for reports.

    Example:
        >>> redaction({"interactionType": "note", "description": "Prefers email.", "duration": 5})
        {'description': '[erased]'}
    """
    is_described = row.get("interactionType") in DESCRIBED_TYPES
    instead = dict.fromkeys(_WORDS) | {"description": ERASED if is_described else None}
    return {name: word for name, word in instead.items() if name in row and row[name] != word}
