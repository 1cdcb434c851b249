"""Recurring and planned follow-ups in the matrix."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from interactions_sdk import CustomerInteraction, Settings
from interactions_sdk.models.follow_up_plan import PLAN_FIELD
from tests.faults.operations import Operation, Told, expected_audits, settle_dates
from tests.faults.scenarios import ATOMIC, FAST, UNAUDITED, Scene, days

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from interactions_sdk import InteractionsClient

__all__ = ["FOLLOW_UP_OPERATIONS"]

PLANS: Any = {
    "chase": [
        {"after": "P3D", "interaction_type": "email", "next_action": "Send the offer"},
        {"after": "P7D", "interaction_type": "call"},
    ]
}


def _with_plans(settings: Settings) -> Settings:
    plans = Settings(follow_up_plans=PLANS).follow_up_plans
    return settings.model_copy(update={"follow_up_plans": plans})


_RULE = "FREQ=DAILY;COUNT=3"

# Preparing


def _to_recur(scene: Scene) -> None:
    scene.add_customer()
    scene.add_interaction(next_action_date=days(2), recurrence=_RULE, recurrence_tz="UTC")


def _to_recur_snoozed(scene: Scene) -> None:
    _to_recur(scene)
    scene.subject = scene.repo.follow_ups.snooze(scene.target.id, until=days(6))


def _to_recur_leased(scene: Scene) -> None:
    _to_recur(scene)
    [scene.subject] = scene.repo.follow_ups.claim(1, as_of=days(5))


def _to_start(scene: Scene) -> None:
    scene.add_customer()
    scene.add_interaction(next_action_date=days(2))


def _to_go_on(scene: Scene) -> None:
    """Prepare an open follow-up, the first step of the plan."""
    _to_start(scene)
    scene.repo.follow_ups.complete(scene.target.id, next="chase")
    scene.subject = next(row for row in scene.rows() if row.is_open_follow_up)


# Operations


def _complete(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.complete(scene.target.id, note="Done")


def _start(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.complete(scene.target.id, next="chase")


def _skip(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.skip(scene.target.id)


def _stop(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.stop(scene.target.id)


def _cancel(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.cancel(scene.target.id)


def _update(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).update(scene.target.id, recurrence="FREQ=WEEKLY")


# Checks


def _judge_completed(
    repeat: Callable[[InteractionsClient, Scene], object],
    is_next: Callable[[CustomerInteraction, Scene], bool],
) -> Callable[[Scene, Told], None]:
    """Return a check of a completion that creates another follow-up."""

    def judge(scene: Scene, told: Told) -> None:
        """The completion and the next follow-up both exist or neither does; a repeat adds none."""
        row = _row(scene)
        landed = row.outcome == "resolved"
        assert len(scene.new_rows()) == int(landed), "one without the other"
        if told.error is None:
            assert landed, "told success, but nothing changed"
            assert told.result == row
        else:
            assert not (told.nothing_landed and landed), "told that nothing landed, but it did"
            repeat(scene.crm, scene)
            row = _row(scene)
        [following] = scene.new_rows()
        assert is_next(following, scene), following
        assert row.metadata is not None
        assert row.metadata.custom_fields["followUp"]["nextId"] == following.id  # type: ignore[index, call-overload]
        assert scene.audited(row.id, "interaction.completed") == expected_audits(scene)
        assert scene.audited(following.id, "interaction.created") == expected_audits(scene)
        settle_dates(scene, told)

    return judge


def _row(scene: Scene) -> CustomerInteraction:
    row = scene.row(scene.target.id)
    assert row is not None, "the interaction is gone"
    return row


def _is_third_day(following: CustomerInteraction, scene: Scene) -> bool:
    return following.recurrence == _RULE and following.next_action_date == _second_date(scene)


def _second_date(scene: Scene) -> datetime:
    """Return the date after the first due date, whatever became of that one."""
    assert scene.target.metadata is not None
    series = scene.target.metadata.recurrence
    assert series is not None
    return series.start.replace(tzinfo=UTC) + timedelta(days=1)


def _is_step(number: int) -> Callable[[CustomerInteraction, Scene], bool]:
    def judge(following: CustomerInteraction, _: Scene) -> bool:
        assert following.metadata is not None
        step = {"name": "chase", "step": number}
        return following.metadata.custom_fields[PLAN_FIELD] == step

    return judge


def _judge_changed(
    action: str,
    is_in: Callable[[CustomerInteraction, Scene], bool],
    repeat: Callable[[InteractionsClient, Scene], object] | None,
) -> Callable[[Scene, Told], None]:
    """Return a check of a change of the follow-up itself.

    Args:
        action: Its name in the audit log.
        is_in: Returns whether a row has the change.
        repeat: Repeats the change, if that has no further effect.
    """

    def judge(scene: Scene, told: Told) -> None:
        """The change and its audit row exist once, and there is no other interaction."""
        row = _row(scene)
        landed = is_in(row, scene)
        audits = scene.audited(row.id, action)
        assert scene.new_rows() == []
        if told.error is None:
            assert landed, "told success, but nothing changed"
            assert told.result == row
            assert audits == expected_audits(scene)
        else:
            assert not (told.nothing_landed and landed), "told that nothing landed, but it did"
            assert row == scene.target or landed, "changed otherwise"
            if scene.settings.consistency == "atomic":
                assert audits == (expected_audits(scene) if landed else 0)
            assert audits <= 1, "audited twice"
            if repeat is not None:
                repeat(scene.crm, scene)
                assert is_in(_row(scene), scene), "repeating it did not help"
        settle_dates(scene, told)

    return judge


def _is_skipped(row: CustomerInteraction, scene: Scene) -> bool:
    return row.next_action_date == _second_date(scene) and row.recurrence == _RULE


def _is_stopped(row: CustomerInteraction, scene: Scene) -> bool:
    is_due = row.next_action_date == scene.target.next_action_date
    return is_due and row.recurrence is None


def _is_cancelled(row: CustomerInteraction, scene: Scene) -> bool:  # noqa: ARG001 - one signature
    return row.next_action_date is None


def _is_weekly(row: CustomerInteraction, scene: Scene) -> bool:  # noqa: ARG001 - one signature
    return row.recurrence == "FREQ=WEEKLY"


_RECURRED = _judge_completed(_complete, _is_third_day)
_MODES = {"": ATOMIC, "-fast": FAST, "-unaudited": UNAUDITED}

FOLLOW_UP_OPERATIONS = [
    *(
        Operation(f"{name}{mode}", run, judge, prepare, _with_plans(settings))
        for name, run, judge, prepare in (
            ("complete-recurring", _complete, _RECURRED, _to_recur),
            ("start-plan", _start, _judge_completed(_start, _is_step(0)), _to_start),
            ("skip", _skip, _judge_changed("interaction.skipped", _is_skipped, None), _to_recur),
            ("stop", _stop, _judge_changed("interaction.stopped", _is_stopped, _stop), _to_recur),
        )
        for mode, settings in _MODES.items()
    ),
    Operation("complete-recurring-snoozed", _complete, _RECURRED, _to_recur_snoozed),
    Operation("complete-recurring-leased", _complete, _RECURRED, _to_recur_leased),
    Operation(
        "complete-step",
        _complete,
        _judge_completed(_complete, _is_step(1)),
        _to_go_on,
        _with_plans(ATOMIC),
    ),
    Operation(
        "cancel-recurring",
        _cancel,
        _judge_changed("interaction.cancelled", _is_cancelled, _cancel),
        _to_recur,
    ),
    Operation(
        "update-recurrence",
        _update,
        _judge_changed("interaction.updated", _is_weekly, _update),
        _to_recur,
    ),
]
