# Generated from src/interactions_sdk/_async/writing/chosen_ids.py by scripts/unasync.py; do not edit.
"""IDs that users choose: for two customers, the same choice results in different rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk._sync.connection.rows import read_by_ids
from interactions_sdk.concurrency import gather
from interactions_sdk.identifiers import (
    CREATED,
    audit_row_id,
    id_from_choice,
    id_from_key,
    is_interaction_id_of,
)
from interactions_sdk.models.row import ID
from interactions_sdk.rules.ownership import is_owned_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.drafts import InteractionCreate

__all__ = ["ChosenIds"]


class ChosenIds:
    """Converts the IDs that an acting user has chosen to the IDs of the stored rows.

    If they were stored as chosen, a conflict would reveal to a user that an ID of another customer
    exists or existed. IDs chosen by an admin, who may see everything, are stored unchanged.
    """

    def __init__(self, project: Project, access: Access) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access

    def resolve(
        self, drafts: Sequence[InteractionCreate], customer: Customer
    ) -> list[InteractionCreate]:
        """Return drafts with the IDs under which they are stored.

        An ID is unchanged if it was generated for this customer, or if one of the customer's
        interactions uses it: a row from before IDs were derived, or one written by an admin.
        """
        if self._access.is_admin:
            return list(drafts)
        chosen = {
            draft.id
            for draft in drafts
            if draft.id is not None and not self._was_made_here(draft, customer.id)
        }
        if not chosen:
            return list(drafts)
        table = self._settings.interactions_table
        derived = {
            each: id_from_choice(table, customer.id, each)
            for each in chosen - self._in_use(sorted(chosen), customer)
        }
        return [
            draft.model_copy(update={"id": derived.get(draft.id or "", draft.id)})
            for draft in drafts
        ]

    def _was_made_here(self, draft: InteractionCreate, customer_id: str) -> bool:
        """Return whether an ID was not chosen, but comes from an error about this draft."""
        return is_interaction_id_of(customer_id, draft.id or "") or (
            draft.idempotency_key is not None
            and draft.id
            == id_from_key(self._settings.interactions_table, customer_id, draft.idempotency_key)
        )

    def _in_use(self, ids: Sequence[str], customer: Customer) -> set[str]:
        """Return the IDs that interactions of a customer use or used."""
        rows, audited = gather(
            partial(self._ids_of_rows, ids, customer), partial(self._audited_ids, ids, customer)
        )
        return rows | audited

    def _ids_of_rows(self, ids: Sequence[str], customer: Customer) -> set[str]:
        rows = read_by_ids(self._connection, self._tables.interactions, ids, ID, "customerId")
        return {
            row.id
            for row in rows
            if row.customer_id == customer.id
            and (not self._settings.user_sessions or is_owned_by(row.permissions, customer.user_id))
        }

    def _audited_ids(self, ids: Sequence[str], customer: Customer) -> set[str]:
        if self._tables.audit is None or self._connection.is_user:  # a user cannot read it
            return set()
        entries = read_by_ids(
            self._connection,
            self._tables.audit,
            [audit_row_id(each, CREATED) for each in ids],
            ID,
            "entityId",
            "customerId",
        )
        return {entry.entity_id for entry in entries if entry.customer_id == customer.id}
