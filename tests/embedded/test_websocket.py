"""Websocket behaviour beyond the recording: receivers, permissions and failures."""

from __future__ import annotations

import json
import socket
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from interactions_sdk.embedded import events
from interactions_sdk.embedded.access.actors import API_KEY_ACTOR
from interactions_sdk.embedded.events import Subscriber
from tests.embedded.http_client import ROWS, query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.sync.client import ClientConnection

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.embedded.http_server import RunningServer
    from tests.embedded.http_client import Talk

CHANNEL = "databases.d.tables.t.rows"
ANY = ['read("any")']
SECONDS = 10


@pytest.fixture
def running(server: EmbeddedAppwrite) -> Iterator[RunningServer]:
    """Serve HTTP and the websocket."""
    with server.serve() as started:
        yield started


@contextmanager
def listening(
    running: RunningServer,
    headers: dict[str, str] | None = None,
    channel: str = CHANNEL,
    project: str = "embedded",
) -> Iterator[ClientConnection]:
    """Open a websocket, and read the confirmation."""
    asked = urlencode({"project": project, "channels[]": channel})
    url = f"{running.endpoint.replace('http', 'ws', 1)}/realtime?{asked}"
    with connect(url, additional_headers=headers, proxy=None, compression=None) as websocket:
        yield websocket


def said(websocket: ClientConnection) -> dict[str, Any]:
    """Return the next message."""
    message: dict[str, Any] = json.loads(websocket.recv(timeout=SECONDS))
    return message


def told(websocket: ClientConnection) -> tuple[str, str]:
    """Return the next event: the row's ID and the action."""
    data = said(websocket)["data"]
    action: str = data["events"][0].rsplit(".", 1)[1]
    return data["payload"]["$id"], action


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until another thread has made a condition true."""
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it never came about")


def test_every_kind_of_write_is_told(running: RunningServer, talk: Talk) -> None:
    """Single requests, bulk requests and single rows in transactions raise events."""
    with listening(running) as websocket:
        said(websocket)
        talk.row("one", ANY, whole=1)
        talk.good("PUT", f"{ROWS}/one", {"data": {"whole": 2}, "permissions": ANY})
        talk.good("PATCH", f"{ROWS}/one/whole/increment", {"value": 1})
        talk.good("PUT", ROWS, {"rows": [{"$id": "two", "$permissions": ANY}]})
        talk.good("DELETE", ROWS, {"queries": [query("equal", "$id", "two")]})
        transaction = talk.good("POST", "/tablesdb/transactions", {})["$id"]
        single = {"databaseId": "d", "tableId": "t", "rowId": "one"}
        operations = [
            single | {"action": "increment", "data": {"column": "whole"}},
            single | {"action": "upsert", "data": {"$id": "one", "whole": 9}},
            single | {"action": "delete"},
        ]
        staging = f"/tablesdb/transactions/{transaction}"
        talk.good("POST", f"{staging}/operations", {"operations": operations})
        talk.good("PATCH", staging, {"commit": True})

        assert [
            *(("one", "create"), ("one", "upsert"), ("one", "update")),
            *(("two", "upsert"), ("two", "delete")),
            *(("one", "update"), ("one", "upsert"), ("one", "delete")),
        ] == [told(websocket) for _ in range(8)]


def test_a_staged_bulk_delete_is_not_told(running: RunningServer, talk: Talk) -> None:
    """It raises no event, and skips rows that are gone, as `handleBulkDeleteOperation` does.

    In Appwrite 1.9.6 that is a method of `Databases/Http/Databases/Transactions/Update.php`.
    """
    with listening(running) as websocket:
        said(websocket)
        for row_id in ("one", "gone"):
            talk.row(row_id, ANY, whole=1)
        staging = f"/tablesdb/transactions/{talk.good('POST', '/tablesdb/transactions', {})['$id']}"
        queries = {"queries": [query("equal", "$id", "one", "gone", "never")]}
        deletion = {"databaseId": "d", "tableId": "t", "action": "bulkDelete", "data": queries}
        talk.good("POST", f"{staging}/operations", {"operations": [deletion]})
        talk.good("DELETE", f"{ROWS}/gone")
        talk.good("PATCH", staging, {"commit": True})
        talk.row("last", ANY, whole=1)

        assert [("one", "create"), ("gone", "create"), ("gone", "delete"), ("last", "create")] == [
            told(websocket) for _ in range(4)
        ]
    assert ["last"] == [row["$id"] for row in talk.good("GET", ROWS)["rows"]]


def test_only_those_who_may_read_a_row_are_told(running: RunningServer, talk: Talk) -> None:
    """Only users who may read the row after the write, or the table, get its event."""
    ann, boss = talk.user("ann").headers, talk.user("boss", "boss").headers
    table = {"name": "t", "rowSecurity": True, "permissions": ['read("label:boss")']}
    talk.good("PUT", "/tablesdb/d/tables/t", table)
    with listening(running, ann) as hers, listening(running, boss) as his:
        said(hers)
        said(his)
        talk.row("his", ['read("user:bob")'], whole=1)
        talk.row("hers", ['read("user:ann")'], whole=1)
        talk.good("PATCH", f"{ROWS}/his", {"permissions": ['read("user:ann")']})
        talk.good("PATCH", f"{ROWS}/hers", {"permissions": []})
        talk.good("DELETE", f"{ROWS}/his")

        assert [("hers", "create"), ("his", "update"), ("his", "delete")] == [
            told(hers) for _ in range(3)
        ]
        assert ["his", "hers", "his", "hers", "his"] == [told(his)[0] for _ in range(5)]


def test_a_row_s_permissions_count_with_row_security_only(
    running: RunningServer, talk: Talk
) -> None:
    """Without row security, a row's permissions have no effect."""
    talk.good("PUT", "/tablesdb/d/tables/t", {"name": "t", "rowSecurity": False})
    with listening(running) as websocket:
        said(websocket)
        talk.row("secret", ANY, whole=1)
        talk.good("PUT", "/tablesdb/d/tables/t", {"name": "t", "rowSecurity": True})
        talk.row("open", ANY, whole=1)

        assert ("open", "create") == told(websocket)


def test_what_did_not_happen_is_not_told(running: RunningServer, talk: Talk) -> None:
    """Rejected writes, failed commits and rollbacks raise no events."""
    with listening(running) as websocket:
        said(websocket)
        talk.row("one", ANY, whole=1)
        talk("POST", ROWS, {"rowId": "one", "data": {"whole": 1}})
        staging = f"/tablesdb/transactions/{talk.good('POST', '/tablesdb/transactions', {})['$id']}"
        new = {"databaseId": "d", "tableId": "t", "action": "create", "data": {"$permissions": ANY}}
        operations = [new | {"rowId": "two"}, new | {"rowId": "one"}]
        talk.good("POST", f"{staging}/operations", {"operations": operations})
        assert 409 == talk("PATCH", staging, {"commit": True})[0]
        talk.row("three", ANY, whole=1)

        assert ["one", "three"] == [told(websocket)[0] for _ in range(2)]


def test_a_commit_that_fails_unheard(talk: Talk) -> None:
    """A commit fails in the same way if nobody is subscribed."""
    talk.row("one", whole=1)
    staging = f"/tablesdb/transactions/{talk.good('POST', '/tablesdb/transactions', {})['$id']}"
    new = {"databaseId": "d", "tableId": "t", "action": "create", "rowId": "one", "data": {}}
    talk.good("POST", f"{staging}/operations", {"operations": [new]})

    assert 409 == talk("PATCH", staging, {"commit": True})[0]


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        b"\xff",
        '{"type": "authentication"}',
        '{"type": "authentication", "data": {"session": "wrong"}}',
        "[]",
    ],
)
def test_a_message_that_is_not_understood(running: RunningServer, message: str | bytes) -> None:
    """An invalid message gets an error, and the websocket stays open."""
    with listening(running) as websocket:
        said(websocket)
        websocket.send(message)
        assert 1003 == said(websocket)["data"]["code"]
        websocket.send('{"type": "ping"}')
        assert {"type": "pong"} == said(websocket)


def test_a_ping_of_the_protocol(running: RunningServer) -> None:
    """Pings of the websocket protocol are answered."""
    with listening(running) as websocket:
        said(websocket)
        assert websocket.ping().wait(SECONDS)


def test_a_blocked_user_s_session(running: RunningServer, talk: Talk) -> None:
    """The session of a blocked user is not accepted."""
    talk.user("ann")
    session = talk.good("POST", "/users/ann/sessions", {})["secret"]
    talk.good("PATCH", "/users/ann/status", {"status": False})
    with listening(running) as websocket:
        said(websocket)
        websocket.send(json.dumps({"type": "authentication", "data": {"session": session}}))
        assert 1003 == said(websocket)["data"]["code"]


@pytest.mark.parametrize(
    ("headers", "project"), [({"X-Appwrite-JWT": "no.such.jwt"}, "embedded"), ({}, "other")]
)
def test_a_handshake_that_is_refused(
    running: RunningServer, headers: dict[str, str], project: str
) -> None:
    """With an invalid JWT or project, an error is sent before the websocket is closed."""
    with listening(running, headers, project=project) as websocket:
        assert 1008 == said(websocket)["data"]["code"]
        with pytest.raises(ConnectionClosed):
            websocket.recv(timeout=SECONDS)


def test_what_is_no_handshake(running: RunningServer) -> None:
    """A request that is not a valid handshake is rejected."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    answered = httpx.get(f"{running.endpoint}/realtime", headers=headers, trust_env=False)
    assert 400 == answered.status_code


def test_without_a_websocket(running: RunningServer, server: EmbeddedAppwrite) -> None:
    """A plain HTTP request gets the error of an unknown route."""
    headers = {"X-Appwrite-Project": server.project}
    answered = httpx.get(f"{running.endpoint}/realtime", headers=headers, trust_env=False)
    assert (501, "general_not_implemented") == (answered.status_code, answered.json()["type"])


def test_without_the_package(running: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If `websockets` is not installed, the error names the extra."""
    monkeypatch.delitem(sys.modules, "interactions_sdk.embedded.websocket", raising=False)
    monkeypatch.setitem(sys.modules, "websockets.frames", None)
    with pytest.raises(InvalidStatus) as refused, listening(running):
        pass
    response = refused.value.response
    assert 501 == response.status_code
    assert "with the extra `realtime`" in json.loads(response.body or b"")["message"]


def test_one_who_does_not_read_is_cut_off(
    running: RunningServer, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers are not delayed by a client that does not read, and its websocket is closed."""
    monkeypatch.setattr(events, "MAX_QUEUE", 3)
    address = urlsplit(running.endpoint)
    asked = urlencode({"project": "embedded", "channels[]": CHANNEL})
    handshake = (
        f"GET /v1/realtime?{asked} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    with socket.socket() as sleeping:
        sleeping.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sleeping.connect((str(address.hostname), address.port))
        sleeping.sendall(handshake.encode())
        wait_until(lambda: bool(talk.server._application.subscribers))
        long = "x" * 2000
        for number in range(10_000):
            if not talk.server._application.subscribers:
                break
            talk.row(f"row{number}", ANY, long=long)
    assert not talk.server._application.subscribers


def test_nobody_is_told_of_what_waits_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that exceed the queue are dropped, and the subscriber is disconnected once."""
    monkeypatch.setattr(events, "MAX_QUEUE", 2)
    calls: list[str] = []

    class Anything:
        channels = ("c",)
        readers = ()

    sleeping = Subscriber(
        ["c"],
        API_KEY_ACTOR,
        wake=lambda: calls.append("woken"),
        cut_off=lambda: calls.append("cut off"),
    )
    for _ in range(3):
        sleeping.enqueue(Anything())  # type: ignore[arg-type]
    assert ["woken", "cut off"] == calls
    assert 2 == len(sleeping.drain())


def test_closing_the_server_closes_the_websockets(server: EmbeddedAppwrite) -> None:
    """The websockets are closed without delay, and their subscriptions end."""
    running = server.serve()
    with listening(running) as websocket:
        said(websocket)
        running.close()
        with pytest.raises(ConnectionClosed):
            websocket.recv(timeout=SECONDS)
    assert not server._application.subscribers


def test_a_client_that_says_goodbye(running: RunningServer, server: EmbeddedAppwrite) -> None:
    """The server confirms the closing, and the subscription ends."""
    with listening(running) as websocket:
        said(websocket)
        websocket.close()
        assert 1000 == websocket.close_code
    wait_until(lambda: not server._application.subscribers)


def test_a_question_and_a_goodbye_at_once(running: RunningServer, server: EmbeddedAppwrite) -> None:
    """A client that is closing gets no more answers."""
    with listening(running) as websocket:
        said(websocket)
        websocket.protocol.send_text(b'{"type": "ping"}')
        websocket.protocol.send_close(1000)
        websocket.socket.sendall(b"".join(websocket.protocol.data_to_send()))
        with pytest.raises(ConnectionClosed):
            websocket.recv(timeout=SECONDS)
    wait_until(lambda: not server._application.subscribers)


def test_a_message_in_fragments(running: RunningServer) -> None:
    """A fragmented message gets an error."""
    with listening(running) as websocket:
        said(websocket)
        websocket.send(['{"type":', '"ping"}'])
        assert 1003 == said(websocket)["data"]["code"]
