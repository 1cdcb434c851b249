"""Factories of customers, drafts and interactions, with defaults for every argument."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from interactions_sdk import Customer, CustomerInteraction, InteractionCreate, InteractionType

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient

__all__ = [
    "CustomerFactory",
    "DraftFactory",
    "InteractionFactory",
    "make_customer",
    "make_draft",
    "make_interaction",
]


class CustomerFactory(Protocol):
    """Creates customers."""

    def __call__(
        self,
        user_id: str | None = None,
        **columns: Any,  # noqa: ANN401 - those of the table
    ) -> Customer:
        """Create a customer, of a new user unless one is named."""
        ...


class DraftFactory(Protocol):
    """Creates drafts."""

    def __call__(self, **fields: Any) -> InteractionCreate:  # noqa: ANN401 - those of a draft
        """Return a draft, of a call unless the fields say otherwise."""
        ...


class InteractionFactory(Protocol):
    """Creates interactions."""

    def __call__(
        self,
        customer: Customer | None = None,
        **fields: Any,  # noqa: ANN401 - those of a draft
    ) -> CustomerInteraction:
        """Log an interaction, of a new customer unless one is passed."""
        ...


@pytest.fixture
def make_customer(crm: InteractionsClient) -> CustomerFactory:
    """Create customers: `make_customer()`, `make_customer("ada")`."""
    numbers = count(1)

    def make(
        user_id: str | None = None,
        **columns: Any,  # noqa: ANN401 - those of the table
    ) -> Customer:
        return crm.customers.create(user_id=user_id or f"user-{next(numbers)}", **columns)

    return make


@pytest.fixture
def make_draft() -> DraftFactory:
    """Create unsaved drafts: `make_draft(outcome="busy")`."""
    numbers = count(1)

    def make(**fields: Any) -> InteractionCreate:  # noqa: ANN401 - those of a draft
        number = next(numbers)
        defaults = {
            "interaction_type": InteractionType.CALL,
            "subject": f"Interaction {number}",
            "description": f"What was said in interaction {number}.",
        }
        return InteractionCreate.model_validate(defaults | fields)

    return make


@pytest.fixture
def make_interaction(
    crm: InteractionsClient, make_customer: CustomerFactory, make_draft: DraftFactory
) -> InteractionFactory:
    """Log interactions as the customer's user: `make_interaction(ada, duration=5)`."""

    def make(
        customer: Customer | None = None,
        **fields: Any,  # noqa: ANN401 - those of a draft
    ) -> CustomerInteraction:
        owner = customer or make_customer()
        return crm.as_user(owner.user_id).create(make_draft(**fields))

    return make
