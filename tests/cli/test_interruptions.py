"""Ctrl-C during long commands in a real process."""

from __future__ import annotations

import csv
import json
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionCreate, InteractionsClient, wire
from interactions_sdk.wire import query
from interactions_sdk.wire.tables import tables_for
from tests.processes import CLI, Program
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

LINES = 4900
THEN = datetime(2020, 5, 1, tzinfo=UTC)
ROOT = ("--admin", "root")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send"),
]


def interrupt(*arguments: str, when: Callable[[], bool]) -> str:
    """Run a command, interrupt it once a condition is true, and return its output."""
    with Program(*CLI, *arguments) as program:
        wait_until(lambda: when() or not program.is_running)
        program.send_signal(signal.SIGINT)
        assert 130 == program.exit_code(), program.errors
    assert "Traceback" not in program.errors
    return program.errors


def audited(crm: InteractionsClient) -> Counter[str | None]:
    """Return the number of audit rows of each interaction."""
    table = tables_for(crm.settings).audit
    assert table is not None
    page = crm._connection.send(wire.list_rows(table, [query.limit(query.MAX_LIMIT)]))
    assert len(page.rows) < query.MAX_LIMIT
    return Counter(entry.entity_id for entry in page.rows)


def test_an_import_goes_on_where_it_was(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """After Ctrl-C, a second import completes the first, without duplicates."""
    with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(["interaction_type", "subject"])
        for number in range(LINES):
            write(["call", f"Call {number}"])
    ada, command = crm.as_user("ada"), ("import", "calls.csv", "--user", "ada")

    said = interrupt(*command, when=lambda: ada.count() > 0)

    written = [each.id for each in ada.iterate()]
    assert 0 < len(written) < LINES
    assert Counter(written) == audited(crm)
    assert "Completed writes are consistent" in said

    assert LINES == json.loads(run(*command, "--json"))["lines"]

    subjects = Counter(each.subject for each in ada.iterate())
    assert Counter(f"Call {number}" for number in range(LINES)) == subjects
    assert Counter(each.id for each in ada.iterate()) == audited(crm)
    assert (
        max(each.created_at for each in ada.iterate())
        == crm.customers.get_by_user_id("ada").last_contact_at
    )


def test_an_archive_goes_on_where_it_was(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """After Ctrl-C, each interaction is in the database or in a file, and all can be restored."""
    ada = crm.as_user("ada")
    ada.create_many(
        InteractionCreate(interaction_type="call", subject=f"Call {number}", occurred_at=THEN)
        for number in range(LINES)
    ).raise_for_failures()
    before = {each.id: each for each in ada.iterate()}
    command = ("archive", "old", "--before", "2021-01-01", *ROOT)

    interrupt(*command, when=lambda: any((folder / "old").rglob("*.parquet")))
    run(*command)

    assert 0 == ada.count()
    run("restore", "old", *ROOT)
    assert before == {each.id: each for each in ada.iterate()}
    assert LINES == ada.count()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_export_is_whole_or_not_there(
    crm: InteractionsClient, folder: Path, suffix: str
) -> None:
    """An interrupted export leaves no file."""
    crm.as_user("ada").create_many(
        InteractionCreate(interaction_type="call", subject=f"Call {number}")
        for number in range(LINES)
    ).raise_for_failures()
    pattern = f"all.{suffix}.*.part"

    interrupt("export", f"all.{suffix}", *ROOT, when=lambda: any(folder.glob(pattern)))

    assert [] == list(folder.glob("all.*"))
