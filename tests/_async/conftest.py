"""An embedded Appwrite for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk import AsyncInteractionRepository, AsyncInteractionsClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def acrm() -> AsyncIterator[AsyncInteractionsClient]:
    """Return a client of an empty server."""
    async with AsyncInteractionsClient.embedded() as crm:
        yield crm


@pytest.fixture
async def ada(acrm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the interactions of a user with a customer record."""
    await acrm.customers.ensure("ada")
    return acrm.as_user("ada")


@pytest.fixture
async def bob(acrm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the interactions of another user with a customer record."""
    await acrm.customers.ensure("bob")
    return acrm.as_user("bob")


@pytest.fixture
def admin(acrm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the interactions of all customers."""
    return acrm.as_admin("root")
