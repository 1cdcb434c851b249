"""The time per row through the client in a growing table, and the memory of reading it."""

from __future__ import annotations

import tracemalloc
from collections import deque
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.embedded import ByHand
from benchmarks.results import Figure, Section
from interactions_sdk import InteractionsClient, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
READ = 1_000
CUSTOMERS = 5


def section(rows: int = 100_000) -> Section:
    """Run the benchmarks.

    Args:
        rows: The number of rows in the largest table.
    """
    costs: dict[int, dict[str, float]] = {}
    peaks: dict[int, float] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        settings = Settings(verify_users=False)
        with (
            InteractionsClient.embedded(path, settings=settings) as crm,
            closing(ByHand(path)) as hand,
        ):
            filled = 0
            while filled < rows:
                last = max(1_000, filled * 10)
                hand.fill(filled, last, customers=CUSTOMERS)
                filled = last
                costs[filled] = _costs(crm)
                peaks[filled] = _peak(crm)
    return Section(
        "Scale",
        "With the client and the embedded server in one process, and a file that is filled "
        f"directly: CPU time per row when reading {READ:,} rows, compared with a table of a "
        "thousand rows. Memory is Python's peak, of client and server, while all rows of one of "
        "five customers are read one after the other, up to "
        "ten thousand.",
        _figures(costs, peaks),
    )


def _figures(costs: dict[int, dict[str, float]], peaks: dict[int, float]) -> list[Figure]:
    smallest, *larger = costs
    figures = [
        Figure(f"{name}: a row among {size:,}, compared with one among {smallest:,}", cost / first)
        for size in larger
        for name, cost in costs[size].items()
        for first in [costs[smallest][name]]
    ]
    return figures + [
        Figure(f"memory while reading {size:,} rows", peak, "MB") for size, peak in peaks.items()
    ]


def _costs(crm: InteractionsClient) -> dict[str, float]:
    admin = crm.as_admin("root")
    ways: dict[str, Callable[[], int]] = {
        "find": lambda: len(admin.find(limit=100, customer_id="customer000000")),
        "iterate": lambda: sum(1 for _ in islice(admin.iterate(newest_first=False), READ)),
        "due follow-ups": lambda: sum(1 for _ in islice(admin.follow_ups.due(), READ)),
    }
    return {name: _per_row(way) for name, way in ways.items()}


def _per_row(way: Callable[[], int]) -> float:
    way()
    seconds: list[float] = []
    for _ in range(ROUNDS):
        began = process_time()
        rows = way()
        seconds.append((process_time() - began) / rows)
    return median(seconds)


def _peak(crm: InteractionsClient) -> float:
    tracemalloc.start()
    try:
        deque(islice(crm.as_admin("root").iterate(customer_id="customer000000"), 10_000), maxlen=0)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
