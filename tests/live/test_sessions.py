"""Clients of signed-in users over HTTP, on an embedded or a real server."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from interactions_sdk import (
    ConfigurationError,
    ConflictError,
    InteractionCreate,
    InteractionsClient,
    InteractionUpdate,
    NotFoundError,
    PermissionDeniedError,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conftest import Server

SOON = datetime.now(UTC) + timedelta(days=3)


@dataclass(frozen=True)
class World:
    """A database that users may write to, and two users."""

    server: Server
    settings: Settings
    crm: InteractionsClient
    ada: str
    eve: str

    def jwt(self, user_id: str) -> str:
        """Return a JWT for a user."""
        return str(self.server.request("POST", f"/users/{user_id}/jwts", {})["jwt"])

    def signed_in(self, user_id: str) -> InteractionsClient:
        """Return a client authenticated as a user with fresh JWTs."""
        return InteractionsClient(
            self.server.endpoint,
            self.server.project,
            jwt=lambda: self.jwt(user_id),
            settings=self.settings,
        )

    def rows(self, table: str) -> str:
        """Return the path of a table's rows."""
        return f"/tablesdb/{self.settings.database_id}/tables/{table}/rows"

    def as_user(self, user_id: str, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a raw request, authenticated as a user."""
        headers = {
            "X-Appwrite-Project": self.server.project,
            "X-Appwrite-JWT": self.jwt(user_id),
        }
        return httpx.request(
            method, f"{self.server.endpoint}{path}", json=body, headers=headers, timeout=30
        )


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[World]:
    """Return a new database and users, deleted afterwards."""
    users = [f"user{secrets.token_hex(6)}" for _ in range(2)]
    settings = Settings(
        database_id=f"live{secrets.token_hex(6)}", user_sessions=True, verify_users=False
    )
    with ExitStack() as stack:
        for user in users:
            stack.enter_context(server.deleting(f"/users/{user}"))
            server.request("POST", "/users", {"userId": user, "email": f"{user}@example.com"})
        stack.enter_context(server.deleting(f"/tablesdb/{settings.database_id}"))
        crm = stack.enter_context(
            InteractionsClient(
                server.endpoint, server.project, api_key=server.key, settings=settings
            )
        )
        crm.schema.apply(user_sessions=False)
        crm.schema.apply()
        for user in users:
            crm.customers.ensure(user)
        yield World(server, settings, crm, *users)


def test_tables_that_are_there_are_opened(world: World) -> None:
    """After opening the tables, there are no problems and no pending changes."""
    assert ([], []) == (world.crm.schema.plan(), world.crm.schema.check())


def test_a_users_interaction_lives_and_ends(world: World) -> None:
    """A user can create, update, complete and delete, and every step is audited."""
    with world.signed_in(world.ada) as crm:
        repo = crm.as_user()
        call = repo.log_call("Renewal", next_action_date=SOON)
        call = repo.update(call.id, InteractionUpdate(subject="Offer"))
        following = InteractionCreate(
            interaction_type="task", subject="Send it", next_action_date=SOON
        )
        done = repo.follow_ups.complete(call.id, next=following)
        [task] = repo.find(interaction_type="task")
        task = repo.follow_ups.snooze(task.id, by=timedelta(days=1))
        repo.follow_ups.cancel(task.id)
        repo.delete(done.id)
        assert [task.id] == [each.id for each in repo.iterate()]
        repo.delete(task.id)
    customer = world.crm.customers.get_by_user_id(world.ada)
    assert 0 == world.crm.customers.reconcile(customer.id).audit_rows_added


def test_a_repeated_draft_is_known_again(world: World) -> None:
    """A repeated draft is recognized even after the interaction was changed."""
    draft = InteractionCreate(interaction_type="call", subject="One", idempotency_key="k")
    with world.signed_in(world.ada) as crm:
        repo = crm.as_user()
        first = repo.create(draft)
        assert first == repo.create(draft)
        changed = repo.update(first.id, InteractionUpdate(subject="Changed"))
        assert changed == repo.create(draft)
        for _ in range(2):
            with pytest.raises(ConflictError, match="another draft"):
                repo.create(draft.model_copy(update={"subject": "Two"}))
        repo.delete(first.id)
        with pytest.raises(ConflictError, match="deleted"):
            repo.create(draft)
    assert 0 == world.crm.as_user(world.ada).count()


def test_what_others_forge_is_passed_over_and_named(world: World) -> None:
    """Rows inserted or moved to another customer are ignored and reported."""
    ada = world.crm.customers.get_by_user_id(world.ada)
    moved = world.crm.as_user(world.eve).log_call("Eve's own")
    row = {
        "customerId": ada.id,
        "interactionType": "call",
        "direction": "inbound",
        "userId": world.ada,
        "nextActionDate": "2020-01-01T00:00:00.000+00:00",
    }
    path = world.rows("customer_interactions")
    inserted = world.as_user(world.eve, "POST", path, {"rowId": "forged", "data": row})
    changed = world.as_user(world.eve, "PATCH", f"{path}/{moved.id}", {"data": row})
    assert (201, 200) == (inserted.status_code, changed.status_code)

    with world.signed_in(world.ada) as crm:
        for repo in (crm.as_user(), world.crm.as_user(world.ada), world.crm.as_admin("root")):
            assert [] == list(repo.iterate(customer_id=ada.id))
            assert [] == list(repo.follow_ups.due())
            with pytest.raises(NotFoundError):
                repo.get("forged")
    world.crm.customers.reconcile(ada.id)
    assert world.crm.customers.get(ada.id).next_follow_up_at is None
    told = "\n".join(world.crm.schema.audit_ownership())
    assert f"interaction 'forged' claims the customer '{ada.id}'" in told
    assert f"interaction '{moved.id}' claims the customer '{ada.id}'" in told
    for row_id in ("forged", moved.id):
        world.server.request("DELETE", f"{path}/{row_id}")


def test_rights_are_not_granted_to_others(world: World) -> None:
    """A user cannot grant permissions to another user."""
    row = {"customerId": "c", "interactionType": "call", "direction": "inbound", "userId": "u"}
    path = world.rows("customer_interactions")
    body: dict[str, Any] = {"rowId": "forged", "data": row}
    body["permissions"] = [f'read("user:{world.ada}")']
    answer = world.as_user(world.eve, "POST", path, body)
    assert (401, "user_unauthorized") == (answer.status_code, answer.json()["type"])


def test_customers_and_the_audit_log_are_not_a_users_to_change(world: World) -> None:
    """Otherwise, users could take over other customers' interactions or change what they did."""
    call = world.crm.as_user(world.eve).log_call("Audited")
    eve = world.crm.customers.get_by_user_id(world.eve)
    customers = world.rows("customers")
    body = {"data": {"userId": world.ada}}
    assert 200 == world.as_user(world.eve, "GET", f"{customers}/{eve.id}").status_code
    assert 401 == world.as_user(world.eve, "PATCH", f"{customers}/{eve.id}", body).status_code
    assert 401 == world.as_user(world.eve, "GET", world.rows("audit_logs")).status_code
    world.crm.as_user(world.eve).delete(call.id)


def test_a_users_bulk_calls_are_refused_here(world: World) -> None:
    """Appwrite's own error would say that the database does not exist."""
    with world.signed_in(world.ada) as crm:
        draft = InteractionCreate(interaction_type="call", subject="Many")
        with pytest.raises(ConfigurationError, match="API key"):
            crm.as_user().create_many([draft])
        with pytest.raises(ConfigurationError, match="API key"):
            crm.as_user().log_call("Then", occurred_at=datetime.now(UTC))


def test_a_session_that_ended_and_a_blocked_account_say_so(world: World) -> None:
    """Neither is treated as an empty table."""
    session = world.server.request("POST", f"/users/{world.ada}/sessions", {})
    with InteractionsClient(
        world.server.endpoint,
        world.server.project,
        session=session["secret"],
        settings=world.settings,
    ) as crm:
        repo = crm.as_user()
        assert 0 == repo.count()
        world.server.request("DELETE", f"/users/{world.ada}/sessions/{session['$id']}")
        with pytest.raises(PermissionDeniedError, match="session has ended"):
            repo.find()
    world.server.request("PATCH", f"/users/{world.ada}/status", {"status": False})
    with (
        world.signed_in(world.ada) as crm,
        pytest.raises(PermissionDeniedError, match="unblock it"),
    ):
        crm.as_user().find()
    world.server.request("PATCH", f"/users/{world.ada}/status", {"status": True})
