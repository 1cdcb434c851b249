# Generated from tests/_async/connection/test_pool.py by scripts/unasync.py; do not edit.
"""Requests over a real socket, with and without a proxy."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import sys
import time
from contextlib import contextmanager
from copy import copy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpcore
import httpx
import pytest
import trustme

from interactions_sdk import APIConnectionError, BadRequestError, RetryPolicy
from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk._sync.connection.pool import ConnectionPool, TransportPool
from interactions_sdk.concurrency import map_concurrent, sleep
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.wire import Call
from tests.waiting import LIMIT, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


OK = b"HTTP/1.1 200 OK\r\nset-cookie: a_session=secret\r\ncontent-length: 2\r\n\r\n{}"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Listening:
    """A server that sends the same bytes in response to each request.

    Args:
        answer: The bytes.
        hangs_up: Whether it then closes the connection.
    """

    def __init__(self, answer: bytes, *, hangs_up: bool) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answer = answer
        self._hangs_up = hangs_up
        self._is_closing = False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(LIMIT)
        self.port: int = self._socket.getsockname()[1]
        self._thread = Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while not self._is_closing:
            connection, _ = self._socket.accept()
            connection.settimeout(LIMIT)
            with connection:
                self._answer_all(connection)

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        """Read a request with its body, which may arrive in pieces; return nothing at the end."""
        request = connection.recv(65_536)
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0] or 0)
        return request + (connection.recv(length - len(body)) if length > len(body) else b"")

    def _answer_all(self, connection: socket.socket) -> None:
        is_new = True
        while request := self._read(connection):
            self.connections += is_new
            is_new = False
            self.requests.append(request)
            connection.sendall(self._answer)
            if self._hangs_up:
                return

    def close(self) -> None:
        """Stop once all clients have disconnected."""
        self._is_closing = True
        socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT).close()
        join(self._thread)
        self._socket.close()


class Counting(ThreadingHTTPServer):
    """A server that accepts many connections and counts them."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.connections = 0
        super().__init__(("127.0.0.1", 0), Answering)

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Count a connection."""
        self.connections += 1
        super().process_request(request, client_address)


class Answering(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Respond slowly enough that requests overlap."""
        time.sleep(0.005)
        self.wfile.write(OK)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Log nothing."""


@contextmanager
def counting(authority: trustme.CA | None = None) -> Iterator[Counting]:
    """Run a server, with a certificate for this machine if a CA is given."""
    with Counting() as server:
        if authority is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(tls)
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            join(thread)


@contextmanager
def listening(answer: bytes = OK, *, hangs_up: bool = False) -> Iterator[Listening]:
    """Run a server."""
    server = Listening(answer, hangs_up=hangs_up)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.lower() in PROXIES]:
        monkeypatch.delenv(name)


def pool(endpoint: str, transport: httpx.BaseTransport | None = None) -> ConnectionPool:
    """Return a pool with one default header."""
    headers = {"X-Appwrite-Project": "crm"}
    return ConnectionPool(
        httpx.URL(endpoint), headers, timeout=httpx.Timeout(5), transport=transport
    )


def reading(http: ConnectionPool) -> Callable[[int], int]:
    """Return a function that sends a request and returns the response's status."""

    def read(_: int) -> int:
        return (http.request("GET", "/health", None, None)).status_code

    return read


def test_a_request_byte_for_byte() -> None:
    """The path is sent unchanged, and no headers are added."""
    with listening() as server:
        http = pool(f"http://127.0.0.1:{server.port}/v1/")
        path = "/tablesdb/crm/rows?queries%5B%5D=%7B%22a%22:1%7D&total=0"
        answer = http.request("GET", path, None, None)
        http.close()

        assert b"{}" == answer.content
        assert [
            f"GET /v1{path} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{server.port}\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding: gzip, deflate\r\n"
            "Content-Type: application/json\r\n"
            "X-Appwrite-Project: crm\r\n\r\n".encode()
        ] == server.requests


def test_requests_share_a_connection_and_no_cookie() -> None:
    """Requests share a connection, and cookies are not sent back."""
    with listening() as server:
        http = pool(f"http://127.0.0.1:{server.port}/v1")
        http.request("GET", "/health", None, None)
        http.request("PATCH", "/health", b"[]", {"content-type": "text/plain"})
        http.request("GET", "/health", None, None)
        http.close()

        assert 1 == server.connections
        assert not any(b"ookie" in request for request in server.requests)
        assert b"content-type: text/plain\r\nContent-Length: 2\r\n\r\n[]" in server.requests[1]
        assert server.requests[0] == server.requests[2]


@pytest.mark.unmeasured
def test_many_at_once_keep_their_connections() -> None:
    """160 requests, 40 at a time, use at most 40 connections."""
    with counting() as server:
        http = pool(f"http://127.0.0.1:{server.server_port}/v1")

        with map_concurrent(reading(http), range(160), 40) as answers:
            assert [200] * 160 == [each for each in answers]
        http.close()

    assert server.connections <= 40


@pytest.mark.unmeasured
def test_many_at_once_do_not_fight_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is assigned to a connection once, however many are waiting."""
    tried: list[object] = []
    handle = httpcore.HTTP11Connection.handle_request

    def count(
        connection: httpcore.HTTP11Connection, request: httpcore.Request
    ) -> httpcore.Response:
        tried.append(request)
        return handle(connection, request)

    monkeypatch.setattr(httpcore.HTTP11Connection, "handle_request", count)
    with counting() as server:
        http = pool(f"http://127.0.0.1:{server.server_port}/v1")

        with map_concurrent(reading(http), range(100), 20) as answers:
            assert [200] * 100 == [each for each in answers]
        http.close()

    assert 100 == len(tried)


class Noting:
    """Records the modules that are looked for, and finds none."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Record a module."""
        del path, target
        self.wanted.append(name)


def test_a_request_looks_for_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request imports optional modules: searching for a missing one is slow."""
    noting = Noting()
    with listening() as server:
        http = pool(f"http://127.0.0.1:{server.port}/v1")
        reading(http)(0)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "meta_path", [noting, *sys.meta_path])
            reading(http)(0)
        http.close()

    assert [] == noting.wanted


def test_what_is_too_many_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests beyond the limit wait for a connection."""
    monkeypatch.setattr("interactions_sdk._sync.connection.pool._MAX_CONNECTIONS", 2)
    with counting() as server:
        http = pool(f"http://127.0.0.1:{server.server_port}/v1")

        with map_concurrent(reading(http), range(20), 10) as answers:
            assert [200] * 20 == [each for each in answers]
        http.close()

    assert server.connections <= 2


def test_a_request_that_is_under_way_ends_before_its_connection_is_closed() -> None:
    """Closing the pool waits for running requests and leaves no connection open."""
    with counting() as server:
        http = pool(f"http://127.0.0.1:{server.server_port}/v1")

        def read(place: int) -> int:
            if place:
                sleep(0.002)  # the other request is running by then
                http.close()
                return 0
            return reading(http)(0)

        with map_concurrent(read, range(2), 2) as answers:
            assert [200, 0] == [each for each in answers]
        with pytest.raises(RuntimeError, match="closed"):
            http.request("GET", "/health", None, None)


def test_connections_that_wait_for_too_long_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Idle connections are closed after a while, and all others with the client."""
    closed: list[httpx.BaseTransport] = []

    def note(transport: httpx.BaseTransport) -> None:
        closed.append(transport)

    monkeypatch.setattr(httpx.HTTPTransport, "close", note)
    monkeypatch.setattr("interactions_sdk._sync.connection.pool._IDLE_SECONDS", 0.05)
    transports = TransportPool("http", None)
    with transports.acquire() as first, transports.acquire() as second:
        assert first is not second
    sleep(0.1)
    with transports.acquire() as latest:
        assert latest is first
        assert [] == closed
    assert [second] == closed

    transports.close()
    assert [second, first] == closed


def test_a_connection_whose_request_was_interrupted_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In httpcore, a connection whose request was interrupted would stay busy."""
    interruptions = [KeyboardInterrupt()]
    handle = httpcore.HTTP11Connection.handle_request

    def interrupted(
        connection: httpcore.HTTP11Connection, request: httpcore.Request
    ) -> httpcore.Response:
        if interruptions:
            raise interruptions.pop()
        return handle(connection, request)

    monkeypatch.setattr(httpcore.HTTP11Connection, "handle_request", interrupted)
    with counting() as server:
        http = pool(f"http://127.0.0.1:{server.server_port}/v1")
        with pytest.raises(KeyboardInterrupt):
            reading(http)(0)

        assert 200 == reading(http)(1)
        http.close()


def test_a_server_proves_who_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With https, only a server with a trusted certificate receives the key."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    read: list[ssl.SSLContext] = []
    create = httpx.create_ssl_context

    def count() -> ssl.SSLContext:
        read.append(create())
        return read[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", count)
    with counting(authority) as server:
        strange = pool(f"https://127.0.0.1:{server.server_port}/v1")
        with pytest.raises(httpx.ConnectError, match="certificate"):
            reading(strange)(0)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        trusted = pool(f"https://127.0.0.1:{server.server_port}/v1")
        with map_concurrent(reading(trusted), range(6), 3) as answers:
            assert [200] * 6 == [each for each in answers]
        strange.close()
        trusted.close()

    assert 2 == len(read)


def test_a_packed_answer_is_unpacked() -> None:
    """Compressed responses are decompressed."""
    body = gzip.compress(b'{"total":0}')
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"
    with listening(head.encode() + body) as server:
        http = pool(f"http://127.0.0.1:{server.port}/v1")
        answer = http.request("GET", "/health", None, None)
        http.close()

    assert b'{"total":0}' == answer.content


def test_a_name_in_the_address_signs_in_at_what_is_in_between() -> None:
    """A name and password in the endpoint are sent as basic authentication, as browsers do."""
    with listening() as server:
        http = pool(f"http://ada:se%40cret@127.0.0.1:{server.port}/v1")
        http.request("GET", "/health", None, None)
        http.close()

        assert b"Authorization: Basic YWRhOnNlQGNyZXQ=\r\n" in server.requests[0]
        assert b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:" in server.requests[0]


def test_a_proxy_is_told_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy receives the whole URL in the request line."""
    with listening() as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
        http = pool("http://crm.example/v1")
        http.request("GET", "/health?total=0", None, None)
        http.close()

        assert server.requests[0].startswith(b"GET http://crm.example/v1/health?total=0 HTTP/1.1\r")


def test_a_transport_of_ones_own_sees_the_whole_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """A custom transport receives the whole URL, and no proxy is used."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url}")
        return httpx.Response(200, json={})

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    http = pool("https://crm.example/v1", httpx.MockTransport(answer))
    http.request("GET", "/health?total=0", None, None)

    assert ["GET https://crm.example/v1/health?total=0"] == seen


def test_who_traces_requests_sees_their_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracing tools that wrap httpx's transport, such as OpenTelemetry, see the whole URL."""
    seen: list[httpx.URL] = []

    def answer(_: object, request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(200, json={})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    http = pool("https://crm.example/v1/")
    http.request("GET", "/health?queries%5B%5D=%7B%22a%22%3A1%7D&total=0", None, None)
    http.close()

    whole = "https://crm.example/v1/health?queries%5B%5D=%7B%22a%22%3A1%7D&total=0"
    [url] = seen
    assert (whole, whole) == (str(url), str(httpx.URL(url)))
    assert (httpx.URL(whole), httpx.URL(whole)) == (url, copy(url))
    assert not hasattr(url, "no_such_part")
    assert ("crm.example", "/v1/health", "0") == (url.host, url.path, url.params["total"])


@pytest.mark.parametrize("is_straight", [True, False])
def test_a_path_that_is_too_long_is_not_sent(*, is_straight: bool) -> None:
    """A path that is too long is rejected, and the error suggests a solution."""
    nobody = httpx.MockTransport(lambda _: httpx.Response(200))
    connection = Connection(
        "http://127.0.0.1:9/v1",
        {},
        credentials=make_credentials(api_key="k"),
        policy=RetryPolicy(retries=0),
        timeout=httpx.Timeout(5),
        transport=None if is_straight else nobody,
    )

    with pytest.raises(BadRequestError, match="too long"):
        connection.send(Call("GET", "/health", "/health?" + "x" * 65_536, bytes))
    connection.close()


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    """After a truncated response, the next request uses a new connection."""
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"
    with listening(half, hangs_up=True) as server:
        connection = Connection(
            f"http://127.0.0.1:{server.port}/v1",
            {},
            credentials=make_credentials(api_key="k"),
            policy=RetryPolicy(retries=0),
            timeout=httpx.Timeout(5),
        )
        for _ in range(2):
            with pytest.raises(APIConnectionError):
                connection.send(Call("GET", "/health", "/health", bytes))
        connection.close()

        assert 2 == server.connections


def test_the_headers_of_every_request_are_not_shown() -> None:
    """The headers, which contain the key, are not shown in a debugger."""
    pool = ConnectionPool(
        httpx.URL("http://ada:se@crm.example/v1"),
        {"X-Appwrite-Key": "c0ffee"},
        timeout=httpx.Timeout(1),
        transport=None,
    )

    assert "<5 headers>" in str(vars(pool))
    assert "c0ffee" not in str(vars(pool))
    pool.close()
