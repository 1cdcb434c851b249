"""The fields of drafts and changes as keywords, as an alternative to the models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime  # noqa: TC003 - whoever reads the hints resolves them
from typing import Any, Required, TypedDict, TypeVar, cast

from interactions_sdk.arguments import check_type
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate
from interactions_sdk.models.enums import (  # noqa: TC001 - see above
    ContactMethodValue,
    DirectionValue,
    InteractionTypeValue,
    OutcomeValue,
)
from interactions_sdk.models.metadata import InteractionMetadata  # noqa: TC001 - see above

ModelT = TypeVar("ModelT", InteractionCreate, InteractionUpdate)
__all__ = [
    "InteractionChanges",
    "InteractionDetails",
    "InteractionFields",
    "InteractionOptions",
    "draft_from",
    "read_draft",
    "read_update",
]


class InteractionDetails(TypedDict, total=False):
    """Further keywords of the `log_*` methods; see `InteractionCreate`."""

    direction: DirectionValue
    duration: int | None
    outcome: OutcomeValue | None
    next_action: str | None
    next_action_date: datetime | str | None
    related_entity_type: str | None
    related_entity_id: str | None
    metadata: InteractionMetadata | None
    recurrence: str | None
    recurrence_tz: str | None
    customer_id: str | None
    occurred_at: datetime | str | None
    id: str | None
    idempotency_key: str | None


class _Texts(TypedDict, total=False):
    subject: str | None
    description: str | None
    contact_method: ContactMethodValue | None


class InteractionOptions(_Texts, InteractionDetails, total=False):
    """What `InteractionCreate` takes beside the type."""


class _Type(TypedDict):
    interaction_type: Required[InteractionTypeValue]


class InteractionFields(_Type, InteractionOptions, total=False):
    """The keywords of `create`, and the keys of a draft in a dictionary."""


class InteractionChanges(TypedDict, total=False):
    """The keywords of `update`; see `InteractionUpdate`."""

    interaction_type: InteractionTypeValue
    subject: str | None
    description: str | None
    contact_method: ContactMethodValue | None
    direction: DirectionValue
    duration: int | None
    outcome: OutcomeValue | None
    next_action: str | None
    next_action_date: datetime | str | None
    related_entity_type: str | None
    related_entity_id: str | None
    metadata: InteractionMetadata | None
    recurrence: str | None
    recurrence_tz: str | None


def read_draft(draft: object, fields: Mapping[str, Any]) -> InteractionCreate:
    """Return the draft that was given as a model or by its fields.

    Raises:
        BadRequestError: Both were given, or neither.
        ValidationError: The fields break the rules of the schema document.
    """
    if draft is None and not fields:
        raise BadRequestError(
            'Pass what to log: create(interaction_type="call", ...) or create(InteractionCreate('
            "...))."
        )
    example = 'an InteractionCreate or keywords such as interaction_type="call"'
    return _read(InteractionCreate, draft, fields, "draft", example)


def draft_from(value: object, name: str) -> InteractionCreate:
    """Return the draft that was given as a model or as a dictionary of its fields.

    Raises:
        BadRequestError: It is neither.
        ValidationError: The fields break the rules of the schema document.
    """
    if isinstance(value, Mapping):
        return InteractionCreate.model_validate(dict(cast("Mapping[str, object]", value)))
    return check_type(
        value, InteractionCreate, name, "an InteractionCreate or a dict of its fields"
    )


def read_update(update: object, fields: Mapping[str, Any]) -> InteractionUpdate:
    """Return the change that was given as a model or by its fields.

    Raises:
        BadRequestError: Both were given.
        ValidationError: The fields break the rules of the schema document.
    """
    example = 'an InteractionUpdate or keywords such as outcome="successful"'
    return _read(InteractionUpdate, update, fields, "update", example)


def _read(
    model: type[ModelT], value: object, fields: Mapping[str, Any], name: str, expected: str
) -> ModelT:
    if value is None:
        return model.model_validate(fields)
    checked = check_type(value, model, name, expected)
    if fields:
        raise BadRequestError(
            f"Pass an {model.__name__} or keywords, not both: {', '.join(fields)} would be lost."
        )
    return checked
