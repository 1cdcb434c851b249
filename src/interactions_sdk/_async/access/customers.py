"""Looking up and caching customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from interactions_sdk._async.connection.rows import (
    OLDEST_FIRST,
    find_row,
    iterate_rows,
    read_by_ids,
)
from interactions_sdk.caching import Cache
from interactions_sdk.errors import CustomerNotFoundError, SchemaError
from interactions_sdk.identifiers import is_id, validate_id
from interactions_sdk.rules.duplicate_customers import duplicate_customers_problem
from interactions_sdk.rules.ownership import is_owned_by
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["NO_CUSTOMER", "AsyncCustomerStore", "no_such_customer"]

InteractionT = TypeVar("InteractionT", bound="CustomerInteraction")

NO_CUSTOMER = "Customer record not found. Please create your customer profile first."


def no_such_customer(customer_id: str) -> CustomerNotFoundError:
    """Return the error for a customer that does not exist, in Appwrite's words."""
    return CustomerNotFoundError(f"Row with the requested ID '{customer_id}' could not be found.")


class AsyncCustomerStore:
    """Reads customers, and caches them for `Settings.cache_ttl` seconds.

    Attributes:
        verifies_owners: Whether interactions may be forged, because users write rows; rows that are
            written only with a key can be trusted.
    """

    def __init__(self, project: AsyncProject) -> None:
        settings = project.settings
        self._connection = project.connection
        self._settings = settings
        self._tables = project.tables
        self.verifies_owners = settings.user_sessions
        self._by_id: Cache[str, Customer] = Cache(ttl=settings.cache_ttl, size=settings.cache_size)
        self._id_of_user: Cache[str, str] = Cache(ttl=settings.cache_ttl, size=settings.cache_size)

    async def get(self, id: str) -> Customer:
        """Return a customer by its ID, read from the server.

        Raises:
            CustomerNotFoundError: No customer has exactly this ID.
        """
        validate_id(id, "customer id")
        customer = await find_row(self._connection, self._tables.customers, id)
        if customer is None or customer.id != id:
            raise no_such_customer(id)
        return self.cache(customer)

    async def find_by_user_id(self, user_id: str) -> Customer | None:
        """Return the customer record whose user is exactly this one, or None.

        Raises:
            SchemaError: The user has more than one record.
        """
        column = self._settings.customer_columns.user_id
        validate_id(user_id, "user id")
        candidates = iterate_rows(
            self._connection,
            self._tables.customers,
            [query.equal(column, user_id)],
            OLDEST_FIRST,
            page_size=self._settings.page_size,
        )
        customers = [customer async for customer in candidates if customer.user_id == user_id]
        if len(customers) > 1:
            problem = duplicate_customers_problem(user_id, [each.id for each in customers])
            raise SchemaError(problem, problems=(problem,))
        return self.cache_for_user(customers[0]) if customers else None

    async def get_cached(self, customer_id: str) -> Customer:
        """Return a customer by its ID, at most `cache_ttl` seconds old."""
        return self._by_id.get(customer_id) or await self.get(customer_id)

    async def get_many_cached(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return customers by their IDs, like `get_cached`, without those that do not exist.

        Customers that are not cached are read a hundred per request.
        """
        valid_ids = {each for each in customer_ids if is_id(each)}
        cached = {each: customer for each in valid_ids if (customer := self._by_id.get(each))}
        read = await self.read_many(valid_ids.difference(cached))
        return cached | {customer.id: customer for customer in read}

    async def display_names(self, customer_ids: Iterable[str]) -> dict[str, str]:
        """Return the names to show for customers, by their IDs; see `get_many_cached`."""
        cached = await self.get_many_cached(customer_ids)
        return {each.id: each.display_name for each in cached.values()}

    async def read_many(self, customer_ids: Iterable[str]) -> list[Customer]:
        """Return those of these customers that exist, as they are now, in no particular order."""
        ids = set(customer_ids)
        rows = await read_by_ids(self._connection, self._tables.customers, sorted(ids))
        return [self.cache(customer) for customer in rows if customer.id in ids]

    async def owner_ids(self, customer_ids: Iterable[str]) -> dict[str, str]:
        """Return the users of customers, by the customers' IDs; see `get_many_cached`."""
        cached = await self.get_many_cached(customer_ids)
        return {each.id: each.user_id for each in cached.values()}

    async def filter_owned(self, interactions: list[InteractionT]) -> list[InteractionT]:
        """Return the interactions that belong to their customers; all, if only a key writes."""
        if not self.verifies_owners or not interactions:
            return interactions
        owners = await self.owner_ids(each.customer_id for each in interactions)
        return [
            each
            for each in interactions
            if is_owned_by(each.permissions, owners.get(each.customer_id))
        ]

    async def get_cached_by_user_id(self, user_id: str) -> Customer | None:
        """Return a user's customer record, at most `cache_ttl` seconds old."""
        customer_id = self._id_of_user.get(user_id)
        customer = self._by_id.get(customer_id) if customer_id is not None else None
        if customer is not None and customer.user_id == user_id:
            return customer
        return await self.find_by_user_id(user_id)

    def invalidate(self, customer_id: str | None = None) -> None:
        """Remove one customer, or all, from the cache after a write that may have changed them."""
        if customer_id is None:
            self._by_id.clear()
        else:
            self._by_id.discard(customer_id)

    def cache(self, customer: Customer) -> Customer:
        """Cache a customer that was just read."""
        self._by_id.put(customer.id, customer)
        return customer

    def cache_for_user(self, customer: Customer) -> Customer:
        """Cache a customer as its user's only one."""
        self._id_of_user.put(customer.user_id, customer.id)
        return self.cache(customer)
