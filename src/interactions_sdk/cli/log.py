"""`interactions log`: one line for what just happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interactions_sdk import InteractionCreate, InteractionMetadata
from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.entities import parse_entity
from interactions_sdk.cli.rendering import print_interaction
from interactions_sdk.cli.times import parse_datetime, parse_timezone, zone_name
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.errors import BadRequestError, CustomerNotFoundError
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType
from interactions_sdk.sentences import join_sentences

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient

__all__ = ["log"]

_METHODS = {
    InteractionType.CALL: ContactMethod.PHONE,
    InteractionType.EMAIL: ContactMethod.EMAIL,
    InteractionType.MEETING: ContactMethod.IN_PERSON,
}


def log(
    kind: Annotated[
        InteractionType,
        typer.Argument(metavar="TYPE", help="The interaction type."),
    ],
    subject: Annotated[
        str,
        typer.Argument(metavar="SUBJECT", help="Title (for a note, the text of the note)."),
    ],
    description: Annotated[
        str | None,
        typer.Argument(metavar="DESCRIPTION", help="Description (required for meetings)."),
    ] = None,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    customer: options.CustomerId = None,
    new_customer: Annotated[
        bool,
        typer.Option("--new-customer", help="Create the user's customer record if it is missing."),
    ] = False,
    direction: Annotated[
        Direction, typer.Option(help="Who started it: inbound means the customer did.")
    ] = Direction.OUTBOUND,
    method: Annotated[
        ContactMethod | None,
        typer.Option(
            metavar="METHOD",
            help=f"Contact method (default depends on the type): {', '.join(ContactMethod)}.",
        ),
    ] = None,
    duration: options.Minutes = None,
    outcome: options.OutcomeName = None,
    next_action: options.NextAction = None,
    due: options.Due = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it happened (default: now): 2h ago.")
    ] = None,
    repeat: options.Repeat = None,
    about: options.About = None,
    location: options.Location = None,
    participant: Annotated[
        list[str] | None, typer.Option(metavar="WHO", help="Participant; may be repeated.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Tag; may be repeated.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Idempotency key: the same key is logged only once."),
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Log a call, an email, a meeting, a note, a task or another interaction."""
    here = parse_timezone(tz)
    is_bare_note = kind is InteractionType.NOTE and description is None
    entity_type, entity_id = parse_entity(about)
    if customer is None and admin is not None and user is None:
        raise UsageError("--admin requires --customer ID.")
    draft = InteractionCreate(
        interaction_type=kind,
        subject=None if is_bare_note else subject,
        description=subject if is_bare_note else description,
        contact_method=method or _METHODS.get(kind),
        direction=direction,
        duration=duration,
        outcome=outcome,
        next_action=next_action,
        next_action_date=parse_datetime(due, here),
        recurrence=repeat,
        recurrence_tz=None if repeat is None else zone_name(here),
        occurred_at=parse_datetime(at, here),
        related_entity_type=entity_type,
        related_entity_id=entity_id,
        metadata=_metadata(location, participant, tag),
        customer_id=customer,
        idempotency_key=key,
    )
    with open_client(embedded, env_file) as crm:
        repo = repository_for(crm, user, admin)
        if new_customer and user is not None:
            _ensure_customer(crm, user)
        try:
            logged = repo.create(draft)
        except CustomerNotFoundError as error:
            if user is None:
                raise
            message = join_sentences(str(error), "--new-customer creates it.")
            raise CustomerNotFoundError(message) from error
        print_interaction(crm, logged, admin, here, as_json=as_json)


def _ensure_customer(crm: InteractionsClient, user: str) -> None:
    try:
        crm.customers.ensure(user)
    except BadRequestError as error:
        error.hint = (
            "--new-customer cannot fill in the columns that the customers table requires: make "
            "them optional in the Appwrite console, or create the record in a program, with "
            f"customers.ensure({user!r}, name=...)."
        )
        raise


def _metadata(
    location: str | None, participants: list[str] | None, tags: list[str] | None
) -> InteractionMetadata | None:
    if not (location or participants or tags):
        return None
    return InteractionMetadata(location=location, participants=participants or [], tags=tags or [])
