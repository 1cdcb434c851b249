"""`interactions show`: everything that is known about one interaction."""

from __future__ import annotations

from interactions_sdk.cli.clients import DOTENV, customers_of, open_client, repository_for
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.details import render_details
from interactions_sdk.cli.options import (
    AsAdmin,
    AsUser,
    Csv,
    Embedded,
    EnvFile,
    InteractionId,
    Json,
    TimeZoneName,
)
from interactions_sdk.cli.records import print_records
from interactions_sdk.cli.times import parse_timezone
from interactions_sdk.transfer.writers import FIELDS

__all__ = ["show"]


def show(
    id: InteractionId,
    *,
    user: AsUser = None,
    admin: AsAdmin = None,
    tz: TimeZoneName = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show all columns of an interaction."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        found = repository_for(crm, user, admin).get(id)
        customers = customers_of(crm, [found], admin)
    if as_json:
        print_json(found.model_dump(mode="json"))
    elif as_csv:
        print_records([found], FIELDS, as_csv=True)
    else:
        stdout.print(render_details(found, here, customers=customers))
