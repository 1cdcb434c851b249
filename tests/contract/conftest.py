"""The servers that the recorded answers are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAppwrite]:
    """Start one server that all transcripts of a module are played on."""
    with EmbeddedAppwrite(project="contract", api_key="a-key") as started:
        yield started


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest, server: EmbeddedAppwrite) -> Iterator[httpx.Client]:
    """Connect to the server, with and without a network."""
    if request.param == "in process":
        with httpx.Client(transport=server.transport, base_url="http://embedded/v1") as connected:
            yield connected
    else:
        with (
            server.serve() as running,
            httpx.Client(base_url=running.endpoint, trust_env=False) as connected,
        ):
            yield connected
