# Generated from tests/_async/access/test_signed_in.py by scripts/unasync.py; do not edit.
"""Clients authenticated as one user: what Appwrite permits works, everything else is explained."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from interactions_sdk import (
    ConfigurationError,
    ConflictError,
    CustomerInteraction,
    CustomerNotFoundError,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionsClient,
    InteractionsError,
    InteractionUpdate,
    OwnershipError,
    PermissionDeniedError,
    SchemaError,
    Settings,
    wire,
)
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query
from tests.users import AUDIT, CUSTOMERS, INTERACTIONS, ONCE, SESSIONS, People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx


ATOMIC = Settings()
FAST = Settings(consistency="fast")
SOON = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def people() -> Iterator[People]:
    """Return a server whose tables users may write to."""
    people = People.start()
    yield people
    people.server.close()


def with_key(people: People, settings: Settings = SESSIONS) -> InteractionsClient:
    """Return a client with the API key."""
    server = people.server
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=settings,
        retry=ONCE,
    )


def signed_in(
    people: People,
    user_id: str = "ada",
    settings: Settings = ATOMIC,
    *,
    transport: httpx.BaseTransport | None = None,
    routes: list[str] | None = None,
    **credentials: Any,
) -> InteractionsClient:
    """Return a client that is authenticated as a user."""
    return InteractionsClient(
        "http://embedded/v1",
        people.server.project,
        transport=transport or people.server.transport,
        settings=settings,
        retry=ONCE,
        on_request=None if routes is None else lambda event: routes.append(event.route),
        **(credentials or {"jwt": people.jwt(user_id)}),
    )


# --- identity


@pytest.mark.parametrize(("settings", "requests"), [(ATOMIC, 4), (FAST, 2)], ids=["atomic", "fast"])
def test_a_create_is_few_requests(people: People, settings: Settings, requests: int) -> None:
    """Users do not update their customer's dates, which saves a request."""
    with_key(people).customers.ensure("ada")
    routes: list[str] = []
    repo = signed_in(people, settings=settings, routes=routes).as_user()
    repo.log_call("First, which asks who it is and for the customer")
    routes.clear()

    repo.log_call("Second")

    assert requests == len(routes)


def test_the_account_is_asked_once(people: People) -> None:
    """Two repositories of a client share one `GET /account`."""
    with_key(people).customers.ensure("ada")
    routes: list[str] = []
    crm = signed_in(people, routes=routes)

    call = crm.as_user().log_call("Renewal")
    crm.as_user("ada").get(call.id)

    assert "ada" == call.user_id == call.created_by
    assert 1 == routes.count("/account")
    assert "/users/{user}" not in routes


def test_naming_another_is_refused_at_once_where_the_credential_tells(
    people: People,
) -> None:
    """The ID in a JWT or a session is compared before anything is sent."""
    routes: list[str] = []
    named: list[dict[str, Any]] = [
        {"jwt": people.jwt("ada")},
        {"session": people.session("ada")["secret"]},
    ]
    for given in named:
        crm = signed_in(people, routes=routes, **given)
        for act in (crm.as_user, crm.as_admin):
            with pytest.raises(PermissionDeniedError, match=r"authenticated as 'ada'.*as 'eve'"):
                act("eve")
    assert [] == routes


def test_naming_another_is_refused_at_the_first_act_else(people: People) -> None:
    """If a function fetches the JWT, the ID is compared at the first operation."""
    crm = signed_in(people, jwt=lambda: people.jwt("ada"))
    repo = crm.as_user("eve")

    with pytest.raises(PermissionDeniedError, match="authenticated as 'ada'"):
        repo.find()
    with pytest.raises(PermissionDeniedError, match="authenticated as 'ada'"):
        crm.as_user("eve")
    assert [] == list((crm.as_user("ada").find()).items)


def test_a_key_does_not_know_who_acts(people: People) -> None:
    """The user ID can be omitted only by signed-in users."""
    crm = with_key(people)
    assert not crm.is_signed_in
    for act in (crm.as_user, crm.as_admin):
        with pytest.raises(ConfigurationError, match="Pass a user ID"):
            act()


def test_a_repository_shows_who_it_is(people: People) -> None:
    """The `repr` has the user, but no secret."""
    jwt = people.jwt("ada")
    assert "<InteractionRepository of 'ada'>" == repr(signed_in(people, jwt=jwt).as_user())
    unknown = signed_in(people, jwt=lambda: jwt)
    assert unknown.is_signed_in
    assert "<InteractionRepository of the signed-in user>" == repr(unknown.as_user())
    assert jwt not in repr(unknown)


# --- what works


@pytest.mark.parametrize("settings", [ATOMIC, FAST], ids=["atomic", "fast"])
def test_a_user_writes_an_interaction_with_its_audit_row(
    people: People, settings: Settings
) -> None:
    """A user writes the row and its audit row; `reconcile()` with a key updates the dates."""
    key = with_key(people)
    customer = key.customers.ensure("ada")
    repo = signed_in(people, settings=settings).as_user()

    call = repo.log_call("Renewal", next_action_date=SOON)

    assert call == repo.get(call.id)
    assert 'read("user:ada")' in call.permissions
    entry = people.key("GET", f"{AUDIT}/{audit_row_id(call.id, CREATED)}")
    assert ("interaction.created", "ada", customer.id, []) == (
        *(entry[name] for name in ("action", "userId", "customerId")),
        entry["$permissions"],
    )
    assert (key.customers.get(customer.id)).last_contact_at is None
    reconciled = key.customers.reconcile()
    assert (1, 0) == (reconciled.dates_updated, reconciled.audit_rows_added)
    dated = key.customers.get(customer.id)
    assert call.created_at == dated.last_contact_at
    assert dated.next_follow_up_at is not None
    assert [] == [each for each in key.schema.audit_ownership()]


@pytest.mark.parametrize("settings", [ATOMIC, FAST], ids=["atomic", "fast"])
def test_a_user_changes_and_ends_what_is_its_own(people: People, settings: Settings) -> None:
    """A user can update, snooze, complete, cancel and delete; each operation is audited."""
    with_key(people).customers.ensure("ada")
    repo = signed_in(people, settings=settings).as_user()
    call = repo.log_call("Renewal", next_action_date=SOON)

    call = repo.update(call.id, InteractionUpdate(subject="Offer"))
    call = repo.follow_ups.snooze(call.id, by=timedelta(days=1))
    following = InteractionCreate(
        interaction_type="task", subject="Send it", next_action_date=SOON, idempotency_key="n"
    )
    done = repo.follow_ups.complete(call.id, note="Sent.", next=following)
    [task] = [each for each in repo.iterate(interaction_type="task")]
    task = repo.follow_ups.cancel(task.id)
    repo.delete(done.id)

    assert ("resolved", None) == (done.outcome, task.next_action_date)
    assert [task.id] == [each.id for each in repo.iterate()]
    actions = [row["action"] for row in people.key("GET", AUDIT)["rows"]]
    assert sorted(
        f"interaction.{action}"
        for action in (
            *("cancelled", "completed", "created", "created", "deleted", "drafted"),
            *("snoozed", "updated"),
        )
    ) == sorted(actions)
    assert [] == [each for each in with_key(people).schema.audit_ownership()]


def test_of_two_devices_of_one_user_one_wins(people: People) -> None:
    """Of two concurrent changes, the second one gets an error with the newer state."""
    with_key(people).customers.ensure("ada")
    one, other = (signed_in(people).as_user() for _ in range(2))
    call = one.log_call("Renewal")
    current = other.get(call.id)

    newer = one.update(call.id, InteractionUpdate(subject="First"))
    with pytest.raises(ConflictError) as caught:
        other.update(
            call.id, InteractionUpdate(subject="Second"), if_unchanged_since=current.updated_at
        )

    assert newer == caught.value.current


@pytest.mark.unmeasured
@pytest.mark.parametrize("settings", [ATOMIC, FAST], ids=["atomic", "fast"])
def test_a_repeated_draft_is_known_again(people: People, settings: Settings) -> None:
    """A repeated draft is recognized even after the interaction was changed."""
    with_key(people).customers.ensure("ada")
    repo = signed_in(people, settings=settings).as_user()
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    other = draft.model_copy(update={"subject": "Two"})

    first = repo.create(draft)
    assert first == repo.create(draft)
    with pytest.raises(ConflictError, match="another draft") as caught:
        repo.create(other)
    assert first == caught.value.current
    changed = repo.update(first.id, InteractionUpdate(subject="Changed"))
    assert changed == repo.create(draft)
    for _ in range(2):
        with pytest.raises(ConflictError, match="another draft"):
            repo.create(other)
    assert 1 == repo.count()
    assert changed == with_key(people).as_user("ada").create(draft)


def test_a_draft_that_was_deleted_is_not_written_again(people: People) -> None:
    """The audit row, which users cannot read, keeps the ID of a deleted interaction in use."""
    with_key(people).customers.ensure("ada")
    repo = signed_in(people).as_user()
    draft = InteractionCreate(interaction_type="call", subject="One", id="call-1")
    repo.delete((repo.create(draft)).id)

    with pytest.raises(ConflictError, match="a deleted interaction") as caught:
        repo.create(draft)

    assert not caught.value.may_have_landed
    assert 0 == repo.count()


def test_what_a_key_has_written_is_known_while_it_is_unchanged(people: People) -> None:
    """A draft written with a key is recognized until its interaction is changed, or if cached."""
    key = with_key(people)
    key.customers.ensure("ada")
    repo = signed_in(people).as_user()
    one = InteractionCreate(interaction_type="call", subject="One", idempotency_key="1")
    two = InteractionCreate(interaction_type="call", subject="Two", idempotency_key="2")
    first, second = [key.as_user("ada").create(draft) for draft in (one, two)]

    assert first == repo.create(one)
    changed = repo.update(first.id, InteractionUpdate(subject="Changed"))
    assert changed == repo.create(one)
    changed = repo.update(second.id, InteractionUpdate(subject="Changed"))
    with pytest.raises(ConflictError) as caught:
        repo.create(two)

    assert changed == caught.value.current


def test_without_an_audit_log_the_row_and_then_the_key_decide(people: People) -> None:
    """Without an audit log, the row and the key identify a repeated draft, as with an API key."""
    with_key(people).customers.ensure("ada")
    repo = signed_in(people, settings=Settings(audit_table=None)).as_user()
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")

    first = repo.create(draft)

    assert first == repo.create(draft)
    with pytest.raises(ConflictError, match="from another draft"):
        repo.create(draft.model_copy(update={"subject": "Two"}))
    changed = repo.update(first.id, InteractionUpdate(subject="Changed"))
    assert changed == repo.create(draft)


USUAL = {Fault.TIMEOUT_AFTER_WRITE, Fault.BAD_GATEWAY_BEFORE_WRITE, Fault.TRANSACTION_CONFLICT}


@pytest.mark.unmeasured
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[] if fault in USUAL else pytest.mark.slow)
        for fault in Fault
    ],
)
@pytest.mark.parametrize("settings", [ATOMIC, FAST], ids=["atomic", "fast"])
@pytest.mark.parametrize("times", [1, None], ids=["once", "for good"])
def test_nothing_is_lost_or_doubled_in_a_failing_network(
    people: People, settings: Settings, fault: Fault, times: int | None
) -> None:
    """Whichever request fails, the second attempt finds the first interaction or writes it."""
    key = with_key(people)
    for at in count(1):
        user_id = f"user-{at}"
        people.key("POST", "/users", {"userId": user_id, "email": f"{user_id}@example.com"})
        customer = key.customers.ensure(user_id)
        draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
        transport = FaultyTransport(people.server.transport, fault, first=at, count=times)
        failing = signed_in(people, user_id, settings, transport=transport)
        first = _created(failing, draft)

        second = signed_in(people, user_id, settings).as_user().create(draft)

        assert first is None or first.id == second.id
        [row] = _rows_of(key, INTERACTIONS, customer.id)
        assert second.id == row["$id"]
        entries = _rows_of(key, AUDIT, customer.id)
        assert ["interaction.created", "interaction.drafted"] == sorted(
            entry["action"] for entry in entries
        )
        if len(transport.requests) < at:
            break


@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault in USUAL])
@pytest.mark.parametrize("times", [1, None], ids=["once", "for good"])
def test_another_draft_is_never_taken_for_the_same(
    people: People, fault: Fault, times: int | None
) -> None:
    """Whichever request fails, a different draft with the same key is never accepted."""
    with_key(people).customers.ensure("ada")
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    repo = signed_in(people).as_user()
    first = repo.create(draft)
    changed = repo.update(first.id, InteractionUpdate(subject="Changed"))
    other = draft.model_copy(update={"subject": "Two"})
    for at in count(1):
        transport = FaultyTransport(people.server.transport, fault, first=at, count=times)
        failing = signed_in(people, transport=transport)

        assert _created(failing, other) is None

        transport = FaultyTransport(people.server.transport, fault, first=at, count=times)
        same = _created(signed_in(people, transport=transport), draft)
        assert same in (None, changed)
        if len(transport.requests) < at:
            break
    assert changed == same
    assert [changed] == [each for each in repo.iterate()]


def _created(crm: InteractionsClient, draft: InteractionCreate) -> CustomerInteraction | None:
    try:
        return crm.as_user().create(draft)
    except InteractionsError:
        return None


def _rows_of(key: InteractionsClient, path: str, customer_id: str) -> list[dict[str, Any]]:
    queries = urlencode([("queries[]", text) for text in query.encode_queries([query.limit(5000)])])
    answer = key._connection.send(wire.Call("GET", path, f"{path}?{queries}", bytes))
    return [row for row in json.loads(answer)["rows"] if row["customerId"] == customer_id]


def test_a_user_has_transactions_of_its_own(people: People) -> None:
    """A user's transaction takes single rows with their permissions, but no bulk operations."""
    customer = with_key(people).customers.ensure("ada")
    crm = signed_in(people)
    row = {
        "customerId": customer.id,
        "interactionType": "note",
        "direction": "inbound",
        "userId": "ada",
        "$permissions": ['read("user:ada")'],
    }

    with crm.transaction() as transaction:
        transaction.create("customer_interactions", "one", row)
        transaction.create("customer_interactions", "two", row)

    assert {"one", "two"} == {each.id for each in crm.as_user().iterate()}
    with pytest.raises(ConfigurationError, match="bulk requests"):
        crm.transaction().create_many("customer_interactions", [{"$id": "x", **row}])


def test_a_user_reads_its_own_customer_record(people: People) -> None:
    """A user can read their own customer record, but no other."""
    key = with_key(people)
    ada, eve = key.customers.ensure("ada"), key.customers.ensure("eve")
    customers = signed_in(people).customers

    assert ada.id == (customers.get(ada.id)).id
    assert ada.id == (customers.get_by_user_id("ada")).id
    assert ada.id == (customers.ensure("ada")).id
    with pytest.raises(CustomerNotFoundError):
        customers.get(eve.id)
    with pytest.raises(CustomerNotFoundError):
        customers.get_by_user_id("eve")
    with pytest.raises(ConfigurationError, match=r"customers\.create needs"):
        customers.ensure("eve")


def test_another_customers_id_is_refused_and_audited(people: People) -> None:
    """The error and the audit row are those of a client with a key."""
    key = with_key(people)
    key.customers.ensure("ada")
    eve = key.customers.ensure("eve")

    with pytest.raises(OwnershipError):
        signed_in(people).as_user().log_call("Mine", customer_id=eve.id)

    [entry] = people.key("GET", AUDIT)["rows"]
    assert ("interaction.refused", "ada", []) == (
        entry["action"],
        entry["userId"],
        entry["$permissions"],
    )


# --- records created before `user_sessions` was set


def test_a_record_that_its_user_cannot_read_is_mended_by_a_key(people: People) -> None:
    """`ensure()` and `reconcile()` grant read permission and keep the other permissions."""
    trusting = with_key(people, ATOMIC)
    ada = trusting.customers.ensure("ada")
    eve = trusting.customers.ensure("eve")
    trusting.as_user("eve").log_call("Before")
    people.key("PATCH", f"{CUSTOMERS}/{ada.id}", {"permissions": ['read("label:sales")']})
    repo = signed_in(people).as_user()
    with pytest.raises(CustomerNotFoundError, match="lacks permission to read it"):
        repo.log_call("Renewal")
    assert [] == list((repo.find()).items)
    key = with_key(people)
    told = [each for each in key.schema.audit_ownership()]
    assert [f"'{ada.id}'", f"'{eve.id}'"] == [each.split()[2] for each in told]

    assert 'read("user:ada")' in (key.customers.ensure("ada")).permissions
    foreseen = key.customers.reconcile(dry_run=True)
    reconciled = key.customers.reconcile()

    assert (1, 0) == (foreseen.read_permissions_granted, foreseen.dates_updated)
    assert (1, 0) == (reconciled.read_permissions_granted, reconciled.dates_updated)
    assert ['read("label:sales")', 'read("user:ada")'] == sorted(
        (key.customers.get(ada.id)).permissions
    )
    repo.log_call("Renewal")
    assert ["Before"] == [each.subject for each in signed_in(people, "eve").as_user().iterate()]
    assert [] == [each for each in key.schema.audit_ownership()]


def test_a_record_that_others_keep_changing_is_given_up(people: People) -> None:
    """After `customer_update_attempts`, the error names the number of attempts."""
    trusting = with_key(people, ATOMIC)
    trusting.customers.ensure("ada")
    server = people.server
    transport = FaultyTransport(
        server.transport, Fault.TRANSACTION_CONFLICT, method="PATCH", count=None
    )
    crowded = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=transport,
        settings=SESSIONS.model_copy(update={"customer_update_attempts": 2}),
        retry=ONCE,
    )

    with pytest.raises(ConflictError, match="each of 2 attempts"):
        crowded.customers.ensure("ada")


# --- what needs a key

ACTS: dict[str, Callable[[InteractionsClient, Path], object]] = {
    "occurred_at": lambda crm, _: crm.as_user().log_call("Then", occurred_at=datetime.now(UTC)),
    "create_many": lambda crm, _: crm.as_user().create_many([]),
    "import": lambda crm, path: crm.as_user().import_csv(path / "missing.csv"),
    "import of JSON": lambda crm, path: crm.as_user().import_jsonl(path / "missing.jsonl"),
    "archive": lambda crm, path: crm.as_admin().archive(datetime.now(UTC), path),
    "restore": lambda crm, path: crm.as_admin().restore(path),
    "erase_customer": lambda crm, _: crm.as_admin().erase_customer("c1"),
    "attach": lambda crm, _: crm.as_user().attach("i1", b"x", name="x.txt"),
    "customers.create": lambda crm, _: crm.customers.create(user_id="ada"),
    "customers.reconcile": lambda crm, _: crm.customers.reconcile(),
    "schema": lambda crm, _: crm.schema.plan(),
    "schema, checked": lambda crm, _: crm.schema.check(),
    "schema, applied": lambda crm, _: crm.schema.apply(user_sessions=True),
}


@pytest.mark.parametrize("name", ACTS)
def test_what_needs_a_key_says_so_before_anything_is_sent(
    people: People, name: str, tmp_path: Path
) -> None:
    """The error names the operation and the reason."""
    routes: list[str] = []
    crm = signed_in(people, "root", routes=routes)

    with pytest.raises(ConfigurationError, match=f"^{name[:6]}.* needs a client with an API key: "):
        ACTS[name](crm, tmp_path)

    assert [] == routes


def test_an_audit_of_ownership_needs_a_key(people: People) -> None:
    """The call is rejected, not the first iteration."""
    with pytest.raises(ConfigurationError, match="schema needs"):
        signed_in(people, "root").schema.audit_ownership()


# --- admins


def test_an_admin_reads_and_changes_what_is_there(people: People) -> None:
    """The admin role may change all interactions and the customers' dates."""
    key = with_key(people)
    ada = key.customers.ensure("ada")
    call = key.as_user("ada").log_call("Renewal", next_action_date=SOON)
    root = signed_in(people, "root").as_admin()

    assert [call.id] == [each.id for each in root.iterate()]
    assert 1 == root.count(customer_id=ada.id)
    assert [ada.id] == [(root.export_customer(ada.id))["customer"]["$id"]]
    done = root.follow_ups.complete(call.id)

    assert 'read("user:ada")' in done.permissions
    assert (key.customers.get(ada.id)).next_follow_up_at is None
    root.delete(call.id)
    assert 0 == key.as_user("ada").count()


def test_an_admin_cannot_write_for_others_without_a_key(people: People) -> None:
    """A signed-in admin cannot grant permissions to other users, but can write for itself."""
    key = with_key(people)
    ada, root = key.customers.ensure("ada"), key.customers.ensure("root")
    repo = signed_in(people, "root").as_admin("root")

    with pytest.raises(ConfigurationError, match="grant permissions only to roles they have"):
        repo.log_call("Renewal", customer_id=ada.id)
    own = repo.log_call("Own", customer_id=root.id)

    assert [own.id] == [each.id for each in key.as_user("root").iterate()]
    assert own.created_at == (key.customers.get(root.id)).last_contact_at


def test_an_account_without_the_role_is_no_admin(people: People) -> None:
    """An account without the admin role is rejected; an attempt to write is audited."""
    with_key(people).customers.ensure("ada")
    repo = signed_in(people).as_admin()

    with pytest.raises(PermissionDeniedError, match="'ada' is not an admin"):
        repo.find()
    with pytest.raises(PermissionDeniedError, match="label:superadmin"):
        repo.log_call("Renewal", customer_id="c1")

    assert ["interaction.refused"] == [row["action"] for row in people.key("GET", AUDIT)["rows"]]


def test_an_admin_may_be_a_member_of_a_team() -> None:
    """A team role makes an admin; other roles and users who are not members are rejected."""
    settings = Settings(user_sessions=True, admin_role="team:staff/lead")
    people = People.start(settings)
    for user, roles in (("root", ["lead"]), ("eve", ["junior"])):
        member = {"userId": user, "roles": roles, "url": "http://localhost"}
        people.key("POST", "/teams/staff/memberships", member)
    customer = with_key(people, settings).customers.ensure("ada")

    lead = signed_in(people, "root", settings).as_admin()
    assert 0 == lead.count(customer_id=customer.id)
    assert 0 == lead.count()
    for other in ("eve", "ada"):
        with pytest.raises(PermissionDeniedError, match="team:staff/lead"):
            signed_in(people, other, settings).as_admin().find()
    people.server.close()


# --- expired and blocked credentials


def test_an_expired_jwt_says_what_to_do(people: People) -> None:
    """An expired JWT raises an error; a function that returns JWTs is called again."""
    with_key(people).customers.ensure("ada")
    expired = people.jwt("ada", seconds=0)
    jwts = iter([expired, people.jwt("ada")])

    with pytest.raises(PermissionDeniedError, match=r"Expired.*a function that fetches") as caught:
        signed_in(people, jwt=expired).as_user().find()
    call = signed_in(people, jwt=lambda: next(jwts)).as_user().log_call("Renewal")

    assert "user_jwt_invalid" == caught.value.type
    assert "ada" == call.user_id


def test_a_function_that_brings_another_users_jwt_is_refused(people: People) -> None:
    """A new JWT must belong to the same user as the previous one."""
    jwts = iter([people.jwt("ada", seconds=0), people.jwt("eve")])

    with pytest.raises(PermissionDeniedError, match="a different user"):
        signed_in(people, jwt=lambda: next(jwts)).as_user().find()


@pytest.mark.parametrize("kind", ["jwt", "session"])
def test_a_blocked_account_says_so(people: People, kind: str) -> None:
    """The next request after the account was blocked raises the error, with a JWT or a session."""
    with_key(people).customers.ensure("ada")
    secret = people.jwt("ada") if kind == "jwt" else people.session("ada")["secret"]
    given: dict[str, Any] = {kind: secret}
    repo = signed_in(people, **given).as_user()
    repo.log_call("Renewal")
    people.key("PATCH", "/users/ada/status", {"status": False})

    for act in (repo.find, lambda: repo.log_call("Again")):
        with pytest.raises(PermissionDeniedError, match="unblock it") as caught:
            act()
        assert (403, "user_blocked") == (caught.value.status_code, caught.value.type)


@pytest.mark.parametrize("kind", ["jwt", "session"])
def test_an_ended_session_is_not_taken_for_an_empty_table(people: People, kind: str) -> None:
    """Guests see empty lists, so empty results are checked before they are returned."""
    customer = with_key(people).customers.ensure("ada")
    session = people.session("ada")
    jwt = people.jwt("ada", session_id=session["$id"])
    given: dict[str, Any] = {"jwt": jwt} if kind == "jwt" else {"session": session["secret"]}
    repo = signed_in(people, **given).as_user()
    call = repo.log_call("Renewal")
    fresh = signed_in(people, settings=Settings(cache_ttl=0), **given).as_user()
    assert 1 == fresh.count()
    people.key("DELETE", f"/users/ada/sessions/{session['$id']}")

    acts: list[Callable[[], object]] = [
        repo.find,
        repo.count,
        lambda: repo.get(call.id),
        lambda: repo.update(call.id, InteractionUpdate(subject="x")),
        lambda: fresh.find(customer_id=customer.id),
        lambda: fresh.log_call("Again"),
        signed_in(people, "ada", ATOMIC, **given).as_user().find,
        lambda: repo.log_call("Again"),
    ]
    for act in acts:
        with pytest.raises(PermissionDeniedError, match="the session has ended"):
            act()


def test_an_admins_ended_session_is_not_taken_for_an_empty_table(people: People) -> None:
    """An admin's empty results are checked in the same way before they are returned."""
    session = people.session("root")
    root = signed_in(people, session=session["secret"]).as_admin()
    assert 0 == root.count()
    people.key("DELETE", f"/users/root/sessions/{session['$id']}")

    with pytest.raises(PermissionDeniedError, match="session has ended"):
        root.find()
    with pytest.raises(PermissionDeniedError, match="session has ended"):
        root.get("x")


def test_a_missing_row_is_missing(people: People) -> None:
    """While the session is valid, an empty result is returned."""
    with_key(people).customers.ensure("ada")
    repo = signed_in(people).as_user()

    assert [] == list((repo.find()).items)
    with pytest.raises(InteractionNotFoundError):
        repo.get("missing")


# --- tables that users may not write to


def test_a_table_that_users_may_not_write_says_how_to_open_it() -> None:
    """The error suggests `apply(user_sessions=True)` and does not mention an API key."""
    people = People.start(ATOMIC)
    with_key(people).customers.ensure("ada")

    with pytest.raises(PermissionDeniedError, match=r"apply\(user_sessions=True\)") as caught:
        signed_in(people).as_user().log_call("Renewal")

    assert "APPWRITE_API_KEY" not in str(caught.value)
    people.server.close()


def test_a_missing_database_speaks_to_a_user(people: People) -> None:
    """The hint is to use an API key, not to create the database."""
    with pytest.raises(SchemaError, match="requires an API key") as caught:
        signed_in(people, settings=Settings(database_id="other")).as_user().find()

    assert "Create what is missing" not in str(caught.value)


def test_a_refusal_of_nobody_in_particular_is_not_audited(people: People) -> None:
    """After the session has ended, the user is unknown, so the refusal is not audited."""
    with signed_in(people, jwt="ended") as crm:
        with pytest.raises(PermissionDeniedError):
            crm.as_user().delete("call-1")
    assert 0 == people.key("GET", AUDIT)["total"]
