"""What a client leads to: loaded when the first client is made, since here the models are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._async.access import AsyncAdminAccess, AsyncUserAccess, AsyncUserDirectory
from interactions_sdk._async.customers import AsyncCustomers
from interactions_sdk._async.follow_ups import AsyncFollowUps
from interactions_sdk._async.records import AsyncRecords
from interactions_sdk._async.repository import AsyncInteractionRepository
from interactions_sdk._async.writing import AsyncWriter
from interactions_sdk.caching import CustomerReads
from interactions_sdk.settings import Settings
from interactions_sdk.wire.tables import tables_of

if TYPE_CHECKING:
    from interactions_sdk._async.access import AsyncAccess
    from interactions_sdk._async.connection import AsyncConnection
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.models.page import Page

__all__ = ["AsyncRooms"]


class AsyncRooms:
    """Everything behind one connection.

    Attributes:
        settings: The settings.
        tables: The tables that they name.
        customers: The customer records.
        writer: What writes single interactions.
        reads: What was read about single customers.
    """

    def __init__(self, connection: AsyncConnection, settings: Settings | None) -> None:
        self._connection = connection
        self.settings = settings or Settings()
        self.tables = tables_of(self.settings)
        self.customers = AsyncCustomers(connection, self.settings, self.tables)
        self.writer = AsyncWriter(connection, self.settings, self.tables)
        self.reads: CustomerReads[Page[CustomerInteraction]] = CustomerReads(
            ttl=self.settings.cache_ttl, size=self.settings.cache_size
        )
        self._users = AsyncUserDirectory(connection, self.settings)

    def of_user(self, user_id: str) -> AsyncInteractionRepository:
        """Return the interactions of a user's own customer."""
        return self._repository(AsyncUserAccess(user_id, self.customers, self._users))

    def of_admin(self, user_id: str) -> AsyncInteractionRepository:
        """Return the interactions of all customers."""
        return self._repository(AsyncAdminAccess(user_id, self.customers, self._users))

    def _repository(self, access: AsyncAccess) -> AsyncInteractionRepository:
        records = AsyncRecords(
            self._connection,
            self.settings,
            self.tables,
            access=access,
            customers=self.customers,
            writer=self.writer,
            reads=self.reads,
        )
        follow_ups = AsyncFollowUps(
            self._connection,
            self.settings,
            self.tables,
            access=access,
            records=records,
            reads=self.reads,
        )
        return AsyncInteractionRepository(
            self._connection,
            self.settings,
            self.tables,
            access=access,
            customers=self.customers,
            records=records,
            follow_ups=follow_ups,
            reads=self.reads,
        )
