"""Options that several commands share, with the same names everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interactions_sdk.cli.clients import DOTENV
from interactions_sdk.cli.times import parse_minutes, parse_rule
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.models.enums import InteractionType, Outcome

__all__ = [
    "AsAdmin",
    "AsUser",
    "Csv",
    "CustomerId",
    "DryRun",
    "Embedded",
    "EnvFile",
    "InteractionId",
    "Json",
    "Minutes",
    "Repeat",
    "Since",
    "TextFilter",
    "TimeZoneName",
    "Types",
    "Until",
]


def _existing_file(path: Path) -> Path | None:
    """Return a file of variables; None for the default one if it does not exist."""
    if path.exists():
        return path
    if path != DOTENV:
        raise typer.BadParameter(f"The file {path} does not exist.")
    return None


Embedded = Annotated[
    Path | None,
    typer.Option(
        "--embedded",
        metavar="FILE",
        envvar="INTERACTIONS_EMBEDDED",
        help="Use this file instead of a server (created if missing).",
        rich_help_panel="Data source",
    ),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        metavar="FILE",
        callback=_existing_file,
        help="File with variables that are not set in the environment.",
        rich_help_panel="Data source",
    ),
]


def _one_format(ctx: typer.Context, asked: bool) -> bool:
    """Reject the second of two formats; the first is already known."""
    if asked and (ctx.params.get("as_json") or ctx.params.get("as_csv")):
        raise UsageError("Pass either --json or --csv.")
    return asked


Json = Annotated[bool, typer.Option("--json", callback=_one_format, help="Print JSON.")]
Csv = Annotated[
    bool, typer.Option("--csv", callback=_one_format, help="Print CSV, for spreadsheets.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done without doing it.")
]
AsUser = Annotated[
    str | None,
    typer.Option(
        "--user",
        "-u",
        metavar="ID",
        help="Act as this user, for the user's own customer.",
        rich_help_panel="Acting user",
    ),
]
AsAdmin = Annotated[
    str | None,
    typer.Option(
        "--admin",
        metavar="ID",
        help="Act as this admin, for any customer.",
        rich_help_panel="Acting user",
    ),
]
CustomerId = Annotated[
    str | None, typer.Option("--customer", "-c", metavar="ID", help="The customer's ID.")
]
InteractionId = Annotated[
    str, typer.Argument(metavar="ID", help="The interaction's ID, as the lists show it.")
]
Types = Annotated[
    list[InteractionType] | None,
    typer.Option("--type", metavar="TYPE", help="Only this type; may be repeated."),
]
OutcomeName = Annotated[
    Outcome | None,
    typer.Option("--outcome", metavar="OUTCOME", help=f"Outcome: {', '.join(Outcome)}."),
]
NextAction = Annotated[str | None, typer.Option("--next", metavar="TEXT", help="The next action.")]
Due = Annotated[
    str | None,
    typer.Option(
        "--due",
        metavar="TIME",
        help="Due date of the next action: 2026-05-01, tomorrow, in 3d.",
    ),
]
About = Annotated[
    str | None,
    typer.Option("--about", metavar="TYPE:ID", help="Related entity: invoice:4711."),
]
Location = Annotated[str | None, typer.Option("--location", metavar="PLACE", help="Location.")]
Own = Annotated[
    list[str],
    typer.Option("--own", metavar="ADDRESS", help="Your own address or domain; may be repeated."),
]
TextFilter = Annotated[
    str | None,
    typer.Option("--text", metavar="TEXT", help="Only interactions that contain this text."),
]
Minutes = Annotated[
    int | None,
    typer.Option(
        "--duration",
        metavar="LENGTH",
        parser=parse_minutes,
        help="How long it took: 12 (minutes), 90m, 1h30.",
    ),
]
Repeat = Annotated[
    str | None,
    typer.Option(
        "--repeat",
        metavar="RULE",
        parser=parse_rule,
        help="The follow-up recurs: daily, weekly, monthly, yearly, or a rule such as "
        "FREQ=WEEKLY;BYDAY=MO.",
    ),
]
TimeZoneName = Annotated[
    str | None,
    typer.Option(
        "--tz", metavar="ZONE", help="Time zone of days and times (default: this machine's)."
    ),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Since this time: 2026-05-01 or 30d ago."),
]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before this time.")]
