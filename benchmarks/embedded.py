"""The embedded Appwrite compared with the same work written by hand with sqlite3 and json.

python -m benchmarks.embedded                     up to 100,000 rows
python -m benchmarks.embedded --rows 1000000      up to a million, which takes minutes to write

The code by hand uses the server's own tables, one statement for each step, one SQLite transaction
for each of the three requests, and builds and reads the JSON of the same requests and responses.
Neither side uses HTTP. CPU time is measured, since other programs affect it least.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from benchmarks.results import Figure, Section, as_text
from interactions_sdk import Settings
from interactions_sdk.embedded.services.context import Request
from interactions_sdk.embedded_setup import start_embedded_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from interactions_sdk.embedded import EmbeddedAppwrite

JsonObject: TypeAlias = dict[str, Any]

ROUNDS = 25
CALLS = 40
PAGE = 100
START = datetime(2020, 1, 1, tzinfo=UTC)
DATABASE = "/v1/tablesdb/console-db/tables"
INTERACTIONS, CUSTOMERS, AUDIT = "customer_interactions", "customers", "audit_logs"
PERMISSIONS = ['read("user:ada")', 'update("user:ada")', 'delete("user:ada")']


@dataclass(frozen=True)
class Talk:
    """Sends requests to a server, to measure only the server's work and JSON."""

    server: EmbeddedAppwrite

    def __call__(self, method: str, path: str, body: object = None, query: str = "") -> JsonObject:
        """Build a request's JSON, send it, and parse the JSON of the response."""
        headers = {
            "x-appwrite-project": self.server.project,
            "x-appwrite-key": self.server.api_key,
            "content-type": "application/json",
        }
        content = b"" if body is None else json.dumps(body).encode()
        answered = self.server.handle(Request(method, path, query, headers, content))
        if answered.status >= 400:  # noqa: PLR2004 - all errors are above
            raise RuntimeError(answered.body)
        read: JsonObject = json.loads(answered.body)
        return read


@contextmanager
def started() -> Iterator[tuple[EmbeddedAppwrite, Path]]:
    """Start a server on its own file, with the library's tables."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        with start_embedded_server(str(path), Settings()) as server:
            yield server, path


def interaction(number: int, customer: int) -> dict[str, Any]:
    """Return the columns of an interaction."""
    return {
        "customerId": f"customer{customer:06}",
        "interactionType": ("call", "email", "meeting")[number % 3],
        "subject": f"Call number {number} about the renewal",
        "description": "Asked about prices, wants an offer by the end of the month. " * 2,
        "userId": f"user{customer:06}",
        "contactMethod": "phone",
        "direction": "outbound",
        "duration": 12,
        "outcome": (None, "successful", "resolved", "no_answer")[number // 10 % 4],
        "nextActionDate": when(number * 7919) if number % 10 == 0 else None,
        "createdBy": f"user{customer:06}",
    }


def when(number: int) -> str:
    """Return a time within a range of years."""
    minutes = timedelta(minutes=number % 3_000_000)
    return (START + minutes).isoformat(timespec="milliseconds")


def audit(row_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of an audit row."""
    return {
        "action": "interaction.created",
        "userId": data["userId"],
        "entityId": row_id,
        "customerId": data["customerId"],
        "fingerprint": "0123456789abcdef" * 4,
    }


def ratios(ways: Mapping[str, Callable[[], object]], calls: int = CALLS) -> dict[str, float]:
    """Return the median seconds of a call, with all variants measured in turn in every round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = process_time()
            for _ in range(calls):
                way()
            seconds[name].append((process_time() - began) / calls)
    return {name: median(values) for name, values in seconds.items()}


class Creating:
    """A create on a server: the interaction, its audit row, and the customer's dates."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._numbers = count()
        self._talk(
            "POST",
            f"{DATABASE}/{CUSTOMERS}/rows",
            {"rowId": "customer000000", "data": {"userId": "user000000"}},
        )

    def in_requests(self) -> None:
        """Send the three requests of `consistency="fast"`."""
        number = next(self._numbers)
        row_id, data = f"i{number:07}", interaction(number, 0)
        talk = self._talk
        talk(
            "POST",
            f"{DATABASE}/{INTERACTIONS}/rows",
            {"rowId": row_id, "data": data, "permissions": PERMISSIONS},
        )
        talk("POST", f"{DATABASE}/{AUDIT}/rows", {"rowId": row_id, "data": audit(row_id, data)})
        self._touch(number)

    def in_a_transaction(self) -> None:
        """Send the five requests of `consistency="atomic"`."""
        number = next(self._numbers)
        row_id, data = f"i{number:07}", interaction(number, 0)
        talk = self._talk
        transaction = talk("POST", "/v1/tablesdb/transactions", {})["$id"]
        target = {"action": "create", "databaseId": "console-db", "rowId": row_id}
        operations = [
            target | {"tableId": INTERACTIONS, "data": data | {"$permissions": PERMISSIONS}},
            target | {"tableId": AUDIT, "data": audit(row_id, data) | {"$permissions": []}},
        ]
        path = f"/v1/tablesdb/transactions/{transaction}"
        talk("POST", f"{path}/operations", {"operations": operations})
        talk("PATCH", path, {"commit": True})
        talk("GET", f"{DATABASE}/{INTERACTIONS}/rows/{row_id}")
        self._touch(number)

    def _touch(self, number: int) -> None:
        path = f"{DATABASE}/{CUSTOMERS}/rows/customer000000"
        self._talk("PATCH", path, {"data": {"lastContactAt": when(number)}})


def folded(text: str | None) -> str | None:
    """Return a text as queries compare it; these texts are ASCII."""
    return None if text is None else text.upper()


class ByHand:
    """The same in SQL on a server's file, as a developer who knows the tables would write it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._tables: dict[str, int] = {
            name: sequence
            for sequence, name in self._connection.execute("SELECT sequence, id FROM _tables")
        }
        self._columns = {name: self._read_columns(name) for name in self._tables}
        self._inserts = {name: self._write_insert(name) for name in self._tables}
        self._numbers = count()
        self._create_in(CUSTOMERS, "customer000000", {"userId": "user000000"}, [])

    def _read_columns(self, name: str) -> dict[str, tuple[str, str | None]]:
        """Read the names of a table's columns in SQL, and of their folded copies."""
        sequence = self._tables[name]
        there = {
            column[1]
            for column in self._connection.execute(f'PRAGMA table_info("rows_{sequence}")')
        }
        found = self._connection.execute(
            'SELECT key, sequence FROM _columns WHERE "table" = ? ORDER BY sequence', (sequence,)
        )
        return {
            key: (f"c{number}", f"f{number}" if f"f{number}" in there else None)
            for key, number in found
        }

    def _write_insert(self, name: str) -> str:
        columns = self._columns[name].values()
        names = [
            *("_id", "_createdAt", "_updatedAt", "_permissions"),
            *(column for column, _ in columns),
            *(twin for _, twin in columns if twin),
        ]
        places = ", ".join("?" * len(names))
        return f'INSERT INTO "rows_{self._tables[name]}" ({", ".join(names)}) VALUES ({places})'  # noqa: S608 - our own names

    def create(self) -> None:
        """Write the interaction, the audit row and the customer's date, each separately."""
        number = next(self._numbers)
        row_id, data = f"i{number:07}", interaction(number, 0)
        self._request(INTERACTIONS, row_id, data, PERMISSIONS)
        self._request(AUDIT, row_id, audit(row_id, data), [])
        sent = json.loads(json.dumps({"data": {"lastContactAt": when(number)}}).encode())
        json.loads(json.dumps(self._touch(sent["data"]["lastContactAt"])).encode())

    def _request(
        self, table: str, row_id: str, data: dict[str, Any], permissions: list[str]
    ) -> None:
        body = json.dumps({"rowId": row_id, "data": data, "permissions": permissions}).encode()
        sent = json.loads(body)
        row = self._create_in(table, sent["rowId"], sent["data"], sent["permissions"])
        json.loads(json.dumps(row).encode())

    def _create_in(
        self, table: str, row_id: str, data: dict[str, Any], permissions: list[str]
    ) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        columns = self._columns[table]
        row = {key: data.get(key) for key in columns}
        twins = [folded(row[key]) for key, (_, twin) in columns.items() if twin]
        values = [row_id, now, now, json.dumps(permissions), *row.values(), *twins]
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        sequence = execute(self._inserts[table], values).lastrowid
        for permission in permissions:
            action, _, rest = permission.partition('("')
            granted = (self._tables[table], action, rest[:-2], sequence)
            execute("INSERT INTO _permissions VALUES (?, ?, ?, ?)", granted)
        execute("COMMIT")
        return row | {
            "$sequence": str(sequence),
            "$id": row_id,
            "$createdAt": now,
            "$updatedAt": now,
            "$permissions": permissions,
        }

    def _touch(self, moment: str) -> dict[str, Any]:
        columns = self._columns[CUSTOMERS]
        rows = f'"rows_{self._tables[CUSTOMERS]}"'
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        names = ", ".join(column for column, _ in columns.values())
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        found = execute(
            f"SELECT {names}, CAST(_sequence AS TEXT), _id, _createdAt, _updatedAt, _permissions"  # noqa: S608 - our own names
            f" FROM {rows} WHERE upper(_id) = ?",
            ("CUSTOMER000000",),
        ).fetchone()
        execute(
            f"UPDATE {rows} SET {columns['lastContactAt'][0]} = ?, _updatedAt = ?"  # noqa: S608 - our own names
            " WHERE _sequence = ?",
            (moment, now, int(found[len(columns)])),
        )
        execute("COMMIT")
        return dict(zip(self._keys(CUSTOMERS), found, strict=True)) | {"$updatedAt": now}

    def _keys(self, table: str) -> list[str]:
        return [
            *self._columns[table],
            *("$sequence", "$id", "$createdAt", "$updatedAt", "$permissions"),
        ]

    def find(self, customer: str) -> bytes:
        """Select a customer's newest rows, and build their JSON."""
        columns = self._columns[INTERACTIONS]
        names = ", ".join(column for column, _ in columns.values())
        found = self._connection.execute(
            f"SELECT {names}, CAST(_sequence AS TEXT), _id, _createdAt, _updatedAt, _permissions"  # noqa: S608 - our own names
            f' FROM "rows_{self._tables[INTERACTIONS]}" WHERE {columns["customerId"][1]} = ?'
            " ORDER BY _createdAt DESC, upper(_id) DESC LIMIT ?",
            (customer.upper(), PAGE),
        )
        keys = self._keys(INTERACTIONS)
        rows = [dict(zip(keys, row, strict=True)) for row in found]
        for row in rows:
            row["$permissions"] = json.loads(row["$permissions"])
        return json.dumps({"total": len(rows), "rows": rows}).encode()

    def fill(self, first: int, last: int, customers: int) -> None:
        """Insert many interactions, each later than the previous one."""
        columns = self._columns[INTERACTIONS]
        twins = [key for key, (_, twin) in columns.items() if twin]
        granted = json.dumps(PERMISSIONS)
        for begin in range(first, last, 10_000):
            values: list[list[Any]] = []
            for number in range(begin, min(begin + 10_000, last)):
                data = interaction(number, number % customers)
                row = [data.get(key) for key in columns]
                made = when(number * 3)
                compared = [folded(data.get(key)) for key in twins]
                values.append([f"b{number:07}", made, made, granted, *row, *compared])
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(self._inserts[INTERACTIONS], values)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def creates() -> list[Figure]:
    """Measure creates."""
    with started() as (server, _), started() as (_, path):
        creating = Creating(Talk(server))
        by_hand = ByHand(path)
        seconds = ratios(
            {
                "by hand": by_hand.create,
                "three requests": creating.in_requests,
                "transaction": creating.in_a_transaction,
            }
        )
        by_hand.close()
    hand = seconds["by hand"]
    return [
        Figure(
            "create in 3 requests, compared with the same by hand",
            seconds["three requests"] / hand,
            at_most=3,
        ),
        Figure(
            "create in a transaction, compared with the same by hand",
            seconds["transaction"] / hand,
            at_most=3,
        ),
        Figure("create by hand", round(hand * 1e6), "us"),
    ]


def lists() -> list[Figure]:
    """Measure a page of 100 rows."""
    with started() as (server, path):
        by_hand = ByHand(path)
        by_hand.fill(0, 5000, customers=25)
        headers = {"x-appwrite-project": server.project, "x-appwrite-key": server.api_key}
        query = find_page()
        request = Request("GET", f"{DATABASE}/{INTERACTIONS}/rows", query, headers, b"")
        expected = [row["$id"] for row in json.loads(by_hand.find("customer000000"))["rows"]]
        found = [row["$id"] for row in json.loads(server.handle(request).body)["rows"]]
        if len(found) != PAGE or found != expected:
            raise RuntimeError(found)
        seconds = ratios(
            {
                "by hand": lambda: by_hand.find("customer000000"),
                "list": lambda: server.handle(request),
            }
        )
        by_hand.close()
    hand, ours = seconds["by hand"], seconds["list"]
    return [
        Figure("100 rows listed, compared with the same by hand", ours / hand, at_most=3),
        Figure("100 rows listed by hand", round(hand * 1e6), "us"),
    ]


def find_page(row: dict[str, Any] | None = None) -> str:
    """Return the queries for a customer's newest rows, from the start or after a row."""
    return written(
        {"method": "equal", "attribute": "customerId", "values": ["customer000000"]},
        *beyond("$createdAt", "less", row),
        {"method": "orderDesc", "attribute": "$createdAt"},
        {"method": "orderDesc", "attribute": "$id"},
    )


def iterate_page(row: dict[str, Any] | None = None) -> str:
    """Return the queries for the oldest rows of all customers, from the start or after a row."""
    return written(
        *beyond("$createdAt", "greater", row),
        {"method": "orderAsc", "attribute": "$createdAt"},
        {"method": "orderAsc", "attribute": "$id"},
    )


def due_page(row: dict[str, Any] | None = None) -> str:
    """Return the queries for the next due open follow-ups, from the start or after a row."""
    resolved = {"method": "notEqual", "attribute": "outcome", "values": ["resolved"]}
    return written(
        {"method": "lessThanEqual", "attribute": "nextActionDate", "values": [when(-1)]},
        {"method": "isNotNull", "attribute": "nextActionDate"},
        {"method": "or", "values": [{"method": "isNull", "attribute": "outcome"}, resolved]},
        *beyond("nextActionDate", "greater", row),
        {"method": "orderAsc", "attribute": "nextActionDate"},
        {"method": "orderAsc", "attribute": "$id"},
    )


def beyond(key: str, way: str, row: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the query for the rows after a given one, as used for the library's pages."""
    if row is None:
        return []
    strictly = {"method": f"{way}Than", "attribute": key, "values": [row[key]]}
    equal = {"method": "equal", "attribute": key, "values": [row[key]]}
    by_id = {"method": f"{way}Than", "attribute": "$id", "values": [row["$id"]]}
    return [{"method": "or", "values": [strictly, {"method": "and", "values": [equal, by_id]}]}]


def written(*queries: dict[str, Any]) -> str:
    """Return queries in the form in which they are sent."""
    page = {"method": "limit", "values": [PAGE]}
    sent = [("queries[]", json.dumps(query)) for query in (*queries, page)]
    return urlencode([*sent, ("total", "0")])


PAGES = {"find": find_page, "due": due_page, "iterate": iterate_page}


def per_row(talk: Talk, rows: int) -> dict[str, float]:
    """Measure the time per row in pages of all kinds, in seconds."""
    requests = {name: page(None) for name, page in PAGES.items()}
    requests["iterate, in the middle"] = iterate_page(
        {"$createdAt": when(rows // 2 * 3), "$id": "b"}
    )
    requests["find, in the middle"] = find_page({"$createdAt": when(rows // 2 * 3), "$id": "b"})
    requests["due, in the middle"] = due_page({"nextActionDate": when(1_500_000), "$id": "b"})
    path = f"{DATABASE}/{INTERACTIONS}/rows"
    ways = {name: partial(talk, "GET", path, query=query) for name, query in requests.items()}
    counts = {name: len(way()["rows"]) for name, way in ways.items()}
    seconds = ratios(ways, calls=2)
    return {name: seconds[name] / counts[name] for name in ways}


def scale(most: int) -> list[Figure]:
    """Measure the time per row in tables of increasing size."""
    with started() as (server, path):
        talk = Talk(server)
        by_hand = ByHand(path)
        costs: dict[int, dict[str, float]] = {}
        rows = 0
        while rows < most:
            last = max(1000, rows * 10)
            by_hand.fill(rows, last, customers=5)
            rows = last
            costs[rows] = per_row(talk, rows)
        by_hand.close()
    most_rows = max(costs)
    return [
        Figure(
            f"{name}: a row among {most_rows:,}, compared with one among 1,000",
            cost / costs[1000][name],
        )
        for name, cost in costs[most_rows].items()
    ]


def section(rows: int = 100_000) -> Section:
    """Run all benchmarks.

    Args:
        rows: The number of rows in the largest table.
    """
    return Section(
        "The embedded server",
        "Compared with the same work written by hand, with sqlite3 and json on the server's own "
        "tables, without HTTP on either side, in CPU time. Then the cost of one row of a page in "
        "a growing table, compared with a table of a thousand rows.",
        [*creates(), *lists(), *scale(rows)],
    )


def main(rows: int = 100_000) -> None:
    """Print all ratios."""
    print(as_text(section(rows)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    main(parser.parse_args().rows)
