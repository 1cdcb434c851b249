"""A program with mistakes for type checkers, which must report every line marked `wrong`.

`test_types.py` compares the lines that mypy and pyright report with the marked ones.
"""

from __future__ import annotations

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    InteractionCreate,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
    RetryPolicy,
    Settings,
)


def drafts() -> None:
    """Misspelt values and names."""
    InteractionCreate(interaction_type="phone")  # wrong
    InteractionCreate(interaction_type="call", outcome="resolvd")  # wrong
    InteractionCreate(interaction_type="call", direction="sideways")  # wrong
    InteractionCreate(interaction_type="call", duration="12")  # wrong
    InteractionCreate(interaction_type="call", subjct="Renewal")  # wrong
    InteractionCreate(subject="Renewal")  # wrong
    InteractionUpdate(customer_id="c1")  # wrong
    InteractionUpdate(outcome="done")  # wrong
    Settings(consistency="eventual")  # wrong
    RetryPolicy(3)  # wrong


def interactions(repo: InteractionRepository) -> None:
    """Misspelt arguments, and methods that do not exist."""
    repo.log_call("Renewal", outcome="voice_mail")  # wrong
    repo.log_call("Renewal", minutes=12)  # wrong
    repo.log_call("Renewal", "A long talk")  # wrong
    repo.log_meeting("Kick-off")  # wrong
    repo.find(type="call")  # wrong
    repo.find(since=20260501)  # wrong
    repo.create_many([], on_error="ignore")  # wrong
    repo.get("i").duration + 1  # wrong
    repo.follow_ups.snooze("i", by=3)  # wrong
    repo.update("i", customer_id="c1")  # wrong
    repo.update("i", outcome="done")  # wrong
    repo.update("i", InteractionUpdate(), subject="Other")  # wrong
    repo.create(subject="Renewal")  # wrong
    repo.create(interaction_type="phone")  # wrong
    repo.create(interaction_type="call", subjct="Renewal")  # wrong
    repo.create(InteractionCreate(interaction_type="call"), subject="Renewal")  # wrong
    repo.follow_ups.complete("i", next={"interaction_type": "phone"})  # wrong
    repo.find().followed_by(3)  # wrong


async def fetched() -> str:
    """Fetch a JWT."""
    return "jwt"


def signed_in() -> None:
    """A function that must be awaited, and one that does not return text."""
    AsyncInteractionsClient("http://localhost/v1", "p", jwt=fetched)
    InteractionsClient("http://localhost/v1", "p", jwt=fetched)  # wrong
    InteractionsClient("http://localhost/v1", "p", jwt=lambda: 7)  # wrong
    InteractionsClient("http://localhost/v1", "p", session=fetched)  # wrong


async def awaited(repo: AsyncInteractionRepository) -> None:
    """A missing `await`, and a loop for the other version."""
    repo.log_call("Renewal").subject  # wrong
    for interaction in repo.iterate():  # wrong
        pass
    for interaction in repo.find():  # wrong
        pass
    repo.find().items  # wrong
    async with AsyncInteractionsClient.embedded() as crm:
        crm.appwrite  # wrong
    with AsyncInteractionsClient.embedded():  # wrong
        pass
    with InteractionsClient.embedded() as sync:
        await sync.customers.ensure("ada")  # wrong
