"""A desk over an embedded Appwrite, and people who use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    Customer,
    Settings,
)
from interactions_sdk.desk import Admin, User, desk
from tests.desk.pages import Surfer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Admin("root", name="Grace", tz="Europe/Zurich")


@dataclass
class Office:
    """A desk with two customers, Ada and Bob, and what its pages ask Appwrite for."""

    crm: AsyncInteractionsClient
    ada: Customer
    bob: Customer
    requests: list[str]

    @property
    def repo(self) -> AsyncInteractionRepository:
        """All interactions."""
        return self.crm.as_admin("root")

    def surfer(self, person: Admin | User | None = ROOT, **options: Any) -> Surfer:
        """Return the browser of somebody who is signed in."""
        return Surfer(desk(self.crm, identify=lambda _: person, **options))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """Open a desk."""
    settings = Settings(attachments_bucket="attachments")
    requests: list[str] = []
    async with AsyncInteractionsClient.embedded(
        settings=settings, on_request=lambda event: requests.append(event.route)
    ) as crm:
        ada, bob = await crm.customers.ensure("ada"), await crm.customers.ensure("bob")
        yield Office(crm, ada, bob, requests)


@pytest.fixture
def root(office: Office) -> Surfer:
    """Return an admin's browser."""
    return office.surfer()


@pytest.fixture
def user(office: Office) -> Surfer:
    """Return Ada's browser."""
    return office.surfer(User("ada", tz="Europe/Zurich"))
