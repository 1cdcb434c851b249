"""A customer on which an operation runs while requests fail, and the resulting database."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import count
from typing import TYPE_CHECKING, Self

from interactions_sdk import (
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionRepository,
    InteractionsClient,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.testing.assertions import audit_entries
from interactions_sdk.wire import query
from interactions_sdk.wire.call import Call, parse_nothing, to_json
from interactions_sdk.wire.tables import tables_for

if TYPE_CHECKING:
    import httpx

KEY = "standard_b7c1e5a0f93d2468"
"""The API key, which must not appear anywhere."""

ATOMIC = Settings(verify_users=False, page_size=2)
FAST = ATOMIC.model_copy(update={"consistency": "fast"})
UNAUDITED = ATOMIC.model_copy(update={"audit_table": None})
IN_PAIRS = ATOMIC.model_copy(update={"bulk_size": 2})
VERIFIED = ATOMIC.model_copy(update={"verify_users": True})

RETRIES = 2
QUICK = RetryPolicy(retries=RETRIES, initial_delay=0.0, max_delay=0.0, wait_out_outages=False)

_numbers = count(1)


def start_server() -> EmbeddedAppwrite:
    """Return a server with its own key and the schema."""
    return EmbeddedAppwrite(snapshot=_snapshot(), api_key=KEY)


@cache
def _snapshot() -> bytes:
    with EmbeddedAppwrite(api_key=KEY) as server:
        settings = ATOMIC.model_copy(update={"attachments_bucket": "attachments"})
        client_of(server, settings).schema.apply()
        return server.snapshot()


def client_of(
    server: EmbeddedAppwrite, settings: Settings, transport: httpx.BaseTransport | None = None
) -> InteractionsClient:
    """Return a client of the server, through another transport if one is given."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=QUICK,
    )


@dataclass
class Scene:
    """One customer, with its own rows in the database.

    Attributes:
        server: The server.
        settings: The settings of every client.
        customer: The customer, written before the faults begin; None if the operation writes it.
        subject: The interaction that the operation is about.
        draft: The draft that the operation writes.
        drafts: The drafts, if it writes many.
        known_rows: The IDs of the interactions that existed before.
    """

    server: EmbeddedAppwrite
    settings: Settings
    user_id: str = field(default_factory=lambda: f"user-{next(_numbers)}")
    customer: Customer | None = None
    subject: CustomerInteraction | None = None
    draft: InteractionCreate | None = None
    drafts: list[InteractionCreate] = field(default_factory=list[InteractionCreate])
    known_rows: frozenset[str] = frozenset()

    @cached_property
    def crm(self) -> InteractionsClient:
        """A client without faults."""
        return client_of(self.server, self.settings)

    @property
    def repo(self) -> InteractionRepository:
        """The interactions of the customer's user, without faults."""
        return self.crm.as_user(self.user_id)

    @property
    def owner(self) -> Customer:
        """The customer."""
        assert self.customer is not None
        return self.customer

    @property
    def target(self) -> CustomerInteraction:
        """The interaction that the operation is about."""
        assert self.subject is not None
        return self.subject

    @property
    def wanted(self) -> InteractionCreate:
        """The draft that the operation writes."""
        assert self.draft is not None
        return self.draft

    def add_customer(self) -> None:
        """Write the customer."""
        self.customer = self.crm.customers.create(user_id=self.user_id)

    def add_user(self) -> None:
        """Write the Appwrite user."""
        body = to_json({"userId": self.user_id, "name": self.user_id})
        self.crm._connection.send(Call("POST", "/users", "/users", parse_nothing, body))

    def add_interaction(self, **fields: object) -> CustomerInteraction:
        """Write an interaction without faults."""
        defaults = {"interaction_type": "call", "subject": "Before"}
        draft = InteractionCreate.model_validate(defaults | fields)
        self.subject = self.repo.create(draft)
        return self.subject

    def remember(self) -> None:
        """Store the current rows as those that existed before."""
        if self.customer is not None:
            self.known_rows = frozenset(row.id for row in self.rows())

    def rows(self) -> list[CustomerInteraction]:
        """Return all interactions of the customer, oldest first."""
        queries = [
            query.equal("customerId", self.owner.id),
            query.ascending(CREATED_AT),
            query.limit(query.MAX_LIMIT),
        ]
        table = self.crm._services.project.tables.interactions
        return self.crm._connection.send(wire.list_rows(table, queries)).rows

    def new_rows(self) -> list[CustomerInteraction]:
        """Return the interactions that the operation wrote."""
        return [row for row in self.rows() if row.id not in self.known_rows]

    def row(self, interaction_id: str) -> CustomerInteraction | None:
        """Return an interaction, or None."""
        return {row.id: row for row in self.rows()}.get(interaction_id)

    def audited(self, interaction_id: str, action: str) -> int:
        """Return the number of audit rows of an interaction with this action."""
        return [entry.action for entry in audit_entries(self.crm, interaction_id)].count(action)

    def audited_creates(self) -> Counter[str]:
        """Return the number of audit rows of the create of each of the customer's interactions."""
        table = tables_for(ATOMIC).audit
        assert table is not None
        queries = [
            query.equal("customerId", self.owner.id),
            query.equal("action", "interaction.created"),
            query.limit(query.MAX_LIMIT),
        ]
        rows = self.crm._connection.send(wire.list_rows(table, queries)).rows
        return Counter(row.entity_id for row in rows)

    def check_dates(self) -> None:
        """Check that the customer's dates match its interactions."""
        rows = self.rows()
        customer = self.crm.customers.get(self.owner.id)
        newest = max((row.created_at for row in rows), default=None)
        due = [row.next_action_date for row in rows if row.is_open_follow_up]
        if newest is not None:
            assert customer.last_contact_at is not None, "lastContactAt was never set"
            assert newest <= customer.last_contact_at, "lastContactAt is behind"
        assert min((date for date in due if date), default=None) == customer.next_follow_up_at


class Journal(logging.Handler):
    """A handler that keeps the library's log records."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)

    @property
    def left_to_reconcile(self) -> bool:
        """Whether a message says that a customer's dates need to be repaired."""
        return any("reconcile(" in record.getMessage() for record in self.records)

    def __enter__(self) -> Self:
        logger = logging.getLogger("interactions_sdk")
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("interactions_sdk").removeHandler(self)


def days(number: float) -> datetime:
    """Return the time in a number of days, truncated to the second."""
    return (datetime.now(UTC) + timedelta(days=number)).replace(microsecond=0)
