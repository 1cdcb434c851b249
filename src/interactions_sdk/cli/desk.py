"""`interactions desk`: the desk in the browser, for one person at this machine."""

from __future__ import annotations

import asyncio
import getpass
import re
import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from interactions_sdk import AsyncInteractionsClient, RetryPolicy
from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV
from interactions_sdk.cli.console import stderr, stdout
from interactions_sdk.cli.exit_codes import INTERRUPTED, USAGE
from interactions_sdk.environment import settings_from_environment

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from interactions_sdk.desk.identity import Person

__all__ = ["desk"]

_HOST = "127.0.0.1"
_NEEDED = ("jinja2", "python_multipart", "starlette", "uvicorn")
_SECONDS_TO_STOP = 2


def desk(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Show sample data, in memory; nothing is kept.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="Port; 0 uses any free port.")
    ] = 8091,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
) -> None:
    """Work with customers and follow-ups in the browser, until Ctrl-C.

    It listens on this machine only, and prints a link that opens it once.
    """
    _require_extra()
    person = _person(user, admin, needs_name=not demo and embedded is None)
    if demo:
        crm = AsyncInteractionsClient.embedded()
    elif embedded is not None:
        settings = settings_from_environment(env_file)
        crm = AsyncInteractionsClient.embedded(embedded, settings=settings)
    else:
        retry = RetryPolicy(wait_out_outages=False)  # people reload a page sooner than that
        crm = AsyncInteractionsClient.from_env(env_file=env_file, retry=retry)
    with _listener(port) as listener:
        try:
            asyncio.run(_serve(crm, person, listener, with_sample=demo))
        except KeyboardInterrupt:
            stderr.print("Stopped.")
            raise typer.Exit(INTERRUPTED) from None


async def _serve(
    crm: AsyncInteractionsClient, person: Person, listener: socket.socket, *, with_sample: bool
) -> None:
    from interactions_sdk.desk import desk as application  # noqa: PLC0415 - needs the extra
    from interactions_sdk.desk.sample import log_sample  # noqa: PLC0415 - if asked

    port: int = listener.getsockname()[1]

    def print_link(token: str) -> None:
        link = f"http://{_HOST}:{port}/login?token={token}"
        stdout.print(Text("Open ") + Text(link, style="bold green"), soft_wrap=True)

    async with crm:
        if with_sample:
            await log_sample(crm, person.id)
        app = application(crm, acting_as=person, on_token=print_link)
        stdout.print("The link works once; a new one is printed after it is used. Ctrl-C stops it.")
        await _run(app, listener)


async def _run(app: ASGIApp, listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 - needs the extra

    config = uvicorn.Config(
        app,
        access_log=False,  # it would hold the token
        lifespan="off",
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
    await uvicorn.Server(config).serve(sockets=[listener])


def _require_extra() -> None:
    missing = [name.replace("_", "-") for name in _NEEDED if find_spec(name) is None]
    if missing:
        stderr.print(
            Text(
                f"The desk needs {' and '.join(missing)}: "
                "install interactions-sdk with the extra `desk`."
            )
        )
        raise typer.Exit(USAGE)


def _person(user: str | None, admin: str | None, *, needs_name: bool) -> Person:
    """Return who acts; on an embedded server, whoever is logged in here may be the admin."""
    from interactions_sdk.desk import Admin, User  # noqa: PLC0415 - needs the extra

    if user is not None and admin is not None:
        raise typer.BadParameter("Pass --user ID or --admin ID, not both.")
    if user is not None:
        return User(user)
    if admin is None and needs_name:
        raise typer.BadParameter("Pass --admin ID or --user ID, or use --embedded FILE or --demo.")
    return Admin(admin or _login_name())


def _login_name() -> str:
    """Return the name of whoever is logged in at this machine, as an ID."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # nobody, as in some containers
        name = ""
    return re.sub(r"[^a-zA-Z0-9._-]", "", name).strip("._-")[:36] or "desk"


def _listener(port: int) -> socket.socket:
    """Listen at once, so that a browser that is faster than the desk has to wait only."""
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        stderr.print(Text(f"Cannot listen on {_HOST}:{port}: {error.strerror or error}."))
        raise typer.Exit(USAGE) from error
