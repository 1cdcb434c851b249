"""Audit rows: who did what to which interaction."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.identifiers import CREATED, audit_row_id, new_row_id
from interactions_sdk.models.json_objects import is_object
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
"""The action of entries that only this library uses, and that record no write."""
REFUSED_ACTION = "interaction.refused"

_NON_DRAFT_COLUMNS = {"$permissions", "userId", "createdBy"}


def fingerprint(row: Mapping[str, object]) -> str:
    """Return the hash by which a draft is recognized, whoever sends it."""
    draft = {name: value for name, value in row.items() if name not in _NON_DRAFT_COLUMNS}
    if "metadata" not in draft:
        return _digest(draft)
    try:
        metadata = _without_lease(json.loads(str(draft.pop("metadata"))))
        return _digest(draft if metadata == {} else {**draft, "metadata": metadata})
    except (ValueError, RecursionError):  # other programs write any text there
        return _digest({**draft, "metadata": row["metadata"]})


def undated_fingerprint(row: Mapping[str, object]) -> str:
    """Return the fingerprint of a row without its date, which is optional in a draft."""
    return fingerprint({name: value for name, value in row.items() if name != CREATED_AT})


def _without_lease(metadata: object) -> object:
    """Return metadata without the lease that a claim stored in it."""
    custom = metadata.get("customFields") if is_object(metadata) else None
    if not is_object(metadata) or not is_object(custom) or LEASE_FIELD not in custom:
        return metadata
    others = {name: value for name, value in custom.items() if name != LEASE_FIELD}
    rest = {name: value for name, value in metadata.items() if name != "customFields"}
    return {**rest, "customFields": others} if others else rest


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _digest(draft: Mapping[str, object]) -> str:
    return hashlib.sha256(_encode(draft).encode()).hexdigest()


def create_entry(
    table: str,
    interaction_id: str,
    row: Mapping[str, object],
    *,
    action: str,
    user_id: str,
    details: str | None = None,
) -> Operation:
    """Plan the audit row of a create: one per interaction, however often the create is repeated."""
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
    """Plan the audit row whose ID identifies a user's repeated draft.

    A user cannot read the audit row of a create, whose fingerprint distinguishes its draft from
    others. The ID of this row is derived from the fingerprint, and a user can find out whether an
    ID is taken. Without an audit log, there is no row.
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

    Its ID is derived from the state that the change is based on, so only one of two changes to the
    same state is written. `before` is the fingerprint of the interaction as it was read, without
    its date; for the first change, this is the fingerprint of its draft.
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
    """Plan the change to a create's audit row that marks it as refused after it was written."""
    data = {
        "action": REFUSED_ACTION,
        "userId": user_id,
        "details": json.dumps({"tried": "create", "undone": True}),
    }
    return Operation("update", table, audit_row_id(interaction_id, CREATED), data)


def refusal_entry(
    table: str, *, action: str, user_id: str, entity_id: str, now: datetime
) -> Operation:
    """Plan the audit row of a write to an interaction or a customer that was refused."""
    data = {
        "action": REFUSED_ACTION,
        "userId": user_id,
        "entityId": entity_id,
        "details": json.dumps({"tried": action}),
    }
    return Operation("create", table, new_row_id(now), data)
