"""`crm.appwrite`: the official package's services over this library's connection.

A pair of names, as in `concurrency`: `scripts/unasync.py` turns the first into the second.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appwrite.client import Client

    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk._sync.services import Services

__all__ = ["AppwriteMixin", "AsyncAppwriteMixin"]


class AsyncAppwriteMixin:
    """Adds nothing: the official package blocks while it waits."""


class AppwriteMixin:
    """Gives the synchronous client its `appwrite` property."""

    _connection: Connection
    _services: Services

    @cached_property
    def appwrite(self) -> Client:
        """An `appwrite.client.Client` whose calls go through this client's connection.

        Calls use this client's connection pool and timeouts, and reach the embedded server too.
        Failed requests are retried if this is safe: `GET`, `PUT` and `DELETE` always, others only
        if they were certainly not processed. Errors are this library's, and each is also an
        `AppwriteException`. An ID that would lead to another path is rejected.

        The key stays with the connection; the official client does not have it. With a client that
        is authenticated as a user, the services can do what Appwrite lets that user do.

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
        from interactions_sdk.appwrite_client.client import AppwriteClientAdapter  # noqa: PLC0415 - takes 0.4 s

        return AppwriteClientAdapter(self._connection, after_write=self._services.clear_caches)
