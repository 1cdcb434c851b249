# Generated from tests/_async/transfer/test_presets.py by scripts/unasync.py; do not edit.
"""Presets for the exports of other systems, in every format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.workbooks import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import InteractionsClient


HEADER = ["Record ID", "Call title", "Call direction", "Activity date", "Associated Contact"]
LINE = ["1", "Intro", "Inbound", "2026-05-01 10:00", "Acme"]


def test_each_format_has_presets(crm: InteractionsClient, tmp_path: Path) -> None:
    """A workbook with the same records adds nothing; JSON is recognized as an export of Close."""
    customer = crm.customers.ensure("acme")
    mapping = tmp_path / "people.csv"
    mapping.write_text(
        f"kind,external_id,name,id\ncustomer,,Acme,{customer.id}\ncustomer,l,Acme,{customer.id}\n"
    )
    table, sheet, leads = (tmp_path / f"calls.{suffix}" for suffix in ("csv", "xlsx", "json"))
    table.write_text(",".join(HEADER) + "\n" + ",".join(LINE) + "\n")
    write_workbook(sheet, {"Calls": [HEADER, LINE]})
    activity = {"_type": "Note", "id": "a", "note": "Hi", "date_created": "2026-05-01T10:00:00Z"}
    leads.write_text(json.dumps([{"id": "l", "name": "Acme", "activities": [activity]}]))
    root = crm.as_admin("root")
    first = root.import_csv(table, preset="hubspot", mapping=mapping, tz="UTC")
    second = root.import_xlsx(sheet, preset="auto", mapping=mapping, tz="UTC")
    third = root.import_jsonl(leads, preset="close", mapping=mapping)
    assert (1, 1, 1) == (first.new, second.already_there, third.new)
    assert ["HubSpot calls", "HubSpot calls", "Close activities"] == [
        report.layout for report in (first, second, third)
    ]
