"""Replaying the recorded websocket session: its requests, connections and messages."""

from __future__ import annotations

import json
import re
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.sync.client import ClientConnection

RECORD = Path(__file__).parent / "realtime.json"
LIMIT = 10.0
"""Seconds to wait for a recorded message."""

_READY_LIMIT = 120.0


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
"""Values that differ between recordings, and their placeholders."""


def reduced(value: Any, key: str = "") -> Any:
    """Return a message with placeholders, without the parts that are not compared."""
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


class RealtimeScenario:
    """A database with a table, a user with a session, and the websockets of the recording.

    Args:
        endpoint: The endpoint of the API, whose host also serves `/realtime`.
        project: The ID of the project.
        api_key: A key with all scopes.
        run: A word that makes the IDs of this run unique.
    """

    def __init__(self, endpoint: str, project: str, api_key: str, run: str) -> None:
        self.words = {"db": f"db{run}", "run": run, "project": project}
        self.rows = f"/tablesdb/db{run}/tables/interactions/rows"
        self._url = endpoint.replace("http", "ws", 1) + "/realtime"
        self.stack = ExitStack()
        headers = {"X-Appwrite-Project": project, "X-Appwrite-Key": api_key}
        self._http = self.stack.enter_context(
            httpx.Client(base_url=endpoint, headers=headers, trust_env=False, timeout=60)
        )
        self._open: dict[str, ClientConnection] = {}
        self._channel = f"databases.db{run}.tables.interactions.rows"
        self._prepare(project, api_key, run)

    def _prepare(self, project: str, api_key: str, run: str) -> None:
        self.send("POST", "/tablesdb", {"databaseId": f"db{run}", "name": "db"})
        table = {"tableId": "interactions", "name": "interactions", "rowSecurity": True}
        self.send("POST", f"/tablesdb/db{run}/tables", table)
        columns = f"/tablesdb/db{run}/tables/interactions/columns/string"
        self.send("POST", columns, {"key": "subject", "size": 50, "required": False})
        self._wait_for_column()
        user = {"userId": f"u{run}", "email": f"u{run}@example.com", "password": "a password"}
        self.send("POST", "/users", user | {"name": "Ann"})
        session = self.send("POST", f"/users/u{run}/sessions", {})["secret"]
        jwt = self.send("POST", f"/users/u{run}/jwts", {})["jwt"]
        self.words["session"] = session
        self._headers = {
            "jwt header": {"X-Appwrite-JWT": jwt},
            "session header": {"X-Appwrite-Session": session},
            "key header": {"X-Appwrite-Key": api_key},
            "no origin": {},
        }
        channels = {"channels[]": self._channel}
        in_project = {"project": project}
        self._queries = {
            "jwt in the query": in_project | channels | {"jwt": jwt},
            "no project": channels,
            "no channels": in_project,
            "one row channel": in_project | {"channels[]": f"{self._channel}.r2"},
        }
        self._usual = in_project | channels

    def _wait_for_column(self) -> None:
        end = time.monotonic() + _READY_LIMIT
        table = self.rows.removesuffix("/rows")
        while any(column["status"] != "available" for column in self.send("GET", table)["columns"]):
            assert time.monotonic() < end, "the column did not become available"
            time.sleep(0.1)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request with the key."""
        answered = self._http.request(method, path, json=body).raise_for_status()
        return answered.json() if answered.content else None

    def connection(self, name: str) -> ClientConnection:
        """Return a connection of the recording, which is opened on first use."""
        if name not in self._open:
            query = urlencode(self._queries.get(name, self._usual))
            headers = self._headers.get(name, {"Origin": "http://localhost"})
            opening = connect(
                f"{self._url}?{query}", additional_headers=headers, proxy=None, compression=None
            )
            self._open[name] = self.stack.enter_context(opening)
        return self._open[name]

    def play(
        self, log: list[dict[str, Any]], silence: float
    ) -> Iterator[tuple[dict[str, Any], Any]]:
        """Replay a recorded session; yield each step with the received message or None.

        Args:
            log: The steps.
            silence: Seconds without a message that count as none, where none was recorded.
        """
        for step in log:
            received = None
            match step["direction"]:
                case "does":
                    ACTIONS[step["message"]](self)
                case "connects":
                    self.connection(step["connection"])
                case "sent":
                    message = json.dumps(self.filled(step["message"]))
                    self.connection(step["connection"]).send(message)
                case "received":
                    received = json.loads(self.connection(step["connection"]).recv(LIMIT))
                case _:
                    assert "received nothing in 3 s" == step["direction"]
                    received = self._receive_or_none(step["connection"], silence)
            yield step, received

    def _receive_or_none(self, connection: str, seconds: float) -> Any:
        try:
            return json.loads(self.connection(connection).recv(seconds))
        except TimeoutError:
            return None

    def delete(self) -> None:
        """Delete the database and the user."""
        self.send("DELETE", f"/tablesdb/{self.words['db']}")
        self.send("DELETE", f"/users/u{self.words['run']}")

    def filled(self, value: Any) -> Any:
        """Replace the recording's placeholders with the values of this run."""
        text = json.dumps(value)
        for word, meant in self.words.items():
            text = text.replace(f"{{{word}}}", meant)
        return json.loads(text)

    def named(self, value: Any) -> Any:
        """Replace the values of this run with placeholders, the inverse of `filled`."""
        text = json.dumps(value)
        for word, meant in sorted(self.words.items(), key=lambda item: -len(item[1])):
            text = text.replace(meant, f"{{{word}}}")
        return json.loads(text)

    def create(self, row_id: str, subject: str, *permissions: str) -> None:
        """Create a row."""
        body = {"rowId": row_id, "data": {"subject": subject}, "permissions": permissions}
        self.send("POST", self.rows, body)

    def update(self, row_id: str, subject: str) -> None:
        """Update a row."""
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


def _patch(scenario: RealtimeScenario) -> None:
    wanted = json.dumps({"method": "equal", "attribute": "$id", "values": ["r2", "r6"]})
    scenario.send("PATCH", scenario.rows, {"queries": [wanted], "data": {"subject": "z"}})


def _transaction(scenario: RealtimeScenario) -> None:
    new = {"subject": "tx", "$permissions": [ANY]}
    scenario.commit(
        {"action": "create", "rowId": "r3", "data": new},
        {"action": "update", "rowId": "r2", "data": {"subject": "tx2"}},
    )


def _update_two(scenario: RealtimeScenario) -> None:
    scenario.update("r3", "q")
    scenario.update("r2", "q")


ACTIONS: dict[str, Callable[[RealtimeScenario], object]] = {
    "create row": lambda scenario: scenario.create(
        "r1", "one", f'read("user:u{scenario.words["run"]}")'
    ),
    "update row": lambda scenario: scenario.update("r1", "two"),
    "delete row": lambda scenario: scenario.send("DELETE", f"{scenario.rows}/r1"),
    "create row readable by any": lambda scenario: scenario.create("r2", "any", ANY),
    "transaction: create r3, update r2": _transaction,
    "transaction: bulkCreate r4, r5": lambda scenario: scenario.commit(
        {"action": "bulkCreate", "data": _bulk("r4", "r5")}
    ),
    "bulk create r6, r7 by POST rows": lambda scenario: scenario.send(
        "POST", scenario.rows, {"rows": _bulk("r6", "r7")}
    ),
    "update rows r2, r6 by PATCH rows with queries": _patch,
    "update r3, then r2": _update_two,
}
"""The actions in the recording, and the requests that they stand for."""
