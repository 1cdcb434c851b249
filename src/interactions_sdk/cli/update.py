"""`interactions update`: changes to one interaction."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interactions_sdk import InteractionMetadata, InteractionUpdate
from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.entities import parse_entity
from interactions_sdk.cli.rendering import print_interaction
from interactions_sdk.cli.times import parse_datetime, parse_timezone, zone_name
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.cli.wording import option_for
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType

if TYPE_CHECKING:
    from interactions_sdk import CustomerInteraction

__all__ = ["update"]


class Clearable(StrEnum):
    """Columns that can be cleared."""

    SUBJECT = "subject"
    DESCRIPTION = "description"
    METHOD = "method"
    DURATION = "duration"
    OUTCOME = "outcome"
    NEXT = "next"
    DUE = "due"
    REPEAT = "repeat"
    ABOUT = "about"
    METADATA = "metadata"


_CLEARED = {
    Clearable.METHOD: ("contact_method",),
    Clearable.NEXT: ("next_action",),
    Clearable.DUE: ("next_action_date",),
    Clearable.REPEAT: ("recurrence",),
    Clearable.ABOUT: ("related_entity_type", "related_entity_id"),
}


def update(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    kind: Annotated[
        InteractionType | None,
        typer.Option("--type", metavar="TYPE", help=f"Type: {', '.join(InteractionType)}."),
    ] = None,
    subject: Annotated[str | None, typer.Option(metavar="TEXT", help="The title.")] = None,
    description: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The description.")
    ] = None,
    method: Annotated[
        ContactMethod | None,
        typer.Option(metavar="METHOD", help=f"Contact method: {', '.join(ContactMethod)}."),
    ] = None,
    direction: Annotated[
        Direction | None, typer.Option(help="Who started it: inbound means the customer did.")
    ] = None,
    duration: options.Minutes = None,
    outcome: options.OutcomeName = None,
    next_action: options.NextAction = None,
    due: options.Due = None,
    repeat: options.Repeat = None,
    about: options.About = None,
    location: options.Location = None,
    participant: Annotated[
        list[str] | None,
        typer.Option(metavar="WHO", help="Participant; may be repeated (replaces all)."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Tag; may be repeated (replaces all).")
    ] = None,
    clear: Annotated[
        list[Clearable] | None,
        typer.Option(
            metavar="COLUMN", help=f"Clear this column; may be repeated: {', '.join(Clearable)}."
        ),
    ] = None,
    if_unchanged_since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Fail if it was changed after this time: `updated_at` of `show --json`.",
        ),
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Change an interaction; what is not named stays as it is."""
    here = parse_timezone(tz)
    entity_type, entity_id = parse_entity(about)
    fields = {
        "interaction_type": kind,
        "subject": subject,
        "description": description,
        "contact_method": method,
        "direction": direction,
        "duration": duration,
        "outcome": outcome,
        "next_action": next_action,
        "next_action_date": parse_datetime(due, here),
        "recurrence": repeat,
        "recurrence_tz": None if repeat is None else zone_name(here),
        "related_entity_type": entity_type,
        "related_entity_id": entity_id,
    }
    changes: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    parts = {"location": location, "participants": participant, "tags": tag}
    metadata = {name: value for name, value in parts.items() if value}
    cleared = [name for each in clear or () for name in _CLEARED.get(each, (each.value,))]
    _refuse_contradiction({*changes, *(["metadata"] if metadata else [])}, cleared)
    changes.update(dict.fromkeys(cleared))
    if not changes and not metadata:
        raise UsageError("Nothing to change. Pass an option, e.g. --outcome successful.")
    unchanged_since = parse_datetime(if_unchanged_since, here)
    with open_client(embedded, env_file) as crm:
        repo = repository_for(crm, user, admin)
        if metadata:
            current = repo.get(id)
            changes["metadata"] = _merged(current, metadata)
            unchanged_since = unchanged_since or current.updated_at
        changed = repo.update(
            id, InteractionUpdate.model_validate(changes), if_unchanged_since=unchanged_since
        )
        print_interaction(crm, changed, admin, here, as_json=as_json)


def _refuse_contradiction(changed: set[str], cleared: list[str]) -> None:
    if both := changed.intersection(cleared):
        options = sorted({option_for(name, "update") for name in both})
        raise UsageError(f"--clear contradicts another option: {', '.join(options)}.")


def _merged(current: CustomerInteraction, changes: dict[str, Any]) -> InteractionMetadata:
    """Return the metadata with some fields replaced; what is not JSON would be lost."""
    metadata = current.metadata or InteractionMetadata()
    if metadata.invalid_text is not None:
        raise UsageError("The metadata is not valid JSON; --clear metadata empties it.")
    return metadata.model_copy(update=changes)
