"""Errors of a create whose ID or key is already in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import ConflictError, DeletedError
from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.rules.audit_log import fingerprint
from interactions_sdk.rules.interactions import to_row
from interactions_sdk.rules.operations import to_column_value

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan

__all__ = [
    "deleted_conflict",
    "different_draft_conflict",
    "given_away_conflict",
    "holds_draft",
    "ownership_conflict",
    "was_changed",
]


def holds_draft(row: CustomerInteraction, plan: Plan) -> bool:
    """Return whether an interaction is equal to a draft, whoever wrote it."""
    is_dated = CREATED_AT in plan.write.columns
    return row.id == plan.interaction_id and fingerprint(plan.write.columns) == _fingerprint_now(
        row, is_dated=is_dated
    )


def was_changed(row: CustomerInteraction, plan: Plan, written_as: str | None) -> bool:
    """Return whether an interaction of a draft's customer was changed after it was written.

    Args:
        row: The interaction as it is.
        plan: The plan of the draft.
        written_as: The fingerprint of the draft it was written from; None without an audit row.
    """
    if row.id != plan.interaction_id or row.customer_id != plan.write.columns["customerId"]:
        return False
    if written_as is None:
        return row.updated_at > row.created_at
    return all(written_as != _fingerprint_now(row, is_dated=dated) for dated in (True, False))


def _fingerprint_now(row: CustomerInteraction, *, is_dated: bool) -> str:
    columns = {name: value for name, value in to_row(row).items() if name != CREATED_AT}
    if is_dated:
        columns[CREATED_AT] = to_column_value(row.created_at)
    return fingerprint(columns)


def deleted_conflict(plan: Plan) -> ConflictError:
    """Return the error for a draft whose interaction was written and then deleted."""
    return _conflict(plan, "and is deleted", DeletedError)


def ownership_conflict(plan: Plan) -> ConflictError:
    """Return the error for a draft whose ID or key was used for another customer."""
    return _conflict(plan, "for another customer")


def different_draft_conflict(
    plan: Plan, existing: CustomerInteraction | None = None
) -> ConflictError:
    """Return the error for a draft whose ID or key was used for another draft.

    Args:
        plan: The plan of the draft.
        existing: The interaction with this ID.
    """
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
