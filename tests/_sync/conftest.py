# Generated from tests/_async/conftest.py by scripts/unasync.py; do not edit.
"""An embedded Appwrite for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionRepository, InteractionsClient

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def crm() -> Iterator[InteractionsClient]:
    """Return a client of an empty server."""
    with InteractionsClient.embedded() as crm:
        yield crm


@pytest.fixture
def ada(crm: InteractionsClient) -> InteractionRepository:
    """Return the interactions of a user with a customer record."""
    crm.customers.ensure("ada")
    return crm.as_user("ada")


@pytest.fixture
def bob(crm: InteractionsClient) -> InteractionRepository:
    """Return the interactions of another user with a customer record."""
    crm.customers.ensure("bob")
    return crm.as_user("bob")


@pytest.fixture
def admin(crm: InteractionsClient) -> InteractionRepository:
    """Return the interactions of all customers."""
    return crm.as_admin("root")
