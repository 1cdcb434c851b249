"""Repeated operations, whether an error asks for it or the caller does not know the result."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
import time_machine
from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    BadRequestError,
    ConflictError,
    CustomerInteraction,
    DeletedError,
    InteractionCreate,
    InteractionUpdate,
    Settings,
)
from interactions_sdk.testing import Fault, FaultyTransport
from tests.faults.interleavings import NestedOperation, interrupt
from tests.faults.scenarios import ATOMIC, FAST, UNAUDITED, Scene, client_of, days

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from interactions_sdk.embedded import EmbeddedAppwrite

every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])


@pytest.fixture
def scene(server: EmbeddedAppwrite, settings: Settings) -> Scene:
    """Return a customer with one open follow-up."""
    scene = Scene(server, settings)
    scene.add_customer()
    scene.add_interaction(next_action_date=days(2), outcome="busy")
    return scene


@every_way
def test_a_change_that_changes_nothing_stands_in_nobodys_way(scene: Scene) -> None:
    """An update to the same values keeps `updated_at`, on which the next change is based."""
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
    """If the next interaction exists already, only the completion is written."""
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
    """The conflict names the draft."""
    draft = InteractionCreate(interaction_type="task", subject="Next", idempotency_key="next")
    scene.repo.create(draft)
    other = draft.model_copy(update={"subject": "Other"})

    with pytest.raises(ConflictError, match="from another draft"):
        scene.repo.follow_ups.complete(scene.target.id, next=other)

    assert scene.target == scene.row(scene.target.id)


@every_way
def test_a_loser_of_a_completion_with_a_next_one_is_told_so(scene: Scene) -> None:
    """A completion that loses against another change does not write the next interaction."""
    draft = InteractionCreate(interaction_type="task", subject="Next")
    stale = scene.target
    assert stale.next_action_date is not None
    newer = scene.repo.follow_ups.snooze(stale.id, until=stale.next_action_date + timedelta(days=1))

    def newer_by_now(interaction_id: str, action: str) -> object:  # noqa: ARG001 - the signature
        return stale

    follow_ups = scene.repo.follow_ups
    follow_ups._interactions.get_for_update = newer_by_now  # type: ignore[method-assign,assignment]
    with pytest.raises(ConflictError, match="another client") as caught:
        follow_ups.complete(stale.id, next=draft)

    assert newer == caught.value.current
    assert [newer] == scene.rows()


def _keyed(**fields: object) -> InteractionCreate:
    defaults = {"interaction_type": "task", "subject": "Keyed", "idempotency_key": "key"}
    return InteractionCreate.model_validate(defaults | fields)


CHANGES: dict[str, Callable[[Scene, CustomerInteraction], object]] = {
    "update": lambda scene, row: scene.repo.update(row.id, InteractionUpdate(outcome="other")),
    "claim": lambda scene, _: scene.repo.follow_ups.claim(2, as_of=days(9)),
    "claim, update": lambda scene, row: [
        scene.repo.follow_ups.claim(2, as_of=days(9)),
        scene.repo.update(row.id, InteractionUpdate(subject="Other")),
    ],
    "complete": lambda scene, row: scene.repo.follow_ups.complete(row.id),
}
DATES = {"undated": None, "dated": datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.mark.parametrize("occurred_at", DATES.values(), ids=DATES.keys())
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@every_way
def test_the_same_draft_returns_the_interaction_as_it_is_today(
    scene: Scene,
    change: Callable[[Scene, CustomerInteraction], object],
    occurred_at: datetime | None,
) -> None:
    """A repeated draft returns the current interaction, after any change and without audit log."""
    draft = _keyed(next_action_date=days(1), occurred_at=occurred_at)
    first = scene.repo.create(draft)
    change(scene, first)

    again = scene.repo.create(draft)
    many = scene.repo.create_many([draft])

    assert scene.row(first.id) == again
    assert [first.id] == list(many.ids)
    scene.check_dates()


@pytest.mark.parametrize("reconciles", [False, True], ids=["", "reconciled"])
def test_a_repeat_after_a_crash_before_the_audit_row(
    server: EmbeddedAppwrite, *, reconciles: bool
) -> None:
    """The audit row of the first change has the fingerprint of the draft."""
    scene = Scene(server, ATOMIC)
    scene.add_customer()
    draft = _keyed(occurred_at=datetime(2026, 1, 1, tzinfo=UTC))
    crash = FaultyTransport(server.transport, Fault.REFUSED, count=None, route="*/audit_logs/rows")
    with pytest.raises(APIConnectionError):
        client_of(server, ATOMIC, crash).as_user(scene.user_id).create(draft)
    [row] = scene.rows()
    scene.repo.update(row.id, InteractionUpdate(outcome="other"))
    if reconciles:
        scene.crm.customers.reconcile(scene.owner.id)

    with pytest.raises(ConflictError, match="from another draft"):
        scene.repo.create(draft.model_copy(update={"subject": "Another"}))
    assert isinstance(
        scene.repo.create_many([draft.model_copy(update={"subject": "Another"})])[0].error,
        ConflictError,
    )
    assert row.id == scene.repo.create(draft).id
    assert [row.id] == list(scene.repo.create_many([draft]).ids)


@pytest.mark.parametrize("occurred_at", DATES.values(), ids=DATES.keys())
@pytest.mark.parametrize("settings", [ATOMIC, FAST])
def test_a_deleted_interaction_is_not_written_again(
    scene: Scene, occurred_at: datetime | None
) -> None:
    """In every mode, the attempt leaves nothing behind."""
    draft = _keyed(occurred_at=occurred_at)
    first = scene.repo.create(draft)
    scene.repo.delete(first.id)

    with pytest.raises(DeletedError, match="is deleted") as caught:
        scene.repo.create(draft)
    many = scene.repo.create_many([draft], on_error="continue")

    assert first.id == caught.value.interaction_id
    assert isinstance(many[0].error, DeletedError)
    assert scene.row(first.id) is None
    assert 1 == scene.audited(first.id, "interaction.created")


@pytest.mark.parametrize("settings", [UNAUDITED])
def test_without_an_audit_log_nothing_tells_of_a_deleted_one(scene: Scene) -> None:
    """The interaction is written again, as documented."""
    first = scene.repo.create(_keyed())
    scene.repo.delete(first.id)

    assert first.id == scene.repo.create(_keyed()).id


@pytest.mark.parametrize("settings", [ATOMIC, FAST])
def test_one_choice_at_once_writes_one_interaction(scene: Scene) -> None:
    """When a second create with the same ID runs before a request of the first, one is written."""
    for at in count():
        draft = _keyed(idempotency_key=None, id=f"chosen-{at}", next_action_date=days(1))

        def create(transport: httpx.BaseTransport, draft: InteractionCreate = draft) -> object:
            crm = client_of(scene.server, scene.settings, transport)
            return crm.as_user(scene.user_id).create(draft)

        first, second = (NestedOperation(scene.server.transport, create) for _ in range(2))
        is_interrupted = interrupt(first, at, second)

        assert first.outcome.error is None is second.outcome.error
        assert first.outcome.result == second.outcome.result
        if not is_interrupted:
            break
    assert 1 + at + 1 == len(scene.rows())
    scene.check_dates()


@every_way
def test_a_draft_whose_date_has_passed_is_still_the_same(scene: Scene) -> None:
    """Only the first write requires a due date in the future."""
    draft = _keyed(next_action_date=days(1)).model_dump(exclude_unset=True)
    first = scene.repo.create(InteractionCreate.model_validate(draft))

    with time_machine.travel(days(3), tick=False):
        late = InteractionCreate.model_validate(draft)
        again = scene.repo.create(late)
        many = scene.repo.create_many([late])
        never_written = late.model_copy(update={"idempotency_key": "other"})
        with pytest.raises(ValidationError, match="next_action_date"):
            scene.repo.create(never_written)
        failed = scene.repo.create_many([never_written])[0].error
        with pytest.raises(ValidationError, match="next_action_date"):
            scene.repo.follow_ups.complete(scene.target.id, next=never_written)

    assert first == again
    assert [first.id] == list(many.ids)
    assert isinstance(failed, BadRequestError)
    assert 2 == len(scene.rows())


@every_way
def test_the_next_one_may_be_a_late_repeat(scene: Scene) -> None:
    """The completion is written, and the existing interaction is found."""
    draft = _keyed(next_action_date=days(1))
    first = scene.repo.create(draft)

    with time_machine.travel(days(1.5), tick=False):
        completed = scene.repo.follow_ups.complete(scene.target.id, next=draft)

    assert "resolved" == completed.outcome
    assert {first.id, completed.id} == {row.id for row in scene.rows()}


@pytest.mark.parametrize("settings", [FAST])
def test_a_fast_deletion_is_never_without_its_audit_row(scene: Scene) -> None:
    """Both are written in one transaction, or neither."""
    crash = FaultyTransport(
        scene.server.transport, Fault.REFUSED, count=None, method="PATCH", route="/tablesdb/tr*"
    )
    with pytest.raises(APIConnectionError):
        client_of(scene.server, FAST, crash).as_user(scene.user_id).delete(scene.target.id)
    assert scene.target == scene.row(scene.target.id)
    assert 0 == scene.audited(scene.target.id, "interaction.deleted")

    scene.repo.delete(scene.target.id)

    assert scene.row(scene.target.id) is None
    assert 1 == scene.audited(scene.target.id, "interaction.deleted")


@pytest.mark.parametrize("settings", [UNAUDITED])
@pytest.mark.parametrize("times", [1, None])
def test_a_deletion_that_meets_a_conflict_that_is_none(scene: Scene, times: int | None) -> None:
    """A conflict about an unchanged interaction is retried."""
    conflict = FaultyTransport(
        scene.server.transport, Fault.TRANSACTION_CONFLICT, count=times, method="DELETE"
    )
    repo = client_of(scene.server, UNAUDITED, conflict).as_user(scene.user_id)

    if times is None:
        with pytest.raises(ConflictError):
            repo.delete(scene.target.id)
    else:
        repo.delete(scene.target.id)

    assert (times is None) == (scene.row(scene.target.id) is not None)
