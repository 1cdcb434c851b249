"""`interactions show`: everything that is known about one interaction."""

from __future__ import annotations

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, customers_of, open_client, repository_for
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.details import render_details
from interactions_sdk.cli.records import print_records
from interactions_sdk.cli.times import parse_timezone
from interactions_sdk.transfer.writers import FIELDS

__all__ = ["show"]


def show(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Show all columns of an interaction."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        interaction = repository_for(crm, user, admin).get(id)
        customers = customers_of(crm, [interaction], admin)
    if as_json:
        print_json(interaction.model_dump(mode="json"))
    elif as_csv:
        print_records([interaction], FIELDS, as_csv=True)
    else:
        stdout.print(render_details(interaction, here, customers=customers))
