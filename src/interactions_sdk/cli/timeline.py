"""`interactions timeline`: what happened, day by day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.options import (
    AsAdmin,
    CustomerId,
    Embedded,
    EnvFile,
    Json,
    Since,
    TimeZoneName,
    Until,
)
from interactions_sdk.cli.output_files import print_written, validate_output_path
from interactions_sdk.cli.rendering import render_timeline
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.models.enums import InteractionType
from interactions_sdk.transfer.files import atomic_file

__all__ = ["timeline"]


def timeline(
    user: Annotated[
        str | None, typer.Argument(metavar="USER", help="The user whose timeline to show.")
    ] = None,
    *,
    admin: AsAdmin = None,
    customer: CustomerId = None,
    kind: Annotated[
        list[InteractionType] | None,
        typer.Option("--type", metavar="TYPE", help="Only these; may be repeated."),
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only interactions that contain this text.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Maximum number.")] = 200,
    tz: TimeZoneName = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=validate_output_path, help="Write an HTML page instead."
        ),
    ] = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
) -> None:
    """Show a timeline, newest first, grouped by day."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        found = repository_for(crm, user, admin, user_argument="USER").timeline(
            customer,
            interaction_type=kind,
            text=text,
            since=parse_datetime(since, here),
            until=parse_datetime(until, here),
            limit=limit,
            tz=here,
        )
    if html is not None:
        everybody = "all customers" if admin is not None else "my interactions"
        title = f"Timeline of {user or customer or everybody}"
        with atomic_file(html) as part:
            part.write_text(found.to_html(title), encoding="utf-8")
        print_written(html, as_json=as_json)
    elif as_json:
        print_json([each.model_dump(mode="json") for each in found])
    elif found:
        stdout.print(render_timeline(found))
    else:
        stdout.print("No interactions.", style="dim")
