"""Requests authenticated with a JWT, which is fetched again when it has expired."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import AsyncInteractionsClient, wire
from interactions_sdk._async.connection.connection import AsyncConnection
from interactions_sdk.errors import (
    ConfigurationError,
    InteractionsError,
    PermissionDeniedError,
)
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.transport.retry import RetryPolicy
from interactions_sdk.wire import Table, query

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.transport.credentials import Credentials

pytestmark = pytest.mark.anyio

TABLE = Table("console-db", "customer_interactions", CustomerInteraction)
LIST = wire.list_rows(TABLE, [query.limit(1)])
CREATE = wire.create_row(TABLE, "i1", {"subject": "Renewal"})
ROW = {
    "$id": "i1",
    "$createdAt": "2026-05-01T10:00:00.000+00:00",
    "$updatedAt": "2026-05-01T10:00:00.000+00:00",
}
EXPIRED = {"message": "Failed to verify JWT.", "code": 401, "type": "user_jwt_invalid"}


class Server:
    """A server that accepts only one JWT."""

    def __init__(self, accepted: str) -> None:
        self.accepted = accepted
        self.seen: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request."""
        self.seen.append(request.headers.get("x-appwrite-jwt"))
        if self.seen[-1] != self.accepted:
            return httpx.Response(401, json=EXPIRED)
        if request.method == "GET":
            return httpx.Response(200, json={"total": 0, "rows": []})
        return httpx.Response(201, json=ROW)


class Issuer:
    """Issues the JWTs `jwt-1`, `jwt-2` and so on."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> str:
        """Return the next JWT."""
        self.made += 1
        return f"jwt-{self.made}"


def connect(
    handler: Callable[[httpx.Request], httpx.Response], credentials: Credentials
) -> AsyncConnection:
    """Return a connection to a scripted server."""
    return AsyncConnection(
        "https://crm.example/v1",
        {"X-Appwrite-Project": "crm"},
        credentials=credentials,
        policy=RetryPolicy(initial_delay=0.001),
        timeout=httpx.Timeout(5),
        transport=httpx.MockTransport(handler),
    )


async def test_a_jwt_is_fetched_once_for_many_requests() -> None:
    """The JWT is fetched for the first request and then reused."""
    server, issuer = Server("jwt-1"), Issuer()
    connection = connect(server, make_credentials(jwt=issuer))
    assert 0 == issuer.made

    await connection.send(LIST)
    await connection.send(CREATE)

    assert ["jwt-1", "jwt-1"] == server.seen
    assert 1 == issuer.made


async def test_an_expired_jwt_is_fetched_anew_and_the_request_sent_again() -> None:
    """A request that failed with a 401 was not applied, so writes are sent again, too."""
    server, issuer = Server("jwt-2"), Issuer()
    connection = connect(server, make_credentials(jwt=issuer))

    created = await connection.send(CREATE)

    assert "i1" == created.id
    assert ["jwt-1", "jwt-2"] == server.seen


async def test_a_fresh_jwt_that_is_refused_as_well_is_an_error() -> None:
    """If the new JWT is rejected as well, the error is raised."""
    server, issuer = Server("none"), Issuer()

    with pytest.raises(PermissionDeniedError, match="verify JWT") as caught:
        await connect(server, make_credentials(jwt=issuer)).send(LIST)

    assert "user_jwt_invalid" == caught.value.type
    assert not caught.value.may_have_landed
    assert ["jwt-1", "jwt-2"] == server.seen


async def test_a_jwt_that_was_given_is_not_fetched_anew() -> None:
    """A JWT passed as a string cannot be renewed, and the error suggests a function."""
    server = Server("other")

    with pytest.raises(PermissionDeniedError, match="a function that fetches"):
        await connect(server, make_credentials(jwt="given")).send(LIST)

    assert ["given"] == server.seen


async def test_a_stale_sign_in_is_renewed_by_the_first_of_many() -> None:
    """Several requests that were rejected with the same JWT fetch only one new one."""
    issuer = Issuer()
    connection = connect(Server("jwt-2"), make_credentials(jwt=issuer))
    stale = await connection.get_credential()

    renewed = [await connection.refresh_credential(stale) for _ in range(3)]

    assert 2 == issuer.made
    assert [await connection.get_credential()] * 3 == renewed
    assert {"X-Appwrite-JWT": "jwt-2"} == (await connection.get_credential()).headers


async def test_what_cannot_be_renewed_is_told_so() -> None:
    """Keys, sessions and JWTs passed as strings are not renewed."""
    for given, header in (("api_key", "Key"), ("jwt", "JWT"), ("session", "Session")):
        connection = connect(Server(""), make_credentials(**{given: "c0ffee"}))
        credential = await connection.get_credential()

        assert {f"X-Appwrite-{header}": "c0ffee"} == credential.headers
        assert await connection.refresh_credential(credential) is None
        assert (given != "api_key") == connection.is_user


async def test_a_function_that_fails_is_an_error_of_ours() -> None:
    """An exception from the function is raised as an `InteractionsError`."""

    def fail() -> str:
        raise OSError("no network")

    with pytest.raises(PermissionDeniedError, match=r"jwt= failed \(OSError\)") as caught:
        await connect(Server(""), make_credentials(jwt=fail)).send(LIST)

    assert isinstance(caught.value.__cause__, OSError)
    assert not caught.value.may_have_landed


async def test_an_error_of_ours_comes_through() -> None:
    """An error of this library, for example from another client, is not wrapped."""

    def fail() -> str:
        raise ConfigurationError("no such user")

    with pytest.raises(ConfigurationError, match="no such user"):
        await connect(Server(""), make_credentials(jwt=fail)).send(LIST)


async def test_a_doubt_survives_a_jwt_that_cannot_be_fetched() -> None:
    """If an earlier attempt got no response, `may_have_landed` stays true."""
    issuer = Issuer()
    answers: list[httpx.Response | Exception] = [
        httpx.ReadTimeout("x"),
        httpx.Response(401, json=EXPIRED),
    ]

    def answer(_: httpx.Request) -> httpx.Response:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def once() -> str:
        if issuer.made:
            raise OSError("no network")
        return issuer()

    with pytest.raises(PermissionDeniedError) as caught:
        await connect(answer, make_credentials(jwt=once)).send(CREATE)

    assert caught.value.may_have_landed


async def test_no_jwt_is_in_what_is_shown() -> None:
    """The JWT is in no traceback, local variable or `repr`."""
    connection = connect(Server("none"), make_credentials(jwt=Issuer()))

    with pytest.raises(InteractionsError) as caught:
        await connection.send(CREATE)

    shown = "".join(
        traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    )
    for thing in (shown, repr(connection), repr(await connection.get_credential())):
        assert "jwt-" not in thing


async def test_a_client_takes_a_function() -> None:
    """`jwt=` of a client accepts a function."""
    server, issuer = Server("jwt-1"), Issuer()
    async with AsyncInteractionsClient(
        "https://crm.example/v1", "crm", jwt=issuer, transport=httpx.MockTransport(server)
    ) as crm:
        await crm._services.customer_store.find_by_user_id("ada")

    assert ["jwt-1"] == server.seen


async def test_a_refusal_of_nobody_is_not_audited(caplog: pytest.LogCaptureFixture) -> None:
    """As long as no JWT was fetched, the user is unknown and the refusal is not audited."""

    def fail() -> str:
        raise OSError

    server = Server("jwt-1")
    async with AsyncInteractionsClient(
        "https://crm.example/v1", "crm", jwt=fail, transport=httpx.MockTransport(server)
    ) as crm:
        with pytest.raises(PermissionDeniedError):
            await crm.as_user().log_note("Prefers email.")

    assert [] == server.seen
    assert [] == caplog.messages
