"""Errors on the command line: messages with a solution, and exit codes."""

from __future__ import annotations

import json
import logging
import re
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from polars.exceptions import PanicException
from pydantic import ValidationError
from pydantic_core import SchemaError
from typer.testing import CliRunner

from interactions_sdk import InteractionCreate, InteractionsClient
from interactions_sdk.cli import main
from interactions_sdk.cli.app import app
from interactions_sdk.cli.clients import repository_for
from interactions_sdk.cli.console import safe_text
from interactions_sdk.cli.exit_codes import (
    INTERRUPTED,
    NEGATIVE_RESULT,
    SERVER,
    USAGE,
    exit_code_for,
    message_for,
)
from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk import InteractionRepository
    from tests.cli.conftest import Run

KEY = "standard_very-secret"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAppwrite]:
    """Return a server without tables, which the environment names."""
    with EmbeddedAppwrite(api_key=KEY) as server, server.serve() as running:
        monkeypatch.setenv("APPWRITE_ENDPOINT", running.endpoint)
        monkeypatch.setenv("APPWRITE_PROJECT_ID", server.project)
        monkeypatch.setenv("APPWRITE_API_KEY", KEY)
        yield server


def words(text: str) -> str:
    """Return a text without the line breaks of a narrow terminal."""
    return " ".join(text.split())


def test_missing_variables_are_named(run: Run) -> None:
    """The message also suggests `--embedded`, which needs no variables."""
    said = words(run("timeline", "ada", code=2))
    assert "APPWRITE_ENDPOINT" in said
    assert "--embedded" in said


@pytest.mark.usefixtures("server")
def test_a_dotenv_file_is_read(run: Run, folder: Path) -> None:
    """Variables are read from a `.env` file."""
    (folder / ".env").write_text("INTERACTIONS_DATABASE_ID=from-dotenv\n")
    assert "from-dotenv" in run("schema", "plan")


@pytest.mark.usefixtures("file")
def test_somebody_has_to_act(run: Run) -> None:
    """Exactly one of `--user` and `--admin` must be passed."""
    assert "--user" in run("log", "call", "Hi", code=2)
    assert "--user" in run("log", "call", "Hi", "--user", "a", "--admin", "b", code=2)


@pytest.mark.usefixtures("crm")
@pytest.mark.parametrize("command", [("archive", "old", "--before", "today"), ("restore", ".")])
def test_only_an_admin_moves_archives(run: Run, command: tuple[str, ...]) -> None:
    """`archive` and `restore` require `--admin`, and the message does not suggest `--user`."""
    said = run(*command, code=2)
    assert "--admin ID" in said
    assert "--user" not in said


@pytest.mark.usefixtures("crm")
@pytest.mark.parametrize(
    "command",
    [
        ("export", "{}", "--user", "ada"),
        ("timeline", "ada", "--html", "{}"),
        ("report", "heatmap", "--user", "ada", "--png", "{}"),
        ("import", "calls.csv", "--user", "ada", "--rejects", "{}"),
    ],
)
def test_a_place_that_is_none_is_told_before_the_work(
    run: Run, folder: Path, command: tuple[str, ...]
) -> None:
    """A missing folder and a folder in place of the file are usage errors."""
    (folder / "calls.csv").write_text("interaction_type,subject\ncall,Hi\n", encoding="utf-8")
    (folder / "all.csv").mkdir()
    for place, fault in (("nowhere/all.csv", "nowhere does not exist"), ("all.csv", "is a folder")):
        assert fault in words(run(*(each.format(place) for each in command), code=2))


def test_a_user_without_a_customer_hears_of_the_option(run: Run, crm: InteractionsClient) -> None:
    """Only users get the hint about `--new-customer`."""
    assert 0 == crm.as_admin("root").count()
    assert "--new-customer creates it" in words(run("log", "call", "Hi", "--user", "bob", code=1))
    said = words(run("log", "call", "Hi", "--admin", "root", "-c", "nobody", code=1))
    assert "--new-customer" not in said


@pytest.mark.usefixtures("file")
def test_a_wrong_draft_names_its_fields(run: Run) -> None:
    """The message names the invalid field, with pydantic's text."""
    said = words(run("log", "call", "Hi", "--user", "ada", "--duration", "0", code=2))
    assert "duration: Input should be greater than or equal to 1" in said


@pytest.mark.parametrize("time", ["soon", "in 3 moons", "in 9999y", "9999y ago"])
@pytest.mark.usefixtures("file")
def test_a_time_that_is_none_is_refused(run: Run, time: str) -> None:
    """An invalid time is rejected."""
    assert "Error" in run("timeline", "ada", "--since", time, code=2)


@pytest.mark.usefixtures("file")
def test_a_zone_that_is_none_is_refused(run: Run) -> None:
    """The message contains a valid time zone."""
    assert "Europe/Zurich" in run("timeline", "ada", "--tz", "Mars/Olympus", code=2)


def test_a_machine_without_a_zone_s_name_has_a_zone(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the time zone's name is unknown, its offset is used."""
    monkeypatch.setenv("TZ", "Nowhere/Nothing")
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("Hi")
    assert "Hi" in run("timeline", "ada")
    assert "call" in run("report", "by_type", "--user", "ada")


def test_a_file_that_is_no_database_is_left_alone(run: Run, folder: Path) -> None:
    """The message names the file, which is not changed."""
    (folder / "letter.txt").write_text("Dear Ada, " * 200)
    assert "letter.txt" in run("timeline", "ada", "--embedded", "letter.txt", code=2)


@pytest.mark.usefixtures("server")
def test_the_schema_goes_from_nothing_to_well(run: Run) -> None:
    """`check` fails, `plan` lists the changes, `apply` makes them, and `check` succeeds."""
    said = json.loads(run("schema", "plan", "--json"))
    assert {"database", "table", "column", "index"} == {change["kind"] for change in said}
    assert "Missing" in run("schema", "apply", "--dry-run")
    run("schema", "check", code=1)
    run("schema", "check", "--json", code=1)
    assert "Created" in run("schema", "apply")
    assert "Nothing is missing" in run("schema", "apply")
    assert "schema is correct" in run("schema", "check")
    assert [] == json.loads(run("schema", "check", "--json"))


def test_advice_is_no_problem(run: Run, server: EmbeddedAppwrite) -> None:
    """Advice is listed, but does not change the exit code."""
    run("schema", "apply")
    with InteractionsClient(
        "http://embedded/v1", server.project, api_key=server.api_key, transport=server.transport
    ) as crm:
        index = "customer_interactions/indexes/customerId_createdAt"
        crm.appwrite.call("delete", f"/tablesdb/console-db/tables/{index}")
    said = run("schema", "check")
    assert "schema is correct" in said
    assert "Advice: the table" in " ".join(said.split())
    [sentence] = json.loads(run("schema", "check", "--json"))
    assert sentence.startswith("Advice: ")


@pytest.mark.usefixtures("server")
def test_a_database_that_is_not_there_is_the_server_s(run: Run) -> None:
    """The message names the command that creates the database, and the exit code is 3."""
    assert "schema apply" in words(run("reconcile", code=3))


@pytest.mark.usefixtures("server")
def test_a_server_that_is_down_is_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt prints a line, until the time in `--wait` is over."""
    waited: list[float] = []
    connection = "interactions_sdk._sync.connection.connection"
    monkeypatch.setenv("APPWRITE_ENDPOINT", "http://127.0.0.1:9/v1")
    monkeypatch.setattr(f"{connection}.sleep", waited.append)
    monkeypatch.setattr(f"{connection}.monotonic", lambda: sum(waited))
    said = run("--verbose", "--wait", "40", "schema", "check", code=3)
    assert "is not available (APIConnectionError): next attempt" in words(said)
    assert 20 < sum(waited) <= 40
    waited.clear()
    monkeypatch.setenv("INTERACTIONS_WAIT", "5")
    run("schema", "check", code=3)
    assert 0 < sum(waited) <= 5


@pytest.mark.usefixtures("server")
def test_a_server_that_is_not_there_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the endpoint and the network error, but not the key."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "http://127.0.0.1:9/v1")
    monkeypatch.setattr("interactions_sdk._sync.connection.connection.sleep", lambda _: None)
    said = run("--verbose", "schema", "check", code=3)
    assert "127.0.0.1:9" in said
    assert "ConnectError" in said
    assert KEY not in said


@pytest.mark.usefixtures("server")
def test_requests_are_shown_on_demand(run: Run) -> None:
    """With `--verbose`, JSON on stdout stays valid."""
    said = run("--verbose", "schema", "plan", "--json")
    assert json.loads(said)


@pytest.mark.usefixtures("crm")
def test_log_lines_are_shown_on_demand_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--verbose`, log records of the library are not printed."""

    def log(*arguments: Any, **named: Any) -> InteractionRepository:
        logging.getLogger("interactions_sdk").warning("a line of the log")
        return repository_for(*arguments, **named)

    monkeypatch.setattr("interactions_sdk.cli.timeline.repository_for", log)
    assert "" == CliRunner().invoke(app, ["timeline", "ada"]).stderr
    assert "a line of the log" in CliRunner().invoke(app, ["-v", "timeline", "ada"]).stderr


@pytest.mark.parametrize(
    "interruption",
    [KeyboardInterrupt(), SchemaError('Error building "model" validator: KeyboardInterrupt: ')],
)
def test_an_interruption_leaves_nothing_half_done(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, interruption: BaseException
) -> None:
    """The message suggests `reconcile`, and the exit code is that of Ctrl-C.

    If pydantic is building a validator at that moment, it raises its own error.
    """

    def interrupt(*_: object, **__: object) -> None:
        raise interruption

    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        monkeypatch.setattr(
            "interactions_sdk._sync.writing.customer_dates.CustomerDates.update", interrupt
        )
        said = words(run("log", "call", "Hi", "--user", "ada", code=130))
        assert "interactions reconcile" in said
        monkeypatch.undo()
        assert 1 == crm.as_user("ada").count()
        assert 1 == crm.customers.reconcile().dates_updated


def test_the_codes_are_documented() -> None:
    """The page has a row for each exit code."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "exit-codes.md"
    rows = re.findall(r"^\| (\d+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    codes = {0, NEGATIVE_RESULT, USAGE, SERVER, INTERRUPTED, 141}
    assert sorted(codes) == [int(row) for row in rows]


def test_a_file_that_fails_is_named() -> None:
    """The message does not contain Python's error number."""
    error = PermissionError(13, "Permission denied", "all.csv")
    assert "all.csv: Permission denied." == message_for(error).plain


def test_a_draft_that_is_wrong_as_a_whole_has_no_option() -> None:
    """If the error has no field, the message says `input`."""
    with pytest.raises(ValidationError) as caught:
        InteractionCreate(interaction_type="call", subject="Hi", id="a", idempotency_key="b")
    assert message_for(caught.value, "log").plain.startswith("input: ")


def test_what_nobody_expected_is_not_hidden() -> None:
    """An unexpected exception has no exit code, so that its traceback is shown."""
    assert exit_code_for(ZeroDivisionError()) is None


@pytest.mark.parametrize("fault", [ZeroDivisionError, BrokenPipeError])
@pytest.mark.usefixtures("file")
def test_what_users_cannot_help_is_raised(
    monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """Unexpected exceptions and closed pipes are not converted to messages."""

    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("interactions_sdk.cli.timeline.repository_for", broken)
    result = CliRunner().invoke(app, ["timeline", "ada"])
    assert "Error:" not in result.stderr
    assert 1 == result.exit_code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[red]bold[/red]", "[red]bold[/red]"),
        ("\x1b[2J\x07", "\ufffd[2J\ufffd"),
        ("\u202ekcabed", "\ufffdkcabed"),
        ("two\nlines", "two lines"),
        ("\U0001f469\u200d\U0001f469", "\U0001f469\u200d\U0001f469"),
        (":smile:", ":smile:"),
    ],
)
def test_text_of_customers_does_nothing(text: str, expected: str) -> None:
    """Control characters and Rich's markup are not interpreted."""
    assert expected == safe_text(text).plain


def test_json_is_ascii(run: Run, file: Path) -> None:
    """JSON output contains no control characters."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("\x9b2J ü")
    said = run("timeline", "ada", "--json")
    assert said.isascii()
    assert "\x9b2J ü" == json.loads(said)[0]["subject"]


@pytest.mark.usefixtures("file")
def test_escapes_do_not_reach_the_terminal(run: Run) -> None:
    """Escape sequences in subjects and errors are replaced."""
    run("log", "call", "\x1b[2J[bold]x", "--user", "ada", "--new-customer")
    assert "\ufffd[2J[bold]x" in run("timeline", "ada")
    assert "\x1b" not in run("follow-ups", "cancel", "\x1b[2J", "--user", "ada", code=2)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the extra, and the exit code is that of a usage error."""
    monkeypatch.setattr("interactions_sdk.cli.find_spec", lambda _: None)
    with pytest.raises(SystemExit) as caught:
        main()
    assert 2 == caught.value.code
    assert "install interactions-sdk with the extra `cli`." in capsys.readouterr().err


def test_with_the_extra_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The entry point runs the commands."""
    monkeypatch.setattr("sys.argv", ["interactions", "--version"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert 0 == caught.value.code
    assert "interactions-sdk" in capsys.readouterr().out


@pytest.mark.usefixtures("crm")
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("log", "call", "Hi", "--user", "ada", "--about", "invoice"), "--about must be TYPE:ID"),
        (("log", "call", "Hi", "--user", "ada", "--about", ":47"), "--about must be TYPE:ID"),
        (("log", "call", "Hi", "--admin", "root"), "--customer ID"),
        (("follow-ups", "list", "--user", "ada", "--within", "3d"), "--when upcoming"),
        (("watch", "ada", "--cursor", "x", "--since", "today"), "Pass either"),
        (("report", "by_type", "--user", "ada", "--png", "x.jpg"), ".png, .svg, .pdf, .html"),
        (("timeline", "ada", "--env-file", "prod.env"), "The file prod.env does not exist"),
        (("restore", ".", "--admin", "root", "--month", "13"), "--month"),
        (
            ("import", "x.csv", "-u", "ada", "--column", "subject=a"),
            "--value interaction_type=call",
        ),
    ],
)
def test_options_that_make_no_sense_are_told(
    run: Run, folder: Path, command: tuple[str, ...], told: str
) -> None:
    """The message names the options."""
    (folder / "x.csv").write_text("a\nHi\n", encoding="utf-8")
    assert told in words(run(*command, code=2)).replace("│ ", "")


@pytest.mark.usefixtures("server")
def test_only_missing_variables_are_a_reason_for_a_file(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only missing variables suggest `--embedded`; an invalid setting does not."""
    monkeypatch.setenv("INTERACTIONS_PAGE_SIZE", "many")
    said = words(run("timeline", "ada", code=2))
    assert "INTERACTIONS_PAGE_SIZE" in said
    assert "--embedded" not in said


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_pipe_without_our_characters_gets_the_others(
    crm: InteractionsClient, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Characters that the pipe's encoding lacks are replaced, for example on Windows."""
    crm.as_user("ada").log_call("日本 Renewal")
    output = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(output, encoding=encoding))
    monkeypatch.setattr("sys.argv", ["interactions", "timeline", "ada"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert 0 == ended.value.code
    assert "?? Renewal" in output.getvalue().decode(encoding)


def test_output_that_is_no_pipe_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that embeds the command line may pass any stream."""
    monkeypatch.setattr("sys.argv", ["interactions", "--version"])
    monkeypatch.setattr("sys.stdout", StringIO())
    with pytest.raises(SystemExit) as caught:
        main()
    assert 0 == caught.value.code


def test_an_interruption_before_a_command_has_begun_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If nothing has been written yet, an interruption prints nothing."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("interactions_sdk.cli.app.app", interrupt)
    with pytest.raises(SystemExit) as caught:
        main()
    assert 130 == caught.value.code
    assert "" == capsys.readouterr().err


@pytest.mark.usefixtures("crm")
@pytest.mark.parametrize(
    "command",
    [("restore", "old", "--admin", "root"), ("report", "by_type", "--archive", "old")],
)
def test_a_damaged_archive_is_told(run: Run, folder: Path, command: tuple[str, ...]) -> None:
    """The message names the damaged file."""
    month = folder / "old" / "year=2026" / "month=5"
    month.mkdir(parents=True)
    (month / "half.parquet").write_bytes(b"PAR1")
    assert "damaged" in words(run(*command, code=2))


@pytest.mark.usefixtures("crm")
def test_an_archive_that_polars_panics_at_is_damaged(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polars may raise a panic, which is not an `Exception`, if a bit has changed."""

    def panic(*_: object, **__: object) -> None:
        raise PanicException("called `Option::unwrap()` on a `None` value")

    monkeypatch.setattr("interactions_sdk.reports.scan", panic)
    command = ("report", "by_type", "--archive", str(folder))
    assert "damaged, or not an archive file: called `Option" in words(run(*command, code=2))
