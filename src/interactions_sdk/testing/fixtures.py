"""Fixtures: clients of an embedded server for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import pytest

from interactions_sdk import AsyncInteractionsClient, InteractionsClient, RetryPolicy, Settings
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing.faults import Fault, FaultyTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite

__all__ = [
    "AsyncFaultyClientFactory",
    "FaultyClientFactory",
    "acrm",
    "async_crm",
    "crm",
    "crm_server",
    "crm_settings",
    "make_faulty_async_crm",
    "make_faulty_crm",
]

_FAST_RETRY = RetryPolicy(initial_delay=0.001, max_delay=0.01, wait_out_outages=False)


ClientT_co = TypeVar("ClientT_co", InteractionsClient, AsyncInteractionsClient, covariant=True)


class _FaultyClientFactory(Protocol[ClientT_co]):
    """Creates clients whose requests fail."""

    def __call__(
        self,
        fault: Fault,
        *,
        retry: RetryPolicy = ...,
        **where: Any,  # noqa: ANN401 - FaultyTransport's
    ) -> ClientT_co:
        """Return a client; `where` is `first`, `count`, `method`, `route` of `FaultyTransport`."""
        ...


FaultyClientFactory: TypeAlias = _FaultyClientFactory[InteractionsClient]
AsyncFaultyClientFactory: TypeAlias = _FaultyClientFactory[AsyncInteractionsClient]


@pytest.fixture
def crm_settings() -> Settings:
    """Return the settings of the fixtures' clients; override it to change them."""
    return Settings(verify_users=False)


@pytest.fixture
def crm_server(crm_settings: Settings) -> Iterator[EmbeddedAppwrite]:
    """Start an embedded Appwrite in memory, with all tables and no rows."""
    server = start_embedded_server(":memory:", crm_settings)
    yield server
    server.close()


@pytest.fixture
def crm(crm_server: EmbeddedAppwrite, crm_settings: Settings) -> InteractionsClient:
    """Return a client of the test's own embedded server."""
    return _client(InteractionsClient, crm_server, crm_settings)


@pytest.fixture
def async_crm(crm_server: EmbeddedAppwrite, crm_settings: Settings) -> AsyncInteractionsClient:
    """Return an asynchronous client of the same server; it does not have to be closed."""
    return _client(AsyncInteractionsClient, crm_server, crm_settings)


@pytest.fixture
def acrm(async_crm: AsyncInteractionsClient) -> AsyncInteractionsClient:
    """Return `async_crm`, by its short name."""
    return async_crm


@pytest.fixture
def make_faulty_crm(crm_server: EmbeddedAppwrite, crm_settings: Settings) -> FaultyClientFactory:
    """Create clients of the same server whose requests fail: `make_faulty_crm(Fault.REFUSED)`."""
    return _faulty_client_factory(InteractionsClient, crm_server, crm_settings)


@pytest.fixture
def make_faulty_async_crm(
    crm_server: EmbeddedAppwrite, crm_settings: Settings
) -> AsyncFaultyClientFactory:
    """Create asynchronous clients of the same server whose requests fail."""
    return _faulty_client_factory(AsyncInteractionsClient, crm_server, crm_settings)


def _faulty_client_factory(
    client: type[ClientT_co], server: EmbeddedAppwrite, settings: Settings
) -> _FaultyClientFactory[ClientT_co]:
    def make(
        fault: Fault,
        *,
        retry: RetryPolicy = _FAST_RETRY,
        **where: Any,  # noqa: ANN401 - FaultyTransport's
    ) -> ClientT_co:
        transport = FaultyTransport(server.transport, fault, **where)
        return _client(client, server, settings, transport=transport, retry=retry)

    return make


def _client(
    client: type[ClientT_co],
    server: EmbeddedAppwrite,
    settings: Settings,
    **options: Any,  # noqa: ANN401 - the client's
) -> ClientT_co:
    options = {"settings": settings, "transport": server.transport, **options}
    return client("http://embedded/v1", server.project, api_key=server.api_key, **options)
