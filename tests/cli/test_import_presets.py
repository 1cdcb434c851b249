"""`interactions import --preset`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run

ROOT = ("--admin", "root", "--tz", "UTC")


def test_a_dry_run_asks_for_the_customers(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """A dry run prints the recognized layout and the file in which to fill in IDs."""
    (folder / "calls.csv").write_text(
        "Record ID,Call title,Call direction,Activity date,Associated Contact\n"
        "1,Intro,Inbound,2026-05-01 10:00,Acme\n"
    )
    command = ("import", "calls.csv", "--preset", "auto", *ROOT)
    run(*command, "--dry-run", code=1)
    mapping = folder / "calls.csv.mapping.csv"
    run(*command, code=1)
    ada = crm.customers.get_by_user_id("ada")
    mapping.write_text(mapping.read_text(encoding="utf-8-sig").replace("Acme,", f"Acme,{ada.id}"))
    said = run(*command, "--dry-run")
    assert "1 line: 1 would be new" in said
    assert "HubSpot calls" in said
    assert "identified by name, so that namesakes are one: 1 customer (1 line)" in said
    run(*command, "--mapping", "calls.csv.mapping.csv", "--value", "outcome=successful")
    [call] = crm.as_user("ada").iterate()
    assert ("Intro", "successful") == (call.subject, call.outcome)


def test_an_export_of_close(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """Other activities are counted as left out; without a preset, JSON is not accepted."""
    ada = crm.customers.get_by_user_id("ada")
    at = {"date_created": "2026-05-01T10:00:00Z"}
    activities = [{"_type": "Note", "id": "1", "note": "Hi", **at}, {"_type": "Created", **at}]
    (folder / "leads.json").write_text(json.dumps([{"name": "Acme", "activities": activities}]))
    (folder / "people.csv").write_text(f"kind,name,id\ncustomer,Acme,{ada.id}\n")
    said = run("import", "leads.json", "--preset", "close", "--mapping", "people.csv", *ROOT)
    assert "Close activities; left out: 1 Created" in said
    assert "must end in .csv, .jsonl, .xlsx" in run("import", "leads.json", *ROOT, code=2)
