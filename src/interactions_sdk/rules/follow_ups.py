"""The changes made by completing, snoozing, cancelling and claiming a follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.datetimes import MAX_DATETIME, format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.enums import Outcome
from interactions_sdk.models.metadata import MAX_METADATA_LENGTH, InteractionMetadata

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import JsonValue

    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue

__all__ = [
    "FOLLOW_UP_FIELD",
    "LEASE_FIELD",
    "TOKEN_DIGITS",
    "can_hold_lease",
    "cancel_columns",
    "claim_columns",
    "complete_columns",
    "is_cancelled",
    "is_completed",
    "is_leased",
    "lease_token",
    "require_open",
    "snooze_columns",
]

FOLLOW_UP_FIELD = "followUp"
"""The custom field with the data for reports."""

LEASE_FIELD = "followUpLease"
"""The custom field with the worker that claimed a reminder, and the end of the lease."""

TOKEN_DIGITS = 16
"""Number of hexadecimal digits of the token by which a worker recognizes its lease."""


def is_completed(interaction: CustomerInteraction) -> bool:
    """Return whether a follow-up has already been completed."""
    was_follow_up = interaction.next_action_date is not None or "completedAt" in _facts(interaction)
    return interaction.outcome == Outcome.RESOLVED and was_follow_up


def is_cancelled(interaction: CustomerInteraction) -> bool:
    """Return whether a follow-up has already been cancelled, which clears its date."""
    return interaction.next_action_date is None and "firstDueAt" in _facts(interaction)


def require_open(interaction: CustomerInteraction, verb: str) -> None:
    """Reject an interaction that is not an open follow-up; the verb is such as `snoozed`.

    Raises:
        BadRequestError: The follow-up is completed, or the interaction has no next action date.
    """
    if interaction.is_open_follow_up:
        return
    reason = (
        "its outcome is 'resolved'. Update its outcome and next_action_date to open it again"
        if interaction.outcome == Outcome.RESOLVED
        else "it has no next_action_date"
    )
    raise BadRequestError(
        f"Interaction '{interaction.id}' cannot be {verb}, because it is not an open follow-up: "
        f"{reason}."
    )


def complete_columns(
    interaction: CustomerInteraction, *, at: datetime, note: str | None, next_id: str | None = None
) -> dict[str, ColumnValue]:
    """Return the columns of a completed follow-up: its outcome becomes `resolved`.

    A follow-up that was completed before keeps the time and the previous outcome. `next_id` is the
    ID of the next follow-up, if it recurs.

    Raises:
        BadRequestError: The note does not fit into the metadata, although the other data does.
    """
    facts: dict[str, JsonValue] = {"completedAt": format_datetime(at)}
    if interaction.outcome == Outcome.RESOLVED:
        facts |= {name: fact for name, fact in _facts(interaction).items() if name in facts}
    elif interaction.outcome is not None:
        facts["previousOutcome"] = str(interaction.outcome)
    if next_id is not None:
        facts["nextId"] = next_id
    kept = _with_follow_up_fields(interaction, facts)
    if note is not None and kept:
        kept = _with_follow_up_fields(interaction, facts | {"note": note})
        if not kept:
            raise BadRequestError(
                f"A note of {len(note)} characters does not fit into the interaction's metadata, "
                f"which has at most {MAX_METADATA_LENGTH}: shorten it, or log it as an interaction."
            )
    return {"outcome": Outcome.RESOLVED.value, **kept}


def snooze_columns(interaction: CustomerInteraction, *, until: datetime) -> dict[str, ColumnValue]:
    """Return the columns of a snoozed follow-up; the first due date is kept."""
    snoozes = _facts(interaction).get("snoozes")
    count = snoozes + 1 if isinstance(snoozes, int) else 1
    return {
        "nextActionDate": format_datetime(until),
        **_with_follow_up_fields(interaction, {"snoozes": count}),
    }


def cancel_columns(interaction: CustomerInteraction) -> dict[str, ColumnValue]:
    """Return the columns of a cancelled follow-up: its date is cleared."""
    return {"nextActionDate": None, **_with_follow_up_fields(interaction, {})}


def claim_columns(
    interaction: CustomerInteraction, *, token: str, until: datetime
) -> dict[str, ColumnValue] | None:
    """Return the columns of a reminder claimed by a worker; None if the lease cannot be stored."""
    metadata = interaction.metadata or InteractionMetadata()
    lease: dict[str, JsonValue] = {"token": token, "until": format_datetime(until)}
    return _metadata_column(metadata.with_custom_field(LEASE_FIELD, lease)) or None


def can_hold_lease(interaction: CustomerInteraction) -> bool:
    """Return whether a lease fits into the metadata."""
    return claim_columns(interaction, token="0" * TOKEN_DIGITS, until=MAX_DATETIME) is not None


def is_leased(interaction: CustomerInteraction, *, at: datetime) -> bool:
    """Return whether a worker has a valid lease on the reminder at this time."""
    until = _custom_field_object(interaction, LEASE_FIELD).get("until")
    return isinstance(until, str) and until > format_datetime(at)


def lease_token(interaction: CustomerInteraction) -> str | None:
    """Return the token of the worker with the current or last lease."""
    token = _custom_field_object(interaction, LEASE_FIELD).get("token")
    return token if isinstance(token, str) else None


def _with_follow_up_fields(
    interaction: CustomerInteraction, new: dict[str, JsonValue]
) -> dict[str, ColumnValue]:
    """Return the metadata column with additional follow-up data; empty if it does not fit."""
    facts = _facts(interaction)
    due = interaction.next_action_date
    if due is not None:
        facts = {"firstDueAt": format_datetime(due), **facts}
    metadata = interaction.metadata or InteractionMetadata()
    return _metadata_column(
        metadata.without_custom_field(LEASE_FIELD).with_custom_field(FOLLOW_UP_FIELD, facts | new)
    )


def _metadata_column(metadata: InteractionMetadata) -> dict[str, ColumnValue]:
    text = metadata.to_wire()
    if metadata.invalid_text is not None or len(text) > MAX_METADATA_LENGTH:
        return {}
    return {"metadata": text}


def _facts(interaction: CustomerInteraction) -> dict[str, JsonValue]:
    """Return the stored follow-up data; a completed follow-up that was reopened starts over."""
    facts = _custom_field_object(interaction, FOLLOW_UP_FIELD)
    is_open_again = "completedAt" in facts and interaction.outcome != Outcome.RESOLVED
    return {} if is_open_again else facts


def _custom_field_object(interaction: CustomerInteraction, name: str) -> dict[str, JsonValue]:
    custom = interaction.metadata.custom_fields if interaction.metadata else {}
    value = custom.get(name)
    return dict(value) if isinstance(value, dict) else {}
