"""An interaction as Appwrite keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.metadata import StoredMetadata
from interactions_sdk.models.row import DefaultOnInvalid, Row

__all__ = ["CustomerInteraction"]

_ENUM_OR_STR = Field(union_mode="left_to_right")


class CustomerInteraction(Row):
    """A call, email, meeting, note, task or other contact with a customer, as it was read.

    Reading is tolerant: a value that the document does not name stays a plain string, a missing
    column has its default, and metadata that is not JSON is kept as it is.

    Attributes:
        customer_id: The customer it belongs to.
        interaction_type: What kind of interaction it is.
        subject: A brief title, at most 200 characters.
        description: Detailed notes, at most 5,000 characters.
        user_id: The user who performed it.
        contact_method: By which means.
        direction: Who started it.
        duration: Minutes, 1 or more.
        outcome: How it ended.
        next_action: What is to be done next, at most 500 characters.
        next_action_date: When that is due, UTC.
        related_entity_type: What it is about, such as `invoice`.
        related_entity_id: The id of that.
        metadata: Additional facts.
        created_by: The user who wrote the record.
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
    def is_open_follow_up(self) -> bool:
        """Whether something is still to be done: a date is set, and the outcome not `resolved`."""
        return self.next_action_date is not None and self.outcome != Outcome.RESOLVED
