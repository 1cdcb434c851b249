"""Watching over HTTP: delays, requests when idle, and memory over many changes.

python -m benchmarks.watching             delays and requests
python -m benchmarks.watching --memory    memory over 100,000 changes, with and without a websocket
"""

from __future__ import annotations

import argparse
import os
import random
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.servers import Server, a_server
from interactions_sdk import InteractionsClient, Settings

if TYPE_CHECKING:
    from collections.abc import Generator

    from interactions_sdk import RequestEvent

WAYS = {"polling": False, "websocket": True}
WRITES = 20
WARM, IDLE = 15.0, 45.0
CHANGES, AT_ONCE = 100_000, 100
AHEAD = 2_000
"""How far the writer may be ahead of a watch that reads more slowly than it writes."""
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0


class Writer:
    """Writes rows, in requests of one row or of 100."""

    def __init__(self, server: Server, customer_id: str) -> None:
        self._http = httpx.Client(
            headers={"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.key}
        )
        self._rows = (
            f"{server.endpoint}/tablesdb/{server.database}/tables/customer_interactions/rows"
        )
        self._row: dict[str, Any] = {
            "customerId": customer_id,
            "interactionType": "call",
            "userId": "ada",
            "direction": "inbound",
            "$permissions": ['read("user:ada")'],
        }
        self._made = 0

    def write(self, count: int) -> None:
        """Create rows."""
        rows = [{"$id": f"row-{self._made + n}", **self._row} for n in range(count)]
        self._made += count
        self._http.post(self._rows, json={"rows": rows}).raise_for_status()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class Counter:
    """Counts requests."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, _: RequestEvent) -> None:
        """Count a request."""
        self.requests += 1


@contextmanager
def a_scene(counter: Counter | None = None) -> Generator[tuple[InteractionsClient, Writer]]:
    """Yield a client of a server in its own process, and a writer."""
    with a_server(live=False) as server:
        settings = Settings(database_id=server.database, verify_users=False)
        with InteractionsClient(
            server.endpoint,
            server.project,
            api_key=server.key,
            settings=settings,
            on_request=counter,
        ) as crm:
            crm.schema.apply()
            headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.key}
            user = {"userId": "ada", "email": "ada@example.com", "password": "long enough"}
            httpx.post(f"{server.endpoint}/users", json=user, headers=headers).raise_for_status()
            writer = Writer(server, crm.customers.ensure("ada").id)
            yield crm, writer
            writer.close()


def delays(*, realtime: bool) -> list[float]:
    """Return the milliseconds from sending a write to receiving the change, sorted."""
    draws = random.Random(5)
    seen: list[float] = []
    with (
        a_scene() as (crm, writer),
        crm.as_user("ada").watch(realtime=realtime) as changes,
    ):

        def follow() -> None:
            seen.extend(time.perf_counter() for _ in changes)

        following = Thread(target=follow)
        following.start()
        sent: list[float] = []
        for _ in range(WRITES):
            time.sleep(draws.uniform(0.2, 1.5))
            sent.append(time.perf_counter())
            writer.write(1)
        while len(seen) < WRITES:
            time.sleep(0.05)
        changes.stop()
        following.join()
    return sorted((then - now) * 1000 for now, then in zip(sent, seen, strict=True))


def requests_when_idle(*, realtime: bool) -> float:
    """Return the requests per minute of an idle watch with the default interval."""
    counter = Counter()
    with (
        a_scene(counter) as (crm, _),
        crm.as_user("ada").watch(realtime=realtime) as changes,
    ):
        following = Thread(target=lambda: list(changes))
        following.start()
        time.sleep(WARM)
        before = counter.requests
        time.sleep(IDLE)
        counted = counter.requests - before
        changes.stop()
        following.join()
    return counted * 60 / IDLE


def resident() -> float:
    """Return this process's memory in megabytes (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * PAGE / 1e6


def memory(*, realtime: bool) -> list[tuple[int, float, int]]:
    """Return, ten times over many changes: their number, the memory, and what is cached."""
    points: list[tuple[int, float, int]] = []
    with (
        a_scene() as (crm, writer),
        crm.as_user("ada").watch(realtime=realtime) as changes,
    ):
        shown = 0

        def write_all() -> None:
            for made in range(0, CHANGES, AT_ONCE):
                while made - shown > AHEAD:
                    time.sleep(0.01)
                writer.write(AT_ONCE)

        writing = Thread(target=write_all)
        writing.start()
        for shown, _ in enumerate(changes, start=1):
            if shown % (CHANGES // 10) == 0:
                points.append((shown, resident(), len(changes._poller._seen)))  # noqa: SLF001
            if shown == CHANGES:
                changes.stop()
        writing.join()
    return points


def main() -> None:
    """Print delays and requests."""
    print("| way | median ms | worst ms | requests per minute when idle |")
    print("| --- | --- | --- | --- |")
    for name, realtime in WAYS.items():
        measured = delays(realtime=realtime)
        idle = requests_when_idle(realtime=realtime)
        print(f"| {name} | {median(measured):.0f} | {measured[-1]:.0f} | {idle:.1f} |")


def print_memory() -> None:
    """Print the memory over many changes."""
    for name, realtime in WAYS.items():
        print(f"\n{name}: changes, megabytes held, interactions remembered")
        began = time.perf_counter()
        for number, megabytes, remembered in memory(realtime=realtime):
            print(f"  {number:>7,} {megabytes:>7.1f} {remembered:>7,}")
        print(f"  in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--memory", action="store_true", help="measure memory instead")
    print_memory() if parser.parse_args().memory else main()
