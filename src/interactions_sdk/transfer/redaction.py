"""What is left of an interaction when its customer's words are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.models.drafts import DESCRIBED_TYPES

if TYPE_CHECKING:
    from interactions_sdk.transfer.archive_rows import StoredRow

__all__ = ["REDACTED_TEXT", "redacted_columns"]

REDACTED_TEXT = "[erased]"
"""What a note or a meeting says instead, since it needs a description."""

_TEXT_FIELDS = (
    "subject",
    "description",
    "nextAction",
    "relatedEntityType",
    "relatedEntityId",
    "metadata",
)
"""The columns that hold what people wrote, or lead to it."""


def redacted_columns(row: StoredRow) -> dict[str, str | None]:
    """Return the columns to change so that no words are left; none where none are.

    Types, times, durations, outcomes and users stay, for reports.

    Example:
        >>> row = {"interactionType": "note", "description": "Prefers email.", "duration": 5}
        >>> redacted_columns(row)
        {'description': '[erased]'}
    """
    is_described = row.get("interactionType") in DESCRIBED_TYPES
    instead = dict.fromkeys(_TEXT_FIELDS) | {"description": REDACTED_TEXT if is_described else None}
    return {name: word for name, word in instead.items() if name in row and row[name] != word}
