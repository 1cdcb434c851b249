"""Commands and their output."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionCreate, InteractionUpdate, wire
from interactions_sdk.cli.report import Report
from interactions_sdk.reports.columns import COLUMNS
from interactions_sdk.wire.call import parse_nothing
from tests.cli.commands import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_the_version_is_shown(run: Run) -> None:
    """`--version` prints name and version on one line."""
    assert run("--version").startswith("interactions-sdk 0.")


def test_a_call_is_logged_with_all_its_details(run: Run, crm: InteractionsClient) -> None:
    """Every option of `log` sets its field."""
    said = json.loads(
        run(
            *("log", "call", "Renewal", "A long talk", "--user", "ada", "--duration", "12"),
            *("--direction", "inbound", "--outcome", "follow_up_required", "--about", "invoice:47"),
            *("--next", "Send it", "--due", "in 3d", "--location", "Zurich", "--tag", "vip"),
            *("--participant", "bob", "--json"),
        )
    )
    call = crm.as_user("ada").get(said["id"])
    assert ("call", "Renewal", "A long talk", 12) == (
        call.interaction_type,
        call.subject,
        call.description,
        call.duration,
    )
    assert ("inbound", "phone", "invoice", "47", "Send it") == (
        call.direction,
        call.contact_method,
        call.related_entity_type,
        call.related_entity_id,
        call.next_action,
    )
    assert call.metadata is not None
    assert ("Zurich", ["vip"], ["bob"]) == (
        call.metadata.location,
        call.metadata.tags,
        call.metadata.participants,
    )
    assert call.is_open_follow_up


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("note", "Prefers email"), (None, "Prefers email", None)),
        (("note", "Likes", "Prefers email"), ("Likes", "Prefers email", None)),
        (("meeting", "Kick-off", "Goals"), ("Kick-off", "Goals", "in_person")),
        (("email", "Offer"), ("Offer", None, "email")),
        (("task", "Send it"), ("Send it", None, None)),
        (("support", "Login", "--method", "chat"), ("Login", None, "chat")),
    ],
)
def test_each_type_takes_its_words(
    run: Run,
    crm: InteractionsClient,
    typed: tuple[str, ...],
    expected: tuple[str | None, str | None, str | None],
) -> None:
    """Each type has its own arguments, and the contact method follows from the type."""
    said = json.loads(run("log", *typed, "--user", "ada", "--json"))
    logged = crm.as_user("ada").get(said["id"])
    assert expected == (logged.subject, logged.description, logged.contact_method)


def test_what_is_logged_is_shown(run: Run, crm: InteractionsClient) -> None:
    """The timeline shows the day, the time and the ID."""
    said = run("log", "call", "Renewal", "--user", "ada", "--at", "2026-05-01 09:30")
    assert "Friday, 1 May 2026" in said
    assert "09:30" in said
    assert f"ID {crm.as_user('ada').find().items[0].id}" in said


def test_a_key_logs_once(run: Run, crm: InteractionsClient) -> None:
    """`--key` logs once, however often the command is run."""
    for _ in range(2):
        run("log", "call", "Renewal", "--user", "ada", "--key", "crm-4711")
    assert 1 == crm.as_user("ada").count()


@pytest.mark.usefixtures("file")
def test_a_new_customer_is_made_on_demand(run: Run) -> None:
    """`--new-customer` creates the record; without it, the command fails with exit code 1."""
    assert "customer profile" in run("log", "call", "Hi", "--user", "eve", code=1)
    run("log", "call", "Hi", "--user", "eve", "--new-customer")
    assert "Hi" in run("timeline", "eve")


def test_a_new_customer_may_need_more_than_a_user(run: Run, crm: InteractionsClient) -> None:
    """If the table requires more columns, the message suggests what to do in the console."""
    path = "/tablesdb/console-db/tables/customers/columns/string"
    column = b'{"key":"branch","size":20,"required":true}'
    crm._connection.send(wire.Call("POST", path, path, parse_nothing, column))

    said = " ".join(run("log", "call", "Hi", "--user", "eve", "--new-customer", code=2).split())

    assert 'Missing required attribute "branch". --new-customer cannot fill in the columns' in said
    assert "make them optional in the Appwrite console" in said
    assert "Pass the columns" not in said


def test_an_admin_logs_for_a_customer(run: Run, crm: InteractionsClient) -> None:
    """An admin can log for a customer, and filter by type, text and time."""
    customer = crm.customers.get_by_user_id("ada").id
    run("log", "call", "Renewal", "--admin", "root", "--customer", customer)
    run("log", "email", "Offer", "--admin", "root", "--customer", customer)
    by_type = run("timeline", "--admin", "root", "-c", customer, "--type", "call")
    by_text = run("timeline", "--admin", "root", "--text", "Off", "--since", "today")
    assert ("Renewal" in by_type, "Offer" in by_type) == (True, False)
    assert ("Renewal" in by_text, "Offer" in by_text) == (False, True)
    assert "No interactions match." in run("timeline", "ada", "--until", "3d ago")


@pytest.mark.parametrize(
    ("options", "step"),
    [
        (("eve",), "--user eve --new-customer"),
        (("--admin", "root"), "--admin root --customer ID"),
        (("--admin", "root", "--customer", "{customer}"), "--admin root --customer {customer}"),
    ],
)
def test_an_empty_timeline_names_the_first_step(
    run: Run, crm: InteractionsClient, options: tuple[str, ...], step: str
) -> None:
    """The message suggests a command for the user or customer; JSON and CSV are valid."""
    names = {"customer": crm.customers.get_by_user_id("ada").id}
    command = ["timeline", *(option.format(**names) for option in options)]
    said = run(*command)
    assert f"interactions log call 'First call' {step.format(**names)}\n" in said
    assert [] == json.loads(run(*command, "--json"))
    assert 1 == len(run(*command, "--csv").splitlines())


def test_a_timeline_that_is_cut_says_so(run: Run, crm: InteractionsClient) -> None:
    """A truncated timeline suggests `--limit`."""
    for number in range(3):
        crm.as_user("ada").log_call(f"Call {number}")
    assert "--limit" in run("timeline", "ada", "--limit", "2")
    assert 3 == len(json.loads(run("timeline", "ada", "--json")))


def test_a_timeline_becomes_a_page(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """`--html` writes a complete, escaped page."""
    crm.as_user("ada").log_call("<b>Renewal</b>")
    assert "Wrote page.html" in run("timeline", "ada", "--html", "page.html")
    assert "&lt;b&gt;Renewal" in (folder / "page.html").read_text(encoding="utf-8")
    assert ["crm.db", "page.html"] == sorted(
        path.name for path in folder.iterdir() if "-" not in path.name
    )


def test_a_timeline_shows_what_is_known(run: Run, crm: InteractionsClient) -> None:
    """Long descriptions are cut, completed follow-ups are marked, and unknown values are shown."""
    ada = crm.as_user("ada")
    ada.log_meeting("Kick-off", "x" * 400)
    done = ada.log_task("Send it", next_action="By post", next_action_date=TOMORROW)
    ada.follow_ups.complete(done.id)
    open_one = ada.log_task("Call back", next_action_date=TOMORROW)
    ada.update(open_one.id, InteractionUpdate(subject=None))
    ada.log_call("Renewal", next_action="Think about it")
    said = run("timeline", "ada")
    for text in ("x …", "✓ By post", "(untitled)", "tomorrow", "↳ Think about it"):
        assert text in said


def follow_up(crm: InteractionsClient, due: datetime = TOMORROW) -> str:
    """Log a task with a due date; return its ID."""
    occurred_at = min(due, datetime.now(UTC)) - timedelta(days=1)
    task = crm.as_user("ada").log_task("Send it", next_action_date=due, occurred_at=occurred_at)
    return task.id


@pytest.mark.parametrize(
    ("when", "days"),
    [("due", -1), ("overdue", -2), ("today", 0), ("week", 0), ("upcoming", 2)],
)
def test_follow_ups_are_listed(run: Run, crm: InteractionsClient, when: str, days: int) -> None:
    """`--when` selects the follow-ups, which are shown with their IDs."""
    due = datetime.now(UTC).replace(hour=23, minute=59) + timedelta(days=days)
    id = follow_up(crm, due)
    assert id in run("follow-ups", "list", "--user", "ada", "--when", when)
    said = run("follow-ups", "list", "--admin", "root", "--when", when, "--json")
    assert [id] == [each["id"] for each in json.loads(said)]


def test_follow_ups_alone_lists_them(run: Run, crm: InteractionsClient) -> None:
    """`follow-ups` accepts the options of `follow-ups list`."""
    id = follow_up(crm, datetime.now(UTC) - timedelta(days=1))
    said = run("follow-ups", "--user", "ada", "--json")
    assert [id] == [each["id"] for each in json.loads(said)]
    assert "Pass --user ID or --admin ID" in run("follow-ups", code=2)
    assert "snooze" in run("follow-ups", "--help")


def test_nothing_to_do_is_good_news(run: Run, crm: InteractionsClient) -> None:
    """An empty list suggests the next step, and a truncated one suggests `--limit`."""
    assert "No follow-ups are due" in run("follow-ups", "list", "--user", "ada")
    assert "interactions log task" in run("follow-ups", "--user", "ada", "--when", "upcoming")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for _ in range(2):
        follow_up(crm, yesterday)
    assert "--limit" in run("follow-ups", "list", "--user", "ada", "--limit", "1")
    listed = ("follow-ups", "list", "--user", "ada", "--by", "ada", "--limit", "1")
    assert 1 == len(json.loads(run(*listed, "--json")))
    assert 2 == len(run(*listed, "--csv").splitlines())


def test_an_admin_is_told_whose_they_are(run: Run, crm: InteractionsClient) -> None:
    """Admins see the customers' IDs, but users do not."""
    bob = crm.customers.ensure("bob")
    soon = datetime.now(UTC) + timedelta(hours=2)
    task = crm.as_user("ada").log_task("Call back", next_action_date=soon)

    commands = (("follow-ups", "--when", "upcoming"), ("timeline",))
    for own in (("follow-ups", "--when", "upcoming", "--user", "ada"), ("timeline", "ada")):
        assert "ustomer" not in run(*own)
    crm.as_user("bob").log_task("Send it", next_action_date=soon)
    for command in commands:
        said = run(*command, "--admin", "root")
        assert "ustomer" in said
        for shown in (bob.id, crm.customers.get_by_user_id("ada").id, task.id):
            assert shown in said


def test_a_follow_up_is_completed(run: Run, crm: InteractionsClient) -> None:
    """A follow-up can be completed with a note, which sets the outcome `resolved`."""
    said = run(
        "follow-ups", "complete", follow_up(crm), "--user", "ada", "--note", "Sent", "--json"
    )
    assert "resolved" == json.loads(said)["outcome"]


@pytest.mark.parametrize("how", [("--until", "2060-01-01"), ("--by", "3d")])
def test_a_follow_up_is_put_off(run: Run, crm: InteractionsClient, how: tuple[str, str]) -> None:
    """A follow-up can be snoozed until a date or by a duration."""
    id = follow_up(crm)
    said = json.loads(run("follow-ups", "snooze", id, "--user", "ada", *how, "--json"))
    assert datetime.fromisoformat(said["next_action_date"]) > TOMORROW


def test_a_follow_up_is_put_off_one_way(run: Run, crm: InteractionsClient) -> None:
    """Without `--until` or `--by`, snoozing is a usage error."""
    assert "Pass either" in run("follow-ups", "snooze", follow_up(crm), "--user", "ada", code=2)


def test_a_follow_up_is_dropped(run: Run, crm: InteractionsClient) -> None:
    """Cancelling clears the due date."""
    id = follow_up(crm)
    run("follow-ups", "cancel", id, "--user", "ada")
    assert crm.as_user("ada").get(id).next_action_date is None


def test_a_follow_up_recurs(run: Run, crm: InteractionsClient) -> None:
    """`--repeat` creates a series, `skip` moves it to the next date, and `stop` ends it."""
    task = ("log", "task", "Call", "--user", "ada", "--due", "2060-05-01", "--tz", "Europe/Zurich")
    first = json.loads(run(*task, "--repeat", "weekly", "--json"))
    ada, id = crm.as_user("ada"), first["id"]
    assert ("FREQ=WEEKLY", "Europe/Zurich") == (ada.get(id).recurrence, ada.get(id).recurrence_tz)

    later = json.loads(run("follow-ups", "skip", id, "--user", "ada", "--json"))
    assert ("2060-04-30T22:00:00Z", "2060-05-07T22:00:00Z") == (
        first["next_action_date"],
        later["next_action_date"],
    )
    assert "Call" in run("follow-ups", "stop", id, "--admin", "root")
    assert ada.get(id).recurrence is None


def test_a_stranger_s_follow_up_is_not_there(run: Run, crm: InteractionsClient) -> None:
    """Another customer's follow-up causes the error for a missing one."""
    id = follow_up(crm)
    crm.customers.ensure("bob")
    said = run("follow-ups", "complete", id, "--user", "bob", code=1)
    assert "could not be found" in " ".join(said.split())


def test_dates_are_repaired(run: Run, crm: InteractionsClient) -> None:
    """`reconcile --dry-run` prints what `reconcile` then repairs."""
    customer = crm.customers.get_by_user_id("ada").id
    call = crm.as_user("ada").log_call("Renewal")
    with crm.transaction() as transaction:
        transaction.update("customers", customer, {"lastContactAt": None})
    expected = {
        "customers_checked": 1,
        "dates_updated": 1,
        "audit_rows_added": 0,
        "read_permissions_granted": 0,
    }
    told = json.loads(run("reconcile", "--dry-run", "--json"))
    assert expected | {"dry_run": True} == told
    assert crm.customers.get(customer).last_contact_at is None
    assert expected | {"dry_run": False} == json.loads(run("reconcile", "--json"))
    assert call.created_at == crm.customers.get(customer).last_contact_at
    said = run("reconcile", "--customer", customer, "--dry-run")
    assert "would be" in said


def test_the_reports_are_those_of_the_library() -> None:
    """Each report function has its command."""
    assert list(COLUMNS) == list(Report)


@pytest.mark.parametrize("name", list(Report))
def test_a_report_is_a_table(run: Run, crm: InteractionsClient, name: str) -> None:
    """A report is printed as a table, records, JSON or CSV."""
    crm.as_user("ada").log_call("Renewal", duration=12, outcome="successful")
    follow_up(crm)
    told = run("report", name, "--admin", "root")
    if name != "stale_customers":
        assert COLUMNS[name][0].name.split("_")[0] in told
        assert json.loads(run("report", name, "--user", "ada", "--json"))
    head, *_ = run("report", name, "--user", "ada", "--csv").splitlines()
    assert [column.name for column in COLUMNS[name]] == head.split(",")


def test_a_report_takes_its_options(run: Run, crm: InteractionsClient) -> None:
    """Options of other reports and unknown reports are rejected."""
    follow_up(crm, datetime.now(UTC) - timedelta(days=40))
    stale = run("report", "stale_customers", "--admin", "root", "--days", "1", "--as-of", "today")
    assert "open follow-ups" in " ".join(stale.split())
    assert "takes no --days" in run("report", "by_type", "--admin", "root", "--days", "3", code=2)
    run("report", "weather", "--admin", "root", code=2)
    by_day = json.loads(run("report", "by_type", "--user", "ada", "--every", "1d", "--json"))
    assert 1 == by_day[0]["interactions"]


def test_a_report_is_drawn(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """A report can be written to a chart file."""
    crm.as_user("ada").log_call("Renewal")
    run("report", "heatmap", "--admin", "root", "--png", "week.svg")
    assert "<svg" in (folder / "week.svg").read_text(encoding="utf-8")


def test_a_report_names_customers(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """For admins, reports contain the customers' names."""
    ada = crm.customers.update(crm.customers.get_by_user_id("ada").id, name="Ada King")
    crm.as_user("ada").log_call("Renewal", occurred_at=datetime.now(UTC) - timedelta(days=60))
    table = run("report", "engagement", "--admin", "root")
    assert "Ada King" in table
    assert "customer name" in " ".join(table.split())
    assert f"\n{ada.id},Ada King," in run("report", "engagement", "--admin", "root", "--csv")
    (row,) = json.loads(run("report", "stale_customers", "--admin", "root", "--json"))
    assert (ada.id, "Ada King") == (row["customer_id"], row["customer_name"])
    (row,) = json.loads(run("report", "stale_customers", "--user", "ada", "--json"))
    assert "customer_name" not in row
    run("report", "stale_customers", "--admin", "root", "--png", "stale.svg")
    assert "Ada King" in (folder / "stale.svg").read_text(encoding="utf-8")


def test_a_report_of_nothing_says_so(run: Run, crm: InteractionsClient, folder: Path) -> None:
    """An empty database or archive has nothing to report."""
    assert crm.as_user("ada").count() == 0
    (folder / "archive").mkdir()
    for source in (("--admin", "root"), ("--archive", "archive", "--since", "2026-01-01")):
        assert "Nothing to report." in run("report", "by_type", *source)


@pytest.mark.usefixtures("file")
def test_a_report_says_which_extra_it_needs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports require an extra, which the message names."""
    monkeypatch.setattr("interactions_sdk.cli.report.find_spec", lambda _: None)
    assert "with the extra `reports`" in run("report", "by_type", "--admin", "root", code=2)


@pytest.mark.parametrize("suffix", [".SVG", ".html"])
def test_a_chart_goes_by_the_end_of_its_name(
    run: Run, crm: InteractionsClient, suffix: str
) -> None:
    """The suffix decides the format of the chart, in upper case, too; `--json` prints the path."""
    crm.as_user("ada").log_call("Renewal")
    said = run("report", "heatmap", "--admin", "root", "--png", f"week{suffix}", "--json")
    assert {"file": f"week{suffix}"} == json.loads(said)


def test_a_page_is_told_to_machines(run: Run, crm: InteractionsClient) -> None:
    """With `--json`, the path of the page is printed as JSON."""
    crm.as_user("ada").log_call("Renewal")
    said = run("timeline", "ada", "--html", "page.html", "--json")
    assert {"file": "page.html"} == json.loads(said)


@pytest.mark.parametrize("width", [40, 60, 72, 80, 200])
def test_ids_of_follow_ups_are_whole(
    run: Run, crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """IDs, due dates and next actions are not cut in narrow terminals."""
    monkeypatch.setenv("COLUMNS", str(width))
    id = "x" * 36
    crm.as_admin("root").create(
        InteractionCreate(
            interaction_type="complaint",
            subject="Broken",
            id=id,
            customer_id=crm.customers.get_by_user_id("ada").id,
            next_action_date=datetime(2060, 5, 1, 9, 30, tzinfo=UTC),
        )
    )
    said = run("follow-ups", "list", "--user", "ada", "--when", "upcoming", "--within", "90y")
    for text in ("01 May 2060 09:30", "complaint", "Broken", id):
        assert text in said


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """In 80 columns, no name in a help text is cut off."""
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 80)
    assert "\N{HORIZONTAL ELLIPSIS}" not in run(*command, "--help")
