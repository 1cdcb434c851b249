# Generated from src/interactions_sdk/_async/writing/bulk_undo.py by scripts/unasync.py; do not edit.
"""Undoing bulk writes for a customer that was reassigned or erased in the meantime."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import batched
from interactions_sdk._sync.connection.transactions import commit_operations
from interactions_sdk._sync.writing.bulk_executor import error_for_item
from interactions_sdk.errors import ConflictError, InteractionsError, NotFoundError, OwnershipError
from interactions_sdk.rules.audit_log import refusal_of_create
from interactions_sdk.rules.conflicts import given_away_conflict
from interactions_sdk.rules.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.project import Project

__all__ = ["BulkUndo"]

_BATCH_SIZE = wire.MAX_OPERATIONS // 2
"""Maximum number of interactions in one transaction, with the changes of their audit rows."""

logger = logging.getLogger("interactions_sdk")


class BulkUndo:
    """Undoes the writes of one acting user."""

    def __init__(self, project: Project, access: Access) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._read_cache = project.read_cache
        self._access = access

    def undo(
        self, customer_id: str, refusal: NotFoundError, new_ids: Sequence[str]
    ) -> dict[str, InteractionsError]:
        """Delete a customer's interactions from a run; their audit rows are marked as refused.

        Returns:
            The errors of all these drafts, by the interactions' IDs. If undoing failed, they say
            that the interaction may exist.
        """
        error: InteractionsError = refusal
        if isinstance(refusal, OwnershipError) and self._access.is_admin:
            error = given_away_conflict(customer_id)
        errors = {row_id: error_for_item(error, row_id) for row_id in new_ids}
        for each in errors.values():
            each.may_have_landed = True  # until it is deleted
        try:
            with self._read_cache.invalidate_after(customer_id):
                for ids in batched(new_ids, _BATCH_SIZE):
                    self._delete(ids, errors)
        except InteractionsError as failure:
            self._log_not_undone(customer_id, failure)
        return errors

    def _delete(self, ids: Sequence[str], errors: Mapping[str, InteractionsError]) -> None:
        """Delete interactions together, or one by one if others delete some of them."""
        try:
            self._commit(ids)
            for row_id in ids:
                errors[row_id].may_have_landed = False
        except (ConflictError, NotFoundError):
            for row_id in ids:
                self._delete_one(row_id)
                errors[row_id].may_have_landed = False

    def _delete_one(self, row_id: str) -> None:
        try:
            self._commit([row_id])
        except NotFoundError:  # of the interaction, or of its audit row
            with suppress(NotFoundError):
                self._connection.send(wire.delete_row(self._tables.interactions, row_id))

    def _commit(self, ids: Sequence[str]) -> None:
        operations: list[Operation] = []
        for row_id in ids:
            operations.append(Operation("delete", self._tables.interactions.id, row_id))
            if self._tables.audit is not None:
                user_id = self._access.user_id
                refused = refusal_of_create(self._tables.audit.id, row_id, user_id=user_id)
                operations.append(refused)
        commit_operations(self._connection, self._settings.database_id, operations)

    def _log_not_undone(self, customer_id: str, failure: InteractionsError) -> None:
        logger.warning(
            "interactions of customer %s, which was reassigned or erased in the meantime, could "
            "not be undone (%s); run crm.customers.reassign() or erase_customer() again",
            customer_id,
            type(failure).__name__,
            extra={
                "interactions_sdk": {
                    "customer_id": customer_id,
                    "failure": type(failure).__name__,
                }
            },
        )
