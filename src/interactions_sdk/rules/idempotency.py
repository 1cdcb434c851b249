"""Whether an interaction was written from a draft: the same key and draft are a repeat.

The audit row of a create holds the draft's fingerprint. Where there is none (no audit log, or a
process that died before it wrote one), the interaction itself shows it while it is unchanged, and
then the audit row of its first change, which holds the fingerprint of what it changed.
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
    """Return whether an interaction is as this draft would have written it."""
    return was_drafted_as(plan, existing, undated_fingerprint(to_row(existing)))


def was_drafted_as(plan: Plan, existing: CustomerInteraction, fingerprint: str | None) -> bool:
    """Return whether an interaction was written from this draft, by the draft's fingerprint.

    Args:
        plan: The plan of the draft.
        existing: The interaction.
        fingerprint: Of what was written, without its date; None if it is not known.
    """
    is_same = fingerprint == undated_fingerprint(plan.write.columns)
    return is_same and _has_date(plan, existing)


def may_be_changed_draft(plan: Plan, existing: CustomerInteraction) -> bool:
    """Return whether an interaction that differs from a draft may have been changed since.

    Without an audit log nothing says what it was, so the key decides. That an undated interaction
    was never changed is seen by its times.
    """
    is_dated = CREATED_AT in plan.write.columns
    is_changed = existing.updated_at != existing.created_at
    return (is_dated or is_changed) and _has_date(plan, existing)


def _has_date(plan: Plan, existing: CustomerInteraction) -> bool:
    date = plan.write.columns.get(CREATED_AT)
    return date is None or date == to_column_value(existing.created_at)
