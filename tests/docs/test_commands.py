"""The reference of the command line is that of the program."""

from __future__ import annotations

import runpy
from pathlib import Path

from interactions_sdk.cli.app import app

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = DOCS / "_build_scripts" / "commands.py"


def test_the_reference_is_what_the_program_says() -> None:
    """Every command, argument and option; `python docs/_build_scripts/commands.py` writes it."""
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert runpy.run_path(str(SCRIPT))["page"]() == page


def test_the_guide_names_every_command() -> None:
    """Its table says what each is for."""
    guide = (DOCS / "how-to" / "command-line.md").read_text(encoding="utf-8")
    table = [line for line in guide.splitlines() if line.startswith("| `")]
    names = [each.name for each in app.registered_commands]
    names += [each.name for each in app.registered_groups]
    assert [] == [name for name in names if not any(f"`{name}" in line for line in table)]
