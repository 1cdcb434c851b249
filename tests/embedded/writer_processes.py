"""Programs that tests start as separate processes; they serve a file, or write to it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import httpx

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.waiting import join

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = "/tablesdb/d/tables/t/rows"
KEY = "key-of-the-writers"


class Writer:
    """Writes rows, some of them in pairs.

    Args:
        client: A client of the server.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def prepare(self) -> None:
        """Create the table, and a row with a counter."""
        self._post("/tablesdb", {"databaseId": "d", "name": "d"})
        self._post("/tablesdb/d/tables", {"tableId": "t", "name": "t"})
        column = {"key": "n", "required": False}
        self._post("/tablesdb/d/tables/t/columns/integer", column)
        self._post(ROWS, {"rowId": "counter", "data": {"n": 0}})

    def single(self, row_id: str) -> None:
        """Create a row."""
        self._post(ROWS, {"rowId": row_id, "data": {"n": 1}})

    def pair(self, row_id: str) -> None:
        """Create two rows in one transaction."""
        transaction = self._post("/tablesdb/transactions", {"ttl": 60})["$id"]
        target = {"databaseId": "d", "tableId": "t", "action": "create", "data": {"n": 1}}
        operations = [target | {"rowId": f"{row_id}-{half}"} for half in ("a", "b")]
        path = f"/tablesdb/transactions/{transaction}"
        self._post(f"{path}/operations", {"operations": operations})
        self._send("PATCH", path, {"commit": True})

    def count_up(self) -> None:
        """Increment the counter."""
        self._send("PATCH", f"{ROWS}/counter/n/increment", {"value": 1})

    def _post(self, path: str, body: object) -> dict[str, str]:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: object) -> dict[str, str]:
        response = self._client.request(method, path, json=body)
        response.raise_for_status()
        answered: dict[str, str] = response.json()
        return answered


def connected(server: EmbeddedAppwrite, endpoint: str | None = None) -> httpx.Client:
    """Connect to a server, through its transport or over HTTP."""
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.api_key}
    if endpoint is None:
        return httpx.Client(
            transport=server.transport, base_url="http://embedded/v1", headers=headers
        )
    return httpx.Client(base_url=endpoint, headers=headers, trust_env=False, timeout=60)


def say(word: str) -> None:
    """Write a line to the parent process, and flush it."""
    print(word, flush=True)  # noqa: T201 - read by the parent


def serve(path: str) -> None:
    """Serve a file until the standard input is closed."""
    with EmbeddedAppwrite(path, api_key=KEY) as server, server.serve() as running:
        say(running.endpoint)
        sys.stdin.read()


def write(path: str, first: str, last: str) -> None:
    """Write rows through the transport, and print the ID of each confirmed row."""
    with EmbeddedAppwrite(path) as server, connected(server) as client:
        writer = Writer(client)
        for number in range(int(first), int(last)):
            word = f"s{number}" if number % 2 else f"p{number}"
            (writer.single if number % 2 else writer.pair)(word)
            say(word)


def share(path: str, name: str, threads: str, writes: str) -> None:
    """Write with many threads, each to its own rows and to the counter."""
    with EmbeddedAppwrite(path) as server, connected(server) as client:
        writer = Writer(client)

        def work(thread: int) -> None:
            for each in range(int(writes)):
                writer.single(f"{name}-{thread}-{each}")
                writer.count_up()

        in_threads(int(threads), work)


def in_threads(count: int, work: Callable[[int], object]) -> None:
    """Run functions in threads, and raise the first error."""
    errors: list[BaseException] = []

    def run(thread: int) -> None:
        try:
            work(thread)
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    workers = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for worker in workers:
        worker.start()
    join(*workers)
    if errors:
        raise errors[0]


if __name__ == "__main__":
    programs: dict[str, Callable[..., None]] = {"serve": serve, "write": write, "share": share}
    programs[sys.argv[1]](*sys.argv[2:])
