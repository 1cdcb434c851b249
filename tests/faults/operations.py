"""The operations of the matrix: their preparation, and checks of their results."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from interactions_sdk import (
    BulkItem,
    BulkResult,
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionsError,
    InteractionUpdate,
    Settings,
)
from interactions_sdk.rules.follow_ups import lease_token
from tests.faults.scenarios import ATOMIC, FAST, IN_PAIRS, UNAUDITED, VERIFIED, Scene, days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from interactions_sdk import InteractionsClient


@dataclass(frozen=True)
class Told:
    """What the caller of an operation learned.

    Attributes:
        result: The value that was returned.
        error: The exception that was raised instead.
        left_to_reconcile: Whether a warning was logged that the customer's dates are not right.
    """

    result: object = None
    error: InteractionsError | None = None
    left_to_reconcile: bool = False

    @property
    def nothing_landed(self) -> bool:
        """Whether the caller learned that the operation certainly had no effect."""
        return self.error is not None and not self.error.may_have_landed


@dataclass(frozen=True)
class Operation:
    """An operation of the matrix.

    Attributes:
        name: Its name in test IDs.
        run: Runs the operation, with a client whose requests fail.
        judge: Compares the database with the report to the caller; raises AssertionError.
        prepare: Writes the data that must exist before.
        settings: The settings of the client.
    """

    name: str
    run: Callable[[InteractionsClient, Scene], object]
    judge: Callable[[Scene, Told], None]
    prepare: Callable[[Scene], object]
    settings: Settings = ATOMIC


def settle_dates(scene: Scene, told: Told) -> None:
    """Check the customer's dates, after repairing them if the caller was asked to."""
    if told.left_to_reconcile or told.error is not None:
        scene.crm.customers.reconcile(scene.owner.id)
    scene.check_dates()


def expected_audits(scene: Scene) -> int:
    """Return the number of audit rows of one completed operation."""
    return 0 if scene.settings.audit_table is None else 1


# Creating


def _judge_create(scene: Scene, told: Told) -> None:
    """There is one interaction with one audit row, if necessary after a second attempt."""
    draft = scene.wanted
    found = scene.new_rows()
    if told.error is not None:
        assert not (told.nothing_landed and found), "told that nothing landed, but it did"
        assert len(found) <= 1, "written twice"
        if draft.idempotency_key is None and draft.id is None:
            assert told.error.interaction_id or not found, "landed without a way to find it"
            draft = draft.model_copy(update={"id": told.error.interaction_id})
        again = scene.repo.create(draft)
    else:
        assert isinstance(told.result, CustomerInteraction)
        again = told.result
    found = scene.new_rows()
    assert [again] == found, "what was returned is not what is there, once"
    assert scene.audited(again.id, "interaction.created") == expected_audits(scene)
    assert (again.subject, again.next_action_date) == (draft.subject, draft.next_action_date)
    if draft.occurred_at is not None:
        assert draft.occurred_at == again.created_at
    settle_dates(scene, told)


def _to_create(**fields: object) -> Callable[[Scene], None]:
    def prepare(scene: Scene) -> None:
        scene.add_customer()
        defaults = {"interaction_type": "call", "subject": "New", "next_action_date": days(3)}
        scene.draft = InteractionCreate.model_validate(defaults | fields)

    return prepare


def _to_create_verified(scene: Scene) -> None:
    scene.add_user()
    _to_create()(scene)


def _to_create_among_others(scene: Scene) -> None:
    """Prepare a due follow-up: its date is not trusted, so the open ones are looked up."""
    scene.add_customer()
    scene.add_interaction(occurred_at=days(-9), next_action_date=days(-2))
    scene.draft = InteractionCreate(
        interaction_type="call", subject="New", next_action_date=days(3)
    )


def _create(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).create(scene.wanted)


def _create_as_admin(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    draft = scene.wanted.model_copy(update={"customer_id": scene.owner.id})
    return crm.as_admin(scene.user_id).create(draft)


def _log_call(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).log_call(
        "New", next_action_date=scene.wanted.next_action_date
    )


def _to_log_call(scene: Scene) -> None:
    _to_create(contact_method="phone")(scene)


# Creating many


def _to_create_many(**fields: object) -> Callable[[Scene], None]:
    def prepare(scene: Scene) -> None:
        scene.add_customer()
        scene.drafts = [
            InteractionCreate.model_validate(
                {"interaction_type": "call", "subject": f"Many {number}"}
                | {"next_action_date": days(number)}
                | {name: _numbered(value, number) for name, value in fields.items()}
            )
            for number in range(1, 4)
        ]

    return prepare


def _numbered(value: object, number: int) -> object:
    return value.format(number) if isinstance(value, str) else value


def _create_many(crm: InteractionsClient, scene: Scene) -> BulkResult:
    return crm.as_user(scene.user_id).create_many(scene.drafts, on_error="continue")


def _create_many_and_stop(crm: InteractionsClient, scene: Scene) -> BulkResult:
    return crm.as_user(scene.user_id).create_many(scene.drafts)


def _create_many_with_events(crm: InteractionsClient, scene: Scene) -> BulkResult:
    return crm.as_user(scene.user_id).create_many(scene.drafts, on_error="continue", events=True)


def _judge_create_many(scene: Scene, told: Told) -> None:
    """Each draft is written once, or is written by a second run as its item says."""
    missing = list(scene.drafts)
    there = _ids_by_subject(scene)
    if told.error is None:
        assert isinstance(told.result, BulkResult)
        items = list(told.result)
        missing = scene.drafts[len(items) :]
        for item, draft in zip(items, scene.drafts, strict=False):
            if item.error is None:
                assert [item.id] == there[draft.subject], "told to be there"
            else:
                missing.append(_draft_again(draft, item, there[draft.subject]))
    else:
        assert not (told.nothing_landed and there), "told that nothing landed, but it did"
        has_key = scene.drafts[0].idempotency_key is not None
        assert has_key or not there, "landed without a way to find it"
    if missing:
        scene.repo.create_many(missing).raise_for_failures()
        there = _ids_by_subject(scene)
    assert [1] * len(scene.drafts) == [len(there[draft.subject]) for draft in scene.drafts]
    audited = scene.audited_creates()
    assert all(audited[ids[0]] == expected_audits(scene) for ids in there.values())
    if told.left_to_reconcile or missing:
        scene.crm.customers.reconcile(scene.owner.id)
    scene.check_dates()


def _draft_again(draft: InteractionCreate, item: BulkItem, there: list[str]) -> InteractionCreate:
    """Check the error of an item; return the draft for the second run."""
    assert isinstance(item.error, InteractionsError)
    assert item.error.may_have_landed or not there, "told that nothing landed, but it did"
    assert item.error.interaction_id or not there, "landed without a way to find it"
    if draft.idempotency_key is not None or item.error.interaction_id is None:
        return draft
    return draft.model_copy(update={"id": item.error.interaction_id})


def _ids_by_subject(scene: Scene) -> defaultdict[str | None, list[str]]:
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for row in scene.new_rows():
        found[row.subject].append(row.id)
    return found


# Changing


@dataclass(frozen=True)
class _Change:
    """A change of the subject, and how it appears in the row and in the audit log."""

    action: str
    is_in: Callable[[CustomerInteraction, Scene], bool]
    repeat: Callable[[InteractionsClient, Scene], object]

    def judge(self, scene: Scene, told: Told) -> None:
        """The change and its audit row both exist or both do not."""
        row = scene.row(scene.target.id)
        assert row is not None, "the interaction is gone"
        landed = self.is_in(row, scene)
        audits = scene.audited(row.id, self.action)
        if told.error is None:
            assert told.result == row, "what was returned is not what is there"
            assert landed, "told success, but nothing changed"
            assert audits == expected_audits(scene)
        else:
            assert not (told.nothing_landed and landed), "told that nothing landed, but it did"
            assert row == scene.target or landed, "changed otherwise"
            if scene.settings.consistency == "atomic":
                assert audits == (expected_audits(scene) if landed else 0)
            assert audits <= 1, "audited twice"
            self.repeat(scene.crm, scene)
            repeated = scene.row(row.id)
            assert repeated is not None
            assert self.is_in(repeated, scene), "repeating it did not help"
        settle_dates(scene, told)


def _to_change(scene: Scene) -> None:
    scene.add_customer()
    scene.add_interaction(next_action_date=days(2), subject="Before")


def _update(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    update = InteractionUpdate(subject="After", next_action_date=_date_of(scene, 4))
    return crm.as_user(scene.user_id).update(scene.target.id, update)


def _is_updated(row: CustomerInteraction, scene: Scene) -> bool:
    return (row.subject, row.next_action_date) == ("After", _date_of(scene, 4))


def _date_of(scene: Scene, later: int) -> datetime:
    assert scene.target.next_action_date is not None
    return scene.target.next_action_date + timedelta(days=later)


def _complete(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.complete(scene.target.id, note="Done")


def _is_completed(row: CustomerInteraction, scene: Scene) -> bool:  # noqa: ARG001 - one signature
    return row.outcome == "resolved"


def _snooze(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    until = scene.target.next_action_date
    assert until is not None
    return crm.as_user(scene.user_id).follow_ups.snooze(
        scene.target.id, until=until + timedelta(days=4)
    )


def _is_snoozed(row: CustomerInteraction, scene: Scene) -> bool:
    return row.next_action_date == _date_of(scene, 4)


def _cancel(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.cancel(scene.target.id)


def _is_cancelled(row: CustomerInteraction, scene: Scene) -> bool:  # noqa: ARG001 - one signature
    return row.next_action_date is None


UPDATED = _Change("interaction.updated", _is_updated, _update)
COMPLETED = _Change("interaction.completed", _is_completed, _complete)
SNOOZED = _Change("interaction.snoozed", _is_snoozed, _snooze)
CANCELLED = _Change("interaction.cancelled", _is_cancelled, _cancel)


def _to_complete_with_next(scene: Scene) -> None:
    _to_change(scene)
    scene.draft = InteractionCreate(
        interaction_type="task", subject="Next", next_action_date=days(9)
    )


def _complete_with_next(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).follow_ups.complete(
        scene.target.id, note="Done", next=scene.wanted
    )


def _judge_complete_with_next(scene: Scene, told: Told) -> None:
    """The completion, the next interaction and their audit rows all exist or all do not."""
    row = scene.row(scene.target.id)
    assert row is not None
    found = scene.new_rows()
    landed = row.outcome == "resolved"
    assert len(found) == int(landed), "one without the other"
    assert [scene.audited(new.id, "interaction.created") for new in found] == [1] * len(found)
    assert scene.audited(row.id, "interaction.completed") == int(landed)
    if told.error is None:
        assert landed, "told success, but nothing changed"
        assert told.result == row
    else:
        assert not (told.nothing_landed and landed), "told that nothing landed, but it did"
        assert told.error.interaction_id or not landed, "landed without a way to find it"
        scene.draft = scene.wanted.model_copy(update={"id": told.error.interaction_id})
        _complete_with_next(scene.crm, scene)
        assert [new.subject for new in scene.new_rows()] == ["Next"]
        assert scene.audited(row.id, "interaction.completed") == 1
    settle_dates(scene, told)


# Deleting


def _delete(crm: InteractionsClient, scene: Scene) -> None:
    crm.as_user(scene.user_id).delete(scene.target.id)


def _judge_delete(scene: Scene, told: Told) -> None:
    """Either the interaction is deleted and its deletion audited, or neither."""
    is_gone = scene.row(scene.target.id) is None
    audits = scene.audited(scene.target.id, "interaction.deleted")
    if told.error is None:
        assert is_gone, "told success, but it is there"
        assert audits == expected_audits(scene)
    else:
        assert not (told.nothing_landed and is_gone), "told that nothing landed, but it did"
        if scene.settings.consistency == "atomic":
            assert audits == (expected_audits(scene) if is_gone else 0)
        assert audits <= 1
        try:
            _delete(scene.crm, scene)
        except InteractionNotFoundError:
            assert is_gone, "it is there and cannot be found"
        assert scene.row(scene.target.id) is None
    settle_dates(scene, told)


# Claiming


def _to_claim(scene: Scene) -> None:
    scene.add_customer()
    for days_ago in (3, 2, 1):
        scene.add_interaction(occurred_at=days(-9), next_action_date=days(-days_ago))


def _claim(crm: InteractionsClient, scene: Scene) -> list[CustomerInteraction]:
    return crm.as_user(scene.user_id).follow_ups.claim(2)


def _judge_claim(scene: Scene, told: Told) -> None:
    """The returned follow-ups are leased, and at most one more, whose response was lost."""
    leased = {row.id for row in scene.rows() if lease_token(row) is not None}
    assert len(leased) <= 2, "more is leased than was asked for"
    if told.error is None:
        assert isinstance(told.result, list)
        returned = {row.id for row in told.result}
        assert returned <= leased, "told to have it, but it is not leased"
        assert len(leased - returned) <= int(len(returned) < 2), "leased to nobody"
    else:
        assert not (told.nothing_landed and leased), "told that nothing landed, but it did"
    assert len(scene.repo.follow_ups.claim(9)) == 3 - len(leased)


# Customers


def _no_preparation(scene: Scene) -> None:
    """Prepare nothing."""


def _create_customer(crm: InteractionsClient, scene: Scene) -> Customer:
    return crm.customers.create(user_id=scene.user_id)


def _ensure_customer(crm: InteractionsClient, scene: Scene) -> Customer:
    return crm.customers.ensure(scene.user_id)


def _judge_customer(scene: Scene, told: Told) -> None:
    """The user has one customer record."""
    found = scene.crm._services.customer_store.find_by_user_id(scene.user_id)
    if told.error is None:
        assert found == told.result
    else:
        assert not (told.nothing_landed and found), "told that nothing landed, but it did"
    ensured = scene.crm.customers.ensure(scene.user_id)
    assert ensured == (found or ensured)


def _to_reconcile(scene: Scene) -> None:
    """Prepare interactions of another program, without audit rows and updated dates."""
    scene.add_customer()
    for number in (1, 2):
        with scene.crm.transaction() as transaction:
            transaction.create(
                "customer_interactions",
                f"{scene.user_id}-{number}",
                {
                    "customerId": scene.owner.id,
                    "userId": scene.user_id,
                    "interactionType": "call",
                    "direction": "inbound",
                    "nextActionDate": days(number).isoformat(),
                },
            )


def _reconcile(crm: InteractionsClient, scene: Scene) -> object:
    return crm.customers.reconcile(scene.owner.id)


def _judge_reconcile(scene: Scene, told: Told) -> None:
    """After success, everything is repaired; after failure, a second run repairs it."""
    if told.error is not None:
        _reconcile(scene.crm, scene)
    scene.check_dates()
    for row in scene.rows():
        assert scene.audited(row.id, "interaction.reconciled") == 1


# Reading


def _to_read(scene: Scene) -> None:
    scene.add_customer()
    for number in range(3):
        scene.add_interaction(subject=f"Number {number}", next_action_date=days(1 + number))


def _subjects(rows: Sequence[CustomerInteraction]) -> list[str | None]:
    return [row.subject for row in rows]


def _find(crm: InteractionsClient, scene: Scene) -> object:
    page = crm.as_user(scene.user_id).find(limit=2, newest_first=False, with_total=True)
    return _subjects(page.items), page.total, page.next_cursor is not None


def _iterate(crm: InteractionsClient, scene: Scene) -> object:
    return _subjects(list(crm.as_user(scene.user_id).iterate(newest_first=False)))


def _upcoming(crm: InteractionsClient, scene: Scene) -> object:
    return _subjects(list(crm.as_user(scene.user_id).follow_ups.upcoming()))


def _count(crm: InteractionsClient, scene: Scene) -> object:
    return crm.as_user(scene.user_id).count(interaction_type="call")


def _get(crm: InteractionsClient, scene: Scene) -> object:
    return crm.as_user(scene.user_id).get(scene.target.id).subject


def _judge_read(expected: object) -> Callable[[Scene, Told], None]:
    def judge(scene: Scene, told: Told) -> None:
        """The read returns everything or raises an error, and writes nothing."""
        assert told.error is not None or expected == told.result
        assert scene.new_rows() == []

    return judge


_ALL = [f"Number {number}" for number in range(3)]


# Users' transactions


def _transaction(crm: InteractionsClient, scene: Scene) -> object:
    with crm.transaction() as transaction:
        transaction.create("customers", f"{scene.user_id}-b", {"userId": f"{scene.user_id}-b"})
        transaction.update("customers", scene.owner.id, {"lastContactAt": days(1).isoformat()})
    return None


def _judge_transaction(scene: Scene, told: Told) -> None:
    """Either both rows are written or none."""
    other = scene.crm._services.customer_store.find_by_user_id(f"{scene.user_id}-b")
    landed = scene.crm.customers.get(scene.owner.id).last_contact_at is not None
    assert landed == (other is not None), "one without the other"
    if told.error is None:
        assert landed, "told success, but nothing changed"
    else:
        assert not (told.nothing_landed and landed), "told that nothing landed, but it did"


def _add_customer(scene: Scene) -> None:
    scene.add_customer()


OPERATIONS = [
    Operation("create", _create, _judge_create, _to_create()),
    Operation("create-fast", _create, _judge_create, _to_create(), FAST),
    Operation("create-unaudited", _create, _judge_create, _to_create(), UNAUDITED),
    Operation("create-verified", _create, _judge_create, _to_create_verified, VERIFIED),
    Operation("create-dated", _create, _judge_create, _to_create(occurred_at=days(-5))),
    Operation("create-with-key", _create, _judge_create, _to_create(idempotency_key="call-17")),
    Operation(
        "create-fast-with-key", _create, _judge_create, _to_create(idempotency_key="call-17"), FAST
    ),
    Operation("create-as-admin", _create_as_admin, _judge_create, _to_create()),
    Operation("create-among-others", _create, _judge_create, _to_create_among_others),
    Operation("log-call", _log_call, _judge_create, _to_log_call),
    Operation("create-many", _create_many, _judge_create_many, _to_create_many(), IN_PAIRS),
    Operation(
        "create-many-or-stop",
        _create_many_and_stop,
        _judge_create_many,
        _to_create_many(),
        IN_PAIRS,
    ),
    Operation(
        "create-many-with-keys",
        _create_many,
        _judge_create_many,
        _to_create_many(idempotency_key="many-{}"),
        IN_PAIRS,
    ),
    Operation(
        "create-many-dated",
        _create_many,
        _judge_create_many,
        _to_create_many(occurred_at=days(-5)),
        IN_PAIRS,
    ),
    Operation(
        "create-many-with-events",
        _create_many_with_events,
        _judge_create_many,
        _to_create_many(),
        IN_PAIRS,
    ),
    Operation(
        "create-many-fast",
        _create_many,
        _judge_create_many,
        _to_create_many(),
        IN_PAIRS.model_copy(update={"consistency": "fast"}),
    ),
    Operation(
        "create-many-unaudited",
        _create_many,
        _judge_create_many,
        _to_create_many(),
        IN_PAIRS.model_copy(update={"audit_table": None}),
    ),
    Operation("update", _update, UPDATED.judge, _to_change),
    Operation("update-fast", _update, UPDATED.judge, _to_change, FAST),
    Operation("update-unaudited", _update, UPDATED.judge, _to_change, UNAUDITED),
    Operation("delete", _delete, _judge_delete, _to_change),
    Operation("delete-fast", _delete, _judge_delete, _to_change, FAST),
    Operation("delete-unaudited", _delete, _judge_delete, _to_change, UNAUDITED),
    Operation("complete", _complete, COMPLETED.judge, _to_change),
    Operation("complete-fast", _complete, COMPLETED.judge, _to_change, FAST),
    Operation(
        "complete-with-next", _complete_with_next, _judge_complete_with_next, _to_complete_with_next
    ),
    Operation("snooze", _snooze, SNOOZED.judge, _to_change),
    Operation("cancel", _cancel, CANCELLED.judge, _to_change),
    Operation("claim", _claim, _judge_claim, _to_claim),
    Operation("customers-create", _create_customer, _judge_customer, _no_preparation),
    Operation("customers-ensure", _ensure_customer, _judge_customer, _no_preparation),
    Operation("customers-reconcile", _reconcile, _judge_reconcile, _to_reconcile),
    Operation("find", _find, _judge_read((_ALL[:2], 3, True)), _to_read),
    Operation("iterate", _iterate, _judge_read(_ALL), _to_read),
    Operation("upcoming", _upcoming, _judge_read(_ALL), _to_read),
    Operation("count", _count, _judge_read(3), _to_read),
    Operation("get", _get, _judge_read("Number 2"), _to_read),
    Operation("transaction", _transaction, _judge_transaction, _add_customer),
]
