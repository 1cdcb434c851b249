"""Importing, archiving and restoring old interactions."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.results import Figure, Section
from benchmarks.servers import a_server
from benchmarks.writing import timed
from interactions_sdk import InteractionsClient, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk import InteractionRepository

ROWS = 5_000
ROUNDS = 3
CUSTOMERS = 100
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
END = datetime(2021, 1, 1, tzinfo=UTC)


def write_calls(path: Path, customers: Sequence[str], rows: int) -> None:
    """Write the calls of a year to a CSV file."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["interaction_type", "subject", "customer_id", "occurred_at", "duration"])
        for number in range(rows):
            at = BEGIN + (END - BEGIN) / rows * number
            customer = customers[number % len(customers)]
            lines.writerow(["call", f"{path.stem} {number}", customer, at.isoformat(), 12])


def one_round(
    root: InteractionRepository, path: Path, folder: Path, rows: int
) -> tuple[float, float, float]:
    """Return the seconds of an import, of archiving all of it, and of restoring it.

    Raises:
        RuntimeError: Not all of it is there, or gone.
    """
    imported, _ = timed(partial(root.import_csv, path))
    written = root.count()
    archived, _ = timed(partial(root.archive, END + timedelta(days=1), folder))
    left = root.count()
    restored, _ = timed(partial(root.restore, folder))
    if (written, left, root.count()) != (rows, 0, rows):
        raise RuntimeError(written, left, root.count())
    root.archive(END + timedelta(days=1), folder)
    return imported, archived, restored


def section(rows: int = ROWS) -> Section:
    """Measure against the environment's server."""
    took: list[tuple[float, float, float]] = []
    with a_server(live=True) as server, TemporaryDirectory() as there:
        settings = Settings(database_id=server.database, verify_users=False)
        with InteractionsClient(
            server.endpoint, server.project, api_key=server.key, settings=settings
        ) as crm:
            crm.schema.apply()
            customers = [crm.customers.ensure(f"user{each}").id for each in range(CUSTOMERS)]
            for number in range(ROUNDS):
                path = Path(there, f"round{number}.csv")
                write_calls(path, customers, rows)
                folder = Path(there, f"archive{number}")
                took.append(one_round(crm.as_admin("root"), path, folder, rows))
    return Section(
        "Archives, on a real server",
        f"{rows:,} calls of a year and of {CUSTOMERS} customers, imported from a CSV file with "
        "their dates, archived, and restored.",
        [
            _compared("`archive`", [(archived, imported) for imported, archived, _ in took], 2),
            _compared("`restore`", [(restored, imported) for imported, _, restored in took], 3),
            Figure("`import_csv`", median(imported for imported, _, _ in took), "s"),
        ],
    )


def _compared(what: str, pairs: Sequence[tuple[float, float]], at_most: float) -> Figure:
    return Figure(
        f"{what}, compared with the import",
        median(seconds / imported for seconds, imported in pairs),
        at_most=at_most,
        compared=(what, "the import"),
    )
