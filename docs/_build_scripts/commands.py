"""Write docs/reference/command-line.md: `python docs/_build_scripts/commands.py`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import typer.main

from interactions_sdk.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

_Part: TypeAlias = Any
"""A command or a parameter: Typer has had its own and Click's."""

PAGE = Path(__file__).parents[1] / "reference" / "command-line.md"
PROGRAM = "interactions"
COMMON = {
    "--embedded": "Use this file instead of a server (created if missing).",
    "--env-file": "File with variables that are not set in the environment.",
}
"""Options that nearly all commands have; they are described once."""

_HEAD = """# Commands

All commands of `interactions`, as `--help` shows them. [Command line](../how-to/command-line.md)
shows how to use them; [Exit codes](exit-codes.md) says how they end.

Options of `interactions` itself stand before the command: `interactions --verbose timeline ada`.
Commands that read or write data also take `--embedded FILE`, which uses a file instead of a server
(`INTERACTIONS_EMBEDDED`), and `--env-file FILE`, which names a file with variables (default:
`.env`). Every command has `--help`.
"""


def page() -> str:
    """Return the page's text."""
    return "\n".join([_HEAD, *_sections(typer.main.get_command(app), PROGRAM)])


def _sections(command: _Part, name: str) -> Iterator[str]:
    commands: dict[str, Any] = getattr(command, "commands", {})
    is_program = name == PROGRAM
    if is_program or not commands:
        yield f"## `{name}`\n"
        yield f"{_one_line(command.help)}\n"
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        usage = " ".join([name, *map(_argument, arguments), "[OPTIONS]"])
        yield f"```text\n{f'{name} [OPTIONS] COMMAND' if is_program else usage}\n```\n"
        if rows := list(_rows(command)):
            yield "| | |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    for each in commands.values():
        yield from _sections(each, f"{name} {each.name}")


def _argument(argument: _Part) -> str:
    name = argument.metavar.strip("[]")
    return str(name if argument.required else f"[{name}]")


def _rows(command: _Part) -> Iterator[str]:
    for each in command.params:
        if each.param_type_name == "argument":
            yield f"| `{_argument(each)}` | {_escaped(each.help)}{_values(each)} |"
        elif each.opts[0] not in {*COMMON, "--help"}:
            names = ", ".join(f"`{name}`" for name in (*each.opts, *each.secondary_opts))
            value = "" if each.is_flag else f" `{each.metavar or _kind(each)}`"
            yield f"| {names}{value} | {_escaped(each.help)}{_values(each)}{_facts(each)} |"


def _choices(parameter: _Part) -> list[str]:
    kind = parameter.type_descriptor.annotation
    return list(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _kind(option: _Part) -> str:
    return "VALUE" if _choices(option) else "NUMBER"


def _values(parameter: _Part) -> str:
    """Return the values that there are, unless the help names them."""
    choices = _choices(parameter)
    is_named = all(each in (parameter.help or "") for each in choices)
    return "" if is_named else f" One of {', '.join(f'`{each}`' for each in choices)}."


def _facts(option: _Part) -> str:
    """Return whether an option is required, its default and its variable."""
    facts = []
    if option.required:
        facts.append("required")
    if not option.is_flag and option.default is not None and option.show_default is not False:
        facts.append(f"default: `{option.default}`")
    if option.envvar:
        facts.append(f"variable: `{option.envvar}`")
    return f" ({', '.join(facts)})" if facts else ""


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _escaped(text: str | None) -> str:
    return _one_line(text).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
