"""Importing calendars: each event once, and newer versions update it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import AsyncInteractionsClient, InteractionUpdate

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.transfer import SourceReport

pytestmark = pytest.mark.anyio

PEOPLE = "ORGANIZER:mailto:bob@acme.example\nATTENDEE:mailto:ada@example.com\n"


async def imported(
    crm: AsyncInteractionsClient, folder: Path, lines: str, *, kind: str = "VEVENT"
) -> SourceReport:
    """Import a calendar with one event, after a dry run that changes nothing."""
    path = folder / "calendar.ics"
    path.write_text(
        f"BEGIN:VCALENDAR\nBEGIN:{kind}\nUID:1\n{PEOPLE}{lines}\nEND:{kind}\nEND:VCALENDAR\n"
    )
    root = crm.as_admin("root")
    before = [each async for each in root.iterate()]
    dry = await root.import_calendar(path, own="acme.example", since="2026-01-01", dry_run=True)
    assert before == [each async for each in root.iterate()]
    report = await root.import_calendar(path, own="acme.example", since="2026-01-01")
    assert (dry.new, dry.updated, dry.already_there, dry.changed_since, dry.skipped) == (
        report.new,
        report.updated,
        report.already_there,
        report.changed_since,
        report.skipped,
    )
    return report


async def the_one(crm: AsyncInteractionsClient) -> CustomerInteraction:
    """Return the only interaction."""
    [found] = [each async for each in crm.as_admin("root").iterate()]
    return found


@pytest.fixture
async def ada(acrm: AsyncInteractionsClient) -> str:
    """Return the ID of Ada's customer record."""
    return (await acrm.customers.create("ada", email="ada@example.com")).id


EVENT = "DTSTART:20260501T080000Z\nDURATION:PT1H\nSUMMARY:Demo"


async def test_a_newer_version_updates_what_is_there(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """Each newer version updates the interaction, but keeps an outcome that was added since."""
    assert 1 == (await imported(acrm, tmp_path, EVENT)).new
    assert 1 == (await imported(acrm, tmp_path, EVENT)).already_there
    second = EVENT.replace("Demo", "Second demo") + "\nSEQUENCE:1\nLOCATION:Bern"
    assert 1 == (await imported(acrm, tmp_path, second)).updated
    demo = await the_one(acrm)
    assert demo.metadata is not None
    assert (ada, "Second demo", "Bern") == (demo.customer_id, demo.subject, demo.metadata.location)
    assert 1 == (await imported(acrm, tmp_path, second)).already_there
    await acrm.as_admin("root").update(demo.id, InteractionUpdate(outcome="successful"))
    assert 1 == (await imported(acrm, tmp_path, second)).changed_since
    third = await imported(acrm, tmp_path, second.replace("SEQUENCE:1", "SEQUENCE:2\nX-NOTE:x"))
    assert (1, 0) == (third.updated, third.changed_since)
    assert "successful" == (await the_one(acrm)).outcome


async def test_an_older_or_equal_version_changes_nothing(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """The version number decides, not the content."""
    await imported(acrm, tmp_path, f"{EVENT}\nSEQUENCE:3")
    for sequence in (2, 3):
        older = EVENT.replace("Demo", "Other") + f"\nSEQUENCE:{sequence}"
        assert 1 == (await imported(acrm, tmp_path, older)).changed_since
    assert ("Demo", ada) == ((await the_one(acrm)).subject, (await the_one(acrm)).customer_id)


async def test_a_cancellation_is_noted_where_the_event_is_there(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """A cancellation updates an imported event; for an unknown event, it is skipped."""
    cancelled = f"{EVENT}\nSTATUS:CANCELLED\nSEQUENCE:1"
    assert {"cancelled": 1} == (await imported(acrm, tmp_path, cancelled)).skipped
    await imported(acrm, tmp_path, EVENT)
    assert 1 == (await imported(acrm, tmp_path, cancelled)).updated
    assert ("cancelled", ada) == ((await the_one(acrm)).outcome, (await the_one(acrm)).customer_id)
    assert 1 == (await imported(acrm, tmp_path, cancelled)).already_there


async def test_the_due_date_of_a_task_moves(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """A new due date is taken over only if it is in the future."""
    task = "CREATED:20260501T080000Z\nSUMMARY:Send\nDUE:{}\nSEQUENCE:{}"
    await imported(acrm, tmp_path, task.format("20360501T080000Z", 0), kind="VTODO")
    await imported(acrm, tmp_path, task.format("20360601T080000Z", 1), kind="VTODO")
    moved = datetime(2036, 6, 1, 8, tzinfo=UTC)
    assert (moved, ada) == (
        (await the_one(acrm)).next_action_date,
        (await the_one(acrm)).customer_id,
    )
    past = await imported(acrm, tmp_path, task.format("20260601T080000Z", 2), kind="VTODO")
    assert 1 == past.updated
    assert moved == (await the_one(acrm)).next_action_date


async def test_metadata_that_others_wrote_is_no_older_version(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """With an invalid sequence, the event counts as changed; without metadata, it is updated."""
    await imported(acrm, tmp_path, EVENT)
    root, meeting = acrm.as_admin("root"), await the_one(acrm)
    assert ada == meeting.customer_id
    assert meeting.metadata is not None
    strange = meeting.metadata.with_custom_field("sequence", "x")
    await root.update(meeting.id, InteractionUpdate(metadata=strange))
    newer = f"{EVENT}\nSEQUENCE:1"
    assert 1 == (await imported(acrm, tmp_path, newer)).changed_since
    await root.update(meeting.id, InteractionUpdate(metadata=None))
    assert 1 == (await imported(acrm, tmp_path, newer)).updated


OCCURRENCE = "RECURRENCE-ID:2026050{0}T080000Z\nDTSTART:2026050{0}T120000Z\nSUMMARY:Moved {0}"


async def test_two_occurrences_in_files_of_their_own_are_two_meetings(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """Occurrences of a series may come in separate files, imported one by one or as a folder."""
    root = acrm.as_admin("root")
    for day in (1, 2):
        assert 1 == (await imported(acrm, tmp_path, OCCURRENCE.format(day))).new
    folder = tmp_path / "folder"
    for day in (1, 2, 3):
        (folder / str(day)).mkdir(parents=True)
        await imported(acrm, folder / str(day), OCCURRENCE.format(day))
    report = await root.import_calendar(folder, own="acme.example", since="2026-01-01")
    assert (0, 3) == (report.new, report.already_there)
    found = [each async for each in root.iterate()]
    assert {("Moved 1", ada), ("Moved 2", ada), ("Moved 3", ada)} == {
        (each.subject, each.customer_id) for each in found
    }
    assert 3 == len(found)


async def test_an_occurrence_that_is_moved_later_is_not_there_twice(
    acrm: AsyncInteractionsClient, ada: str, tmp_path: Path
) -> None:
    """A file with a changed occurrence updates the one that was imported with the series."""
    series = "DTSTART:20260501T080000Z\nRRULE:FREQ=DAILY;COUNT=2\nSUMMARY:Daily"
    assert 2 == (await imported(acrm, tmp_path, series)).new
    assert 1 == (await imported(acrm, tmp_path, f"{OCCURRENCE.format(2)}\nSEQUENCE:1")).updated
    found = [each async for each in acrm.as_admin("root").iterate()]
    assert [("Daily", ada), ("Moved 2", ada)] == sorted(
        (each.subject or "", each.customer_id) for each in found
    )
