"""What a write tells those who listen: its events, its channels, and the row.

Names, their order and what the payload holds are those of the recorded websocket
(`tests/contract/realtime.json`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from interactions_sdk.embedded.access.permissions import CREATE, READ
from interactions_sdk.embedded.database import rows as records
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.responses import JsonObject, encode_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.services.context import Call

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
class Raised:
    """One event.

    Attributes:
        table: The table of the row.
        action: `create`, `update`, `upsert` or `delete`.
        row: The row as it is now, or was before it was deleted.
        origin: What kind of call wrote it.
        moment: When.
    """

    table: Table
    action: str
    row: JsonObject
    origin: Origin
    moment: str

    @cached_property
    def readers(self) -> list[str]:
        """The roles that may read the row."""
        return records.granted(self.table, self.row, READ)

    @cached_property
    def channels(self) -> list[str]:
        """The channels that it is told on."""
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
        """The names it goes by."""
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
        """The row as events show it: what was written at once shows some of Appwrite's inside."""
        inside = f"database_{self.table.database.sequence}_collection_{self.table.sequence}"
        if self.origin == "transaction":
            shown = {key: value for key, value in self.row.items() if key != "$databaseId"}
            return shown | {"$collection": inside, "$collectionId": self.table.id}
        if self.origin == "many rows" and self.action != CREATE:
            return self.row | {"$collection": inside}
        return self.row

    @cached_property
    def _told(self) -> str:
        body = {
            "events": self.names,
            "channels": self.channels,
            "timestamp": self.moment,
            "payload": self.payload,
        }
        return encode_json(body)[:-1]

    def message(self, subscription: str) -> bytes:
        """Write the message to a subscription; what all of them are told is written once."""
        ending = encode_json([subscription])
        return f'{{"type":"event","data":{self._told},"subscriptions":{ending}}}}}'.encode()


def raise_events(
    call: Call, table: Table, action: str, rows: Iterable[JsonObject], origin: Origin = "one row"
) -> None:
    """Have those who listen told of rows, once the call's transaction is committed."""
    if call.raised is not None:
        moment = now()
        call.raised += [Raised(table, action, row, origin, moment) for row in rows]
