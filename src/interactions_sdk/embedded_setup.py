"""Starting an embedded Appwrite with the tables that this library needs."""

from __future__ import annotations

import sqlite3
from threading import Lock
from typing import TYPE_CHECKING

import httpx
from cachetools import LRUCache, cached

from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk._sync.schema import Schema
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.schema import expected_schema
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from interactions_sdk.settings import Settings

__all__ = ["start_embedded"]

_MEMORY = ":memory:"
_CAN_BE_COPIED = hasattr(sqlite3.Connection, "serialize")
"""SQLite can be built without it."""


def start_embedded(path: str, settings: Settings) -> EmbeddedAppwrite:
    """Start a server on a file, or in memory, and apply the schema.

    Both clients start it synchronously: it answers in this process, at once.

    Args:
        path: A file that keeps the data, or `:memory:`.
        settings: The names of the database and the tables.
    """
    if path == _MEMORY and _CAN_BE_COPIED:
        return EmbeddedAppwrite(snapshot=_image(settings))
    return _prepared(path, settings)


@cached(LRUCache(maxsize=8), key=expected_schema, lock=Lock())
def _image(settings: Settings) -> bytes:
    """Return what a server in memory begins with: the schema is applied once in a process."""
    with _prepared(_MEMORY, settings) as server:
        return server.snapshot()


def _prepared(path: str, settings: Settings) -> EmbeddedAppwrite:
    server = EmbeddedAppwrite(path)
    connection = Connection(
        "http://embedded/v1",
        {"X-Appwrite-Project": server.project},
        credentials=make_credentials(api_key=server.api_key),
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
