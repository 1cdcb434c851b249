# Generated from tests/_async/connection/test_connection.py by scripts/unasync.py; do not edit.
"""Requests, retries and errors of a connection, with a scripted transport and faulty sockets."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import socket
import struct
import threading
import traceback
from base64 import b64encode
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from interactions_sdk import InteractionsClient, wire
from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    SchemaError,
    ServerError,
    UserNotFoundError,
)
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.rules.operations import Operation
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.transport.retry import RetryPolicy, waiting_out_outages
from interactions_sdk.wire import Call, Table, query
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


KEY = "standard_c0ffee"
TABLE = Table("console-db", "customer_interactions", CustomerInteraction)
ROWS = "/v1/tablesdb/console-db/tables/customer_interactions/rows"
ROW = {
    "$id": "i1",
    "$createdAt": "2026-05-01T10:00:00.000+00:00",
    "$updatedAt": "2026-05-01T10:00:00.000+00:00",
}
GET = wire.Call(
    "GET", "/tablesdb/{database}/tables/{table}/rows/{row}", f"{TABLE.path}/i1", TABLE.read_row
)
CREATE = wire.create_row(TABLE, "i1", {"subject": "Confidential"})
STAGE = wire.stage_operations("t1", "db", [Operation("delete", "customer_interactions", "i1")])
FOUND = httpx.Response(200, json=ROW)
STAGED = {"$id": "t1", "status": "pending", "operations": 1}

Answer = httpx.Response | Exception


def refusal(status: int, kind: str, message: str = "Words.", **headers: str) -> httpx.Response:
    """Return an error response in Appwrite's format."""
    body = {"message": message, "code": status, "type": kind, "version": "1.9.6"}
    return httpx.Response(status, json=body, headers=headers)


class Script:
    """A server that gives the scripted answers in order, and repeats the last one."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return or raise the next scripted answer."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    """A clock that advances only by the pauses, which it records."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.now

    def pause(self, seconds: float) -> None:
        """Advance the clock without waiting."""
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Replace the clock and the pauses, with the maximum jitter."""
    clock = Clock()
    monkeypatch.setattr("interactions_sdk._sync.connection.connection.sleep", clock.pause)
    monkeypatch.setattr("interactions_sdk._sync.connection.connection.monotonic", clock.monotonic)
    monkeypatch.setattr("interactions_sdk.transport.responses.random.random", lambda: 1.0)
    return clock


COUNTED = RetryPolicy(wait_out_outages=False)
PATIENT = RetryPolicy(wait_out_outages=True)


def connect(
    handler: Callable[[httpx.Request], httpx.Response] | None,
    *,
    endpoint: str = "https://crm.example/v1",
    policy: RetryPolicy | None = None,
    timeout: float = 5,
    deadline: float | None = None,
    key: str = KEY,
) -> Connection:
    """Return a connection to a scripted server, or to a real one."""
    return Connection(
        endpoint,
        {"X-Appwrite-Project": "crm"},
        credentials=make_credentials(api_key=key),
        policy=policy or RetryPolicy(),
        timeout=httpx.Timeout(timeout),
        deadline=deadline,
        transport=None if handler is None else httpx.MockTransport(handler),
    )


def failure(connection: Connection, call: Call[Any] = GET) -> InteractionsError:
    """Return the error that a call raises."""
    with pytest.raises(InteractionsError) as caught:
        connection.send(call)
    return caught.value


# --- what is sent


def test_a_request_is_sent_as_it_is_described() -> None:
    """Method, path, headers and body are sent, and the response is parsed by the call."""
    script = Script(FOUND)
    call = wire.update_row(TABLE, "i1", {"subject": "é"})

    interaction = connect(script).send(call)

    [request] = script.requests
    assert ("PATCH", f"https://crm.example{ROWS}/i1") == (request.method, str(request.url))
    assert {"data": {"subject": "é"}} == json.loads(request.content)
    assert ["crm", KEY, "application/json"] == [
        request.headers[name] for name in ("x-appwrite-project", "x-appwrite-key", "content-type")
    ]
    assert "i1" == interaction.id


def test_headers_of_one_call_stay_with_it() -> None:
    """The timestamp header is sent only with its own request."""
    script = Script(httpx.Response(204), FOUND)
    connection = connect(script)
    lock = CustomerInteraction.model_validate(ROW).updated_at

    connection.send(wire.delete_row(TABLE, "i1", if_unmodified_since=lock))
    connection.send(GET)

    assert ["2026-05-01T10:00:00.000+00:00", None] == [
        request.headers.get("x-appwrite-timestamp") for request in script.requests
    ]


@pytest.mark.parametrize(
    "value", ["a&b=c", "100%", "a+b", "#", "é ü", "?", '"}],', "../..", "%2e%2e", "a\\b", "😀"]
)
def test_queries_arrive_as_they_are(value: str) -> None:
    """Special characters in queries are encoded."""
    script = Script(httpx.Response(200, json={"total": 0, "rows": []}))
    queries = [query.equal("subject", value)]

    connect(script).send(wire.list_rows(TABLE, queries))

    [request] = script.requests
    assert ROWS == request.url.path
    assert [*query.encode_queries(queries), "0"] == [
        text for _, text in request.url.params.multi_items()
    ]


@pytest.mark.parametrize("endpoint", ["https://crm.example/v1", "https://crm.example/v1///"])
def test_slashes_after_the_endpoint_do_no_harm(endpoint: str) -> None:
    """Slashes after the endpoint are ignored."""
    script = Script(FOUND)

    connect(script, endpoint=endpoint).send(GET)

    assert f"{ROWS}/i1" == script.requests[0].url.path


def test_an_empty_answer_is_read() -> None:
    """A delete returns 204 without a body."""
    script = Script(httpx.Response(204))

    connect(script).send(wire.delete_row(TABLE, "i1"))

    assert ["DELETE"] == [request.method for request in script.requests]


def test_too_many_filters_are_told_before_they_are_sent() -> None:
    """A URL that would be too long is rejected before sending, and the error says what to do."""
    script = Script(FOUND)
    queries = [query.equal("subject", "x" * 4000)] * 20

    error = failure(connect(script), wire.list_rows(TABLE, queries))

    assert BadRequestError is type(error)
    assert "Use fewer values" in str(error)
    assert [] == script.requests


# --- what a connection needs


def test_a_password_in_the_address_is_not_shown() -> None:
    """A password in the endpoint is removed from messages, `repr` and `endpoint`."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    address = "https://ada:se@cret@crm.example/v1"
    connection = connect(fail, endpoint=address, policy=RetryPolicy(retries=0))
    error = failure(connection)

    assert "Cannot reach https://crm.example/v1" in str(error)
    assert "<Connection to https://crm.example/v1>" == repr(connection)
    assert "https://crm.example/v1" == connection.endpoint
    headers = connection.handshake_headers(connection.get_credential())
    assert f"Basic {b64encode(b'ada:se@cret').decode()}" == headers["Authorization"]
    assert KEY == headers["X-Appwrite-Key"]
    for wrong in (
        "ftp://ada:secret@crm.example/v1",
        "https://ada:secret@/v1",
        "https://ada:slash/secret@crm.example/v1",
        "ada:secret@crm.example/v1",
    ):
        with pytest.raises(ConfigurationError) as caught:
            InteractionsClient(wrong, "crm", api_key=KEY)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    ["", "crm.example/v1", "ftp://crm.example/v1", "http://", "http://[::1/v1", "https:///v1", "x"],
)
def test_an_endpoint_is_an_address(endpoint: str) -> None:
    """An invalid endpoint is rejected without retries."""
    with pytest.raises(ConfigurationError, match=r"Check APPWRITE_ENDPOINT.*https://") as caught:
        connect(Script(FOUND), endpoint=endpoint)

    assert repr(endpoint) in str(caught.value)


@pytest.mark.parametrize(
    "key", [f"{KEY}\n", f" {KEY}", f"{KEY} ", f"{KEY[:5]}\r\n{KEY[5:]}", f"{KEY}é", f"{KEY}\0"]
)
def test_a_key_that_cannot_be_sent_is_refused_unseen(key: str) -> None:
    """A key with a line break is rejected, since h11 would show it in its error."""
    with pytest.raises(ConfigurationError, match="Check APPWRITE_API_KEY") as caught:
        connect(Script(FOUND), key=key)

    assert "X-Appwrite-Key" in str(caught.value)
    assert KEY[:8] not in f"{caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


# --- errors from Appwrite


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "row_invalid_structure"), BadRequestError),
        (refusal(400, "transaction_not_ready"), BadRequestError),
        (refusal(400, "general_bad_request"), BadRequestError),
        (refusal(401, "user_unauthorized"), PermissionDeniedError),
        (refusal(401, "general_unauthorized_scope"), PermissionDeniedError),
        (refusal(403, "project_id_missing"), PermissionDeniedError),
        (refusal(403, "user_blocked"), PermissionDeniedError),
        (refusal(404, "row_not_found"), NotFoundError),
        (refusal(404, "document_not_found"), NotFoundError),
        (refusal(404, "transaction_not_found"), NotFoundError),
        (refusal(404, "user_not_found"), UserNotFoundError),
        (refusal(404, "database_not_found"), SchemaError),
        (refusal(404, "table_not_found"), SchemaError),
        (refusal(404, "collection_not_found"), SchemaError),
        (refusal(409, "row_already_exists"), ConflictError),
        (refusal(409, "row_update_conflict"), ConflictError),
        (refusal(409, "transaction_conflict"), ConflictError),
    ],
)
def test_refusals_are_final(
    answer: httpx.Response, kind: type[InteractionsError], clock: Clock
) -> None:
    """Each rejection has its class, is not retried, and was not applied."""
    script = Script(answer)

    error = failure(connect(script))

    assert kind is type(error)
    assert str(error).startswith("Words.")
    assert not error.may_have_landed
    assert (1, []) == (len(script.requests), clock.pauses)
    if isinstance(error, APIError):
        assert (answer.status_code, answer.json()["type"]) == (error.status_code, error.type)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(408, "general_timeout"), ServerError),
        (refusal(429, "general_rate_limit_exceeded"), RateLimitError),
        (refusal(500, "general_unknown"), ServerError),
        (refusal(502, "general_unknown"), ServerError),
        (refusal(503, "general_service_disabled"), ServerError),
        (refusal(504, "general_timeout"), ServerError),
        (httpx.Response(429, text="slow down"), RateLimitError),
        (httpx.Response(502, html="<h1>Bad Gateway</h1>"), ServerError),
        (httpx.Response(503), ServerError),
    ],
)
def test_trouble_is_tried_again(
    answer: httpx.Response, kind: type[InteractionsError], clock: Clock
) -> None:
    """Temporary errors are retried three times with doubling pauses, and then raised."""
    script = Script(answer)

    error = failure(connect(script))

    assert kind is type(error)
    assert (4, [0.5, 1.0, 2.0]) == (len(script.requests), clock.pauses)
    assert (answer.status_code != 429) == error.may_have_landed
    assert isinstance(error, APIError)
    assert answer.status_code == error.status_code


def test_trouble_passes() -> None:
    """A later successful response is returned."""
    script = Script(refusal(503, "general_unknown"), httpx.ConnectError("x"), FOUND)

    assert "i1" == (connect(script).send(GET)).id
    assert 3 == len(script.requests)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, html="<!DOCTYPE html><html><head><title>404</title></head></html>"),
        httpx.Response(404),
        httpx.Response(403, html="<h1>blocked by the firewall</h1>"),
        httpx.Response(400, json={"error": "not Appwrite's"}),
        httpx.Response(404, json=["row_not_found"]),
        httpx.Response(404, json="row_not_found"),
        httpx.Response(404, content=b'{"type":"row_not_found","mess'),
        httpx.Response(404, content=b"\xff\xfe"),
        httpx.Response(301, headers={"location": "https://elsewhere.example/v1"}),
        httpx.Response(304),
    ],
)
def test_what_is_not_appwrite_s_is_told_as_such(answer: httpx.Response, clock: Clock) -> None:
    """A 404 from a proxy does not mean that a row is missing."""
    script = Script(answer)

    error = failure(connect(script))

    assert ServerError is type(error)
    assert isinstance(error, APIError)
    assert answer.status_code == error.status_code
    assert ", not Appwrite: " in str(error)
    assert not error.may_have_landed
    assert (1, []) == (len(script.requests), clock.pauses)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "https://errors.example/forbidden", "message": "Blocked", "code": 403},
        {"type": "row_not_found", "message": "Blocked", "code": "403"},
        {"type": "row_not_found", "message": ["Blocked"], "code": 403},
        {"error": {"message": "Blocked"}},
    ],
)
def test_json_of_another_program_is_not_an_error_of_appwrite(body: object) -> None:
    """The message of a gateway is shown, but not treated as Appwrite's."""
    error = failure(connect(Script(httpx.Response(403, json=body))))
    assert ServerError is type(error)
    assert "The server answered 403, not Appwrite: {" in str(error)
    assert "Blocked" in str(error)


def test_the_first_line_of_another_program_is_shown() -> None:
    """The first line is shortened, and control characters are replaced."""
    page = "\n\n <h1>\x1b[2JAccess denied</h1>\n" + "x" * 500
    error = failure(connect(Script(httpx.Response(403, html=page))))
    assert "The server answered 403, not Appwrite: <h1>\ufffd[2JAccess denied</h1>." in str(error)
    long = failure(connect(Script(httpx.Response(403, html="y" * 500))))
    assert f"not Appwrite: {'y' * 120}." in str(long)


@pytest.mark.parametrize(
    "body", [b"", b'{"$id":"i1","$crea', b"<html>console</html>", b"[]", b"null", b'{"$id":"i1"}']
)
def test_a_good_answer_that_cannot_be_read(body: bytes) -> None:
    """An invalid 200 response is retried, may have been applied, and its body is not shown."""
    script = Script(httpx.Response(200, content=body))

    error = failure(connect(script), CREATE)

    assert ServerError is type(error)
    assert "The server answered 200" in str(error)
    assert "not Appwrite" in str(error)
    assert "$id" not in str(error)
    assert error.may_have_landed
    assert 4 == len(script.requests)
    assert (None, None) == (error.__cause__, error.__context__)


def test_a_truncated_answer_is_asked_for_again() -> None:
    """A truncated response is requested again."""
    script = Script(httpx.Response(200, content=b'{"$id":'), FOUND)

    assert "i1" == (connect(script).send(GET)).id


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-appwrite-request-id": "a", "x-request-id": "b"}, "a"),
        ({"X-Request-Id": "b"}, "b"),
        ({}, None),
    ],
)
def test_the_server_s_request_id(headers: dict[str, str], expected: str | None) -> None:
    """The error has the request ID, which server administrators can search for."""
    answer = refusal(404, "row_not_found", **headers)

    error = failure(connect(Script(answer)))

    assert isinstance(error, APIError)
    assert expected == error.request_id


# --- no response


@pytest.mark.parametrize(
    ("fault", "kind", "landed"),
    [
        (httpx.ConnectError("refused"), APIConnectionError, False),
        (httpx.ConnectTimeout("slow"), APITimeoutError, False),
        (httpx.PoolTimeout("busy"), APITimeoutError, False),
        (httpx.ProxyError("no"), APIConnectionError, False),
        (httpx.ReadTimeout("slow"), APITimeoutError, True),
        (httpx.WriteTimeout("slow"), APITimeoutError, True),
        (httpx.ReadError("reset"), APIConnectionError, True),
        (httpx.WriteError("reset"), APIConnectionError, True),
        (httpx.RemoteProtocolError("gone"), APIConnectionError, True),
        (httpx.DecodingError("gzip"), APIConnectionError, True),
        (httpx.ReadError(""), APIConnectionError, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_answer(
    *, fault: Exception, kind: type[InteractionsError], landed: bool, clock: Clock
) -> None:
    """Each network failure has its class, is retried, and reports whether it may be applied."""
    script = Script(fault)

    error = failure(connect(script, policy=COUNTED))

    assert kind is type(error)
    assert landed == error.may_have_landed
    assert "https://crm.example/v1" in str(error)
    assert (4, 3) == (len(script.requests), len(clock.pauses))
    assert (None, None) == (error.__cause__, error.__context__)


def test_other_exceptions_are_not_ours() -> None:
    """An exception that a transport raises by mistake is not converted to a network error."""
    script = Script(ZeroDivisionError("bug"))

    with pytest.raises(ZeroDivisionError):
        connect(script).send(GET)
    assert 1 == len(script.requests)


# --- which requests are retried, and for how long


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        (httpx.ConnectError("x"), 4),
        (httpx.ConnectTimeout("x"), 4),
        (httpx.PoolTimeout("x"), 4),
        (refusal(429, "general_rate_limit_exceeded"), 4),
        (httpx.ReadTimeout("x"), 1),
        (httpx.ReadError("x"), 1),
        (refusal(408, "general_timeout"), 1),
        (refusal(500, "general_unknown"), 1),
        (refusal(503, "general_unknown"), 1),
        (httpx.Response(201, content=b"{"), 1),
    ],
)
def test_what_is_not_repeatable_is_sent_once(answer: Answer, attempts: int) -> None:
    """A call that is not idempotent is retried only if it was certainly not applied."""
    script = Script(answer)

    error = failure(connect(script, policy=COUNTED), STAGE)

    assert attempts == len(script.requests)
    assert (attempts == 1) == error.may_have_landed


def test_what_is_not_repeatable_may_still_succeed() -> None:
    """A refused connection is retried even if the call is not idempotent."""
    script = Script(httpx.ConnectError("x"), httpx.Response(201, json=STAGED))

    assert "t1" == (connect(script).send(STAGE)).id


def test_a_doubt_sticks() -> None:
    """After an unanswered attempt, a 404 or 409 may be the result of that attempt."""
    for first in (httpx.ReadTimeout("x"), refusal(502, "general_unknown")):
        for last in (refusal(409, "row_already_exists"), refusal(404, "row_not_found")):
            script = Script(first, httpx.ConnectError("x"), last)

            error = failure(connect(script), CREATE)

            assert 3 == len(script.requests)
            assert isinstance(error, (ConflictError, NotFoundError))
            assert error.may_have_landed


def test_a_doubt_does_not_outlive_its_call() -> None:
    """`may_have_landed` applies to one call, even if the same error object is raised again."""
    script = Script(httpx.ReadTimeout("x"), refusal(409, "x"), refusal(409, "x"))
    connection = connect(script)

    assert (failure(connection, CREATE)).may_have_landed
    assert not (failure(connection, CREATE)).may_have_landed


def test_a_schema_error_may_come_after_a_doubt() -> None:
    """`may_have_landed` is also set on errors that are not an `APIError`."""
    script = Script(httpx.ReadTimeout("x"), refusal(404, "table_not_found"))

    error = failure(connect(script), CREATE)

    assert SchemaError is type(error)
    assert error.may_have_landed


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_the_policy_counts(retries: int) -> None:
    """`retries` is the number of attempts after the first one."""
    script = Script(httpx.ConnectError("x"))

    failure(connect(script, policy=RetryPolicy(retries=retries, wait_out_outages=False)))

    assert retries + 1 == len(script.requests)


def test_a_call_may_have_its_own_policy() -> None:
    """A call can have its own retry policy."""
    script = Script(httpx.ConnectError("x"))

    with pytest.raises(APIConnectionError):
        connect(script).send(GET, policy=RetryPolicy(retries=0))
    assert 1 == len(script.requests)


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_is_given_the_time_it_asks_for(status: int, clock: Clock) -> None:
    """`Retry-After` is respected, and is an attribute of the final error."""
    script = Script(refusal(status, "x", **{"retry-after": "7"}))

    error = failure(connect(script))

    assert [7.0, 7.0, 7.0] == clock.pauses
    assert isinstance(error, APIError)
    assert 7.0 == error.retry_after


def test_a_header_that_cannot_be_read_does_no_harm(clock: Clock) -> None:
    """An invalid `Retry-After` is ignored."""
    headers = [(b"retry-after", b"\xb2"), (b"x-ratelimit-reset", b"\xb2")]
    body = json.dumps({"type": "general_rate_limit_exceeded", "message": "Words."}).encode()
    script = Script(httpx.Response(429, headers=headers, content=body))

    failure(connect(script))

    assert [0.5, 1.0, 2.0] == clock.pauses


def test_nobody_waits_longer_than_max_elapsed(clock: Clock) -> None:
    """If `Retry-After` exceeds `max_elapsed`, the error is raised immediately."""
    script = Script(refusal(429, "general_rate_limit_exceeded", **{"retry-after": "3600"}))

    error = failure(connect(script))

    assert RateLimitError is type(error)
    assert (1, []) == (len(script.requests), clock.pauses)


def test_slow_attempts_use_up_max_elapsed(clock: Clock) -> None:
    """`max_elapsed` includes the time of attempts: none starts after a minute."""
    attempts: list[float] = []

    def slow(_: httpx.Request) -> httpx.Response:
        attempts.append(clock.now)
        clock.now += 29.0
        raise httpx.ReadTimeout("x")

    failure(connect(slow))

    assert [0.0, 29.5, 59.5] == [begun - 1000 for begun in attempts]


REFUSED = httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "outage",
    [REFUSED, refusal(503, "general_unknown"), httpx.Response(521, html="<h1>down</h1>")],
)
def test_long_work_waits_out_a_restart(
    outage: Answer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """During long operations, an outage is retried until `max_elapsed`, and logged."""
    script = Script(*[outage] * 8, FOUND)
    with waiting_out_outages():
        assert "i1" == (connect(script).send(GET)).id
    assert [0.5, 1, 2, 4, 8, 8, 8, 8] == clock.pauses
    assert "https://crm.example/v1 is not available" in caplog.text
    assert "for up to 60 s more" in caplog.text
    assert "i1" == (connect(Script(*[outage] * 8, FOUND), policy=PATIENT).send(GET)).id


def test_waiting_ends_at_max_elapsed(clock: Clock) -> None:
    """Errors that are not outages are retried the usual number of times."""
    failure(connect(Script(REFUSED), policy=PATIENT))
    assert 52 <= clock.now - 1000 <= 60
    clock.pauses.clear()
    failure(connect(Script(refusal(500, "general_unknown")), policy=PATIENT))
    assert [0.5, 1, 2] == clock.pauses
    clock.pauses.clear()
    for retries, delay in [(0, 0.5), (3, 0)]:  # without a delay, it would retry continuously
        script = Script(REFUSED)
        never = RetryPolicy(retries=retries, initial_delay=delay, wait_out_outages=True)
        failure(connect(script, policy=never))
        assert retries + 1 == len(script.requests)
    clock.pauses.clear()
    for outage in (REFUSED, refusal(503, "general_unknown")):
        with waiting_out_outages():
            failure(connect(Script(outage), policy=COUNTED))
        assert [0.5, 1, 2] == clock.pauses
        clock.pauses.clear()


@pytest.mark.parametrize("call", [GET, STAGE])
def test_a_single_call_waits_for_a_server_that_refuses_connections(
    call: Call[Any], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused connection is retried until `timeout` or `max_elapsed`, since nothing was sent."""
    error = failure(connect(Script(REFUSED)), call)
    assert not error.may_have_landed
    assert 52 <= clock.now - 1000 <= 60

    clock.now, clock.pauses = 1000, []
    failure(connect(Script(REFUSED), deadline=10), call)
    assert [0.5, 1, 2, 4] == clock.pauses
    assert "for up to 10 s more" in caplog.text


def test_a_single_call_that_was_cut_off_waits_for_the_restart(clock: Clock) -> None:
    """After an interrupted attempt, refused connections are retried until the server is back."""
    script = Script(httpx.ReadError("reset"), *[REFUSED] * 5, FOUND)
    assert "i1" == (connect(script).send(GET)).id
    assert 6 == len(clock.pauses)
    clock.pauses.clear()
    failure(connect(Script(refusal(503, "general_unknown"))))
    assert [0.5, 1, 2] == clock.pauses


def test_a_write_that_may_have_landed_is_not_sent_again_while_waiting(clock: Clock) -> None:
    """A write that may have been applied is not retried during an outage either."""
    error = failure(connect(Script(httpx.ReadError("reset")), policy=PATIENT), STAGE)
    assert error.may_have_landed
    assert [] == clock.pauses


# --- logging


def test_an_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Method, route, status, time, attempt and request ID are logged, but no IDs or bodies."""
    caplog.set_level(logging.DEBUG, "interactions_sdk")
    answer = refusal(404, "row_not_found", "Row 'i1' ...", **{"x-appwrite-request-id": "r-1"})

    failure(connect(Script(answer)), wire.update_row(TABLE, "i1", {"subject": "Secret"}))

    [record] = [each for each in caplog.records if each.name == "interactions_sdk"]
    assert {
        "method": "PATCH",
        "route": "/tablesdb/{database}/tables/{table}/rows/{row}",
        "status": 404,
        "failure": None,
        "milliseconds": 0.0,
        "attempt": 1,
        "request_id": "r-1",
    } == vars(record)["interactions_sdk"]
    assert (
        "PATCH /tablesdb/{database}/tables/{table}/rows/{row}: 404 in 0.0 ms, attempt 1"
    ) == record.getMessage()
    assert logging.DEBUG == record.levelno


def test_no_answer_is_logged_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Each unanswered attempt is logged, with its number."""
    failure(connect(Script(httpx.ReadTimeout("x"))))

    records = [each for each in caplog.records if each.name == "interactions_sdk"]
    assert [(logging.WARNING, n, "ReadTimeout", None) for n in (1, 2, 3, 4)] == [
        (
            each.levelno,
            vars(each)["interactions_sdk"]["attempt"],
            vars(each)["interactions_sdk"]["failure"],
            vars(each)["interactions_sdk"]["status"],
        )
        for each in records
    ]
    assert records[0].getMessage().endswith(": ReadTimeout in 0.0 ms, attempt 1")


def test_answers_are_not_logged_unasked(caplog: pytest.LogCaptureFixture) -> None:
    """At the default level, successful requests are not logged."""
    caplog.set_level(logging.WARNING, "interactions_sdk")

    connect(Script(FOUND)).send(GET)

    assert [] == [each for each in caplog.records if each.name == "interactions_sdk"]


# --- faulty sockets, and the key


def reset(peer: socket.socket) -> None:
    """Reset the connection."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(peer: socket.socket) -> None:
    """Close the connection without a response."""
    peer.shutdown(socket.SHUT_WR)


def break_off(peer: socket.socket) -> None:
    """Close the connection in the middle of the response."""
    peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")


def babble(peer: socket.socket) -> None:
    """Respond with something that is not HTTP."""
    peer.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def keep_silent(peer: socket.socket) -> None:
    """Send nothing until the client closes the connection."""
    with suppress(OSError):
        peer.recv(1)


def answer(peer: socket.socket) -> None:
    """Respond with a row."""
    body = json.dumps(ROW).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    peer.sendall(head.encode() + body)


def refuse(peer: socket.socket) -> None:
    """Respond with an error."""
    body = json.dumps({"message": "No.", "type": "user_unauthorized", "code": 401}).encode()
    head = f"HTTP/1.1 401 No\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    peer.sendall(head.encode() + body)


@contextmanager
def server(behaviour: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that reads one request and then calls a function; yield its endpoint."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(LIMIT)

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.settimeout(LIMIT)
            with peer:
                peer.recv(65536)
                behaviour(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def held_by(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all objects that it refers to."""
    yield error
    for other in (error.__cause__, error.__context__):
        if other is not None:
            yield from held_by(other)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (reset, APIConnectionError),
        (hang_up, APIConnectionError),
        (break_off, APIConnectionError),
        (babble, APIConnectionError),
        (keep_silent, APITimeoutError),
        (refuse, PermissionDeniedError),
    ],
)
def test_the_key_is_nowhere_to_be_seen(
    behaviour: Callable[[socket.socket], None],
    kind: type[InteractionsError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The key is not in the error, its traceback with local variables, its pickle or the log."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "asyncio", "interactions_sdk"):
        caplog.set_level(logging.DEBUG, name)

    with server(behaviour) as endpoint:
        connection = connect(None, endpoint=endpoint, policy=RetryPolicy(retries=1), timeout=0.3)
        error = failure(connection)
        connection.close()

    assert kind is type(error)
    assert (kind is not PermissionDeniedError) == error.may_have_landed
    assert [error] == list(held_by(error))
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert KEY not in "".join(shown.format())
    assert KEY.encode() not in pickle.dumps(error)
    assert KEY not in f"{error!r} {error} {vars(error)}"
    assert [] == [line for line in caplog.text.splitlines() if KEY in line]
    assert [] == [each for each in caplog.records if KEY in repr(vars(each))]
    assert "interactions_sdk" in {each.name for each in caplog.records}


def test_a_refused_connection() -> None:
    """If nothing listens on the port, nothing was applied."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    connection = connect(None, endpoint=endpoint)

    error = failure(connection, CREATE)
    connection.close()

    assert APIConnectionError is type(error)
    assert not error.may_have_landed
    assert "Check the endpoint and that the server is running." in str(error)
    assert [error] == list(held_by(error))


def test_a_real_answer() -> None:
    """A response over a real socket is parsed."""
    with server(answer) as endpoint:
        connection = connect(None, endpoint=endpoint)
        assert "i1" == (connection.send(GET)).id
        connection.close()


def test_a_connection_does_not_show_its_key() -> None:
    """The key is not in the `repr`, and a connection cannot be pickled or copied."""
    connection = connect(Script(FOUND))

    assert "<Connection to https://crm.example/v1>" == repr(connection)
    assert KEY not in f"{connection} {vars(connection)}"
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            attempt(connection)


def test_a_closed_connection_sends_no_more() -> None:
    """A closed connection raises an error and sends nothing."""
    script = Script(FOUND)
    connection = connect(script)

    connection.close()

    with pytest.raises(RuntimeError, match="closed"):
        connection.send(GET)
    assert [] == script.requests
