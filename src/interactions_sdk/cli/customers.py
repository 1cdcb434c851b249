"""`interactions customers`: the customer records."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client
from interactions_sdk.cli.console import print_json, stderr, stdout
from interactions_sdk.cli.customer_rendering import render_customer, render_customers
from interactions_sdk.cli.groups import LIST, DefaultListGroup
from interactions_sdk.cli.records import print_records
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.errors import CustomerNotFoundError, NotFoundError
from interactions_sdk.sentences import join_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from interactions_sdk import Customer, InteractionsClient, Page

__all__ = ["app"]

app = typer.Typer(
    cls=DefaultListGroup, help="List customers (default), show, search, create or update them."
)

_FIELDS = (
    "id",
    "user_id",
    "name",
    "email",
    "phone",
    "last_contact_at",
    "next_follow_up_at",
    "created_at",
    "updated_at",
)


class Sort(StrEnum):
    """Orders."""

    CREATED = "created"
    LAST_CONTACT = "last_contact"
    NEXT_FOLLOW_UP = "next_follow_up"
    NAME = "name"


_LATEST_FIRST = {Sort.CREATED, Sort.LAST_CONTACT}

SortBy = Annotated[
    Sort,
    typer.Option(
        "--sort",
        metavar="ORDER",
        help="Order: created, last_contact (both latest first), next_follow_up, name.",
    ),
]
Reverse = Annotated[bool, typer.Option("--reverse", help="Reverse the order.")]
Limit = Annotated[
    int, typer.Option(min=1, max=5000, metavar="NUMBER", help="Maximum number of customers.")
]
Name = Annotated[str | None, typer.Option(metavar="TEXT", help="The name.")]
Email = Annotated[str | None, typer.Option(metavar="ADDRESS", help="The email address.")]
Phone = Annotated[str | None, typer.Option(metavar="NUMBER", help="The phone number.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="COLUMN=TEXT",
        help="Set one of your own columns; COLUMN:=JSON for values that are not text. May be "
        "repeated.",
    ),
]


@app.command(LIST)
def list_command(
    *,
    sort: SortBy = Sort.CREATED,
    reverse: Reverse = False,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only names that contain this text.")
    ] = None,
    no_contact_since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only those without contact since this time: 30d ago."),
    ] = None,
    follow_up_before: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Only those with a follow-up due before this time: in 7d."
        ),
    ] = None,
    limit: Limit = 50,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """List customers."""
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        page = crm.customers.find(
            text=text,
            no_contact_since=parse_datetime(no_contact_since, here),
            follow_up_before=parse_datetime(follow_up_before, here),
            order_by=sort.value,
            descending=_is_descending(sort, reverse=reverse),
            limit=limit,
        )
    is_filtered = any((text, no_contact_since, follow_up_before))
    nothing = (
        "No customers match. Try fewer filters."
        if is_filtered
        else "No customers yet. Create one: interactions customers create USER --name Ada"
    )
    _print_page(page, here, nothing, as_json=as_json, as_csv=as_csv)


@app.command()
def search(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="Words in name, email, phone or user ID.")
    ],
    *,
    sort: SortBy = Sort.CREATED,
    reverse: Reverse = False,
    limit: Limit = 50,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """List customers in whom each word of a text is found, ignoring case and accents."""
    with open_client(embedded, env_file) as crm:
        page = crm.customers.search(
            text,
            order_by=sort.value,
            descending=_is_descending(sort, reverse=reverse),
            limit=limit,
        )
    nothing = "No customers found. Try fewer words, or list all: interactions customers list"
    _print_page(page, parse_timezone(tz), nothing, as_json=as_json, as_csv=as_csv)


@app.command()
def show(
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The customer's ID, as the lists show it.")
    ] = None,
    *,
    user: Annotated[
        str | None,
        typer.Option("--user", "-u", metavar="ID", help="The customer of this user instead."),
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Show all columns of a customer."""
    with open_client(embedded, env_file) as crm:
        if id is not None and user is None:
            customer = _find(crm, id)
        elif user is not None and id is None:
            customer = crm.customers.get_by_user_id(user)
        else:
            raise UsageError("Pass either a customer's ID or --user ID.")
    if as_csv:
        _print_csv([customer])
    else:
        _print_one(customer, parse_timezone(tz), as_json=as_json)


def _find(crm: InteractionsClient, id: str) -> Customer:
    try:
        return crm.customers.get(id)
    except NotFoundError as error:
        message = join_sentences(str(error), "The customer of a user is shown with --user ID.")
        raise CustomerNotFoundError(message) from error


@app.command()
def create(
    user: Annotated[
        str, typer.Argument(metavar="USER", help="The user that the record belongs to.")
    ],
    *,
    name: Name = None,
    email: Email = None,
    phone: Phone = None,
    columns: Columns = None,
    id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The record's ID (default: derived from the user's)."),
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Create the customer record of a user."""
    values = _parse_columns(columns)
    with open_client(embedded, env_file) as crm:
        created = crm.customers.create(user, id=id, name=name, email=email, phone=phone, **values)
    _print_one(created, parse_timezone(tz), as_json=as_json)


@app.command()
def update(
    id: Annotated[
        str, typer.Argument(metavar="ID", help="The customer's ID, as the lists show it.")
    ],
    *,
    name: Name = None,
    email: Email = None,
    phone: Phone = None,
    columns: Columns = None,
    clear: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Clear this column; may be repeated.")
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Change columns of a customer; what is not named stays as it is."""
    fields = {"name": name, "email": email, "phone": phone}
    values: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
    values |= _parse_columns(columns)
    values |= dict.fromkeys(clear or ())
    if not values:
        raise UsageError("Nothing to change. Pass an option, e.g. --name 'Ada Lovelace'.")
    with open_client(embedded, env_file) as crm:
        changed = crm.customers.update(id, **values)
    _print_one(changed, parse_timezone(tz), as_json=as_json)


def _is_descending(sort: Sort, *, reverse: bool) -> bool:
    return (sort in _LATEST_FIRST) is not reverse


def _parse_columns(texts: Iterable[str] | None) -> dict[str, Any]:
    """Read columns: texts with `=`, JSON with `:=`."""
    columns: dict[str, Any] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.removesuffix(":"):
            raise UsageError(f"--set must be COLUMN=TEXT or COLUMN:=JSON, not {text!r}.")
        if not name.endswith(":"):
            columns[name] = value
            continue
        try:
            columns[name.removesuffix(":")] = json.loads(value)
        except ValueError as error:
            raise UsageError(f"--set {text!r} is not JSON after ':=': {error}.") from error
    return columns


def _print_page(
    page: Page[Customer], tz: tzinfo, nothing: str, *, as_json: bool, as_csv: bool
) -> None:
    if as_json:
        print_json([each.model_dump(mode="json") for each in page.items])
    elif as_csv:
        _print_csv(page.items)
    elif page.items:
        stdout.print(render_customers(page.items, tz))
    else:
        stdout.print(nothing, soft_wrap=True)
    if page.has_more:
        output = stderr if as_json or as_csv else stdout
        output.print("More customers match: raise --limit.", style="dim")


def _print_csv(customers: Iterable[Customer]) -> None:
    rows = list(customers)
    own = {name: None for row in rows for name in row.model_extra or () if name[0] != "$"}
    print_records(rows, (*_FIELDS, *own), as_csv=True)


def _print_one(customer: Customer, tz: tzinfo, *, as_json: bool) -> None:
    if as_json:
        print_json(customer.model_dump(mode="json"))
    else:
        stdout.print(render_customer(customer, tz))
