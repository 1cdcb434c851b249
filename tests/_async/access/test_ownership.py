"""What users of other accounts do to a table that takes their rows, and that nobody falls for it.

Each attack is made with requests of one's own, signed in as the attacker, as no program of this
library would make them. The rules that let it happen are Appwrite's: transcripts `permissions-row`,
`permissions-user-bulk` and `permissions-transaction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    APITimeoutError,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConflictError,
    InteractionCreate,
    InteractionUpdate,
    NotFoundError,
    Settings,
    UnverifiedInteraction,
)
from interactions_sdk._async.connection.transactions import id_exists
from interactions_sdk.identifiers import CREATED, audit_row_id, id_from_key
from interactions_sdk.rules.operations import Operation
from interactions_sdk.testing import Fault, FaultyTransport
from tests.users import AUDIT, CUSTOMERS, INTERACTIONS, ONCE, SESSIONS, People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.transport.hooks import RequestEvent

pytestmark = pytest.mark.anyio

TRANSACTIONS = "/tablesdb/transactions"


def client(
    people: People, user_id: str | None = None, settings: Settings = SESSIONS
) -> AsyncInteractionsClient:
    """Return a client with the API key, or one that is signed in as a user."""
    server = people.server
    return AsyncInteractionsClient(
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
    """A victim with one call of her own, and an attacker with another."""

    people: People
    crm: AsyncInteractionsClient
    ada: str
    eve: str
    call: CustomerInteraction
    eves_call: CustomerInteraction

    def readers(self) -> list[AsyncInteractionRepository]:
        """Return all who read Ada's interactions: herself and an admin, by key and signed in."""
        return [
            self.crm.as_user("ada"),
            client(self.people, "ada").as_user(),
            self.crm.as_admin("root"),
            client(self.people, "root").as_admin(),
        ]

    def row(self, **columns: object) -> dict[str, object]:
        """Return the columns of a row that claims to be Ada's."""
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
async def scene() -> AsyncIterator[Scene]:
    """Return the scene, on a server whose tables let users write."""
    people = People.start()
    crm = client(people)
    ada = await crm.customers.ensure("ada")
    eve = await crm.customers.ensure("eve")
    call = await crm.as_user("ada").log_call("Genuine")
    eves_call = await crm.as_user("eve").log_call("Eve's own")
    yield Scene(people, crm, ada.id, eve.id, call, eves_call)
    people.server.close()


CHANGED = {"permissions", "updated_at"}

# --- the attacks: each returns the id of a row that claims to be Ada's


def inserts(scene: Scene) -> str:
    """Insert a row that claims to be Ada's; it gets Eve's permissions."""
    body = {"rowId": "forged", "data": scene.row()}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    return "forged"


def inserts_for_everybody(scene: Scene) -> str:
    """Let everybody who is signed in read it, Ada as well."""
    body = {"rowId": "forged", "data": scene.row(), "permissions": ['read("users")']}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    return "forged"


def inserts_without_permissions(scene: Scene) -> str:
    """Give nobody a right, as the rows of a key have none."""
    body = {"rowId": "forged", "data": scene.row(), "permissions": []}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    return "forged"


def stages(scene: Scene) -> str:
    """Insert it in a transaction of Eve's own."""
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
    """Change the customer of a genuine row of one's own."""
    row_id = scene.eves_call.id
    body = {"data": {"customerId": scene.ada, "nextActionDate": "2020-01-01T00:00:00.000+00:00"}}
    moved = scene.people.as_user("eve", "PATCH", f"{INTERACTIONS}/{row_id}", body)
    assert 200 == moved.status_code
    return row_id


ATTACKS = [inserts, inserts_for_everybody, inserts_without_permissions, stages, moves]


@pytest.mark.unmeasured
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_a_forged_row_is_seen_by_nobody(
    scene: Scene, attack: Callable[[Scene], str], tmp_path: Path
) -> None:
    """Neither the victim nor an admin, by no way of reading, and reconciling passes it over."""
    forged = attack(scene)

    for repo in scene.readers():
        with pytest.raises(NotFoundError):
            await repo.get(forged)
        with pytest.raises(NotFoundError):
            await repo.update(forged, InteractionUpdate(subject="Mine"))
        with pytest.raises(NotFoundError):
            await repo.follow_ups.complete(forged)
        with pytest.raises(NotFoundError):
            await repo.delete(forged)
        assert [] == [each.id async for each in repo.follow_ups.due()]
        assert [] == await repo.follow_ups.claim(5)
        page = await repo.find(customer_id=scene.ada, with_total=True)
        assert ([scene.call.id], 1) == ([each.id for each in page.items], page.total)
        assert 1 == await repo.count(customer_id=scene.ada, direction="outbound")
        assert 0 == await repo.count(customer_id=scene.ada, direction="inbound")
        assert forged not in [each.id async for each in repo.iterate()]
        assert forged not in [each.id for each in (await repo.recent()).items]
        assert forged not in [each.id for each in (await repo.timeline()).interactions]
        assert forged not in [each.id for each in (await repo.find(text="Forged")).items]
        file = tmp_path / "calls.jsonl"
        await repo.export_jsonl(file)
        assert forged not in file.read_text()
    before = await scene.crm.customers.get(scene.ada)
    await scene.crm.customers.reconcile()
    after = await scene.crm.customers.get(scene.ada)
    assert (before.last_contact_at, None) == (after.last_contact_at, after.next_follow_up_at)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_a_forged_row_is_named(scene: Scene, attack: Callable[[Scene], str]) -> None:
    """`audit_ownership` names the row, and whose user may not read it."""
    assert [] == [each async for each in scene.crm.schema.audit_ownership()]

    forged = attack(scene)

    told = [each async for each in scene.crm.schema.audit_ownership()]
    assert any(f"interaction '{forged}'" in each and "user 'ada'" in each for each in told)


@pytest.mark.unmeasured
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_a_forged_row_is_handed_out_to_nobody(
    scene: Scene, attack: Callable[[Scene], str], tmp_path: Path
) -> None:
    """Neither to an authority, nor to an archive; erasing the customer takes it along."""
    forged = attack(scene)
    root = scene.crm.as_admin("root")

    handed_out = await root.export_customer(scene.ada)
    assert [scene.call.id] == [each["$id"] for each in handed_out["interactions"]]
    archived = await root.archive(datetime.now(UTC) + timedelta(days=1), tmp_path / "archive")
    assert 2 - (forged == scene.eves_call.id) == archived.archived
    assert (0, 0) == (archived.open_follow_ups, archived.changed)
    assert forged == scene.people.key("GET", f"{INTERACTIONS}/{forged}")["$id"]
    await root.erase_customer(scene.ada)
    rows = scene.people.key("GET", INTERACTIONS)["rows"]
    assert [] == [each for each in rows if each["customerId"] == scene.ada]


async def test_a_table_that_only_a_key_writes_is_read_as_before(scene: Scene) -> None:
    """Without the setting a row needs no permissions; with it there is one request more."""
    row = scene.row(nextActionDate=None)
    scene.people.key("POST", INTERACTIONS, {"rowId": "imported", "data": row})

    trusting = client(scene.people, settings=SESSIONS.model_copy(update={"user_sessions": False}))

    assert 2 == await trusting.as_user("ada").count()
    assert 1 == await scene.crm.as_user("ada").count()


async def test_a_forged_row_moves_no_dates_of_an_import(scene: Scene) -> None:
    """Neither where the customers of an import are moved together."""
    unverified = client(scene.people, settings=SESSIONS.model_copy(update={"verify_users": False}))
    others = [await unverified.customers.create(user_id=f"user-{number}") for number in range(4)]
    for customer in others:
        row = scene.row(customerId=customer.id, nextActionDate=None)
        body = {"rowId": f"forged-{customer.user_id}", "data": row}
        assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    when = datetime(2026, 5, 1, tzinfo=UTC)
    drafts = [
        InteractionCreate(interaction_type="call", customer_id=customer.id, occurred_at=when)
        for customer in others
    ]

    (await scene.crm.as_admin("root").create_many(drafts)).raise_for_failures()

    for customer in others:
        assert when == (await scene.crm.customers.get(customer.id)).last_contact_at


# --- what Appwrite refuses by itself


async def test_rights_are_not_granted_to_others(scene: Scene) -> None:
    """The permission that makes a row Ada's is not Eve's to give."""
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
    assert [] == [each async for each in scene.crm.schema.audit_ownership()]


async def test_the_rows_of_others_are_neither_read_nor_changed(scene: Scene) -> None:
    """Not by their IDs, not in lists, not in a transaction, and not by replacing them."""
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
    assert scene.call == await scene.crm.as_user("ada").get(scene.call.id)


async def test_a_customer_record_is_not_its_users_to_change(scene: Scene) -> None:
    """Whoever could, could make it another's, and read that one's interactions."""
    path = f"/tablesdb/console-db/tables/customers/rows/{scene.eve}"
    people = scene.people
    assert 200 == people.as_user("eve", "GET", path).status_code
    assert 404 == people.as_user("eve", "GET", path.replace(scene.eve, scene.ada)).status_code
    for method in ("PATCH", "PUT"):
        answer = people.as_user("eve", method, path, {"data": {"userId": "ada"}})
        assert 401 == answer.status_code
    body = {"rowId": "second", "data": {"userId": "eve"}}
    assert 401 == people.as_user("eve", "POST", path.rpartition("/")[0], body).status_code


async def test_the_audit_log_is_not_read_or_changed_by_users(scene: Scene) -> None:
    """They may add to it, and that is all."""
    path = f"{AUDIT}/{audit_row_id(scene.eves_call.id, CREATED)}"
    people = scene.people
    assert 404 == people.as_user("eve", "GET", path).status_code
    assert 401 == people.as_user("eve", "GET", AUDIT).status_code
    for method, body in (("PATCH", {"data": {"action": "x"}}), ("DELETE", None)):
        assert 401 == people.as_user("eve", method, path, body).status_code


async def test_admins_see_unverified_rows_when_they_ask(scene: Scene, tmp_path: Path) -> None:
    """A user that drops the permissions of its row hides it from nobody who asks for it."""
    hidden = f"{INTERACTIONS}/{scene.call.id}"
    answer = scene.people.as_user("ada", "PATCH", hidden, {"permissions": []})
    assert 200 == answer.status_code, answer.text
    seen = await scene.crm.as_user("ada").log_call("Seen")
    root = scene.crm.as_admin("root")

    calls = await root.find(customer_id=scene.ada, include_unverified=True, text="Seen")
    assert ([seen], 0) == (list(calls.items), calls.unverified)
    page = await root.find(customer_id=scene.ada)
    assert ([seen.id], 1) == ([each.id for each in page.items], page.unverified)
    assert 1 == await root.count(customer_id=scene.ada)

    page = await root.find(customer_id=scene.ada, include_unverified=True, with_total=True)
    assert {seen.id: True, scene.call.id: False} == {
        each.id: each.is_verified for each in page.items
    }
    assert (2, 1) == (page.total, page.unverified)
    assert 2 == await root.count(customer_id=scene.ada, include_unverified=True)
    assert 2 == await root.count(
        customer_id=scene.ada, include_unverified=True, interaction_type="call"
    )
    iterated = [each async for each in root.iterate(customer_id=scene.ada, include_unverified=True)]
    [marked] = [each for each in iterated if not each.is_verified]
    assert isinstance(marked, UnverifiedInteraction)
    assert marked.model_dump() == {**scene.call.model_dump(), **marked.model_dump(include=CHANGED)}
    assert "UnverifiedInteraction(id=" in repr(marked)
    asked: dict[str, Any] = {"customer_id": scene.ada}
    for number, write in enumerate((root.export_csv, root.export_jsonl, root.export_parquet)):
        assert 1 == await write(tmp_path / f"verified.{number}", **asked)
        assert 2 == await write(tmp_path / f"all.{number}", **asked, include_unverified=True)


@pytest.mark.parametrize("act", ["find", "count", "iterate"])
async def test_only_admins_ask_for_unverified_rows(scene: Scene, act: str) -> None:
    """A user sees its own interactions, and nothing else."""
    ada = scene.crm.as_user("ada")
    with pytest.raises(BadRequestError, match="include_unverified is for admins"):
        if act == "find":
            await ada.find(include_unverified=True)
        elif act == "count":
            await ada.count(include_unverified=True)
        else:
            await anext(ada.iterate(include_unverified=True))


async def test_texts_in_the_place_of_ids_are_named(scene: Scene) -> None:
    """A user may put any text into its own row; an invalid ID is shown escaped."""
    text = "</script><script>alert(1)</script>\x1b[2J"
    changed = scene.people.as_user(
        "ada", "PATCH", f"{INTERACTIONS}/{scene.call.id}", {"data": {"userId": text}}
    )
    assert 200 == changed.status_code
    customer = f"{CUSTOMERS}/{scene.ada}"
    scene.people.key("PATCH", customer, {"data": {"userId": "a b"}})

    told = [each async for each in scene.crm.schema.audit_ownership()]

    about_the_customer = f"customer '{scene.ada}' has the user_id 'a b', which is not an Appwrite"
    assert any(about_the_customer in each for each in told)
    scene.people.key("PATCH", customer, {"data": {"userId": "ada"}})
    told = [each async for each in scene.crm.schema.audit_ownership()]
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
async def test_an_audit_row_that_contradicts_what_is_known_is_named(
    scene: Scene, claims: dict[str, object], told: str
) -> None:
    """What contradicts other data is reported; what users say about themselves is not."""
    values = {name: scene.eve if value == "eves" else value for name, value in claims.items()}

    claim(scene, "forged", **values)

    [sentence] = [each async for each in scene.crm.schema.audit_ownership()]
    assert "audit row 'forged'" in sentence
    assert told.replace("\\\\n", "\\n") in sentence


async def test_a_deletion_that_cannot_have_been_is_named(scene: Scene) -> None:
    """Of an interaction that exists, or that no audit row says was created; others are believed."""
    ada = scene.crm.as_user("ada")
    gone = await ada.log_call("Gone")
    await ada.delete(gone.id)
    assert [] == [each async for each in scene.crm.schema.audit_ownership()]

    claim(scene, "forged-1", action="interaction.deleted", entityId="never", userId="ada")
    claim(scene, "forged-2", action="interaction.deleted", userId="ada")

    told = [each async for each in scene.crm.schema.audit_ownership()]
    assert 2 == len(told)
    assert "'never' was deleted, whose creation no audit row reports" in told[0]
    assert f"'{scene.call.id}', which exists, was deleted" in told[1]


async def test_an_audit_row_with_permissions_is_named(scene: Scene) -> None:
    """Appwrite adds permissions unless the row names some; this library inserts none."""
    data = {"action": "note", "userId": "eve", "entityId": "e1"}
    scene.people.as_user("eve", "POST", AUDIT, {"rowId": "forged", "data": data})

    [sentence] = [each async for each in scene.crm.schema.audit_ownership()]

    assert 'grants read("user:eve"), ' in sentence


async def test_an_id_that_was_taken_in_advance_is_a_conflict(scene: Scene) -> None:
    """Whoever knows a customer's key can keep its ID from her; nothing of theirs is returned."""
    draft = InteractionCreate(interaction_type="call", subject="Mine", idempotency_key="k")
    row_id = id_from_key("customer_interactions", scene.ada, "k")
    columns = scene.row(
        subject="Mine", direction="outbound", nextActionDate=None, interactionType="call"
    )
    body = {"rowId": row_id, "data": columns}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code

    for repo in (scene.crm.as_user("ada"), client(scene.people, "ada").as_user()):
        with pytest.raises(ConflictError, match="this customer does not own") as caught:
            await repo.create(draft)
        assert caught.value.current is None
    result = await scene.crm.as_user("ada").create_many([draft], on_error="continue")
    assert "for another customer" in str(result.failed[0].error)


async def test_an_audit_id_that_was_taken_in_advance_is_a_conflict(scene: Scene) -> None:
    """It looks like a deleted interaction, and is reported afterwards."""
    draft = InteractionCreate(interaction_type="call", subject="Mine", idempotency_key="k")
    row_id = id_from_key("customer_interactions", scene.ada, "k")
    claim(scene, audit_row_id(row_id, CREATED), entityId=row_id, userId="eve")

    for repo in (scene.crm.as_user("ada"), client(scene.people, "ada").as_user()):
        with pytest.raises(ConflictError, match="deleted"):
            await repo.create(draft)
    assert 1 == await scene.crm.as_user("ada").count()
    [sentence] = [each async for each in scene.crm.schema.audit_ownership()]
    assert "claims to be from 'eve'" in sentence


async def test_the_owner_of_a_page_is_asked_once(scene: Scene) -> None:
    """An admin's page of many customers takes one request for their users, and then none."""
    crm = client(scene.people, settings=SESSIONS.model_copy(update={"verify_users": False}))
    for number in range(5):
        customer = await crm.customers.create(user_id=f"user-{number}")
        await crm.as_user(customer.user_id).log_call(f"Call {number}")
    routes: list[str] = []
    server = scene.people.server
    fresh = AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=SESSIONS.model_copy(update={"verify_users": False}),
        on_request=lambda event: routes.append(event.route),
    )

    assert 7 == len((await fresh.as_admin("root").find()).items)
    assert 7 == len((await fresh.as_admin("root").find()).items)

    assert 3 == len(routes)


async def test_a_migrated_row_is_not_called_forged(scene: Scene) -> None:
    """Nobody has done wrong who copied rows with a key; the sentence says what gives them away."""
    scene.people.key("POST", INTERACTIONS, {"rowId": "old", "data": scene.row()})

    (problem,) = [each async for each in scene.crm.schema.audit_ownership()]

    assert "The interaction 'old' claims the customer" in problem
    assert (
        "(it grants nothing at all). This is so for rows that were migrated or written" in problem
    )
    assert "forged" not in problem
    assert f"crm.customers.reassign('{scene.ada}', to='ada') lets the user read them." in problem
    await scene.crm.customers.reassign(scene.ada, to="ada")
    assert [] == [each async for each in scene.crm.schema.audit_ownership()]
    assert {"old", scene.call.id} == {each.id async for each in scene.crm.as_user("ada").iterate()}


async def test_a_row_of_another_user_is_distinguished(scene: Scene) -> None:
    """It names both ways in which it may have come about."""
    inserts(scene)

    (problem,) = [each async for each in scene.crm.schema.audit_ownership()]

    assert "It was written for another user: the customer was given to somebody else" in problem
    assert "or the other user claims it" in problem


async def test_a_row_of_nobodys_customer_is_named(scene: Scene) -> None:
    """Whoever is claimed may never have been there, or have no user."""
    body = {"rowId": "forged", "data": scene.row(customerId="../nobody")}
    assert 201 == scene.people.as_user("eve", "POST", INTERACTIONS, body).status_code
    scene.people.key("POST", CUSTOMERS, {"rowId": "c0", "data": {"userId": ""}})
    scene.people.key("POST", INTERACTIONS, {"rowId": "old", "data": scene.row(customerId="c0")})

    told = [each async for each in scene.crm.schema.audit_ownership()]

    assert [
        "The interaction 'forged' claims the customer '../nobody', who does not exist.",
        "The interaction 'old' claims the customer 'c0', who has no user.",
    ] == told
    assert 2 == await scene.crm.as_admin("root").count()


async def test_an_admin_who_is_named_is_looked_up_once(scene: Scene) -> None:
    """Its rows are genuine, and where users are not verified nobody is asked."""
    root = scene.crm.as_admin("root")
    for _ in range(3):
        await root.log_call("Renewal", customer_id=scene.ada)
    for verifies, asked in ((True, 1), (False, 0)):
        events: list[RequestEvent] = []
        server = scene.people.server
        crm = AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=server.transport,
            settings=SESSIONS.model_copy(update={"verify_users": verifies}),
            on_request=events.append,
        )
        assert [] == [each async for each in crm.schema.audit_ownership()]
        assert asked == [event.route for event in events].count("/users/{user}")


async def test_what_is_not_kept_is_not_audited(scene: Scene) -> None:
    """Without an audit log, and where users do not act for themselves, less is looked at."""
    claim(scene, "forged", userId="eve")
    scene.people.key("PATCH", f"{CUSTOMERS}/{scene.ada}", {"permissions": []})
    settings = Settings(audit_table=None, verify_users=False)

    crm = client(scene.people, settings=settings)

    assert [] == [each async for each in crm.schema.audit_ownership()]


async def test_whether_an_id_is_taken_may_not_be_told(scene: Scene) -> None:
    """A row that is refused for another reason reveals nothing."""
    refused = Operation("create", "audit_logs", "x", {"$permissions": ["nonsense"]})

    with pytest.raises(BadRequestError):
        await id_exists(scene.crm._connection, "console-db", refused)


async def test_whether_an_id_is_taken_is_asked_again_and_then_given_up(scene: Scene) -> None:
    """No answer to what cannot be committed leaves nothing behind, and no doubt."""
    server = scene.people.server
    transport = FaultyTransport(
        server.transport, Fault.TIMEOUT_AFTER_WRITE, method="PATCH", count=None
    )
    unanswered = AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=transport,
        retry=ONCE,
    )
    create = Operation("create", "audit_logs", "x", {"action": "a", "userId": "u", "entityId": "e"})

    with pytest.raises(APITimeoutError) as caught:
        await id_exists(unanswered._connection, "console-db", create)

    assert not caught.value.may_have_landed
    assert 4 == sum("PATCH" in str(request) for request in transport.requests)


async def test_a_newer_state_that_is_its_owners_no_more_is_not_shown(scene: Scene) -> None:
    """Whoever loses against somebody who takes the permissions away sees nothing of it."""
    body = {"data": {"subject": "Gone"}, "permissions": []}

    assert (await lose_against(scene, body)).current is None


async def test_a_newer_state_that_is_another_customers_is_not_shown(scene: Scene) -> None:
    """Nor does whoever loses against somebody who gives the interaction to another."""
    body = {"data": {"customerId": "another"}}

    assert (await lose_against(scene, body)).current is None


async def lose_against(scene: Scene, body: Mapping[str, object]) -> ConflictError:
    """Have ada change an interaction that a program with a key changes at the same time."""
    records = scene.crm.as_user("ada")._interactions
    current = await records.get_for_update(scene.call.id, "update")
    scene.people.key("PATCH", f"{INTERACTIONS}/{scene.call.id}", body)
    with pytest.raises(ConflictError, match="changed by another client") as caught:
        await records.update(current, {"subject": "Mine"}, action="interaction.updated")
    return caught.value
