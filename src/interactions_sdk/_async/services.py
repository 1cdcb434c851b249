"""The services of a client, loaded with the first client, because this builds the models."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from interactions_sdk._async.access.access import AsyncAdminAccess, AsyncUserAccess
from interactions_sdk._async.access.account import AsyncAccount
from interactions_sdk._async.access.actors import AsyncDelegatedActor, AsyncSessionActor
from interactions_sdk._async.access.customers import AsyncCustomerStore
from interactions_sdk._async.access.users import AsyncUserDirectory
from interactions_sdk._async.connection.project import AsyncProject
from interactions_sdk._async.repository import AsyncInteractionRepository
from interactions_sdk._async.writing.customer_dates import AsyncCustomerDates
from interactions_sdk._async.writing.executor import AsyncPlanExecutor
from interactions_sdk._async.writing.interactions import AsyncInteractionService
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import Settings

if TYPE_CHECKING:
    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.access.actors import AsyncActor
    from interactions_sdk._async.audit import AsyncAuditLog
    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk._async.customers import AsyncCustomers

__all__ = ["AsyncServices"]


class AsyncServices:
    """Everything behind one connection.

    Attributes:
        project: The project.
        customer_store: Reads and caches customer records.
        writer: Writes single interactions.
    """

    def __init__(self, connection: AsyncConnection, settings: Settings | None) -> None:
        chosen = settings or Settings()
        if connection.is_user:
            chosen = chosen.model_copy(update={"user_sessions": True})
        self.project = AsyncProject.of(connection, chosen)
        self.customer_store = AsyncCustomerStore(self.project)
        self._dates = AsyncCustomerDates(self.project, self.customer_store)
        self._users = AsyncUserDirectory(connection, chosen)
        self._account = AsyncAccount(connection, chosen)
        self.writer = AsyncPlanExecutor(self.project)

    @cached_property
    def customers(self) -> AsyncCustomers:
        """The customer records."""
        from interactions_sdk._async.customers import AsyncCustomers  # noqa: PLC0415 - if used

        return AsyncCustomers(
            self.project,
            account=self._account,
            store=self.customer_store,
            dates=self._dates,
            users=self._users,
        )

    @cached_property
    def audit(self) -> AsyncAuditLog:
        """The audit log."""
        from interactions_sdk._async.audit import AsyncAuditLog  # noqa: PLC0415 - if used

        return AsyncAuditLog(self.project, self._account)

    def user_repository(self, user_id: str | None) -> AsyncInteractionRepository:
        """Return the interactions of a user's own customer."""
        actor = self._actor("as_user", user_id)
        return self._repository(AsyncUserAccess(actor, self.customer_store))

    def admin_repository(self, user_id: str | None) -> AsyncInteractionRepository:
        """Return the interactions of all customers."""
        actor = self._actor("as_admin", user_id)
        return self._repository(AsyncAdminAccess(actor, self.customer_store))

    def clear_caches(self) -> None:
        """Clear all caches of customers and reads, after a write that may affect any customer."""
        self.project.read_cache.clear()
        self.customer_store.invalidate()

    def _actor(self, method: str, user_id: str | None) -> AsyncActor:
        if self.project.connection.is_user:
            return AsyncSessionActor(user_id, self._account)
        if user_id is None:
            raise ConfigurationError(
                f"Pass a user ID: {method}(user_id). Only clients created with jwt= or session= "
                "know the acting user."
            )
        return AsyncDelegatedActor(user_id, self._users)

    def _repository(self, access: AsyncAccess) -> AsyncInteractionRepository:
        records = AsyncInteractionService(
            self.project, access=access, dates=self._dates, writer=self.writer
        )
        return AsyncInteractionRepository(
            self.project,
            access=access,
            customers=self.customer_store,
            dates=self._dates,
            records=records,
            account=self._account,
        )
