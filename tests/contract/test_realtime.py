"""The recorded websocket of a real Appwrite is this server's websocket too, message by message."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.sync.client import ClientConnection

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.embedded.http_server import RunningServer

RECORD = json.loads((Path(__file__).parent / "realtime.json").read_text())
LOG: list[dict[str, Any]] = RECORD["log"]

_SECONDS = 10
_LEFT_OUT_OF_USERS = frozenset(
    {
        *("accessedAt", "emailCanonical", "emailIsCanonical", "emailIsCorporate"),
        *("emailIsDisposable", "emailIsFree", "emailVerification", "impersonator"),
        *("impersonatorUserId", "passwordUpdate", "registration", "targets"),
    }
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
_NAMED = {
    "$createdAt": (_TIME, "a time"),
    "$updatedAt": (_TIME, "a time"),
    "timestamp": (_TIME, "a time"),
    "$sequence": (re.compile(r"\d+"), "a number"),
    "$collection": (re.compile(r"database_\d+_collection_\d+"), "inside"),
    "subscriptions": (re.compile(r"[0-9a-f]{20}"), "a subscription"),
}
"""What differs from one recording to the next, and what it is called here."""


def reduced(value: Any, key: str = "") -> Any:
    """Name what differs from one recording to the next, and leave out what users have besides."""
    match value:
        case dict():
            left_out = _LEFT_OUT_OF_USERS if "emailVerification" in value else frozenset[str]()
            return {each: reduced(value[each], each) for each in value.keys() - left_out}
        case list():
            return [reduced(each, key) for each in value]
        case str() if key in _NAMED:
            form, name = _NAMED[key]
            return name if form.fullmatch(value) else value
        case _:
            return value


class Scene:
    """A database with a table, a user with a session, and the websockets of the recording."""

    def __init__(self, running: RunningServer, server: EmbeddedAppwrite, run: str) -> None:
        self.words = {"db": f"db{run}", "run": run, "project": server.project}
        self.rows = f"/tablesdb/db{run}/tables/interactions/rows"
        self._url = running.endpoint.replace("http://", "ws://") + "/realtime"
        self.stack = ExitStack()
        headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.api_key}
        self._http = self.stack.enter_context(
            httpx.Client(base_url=running.endpoint, headers=headers, trust_env=False)
        )
        self._open: dict[str, ClientConnection] = {}
        self._channel = f"databases.db{run}.tables.interactions.rows"
        self._prepare(server, run)

    def _prepare(self, server: EmbeddedAppwrite, run: str) -> None:
        self.send("POST", "/tablesdb", {"databaseId": f"db{run}", "name": "db"})
        table = {"tableId": "interactions", "name": "interactions", "rowSecurity": True}
        self.send("POST", f"/tablesdb/db{run}/tables", table)
        columns = f"/tablesdb/db{run}/tables/interactions/columns/string"
        self.send("POST", columns, {"key": "subject", "size": 100, "required": False})
        user = {"userId": f"u{run}", "email": f"u{run}@example.com", "password": "a password"}
        self.send("POST", "/users", user | {"name": "Ann"})
        session = self.send("POST", f"/users/u{run}/sessions", {})["secret"]
        jwt = self.send("POST", f"/users/u{run}/jwts", {})["jwt"]
        self.words["session"] = session
        self._headers = {
            "jwt header": {"X-Appwrite-JWT": jwt},
            "session header": {"X-Appwrite-Session": session},
            "key header": {"X-Appwrite-Key": server.api_key},
            "no origin": {},
        }
        channels = {"channels[]": self._channel}
        project = {"project": server.project}
        self._queries = {
            "jwt in the query": project | channels | {"jwt": jwt},
            "no project": channels,
            "no channels": project,
            "one row channel": project | {"channels[]": f"{self._channel}.r2"},
        }
        self._usual = project | channels

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request with the key."""
        answered = self._http.request(method, path, json=body).raise_for_status()
        return answered.json() if answered.content else None

    def connection(self, name: str) -> ClientConnection:
        """Return a connection of the recording, opened when it is first named."""
        if name not in self._open:
            query = urlencode(self._queries.get(name, self._usual))
            headers = self._headers.get(name, {"Origin": "http://localhost"})
            opening = connect(
                f"{self._url}?{query}", additional_headers=headers, proxy=None, compression=None
            )
            self._open[name] = self.stack.enter_context(opening)
        return self._open[name]

    def filled(self, value: Any) -> Any:
        """Put this replay's words where the recording names them."""
        text = json.dumps(value)
        for word, meant in self.words.items():
            text = text.replace(f"{{{word}}}", meant)
        return json.loads(text)

    def create(self, row_id: str, subject: str, *permissions: str) -> None:
        """Create a row."""
        body = {"rowId": row_id, "data": {"subject": subject}, "permissions": permissions}
        self.send("POST", self.rows, body)

    def update(self, row_id: str, subject: str) -> None:
        """Change a row."""
        self.send("PATCH", f"{self.rows}/{row_id}", {"data": {"subject": subject}})

    def commit(self, *operations: dict[str, Any]) -> None:
        """Stage operations on the table, and commit them."""
        transaction = self.send("POST", "/tablesdb/transactions", {})["$id"]
        table = {"databaseId": self.words["db"], "tableId": "interactions"}
        staged = {"operations": [table | operation for operation in operations]}
        self.send("POST", f"/tablesdb/transactions/{transaction}/operations", staged)
        self.send("PATCH", f"/tablesdb/transactions/{transaction}", {"commit": True})


ANY = 'read("any")'


def _bulk(*ids: str) -> list[dict[str, Any]]:
    return [{"$id": row_id, "subject": "b", "$permissions": [ANY]} for row_id in ids]


def _patch(scene: Scene) -> None:
    wanted = json.dumps({"method": "equal", "attribute": "$id", "values": ["r2", "r6"]})
    scene.send("PATCH", scene.rows, {"queries": [wanted], "data": {"subject": "z"}})


def _transaction(scene: Scene) -> None:
    new = {"subject": "tx", "$permissions": [ANY]}
    scene.commit(
        {"action": "create", "rowId": "r3", "data": new},
        {"action": "update", "rowId": "r2", "data": {"subject": "tx2"}},
    )


def _update_two(scene: Scene) -> None:
    scene.update("r3", "q")
    scene.update("r2", "q")


DEEDS: dict[str, Callable[[Scene], object]] = {
    "create row": lambda scene: scene.create("r1", "one", f'read("user:u{scene.words["run"]}")'),
    "update row": lambda scene: scene.update("r1", "two"),
    "delete row": lambda scene: scene.send("DELETE", f"{scene.rows}/r1"),
    "create row readable by any": lambda scene: scene.create("r2", "any", ANY),
    "transaction: create r3, update r2": _transaction,
    "transaction: bulkCreate r4, r5": lambda scene: scene.commit(
        {"action": "bulkCreate", "data": _bulk("r4", "r5")}
    ),
    "bulk create r6, r7 by POST rows": lambda scene: scene.send(
        "POST", scene.rows, {"rows": _bulk("r6", "r7")}
    ),
    "update rows r2, r6 by PATCH rows with queries": _patch,
    "update r3, then r2": _update_two,
}
"""What the recording says that the server did, as requests."""


@pytest.fixture(scope="module")
def running(server: EmbeddedAppwrite) -> Iterator[RunningServer]:
    """Serve HTTP and the websocket."""
    with server.serve() as started:
        yield started


@pytest.mark.parametrize("run", ["first", "again"])
def test_recorded_websocket(running: RunningServer, server: EmbeddedAppwrite, run: str) -> None:
    """All that was received is received again, on every connection and in its order."""
    scene = Scene(running, server, run)
    with scene.stack:
        for step in LOG:
            message = step["message"]
            match step["direction"]:
                case "does":
                    DEEDS[message](scene)
                case "connects":
                    scene.connection(step["connection"])
                case "sent":
                    scene.connection(step["connection"]).send(json.dumps(scene.filled(message)))
                case "received":
                    heard = json.loads(scene.connection(step["connection"]).recv(_SECONDS))
                    assert reduced(scene.filled(message)) == reduced(heard)
                case _:
                    assert "received nothing in 3 s" == step["direction"]
                    with pytest.raises(TimeoutError):
                        scene.connection(step["connection"]).recv(0.2)


def test_recording_is_all_there() -> None:
    """Thirty-one messages that were received are held against this server's."""
    assert 31 == sum(step["direction"] == "received" for step in LOG)
