# Generated from tests/_async/test_follow_up_plans.py by scripts/unasync.py; do not edit.
"""Follow-up plans: which step follows which."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from pydantic import ValidationError

from interactions_sdk import (
    BadRequestError,
    CustomerInteraction,
    FollowUpStep,
    InteractionRepository,
    InteractionsClient,
    Settings,
)
from interactions_sdk.environment import settings_from_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
"""The Friday before the clocks change in Zurich."""

PLANS: Any = {
    "after_call": [
        {"after": timedelta(days=3), "interaction_type": "email", "next_action": "Send the offer"},
        {"after": "P7D", "subject": "Ask about the offer", "at": time(9)},
    ],
    "chase": [FollowUpStep(after=timedelta(hours=2), interaction_type="call")],
}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Freeze the clock for all tests."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ada() -> Iterator[InteractionRepository]:
    """Return the interactions of a user, with plans in the settings."""
    settings = Settings(follow_up_plans=PLANS, time_zone="Europe/Zurich", verify_users=False)
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        yield crm.as_user("ada")


def log(repo: InteractionRepository, **details: Any) -> CustomerInteraction:
    """Log a call with a follow-up."""
    due: Any = {"next_action_date": NOW + timedelta(days=1), **details}
    return repo.log_call("Renewal", **due)


def only_open(repo: InteractionRepository) -> CustomerInteraction:
    """Return the one open follow-up."""
    (found,) = [each for each in repo.follow_ups.upcoming(timedelta(days=999))]
    return found


def test_each_step_follows_the_one_before(ada: InteractionRepository) -> None:
    """Steps are due after calendar days at the zone's time of day, until the last step."""
    call = log(ada, related_entity_type="invoice", related_entity_id="I-1")

    done = ada.follow_ups.complete(call.id, next="after_call")
    email = only_open(ada)
    assert done.metadata is not None
    facts: Any = done.metadata.custom_fields["followUp"]
    assert email.id == facts["nextId"]
    assert ("email", "email", "Renewal", "Send the offer", "I-1") == (
        email.interaction_type,
        email.contact_method,
        email.subject,
        email.next_action,
        email.related_entity_id,
    )
    assert datetime(2026, 3, 30, 11, tzinfo=UTC) == email.next_action_date  # 13:00 in Zurich

    ada.follow_ups.complete(email.id)
    task = only_open(ada)
    assert ("task", "Ask about the offer") == (task.interaction_type, task.subject)
    assert datetime(2026, 4, 3, 7, tzinfo=UTC) == task.next_action_date  # 09:00 in Zurich

    ada.follow_ups.complete(task.id)
    assert [] == [each for each in ada.follow_ups.upcoming(timedelta(days=999))]
    assert done == ada.follow_ups.complete(call.id, next="after_call")
    assert 3 == ada.count()


def test_a_short_step_is_exact(ada: InteractionRepository) -> None:
    """Hours are added exactly; a step without a related entity has none."""
    call = log(ada)
    ada.follow_ups.complete(call.id, next="chase")
    following = only_open(ada)
    assert NOW + timedelta(hours=2) == following.next_action_date
    assert None is following.related_entity_type


def test_a_time_of_day_that_has_passed_is_tomorrows() -> None:
    """A step is never due before it is logged."""
    plans: Any = {"soon": [{"after": "PT1H", "at": "08:00"}]}
    settings = Settings(follow_up_plans=plans, verify_users=False)
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        call = log(ada)
        ada.follow_ups.complete(call.id, next="soon")
        assert datetime(2026, 3, 28, 8, tzinfo=UTC) == (only_open(ada)).next_action_date


def test_a_plan_ends_early(ada: InteractionRepository) -> None:
    """A plan ends when stopped, when another `next` is passed, or when it was removed."""
    call = log(ada)
    ada.follow_ups.complete(call.id, next="after_call")
    email = only_open(ada)
    assert "followUpPlan" in email.metadata.custom_fields  # type: ignore[union-attr]
    stopped = ada.follow_ups.stop(email.id)
    assert {} == stopped.metadata.custom_fields  # type: ignore[union-attr]
    assert stopped == ada.follow_ups.stop(email.id)
    ada.follow_ups.complete(email.id)
    assert 2 == ada.count()

    ada.follow_ups.complete((log(ada)).id, next="after_call")
    email = only_open(ada)
    ada.follow_ups.complete(email.id, next={"interaction_type": "note", "description": "No."})
    assert 5 == ada.count()

    ada.follow_ups.complete((log(ada)).id, next="after_call")
    email = only_open(ada)
    ada.follow_ups.complete(email.id, next="chase")
    assert "call" == (only_open(ada)).interaction_type


@pytest.mark.parametrize(
    "field",
    [{"name": "gone", "step": 0}, {"name": "after_call", "step": -7}, {"name": 5, "step": 0}, "x"],
)
def test_what_is_no_step_is_followed_by_none(ada: InteractionRepository, field: Any) -> None:
    """Invalid values in the custom field start no further step."""
    call = log(ada, metadata={"custom_fields": {"followUpPlan": field}})

    ada.follow_ups.complete(call.id)

    assert 1 == ada.count()


def test_an_unknown_plan_is_refused(
    ada: InteractionRepository, admin: InteractionRepository
) -> None:
    """The error suggests a similar plan or the setting; recurring follow-ups reject plans."""
    call = log(ada, recurrence="FREQ=DAILY")

    with pytest.raises(BadRequestError, match="Did you mean 'after_call'") as caught:
        ada.follow_ups.complete(call.id, next="after_cal")
    assert "Available: after_call, chase." in str(caught.value)
    with pytest.raises(BadRequestError, match=r"none \(see Settings\.follow_up_plans\)"):
        admin.follow_ups.complete(call.id, next="after_call")
    with pytest.raises(BadRequestError, match="This follow-up recurs"):
        ada.follow_ups.complete(call.id, next="after_call")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"after": timedelta()}, "greater than 0"),
        ({"after": timedelta(days=4000)}, "less than or equal"),
        ({"after": "P1D", "at": "09:00Z"}, "Use a time without a zone"),
        ({"after": "P1D", "interaction_type": "meeting"}, "needs a description"),
        ({"after": "P1D", "subjct": "x"}, "Did you mean 'subject'"),
    ],
)
def test_a_wrong_step_is_refused(step: Any, reason: str) -> None:
    """Invalid steps are rejected when the settings are created."""
    with pytest.raises(ValidationError, match=reason):
        Settings(follow_up_plans={"p": [step]})  # type: ignore[dict-item]


def test_a_plan_has_a_step() -> None:
    """A plan without steps is rejected."""
    with pytest.raises(ValidationError, match="at least 1 item"):
        Settings(follow_up_plans={"p": ()})


def test_plans_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans can be set as JSON in an environment variable."""
    plan = [{"after": "P3D", "interaction_type": "email", "at": "09:00"}]
    monkeypatch.setenv("INTERACTIONS_FOLLOW_UP_PLANS", json.dumps({"after_call": plan}))

    (step,) = settings_from_environment().follow_up_plans["after_call"]

    assert (timedelta(days=3), time(9)) == (step.after, step.at)
