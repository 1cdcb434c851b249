"""`interactions watch`: changes as they happen, one line each."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, customers_of, open_client, repository_for
from interactions_sdk.cli.console import stderr, stdout
from interactions_sdk.cli.exit_codes import INTERRUPTED
from interactions_sdk.cli.rendering import render_change
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.cli.usage import UsageError

if TYPE_CHECKING:
    from interactions_sdk import Change, InteractionsClient

__all__ = ["watch"]


def watch(
    user: Annotated[
        str | None, typer.Argument(metavar="USER", help="The user whose changes to show.")
    ] = None,
    *,
    admin: options.AsAdmin = None,
    customer: options.CustomerId = None,
    kind: options.Types = None,
    since: options.Since = None,
    cursor: Annotated[
        str | None,
        typer.Option(metavar="CURSOR", help="Resume after this cursor (use the same options)."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="Stop after this many changes (default: run until interrupted).",
        ),
    ] = None,
    interval: Annotated[
        float, typer.Option(min=0.01, metavar="SECONDS", help="Polling interval.")
    ] = 1.0,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each change.")
    ] = False,
) -> None:
    """Show interactions as they are created, updated and deleted, until interrupted."""
    if since is not None and cursor is not None:
        raise UsageError("Pass either --since or --cursor.")
    here = parse_timezone(tz)
    try:
        with open_client(embedded, env_file) as crm:
            changes = repository_for(crm, user, admin, user_argument="USER").watch(
                since=cursor if cursor is not None else parse_datetime(since, here),
                interval=interval,
                customer_id=customer,
                interaction_type=kind,
            )
            with changes:
                _require_customer(crm, user, customer)
                if stderr.is_terminal:
                    stderr.print("Waiting for changes; Ctrl-C stops.", style="dim")
                for number, change in enumerate(changes, start=1):
                    if as_json:
                        _print_json(change)
                    else:
                        customers = customers_of(crm, [change.interaction], admin)
                        line = render_change(change, here, customers=customers)
                        stdout.print(line, soft_wrap=True)
                    if number == limit:
                        changes.stop()
    except KeyboardInterrupt:
        stderr.print("Stopped.")
        raise typer.Exit(INTERRUPTED) from None


def _require_customer(crm: InteractionsClient, user: str | None, customer: str | None) -> None:
    """Reject a customer who does not exist, for whom `watch` would wait forever."""
    if customer is not None:
        crm.customers.get(customer)
    elif user is not None:
        crm.customers.get_by_user_id(user)


def _print_json(change: Change) -> None:
    line = {
        "kind": change.kind,
        "at": change.at.isoformat(),
        "cursor": change.cursor,
        "interaction": change.interaction.model_dump(mode="json"),
    }
    sys.stdout.write(json.dumps(line) + "\n")
