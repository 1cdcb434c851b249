# Generated from src/interactions_sdk/_async/customers.py by scripts/unasync.py; do not edit.
"""Customer records, and the two dates that depend on their interactions."""

from __future__ import annotations

from datetime import datetime
from types import EllipsisType
from typing import TYPE_CHECKING, Unpack

from interactions_sdk import wire
from interactions_sdk._sync.access.customers import NO_CUSTOMER
from interactions_sdk._sync.connection.rows import OLDEST_FIRST, iterate_rows
from interactions_sdk._sync.customer_reader import CustomerReader
from interactions_sdk._sync.writing.reassignment import Reassignment
from interactions_sdk._sync.writing.reconciliation import Reconciler
from interactions_sdk.arguments import check_integer
from interactions_sdk.calendars import parse_time
from interactions_sdk.customer_filters import (
    CustomerFilters,
    CustomerSort,
    parse_customer_filters,
    parse_customer_order,
    parse_search,
)
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    CustomerNotFoundError,
    mark_possibly_applied,
)
from interactions_sdk.identifiers import customer_id_for_user, validate_id
from interactions_sdk.models.reconciliation import Reconciliation
from interactions_sdk.rules.customer_columns import check_updated_columns, contact_columns
from interactions_sdk.rules.ownership import read_permission
from interactions_sdk.signatures import spell_out
from interactions_sdk.transport.retry import waiting_out_outages
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk._sync.access.users import UserDirectory
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.customer_dates import CustomerDates
    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.customer_filters import CustomerFilter, CustomerOrder
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.page import Page

__all__ = ["Customers"]


class Customers:
    """The customers of a project: `crm.customers`."""

    def __init__(
        self,
        project: Project,
        *,
        account: Account,
        store: CustomerStore,
        dates: CustomerDates,
        users: UserDirectory,
    ) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._store = store
        self._reader = CustomerReader(project, account)
        self._users = users
        self._reconciliation = Reconciler(project, store, dates)
        self._reassignment = Reassignment(project, store)

    def create(
        self,
        user_id: str,
        *,
        id: str | None = None,
        name: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        **columns: object,
    ) -> Customer:
        """Create the customer record of a user.

        Args:
            user_id: The self-service user that the record belongs to.
            id: The record's ID (default: derived from the user ID).
            name: The customer's name, at most 200 characters in a table created by this library.
            email: The email address, at most 320 characters.
            phone: The phone number, at most 64 characters, in any format.
            columns: Values for your own columns of the customers table.

        Raises:
            ConflictError: The user already has a record.
            UserNotFoundError: The user does not exist in Appwrite; nothing was written. Not raised
                with `Settings(verify_users=False)`.
            BadRequestError: Appwrite rejected the columns: a required one is missing, or one does
                not exist.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.create(user_id="ada", name="Ada Lovelace")
            ...     print(customer.user_id, customer.name)
            ada Ada Lovelace
        """
        validate_id(user_id, "user id")
        self._connection.require_api_key("customers.create")
        if self._store.find_by_user_id(user_id) is not None:
            raise ConflictError(
                f"User '{user_id}' already has a customer record.",
                type="row_already_exists",
                hint="Read it with customers.get_by_user_id(), or use customers.ensure().",
            )
        contact = self._contact(name, email, phone)
        return self._create(user_id, id or customer_id_for_user(user_id), {**columns, **contact})

    def _contact(self, name: str | None, email: str | None, phone: str | None) -> dict[str, object]:
        """Return the columns of a new customer for the given texts."""
        texts = {"name": name, "email": email, "phone": phone}
        return contact_columns(
            {field: text for field, text in texts.items() if text is not None},
            self._settings.customer_columns,
        )

    def _create(self, user_id: str, customer_id: str, columns: Mapping[str, object]) -> Customer:
        self._users.verify(user_id, is_admin=False)
        data = _to_data(columns)
        data[self._settings.customer_columns.user_id] = user_id
        if self._settings.user_sessions:
            data["$permissions"] = [read_permission(user_id)]
        call = wire.create_row(self._tables.customers, customer_id, data)
        try:
            customer = self._connection.send(call)
        except ConflictError as error:
            with mark_possibly_applied(applied=error.may_have_landed):
                existing = self._store.find_by_user_id(user_id)
            if existing is None or not error.may_have_landed:
                raise
            customer = existing
        except BadRequestError as error:
            error.hint = (
                "Pass the columns that the customers table requires, and no others than it has, as "
                'in customers.ensure("ada", name="Ada"); or make them optional in the Appwrite '
                "console."
            )
            raise
        return self._store.cache_for_user(customer)

    def ensure(
        self,
        user_id: str,
        *,
        name: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        **columns: object,
    ) -> Customer:
        """Return the customer record of a user, and create it if there is none.

        Concurrent callers get the same record, because its ID is derived from the user ID. Before
        creating it, the user is looked up with one request (`Settings.verify_users`). With
        `Settings(user_sessions=True)`, the user can read the record from then on.

        Args:
            user_id: The self-service user.
            name: The name of a new customer. An existing record is not changed; this also applies
                to the following arguments.
            email: The email address of a new customer.
            phone: The phone number of a new customer.
            columns: The other columns of a new record.

        Returns:
            The record, as it is now.

        Raises:
            UserNotFoundError: There is no record, and the user does not exist in Appwrite; nothing
                was written. Not raised with `Settings(verify_users=False)`.
            BadRequestError: Appwrite rejected the columns.
            ConfigurationError: There is no record, and the client is authenticated as a user.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     first = crm.customers.ensure("ada")
            ...     again = crm.customers.ensure("ada")
            ...     print(first.id == again.id)
            True
        """
        validate_id(user_id, "user id")
        existing = self._store.find_by_user_id(user_id)
        if existing is not None:
            return self._reconciliation.grant_read(existing)
        self._connection.require_api_key("customers.create")
        try:
            contact = self._contact(name, email, phone)
            return self._create(user_id, customer_id_for_user(user_id), {**columns, **contact})
        except ConflictError as error:
            created_meanwhile = self._store.find_by_user_id(user_id)
            if created_meanwhile is None:
                error.hint = (
                    "Another user's record has the same ID: the two user IDs differ only in "
                    "case, accents or trailing spaces, which Appwrite's unique index ignores."
                )
                raise
            return created_meanwhile

    def get(self, id: str) -> Customer:
        """Return a customer by its ID, read from the server.

        Args:
            id: The record's ID, not the user's.

        Raises:
            CustomerNotFoundError: No record has exactly this ID.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada")
            ...     customer = crm.customers.get(ada.id)
            ...     print(customer.user_id)
            ada
        """
        return self._store.get(id)

    def get_by_user_id(self, user_id: str) -> Customer:
        """Return the customer record of a user, read from the server.

        Args:
            user_id: The self-service user, compared exactly.

        Raises:
            CustomerNotFoundError: The user has no record.
            SchemaError: The user has more than one record.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada")
            ...     customer = crm.customers.get_by_user_id("ada")
            ...     print(customer.last_contact_at)
            None
        """
        customer = self._store.find_by_user_id(user_id)
        if customer is None:
            raise CustomerNotFoundError(NO_CUSTOMER)
        return customer

    def update(
        self,
        id: str,
        *,
        name: str | EllipsisType | None = ...,
        email: str | EllipsisType | None = ...,
        phone: str | EllipsisType | None = ...,
        if_unchanged_since: TimeLike | None = None,
        **columns: object,
    ) -> Customer:
        """Change the given columns of a customer; None clears a column.

        To change the user, use `reassign`. The two dates are calculated from the interactions.

        Args:
            id: The record's ID, not the user's.
            name: The customer's name.
            email: The email address.
            phone: The phone number.
            if_unchanged_since: The `updated_at` that the change is based on. Logging an interaction
                changes it too.
            columns: Values for your own columns of the customers table.

        Returns:
            The customer as it is now.

        Raises:
            CustomerNotFoundError: No record has exactly this ID.
            ConflictError: The record was changed after `if_unchanged_since`.
            BadRequestError: No column was passed, or one that this library maintains; or Appwrite
                rejected the columns.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada", name="Ada")
            ...     ada = crm.customers.update(ada.id, email="ada@example.org")
            ...     print(ada.name, ada.email)
            Ada ada@example.org
        """
        self._connection.require_api_key("customers.update")
        names = self._settings.customer_columns
        fields = {"name": name, "email": email, "phone": phone}
        texts = {
            field: text for field, text in fields.items() if not isinstance(text, EllipsisType)
        }
        check_updated_columns(columns, names)
        changes = {**columns, **contact_columns(texts, names)}
        if not changes:
            raise BadRequestError("Pass at least one column to update, such as name=.")
        if if_unchanged_since is not None:
            if_unchanged_since = parse_time(
                if_unchanged_since, "if_unchanged_since", self._settings.time_zone
            )
        current = self._store.get(id)
        call = wire.update_row(
            self._tables.customers,
            current.id,
            _to_data(changes),
            if_unmodified_since=if_unchanged_since,
        )
        try:
            updated = self._connection.send(call)
        except ConflictError as error:
            if not error.may_have_landed:
                raise
            with mark_possibly_applied():
                updated = self._store.get(id)
            if not _has(updated, texts, _to_data(columns)):
                raise
        return self._store.cache(updated)

    @spell_out(CustomerFilters, default=None)
    def find(
        self,
        *,
        order_by: CustomerSort = "created",
        descending: bool | None = None,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
        **filters: Unpack[CustomerFilters],
    ) -> Page[Customer]:
        """Return one page of customers; a loop over it continues with the next pages.

        With an API key, it reads the customers of all users, so show them to admins only. A client
        that is authenticated as a user without the admin role finds only its own record.

        A page takes one request, or two where the customers without a date or a name begin; these
        are always last.

        Args:
            order_by: `created`, `last_contact`, `next_follow_up` or `name`.
            descending: Whether the latest date or the last name comes first (default: yes for
                `created` and `last_contact`, no for `next_follow_up` and `name`).
            limit: Maximum number of customers, 1 to 5,000.
            after: The `next_cursor` of a page with the same filters and order.
            with_total: Whether to count all of them, with one more request.
            filters: See `CustomerFilters`.

        Raises:
            BadRequestError: An argument is invalid, the cursor belongs to another list, or the
                table has no column for names.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     for user_id, name in (("ada", "Ada"), ("bob", "Bob")):
            ...         customer = crm.customers.create(user_id, name=name)
            ...     page = crm.customers.find(order_by="name")
            ...     print([customer.name for customer in page.items])
            ['Ada', 'Bob']
        """
        _check_limit(limit)
        customer_filter, order = self._parse(filters, order_by, descending)
        return self._reader.find(
            customer_filter, order, limit=limit, after=after, with_total=with_total
        )

    @spell_out(CustomerFilters, default=None)
    def iterate(
        self,
        *,
        order_by: CustomerSort = "created",
        descending: bool | None = None,
        **filters: Unpack[CustomerFilters],
    ) -> Iterator[Customer]:
        """Return an iterator over all customers, which reads page by page.

        Sorted by `created` or `name`, every customer is yielded once. Sorted by a date, a customer
        whose date changes in the meantime may be missed or yielded twice.

        Args:
            order_by: As in `find`.
            descending: As in `find`.
            filters: See `CustomerFilters`.

        Raises:
            BadRequestError: An argument is invalid.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada", name="Ada")
            ...     for customer in crm.customers.iterate():
            ...         print(customer.display_name)
            Ada
        """
        return self._reader.iterate(*self._parse(filters, order_by, descending))

    def search(
        self,
        text: str | None = None,
        *,
        email: str | None = None,
        order_by: CustomerSort = "created",
        descending: bool | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> Page[Customer]:
        """Return one page of the customers that match every word of a text, or an email address.

        A word may be anywhere in the name, the email address, the phone number or the user ID; case
        and accents are ignored. As with `find`, show the results to admins only.

        Args:
            text: The words, at most 20.
            email: The whole email address, compared as the server compares text: on MariaDB, case
                does not matter.
            order_by: As in `find`.
            descending: As in `find`.
            limit: Maximum number of customers, 1 to 5,000.
            after: The `next_cursor` of a page from the same search.

        Raises:
            BadRequestError: An argument is invalid, the cursor belongs to another list, or the
                table has no column for email addresses.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("u17", name="Ada", email="ada@example.org")
            ...     for page in (
            ...         crm.customers.search("example.org ada"),
            ...         crm.customers.search(email="ada@example.org"),
            ...     ):
            ...         print([customer.name for customer in page.items])
            ['Ada']
            ['Ada']
        """
        _check_limit(limit)
        order = parse_customer_order(order_by, descending, self._settings.customer_columns)
        customer_filter = parse_search(text, email, self._settings.customer_columns)
        return self._reader.find(customer_filter, order, limit=limit, after=after)

    @spell_out(CustomerFilters, default=None)
    def count(self, **filters: Unpack[CustomerFilters]) -> int:
        """Return the exact number of customers.

        Args:
            filters: See `CustomerFilters`.

        Raises:
            BadRequestError: A filter is invalid.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada")
            ...     print(crm.customers.count(no_contact_since="2026-01-01"))
            1
        """
        return self._reader.count(self._parse(filters, "created", None)[0])

    def _parse(
        self, filters: CustomerFilters, order_by: object, descending: object
    ) -> tuple[CustomerFilter, CustomerOrder]:
        columns = self._settings.customer_columns
        customer_filter = parse_customer_filters(filters, columns, self._settings.time_zone)
        return customer_filter, parse_customer_order(order_by, descending, columns)

    def names(self, customer_ids: Iterable[str]) -> dict[str, str]:
        """Return the names to show for customers, by their IDs; see `Customer.display_name`.

        It makes one request for every 100 customers that were not read within the last
        `Settings.cache_ttl` seconds. Customers that do not exist are left out.

        The names are text that anyone may have typed, so escape them where they are shown.

        Args:
            customer_ids: The IDs; duplicates are allowed.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.create("ada", id="c1", name="Ada")
            ...     print(crm.customers.names(["c1", "c2"]))
            {'c1': 'Ada'}
        """
        return self._store.display_names(customer_ids)

    def reassign(
        self,
        customer_id: str,
        *,
        to: str,
        on_progress: Callable[[int], object] | None = None,
    ) -> Customer:
        """Give a customer to another user, with the permissions on its interactions.

        First the customer's user is changed, and then the permissions of its interactions, up to
        100 in a transaction. If it is interrupted, call it again: it continues. Clients that have
        cached the customer let the former user read for up to `Settings.cache_ttl` seconds; writes
        in that time are refused.

        Args:
            customer_id: The record's ID, not the user's.
            to: The ID of the new user.
            on_progress: Called after each step with the number of interactions rewritten so far.

        Returns:
            The customer as it is now.

        Raises:
            CustomerNotFoundError: No customer has this ID.
            UserNotFoundError: The user does not exist in Appwrite; nothing was written. Not raised
                with `Settings(verify_users=False)`.
            ConflictError: The user already has a customer record, or the record was changed.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada")
            ...     moved = crm.customers.reassign(ada.id, to="bob")
            ...     print(moved.user_id)
            bob
        """
        validate_id(to, "user id")
        self._connection.require_api_key("customers.reassign")
        customer = self._store.get(customer_id)
        other = self._store.find_by_user_id(to)
        if other is not None and other.id != customer.id:
            raise ConflictError(
                f"User '{to}' already has a customer record.",
                type="row_already_exists",
                hint="Erase or reassign that record first.",
            )
        self._users.verify(to, is_admin=False)
        return self._reassignment.reassign(customer, to, on_progress)

    def reconcile(
        self,
        customer_id: str | None = None,
        *,
        dry_run: bool = False,
        on_progress: Callable[[Reconciliation], object] | None = None,
    ) -> Reconciliation:
        """Repair what a failure left behind: the dates of customers, and missing audit rows.

        `lastContactAt` never goes back. You can run it at any time, and repeatedly. With
        `Settings(user_sessions=True)`, users get permission to read their own records, and the
        dates depend only on interactions that belong to their customers.

        Args:
            customer_id: One customer, or None for all of them.
            dry_run: Whether only to report what would be repaired, and write nothing.
            on_progress: Called after each customer with the result so far.

        Returns:
            How many customers were checked, and what was repaired or would be repaired.

        Raises:
            CustomerNotFoundError: No customer has this ID.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.ensure("ada")
            ...     repaired = crm.customers.reconcile()
            ...     print(repaired.customers_checked, repaired.audit_rows_added)
            1 0
        """
        self._connection.require_api_key("customers.reconcile")
        with waiting_out_outages():
            reconcile = self._reconciliation.dry_run if dry_run else self._reconciliation.reconcile
            if customer_id is not None:
                return reconcile(self._store.get(customer_id))
            repaired = Reconciliation()
            customers = iterate_rows(
                self._connection,
                self._tables.customers,
                [],
                OLDEST_FIRST,
                page_size=self._settings.page_size,
            )
            for customer in customers:
                repaired += reconcile(customer)
                if on_progress is not None:
                    on_progress(repaired)
            return repaired


def _to_data(columns: Mapping[str, object]) -> dict[str, object]:
    return {
        name: format_datetime(value) if isinstance(value, datetime) else value
        for name, value in columns.items()
    }


def _has(
    customer: Customer, texts: Mapping[str, str | None], columns: Mapping[str, object]
) -> bool:
    """Return whether a customer has these texts, by field, and these values of other columns."""
    others = customer.model_extra or {}
    return all(getattr(customer, field) == text for field, text in texts.items()) and all(
        others.get(column) == value for column, value in columns.items()
    )


def _check_limit(limit: object) -> None:
    check_integer(
        limit, "limit", minimum=1, maximum=query.MAX_LIMIT, hint="Use iterate() to read all."
    )
