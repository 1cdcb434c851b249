"""Errors of a create whose ID or key is already in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import ConflictError

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan

__all__ = ["deleted_conflict", "different_draft_conflict", "ownership_conflict"]


def deleted_conflict(plan: Plan) -> ConflictError:
    """Return the error of a draft whose interaction was written and is deleted."""
    return _conflict(plan, "and is deleted")


def ownership_conflict(plan: Plan) -> ConflictError:
    """Return the error of a draft whose id or key was used for another customer."""
    return _conflict(plan, "for another customer")


def different_draft_conflict(
    plan: Plan, existing: CustomerInteraction | None = None
) -> ConflictError:
    """Return the error of a draft whose id or key was used for another one.

    Args:
        plan: The plan of the draft.
        existing: The interaction that has the id.
    """
    conflict = _conflict(plan, "from another draft")
    if existing is not None and existing.customer_id == plan.write.columns["customerId"]:
        conflict.current = existing
    return conflict


def _conflict(plan: Plan, reason: str) -> ConflictError:
    conflict = ConflictError(
        f"Interaction '{plan.interaction_id}' was written before {reason}.",
        type="row_already_exists",
        hint="Use another idempotency_key or id for another interaction.",
    )
    conflict.interaction_id = plan.interaction_id
    return conflict
