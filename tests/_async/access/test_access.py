"""Acting users are verified once, and admins must have the admin role."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    ConfigurationError,
    CustomerNotFoundError,
    PermissionDeniedError,
    RetryPolicy,
    SchemaError,
    Settings,
    UserNotFoundError,
)
from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

VERIFIED = Settings(verify_users=True)
BY_TEAM = Settings(verify_users=True, admin_role="team:staff/lead")


def raw(server: EmbeddedAppwrite, method: str, path: str, body: object = None) -> None:
    """Send a raw request to a server, as the console would."""
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.api_key}
    with httpx.Client(transport=server.transport, headers=headers) as http:
        http.request(method, f"http://embedded/v1{path}", json=body).raise_for_status()


@pytest.fixture
async def server() -> AsyncIterator[EmbeddedAppwrite]:
    """Return a server with three users; one is an admin by label, and one by a role in a team."""
    embedded = EmbeddedAppwrite()
    for user in ("ada", "root", "lead"):
        raw(embedded, "POST", "/users", {"userId": user, "email": f"{user}@example.com"})
    raw(embedded, "PUT", "/users/root/labels", {"labels": ["superadmin"]})
    raw(embedded, "POST", "/teams", {"teamId": "staff", "name": "Staff"})
    member = {"userId": "lead", "roles": ["lead"], "url": "http://localhost"}
    raw(embedded, "POST", "/teams/staff/memberships", member)
    yield embedded
    embedded.close()


def client_of(
    server: EmbeddedAppwrite,
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncInteractionsClient:
    """Return a client of the server."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=RetryPolicy(retries=0),
    )


async def open_client(server: EmbeddedAppwrite, settings: Settings) -> AsyncInteractionsClient:
    """Return a client of the server, with the schema applied."""
    client = client_of(server, settings)
    await client.schema.apply()
    return client


async def test_a_user_must_exist(server: EmbeddedAppwrite) -> None:
    """Operations of an unknown user raise `UserNotFoundError`."""
    async with await open_client(server, VERIFIED) as crm:
        await crm.customers.ensure("ada")
        await crm.as_user("ada").log_call("Intro")
        with pytest.raises(UserNotFoundError, match="'nobody' does not exist"):
            await crm.as_user("nobody").find()
        with pytest.raises(UserNotFoundError):
            await crm.as_admin("nobody").count()


async def test_a_user_who_does_not_exist_gets_no_record(server: EmbeddedAppwrite) -> None:
    """No customer record is created for, or reassigned to, a user who does not exist."""
    async with await open_client(server, VERIFIED) as crm:
        ada = await crm.customers.ensure("ada")
        typo = r"'typo' does not exist.*verify_users"
        with pytest.raises(UserNotFoundError, match=typo):
            await crm.customers.create("typo")
        with pytest.raises(UserNotFoundError, match=typo):
            await crm.customers.ensure("typo")
        with pytest.raises(UserNotFoundError, match=typo):
            await crm.customers.reassign(ada.id, to="typo")
        with pytest.raises(CustomerNotFoundError):
            await crm.customers.get_by_user_id("typo")
        assert ada == await crm.customers.get(ada.id)


async def test_a_record_costs_one_request_for_its_user(server: EmbeddedAppwrite) -> None:
    """Creating a record takes one request for its user, and none with `verify_users=False`."""
    routes: list[str] = []
    for settings, users in (
        (VERIFIED, ["ada", "root"]),
        (VERIFIED.model_copy(update={"verify_users": False}), ["lead", "elsewhere"]),
    ):
        crm = AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=settings,
            transport=server.transport,
            on_request=lambda event: routes.append(event.route),
        )
        async with crm:
            await crm.schema.apply()
            for user in users:
                await crm.customers.ensure(user)
            assert (2 if settings.verify_users else 0) == routes.count("/users/{user}")
            routes.clear()
            for user in users:
                await crm.customers.ensure(user)
            assert [] == [route for route in routes if route == "/users/{user}"]


async def test_an_admin_carries_the_label(server: EmbeddedAppwrite) -> None:
    """A user without the label may not act as an admin; an attempt to write is audited."""
    async with await open_client(server, VERIFIED) as crm:
        customer = await crm.customers.ensure("ada")
        await crm.as_admin("root").log_call("Intro", customer_id=customer.id)
        with pytest.raises(PermissionDeniedError, match="label:superadmin"):
            await crm.as_admin("ada").log_call("Intro", customer_id=customer.id)
        with pytest.raises(PermissionDeniedError, match="'ada' is not an admin"):
            await crm.as_admin("ada").find()
        assert 1 == await crm.as_admin("root").count()


async def test_an_admin_may_be_a_member_of_a_team(server: EmbeddedAppwrite) -> None:
    """The admin role can be a role in a team instead of a label."""
    async with await open_client(server, BY_TEAM) as crm:
        assert 0 == await crm.as_admin("lead").count()
        with pytest.raises(PermissionDeniedError, match="team:staff/lead"):
            await crm.as_admin("root").count()
    async with await open_client(
        server, BY_TEAM.model_copy(update={"admin_role": "team:staff"})
    ) as crm:
        assert 0 == await crm.as_admin("lead").count()


async def test_a_user_is_looked_up_once(
    server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """A user is looked up once, by the first operation or when the record is created."""
    async with await open_client(server, VERIFIED) as crm:
        caplog.set_level(logging.DEBUG, "interactions_sdk")
        await crm.customers.ensure("ada")
        await crm.as_user("ada").find()
        await crm.as_user("ada").find()
        routes = [record.interactions_sdk["route"] for record in caplog.records]  # type: ignore[attr-defined]
        assert 1 == routes.count("/users/{user}")


async def test_a_key_without_users_read_is_told_the_setting() -> None:
    """The error names the missing scope and the setting that turns the check off."""

    def refuse(request: httpx.Request) -> httpx.Response:
        body = {
            "message": "app.key@service.example (role: applications) missing scopes",
            "code": 401,
            "type": "general_unauthorized_scope",
        }
        return httpx.Response(401, json=body, request=request)

    async with AsyncInteractionsClient(
        "http://embedded/v1", "p", api_key="k", transport=httpx.MockTransport(refuse)
    ) as crm:
        with pytest.raises(PermissionDeniedError, match=r"users\.read.*verify_users=False"):
            await crm.as_user("ada").find()


async def test_a_record_that_changed_hands_is_not_remembered_for_its_former_user(
    acrm: AsyncInteractionsClient,
) -> None:
    """A cached customer record is dropped once the client reads it with another user."""
    await acrm.customers.create(user_id="ada", id="c1")
    await acrm.as_user("ada").log_call("Intro")
    async with acrm.transaction() as transaction:
        transaction.update("customers", "c1", {"userId": "bob"})
    await acrm.as_user("bob").log_call("Secret")
    assert [] == list((await acrm.as_user("ada").find()).items)


async def test_an_acting_user_is_known_to_the_letter(server: EmbeddedAppwrite) -> None:
    """User IDs are compared exactly: `ROOT` is not `root`, although Appwrite finds both."""
    async with await open_client(server, VERIFIED) as crm:
        with pytest.raises(UserNotFoundError, match="'ROOT' does not exist"):
            await crm.as_admin("ROOT").count()
        with pytest.raises(UserNotFoundError):
            await crm.as_user("Ada").find()


async def test_a_wrong_key_is_told_as_such(server: EmbeddedAppwrite) -> None:
    """With an invalid key, the error suggests checking the key, not its scopes."""
    async with AsyncInteractionsClient(
        "http://embedded/v1", server.project, api_key="wrong", transport=server.transport
    ) as crm:
        with pytest.raises(PermissionDeniedError, match="Check APPWRITE_API_KEY"):
            await crm.as_user("ada").find()


async def test_a_team_that_does_not_exist_has_no_admins() -> None:
    """As long as the team does not exist, no operation works, because anybody could create it."""
    settings = BY_TEAM.model_copy(update={"admin_role": "team:ghosts/super_admin"})
    server = EmbeddedAppwrite()
    raw(server, "POST", "/users", {"userId": "eve", "email": "eve@example.com"})
    crm = client_of(server, settings)
    with pytest.raises(SchemaError, match=r"team 'ghosts' .* does not exist"):
        await crm.schema.apply()
    await client_of(server, VERIFIED).schema.apply()

    problems = await crm.schema.check()
    assert "The team 'ghosts' of the setting admin_role does not exist" in problems[0]
    for verify_users in (True, False):
        chosen = settings.model_copy(update={"verify_users": verify_users})
        with pytest.raises(ConfigurationError, match="create it in the Appwrite console"):
            await client_of(server, chosen).as_admin("eve").find()

    raw(server, "POST", "/teams", {"teamId": "ghosts", "name": "Ghosts"})
    assert not any(
        "ghosts" in each and "does not exist" in each for each in await crm.schema.check()
    )
    with pytest.raises(PermissionDeniedError, match="'eve' is not an admin"):
        await crm.as_admin("eve").find()
    trusting = client_of(server, settings.model_copy(update={"verify_users": False}))
    assert [0, 0] == [await trusting.as_admin("eve").count() for _ in range(2)]
    server.close()


class _Refusing(httpx.AsyncBaseTransport):
    """A transport that answers requests about teams with an error from Appwrite."""

    def __init__(self, server: EmbeddedAppwrite, kind: str) -> None:
        self._server = server
        self._body = {"message": "Missing.", "type": kind, "code": 401, "version": "1.9.6"}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v1/teams"):
            return httpx.Response(401, json=self._body)
        return await self._server.transport.handle_async_request(request)


async def test_a_key_that_may_not_read_teams(server: EmbeddedAppwrite) -> None:
    """A missing scope skips the check of the team; other errors are raised."""
    settings = BY_TEAM.model_copy(update={"verify_users": False})
    await client_of(server, settings).schema.apply()
    unscoped = client_of(server, settings, _Refusing(server, "general_unauthorized_scope"))
    assert 0 == await unscoped.as_admin("lead").count()
    with pytest.raises(PermissionDeniedError, match="Give the API key this scope"):
        await unscoped.schema.apply()
    broken = client_of(server, settings, _Refusing(server, "user_blocked"))
    with pytest.raises(PermissionDeniedError, match="blocked"):
        await broken.as_admin("lead").count()


async def test_a_team_is_compared_exactly(server: EmbeddedAppwrite) -> None:
    """Team IDs are compared exactly, although Appwrite ignores their case."""
    problems = await client_of(server, Settings(admin_role="team:STAFF")).schema.check()
    assert "The team 'STAFF' of the setting admin_role does not exist" in problems[0]
