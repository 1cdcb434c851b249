"""A desk with an embedded Appwrite, and its users."""

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
    """A desk with two customers, Ada and Bob, and a record of the requests of its pages."""

    crm: AsyncInteractionsClient
    ada: Customer
    bob: Customer
    requests: list[str]

    @property
    def repo(self) -> AsyncInteractionRepository:
        """The interactions of all customers."""
        return self.crm.as_admin("root")

    def surfer(self, person: Admin | User | None = ROOT, **options: Any) -> Surfer:
        """Return a signed-in browser."""
        return Surfer(desk(self.crm, identify=lambda _: person, **options))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """Return the desk."""
    settings = Settings(attachments_bucket="attachments")
    requests: list[str] = []
    async with AsyncInteractionsClient.embedded(
        settings=settings, on_request=lambda event: requests.append(event.route)
    ) as crm:
        ada, bob = await crm.customers.ensure("ada"), await crm.customers.ensure("bob")
        yield Office(crm, ada, bob, requests)


@pytest.fixture
def root(office: Office) -> Surfer:
    """Return the browser of an admin."""
    return office.surfer()


@pytest.fixture
def user(office: Office) -> Surfer:
    """Return the browser of Ada."""
    return office.surfer(User("ada", tz="Europe/Zurich"))
