"""Checking the ownership of all rows."""

from __future__ import annotations

from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeVar

from interactions_sdk._async.access.customers import AsyncCustomerStore
from interactions_sdk._async.access.users import AsyncUserDirectory
from interactions_sdk._async.connection.project import AsyncProject
from interactions_sdk._async.connection.rows import OLDEST_FIRST, iterate_pages, read_by_ids
from interactions_sdk.caching import Cache
from interactions_sdk.errors import UserNotFoundError
from interactions_sdk.identifiers import CREATED, audit_row_id, is_id
from interactions_sdk.models.row import ID, Row
from interactions_sdk.rules import ownership_audit
from interactions_sdk.rules.deletions import DELETIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.settings import Settings
    from interactions_sdk.wire import Table

__all__ = ["ownership_problems"]

RowT = TypeVar("RowT", bound=Row)


async def ownership_problems(connection: AsyncConnection, settings: Settings) -> AsyncIterator[str]:
    """Yield a sentence for each problem; see `AsyncSchema.audit_ownership`."""
    audit = _AsyncOwnershipAudit(connection, settings)
    for problems in (audit.of_customers, audit.of_interactions, audit.of_audit_entries):
        async for problem in problems():
            if problem is not None:
                yield problem


class _AsyncOwnershipAudit:
    """One pass through the three tables, page by page."""

    def __init__(self, connection: AsyncConnection, settings: Settings) -> None:
        project = AsyncProject.of(connection, settings)
        self._connection = connection
        self._settings = settings
        self._tables = project.tables
        self._customers = AsyncCustomerStore(project)
        self._directory = AsyncUserDirectory(connection, settings)
        self._admins: Cache[str, bool] = Cache(ttl=inf, size=settings.cache_size)

    async def of_customers(self) -> AsyncIterator[str | None]:
        """Yield the problem, if any, of each customer, where users authenticate themselves."""
        if not self._settings.user_sessions:
            return
        async for page in self._pages(self._tables.customers):
            for customer in page:
                yield ownership_audit.customer_problem(customer)

    async def of_interactions(self) -> AsyncIterator[str | None]:
        """Yield the problem, if any, of each interaction."""
        async for page in self._pages(self._tables.interactions):
            owners = await self._customers.owner_ids(each.customer_id for each in page)
            for interaction in page:
                owner = owners.get(interaction.customer_id)
                yield ownership_audit.interaction_problem(interaction, owner)

    async def of_audit_entries(self) -> AsyncIterator[str | None]:
        """Yield the problem, if any, of each audit row."""
        if self._tables.audit is None:
            return
        async for page in self._pages(self._tables.audit):
            owners = await self._customers.owner_ids(each.customer_id or "" for each in page)
            interactions = await self._interactions_of(page)
            uncreated = await self._deleted_without_creation(page)
            for entry in page:
                owner = owners.get(entry.customer_id or "")
                yield ownership_audit.audit_entry_problem(
                    entry,
                    interaction=interactions.get(entry.entity_id),
                    owner=owner,
                    has_creation=entry.id not in uncreated,
                    is_admin=await self._is_admin(entry.user_id, owner),
                )

    def _pages(self, table: Table[RowT]) -> AsyncIterator[list[RowT]]:
        return iterate_pages(
            self._connection, table, [], OLDEST_FIRST, page_size=self._settings.page_size
        )

    async def _interactions_of(
        self, entries: Sequence[AuditEntry]
    ) -> dict[str, CustomerInteraction]:
        ids = sorted({entry.entity_id for entry in entries if is_id(entry.entity_id)})
        rows = await read_by_ids(self._connection, self._tables.interactions, ids)
        return {row.id: row for row in rows}

    async def _deleted_without_creation(self, entries: Sequence[AuditEntry]) -> set[str]:
        """Return the IDs of audit rows of deletions without an audit row of the creation."""
        assert self._tables.audit is not None  # noqa: S101 - the caller reads it
        creations = {
            entry.id: audit_row_id(entry.entity_id, CREATED)
            for entry in entries
            if entry.action in DELETIONS
        }
        rows = await read_by_ids(
            self._connection, self._tables.audit, sorted(set(creations.values())), ID
        )
        existing = {row.id for row in rows}
        return {row_id for row_id, creation in creations.items() if creation not in existing}

    async def _is_admin(self, user_id: str, owner: str | None) -> bool | None:
        """Return whether a user is an admin, if this matters and users are verified."""
        if not self._settings.verify_users or owner in (None, user_id):
            return None
        is_admin = self._admins.get(user_id)
        if is_admin is None:
            is_admin = False
            if is_id(user_id):
                with suppress(UserNotFoundError):
                    is_admin = await self._directory.has_admin_role(user_id)
            self._admins.put(user_id, is_admin)
        return is_admin
