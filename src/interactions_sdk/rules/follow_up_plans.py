"""Finding the next step of a follow-up plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from interactions_sdk.arguments import describe, suggestion
from interactions_sdk.calendars import get_timezone
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.models.follow_up_plan import PLAN_FIELD, plan_position
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.rules.recurrence import related_entity

if TYPE_CHECKING:
    from interactions_sdk.models.follow_up_plan import FollowUpStep
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.settings import Settings

__all__ = ["check_plan", "next_step"]

_DAY = timedelta(days=1)


def check_plan(settings: Settings, name: str) -> str:
    """Return the name of a plan, if it exists.

    Raises:
        BadRequestError: There is no such plan; the message lists the plans.
    """
    if name not in settings.follow_up_plans:
        known = ", ".join(settings.follow_up_plans) or "none (see Settings.follow_up_plans)"
        raise BadRequestError(
            f"Unknown follow-up plan {describe(name)}.{suggestion(name, settings.follow_up_plans)} "
            f"Available: {known}."
        )
    return name


def next_step(
    settings: Settings, current: CustomerInteraction, plan: str | None, *, now: datetime
) -> InteractionCreate | None:
    """Return the first step of a named plan, or the step after this one in its own plan.

    There is none after the last step, or if the interaction belongs to no plan.
    """
    custom = current.metadata.custom_fields if current.metadata else {}
    position = (plan, -1) if plan is not None else plan_position(custom.get(PLAN_FIELD))
    if position is None:
        return None
    name, number = position[0], position[1] + 1
    steps = settings.follow_up_plans.get(name, ())
    if not 0 <= number < len(steps):
        return None
    step = steps[number]
    step_fields = step.model_dump(exclude={"after", "at"}, exclude_none=True)
    metadata = InteractionMetadata(custom_fields={PLAN_FIELD: {"name": name, "step": number}})
    return InteractionCreate.model_validate(
        {
            "subject": current.subject,
            **related_entity(current),
            **step_fields,
            "next_action_date": _due(step, now, settings.time_zone),
            "metadata": metadata,
            "idempotency_key": f"{current.id} {name} {number}",
        }
    )


def _due(step: FollowUpStep, now: datetime, tz: str) -> datetime:
    """Return when a step is due: whole days in the calendar of the zone, shorter times exactly."""
    local = now.astimezone(get_timezone(tz))
    due = local + step.after if step.after >= _DAY else (now + step.after).astimezone(local.tzinfo)
    if step.at is not None:
        due = due.replace(
            hour=step.at.hour, minute=step.at.minute, second=step.at.second, microsecond=0, fold=0
        )
    return (due if due > now else due + _DAY).astimezone(UTC)
