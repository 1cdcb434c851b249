"""`FaultyTransport` and `Fault`."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from interactions_sdk.testing import Fault, FaultyTransport, SentRequest

BASE = "http://crm.example/v1"
ROW = "/tablesdb/console-db/tables/customers/rows/{id}"


class Server(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that counts the requests that reach it."""

    def __init__(self) -> None:
        self.reached = 0
        self.closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - any
        """Return an empty response."""
        self.reached += 1
        return httpx.Response(200, json={"answer": self.reached})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return an empty response."""
        return self.handle_request(request)

    def close(self) -> None:
        """Count a call of `close()`."""
        self.closed += 1

    async def aclose(self) -> None:
        """Count a call of `aclose()`."""
        self.closed += 1


def get(transport: FaultyTransport, path: str = "/users/ada") -> httpx.Response:
    """Send a request."""
    with httpx.Client(transport=transport) as client:
        return client.get(BASE + path)


def seen(transport: FaultyTransport) -> object:
    """Return what a client gets: a status, or the name of an error."""
    try:
        return get(transport).status_code
    except httpx.TransportError as error:
        return type(error).__name__


EXPECTED: dict[Fault, tuple[object, bool]] = {
    Fault.REFUSED: ("ConnectError", False),
    Fault.RESET_BEFORE_WRITE: ("ReadError", False),
    Fault.RESET_AFTER_WRITE: ("ReadError", True),
    Fault.TIMEOUT_BEFORE_WRITE: ("ReadTimeout", False),
    Fault.TIMEOUT_AFTER_WRITE: ("ReadTimeout", True),
    Fault.RATE_LIMITED: (429, False),
    Fault.RATE_LIMITED_FOR_A_SECOND: (429, False),
    Fault.SERVER_ERROR_BEFORE_WRITE: (500, False),
    Fault.SERVER_ERROR_AFTER_WRITE: (500, True),
    Fault.BAD_GATEWAY_BEFORE_WRITE: (502, False),
    Fault.BAD_GATEWAY_AFTER_WRITE: (502, True),
    Fault.UNAVAILABLE_BEFORE_WRITE: (503, False),
    Fault.UNAVAILABLE_AFTER_WRITE: (503, True),
    Fault.TRUNCATED_BODY: ("RemoteProtocolError", True),
    Fault.NOT_JSON_BEFORE_WRITE: (200, False),
    Fault.NOT_JSON_AFTER_WRITE: (200, True),
    Fault.TRANSACTION_CONFLICT: (409, False),
}


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_what_a_client_sees(fault: Fault) -> None:
    """Each fault has its status or error, and either reaches the server or does not."""
    server = Server()

    expected, reaches_server = EXPECTED[fault]
    assert expected == seen(FaultyTransport(server, fault))
    assert reaches_server == fault.reaches_server
    assert int(reaches_server) == server.reached


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_an_asynchronous_client_sees_the_same(fault: Fault) -> None:
    """One transport serves both clients."""
    server = Server()

    async def asynchronously() -> object:
        async with httpx.AsyncClient(transport=FaultyTransport(server, fault)) as client:
            try:
                return (await client.get(BASE)).status_code
            except httpx.TransportError as error:
                return type(error).__name__

    assert EXPECTED[fault] == (asyncio.run(asynchronously()), server.reached == 1)


def test_only_one_kind_of_rate_limit_says_how_long() -> None:
    """Only this fault sets `Retry-After`."""
    assert (
        "1"
        == get(FaultyTransport(Server(), Fault.RATE_LIMITED_FOR_A_SECOND)).headers["retry-after"]
    )
    assert "retry-after" not in get(FaultyTransport(Server(), Fault.RATE_LIMITED)).headers


def test_the_nth_request_fails() -> None:
    """The requests before and after the selected ones succeed."""
    transport = FaultyTransport(Server(), Fault.REFUSED, first=2, count=2)

    assert [200, "ConnectError", "ConnectError", 200] == [seen(transport) for _ in range(4)]
    assert [None, Fault.REFUSED, Fault.REFUSED, None] == [
        request.fault for request in transport.requests
    ]


def test_for_good() -> None:
    """With a count of None, every request fails."""
    transport = FaultyTransport(Server(), Fault.BAD_GATEWAY_AFTER_WRITE, first=2, count=None)

    assert [200, 502, 502, 502] == [seen(transport) for _ in range(4)]


def test_only_some_requests_fail() -> None:
    """Requests that do not match the method and the route are neither failed nor counted."""
    transport = FaultyTransport(
        Server(),
        Fault.UNAVAILABLE_BEFORE_WRITE,
        first=2,
        method="GET",
        route="*/customers/rows/{id}",
    )
    row = "/tablesdb/console-db/tables/customers/rows/ada"

    assert 200 == get(transport, row).status_code
    assert 200 == get(transport, "/tablesdb/console-db/tables/audit_logs/rows/ada").status_code
    with httpx.Client(transport=transport) as client:
        assert 200 == client.patch(BASE + row).status_code
    assert 503 == get(transport, row).status_code
    assert 200 == get(transport, row).status_code


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/tablesdb/transactions", "/tablesdb/transactions"),
        ("/tablesdb/transactions/t1/operations", "/tablesdb/transactions/{id}/operations"),
        ("/tablesdb/console-db/tables/customers/rows/ada", ROW),
        ("/tablesdb/db/tables/rows/rows?queries[]=x", "/tablesdb/db/tables/rows/rows"),
        ("/tablesdb/db/tables/users/rows/rows", "/tablesdb/db/tables/users/rows/{id}"),
        ("/users/ada/memberships", "/users/{id}/memberships"),
        ("/users", "/users"),
    ],
)
def test_requests_are_recorded(path: str, route: str) -> None:
    """Without a fault, requests are recorded, with placeholders for IDs."""
    transport = FaultyTransport(Server())

    get(transport, path)

    assert [SentRequest("GET", route)] == transport.requests


def test_chance_is_the_same_for_the_same_seed() -> None:
    """The same seed selects the same requests."""

    def drawn(seed: int) -> list[object]:
        transport = FaultyTransport.random(
            Server(), rate=0.5, seed=seed, faults=[Fault.REFUSED, Fault.RATE_LIMITED]
        )
        return [seen(transport) for _ in range(100)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert {200, 429, "ConnectError"} == set(drawn(1))


def test_it_closes_what_it_wraps() -> None:
    """Closing the transport closes the inner one."""
    server = Server()

    async def asynchronously() -> None:
        await httpx.AsyncClient(transport=FaultyTransport(server)).aclose()

    httpx.Client(transport=FaultyTransport(server)).close()
    asyncio.run(asynchronously())

    assert 2 == server.closed


class OnlyAsynchronous(httpx.AsyncBaseTransport):
    """A transport for asynchronous clients only."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        """Return an empty response."""
        return httpx.Response(200)


class OnlySynchronous(httpx.BaseTransport):
    """A transport for synchronous clients only."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - any
        """Return an empty response."""
        return httpx.Response(200)


def test_it_serves_whom_the_inner_transport_serves() -> None:
    """A client of the other version gets an error."""
    with pytest.raises(TypeError, match="asynchronous clients only"):
        get(FaultyTransport(OnlyAsynchronous()))

    async def asynchronously() -> None:
        async with httpx.AsyncClient(transport=FaultyTransport(OnlySynchronous())) as client:
            await client.get(BASE)

    with pytest.raises(TypeError, match=" synchronous clients only"):
        asyncio.run(asynchronously())
