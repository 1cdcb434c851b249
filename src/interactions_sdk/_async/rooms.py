"""What a client leads to: loaded when the first client is made, since here the models are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._async.access import AsyncAdminAccess, AsyncUserAccess
from interactions_sdk._async.account import AsyncAccount
from interactions_sdk._async.acting import (
    AsyncNamedActor,
    AsyncSignedInActor,
    AsyncUserDirectory,
)
from interactions_sdk._async.customers import AsyncCustomers
from interactions_sdk._async.follow_ups import AsyncFollowUps
from interactions_sdk._async.ownership import AsyncOwnership
from interactions_sdk._async.records import AsyncRecords
from interactions_sdk._async.repository import AsyncInteractionRepository
from interactions_sdk._async.writing import AsyncWriter
from interactions_sdk.caching import CustomerReads
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import Settings
from interactions_sdk.wire.tables import tables_of

if TYPE_CHECKING:
    from interactions_sdk._async.access import AsyncAccess
    from interactions_sdk._async.acting import AsyncActor
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
        if connection.is_user:
            self.settings = self.settings.model_copy(update={"user_sessions": True})
        self.tables = tables_of(self.settings)
        self.customers = AsyncCustomers(connection, self.settings, self.tables)
        self.writer = AsyncWriter(connection, self.settings, self.tables)
        self.reads: CustomerReads[Page[CustomerInteraction]] = CustomerReads(
            ttl=self.settings.cache_ttl, size=self.settings.cache_size
        )
        self._ownership = AsyncOwnership(self.settings, self.customers)
        self._users = AsyncUserDirectory(connection, self.settings)
        self._account = AsyncAccount(connection, self.settings)

    def of_user(self, user_id: str | None) -> AsyncInteractionRepository:
        """Return the interactions of a user's own customer."""
        actor = self._actor("as_user", user_id)
        return self._repository(AsyncUserAccess(actor, self.customers, self._ownership))

    def of_admin(self, user_id: str | None) -> AsyncInteractionRepository:
        """Return the interactions of all customers."""
        actor = self._actor("as_admin", user_id)
        return self._repository(AsyncAdminAccess(actor, self.customers, self._ownership))

    def _actor(self, method: str, user_id: str | None) -> AsyncActor:
        if self._connection.is_user:
            return AsyncSignedInActor(user_id, self._account)
        if user_id is None:
            raise ConfigurationError(
                f"Say who acts: {method}(user_id). Only a client that is signed in as a user "
                "(jwt=, session=) knows by itself."
            )
        return AsyncNamedActor(user_id, self._users)

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
