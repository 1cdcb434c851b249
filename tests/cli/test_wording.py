"""Messages use the terms of the command line."""

from __future__ import annotations

import pytest
import typer

from interactions_sdk.cli.records import print_csv
from interactions_sdk.cli.times import parse_minutes
from interactions_sdk.cli.wording import in_cli_words, option_for


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Set Settings(verify_users=False) (INTERACTIONS_VERIFY_USERS=false) where it does.",
            "Set INTERACTIONS_VERIFY_USERS=false where it does.",
        ),
        ("more than 5 bytes (Settings.max_response_bytes)", "(INTERACTIONS_MAX_RESPONSE_BYTES)"),
        (
            "run `crm.schema.apply()` or `interactions schema apply`.",
            "run `interactions schema apply`.",
        ),
        ("preset= takes auto, not 'x'.", "--preset takes auto, not 'x'."),
        ("Map the columns yourself, with columns=.", "Map the columns yourself, with --column."),
        ("run crm.schema.check().", "run `interactions schema check`."),
        (
            "(`crm.schema.apply(user_sessions=True)`)",
            "(`interactions schema apply --user-sessions`)",
        ),
        ("see crm.schema.audit_ownership()", "see `interactions schema audit-ownership`"),
        ("run crm.customers.reconcile('ada')", "run `interactions reconcile`"),
        ("or use InteractionsClient.embedded(), which", "or use --embedded FILE, which"),
        ("Give its encoding=, such as cp1252.", "Give its --encoding, such as cp1252."),
        (
            "Read it with customers.get_by_user_id(), or use customers.ensure().",
            "`interactions customers show --user` shows it.",
        ),
        (
            'than it has, as in customers.ensure("ada", name="Ada"); or',
            "and --set COLUMN=TEXT); or",
        ),
        ("rejects= must not be", "--rejects must not be"),
        (
            "Say which it is: dayfirst=True. On the command line that is --day-first.",
            "Say which it is: --day-first.",
        ),
        ("I called since until noon.", "I called since until noon."),
    ],
)
def test_python_becomes_the_command_line(message: str, expected: str) -> None:
    """Arguments become options, methods become commands, and settings become variables."""
    assert expected in in_cli_words(message)


@pytest.mark.parametrize(
    ("field", "command", "expected"),
    [
        ("next_action_date", "log", "--due"),
        ("next_action_date", "follow-ups", "--until"),
        ("subject", "log", "SUBJECT"),
        ("subject", "update", "--subject"),
        ("outcome", "log", "--outcome"),
        ("database_id", "schema", "database_id"),
    ],
)
def test_a_field_is_an_option(field: str, command: str, expected: str) -> None:
    """Fields become options of the given command; other fields keep their name."""
    assert expected == option_for(field, command)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("12", 12),
        ("90m", 90),
        ("90min", 90),
        ("2h", 120),
        ("1h30", 90),
        ("1h 5m", 65),
        (" 1h05min ", 65),
        ("0", 0),
    ],
)
def test_lengths_are_minutes(typed: str, minutes: int) -> None:
    """Durations can be written in several ways."""
    assert minutes == parse_minutes(typed)


@pytest.mark.parametrize("typed", ["", "long", "1h60", "-5", "3d", "1mo", "1.5h", "1h30s"])
def test_other_lengths_are_refused(typed: str) -> None:
    """Other formats and absurdly long durations are rejected."""
    with pytest.raises(typer.BadParameter, match=r"Use e\.g\. 12, 90m or 1h30"):
        parse_minutes(typed)


def test_csv_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    """Formulas and control characters are escaped, None is not an empty text, lists are JSON."""
    row = {"a": "=1+1", "b": "\x1b[2J\nx", "c": None, "d": "", "e": ["x"], "f": -1, "g": True}
    print_csv([row], "abcdefg")
    head, values = "a,b,c,d,e,f,g", '\'=1+1,"\ufffd[2J\nx",,\',"[""x""]",-1,true'
    assert f"{head}\n{values}\n" == capsys.readouterr().out
