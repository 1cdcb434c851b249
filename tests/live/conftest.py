"""Fixtures for tests on the embedded server over HTTP and on the one in the environment.

Each test uses its own database and deletes it.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from interactions_sdk import InteractionsClient, Settings
from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

VARIABLES = ("APPWRITE_ENDPOINT", "APPWRITE_PROJECT_ID", "APPWRITE_API_KEY")


@dataclass(frozen=True)
class Server:
    """The address and key of a server."""

    endpoint: str
    project: str
    key: str
    is_real: bool = False
    is_embedded: bool = False

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Send a request, and return the JSON of the response."""
        headers = {"X-Appwrite-Project": self.project, "X-Appwrite-Key": self.key}
        answer = httpx.request(
            method, f"{self.endpoint}{path}", json=body, headers=headers, timeout=30
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @contextmanager
    def deleting(self, path: str) -> Generator[None]:
        """Delete what the block creates, even if it fails."""
        try:
            yield
        finally:
            try:
                self.request("DELETE", path)
            except httpx.HTTPStatusError as error:
                if error.response.status_code != HTTPStatus.NOT_FOUND:
                    raise


@pytest.fixture(scope="module", params=["embedded", "real"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a server."""
    if request.param == "real":
        named = {name: value for name, value in os.environ.items() if name in VARIABLES}
        missing = [name for name in VARIABLES if name not in named]
        if missing:
            pytest.skip(f"set {', '.join(missing)} to run against a real server")
        endpoint, project, key = (named[name] for name in VARIABLES)
        yield Server(endpoint.rstrip("/"), project, key, is_real=True)
        return
    embedded = EmbeddedAppwrite()
    with embedded.serve() as running:
        yield Server(running.endpoint, embedded.project, embedded.api_key, is_embedded=True)
    embedded.close()


@pytest.fixture(scope="module")
def crm(server: Server) -> Iterator[InteractionsClient]:
    """Return a client of a new database, deleted afterwards."""
    settings = Settings(database_id=f"live{secrets.token_hex(6)}", verify_users=False)
    with (
        server.deleting(f"/tablesdb/{settings.database_id}"),
        InteractionsClient(
            server.endpoint, server.project, api_key=server.key, settings=settings
        ) as client,
    ):
        client.schema.apply()
        yield client


PROPERTIES = pytest.StashKey[dict[str, dict[str, str]]]()


@pytest.fixture
def database_properties(request: pytest.FixtureRequest, server: Server) -> dict[str, str]:
    """Record properties of the server's database, which are shown after the run."""
    found = request.config.stash.setdefault(PROPERTIES, {})
    return found.setdefault(server.endpoint, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the properties of the servers' databases."""
    for endpoint, properties in config.stash.get(PROPERTIES, {}).items():
        terminalreporter.write_sep("-", f"the database of {endpoint}")
        for name, value in properties.items():
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture
def unapplied(server: Server) -> Iterator[InteractionsClient]:
    """Return a client of a database that does not exist."""
    settings = Settings(database_id=f"none{secrets.token_hex(6)}", verify_users=False)
    with InteractionsClient(
        server.endpoint, server.project, api_key=server.key, settings=settings
    ) as client:
        yield client


@pytest.fixture
def user(crm: InteractionsClient) -> str:
    """Return the ID of a new user with a customer record."""
    user_id = f"user{secrets.token_hex(6)}"
    crm.customers.ensure(user_id)
    return user_id
