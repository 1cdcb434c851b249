"""Planning the writes that create, change and delete an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.identifiers import id_from_key, new_interaction_id
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.models.recurrence import Recurrence
from interactions_sdk.models.row import column_name
from interactions_sdk.rules.audit_log import change_entry, create_entry, undated_fingerprint
from interactions_sdk.rules.change_details import change_details, with_via
from interactions_sdk.rules.deletions import DELETED, deletion_details
from interactions_sdk.rules.operations import ColumnValue, Operation, Plan, to_column_value
from interactions_sdk.rules.ownership import owner_permissions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate
    from interactions_sdk.settings import Settings

__all__ = [
    "already_has",
    "changed_columns",
    "from_draft_row",
    "plan_change",
    "plan_create",
    "plan_delete",
    "to_row",
    "with_columns",
]

_KEPT_IN_METADATA = {"recurrence", "recurrence_tz"}
_INPUT_ONLY_FIELDS = {"id", "idempotency_key", "occurred_at", "customer_id", *_KEPT_IN_METADATA}
_SYSTEM_FIELDS = {"id", "created_at", "updated_at", "permissions"}


def plan_create(
    settings: Settings,
    draft: InteractionCreate,
    *,
    customer: Customer,
    user_id: str,
    now: datetime,
    performed_by: str | None = None,
) -> Plan:
    """Plan a new interaction and its audit row.

    The customer's user gets the row permissions. `performed_by` is the user who performed the
    interaction, if not the acting user.
    """
    table = settings.interactions_table
    interaction_id = draft.id or (
        id_from_key(table, customer.id, draft.idempotency_key)
        if draft.idempotency_key
        else new_interaction_id(customer.id, now)
    )
    row = _draft_row(settings, draft, customer=customer, user_id=user_id)
    row["userId"] = performed_by or user_id
    write = Operation("create", table, interaction_id, row)
    audit = settings.audit_table and create_entry(
        settings.audit_table,
        interaction_id,
        row,
        action="interaction.created",
        user_id=user_id,
        details=with_via(None, settings.audit_via),
    )
    return Plan(
        interaction_id,
        write,
        audit or None,
        owner_id=customer.user_id,
        has_explicit_id=bool(draft.id or draft.idempotency_key),
    )


def _draft_row(
    settings: Settings, draft: InteractionCreate, *, customer: Customer, user_id: str
) -> dict[str, object]:
    row: dict[str, object] = {
        column_name(name): to_column_value(value)
        for name, value in vars(draft).items()  # iterating over the draft itself takes much longer
        if name not in _INPUT_ONLY_FIELDS and value is not None
    }
    row |= {"customerId": customer.id, "userId": user_id, "createdBy": user_id}
    if draft.recurrence is not None and draft.next_action_date is not None:
        tz = draft.recurrence_tz or settings.time_zone
        series = Recurrence.begin(draft.recurrence, tz, draft.next_action_date)
        row["metadata"] = to_column_value(
            (draft.metadata or InteractionMetadata()).with_recurrence(series)
        )
    if draft.occurred_at is not None:
        row["$createdAt"] = to_column_value(draft.occurred_at)
    if customer.user_id:
        row["$permissions"] = owner_permissions(customer.user_id)
    return row


def to_row(interaction: CustomerInteraction) -> dict[str, object]:
    """Return the row that a create must have written to become this interaction.

    If it has been changed since, the row and its fingerprint are different.
    """
    row: dict[str, object] = {
        column_name(name): to_column_value(value)
        for name, value in interaction
        if name not in _SYSTEM_FIELDS and value is not None
    }
    if interaction.created_at != interaction.updated_at:
        row["$createdAt"] = to_column_value(interaction.created_at)
    return row


def changed_columns(update: InteractionUpdate) -> dict[str, ColumnValue]:
    """Return the columns that an update sets, in Appwrite's format.

    Example:
        >>> from interactions_sdk.models.drafts import InteractionUpdate
        >>> changed_columns(InteractionUpdate(subject=None, duration=5))
        {'subject': None, 'duration': 5}
    """
    return {
        column_name(name): to_column_value(getattr(update, name))
        for name in type(update).model_fields
        if name in update.model_fields_set - _KEPT_IN_METADATA
    }


def plan_change(
    settings: Settings,
    current: CustomerInteraction,
    columns: Mapping[str, ColumnValue],
    *,
    action: str,
    user_id: str,
) -> Plan:
    """Plan a change of an interaction, as it was read, and its audit row."""
    write = Operation("update", settings.interactions_table, current.id, columns)
    audit = settings.audit_table and change_entry(
        settings.audit_table,
        current,
        action=action,
        user_id=user_id,
        details=with_via(
            change_details(current, columns, with_text=settings.audit_text), settings.audit_via
        ),
        before=undated_fingerprint(to_row(current)),
    )
    return Plan(current.id, write, audit or None)


def plan_delete(settings: Settings, current: CustomerInteraction, *, user_id: str) -> Plan:
    """Plan the deletion of an interaction and its audit row."""
    write = Operation("delete", settings.interactions_table, current.id)
    audit = settings.audit_table and change_entry(
        settings.audit_table,
        current,
        action=DELETED,
        user_id=user_id,
        details=with_via(deletion_details(current), settings.audit_via),
    )
    return Plan(current.id, write, audit or None)


def with_columns(
    interaction: CustomerInteraction, columns: Mapping[str, object]
) -> CustomerInteraction:
    """Return an interaction with these columns changed; `updated_at` stays the same."""
    names = {column_name(name): name for name in type(interaction).model_fields}
    system = {
        "$id": interaction.id,
        "$createdAt": format_datetime(interaction.created_at),
        "$updatedAt": format_datetime(interaction.updated_at),
    }
    row = {**system, **columns}
    changed = CustomerInteraction.model_validate(row, by_alias=True, by_name=False)
    fields = [names[column] for column in columns if column in names]
    return interaction.model_copy(update={name: getattr(changed, name) for name in fields})


def from_draft_row(
    interaction_id: str, columns: Mapping[str, object], *, now: datetime
) -> CustomerInteraction:
    """Return the interaction that a create wrote; `now` replaces times that only Appwrite knows."""
    times = dict.fromkeys(("$createdAt", "$updatedAt"), format_datetime(now))
    row = {**times, **columns, "$id": interaction_id}
    return CustomerInteraction.model_validate(row, by_alias=True, by_name=False)


def already_has(interaction: CustomerInteraction, columns: Mapping[str, object]) -> bool:
    """Return whether an interaction already has these values, so nothing needs to be written."""
    names = {column_name(name): name for name in type(interaction).model_fields}
    return all(
        to_column_value(getattr(interaction, names[column])) == value
        for column, value in columns.items()
        if column in names and column != "$permissions"
    )
