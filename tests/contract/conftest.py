"""The servers whose responses are compared with the recorded ones."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = ("1.9.6", "1.9.x-2026-08")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAppwrite]:
    """Yield a server of the released version."""
    with EmbeddedAppwrite(project="contract", api_key="a-key") as started:
        yield started


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, EmbeddedAppwrite]]:
    """Yield a server for each recorded version; all transcripts are replayed on them."""
    started = {
        version: EmbeddedAppwrite(project="contract", api_key="a-key", version=version)
        for version in VERSIONS
    }
    yield started
    for server in started.values():
        server.close()


@pytest.fixture(scope="module")
def clients(
    request: pytest.FixtureRequest, servers: dict[str, EmbeddedAppwrite]
) -> Iterator[dict[str, httpx.Client]]:
    """Yield clients of the servers, with and without a network."""
    with ExitStack() as opened:
        if request.param == "in process":
            connected = {
                version: httpx.Client(transport=server.transport, base_url="http://embedded/v1")
                for version, server in servers.items()
            }
        else:
            connected = {
                version: httpx.Client(
                    base_url=opened.enter_context(server.serve()).endpoint, trust_env=False
                )
                for version, server in servers.items()
            }
        yield {version: opened.enter_context(client) for version, client in connected.items()}
