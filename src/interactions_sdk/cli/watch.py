"""`interactions watch`: changes as they happen, one line each."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import stderr, stdout
from interactions_sdk.cli.exit_codes import INTERRUPTED
from interactions_sdk.cli.options import (
    AsAdmin,
    CustomerId,
    Embedded,
    EnvFile,
    Since,
    TimeZoneName,
)
from interactions_sdk.cli.rendering import render_change
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.models.enums import InteractionType

if TYPE_CHECKING:
    from interactions_sdk import Change

__all__ = ["watch"]


def watch(
    user: Annotated[
        str | None, typer.Argument(metavar="USER", help="The user whose changes to show.")
    ] = None,
    *,
    admin: AsAdmin = None,
    customer: CustomerId = None,
    kind: Annotated[
        list[InteractionType] | None,
        typer.Option("--type", metavar="TYPE", help="Only these; may be repeated."),
    ] = None,
    since: Since = None,
    cursor: Annotated[
        str | None,
        typer.Option(metavar="CURSOR", help="Resume after this cursor (use the same options)."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Stop after this many changes (default: run until interrupted)."),
    ] = None,
    interval: Annotated[
        float, typer.Option(min=0.01, metavar="SECONDS", help="Polling interval.")
    ] = 1.0,
    tz: TimeZoneName = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each change.")
    ] = False,
) -> None:
    """Show interactions as they are created, updated and deleted, until interrupted."""
    if since is not None and cursor is not None:
        raise typer.BadParameter("Pass either --since or --cursor.")
    here = parse_timezone(tz)
    of_several = admin is not None and customer is None
    try:
        with open_client(embedded, env_file) as crm:
            changes = repository_for(crm, user, admin, user_argument="USER").watch(
                since=cursor if cursor is not None else parse_datetime(since, here),
                interval=interval,
                customer_id=customer,
                interaction_type=kind,
            )
            with changes:
                if user is not None and admin is None:
                    crm.customers.get_by_user_id(user)  # or it would wait in vain, without a word
                for number, change in enumerate(changes, start=1):
                    if as_json:
                        _print_json(change)
                    else:
                        line = render_change(change, here, names_customer=of_several)
                        stdout.print(line, soft_wrap=True)
                    if number == limit:
                        changes.stop()
    except KeyboardInterrupt:
        stderr.print("Stopped.")
        raise typer.Exit(INTERRUPTED) from None


def _print_json(change: Change) -> None:
    line = {
        "kind": change.kind,
        "at": change.at.isoformat(),
        "cursor": change.cursor,
        "interaction": change.interaction.model_dump(mode="json"),
    }
    sys.stdout.write(json.dumps(line) + "\n")
