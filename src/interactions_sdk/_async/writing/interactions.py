"""Writing single interactions: access check, plan, write, audit and customer dates."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from interactions_sdk._async.connection.rows import find_row
from interactions_sdk._async.writing.audit_log import find_deletion
from interactions_sdk._async.writing.chosen_ids import AsyncChosenIds
from interactions_sdk._async.writing.refusals import audit_refusal
from interactions_sdk.calendars import parse_time
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    ConflictError,
    CustomerNotFoundError,
    InteractionNotFoundError,
    InteractionsError,
    NotFoundError,
    OwnershipError,
    PermissionDeniedError,
)
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.drafts import late_next_action, validate_update
from interactions_sdk.rules.conflicts import given_away_conflict
from interactions_sdk.rules.customer_dates import (
    RECOMPUTE_FOLLOW_UP,
    ContactUpdate,
    contact_from,
    contact_from_change,
)
from interactions_sdk.rules.interactions import (
    changed_columns,
    plan_change,
    plan_create,
    plan_delete,
    with_columns,
)
from interactions_sdk.rules.ownership import is_owned_by
from interactions_sdk.rules.recurrence import recurrence_columns

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.customer_dates import AsyncCustomerDates
    from interactions_sdk._async.writing.executor import AsyncPlanExecutor, Written
    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue, Plan

__all__ = ["AsyncInteractionService"]


class AsyncInteractionService:
    """Reads and writes single interactions for one acting user."""

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
        self._chosen_ids = AsyncChosenIds(project, access)

    async def create(self, draft: InteractionCreate) -> CustomerInteraction:
        """Write a new interaction; see `AsyncInteractionRepository.create`."""
        if draft.occurred_at is not None:
            self._connection.require_api_key("occurred_at")
        customer = await self.authorize_create(draft.customer_id, "create")
        [draft] = await self._chosen_ids.resolve([draft], customer)
        plan = plan_create(
            self._settings, draft, customer=customer, user_id=self._access.user_id, now=utc_now()
        )
        with self._read_cache.invalidate_after(customer.id), self._warning_of_dates(customer.id):
            created = await self._create(draft, plan)
            self._warn_if_unread(customer.id, created)
        contact = _contact_from(created)
        refusal = await self._update_customer_dates(customer.id, contact, customer)
        if refusal is not None and not created.is_repeat:
            await self._undo_create(created, refusal)
        return created.unwrap()

    async def _undo_create(self, created: Written, refusal: NotFoundError) -> NoReturn:
        """Delete an interaction that was written for a former owner, or for a deleted customer.

        Raises:
            NotFoundError: The refusal.
            ConflictError: An admin may repeat the create for the new owner.
        """
        customer_id = created.interaction.customer_id
        error: InteractionsError = refusal
        if isinstance(refusal, OwnershipError) and self._access.is_admin:
            error = given_away_conflict(customer_id)
        try:
            with self._read_cache.invalidate_after(customer_id), suppress(NotFoundError):
                await self._executor.undo_create(created.interaction, user_id=self._access.user_id)
        except InteractionsError as failure:
            error.may_have_landed = True
            raise error from failure
        if isinstance(refusal, OwnershipError):
            await self._update_customer_dates(customer_id, RECOMPUTE_FOLLOW_UP)
        raise error

    async def _create(self, draft: InteractionCreate, plan: Plan) -> Written:
        late = late_next_action(draft, now=utc_now()) if plan.has_explicit_id else None
        if late is None:
            return await self._executor.create(plan)
        return await self._executor.find_repeat(plan, late)

    async def authorize_create(self, customer_id: str | None, action: str) -> Customer:
        """Return the customer that a new interaction belongs to; a refusal is audited.

        Raises:
            CustomerNotFoundError: The user has no customer record, or the customer does not exist.
            OwnershipError: A user named another customer.
        """
        try:
            await self._access.verify()
            return await self._access.resolve_customer(customer_id)
        except (OwnershipError, PermissionDeniedError):
            await self._audit_refusal(action, customer_id or "")
            raise

    async def get(self, interaction_id: str) -> CustomerInteraction:
        """Return an interaction that the acting user may see.

        Raises:
            InteractionNotFoundError: No interaction has exactly this ID.
            OwnershipError: It belongs to another customer.
        """
        await self._access.verify()
        return await self._read_visible(interaction_id)

    async def get_for_update(self, interaction_id: str, action: str) -> CustomerInteraction:
        """Return an interaction that the acting user may change; a refusal is audited."""
        try:
            return await self._read_for_update(interaction_id)
        except (OwnershipError, PermissionDeniedError):
            await self._audit_refusal(action, interaction_id)
            raise

    async def _get_for_deletion(self, interaction_id: str) -> CustomerInteraction:
        """Return an interaction that the acting user may delete; a refusal is audited.

        If it was already deleted, the customer's next follow-up is updated, because the call that
        deleted it may have failed before that. A user learns only about their own deletions, and
        always after the same requests.

        Raises:
            InteractionNotFoundError: No interaction has this ID, or it was already deleted.
            OwnershipError: It belongs to another customer.
        """
        try:
            return await self._read_for_update(interaction_id)
        except (InteractionNotFoundError, PermissionDeniedError) as refusal:
            is_missing = isinstance(refusal, InteractionNotFoundError)
            if is_missing and await self._settle_deletion(interaction_id):
                raise InteractionNotFoundError(
                    f"Interaction '{interaction_id}' was already deleted."
                ) from None
            if isinstance(refusal, (OwnershipError, PermissionDeniedError)):
                await self._audit_refusal("delete", interaction_id)
            raise

    async def _read_for_update(self, interaction_id: str) -> CustomerInteraction:
        await self._access.verify()
        interaction = await self._read_visible(interaction_id)
        await self._access.require_change(interaction)
        return interaction

    async def _settle_deletion(self, interaction_id: str) -> bool:
        """Update the customer's dates if an interaction of the acting user was deleted.

        Without an audit log, there is no record of a deletion, so the dates of a user's own
        customer are always updated.

        Returns:
            Whether it is known to have been deleted.
        """
        customers = await self._access.readable_customers(None)
        if self._tables.audit is None:
            for customer_id in customers or ():
                await self._update_customer_dates(customer_id, RECOMPUTE_FOLLOW_UP)
            return False
        if self._connection.is_user or customers == ():  # a user cannot read the audit log
            return False
        entry = await find_deletion(self._connection, self._tables.audit, interaction_id, customers)
        if entry is not None and entry.customer_id is not None:
            await self._update_customer_dates(entry.customer_id, RECOMPUTE_FOLLOW_UP)
        return entry is not None

    async def _read_visible(self, interaction_id: str) -> CustomerInteraction:
        validate_id(interaction_id, "interaction id")
        missing = f"Row with the requested ID '{interaction_id}' could not be found."
        interaction = await find_row(self._connection, self._tables.interactions, interaction_id)
        if interaction is None or interaction.id != interaction_id:
            await self._access.check_session()
            raise await self._access.not_found(missing)
        if not await self._access.can_see(interaction):
            raise OwnershipError(missing)
        return interaction

    async def update_fields(
        self, interaction_id: str, update: InteractionUpdate, if_unchanged_since: TimeLike | None
    ) -> CustomerInteraction:
        """Change the fields of an interaction; see `AsyncInteractionRepository.update`."""
        if if_unchanged_since is not None:
            if_unchanged_since = parse_time(
                if_unchanged_since, "if_unchanged_since", self._settings.time_zone
            )
        current = await self.get_for_update(interaction_id, "update")
        if if_unchanged_since is not None and current.updated_at != if_unchanged_since:
            raise ConflictError(
                f"Interaction '{interaction_id}' was changed since "
                f"{if_unchanged_since.isoformat()}.",
                hint="See `error.current`, and repeat your change if it still applies.",
                current=current,
            )
        validate_update(current, update)
        columns = changed_columns(update)
        columns |= recurrence_columns(self._settings, current, update)
        if not columns:
            return current
        return await self.update(current, columns, action="interaction.updated")

    async def update(
        self,
        current: CustomerInteraction,
        columns: Mapping[str, ColumnValue],
        *,
        action: str,
        following: InteractionCreate | None = None,
        is_same_work: bool = False,
    ) -> CustomerInteraction:
        """Write a change to an interaction that was read for this purpose.

        `following` is a new interaction of the same customer, written in the same transaction. If
        it `is_same_work`, it belongs to the user who performed this one, whoever logs it.
        """
        plan = plan_change(
            self._settings, current, columns, action=action, user_id=self._access.user_id
        )
        contact = _contact_from_columns(current, columns)
        customer_id = current.customer_id
        if following is None:
            with (
                self._read_cache.invalidate_after(customer_id),
                self._warning_of_dates(customer_id, contact),
            ):
                changed = await self._executor.update(current, plan)
        else:
            customer = await self._customer_of(current)
            [following] = await self._chosen_ids.resolve([following], customer)
            next_plan = plan_create(
                self._settings,
                following,
                customer=customer,
                user_id=self._access.user_id,
                now=utc_now(),
                performed_by=current.user_id if is_same_work and self._access.is_admin else None,
            )
            if late := late_next_action(following, now=utc_now()):
                await self._executor.find_repeat(next_plan, late)
            with (
                self._read_cache.invalidate_after(customer_id),
                self._warning_of_dates(customer_id),
            ):
                changed, created = await self._executor.update_and_create(current, plan, next_plan)
                self._warn_if_unread(customer_id, created)
            contact = _contact_from(created).merge(contact)
        await self._update_customer_dates(customer_id, contact)
        return changed.unwrap()

    async def _customer_of(self, current: CustomerInteraction) -> Customer:
        """Return the customer of an interaction; read again if the interaction is another user's.

        One that is remembered may have been given away since, and what is written next would have
        the permissions of its former user.
        """
        customer = await self._access.resolve_customer(current.customer_id)
        if not current.permissions or is_owned_by(current.permissions, customer.user_id):
            return customer
        self._dates.forget(customer.id)
        return await self._access.resolve_customer(current.customer_id)

    async def delete(self, interaction_id: str) -> None:
        """Delete an interaction; see `AsyncInteractionRepository.delete`."""
        current = await self._get_for_deletion(interaction_id)
        plan = plan_delete(self._settings, current, user_id=self._access.user_id)
        contact = contact_from_change(current, None)
        customer_id = current.customer_id
        with (
            self._read_cache.invalidate_after(customer_id),
            self._warning_of_dates(customer_id, contact),
        ):
            await self._executor.delete(current, plan)
        await self._update_customer_dates(customer_id, contact)

    async def recompute_follow_up(self, interaction: CustomerInteraction) -> None:
        """Update a customer's next follow-up after a change made by an earlier call.

        The earlier call may have failed before it did so.
        """
        await self._update_customer_dates(interaction.customer_id, RECOMPUTE_FOLLOW_UP)

    @contextmanager
    def _warning_of_dates(
        self, customer_id: str, contact: ContactUpdate = RECOMPUTE_FOLLOW_UP
    ) -> Generator[None]:
        """Log that the dates may be outdated, if the block fails after a possible write."""
        try:
            yield
        except BaseException as error:  # also after an interruption: the commit may be in progress
            is_applied = not isinstance(error, InteractionsError) or error.may_have_landed
            if is_applied and contact != ContactUpdate() and self._access.can_update_customer:
                self._dates.log_not_updated(customer_id, error)
            raise

    def _warn_if_unread(self, customer_id: str, created: Written) -> None:
        """Log that `lastContactAt` may be outdated, if the time of the interaction is not known."""
        if created.is_unread and created.failure and self._access.can_update_customer:
            self._dates.log_not_updated(customer_id, created.failure)

    async def _update_customer_dates(
        self, customer_id: str, contact: ContactUpdate, customer: Customer | None = None
    ) -> NotFoundError | None:
        """Update the dates, and check to whom the customer belongs.

        Returns:
            Why nothing should have been written for this customer: it was reassigned or erased in
            the meantime. None if the write was correct.
        """
        if contact == ContactUpdate() or not self._access.can_update_customer:
            return None
        failure = await self._dates.update(customer_id, contact, customer)
        return failure if isinstance(failure, (OwnershipError, CustomerNotFoundError)) else None

    async def _audit_refusal(self, action: str, entity_id: str) -> None:
        user_id = self._access.user_id
        if user_id:
            await audit_refusal(self._project, action=action, user_id=user_id, entity_id=entity_id)


def _contact_from(created: Written) -> ContactUpdate:
    """Return the effect of a new interaction on its customer, as far as it is known."""
    if created.is_gone:
        return RECOMPUTE_FOLLOW_UP
    contact = contact_from(created.interaction)
    if created.is_unread:
        return replace(contact, at=None)
    return replace(contact, recompute_follow_up=created.is_repeat)


def _contact_from_columns(
    current: CustomerInteraction, columns: Mapping[str, ColumnValue]
) -> ContactUpdate:
    """Return the effect of a change on the customer.

    A change to a follow-up that does not change its date may repeat a call that changed the date
    and failed before it updated the customer.
    """
    contact = contact_from_change(current, with_columns(current, columns))
    is_about_follow_up = "nextActionDate" in columns or (
        "outcome" in columns and current.next_action_date is not None
    )
    if contact == ContactUpdate() and is_about_follow_up:
        return RECOMPUTE_FOLLOW_UP
    return contact
