"""Follow-up plans: sequences of follow-ups, as plain data."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from interactions_sdk.models.drafts import (
    DESCRIPTION_REQUIRED,
    Description,
    NextAction,
    Subject,
    needs_description,
)
from interactions_sdk.models.enums import (
    ContactMethodValue,
    InteractionType,
    InteractionTypeValue,
)
from interactions_sdk.models.suggestions import SuggestingModel

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["PLAN_FIELD", "FollowUpStep", "plan_position"]

PLAN_FIELD = "followUpPlan"
"""The custom field with the plan and step of a follow-up."""


def _local(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("local_time", "Use a time without a zone: it is local time")
    return value


class FollowUpStep(SuggestingModel):
    """One step of a follow-up plan; see `Settings.follow_up_plans`.

    Attributes:
        after: When it is due, counted from the completion of the previous step, up to ten years.
            Whole days keep the time of day in `Settings.time_zone`.
        interaction_type: The type.
        subject: The subject (default: that of the previous step).
        description: The description; required for notes and meetings.
        next_action: The next action.
        contact_method: The contact method (default: the usual one of the type).
        at: The time of day at which it is due, in `Settings.time_zone`.

    Example:
        >>> FollowUpStep(after="P3D", interaction_type="email").after.days
        3
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Annotated[timedelta, Field(gt=timedelta(), le=timedelta(days=3660))]
    interaction_type: InteractionTypeValue = InteractionType.TASK
    subject: Subject | None = None
    description: Description | None = None
    next_action: NextAction | None = None
    contact_method: ContactMethodValue | None = None
    at: Annotated[time, AfterValidator(_local)] | None = None

    @model_validator(mode="after")
    def _check_description(self) -> Self:
        if needs_description(self.interaction_type, self.description):
            raise DESCRIPTION_REQUIRED
        return self


def plan_position(value: JsonValue | None) -> tuple[str, int] | None:
    """Return the plan and step number stored in a custom field; None if there is no plan."""
    if not isinstance(value, dict):
        return None
    name, step = value.get("name"), value.get("step")
    return (name, step) if isinstance(name, str) and isinstance(step, int) else None
