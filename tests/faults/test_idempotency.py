"""Operations that are repeated: because an error says so, or for lack of knowledge."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import ConflictError, InteractionCreate, InteractionUpdate, Settings
from tests.faults.scenarios import ATOMIC, FAST, UNAUDITED, Scene, days

if TYPE_CHECKING:
    from interactions_sdk.embedded import EmbeddedAppwrite

every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])


@pytest.fixture
def scene(server: EmbeddedAppwrite, settings: Settings) -> Scene:
    """A customer with one open follow-up."""
    scene = Scene(server, settings)
    scene.add_customer()
    scene.add_interaction(next_action_date=days(2), outcome="busy")
    return scene


@every_way
def test_a_change_that_changes_nothing_stands_in_nobodys_way(scene: Scene) -> None:
    """It leaves `updated_at` as it was, and the next change builds on that."""
    same = InteractionUpdate(subject=scene.target.subject)

    assert scene.target == scene.repo.update(scene.target.id, same)

    changed = scene.repo.update(scene.target.id, InteractionUpdate(subject="Other"))
    assert "Other" == changed.subject
    expected = 0 if scene.settings.audit_table is None else 1
    assert expected == scene.audited(changed.id, "interaction.updated")


@every_way
def test_completing_again_changes_nothing(scene: Scene) -> None:
    """A completion that was applied without a response is found unchanged."""
    first = scene.repo.follow_ups.complete(scene.target.id, note="Done")

    assert first == scene.repo.follow_ups.complete(scene.target.id, note="Done")


@every_way
def test_completing_again_plans_the_next_one_once(scene: Scene) -> None:
    """The next interaction is found by its key."""
    draft = InteractionCreate(
        interaction_type="task", subject="Next", next_action_date=days(5), idempotency_key="next"
    )
    first = scene.repo.follow_ups.complete(scene.target.id, next=draft)

    assert first == scene.repo.follow_ups.complete(scene.target.id, next=draft)
    assert ["Before", "Next"] == [row.subject for row in scene.rows()]
    scene.check_dates()


@every_way
def test_the_next_one_may_be_there_already(scene: Scene) -> None:
    """Then the completion is written alone."""
    draft = InteractionCreate(
        interaction_type="task", subject="Next", next_action_date=days(5), idempotency_key="next"
    )
    scene.repo.create(draft)

    completed = scene.repo.follow_ups.complete(scene.target.id, next=draft)

    assert "resolved" == completed.outcome
    assert 2 == len(scene.rows())
    scene.check_dates()


@every_way
def test_the_key_of_another_draft_completes_nothing(scene: Scene) -> None:
    """The conflict is about the draft, and says so."""
    draft = InteractionCreate(interaction_type="task", subject="Next", idempotency_key="next")
    scene.repo.create(draft)
    other = draft.model_copy(update={"subject": "Other"})

    with pytest.raises(ConflictError, match="from another draft"):
        scene.repo.follow_ups.complete(scene.target.id, next=other)

    assert scene.target == scene.row(scene.target.id)


@every_way
def test_a_loser_of_a_completion_with_a_next_one_is_told_so(scene: Scene) -> None:
    """Nothing of the next one is written."""
    draft = InteractionCreate(interaction_type="task", subject="Next")
    stale = scene.target
    assert stale.next_action_date is not None
    newer = scene.repo.follow_ups.snooze(stale.id, until=stale.next_action_date + timedelta(days=1))

    def newer_by_now(interaction_id: str, tried: str) -> object:  # noqa: ARG001 - the signature
        return stale

    follow_ups = scene.repo.follow_ups
    follow_ups._interactions.get_for_update = newer_by_now  # type: ignore[method-assign,assignment]
    with pytest.raises(ConflictError, match="somebody else") as caught:
        follow_ups.complete(stale.id, next=draft)

    assert newer == caught.value.current
    assert [newer] == scene.rows()
