"""`interactions serve`: the embedded Appwrite over HTTP."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV
from interactions_sdk.cli.console import print_json, safe_text, stderr, stdout
from interactions_sdk.cli.exit_codes import INTERRUPTED, USAGE
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded_setup import prepare
from interactions_sdk.environment import settings_from_environment

if TYPE_CHECKING:
    from collections.abc import Generator

    from interactions_sdk.embedded.http_server import RunningServer

__all__ = ["serve"]


def serve(
    *,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Database file (default: in memory)."),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="Port; 0 uses any free port.")
    ] = 8090,
    project: Annotated[str, typer.Option(metavar="ID", help="Project ID.")] = "embedded",
    api_key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            envvar="INTERACTIONS_SERVE_KEY",
            show_default=False,
            show_envvar=True,
            help="API key (default: a random one, kept in the file); as a variable it is not "
            "visible in the process list.",
        ),
    ] = None,
    show_key: Annotated[
        bool, typer.Option("--show-key", help="Print the API key even if it is not new.")
    ] = False,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Allow connections from other machines.")
    ] = False,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allowed-host", metavar="NAME", help="Host name that clients may use; repeatable."
        ),
    ] = None,
    platform: Annotated[
        list[str] | None,
        typer.Option(
            "--platform",
            metavar="NAME",
            help="Host name of web pages that may call it; repeatable.",
        ),
    ] = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Serve an embedded Appwrite, with all tables, until Ctrl-C."""
    with EmbeddedAppwrite(file or ":memory:", project=project, api_key=api_key) as server:
        prepare(server, settings_from_environment(env_file))
        try:
            running = server.serve(
                host,
                port,
                allow_remote=allow_remote,
                allowed_hosts=allowed_host or (),
                platforms=platform or (),
            )
        except ValueError:
            message = f"Other machines can connect to {host}; add --allow-remote to allow this."
            raise typer.BadParameter(message) from None
        except OSError as error:
            stderr.print(Text(f"Cannot listen on {host}:{port}: {error.strerror or error}."))
            raise typer.Exit(USAGE) from error
        with running, _until_stopped():
            key = running.api_key if show_key or running.is_new_key else None
            _print_endpoint(running, server.project, file, key, as_json=as_json)
            threading.Event().wait()


def _print_endpoint(
    running: RunningServer, project: str, file: Path | None, key: str | None, *, as_json: bool
) -> None:
    if as_json:
        endpoint = {"endpoint": running.endpoint, "project": project}
        print_json(endpoint if key is None else endpoint | {"api_key": key})
        return
    stdout.print(Text("Serving ") + Text(running.endpoint, style="bold green"))
    stdout.print(
        safe_text(
            f"The data is in {file}."
            if file
            else "The data is in memory only; use --file to keep it."
        )
    )
    stdout.print("\nIn another terminal:", style="dim")
    stdout.print(
        safe_text(
            f"  export APPWRITE_ENDPOINT={running.endpoint} APPWRITE_PROJECT_ID={project} "
            f"APPWRITE_API_KEY={key or '...'} INTERACTIONS_VERIFY_USERS=false"
        ),
        soft_wrap=True,
    )
    if key is None:
        stdout.print("\n--show-key prints the API key.", style="dim")
    stdout.print("\nCtrl-C stops it.", style="dim")


@contextmanager
def _until_stopped() -> Generator[None]:
    """End the command on Ctrl-C or SIGTERM."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        stderr.print("Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
