"""The events that subscribers receive about a write, with channels and the row.

The names, their order and the payload are those of the recorded websocket
(`tests/contract/realtime.json`).
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from interactions_sdk.embedded.access.permissions import CREATE, READ
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.identifiers import unique
from interactions_sdk.embedded.values.responses import JsonObject, encode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.catalog import Table

Origin = Literal["one row", "many rows", "transaction"]

_SPELLINGS = (
    ("tablesdb", "tables", "rows"),
    ("databases", "collections", "documents"),
    ("databases", "tables", "rows"),
)

# Which parts of a name (database, table, row) are spelled out, in the order of Appwrite's lists.
# The order depends on where in its source an event is raised.
_Patterns = tuple[tuple[str, ...], tuple[str, ...]]
_TABLE_LAST: _Patterns = (
    ("dtr", "***", "d*r", "**r", "*tr", "dt*", "*t*", "d**"),
    ("dt", "**", "d*", "*t"),
)
_TABLE_FIRST: _Patterns = (
    ("dtr", "***", "*tr", "d*r", "**r", "dt*", "*t*", "d**"),
    ("dt", "**", "*t", "d*"),
)


@dataclass(frozen=True)
class Event:
    """An event of a row as it is now, or was before it was deleted.

    Attributes:
        action: `create`, `update`, `upsert` or `delete`.
        origin: The kind of call that wrote it.
    """

    table: Table
    action: str
    row: JsonObject
    origin: Origin
    timestamp: str

    @cached_property
    def readers(self) -> list[str]:
        """The roles that may read the row."""
        return records.roles_with(self.table, self.row, READ)

    @cached_property
    def channels(self) -> list[str]:
        """The channels that it is sent on."""
        database, table, row = self.table.database.id, self.table.id, self.row["$id"]
        plain = [
            "documents",
            f"databases.{database}.collections.{table}.documents",
            f"databases.{database}.collections.{table}.documents.{row}",
            "rows",
            f"databases.{database}.tables.{table}.rows",
            f"databases.{database}.tables.{table}.rows.{row}",
            f"tablesdb.{database}.tables.{table}.rows",
            f"tablesdb.{database}.tables.{table}.rows.{row}",
        ]
        return [*plain, *(f"{channel}.{self.action}" for channel in plain)]

    @property
    def names(self) -> list[str]:
        """The names of the event."""
        words = {"d": self.table.database.id, "t": self.table.id, "r": self.row["$id"]}
        names: list[str] = []
        of_rows, of_tables = self._patterns
        for ending in (f".{self.action}", ""):
            for pattern in of_rows:
                database, table, row = (words.get(part, "*") for part in pattern)
                names += [
                    f"{service}.{database}.{tables}.{table}.{rows}.{row}{ending}"
                    for service, tables, rows in _SPELLINGS
                ]
        for pattern in of_tables:
            database, table = (words.get(part, "*") for part in pattern)
            names += [f"{each}.{database}.{tables}.{table}" for each, tables, _ in _SPELLINGS]
        services = ("tablesdb", "databases")
        return names + [f"{each}.{name}" for name in (words["d"], "*") for each in services]

    @property
    def _patterns(self) -> _Patterns:
        table_last = self.origin == "many rows" or (self.origin, self.action) == ("one row", CREATE)
        return _TABLE_LAST if table_last else _TABLE_FIRST

    @property
    def payload(self) -> JsonObject:
        """The row as shown in events, which for some calls includes internals of Appwrite."""
        inside = f"database_{self.table.database.sequence}_collection_{self.table.sequence}"
        if self.origin == "transaction":
            shown = {key: value for key, value in self.row.items() if key != "$databaseId"}
            return shown | {"$collection": inside, "$collectionId": self.table.id}
        if self.origin == "many rows" and self.action != CREATE:
            return self.row | {"$collection": inside}
        return self.row

    @cached_property
    def _message_body(self) -> str:
        body = {
            "events": self.names,
            "channels": self.channels,
            "timestamp": self.timestamp,
            "payload": self.payload,
        }
        return encode_json(body)[:-1]

    def message(self, subscription: str) -> bytes:
        """Return the message for a subscription; the part that all share is serialized once."""
        ending = encode_json([subscription])
        return f'{{"type":"event","data":{self._message_body},"subscriptions":{ending}}}}}'.encode()


def emit(
    raised: list[Event] | None,
    table: Table,
    action: str,
    rows: Iterable[JsonObject],
    origin: Origin = "one row",
) -> None:
    """Add the events of rows to those to publish after the commit, if anybody listens."""
    if raised is not None:
        timestamp = now()
        raised += [Event(table, action, row, origin, timestamp) for row in rows]


MAX_QUEUE = 4096
"""Maximum number of queued events; a subscriber that falls further behind is disconnected."""


class Subscriber:
    """A subscriber to events, who receives only rows that the actor may read.

    `wake` is called when the queue is no longer empty, and `cut_off` once when it is too long.
    """

    def __init__(
        self,
        channels: Iterable[str],
        actor: Actor,
        *,
        wake: Callable[[], object],
        cut_off: Callable[[], object],
    ) -> None:
        self.id = unique()
        self.channels = frozenset(channels)
        self.actor = actor
        self._wake = wake
        self._cut_off = cut_off
        self._waiting: deque[Event] = deque()
        self._lock = threading.Lock()

    def enqueue(self, raised: Event) -> None:
        """Queue an event if it concerns this subscriber; this never blocks."""
        if self.channels.isdisjoint(raised.channels) or not self.actor.has_role(raised.readers):
            return
        with self._lock:
            waiting = len(self._waiting)
            if waiting < MAX_QUEUE:
                self._waiting.append(raised)
        if waiting == 0:
            self._wake()
        elif waiting == MAX_QUEUE:
            self._cut_off()

    def drain(self) -> list[Event]:
        """Return and remove the queued events."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken


class Subscribers:
    """The subscribers of one server."""

    def __init__(self) -> None:
        self._all: tuple[Subscriber, ...] = ()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, subscriber: Subscriber) -> None:
        """Add a subscriber."""
        with self._lock:
            self._all = (*self._all, subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Remove a subscriber."""
        with self._lock:
            self._all = tuple(each for each in self._all if each is not subscriber)

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events, in order, to their subscribers."""
        for subscriber in self._all:
            for raised in events:
                subscriber.enqueue(raised)
