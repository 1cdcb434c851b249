"""`interactions timeline`: what happened, day by day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, customers_of, open_client, repository_for
from interactions_sdk.cli.console import safe_text, stdout
from interactions_sdk.cli.output_files import print_written, validate_output_path
from interactions_sdk.cli.records import print_records
from interactions_sdk.cli.rendering import render_timeline
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.transfer.files import atomic_file
from interactions_sdk.transfer.writers import FIELDS

__all__ = ["timeline"]


def timeline(
    user: Annotated[
        str | None, typer.Argument(metavar="USER", help="The user whose timeline to show.")
    ] = None,
    *,
    admin: options.AsAdmin = None,
    customer: options.CustomerId = None,
    kind: options.Types = None,
    text: options.TextFilter = None,
    since: options.Since = None,
    until: options.Until = None,
    limit: Annotated[
        int, typer.Option(min=1, max=5000, metavar="NUMBER", help="Maximum number.")
    ] = 200,
    tz: options.TimeZoneName = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=validate_output_path, help="Write an HTML page instead."
        ),
    ] = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Show a timeline, newest first, grouped by day."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        shown = repository_for(crm, user, admin, user_argument="USER").timeline(
            customer,
            interaction_type=kind,
            text=text,
            since=parse_datetime(since, here),
            until=parse_datetime(until, here),
            limit=limit,
            tz=here,
        )
        customers = customers_of(crm, shown, admin)
    if html is not None:
        everybody = "all customers" if admin is not None else "my interactions"
        title = f"Timeline of {user or customer or everybody}"
        with atomic_file(html) as part:
            part.write_text(shown.to_html(title), encoding="utf-8")
        print_written(html, as_json=as_json)
    elif as_json or as_csv:
        print_records(list(shown), FIELDS, as_csv=as_csv)
    elif shown:
        stdout.print(render_timeline(shown, customers=customers))
    elif kind or text or since or until:
        stdout.print("No interactions match. Leave out --type, --text, --since or --until.")
    else:
        _print_first_step(user, admin, customer)


def _print_first_step(user: str | None, admin: str | None, customer: str | None) -> None:
    """Print a command to start with if there are no interactions yet."""
    step = "  interactions log call 'First call'"
    if admin is not None:
        step += f" --admin {admin} --customer {customer or 'ID'}"
    elif user is not None:
        step += f" --user {user} --new-customer"
    stdout.print("No interactions yet. Log the first one:")
    stdout.print(safe_text(step, "dim"), soft_wrap=True)
