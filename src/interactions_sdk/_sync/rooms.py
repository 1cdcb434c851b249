# Generated from src/interactions_sdk/_async/rooms.py by scripts/unasync.py; do not edit.
"""What a client leads to: loaded when the first client is made, since here the models are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._sync.access import AdminAccess, UserAccess, UserDirectory
from interactions_sdk._sync.customers import Customers
from interactions_sdk._sync.follow_ups import FollowUps
from interactions_sdk._sync.records import Records
from interactions_sdk._sync.repository import InteractionRepository
from interactions_sdk._sync.writing import Writer
from interactions_sdk.caching import CustomerReads
from interactions_sdk.settings import Settings
from interactions_sdk.wire.tables import tables_of

if TYPE_CHECKING:
    from interactions_sdk._sync.access import Access
    from interactions_sdk._sync.connection import Connection
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.models.page import Page

__all__ = ["Rooms"]


class Rooms:
    """Everything behind one connection.

    Attributes:
        settings: The settings.
        tables: The tables that they name.
        customers: The customer records.
        writer: What writes single interactions.
        reads: What was read about single customers.
    """

    def __init__(self, connection: Connection, settings: Settings | None) -> None:
        self._connection = connection
        self.settings = settings or Settings()
        self.tables = tables_of(self.settings)
        self.customers = Customers(connection, self.settings, self.tables)
        self.writer = Writer(connection, self.settings, self.tables)
        self.reads: CustomerReads[Page[CustomerInteraction]] = CustomerReads(
            ttl=self.settings.cache_ttl, size=self.settings.cache_size
        )
        self._users = UserDirectory(connection, self.settings)

    def of_user(self, user_id: str) -> InteractionRepository:
        """Return the interactions of a user's own customer."""
        return self._repository(UserAccess(user_id, self.customers, self._users))

    def of_admin(self, user_id: str) -> InteractionRepository:
        """Return the interactions of all customers."""
        return self._repository(AdminAccess(user_id, self.customers, self._users))

    def _repository(self, access: Access) -> InteractionRepository:
        records = Records(
            self._connection,
            self.settings,
            self.tables,
            access=access,
            customers=self.customers,
            writer=self.writer,
            reads=self.reads,
        )
        follow_ups = FollowUps(
            self._connection,
            self.settings,
            self.tables,
            access=access,
            records=records,
            reads=self.reads,
        )
        return InteractionRepository(
            self._connection,
            self.settings,
            self.tables,
            access=access,
            customers=self.customers,
            records=records,
            follow_ups=follow_ups,
            reads=self.reads,
        )
