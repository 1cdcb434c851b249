"""Creating the client and the repository from options."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from interactions_sdk import InteractionsClient, RetryPolicy
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.environment import settings_from_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from interactions_sdk import CustomerInteraction, InteractionRepository
    from interactions_sdk.cli.rendering import Customers

__all__ = ["DOTENV", "WAIT", "admin_repository", "customers_of", "open_client", "repository_for"]

DOTENV = Path(".env")

WAIT: ContextVar[float] = ContextVar("wait", default=0)
"""Seconds to wait for a server that is down."""


def open_client(embedded: Path | None, env_file: Path | None) -> InteractionsClient:
    """Return a client of the given file, or else of the server from the environment.

    Raises:
        ConfigurationError: Variables are missing or wrong.
    """
    if embedded is not None:
        settings = settings_from_environment(env_file)
        return InteractionsClient.embedded(embedded, settings=settings)
    return InteractionsClient.from_env(env_file=env_file, retry=_retry_policy())


def _retry_policy() -> RetryPolicy:
    """Return the retry policy for `--wait`."""
    if seconds := WAIT.get():
        return RetryPolicy(max_elapsed=seconds, wait_out_outages=True)
    return RetryPolicy(wait_out_outages=False)


def repository_for(
    crm: InteractionsClient,
    user: str | None,
    admin: str | None,
    *,
    user_argument: str = "--user ID",
) -> InteractionRepository:
    """Return the repository of the acting user or admin (default: the authenticated user).

    Raises:
        UsageError: Neither or both are given; `user_argument` is how the command names a user.
    """
    if user is None and admin is None and crm.is_signed_in:
        return crm.as_user()
    if user is not None and admin is None:
        return crm.as_user(user)
    if admin is not None and user is None:
        return crm.as_admin(admin)
    raise UsageError(f"Pass {user_argument} or --admin ID{', not both' if user and admin else ''}.")


def customers_of(
    crm: InteractionsClient, interactions: Iterable[CustomerInteraction], admin: str | None
) -> Customers | None:
    """Return the names of the interactions' customers, which admins see; None for users."""
    if admin is None:
        return None
    return crm.customers.names(each.customer_id for each in interactions)


def admin_repository(crm: InteractionsClient, admin: str | None) -> InteractionRepository:
    """Return the repository of the acting admin, for commands that users may not run."""
    if admin is None:
        raise UsageError("Pass --admin ID.")
    return crm.as_admin(admin)
