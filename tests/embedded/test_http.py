"""The HTTP server: rejected requests, time limits and shutdown."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from interactions_sdk.embedded import EmbeddedAppwrite, http_server
from interactions_sdk.embedded.application import Application
from interactions_sdk.embedded.http_connection import Budget, HttpConnection, Limits
from interactions_sdk.embedded.http_policy import make_policy, split_host
from interactions_sdk.embedded.services.context import Request
from interactions_sdk.embedded.values.responses import AppwriteError, Response
from tests.embedded.raw_http import connect, exchange, read_all, read_answers, request
from tests.waiting import join, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from interactions_sdk.embedded.http_server import RunningServer

KEY = "X-Appwrite-Key: a-key"
PROJECT = "X-Appwrite-Project: embedded"
HEAD = (PROJECT, KEY)
LIST = request("GET /v1/tablesdb", *HEAD)
LIST_AND_STAY = request("GET /v1/tablesdb", *HEAD, close=False)
EMPTY = b'{"total":0,"databases":[]}'


@pytest.fixture
def running(server: EmbeddedAppwrite) -> Iterator[RunningServer]:
    """Serve a server in memory."""
    with server.serve() as served:
        yield served


@pytest.fixture
def limited(
    server: EmbeddedAppwrite, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., RunningServer]]:
    """Serve with lower limits."""
    served: list[RunningServer] = []

    def serve(**limits: Any) -> RunningServer:
        monkeypatch.setattr(http_server, "Limits", lambda: Limits(**limits))
        served.append(server.serve())
        return served[-1]

    yield serve
    for each in served:
        each.close()


def create(body: bytes, *headers: str, close: bool = True) -> bytes:
    """Return the request that creates a database."""
    length = f"Content-Length: {len(body)}"
    return request("POST /v1/tablesdb", *HEAD, length, *headers, body=body, close=close)


DATABASE = b'{"databaseId":"d","name":"d"}'


# Host names, origins and keys


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1234", "127.0.0.1", "127.0.0.1:80", "[::1]:80", "[::1]", "localhost."],
)
def test_names_of_this_machine(running: RunningServer, host: str) -> None:
    """Requests with a name of this machine are accepted, whatever the port in the header."""
    [answer] = exchange(running, request("GET /v1/tablesdb", *HEAD, host=host))
    assert (200, EMPTY) == (answer.status, answer.body)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.nip.io"),
        *("", "10.0.0.1", "localhost@evil.example", "[", "[::1].example", "evil.example#localhost"),
    ],
)
def test_other_names_are_refused(running: RunningServer, host: str) -> None:
    """Other names are rejected, since a page could resolve its own name to this machine."""
    [answer] = exchange(running, request("GET /v1/tablesdb", *HEAD, host=host))
    assert 403 == answer.status
    assert "allowed_hosts" in json.loads(answer.body)["message"]


def test_the_name_in_the_target_counts(running: RunningServer) -> None:
    """The host in an absolute target is the one that is checked."""
    for target, status in (
        ("http://localhost/v1/tablesdb", 200),
        ("http://evil.example/v1/tablesdb", 403),
        ("http://localhost", 501),
    ):
        [answer] = exchange(running, request(f"GET {target}", *HEAD))
        assert status == answer.status


def test_allowed_hosts(server: EmbeddedAppwrite) -> None:
    """Further names can be allowed when serving."""
    with server.serve(allowed_hosts=["CRM.example"]) as running:
        [answer] = exchange(running, request("GET /v1/tablesdb", *HEAD, host="crm.example:1"))
        assert 200 == answer.status


def test_names_of_a_server_for_all_addresses() -> None:
    """IP addresses are allowed, since DNS rebinding affects only names."""
    policy = make_policy("0.0.0.0", ["crm.example"])  # noqa: S104 - that is the point
    for authority in ("10.0.0.1:8090", "[fd00::1]", "crm.example"):
        policy.require_host(authority)
    with pytest.raises(AppwriteError, match=r"other\.example"):
        policy.require_host("other.example")
    make_policy("::1").require_host("[::1]:1")
    make_policy("192.168.0.9").require_host("192.168.0.9")
    assert "" == split_host("[")


def test_a_page_of_another_site(running: RunningServer) -> None:
    """A page of another site may neither write without a key nor read responses."""
    for origin in ("http://evil.example", "null", "http://["):
        [refused] = exchange(
            running, request("POST /v1/account/sessions/email", PROJECT, f"Origin: {origin}")
        )
        assert 403 == refused.status
        assert "general_unknown_origin" == json.loads(refused.body)["type"]
        [read] = exchange(running, request("GET /v1/account", PROJECT, f"Origin: {origin}"))
        assert (401, "http://localhost") == (
            read.status,
            read.headers["access-control-allow-origin"],
        )


def test_a_page_of_a_platform(server: EmbeddedAppwrite) -> None:
    """Pages of configured platforms and of this machine are allowed, with a preflight request."""
    with server.serve(platforms=["App.example"]) as running:
        for origin in ("https://app.example", "http://localhost:5173"):
            [asked] = exchange(
                running,
                request(
                    "OPTIONS /v1/tablesdb",
                    f"Origin: {origin}",
                    "Access-Control-Request-Method: POST",
                ),
            )
            assert (204, origin) == (asked.status, asked.headers["access-control-allow-origin"])
            assert "X-Appwrite-Key" in asked.headers["access-control-allow-headers"]
            [made] = exchange(
                running, request("POST /v1/account/sessions/email", PROJECT, f"Origin: {origin}")
            )
            assert 400 == made.status


def test_a_referer_stands_in_for_an_origin(running: RunningServer) -> None:
    """Browsers may omit the origin, so the referer is checked."""
    [answer] = exchange(
        running, request("DELETE /v1/account/sessions/x", PROJECT, "Referer: http://evil.example/")
    )
    assert 403 == answer.status


def test_the_well_known_key_opens_nothing_over_http() -> None:
    """A served server has a random key, which is also valid in the process."""
    with EmbeddedAppwrite() as server:
        assert "embedded" == server.api_key
        with server.serve() as running, server.serve() as again:
            assert running.api_key == again.api_key == server.api_key
            assert (True, False) == (running.is_new_key, again.is_new_key)
            for key, status in (("embedded", 401), (running.api_key, 200)):
                [answer] = exchange(
                    running, request("GET /v1/tablesdb", PROJECT, f"X-Appwrite-Key: {key}")
                )
                assert status == answer.status
        for key in ("embedded", running.api_key):
            headers = {"x-appwrite-project": "embedded", "x-appwrite-key": key}
            with httpx.Client(transport=server.transport, headers=headers) as client:
                assert 200 == client.get("http://embedded/v1/tablesdb").status_code


def test_the_key_is_kept_in_the_file(tmp_path: Path) -> None:
    """The key stays the same for a file, differs between files, and the file is private."""
    path = tmp_path / "crm.db"
    keys: list[str] = []
    for _ in range(2):
        with EmbeddedAppwrite(path) as server, server.serve() as running:
            keys.append(running.api_key)
            assert 0o600 == path.stat().st_mode & 0o777
            path.chmod(0o644)
    with EmbeddedAppwrite(tmp_path / "other.db") as server, server.serve() as running:
        keys.append(running.api_key)
    assert keys[0] == keys[1] != keys[2]
    assert len(keys[0]) > 64


def test_a_new_key_closes_the_file_to_others(tmp_path: Path) -> None:
    """A readable file becomes private once a key is stored in it."""
    path = tmp_path / "crm.db"
    EmbeddedAppwrite(path).close()
    path.chmod(0o644)
    with EmbeddedAppwrite(path) as server, server.serve():
        assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("host", ["0.0.0.0", "example.com", "192.168.0.9"])  # noqa: S104 - refused
def test_other_machines_are_kept_out(server: EmbeddedAppwrite, host: str) -> None:
    """Serving other machines requires `allow_remote`."""
    with pytest.raises(ValueError, match=f"Binding to {host} requires allow_remote=True"):
        server.serve(host)


def test_other_machines_are_let_in(server: EmbeddedAppwrite) -> None:
    """With `allow_remote`, other machines can connect."""
    with server.serve("0.0.0.0", allow_remote=True) as running:  # noqa: S104 - that is the point
        assert running.endpoint.startswith("http://0.0.0.0:")


def test_newer_loopback(server: EmbeddedAppwrite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The IPv6 loopback address is local, too."""
    families: list[int] = []

    def without_ipv6(_: object, *, family: int, **__: object) -> None:
        families.append(family)
        message = "no IPv6 here"
        raise OSError(message)

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    with pytest.raises(OSError, match="no IPv6 here"):
        server.serve("::1")
    assert [socket.AF_INET6] == families


# Several requests


def test_a_connection_is_kept(running: RunningServer) -> None:
    """A connection serves many requests, even if they are sent before the responses."""
    sent = create(DATABASE, close=False) + LIST_AND_STAY + create(DATABASE)
    answers = exchange(running, sent)
    assert [201, 200, 409] == [answer.status for answer in answers]
    assert ["close"] == [
        answer.headers["connection"] for answer in answers if "connection" in answer.headers
    ]


def test_head_has_no_body(running: RunningServer, server: EmbeddedAppwrite) -> None:
    """The response to HEAD has the headers of GET, and the connection can be reused."""
    sent = request("HEAD /v1/tablesdb", *HEAD, close=False) + LIST
    head, got = exchange(running, sent, "HEAD", "GET")
    assert (200, b"", str(len(EMPTY))) == (head.status, head.body, head.headers["content-length"])
    assert EMPTY == got.body
    headers = {"x-appwrite-project": "embedded", "x-appwrite-key": "a-key"}
    with httpx.Client(transport=server.transport, headers=headers) as client:
        inside = client.head("http://embedded/v1/tablesdb")
        assert (200, b"", str(len(EMPTY))) == (
            inside.status_code,
            inside.content,
            inside.headers["content-length"],
        )


def test_no_content_has_no_length(running: RunningServer) -> None:
    """A 204 has no body and no length, and the connection can be reused."""
    sent = create(DATABASE, close=False) + request("DELETE /v1/tablesdb/d", *HEAD, close=False)
    answers = exchange(running, sent + LIST)
    assert [201, 204, 200] == [answer.status for answer in answers]
    assert "content-length" not in answers[1].headers


@pytest.mark.parametrize("methods", ["TRACE", "CONNECT", "BREW", "PROPFIND"])
def test_other_methods(running: RunningServer, methods: str) -> None:
    """Unknown methods are rejected."""
    for target in ("/v1/tablesdb", "localhost:80", "*"):
        [answer] = exchange(running, request(f"{methods} {target}", *HEAD))
        assert answer.status in {404, 501}


def test_options_of_the_whole_server(running: RunningServer) -> None:
    """`OPTIONS *` is answered."""
    [answer] = exchange(running, request("OPTIONS *"))
    assert 204 == answer.status


def test_old_http(running: RunningServer) -> None:
    """HTTP/1.0 is answered, and the connection is closed."""
    sent = b"GET /v1/tablesdb HTTP/1.0\r\nHost: localhost\r\n" + f"{PROJECT}\r\n{KEY}".encode()
    [answer] = exchange(running, sent + b"\r\n\r\n" + LIST)
    assert EMPTY == answer.body


def test_headers_that_come_twice_are_joined(running: RunningServer) -> None:
    """Two keys are joined to one, which is invalid."""
    [answer] = exchange(running, request("GET /v1/tablesdb", PROJECT, KEY, "x-appwrite-key: other"))
    assert 401 == answer.status


# Bodies


def test_a_body_in_chunks(running: RunningServer) -> None:
    """A chunked body is read; extensions and trailers are ignored."""
    half = len(DATABASE) // 2
    chunks = b"%x;a=b\r\n%s\r\n%x\r\n%s\r\n0\r\nX: y\r\n\r\n" % (
        *(half, DATABASE[:half]),
        *(len(DATABASE) - half, DATABASE[half:]),
    )
    sent = request(
        "POST /v1/tablesdb", *HEAD, "Transfer-Encoding: chunked", body=chunks, close=False
    )
    assert [201, 200] == [answer.status for answer in exchange(running, sent + LIST)]


def test_a_client_that_waits_to_be_asked_for_the_body(running: RunningServer) -> None:
    """A client that expects `100 Continue` receives it."""
    with connect(running) as connection:
        head = create(DATABASE, "Expect: 100-continue").removesuffix(DATABASE)
        connection.sendall(head)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(DATABASE)
        [answer] = read_answers(connection)
    assert 201 == answer.status


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_a_large_body_is_refused_before_it_is_read(
    running: RunningServer, expect: tuple[str, ...]
) -> None:
    """The declared length is checked first, whether or not there is a key."""
    for size, key, status in (
        (25_000_001, "X-A: b", 413),
        (25_000_001, "X-Appwrite-Key: wrong", 413),
        (256_000_001, KEY, 413),
        (10**19, KEY, 413),
    ):
        length = f"Content-Length: {size}"
        [answer] = exchange(running, request("POST /v1/users", PROJECT, key, length, *expect))
        assert (status, "close") == (answer.status, answer.headers["connection"])


def test_a_key_may_send_more(limited: Callable[..., RunningServer]) -> None:
    """With the key, a higher limit applies to imports and uploads."""
    running = limited(body_bytes=100, body_bytes_with_key=1000)
    body = DATABASE + b" " * 500
    assert [201] == [answer.status for answer in exchange(running, create(body))]
    assert [413] == [answer.status for answer in exchange(running, create(body + b" " * 500))]


@pytest.mark.parametrize("chunk", [10, 2000])
def test_chunks_that_do_not_end(limited: Callable[..., RunningServer], chunk: int) -> None:
    """The size of a chunked body is checked while it is received."""
    running = limited(body_bytes=1000)
    with connect(running) as connection:
        connection.sendall(request("POST /v1/users", PROJECT, "Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):  # the server stops reading
            for _ in range(10_000):
                connection.sendall(b"%x\r\n%s\r\n" % (chunk, b"x" * chunk))
        [answer] = read_answers(connection)
    assert 413 == answer.status


def test_many_large_bodies_at_one_time(limited: Callable[..., RunningServer]) -> None:
    """The total size of all bodies is limited, and is available again afterwards."""
    running = limited(total_bytes=100)
    body = DATABASE + b" " * 60
    with connect(running) as waiting:
        waiting.sendall(create(body)[:-1])
        while running._shared.memory.take(len(DATABASE)):
            running._shared.memory.give_back(len(DATABASE))
            time.sleep(0.001)
        assert [503] == [answer.status for answer in exchange(running, create(body))]
        waiting.sendall(body[-1:])
        assert [201] == [answer.status for answer in read_answers(waiting)]
    assert [409] == [answer.status for answer in exchange(running, create(body))]
    in_chunks = b"65\r\n" + b" " * 101 + b"\r\n0\r\n\r\n"
    sent = request("POST /v1/tablesdb", *HEAD, "Transfer-Encoding: chunked", body=in_chunks)
    assert [503] == [answer.status for answer in exchange(running, sent)]


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"[" * 200_000,
            b'{"a":' * 200_000,
            b"[" * 3000 + b"]" * 3000,
            b"\xff\xfe",
            b"\xef\xbb\xbf{}",
        ),
        *(b'{"name": NaN}', b'{"name": 1e999}', b'{"name": ' + b"9" * 5000 + b"}"),
        b'{"databaseId": "d", "name": ' + b'{"a":' * 400 + b"1" + b"}" * 401,
    ],
)
def test_deep_and_odd_json(running: RunningServer, body: bytes) -> None:
    """Invalid JSON is rejected with 400, and the connection stays open."""
    sent = create(body, "Content-Type: application/json", close=False)
    bad, good = exchange(running, sent + LIST)
    assert (400, 200) == (bad.status, good.status)


# Malformed requests


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n\r\nGARBAGE\r\n\r\n",
        *(
            b"GET\r\n\r\n",
            b"GET /v1/tablesdb HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\n\n",
        ),
        b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n",
        b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nA: \x00\r\n\r\n",
        b"GET /v1\x7f HTTP/1.1\r\nHost: localhost\r\n\r\n",
        request("GET /v1/tablesdb", "Content-Length: x"),
        request("GET /v1/tablesdb", "Content-Length: -1"),
        request("GET /v1/tablesdb", "Content-Length: +1"),
        request("GET /v1/tablesdb", "Content-Length: \xb2"),
        request("GET /v1/tablesdb", "Content-Length: 1, 2", body=b"ab"),
        request("GET /v1/tablesdb", "Content-Length: 1", "Content-Length: 2", body=b"ab"),
        request("POST /v1/tablesdb", "Transfer-Encoding: chunked", body=b"x\r\n"),
        request("POST /v1/tablesdb", "Transfer-Encoding: chunked", body=b"-1\r\n"),
        request("POST /v1/tablesdb", "Transfer-Encoding: chunked", body=b"2\r\nabcd0\r\n\r\n"),
        request("POST /v1/tablesdb", "Transfer-Encoding: chunked", body=b"f" * 30 + b"\r\n"),
        b"POST /v1 HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_malformed_requests(running: RunningServer, sent: bytes) -> None:
    """Malformed requests get one error, and the connection is closed."""
    [answer] = exchange(running, sent)
    assert 400 == answer.status
    assert 400 == json.loads(answer.body)["code"]


@pytest.mark.parametrize("line", ["GET /v1 HTTP/9.9", "PRI * HTTP/2.0"])
def test_other_versions_of_http(running: RunningServer, line: str) -> None:
    """Other HTTP versions are rejected."""
    [answer] = exchange(running, f"{line}\r\nHost: localhost\r\n\r\nSM\r\n\r\n".encode())
    assert 505 == answer.status


@pytest.mark.parametrize("coding", ["gzip", "chunked, gzip", "identity", "xchunked"])
def test_other_codings(running: RunningServer, coding: str) -> None:
    """Other transfer codings are rejected, and the connection is closed."""
    sent = request("POST /v1/tablesdb", f"Transfer-Encoding: {coding}", body=b"0\r\n\r\n")
    assert [501] == [answer.status for answer in exchange(running, sent + LIST)]


@pytest.mark.parametrize(
    "sent",
    [
        request("GET /v1/" + "a" * 300_000),
        request("GET /v1", "A: " + "a" * 300_000),
        request("GET /v1", *["A: " + "a" * 1000] * 300),
    ],
)
def test_a_head_without_end(running: RunningServer, sent: bytes) -> None:
    """A header that is too long is rejected."""
    with connect(running) as connection:
        with contextlib.suppress(OSError):  # the server stops reading
            connection.sendall(sent)
        assert [431] == [answer.status for answer in read_answers(connection)]


# Slow clients and many connections


def test_half_requests_end(limited: Callable[..., RunningServer]) -> None:
    """An incomplete request ends with 408, even if the client keeps sending single bytes."""
    running = limited(stall_seconds=0.05, request_seconds=0.2)
    half = create(DATABASE + b" " * 1000)[:-1000]
    for sent in (half, LIST[:30]):
        assert [408] == [answer.status for answer in exchange(running, sent)]
    with connect(running) as dripping:
        dripping.sendall(half)
        with contextlib.suppress(OSError):  # the server stops reading
            for _ in range(100):
                dripping.sendall(b" ")
                time.sleep(0.02)
        assert [408] == [answer.status for answer in read_answers(dripping)]
    wait_until(lambda: not running._connections)


def test_idle_connections_end(limited: Callable[..., RunningServer]) -> None:
    """Idle connections are closed without a response."""
    running = limited(idle_seconds=0.05)
    assert [] == exchange(running, b"")
    assert [200] == [answer.status for answer in exchange(running, LIST_AND_STAY)]


@pytest.mark.unmeasured
def test_a_client_that_does_not_read(limited: Callable[..., RunningServer]) -> None:
    """The connection of a client that does not read its responses is closed."""
    running = limited(stall_seconds=0.1, bytes_per_second=10**9)
    long = create(json.dumps({"databaseId": "d", "name": "n" * 100}).encode(), close=False)
    with connect(running) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.settimeout(5)
        with contextlib.suppress(OSError):  # the server stops reading
            for _ in range(100_000):
                deaf.sendall(long)
        wait_until(lambda: not running._connections)


def test_connections_are_bounded(limited: Callable[..., RunningServer]) -> None:
    """An idle connection is closed for a new one; if all are busy, the new one gets 503."""
    running = limited(connections=2)
    with connect(running) as idle, connect(running) as busy:
        busy.sendall(LIST[:20])
        wait_until(lambda: [False, True] == sorted(c.is_idle for c in running._connections))
        assert [200] == [answer.status for answer in exchange(running, LIST)]
        assert b"" == idle.recv(1)
        wait_until(lambda: len(running._connections) == 1)
        with connect(running) as other:
            other.sendall(LIST[:20])
            wait_until(lambda: [False] * 2 == [c.is_idle for c in running._connections])
            [turned_away] = exchange(running, b"")
            assert (503, b"Too many connections.") == (turned_away.status, turned_away.body)
        busy.sendall(LIST[20:])
        assert [200] == [answer.status for answer in read_answers(busy)]


def test_a_thread_that_cannot_start(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The connection is closed, the error is logged, and the server keeps running."""
    start = threading.Thread.start

    def exhausted(self: threading.Thread) -> None:
        if self.name == "embedded-http":
            message = "can't start new thread"
            raise RuntimeError(message)
        start(self)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", exhausted)
        assert [] == exchange(running, b"")
        logged = "A connection was not accepted: can't start new thread"
        wait_until(lambda: logged in caplog.messages)
    assert [200] == [answer.status for answer in exchange(running, LIST)]


# Shutdown


def test_stopping_ends_connections(server: EmbeddedAppwrite) -> None:
    """Idle connections are closed immediately."""
    running = server.serve()
    with connect(running) as kept:
        kept.sendall(LIST_AND_STAY)
        assert kept.recv(1000).endswith(EMPTY)
        began = time.monotonic()
        running.close()
        assert b"" == kept.recv(1)
    assert time.monotonic() - began < http_server._CLOSING_SECONDS


def test_stopping_waits_for_an_answer(
    server: EmbeddedAppwrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running requests are answered, but those that take too long are cut off."""
    entered, leave = threading.Event(), threading.Event()
    handle = Application.handle

    def slow(self: Application, asked: Any) -> Any:
        entered.set()
        assert leave.wait(20)
        return handle(self, asked)

    monkeypatch.setattr(Application, "handle", slow)
    monkeypatch.setattr(http_server, "_CLOSING_SECONDS", 1.0)
    running = server.serve()
    with connect(running) as asking, connect(running) as half:
        half.sendall(create(DATABASE)[:-1])
        asking.sendall(LIST_AND_STAY)
        assert entered.wait(20)
        closing = threading.Thread(target=running.close)
        closing.start()
        wait_until(lambda: all(each._closing for each in running._connections))
        leave.set()
        [answer] = read_answers(asking)
        assert (200, "close") == (answer.status, answer.headers["connection"])
        join(closing)
        assert [] == read_answers(half)


def test_a_client_that_goes_away(running: RunningServer) -> None:
    """A client that disconnects during a request does not affect the server."""
    with connect(running) as connection:
        connection.sendall(create(DATABASE)[:-1])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with connect(running) as connection:
        connection.sendall(create(DATABASE)[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert [400] == [answer.status for answer in read_answers(connection)]
    assert [200] == [answer.status for answer in exchange(running, LIST)]


def test_a_closed_server_says_so(server: EmbeddedAppwrite, running: RunningServer) -> None:
    """A closed server responds with 503."""
    server.close()
    [answer] = exchange(running, LIST)
    assert (503, "The embedded Appwrite is closed.") == (
        answer.status,
        json.loads(answer.body)["message"],
    )


def test_a_mistake_of_the_server_is_logged(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets a 500, and the traceback is logged."""

    def fail(*_: object) -> None:
        message = "a mistake"
        raise LookupError(message)

    with monkeypatch.context() as patched:
        patched.setattr(Application, "handle", fail)
        [answer] = exchange(running, LIST)
    assert (500, "Server Error") == (answer.status, json.loads(answer.body)["message"])
    [record] = caplog.records
    assert "A request failed: GET /v1/tablesdb" == record.message
    assert record.exc_info is not None


def test_an_answer_that_is_no_http(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A response with a line break in a header is not sent, and is logged."""
    caplog.set_level(logging.ERROR)
    broken = Response(200, b"", "text/plain", {"a": "b\r\nc: d"})
    with monkeypatch.context() as patched:
        patched.setattr(Application, "handle", lambda *_: broken)
        assert [] == exchange(running, LIST)
    wait_until(lambda: ["An answer could not be sent."] == caplog.messages)


def test_a_budget_is_given_back() -> None:
    """A budget grants no more than is available."""
    budget = Budget(2)
    assert [True, True, False] == [budget.take(1) for _ in range(3)]
    budget.give_back(1)
    assert [False, True] == [budget.take(2), budget.take(1)]


def upgrade(method: str = "GET", *headers: str, body: bytes = b"") -> bytes:
    """Return the start of a websocket handshake."""
    return request(
        f"{method} /v1/realtime?project=embedded",
        *("Upgrade: websocket", "Sec-WebSocket-Version: 13"),
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
        *headers,
        body=body,
    ).replace(b"Connection: close", b"Connection: Upgrade")


def test_a_websocket_of_another_site(running: RunningServer) -> None:
    """A page of an unknown platform gets an error, and the websocket is closed."""
    with connect(running) as connection:
        connection.sendall(upgrade("GET", "Origin: http://evil.example"))
        received = read_all(connection)
    assert b"101 Switching Protocols" in received
    assert b"Invalid Origin. Register your new client (evil.example)" in received
    assert b"connected" not in received


@pytest.mark.parametrize("sent", [upgrade("POST"), upgrade("GET", "Content-Length: 2", body=b"ab")])
def test_what_cannot_become_a_websocket(running: RunningServer, sent: bytes) -> None:
    """A handshake with a body is rejected, since the body would be read as messages."""
    assert [400] == [answer.status for answer in exchange(running, sent)]


def test_websockets_are_bounded(limited: Callable[..., RunningServer]) -> None:
    """The number of websockets is limited."""
    running = limited(websockets=0)
    assert [503] == [answer.status for answer in exchange(running, upgrade())]


def test_a_request_that_is_too_deep(
    server: EmbeddedAppwrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request nested too deeply for Python is rejected with 400."""

    def too_deep(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("interactions_sdk.embedded.application.parse_params", too_deep)
    response = server.handle(Request("GET", "/v1/tablesdb", "", {}, b""))
    assert (400, "The request is nested too deeply") == (
        response.status,
        json.loads(response.body)["message"],
    )


def test_a_connection_that_has_ended_can_be_closed() -> None:
    """A connection whose socket is already closed can be closed again."""
    ended = socket.socket()
    ended.close()
    connection: Any = SimpleNamespace(is_idle=True, is_websocket=False, _socket=ended)

    HttpConnection.close(connection, at_once=True)

    assert connection._closing
