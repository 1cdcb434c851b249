"""The main operations over HTTP, on an embedded or a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from interactions_sdk import (
    ConflictError,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionsClient,
    InteractionUpdate,
    OwnershipError,
    SchemaError,
)


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def test_the_schema_is_as_it_should_be(crm: InteractionsClient) -> None:
    """After `apply()`, there are no problems and no pending changes."""
    assert [] == crm.schema.check()
    assert [] == crm.schema.plan()
    assert [] == crm.schema.apply()


def test_a_create_is_whole(crm: InteractionsClient, user: str) -> None:
    """The row, its audit row and the customer's dates are written."""
    repo = crm.as_user(user)
    due = in_days(3)
    call = repo.log_call(
        "Ünïcödé 😀",
        duration=12,
        next_action_date=due,
        metadata=InteractionMetadata(tags=["vip"], custom_fields={"score": 7}),
    )
    customer = crm.customers.get_by_user_id(user)
    assert call == repo.get(call.id)
    assert (call.created_at, due) == (customer.last_contact_at, customer.next_follow_up_at)
    assert 0 == crm.customers.reconcile(customer.id).audit_rows_added


def test_a_backdated_create_keeps_its_date(crm: InteractionsClient, user: str) -> None:
    """`occurred_at` is kept to the millisecond."""
    when = datetime(2020, 5, 1, 10, 0, 0, 123000, tzinfo=UTC)
    assert when == crm.as_user(user).log_call("Long ago", occurred_at=when).created_at


def test_the_same_key_makes_one_interaction(crm: InteractionsClient, user: str) -> None:
    """Eight concurrent creates with the same key write one interaction."""
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")

    def create(_: int) -> CustomerInteraction:
        return crm.as_user(user).create(draft)

    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(create, range(8)))
    assert {created[0].id} == {each.id for each in created}
    assert 1 == crm.as_user(user).count()


def test_of_two_writers_one_wins(crm: InteractionsClient, user: str) -> None:
    """The other writers get an error with the newer state."""
    repo = crm.as_user(user)
    call = repo.log_call("Contested")

    def change(number: int) -> CustomerInteraction | ConflictError:
        try:
            return repo.update(
                call.id,
                InteractionUpdate(subject=f"by {number}"),
                if_unchanged_since=call.updated_at,
            )
        except ConflictError as error:
            return error

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(change, range(8)))
    winners = [each for each in outcomes if isinstance(each, CustomerInteraction)]
    assert [repo.get(call.id)] == winners


def test_a_busy_customer_is_logged_by_many(crm: InteractionsClient, user: str) -> None:
    """No create fails, and the last contact is the latest interaction."""
    repo = crm.as_user(user)
    with ThreadPoolExecutor(8) as threads:
        calls = list(threads.map(lambda number: repo.log_call(f"call {number}"), range(24)))
    customer = crm.customers.get_by_user_id(user)
    assert max(call.created_at for call in calls) == customer.last_contact_at
    assert 24 == repo.count()


def test_follow_ups_without_an_outcome_are_found(crm: InteractionsClient, user: str) -> None:
    """More than 25 follow-ups are listed by due date, and completed ones are not."""
    repo = crm.as_user(user)
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(30):
        repo.log_task(
            f"task {number}",
            occurred_at=begin,
            next_action_date=begin + timedelta(days=30 - number),
        )
    due = list(repo.follow_ups.due())
    assert [f"task {number}" for number in reversed(range(30))] == [each.subject for each in due]
    repo.follow_ups.complete(due[0].id, note="Done.")
    repo.follow_ups.snooze(due[1].id, until=in_days(2))
    repo.follow_ups.cancel(due[2].id)
    assert 27 == sum(1 for _ in repo.follow_ups.due())


def test_a_series_has_one_open_follow_up(crm: InteractionsClient, user: str) -> None:
    """Eight concurrent completions create one next follow-up; skipping and stopping work."""
    repo = crm.as_user(user)
    due = in_days(1)
    task = repo.log_task("Weekly", next_action_date=due, recurrence="FREQ=DAILY;INTERVAL=7;COUNT=4")

    def complete(_: int) -> None:
        with suppress(ConflictError):
            crm.as_user(user).follow_ups.complete(task.id)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(complete, range(8)))
    (second,) = repo.follow_ups.upcoming(timedelta(days=99))
    assert due + timedelta(days=7) == second.next_action_date
    third = repo.follow_ups.skip(second.id)
    assert due + timedelta(days=14) == third.next_action_date
    assert third.next_action_date == crm.customers.get_by_user_id(user).next_follow_up_at
    repo.follow_ups.complete(third.id)
    (last,) = repo.follow_ups.upcoming(timedelta(days=99))
    assert None is repo.follow_ups.stop(last.id).recurrence
    repo.follow_ups.complete(last.id)
    assert [] == list(repo.follow_ups.upcoming(timedelta(days=99)))
    assert 3 == repo.count()


def test_pages_lose_nothing(crm: InteractionsClient, user: str) -> None:
    """Rows of the same millisecond are all read, and cursors can be used."""
    repo = crm.as_user(user)
    when = datetime(2021, 1, 1, tzinfo=UTC)
    ids = [repo.log_call("same time", occurred_at=when).id for _ in range(7)]
    found: list[str] = []
    cursor = None
    while True:
        page = repo.find(limit=3, after=cursor)
        found += [interaction.id for interaction in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(ids) == sorted(found)
    assert len(found) == len(set(found))


def test_another_customers_interactions_stay_hidden(crm: InteractionsClient, user: str) -> None:
    """A user whose ID differs only in case cannot read the interactions either."""
    call = crm.as_user(user).log_call("Secret")
    crm.customers.ensure("eve")
    for other in (user.upper(), "eve"):
        assert [] == [each for each in crm.as_user(other).iterate() if each.id == call.id]
    with pytest.raises(OwnershipError):
        crm.as_user("eve").delete(call.id)


def test_a_deleted_interaction_is_gone(crm: InteractionsClient, user: str) -> None:
    """After a deletion, the customer's last contact stays."""
    repo = crm.as_user(user)
    call = repo.log_call("Short")
    repo.delete(call.id)
    assert 0 == repo.count()
    assert call.created_at == crm.customers.get_by_user_id(user).last_contact_at


def test_a_missing_database_is_a_schema_error(unapplied: InteractionsClient) -> None:
    """The error names the command."""
    with pytest.raises(SchemaError, match="schema apply"):
        unapplied.as_admin("root").find()
