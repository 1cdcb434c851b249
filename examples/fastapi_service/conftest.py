"""The service with an embedded Appwrite, and its signed-in users."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import httpx
import pytest
from appwrite.services.users import Users
from service import create_app  # type: ignore[import-not-found] # found from here only

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from interactions_sdk import AsyncInteractionsClient, InteractionsClient
    from interactions_sdk.embedded import EmbeddedAppwrite

pytest_plugins = ["interactions_sdk.testing"]


class Outage(httpx.AsyncBaseTransport):
    """A transport to the account API, which something else may answer.

    Attributes:
        answer: What answers instead of Appwrite: a response, or a network error.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.answer: httpx.Response | httpx.TransportError | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, or answer it."""
        if isinstance(self.answer, httpx.TransportError):
            raise self.answer
        return self.answer or await self._inner.handle_async_request(request)


class Browser(Protocol):
    """Opens the service as a user would."""

    def __call__(self, user_id: str) -> httpx.AsyncClient:
        """Return a client that is signed in as this user."""
        ...


class OpenService(Protocol):
    """Starts the service with a client."""

    def __call__(self, client: AsyncInteractionsClient, /) -> AbstractAsyncContextManager[Browser]:
        """Return a context that opens the service as a user would."""
        ...


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio."""
    return "asyncio"


@pytest.fixture
def outage(crm_server: EmbeddedAppwrite) -> Outage:
    """Return the transport to the account API."""
    return Outage(crm_server.transport)


@pytest.fixture
def open_service(
    crm: InteractionsClient, crm_server: EmbeddedAppwrite, outage: Outage
) -> OpenService:
    """Return a function that starts the service, with customer records for Ada and Bob only."""
    users = Users(crm.appwrite)
    for user_id in ("ada", "bob", "eve"):
        users.create(user_id)
    for user_id in ("ada", "bob"):
        crm.customers.create(user_id)

    def accounts() -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url="http://embedded/v1",
            headers={"X-Appwrite-Project": crm_server.project},
            transport=outage,
        )

    @asynccontextmanager
    async def start(client: AsyncInteractionsClient) -> AsyncGenerator[Browser]:
        app = create_app(lambda: client, accounts)

        def open_as(user_id: str) -> httpx.AsyncClient:
            return httpx.AsyncClient(
                base_url="http://service",
                headers={"X-Appwrite-JWT": users.create_jwt(user_id).jwt},
                transport=httpx.ASGITransport(app),
            )

        async with app.router.lifespan_context(app):
            yield open_as

    return start


@pytest.fixture
async def browser(
    open_service: OpenService, acrm: AsyncInteractionsClient
) -> AsyncIterator[Browser]:
    """Start the service with a working database."""
    async with open_service(acrm) as browser:
        yield browser
