"""Sample data for a first look: a few customers with follow-ups."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from interactions_sdk import InteractionMetadata
from interactions_sdk.datetimes import utc_now

if TYPE_CHECKING:
    from interactions_sdk import AsyncInteractionsClient

__all__ = ["log_sample"]

_CUSTOMERS = (
    ("ada", "Ada Lovelace", "ada@example.org", "+44 20 7946 0001"),
    ("grace", "Grace Hopper", "grace@example.org", "+1 555 010 0100"),
    ("katherine", "Katherine Johnson", "katherine@example.org", None),
    ("alan", "Alan Turing", "alan@example.org", None),
)


async def log_sample(crm: AsyncInteractionsClient, admin_id: str) -> None:
    """Log some days of work with four customers, in an empty database."""
    ids = {
        user_id: (await crm.customers.create(user_id, name=name, email=email, phone=phone)).id
        for user_id, name, email, phone in _CUSTOMERS
    }
    repo = crm.as_admin(admin_id)
    now = utc_now()
    await repo.log_email(
        "Question about invoices",
        customer_id=ids["ada"],
        direction="inbound",
        outcome="resolved",
        occurred_at=now - timedelta(days=6, hours=2),
    )
    await repo.log_task(
        "Send the contract",
        customer_id=ids["grace"],
        next_action="Send the contract, with the appendix on data protection",
        next_action_date=now - timedelta(days=1),
        occurred_at=now - timedelta(days=4, hours=4),
    )
    await repo.log_meeting(
        "Kick-off",
        "Agreed on goals, dates and who does what.",
        customer_id=ids["ada"],
        duration=45,
        outcome="successful",
        contact_method="video_call",
        occurred_at=now - timedelta(days=2, hours=3),
        metadata=InteractionMetadata(participants=["ada@example.org", "grace@example.org"]),
    )
    await repo.log_call(
        "No answer, tried twice",
        customer_id=ids["katherine"],
        outcome="no_answer",
        next_action="Call again",
        next_action_date=now + timedelta(minutes=30),
        occurred_at=now - timedelta(days=1, hours=5),
    )
    await repo.log_note(
        "Prefers email to calls, and mornings to afternoons.",
        customer_id=ids["alan"],
        occurred_at=now - timedelta(hours=3),
    )
    await repo.log_call(
        "Asked about the annual plan",
        customer_id=ids["ada"],
        direction="inbound",
        duration=12,
        outcome="follow_up_required",
        next_action="Send an offer",
        next_action_date=now + timedelta(days=2),
    )
