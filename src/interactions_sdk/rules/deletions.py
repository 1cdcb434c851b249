"""What a watch reports about a deletion from its audit row, which contains no text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.json_objects import is_object, parse_object
from interactions_sdk.models.row import column_name
from interactions_sdk.rules.operations import to_column_value

if TYPE_CHECKING:
    from interactions_sdk.models.audit import AuditEntry

__all__ = ["ARCHIVED", "DELETED", "DELETIONS", "ERASED", "deletion_details", "parse_deletion"]

DELETED, ARCHIVED, ERASED = "interaction.deleted", "interaction.archived", "interaction.erased"
DELETIONS = (DELETED, ARCHIVED, ERASED)
"""The actions after which an interaction no longer exists."""

_RECORDED_FIELDS = (
    *("created_at", "updated_at", "interaction_type", "user_id"),
    *("contact_method", "direction", "outcome"),
)


def deletion_details(interaction: CustomerInteraction) -> str:
    """Return the details of the audit row: the fields that filters compare, and no text."""
    facts = {
        column_name(name): to_column_value(getattr(interaction, name)) for name in _RECORDED_FIELDS
    }
    return json.dumps({"deleted": facts}, ensure_ascii=False)


def parse_deletion(entry: AuditEntry) -> tuple[CustomerInteraction, frozenset[str]]:
    """Return a deleted interaction as far as it is known, and the fields that are not known.

    The audit rows of other programs, and of erasures, have only IDs.
    """
    facts = _details(entry)
    time = entry.created_at.isoformat()
    row = {
        "$createdAt": time,
        "$updatedAt": time,
        **facts,
        "$id": entry.entity_id,
        "customerId": entry.customer_id or "",
    }
    interaction = CustomerInteraction.model_validate(row, by_alias=True, by_name=False)
    known = {name for name in _RECORDED_FIELDS if column_name(name) in facts}
    unknown = CustomerInteraction.model_fields.keys() - known - {"id", "customer_id"}
    return interaction, frozenset(unknown)


def _details(entry: AuditEntry) -> dict[str, object]:
    """Return the recorded columns, if the times are valid; other programs may write anything."""
    facts = parse_object(entry.details).get("deleted")
    if not is_object(facts):
        return {}
    try:
        CustomerInteraction.model_validate({**facts, "$id": ""}, by_alias=True, by_name=False)
    except ValueError:
        return {}
    return facts
