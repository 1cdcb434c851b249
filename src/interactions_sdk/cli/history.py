"""`interactions history`: what was done to an interaction, by whom and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import print_json, safe_text, stdout
from interactions_sdk.cli.details import time_text
from interactions_sdk.cli.records import print_csv
from interactions_sdk.cli.times import parse_timezone
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from rich.console import RenderableType

    from interactions_sdk import AuditEntry

__all__ = ["history"]

_FIELDS = (
    "created_at",
    "action",
    "user_id",
    "entity_id",
    "customer_id",
    "field",
    "before",
    "after",
    "values",
    "is_verified",
    "id",
)


def history(
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
    """Show what was done to an interaction, by whom and when, oldest first."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        entries = repository_for(crm, user, admin).history(id)
    if as_json:
        print_json([_record(entry) for entry in entries])
    elif as_csv:
        print_csv((row for entry in entries for row in _rows(entry)), _FIELDS)
    else:
        stdout.print(Group(*(_render(entry, here) for entry in entries)))


def _record(entry: AuditEntry) -> dict[str, object]:
    return {**entry.model_dump(mode="json"), "is_verified": entry.is_verified}


def _rows(entry: AuditEntry) -> Iterator[dict[str, object]]:
    """Yield a row for each change, or one for an entry without changes."""
    record = _record(entry)
    for change in entry.changes:
        yield record | change.model_dump(mode="json", by_alias=False)
    if not entry.changes:
        yield record


def _render(entry: AuditEntry, tz: tzinfo) -> RenderableType:
    at = time_text(entry.created_at, tz) or Text()
    action = safe_text(entry.action.removeprefix("interaction."), "bold")
    parts = [at, safe_text(readable_id(entry.user_id)), action]
    if not entry.is_verified:
        parts.append(Text("(unverified: a user may have written this entry)", style="yellow"))
    changes = (Padding.indent(safe_text(change), 2) for change in entry.changes)
    return Group(Text("  ").join(parts), *changes)
