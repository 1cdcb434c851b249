"""Drafts of new interactions and of changes. They are validated strictly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Self, Unpack

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from interactions_sdk.calendars import get_timezone
from interactions_sdk.datetimes import is_supported, truncate_to_milliseconds, utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.enums import (
    ContactMethod,
    ContactMethodValue,
    Direction,
    DirectionValue,
    InteractionType,
    InteractionTypeValue,
    OutcomeValue,
)
from interactions_sdk.models.metadata import MAX_METADATA_LENGTH, InteractionMetadata
from interactions_sdk.models.recurrence import Recurrence, check_rule
from interactions_sdk.models.suggestions import SuggestingModel
from interactions_sdk.signatures import NOT_GIVEN

if TYPE_CHECKING:
    from interactions_sdk.models.draft_fields import InteractionOptions
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = [
    "DESCRIBED_TYPES",
    "IMPORTED",
    "InteractionCreate",
    "InteractionUpdate",
    "late_next_action",
    "validate_update",
]

IMPORTED: dict[str, bool] = {"imported": True}
"""The validation context for drafts from another system, whose follow-ups may be overdue."""

DESCRIBED_TYPES = frozenset({InteractionType.NOTE, InteractionType.MEETING})
"""The types for which the schema document requires a description."""


CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far `occurred_at` may be in the future, because clocks differ."""


def _reject_numbers(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and ":" in value):
        return value
    raise PydanticCustomError(
        "datetime_type", "Use a datetime with a time zone, or ISO 8601 text with one"
    )


def _in_supported_range(value: datetime) -> datetime:
    if not is_supported(value):
        raise PydanticCustomError(
            "datetime_range", "Dates must be in the years 1000 to 9999, in UTC"
        )
    return truncate_to_milliseconds(value)


def _not_in_the_future(value: datetime) -> datetime:
    if value > utc_now() + CLOCK_TOLERANCE:
        raise PydanticCustomError(
            "in_the_future",
            "An interaction is logged after it has happened, but {date} is in the future. Use"
            " next_action_date for planned actions",
            {"date": value.isoformat()},
        )
    return value


def _max_length(value: InteractionMetadata) -> InteractionMetadata:
    text = value.to_wire()
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError(
            "not_json", "Metadata must be valid JSON: {reason}", {"reason": error.reason}
        ) from error
    length = len(text)
    if length > MAX_METADATA_LENGTH:
        raise PydanticCustomError(
            "metadata_too_long",
            "Metadata should have at most {limit} characters as JSON, not {length}",
            {"limit": MAX_METADATA_LENGTH, "length": length},
        )
    return value


def _without_nul(value: str) -> str:
    """Reject a NUL character, because PostgreSQL would cut the text off there."""
    if "\0" in value:
        raise _NUL
    return value


_NUL = PydanticCustomError(
    "nul_character", "A text must not contain a NUL character, which some databases cannot store"
)


def _known_zone(value: str) -> str:
    try:
        get_timezone(value)
    except BadRequestError as error:
        raise PydanticCustomError("time_zone", "{message}", {"message": str(error)}) from error
    return value


AwareDatetimeMs = Annotated[
    AwareDatetime, BeforeValidator(_reject_numbers), AfterValidator(_in_supported_range)
]
_WithoutNul = AfterValidator(_without_nul)
Subject = Annotated[str, Field(max_length=200), _WithoutNul]
Description = Annotated[str, Field(max_length=5000), _WithoutNul]
DurationMinutes = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
NextAction = Annotated[str, Field(max_length=500), _WithoutNul]
EntityType = Annotated[str, Field(min_length=1, max_length=50), _WithoutNul]
EntityId = Annotated[str, Field(min_length=1, max_length=128), _WithoutNul]
Metadata = Annotated[InteractionMetadata, AfterValidator(_max_length)]

RecurrenceZone = Annotated[str, AfterValidator(_known_zone)]

_RECURRENCE_NEEDS_DATE = PydanticCustomError(
    "recurrence_needs_date", "A recurring follow-up needs a next_action_date"
)
DESCRIPTION_REQUIRED = PydanticCustomError(
    "description_required", "A note or a meeting needs a description"
)
_NOT_LATER = "The next action must be later than {than}, not {date}"
_ENTITY_TOGETHER = PydanticCustomError(
    "related_entity_together", "Set related_entity_type and related_entity_id together"
)


_EITHER_SPELLING = ConfigDict(
    frozen=True,
    extra="forbid",
    alias_generator=AliasGenerator(
        validation_alias=lambda name: AliasChoices(*dict.fromkeys([name, to_camel(name)]))
    ),
)
"""Drafts in JSON use Python's names or the column names, as responses do."""

_USUAL_METHODS = {
    InteractionType.CALL: ContactMethod.PHONE,
    InteractionType.EMAIL: ContactMethod.EMAIL,
    InteractionType.MEETING: ContactMethod.IN_PERSON,
}


def _usual_method(fields: dict[str, Any]) -> ContactMethod | None:
    return _USUAL_METHODS.get(fields.get("interaction_type", ""))


def _check_recurrence(value: str | None, data: dict[str, Any]) -> str | None:
    """Return a recurrence rule in normal form, checked together with the other fields."""
    tz: str | None = data.get("recurrence_tz")
    if value is None:
        if tz is not None:
            raise PydanticCustomError("recurrence_missing", "recurrence_tz needs a recurrence")
        return None
    due: datetime = data.get("next_action_date") or utc_now()
    try:
        series = Recurrence.begin(value, tz or "UTC", due)
        rule = check_rule(value, series.start)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError(
            "recurrence", "Not a valid recurrence rule: {reason}", {"reason": str(error)}
        ) from error
    _max_length((data.get("metadata") or InteractionMetadata()).with_recurrence(series))
    return rule


def needs_description(interaction_type: str | None, description: str | None) -> bool:
    return interaction_type in DESCRIBED_TYPES and not (description or "").strip()


class InteractionCreate(SuggestingModel):
    """A new interaction, checked against every rule of the schema document.

    The type may be passed by position, everything else by keyword.

    Attributes:
        interaction_type: The type.
        subject: A short title, at most 200 characters.
        description: Detailed notes, at most 5,000 characters; required for notes and meetings.
        contact_method: The contact method (default: `phone` for calls, `email` for emails,
            `in_person` for meetings).
        direction: Who started the contact.
        duration: Minutes, 1 or more.
        outcome: The outcome.
        next_action: The next action, at most 500 characters.
        next_action_date: When the next action is due: aware, later than `occurred_at` (default:
            now). With an `id` or `idempotency_key` and without `occurred_at`, this is checked only
            when the draft is first written, so it can be repeated at any time.
        related_entity_type: The type of the related entity, at most 50 characters; requires its ID.
        related_entity_id: Its ID, at most 128 characters.
        metadata: Additional data, at most 5,000 characters as JSON.
        recurrence: The recurrence rule of the follow-up, such as `FREQ=WEEKLY;BYDAY=MO` (RFC 5545):
            completing the follow-up writes the next one. The rule is stored in the metadata.
        recurrence_tz: The zone in which the time of day stays the same, such as `Europe/Zurich`
            (default: `Settings.time_zone`).
        customer_id: The customer: required for admins, a user's own by default.
        occurred_at: When it happened, aware (default: now). It becomes `$createdAt`, which Appwrite
            accepts only outside transactions (transcript `transaction-system-columns`).
        id: Your own ID, 1 to 36 of `a-zA-Z0-9._-`. For an admin, it is the row's ID. For a
            self-service user, the row's ID is derived from the customer and this `id`; use the ID
            of the returned interaction afterwards.
        idempotency_key: The same key always results in the same row, in every process.

    Example:
        >>> InteractionCreate("call", subject="Intro", duration=12).direction
        <Direction.OUTBOUND: 'outbound'>
    """

    model_config = _EITHER_SPELLING

    interaction_type: InteractionTypeValue
    subject: Subject | None = None
    description: Description | None = Field(default=None, validate_default=True)
    contact_method: ContactMethodValue | None = Field(default_factory=_usual_method)
    direction: DirectionValue = Direction.OUTBOUND
    duration: DurationMinutes | None = None
    outcome: OutcomeValue | None = None
    next_action: NextAction | None = None
    id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}$")] | None = None
    idempotency_key: Annotated[str, Field(min_length=1)] | None = None
    occurred_at: Annotated[AwareDatetimeMs, AfterValidator(_not_in_the_future)] | None = None
    next_action_date: AwareDatetimeMs | None = None
    related_entity_type: EntityType | None = None
    related_entity_id: EntityId | None = Field(default=None, validate_default=True)
    metadata: Metadata | None = None
    recurrence_tz: RecurrenceZone | None = None
    recurrence: str | None = Field(default=None, validate_default=True)
    customer_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    if TYPE_CHECKING:

        def __init__(
            self, interaction_type: InteractionTypeValue, **options: Unpack[InteractionOptions]
        ) -> None: ...

    else:

        def __init__(
            self, interaction_type: InteractionTypeValue = NOT_GIVEN, **options: object
        ) -> None:
            given = {} if interaction_type is NOT_GIVEN else {"interaction_type": interaction_type}
            super().__init__(**given, **options)

        # pydantic validates dictionaries and JSON without calling it, as those of other models
        __init__.__pydantic_base_init__ = True

    @field_validator("description", mode="after")
    @classmethod
    def _check_description(cls, value: str | None, info: ValidationInfo) -> str | None:
        if needs_description(info.data.get("interaction_type"), value):
            raise DESCRIPTION_REQUIRED
        return value

    @field_validator("next_action_date", mode="after")
    @classmethod
    def _check_next_action_date(
        cls, value: datetime | None, info: ValidationInfo
    ) -> datetime | None:
        if info.context == IMPORTED:
            return value
        occurred_at: datetime | None = info.data.get("occurred_at")
        may_be_a_repeat = info.data.get("id") or info.data.get("idempotency_key")
        if occurred_at is None and may_be_a_repeat:
            return value  # checked when it is first written
        if value is not None and value <= (occurred_at or utc_now()):
            raise _not_later(value, "occurred_at" if occurred_at else "now")
        return value

    @field_validator("related_entity_id", mode="after")
    @classmethod
    def _check_related_entity(cls, value: str | None, info: ValidationInfo) -> str | None:
        known = "related_entity_type" in info.data
        if known and (info.data["related_entity_type"] is None) != (value is None):
            raise _ENTITY_TOGETHER
        return value

    @field_validator("recurrence", mode="after")
    @classmethod
    def _check_recurrence(cls, value: str | None, info: ValidationInfo) -> str | None:
        rule = _check_recurrence(value, info.data)
        if rule is not None and info.data.get("next_action_date", ...) is None:
            raise _RECURRENCE_NEEDS_DATE
        return rule

    @model_validator(mode="after")
    def _check_id_or_key(self) -> Self:
        if self.id is not None and self.idempotency_key is not None:
            raise PydanticCustomError(
                "id_or_key", "Pass id or idempotency_key, not both: the ID is derived from the key"
            )
        return self


class InteractionUpdate(SuggestingModel):
    """A change to an interaction: only fields that are set are sent, and None clears a column.

    The customer and the users of an interaction cannot be changed.

    Attributes:
        interaction_type: The type.
        subject: A short title, at most 200 characters.
        description: Detailed notes, at most 5,000 characters; notes and meetings keep one.
        contact_method: The contact method.
        direction: Who started the contact.
        duration: Minutes, 1 or more.
        outcome: The outcome.
        next_action: The next action, at most 500 characters.
        next_action_date: When the next action is due: aware, later than now.
        related_entity_type: The type of the related entity, at most 50 characters; requires its ID.
        related_entity_id: Its ID, at most 128 characters.
        metadata: Additional data, at most 5,000 characters as JSON; replaces the existing metadata,
            except for a recurrence.
        recurrence: The new recurrence rule of the follow-up, or None to stop it from recurring.
        recurrence_tz: Its time zone (default: `Settings.time_zone`).

    Example:
        >>> sorted(InteractionUpdate(outcome="resolved", subject=None).model_fields_set)
        ['outcome', 'subject']
    """

    model_config = _EITHER_SPELLING

    interaction_type: InteractionTypeValue | None = None
    subject: Subject | None = None
    description: Description | None = None
    contact_method: ContactMethodValue | None = None
    direction: DirectionValue | None = None
    duration: DurationMinutes | None = None
    outcome: OutcomeValue | None = None
    next_action: NextAction | None = None
    next_action_date: AwareDatetimeMs | None = None
    related_entity_type: EntityType | None = None
    related_entity_id: EntityId | None = None
    metadata: Metadata | None = None
    recurrence_tz: RecurrenceZone | None = None
    recurrence: str | None = Field(default=None, validate_default=True)

    @field_validator("recurrence", mode="after")
    @classmethod
    def _check_recurrence(cls, value: str | None, info: ValidationInfo) -> str | None:
        return _check_recurrence(value, info.data)

    @field_validator("interaction_type", "direction", mode="after")
    @classmethod
    def _check_required(cls, value: str | None) -> str | None:
        if value is None:
            raise PydanticCustomError("required", "This column is required and cannot be cleared")
        return value

    @field_validator("next_action_date", mode="after")
    @classmethod
    def _check_next_action_date(cls, value: datetime | None) -> datetime | None:
        if value is not None and value <= utc_now():
            raise _not_later(value, "now")
        return value


def late_next_action(draft: InteractionCreate, *, now: datetime) -> ValidationError | None:
    """Return the error for a draft that can no longer be written; None if it can be written.

    A draft with an ID or a key may repeat one that was written in time, so its `next_action_date`
    is compared with the current time only when it is written for the first time.
    """
    date = draft.next_action_date
    if date is None or draft.occurred_at is not None or date > now:
        return None
    fault = _validation_error("next_action_date", _not_later(date, "now"), date)
    return ValidationError.from_exception_data("InteractionCreate", [fault])


def _not_later(date: datetime, than: str) -> PydanticCustomError:
    return PydanticCustomError("not_later", _NOT_LATER, {"than": than, "date": date.isoformat()})


def validate_update(current: CustomerInteraction, update: InteractionUpdate) -> None:
    """Reject a change after which the interaction would break the rules of the schema document.

    Args:
        current: The interaction as it is.
        update: The change.

    Raises:
        ValidationError: A note or meeting would lose its description, or a related entity would
            be left with only a type or only an ID.
    """
    changed: dict[str, Any] = {name: getattr(update, name) for name in update.model_fields_set}

    def after(name: str) -> str | None:
        value: str | None = changed.get(name, getattr(current, name))
        return value

    wrong: list[InitErrorDetails] = []
    if {"interaction_type", "description"} & changed.keys() and needs_description(
        after("interaction_type"), after("description")
    ):
        wrong.append(_validation_error("description", DESCRIPTION_REQUIRED, after("description")))
    entity = ("related_entity_type", "related_entity_id")
    if changed.keys() & set(entity) and (after(entity[0]) is None) != (after(entity[1]) is None):
        missing = next(name for name in entity if after(name) is None)
        wrong.append(_validation_error(missing, _ENTITY_TOGETHER, None))
    if update.recurrence is not None and after("next_action_date") is None:
        wrong.append(_validation_error("recurrence", _RECURRENCE_NEEDS_DATE, update.recurrence))
    if wrong:
        raise ValidationError.from_exception_data("InteractionUpdate", wrong)


def _validation_error(field: str, error: PydanticCustomError, value: object) -> InitErrorDetails:
    return {"type": error, "loc": (field,), "input": value}
