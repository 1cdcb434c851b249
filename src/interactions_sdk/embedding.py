"""Starting an embedded Appwrite with the tables that this library needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from interactions_sdk._sync.connection import Connection
from interactions_sdk._sync.provisioning import Schema
from interactions_sdk.credentials import credentials_of
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.retry import RetryPolicy

if TYPE_CHECKING:
    from interactions_sdk.settings import Settings

__all__ = ["start_embedded"]


def start_embedded(path: str, settings: Settings) -> EmbeddedAppwrite:
    """Start a server on a file, or in memory, and apply the schema.

    Both halves of the library start it synchronously: it answers in this process, at once.

    Args:
        path: A file that keeps the data, or `:memory:`.
        settings: The names of the database and the tables.
    """
    server = EmbeddedAppwrite(path)
    connection = Connection(
        "http://embedded/v1",
        {"X-Appwrite-Project": server.project},
        credentials=credentials_of(api_key=server.api_key),
        policy=RetryPolicy(retries=0),
        timeout=httpx.Timeout(None),
        transport=server.transport,
    )
    try:
        Schema(connection, settings).apply()
    except BaseException:
        server.close()
        raise
    return server
