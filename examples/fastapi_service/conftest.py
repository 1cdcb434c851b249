"""The service over an embedded Appwrite, and users who are signed in there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import httpx
import pytest
from appwrite.services.users import Users
from service import create_app  # type: ignore[import-not-found] # found from here only

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from interactions_sdk import AsyncInteractionsClient, InteractionsClient
    from interactions_sdk.embedded import EmbeddedAppwrite

pytest_plugins = ["interactions_sdk.testing"]


class Browser(Protocol):
    """Opens the service as a user would."""

    def __call__(self, user_id: str) -> httpx.AsyncClient:
        """Return a client that is signed in as this user."""
        ...


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio."""
    return "asyncio"


@pytest.fixture
async def browser(
    crm: InteractionsClient, acrm: AsyncInteractionsClient, crm_server: EmbeddedAppwrite
) -> AsyncIterator[Browser]:
    """Start the service, with a customer record for Ada and one for Bob."""

    def accounts() -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url="http://embedded/v1",
            headers={"X-Appwrite-Project": crm_server.project},
            transport=crm_server.transport,
        )

    app = create_app(lambda: acrm, accounts)
    users = Users(crm.appwrite)
    for user_id in ("ada", "bob"):
        users.create(user_id)
        crm.customers.create(user_id=user_id)

    def open_as(user_id: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url="http://service",
            headers={"X-Appwrite-JWT": users.create_jwt(user_id).jwt},
            transport=httpx.ASGITransport(app),
        )

    async with app.router.lifespan_context(app):
        yield open_as
