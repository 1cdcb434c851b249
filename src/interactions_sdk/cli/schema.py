"""`interactions schema`: plans, creates and checks the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client
from interactions_sdk.cli.console import print_json, progress_bar, safe_text, stdout
from interactions_sdk.cli.exit_codes import NEGATIVE_RESULT
from interactions_sdk.cli.wording import in_cli_words
from interactions_sdk.schema import Advice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.schema import SchemaChange

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Plan, create and check the database schema.")


UserSessions = Annotated[
    bool | None,
    typer.Option(
        "--user-sessions/--no-user-sessions",
        help="Allow users to write with their own sessions (default: as in the environment).",
        show_default=False,
    ),
]


@app.command()
def plan(
    *,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    user_sessions: UserSessions = None,
    as_json: options.Json = False,
) -> None:
    """List what `schema apply` would create."""
    with open_client(embedded, env_file) as crm:
        changes = crm.schema.plan(user_sessions=user_sessions)
    _show(changes, "Missing", as_json=as_json)


@app.command()
def apply(
    *,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    dry_run: options.DryRun = False,
    user_sessions: UserSessions = None,
    as_json: options.Json = False,
) -> None:
    """Create what is missing; leave what exists unchanged."""
    if dry_run:
        plan(embedded=embedded, env_file=env_file, user_sessions=user_sessions, as_json=as_json)
        return
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        task = progress.add_task("Reading the database", total=None)

        def show(done: int, total: int, change: SchemaChange) -> None:
            progress.update(task, completed=done, total=total, description=str(change))

        changes = crm.schema.apply(on_progress=show, user_sessions=user_sessions)
    _show(changes, "Created", as_json=as_json)


@app.command()
def check(
    *,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    user_sessions: UserSessions = None,
    as_json: options.Json = False,
) -> None:
    """List problems of the schema; exit code 1 if there are any."""
    with open_client(embedded, env_file) as crm:
        problems = crm.schema.check(user_sessions=user_sessions)
    faults = [problem for problem in problems if not isinstance(problem, Advice)]
    if as_json:
        print_json(problems)
    elif faults:
        stdout.print(Text(f"Problems: {len(faults)}", style="bold red"))
        _list(faults, "✗", "red")
    else:
        stdout.print("[green]✓[/] The schema is correct.")
    advice = [problem for problem in problems if isinstance(problem, Advice)]
    if advice and not as_json:
        _list(advice, "•", "yellow")
    if faults:
        raise typer.Exit(NEGATIVE_RESULT)


@app.command("audit-ownership")
def audit_ownership(
    *, embedded: options.Embedded = None, env_file: options.EnvFile = DOTENV
) -> None:
    """List rows that do not belong to the customer they name; exit code 1 if there are any."""
    problem = None
    with open_client(embedded, env_file) as crm:
        for problem in crm.schema.audit_ownership():
            _list([problem], "✗", "red")
    if problem is not None:
        raise typer.Exit(NEGATIVE_RESULT)
    stdout.print("[green]✓[/] No ownership problems found.")


def _show(changes: Sequence[SchemaChange], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            [{"kind": each.kind, "table": each.table, "text": str(each)} for each in changes]
        )
    elif changes:
        stdout.print(Text(f"{what}: {len(changes)}", style="bold"))
        _list(list(map(str, changes)), "+", "green")
    else:
        stdout.print("[green]✓[/] Nothing is missing.")


def _list(texts: Sequence[str], bullet: str, style: str) -> None:
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for text in texts:
        table.add_row(Text(f"  {bullet}", style=style), safe_text(in_cli_words(text)))
    stdout.print(table)
