"""`crm.appwrite`: the official package's services over this library's connection.

In a pair, like `concurrency`: `scripts/unasync.py` turns `AsyncBridged` into `Bridged`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appwrite.client import Client

    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk._sync.services import Rooms

__all__ = ["AsyncBridged", "Bridged"]


class AsyncBridged:
    """The asynchronous client has no bridge: the official package blocks while it waits."""


class Bridged:
    """A synchronous client, as seen from the official package."""

    _connection: Connection
    _rooms: Rooms

    @cached_property
    def appwrite(self) -> Client:
        """An `appwrite.client.Client` whose calls go through this client's connection.

        They are pooled, have this client's timeouts, and reach the embedded server, too. What
        failed is sent again where that is safe: `GET`, `PUT` and `DELETE`, and others only if
        they certainly were not carried out. Errors are this library's, each of them also an
        `AppwriteException`. An id that would lead to another path is refused.

        The key stays with the connection: the official client does not hold it. Of a client that
        is signed in as a user, the services do what Appwrite lets that user do.

        Example:
            >>> from appwrite.services.tables_db import TablesDB
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     tables = TablesDB(crm.appwrite)
            ...     row = tables.create_row("console-db", "customers", "c1", {"userId": "ada"})
            ...     customer = crm.customers.get("c1")
            ...     print(customer.user_id)
            ada
        """
        from interactions_sdk.appwrite_client.client import BridgedClient  # noqa: PLC0415 - takes 0.4 s

        return BridgedClient(self._connection, after_write=self._rooms.forget)
