"""Import the calls of another system from a CSV file, with progress and a file of rejected lines.

`python examples/bulk_import.py calls.csv` imports your file to the server in the environment, as
the admin ADMIN_USER_ID. Without a file it generates one with two invalid lines and uses an embedded
Appwrite. It can be run again after a crash: no line is written twice.
"""

from __future__ import annotations

import csv
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from interactions_sdk import InteractionsClient, transfer

LINES = 2000
AGENTS = ("ada", "bob", "eve")

COLUMNS: transfer.ColumnMapping = {
    "interaction_type": transfer.constant("call"),
    "customer_id": transfer.customer_by("userId", "agent"),
    "occurred_at": transfer.dates("date", tz="Europe/Zurich"),
    "duration": transfer.minutes("seconds", unit="seconds"),
    "outcome": transfer.map_values("reached", {"yes": "successful", "no": "no_answer"}),
    "subject": "topic",
}


def make_up(path: Path) -> None:
    """Write a file like that of another system, with two lines that cannot be imported."""
    begin = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["agent", "date", "seconds", "reached", "topic"])
        for number in range(LINES):
            date = f"{begin + timedelta(minutes=17 * number):%Y-%m-%d %H:%M}"
            reached = "no" if number % 3 == 0 else "yes"
            topic = f"Renewal {number + 1}"
            lines.writerow([AGENTS[number % 3], date, 30 + number % 600, reached, topic])
        lines.writerow(["ada", "2026-02-30 10:00", 60, "yes", "There is no such day"])
        lines.writerow(["nobody", "2026-02-20 10:00", 60, "yes", "There is no such customer"])


def show_progress(lines: int) -> None:
    """Print the progress on one line of the terminal; print nothing to a log."""
    if sys.stderr.isatty():
        print(f"\r{lines:,} lines", end="", file=sys.stderr)


def import_calls(crm: InteractionsClient, path: Path, admin: str) -> transfer.ImportReport:
    """Import a file, and write the rejected lines to a file next to it."""
    return crm.as_admin(admin).import_csv(
        path, COLUMNS, rejects=path.with_suffix(".rejected.csv"), on_progress=show_progress
    )


def print_result(report: transfer.ImportReport) -> None:
    """Print the result."""
    print(f"Imported {report.imported:,} of {report.lines:,} lines")
    for line in report.rejected:
        print(f"  {line}")


def main() -> None:
    """Import the given file, or run the demonstration."""
    if len(sys.argv) > 1:
        admin = os.environ.get("ADMIN_USER_ID") or sys.exit(
            "Set ADMIN_USER_ID to the ID of a user who is an admin; the calls are imported as this "
            "user."
        )
        with InteractionsClient.from_env() as crm:
            print_result(import_calls(crm, Path(sys.argv[1]), admin))
        return
    with TemporaryDirectory() as folder, InteractionsClient.embedded() as crm:
        path = Path(folder, "calls.csv")
        make_up(path)
        for agent in AGENTS:
            crm.customers.ensure(agent)
        print_result(import_calls(crm, path, "root"))

        again = import_calls(crm, path, "root")
        in_all = crm.as_admin("root").count()
        print(f"Run again: {again.already_there:,} already there, {in_all:,} in all")


if __name__ == "__main__":
    main()
