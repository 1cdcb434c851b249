"""Audit rows: who did what to which interaction."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, cast

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.identifiers import CREATED, audit_row_id, new_row_id
from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.rules.follow_ups import LEASE_FIELD
from interactions_sdk.rules.operations import Operation, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = [
    "CREATED_ACTION",
    "DRAFTED_ACTION",
    "MARKER_ACTIONS",
    "REFUSED_ACTION",
    "change_entry",
    "create_entry",
    "draft_marker_entry",
    "fingerprint",
    "refusal_entry",
    "refusal_of_create",
    "undated_fingerprint",
]

CREATED_ACTION = "interaction.created"
DRAFTED_ACTION = "interaction.drafted"
REFUSED_ACTION = "interaction.refused"

MARKER_ACTIONS = frozenset({DRAFTED_ACTION})
"""What is in the log for this library alone: nothing was done then."""

_NON_DRAFT_COLUMNS = {"$permissions", "userId", "createdBy"}


def fingerprint(row: Mapping[str, object]) -> str:
    """Return the hash by which a draft is known again, whoever sends it."""
    draft = {name: value for name, value in row.items() if name not in _NON_DRAFT_COLUMNS}
    try:
        metadata = _without_lease(json.loads(str(draft.pop("metadata"))))
        text = _sort_keys(draft if metadata == {} else {**draft, "metadata": metadata})
    except (KeyError, ValueError, RecursionError):  # others write any text into that column
        text = _sort_keys({**draft, "metadata": row["metadata"]} if "metadata" in row else draft)
    return hashlib.sha256(text.encode()).hexdigest()


def undated_fingerprint(row: Mapping[str, object]) -> str:
    """Return the fingerprint of a row without its date, which a draft may have or not."""
    return fingerprint({name: value for name, value in row.items() if name != CREATED_AT})


def _without_lease(metadata: object) -> object:
    """Return metadata without the lease that a claim has noted in it."""
    if not isinstance(metadata, dict):
        return metadata
    fields = cast("dict[str, object]", metadata)
    custom = fields.get("customFields")
    if not isinstance(custom, dict) or LEASE_FIELD not in custom:
        return fields
    others = {
        name: value
        for name, value in cast("dict[str, object]", custom).items()
        if name != LEASE_FIELD
    }
    rest = {name: value for name, value in fields.items() if name != "customFields"}
    return {**rest, "customFields": others} if others else rest


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _sort_keys(draft: Mapping[str, object]) -> str:
    return _encode(draft)


def create_entry(
    table: str,
    interaction_id: str,
    row: Mapping[str, object],
    *,
    action: str,
    user_id: str,
    details: str | None = None,
) -> Operation:
    """Plan the audit row of a create: one for an interaction, however often it is tried."""
    data = {
        "action": action,
        "userId": user_id,
        "entityId": interaction_id,
        "customerId": row["customerId"],
        "fingerprint": fingerprint(row),
    }
    if details is not None:
        data["details"] = details
    return Operation("create", table, audit_row_id(interaction_id, CREATED), data)


def draft_marker_entry(create: Plan) -> list[Operation]:
    """Plan the audit row by whose id a user's repeated draft is known again.

    A user cannot read the audit row of a create, whose fingerprint distinguishes its draft from
    another one. The ID of this one follows from the fingerprint, and a user can find out whether
    an ID is taken.

    Args:
        create: The plan of a create.

    Returns:
        The row; none where no audit log is kept.
    """
    if create.audit is None:
        return []
    data = {**create.audit.columns, "action": DRAFTED_ACTION}
    row_id = audit_row_id(create.interaction_id, str(data["fingerprint"]))
    return [Operation("create", create.audit.table, row_id, data)]


def change_entry(
    table: str,
    current: CustomerInteraction,
    *,
    action: str,
    user_id: str,
    details: str | None = None,
    before: str | None = None,
) -> Operation:
    """Plan the audit row of a change or a delete.

    Its id follows from the state that the change builds on, so of two changes of the same state
    only one is written.

    Args:
        table: The audit table.
        current: The interaction as it was read.
        action: What is done with it.
        user_id: The acting user.
        details: More about it, as JSON.
        before: The fingerprint of the interaction as it was read, without its date: of the first
            change, that of the draft it was created from.
    """
    data = {
        "action": action,
        "userId": user_id,
        "entityId": current.id,
        "customerId": current.customer_id,
        "fingerprint": before,
        "details": details,
    }
    row_id = audit_row_id(current.id, format_datetime(current.updated_at))
    return Operation("create", table, row_id, data)


def refusal_of_create(table: str, interaction_id: str, *, user_id: str) -> Operation:
    """Plan the change of a create's audit row: it was refused after it was written."""
    data = {
        "action": REFUSED_ACTION,
        "userId": user_id,
        "details": json.dumps({"tried": "create", "undone": True}),
    }
    return Operation("update", table, audit_row_id(interaction_id, CREATED), data)


def refusal_entry(
    table: str, *, action: str, user_id: str, entity_id: str, now: datetime
) -> Operation:
    """Plan the audit row of a write that was refused.

    Args:
        table: The audit table.
        action: What was tried, such as `update`.
        user_id: Who tried it.
        entity_id: The interaction, or the customer, that it was about.
        now: The present.
    """
    data = {
        "action": REFUSED_ACTION,
        "userId": user_id,
        "entityId": entity_id,
        "details": json.dumps({"tried": action}),
    }
    return Operation("create", table, new_row_id(now), data)
