"""Errors of a create whose ID or key is already in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import ConflictError, DeletedError
from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.rules.audit_log import fingerprint, undated_fingerprint
from interactions_sdk.rules.interactions import to_row
from interactions_sdk.rules.operations import to_column_value

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan

__all__ = [
    "deleted_conflict",
    "different_draft_conflict",
    "given_away_conflict",
    "ownership_conflict",
    "was_changed",
]


def was_changed(row: CustomerInteraction, plan: Plan, written_as: str | None) -> bool:
    """Return whether an interaction of a draft's customer was changed after it was written.

    `written_as` is the fingerprint of the draft it was written from; None without an audit row.
    """
    if row.id != plan.interaction_id or row.customer_id != plan.write.columns["customerId"]:
        return False
    if written_as is None:
        return row.updated_at > row.created_at
    columns = to_row(row)
    dated = {**columns, CREATED_AT: to_column_value(row.created_at)}
    return written_as not in (fingerprint(dated), undated_fingerprint(columns))


def deleted_conflict(plan: Plan) -> ConflictError:
    """Return the error for a draft whose interaction was written and then deleted."""
    return _conflict(plan, "and is deleted", DeletedError)


def ownership_conflict(plan: Plan) -> ConflictError:
    """Return the error for a draft whose ID or key was used for another customer."""
    return _conflict(plan, "for another customer")


def different_draft_conflict(
    plan: Plan, existing: CustomerInteraction | None = None
) -> ConflictError:
    """Return the error for a draft whose ID or key was used for another draft, of `existing`."""
    conflict = _conflict(plan, "from another draft")
    if existing is not None and existing.customer_id == plan.write.columns["customerId"]:
        conflict.current = existing
    return conflict


def given_away_conflict(customer_id: str) -> ConflictError:
    """Return the error for an admin's draft whose customer was given to another user."""
    return ConflictError(
        f"Customer '{customer_id}' was given to another user while this was written.",
        hint="It was undone. Repeat it.",
    )


def _conflict(plan: Plan, reason: str, error: type[ConflictError] = ConflictError) -> ConflictError:
    conflict = error(
        f"Interaction '{plan.interaction_id}' was written before {reason}.",
        type="row_already_exists",
        hint="Use a different idempotency_key or id for a different interaction.",
    )
    conflict.interaction_id = plan.interaction_id
    return conflict
