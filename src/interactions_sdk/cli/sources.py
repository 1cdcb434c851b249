"""`interactions import mail` and `import calendar`: imports from other programs."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import (
    print_json,
    progress_bar,
    progress_callback,
    safe_text,
    stdout,
)
from interactions_sdk.cli.exit_codes import NEGATIVE_RESULT
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.sentences import count_noun

if TYPE_CHECKING:
    from interactions_sdk.transfer import SourceReport

__all__ = ["ImportGroup", "import_calendar", "import_mail"]

_SHOWN = 10
_FILE = "file"


class ImportGroup(TyperGroup):
    """`import FILE` imports a table; `import mail PATH` and others import something else."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Click's or Typer's
        """Treat arguments that do not begin with a source as those of a file."""
        if not args or args[0] == _FILE or args[0] not in self.commands:
            args = [_FILE, *args]
        return super().parse_args(ctx, args)


Customers = Annotated[
    Path | None,
    typer.Option(
        "--customers",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="CSV file of two columns: email address, customer ID (default: look them up).",
    ),
]


def import_mail(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", exists=True, help="An .eml or mbox file, a Maildir, or a folder."
        ),
    ],
    *,
    own: options.Own,
    customers: Customers = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="Import as well: bulk, auto_reply, bounce, calendar; may be repeated.",
        ),
    ] = None,
    attachments: Annotated[
        bool, typer.Option("--attachments", help="Attach the files of the messages.")
    ] = False,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    dry_run: options.DryRun = False,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Import email; messages that are already imported are not duplicated."""
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        report = repository_for(crm, user, admin).import_mail(
            path,
            own=own,
            customers=_customers(customers),
            include=include or (),  # type: ignore[arg-type]  # it is checked there
            attachments=attachments,
            dry_run=dry_run,
            on_progress=progress_callback(progress, "Messages"),
        )
    _print(report, "message", as_json=as_json)


def import_calendar(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", exists=True, help="An .ics file, or a folder of them."),
    ],
    *,
    own: options.Own,
    customers: Customers = None,
    customer: options.CustomerId = None,
    since: options.Since = None,
    tz: options.TimeZoneName = None,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    dry_run: options.DryRun = False,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Import events and to-dos; a newer version of an event updates what is there."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        report = repository_for(crm, user, admin).import_calendar(
            path,
            own=own,
            tz=str(here),
            since=parse_datetime(since, here),
            customers=_customers(customers),
            customer_id=customer,
            dry_run=dry_run,
            on_progress=progress_callback(progress, "Events"),
        )
    _print(report, "item", as_json=as_json)


def _customers(file: Path | None) -> dict[str, str] | None:
    """Read the customer ID of each address."""
    if file is None:
        return None
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = [row for row in csv.reader(opened) if any(row)]
    for row in rows:
        if len(row) != 2:  # noqa: PLR2004 - an address and an ID
            raise UsageError(f"{file}: expected an address and a customer ID, not {row!r}.")
    return {address.strip(): customer_id.strip() for address, customer_id in rows}


def _print(report: SourceReport, noun: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
    else:
        _print_text(report, noun)
    if report.refused:
        raise typer.Exit(NEGATIVE_RESULT)


def _print_text(report: SourceReport, noun: str) -> None:
    """Print the counts, the unknown addresses, and the refused items."""
    counts = {
        "would be new" if report.dry_run else "new": report.new,
        "already there": report.already_there,
        "changed since": report.changed_since,
        "updated": report.updated,
        "without a customer": report.unmatched,
        "refused": report.refused,
    }
    skipped = {f"skipped ({kind})": count for kind, count in report.skipped.items()}
    files = {"files attached": report.files} if report.files else {}
    shown = ", ".join(f"{count} {name}" for name, count in {**counts, **skipped, **files}.items())
    _print_line(f"{count_noun(report.read, noun)}: {shown}.", "")
    for address, count in list(report.unknown_addresses.items())[:_SHOWN]:
        _print_line(f"  no customer: {address} ({count_noun(count, noun)})", "yellow")
    for refused in report.rejected[:_SHOWN]:
        _print_line(f"  {refused}", "red")
    for note in report.notes[:_SHOWN]:
        _print_line(f"  {note}", "dim")


def _print_line(text: str, style: str) -> None:
    stdout.print(safe_text(text, style), soft_wrap=True)
