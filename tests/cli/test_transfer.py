"""Interactions to files, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run

ROOT = ("--admin", "root")


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_what_was_exported_is_imported(
    run: Run, crm: InteractionsClient, folder: Path, suffix: str
) -> None:
    """Into another file, with nothing to say about columns."""
    call = crm.as_user("ada").log_call("Renewal", duration=12)
    assert "Wrote 1 interactions" in run("export", f"all.{suffix}", *ROOT, "--since", "today")
    crm.as_user("ada").delete(call.id)
    assert "1 imported" in run("import", f"all.{suffix}", *ROOT)
    assert "Renewal" in run("timeline", "ada")
    assert (folder / f"all.{suffix}").exists()


def test_an_export_is_told_to_machines(run: Run, crm: InteractionsClient) -> None:
    """How many, and where."""
    crm.as_user("ada").log_call("Renewal")
    said = json.loads(run("export", "all.parquet", "--user", "ada", "--json"))
    assert {"written": 1, "file": "all.parquet"} == said


def test_a_file_of_another_system_is_imported(
    run: Run, crm: InteractionsClient, folder: Path
) -> None:
    """Columns are mapped; rejected lines are kept, with exit code 1; no line is imported twice."""
    lines = ["topic,min", "Renewal,12", "Offer,long", *(f"Bad {n},x" for n in range(12))]
    (folder / "calls.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    named = ("--column", "subject=topic", "--column", "duration=min")
    command = ("import", "calls.csv", "--user", "ada", *named, "--value", "interaction_type=call")
    run(*command, "--dry-run", code=1)
    assert 0 == crm.as_user("ada").count()
    run(*command, "--rejects", "bad.csv", code=1)
    run(*command, "--resume", "--json", code=1)
    assert 1 == crm.as_user("ada").count()
    assert "Offer" in (folder / "bad.csv").read_text(encoding="utf-8")
    assert "FIELD" in run("import", "calls.csv", "--user", "ada", "--column", "x", code=2)


def test_the_name_tells_the_format(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """Others are refused."""
    assert crm.as_user("ada").count() == 0
    (folder / "calls.xls").write_bytes(b"")
    assert ".jsonl" in run("import", "calls.xls", *ROOT, code=2)
    assert ".parquet" in run("export", "calls.xls", *ROOT, code=2)


def test_old_interactions_go_and_come_back(run: Run, crm: InteractionsClient) -> None:
    """A dry run first; then everything is in the archive, and then back in the database."""
    then = datetime(2020, 5, 1, tzinfo=UTC)
    call = crm.as_user("ada").log_call("Old", occurred_at=then)
    command = ("archive", "old", "--before", "2021-01-01", *ROOT)
    told = {"dry_run": True, "older": 1, "open_follow_ups": 0}
    assert told == json.loads(run(*command, "--dry-run", "--json"))
    assert "Archived" in run(*command)
    assert 0 == crm.as_user("ada").count()
    assert 1 == json.loads(run("restore", "old", *ROOT, "--year", "2020", "--json"))["restored"]
    assert call == crm.as_user("ada").get(call.id)
    assert "Restored" in run("restore", "old", *ROOT)


def test_what_stays_is_told_beforehand(run: Run, crm: InteractionsClient) -> None:
    """Open follow-ups are not archived, however old they are; younger ones are not counted."""
    ada, then = crm.as_user("ada"), datetime(2020, 5, 1, tzinfo=UTC)
    for at in (then, datetime(2022, 5, 1, tzinfo=UTC)):
        ada.log_task("Send it", occurred_at=at, next_action_date=datetime(2060, 5, 1, tzinfo=UTC))
    ada.log_call("Old", occurred_at=then)
    command = ("archive", "old", "--before", "2021-01-01", *ROOT, "--json")
    told = {"dry_run": True, "older": 2, "open_follow_ups": 1}
    assert told == json.loads(run(*command, "--dry-run"))
    done = {"archived": 1, "open_follow_ups": 1, "changed": 0}
    assert done == json.loads(run(*command))
