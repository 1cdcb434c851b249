# Generated from src/interactions_sdk/_async/customers.py by scripts/unasync.py; do not edit.
"""Customer records, and the two dates that depend on their interactions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.access.customers import NO_CUSTOMER
from interactions_sdk._sync.connection.rows import (
    OLDEST_FIRST,
    iterate_rows,
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
from interactions_sdk.rules.ownership import read_permission
from interactions_sdk.transport.retry import waiting_out_outages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk._sync.access.users import UserDirectory
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.reassignment import Reassignment
    from interactions_sdk._sync.writing.reconciliation import Reconciler
    from interactions_sdk.models.customer import Customer

__all__ = ["Customers"]


class Customers:
    """The customers of a project: `crm.customers`."""

    def __init__(
        self,
        project: Project,
        *,
        store: CustomerStore,
        users: UserDirectory,
        reconciliation: Reconciler,
        reassignment: Reassignment,
    ) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._store = store
        self._users = users
        self._reconciliation = reconciliation
        self._reassignment = reassignment

    def create(
        self,
        user_id: str,
        *,
        id: str | None = None,
        **columns: object,
    ) -> Customer:
        """Create the customer record of a user.

        Args:
            user_id: The self-service user that the record belongs to.
            id: The record's ID (default: derived from the user ID).
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
            ...     customer = crm.customers.create(user_id="ada")
            ...     customer.user_id
            'ada'
        """
        validate_id(user_id, "user id")
        self._connection.require_api_key("customers.create")
        if self._store.find_by_user_id(user_id) is not None:
            raise ConflictError(
                f"User '{user_id}' already has a customer record.",
                type="row_already_exists",
                hint="Read it with customers.get_by_user_id(), or use customers.ensure().",
            )
        return self._create(user_id, id or customer_id_for_user(user_id), columns)

    def _create(self, user_id: str, customer_id: str, columns: Mapping[str, object]) -> Customer:
        self._users.verify(user_id, is_admin=False)
        data: dict[str, object] = {
            name: format_datetime(value) if isinstance(value, datetime) else value
            for name, value in columns.items()
        }
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

    def ensure(self, user_id: str, **columns: object) -> Customer:
        """Return the customer record of a user, and create it if there is none.

        Concurrent callers get the same record, because its ID is derived from the user ID. Before
        it is created, the user is looked up, with one request (`Settings.verify_users`). With
        `Settings(user_sessions=True)`, the user can read the record from then on.

        Args:
            user_id: The self-service user.
            columns: The other columns of a new record; they change nothing in an existing one.

        Returns:
            The record, as it is now.

        Raises:
            UserNotFoundError: There is none, and the user does not exist in Appwrite; nothing was
                written. Not raised with `Settings(verify_users=False)`.
            BadRequestError: Appwrite rejected the columns.
            ConfigurationError: There is none, and the client is authenticated as a user.

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
            return self._create(user_id, customer_id_for_user(user_id), columns)
        except ConflictError as error:
            made_meanwhile = self._store.find_by_user_id(user_id)
            if made_meanwhile is None:
                error.hint = (
                    "Another user's record has the same ID: the two user IDs differ only in "
                    "case, accents or trailing spaces, which Appwrite's unique index ignores."
                )
                raise
            return made_meanwhile

    def get(self, id: str) -> Customer:
        """Return a customer by its id, as it is now.

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
        """Return the customer record of a user, as it is now.

        Args:
            user_id: The self-service user, compared exactly.

        Raises:
            CustomerNotFoundError: The user has none.
            SchemaError: The user has more than one.

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

    def reassign(
        self,
        customer_id: str,
        *,
        to: str,
        on_progress: Callable[[int], object] | None = None,
    ) -> Customer:
        """Give a customer to another user, with the permissions on its interactions.

        First the customer's user is changed, and then the permissions of its interactions, up to
        100 in a transaction. If it is interrupted, call it again: it continues. Clients that
        remember the customer let the former user read for up to `Settings.cache_ttl` seconds; what
        it writes in that time is refused.

        Args:
            customer_id: The record's id, not the user's.
            to: The user that it is given to.
            on_progress: Called after each step with the number of interactions rewritten so far.

        Returns:
            The customer as it is now.

        Raises:
            CustomerNotFoundError: There is no such customer.
            UserNotFoundError: The user does not exist in Appwrite; nothing was written. Not raised
                with `Settings(verify_users=False)`.
            ConflictError: The user has a customer record already, or the record was changed.
            ConfigurationError: The client is signed in as a user.

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

        `lastContactAt` never goes back. It can be run at any time, also repeatedly. With
        `Settings(user_sessions=True)`, users get permission to read their own records, and the
        dates depend only on interactions that belong to their customers.

        Args:
            customer_id: One customer, or None for all of them.
            dry_run: Whether only to report what would be repaired, and write nothing.
            on_progress: Called after each customer with the result so far.

        Returns:
            How many customers were checked, and what was repaired, or would be.

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
            everyone = iterate_rows(
                self._connection,
                self._tables.customers,
                [],
                OLDEST_FIRST,
                page_size=self._settings.page_size,
            )
            for customer in everyone:
                repaired += reconcile(customer)
                if on_progress is not None:
                    on_progress(repaired)
            return repaired
