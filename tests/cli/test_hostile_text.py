"""All commands that print customers' text, with hostile text in all columns."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interactions_sdk import (
    InteractionCreate,
    InteractionMetadata,
    InteractionsClient,
    InteractionUpdate,
)
from interactions_sdk.cli.app import app
from interactions_sdk.cli.exit_codes import message_for
from interactions_sdk.errors import InteractionsError
from tests.hostile_text import AT, CORPUS

ADMIN = ("--admin", "root")
FAR = "2030-01-01"


def _draft(text: str, customer_id: str) -> InteractionCreate:
    return InteractionCreate(
        customer_id=customer_id,
        interaction_type="task",
        subject=text[:200],
        description=text,
        next_action=text[:500],
        occurred_at=AT,
        next_action_date=AT.replace(hour=12),
        related_entity_type=text[:50],
        related_entity_id=text[:50],
        metadata=InteractionMetadata(tags=[text], location=text, custom_fields={text: text}),
    )


@pytest.fixture(scope="module")
def hostile(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with an interaction for each text, and one that combines many of them."""
    path = Path(shutil.copy(database, tmp_path_factory.mktemp("hostile") / "crm.db"))
    with InteractionsClient.embedded(path) as crm:
        customer = crm.customers.ensure("ada", name=MANY[:200], email=MANY[:320], phone=MANY[:64])
        drafts = [_draft(text, customer.id) for text in CORPUS if "\x00" not in text]
        drafts.append(_draft(MANY, customer.id).model_copy(update={"id": "hostile"}))
        crm.as_admin("root").create_many(drafts).raise_for_failures()
        crm.as_user("ada").update("hostile", InteractionUpdate(subject=f"x{MANY[:199]}"))
    return path


@pytest.fixture
def written(hostile: Path, file: Path) -> Path:
    """Return a copy of the file, which the commands use."""
    return Path(shutil.copy(hostile, file))


MANY = CORPUS[0] + "".join(CORPUS[44:60]).replace("\x00", "")
"""Many texts combined."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "timeline": ("timeline", *ADMIN),
    "watch": ("watch", *ADMIN, "--since", "2020-01-01", "--limit", "60", "--interval", "0.01"),
    "follow-ups": ("follow-ups", *ADMIN, "--limit", "200"),
    "report": ("report", "user_activity", *ADMIN),
    "report on customers": ("report", "engagement", *ADMIN),
    "schema": ("schema", "audit-ownership"),
    "reconcile": ("reconcile", "--dry-run"),
    "log": ("log", "note", MANY, "--user", "ada"),
    "show": ("show", "hostile", *ADMIN),
    "history": ("history", "hostile", *ADMIN),
    "customers list": ("customers",),
    "customers search": ("customers", "search", "script"),
    "customers show": ("customers", "show", "--user", "ada"),
    "update": ("update", "hostile", *ADMIN, "--outcome", "busy"),
    "delete": ("delete", "hostile", *ADMIN),  # asks, showing the title; the answer is no
    "import": ("import", "bad.csv", *ADMIN),
    "demo": ("demo",),
}
SILENT = {"count", "desk", "mcp", "serve", "export", "archive", "restore"}
"""Commands that print addresses, numbers and file names, but no text from rows."""


CSV = (
    "timeline",
    "follow-ups",
    "show",
    "history",
    "customers list",
    "customers show",
    "report",
    "report on customers",
)
"""Commands with customers' text that also print CSV."""


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, ()) for name in COMMANDS),
        *((name, ("--json",)) for name in COMMANDS if name != "schema"),
        *((name, ("--csv",)) for name in CSV),
    ],
)
def test_a_terminal_obeys_nothing(folder: Path, name: str, options: tuple[str, ...]) -> None:
    """Neither stdout nor stderr contains control characters."""
    lines = "\n".join(f'"{text}","x{text}"'.replace("\n", " ") for text in CORPUS[44:63])
    heads = 'interaction_type,"duration"\n'
    (folder / "bad.csv").write_text(heads + lines + "\n", encoding="utf-8")

    arguments = [*COMMANDS[name], *options]
    result = CliRunner().invoke(app, arguments, input="no\n", terminal_width=100)

    assert result.exit_code in {0, 1}, result.output
    assert result.output.strip()
    assert [] == _obeyed(result.output)


def test_every_command_is_tried() -> None:
    """Every command is either in `COMMANDS` or, with a reason, in `SILENT`."""
    groups = {str(group.name) for group in app.registered_groups}

    assert (
        groups | {str(each.name) for each in app.registered_commands}
        == {name.split()[0] for name in COMMANDS} | SILENT
    )


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_an_error_is_shown_on_one_line(text: str) -> None:
    """Error messages from servers and files are shown on one line, without control characters."""
    for error in (InteractionsError(text), OSError(2, text, text)):
        shown = message_for(error).plain
        assert [] == _obeyed(shown)
        assert "\n" not in shown


def _obeyed(text: str) -> list[str]:
    return [
        each
        for each in text
        if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and each not in "\n\u200d"
    ]
