"""`interactions count`: how many interactions there are."""

from __future__ import annotations

from typing import Annotated

import typer

from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.entities import parse_entity_filter
from interactions_sdk.cli.options import (
    AsAdmin,
    AsUser,
    Csv,
    CustomerId,
    Embedded,
    EnvFile,
    Json,
    Since,
    TextFilter,
    TimeZoneName,
    Types,
    Until,
)
from interactions_sdk.cli.records import print_csv
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.models.enums import ContactMethod, Direction, Outcome

__all__ = ["count"]


def count(
    *,
    user: AsUser = None,
    admin: AsAdmin = None,
    customer: CustomerId = None,
    kind: Types = None,
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
    text: TextFilter = None,
    since: Since = None,
    until: Until = None,
    tz: TimeZoneName = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
    as_csv: Csv = False,
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
