"""The errors of a create whose id or key was used before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import ConflictError

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan

__all__ = ["another_customers", "deleted", "other_draft"]


def deleted(plan: Plan) -> ConflictError:
    """Return the error of a draft whose interaction was written and is deleted."""
    return _written_before(plan, "and is deleted")


def another_customers(plan: Plan) -> ConflictError:
    """Return the error of a draft whose id or key was used for another customer."""
    return _written_before(plan, "for another customer")


def other_draft(plan: Plan, existing: CustomerInteraction | None = None) -> ConflictError:
    """Return the error of a draft whose id or key was used for another one.

    Args:
        plan: The plan of the draft.
        existing: The interaction that has the id.
    """
    conflict = _written_before(plan, "from another draft")
    if existing is not None and existing.customer_id == plan.write.columns["customerId"]:
        conflict.current = existing
    return conflict


def _written_before(plan: Plan, how: str) -> ConflictError:
    conflict = ConflictError(
        f"Interaction '{plan.interaction_id}' was written before {how}.",
        type="row_already_exists",
        hint="Use another idempotency_key or id for another interaction.",
    )
    conflict.interaction_id = plan.interaction_id
    return conflict
