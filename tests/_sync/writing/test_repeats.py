# Generated from tests/_async/writing/test_repeats.py by scripts/unasync.py; do not edit.
"""Repeated calls after failures, and concurrent changes."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    BadRequestError,
    ConflictError,
    DeletedError,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    OwnershipError,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk._sync.connection.rows import read_by_ids
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from interactions_sdk.wire.call import Call, parse_nothing, to_json
from tests.meanwhile import Meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk import InteractionsClient
    from interactions_sdk.embedded import EmbeddedAppwrite


ATOMIC = Settings(verify_users=False)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
every_way = pytest.mark.parametrize("settings", [ATOMIC, FAST, UNAUDITED])
DATED = {"occurred_at": datetime(2026, 1, 1, tzinfo=UTC)}
ONCE = RetryPolicy(retries=0)
INTERACTIONS, AUDIT = "*/customer_interactions/rows*", "*/audit_logs/rows*"
CUSTOMERS, TRANSACTION = "*/customers/rows*", "*/transactions/*"


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def keyed(**fields: object) -> InteractionCreate:
    """Return a draft with a key."""
    defaults = {"interaction_type": "task", "subject": "Keyed", "idempotency_key": "key"}
    return InteractionCreate.model_validate(defaults | fields)


@pytest.fixture
def server(settings: Settings) -> Iterator[EmbeddedAppwrite]:
    """Yield a server with the schema."""
    started = start_embedded_server(":memory:", settings)
    yield started
    started.close()


def client(
    server: EmbeddedAppwrite,
    settings: Settings,
    transport: FaultyTransport | Meanwhile | None = None,
) -> InteractionsClient:
    """Return a client that does not retry."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=ONCE,
    )


@pytest.fixture
def crm(server: EmbeddedAppwrite, settings: Settings) -> Iterator[InteractionsClient]:
    """Yield a client without faults, of a server with two customers."""
    with client(server, settings) as crm:
        crm.customers.ensure("ada")
        crm.customers.ensure("bob")
        yield crm


@pytest.fixture
def ada(crm: InteractionsClient) -> InteractionRepository:
    """Return the interactions of a user."""
    return crm.as_user("ada")


@contextmanager
def failing(
    server: EmbeddedAppwrite, settings: Settings, fault: FaultyTransport
) -> Iterator[InteractionRepository]:
    """Yield the user's interactions with a transport on which requests fail."""
    with client(server, settings, fault) as crm:
        yield crm.as_user("ada")


def actions(crm: InteractionsClient, entity_id: str) -> list[str]:
    """Return the audited actions of an interaction, oldest first."""
    table = crm._services.project.tables.audit
    if table is None:
        return []
    found = crm._connection.send(wire.list_rows(table, [query.equal("entityId", entity_id)]))
    return [entry.action for entry in found.rows]


# Repeated creates


@pytest.mark.parametrize("dated", [{}, DATED], ids=["undated", "dated"])
@every_way
def test_a_late_draft_is_still_the_same(
    ada: InteractionRepository, dated: dict[str, object]
) -> None:
    """A due date in the past is rejected only if the draft was not written before."""
    draft = keyed(next_action_date=in_days(1), **dated).model_dump(exclude_unset=True)
    first = ada.create(InteractionCreate.model_validate(draft))
    task = ada.log_task("Open", next_action_date=in_days(9))
    with time_machine.travel(in_days(3), tick=False):
        late = InteractionCreate.model_validate(draft)
        assert first == ada.create(late)
        assert [first.id] == list((ada.create_many([late])).ids)
        never_written = late.model_copy(update={"idempotency_key": "other", "occurred_at": None})
        with pytest.raises(ValidationError, match="next_action_date"):
            ada.create(never_written)
        failed = (ada.create_many([never_written]))[0].error
        with pytest.raises(ValidationError, match="next_action_date"):
            ada.follow_ups.complete(task.id, next=never_written)
    assert isinstance(failed, BadRequestError)
    assert 2 == ada.count()


@pytest.mark.parametrize("dated", [{}, DATED], ids=["undated", "dated"])
@pytest.mark.parametrize("settings", [ATOMIC, FAST])
def test_what_was_deleted_is_not_written_again(
    crm: InteractionsClient, ada: InteractionRepository, dated: dict[str, object]
) -> None:
    """A deleted interaction is not written again, and its audit rows stay."""
    first = ada.create(keyed(**dated))
    ada.delete(first.id)
    with pytest.raises(DeletedError):
        ada.create(keyed(**dated))
    many = ada.create_many([keyed(**dated)])
    assert isinstance(many[0].error, DeletedError)
    assert 0 == ada.count()
    assert ["interaction.created", "interaction.deleted"] == sorted(actions(crm, first.id))


@pytest.mark.parametrize("settings", [ATOMIC])
def test_the_first_change_tells_the_draft(
    crm: InteractionsClient,
    ada: InteractionRepository,
    server: EmbeddedAppwrite,
) -> None:
    """If the audit row of the create is missing, the first change identifies the draft."""
    crash = FaultyTransport(server.transport, Fault.REFUSED, count=None, route=AUDIT)
    with failing(server, ATOMIC, crash) as dying:
        with pytest.raises(APIConnectionError) as caught:
            dying.create(keyed(**DATED))
    assert caught.value.may_have_landed
    [row] = [each for each in ada.iterate()]
    ada.update(row.id, InteractionUpdate(outcome="other"))

    other = keyed(**DATED, subject="Another")
    with pytest.raises(ConflictError, match="from another draft"):
        ada.create(other)
    assert isinstance((ada.create_many([other]))[0].error, ConflictError)
    assert [row.id] == list((ada.create_many([keyed(**DATED)])).ids)
    assert row.id == (ada.create(keyed(**DATED))).id
    assert "interaction.created" in actions(crm, row.id)


@pytest.mark.parametrize("settings", [FAST])
def test_a_repeat_whose_audit_row_is_not_written_says_so(
    crm: InteractionsClient,
    ada: InteractionRepository,
    server: EmbeddedAppwrite,
) -> None:
    """The error says that the interaction may be written; the next repeat adds the audit row."""
    crash = FaultyTransport(server.transport, Fault.REFUSED, count=None, method="POST", route=AUDIT)
    with failing(server, FAST, crash) as dying:
        for _ in range(2):
            with pytest.raises(APIConnectionError) as caught:
                dying.create(keyed())
            assert caught.value.may_have_landed
    [row] = [each for each in ada.iterate()]
    assert [] == actions(crm, row.id)
    assert row == ada.create(keyed())
    assert ["interaction.created"] == actions(crm, row.id)


@pytest.mark.parametrize("settings", [FAST])
def test_reconcile_may_be_faster_with_an_audit_row(
    crm: InteractionsClient, server: EmbeddedAppwrite
) -> None:
    """If `reconcile()` writes the audit row first, the create still succeeds."""
    transport = Meanwhile(server, FAST)
    with client(server, FAST, transport) as other:
        transport.before("POST", AUDIT, lambda aside: aside.customers.reconcile())
        created = other.as_user("ada").log_call("Intro")
    assert created == crm.as_user("ada").get(created.id)
    assert ["interaction.reconciled"] == actions(crm, created.id)


# Completing with a next one


@pytest.mark.parametrize("settings", [ATOMIC, FAST])
def test_the_next_one_is_told_of_when_it_cannot_be_read_back(
    ada: InteractionRepository, server: EmbeddedAppwrite
) -> None:
    """The error has the ID of the next interaction, with which a repeat finds it."""
    task = ada.log_task("Call", next_action_date=in_days(1))
    fault = FaultyTransport(
        server.transport, Fault.REFUSED, first=3, count=2, method="GET", route=INTERACTIONS
    )
    following = InteractionCreate(interaction_type="call", subject="Next")
    with failing(server, ATOMIC, fault) as repo:
        with pytest.raises(APIConnectionError) as caught:
            repo.follow_ups.complete(task.id, next=following)
    assert caught.value.may_have_landed
    written = ada.get(str(caught.value.interaction_id))
    again = following.model_copy(update={"id": written.id})
    assert "resolved" == (ada.follow_ups.complete(task.id, next=again)).outcome
    assert 2 == ada.count()


# Repeated deletions


def refuse_lookups(server: EmbeddedAppwrite, *, first: int) -> FaultyTransport:
    """Return a transport on which reads of interactions fail from the given one on."""
    return FaultyTransport(
        server.transport, Fault.REFUSED, first=first, count=None, method="GET", route=INTERACTIONS
    )


@pytest.mark.unmeasured
@pytest.mark.parametrize("who", ["user", "admin"])
@every_way
def test_a_repeated_deletion_settles_the_dates(
    crm: InteractionsClient, server: EmbeddedAppwrite, settings: Settings, who: str
) -> None:
    """A repeated deletion updates the dates that the first one could not."""
    ada = crm.as_user("ada")
    task = ada.log_task("Call", next_action_date=in_days(1))
    first = 3 if settings.audit_table else 2
    with failing(server, settings, refuse_lookups(server, first=first)) as repo:
        repo.delete(task.id)
    assert (crm.customers.get(task.customer_id)).next_follow_up_at is not None

    repo = ada if who == "user" else crm.as_admin("root")
    with pytest.raises(InteractionNotFoundError) as caught:
        repo.delete(task.id)

    is_audited = settings.audit_table is not None
    is_settled = (crm.customers.get(task.customer_id)).next_follow_up_at is None
    assert (is_audited or who == "user") == is_settled  # otherwise, nothing says whose it was
    said = f"Interaction '{task.id}' was already deleted." == str(caught.value)
    assert is_audited == said
    assert isinstance(caught.value, OwnershipError) == (not is_audited and who == "user")
    assert "interaction.refused" not in actions(crm, task.id)


@pytest.mark.unmeasured
@every_way
def test_a_deletion_tells_strangers_nothing(
    ada: InteractionRepository, server: EmbeddedAppwrite, settings: Settings
) -> None:
    """For existing, deleted and unknown interactions, the error and its cost are the same."""
    there, deleted = ada.log_call("There"), ada.log_call("Deleted")
    ada.delete(deleted.id)
    recorder = FaultyTransport(server.transport)
    told: set[tuple[type, str, int]] = set()
    with client(server, settings, recorder) as other:
        bob = other.as_user("bob")
        bob.log_call("Fills the cache")
        for id in (there.id, deleted.id, "0" * 32):
            recorder.requests.clear()
            with pytest.raises(OwnershipError) as caught:
                bob.delete(id)
            message = caught.value.message.replace(id, "ID")
            told.add((type(caught.value), message, len(recorder.requests)))
    assert 1 == len(told)


@pytest.mark.parametrize("settings", [UNAUDITED])
@pytest.mark.parametrize("times", [1, None])
def test_a_deletion_meets_a_conflict_that_is_none(
    ada: InteractionRepository, server: EmbeddedAppwrite, times: int | None
) -> None:
    """A conflict about an unchanged interaction is retried."""
    call = ada.log_call("Intro")
    conflict = FaultyTransport(
        server.transport, Fault.TRANSACTION_CONFLICT, count=times, method="DELETE"
    )
    with failing(server, UNAUDITED, conflict) as repo:
        if times is None:
            with pytest.raises(ConflictError):
                repo.delete(call.id)
        else:
            repo.delete(call.id)
    assert (0 if times else 1) == ada.count()


@pytest.mark.parametrize("settings", [UNAUDITED])
def test_a_deletion_whose_answer_is_lost_is_a_deletion(
    ada: InteractionRepository, server: EmbeddedAppwrite
) -> None:
    """If the response is lost, the retry treats a missing row as deleted."""
    call = ada.log_call("Intro")
    lost = FaultyTransport(server.transport, Fault.TIMEOUT_AFTER_WRITE, method="DELETE")
    with InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=UNAUDITED,
        transport=lost,
        retry=RetryPolicy(initial_delay=0.001),
    ) as crm:
        crm.as_user("ada").delete(call.id)
    assert 0 == ada.count()


@pytest.mark.parametrize("operation", ["delete", "update"])
@pytest.mark.parametrize("settings", [FAST, UNAUDITED])
def test_what_another_deletes_first_is_a_conflict(
    ada: InteractionRepository, server: EmbeddedAppwrite, settings: Settings, operation: str
) -> None:
    """An update or deletion of an interaction that was deleted since it was read is a conflict."""
    call = ada.log_call("Intro")
    transport = Meanwhile(server, settings)
    with client(server, settings, transport) as other:
        repo = other.as_user("ada")
        repo.find()
        transport.before("GET", CUSTOMERS, delete_all)
        transport.before("PATCH", INTERACTIONS, delete_all)
        transport.before("DELETE", INTERACTIONS, delete_all)
        transport.before("POST", "*/transactions", delete_all)
        with pytest.raises(ConflictError, match="was deleted by another client"):
            if operation == "delete":
                repo.delete(call.id)
            else:
                repo.update(call.id, InteractionUpdate(subject="Changed"))


@pytest.mark.parametrize("settings", [FAST])
def test_what_another_changes_first_is_a_conflict(
    ada: InteractionRepository, server: EmbeddedAppwrite
) -> None:
    """An update is a conflict if the row changed since it was read, even without transactions."""
    call = ada.log_call("Intro")

    def change(aside: InteractionsClient) -> None:
        aside.as_user("ada").update(call.id, InteractionUpdate(subject="Theirs"))

    transport = Meanwhile(server, FAST)
    with client(server, FAST, transport) as other:
        transport.before("PATCH", INTERACTIONS, change)
        with pytest.raises(ConflictError, match="was changed by another client") as caught:
            other.as_user("ada").update(call.id, InteractionUpdate(subject="Mine"))
    assert caught.value.current == ada.get(call.id)
    assert "Theirs" == (ada.get(call.id)).subject


def test_the_deletion_of_a_look_alike_is_another_one() -> None:
    """IDs are compared exactly, although Appwrite ignores case."""
    with InteractionsClient.embedded(settings=ATOMIC) as crm:
        own = (crm.customers.ensure("ada")).id
        admin = crm.as_admin("root")
        admin.log_call("Intro", id="call-1", customer_id=own)
        admin.delete("call-1")
        with pytest.raises(InteractionNotFoundError, match="'CALL-1' could not be found"):
            admin.delete("CALL-1")


def test_who_is_no_admin_deletes_nothing() -> None:
    """A user who is not an admin cannot delete, and the attempt is audited."""
    settings = ATOMIC.model_copy(update={"verify_users": True})
    with InteractionsClient.embedded(settings=settings) as crm:
        body = to_json({"userId": "eve", "name": "eve"})
        crm._connection.send(Call("POST", "/users", "/users", parse_nothing, body))
        with pytest.raises(PermissionDeniedError):
            crm.as_admin("eve").delete("call-1")
        assert ["interaction.refused"] == actions(crm, "call-1")


# Concurrent changes


def delete_all(aside: InteractionsClient) -> None:
    """Delete the interactions of the user."""
    repo = aside.as_user("ada")
    for row in list(repo.iterate()):
        repo.delete(row.id)


@pytest.mark.parametrize("settings", [ATOMIC])
def test_what_is_deleted_before_it_is_read_back_was_written(
    crm: InteractionsClient, server: EmbeddedAppwrite
) -> None:
    """A new interaction that is deleted before it is read back is returned as written."""
    transport = Meanwhile(server, ATOMIC)
    with client(server, ATOMIC, transport) as other:
        transport.before("GET", INTERACTIONS, delete_all)
        created = other.as_user("ada").log_call("Intro", next_action_date=in_days(1))
    assert "Intro" == created.subject
    assert 0 == crm.as_user("ada").count()
    assert (crm.customers.get(created.customer_id)).next_follow_up_at is None


@pytest.mark.parametrize("settings", [ATOMIC])
def test_a_completion_that_another_made_meanwhile_leaves_the_next_one_to_create(
    crm: InteractionsClient, ada: InteractionRepository
) -> None:
    """If another client has completed it, the next interaction is still written."""
    task = ada.log_task("Call", next_action_date=in_days(1))
    done = ada.follow_ups.complete(task.id)
    service = ada.follow_ups._interactions
    following = InteractionCreate(interaction_type="call", subject="Next")
    columns = {"outcome": "resolved"}

    again = service.update(done, columns, action="interaction.completed", following=following)

    assert done == again
    assert 2 == ada.count()
    assert 1 == (actions(crm, task.id)).count("interaction.completed")


@pytest.mark.parametrize("settings", [ATOMIC])
def test_an_interaction_that_cannot_be_read_back_leaves_the_last_contact(
    crm: InteractionsClient,
    server: EmbeddedAppwrite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If a new row cannot be read back, its time is unknown, and the log suggests `reconcile()`."""
    with failing(server, ATOMIC, refuse_lookups(server, first=1)) as repo:
        with pytest.raises(APIConnectionError) as caught:
            repo.log_call("Intro")
    assert caught.value.may_have_landed
    assert "reconcile(" in caplog.text
    crm.customers.reconcile()
    written = crm.as_user("ada").get(str(caught.value.interaction_id))
    customer = crm.customers.get(written.customer_id)
    assert written.created_at == customer.last_contact_at


def give_away(aside: InteractionsClient) -> None:
    """Give the user's customer to another user, as a program without this library would."""
    table = aside._services.project.tables.customers
    customer = aside.customers.get_by_user_id("ada")
    aside._connection.send(wire.update_row(table, customer.id, {"userId": "eve"}))


@pytest.mark.parametrize("settings", [ATOMIC])
def test_what_is_undone_may_be_gone(crm: InteractionsClient, server: EmbeddedAppwrite) -> None:
    """If the row to be undone is already deleted, the ownership error is raised nevertheless."""
    transport = Meanwhile(server, ATOMIC)
    with client(server, ATOMIC, transport) as other:
        repo = other.as_user("ada")
        repo.find()
        transport.before("GET", INTERACTIONS, give_away)
        transport.before("POST", "*/transactions", lambda aside: delete_of(aside, "eve"), number=2)
        with pytest.raises(OwnershipError) as caught:
            repo.log_call("Intro")
    assert not caught.value.may_have_landed
    assert 0 == crm.as_user("eve").count()


def delete_of(aside: InteractionsClient, user: str) -> None:
    """Delete all interactions of a user."""
    for row in list(aside.as_user(user).iterate()):
        aside.as_user(user).delete(row.id)


@pytest.mark.parametrize("settings", [ATOMIC])
def test_what_cannot_be_undone_is_told(crm: InteractionsClient, server: EmbeddedAppwrite) -> None:
    """If the new row cannot be deleted, the error says that it may have been applied."""
    fault = FaultyTransport(
        server.transport, Fault.REFUSED, first=2, count=None, route="/tablesdb/transactions"
    )
    with failing(server, ATOMIC, fault) as repo:
        repo.find()
        table = crm._services.project.tables.customers
        own = crm.customers.get_by_user_id("ada")
        crm._connection.send(wire.update_row(table, own.id, {"userId": "eve"}))
        with pytest.raises(OwnershipError) as caught:
            repo.log_call("Intro")
    assert caught.value.may_have_landed
    assert isinstance(caught.value.__cause__, APIConnectionError)
    assert 1 == crm.as_user("eve").count()


@pytest.mark.parametrize("settings", [ATOMIC])
def test_a_change_for_a_customer_that_is_gone_is_logged(
    crm: InteractionsClient,
    ada: InteractionRepository,
    server: EmbeddedAppwrite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The change succeeds, and the missing customer is logged."""
    task = ada.log_task("Call", next_action_date=in_days(1))
    transport = Meanwhile(server, ATOMIC)
    with client(server, ATOMIC, transport) as other:
        transport.before("PATCH", CUSTOMERS, lambda aside: remove(aside, task.customer_id))
        other.as_admin("root").follow_ups.complete(task.id)
    assert f"could not update the dates of customer {task.customer_id}" in caplog.text
    assert "resolved" == (crm.as_admin("root").get(task.id)).outcome


def remove(aside: InteractionsClient, customer_id: str) -> None:
    """Delete a customer's row."""
    table = aside._services.project.tables.customers
    aside._connection.send(wire.delete_row(table, customer_id))


@pytest.mark.parametrize("settings", [ATOMIC])
def test_times_of_other_rows_are_nobodys(
    crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were not asked for do not change a customer's dates."""
    other = crm.as_user("bob").log_call("Other")

    def read_more(connection: object, table: object, ids: object, *columns: str) -> object:
        del ids
        return read_by_ids(connection, table, [other.id], *columns)  # type: ignore[arg-type]

    monkeypatch.setattr("interactions_sdk._sync.writing.bulk_chunks.read_by_ids", read_more)
    result = crm.as_user("ada").create_many([keyed()])
    assert result.ids[0] is not None
    assert (crm.customers.get_by_user_id("ada")).last_contact_at is None
