# Generated from tests/_async/connection/test_raw_requests.py by scripts/unasync.py; do not edit.
"""Requests of the official package: their responses are returned unchanged."""

from __future__ import annotations

import httpx
import pytest

from interactions_sdk._sync.connection.connection import Connection
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


def connect(answer: httpx.Response) -> Connection:
    """Return a connection to a server with a fixed response."""
    return Connection(
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
def test_an_answer_comes_as_it_is(status: int) -> None:
    """A response is returned unchanged; redirects are not followed."""
    connection = connect(httpx.Response(status, content=b"x", headers={"location": "/y"}))
    answer = connection.send_raw(call())
    assert (status, b"x", "/y") == (answer.status, answer.content, answer.headers["Location"])
    connection.close()


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (404, "row_not_found", NotFoundError),
        (404, "table_not_found", NotFoundError),
        (401, "user_unauthorized", PermissionDeniedError),
        (500, "general_unknown", ServerError),
    ],
)
def test_an_error_holds_the_answer(status: int, kind: str, error: type[InteractionsError]) -> None:
    """Errors have the attributes of the official package's; a missing table is a normal 404."""
    body = {"message": "Words.", "code": status, "type": kind}
    connection = connect(httpx.Response(status, json=body))
    with pytest.raises(error) as caught:
        connection.send_raw(call())
    assert (status, kind) == (vars(caught.value)["code"], vars(caught.value)["type"])
    assert "Words." in vars(caught.value)["response"]
    connection.close()


def test_a_header_that_cannot_be_sent_is_refused() -> None:
    """An invalid header is rejected before httpx shows it in an error."""
    connection = connect(httpx.Response(200))
    with pytest.raises(ConfigurationError, match="x-appwrite-jwt") as caught:
        connection.send_raw(call(**{"x-appwrite-jwt": "secret\n"}))
    assert "secret" not in str(caught.value)
    connection.close()
