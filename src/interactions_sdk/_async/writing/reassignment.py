"""Giving a customer to another user, with the permissions on its interactions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.connection.rows import NEWEST_FIRST, OLDEST_FIRST, iterate_pages
from interactions_sdk._async.connection.transactions import commit_operations
from interactions_sdk._async.writing.audit_log import write_audit_row
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import ConflictError, NotFoundError, mark_possibly_applied
from interactions_sdk.identifiers import audit_row_id
from interactions_sdk.models.json_objects import parse_object
from interactions_sdk.rules.operations import Operation
from interactions_sdk.rules.ownership import reassigned_permissions
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["AsyncReassignment"]

_BATCH_SIZE = wire.MAX_OPERATIONS
_MAX_ATTEMPTS = 4
_STARTED, _DONE = "customer.reassigning", "customer.reassigned"


class AsyncReassignment:
    """Moves customers from one user to another."""

    def __init__(self, project: AsyncProject, customers: AsyncCustomerStore) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._read_cache = project.read_cache
        self._customers = customers

    async def reassign(
        self, customer: Customer, to: str, on_progress: Callable[[int], object] | None
    ) -> Customer:
        """Give a customer to a user; see `AsyncCustomers.reassign`."""
        if customer.user_id != to:
            customer = await self._move(customer, to)
        else:
            await self._settle_audit_log(customer)
        rewritten = 0
        pages = iterate_pages(
            self._connection,
            self._tables.interactions,
            [query.equal("customerId", customer.id)],
            OLDEST_FIRST,
            page_size=_BATCH_SIZE,
        )
        with mark_possibly_applied(), self._read_cache.invalidate_after(customer.id):
            async for page in pages:
                rows = [each for each in page if each.customer_id == customer.id]
                rewritten += await self._rewrite(rows, to)
                if on_progress is not None:
                    on_progress(rewritten)
        return customer

    async def _move(self, customer: Customer, to: str) -> Customer:
        """Change the customer's user, and record the previous one before and after."""
        columns: dict[str, object] = {self._settings.customer_columns.user_id: to}
        if self._settings.user_sessions:
            columns["$permissions"] = reassigned_permissions(customer.permissions, to)
        stamp = format_datetime(customer.updated_at)
        details = {"from": customer.user_id, "to": to, "since": stamp}
        await self._audit(_STARTED, customer.id, details)
        try:
            moved = await self._customers.patch(customer, columns)
        except ConflictError as error:
            if not error.may_have_landed:
                raise
            with mark_possibly_applied():
                moved = await self._customers.get(customer.id)
            if moved.user_id != to:
                raise
        with mark_possibly_applied():
            await self._audit(_DONE, customer.id, details)
        return moved

    async def _audit(self, action: str, customer_id: str, details: Mapping[str, str]) -> None:
        if self._tables.audit is None:
            return
        entry = {
            "action": action,
            "userId": details["to"],
            "entityId": customer_id,
            "customerId": customer_id,
            "details": json.dumps(details),
        }
        row_id = audit_row_id(customer_id, f"{action} {details['to']} {details['since']}")
        operation = Operation("create", self._tables.audit.id, row_id, entry)
        await write_audit_row(self._connection, self._tables.audit, operation)

    async def _settle_audit_log(self, customer: Customer) -> None:
        """Write down that the customer was moved, if an earlier call failed before it did."""
        if self._tables.audit is None:
            return
        queries = [
            query.equal("entityId", customer.id),
            query.equal("action", _STARTED, _DONE),
            *NEWEST_FIRST.queries(None),
            query.limit(1),
        ]
        found = await self._connection.send(wire.list_rows(self._tables.audit, queries))
        for entry in found.rows:
            details = parse_object(entry.details)
            is_it = entry.action == _STARTED and details.get("to") == customer.user_id
            if is_it and "since" in details:
                await self._audit(_DONE, customer.id, details)

    async def _rewrite(self, interactions: Sequence[CustomerInteraction], to: str) -> int:
        """Rewrite the permissions of some interactions, all of them or none.

        Returns:
            How many had different permissions.
        """
        operations = [
            Operation("update", self._tables.interactions.id, each.id, {"$permissions": wanted})
            for each in interactions
            if (wanted := reassigned_permissions(each.permissions, to)) != each.permissions
        ]
        if not operations:
            return 0
        try:
            await commit_operations(self._connection, self._settings.database_id, operations)
        except (ConflictError, NotFoundError):  # someone changes or deletes one of them
            for operation in operations:
                await self._rewrite_one(operation)
        return len(operations)

    async def _rewrite_one(self, operation: Operation) -> None:
        change = wire.update_row(
            self._tables.interactions, str(operation.row_id), operation.columns
        )
        try:
            await self._connection.send(change)
        except NotFoundError:
            return
