"""Hooks: when they are called, and with which arguments."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import AsyncInteractionsClient, RetryPolicy, Settings
from interactions_sdk.errors import ServerError
from interactions_sdk.transport.hooks import RequestEvent, ResponseEvent

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

ROWS = "/tablesdb/{database}/tables/{table}/rows"
EMPTY = {"total": 0, "rows": []}


def connect(
    handler: Callable[[httpx.Request], httpx.Response],
    on_request: Callable[[RequestEvent], object] | None = None,
    on_response: Callable[[ResponseEvent], object] | None = None,
) -> AsyncInteractionsClient:
    """Return a client with hooks and a fixed response."""
    return AsyncInteractionsClient(
        "http://localhost/v1",
        "p",
        api_key="standard_very-secret",
        settings=Settings(verify_users=False),
        transport=httpx.MockTransport(handler),
        retry=RetryPolicy(retries=1, initial_delay=0),
        on_request=on_request,
        on_response=on_response,
    )


async def test_every_attempt_is_told() -> None:
    """Hooks are called before and after each attempt, including retries."""
    requests: list[RequestEvent] = []
    responses: list[ResponseEvent] = []
    answers = [
        httpx.Response(503, text="busy"),
        httpx.Response(200, json=EMPTY, headers={"x-appwrite-request-id": "r1"}),
    ]
    async with connect(lambda _: answers.pop(0), requests.append, responses.append) as crm:
        await crm.as_admin("root").find(text="confidential")
    assert [RequestEvent("GET", ROWS, 1), RequestEvent("GET", ROWS, 2)] == requests
    assert [(503, 1, None), (200, 2, "r1")] == [
        (event.status, event.attempt, event.request_id) for event in responses
    ]
    assert all(event.seconds >= 0 and event.failure is None for event in responses)
    for event in (*requests, *responses):
        assert "confidential" not in repr(event)
        assert "secret" not in repr(event)


async def test_a_failure_on_the_way_is_told() -> None:
    """A network failure is reported by the name of httpx's error."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late")

    responses: list[ResponseEvent] = []
    async with connect(fail, on_response=responses.append) as crm:
        with pytest.raises(TimeoutError):
            await crm.as_admin("root").find()
    assert [(None, "ReadTimeout"), (None, "ReadTimeout")] == [
        (event.status, event.failure) for event in responses
    ]


async def test_a_hook_that_fails_disturbs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An error in a hook is logged and not raised, since the write may have been applied."""

    def fail(_: object) -> None:
        raise ZeroDivisionError

    async with connect(lambda _: httpx.Response(200, json=EMPTY), fail, fail) as crm:
        assert 0 == len(await crm.as_admin("root").find())
    assert ["the hook on_request failed", "the hook on_response failed"] == [
        record.message for record in caplog.records if record.levelno == logging.ERROR
    ]


async def test_an_error_answer_is_told() -> None:
    """An error response is reported with its status."""
    responses: list[ResponseEvent] = []
    async with connect(lambda _: httpx.Response(500, text=""), None, responses.append) as crm:
        with pytest.raises(ServerError):
            await crm.as_admin("root").find()
    assert [500, 500] == [event.status for event in responses]


async def test_an_embedded_client_tells_as_well() -> None:
    """An embedded client accepts hooks, too."""
    requests: list[RequestEvent] = []
    async with AsyncInteractionsClient.embedded(on_request=requests.append) as crm:
        await crm.customers.ensure("ada")
    assert ["GET", "POST"] == [event.method for event in requests]
