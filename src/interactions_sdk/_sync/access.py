# Generated from src/interactions_sdk/_async/access.py by scripts/unasync.py; do not edit.
"""Who may do what: a self-service user sees one customer, an admin sees all.

With an API key Appwrite enforces nothing, so it is enforced here, to the letter, on every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from interactions_sdk import wire
from interactions_sdk._sync.customers import NO_CUSTOMER, no_such_customer
from interactions_sdk.caching import Cache
from interactions_sdk.errors import (
    BadRequestError,
    CustomerNotFoundError,
    NotFoundError,
    OwnershipError,
    PermissionDeniedError,
    UserNotFoundError,
)
from interactions_sdk.identifiers import check_id

if TYPE_CHECKING:
    from interactions_sdk._sync.connection import Connection
    from interactions_sdk._sync.customers import Customers
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.settings import Settings

__all__ = ["Access", "AdminAccess", "UserAccess", "UserDirectory"]

_NO_USERS_READ = (
    "verify_users needs an API key with the scope users.read: give the key this scope, or set "
    "Settings(verify_users=False) (INTERACTIONS_VERIFY_USERS=false) where your service has "
    "verified its users itself."
)
_LACKS_A_SCOPE = "general_unauthorized_scope"


class UserDirectory:
    """Looks up, once, whether an acting user exists and whether it carries the admin role."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._verified: Cache[tuple[str, bool], str] = Cache(
            ttl=settings.cache_ttl, size=settings.cache_size
        )

    def verify(self, user_id: str, *, is_admin: bool) -> None:
        """Refuse a user that does not exist, or an admin that is none.

        Raises:
            UserNotFoundError: There is no such user.
            PermissionDeniedError: The user does not carry the admin role, or the API key may not
                read users.
        """
        if not self._settings.verify_users or self._verified.get((user_id, is_admin)):
            return
        try:
            holds_role = self._holds_admin_role(user_id)
        except PermissionDeniedError as error:
            if error.type == _LACKS_A_SCOPE:
                error.hint = _NO_USERS_READ
            raise
        except NotFoundError as error:
            raise _no_such_user(user_id) from error
        if is_admin and not holds_role:
            raise PermissionDeniedError(
                f"User '{user_id}' is no admin.",
                hint=f"An admin carries the role {self._settings.admin_role} in Appwrite.",
            )
        self._verified.put((user_id, is_admin), user_id)

    def _holds_admin_role(self, user_id: str) -> bool:
        kind, name = self._settings.admin_role.split(":", maxsplit=1)
        user = self._connection.send(wire.get_user(user_id))
        if user.id != user_id:  # Appwrite ignores case in ids
            raise _no_such_user(user_id)
        if kind == "label":
            return name in user.labels
        team_id, _, role = name.partition("/")
        memberships = (self._connection.send(wire.list_memberships(user_id))).memberships
        return any(
            membership.confirm
            and membership.team_id == team_id
            and (not role or role in membership.roles)
            for membership in memberships
        )


class Access(Protocol):
    """What an acting user may see and write."""

    user_id: str

    def verify(self) -> None:
        """Refuse an acting user who does not exist, or an admin who is none."""
        ...

    def customer_for_create(self, customer_id: str | None) -> Customer:
        """Return the customer that a new interaction belongs to."""
        ...

    def readable_customers(self, customer_ids: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return the customers to read, out of those that were asked for; None means all."""
        ...

    def may_see(self, interaction: CustomerInteraction) -> bool:
        """Tell whether a row that was read may be shown."""
        ...


class UserAccess:
    """A self-service user: everything is about the one customer whose user it exactly is."""

    def __init__(self, user_id: str, customers: Customers, directory: UserDirectory) -> None:
        self.user_id = check_id(user_id, "user id")
        self._customers = customers
        self._directory = directory

    def verify(self) -> None:
        """Refuse a user that does not exist."""
        self._directory.verify(self.user_id, is_admin=False)

    def customer_for_create(self, customer_id: str | None) -> Customer:
        """Return the user's own customer.

        Raises:
            CustomerNotFoundError: The user has no customer record.
            OwnershipError: Another customer was asked for.
        """
        own = self._customers.known_by_user_id(self.user_id)
        if own is None:
            raise CustomerNotFoundError(NO_CUSTOMER)
        if customer_id not in (None, own.id):
            raise _not_ones_own(customer_id)
        return own

    def readable_customers(self, customer_ids: tuple[str, ...] | None) -> tuple[str, ...]:
        """Return the user's own customer, or none where there is no record.

        Raises:
            OwnershipError: Another customer was asked for.
        """
        own = self._customers.known_by_user_id(self.user_id)
        owned = () if own is None else (own.id,)
        for customer_id in customer_ids or ():
            if customer_id not in owned:
                raise _not_ones_own(customer_id)
        return owned

    def may_see(self, interaction: CustomerInteraction) -> bool:
        """Tell whether the interaction is the own customer's, to the letter."""
        own = self._customers.known_by_user_id(self.user_id)
        return own is not None and interaction.customer_id == own.id


class AdminAccess:
    """An admin: any customer."""

    def __init__(self, user_id: str, customers: Customers, directory: UserDirectory) -> None:
        self.user_id = check_id(user_id, "user id")
        self._customers = customers
        self._directory = directory

    def verify(self) -> None:
        """Refuse a user that does not exist or is no admin."""
        self._directory.verify(self.user_id, is_admin=True)

    def customer_for_create(self, customer_id: str | None) -> Customer:
        """Return the customer that was named.

        Raises:
            BadRequestError: None was named.
            CustomerNotFoundError: There is no such customer.
        """
        if customer_id is None:
            raise BadRequestError("An admin has no customer of its own: give customer_id=.")
        return self._customers.known(customer_id)

    def readable_customers(self, customer_ids: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return the customers that were asked for."""
        return customer_ids

    def may_see(self, interaction: CustomerInteraction) -> bool:  # noqa: ARG002 - all
        """Tell that an admin sees every interaction."""
        return True


def _no_such_user(user_id: str) -> UserNotFoundError:
    return UserNotFoundError(
        f"User '{user_id}' does not exist in Appwrite.",
        hint="Create the user first, or set Settings(verify_users=False).",
    )


def _not_ones_own(customer_id: str | None) -> OwnershipError:
    return OwnershipError(no_such_customer(str(customer_id)).message)
