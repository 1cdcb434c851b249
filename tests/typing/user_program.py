"""A correct program for type checkers, which states the type of each expression.

`test_types.py` checks it with mypy and pyright; it is never run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import assert_type

from appwrite.client import Client

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    AsyncPage,
    AuditEntry,
    BulkResult,
    ContactMethod,
    Customer,
    CustomerInteraction,
    Direction,
    InteractionCreate,
    InteractionFields,
    InteractionFilters,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    InteractionType,
    InteractionUpdate,
    Outcome,
    Page,
    Reconciliation,
    RetryPolicy,
    Settings,
    Timeline,
)

NOW = datetime.now(UTC)


def drafts() -> Iterator[InteractionCreate]:
    """Plain strings and enum members are both accepted."""
    yield InteractionCreate(interaction_type="call", outcome="no_answer", direction="inbound")
    yield InteractionCreate(
        interaction_type=InteractionType.NOTE,
        description="x",
        contact_method=ContactMethod.CHAT,
        direction=Direction.OUTBOUND,
        outcome=Outcome.RESOLVED,
        metadata=InteractionMetadata(tags=["vip"], custom_fields={"score": 3}),
        occurred_at=NOW,
    )


def clients() -> None:
    """All ways to create a client return the same class."""
    assert_type(InteractionsClient.embedded(), InteractionsClient)
    assert_type(InteractionsClient.embedded("crm.db", settings=Settings()), InteractionsClient)
    assert_type(InteractionsClient.from_env(timeout=3.0), InteractionsClient)
    client = InteractionsClient("https://x/v1", "p", api_key="k", retry=RetryPolicy(retries=1))
    with client as crm:
        assert_type(crm, InteractionsClient)
        assert_type(crm.appwrite, Client)
        assert_type(crm.as_user("ada"), InteractionRepository)
        assert_type(crm.as_admin("root"), InteractionRepository)
        assert_type(crm.customers.ensure("ada", name="Ada"), Customer)
        assert_type(crm.customers.reconcile(dry_run=True), Reconciliation)
        assert_type(crm.schema.check(), list[str])


def interactions(repo: InteractionRepository) -> None:
    """Interactions that are written and read."""
    call = repo.log_call("Renewal", outcome="voicemail", duration=3, next_action_date=NOW)
    assert_type(call, CustomerInteraction)
    assert_type(repo.log_meeting("Kick-off", "Goals", direction="inbound"), CustomerInteraction)
    assert_type(repo.log_note("Prefers email", subject="Habits"), CustomerInteraction)
    assert_type(call.id, str)
    assert_type(call.interaction_type, InteractionType | str)
    assert_type(call.outcome, Outcome | str | None)
    assert_type(call.duration, int | None)
    assert_type(call.next_action_date, datetime | None)
    assert_type(call.metadata, InteractionMetadata | None)
    assert_type(repo.update(call.id, InteractionUpdate(outcome="successful")), CustomerInteraction)
    assert_type(repo.update(call.id, InteractionUpdate(subject=None)), CustomerInteraction)
    assert_type(repo.create(interaction_type="call", subject="Intro"), CustomerInteraction)
    assert_type(repo.update(call.id, outcome="resolved", subject=None), CustomerInteraction)
    assert_type(InteractionCreate("call", duration=3), InteractionCreate)
    assert_type(InteractionCreate("call", next_action_date="2026-11-30T09:00Z"), InteractionCreate)
    fields: InteractionFields = {"interaction_type": "email", "subject": "Offer"}
    assert_type(InteractionCreate(**fields), InteractionCreate)
    assert_type(repo.create(**fields), CustomerInteraction)
    assert_type(repo.follow_ups.complete(call.id, next=fields), CustomerInteraction)
    assert_type(repo.delete(call.id), None)
    assert_type(repo.create_many(drafts(), on_error="continue"), BulkResult)


def finding(repo: InteractionRepository) -> None:
    """Single values and sequences work as filters, which can be passed on."""
    page = repo.find(interaction_type="call", outcome=["busy", Outcome.NO_ANSWER], limit=10)
    assert_type(page, Page[CustomerInteraction])
    assert_type(page.next_cursor, str | None)
    assert_type(page.total, int | None)
    assert_type(page[0], CustomerInteraction)
    assert_type(page[:2], tuple[CustomerInteraction, ...])
    assert_type(page.has_more, bool)
    for interaction in page:
        assert_type(interaction, CustomerInteraction)
    filters: InteractionFilters = {"related_entity": ("invoice", "4711"), "since": NOW}
    assert_type(repo.iterate(**filters), Iterator[CustomerInteraction])
    assert_type(repo.count(**filters), int)
    assert_type(repo.timeline(tz="Europe/Zurich"), Timeline)
    assert_type(repo.follow_ups.due(), Iterator[CustomerInteraction])
    assert_type(repo.follow_ups.claim(5, lease=timedelta(minutes=1)), list[CustomerInteraction])
    assert_type(repo.follow_ups.complete("i", note="Done"), CustomerInteraction)
    assert_type(repo.follow_ups.snooze("i", by=timedelta(days=1)), CustomerInteraction)


def other_pages(entries: Page[AuditEntry]) -> list[str]:
    """Other pages have other types of items."""
    return [assert_type(entry, AuditEntry).action for entry in entries]


async def awaited() -> None:
    """The same with the asynchronous client."""
    async with AsyncInteractionsClient.embedded() as crm:
        assert_type(crm, AsyncInteractionsClient)
        assert_type(await crm.customers.ensure("ada"), Customer)
        repo = crm.as_user("ada")
        assert_type(repo, AsyncInteractionRepository)
        assert_type(await repo.log_email("Offer", direction="inbound"), CustomerInteraction)
        assert_type(await repo.create_many(drafts()), BulkResult)
        page = await repo.find(interaction_type=["call", InteractionType.EMAIL])
        assert_type(page, AsyncPage[CustomerInteraction])
        assert_type(page.items, tuple[CustomerInteraction, ...])
        async for found in repo.find(text="offer"):
            assert_type(found, CustomerInteraction)
        assert_type(repo.iterate(text="offer"), AsyncIterator[CustomerInteraction])
        async for interaction in repo.follow_ups.due(as_of=NOW):
            assert_type(interaction, CustomerInteraction)
        assert_type(await repo.count(direction="inbound"), int)


async def fetched() -> str:
    """Fetch a JWT, asynchronously."""
    return "jwt"


async def signed_in() -> None:
    """Clients of a signed-in user, in both versions."""
    for jwt in ("jwt", lambda: "jwt"):
        with InteractionsClient("http://localhost/v1", "p", jwt=jwt) as crm:
            assert_type(crm.as_user(), InteractionRepository)
            assert_type(crm.is_signed_in, bool)
            assert_type(crm.schema.audit_ownership(), Iterator[str])
    async with AsyncInteractionsClient("http://localhost/v1", "p", jwt=fetched) as acrm:
        assert_type(acrm.as_admin(), AsyncInteractionRepository)
        assert_type(acrm.schema.audit_ownership(), AsyncIterator[str])
