"""`interactions delete`: one interaction, after a question."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import print_json, safe_text, stderr, stdout
from interactions_sdk.cli.exit_codes import NEGATIVE_RESULT
from interactions_sdk.cli.times import parse_timezone
from interactions_sdk.cli.usage import UsageError

if TYPE_CHECKING:
    from datetime import tzinfo

    from interactions_sdk import CustomerInteraction

__all__ = ["delete"]


def delete(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without confirmation.")] = False,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Delete an interaction; the deletion is audited."""
    with open_client(embedded, env_file) as crm:
        repo = repository_for(crm, user, admin)
        interaction = repo.get(id)
        if not yes and not _is_confirmed(interaction, parse_timezone(tz)):
            stderr.print("Nothing was deleted.")
            raise typer.Exit(NEGATIVE_RESULT)
        repo.delete(id)
    if as_json:
        print_json({"deleted": id})
    else:
        stdout.print(safe_text(f"Deleted {id}."))


def _is_confirmed(interaction: CustomerInteraction, tz: tzinfo) -> bool:
    """Ask on stderr, so that stdout stays JSON; without a terminal, there is nobody to ask."""
    title = interaction.subject or interaction.description or "untitled"
    at = interaction.created_at.astimezone(tz)
    question = f"Delete the {interaction.interaction_type} '{title}' of {at:%d %b %Y %H:%M}? [y/N] "
    stderr.print(safe_text(question), end="", soft_wrap=True)
    answer = sys.stdin.readline()
    if not answer:
        stderr.print()
        raise UsageError("Cannot ask without a terminal: pass --yes to delete anyway.")
    return answer.strip().lower() in {"y", "yes"}
