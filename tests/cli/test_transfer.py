"""`export`, `import`, `archive` and `restore`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from interactions_sdk import InteractionsClient, InteractionUpdate
from interactions_sdk.cli.app import app
from tests.workbooks import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

ROOT = ("--admin", "root")


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_what_was_exported_is_imported(
    run: Run, crm: InteractionsClient, folder: Path, suffix: str
) -> None:
    """An export can be imported into another database without options."""
    crm.as_user("ada").log_call("Renewal", duration=12)
    assert "Wrote 1 interaction to" in run("export", f"all.{suffix}", *ROOT, "--since", "today")
    with InteractionsClient.embedded(folder / "other.db") as other:
        other.customers.ensure("ada")
    there = ("--embedded", "other.db")
    assert "1 line: 1 new" in run("import", f"all.{suffix}", *ROOT, *there)
    assert "Renewal" in run("timeline", "ada", *there)
    assert (folder / f"all.{suffix}").exists()


def test_names_are_exported_when_asked_for(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """`--customer-names` adds a last column."""
    crm.customers.update(crm.customers.get_by_user_id("ada").id, name="Ada King")
    crm.as_user("ada").log_call("Renewal")
    run("export", "all.csv", *ROOT, "--names")
    head, line = (folder / "all.csv").read_text(encoding="utf-8-sig").splitlines()
    assert (head.rsplit(",", 1)[1], line.rsplit(",", 1)[1]) == ("customer_name", "Ada King")


def test_an_export_is_told_to_machines(run: Run, crm: InteractionsClient) -> None:
    """With `--json`, the number of interactions and the path are printed."""
    crm.as_user("ada").log_call("Renewal")
    said = json.loads(run("export", "all.parquet", "--user", "ada", "--json"))
    assert {"written": 1, "file": "all.parquet"} == said


def test_a_file_of_another_system_is_imported(
    run: Run, crm: InteractionsClient, folder: Path
) -> None:
    """Columns can be mapped, rejected lines are kept with exit code 1, and repeats add nothing."""
    lines = ["topic,min", "Renewal,12", "Offer,long", *(f"Bad {n},x" for n in range(12))]
    (folder / "calls.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    named = ("--column", "subject=topic", "--column", "duration=min")
    command = ("import", "calls.csv", "--user", "ada", *named, "--value", "interaction_type=call")
    run(*command, "--dry-run", code=1)
    assert 0 == crm.as_user("ada").count()
    run(*command, "--rejects", "bad.csv", code=1)
    run(*command, "--json", code=1)
    assert 1 == crm.as_user("ada").count()
    assert "Offer" in (folder / "bad.csv").read_text(encoding="utf-8")
    assert "FIELD" in run("import", "calls.csv", "--user", "ada", "--column", "x", code=2)


def test_the_name_tells_the_format(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """The suffix decides the format, and unknown ones are rejected."""
    assert crm.as_user("ada").count() == 0
    (folder / "calls.xls").write_bytes(b"")
    assert ".jsonl" in run("import", "calls.xls", *ROOT, code=2)
    assert ".parquet" in run("export", "calls.xls", *ROOT, code=2)


def test_old_interactions_go_and_come_back(run: Run, crm: InteractionsClient) -> None:
    """`archive` has a dry run and moves interactions to files; `restore` moves them back."""
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
    """A dry run counts old open follow-ups, which stay, but not newer interactions."""
    ada, then = crm.as_user("ada"), datetime(2020, 5, 1, tzinfo=UTC)
    for at in (then, datetime(2022, 5, 1, tzinfo=UTC)):
        ada.log_task("Send it", occurred_at=at, next_action_date=datetime(2060, 5, 1, tzinfo=UTC))
    ada.log_call("Old", occurred_at=then)
    command = ("archive", "old", "--before", "2021-01-01", *ROOT, "--json")
    told = {"dry_run": True, "older": 2, "open_follow_ups": 1}
    assert told == json.loads(run(*command, "--dry-run"))
    done = {"archived": 1, "open_follow_ups": 1, "changed": 0}
    assert done == json.loads(run(*command))


CALLS = """\
sep=;
Date;Topic;Due
13/02/2026 09:00;Renewal;2026-05-04
;No date;
25/10/2026 02:30;Twice;
;;
"""


def test_a_messy_file_is_summed_up(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """The summary counts lines by result, and shows date formats and ranges."""
    (folder / "calls.csv").write_text(CALLS, encoding="utf-8")
    ada = crm.as_user("ada")
    columns = [f"--column={pair}" for pair in ("occurred_at=Date", "subject=Topic")]
    command = ("import", "calls.csv", "--user", "ada", *columns, "--tz", "Europe/Berlin")
    said = json.loads(
        run(*command, "--value", "interaction_type=call", "--json", "--limit", "1", "--dry-run")
    )
    assert (1, 1, {"%d/%m/%Y %H:%M": 1}) == (
        said["lines"],
        said["new"],
        said["dates"][0]["formats"],
    )
    assert "2026-02-13T08:00:00+00:00" == said["dates"][0]["earliest"]
    assert 0 == ada.count()
    words = _stdout(*command, "--value", "interaction_type=call", "--rejects", "bad.csv")
    assert "3 lines (and 1 blank): 2 new, 0 already there, 0 changed since, 1 refused." in words
    assert "occurred_at from 2026-02-13 to 2026-10-25: %d/%m/%Y %H:%M (2), zone Europe/" in words
    assert "line 4: occurred_at: the column 'Date' is empty" in words
    assert "line 5: occurred_at: the clocks of Europe/Berlin repeat" in words
    assert "sep=;\nDate;Topic;Due;line;reason" in (folder / "bad.csv").read_text("utf-8-sig")
    (newest,) = [each for each in ada.find() if each.subject == "Renewal"]
    ada.update(newest.id, InteractionUpdate(subject="Changed"))
    again = _stdout(*command, "--value", "interaction_type=call")
    assert "0 new, 1 already there, 1 changed since, 1 refused." in again
    assert f"line 3: interaction '{newest.id}' was changed since" in again


def _stdout(*command: str) -> str:
    """Return the stdout of an import that rejects lines."""
    result = CliRunner().invoke(app, command, terminal_width=200)
    assert 1 == result.exit_code, result.output
    return result.stdout


def test_an_import_goes_on_where_it_stopped(
    run: Run, crm: InteractionsClient, folder: Path
) -> None:
    """`--resume` saves the progress next to the file, so completed lines are not sent again."""
    lines = [f"call,Number {number}" for number in range(6)]
    path, progress = folder / "calls.csv", folder / "calls.csv.progress"
    path.write_text("\n".join(["interaction_type,subject", *lines]) + "\n", encoding="utf-8")
    command = ("import", "calls.csv", "--user", "ada", "--resume")
    assert "4 lines: 4 new" in run(*command, "--limit", "4")
    assert progress.exists()
    assert "2 lines (and 4 imported earlier): 2 new" in run(*command)
    assert not progress.exists()
    assert 6 == crm.as_user("ada").count()


def test_how_a_file_is_read_may_be_said(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """Delimiter, encoding, order and format of dates can be specified."""
    (folder / "calls.csv").write_text("Date\tTopic\n03/04/2026\tCafé\n", encoding="cp1252")
    ada = crm.as_user("ada")
    columns = [f"--column={pair}" for pair in ("occurred_at=Date", "subject=Topic")]
    command = ("import", "calls.csv", "--user", "ada", *columns, "--value=interaction_type=call")
    assert "with the delimiter ','" in run(*command, code=2)
    text = (*command, "--delimiter", "tab", "--encoding", "cp1252")
    assert "may be %d/%m/%Y or %m/%d/%Y" in run(*text, code=2)
    assert "1 would be new" in run(*text, "--day-first", "--dry-run")
    assert "2026-03-04" in run(*text, "--month-first", "--dry-run")
    assert "1 new" in run(*text, "--date-format", "%d/%m/%Y")
    (call,) = ada.find()
    assert ("Café", datetime(2026, 4, 3, tzinfo=UTC)) == (call.subject, call.created_at)
    assert "occurred_at=Date" in run("import", "calls.csv", "--user", "ada", "--day-first", code=2)


def test_a_workbook_is_imported(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """The first sheet is imported, or the one that is named."""
    rows: list[list[object]] = [["interaction_type", "subject"], ["call", "Renewal"]]
    write_workbook(folder / "calls.xlsx", {"One": rows, "Two": [*rows, ["note", "No text"]]})
    assert "1 line: 1 new" in run("import", "calls.xlsx", "--user", "ada")
    assert 1 == crm.as_user("ada").count()
    command = ("import", "calls.xlsx", "--user", "ada", "--sheet", "Two")
    words = _stdout(*command)
    assert "2 lines: 0 new, 1 already there, 0 changed since, 1 refused." in words
    assert "as the program" not in words
    assert "no sheet 'Three'" in run(*command[:-1], "Three", code=2)
