"""An interaction as Appwrite stores it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field

from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.metadata import StoredMetadata
from interactions_sdk.models.row import DefaultOnInvalid, Row

__all__ = ["TEXT_COLUMNS", "CustomerInteraction", "UnverifiedInteraction"]

TEXT_COLUMNS = (
    *("subject", "description", "nextAction"),
    *("relatedEntityType", "relatedEntityId", "metadata"),
)
"""The columns with text that people wrote, or links to it; an erasure removes their values."""

_ENUM_OR_STR = Field(union_mode="left_to_right")


class CustomerInteraction(Row):
    """A call, email, meeting, note, task or other contact with a customer, as it was read.

    Reading is tolerant: an unknown enum value stays a plain string, a missing column has its
    default, and metadata that is not JSON is kept unchanged.

    Attributes:
        customer_id: The customer it belongs to.
        interaction_type: The type.
        subject: A short title, at most 200 characters.
        description: Detailed notes, at most 5,000 characters.
        user_id: The user who performed it.
        contact_method: The contact method.
        direction: Who started the contact.
        duration: Minutes, 1 or more.
        outcome: The outcome.
        next_action: The next action, at most 500 characters.
        next_action_date: When the next action is due, UTC.
        related_entity_type: The type of the related entity, such as `invoice`.
        related_entity_id: The ID of the related entity.
        metadata: Additional data.
        created_by: The user who created the record.
    """

    customer_id: Annotated[str, DefaultOnInvalid("")] = ""
    interaction_type: Annotated[InteractionType | str, _ENUM_OR_STR, DefaultOnInvalid("")] = ""
    subject: Annotated[str | None, DefaultOnInvalid(None)] = None
    description: Annotated[str | None, DefaultOnInvalid(None)] = None
    user_id: Annotated[str, DefaultOnInvalid("")] = ""
    contact_method: Annotated[ContactMethod | str | None, _ENUM_OR_STR, DefaultOnInvalid(None)] = (
        None
    )
    direction: Annotated[Direction | str, _ENUM_OR_STR, DefaultOnInvalid(Direction.OUTBOUND)] = (
        Direction.OUTBOUND
    )
    duration: Annotated[int | None, DefaultOnInvalid(None)] = None
    outcome: Annotated[Outcome | str | None, _ENUM_OR_STR, DefaultOnInvalid(None)] = None
    next_action: Annotated[str | None, DefaultOnInvalid(None)] = None
    next_action_date: Annotated[datetime | None, DefaultOnInvalid(None)] = None
    related_entity_type: Annotated[str | None, DefaultOnInvalid(None)] = None
    related_entity_id: Annotated[str | None, DefaultOnInvalid(None)] = None
    metadata: Annotated[StoredMetadata, DefaultOnInvalid(None)] = None
    created_by: Annotated[str | None, DefaultOnInvalid(None)] = None

    @property
    def is_verified(self) -> bool:
        """Whether it belongs to the customer that it names; see `UnverifiedInteraction`."""
        return True

    @property
    def recurrence(self) -> str | None:
        """The recurrence rule, such as `FREQ=WEEKLY`; None if the follow-up does not recur."""
        series = self.metadata.recurrence if self.metadata else None
        return series.rule if series else None

    @property
    def recurrence_tz(self) -> str | None:
        """The time zone in which the follow-up recurs at the same time of day."""
        series = self.metadata.recurrence if self.metadata else None
        return series.tz if series else None

    @property
    def is_open_follow_up(self) -> bool:
        """Whether it is an open follow-up: a date is set, and the outcome is not `resolved`."""
        return self.next_action_date is not None and self.outcome != Outcome.RESOLVED


class UnverifiedInteraction(CustomerInteraction):
    """An interaction that its customer's user may not read, where users write rows themselves.

    Someone else may have forged it, or its user may have removed the permission to hide it. Reads
    ignore such rows; admins see them with `include_unverified=True`.
    """

    model_config = ConfigDict(defer_build=True)  # rows are read as what they are first

    @classmethod
    def of(cls, interaction: CustomerInteraction) -> Self:
        """Return the interaction, marked."""
        return cls.model_construct(interaction.model_fields_set, **dict(interaction))

    @property
    def is_verified(self) -> bool:
        """False."""
        return False
