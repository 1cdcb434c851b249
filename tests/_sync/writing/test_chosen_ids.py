# Generated from tests/_async/writing/test_chosen_ids.py by scripts/unasync.py; do not edit.
"""IDs chosen by users reveal nothing about other customers' interactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    ConflictError,
    DeletedError,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    RequestEvent,
    Settings,
    wire,
)
from interactions_sdk.identifiers import id_from_key, is_interaction_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator


ATOMIC = Settings(verify_users=False)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
SESSIONS = ATOMIC.model_copy(update={"user_sessions": True})
every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED, SESSIONS])
CALL = InteractionCreate(interaction_type="call", subject="Intro", id="call-1")


@pytest.fixture
def crm(settings: Settings) -> Iterator[InteractionsClient]:
    """Yield a client of a server with two customers."""
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        crm.customers.ensure("bob")
        yield crm


@pytest.fixture
def ada(crm: InteractionsClient) -> InteractionRepository:
    """Return the interactions of a user."""
    return crm.as_user("ada")


def write_as_before(crm: InteractionsClient, user: str, draft: InteractionCreate) -> None:
    """Write a row under the chosen ID itself, as earlier versions did."""
    own = (crm.customers.get_by_user_id(user)).id
    crm.as_admin(user).create(draft.model_copy(update={"customer_id": own}))


@pytest.mark.unmeasured
@pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])
def test_what_others_have_or_had_makes_no_difference(settings: Settings) -> None:
    """IDs in use, deleted and free IDs of another customer take the same requests."""
    sent: list[RequestEvent] = []
    with InteractionsClient.embedded(settings=settings, on_request=sent.append) as crm:
        crm.customers.ensure("ada")
        crm.customers.ensure("bob")
        for chosen in ("there", "deleted"):
            write_as_before(crm, "ada", CALL.model_copy(update={"id": chosen}))
        crm.as_user("ada").delete("deleted")
        theirs = crm.as_user("ada").log_call("Theirs")
        bob = crm.as_user("bob")
        bob.log_call("Fills the cache")
        own = (crm.customers.get_by_user_id("bob")).id
        requests: set[tuple[str, ...]] = set()
        for chosen in ("there", "deleted", theirs.id, "free"):
            sent.clear()
            created = bob.create(CALL.model_copy(update={"id": chosen}))
            requests.add(tuple(sorted(event.method for event in sent)))
            assert is_interaction_id_of(own, created.id)
            assert created == bob.create(CALL.model_copy(update={"id": chosen}))
        assert 1 == len(requests)
        assert 2 == crm.as_user("ada").count()


@pytest.mark.unmeasured
@every_way
def test_the_id_that_comes_back_is_the_one_to_use(ada: InteractionRepository) -> None:
    """The ID in the result is the one to use; for other users it does not exist."""
    created = ada.create(CALL)

    changed = ada.update(created.id, InteractionUpdate(outcome="busy"))
    assert changed == ada.create(CALL) == ada.get(created.id)
    for use in (ada.get, ada.delete):
        with pytest.raises(InteractionNotFoundError):
            use("call-1")


@every_way
def test_another_draft_of_the_same_choice_is_a_conflict(
    ada: InteractionRepository,
) -> None:
    """The same ID with another draft is a conflict, and IDs are case-sensitive."""
    first = ada.create(CALL)

    with pytest.raises(ConflictError, match="from another draft") as caught:
        ada.create(CALL.model_copy(update={"subject": "Other"}))
    other = ada.create(CALL.model_copy(update={"id": "CALL-1"}))

    assert first == caught.value.current
    assert {first.id, other.id} == {row.id for row in ada.iterate()}


@pytest.mark.unmeasured
@pytest.mark.parametrize("settings", [ATOMIC, FAST])
def test_a_choice_is_used_up(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """The ID of a deleted interaction cannot be used again, even if it was not derived."""
    write_as_before(crm, "ada", CALL.model_copy(update={"id": "old"}))
    ada.create(CALL)
    for chosen in ("old", "call-1"):
        ada.delete((ada.create(CALL.model_copy(update={"id": chosen}))).id)
        with pytest.raises(DeletedError):
            ada.create(CALL.model_copy(update={"id": chosen}))
        result = ada.create_many([CALL.model_copy(update={"id": chosen})])
        assert isinstance(result[0].error, DeletedError)
    assert 0 == ada.count()


@pytest.mark.unmeasured
@every_way
def test_rows_from_before_are_found(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """Rows written by earlier versions keep their IDs and are not written twice."""
    write_as_before(crm, "ada", CALL)
    drafted = CALL.model_copy(update={"customer_id": (ada.get("call-1")).customer_id})

    again = ada.create(drafted)
    many = ada.create_many([drafted])

    assert "call-1" == again.id == many.ids[0]
    assert 1 == ada.count()


@pytest.mark.unmeasured
@every_way
def test_the_next_one_may_have_a_chosen_id(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """`next` may have an ID that another customer uses."""
    write_as_before(crm, "bob", CALL)
    task = ada.log_task("Call", next_action_date=datetime.now(UTC) + timedelta(days=1))

    ada.follow_ups.complete(task.id, next=CALL)

    assert {"Call", "Intro"} == {row.subject for row in ada.iterate()}
    assert 1 == crm.as_user("bob").count()


@every_way
def test_the_id_of_an_error_is_no_choice(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """A draft with a key may be repeated with the ID that an error has reported."""
    own = (crm.customers.get_by_user_id("ada")).id
    keyed = InteractionCreate(interaction_type="call", subject="Intro", idempotency_key="key")
    made = id_from_key("customer_interactions", own, "key")

    first = ada.create(keyed.model_copy(update={"id": made}))

    assert made == first.id
    assert first == ada.create(keyed)


def test_a_forged_row_keeps_nobody_from_a_choice() -> None:
    """Another user's forged row with the chosen ID is ignored."""
    with InteractionsClient.embedded(settings=SESSIONS) as crm:
        own = (crm.customers.ensure("ada")).id
        forged = {"customerId": own, "interactionType": "call", "userId": "ada"}
        forged |= {"direction": "outbound"}
        table = crm._services.project.tables.interactions
        crm._connection.send(wire.create_row(table, "call-1", forged))

        created = crm.as_user("ada").create(CALL)

        assert "call-1" != created.id
        assert created == crm.as_user("ada").get(created.id)


def test_the_chosen_id_of_an_admin_is_the_id() -> None:
    """An admin's chosen ID is used unchanged, since admins may see all interactions."""
    with InteractionsClient.embedded(settings=ATOMIC) as crm:
        for user in ("ada", "bob"):
            crm.customers.ensure(user)
        write_as_before(crm, "ada", CALL)
        with pytest.raises(ConflictError):
            write_as_before(crm, "bob", CALL)
        assert "call-1" == (crm.as_admin("root").get("call-1")).id


@pytest.mark.unmeasured
@every_way
def test_many_may_have_chosen_ids(crm: InteractionsClient, ada: InteractionRepository) -> None:
    """Bulk writes with chosen IDs can be repeated."""
    write_as_before(crm, "bob", CALL)
    drafts = [CALL, CALL.model_copy(update={"id": "call-2"})]

    first = ada.create_many(drafts)
    again = ada.create_many(drafts)

    assert first.ids == again.ids
    assert 2 == ada.count()
