"""Incorrect calls, with the error and the message that users get.

Each row is run on the synchronous and on the asynchronous client: both have the same methods, so
one call describes both. The result of a call is awaited, and read to its end if it is an iterator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from appwrite.client import Client
from pydantic import ValidationError

from interactions_sdk import (
    BadRequestError,
    ConfigurationError,
    ConflictError,
    CustomerNotFoundError,
    FileAccessError,
    InteractionCreate,
    InteractionNotFoundError,
    InteractionUpdate,
    OwnershipError,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    reports,
    transfer,
)
from interactions_sdk.embedded import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from interactions_sdk.embedded import EmbeddedAppwrite

__all__ = ["TABLE", "Row", "Scene"]


@dataclass(frozen=True, slots=True)
class Scene:
    """The objects used by the calls: everything is `Any`, since the calls are meant to be wrong.

    Attributes:
        client_class: The client's class, synchronous or not.
        crm: A client.
        ada: The interactions of a user with a customer record.
        root: The interactions of an admin.
        call: The ID of an interaction that is not a follow-up.
        task: The ID of an open follow-up.
        done: The ID of a completed follow-up.
        bobs: The ID of another customer's interaction.
        customer: The user's customer record.
        other: Another customer record.
        folder: An empty folder.
        server: The server of the client.
    """

    client_class: Any
    crm: Any
    ada: Any
    root: Any
    call: str
    task: str
    done: str
    bobs: str
    customer: Any
    other: Any
    folder: Path
    server: EmbeddedAppwrite

    def client(self, **arguments: object) -> object:
        """Return a client of a server that gets no requests."""
        given = {"endpoint": "http://localhost/v1", "project": "crm", "api_key": "secret"}
        return self.client_class(**{**given, **arguments})

    def with_settings(self, **settings: object) -> Any:
        """Return another client of the same server."""
        return self.client_class(
            "http://embedded/v1",
            self.server.project,
            api_key=self.server.api_key,
            transport=self.server.transport,
            settings=Settings.model_validate(settings),
        )

    def file(self, text: str = "interaction_type,subject\ncall,Renewal\n") -> Path:
        """Write a CSV file, and return its path."""
        path = self.folder / "calls.csv"
        path.write_text(text, encoding="utf-8")
        return path


class Row(NamedTuple):
    """An incorrect call.

    Attributes:
        name: What is wrong with it.
        use: The call.
        error: The class of the error that it raises.
        message: The exact message.
    """

    name: str
    use: Callable[[Scene], object]
    error: type[Exception]
    message: str


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the mistake
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TYPES = (
    "call, email, meeting, note, task, quote, proposal, contract, support, complaint, feedback, "
    "other"
)
OUTCOMES = (
    "successful, no_answer, voicemail, busy, follow_up_required, resolved, escalated, cancelled, "
    "other"
)
ID = "use 1 to 36 of a-z, A-Z, 0-9, '.', '-' and '_', starting with a letter or digit."
TIME = (
    "must be an aware datetime, a date, or ISO 8601 text such as '2026-05-01' or "
    "'2026-05-01T09:00+02:00', not "
)
DURATION = "must be a timedelta longer than 0, such as timedelta(days=7), not "
MISTYPED = "succesf" + "ul"  # in two parts, or the spell checker would correct it


def draft(**fields: object) -> InteractionCreate:
    """Return a draft."""
    return InteractionCreate.model_validate({"interaction_type": "call", **fields})


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC) + timedelta(days=days)


FILTERS: list[Row] = [
    Row(
        "a method for a type",
        lambda s: s.ada.find(interaction_type="phone"),
        BadRequestError,
        f"interaction_type must be one of {TYPES}, not 'phone'. 'phone' is a value of "
        "contact_method.",
    ),
    Row(
        "a mistyped outcome",
        lambda s: s.ada.find(outcome=MISTYPED),
        BadRequestError,
        f"outcome must be one of {OUTCOMES}, not '{MISTYPED}'. Did you mean 'successful'?",
    ),
    Row(
        "one mistyped outcome of several",
        lambda s: s.ada.find(outcome=["resolved", "cancelld"]),
        BadRequestError,
        "not 'cancelld'. Did you mean 'cancelled'?",
    ),
    Row(
        "an outcome with a blank",
        lambda s: s.ada.find(outcome="No Answer"),
        BadRequestError,
        "not 'No Answer'. Did you mean 'no_answer'?",
    ),
    Row(
        "half a direction",
        lambda s: s.ada.find(direction="in"),
        BadRequestError,
        "direction must be one of inbound, outbound, not 'in'.",
    ),
    Row(
        "a mistyped method",
        lambda s: s.ada.find(contact_method="in person"),
        BadRequestError,
        "not 'in person'. Did you mean 'in_person'?",
    ),
    Row(
        "nothing among the types",
        lambda s: s.ada.find(interaction_type=["call", None]),
        BadRequestError,
        "interaction_type must be one of",
    ),
    Row(
        "a mapping for types",
        lambda s: s.ada.find(interaction_type={"call": True}),
        BadRequestError,
        f"interaction_type must be one of {TYPES}, not a dict.",
    ),
    Row(
        "the same in iterate",
        lambda s: s.ada.iterate(interaction_type="phone"),
        BadRequestError,
        "not 'phone'. 'phone' is a value of contact_method.",
    ),
    Row(
        "the same in count",
        lambda s: s.ada.count(outcome=MISTYPED),
        BadRequestError,
        "Did you mean 'successful'?",
    ),
    Row(
        "the same in timeline",
        lambda s: s.ada.timeline(interaction_type="phone"),
        BadRequestError,
        "'phone' is a value of contact_method.",
    ),
    Row(
        "the same in watch",
        lambda s: s.ada.watch(outcome=MISTYPED),
        BadRequestError,
        "Did you mean 'successful'?",
    ),
    Row(
        "the same in an export",
        lambda s: s.ada.export_csv(s.folder / "x.csv", interaction_type="phone"),
        BadRequestError,
        "'phone' is a value of contact_method.",
    ),
    Row(
        "half a related entity",
        lambda s: s.ada.find(related_entity=("invoice",)),
        BadRequestError,
        'related_entity must be a type, "invoice", or a type and an id, ("invoice", "I-1"), not '
        "('invoice').",
    ),
    Row(
        "three parts of a related entity",
        lambda s: s.ada.find(related_entity=("a", "b", "c")),
        BadRequestError,
        "not ('a', 'b', 'c').",
    ),
    Row(
        "an empty id of a related entity",
        lambda s: s.ada.find(related_entity=("invoice", "")),
        BadRequestError,
        "not ('invoice', '').",
    ),
    Row(
        "an empty related entity",
        lambda s: s.ada.count(related_entity=()),
        BadRequestError,
        "related_entity must be a type",
    ),
    Row(
        "a number for a related entity",
        lambda s: s.ada.find(related_entity=5),
        BadRequestError,
        'related_entity must be a type, "invoice", or a type and an id, ("invoice", "I-1"), not 5.',
    ),
    Row(
        "since later than until",
        lambda s: s.ada.find(since=NOON, until=NOON - timedelta(hours=1)),
        BadRequestError,
        "since must not be later than until: 2026-03-10T12:00:00+00:00 is later than "
        "2026-03-10T11:00:00+00:00.",
    ),
    Row(
        "since later than until, counted",
        lambda s: s.ada.count(since="2026-05-02", until="2026-05-01"),
        BadRequestError,
        "since must not be later than until",
    ),
    Row(
        "a naive since",
        lambda s: s.ada.find(since=NAIVE),
        BadRequestError,
        "since needs a time zone: 2026-01-01T00:00:00 has none. Use datetime(..., tzinfo=UTC), for "
        "example.",
    ),
    Row(
        "a naive text",
        lambda s: s.ada.find(until="2026-01-01T09:00"),
        BadRequestError,
        "until needs a time zone: '2026-01-01T09:00' has none.",
    ),
    Row(
        "a word for a time",
        lambda s: s.ada.find(since="yesterday"),
        BadRequestError,
        f"since {TIME}'yesterday'.",
    ),
    Row(
        "a day that does not exist",
        lambda s: s.ada.find(since="2026-02-30"),
        BadRequestError,
        f"since {TIME}'2026-02-30'.",
    ),
    Row("a number for a time", lambda s: s.ada.find(since=5), BadRequestError, f"since {TIME}5."),
    Row(
        "a length for a time",
        lambda s: s.ada.find(since=timedelta(days=7)),
        BadRequestError,
        f"since {TIME}datetime.timedelta(days=7).",
    ),
    Row(
        "a time before the calendar",
        lambda s: s.ada.find(since=datetime(1, 1, 1, tzinfo=UTC)),
        BadRequestError,
        "since must be in the years 1000 to 9999, not 0001-01-01T00:00:00+00:00.",
    ),
    Row(
        "a text for a limit",
        lambda s: s.ada.find(limit="10"),
        BadRequestError,
        "limit must be an integer from 1 to 5000, not '10'. Use iterate() to read all.",
    ),
    *(
        Row(
            f"the limit {limit}",
            lambda s, limit=limit: s.ada.find(limit=limit),  # type: ignore[misc]
            BadRequestError,
            f"limit must be an integer from 1 to 5000, not {limit}.",
        )
        for limit in (0, -1, 5001, 1.5, True, None)
    ),
    Row(
        "a cursor of something else",
        lambda s: s.ada.find(after="page 2"),
        BadRequestError,
        "Invalid after: pass the next_cursor of a page, unmodified.",
    ),
    Row(
        "a page number for a cursor",
        lambda s: s.ada.find(after=2),
        BadRequestError,
        "Invalid after: pass the next_cursor of a page, unmodified.",
    ),
    Row(
        "an empty text",
        lambda s: s.ada.find(text=""),
        BadRequestError,
        "text must be a non-empty string, not ''.",
    ),
    Row(
        "a number for a text",
        lambda s: s.ada.find(text=5),
        BadRequestError,
        "text must be a non-empty string, not 5.",
    ),
    Row(
        "a mistyped filter",
        lambda s: s.ada.find(outcom="busy"),
        BadRequestError,
        "Unknown filter 'outcom'. Did you mean 'outcome'? Available: customer_id,",
    ),
    Row(
        "a limit of a count",
        lambda s: s.ada.count(limit=5),
        BadRequestError,
        "Unknown filter 'limit'. Available: customer_id,",
    ),
    Row(
        "a mistyped filter of a watch",
        lambda s: s.ada.watch(interaction_typ="call"),
        BadRequestError,
        "Unknown filter 'interaction_typ'. Did you mean 'interaction_type'?",
    ),
    Row(
        "a number for a customer",
        lambda s: s.root.find(customer_id=5),
        BadRequestError,
        "customer_id must be a non-empty string, not 5.",
    ),
    Row(
        "a record for a customer",
        lambda s: s.root.find(customer_id=s.customer),
        BadRequestError,
        "customer_id must be a string, not a Customer: pass its id.",
    ),
    Row(
        "an empty customer",
        lambda s: s.root.find(customer_id=""),
        BadRequestError,
        "customer_id must be a non-empty string, not ''.",
    ),
    Row(
        "another's customer",
        lambda s: s.ada.find(customer_id=s.other.id),
        OwnershipError,
        "could not be found.",
    ),
    Row(
        "a number for a user",
        lambda s: s.ada.find(user_id=5),
        BadRequestError,
        "user_id must be a non-empty string, not 5.",
    ),
    Row(
        "seconds for an age",
        lambda s: s.ada.find(max_age=5),
        BadRequestError,
        "max_age must be a timedelta between 1 second and 24 hours, or None for no caching, not 5.",
    ),
    Row(
        "an age of days",
        lambda s: s.ada.recent(max_age=timedelta(days=2)),
        BadRequestError,
        "not datetime.timedelta(days=2).",
    ),
    *(
        Row(
            f"{days!r} days",
            lambda s, days=days: s.ada.recent(days=days),  # type: ignore[misc]
            BadRequestError,
            f"days must be an integer from 1 to 365000, not {days!r}.",
        )
        for days in (-1, 0, "7", 10**9, timedelta(days=7))
    ),
    Row(
        "no limit of recent",
        lambda s: s.ada.recent(limit=0),
        BadRequestError,
        "limit must be an integer from 1 to 5000, not 0.",
    ),
    Row(
        "an unknown zone",
        lambda s: s.ada.timeline(tz="Mars/Phobos"),
        BadRequestError,
        "Unknown time zone 'Mars/Phobos'. Use a name such as 'Europe/Zurich'.",
    ),
    Row(
        "a number for a zone",
        lambda s: s.ada.timeline(tz=5),
        BadRequestError,
        "Unknown time zone 5.",
    ),
    Row(
        "an address without places",
        lambda s: s.ada.timeline(entity_url="https://erp.example/{x}"),
        BadRequestError,
        "entity_url",
    ),
]

FOLLOW_UPS: list[Row] = [
    Row(
        "a naive as_of",
        lambda s: s.ada.follow_ups.due(as_of=NAIVE),
        BadRequestError,
        "as_of needs a time zone: 2026-01-01T00:00:00 has none.",
    ),
    Row(
        "a word for as_of",
        lambda s: s.ada.follow_ups.due(as_of="today"),
        BadRequestError,
        f"as_of {TIME}'today'.",
    ),
    Row(
        "a time for a user",
        lambda s: s.ada.follow_ups.due(NOON),
        BadRequestError,
        "user_id must be a non-empty string, not 2026-03-10T12:00:00+00:00.",
    ),
    Row(
        "an unknown zone of today",
        lambda s: s.ada.follow_ups.today(tz="Zurich"),
        BadRequestError,
        "Unknown time zone 'Zurich'.",
    ),
    Row(
        "days for a length",
        lambda s: s.ada.follow_ups.upcoming(7),
        BadRequestError,
        f"within {DURATION}7.",
    ),
    Row(
        "a text for a length",
        lambda s: s.ada.follow_ups.upcoming("7d"),
        BadRequestError,
        f"within {DURATION}'7d'.",
    ),
    Row(
        "a length backwards",
        lambda s: s.ada.follow_ups.upcoming(-timedelta(days=1)),
        BadRequestError,
        f"within {DURATION}datetime.timedelta(days=-1).",
    ),
    Row(
        "no limit of a claim",
        lambda s: s.ada.follow_ups.claim(0),
        BadRequestError,
        "limit must be an integer of 1 or more, not 0.",
    ),
    Row(
        "a text for a limit of a claim",
        lambda s: s.ada.follow_ups.claim("5"),
        BadRequestError,
        "limit must be an integer of 1 or more, not '5'.",
    ),
    Row(
        "seconds for a lease",
        lambda s: s.ada.follow_ups.claim(1, lease=300),
        BadRequestError,
        f"lease {DURATION}300.",
    ),
    Row(
        "no lease",
        lambda s: s.ada.follow_ups.claim(1, lease=timedelta()),
        BadRequestError,
        f"lease {DURATION}datetime.timedelta(0).",
    ),
    *(
        Row(
            f"{verb} of what is not a follow-up",
            use,
            BadRequestError,
            f"cannot be {verb}, because it is not an open follow-up: it has no next_action_date.",
        )
        for verb, use in (
            ("completed", lambda s: s.ada.follow_ups.complete(s.call)),
            ("cancelled", lambda s: s.ada.follow_ups.cancel(s.call)),
            ("snoozed", lambda s: s.ada.follow_ups.snooze(s.call, by=timedelta(days=1))),
        )
    ),
    *(
        Row(
            f"{verb} of what is done",
            use,
            BadRequestError,
            f"cannot be {verb}, because it is not an open follow-up: its outcome is 'resolved'. "
            "Update its outcome and next_action_date to open it again.",
        )
        for verb, use in (
            ("cancelled", lambda s: s.ada.follow_ups.cancel(s.done)),
            ("snoozed", lambda s: s.ada.follow_ups.snooze(s.done, by=timedelta(days=1))),
        )
    ),
    Row(
        "completing nothing",
        lambda s: s.ada.follow_ups.complete(None),
        BadRequestError,
        "The interaction id must be a string, not None.",
    ),
    Row(
        "completing what is not there",
        lambda s: s.ada.follow_ups.complete("nosuch"),
        InteractionNotFoundError,
        "'nosuch' could not be found.",
    ),
    Row(
        "a list for the next one",
        lambda s: s.ada.follow_ups.complete(s.task, next=[{"interaction_type": "call"}]),
        BadRequestError,
        "next must be an InteractionCreate or a dict of its fields, not a list.",
    ),
    Row(
        "a dated next one",
        lambda s: s.ada.follow_ups.complete(s.task, next=draft(occurred_at=in_days(-1))),
        BadRequestError,
        "next must not have occurred_at: Appwrite dates rows of a transaction itself.",
    ),
    Row(
        "a next one of another customer",
        lambda s: s.root.follow_ups.complete(s.task, next=draft(customer_id=s.other.id)),
        BadRequestError,
        "next must belong to the same customer.",
    ),
    Row(
        "a number for a note",
        lambda s: s.ada.follow_ups.complete(s.task, note=5),
        BadRequestError,
        "note must be a non-empty string, not 5.",
    ),
    Row(
        "a snooze without a time",
        lambda s: s.ada.follow_ups.snooze(s.task),
        BadRequestError,
        "Pass either until= or by=.",
    ),
    Row(
        "a snooze with two times",
        lambda s: s.ada.follow_ups.snooze(s.task, by=timedelta(days=1), until=in_days(3)),
        BadRequestError,
        "Pass either until= or by=.",
    ),
    Row(
        "a naive snooze",
        lambda s: s.ada.follow_ups.snooze(s.task, until=NAIVE),
        BadRequestError,
        "until needs a time zone",
    ),
    Row(
        "a snooze into the past",
        lambda s: s.ada.follow_ups.snooze(s.task, until=NOON - timedelta(days=999)),
        ValidationError,
        "The next action must be later than now",
    ),
    Row(
        "a snooze by a number",
        lambda s: s.ada.follow_ups.snooze(s.task, by=2),
        BadRequestError,
        "by must be a timedelta or a relativedelta, not 2.",
    ),
    Row(
        "a snooze backwards",
        lambda s: s.ada.follow_ups.snooze(s.task, by=-timedelta(days=1)),
        BadRequestError,
        "by= must",
    ),
    Row(
        "a snooze to a word",
        lambda s: s.ada.follow_ups.snooze(s.task, until="tomorrow"),
        BadRequestError,
        f"until {TIME}'tomorrow'.",
    ),
]

IDS: list[Row] = [
    *(
        Row(
            f"{what} {given!r}",
            use,
            BadRequestError,
            message,
        )
        for what, given, use, message in (
            (
                "get",
                None,
                lambda s: s.ada.get(None),
                "The interaction id must be a string, not None.",
            ),
            ("get", 5, lambda s: s.ada.get(5), "The interaction id must be a string, not 5."),
            ("get", "", lambda s: s.ada.get(""), f"'' is not a valid interaction id: {ID}"),
            (
                "get",
                "../x",
                lambda s: s.ada.get("../x"),
                f"'../x' is not a valid interaction id: {ID}",
            ),
            (
                "delete",
                None,
                lambda s: s.ada.delete(None),
                "The interaction id must be a string, not None.",
            ),
            ("as_user", 5, lambda s: s.crm.as_user(5), "The user id must be a string, not 5."),
            ("as_user", "", lambda s: s.crm.as_user(""), f"'' is not a valid user id: {ID}"),
            (
                "as_user",
                "ada@example.com",
                lambda s: s.crm.as_user("ada@example.com"),
                f"'ada@example.com' is not a valid user id: {ID}",
            ),
            ("as_admin", 5, lambda s: s.crm.as_admin(5), "The user id must be a string, not 5."),
            (
                "ensure",
                None,
                lambda s: s.crm.customers.ensure(None),
                "The user id must be a string, not None.",
            ),
            (
                "ensure",
                "a record",
                lambda s: s.crm.customers.ensure(s.customer),
                "The user id must be a string, not a Customer: pass its id.",
            ),
            (
                "customers.create",
                None,
                lambda s: s.crm.customers.create(user_id=None),
                "The user id must be a string, not None.",
            ),
            (
                "customers.get",
                None,
                lambda s: s.crm.customers.get(None),
                "The customer id must be a string, not None.",
            ),
            (
                "customers.get_by_user_id",
                None,
                lambda s: s.crm.customers.get_by_user_id(None),
                "The user id must be a string, not None.",
            ),
            (
                "reconcile",
                5,
                lambda s: s.crm.customers.reconcile(5),
                "The customer id must be a string, not 5.",
            ),
            (
                "erase_customer",
                None,
                lambda s: s.root.erase_customer(None),
                "The customer id must be a string, not None.",
            ),
            (
                "export_customer",
                None,
                lambda s: s.root.export_customer(None),
                "The customer id must be a string, not None.",
            ),
        )
    ),
    Row(
        "an interaction for its id",
        lambda s: s.ada.get(draft(id="x")),
        BadRequestError,
        "The interaction id must be a string, not an InteractionCreate: pass its id.",
    ),
    Row(
        "an id that is not there",
        lambda s: s.ada.get("nosuch"),
        InteractionNotFoundError,
        "Row with the requested ID 'nosuch' could not be found.",
    ),
    Row("another's id", lambda s: s.ada.get(s.bobs), OwnershipError, "could not be found."),
    Row(
        "deleting what is not there",
        lambda s: s.ada.delete("nosuch"),
        InteractionNotFoundError,
        "'nosuch' could not be found.",
    ),
    Row(
        "a user id for a customer's",
        lambda s: s.crm.customers.get("ada"),
        CustomerNotFoundError,
        "'ada' could not be found.",
    ),
    Row(
        "a user without a record",
        lambda s: s.crm.customers.get_by_user_id("nobody"),
        CustomerNotFoundError,
        "Customer record not found. Please create your customer profile first.",
    ),
    Row(
        "nobody who acts",
        lambda s: s.crm.as_user(),
        ConfigurationError,
        "as_user(user_id)",
    ),
    Row(
        "a second record",
        lambda s: s.crm.customers.create(user_id="ada"),
        ConflictError,
        "User 'ada' already has a customer record.",
    ),
    Row(
        "an unknown mode",
        lambda s: s.root.erase_customer(s.customer.id, "purge"),
        BadRequestError,
        "'purge'",
    ),
    Row(
        "a user who archives",
        lambda s: s.ada.archive(NOON, s.folder),
        PermissionDeniedError,
        "'ada'",
    ),
    Row(
        "a naive archive",
        lambda s: s.root.archive(NAIVE, s.folder),
        BadRequestError,
        "before needs a time zone",
    ),
    Row(
        "a word for an archive's time",
        lambda s: s.root.archive("last year", s.folder),
        BadRequestError,
        f"before {TIME}'last year'.",
    ),
    Row(
        "no interval",
        lambda s: s.ada.watch(interval=0),
        BadRequestError,
        "interval must be a positive number of seconds, not 0.",
    ),
    Row(
        "a text for an interval",
        lambda s: s.ada.watch(interval="1"),
        BadRequestError,
        "interval must be a positive number of seconds, not '1'.",
    ),
    Row(
        "a naive watch",
        lambda s: s.ada.watch(since=NAIVE),
        BadRequestError,
        "since needs a time zone",
    ),
    Row(
        "a word for a watch's cursor",
        lambda s: s.ada.watch(since="the last change"),
        BadRequestError,
        "Invalid since: pass a datetime or the cursor of a change, unmodified.",
    ),
]

WRITES: list[Row] = [
    Row(
        "a dict for a draft",
        lambda s: s.ada.create({"interaction_type": "call"}),
        BadRequestError,
        'draft must be an InteractionCreate or keywords such as interaction_type="call", '
        "not a dict.",
    ),
    Row(
        "nothing to log",
        lambda s: s.ada.create(),
        BadRequestError,
        "Pass what to log: create(interaction_type=",
    ),
    Row(
        "a draft and keywords",
        lambda s: s.ada.create(draft(), subject="x"),
        BadRequestError,
        "Pass an InteractionCreate or keywords, not both: subject would be lost.",
    ),
    Row(
        "a mistyped keyword",
        lambda s: s.ada.create(interaction_type="call", durtion=5),
        ValidationError,
        "Did you mean 'duration'?",
    ),
    Row(
        "an update for a draft",
        lambda s: s.ada.create(InteractionUpdate(subject="x")),
        BadRequestError,
        'draft must be an InteractionCreate or keywords such as interaction_type="call", '
        "not an InteractionUpdate.",
    ),
    Row(
        "a class for a draft",
        lambda s: s.ada.create(InteractionCreate),
        BadRequestError,
        'draft must be an InteractionCreate or keywords such as interaction_type="call", '
        "not the class InteractionCreate.",
    ),
    Row(
        "a draft for another customer",
        lambda s: s.ada.create(draft(customer_id=s.other.id)),
        OwnershipError,
        "could not be found.",
    ),
    Row(
        "a draft of a user without a record",
        lambda s: s.crm.as_user("nobody").create(draft()),
        CustomerNotFoundError,
        "Customer record not found. Please create your customer profile first.",
    ),
    Row(
        "an admin's draft for nobody",
        lambda s: s.root.create(draft()),
        BadRequestError,
        "customer_id",
    ),
    Row(
        "an admin's draft for a customer that is not there",
        lambda s: s.root.create(draft(customer_id="nosuch")),
        CustomerNotFoundError,
        "'nosuch' could not be found.",
    ),
    Row(
        "an admin's draft for no id",
        lambda s: s.root.create(draft(customer_id="a b")),
        BadRequestError,
        f"'a b' is not a valid customer id: {ID}",
    ),
    Row(
        "an id that is taken",
        lambda s: s.ada.create(draft(id=s.call)),
        ConflictError,
        "Use a",
    ),
    Row(
        "a dict among drafts",
        lambda s: s.ada.create_many([{"interaction_type": "call"}]),
        BadRequestError,
        "each draft must be an InteractionCreate, not a dict.",
    ),
    *(
        Row(
            f"{what} for drafts",
            lambda s, given=given: s.ada.create_many(given),  # type: ignore[misc]
            BadRequestError,
            f"drafts must be an iterable of InteractionCreate, not {shown}.",
        )
        for what, given, shown in (
            ("one draft", draft(), "an InteractionCreate"),
            ("nothing", None, "None"),
            ("a text", "calls.csv", "'calls.csv'"),
            ("a mapping", {"interaction_type": "call"}, "a dict"),
        )
    ),
    Row(
        "ignoring errors",
        lambda s: s.ada.create_many([draft()], on_error="ignore"),
        BadRequestError,
        "on_error must be 'stop' or 'continue', not 'ignore'.",
    ),
    Row(
        "a number for progress",
        lambda s: s.ada.create_many([draft()], on_progress=5),
        BadRequestError,
        "on_progress must be a function, not 5.",
    ),
    Row(
        "a dict for an update",
        lambda s: s.ada.update(s.call, {"subject": "x"}),
        BadRequestError,
        'update must be an InteractionUpdate or keywords such as outcome="successful", not a dict.',
    ),
    Row(
        "an update and keywords",
        lambda s: s.ada.update(s.call, InteractionUpdate(), subject="x"),
        BadRequestError,
        "Pass an InteractionUpdate or keywords, not both: subject would be lost.",
    ),
    Row(
        "a customer for an update",
        lambda s: s.ada.update(s.call, customer_id=s.other.id),
        ValidationError,
        "customer_id",
    ),
    Row(
        "a draft for an update",
        lambda s: s.ada.update(s.call, draft()),
        BadRequestError,
        'update must be an InteractionUpdate or keywords such as outcome="successful", '
        "not an InteractionCreate.",
    ),
    Row(
        "a naive if_unchanged_since",
        lambda s: s.ada.update(s.call, InteractionUpdate(), if_unchanged_since=NAIVE),
        BadRequestError,
        "if_unchanged_since needs a time zone",
    ),
    Row(
        "a word for if_unchanged_since",
        lambda s: s.ada.update(s.call, InteractionUpdate(), if_unchanged_since="now"),
        BadRequestError,
        f"if_unchanged_since {TIME}'now'.",
    ),
    Row(
        "a number for a subject",
        lambda s: s.ada.log_call(5),
        ValidationError,
        "subject",
    ),
    Row(
        "a long subject",
        lambda s: s.ada.log_call("x" * 201),
        ValidationError,
        "at most 200 characters",
    ),
    Row(
        "a mistyped field",
        lambda s: s.ada.log_call("x", outcom="resolved"),
        ValidationError,
        "outcom",
    ),
    Row(
        "a mistyped outcome of a draft",
        lambda s: s.ada.log_call("x", outcome=MISTYPED),
        ValidationError,
        "outcome",
    ),
    Row(
        "a text for a duration",
        lambda s: s.ada.log_call("x", duration="12"),
        ValidationError,
        "duration",
    ),
    Row(
        "no duration",
        lambda s: s.ada.log_call("x", duration=0),
        ValidationError,
        "greater than or equal to 1",
    ),
    Row(
        "a length for a duration",
        lambda s: s.ada.log_call("x", duration=timedelta(minutes=3)),
        ValidationError,
        "duration",
    ),
    Row(
        "a naive occurred_at",
        lambda s: s.ada.log_call("x", occurred_at=NAIVE),
        ValidationError,
        "occurred_at",
    ),
    Row(
        "a next action in the past",
        lambda s: s.ada.log_call("x", next_action_date=in_days(-1)),
        ValidationError,
        "The next action must be later than now",
    ),
    Row(
        "a word for a next action's time",
        lambda s: s.ada.log_call("x", next_action_date="tomorrow"),
        ValidationError,
        "next_action_date",
    ),
    Row(
        "a date for a draft's time",
        lambda s: s.ada.log_call("x", next_action_date=date(2999, 1, 1)),
        ValidationError,
        "next_action_date",
    ),
    Row(
        "a meeting without a description",
        lambda s: s.ada.log_meeting("x", ""),
        ValidationError,
        "A note or a meeting needs a description",
    ),
    Row(
        "a note without words",
        lambda s: s.ada.log_note(None),
        ValidationError,
        "A note or a meeting needs a description",
    ),
    Row(
        "half a related entity of a draft",
        lambda s: s.ada.log_call("x", related_entity_type="invoice"),
        ValidationError,
        "related_entity_type and related_entity_id together",
    ),
    Row(
        "a text for metadata",
        lambda s: s.ada.log_call("x", metadata="vip"),
        ValidationError,
        "metadata",
    ),
    Row(
        "long metadata",
        lambda s: s.ada.log_call("x", metadata={"a": "x" * 6000}),
        ValidationError,
        "at most 5000 characters as JSON, not 6008",
    ),
    Row(
        "metadata that is not JSON",
        lambda s: s.ada.log_call("x", metadata={"a": object()}),
        ValidationError,
        "Metadata must be valid JSON",
    ),
    Row(
        "an id and a key",
        lambda s: s.ada.log_call("x", id="a", idempotency_key="b"),
        ValidationError,
        "id or idempotency_key, not both",
    ),
    Row(
        "an id with a blank",
        lambda s: s.ada.log_call("x", id="a b"),
        ValidationError,
        "id",
    ),
    Row(
        "clearing a type",
        lambda _: InteractionUpdate(interaction_type=None),
        ValidationError,
        "required and cannot be cleared",
    ),
    Row(
        "changing the customer",
        lambda _: InteractionUpdate.model_validate({"customer_id": "x"}),
        ValidationError,
        "customer_id",
    ),
]

CLIENTS: list[Row] = [
    Row(
        "no endpoint",
        lambda s: s.client(endpoint=None),
        ConfigurationError,
        "endpoint must be a URL such as https://cloud.appwrite.io/v1, not None.",
    ),
    Row(
        "an endpoint without a scheme",
        lambda s: s.client(endpoint="localhost/v1"),
        ConfigurationError,
        "endpoint must be a URL such as https://cloud.appwrite.io/v1, not 'localhost/v1'.",
    ),
    Row(
        "another scheme, with a password",
        lambda s: s.client(endpoint="ftp://ada:hidden@crm.example/v1"),
        ConfigurationError,
        "not 'ftp://crm.example/v1'.",
    ),
    Row(
        "no project",
        lambda s: s.client(project=""),
        ConfigurationError,
        "project must be the ID of an Appwrite project, not ''.",
    ),
    Row(
        "a project's name for its id",
        lambda s: s.client(project="My project"),
        ConfigurationError,
        "project must be the ID of an Appwrite project, not 'My project'.",
    ),
    Row(
        "no key",
        lambda s: s.client(api_key=None),
        ConfigurationError,
        "The API key is missing. Pass api_key=, created in the Appwrite console, or jwt= or "
        "session= of a signed-in user.",
    ),
    Row(
        "a number for a key",
        lambda s: s.client(api_key=5),
        ConfigurationError,
        "api_key must be a string, not of the type int.",
    ),
    Row(
        "a key with a line end",
        lambda s: s.client(api_key="secret\n"),
        ConfigurationError,
        "APPWRITE_API_KEY",
    ),
    Row(
        "a key and a JWT",
        lambda s: s.client(jwt="secret"),
        ConfigurationError,
        "Pass exactly one of api_key=, jwt= and session=.",
    ),
    *(
        Row(
            f"a dict of {len(settings)} settings",
            lambda s, settings=settings: s.client(settings=settings),  # type: ignore[misc]
            ConfigurationError,
            "settings must be a Settings, not a dict.",
        )
        for settings in ({}, {"page_size": 5})
    ),
    Row(
        "a dict of settings for an embedded server",
        lambda s: s.client_class.embedded(settings={}),
        ConfigurationError,
        "settings must be a Settings, not a dict.",
    ),
    *(
        Row(
            f"a timeout of {timeout!r}",
            lambda s, timeout=timeout: s.client(timeout=timeout),  # type: ignore[misc]
            ConfigurationError,
            f"timeout must be a positive number of seconds or an httpx.Timeout, not {timeout!r}.",
        )
        for timeout in ("30", 0, -1, True)
    ),
    *(
        Row(
            f"retry={retry!r}",
            lambda s, retry=retry: s.client(retry=retry),  # type: ignore[misc]
            ConfigurationError,
            f"retry must be a RetryPolicy, not {retry!r}.",
        )
        for retry in (3, False)
    ),
    Row(
        "retries backwards",
        lambda _: RetryPolicy(retries=-1),
        ConfigurationError,
        "retries must be an integer of 0 or more, not -1.",
    ),
    Row(
        "a text for a delay",
        lambda _: RetryPolicy(max_delay="8"),  # type: ignore[arg-type]
        ConfigurationError,
        "max_delay must be a number of seconds of 0 or more, not '8'.",
    ),
    Row(
        "a delay backwards",
        lambda _: RetryPolicy(max_delay=-1),
        ConfigurationError,
        "max_delay must be a number of seconds of 0 or more, not -1.",
    ),
    Row(
        "a transport of another kind",
        lambda s: s.client(transport=object()),
        ConfigurationError,
        "BaseTransport, not an object.",
    ),
    Row(
        "a name for a hook",
        lambda s: s.client(on_request="log"),
        ConfigurationError,
        "on_request must be a function, not 'log'.",
    ),
    Row(
        "nothing for the official client",
        lambda s: s.client_class.from_appwrite(None),
        ConfigurationError,
        "client must be an appwrite.client.Client, not None.",
    ),
    Row(
        "an official client that is not set up",
        lambda s: s.client_class.from_appwrite(Client()),
        ConfigurationError,
        "project must be the ID of an Appwrite project",
    ),
    Row(
        "a number for a path",
        lambda s: s.client_class.embedded(5),
        ConfigurationError,
        "path must be a file's path or ':memory:', not 5.",
    ),
    Row(
        "no rows in a page",
        lambda _: Settings(page_size=0),
        ValidationError,
        "greater than or equal to 1",
    ),
    Row(
        "a mistyped setting",
        lambda _: Settings.model_validate({"pagesize": 5}),
        ValidationError,
        "pagesize",
    ),
    Row(
        "an unknown consistency",
        lambda _: Settings.model_validate({"consistency": "eventual"}),
        ValidationError,
        "Input should be 'atomic' or 'fast'",
    ),
    Row(
        "a database's name for its id",
        lambda _: Settings(database_id="my database"),
        ValidationError,
        f"'my database' is not a valid id: {ID}",
    ),
    Row(
        "a role without its kind",
        lambda _: Settings(admin_role="admin"),
        ValidationError,
        "label:NAME (letters and digits only), team:ID or team:ID/ROLE",
    ),
    Row(
        "an unknown zone of a client",
        lambda _: Settings(time_zone="Zurich"),
        ValidationError,
        "Unknown time zone 'Zurich'. Use a name such as 'Europe/Zurich'.",
    ),
]

FILES: list[Row] = [
    Row(
        "a file that is not there",
        lambda s: s.ada.import_csv(s.folder / "nosuch.csv"),
        FileAccessError,
        "nosuch.csv: No such file or directory.",
    ),
    Row(
        "a folder for a file",
        lambda s: s.ada.import_csv(s.folder),
        FileAccessError,
        "Is a directory.",
    ),
    Row(
        "another encoding",
        lambda s: s.ada.import_csv(s.file(), encoding="utf-16"),
        BadRequestError,
        "cannot be read as utf-16",
    ),
    Row(
        "an unknown encoding",
        lambda s: s.ada.import_csv(s.file(), encoding="utf-9"),
        BadRequestError,
        "Unknown encoding 'utf-9'.",
    ),
    Row(
        "a converter that fails for every line",
        lambda s: s.ada.import_csv(
            s.file("kind\n" + "call\n" * 30), {"interaction_type": lambda row: {}[row["kind"]]}
        ),
        BadRequestError,
        "The first 20 lines all failed in the same way. Line 2: interaction_type: the converter ",
    ),
    Row(
        "a division by zero in a converter",
        lambda s: s.ada.import_csv(
            s.file("kind\n" + "call\n" * 30),
            {"interaction_type": transfer.Converter(("kind",), lambda _: 1 // 0)},
        ),
        BadRequestError,
        " of the column 'kind' raised ZeroDivisionError: integer division or modulo by zero.",
    ),
    Row(
        "a report on another frame",
        lambda _: reports.by_type(pl.DataFrame({"a": [1]})),
        ConfigurationError,
        "frame must have the columns of reports.SCHEMA; it lacks customer_id, interaction_type, "
        "created_at.",
    ),
    Row(
        "a report on a list",
        lambda _: reports.by_type([1]),  # type: ignore[type-var]
        ConfigurationError,
        "frame must be a dataframe, such as reports.frame(repo.iterate()) returns, not a list.",
    ),
    Row(
        "an export into a folder that is not there",
        lambda s: s.ada.export_jsonl(s.folder / "nosuch" / "all.jsonl"),
        FileAccessError,
        "No such file or directory.",
    ),
    Row(
        "an archive that is not there",
        lambda s: s.root.restore(s.folder / "nosuch"),
        FileAccessError,
        "nosuch: No such directory.",
    ),
    Row(
        "a thirteenth month",
        lambda s: s.root.restore(s.folder, month=13),
        BadRequestError,
        "month must be an integer from 1 to 12, not 13.",
    ),
    Row(
        "an attachment that is not there",
        lambda s: s.ada.attach(s.call, s.folder / "offer.pdf"),
        FileAccessError,
        "offer.pdf: No such file or directory.",
    ),
    Row(
        "a number for an attachment",
        lambda s: s.ada.attach(s.call, 5, name="offer.pdf"),
        BadRequestError,
        "file must be bytes or a path, not 5.",
    ),
    Row(
        "an attachment without a name",
        lambda s: s.ada.attach(s.call, b"x"),
        BadRequestError,
        "name=",
    ),
    Row(
        "an empty attachment",
        lambda s: s.ada.attach(s.call, b"", name="offer.pdf"),
        BadRequestError,
        "Cannot attach 'offer.pdf'",
    ),
    Row(
        "a file of an embedded server in a folder that is not there",
        lambda s: s.client_class.embedded(s.folder / "nosuch" / "crm.db"),
        StoreError,
        "crm.db cannot be opened: ",
    ),
    Row(
        "a text file for an embedded server",
        lambda s: s.client_class.embedded(s.file()),
        StoreError,
        "calls.csv",
    ),
    Row(
        "variables that are not set",
        lambda s: s.client_class.from_env(),
        ConfigurationError,
        "Set APPWRITE_ENDPOINT and APPWRITE_PROJECT_ID and APPWRITE_API_KEY in the environment",
    ),
    Row(
        "a file of variables that is not there",
        lambda s: s.client_class.from_env(env_file=s.folder / ".env"),
        ConfigurationError,
        ".env does not exist.",
    ),
    Row(
        "a mistyped variable",
        lambda s: s.client_class.from_env(
            env_file=s.file(
                "APPWRITE_ENDPOINT=http://localhost/v1\nAPPWRITE_PROJECT_ID=crm\n"
                "APPWRITE_API_KEY=secret\nINTERACTIONS_PAGESIZE=5\n"
            )
        ),
        ConfigurationError,
        "Unknown variable INTERACTIONS_PAGESIZE. Did you mean 'INTERACTIONS_PAGE_SIZE'?",
    ),
    Row(
        "a wrong value of a variable",
        lambda s: s.client_class.from_env(
            env_file=s.file(
                "APPWRITE_ENDPOINT=http://localhost/v1\nAPPWRITE_PROJECT_ID=crm\n"
                "APPWRITE_API_KEY=secret\nINTERACTIONS_PAGE_SIZE=many\n"
            )
        ),
        ConfigurationError,
        "INTERACTIONS_PAGE_SIZE: Input should be a valid integer",
    ),
]

TABLE: list[Row] = [*FILTERS, *FOLLOW_UPS, *IDS, *WRITES, *CLIENTS, *FILES]
