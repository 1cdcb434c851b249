"""Requests of the official package: their responses are returned unchanged."""

from __future__ import annotations

import httpx
import pytest

from interactions_sdk._async.connection.connection import AsyncConnection
from interactions_sdk.errors import (
    ConfigurationError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
)
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.transport.retry import RetryPolicy
from interactions_sdk.wire import Call

pytestmark = pytest.mark.anyio


def connect(answer: httpx.Response) -> AsyncConnection:
    """Return a connection to a server with a fixed response."""
    return AsyncConnection(
        "https://crm.example/v1",
        {},
        credentials=make_credentials(api_key="standard_c0ffee"),
        policy=RetryPolicy(retries=0),
        timeout=httpx.Timeout(5),
        transport=httpx.MockTransport(lambda _: answer),
    )


def call(**headers: str) -> Call[bytes]:
    """Return an arbitrary request."""
    return Call("GET", "/anything", "/anything", bytes, headers=headers)


@pytest.mark.parametrize("status", [200, 204, 302])
async def test_an_answer_comes_as_it_is(status: int) -> None:
    """A response is returned unchanged; redirects are not followed."""
    connection = connect(httpx.Response(status, content=b"x", headers={"location": "/y"}))
    answer = await connection.send_raw(call())
    assert (status, b"x", "/y") == (answer.status, answer.content, answer.headers["Location"])
    await connection.aclose()


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (404, "row_not_found", NotFoundError),
        (404, "table_not_found", NotFoundError),
        (401, "user_unauthorized", PermissionDeniedError),
        (500, "general_unknown", ServerError),
    ],
)
async def test_an_error_holds_the_answer(
    status: int, kind: str, error: type[InteractionsError]
) -> None:
    """Errors have the attributes of the official package's; a missing table is a normal 404."""
    body = {"message": "Words.", "code": status, "type": kind}
    connection = connect(httpx.Response(status, json=body))
    with pytest.raises(error) as caught:
        await connection.send_raw(call())
    assert (status, kind) == (vars(caught.value)["code"], vars(caught.value)["type"])
    assert "Words." in vars(caught.value)["response"]
    await connection.aclose()


async def test_a_header_that_cannot_be_sent_is_refused() -> None:
    """An invalid header is rejected before httpx shows it in an error."""
    connection = connect(httpx.Response(200))
    with pytest.raises(ConfigurationError, match="x-appwrite-jwt") as caught:
        await connection.send_raw(call(**{"x-appwrite-jwt": "secret\n"}))
    assert "secret" not in str(caught.value)
    await connection.aclose()
