# Generated from src/interactions_sdk/_async/services.py by scripts/unasync.py; do not edit.
"""The services of a client, loaded with the first client, because this builds the models."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from interactions_sdk._sync.access.access import AdminAccess, UserAccess
from interactions_sdk._sync.access.account import Account
from interactions_sdk._sync.access.actors import DelegatedActor, SessionActor
from interactions_sdk._sync.access.customers import CustomerStore
from interactions_sdk._sync.access.users import UserDirectory
from interactions_sdk._sync.connection.project import Project
from interactions_sdk._sync.repository import InteractionRepository
from interactions_sdk._sync.writing.customer_dates import CustomerDates
from interactions_sdk._sync.writing.executor import PlanExecutor
from interactions_sdk._sync.writing.interactions import InteractionService
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import Settings

if TYPE_CHECKING:
    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.access.actors import Actor
    from interactions_sdk._sync.audit import AuditLog
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk._sync.customers import Customers

__all__ = ["Services"]


class Services:
    """Everything behind one connection.

    Attributes:
        project: The project.
        customer_store: Reads and caches customer records.
        writer: Writes single interactions.
    """

    def __init__(self, connection: Connection, settings: Settings | None) -> None:
        chosen = settings or Settings()
        if connection.is_user:
            chosen = chosen.model_copy(update={"user_sessions": True})
        self.project = Project.of(connection, chosen)
        self.customer_store = CustomerStore(self.project)
        self._dates = CustomerDates(self.project, self.customer_store)
        self._users = UserDirectory(connection, chosen)
        self._account = Account(connection, chosen)
        self.writer = PlanExecutor(self.project)

    @cached_property
    def customers(self) -> Customers:
        """The customer records."""
        from interactions_sdk._sync.customers import Customers  # noqa: PLC0415 - if used

        return Customers(
            self.project,
            account=self._account,
            store=self.customer_store,
            dates=self._dates,
            users=self._users,
        )

    @cached_property
    def audit(self) -> AuditLog:
        """The audit log."""
        from interactions_sdk._sync.audit import AuditLog  # noqa: PLC0415 - if used

        return AuditLog(self.project, self._account)

    def user_repository(self, user_id: str | None) -> InteractionRepository:
        """Return the interactions of a user's own customer."""
        actor = self._actor("as_user", user_id)
        return self._repository(UserAccess(actor, self.customer_store))

    def admin_repository(self, user_id: str | None) -> InteractionRepository:
        """Return the interactions of all customers."""
        actor = self._actor("as_admin", user_id)
        return self._repository(AdminAccess(actor, self.customer_store))

    def clear_caches(self) -> None:
        """Clear all caches of customers and reads, after a write that may affect any customer."""
        self.project.read_cache.clear()
        self.customer_store.invalidate()

    def _actor(self, method: str, user_id: str | None) -> Actor:
        if self.project.connection.is_user:
            return SessionActor(user_id, self._account)
        if user_id is None:
            raise ConfigurationError(
                f"Pass a user ID: {method}(user_id). Only clients created with jwt= or session= "
                "know the acting user."
            )
        return DelegatedActor(user_id, self._users)

    def _repository(self, access: Access) -> InteractionRepository:
        records = InteractionService(
            self.project, access=access, dates=self._dates, writer=self.writer
        )
        return InteractionRepository(
            self.project,
            access=access,
            customers=self.customer_store,
            dates=self._dates,
            records=records,
            account=self._account,
        )
