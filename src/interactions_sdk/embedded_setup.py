"""Starting an embedded Appwrite with the tables that this library needs."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

import httpx
from cachetools import LRUCache, cached

from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk._sync.schema import Schema
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.errors import ConflictError
from interactions_sdk.rules.admin_role import AdminRole
from interactions_sdk.schema import expected_schema
from interactions_sdk.settings import CustomerColumns
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.transport.retry import RetryPolicy
from interactions_sdk.wire.teams import create_team

if TYPE_CHECKING:
    from interactions_sdk.settings import Settings

__all__ = ["prepare", "start_embedded_server"]

_MEMORY = ":memory:"
_CAN_SERIALIZE = hasattr(sqlite3.Connection, "serialize")
"""SQLite can be built without serialization."""


def start_embedded_server(path: str, settings: Settings) -> EmbeddedAppwrite:
    """Start a server on a file, or in memory, and apply the schema.

    Both clients start it synchronously, because it answers immediately, in this process.
    """
    if path == _MEMORY and _CAN_SERIALIZE:
        return EmbeddedAppwrite(snapshot=_snapshot_with_schema(settings))
    return _server_with_schema(path, settings)


@cached(LRUCache(maxsize=8), key=expected_schema, lock=Lock())
def _snapshot_with_schema(settings: Settings) -> bytes:
    """Return the snapshot from which servers in memory start, made once per process."""
    with _server_with_schema(_MEMORY, settings) as server:
        return server.snapshot()


def _server_with_schema(path: str, settings: Settings) -> EmbeddedAppwrite:
    server = EmbeddedAppwrite(path)
    try:
        prepare(server, settings)
    except BaseException:
        server.close()
        raise
    return server


def prepare(server: EmbeddedAppwrite, settings: Settings) -> None:
    """Create the schema and, if the admin role is that of a team, the team.

    Nobody else can reach the server yet.
    """
    connection = Connection(
        "http://embedded/v1",
        {"X-Appwrite-Project": server.project},
        credentials=make_credentials(api_key=server.api_key),
        policy=RetryPolicy(retries=0),
        timeout=httpx.Timeout(None),
        transport=server.transport,
    )
    role = AdminRole.parse(settings.admin_role)
    if not role.is_label:
        with suppress(ConflictError):
            connection.send(create_team(role.team_id))
    # This library created the file, so its customers table gets all columns.
    columns = CustomerColumns(**settings.customer_columns.model_dump())
    Schema(connection, settings.model_copy(update={"customer_columns": columns})).apply()
