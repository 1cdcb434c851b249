"""`interactions timeline`: what happened, day by day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interactions_sdk.cli.clients import DOTENV, acting, open_client
from interactions_sdk.cli.console import OUTPUT, print_json
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
from interactions_sdk.cli.output_files import place_for, tell_file
from interactions_sdk.cli.rendering import timeline_page
from interactions_sdk.cli.times import moment, zone_of
from interactions_sdk.models.enums import InteractionType
from interactions_sdk.transfer.files import whole_file

__all__ = ["timeline"]


def timeline(
    user: Annotated[
        str | None, typer.Argument(metavar="USER", help="The user whose own timeline it is.")
    ] = None,
    *,
    admin: AsAdmin = None,
    customer: CustomerId = None,
    kind: Annotated[
        list[InteractionType] | None,
        typer.Option("--type", metavar="TYPE", help="Only these; may be repeated."),
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only what contains this text.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="How many at most.")] = 200,
    tz: TimeZoneName = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=place_for, help="Write a page for browsers instead."),
    ] = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
) -> None:
    """Show what happened, the latest first, day by day."""
    here = zone_of(tz)
    with open_client(embedded, env_file) as crm:
        found = acting(crm, user, admin).timeline(
            customer,
            interaction_type=kind,
            text=text,
            since=moment(since, here),
            until=moment(until, here),
            limit=limit,
            tz=here,
        )
    if html is not None:
        everybody = "all customers" if admin is not None else "my interactions"
        title = f"Timeline of {user or customer or everybody}"
        with whole_file(html) as part:
            part.write_text(found.to_html(title), encoding="utf-8")
        tell_file(html, as_json=as_json)
    elif as_json:
        print_json([each.model_dump(mode="json") for each in found])
    elif found:
        OUTPUT.print(timeline_page(found))
    else:
        OUTPUT.print("Nothing happened.", style="dim")
