# Generated from src/interactions_sdk/_async/writing/interactions.py by scripts/unasync.py; do not edit.
"""Single interactions of an acting user: read, checked, written, audited, the customer touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.writing.refusals import audit_refusal
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    InteractionNotFoundError,
    NotFoundError,
    OwnershipError,
    PermissionDeniedError,
)
from interactions_sdk.identifiers import validate_id
from interactions_sdk.rules.customer_dates import ContactUpdate, affects_follow_up, contact_from
from interactions_sdk.rules.interactions import plan_change, plan_create, plan_delete

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.customer_dates import CustomerDates
    from interactions_sdk._sync.writing.executor import PlanExecutor
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue

__all__ = ["InteractionService"]


class InteractionService:
    """What one acting user reads and writes, one interaction at a time."""

    def __init__(
        self,
        project: Project,
        *,
        access: Access,
        dates: CustomerDates,
        writer: PlanExecutor,
    ) -> None:
        self._project = project
        self._read_cache = project.read_cache
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._dates = dates
        self._executor = writer

    def create(self, draft: InteractionCreate) -> CustomerInteraction:
        """Write a new interaction; see `InteractionRepository.create`."""
        if draft.occurred_at is not None:
            self._connection.require_api_key("occurred_at")
        customer = self.authorize_create(draft.customer_id, "create")
        plan = plan_create(
            self._settings, draft, customer=customer, by=self._access.user_id, now=utc_now()
        )
        with self._read_cache.invalidate_after(customer.id):
            created = self._executor.create(plan)
        if self._access.can_update_customer:
            self._dates.update(customer.id, contact_from(created), customer)
        return created

    def authorize_create(self, customer_id: str | None, tried: str) -> Customer:
        """Return the customer that a new interaction belongs to; a refusal is audited.

        Args:
            customer_id: The customer that was named, if any.
            tried: What is to be done, for the audit log.

        Raises:
            CustomerNotFoundError: The user has no customer record, or there is no such customer.
            OwnershipError: A user named another customer.
        """
        try:
            self._access.verify()
            return self._access.resolve_customer(customer_id)
        except (OwnershipError, PermissionDeniedError):
            self._audit_refusal(tried, customer_id or "")
            raise

    def get(self, interaction_id: str) -> CustomerInteraction:
        """Return an interaction that the acting user may see.

        Raises:
            InteractionNotFoundError: There is none with exactly this id.
            OwnershipError: It is another customer's.
        """
        self._access.verify()
        return self._read_visible(interaction_id)

    def get_for_update(self, interaction_id: str, tried: str) -> CustomerInteraction:
        """Return an interaction that the acting user may change; a refusal is audited.

        Args:
            interaction_id: The interaction.
            tried: What is to be done with it, for the audit log.
        """
        try:
            self._access.verify()
            return self._read_visible(interaction_id)
        except (OwnershipError, PermissionDeniedError):
            self._audit_refusal(tried, interaction_id)
            raise

    def _read_visible(self, interaction_id: str) -> CustomerInteraction:
        validate_id(interaction_id, "interaction id")
        missing = f"Row with the requested ID '{interaction_id}' could not be found."
        try:
            interaction = self._connection.send(
                wire.get_row(self._tables.interactions, interaction_id)
            )
        except NotFoundError as error:
            self._access.check_session()
            raise InteractionNotFoundError(missing) from error
        if interaction.id != interaction_id:
            raise InteractionNotFoundError(missing)
        if not self._access.can_see(interaction):
            raise OwnershipError(missing)
        return interaction

    def update(
        self,
        current: CustomerInteraction,
        columns: Mapping[str, ColumnValue],
        *,
        action: str,
        following: InteractionCreate | None = None,
    ) -> CustomerInteraction:
        """Write a change of an interaction that was read for it.

        Args:
            current: The interaction as it was read.
            columns: The columns to change.
            action: What the audit log calls it.
            following: A new interaction of the same customer, written in the same transaction.
        """
        plan = plan_change(self._settings, current, columns, action=action, by=self._access.user_id)
        if following is None:
            with self._read_cache.invalidate_after(current.customer_id):
                changed = self._executor.update(current, plan)
            contact = ContactUpdate()
        else:
            customer = self._access.resolve_customer(current.customer_id)
            next_plan = plan_create(
                self._settings, following, customer=customer, by=self._access.user_id, now=utc_now()
            )
            with self._read_cache.invalidate_after(current.customer_id):
                changed, created = self._executor.update_and_create(current, plan, next_plan)
            contact = contact_from(created)
        if affects_follow_up(current, changed):
            contact = contact.merge(ContactUpdate(recompute_follow_up=True))
        self._update_customer_dates(current.customer_id, contact)
        return changed

    def delete(self, current: CustomerInteraction) -> None:
        """Delete an interaction that was read for it."""
        plan = plan_delete(self._settings, current, by=self._access.user_id)
        with self._read_cache.invalidate_after(current.customer_id):
            self._executor.delete(current, plan)
        if affects_follow_up(current, None):
            self._update_customer_dates(
                current.customer_id, ContactUpdate(recompute_follow_up=True)
            )

    def _update_customer_dates(self, customer_id: str, contact: ContactUpdate) -> None:
        if contact == ContactUpdate() or not self._access.can_update_customer:
            return
        self._dates.update(customer_id, contact)

    def _audit_refusal(self, tried: str, entity_id: str) -> None:
        by = self._access.user_id
        if by:
            audit_refusal(self._project, tried=tried, by=by, entity_id=entity_id)
