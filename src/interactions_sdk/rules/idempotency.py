"""Whether an interaction was written from a draft: the same key and draft are a repeat.

The audit row of a create contains the draft's fingerprint. Without that row (no audit log, or a
process that died before writing it), the interaction itself is compared while it is unchanged;
afterwards, the audit row of its first change contains the fingerprint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.rules.audit_log import undated_fingerprint
from interactions_sdk.rules.interactions import to_row
from interactions_sdk.rules.operations import to_column_value

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan

__all__ = ["is_unchanged_draft", "may_be_changed_draft", "was_drafted_as"]


def is_unchanged_draft(plan: Plan, existing: CustomerInteraction) -> bool:
    """Return whether an interaction is exactly what this draft would write."""
    return was_drafted_as(plan, existing, undated_fingerprint(to_row(existing)))


def was_drafted_as(plan: Plan, existing: CustomerInteraction, fingerprint: str | None) -> bool:
    """Return whether an interaction was written from this draft, by the fingerprint of the writing.

    The fingerprint is without the date, and None if it is unknown.
    """
    is_same = fingerprint == undated_fingerprint(plan.write.columns)
    return is_same and _has_date(plan, existing)


def may_be_changed_draft(plan: Plan, existing: CustomerInteraction) -> bool:
    """Return whether an interaction that differs from a draft may have been written from it.

    Without an audit log, the original content is unknown, so the key decides. The times of an
    undated interaction show whether it was ever changed.
    """
    is_dated = CREATED_AT in plan.write.columns
    is_changed = existing.updated_at != existing.created_at
    return (is_dated or is_changed) and _has_date(plan, existing)


def _has_date(plan: Plan, existing: CustomerInteraction) -> bool:
    date = plan.write.columns.get(CREATED_AT)
    return date is None or date == to_column_value(existing.created_at)
