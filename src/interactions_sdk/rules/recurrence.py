"""Recurring follow-ups: creating the next one, skipping dates, and ending the series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import id_from_key
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.models.follow_up_plan import PLAN_FIELD
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.models.recurrence import Recurrence
from interactions_sdk.rules.follow_ups import FOLLOW_UP_FIELD, LEASE_FIELD

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk.models.drafts import InteractionUpdate
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue
    from interactions_sdk.settings import Settings

__all__ = [
    "next_draft",
    "next_id",
    "recurrence_columns",
    "related_entity",
    "skip_columns",
    "stop_columns",
    "without_next",
]

_CARRIED_OVER = (
    "interaction_type",
    "subject",
    "description",
    "contact_method",
    "direction",
    "next_action",
)


def next_draft(current: CustomerInteraction, *, now: datetime) -> InteractionCreate | None:
    """Return the follow-up after this one; None if this one does not recur or is the last.

    It copies the fields that describe the task, and none of the results. Its key is derived from
    this one and the date, so it is written only once, however often this is repeated.
    """
    series = _series(current)
    following = series.following(now) if series else None
    if following is None:
        return None
    draft = {name: getattr(current, name) for name in _CARRIED_OVER}
    return InteractionCreate.model_validate(
        draft
        | related_entity(current)
        | {
            "idempotency_key": f"{current.id} {following.at.isoformat()}",
            "next_action_date": following.due,
            "metadata": _metadata_of_next(current).with_recurrence(following),
        }
    )


def related_entity(current: CustomerInteraction) -> dict[str, object]:
    """Return the related entity of an interaction, if another interaction can have it too.

    Other programs may have written a type without an ID.
    """
    entity = {name: getattr(current, name) for name in ("related_entity_type", "related_entity_id")}
    return entity if all(entity.values()) else {}


def next_id(
    settings: Settings, current: CustomerInteraction, following: InteractionCreate | None
) -> str | None:
    """Return the ID of the follow-up after this one, if it has a key."""
    if following is None or following.idempotency_key is None:
        return None
    return id_from_key(settings.interactions_table, current.customer_id, following.idempotency_key)


def _series(current: CustomerInteraction) -> Recurrence | None:
    return current.metadata.recurrence if current.metadata else None


def _metadata_of_next(current: CustomerInteraction) -> InteractionMetadata:
    metadata = current.metadata or InteractionMetadata()
    own = metadata.without_custom_field(FOLLOW_UP_FIELD).without_custom_field(LEASE_FIELD)
    of_this_one: dict[str, object] = {"attachments": [], "call_recording_url": None}
    set_here = {name: none for name, none in of_this_one.items() if name in own.model_fields_set}
    return own.model_copy(update=set_here)


def without_next(current: CustomerInteraction) -> CustomerInteraction:
    """Return the interaction without its series and plan, which continue without it."""
    if current.metadata is None:
        return current
    alone = current.metadata.with_recurrence(None).without_custom_field(PLAN_FIELD)
    return current.model_copy(update={"metadata": alone})


def skip_columns(current: CustomerInteraction, *, now: datetime) -> dict[str, ColumnValue]:
    """Return the columns that move a follow-up to its next date.

    Raises:
        BadRequestError: It does not recur, or this is the last date.
    """
    series = _series(current)
    if series is None:
        raise BadRequestError(
            f"Interaction '{current.id}' does not recur, so there is no next date. Use snooze() or "
            "cancel()."
        )
    following = series.following(now)
    if following is None:
        raise BadRequestError(
            f"Interaction '{current.id}' cannot be skipped: it is the last of its series. Use "
            "complete() or cancel()."
        )
    metadata = current.metadata or InteractionMetadata()
    kept = metadata.without_custom_field(FOLLOW_UP_FIELD).without_custom_field(LEASE_FIELD)
    return {
        "nextActionDate": format_datetime(following.due),
        "metadata": kept.with_recurrence(following).to_wire(),
    }


def stop_columns(current: CustomerInteraction) -> dict[str, ColumnValue]:
    """Return the columns that end a series or plan; empty if there is none."""
    alone = without_next(current).metadata
    return {"metadata": alone.to_wire()} if alone is not None and alone != current.metadata else {}


def recurrence_columns(
    settings: Settings, current: CustomerInteraction, update: InteractionUpdate
) -> dict[str, ColumnValue]:
    """Return the metadata column if an update sets a rule or replaces the metadata.

    Replaced metadata keeps the series: changing a tag should not end it.

    Raises:
        BadRequestError: The metadata, which would store the rule, is not valid JSON.
    """
    changed = update.model_fields_set
    if not changed & {"recurrence", "metadata"}:
        return {}
    metadata = update.metadata if "metadata" in changed else current.metadata
    series = _series(current) if "recurrence" not in changed else None
    if update.recurrence is not None and metadata and metadata.invalid_text is not None:
        raise BadRequestError(
            f"The metadata of interaction '{current.id}' is not valid JSON. "
            "Fix it before setting recurrence=."
        )
    due = update.next_action_date or current.next_action_date
    if update.recurrence is not None and due is not None:
        tz = update.recurrence_tz or settings.time_zone
        series = Recurrence.begin(update.recurrence, tz, due)
    if series is None and metadata is None:
        return {}
    return {"metadata": (metadata or InteractionMetadata()).with_recurrence(series).to_wire()}
