"""`interactions import calendar`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run


def test_a_calendar_is_imported(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """Events are logged for attendees or for a given customer; `--tz` applies to local times."""
    ada = crm.customers.get_by_user_id("ada")
    (folder / "team.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260501T100000\nDURATION:PT1H\n"
        "SUMMARY:Demo\nATTENDEE:mailto:eve@example.com\nEND:VEVENT\n"
        "BEGIN:VTODO\nUID:2\nSUMMARY:Send offer\nEND:VTODO\nEND:VCALENDAR\n"
    )
    (folder / "known.csv").write_text(f"eve@example.com,{ada.id}\n")
    command = ("import", "calendar", "team.ics", "--own", "acme.example", "--admin", "root")
    options = ("--since", "2026-01-01", "--tz", "Europe/Zurich")
    said = run(*command, *options, "--dry-run")
    assert "2 items: 0 would be new" in said
    assert "1 without a customer" in said
    assert "1 skipped (private)" in said
    known = ("--customers", "known.csv", "--customer", ada.id)
    assert "2 items: 2 new" in run(*command, *options, *known)
    [meeting] = crm.as_user("ada").find(interaction_type="meeting")
    assert "2026-05-01T08:00:00+00:00" == meeting.created_at.isoformat()
