# Generated from tests/_async/watching/test_realtime.py by scripts/unasync.py; do not edit.
"""Watching with events from a websocket; polling finds what they do not report."""

from __future__ import annotations

import json
import logging
import pickle
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    InteractionCreate,
    InteractionsClient,
    InteractionUpdate,
    RetryPolicy,
    Settings,
)
from interactions_sdk.embedded import EmbeddedAppwrite, http_connection, websocket
from interactions_sdk.embedded.application import Application
from interactions_sdk.embedded.values.responses import AppwriteError, Response, error_response
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.wire.realtime import realtime_url
from tests.embedded.http_client import Talk
from tests.waiting import join, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk import Change, Watch
    from interactions_sdk.embedded.services.context import Request


SECONDS = 5
AT_ONCE = 60.0
"""An interval so long that no change is found by polling."""
QUICK = 0.02
SETTINGS = Settings(verify_users=False)
PATIENCE = RetryPolicy(initial_delay=0.01, max_delay=0.05)


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Start a server with the users ada and bob, and the admin root."""
    with start_embedded_server(":memory:", SETTINGS) as started:
        talk = Talk(started)
        talk.user("ada")
        talk.user("bob")
        talk.user("root", "superadmin")
        yield started


@contextmanager
def connected(server: EmbeddedAppwrite, **arguments: Any) -> Iterator[InteractionsClient]:
    """Connect to a server over HTTP, by default with its key."""
    with server.serve() as running:
        if not {"jwt", "session"} & arguments.keys():
            arguments["api_key"] = running.api_key
        with InteractionsClient(
            running.endpoint,
            server.project,
            **{"settings": SETTINGS, "retry": PATIENCE, **arguments},
        ) as crm:
            yield crm


@pytest.fixture
def crm(server: EmbeddedAppwrite) -> Iterator[InteractionsClient]:
    """Connect with the key; ada and bob have customer records."""
    with connected(server) as crm:
        crm.customers.ensure("ada")
        crm.customers.ensure("bob")
        yield crm


def taken(changes: Watch, count: int) -> list[Change]:
    """Take a number of changes; stop the watch if they do not come in time."""
    guard = threading.Timer(SECONDS, changes.stop)
    guard.start()
    try:
        return [next(changes) for _ in range(count)]
    finally:
        guard.cancel()


def rest(changes: Watch, count: int = 0, seconds: float = 0.2) -> list[Change]:
    """Take a number of changes, and all that follow within some time; then stop the watch."""
    found = taken(changes, count)
    timer = threading.Timer(seconds, changes.stop)
    timer.start()
    try:
        return found + [change for change in changes]
    finally:
        timer.cancel()


def told(changes: list[Change]) -> list[tuple[str, str | None]]:
    """Return the kind and the subject of each change."""
    return [(change.kind, change.interaction.subject) for change in changes]


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log messages of a watch."""
    return [each.message for each in caplog.records if each.message.startswith("watch")]


def cut(server: EmbeddedAppwrite) -> None:
    """Cut all websockets."""
    for subscriber in server._application.subscribers._all:
        subscriber._cut_off()


def test_events_come_at_once(crm: InteractionsClient) -> None:
    """Events are reported before the first poll, in order, with the whole interaction."""
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE) as changes:
        call = ada.log_call("Renewal")
        updated = ada.update(call.id, InteractionUpdate(outcome="busy"))
        again = ada.update(call.id, InteractionUpdate(outcome="other"))
        ada.delete(call.id)
        found = taken(changes, 4)
        assert ["created", "updated", "updated", "deleted"] == [each.kind for each in found]
        assert [call, updated, again, again] == [each.interaction for each in found]
        assert [call.updated_at, updated.updated_at] == [each.at for each in found[:2]]


def test_one_sees_one_s_own_only(crm: InteractionsClient, server: EmbeddedAppwrite) -> None:
    """Rows from events are checked like those that `find()` reads."""
    own = crm.customers.get_by_user_id("ada")
    forged = {"interactionType": "call", "userId": "ada", "direction": "inbound"}
    theirs = ['read("any")']
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE) as changes:
        crm.as_user("bob").log_call("his")
        rows = "/tablesdb/console-db/tables/customer_interactions/rows"
        for row_id, customer in (("f1", own.id.upper()), ("f2", "someone")):
            row = {"rowId": row_id, "data": forged | {"customerId": customer}}
            Talk(server).good("POST", rows, row | {"permissions": theirs})
            Talk(server).good("DELETE", f"{rows}/{row_id}")
        ada.log_call("hers")
        assert [("created", "hers")] == told(rest(changes, 1))


def test_an_admin_sees_all(crm: InteractionsClient) -> None:
    """The permissions of the admin's label apply to events, too."""
    with crm.as_admin("root").watch(interval=AT_ONCE) as changes:
        crm.as_user("ada").log_call("hers")
        crm.as_user("bob").log_call("his")
        assert [("created", "hers"), ("created", "his")] == told(taken(changes, 2))


def test_filters(crm: InteractionsClient) -> None:
    """Events that do not match the filters are ignored; text filters are checked by the server."""
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE, interaction_type="call") as changes:
        ada.log_email("Renewal")
        ada.log_call("Offer")
        assert [("created", "Offer")] == told(taken(changes, 1))
    with ada.watch(interval=AT_ONCE, text="Rénewal") as changes:
        ada.log_call("Offer")
        call = ada.log_call("RENEWAL")
        assert [("created", "RENEWAL")] == told(taken(changes, 1))
        ada.delete(call.id)
        [deleted] = taken(changes, 1)  # from an event, or from the first poll
        assert ("deleted", call.id) == (deleted.kind, deleted.interaction.id)


@pytest.mark.unmeasured
def test_what_raises_no_events_is_found_by_looking(crm: InteractionsClient) -> None:
    """A staged `bulkCreate` raises no events, so polling finds it, and nothing comes twice."""
    ada = crm.as_user("ada")
    with ada.watch(interval=QUICK) as changes:
        drafts = [InteractionCreate(interaction_type="call", subject=str(n)) for n in range(10)]
        (ada.create_many(drafts)).raise_for_failures()
        ada.log_call("one more")
        found = rest(changes, 11)
    assert sorted([*map(str, range(10)), "one more"]) == sorted(
        str(change.interaction.subject) for change in found
    )


def test_an_event_that_cannot_be_read_makes_it_look(
    crm: InteractionsClient, server: EmbeddedAppwrite
) -> None:
    """The event of an upsert does not say what happened, so the watch polls."""
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE) as changes:
        call = ada.log_call("first")
        assert [("created", "first")] == told(taken(changes, 1))
        row = f"/tablesdb/console-db/tables/customer_interactions/rows/{call.id}"
        data = {"customerId": call.customer_id, "interactionType": "call", "userId": "ada"}
        Talk(server).good("PUT", row, {"data": data | {"direction": "inbound", "subject": "put"}})
        assert [("updated", "put")] == told(taken(changes, 1))


@pytest.mark.unmeasured
def test_what_happens_while_it_is_cut_is_found(
    crm: InteractionsClient, server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """The watch polls after each reconnect, and logs the loss and the return of the websocket."""
    caplog.set_level(logging.INFO, "interactions_sdk")
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE) as changes:
        for number in range(5):
            cut(server)
            call = ada.log_call(str(number))
            ada.delete(call.id)
            kept = ada.log_call(f"kept {number}")
            missing = {("created", kept.id), ("deleted", call.id)}
            while missing:
                [change] = taken(changes, 1)
                missing.discard((change.kind, change.interaction.id))
    said = lines(caplog)
    assert said.count("watch: no websocket, polling until there is one") == said.count(
        "watch: the websocket is back"
    )
    assert 5 >= said.count("watch: the websocket is back") >= 1


def test_more_events_than_are_taken_at_once(
    crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more events than are buffered, polling finds the rest, and nothing comes twice."""
    monkeypatch.setattr("interactions_sdk._sync.watching.watch._MAX_EVENTS_PER_STEP", 2)
    ada = crm.as_user("ada")
    with ada.watch(interval=0.001) as changes:
        ids = [(ada.log_call(str(number))).id for number in range(10)]
        assert ids == [change.interaction.id for change in rest(changes, len(ids))]


def test_what_carries_an_old_time_is_not_shown(
    crm: InteractionsClient, server: EmbeddedAppwrite
) -> None:
    """Restored rows, which keep their old times, are not reported."""
    own = crm.customers.get_by_user_id("ada")
    ada = crm.as_user("ada")
    ada.log_call("there")
    with ada.watch(interval=AT_ONCE) as changes:
        then = "2020-01-01T00:00:00.000+00:00"
        data = {"customerId": own.id, "interactionType": "call", "userId": "ada"}
        dated = {"direction": "inbound", "$createdAt": then, "$updatedAt": then}
        rows = "/tablesdb/console-db/tables/customer_interactions/rows"
        row = {"rowId": "old", "data": data | dated, "permissions": ['read("user:ada")']}
        Talk(server).good("POST", rows, row)
        assert [] == rest(changes)


def test_a_cursor_of_an_event(crm: InteractionsClient) -> None:
    """The cursor of an event resumes after the last confirmed poll."""
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE) as changes:
        ada.log_call("first")
        [change] = taken(changes, 1)
    ada.log_call("second")
    with ada.watch(since=change.cursor, realtime=False, interval=QUICK) as changes:
        found = taken(changes, 1)
        while ("created", "second") not in told(found):
            found += taken(changes, 1)


def readable(crm: InteractionsClient, server: EmbeddedAppwrite) -> Talk:
    """Let ada read her customer record, which signed-in users need."""
    talk = Talk(server)
    own = crm.customers.get_by_user_id("ada")
    row = f"/tablesdb/console-db/tables/customers/rows/{own.id}"
    talk.good("PATCH", row, {"permissions": ['read("user:ada")']})
    return talk


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", ["jwt", "session", "function"])
def test_a_client_that_is_signed_in_itself(
    crm: InteractionsClient, server: EmbeddedAppwrite, kind: str
) -> None:
    """The websocket uses the client's JWT or session; an expired JWT is renewed."""
    talk = readable(crm, server)
    jwts = [talk.good("POST", "/users/ada/jwts", {"duration": n})["jwt"] for n in (900, 0)]
    arguments: dict[str, Any] = {
        "jwt": {"jwt": jwts[0]},
        "session": {"session": talk.good("POST", "/users/ada/sessions", {})["secret"]},
        "function": {"jwt": jwts.pop},
    }[kind]
    with (
        connected(server, **arguments) as own,
        own.as_user("ada").watch(interval=AT_ONCE, realtime=True) as changes,
    ):
        crm.as_user("ada").log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))


def test_a_jwt_that_expires_before_the_handshake(
    crm: InteractionsClient, server: EmbeddedAppwrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the websocket authenticates a guest, the handshake is repeated with a new JWT."""
    talk = readable(crm, server)
    jwts = [talk.good("POST", "/users/ada/jwts", {"duration": n})["jwt"] for n in (600, 900)]
    signed_in = Application.authenticate_realtime
    asked: list[str] = []

    def expired_at_first(self: Application, headers: Any) -> Any:
        asked.append(headers["x-appwrite-jwt"])
        return signed_in(self, headers if len(asked) > 1 else {})

    monkeypatch.setattr(Application, "authenticate_realtime", expired_at_first)
    given = list(jwts)
    with (
        connected(server, jwt=given.pop) as own,
        own.as_user("ada").watch(interval=AT_ONCE, realtime=True) as changes,
    ):
        crm.as_user("ada").log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))
    assert list(reversed(jwts)) == asked


def test_a_signed_in_user_without_a_websocket(
    crm: InteractionsClient, server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """The watch polls, and logs that the user may not read the audit log."""
    talk = readable(crm, server)
    session = talk.good("POST", "/users/ada/sessions", {})["secret"]
    with (
        connected(server, session=session) as own,
        own.as_user("ada").watch(interval=QUICK, realtime=False) as changes,
    ):
        call = crm.as_user("ada").log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))
        crm.as_user("ada").delete(call.id)
        assert [] == rest(changes)
    [line] = lines(caplog)
    assert "may not read the audit log" in line


def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the package."""
    monkeypatch.setattr("interactions_sdk._sync.watching.realtime.find_spec", lambda _: None)


def no_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a server without websockets."""
    monkeypatch.setattr(http_connection, "_REALTIME", "/nowhere")


def no_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a key without the scope for JWTs."""
    handle = Application.handle

    def refusing(self: Application, request: Request) -> Response:
        if request.path.endswith("/jwts"):
            return error_response(AppwriteError("general_unauthorized_scope"))
        return handle(self, request)

    monkeypatch.setattr(Application, "handle", refusing)


def somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server authenticate another user."""
    signed_in = Application.authenticate_realtime
    monkeypatch.setattr(
        Application,
        "authenticate_realtime",
        lambda self, headers: (signed_in(self, headers)[0], {"$id": "ADA"}),
    )


def nobody(_: pytest.MonkeyPatch) -> None:
    """Change nothing: the user does not exist."""


@pytest.mark.parametrize(
    ("user", "prepare", "reason"),
    [
        ("ada", no_package, "with the extra `realtime`"),
        ("ada", no_websocket, "refused the handshake of a websocket (501)"),
        ("ada", no_right, "needs the scope users.write"),
        ("ada", somebody_else, "could not sign in"),
        ("eve", nobody, "does not exist in Appwrite"),
    ],
)
def test_without_events_it_polls(  # noqa: PLR0917 - fixtures and parameters
    crm: InteractionsClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    user: str,
    prepare: Callable[[pytest.MonkeyPatch], None],
    reason: str,
) -> None:
    """The reason for polling is logged once, and changes are reported nevertheless."""
    crm.customers.ensure("eve")
    prepare(monkeypatch)
    repo = crm.as_user(user)
    with repo.watch(interval=QUICK, realtime=True) as changes:
        repo.log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))
    [line] = lines(caplog)
    assert line.startswith("watch: polling, since")
    assert reason in line


def test_in_process_it_polls(caplog: pytest.LogCaptureFixture) -> None:
    """A client that runs the server in its process has no websocket."""
    caplog.set_level(logging.INFO, "interactions_sdk")
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        with crm.as_user("ada").watch(interval=QUICK) as changes:
            crm.as_user("ada").log_call("Renewal")
            assert [("created", "Renewal")] == told(taken(changes, 1))
    assert ["watch: polling, since the client's transport has no websocket"] == lines(caplog)


def test_a_handshake_that_may_succeed_later(
    crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handshake that fails with a busy server or a lost connection is retried."""
    holds = websocket.RealtimeConnection.run
    answers = [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", b"", b"HTTP/1.1 101 Go\r\n\r\n"]

    def failing(self: websocket.RealtimeConnection, *arguments: Any) -> None:
        if not answers:
            holds(self, *arguments)
            return
        with self._waker, self._woken:
            self._socket.sendall(answers.pop(0))

    monkeypatch.setattr(websocket.RealtimeConnection, "run", failing)
    ada = crm.as_user("ada")
    with ada.watch(interval=AT_ONCE, realtime=True) as changes:
        ada.log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))
        while answers:
            timer = threading.Timer(SECONDS, changes.stop)
            timer.start()
            changes._advance()
            timer.cancel()


def test_a_websocket_that_says_nothing_of_being_connected(
    crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the websocket does not confirm the connection, it is closed and retried later."""
    monkeypatch.setattr("interactions_sdk._sync.watching.realtime._CONNECTED_SECONDS", 0.05)
    monkeypatch.setattr(websocket.RealtimeConnection, "_send_json", lambda *_: None)
    ada = crm.as_user("ada")
    with ada.watch(interval=QUICK, realtime=True) as changes:
        ada.log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))


def test_no_redirection_is_followed(
    crm: InteractionsClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Redirects are not followed, since they would receive the secret of the handshake."""
    no_websocket(monkeypatch)
    asked: list[str] = []
    handle = Application.handle

    def redirecting(self: Application, request: Request) -> Response:
        asked.append(request.path)
        if request.path == "/v1/realtime":
            return Response(302, b"", "text/plain", {"location": "/v1/elsewhere"})
        return handle(self, request)

    monkeypatch.setattr(Application, "handle", redirecting)
    ada = crm.as_user("ada")
    with ada.watch(interval=QUICK, realtime=True) as changes:
        ada.log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))
    assert "/v1/elsewhere" not in asked
    assert "(302)" in lines(caplog)[0]


def test_a_server_that_cannot_be_reached_at_first(
    crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed connections are retried, and the watch polls in the meantime."""
    monkeypatch.setattr("interactions_sdk._sync.watching.watch._jitter", lambda: 20.0)
    ada = crm.as_user("ada")
    addresses = ["ws://127.0.0.1:1/v1/realtime"]
    monkeypatch.setattr(
        "interactions_sdk._sync.watching.realtime.realtime_url",
        lambda *arguments: addresses.pop() if addresses else realtime_url(*arguments),
    )
    with ada.watch(interval=AT_ONCE, realtime=True) as changes:
        ada.log_call("first")
        ada.log_call("second")
        assert [("created", "first"), ("created", "second")] == told(taken(changes, 2))


def test_a_jwt_that_cannot_be_made_just_now(
    crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request for a JWT that fails temporarily is retried."""
    handle = Application.handle
    failures = [1] * 4

    def failing(self: Application, request: Request) -> Response:
        if request.path.endswith("/jwts") and failures:
            failures.pop()
            return error_response(AppwriteError("general_unknown"))
        return handle(self, request)

    monkeypatch.setattr(Application, "handle", failing)
    ada = crm.as_user("ada")
    with ada.watch(interval=QUICK, realtime=True) as changes:
        ada.log_call("Renewal")
        assert [("created", "Renewal")] == told(taken(changes, 1))


def test_signs_of_life(
    crm: InteractionsClient, server: EmbeddedAppwrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A silent websocket is sent a ping, and kept as long as it answers."""
    monkeypatch.setattr("interactions_sdk.transport.heartbeat.HEARTBEAT", 0.05)
    with crm.as_user("ada").watch(interval=AT_ONCE) as changes:
        before = server._application.subscribers._all
        assert [] == rest(changes)
        assert before


def test_a_websocket_that_does_not_answer_is_left(
    crm: InteractionsClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A websocket that does not answer pings is replaced."""
    caplog.set_level(logging.INFO, "interactions_sdk")
    monkeypatch.setattr("interactions_sdk.transport.heartbeat.HEARTBEAT", 0.25)
    monkeypatch.setattr(websocket.RealtimeConnection, "_answer", lambda *_: None)
    with crm.as_user("ada").watch(interval=AT_ONCE) as changes:

        def stop_when_it_is_back() -> None:
            try:
                wait_until(lambda: "watch: the websocket is back" in lines(caplog))
            finally:
                changes.stop()

        waiting = threading.Thread(target=stop_when_it_is_back)
        waiting.start()
        assert [] == [change for change in changes]
        join(waiting)
    assert "watch: the websocket is back" in lines(caplog)


def test_a_beginning_that_fails_closes_the_websocket(
    crm: InteractionsClient, server: EmbeddedAppwrite
) -> None:
    """If the watch cannot start, here for another user's customer, its websocket is closed."""
    bob = crm.customers.get_by_user_id("bob")
    with pytest.raises(LookupError):
        next(crm.as_user("ada").watch(customer_id=bob.id))
    with pytest.raises(LookupError):
        next(crm.as_user("ada").watch(customer_id=bob.id, realtime=False))
    for _ in range(100):
        if not server._application.subscribers:
            break
        threading.Event().wait(0.01)
    assert not server._application.subscribers


def test_stopping_from_another_thread(crm: InteractionsClient) -> None:
    """Stopping interrupts the wait for events and closes the websocket."""
    changes = crm.as_user("ada").watch(interval=AT_ONCE)
    began = datetime.now(UTC)
    assert [] == rest(changes)
    assert (datetime.now(UTC) - began).total_seconds() < AT_ONCE / 2
    changes.stop()


def test_secrets_stay_secret(
    crm: InteractionsClient, server: EmbeddedAppwrite, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither JWT nor key appears in a log message or a `repr`."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "websockets.client")
    caplog.set_level(logging.DEBUG, "websockets.server")
    talk = readable(crm, server)
    secret = talk.good("POST", "/users/ada/sessions", {})["secret"]
    with (
        connected(server, session=secret) as own,
        own.as_user("ada").watch(interval=AT_ONCE, realtime=True) as changes,
    ):
        crm.as_user("ada").log_call("Renewal")
        taken(changes, 1)
        assert changes._realtime is not None
        websocket = changes._realtime._websocket
        assert websocket is not None
        shown = [*map(repr, (changes, changes._realtime, websocket))]
        with pytest.raises(TypeError):
            pickle.dumps(websocket)
    with crm.as_user("ada").watch(interval=AT_ONCE) as changes:
        crm.as_user("ada").log_call("Renewal")
        taken(changes, 1)
    everything = caplog.text + json.dumps(shown)
    assert secret not in everything
    assert "eyJ" not in everything
