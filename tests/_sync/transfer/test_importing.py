# Generated from tests/_async/transfer/test_importing.py by scripts/unasync.py; do not edit.
"""Imports: each line is written once, however often they run; rejected lines go to a file."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    PermissionDeniedError,
    RequestEvent,
    RetryPolicy,
    Settings,
    transfer,
)
from interactions_sdk._sync.transfer import importing
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport
from tests.workbooks import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk.transfer import ColumnMapping


CALLS = """\
client,date,seconds,result,note
ada,3.4.2026 14:30,261,yes,=1+1
bob,4.4.2026 09:00,5,no,"two
lines"
eve,5.4.2026 09:00,5,no,no such client
ada,6.4.2026 09:00,long,no,no number
ada,31.4.2026 09:00,5,maybe,"no date, no result"
bob,7.4.2026 09:00,0,no,
"""
COLUMNS: ColumnMapping = {
    "interaction_type": transfer.constant("call"),
    "customer_id": transfer.customer_by("userId", "client"),
    "occurred_at": transfer.dates("date", tz="Europe/Zurich", dayfirst=True),
    "duration": transfer.minutes("seconds"),
    "outcome": transfer.map_values("result", {"yes": "successful", "no": "other"}),
    "description": "note",
    "metadata": transfer.custom_fields("seconds"),
}
AT_ONCE = RetryPolicy(retries=0)


@pytest.fixture
def crm(crm: InteractionsClient) -> InteractionsClient:
    """Return a client of a server with two customers."""
    crm.customers.ensure("ada")
    crm.customers.ensure("bob")
    return crm


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Return a file with valid and invalid lines."""
    path = tmp_path / "calls.csv"
    path.write_text(CALLS, encoding="utf-8")
    return path


def test_a_file_becomes_interactions(crm: InteractionsClient, calls: Path) -> None:
    """Valid lines are logged with dates, minutes and customers; others are reported."""
    root = crm.as_admin("root")
    told: list[int] = []
    report = root.import_csv(calls, COLUMNS, on_progress=told.append)
    assert (6, 3, 3, False) == (
        report.lines,
        report.imported,
        report.rejected_count,
        report.dry_run,
    )
    assert [
        "line 5: customer_id: no customer found whose userId is 'eve'",
        "line 6: duration: 'long' is not a number of seconds",
        "line 7: occurred_at: '31.4.2026 09:00' is not a date: day is out of range for month",
    ] == [str(line) for line in report.rejected]
    assert 6 == told[-1]
    found = (root.find(newest_first=False)).items
    ada = crm.customers.get_by_user_id("ada")
    bob = crm.customers.get_by_user_id("bob")
    assert [
        (ada.id, datetime(2026, 4, 3, 12, 30, tzinfo=UTC), 5 - 1, "successful", "=1+1"),
        (bob.id, datetime(2026, 4, 4, 7, tzinfo=UTC), 1, "other", "two\nlines"),
        (bob.id, datetime(2026, 4, 7, 7, tzinfo=UTC), None, "other", None),
    ] == [
        (each.customer_id, each.created_at, each.duration, each.outcome, each.description)
        for each in found
    ]
    assert found[0].metadata is not None
    assert {"seconds": "261"} == found[0].metadata.custom_fields
    assert datetime(2026, 4, 3, 12, 30, tzinfo=UTC) == ada.last_contact_at


def test_a_second_run_doubles_nothing(crm: InteractionsClient, calls: Path) -> None:
    """The key of a line identifies its interaction; another source has other keys."""
    root = crm.as_admin("root")
    first = root.import_csv(calls, COLUMNS)
    again = root.import_csv(calls, COLUMNS)
    assert (3, 0) == (first.new, first.already_there)
    assert (0, 3, 0, 3) == (again.new, again.already_there, again.changed_since, again.refused)
    assert first.rejected == again.rejected
    assert 3 == root.count()
    root.import_csv(calls, COLUMNS, source="next week")
    assert 6 == root.count()


def test_a_dry_run_writes_nothing(crm: InteractionsClient, calls: Path) -> None:
    """A dry run reports the same lines as the import."""
    root = crm.as_admin("root")
    dry = root.import_csv(calls, COLUMNS, dry_run=True)
    assert 0 == root.count()
    wet = root.import_csv(calls, COLUMNS)
    assert dry.dry_run
    assert (dry.imported, dry.rejected) == (wet.imported, wet.rejected)


def test_bad_lines_are_mended_and_imported(
    crm: InteractionsClient, calls: Path, tmp_path: Path
) -> None:
    """The file of rejected lines has the same columns, plus a number and a reason."""
    root = crm.as_admin("root")
    rejects = tmp_path / "bad.csv"
    root.import_csv(calls, COLUMNS, rejects=rejects)
    text = rejects.read_text(encoding="utf-8-sig")
    assert text.startswith("client,date,seconds,result,note,line,reason")
    mended = text.replace("eve,", "ada,").replace("long", "60").replace("31.4.", "30.4.")
    rejects.write_text(mended.replace("maybe", "yes"), encoding="utf-8")
    report = root.import_csv(rejects, COLUMNS)
    assert (3, 3, ()) == (report.lines, report.imported, report.rejected)
    assert 6 == root.count()


def test_a_file_of_good_lines_puts_nothing_aside(crm: InteractionsClient, tmp_path: Path) -> None:
    """Without rejected lines there is no file, and the imported file cannot be overwritten."""
    path, rejects = tmp_path / "calls.csv", tmp_path / "bad.csv"
    path.write_text("interaction_type,subject\ncall,Renewal\n")
    ada = crm.as_user("ada")
    report = ada.import_csv(path, rejects=rejects)
    assert (1, False) == (report.imported, rejects.exists())
    with pytest.raises(BadRequestError, match="must not be the imported file"):
        ada.import_csv(path, rejects=path)
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(BadRequestError, match="must not be the imported file"):
        ada.import_csv(path, rejects=tmp_path / "elsewhere" / ".." / "calls.csv")


def test_a_user_imports_only_what_is_its_own(crm: InteractionsClient, calls: Path) -> None:
    """To a user, other users' customers do not exist."""
    report = crm.as_user("ada").import_csv(calls, COLUMNS, dry_run=True)
    assert "line 3: customer_id: no customer found whose userId is 'bob'" == str(report.rejected[0])
    assert 1 == report.imported


def test_customers_that_are_missing_are_told_of(crm: InteractionsClient, tmp_path: Path) -> None:
    """Missing customers are reported by a dry run, too, whether by user or by ID."""
    ada = crm.customers.get_by_user_id("ada")
    path = tmp_path / "calls.jsonl"
    lines = [{"customer_id": ada.id}, {"customer_id": "nobody"}, {"customer_id": "no/id"}, {}]
    path.write_text(
        "".join(json.dumps({"interaction_type": "call"} | each) + "\n" for each in lines)
    )
    root = crm.as_admin("root")
    dry = root.import_jsonl(path, dry_run=True)
    wet = root.import_jsonl(path)
    assert [2, 3, 4] == [line.number for line in dry.rejected]
    assert (dry.imported, dry.rejected) == (wet.imported, wet.rejected)


def test_json_lines_with_a_mapping(crm: InteractionsClient, tmp_path: Path) -> None:
    """Values may be numbers and objects; rejected lines are kept with the reason."""
    path, rejects = tmp_path / "calls.jsonl", tmp_path / "bad.jsonl"
    path.write_text('{"kind": "call", "m": 12}\n{"kind": "visit"}\noops\n')
    ada = crm.as_user("ada")
    columns: ColumnMapping = {"interaction_type": "kind", "duration": "m"}
    report = ada.import_jsonl(path, columns, rejects=rejects)
    assert (3, 1, 2) == (report.lines, report.imported, report.rejected_count)
    visit, oops = rejects.read_text().splitlines()
    assert ("visit", 2) == (json.loads(visit)["kind"], json.loads(visit)["line"])
    assert "oops" == oops
    assert 12 == (ada.find()).items[0].duration


def test_other_encodings(crm: InteractionsClient, tmp_path: Path) -> None:
    """Undecodable lines are rejected; an unknown encoding raises an error."""
    path, rejects = tmp_path / "calls.csv", tmp_path / "bad.csv"
    path.write_bytes("interaction_type;subject\ncall;Café\n".encode("cp1252"))
    ada = crm.as_user("ada")
    report = ada.import_csv(path, delimiter=";", rejects=rejects)
    assert "line 2: the byte 0xe9 is not a character in the encoding utf-8-sig" == str(
        report.rejected[0]
    )
    assert b"Caf\xe9" in rejects.read_bytes()
    ada.import_csv(path, delimiter=";", encoding="cp1252")
    assert ["Café"] == [each.subject for each in (ada.find()).items]
    with pytest.raises(BadRequestError, match="Unknown encoding 'klingon'"):
        ada.import_csv(path, encoding="klingon")


def test_many_bad_lines_are_counted_and_not_all_held(
    crm: InteractionsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report contains at most a fixed number of lines, but counts all of them."""
    monkeypatch.setattr(importing, "MAX_LISTED_REJECTS", 2)
    monkeypatch.setattr(importing, "_BATCH_SIZE", 2)
    path = tmp_path / "calls.csv"
    path.write_text("interaction_type\n" + "visit\n" * 5 + "call\n")
    report = crm.as_user("ada").import_csv(path)
    assert (6, 1, 5, 2) == (
        report.lines,
        report.imported,
        report.rejected_count,
        len(report.rejected),
    )


def test_an_import_goes_on_after_a_crash(calls: Path) -> None:
    """Whichever request fails, a second run completes the import without duplicates."""
    for at in range(1, 30):
        server = start_embedded_server(":memory:", Settings(verify_users=False))
        settings = Settings(verify_users=False, bulk_size=1)
        address = ("http://embedded/v1", server.project)
        with InteractionsClient(
            *address, api_key=server.api_key, settings=settings, transport=server.transport
        ) as crm:
            crm.customers.ensure("ada")
            crm.customers.ensure("bob")
            transport = FaultyTransport(
                server.transport, Fault.RESET_AFTER_WRITE, first=at, count=None
            )
            broken = InteractionsClient(
                *address,
                api_key=server.api_key,
                settings=settings,
                transport=transport,
                retry=AT_ONCE,
            )
            with suppress(APIConnectionError):
                broken.as_admin("root").import_csv(calls, COLUMNS)
            was_reached = len(transport.requests) >= at
            root = crm.as_admin("root")
            assert 3 == (root.import_csv(calls, COLUMNS)).imported
            assert 3 == root.count()
        server.close()
        if not was_reached:
            return
    pytest.fail("the import takes more requests than were failed")


def test_a_dead_server_rejects_no_line(crm: InteractionsClient, calls: Path) -> None:
    """An outage stops the import, and the error suggests running it again."""
    settings = Settings(verify_users=False)
    server = crm._server
    assert server is not None
    broken = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=FaultyTransport(
            server.transport, Fault.REFUSED, count=None, method="POST", route="*/rows"
        ),
        retry=AT_ONCE,
    )
    with pytest.raises(APIConnectionError) as refused:
        broken.as_admin("root").import_csv(calls, COLUMNS)
    assert "Import stopped at line 2. Run it again" in refused.value.__notes__[0]


def test_a_refusal_of_the_whole_import_is_raised(crm: InteractionsClient, calls: Path) -> None:
    """Errors that do not depend on a line, such as a missing permission, are raised."""
    with InteractionsClient.embedded(settings=Settings(verify_users=True)) as other:
        with pytest.raises((PermissionDeniedError, LookupError)):
            other.as_admin("root").import_csv(calls, COLUMNS)
    with pytest.raises(BadRequestError, match="no column 'kind'"):
        crm.as_admin("root").import_csv(calls, {"interaction_type": "kind"})


def test_customers_are_compared_to_the_letter(
    crm: InteractionsClient, ada: InteractionRepository, tmp_path: Path
) -> None:
    """`Ada` and `ada` are different users, although Appwrite's equality matches both."""
    path = tmp_path / "calls.csv"
    path.write_text("kind,who\ncall,Ada\n")
    columns: ColumnMapping = {
        "interaction_type": "kind",
        "customer_id": transfer.customer_by("userId", "who"),
    }
    report = crm.as_admin("root").import_csv(path, columns)
    assert [2] == [line.number for line in report.rejected]
    assert 0 == ada.count()


def test_the_next_run_looks_customers_up_anew(crm: InteractionsClient, tmp_path: Path) -> None:
    """Customers are looked up again by each run."""
    path = tmp_path / "calls.csv"
    path.write_text("kind,who\ncall,ada\n")
    columns: ColumnMapping = {
        "interaction_type": "kind",
        "customer_id": transfer.customer_by("userId", "who"),
    }
    root = crm.as_admin("root")
    before = crm.customers.ensure("ada")
    root.import_csv(path, columns)
    with crm.transaction() as transaction:
        transaction.update("customers", before.id, {"userId": "former"})
    after = crm.customers.create(user_id="ada", id="new")
    root.import_csv(path, columns)
    assert [before.id, after.id] == [each.customer_id for each in root.iterate(newest_first=False)]


def test_a_dry_run_reads_customers_together(tmp_path: Path) -> None:
    """A dry run reads customers in batches and sends no more requests than the import."""
    sent: list[RequestEvent] = []
    path = tmp_path / "calls.csv"
    with InteractionsClient.embedded(settings=Settings(cache_ttl=0), on_request=sent.append) as crm:
        ids = [(crm.customers.ensure(f"user{number}")).id for number in range(5)]
        path.write_text("kind,who\n" + "".join(f"call,{each}\n" for each in [*ids, "?"]))
        columns: ColumnMapping = {"interaction_type": "kind", "customer_id": "who"}
        sent.clear()
        report = crm.as_admin("root").import_csv(path, columns, dry_run=True)
    assert (5, [7]) == (report.new, [line.number for line in report.rejected])
    # One request reads the customers, one the audit rows and one the interactions of 100 lines.
    assert 3 == len(sent)


SALESFORCE = """\
Id,Subject,CreatedDate,ActivityDate,Status
00T1,Call back,2026-03-02T08:00:00.000+0000,2026-03-09,Open
00T2,Send offer,2026-03-02T09:00:00.000+0000,2026-03-02,Open
00T3,Check in,2026-03-02T09:30:00.000+0000,,Open
"""


def test_tasks_of_another_system_are_imported_as_overdue(
    crm: InteractionsClient, tmp_path: Path
) -> None:
    """A due date without a time is the end of that day in the import's zone, even if past."""
    path = tmp_path / "tasks.csv"
    path.write_text(SALESFORCE)
    columns: ColumnMapping = {
        "id": "Id",
        "interaction_type": transfer.constant("task"),
        "subject": "Subject",
        "occurred_at": "CreatedDate",
        "next_action_date": "ActivityDate",
    }
    ada = crm.as_user("ada")
    report = ada.import_csv(path, columns, tz="America/New_York")
    assert (3, 0) == (report.new, report.refused)
    due = [each.next_action_date for each in ada.follow_ups.overdue()]
    assert [
        datetime(2026, 3, 3, 4, 59, 59, 999000, tzinfo=UTC),
        datetime(2026, 3, 10, 3, 59, 59, 999000, tzinfo=UTC),
    ] == due
    without_contact: ColumnMapping = {
        "interaction_type": transfer.constant("task"),
        "next_action_date": "ActivityDate",
    }
    undated = ada.import_csv(path, without_contact, tz="UTC", source="again")
    assert (3, 0) == (undated.new, undated.refused)
    summary = undated.dates[0]
    assert ("next_action_date", ("ActivityDate",), {"%Y-%m-%d": 2}, "UTC") == (
        summary.field,
        summary.columns,
        summary.formats,
        summary.tz,
    )


@pytest.mark.unmeasured
def test_an_export_imported_again_is_there_already(crm: InteractionsClient, tmp_path: Path) -> None:
    """Imported again, an export changes nothing, and rows that changed since are reported."""
    ada = crm.as_user("ada")
    soon = datetime.now(UTC) + timedelta(days=3)
    plain = ada.log_call("Plain", duration=3)
    changed = ada.log_call("Changed")
    ada.update(changed.id, InteractionUpdate(outcome="busy", description="Now with notes"))
    done = ada.log_task("Done", next_action_date=soon)
    ada.follow_ups.complete(done.id, note="sent")
    put_off = ada.log_task("Put off", next_action_date=soon)
    ada.follow_ups.snooze(put_off.id, by=timedelta(days=1))
    ada.log_note("Old", occurred_at=datetime(2020, 5, 1, tzinfo=UTC))
    ada.log_email("=1+1", metadata=InteractionMetadata(tags=["vip"], custom_fields={"n": 1}))
    for suffix in ("csv", "jsonl"):
        path = tmp_path / f"all.{suffix}"
        assert 6 == getattr(ada, f"export_{suffix}")(path)
        read = getattr(ada, f"import_{suffix}")
        for dry_run in (True, False):
            report = read(path, dry_run=dry_run)
            assert (0, 6, 0, ()) == (
                report.new,
                report.already_there,
                report.changed_since,
                report.rejected,
            )
    ada.update(plain.id, InteractionUpdate(subject="Renamed"))
    ada.update(changed.id, InteractionUpdate(subject="Renamed"))
    for dry_run in (True, False):
        later = ada.import_csv(tmp_path / "all.csv", dry_run=dry_run)
        assert (0, 4, 2, 0) == (
            later.new,
            later.already_there,
            later.changed_since,
            later.refused,
        )
        assert f"line 3: interaction '{plain.id}' was changed since" == str(later.changed[0])
    assert 6 == ada.count()
    assert "Renamed" == (ada.get(plain.id)).subject


def test_without_an_audit_log_the_time_of_the_last_change_tells(tmp_path: Path) -> None:
    """Without an audit log, only a row that has not changed since can conflict with its line."""
    path = tmp_path / "calls.csv"
    path.write_text("interaction_type,id,subject\ncall,c1,One\ncall,c2,Two\n")
    settings = Settings(audit_table=None)
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        ada.import_csv(path)
        [call] = [each for each in ada.iterate() if each.subject == "One"]
        ada.update(call.id, InteractionUpdate(subject="Renamed"))
        path.write_text(path.read_text().replace("Two", "Other"))
        report = ada.import_csv(path)
    assert (1, 1) == (report.changed_since, report.refused)
    assert "was written before from another draft" in report.rejected[0].reason


def test_another_reading_of_an_unchanged_row_is_refused(
    crm: InteractionsClient, tmp_path: Path
) -> None:
    """An edited line conflicts with its unchanged row; other customers have their own rows."""
    path = tmp_path / "calls.csv"
    path.write_text("interaction_type,id,subject\ncall,c1,One\n")
    crm.as_user("ada").import_csv(path)
    assert 1 == (crm.as_user("bob").import_csv(path)).new
    [call] = (crm.as_user("ada").find()).items
    crm.as_user("ada").update(call.id, InteractionUpdate(subject="Renamed"))
    assert 1 == (crm.as_user("bob").import_csv(path)).already_there
    assert 1 == (crm.as_user("ada").import_csv(path)).changed_since
    path.write_text("interaction_type,id,subject\ncall,c1,Edited\n")
    assert 1 == (crm.as_user("bob").import_csv(path)).refused


def test_an_admin_imports_an_id_for_one_customer(crm: InteractionsClient, tmp_path: Path) -> None:
    """If an admin imports the same ID for two customers, the second one is rejected."""
    path = tmp_path / "calls.csv"
    results: list[tuple[int, int]] = []
    for user in ("ada", "bob"):
        own = (crm.customers.get_by_user_id(user)).id
        path.write_text(f"interaction_type,id,subject,customer_id\ncall,c1,One,{own}\n")
        report = crm.as_admin("root").import_csv(path)
        results.append((report.new, report.refused))
    assert [(1, 0), (0, 1)] == results


def test_a_messy_file_is_told_line_by_line(crm: InteractionsClient, tmp_path: Path) -> None:
    """Blank lines, empty dates, future dates and ambiguous times are reported with their line."""
    path, rejects = tmp_path / "calls.csv", tmp_path / "rejected.csv"
    path.write_text(
        "sep=;\nwhen;;topic;\n13.02.2026 09:00;;One;\n;;;\n\xa0;;\t;\n;;No date;\n"
        "01.03.2062 09:00;;Mistyped;\n25.10.2026 02:30;;Twice;\n",
        encoding="utf-8",
    )
    columns: ColumnMapping = {
        "interaction_type": transfer.constant("call"),
        "subject": "topic",
        "occurred_at": "when",
    }
    root = crm.as_user("ada")
    dry = root.import_csv(path, columns, tz="Europe/Zurich", dry_run=True)
    report = root.import_csv(path, columns, tz="Europe/Zurich", rejects=rejects)
    assert (4, 2, 2, 2) == (report.lines, report.new, report.refused, report.blank)
    assert [
        "line 6: occurred_at: the column 'when' is empty",
        (
            "line 7: occurred_at: An interaction is logged after it has happened, but "
            "2062-03-01T09:00:00+01:00 is in the future. Use next_action_date for planned actions"
        ),
    ] == [str(line) for line in report.rejected]
    assert (
        "line 8: occurred_at: the clocks of Europe/Zurich repeat '25.10.2026 02:30', which is "
        "2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00; read as 2026-10-25T02:30+02:00"
    ) == str(report.notes[0])
    (found,) = dry.dates
    assert ({"%d.%m.%Y %H:%M": 3}, "Europe/Zurich") == (found.formats, found.tz)
    assert (datetime(2026, 2, 13, 8, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == (
        found.earliest,
        found.latest,
    )
    ada = crm.customers.get_by_user_id("ada")
    assert datetime(2026, 10, 25, 0, 30, tzinfo=UTC) == ada.last_contact_at
    text = rejects.read_text(encoding="utf-8-sig")
    assert text.startswith("sep=;\nwhen;;topic;;line;reason\n;;No date;;6;")
    rejects.write_text(text.replace(";;No", "20.02.2026;;No").replace("2062", "2026"))
    assert 2 == (root.import_csv(rejects, columns, tz="Europe/Zurich")).new


def test_a_report_keeps_a_bounded_number_of_notes(
    crm: InteractionsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of notes in a report is limited."""
    monkeypatch.setattr(importing, "MAX_LISTED_REJECTS", 1)
    path = tmp_path / "calls.csv"
    path.write_text("when\n25.10.2026 02:30\n25.10.2026 02:31\n")
    columns: ColumnMapping = {"interaction_type": transfer.constant("call"), "occurred_at": "when"}
    report = crm.as_user("ada").import_csv(path, columns, tz="Europe/Zurich")
    assert (2, [2]) == (report.new, [note.number for note in report.notes])


def test_a_column_that_does_not_decide_stops_the_import(
    crm: InteractionsClient, tmp_path: Path
) -> None:
    """An ambiguous date format stops the import before anything is written, whatever `limit` is."""
    path = tmp_path / "calls.csv"
    columns: ColumnMapping = {"interaction_type": "kind", "occurred_at": "when"}
    path.write_text("kind,when\ncall,03/04/2026\ncall,05/06/2026\n")
    ada = crm.as_user("ada")
    with pytest.raises(BadRequestError, match="line 2: '03/04/2026' is 2026-04-03 or 2026-03-04"):
        ada.import_csv(path, columns, tz="UTC")
    path.write_text("kind,when\ncall,03/04/2026\ncall,13/06/2026\n")
    report = ada.import_csv(path, columns, tz="UTC", limit=1)
    assert (1, 1) == (report.lines, ada.count())
    (imported,) = (ada.find()).items
    assert datetime(2026, 4, 3, tzinfo=UTC) == imported.created_at
    with pytest.raises(BadRequestError, match="limit= must be 1 or more"):
        ada.import_csv(path, columns, limit=0)


def test_a_file_that_can_be_read_once_is_copied(crm: InteractionsClient, tmp_path: Path) -> None:
    """A pipe is copied, because its date formats are found in a first pass."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = "interaction_type,occurred_at,subject\ncall,13/02/2026,One\ncall,03/04/2026,Two\n"
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    ada = crm.as_user("ada")
    report = ada.import_csv(pipe, tz="UTC")
    writer.join(timeout=10)
    assert (2, {"%d/%m/%Y": 2}) == (report.new, report.dates[0].formats)


def test_a_workbook_is_imported(crm: InteractionsClient, tmp_path: Path) -> None:
    """Dates and integers of a workbook are converted; rejected rows are written as CSV."""
    path, rejects = tmp_path / "calls.xlsx", tmp_path / "rejected.csv"
    rows: list[list[object]] = [
        ["Topic", "When", "Due", "Minutes", "Paid"],
        ["Renewal", datetime(2026, 4, 3, 14, 30), date(2026, 4, 10), 12, True],  # noqa: DTZ001
        [None, "\xa0", None, None, None],
        ["Offer", datetime(2026, 4, 3), None, 1.5, False],  # noqa: DTZ001 - as a workbook has them
    ]
    write_workbook(path, {"Notes": [["nothing"]], "Calls": rows})
    columns: ColumnMapping = {
        "interaction_type": transfer.constant("call"),
        "subject": "Topic",
        "occurred_at": "When",
        "next_action_date": "Due",
        "duration": "Minutes",
        "metadata": transfer.custom_fields("Paid"),
    }
    ada = crm.as_user("ada")
    report = ada.import_xlsx(path, columns, sheet="Calls", tz="Europe/Berlin", rejects=rejects)
    assert (1, 1, 1) == (report.new, report.refused, report.blank)
    assert "line 4: duration: '1.5' is not an integer" == str(report.rejected[0])
    (call,) = (ada.find()).items
    assert (
        "Renewal",
        12,
        datetime(2026, 4, 3, 12, 30, tzinfo=UTC),
        datetime(2026, 4, 10, 21, 59, 59, 999000, tzinfo=UTC),
    ) == (call.subject, call.duration, call.created_at, call.next_action_date)
    assert call.metadata is not None
    assert {"Paid": "true"} == call.metadata.custom_fields
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace("1.5", "2"))
    assert 1 == (ada.import_csv(rejects, columns, tz="Europe/Berlin")).new
    with pytest.raises(BadRequestError, match="no sheet 'Tasks'; it has 'Notes', 'Calls'"):
        ada.import_xlsx(path, columns, sheet="Tasks")
    with pytest.raises(BadRequestError, match=r"The file has no column 'Topic'.*the sheet 'Notes'"):
        ada.import_xlsx(path, columns)
    path.write_text("not a workbook")
    with pytest.raises(BadRequestError, match="cannot be read as an Excel workbook"):
        ada.import_xlsx(path)


def test_a_time_span_of_a_workbook_is_read_as_seconds(
    crm: InteractionsClient, tmp_path: Path
) -> None:
    """Excel formats a duration of 90 minutes as 1:30:00."""
    path = tmp_path / "calls.xlsx"
    rows: list[list[object]] = [
        ["interaction_type", "description"],
        ["call", timedelta(minutes=90)],
    ]
    write_workbook(path, {"Calls": rows})
    assert 1 == (crm.as_user("ada").import_xlsx(path)).new
    (call,) = (crm.as_user("ada").find()).items
    assert "5400.0" == call.description


def test_a_workbook_needs_the_extra(
    crm: InteractionsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra."""
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(ConfigurationError, match="with the extra `excel`"):
        crm.as_user("ada").import_xlsx(tmp_path / "calls.xlsx")


def test_a_resumed_import_goes_on_behind_what_is_done(
    crm: InteractionsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Completed batches are skipped, and rejected lines of both runs are in one file."""
    monkeypatch.setattr(importing, "_BATCH_SIZE", 2)
    path, progress, rejects = (tmp_path / name for name in ("calls.csv", "done", "bad.csv"))
    path.write_text("interaction_type\ncall\nvisit\ncall\nvisit\ncall\n")
    ada = crm.as_user("ada")
    first = ada.import_csv(path, limit=2, resume=progress, rejects=rejects)
    assert (2, 1, 0) == (first.lines, first.new, first.skipped)
    second = ada.import_csv(path, resume=progress, rejects=rejects)
    assert (3, 2, 2) == (second.lines, second.new, second.skipped)
    assert ["interaction_type,line,reason", "visit,3", "visit,5"] == [
        ",".join(line.split(",")[:2]) if "visit" in line else line
        for line in rejects.read_text(encoding="utf-8-sig").splitlines()
    ]
    assert not progress.exists()


def test_progress_of_another_file_is_refused(crm: InteractionsClient, tmp_path: Path) -> None:
    """A progress file is rejected if the imported lines have changed, or if it is another file."""
    path, progress = tmp_path / "calls.csv", tmp_path / "done"
    path.write_text("interaction_type\ncall\ncall\n")
    ada = crm.as_user("ada")
    ada.import_csv(path, limit=1, resume=progress)
    path.write_text("interaction_type\nnote\ncall\n")
    with pytest.raises(BadRequestError, match="The first 1 lines have changed"):
        ada.import_csv(path, resume=progress)
    path.write_text("interaction_type\n")
    with pytest.raises(BadRequestError, match="The first 1 lines have changed"):
        ada.import_csv(path, resume=progress)
    progress.write_text("[]")
    with pytest.raises(BadRequestError, match="does not say how far"):
        ada.import_csv(path, resume=progress)


def test_an_import_waits_for_a_server_that_restarts(crm: InteractionsClient, calls: Path) -> None:
    """An import survives more refused connections than it has retries."""
    server = crm._server
    assert server is not None
    broken = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=Settings(verify_users=False),
        transport=FaultyTransport(server.transport, Fault.REFUSED, first=3, count=12),
        retry=RetryPolicy(retries=1, initial_delay=0.001, max_delay=0.01, max_elapsed=30),
    )
    assert 3 == (broken.as_admin("root").import_csv(calls, COLUMNS)).new
