# Generated from tests/_async/access/test_ownership.py by scripts/unasync.py; do not edit.
"""Attacks by signed-in users on tables that they may write to.

Each attack uses raw requests, authenticated as the attacker. The rules that make them possible are
Appwrite's: transcripts `permissions-row`, `permissions-user-bulk` and `permissions-transaction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    APITimeoutError,
    BadRequestError,
    ConflictError,
    InteractionCreate,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    NotFoundError,
    Settings,
    UnverifiedInteraction,
)
from interactions_sdk._sync.connection.transactions import id_exists
from interactions_sdk.identifiers import CREATED, audit_row_id, id_from_key
from interactions_sdk.rules.operations import Operation
from interactions_sdk.testing import Fault, FaultyTransport
from tests.users import AUDIT, CUSTOMERS, INTERACTIONS, ONCE, SESSIONS, People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.transport.hooks import RequestEvent


TRANSACTIONS = "/tablesdb/transactions"


def client(
    people: People, user_id: str | None = None, settings: Settings = SESSIONS
) -> InteractionsClient:
    """Return a client with the API key, or one that is authenticated as a user."""
    server = people.server
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key if user_id is None else None,
        jwt=people.jwt(user_id) if user_id is not None else None,
        transport=server.transport,
        settings=settings,
        retry=ONCE,
    )


@dataclass
class Scene:
    """A victim with one call, and an attacker with another."""

    people: People
    crm: InteractionsClient
    ada: str
    eve: str
    call: CustomerInteraction
    eves_call: CustomerInteraction

    def readers(self) -> list[InteractionRepository]:
        """Return everybody who may read Ada's interactions, with a key and signed in."""
        return [
            self.crm.as_user("ada"),
            client(self.people, "ada").as_user(),
            self.crm.as_admin("root"),
            client(self.people, "root").as_admin(),
        ]

    def row(self, **columns: object) -> dict[str, object]:
        """Return the columns of a row that claims to belong to Ada."""
        return {
            "customerId": self.ada,
            "interactionType": "call",
            "direction": "inbound",
            "subject": "Forged",
            "userId": "ada",
            "createdBy": "ada",
            "nextActionDate": "2020-01-01T00:00:00.000+00:00",
            **columns,
        }


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Return the scene, on a server whose tables users may write to."""
    people = People.start()
    crm = client(people)
    ada = crm.customers.ensure("ada")
    eve = crm.customers.ensure("eve")
    call = crm.as_user("ada").log_call("Genuine")
    eves_call = crm.as_user("eve").log_call("Eve's own")
    yield Scene(people, crm, ada.id, eve.id, call, eves_call)
    people.server.close()


CHANGED = {"permissions", "updated_at"}

# --- the attacks: each returns the ID of a row that claims to belong to Ada


def inserts(scene: Scene) -> str:
    """Insert a row that claims to belong to Ada; it gets Eve's permissions."""
    body = {"rowId": "forged", "data": scene.row()}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    return "forged"


def inserts_for_everybody(scene: Scene) -> str:
    """Insert a row that all signed-in users may read, including Ada."""
    body = {"rowId": "forged", "data": scene.row(), "permissions": ['read("users")']}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    return "forged"


def inserts_without_permissions(scene: Scene) -> str:
    """Insert a row without permissions, like rows written with a key."""
    body = {"rowId": "forged", "data": scene.row(), "permissions": []}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    return "forged"


def stages(scene: Scene) -> str:
    """Insert the row in a transaction of Eve's."""
    people = scene.people
    begun = people.as_user("eve", "POST", TRANSACTIONS, {}).json()["$id"]
    operation = {
        "action": "create",
        "databaseId": "console-db",
        "tableId": "customer_interactions",
        "rowId": "forged",
        "data": scene.row(**{"$permissions": ['read("any")']}),
    }
    path = f"{TRANSACTIONS}/{begun}"
    staged = people.as_user("eve", "POST", f"{path}/operations", {"operations": [operation]})
    assert 201 == staged.status_code
    assert 200 == people.as_user("eve", "PATCH", path, {"commit": True}).status_code
    return "forged"


def moves(scene: Scene) -> str:
    """Change the customer of a genuine row of Eve's."""
    row_id = scene.eves_call.id
    body = {"data": {"customerId": scene.ada, "nextActionDate": "2020-01-01T00:00:00.000+00:00"}}
    moved = scene.people.as_user("eve", "PATCH", f"{INTERACTIONS}/{row_id}", body)
    assert 200 == moved.status_code
    return row_id


ATTACKS = [inserts, inserts_for_everybody, inserts_without_permissions, stages, moves]


@pytest.mark.unmeasured
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_forged_row_is_seen_by_nobody(
    scene: Scene, attack: Callable[[Scene], str], tmp_path: Path
) -> None:
    """No method returns a forged row to the victim or to an admin, and `reconcile()` ignores it."""
    forged = attack(scene)

    for repo in scene.readers():
        with pytest.raises(NotFoundError):
            repo.get(forged)
        with pytest.raises(NotFoundError):
            repo.update(forged, InteractionUpdate(subject="Mine"))
        with pytest.raises(NotFoundError):
            repo.follow_ups.complete(forged)
        with pytest.raises(NotFoundError):
            repo.delete(forged)
        assert [] == [each.id for each in repo.follow_ups.due()]
        assert [] == repo.follow_ups.claim(5)
        page = repo.find(customer_id=scene.ada, with_total=True)
        assert ([scene.call.id], 1) == ([each.id for each in page.items], page.total)
        assert 1 == repo.count(customer_id=scene.ada, direction="outbound")
        assert 0 == repo.count(customer_id=scene.ada, direction="inbound")
        assert forged not in [each.id for each in repo.iterate()]
        assert forged not in [each.id for each in (repo.recent()).items]
        assert forged not in [each.id for each in (repo.timeline()).interactions]
        assert forged not in [each.id for each in (repo.find(text="Forged")).items]
        file = tmp_path / "calls.jsonl"
        repo.export_jsonl(file)
        assert forged not in file.read_text()
    before = scene.crm.customers.get(scene.ada)
    scene.crm.customers.reconcile()
    after = scene.crm.customers.get(scene.ada)
    assert (before.last_contact_at, None) == (after.last_contact_at, after.next_follow_up_at)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_forged_row_is_named(scene: Scene, attack: Callable[[Scene], str]) -> None:
    """`audit_ownership()` names the row and the user who may not read it."""
    assert [] == [each for each in scene.crm.schema.audit_ownership()]

    forged = attack(scene)

    told = [each for each in scene.crm.schema.audit_ownership()]
    assert any(f"interaction '{forged}'" in each and "user 'ada'" in each for each in told)


@pytest.mark.unmeasured
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_forged_row_is_handed_out_to_nobody(
    scene: Scene, attack: Callable[[Scene], str], tmp_path: Path
) -> None:
    """A forged row is neither exported nor archived; erasing the customer deletes it."""
    forged = attack(scene)
    root = scene.crm.as_admin("root")

    handed_out = root.export_customer(scene.ada)
    assert [scene.call.id] == [each["$id"] for each in handed_out["interactions"]]
    archived = root.archive(datetime.now(UTC) + timedelta(days=1), tmp_path / "archive")
    assert 2 - (forged == scene.eves_call.id) == archived.archived
    assert (0, 0) == (archived.open_follow_ups, archived.changed)
    assert forged == scene.people.key("GET", f"{INTERACTIONS}/{forged}")["$id"]
    root.erase_customer(scene.ada)
    rows = scene.people.key("GET", INTERACTIONS)["rows"]
    assert [] == [each for each in rows if each["customerId"] == scene.ada]


def test_a_table_that_only_a_key_writes_is_read_as_before(scene: Scene) -> None:
    """Only with `user_sessions` does a row need permissions to be returned."""
    row = scene.row(nextActionDate=None)
    scene.people.key("POST", INTERACTIONS, {"rowId": "imported", "data": row})

    trusting = client(scene.people, settings=SESSIONS.model_copy(update={"user_sessions": False}))

    assert 2 == trusting.as_user("ada").count()
    assert 1 == scene.crm.as_user("ada").count()


def test_a_forged_row_moves_no_dates_of_an_import(scene: Scene) -> None:
    """Forged rows do not change the customers' dates when many customers are updated together."""
    unverified = client(scene.people, settings=SESSIONS.model_copy(update={"verify_users": False}))
    others = [unverified.customers.create(user_id=f"user-{number}") for number in range(4)]
    for customer in others:
        row = scene.row(customerId=customer.id, nextActionDate=None)
        body = {"rowId": f"forged-{customer.user_id}", "data": row}
        assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    when = datetime(2026, 5, 1, tzinfo=UTC)
    drafts = [
        InteractionCreate(interaction_type="call", customer_id=customer.id, occurred_at=when)
        for customer in others
    ]

    (scene.crm.as_admin("root").create_many(drafts)).raise_for_failures()

    for customer in others:
        assert when == (scene.crm.customers.get(customer.id)).last_contact_at


# --- what Appwrite rejects itself


def test_rights_are_not_granted_to_others(scene: Scene) -> None:
    """Users cannot grant permissions to other users or roles."""
    theirs = ['read("user:ada")']
    for method, path, body in (
        ("POST", INTERACTIONS, {"rowId": "forged", "data": scene.row(), "permissions": theirs}),
        ("PUT", f"{INTERACTIONS}/forged", {"data": scene.row(), "permissions": theirs}),
        ("PATCH", f"{INTERACTIONS}/{scene.eves_call.id}", {"permissions": theirs}),
        (
            "PATCH",
            f"{INTERACTIONS}/{scene.eves_call.id}",
            {"permissions": ['read("label:superadmin")']},
        ),
    ):
        answer = scene.people.as_user("eve", method, path, body)
        assert (401, "user_unauthorized") == (answer.status_code, answer.json()["type"])
        assert "Permissions must be one of" in answer.json()["message"]
    assert [] == [each for each in scene.crm.schema.audit_ownership()]


def test_the_rows_of_others_are_neither_read_nor_changed(scene: Scene) -> None:
    """Users can neither read nor change other users' rows, even in transactions."""
    people, path = scene.people, f"{INTERACTIONS}/{scene.call.id}"
    assert 404 == people.as_user("eve", "GET", path).status_code
    assert [scene.eves_call.id] == [
        each["$id"] for each in people.as_user("eve", "GET", INTERACTIONS).json()["rows"]
    ]
    for method, body in (
        ("PATCH", {"data": {"subject": "Theft"}}),
        ("PUT", {"data": scene.row()}),
        ("DELETE", None),
    ):
        assert 401 == people.as_user("eve", method, path, body).status_code
    begun = people.as_user("eve", "POST", TRANSACTIONS, {}).json()["$id"]
    for action in ("update", "upsert", "delete"):
        operation = {
            "action": action,
            "databaseId": "console-db",
            "tableId": "customer_interactions",
            "rowId": scene.call.id,
            "data": scene.row(**{"$id": scene.call.id}),
        }
        path_of_operations = f"{TRANSACTIONS}/{begun}/operations"
        people.as_user("eve", "POST", path_of_operations, {"operations": [operation]})
    people.as_user("eve", "PATCH", f"{TRANSACTIONS}/{begun}", {"commit": True})
    assert scene.call == scene.crm.as_user("ada").get(scene.call.id)


def test_a_customer_record_is_not_its_users_to_change(scene: Scene) -> None:
    """Users cannot change their customer record, which decides whose interactions they can read."""
    path = f"/tablesdb/console-db/tables/customers/rows/{scene.eve}"
    people = scene.people
    assert 200 == people.as_user("eve", "GET", path).status_code
    assert 404 == people.as_user("eve", "GET", path.replace(scene.eve, scene.ada)).status_code
    for method in ("PATCH", "PUT"):
        answer = people.as_user("eve", method, path, {"data": {"userId": "ada"}})
        assert 401 == answer.status_code
    body = {"rowId": "second", "data": {"userId": "eve"}}
    assert 401 == people.as_user("eve", "POST", path.rpartition("/")[0], body).status_code


def test_the_audit_log_is_not_read_or_changed_by_users(scene: Scene) -> None:
    """Users can add rows to the audit log, but cannot read or change them."""
    path = f"{AUDIT}/{audit_row_id(scene.eves_call.id, CREATED)}"
    people = scene.people
    assert 404 == people.as_user("eve", "GET", path).status_code
    assert 401 == people.as_user("eve", "GET", AUDIT).status_code
    for method, body in (("PATCH", {"data": {"action": "x"}}), ("DELETE", None)):
        assert 401 == people.as_user("eve", method, path, body).status_code


def test_admins_see_unverified_rows_when_they_ask(scene: Scene, tmp_path: Path) -> None:
    """Admins who pass `include_unverified` see rows whose permissions their user removed."""
    hidden = f"{INTERACTIONS}/{scene.call.id}"
    answer = scene.people.as_user("ada", "PATCH", hidden, {"permissions": []})
    assert 200 == answer.status_code, answer.text
    seen = scene.crm.as_user("ada").log_call("Seen")
    root = scene.crm.as_admin("root")

    calls = root.find(customer_id=scene.ada, include_unverified=True, text="Seen")
    assert ([seen], 0) == (list(calls.items), calls.unverified)
    page = root.find(customer_id=scene.ada)
    assert ([seen.id], 1) == ([each.id for each in page.items], page.unverified)
    assert 1 == root.count(customer_id=scene.ada)

    page = root.find(customer_id=scene.ada, include_unverified=True, with_total=True)
    assert {seen.id: True, scene.call.id: False} == {
        each.id: each.is_verified for each in page.items
    }
    assert (2, 1) == (page.total, page.unverified)
    assert 2 == root.count(customer_id=scene.ada, include_unverified=True)
    assert 2 == root.count(customer_id=scene.ada, include_unverified=True, interaction_type="call")
    iterated = [each for each in root.iterate(customer_id=scene.ada, include_unverified=True)]
    [marked] = [each for each in iterated if not each.is_verified]
    assert isinstance(marked, UnverifiedInteraction)
    assert marked.model_dump() == {**scene.call.model_dump(), **marked.model_dump(include=CHANGED)}
    assert "UnverifiedInteraction(id=" in repr(marked)
    asked: dict[str, Any] = {"customer_id": scene.ada}
    for number, write in enumerate((root.export_csv, root.export_jsonl, root.export_parquet)):
        assert 1 == write(tmp_path / f"verified.{number}", **asked)
        assert 2 == write(tmp_path / f"all.{number}", **asked, include_unverified=True)


@pytest.mark.parametrize("act", ["find", "count", "iterate"])
def test_only_admins_ask_for_unverified_rows(scene: Scene, act: str) -> None:
    """`include_unverified` is rejected for users."""
    ada = scene.crm.as_user("ada")
    with pytest.raises(BadRequestError, match="include_unverified is for admins"):
        if act == "find":
            ada.find(include_unverified=True)
        elif act == "count":
            ada.count(include_unverified=True)
        else:
            next(ada.iterate(include_unverified=True))


def test_texts_in_the_place_of_ids_are_named(scene: Scene) -> None:
    """Invalid user IDs are reported, and escaped in the message."""
    text = "</script><script>alert(1)</script>\x1b[2J"
    changed = scene.people.as_user(
        "ada", "PATCH", f"{INTERACTIONS}/{scene.call.id}", {"data": {"userId": text}}
    )
    assert 200 == changed.status_code
    customer = f"{CUSTOMERS}/{scene.ada}"
    scene.people.key("PATCH", customer, {"data": {"userId": "a b"}})

    told = [each for each in scene.crm.schema.audit_ownership()]

    about_the_customer = f"customer '{scene.ada}' has the user_id 'a b', which is not an Appwrite"
    assert any(about_the_customer in each for each in told)
    scene.people.key("PATCH", customer, {"data": {"userId": "ada"}})
    told = [each for each in scene.crm.schema.audit_ownership()]
    about_the_call = f"interaction '{scene.call.id}' has the user_id {text!r}, which is not an"
    assert any(about_the_call in each for each in told)


# --- forged audit rows


def claim(scene: Scene, row_id: str, **columns: object) -> None:
    """Insert an audit row as Eve."""
    data: dict[str, object] = {
        "action": "interaction.created",
        "userId": "ada",
        "entityId": scene.call.id,
        "customerId": scene.ada,
        "fingerprint": "0" * 64,
        **columns,
    }
    body = {"rowId": row_id, "data": data, "permissions": []}
    answer = scene.people.as_user("eve", "POST", AUDIT, body)
    assert 201 == answer.status_code, answer.text


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"userId": "eve"}, "claims to be from 'eve', who is neither the user of the customer"),
        ({"userId": "no user"}, "claims to be from 'no user'"),
        ({"userId": "no user"}, "has the user_id 'no user', which is not an Appwrite ID"),
        ({"userId": "nobody"}, "claims to be from 'nobody'"),
        ({}, "does not have the ID that follows from the interaction"),
        (
            {"entityId": "../x\n"},
            "does not have the ID that follows from the interaction '../x\\\\n'",
        ),
        ({"customerId": "eves"}, "for an interaction that claims"),
        ({"action": "interaction.drafted"}, "does not have the ID that follows"),
    ],
)
def test_an_audit_row_that_contradicts_what_is_known_is_named(
    scene: Scene, claims: dict[str, object], told: str
) -> None:
    """Audit rows that contradict other data are reported."""
    values = {name: scene.eve if value == "eves" else value for name, value in claims.items()}

    claim(scene, "forged", **values)

    [sentence] = [each for each in scene.crm.schema.audit_ownership()]
    assert "audit row 'forged'" in sentence
    assert told.replace("\\\\n", "\\n") in sentence


def test_a_deletion_that_cannot_have_been_is_named(scene: Scene) -> None:
    """Reported are deletions of interactions that exist, or whose creation was never logged."""
    ada = scene.crm.as_user("ada")
    gone = ada.log_call("Gone")
    ada.delete(gone.id)
    assert [] == [each for each in scene.crm.schema.audit_ownership()]

    claim(scene, "forged-1", action="interaction.deleted", entityId="never", userId="ada")
    claim(scene, "forged-2", action="interaction.deleted", userId="ada")

    told = [each for each in scene.crm.schema.audit_ownership()]
    assert 2 == len(told)
    assert "'never' was deleted, whose creation no audit row reports" in told[0]
    assert f"'{scene.call.id}', which exists, was deleted" in told[1]


def test_an_audit_row_with_permissions_is_named(scene: Scene) -> None:
    """Permissions added by Appwrite show that a user wrote the row; the library grants none."""
    data = {"action": "note", "userId": "eve", "entityId": "e1"}
    scene.people.as_user("eve", "POST", AUDIT, {"rowId": "forged", "data": data})

    [sentence] = [each for each in scene.crm.schema.audit_ownership()]

    assert 'grants read("user:eve"), ' in sentence


def test_an_id_that_was_taken_in_advance_is_a_conflict(scene: Scene) -> None:
    """If another user has taken the ID, the error reveals nothing about that user's row."""
    draft = InteractionCreate(interaction_type="call", subject="Mine", idempotency_key="k")
    row_id = id_from_key("customer_interactions", scene.ada, "k")
    columns = scene.row(
        subject="Mine", direction="outbound", nextActionDate=None, interactionType="call"
    )
    body = {"rowId": row_id, "data": columns}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code

    for repo in (scene.crm.as_user("ada"), client(scene.people, "ada").as_user()):
        with pytest.raises(ConflictError, match="this customer does not own") as caught:
            repo.create(draft)
        assert caught.value.current is None
    result = scene.crm.as_user("ada").create_many([draft], on_error="continue")
    assert "for another customer" in str(result.failed[0].error)


def test_an_audit_id_that_was_taken_in_advance_is_a_conflict(scene: Scene) -> None:
    """A forged audit row makes the interaction look deleted; `audit_ownership()` reports it."""
    draft = InteractionCreate(interaction_type="call", subject="Mine", idempotency_key="k")
    row_id = id_from_key("customer_interactions", scene.ada, "k")
    claim(scene, audit_row_id(row_id, CREATED), entityId=row_id, userId="eve")

    for repo in (scene.crm.as_user("ada"), client(scene.people, "ada").as_user()):
        with pytest.raises(ConflictError, match="deleted"):
            repo.create(draft)
    assert 1 == scene.crm.as_user("ada").count()
    [sentence] = [each for each in scene.crm.schema.audit_ownership()]
    assert "claims to be from 'eve'" in sentence


def test_the_owner_of_a_page_is_asked_once(scene: Scene) -> None:
    """The users of all customers on an admin's page are read in one request, and then cached."""
    crm = client(scene.people, settings=SESSIONS.model_copy(update={"verify_users": False}))
    for number in range(5):
        customer = crm.customers.create(user_id=f"user-{number}")
        crm.as_user(customer.user_id).log_call(f"Call {number}")
    routes: list[str] = []
    server = scene.people.server
    fresh = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=SESSIONS.model_copy(update={"verify_users": False}),
        on_request=lambda event: routes.append(event.route),
    )

    assert 7 == len((fresh.as_admin("root").find()).items)
    assert 7 == len((fresh.as_admin("root").find()).items)

    assert 3 == len(routes)


def test_a_migrated_row_is_not_called_forged(scene: Scene) -> None:
    """The message about a row that was copied with a key suggests a migration, not an attack."""
    scene.people.key("POST", INTERACTIONS, {"rowId": "old", "data": scene.row()})

    (problem,) = [each for each in scene.crm.schema.audit_ownership()]

    assert "The interaction 'old' claims the customer" in problem
    assert (
        "(it grants nothing at all). This is so for rows that were migrated or written" in problem
    )
    assert "forged" not in problem
    assert f"crm.customers.reassign('{scene.ada}', to='ada') lets the user read them." in problem
    scene.crm.customers.reassign(scene.ada, to="ada")
    assert [] == [each for each in scene.crm.schema.audit_ownership()]
    assert {"old", scene.call.id} == {each.id for each in scene.crm.as_user("ada").iterate()}


def test_a_row_of_another_user_is_distinguished(scene: Scene) -> None:
    """The message about another user's row names both possible causes."""
    inserts(scene)

    (problem,) = [each for each in scene.crm.schema.audit_ownership()]

    assert "It was written for another user: the customer was given to somebody else" in problem
    assert "or the other user claims it" in problem


def test_a_row_of_nobodys_customer_is_named(scene: Scene) -> None:
    """Rows of a missing customer, or of one without a user, are reported."""
    body = {"rowId": "forged", "data": scene.row(customerId="../nobody")}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    scene.people.key("POST", CUSTOMERS, {"rowId": "c0", "data": {"userId": ""}})
    scene.people.key("POST", INTERACTIONS, {"rowId": "old", "data": scene.row(customerId="c0")})

    told = [each for each in scene.crm.schema.audit_ownership()]

    assert [
        "The interaction 'forged' claims the customer '../nobody', who does not exist.",
        "The interaction 'old' claims the customer 'c0', who has no user.",
    ] == told
    assert 2 == scene.crm.as_admin("root").count()


def test_an_admin_who_is_named_is_looked_up_once(scene: Scene) -> None:
    """The admin who created the rows is looked up once, or never with `verify_users=False`."""
    root = scene.crm.as_admin("root")
    for _ in range(3):
        root.log_call("Renewal", customer_id=scene.ada)
    for verifies, asked in ((True, 1), (False, 0)):
        events: list[RequestEvent] = []
        server = scene.people.server
        crm = InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=server.transport,
            settings=SESSIONS.model_copy(update={"verify_users": verifies}),
            on_request=events.append,
        )
        assert [] == [each for each in crm.schema.audit_ownership()]
        assert asked == [event.route for event in events].count("/users/{user}")


def test_what_is_not_kept_is_not_audited(scene: Scene) -> None:
    """Without an audit log and `user_sessions`, audit rows and permissions are not checked."""
    claim(scene, "forged", userId="eve")
    scene.people.key("PATCH", f"{CUSTOMERS}/{scene.ada}", {"permissions": []})
    settings = Settings(audit_table=None, verify_users=False)

    crm = client(scene.people, settings=settings)

    assert [] == [each for each in crm.schema.audit_ownership()]


def test_whether_an_id_is_taken_may_not_be_told(scene: Scene) -> None:
    """A row that is rejected for another reason raises that error."""
    refused = Operation("create", "audit_logs", "x", {"$permissions": ["nonsense"]})

    with pytest.raises(BadRequestError):
        id_exists(scene.crm._connection, "console-db", refused)


def test_whether_an_id_is_taken_is_asked_again_and_then_given_up(scene: Scene) -> None:
    """The check is retried; when it fails, nothing was written, and `may_have_landed` is false."""
    server = scene.people.server
    transport = FaultyTransport(
        server.transport, Fault.TIMEOUT_AFTER_WRITE, method="PATCH", count=None
    )
    unanswered = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=transport,
        retry=ONCE,
    )
    create = Operation("create", "audit_logs", "x", {"action": "a", "userId": "u", "entityId": "e"})

    with pytest.raises(APITimeoutError) as caught:
        id_exists(unanswered._connection, "console-db", create)

    assert not caught.value.may_have_landed
    assert 4 == sum("PATCH" in str(request) for request in transport.requests)


def test_a_newer_state_that_is_its_owners_no_more_is_not_shown(scene: Scene) -> None:
    """The error does not contain a newer state that the user may no longer read."""
    body = {"data": {"subject": "Gone"}, "permissions": []}

    assert (lose_against(scene, body)).current is None


def test_a_newer_state_that_is_another_customers_is_not_shown(scene: Scene) -> None:
    """The error does not contain a newer state that belongs to another customer."""
    body = {"data": {"customerId": "another"}}

    assert (lose_against(scene, body)).current is None


def lose_against(scene: Scene, body: Mapping[str, object]) -> ConflictError:
    """Have Ada change an interaction that a program with a key has just changed."""
    records = scene.crm.as_user("ada")._interactions
    current = records.get_for_update(scene.call.id, "update")
    scene.people.key("PATCH", f"{INTERACTIONS}/{scene.call.id}", body)
    with pytest.raises(ConflictError, match="changed by another client") as caught:
        records.update(current, {"subject": "Mine"}, action="interaction.updated")
    return caught.value
