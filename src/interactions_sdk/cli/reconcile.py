"""`interactions reconcile`: repairs what a failure left behind."""

from __future__ import annotations

from dataclasses import asdict

from rich.table import Table

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client
from interactions_sdk.cli.console import print_json, progress_bar, progress_callback, stdout

__all__ = ["reconcile"]


def reconcile(
    *,
    customer: options.CustomerId = None,
    dry_run: options.DryRun = False,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Repair the dates and missing audit rows of all customers, or of one."""
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        show = progress_callback(progress, "Customers")
        result = crm.customers.reconcile(
            customer, dry_run=dry_run, on_progress=lambda so_far: show(so_far.customers_checked)
        )
    if as_json:
        print_json({**asdict(result), "dry_run": dry_run})
        return
    would = " (would be)" if dry_run else ""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Customers checked", str(result.customers_checked))
    table.add_row(f"Dates updated{would}", str(result.dates_updated))
    table.add_row(f"Audit rows added{would}", str(result.audit_rows_added))
    if result.read_permissions_granted:
        table.add_row(f"Read permissions granted{would}", str(result.read_permissions_granted))
    stdout.print(table)
