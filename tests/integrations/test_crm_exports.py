"""Exports of other CRM systems: each format has a small sample file."""

# ruff: noqa: E501 - a header is one line

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from interactions_sdk import BadRequestError, CustomerInteraction, InteractionsClient
from interactions_sdk.integrations.crm_exports import CrmExport, export
from interactions_sdk.transfer import NameMatches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk.integrations.crm_exports import Preset
    from interactions_sdk.transfer import Row

HUBSPOT_CALLS = """\
Record ID,Call Title,Call notes,Call direction,Call duration,Call outcome,Activity date,Activity assigned to,Associated Contact
1,Intro,<p>Hi</p>,Inbound,90000,Connected,2026-05-01 10:00,Ada Lovelace,Acme
2,Again,,Outbound,0,No answer,2026-05-02 10:00,,Acme
"""
HUBSPOT_EMAILS = """\
Record ID,Email subject,Email body,Email direction,Activity date,Associated Company
3,Offer,Dear Acme,INCOMING_EMAIL,2026-05-03 10:00,Acme
"""
HUBSPOT_MEETINGS = """\
Record ID,Meeting name,Meeting start time,Meeting outcome,Associated Contact
4,Demo,2026-05-04 10:00,No show,Acme
"""
HUBSPOT_TASKS = """\
Record ID,Task Title,Due date,Task status,Create date,Associated Contact
5,Send offer,2036-05-01,NOT_STARTED,2026-05-01 10:00,Acme
6,Call back,2026-05-02,Completed,2026-05-01 10:00,Acme
"""
HUBSPOT_NOTES = """\
Record ID,Note body,Activity date,Associated Contact
7,Prefers email,2026-05-01 10:00,Acme
"""
SALESFORCE_TASKS = """\
Id,AccountId,OwnerId,Subject,Status,IsClosed,ActivityDate,CreatedDate,TaskSubtype,CallType,CallDurationInSeconds
00T1,001A,005A,Intro,Completed,true,2026-05-01,2026-05-01T09:00:00.000Z,Call,Inbound,120
00T2,001A,005A,Offer,Completed,,2026-05-02,2026-05-01T09:00:00.000Z,Email,,
00T3,001A,005A,Send,Not Started,false,2036-05-01,2026-05-01T09:00:00.000Z,Task,,
00T4,001A,005A,Old call,Completed,1,2026-05-02,2026-05-01T09:00:00.000Z,,Outbound,30
00T5,001A,005A,Done,Completed,true,2026-05-02,2026-05-01T09:00:00.000Z,,,
"""
SALESFORCE_EVENTS = """\
Id,WhoId,OwnerId,Subject,StartDateTime,EndDateTime,DurationInMinutes,Location
00U1,001A,005A,Demo,2026-05-01T09:00:00.000Z,2026-05-01T10:00:00.000Z,60,Bern
"""
PIPEDRIVE = """\
Activity - ID,Activity - Subject,Activity - Type,Activity - Due date,Activity - Due time,Activity - Duration,Activity - Done,Activity - Add time,Activity - Organization,Activity - Assigned to user
1,Intro,Call,2026-05-01,10:00,01:30,Done,2026-04-30 10:00,Acme,Ada
2,Send offer,Meeting,2036-05-01,,,To do,2026-04-30 10:00,Acme,Ada
3,Lunch,Lunch,2026-05-01,12:00,00:00,Done,2026-04-30 10:00,Acme,
4,Walk,Sport,2026-05-01,12:00,,Done,2026-04-30 10:00,Acme,
"""
ZOHO_CALLS = """\
Record Id,Subject,Call Type,Call Start Time,Call Duration,Call Duration (in seconds),Call Result,Contact Name,Call Owner
z1,Intro,Inbound,2026-05-01 10:00,02:00,125,Interested,Acme,Ada
z2,Missed,Missed,2026-05-01 11:00,00:00,,,Acme,Ada
"""
ZOHO_TASKS = """\
Record Id,Subject,Due Date,Status,Task Owner,Created Time,Contact Name
z3,Send,2036-05-01,Not Started,Ada,2026-05-01 10:00,Acme
z4,Sent,2026-05-02,Completed,Ada,2026-05-01 10:00,Acme
"""
ZOHO_MEETINGS = """\
Record Id,Title,From,To,Host,Location,Contact Name
z5,Demo,2026-05-01 10:00,2026-05-01 11:00,Ada,Bern,Acme
"""
ESPO_CALLS = """\
id,name,status,direction,dateStart,dateEnd,duration,parentName,assignedUserName,createdAt
e1,Intro,Held,Inbound,2026-05-01 10:00:00,2026-05-01 10:05:00,300,Acme,Ada,2026-04-30 10:00:00
e2,Next,Planned,Outbound,2036-05-01 10:00:00,2036-05-01 10:05:00,300,Acme,Ada,2026-04-30 10:00:00
"""
ESPO_MEETINGS = """\
id,name,status,dateStart,dateEnd,duration,parentName,createdAt
e3,Demo,Not Held,2026-05-01 10:00:00,2026-05-01 11:00:00,3600,Acme,2026-04-30 10:00:00
e4,Visit,Planned,2036-05-01 10:00:00,2036-05-01 11:00:00,3600,Acme,2026-04-30 10:00:00
"""
ESPO_TASKS = """\
Id,Name,Status,Priority,Date End,Account,Created At
e5,Send,Started,High,2036-05-01,Acme,2026-04-30 10:00:00
e6,Sent,Completed,High,2026-05-02,Acme,2026-04-30 10:00:00
"""


@pytest.fixture
def crm() -> Iterator[InteractionsClient]:
    """Return a client of an empty server."""
    with InteractionsClient.embedded() as crm:
        yield crm


def imported(
    crm: InteractionsClient, folder: Path, text: str, preset: Preset = "auto"
) -> dict[str, CustomerInteraction]:
    """Import a file with a mapping, and return the interactions by subject."""
    customer = crm.customers.ensure("acme")
    path, mapping = folder / "export.csv", folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    mapping.write_text(
        "kind,external_id,name,id\n"
        f"customer,,Acme,{customer.id}\ncustomer,001A,,{customer.id}\nowner,,Ada,ada-1\n"
    )
    root = crm.as_admin("root")
    report = root.import_csv(path, preset=preset, mapping=mapping, tz="UTC")
    assert [] == list(report.rejected)
    assert len(list(csv.reader(StringIO(text)))) - 1 == report.new
    return {each.subject or "": each for each in root.iterate()}


def summary(interaction: CustomerInteraction) -> tuple[object, ...]:
    """Return the fields that depend on the layout."""
    return (
        str(interaction.interaction_type),
        str(interaction.direction),
        interaction.duration,
        interaction.outcome and str(interaction.outcome),
        f"{interaction.created_at:%Y-%m-%d %H:%M}",
        interaction.next_action_date and f"{interaction.next_action_date:%Y-%m-%d %H:%M}",
    )


def test_hubspot_calls(crm: InteractionsClient, tmp_path: Path) -> None:
    """Milliseconds become minutes, and unanswered calls have their own outcome."""
    found = imported(crm, tmp_path, HUBSPOT_CALLS, "hubspot")
    assert ("call", "inbound", 2, "successful", "2026-05-01 10:00", None) == summary(found["Intro"])
    assert ("call", "outbound", None, "no_answer", "2026-05-02 10:00", None) == summary(
        found["Again"]
    )
    metadata = found["Intro"].metadata
    assert metadata is not None
    assert {
        "source": "HubSpot calls",
        "owner": "Ada Lovelace",
        "Call outcome": "Connected",
    } == metadata.custom_fields


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        (HUBSPOT_EMAILS, "Offer", ("email", "inbound", None, None, "2026-05-03 10:00", None)),
        (
            HUBSPOT_MEETINGS,
            "Demo",
            ("meeting", "outbound", None, "no_answer", "2026-05-04 10:00", None),
        ),
        (
            HUBSPOT_TASKS,
            "Send offer",
            ("task", "outbound", None, None, "2026-05-01 10:00", "2036-05-01 23:59"),
        ),
        (
            HUBSPOT_TASKS,
            "Call back",
            ("task", "outbound", None, "resolved", "2026-05-01 10:00", "2026-05-02 23:59"),
        ),
        (HUBSPOT_NOTES, "", ("note", "outbound", None, None, "2026-05-01 10:00", None)),
        (SALESFORCE_TASKS, "Intro", ("call", "inbound", 2, None, "2026-05-01 00:00", None)),
        (SALESFORCE_TASKS, "Offer", ("email", "outbound", None, None, "2026-05-02 00:00", None)),
        (
            SALESFORCE_TASKS,
            "Send",
            ("task", "outbound", None, None, "2026-05-01 09:00", "2036-05-01 23:59"),
        ),
        (SALESFORCE_TASKS, "Old call", ("call", "outbound", 1, None, "2026-05-02 00:00", None)),
        (
            SALESFORCE_TASKS,
            "Done",
            ("task", "outbound", None, "resolved", "2026-05-01 09:00", "2026-05-02 23:59"),
        ),
        (SALESFORCE_EVENTS, "Demo", ("meeting", "outbound", 60, None, "2026-05-01 09:00", None)),
        (PIPEDRIVE, "Intro", ("call", "outbound", 90, None, "2026-05-01 10:00", None)),
        (
            PIPEDRIVE,
            "Send offer",
            ("task", "outbound", None, None, "2026-04-30 10:00", "2036-05-01 23:59"),
        ),
        (PIPEDRIVE, "Lunch", ("meeting", "outbound", None, None, "2026-05-01 12:00", None)),
        (PIPEDRIVE, "Walk", ("other", "outbound", None, None, "2026-05-01 12:00", None)),
        (ZOHO_CALLS, "Intro", ("call", "inbound", 2, None, "2026-05-01 10:00", None)),
        (ZOHO_CALLS, "Missed", ("call", "inbound", None, "no_answer", "2026-05-01 11:00", None)),
        (
            ZOHO_TASKS,
            "Sent",
            ("task", "outbound", None, "resolved", "2026-05-01 10:00", "2026-05-02 23:59"),
        ),
        (ZOHO_MEETINGS, "Demo", ("meeting", "outbound", None, None, "2026-05-01 10:00", None)),
        (ESPO_CALLS, "Intro", ("call", "inbound", 5, "successful", "2026-05-01 10:00", None)),
        (
            ESPO_CALLS,
            "Next",
            ("task", "outbound", 5, None, "2026-04-30 10:00", "2036-05-01 10:00"),
        ),
        (
            ESPO_MEETINGS,
            "Demo",
            ("meeting", "outbound", 60, "cancelled", "2026-05-01 10:00", None),
        ),
        (
            ESPO_MEETINGS,
            "Visit",
            ("task", "outbound", 60, None, "2026-04-30 10:00", "2036-05-01 10:00"),
        ),
        (
            ESPO_TASKS,
            "Sent",
            ("task", "outbound", None, "resolved", "2026-04-30 10:00", "2026-05-02 23:59"),
        ),
    ],
)
def test_an_export_is_recognized_and_read(
    crm: InteractionsClient,
    tmp_path: Path,
    text: str,
    subject: str,
    expected: tuple[object, ...],
) -> None:
    """Types, directions, durations, outcomes and dates are read from each system's export."""
    assert expected == summary(imported(crm, tmp_path, text)[subject])


def test_an_owner_that_is_mapped_is_a_participant(crm: InteractionsClient, tmp_path: Path) -> None:
    """The interaction belongs to the importing user; the owner is stored in the metadata."""
    metadata = imported(crm, tmp_path, PIPEDRIVE)["Intro"].metadata
    assert metadata is not None
    assert (["ada-1"], "ada-1") == (metadata.participants, metadata.custom_fields["owner"])


def test_a_dry_run_writes_the_mapping_file(crm: InteractionsClient, tmp_path: Path) -> None:
    """The mapping file has each name with its number of lines, and keeps the IDs filled in."""
    customer = crm.customers.ensure("acme")
    path = tmp_path / "calls.csv"
    path.write_text(HUBSPOT_CALLS + "3,Third,,Inbound,,,2026-05-01 10:00,Bob,Other\n4,,,,,,,,\n")
    root = crm.as_admin("root")
    dry = root.import_csv(path, preset="auto", tz="UTC", dry_run=True)
    assert ("HubSpot calls", 2, 4, 0) == (dry.layout, dry.unmapped, dry.refused, dry.new)
    reasons = [each.reason for each in dry.rejected]
    assert f"customer_id: 'Acme' has no id in {path}.mapping.csv" == reasons[0]
    assert reasons[3].startswith("customer_id: none of Associated Contact IDs, Associated")
    mapping = Path(f"{path}.mapping.csv")
    expected = (
        "kind,external_id,name,id,lines\n"
        "customer,,Acme,,2\ncustomer,,Other,,1\nowner,,Ada Lovelace,,1\nowner,,Bob,,1\n"
    )
    assert expected == mapping.read_text(encoding="utf-8-sig")
    filled = expected.replace("Acme,", f"Acme,{customer.id}")
    mapping.write_text(filled)
    again = root.import_csv(path, preset="auto", tz="UTC", dry_run=True)
    assert (1, 2, 2) == (again.unmapped, again.new, again.refused)
    assert filled == mapping.read_text(encoding="utf-8-sig")
    assert 2 == root.import_csv(path, preset="auto", tz="UTC").new
    path.write_text(HUBSPOT_CALLS)
    assert 2 == root.import_csv(path, preset="hubspot", source="other", tz="UTC").already_there


def test_whom_a_name_stands_for_is_said(crm: InteractionsClient, tmp_path: Path) -> None:
    """Without IDs in the export, people with the same name count as one and are reported."""
    root, path = crm.as_admin("root"), tmp_path / "calls.csv"
    path.write_text(HUBSPOT_CALLS + "3,Third,,Inbound,,,2026-05-01 10:00,Bob,Other\n4,,,,,,,,\n")
    report = root.import_csv(path, preset="auto", tz="UTC", dry_run=True)
    assert NameMatches(2, 3, 2, 2) == report.matched_by_name
    assert str(report.matched_by_name).endswith("2 customers (3 lines), 2 owners (2 lines)")
    path.write_text(SALESFORCE_TASKS)
    report = root.import_csv(path, preset="auto", tz="UTC", dry_run=True)
    assert ("Salesforce tasks", None) == (report.layout, report.matched_by_name)


@pytest.mark.parametrize(
    ("preset", "columns"),
    [
        ("close", ["_type", "lead_id", "date_created", "assigned_to", "assigned_to_name"]),
        ("espocrm", ["name", "status", "priority", "dateEnd", "assignedUserId", "assignedUser"]),
        ("pipedrive", ["Subject", "Type", "Due date", "Done", "Assigned to user - ID", "Owner"]),
        ("salesforce", ["Subject", "Status", "ActivityDate", "OwnerId", "Name"]),
        ("zoho", ["Subject", "Due Date", "Task Owner.id", "Task Owner"]),
    ],
)
def test_namesakes_are_different_owners(tmp_path: Path, preset: Preset, columns: list[str]) -> None:
    """Owners with the same name are distinguished by the ID column, here the last but one."""
    crm_export = CrmExport(preset, columns, tmp_path / "people.csv")
    read = cast("Callable[[Row], dict[str, Any]]", crm_export.columns["metadata"])
    for number in ("7", "8"):
        read(dict(zip(columns, ["", "", "", "", number, "Ada"][-len(columns) :], strict=True)))
    crm_export._mapping.save()
    written = StringIO((tmp_path / "people.csv").read_text(encoding="utf-8-sig"))
    people = [(each["kind"], each["external_id"]) for each in csv.DictReader(written)]
    assert [("owner", "7"), ("owner", "8")] == people


def mapped(folder: Path, preset: Preset, columns: list[str], *lines: list[str]) -> list[str]:
    """Return the customers in the mapping file that a dry run writes."""
    crm_export = CrmExport(preset, columns, folder / "people.csv")
    find = cast("Callable[[Row], object]", crm_export.columns["customer_id"])
    for line in lines:
        with pytest.raises(ValueError, match="has no id in"):
            find(dict(zip(columns, line, strict=True)))
    crm_export._mapping.save()
    written = (folder / "people.csv").read_text(encoding="utf-8-sig").splitlines()
    return [",".join(line.split(",")[1:3]) for line in written[1:]]


@pytest.mark.parametrize(
    ("preset", "signature", "columns", "keys"),
    [
        ("close", ["_type", "lead_id", "date_created"], ["lead_id", "lead_name"], ["7", "8"]),
        (
            "hubspot",
            ["Call title", "Call direction"],
            ["Associated Contact IDs", "Associated Contact"],
            ["7", "8"],
        ),
        (
            "hubspot",
            ["Call title", "Call direction"],
            ["Associated Company IDs", "Associated Contact"],
            ["company 7,", "company 8,"],
        ),
        (
            "espocrm",
            ["name", "status", "priority", "dateEnd"],
            ["parentId", "parentName"],
            ["7", "8"],
        ),
        (
            "zoho",
            ["Subject", "Due Date", "Task Owner"],
            ["Contact Name.id", "Contact Name"],
            ["7", "8"],
        ),
        (
            "pipedrive",
            ["Subject", "Type", "Due date", "Done"],
            ["Person - ID", "Contact person"],
            ["person 7", "person 8"],
        ),
    ],
)
def test_namesakes_are_different_customers(
    tmp_path: Path, preset: Preset, signature: list[str], columns: list[str], keys: list[str]
) -> None:
    """If the export has IDs, they identify the customers, and names are only added."""
    header = list(dict.fromkeys([*signature, *columns]))
    lines = [
        [{columns[0]: number, columns[1]: "John Smith"}.get(each, "") for each in header]
        for number in ("7", "8")
    ]
    expected = [key if key.endswith(",") else f"{key},John Smith" for key in keys]
    assert expected == mapped(tmp_path, preset, header, *lines)


def test_a_name_is_not_taken_for_an_id(tmp_path: Path) -> None:
    """A customer whose name equals another one's ID is a different customer."""
    header = ["Call title", "Call direction", "Associated Contact IDs", "Associated Contact"]
    lines = ["", "", "7", "Ada"], ["", "", "", "7"]
    assert [",7", "7,Ada"] == mapped(tmp_path, "hubspot", header, *lines)


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    """Formulas in the mapping file are escaped, and read back unescaped."""
    header = ["Call title", "Call direction", "Associated Contact IDs", "Associated Contact"]
    lines = ["", "", "", "=1+1"], ["", "", "@7", "-Ada"]
    expected = ["'@7,'-Ada", ",'=1+1"]
    assert expected == mapped(tmp_path, "hubspot", header, *lines)
    assert expected == mapped(tmp_path, "hubspot", header, *lines)


def test_columns_of_your_own_come_first(crm: InteractionsClient, tmp_path: Path) -> None:
    """Columns that are passed take precedence, also for finding the customer."""
    customer = crm.customers.ensure("acme")
    path = tmp_path / "calls.csv"
    path.write_text(HUBSPOT_CALLS)
    report = crm.as_admin("root").import_csv(
        path,
        {"subject": "Call notes", "customer_id": lambda _: customer.id},
        preset="hubspot",
        tz="UTC",
    )
    assert 2 == report.new
    assert {"<p>Hi</p>", None} == {each.subject for each in crm.as_admin("root").iterate()}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Call Duration (in seconds)", "long", "duration: 'long' is not a number"),
        ("Call Duration", "2 min", "duration: '2 min' is not a duration"),
        ("Call Start Time", "", "occurred_at: the column 'occurred_at' is empty"),
    ],
)
def test_a_value_that_cannot_be_read_refuses_its_line(
    crm: InteractionsClient, tmp_path: Path, column: str, value: str, reason: str
) -> None:
    """The reason names the field and the value."""
    customer = crm.customers.ensure("acme")
    header, _, line, *_ = csv.reader(ZOHO_CALLS.splitlines())
    line[header.index(column)] = value
    path = tmp_path / "calls.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, line])
    report = crm.as_admin("root").import_csv(
        path, {"customer_id": lambda _: customer.id}, preset="zoho", tz="UTC"
    )
    assert [f"line 2: {reason}"] == [str(each) for each in report.rejected]


def test_long_texts_are_cut(crm: InteractionsClient, tmp_path: Path) -> None:
    """A subject of 255 characters, which other systems allow, is cut."""
    text = HUBSPOT_CALLS.replace("Intro", "i" * 255)
    assert "i" * 199 + "…" in imported(crm, tmp_path, text)


def test_what_is_not_an_export_is_refused_in_words(tmp_path: Path) -> None:
    """The error names the required columns, the known presets or the invalid mapping file."""
    with pytest.raises(BadRequestError, match=r"its columns are a, b\. Needed are Zoho calls: Sub"):
        CrmExport("zoho", ["a", "", "b"], tmp_path / "x")
    with pytest.raises(BadRequestError, match=r"Known are HubSpot calls, .*, EspoCRM tasks\. Map"):
        CrmExport("auto", ["a", "", "b"], tmp_path / "x")
    with pytest.raises(BadRequestError, match=r"not 'hubspo'\. Did you mean 'hubspot'\?$"):
        CrmExport(cast("Any", "hubspo"), ["a"], tmp_path / "x")
    with pytest.raises(BadRequestError, match=r"preset= takes auto, hubspot, .* not 'sap'"):
        CrmExport(cast("Any", "sap"), ["a"], tmp_path / "x")
    (tmp_path / "x").write_text("name,id\n")
    with pytest.raises(BadRequestError, match="needs the columns kind, name and id"):
        CrmExport("hubspot", ["Call title", "Call direction"], tmp_path / "x")


def test_no_two_layouts_take_each_other_s_files() -> None:
    """With `auto`, each header is recognized as exactly one layout."""
    for layouts in export._LAYOUTS.values():
        for layout in layouts:
            assert layout.name == CrmExport("auto", layout.signature, "missing.csv").name


CLOSE = [
    {
        "id": "lead_1",
        "display_name": "Acme",
        "contacts": [],
        "activities": [
            {
                "_type": "Call",
                "id": "acti_1",
                "direction": "inbound",
                "duration": 120,
                "note": "Asked about the plan",
                "disposition": "answered",
                "date_created": "2026-05-01T10:00:00+00:00",
                "user_name": "Ada",
                "users": ["user_1"],
            },
            {"_type": "LeadStatusChange", "id": "acti_2", "date_created": "2026-05-01T10:00:00Z"},
        ],
        "tasks": [
            {
                "id": "task_1",
                "text": "Send offer",
                "date": "2036-05-01",
                "is_complete": False,
                "date_created": "2026-05-01T10:00:00+00:00",
            },
            {
                "id": "task_2",
                "text": "Sent",
                "is_complete": True,
                "date_created": "2026-05-01T10:00:00+00:00",
            },
        ],
    },
    {"id": "lead_2", "name": "Empty"},
]


@pytest.mark.parametrize("content", [CLOSE, {"data": CLOSE}])
def test_close_activities_and_tasks(
    crm: InteractionsClient, tmp_path: Path, content: object
) -> None:
    """Calls and tasks of all leads are imported; other activities are counted as left out."""
    customer = crm.customers.ensure("acme")
    path, mapping = tmp_path / "leads.json", tmp_path / "people.csv"
    path.write_text(json.dumps(content))
    mapping.write_text(f"kind,external_id,name,id\ncustomer,lead_1,,{customer.id}\n")
    root = crm.as_admin("root")
    report = root.import_jsonl(path, preset="close", mapping=mapping, tz="UTC")
    assert (3, {"LeadStatusChange": 1}) == (report.new, report.left_out)
    found = {each.description: each for each in root.iterate()}
    assert ("call", "inbound", 2, "successful", "2026-05-01 10:00", None) == summary(
        found["Asked about the plan"]
    )
    assert ("task", "outbound", None, None, "2026-05-01 10:00", "2036-05-01 23:59") == summary(
        found["Send offer"]
    )
    assert "resolved" == found["Sent"].outcome
    again = root.import_jsonl(path, preset="auto", mapping=mapping, tz="UTC")
    assert 3 == again.already_there


@pytest.mark.parametrize(
    ("text", "message"), [("[", "is not the JSON"), ('{"leads": 1}', "holds no list of leads")]
)
def test_what_is_not_an_export_of_close_is_refused(
    crm: InteractionsClient, tmp_path: Path, text: str, message: str
) -> None:
    """The error names the problem and the path."""
    path = tmp_path / "leads.json"
    path.write_text(text)
    with pytest.raises(BadRequestError, match=message):
        crm.as_admin("root").import_jsonl(path, preset="close")
