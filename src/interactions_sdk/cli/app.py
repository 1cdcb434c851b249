"""The application with all commands."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from interactions_sdk.cli import (
    count,
    customers,
    delete,
    demo,
    desk,
    follow_ups,
    history,
    log,
    mcp,
    reconcile,
    report,
    schema,
    serve,
    show,
    sources,
    timeline,
    transfer,
    update,
    watch,
)
from interactions_sdk.cli.clients import WAIT
from interactions_sdk.cli.console import stderr, stdout
from interactions_sdk.cli.exit_codes import ErrorHandlingGroup
from interactions_sdk.version import __version__

__all__ = ["app"]

app = typer.Typer(
    name="interactions",
    cls=ErrorHandlingGroup,
    help="Log and read customer interactions in Appwrite or in a local file.",
    epilog=(
        "Reads APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID, APPWRITE_API_KEY (or APPWRITE_JWT or "
        "APPWRITE_SESSION of a user, who then acts without --user) and INTERACTIONS_* from the "
        "environment and from .env; --embedded FILE needs no server. Exit codes: 0 success, 1 not "
        "found or problems found, 2 incorrect usage or configuration, 3 server error, 130 "
        "interrupted, 141 output closed."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

# One line for each group or command, in the order of --help.
app.command("demo")(demo.demo)
app.add_typer(schema.app, name="schema")
app.command("serve")(serve.serve)
app.command("desk")(desk.desk)
app.command("mcp")(mcp.mcp)
app.command("log")(log.log)
app.command("timeline")(timeline.timeline)
app.command("show")(show.show)
app.command("update")(update.update)
app.command("delete")(delete.delete)
app.command("history")(history.history)
app.command("count")(count.count)
app.command("watch")(watch.watch)
app.add_typer(follow_ups.app, name="follow-ups")
app.add_typer(customers.app, name="customers")
app.command("report")(report.report)
import_app = typer.Typer(cls=sources.ImportGroup, help="Import a file, mail or a calendar.")
import_app.command(
    "file",
    epilog="See also: `interactions import mail --help`, `interactions import calendar --help`.",
)(transfer.import_command)
import_app.command("mail")(sources.import_mail)
import_app.command("calendar")(sources.import_calendar)
app.add_typer(import_app, name="import")
app.command("export")(transfer.export_command)
app.command("archive")(transfer.archive)
app.command("restore")(transfer.restore)
app.command("reconcile")(reconcile.reconcile)


class _WaitingHandler(logging.Handler):
    """Prints to stderr only that the command waits for a server."""

    def emit(self, record: logging.LogRecord) -> None:
        if "pause" in getattr(record, "interactions_sdk", {}):
            typer.echo(record.getMessage(), err=True)


def _show_version(asked: bool) -> None:
    if asked:
        stdout.print(f"interactions-sdk {__version__}")
        raise typer.Exit


@app.callback()
def interactions(
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show each request on stderr.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SECONDS",
            envvar="INTERACTIONS_WAIT",
            help="How long to wait for a server that is down; 0 gives up after three retries.",
        ),
    ] = 30,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Set up what all commands have in common."""
    logger = logging.getLogger("interactions_sdk")
    logger.handlers = [_WaitingHandler()]  # without one, Python would print all warnings
    WAIT.set(wait)
    if verbose:
        from rich.logging import RichHandler  # noqa: PLC0415 - only if asked

        handler = RichHandler(console=stderr, show_path=False, markup=False, highlighter=None)
        logger.handlers = [handler]
        logger.setLevel(logging.DEBUG)
