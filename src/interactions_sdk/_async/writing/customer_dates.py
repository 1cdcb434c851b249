"""Moving the dates of many customers, with as few requests as is safe."""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.access.ownership import AsyncOwnership
from interactions_sdk._async.connection.batches import batches
from interactions_sdk._async.connection.rows import NEWEST_FIRST, iterate_pages
from interactions_sdk.concurrency import amap_in_flight
from interactions_sdk.errors import InteractionsError
from interactions_sdk.models.row import CREATED_AT, ID
from interactions_sdk.rules.customer_dates import Contact
from interactions_sdk.rules.operations import column_value
from interactions_sdk.transport.retry import is_transient
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.customers import AsyncCustomers
    from interactions_sdk.models.customer import Customer

__all__ = ["AsyncTouching"]

logger = logging.getLogger("interactions_sdk")

_IN_FLIGHT = 4
_WORTH_A_BULK_UPDATE = 4
"""Moving customers together takes three requests; fewer customers are moved one by one."""


class AsyncTouching:
    """Moves the dates of many customers; failures are logged, and never raised."""

    def __init__(self, project: AsyncProject, customers: AsyncCustomers) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._customers = customers
        self._ownership = AsyncOwnership(project.settings, customers)

    async def touch_many(self, contacts: Mapping[str, Contact]) -> None:
        """Move the dates of customers after what happened to each of them.

        Those with the same time and no follow-up are moved together, the others one by one. What
        fails is logged, and repaired by `crm.customers.reconcile()`.

        Args:
            contacts: What happened, by the customer's id.
        """
        alone = dict(contacts)
        for at, customer_ids in _by_time(contacts).items():
            for some in batches(customer_ids):
                for customer_id in some:
                    del alone[customer_id]
                alone |= await self._touch_together(some, at)
        await self._touch_one_by_one(alone)

    async def _touch_one_by_one(self, contacts: Mapping[str, Contact]) -> None:
        try:
            known = await self._customers.know_many(contacts)
        except InteractionsError as error:
            _leave_to_reconcile(contacts, error)
            return
        remaining = set(contacts)
        touch = partial(self._touch_one, known)
        async with amap_in_flight(touch, contacts.items(), _IN_FLIGHT) as touches:
            async for customer_id, failure in touches:
                remaining.discard(customer_id)
                if failure is not None and is_transient(failure) and remaining:
                    # With a server that is down, a thousand customers would take their retries
                    # each.
                    _leave_to_reconcile(remaining, failure)
                    return

    async def _touch_one(
        self, known: Mapping[str, Customer], customer_and_contact: tuple[str, Contact]
    ) -> tuple[str, InteractionsError | None]:
        customer_id, contact = customer_and_contact
        customer = known.get(customer_id)
        return customer_id, await self._customers.touch(customer_id, contact, customer)

    async def _touch_together(
        self, customer_ids: Sequence[str], at: datetime
    ) -> dict[str, Contact]:
        """Move `lastContactAt` of up to 100 customers in one request, and see what came of it.

        Returns:
            What is still to be done, one by one.
        """
        try:
            await self._update_together(customer_ids, at)
            return await self._still_to_do(customer_ids, at)
        except InteractionsError as error:
            if is_transient(error):
                _leave_to_reconcile(customer_ids, error)
                return {}
            logger.debug(
                "customers are moved one by one: %s",
                type(error).__name__,
                extra={"interactions_sdk": {"failure": type(error).__name__}},
            )
            return dict.fromkeys(customer_ids, Contact(at))

    async def _update_together(self, customer_ids: Sequence[str], at: datetime) -> None:
        column = self._settings.customer_columns.last_contact_at
        queries = [
            query.equal(ID, *customer_ids),
            query.any_of(query.is_null(column), query.less(column, at)),
        ]
        await self._connection.send(
            wire.update_rows(self._tables.customers, queries, {column: column_value(at)})
        )

    async def _still_to_do(self, customer_ids: Collection[str], at: datetime) -> dict[str, Contact]:
        """Look for customers that were passed over, or whom another writer had moved further.

        A bulk update selects first and updates then (FACTS of Appwrite 1.9.6): what another writer
        moves in between is moved back. Such a writer's interaction is there already, so it is found
        among the newer ones.
        """
        customers = await self._customers.read_many(customer_ids)
        dates = {customer.id: customer.last_contact_at for customer in customers}
        contacts: dict[str, Contact] = {}
        for customer_id in customer_ids:
            date = dates.get(customer_id)
            if date is None or date < at:
                contacts[customer_id] = Contact(at)
        moved = {customer_id for customer_id, date in dates.items() if date == at}
        return contacts | await self._newer(moved, at)

    async def _newer(self, customer_ids: set[str], at: datetime) -> dict[str, Contact]:
        """Return the latest contact of those of these customers that have one after this time."""
        contacts: dict[str, Contact] = {}
        if not customer_ids:
            return contacts
        newer = iterate_pages(
            self._connection,
            self._tables.interactions,
            [
                query.equal("customerId", *sorted(customer_ids)),
                query.greater(CREATED_AT, at),
                query.select(ID, "customerId"),
            ],
            NEWEST_FIRST,
            page_size=query.MAX_LIMIT,
        )
        async for page in newer:
            for interaction in await self._ownership.own(page):
                if interaction.customer_id in customer_ids - contacts.keys():
                    contacts[interaction.customer_id] = Contact(interaction.created_at)
            if len(contacts) == len(customer_ids):
                break
        return contacts


def _by_time(contacts: Mapping[str, Contact]) -> dict[datetime, list[str]]:
    """Return the customers for whom the same is to be written, where there are enough of them."""
    together: defaultdict[datetime, list[str]] = defaultdict(list)
    for customer_id, contact in contacts.items():
        if contact.at is not None and contact == Contact(contact.at):
            together[contact.at].append(customer_id)
    return {at: ids for at, ids in together.items() if len(ids) >= _WORTH_A_BULK_UPDATE}


def _leave_to_reconcile(customer_ids: Collection[str], error: InteractionsError) -> None:
    logger.warning(
        "the dates of %d customers may not be moved (%s); repair them with "
        "crm.customers.reconcile()",
        len(customer_ids),
        type(error).__name__,
        extra={
            "interactions_sdk": {
                "customer_ids": sorted(customer_ids),
                "failure": type(error).__name__,
            }
        },
    )
