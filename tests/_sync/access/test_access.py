# Generated from tests/_async/access/test_access.py by scripts/unasync.py; do not edit.
"""Acting users are verified once, and admins carry the role."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import (
    InteractionsClient,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    UserNotFoundError,
)
from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Iterator


VERIFIED = Settings(verify_users=True)
BY_TEAM = Settings(verify_users=True, admin_role="team:staff/lead")


def raw(server: EmbeddedAppwrite, method: str, path: str, body: object = None) -> None:
    """Send a request of one's own to a server, as the console would."""
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.api_key}
    with httpx.Client(transport=server.transport, headers=headers) as http:
        http.request(method, f"http://embedded/v1{path}", json=body).raise_for_status()


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Return a server with three users, two of whom are admins in one way or another."""
    embedded = EmbeddedAppwrite()
    for user in ("ada", "root", "lead"):
        raw(embedded, "POST", "/users", {"userId": user, "email": f"{user}@example.com"})
    raw(embedded, "PUT", "/users/root/labels", {"labels": ["superadmin"]})
    raw(embedded, "POST", "/teams", {"teamId": "staff", "name": "Staff"})
    member = {"userId": "lead", "roles": ["lead"], "url": "http://localhost"}
    raw(embedded, "POST", "/teams/staff/memberships", member)
    yield embedded
    embedded.close()


def open_client(server: EmbeddedAppwrite, settings: Settings) -> InteractionsClient:
    """Return a client of the server, schema applied."""
    client = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=server.transport,
        retry=RetryPolicy(retries=0),
    )
    client.schema.apply()
    return client


def test_a_user_must_exist(server: EmbeddedAppwrite) -> None:
    """An unknown user is refused before anything is read or written."""
    with open_client(server, VERIFIED) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Intro")
        with pytest.raises(UserNotFoundError, match="'nobody' does not exist"):
            crm.as_user("nobody").find()
        with pytest.raises(UserNotFoundError):
            crm.as_admin("nobody").count()


def test_an_admin_carries_the_label(server: EmbeddedAppwrite) -> None:
    """A user without it may not act as an admin; the try to write is audited."""
    with open_client(server, VERIFIED) as crm:
        customer = crm.customers.ensure("ada")
        crm.as_admin("root").log_call("Intro", customer_id=customer.id)
        with pytest.raises(PermissionDeniedError, match="label:superadmin"):
            crm.as_admin("ada").log_call("Intro", customer_id=customer.id)
        with pytest.raises(PermissionDeniedError, match="'ada' is not an admin"):
            crm.as_admin("ada").find()
        assert 1 == crm.as_admin("root").count()


def test_an_admin_may_be_a_member_of_a_team(server: EmbeddedAppwrite) -> None:
    """A team role does the same as a label."""
    with open_client(server, BY_TEAM) as crm:
        assert 0 == crm.as_admin("lead").count()
        with pytest.raises(PermissionDeniedError, match="team:staff/lead"):
            crm.as_admin("root").count()
    with open_client(server, BY_TEAM.model_copy(update={"admin_role": "team:staff"})) as crm:
        assert 0 == crm.as_admin("lead").count()


def test_a_user_is_looked_up_once(
    server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """The second operation asks nothing about the user."""
    with open_client(server, VERIFIED) as crm:
        crm.customers.ensure("ada")
        caplog.set_level(logging.DEBUG, "interactions_sdk")
        crm.as_user("ada").find()
        crm.as_user("ada").find()
        routes = [record.interactions_sdk["route"] for record in caplog.records]  # type: ignore[attr-defined]
        assert 1 == routes.count("/users/{user}")


def test_a_key_without_users_read_is_told_the_setting() -> None:
    """The error names the scope and the setting that turns the check off."""

    def refuse(request: httpx.Request) -> httpx.Response:
        body = {
            "message": "app.key@service.example (role: applications) missing scopes",
            "code": 401,
            "type": "general_unauthorized_scope",
        }
        return httpx.Response(401, json=body, request=request)

    with InteractionsClient(
        "http://embedded/v1", "p", api_key="k", transport=httpx.MockTransport(refuse)
    ) as crm:
        with pytest.raises(PermissionDeniedError, match=r"users\.read.*verify_users=False"):
            crm.as_user("ada").find()


def test_a_record_that_changed_hands_is_not_remembered_for_its_former_user(
    crm: InteractionsClient,
) -> None:
    """What the client has read of the record's new user counts at once."""
    crm.customers.create(user_id="ada", id="c1")
    crm.as_user("ada").log_call("Intro")
    with crm.transaction() as transaction:
        transaction.update("customers", "c1", {"userId": "bob"})
    crm.as_user("bob").log_call("Secret")
    assert [] == list(crm.as_user("ada").find())


def test_an_acting_user_is_known_to_the_letter(server: EmbeddedAppwrite) -> None:
    """`ROOT` is not `root`, whom Appwrite finds by either name."""
    with open_client(server, VERIFIED) as crm:
        with pytest.raises(UserNotFoundError, match="'ROOT' does not exist"):
            crm.as_admin("ROOT").count()
        with pytest.raises(UserNotFoundError):
            crm.as_user("Ada").find()


def test_a_wrong_key_is_told_as_such(server: EmbeddedAppwrite) -> None:
    """It lacks more than the right to read users."""
    with InteractionsClient(
        "http://embedded/v1", server.project, api_key="wrong", transport=server.transport
    ) as crm:
        with pytest.raises(PermissionDeniedError, match="Check APPWRITE_API_KEY"):
            crm.as_user("ada").find()
