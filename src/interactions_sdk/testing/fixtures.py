"""Fixtures: clients of an embedded server for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

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

_ENDPOINT = "http://embedded/v1"
_FAST_RETRY = RetryPolicy(initial_delay=0.001, max_delay=0.01, wait_out_outages=False)


class FaultyClientFactory(Protocol):
    """Creates clients whose requests fail."""

    def __call__(
        self,
        fault: Fault,
        *,
        retry: RetryPolicy = ...,
        **where: Any,  # noqa: ANN401 - FaultyTransport's
    ) -> InteractionsClient:
        """Return a client; `where` is `first`, `count`, `method`, `route` of `FaultyTransport`."""
        ...


class AsyncFaultyClientFactory(Protocol):
    """Creates asynchronous clients whose requests fail."""

    def __call__(
        self,
        fault: Fault,
        *,
        retry: RetryPolicy = ...,
        **where: Any,  # noqa: ANN401 - FaultyTransport's
    ) -> AsyncInteractionsClient:
        """Return a client; `where` is `first`, `count`, `method`, `route` of `FaultyTransport`."""
        ...


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
    return InteractionsClient(
        _ENDPOINT,
        crm_server.project,
        api_key=crm_server.api_key,
        settings=crm_settings,
        transport=crm_server.transport,
    )


@pytest.fixture
def async_crm(crm_server: EmbeddedAppwrite, crm_settings: Settings) -> AsyncInteractionsClient:
    """Return an asynchronous client of the same server; it does not have to be closed."""
    return AsyncInteractionsClient(
        _ENDPOINT,
        crm_server.project,
        api_key=crm_server.api_key,
        settings=crm_settings,
        transport=crm_server.transport,
    )


@pytest.fixture
def acrm(async_crm: AsyncInteractionsClient) -> AsyncInteractionsClient:
    """Return `async_crm`, by its short name."""
    return async_crm


@pytest.fixture
def make_faulty_crm(crm_server: EmbeddedAppwrite, crm_settings: Settings) -> FaultyClientFactory:
    """Create clients of the same server whose requests fail: `make_faulty_crm(Fault.REFUSED)`."""

    def make(
        fault: Fault,
        *,
        retry: RetryPolicy = _FAST_RETRY,
        **where: Any,  # noqa: ANN401 - FaultyTransport's
    ) -> InteractionsClient:
        return InteractionsClient(
            _ENDPOINT,
            crm_server.project,
            api_key=crm_server.api_key,
            settings=crm_settings,
            transport=FaultyTransport(crm_server.transport, fault, **where),
            retry=retry,
        )

    return make


@pytest.fixture
def make_faulty_async_crm(
    crm_server: EmbeddedAppwrite, crm_settings: Settings
) -> AsyncFaultyClientFactory:
    """Create asynchronous clients of the same server whose requests fail."""

    def make(
        fault: Fault,
        *,
        retry: RetryPolicy = _FAST_RETRY,
        **where: Any,  # noqa: ANN401 - FaultyTransport's
    ) -> AsyncInteractionsClient:
        return AsyncInteractionsClient(
            _ENDPOINT,
            crm_server.project,
            api_key=crm_server.api_key,
            settings=crm_settings,
            transport=FaultyTransport(crm_server.transport, fault, **where),
            retry=retry,
        )

    return make
