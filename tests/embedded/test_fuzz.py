"""No request makes the server fail or use much memory.

`make fuzz` runs these tests for ten minutes; the slow tests run them for seconds (`FUZZ_SECONDS`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import socket
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded.services.context import Request
from tests.embedded.http_client import Talk
from tests.embedded.raw_http import connect, read_all
from tests.embedded.strange_requests import Strange

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded.http_server import RunningServer

SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
_MAX_GROWTH = 250 * 1024 * 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")
_REQUESTS = 50
_EXAMPLES = 20
_OWN_ERROR = "Server Error"
"""Errors that Appwrite itself answers with 500, as recorded or measured."""

BOUNDED = settings(
    max_examples=_EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 2**64)


def make_server() -> EmbeddedAppwrite:
    """Return a server with one resource of each kind."""
    server = EmbeddedAppwrite(api_key="a-key")
    talk = Talk(server)
    talk.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
    talk.good("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t", "rowSecurity": True})
    for kind, column in (
        ("string", {"key": "text", "size": 100}),
        ("integer", {"key": "whole"}),
        ("datetime", {"key": "moment"}),
        ("string", {"key": "tags", "size": 10, "array": True}),
    ):
        talk.good("POST", f"/tablesdb/d/tables/t/columns/{kind}", {"required": False, **column})
    index = {"key": "f", "type": "fulltext", "columns": ["text"]}
    talk.good("POST", "/tablesdb/d/tables/t/indexes", index)
    talk.row("r", text="some text", whole=1, tags=["a"])
    talk.user("u")
    talk.good("POST", "/teams", {"teamId": "t", "name": "t"})
    talk.good("POST", "/storage/buckets", {"bucketId": "b", "name": "b"})
    return server


def run_for(seconds: float, run: Callable[[int], None]) -> None:
    """Run a property with one seed after another until the time is over."""
    ends = time.monotonic() + seconds
    number = int(time.time())
    while time.monotonic() < ends:
        run(number)
        number += 1


def resident() -> int:
    """Return this process's memory in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@pytest.mark.slow
def test_strange_requests_to_every_route() -> None:
    """With a key, as a user or as a guest, no request causes a server error or an exception."""
    counted: Counter[int] = Counter()
    before = resident()

    def run(number: int) -> None:
        @seed(number)
        @BOUNDED
        @given(SEEDS)
        def answer(chosen: int) -> None:
            random = Random(chosen)  # noqa: S311 - to be repeated by its number
            strange = Strange(random)
            with make_server() as server:
                user = Talk(server).user(f"user{chosen % 1000}")
                key = {"x-appwrite-key": server.api_key}
                for _ in range(_REQUESTS):
                    request = strange.request()
                    actor = random.choice((key, key, key, user.headers, {}))
                    headers = {"x-appwrite-project": "embedded", **request.headers, **actor}
                    asked = (request.method, request.path, request.query, headers, request.body)
                    response = server.handle(Request(*asked))
                    counted[response.status] += 1
                    if response.status == 500:
                        assert json.loads(response.body)["message"] == _OWN_ERROR, asked

        answer()

    run_for(SECONDS / 2, run)
    print(f"in process: {counted.total():,} requests, {dict(counted)}")  # noqa: T201 - the figures
    assert counted.keys() >= {200, 201, 204, 400, 401, 404}
    assert resident() - before < _MAX_GROWTH


def damaged(random: Random) -> bytes:
    """Return consecutive requests with some bytes changed, or random bytes."""
    if random.random() < 0.1:
        return random.randbytes(random.randrange(300))
    strange = Strange(random)
    sent = bytearray()
    for _ in range(random.choice((1, 1, 2, 3))):
        request = strange.request()
        host = random.choice(("localhost", "localhost", "127.0.0.1:1", "evil.example"))
        more = random.choice(("", "", "", "Expect: 100-continue\r\n", "A\r\n", "X: \x01\r\n"))
        length = len(request.body) + random.choice((0, 0, 0, 0, -1, 1))
        head = (
            f"{random.choice((request.method, request.method, 'HEAD', 'OPTIONS'))} "
            f"{request.path}?{request.query} HTTP/1.1\r\nHost: {host}\r\n{more}"
            "X-Appwrite-Project: embedded\r\nX-Appwrite-Key: a-key\r\n"
            f"Content-Length: {length}\r\n\r\n"
        )
        sent += head.encode("latin-1", "replace") + request.body
    for _ in range(random.choice((0, 0, 1, 3))):
        sent[random.randrange(len(sent))] = random.randrange(256)
    return bytes(sent)


def exchange(running: RunningServer, sent: bytes) -> list[tuple[int, bytes]]:
    """Send bytes and end the stream; return the status and the rest of each response."""
    with connect(running) as connection:
        with contextlib.suppress(OSError):  # the server stops reading
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        received = read_all(connection)
    _, *parts = re.split(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", received)
    return [(int(parts[at]), parts[at + 1]) for at in range(0, len(parts), 2)]


@pytest.mark.slow
def test_strange_bytes_over_http(caplog: pytest.LogCaptureFixture) -> None:
    """Each connection ends, no error is logged, and memory is limited."""
    caplog.set_level(logging.WARNING, "interactions_sdk.embedded")
    counted: Counter[int] = Counter()
    before = resident()

    def run(number: int) -> None:
        @seed(number)
        @BOUNDED
        @given(SEEDS)
        def answer(chosen: int) -> None:
            random = Random(chosen)  # noqa: S311 - to be repeated by its number
            with make_server() as server, server.serve() as running:
                for _ in range(_REQUESTS):
                    sent = damaged(random)
                    for status, body in exchange(running, sent):
                        counted[status] += 1
                        assert status != 500 or _OWN_ERROR.encode() in body, sent
                ends = time.monotonic() + 20
                while running._connections:
                    assert time.monotonic() < ends
                    time.sleep(0.001)

        answer()

    run_for(SECONDS / 2, run)
    print(f"over HTTP: {counted.total():,} answers, {dict(counted)}")  # noqa: T201 - the figures
    assert [] == caplog.messages
    assert counted.keys() >= {200, 400, 403, 404}
    assert resident() - before < _MAX_GROWTH
