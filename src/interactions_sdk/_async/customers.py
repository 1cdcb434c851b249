"""Customer records, and the two dates that follow from their interactions."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.connection.batches import read_by_ids
from interactions_sdk._async.connection.rows import (
    BY_DUE_DATE,
    OLDEST_FIRST,
    iterate_pages,
    iterate_rows,
)
from interactions_sdk._async.writing.audit_log import missing_audit_rows, write_missing_audit_rows
from interactions_sdk._async.writing.doubt import after_a_write
from interactions_sdk.caching import Cache
from interactions_sdk.datetimes import to_wire, utc_now
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    CustomerNotFoundError,
    InteractionsError,
    NotFoundError,
)
from interactions_sdk.identifiers import check_id, customer_id_for_user, is_id
from interactions_sdk.models.enums import Outcome
from interactions_sdk.models.reconciliation import Reconciliation
from interactions_sdk.rules.customer_dates import Contact, earliest, latest, must_look_up_follow_up
from interactions_sdk.rules.operations import column_value
from interactions_sdk.rules.ownership import is_own, read_by
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire.query import Query

__all__ = ["NO_CUSTOMER", "AsyncCustomers", "no_such_customer", "open_follow_ups"]

logger = logging.getLogger("interactions_sdk")

_CANDIDATES = 10
_RECONCILED_TOGETHER = 100

NO_CUSTOMER = "Customer record not found. Please create your customer profile first."


def open_follow_ups() -> list[Query]:
    """Return the queries for what is still to be done.

    A null outcome counts as open: `notEqual` alone would leave those rows out (transcript
    `list-null-and-or`), and they are most of the open follow-ups.
    """
    return [
        query.is_not_null("nextActionDate"),
        query.any_of(query.is_null("outcome"), query.not_equal("outcome", Outcome.RESOLVED.value)),
    ]


def no_such_customer(customer_id: str) -> CustomerNotFoundError:
    """Return the error for a customer that is not there, in Appwrite's words."""
    return CustomerNotFoundError(f"Row with the requested ID '{customer_id}' could not be found.")


class AsyncCustomers:
    """The customers of a project: `crm.customers`."""

    def __init__(self, project: AsyncProject) -> None:
        settings = project.settings
        self._connection = project.connection
        self._settings = settings
        self._tables = project.tables
        self._by_id: Cache[str, Customer] = Cache(ttl=settings.cache_ttl, size=settings.cache_size)
        self._id_of_user: Cache[str, str] = Cache(ttl=settings.cache_ttl, size=settings.cache_size)

    async def create(
        self,
        *,
        user_id: str,
        id: str | None = None,
        **columns: object,
    ) -> Customer:
        """Create the customer record of a user.

        Args:
            user_id: The self-service user that the record belongs to.
            id: The record's id; made from the user's id if not given.
            columns: Whatever other columns your customers table has.

        Raises:
            ConflictError: The user has a record already.
            BadRequestError: Appwrite does not take the columns: a required one of your own is
                missing, or one does not exist.
            ConfigurationError: The client is signed in as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.create(user_id="ada")
            ...     customer.user_id
            'ada'
        """
        check_id(user_id, "user id")
        self._connection.require_key("customers.create")
        if await self.find_by_user_id(user_id) is not None:
            raise ConflictError(
                f"User '{user_id}' has a customer record already.",
                type="row_already_exists",
                hint="Read it with customers.get_by_user_id(), or use customers.ensure().",
            )
        return await self._create(user_id, id or customer_id_for_user(user_id), columns)

    async def _create(
        self, user_id: str, customer_id: str, columns: Mapping[str, object]
    ) -> Customer:
        data: dict[str, object] = {
            name: to_wire(value) if isinstance(value, datetime) else value
            for name, value in columns.items()
        }
        data[self._settings.customer_columns.user_id] = user_id
        if self._settings.user_sessions:
            data["$permissions"] = [read_by(user_id)]
        call = wire.create_row(self._tables.customers, customer_id, data)
        try:
            customer = await self._connection.send(call)
        except ConflictError as error:
            with after_a_write(landed=error.may_have_landed):
                existing = await self.find_by_user_id(user_id)
            if existing is None or not error.may_have_landed:
                raise
            customer = existing
        except BadRequestError as error:
            error.hint = (
                "Your customers table has columns of its own: give them as arguments, "
                'such as create(user_id="ada", name="Ada").'
            )
            raise
        return self._remember(customer)

    async def ensure(self, user_id: str, **columns: object) -> Customer:
        """Return the customer record of a user, and create it if there is none.

        Two callers at once get the same record, since its id follows from the user's. With
        `Settings(user_sessions=True)` its user may read it from then on.

        Args:
            user_id: The self-service user.
            columns: The other columns of a new record; they change nothing in an existing one.

        Returns:
            The record, as it is now.

        Raises:
            BadRequestError: Appwrite does not take the columns.
            ConfigurationError: There is none, and the client is signed in as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     first = await crm.customers.ensure("ada")
            ...     again = await crm.customers.ensure("ada")
            ...     print(first.id == again.id)
            True
        """
        check_id(user_id, "user id")
        existing = await self.find_by_user_id(user_id)
        if existing is not None:
            return await self._let_read(existing)
        self._connection.require_key("customers.create")
        try:
            return await self._create(user_id, customer_id_for_user(user_id), columns)
        except ConflictError as error:
            made_meanwhile = await self.find_by_user_id(user_id)
            if made_meanwhile is None:
                error.hint = (
                    "The record of another user is in the way: the two user ids differ only in "
                    "case, accents or trailing spaces, which Appwrite's unique index ignores."
                )
                raise
            return made_meanwhile

    async def _let_read(self, customer: Customer) -> Customer:
        """Let the user of a record read it, where users act for themselves."""
        for _ in range(self._settings.touch_attempts):
            wanted = self._wanted_permissions(customer)
            if self._connection.is_user or wanted == customer.permissions:
                return customer
            change = wire.update_row(
                self._tables.customers,
                customer.id,
                {"$permissions": wanted},
                unless_changed_since=customer.updated_at,
            )
            try:
                return self._remember(await self._connection.send(change))
            except ConflictError:
                customer = await self.get(customer.id)
        raise self._crowded_out(customer)

    def _wanted_permissions(self, customer: Customer) -> list[str]:
        if not self._settings.user_sessions or not customer.user_id:
            return customer.permissions
        own = read_by(customer.user_id)
        granted = customer.permissions
        return granted if own in granted else [*granted, own]

    def _crowded_out(self, customer: Customer) -> ConflictError:
        return ConflictError(
            f"Customer '{customer.id}' was changed by others each of "
            f"{self._settings.touch_attempts} times."
        )

    async def get(self, id: str) -> Customer:
        """Return a customer by its id, as it is now.

        Args:
            id: The record's id, not the user's.

        Raises:
            CustomerNotFoundError: There is none with exactly this id.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     ada = await crm.customers.ensure("ada")
            ...     customer = await crm.customers.get(ada.id)
            ...     print(customer.user_id)
            ada
        """
        check_id(id, "customer id")
        try:
            customer = await self._connection.send(wire.get_row(self._tables.customers, id))
        except NotFoundError as error:
            raise no_such_customer(id) from error
        if customer.id != id:
            raise no_such_customer(id)
        return self._remember(customer)

    async def get_by_user_id(self, user_id: str) -> Customer:
        """Return the customer record of a user, as it is now.

        Args:
            user_id: The self-service user, compared letter by letter.

        Raises:
            CustomerNotFoundError: The user has none.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     ada = await crm.customers.ensure("ada")
            ...     customer = await crm.customers.get_by_user_id("ada")
            ...     print(customer.last_contact_at)
            None
        """
        customer = await self.find_by_user_id(user_id)
        if customer is None:
            raise CustomerNotFoundError(NO_CUSTOMER)
        return customer

    async def find_by_user_id(self, user_id: str) -> Customer | None:
        """Return the customer record whose user is exactly this one, or None."""
        column = self._settings.customer_columns.user_id
        check_id(user_id, "user id")
        candidates = iterate_rows(
            self._connection,
            self._tables.customers,
            [query.equal(column, user_id)],
            OLDEST_FIRST,
            page_size=self._settings.page_size,
        )
        async for customer in candidates:
            if customer.user_id == user_id:
                return self._remember(customer)
        return None

    async def known(self, customer_id: str) -> Customer:
        """Return a customer by its id, as it was within the last `cache_ttl` seconds."""
        return self._by_id.get(customer_id) or await self.get(customer_id)

    async def know_many(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return customers by their ids, as `known` would; others than those are left out.

        What is not remembered is read a hundred in a request.
        """
        wanted = {each for each in customer_ids if is_id(each)}
        known = {each: customer for each in wanted if (customer := self._by_id.get(each))}
        read = await self.read_many(wanted.difference(known))
        return known | {customer.id: customer for customer in read}

    async def read_many(self, customer_ids: Iterable[str]) -> list[Customer]:
        """Return those of these customers that exist, as they are now, in no particular order."""
        wanted = set(customer_ids)
        rows = await read_by_ids(self._connection, self._tables.customers, sorted(wanted))
        return [self._remember(customer) for customer in rows if customer.id in wanted]

    async def owners_of(self, customer_ids: Iterable[str]) -> dict[str, str]:
        """Return the users of customers, by the customers' ids; see `know_many`."""
        known = await self.know_many(customer_ids)
        return {each.id: each.user_id for each in known.values()}

    async def known_by_user_id(self, user_id: str) -> Customer | None:
        """Return a user's customer record, as it was within the last `cache_ttl` seconds."""
        customer_id = self._id_of_user.get(user_id)
        customer = self._by_id.get(customer_id) if customer_id is not None else None
        if customer is not None and customer.user_id == user_id:
            return customer
        return await self.find_by_user_id(user_id)

    def forget(self, customer_id: str | None = None) -> None:
        """Forget one customer, or all of them, after a write that may have changed their records.

        Args:
            customer_id: The customer; all of them, if not given.
        """
        if customer_id is None:
            self._by_id.clear()
        else:
            self._by_id.drop(customer_id)

    def _remember(self, customer: Customer) -> Customer:
        self._by_id.put(customer.id, customer)
        if customer.user_id:
            self._id_of_user.put(customer.user_id, customer.id)
        return customer

    async def touch(
        self, customer_id: str, contact: Contact, customer: Customer | None = None
    ) -> InteractionsError | None:
        """Move a customer's dates after a write; a failure is logged, and never raised.

        An interruption, such as that of a cancelled task, is logged and raised.

        Each try is a `PATCH` that holds only if the customer is as it was read (transcript
        `row-timestamp-lock`); on 409 it is read again, until there is nothing newer to write.

        Args:
            customer_id: The customer.
            contact: What happened.
            customer: The customer as it was read or remembered, if it was.

        Returns:
            Why they were not moved, if they were not.
        """
        try:
            await self._touch(customer or await self.known(customer_id), contact)
        except InteractionsError as error:
            self._leave_to_reconcile(customer_id, error)
            return error
        except BaseException as interruption:  # a cancelled task, a program that is stopped
            self._leave_to_reconcile(customer_id, interruption)
            raise
        return None

    def _leave_to_reconcile(self, customer_id: str, error: BaseException) -> None:
        self._by_id.drop(customer_id)
        logger.warning(
            "the dates of customer %s were not moved (%s); repair them with "
            "crm.customers.reconcile(%r)",
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

    async def _touch(
        self, customer: Customer, contact: Contact, *, is_fresh: bool = False
    ) -> Customer:
        for _ in range(self._settings.touch_attempts):
            columns = await self._columns_to_write(customer, contact, is_fresh=is_fresh)
            if not columns:
                return customer
            try:
                return self._remember(
                    await self._connection.send(
                        wire.update_row(
                            self._tables.customers,
                            customer.id,
                            columns,
                            unless_changed_since=customer.updated_at,
                        )
                    )
                )
            except ConflictError:
                customer = await self.get(customer.id)
                is_fresh = True
        raise self._crowded_out(customer)

    async def _columns_to_write(
        self, customer: Customer, contact: Contact, *, is_fresh: bool
    ) -> dict[str, object]:
        """Return the dates that differ, or that a remembered customer may have otherwise.

        A follow-up that is no earlier than the remembered one may be the earliest all the same,
        since others may have done that one: writing it again, under the lock, tells.
        """
        names = self._settings.customer_columns
        columns: dict[str, object] = {}
        last_contact_at = latest(customer.last_contact_at, contact.at)
        if last_contact_at != customer.last_contact_at:
            columns[names.last_contact_at] = column_value(last_contact_at)
        must_look_up = must_look_up_follow_up(customer, contact, utc_now())
        next_follow_up_at = (
            await self._earliest_open_date(customer)
            if must_look_up
            else earliest(customer.next_follow_up_at, contact.follow_up)
        )
        is_about_follow_ups = must_look_up or contact.follow_up is not None
        may_differ = is_about_follow_ups and not is_fresh
        if may_differ or next_follow_up_at != customer.next_follow_up_at:
            columns[names.next_follow_up_at] = column_value(next_follow_up_at)
        return columns

    async def _earliest_open_date(self, customer: Customer) -> datetime | None:
        open_ones = iterate_rows(
            self._connection,
            self._tables.interactions,
            [query.equal("customerId", customer.id), *open_follow_ups()],
            BY_DUE_DATE,
            page_size=_CANDIDATES,
        )
        async for interaction in open_ones:
            if self._is_of(interaction, customer) and interaction.is_open_follow_up:
                return interaction.next_action_date
        return None

    async def reconcile(
        self,
        customer_id: str | None = None,
        *,
        dry_run: bool = False,
        on_progress: Callable[[Reconciliation], object] | None = None,
    ) -> Reconciliation:
        """Repair what a failure left behind: the dates of customers, and missing audit rows.

        `lastContactAt` never moves back. It can be run at any time and again. With
        `Settings(user_sessions=True)` users get the right to read their own records, and the dates
        follow from those interactions only that are their customers' own.

        Args:
            customer_id: One customer, or None for all of them.
            dry_run: Whether only to tell what would be repaired, and write nothing.
            on_progress: Is told after each customer what was done so far.

        Returns:
            How many customers were looked at, and what was repaired, or would be.

        Raises:
            CustomerNotFoundError: There is no such customer.
            ConfigurationError: The client is signed in as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     ada = await crm.customers.ensure("ada")
            ...     repaired = await crm.customers.reconcile()
            ...     print(repaired.customers, repaired.audit_rows_written)
            1 0
        """
        self._connection.require_key("customers.reconcile")
        reconcile = self._survey if dry_run else self._reconcile_one
        if customer_id is not None:
            return await reconcile(await self.get(customer_id))
        repaired = Reconciliation()
        everyone = iterate_rows(
            self._connection,
            self._tables.customers,
            [],
            OLDEST_FIRST,
            page_size=self._settings.page_size,
        )
        async for customer in everyone:
            repaired += await reconcile(customer)
            if on_progress is not None:
                on_progress(repaired)
        return repaired

    async def _reconcile_one(self, customer: Customer) -> Reconciliation:
        latest_contact = None
        audit_rows_written = 0
        async for own in self._pages_of(customer):
            latest_contact = own[-1].created_at
            audit_rows_written += await write_missing_audit_rows(
                self._connection, self._tables, own
            )
        readable = await self._let_read(customer)
        touched = await self._touch(
            readable, Contact(latest_contact, look_up_follow_up=True), is_fresh=True
        )
        return Reconciliation(
            customers=1,
            dates_moved=int(touched.updated_at != readable.updated_at),
            audit_rows_written=audit_rows_written,
            rights_granted=int(readable.permissions != customer.permissions),
        )

    async def _survey(self, customer: Customer) -> Reconciliation:
        """Tell what `_reconcile_one` would do."""
        latest_contact = None
        audit_rows_missing = 0
        async for own in self._pages_of(customer):
            latest_contact = own[-1].created_at
            audit_rows_missing += len(await missing_audit_rows(self._connection, self._tables, own))
        contact = Contact(latest_contact, look_up_follow_up=True)
        columns = await self._columns_to_write(customer, contact, is_fresh=True)
        return Reconciliation(
            customers=1,
            dates_moved=int(bool(columns)),
            audit_rows_written=audit_rows_missing,
            rights_granted=int(self._wanted_permissions(customer) != customer.permissions),
        )

    async def _pages_of(self, customer: Customer) -> AsyncIterator[list[CustomerInteraction]]:
        """Yield the interactions of exactly this customer, oldest first; no page is empty."""
        pages = iterate_pages(
            self._connection,
            self._tables.interactions,
            [query.equal("customerId", customer.id)],
            OLDEST_FIRST,
            page_size=_RECONCILED_TOGETHER,
        )
        async for page in pages:
            own = [interaction for interaction in page if self._is_of(interaction, customer)]
            if own:
                yield own

    def _is_of(self, interaction: CustomerInteraction, customer: Customer) -> bool:
        """Tell whether an interaction is exactly this customer's, and was forged by nobody."""
        if interaction.customer_id != customer.id:
            return False
        return not self._settings.user_sessions or is_own(interaction.permissions, customer.user_id)
