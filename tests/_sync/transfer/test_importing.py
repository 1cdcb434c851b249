# Generated from tests/_async/transfer/test_importing.py by scripts/unasync.py; do not edit.
"""Imports: each line once, however often they run, and a file of rejected lines."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    APIConnectionError,
    BadRequestError,
    InteractionRepository,
    InteractionsClient,
    PermissionDeniedError,
    RequestEvent,
    RetryPolicy,
    Settings,
    transfer,
)
from interactions_sdk._sync.transfer import importing
from interactions_sdk.embedded_setup import start_embedded
from interactions_sdk.testing import Fault, FaultyTransport

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
    "occurred_at": transfer.moment("date", tz="Europe/Zurich", day_first=True),
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
    """Return a file with good and bad lines."""
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
    ] == [str(line).removesuffix(": 31.4.2026 09:00") for line in report.rejected]
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
    """What is written is found by its line's key; another source has keys of its own."""
    root = crm.as_admin("root")
    first = root.import_csv(calls, COLUMNS)
    assert first == root.import_csv(calls, COLUMNS)
    assert 3 == root.count()
    root.import_csv(calls, COLUMNS, source="next week")
    assert 6 == root.count()


def test_a_dry_run_writes_nothing(crm: InteractionsClient, calls: Path) -> None:
    """It reports the same lines as the import itself."""
    root = crm.as_admin("root")
    dry = root.import_csv(calls, COLUMNS, dry_run=True)
    assert 0 == root.count()
    wet = root.import_csv(calls, COLUMNS)
    assert dry.dry_run
    assert (dry.imported, dry.rejected) == (wet.imported, wet.rejected)


def test_bad_lines_are_mended_and_imported(
    crm: InteractionsClient, calls: Path, tmp_path: Path
) -> None:
    """The file of bad lines has the same columns, after a number and a reason."""
    root = crm.as_admin("root")
    rejects = tmp_path / "bad.csv"
    root.import_csv(calls, COLUMNS, rejects=rejects)
    text = rejects.read_text(encoding="utf-8-sig")
    assert text.startswith("import_line,import_error,client,")
    mended = text.replace("eve,", "ada,").replace("long", "60").replace("31.4.", "30.4.")
    rejects.write_text(mended.replace("maybe", "yes"), encoding="utf-8")
    report = root.import_csv(rejects, COLUMNS)
    assert (3, 3, ()) == (report.lines, report.imported, report.rejected)
    assert 6 == root.count()


def test_a_file_of_good_lines_puts_nothing_aside(crm: InteractionsClient, tmp_path: Path) -> None:
    """No file is made without need, and the file that is read is never overwritten."""
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
    """Other people's customers are not found, as if there were none."""
    report = crm.as_user("ada").import_csv(calls, COLUMNS, dry_run=True)
    assert "line 3: customer_id: no customer found whose userId is 'bob'" == str(report.rejected[0])
    assert 1 == report.imported


def test_customers_that_are_missing_are_told_of(crm: InteractionsClient, tmp_path: Path) -> None:
    """A dry run knows them as the import does, by their ids as well."""
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
    """Values may be numbers and objects; rejected lines are kept with their reasons."""
    path, rejects = tmp_path / "calls.jsonl", tmp_path / "bad.jsonl"
    path.write_text('{"kind": "call", "m": 12}\n{"kind": "visit"}\noops\n')
    ada = crm.as_user("ada")
    columns: ColumnMapping = {"interaction_type": "kind", "duration": "m"}
    report = ada.import_jsonl(path, columns, rejects=rejects)
    assert (3, 1, 2) == (report.lines, report.imported, report.rejected_count)
    visit, oops = rejects.read_text().splitlines()
    assert ("visit", 2) == (json.loads(visit)["kind"], json.loads(visit)["import_line"])
    assert "oops" == oops
    assert 12 == (ada.find()).items[0].duration


def test_other_encodings(crm: InteractionsClient, tmp_path: Path) -> None:
    """A wrong encoding is reported by line; an unknown one at once."""
    path, rejects = tmp_path / "calls.csv", tmp_path / "bad.csv"
    path.write_bytes("interaction_type;subject\ncall;Café\n".encode("cp1252"))
    ada = crm.as_user("ada")
    report = ada.import_csv(path, delimiter=";", rejects=rejects)
    assert "line 2: the byte 0xe9 is not a character in the file's encoding" == str(
        report.rejected[0]
    )
    assert b"Caf\xe9" in rejects.read_bytes()
    ada.import_csv(path, delimiter=";", encoding="cp1252")
    assert ["Café"] == [each.subject for each in ada.find()]
    with pytest.raises(BadRequestError, match="Unknown encoding 'klingon'"):
        ada.import_csv(path, encoding="klingon")


def test_many_bad_lines_are_counted_and_not_all_held(
    crm: InteractionsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report names so many lines at most; chunks follow each other."""
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
    """Whichever request the network fails at, a second run completes it, once."""
    for at in range(1, 30):
        server = start_embedded(":memory:", Settings(verify_users=False))
        settings = Settings(verify_users=False, bulk_size=1)
        address = ("http://embedded/v1", server.project)
        with InteractionsClient(
            *address, api_key=server.api_key, settings=settings, transport=server.transport
        ) as crm:
            crm.customers.ensure("ada")
            crm.customers.ensure("bob")
            transport = FaultyTransport(
                server.transport, Fault.RESET_AFTER_WRITE, at=at, times=None
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
    """What is no fault of a line stops the import, and the error says what to do."""
    settings = Settings(verify_users=False)
    server = crm._server
    assert server is not None
    broken = InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=FaultyTransport(
            server.transport, Fault.REFUSED, times=None, method="POST", route="*/rows"
        ),
        retry=AT_ONCE,
    )
    with pytest.raises(APIConnectionError) as refused:
        broken.as_admin("root").import_csv(calls, COLUMNS)
    assert "Import stopped at line 2. Run it again" in refused.value.__notes__[0]


def test_a_refusal_of_the_whole_import_is_raised(crm: InteractionsClient, calls: Path) -> None:
    """A user who may not import is no fault of the lines."""
    with InteractionsClient.embedded(settings=Settings(verify_users=True)) as other:
        other.customers.ensure("ada")
        with pytest.raises((PermissionDeniedError, LookupError)):
            other.as_admin("root").import_csv(calls, COLUMNS)
    with pytest.raises(BadRequestError, match="no column 'kind'"):
        crm.as_admin("root").import_csv(calls, {"interaction_type": "kind"})


def test_customers_are_compared_to_the_letter(
    crm: InteractionsClient, ada: InteractionRepository, tmp_path: Path
) -> None:
    """Appwrite would take Ada for ada."""
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
    """What names a customer may name another one by the next night."""
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
    """It sends no more requests than the import itself."""
    sent: list[RequestEvent] = []
    path = tmp_path / "calls.csv"
    with InteractionsClient.embedded(settings=Settings(cache_ttl=0), on_request=sent.append) as crm:
        ids = [(crm.customers.ensure(f"user{number}")).id for number in range(5)]
        path.write_text("kind,who\n" + "".join(f"call,{each}\n" for each in [*ids, "?"]))
        columns: ColumnMapping = {"interaction_type": "kind", "customer_id": "who"}
        sent.clear()
        report = crm.as_admin("root").import_csv(path, columns, dry_run=True)
    assert (5, [7]) == (report.imported, [line.number for line in report.rejected])
    assert 1 == len(sent)
