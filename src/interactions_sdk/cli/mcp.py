"""`interactions mcp`: tools for an agent, over standard input and output or over HTTP."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from interactions_sdk import AsyncInteractionsClient, ConfigurationError
from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.environment import settings_from_environment

__all__ = ["mcp"]

_VIA = "mcp"


def mcp(
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    write: Annotated[
        bool, typer.Option("--write", help="Let the agent log, complete and snooze.")
    ] = False,
    http: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, metavar="PORT", help="Serve HTTP on this port of this machine."
        ),
    ] = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
) -> None:
    """Serve tools for an agent over the Model Context Protocol; it reads only, without --write.

    An agent's program starts this command and talks to it over standard input and output.
    """
    if find_spec("mcp") is None:
        raise ConfigurationError(
            "`interactions mcp` needs mcp: install interactions-sdk with the extra `mcp`."
        )
    if (user is None) == (admin is None):
        raise UsageError("Say who the agent acts as: --user ID or --admin ID.")
    from interactions_sdk.integrations.mcp_server import mcp_server  # noqa: PLC0415 - as above

    crm = _client(embedded, env_file)
    server = mcp_server(crm, user_id=user, admin_id=admin, write=write)
    if http is None:
        server.run()
    else:
        server.run("streamable-http", host="127.0.0.1", port=http)


def _client(embedded: Path | None, env_file: Path | None) -> AsyncInteractionsClient:
    settings = settings_from_environment(env_file).model_copy(update={"audit_via": _VIA})
    if embedded is not None:
        return AsyncInteractionsClient.embedded(embedded, settings=settings)
    return AsyncInteractionsClient.from_env(env_file=env_file, settings=settings)
