"""`interactions count`: how many interactions there are."""

from __future__ import annotations

from typing import Annotated

import typer

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.entities import parse_entity_filter
from interactions_sdk.cli.records import print_csv
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.models.enums import ContactMethod, Direction, Outcome

__all__ = ["count"]


def count(
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    customer: options.CustomerId = None,
    kind: options.Types = None,
    method: Annotated[
        list[ContactMethod] | None,
        typer.Option(metavar="METHOD", help="Only this contact method; may be repeated."),
    ] = None,
    direction: Annotated[
        Direction | None, typer.Option(help="Only interactions started by this side.")
    ] = None,
    outcome: Annotated[
        list[Outcome] | None,
        typer.Option(metavar="OUTCOME", help="Only this outcome; may be repeated."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only those logged by this user; may be repeated."),
    ] = None,
    about: Annotated[
        str | None,
        typer.Option(metavar="TYPE[:ID]", help="Only this related entity: invoice, invoice:4711."),
    ] = None,
    text: options.TextFilter = None,
    since: options.Since = None,
    until: options.Until = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Count interactions exactly, however many there are."""
    here = parse_timezone(tz)
    entity = parse_entity_filter(about)
    with open_client(embedded, env_file) as crm:
        number = repository_for(crm, user, admin).count(
            customer_id=customer,
            interaction_type=kind,
            contact_method=method,
            direction=direction,
            outcome=outcome,
            user_id=by,
            related_entity=entity,
            text=text,
            since=parse_datetime(since, here),
            until=parse_datetime(until, here),
        )
    if as_json:
        print_json({"count": number})
    elif as_csv:
        print_csv([{"count": number}], ["count"])
    else:
        stdout.print(str(number))
