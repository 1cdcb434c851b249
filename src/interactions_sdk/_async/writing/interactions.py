"""Single interactions of an acting user: read, checked, written, audited, the customer touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.writing.refusals import audit_refusal
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

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.customer_dates import AsyncCustomerDates
    from interactions_sdk._async.writing.executor import AsyncPlanExecutor
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue

__all__ = ["AsyncInteractionService"]


class AsyncInteractionService:
    """What one acting user reads and writes, one interaction at a time."""

    def __init__(
        self,
        project: AsyncProject,
        *,
        access: AsyncAccess,
        dates: AsyncCustomerDates,
        writer: AsyncPlanExecutor,
    ) -> None:
        self._project = project
        self._read_cache = project.read_cache
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._dates = dates
        self._executor = writer

    async def create(self, draft: InteractionCreate) -> CustomerInteraction:
        """Write a new interaction; see `AsyncInteractionRepository.create`."""
        if draft.occurred_at is not None:
            self._connection.require_api_key("occurred_at")
        customer = await self.authorize_create(draft.customer_id, "create")
        plan = plan_create(
            self._settings, draft, customer=customer, by=self._access.user_id, now=utc_now()
        )
        with self._read_cache.invalidate_after(customer.id):
            created = await self._executor.create(plan)
        if self._access.can_update_customer:
            await self._dates.update(customer.id, contact_from(created), customer)
        return created

    async def authorize_create(self, customer_id: str | None, tried: str) -> Customer:
        """Return the customer that a new interaction belongs to; a refusal is audited.

        Args:
            customer_id: The customer that was named, if any.
            tried: What is to be done, for the audit log.

        Raises:
            CustomerNotFoundError: The user has no customer record, or there is no such customer.
            OwnershipError: A user named another customer.
        """
        try:
            await self._access.verify()
            return await self._access.resolve_customer(customer_id)
        except (OwnershipError, PermissionDeniedError):
            await self._audit_refusal(tried, customer_id or "")
            raise

    async def get(self, interaction_id: str) -> CustomerInteraction:
        """Return an interaction that the acting user may see.

        Raises:
            InteractionNotFoundError: There is none with exactly this id.
            OwnershipError: It is another customer's.
        """
        await self._access.verify()
        return await self._read_visible(interaction_id)

    async def get_for_update(self, interaction_id: str, tried: str) -> CustomerInteraction:
        """Return an interaction that the acting user may change; a refusal is audited.

        Args:
            interaction_id: The interaction.
            tried: What is to be done with it, for the audit log.
        """
        try:
            await self._access.verify()
            return await self._read_visible(interaction_id)
        except (OwnershipError, PermissionDeniedError):
            await self._audit_refusal(tried, interaction_id)
            raise

    async def _read_visible(self, interaction_id: str) -> CustomerInteraction:
        validate_id(interaction_id, "interaction id")
        missing = f"Row with the requested ID '{interaction_id}' could not be found."
        try:
            interaction = await self._connection.send(
                wire.get_row(self._tables.interactions, interaction_id)
            )
        except NotFoundError as error:
            await self._access.check_session()
            raise InteractionNotFoundError(missing) from error
        if interaction.id != interaction_id:
            raise InteractionNotFoundError(missing)
        if not await self._access.can_see(interaction):
            raise OwnershipError(missing)
        return interaction

    async def update(
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
                changed = await self._executor.update(current, plan)
            contact = ContactUpdate()
        else:
            customer = await self._access.resolve_customer(current.customer_id)
            next_plan = plan_create(
                self._settings, following, customer=customer, by=self._access.user_id, now=utc_now()
            )
            with self._read_cache.invalidate_after(current.customer_id):
                changed, created = await self._executor.update_and_create(current, plan, next_plan)
            contact = contact_from(created)
        if affects_follow_up(current, changed):
            contact = contact.merge(ContactUpdate(recompute_follow_up=True))
        await self._update_customer_dates(current.customer_id, contact)
        return changed

    async def delete(self, current: CustomerInteraction) -> None:
        """Delete an interaction that was read for it."""
        plan = plan_delete(self._settings, current, by=self._access.user_id)
        with self._read_cache.invalidate_after(current.customer_id):
            await self._executor.delete(current, plan)
        if affects_follow_up(current, None):
            await self._update_customer_dates(
                current.customer_id, ContactUpdate(recompute_follow_up=True)
            )

    async def _update_customer_dates(self, customer_id: str, contact: ContactUpdate) -> None:
        if contact == ContactUpdate() or not self._access.can_update_customer:
            return
        await self._dates.update(customer_id, contact)

    async def _audit_refusal(self, tried: str, entity_id: str) -> None:
        by = self._access.user_id
        if by:
            await audit_refusal(self._project, tried=tried, by=by, entity_id=entity_id)
