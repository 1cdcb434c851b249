"""The enum values of the schema document, unchanged."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

__all__ = [
    "ContactMethod",
    "ContactMethodValue",
    "Direction",
    "DirectionValue",
    "InteractionType",
    "InteractionTypeValue",
    "Outcome",
    "OutcomeValue",
]


class InteractionType(StrEnum):
    """The type of an interaction."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    NOTE = "note"
    TASK = "task"
    QUOTE = "quote"
    PROPOSAL = "proposal"
    CONTRACT = "contract"
    SUPPORT = "support"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"
    OTHER = "other"


class ContactMethod(StrEnum):
    """How the contact took place."""

    PHONE = "phone"
    EMAIL = "email"
    IN_PERSON = "in_person"
    VIDEO_CALL = "video_call"
    CHAT = "chat"
    SOCIAL_MEDIA = "social_media"
    OTHER = "other"


class Direction(StrEnum):
    """Who started the contact: the customer (`inbound`) or the company (`outbound`)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """The outcome of an interaction. A follow-up is open until it is `resolved`."""

    SUCCESSFUL = "successful"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    FOLLOW_UP_REQUIRED = "follow_up_required"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    CANCELLED = "cancelled"
    OTHER = "other"


# What a draft takes: a member, or its value as a plain string. Type checkers know the values;
# pydantic reads both into the member.
if TYPE_CHECKING:
    InteractionTypeValue = (
        Literal[
            "call",
            "email",
            "meeting",
            "note",
            "task",
            "quote",
            "proposal",
            "contract",
            "support",
            "complaint",
            "feedback",
            "other",
        ]
        | InteractionType
    )
    ContactMethodValue = (
        ContactMethod
        | Literal["phone", "email", "in_person", "video_call", "chat", "social_media", "other"]
    )
    DirectionValue = Direction | Literal["inbound", "outbound"]
    OutcomeValue = (
        Literal[
            "successful",
            "no_answer",
            "voicemail",
            "busy",
            "follow_up_required",
            "resolved",
            "escalated",
            "cancelled",
            "other",
        ]
        | Outcome
    )
else:
    InteractionTypeValue = InteractionType
    ContactMethodValue = ContactMethod
    DirectionValue = Direction
    OutcomeValue = Outcome
