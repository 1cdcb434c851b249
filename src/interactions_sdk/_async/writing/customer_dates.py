"""Updating the two dates of customers after their interactions change."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.access.customers import no_such_customer
from interactions_sdk._async.connection.rows import (
    BY_DUE_DATE,
    NEWEST_FIRST,
    batched,
    iterate_pages,
    iterate_rows,
)
from interactions_sdk.concurrency import amap_concurrent
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    ConflictError,
    CustomerNotFoundError,
    InteractionsError,
    NotFoundError,
    OwnershipError,
)
from interactions_sdk.filters import open_follow_up_queries
from interactions_sdk.models.row import CREATED_AT, ID
from interactions_sdk.rules.customer_dates import (
    ContactUpdate,
    is_unseen,
    max_date,
    min_date,
    must_recompute_follow_up,
)
from interactions_sdk.rules.operations import to_column_value
from interactions_sdk.rules.ownership import is_owned_by
from interactions_sdk.transport.retry import is_transient
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.settings import Settings

__all__ = ["AsyncCustomerDates", "too_many_conflicts"]

logger = logging.getLogger("interactions_sdk")

_CANDIDATES = 10

_MAX_CONCURRENCY = 4
_BULK_UPDATE_THRESHOLD = 4
"""Updating customers together takes three requests; fewer customers are updated one by one."""


class AsyncCustomerDates:
    """Updates the dates of customers; failures are logged and never raised."""

    def __init__(self, project: AsyncProject, customers: AsyncCustomerStore) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._customers = customers

    async def update(
        self,
        customer_id: str,
        contact: ContactUpdate,
        customer: Customer | None = None,
        *,
        owner: str | None = None,
    ) -> InteractionsError | None:
        """Update a customer's dates after a write; a failure is logged and never raised.

        An interruption, such as a cancelled task, is logged and raised.

        Each attempt is a `PATCH` that succeeds only if the customer has not changed since it was
        read (transcript `row-timestamp-lock`); after a 409, the customer is read again, until there
        is nothing newer to write. `owner` is the user for whom something was written, if not the
        user of the customer that was read or is cached.

        Returns:
            Why they were not updated, or None.
        """
        if owner is None and customer is not None:
            owner = customer.user_id
        try:
            await self.update_or_raise(
                customer or await self._customers.get_cached(customer_id), contact, owner=owner
            )
        except (OwnershipError, CustomerNotFoundError) as refusal:
            self._customers.invalidate(customer_id)
            if customer is None:
                self.log_not_updated(customer_id, refusal)
            return refusal
        except InteractionsError as error:
            self.log_not_updated(customer_id, error)
            return error
        except BaseException as interruption:  # a cancelled task, or a program that is stopped
            self.log_not_updated(customer_id, interruption)
            raise
        return None

    def forget(self, customer_id: str) -> None:
        """Read a customer again when it is needed next."""
        self._customers.invalidate(customer_id)

    def log_not_updated(self, customer_id: str, error: BaseException) -> None:
        """Log that a customer's dates may be outdated, and how to repair them."""
        self._customers.invalidate(customer_id)
        logger.warning(
            "could not update the dates of customer %s (%s); run crm.customers.reconcile(%r)",
            customer_id,
            type(error).__name__,
            customer_id,
            extra={
                "interactions_sdk": {
                    "customer_id": customer_id,
                    "failure": type(error).__name__,
                }
            },
        )

    async def update_or_raise(
        self,
        customer: Customer,
        contact: ContactUpdate,
        *,
        is_fresh: bool = False,
        owner: str | None = None,
    ) -> Customer:
        """Update a customer's dates; see `update`. `is_fresh` says that it was just read.

        Raises:
            OwnershipError: The customer now belongs to another user.
            CustomerNotFoundError: The customer no longer exists.
            InteractionsError: The dates were not updated.
        """
        recomputes = False
        closed = contact.closed
        for _ in range(self._settings.customer_update_attempts):
            recomputes = recomputes or must_recompute_follow_up(customer, contact, utc_now())
            try:
                if closed is not None and is_unseen(customer, closed):
                    # Its update is in progress, or lost. This write makes it conflict.
                    customer = await self._patch(customer, self._next_column(closed))
                    is_fresh, closed = True, None
                columns = await self.changed_columns(
                    customer, contact, recomputes=recomputes, is_fresh=is_fresh
                )
                if columns:
                    customer = await self._patch(customer, columns)
                    is_fresh = True
                elif owner is not None and not is_fresh:
                    customer = await self._customers.get(customer.id)
            except ConflictError:
                customer = await self._customers.get(customer.id)
                is_fresh = True
                recomputes = recomputes or contact.follow_up is not None
            else:
                _require_owner(customer, owner)
                if not columns or not recomputes:
                    return customer
        raise too_many_conflicts(customer, self._settings)

    async def _patch(self, customer: Customer, columns: dict[str, object]) -> Customer:
        """Write columns of a customer, if it has not changed since it was read."""
        change = wire.update_row(
            self._tables.customers,
            customer.id,
            columns,
            if_unmodified_since=customer.updated_at,
        )
        try:
            return self._customers.cache(await self._connection.send(change))
        except NotFoundError as error:
            raise no_such_customer(customer.id) from error

    def _next_column(self, date: datetime | None) -> dict[str, object]:
        return {self._settings.customer_columns.next_follow_up_at: to_column_value(date)}

    async def changed_columns(
        self, customer: Customer, contact: ContactUpdate, *, recomputes: bool, is_fresh: bool
    ) -> dict[str, object]:
        """Return the dates that differ and have to be written.

        A cached customer may have different dates by now. If follow-ups are concerned, the date is
        written again under the lock, which detects this. If it `recomputes`, the earliest open date
        is read.
        """
        names = self._settings.customer_columns
        columns: dict[str, object] = {}
        last_contact_at = max_date(customer.last_contact_at, contact.at)
        if last_contact_at != customer.last_contact_at:
            columns[names.last_contact_at] = to_column_value(last_contact_at)
        next_follow_up_at = (
            await self._next_follow_up_date(customer)
            if recomputes
            else min_date(customer.next_follow_up_at, contact.follow_up)
        )
        may_differ = not is_fresh and (recomputes or contact.follow_up is not None)
        if may_differ or next_follow_up_at != customer.next_follow_up_at:
            columns |= self._next_column(next_follow_up_at)
        return columns

    async def _next_follow_up_date(self, customer: Customer) -> datetime | None:
        open_ones = iterate_rows(
            self._connection,
            self._tables.interactions,
            [query.equal("customerId", customer.id), *open_follow_up_queries()],
            BY_DUE_DATE,
            page_size=_CANDIDATES,
        )
        async for interaction in open_ones:
            if self.belongs_to(interaction, customer) and interaction.is_open_follow_up:
                return interaction.next_action_date
        return None

    def belongs_to(self, interaction: CustomerInteraction, customer: Customer) -> bool:
        """Return whether an interaction belongs to exactly this customer and is not forged."""
        if interaction.customer_id != customer.id:
            return False
        return not self._settings.user_sessions or is_owned_by(
            interaction.permissions, customer.user_id
        )

    async def update_many(
        self, contacts: Mapping[str, ContactUpdate], owners: Mapping[str, str]
    ) -> dict[str, NotFoundError]:
        """Update the dates of many customers.

        Customers with the same time and no follow-up are updated together, the others one by one.
        Failures are logged, and repaired by `crm.customers.reconcile()`. `owners` are the users for
        whom something was written, by the customer's ID.

        Returns:
            Why nothing should have been written for some customers, by ID: they were reassigned or
            erased in the meantime.
        """
        alone = dict(contacts)
        for at, customer_ids in _by_time(contacts).items():
            for batch in batched(customer_ids):
                for customer_id in batch:
                    del alone[customer_id]
                alone |= await self._bulk_update(batch, at, owners)
        refusals: dict[str, NotFoundError] = {}
        await self._update_one_by_one(alone, owners, refusals)
        return refusals

    async def _update_one_by_one(
        self,
        contacts: Mapping[str, ContactUpdate],
        owners: Mapping[str, str],
        refusals: dict[str, NotFoundError],
    ) -> None:
        try:
            cached = await self._customers.get_many_cached(contacts)
        except InteractionsError as error:
            _log_not_updated(contacts, error)
            return
        remaining = set(contacts)
        update = partial(self._update_one, cached, owners)
        async with amap_concurrent(update, contacts.items(), _MAX_CONCURRENCY) as touches:
            async for customer_id, failure in touches:
                remaining.discard(customer_id)
                if isinstance(failure, (OwnershipError, CustomerNotFoundError)):
                    refusals[customer_id] = failure
                if failure is not None and is_transient(failure) and remaining:
                    # With a server that is down, a thousand customers would take their retries
                    # each.
                    _log_not_updated(remaining, failure)
                    return

    async def _update_one(
        self,
        cached: Mapping[str, Customer],
        owners: Mapping[str, str],
        customer_and_contact: tuple[str, ContactUpdate],
    ) -> tuple[str, InteractionsError | None]:
        customer_id, contact = customer_and_contact
        if contact.follow_up is not None:
            # The customer may have been read after the follow-up was written, and closed again.
            contact = replace(contact, recompute_follow_up=True)
        customer = cached.get(customer_id)
        owner = owners.get(customer_id)
        return customer_id, await self.update(customer_id, contact, customer, owner=owner)

    async def _bulk_update(
        self, customer_ids: Sequence[str], at: datetime, owners: Mapping[str, str]
    ) -> dict[str, ContactUpdate]:
        """Update `lastContactAt` of up to 100 customers in one request, and check the result.

        Returns:
            The updates that remain, to be made one by one.
        """
        try:
            await self._send_bulk_update(customer_ids, at)
            return await self._remaining(customer_ids, at, owners)
        except InteractionsError as error:
            if is_transient(error):
                _log_not_updated(customer_ids, error)
                return {}
            logger.debug(
                "customers are updated one by one: %s",
                type(error).__name__,
                extra={"interactions_sdk": {"failure": type(error).__name__}},
            )
            return dict.fromkeys(customer_ids, ContactUpdate(at))

    async def _send_bulk_update(self, customer_ids: Sequence[str], at: datetime) -> None:
        column = self._settings.customer_columns.last_contact_at
        queries = [
            query.equal(ID, *customer_ids),
            query.or_(query.is_null(column), query.less_than(column, at)),
        ]
        await self._connection.send(
            wire.update_rows(self._tables.customers, queries, {column: to_column_value(at)})
        )

    async def _remaining(
        self, customer_ids: Collection[str], at: datetime, owners: Mapping[str, str]
    ) -> dict[str, ContactUpdate]:
        """Find customers that were skipped, or whose dates another writer changed at the same time.

        Customers that now belong to another user are included, to be refused.

        A bulk update first selects rows and then updates them (measured on Appwrite 1.9.6), so it
        overwrites updates by other writers in between. Such a writer's interaction already exists,
        so it is found among the newer ones.
        """
        customers = await self._customers.read_many(customer_ids)
        dates = {customer.id: customer.last_contact_at for customer in customers}
        users = {customer.id: customer.user_id for customer in customers}
        contacts: dict[str, ContactUpdate] = {}
        for customer_id in customer_ids:
            date = dates.get(customer_id)
            is_given_away = users.get(customer_id) != owners.get(customer_id)
            if date is None or date < at or is_given_away:
                contacts[customer_id] = ContactUpdate(at)
        moved = {customer_id for customer_id, date in dates.items() if date == at}
        return contacts | await self._newer_contacts(moved, at)

    async def _newer_contacts(
        self, customer_ids: set[str], at: datetime
    ) -> dict[str, ContactUpdate]:
        """Return the latest contact of each of these customers that has one after this time."""
        contacts: dict[str, ContactUpdate] = {}
        if not customer_ids:
            return contacts
        newer = iterate_pages(
            self._connection,
            self._tables.interactions,
            [
                query.equal("customerId", *sorted(customer_ids)),
                query.greater_than(CREATED_AT, at),
                query.select(ID, "customerId"),
            ],
            NEWEST_FIRST,
            page_size=query.MAX_LIMIT,
        )
        async for page in newer:
            for interaction in await self._customers.filter_owned(page):
                if interaction.customer_id in customer_ids - contacts.keys():
                    contacts[interaction.customer_id] = ContactUpdate(interaction.created_at)
            if len(contacts) == len(customer_ids):
                break
        return contacts


def _by_time(contacts: Mapping[str, ContactUpdate]) -> dict[datetime, list[str]]:
    """Group customers that get the same dates, if there are enough of them."""
    together: defaultdict[datetime, list[str]] = defaultdict(list)
    for customer_id, contact in contacts.items():
        if contact.at is not None and contact == ContactUpdate(contact.at):
            together[contact.at].append(customer_id)
    return {at: ids for at, ids in together.items() if len(ids) >= _BULK_UPDATE_THRESHOLD}


def _log_not_updated(customer_ids: Collection[str], error: InteractionsError) -> None:
    logger.warning(
        "could not update the dates of %d customers (%s); run crm.customers.reconcile()",
        len(customer_ids),
        type(error).__name__,
        extra={
            "interactions_sdk": {
                "customer_ids": sorted(customer_ids),
                "failure": type(error).__name__,
            }
        },
    )


def _require_owner(customer: Customer, owner: str | None) -> None:
    if owner is not None and customer.user_id != owner:
        raise OwnershipError(no_such_customer(customer.id).message)


def too_many_conflicts(customer: Customer, settings: Settings) -> ConflictError:
    """Return the error for a customer that others kept changing."""
    return ConflictError(
        f"Customer '{customer.id}' was changed by other clients during each of "
        f"{settings.customer_update_attempts} attempts."
    )
