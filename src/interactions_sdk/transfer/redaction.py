"""Redacting an interaction: removing its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.models.drafts import DESCRIBED_TYPES
from interactions_sdk.models.interaction import TEXT_COLUMNS

if TYPE_CHECKING:
    from interactions_sdk.transfer.archive_rows import StoredRow

__all__ = ["REDACTED_TEXT", "redacted_columns"]

REDACTED_TEXT = "[erased]"
"""The description of a redacted note or meeting, which requires one."""


def redacted_columns(row: StoredRow) -> dict[str, str | None]:
    """Return the columns to change so that no text is left; empty if there is none.

    Types, times, durations, outcomes and users stay, for reports.

    Example:
        >>> row = {"interactionType": "note", "description": "Prefers email.", "duration": 5}
        >>> redacted_columns(row)
        {'description': '[erased]'}
    """
    is_described = row.get("interactionType") in DESCRIBED_TYPES
    instead = dict.fromkeys(TEXT_COLUMNS) | {"description": REDACTED_TEXT if is_described else None}
    return {name: word for name, word in instead.items() if name in row and row[name] != word}
