"""Access rules: a self-service user sees one customer, an admin sees all.

With an API key, Appwrite enforces nothing, so the rules are enforced here, exactly, on every row.
With a user's own session, Appwrite enforces row permissions, and this module checks the rest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from interactions_sdk._async.access.customers import NO_CUSTOMER, no_such_customer
from interactions_sdk.errors import (
    BadRequestError,
    CustomerNotFoundError,
    InteractionNotFoundError,
    OwnershipError,
)
from interactions_sdk.rules.ownership import grants_to_others, is_owned_by
from interactions_sdk.transport.api_key_only import api_key_required

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk._async.access.actors import AsyncActor
    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["AsyncAccess", "AsyncAdminAccess", "AsyncUserAccess"]

_NO_CUSTOMERS: Mapping[str, Customer] = MappingProxyType({})


class AsyncAccess(ABC):
    """What an acting user may see and write."""

    is_admin: ClassVar[bool]
    """Whether the acting user is an admin, who sees the interactions of all customers."""

    def __init__(self, actor: AsyncActor, customers: AsyncCustomerStore) -> None:
        self._actor = actor
        self._customers = customers

    @property
    def user_id(self) -> str:
        """The acting user's ID; empty if it is not known before `verify`."""
        return self._actor.user_id

    @property
    @abstractmethod
    def can_update_customer(self) -> bool:
        """Whether the acting user may update the dates of customers."""
        ...

    async def verify(self) -> None:
        """Reject an acting user who does not exist, or who acts as an admin without being one."""
        await self._actor.verify(is_admin=self.is_admin)

    async def check_session(self) -> None:
        """Raise an error if the session has ended, so an empty response cannot be trusted."""
        await self._actor.check_session()

    @abstractmethod
    async def resolve_customer(
        self, customer_id: str | None, known: Mapping[str, Customer] = _NO_CUSTOMERS
    ) -> Customer:
        """Return the customer that a new interaction belongs to.

        It is looked up among `known` customers, which were just read, before it is requested.
        """
        ...

    @abstractmethod
    async def readable_customers(
        self, customer_ids: tuple[str, ...] | None
    ) -> tuple[str, ...] | None:
        """Return the customers to read, out of those that were requested; None means all."""
        ...

    @abstractmethod
    async def filter_visible(
        self, interactions: list[CustomerInteraction]
    ) -> list[CustomerInteraction]:
        """Return the visible rows among those read for `readable_customers`."""
        ...

    @abstractmethod
    async def can_see(self, interaction: CustomerInteraction) -> bool:
        """Return whether a row that was read by its ID may be shown."""
        ...

    @abstractmethod
    async def not_found(self, message: str) -> InteractionNotFoundError:
        """Return the error for a row that does not exist."""
        ...

    @abstractmethod
    async def require_change(self, interaction: CustomerInteraction) -> None:
        """Reject a change to a row whose customer was given to another user."""
        ...


class AsyncUserAccess(AsyncAccess):
    """A self-service user, who has access to exactly one customer."""

    is_admin = False

    @property
    def can_update_customer(self) -> bool:
        """False: users who could change their customer record could give it to someone else."""
        return not self._actor.is_signed_in

    async def resolve_customer(
        self,
        customer_id: str | None,
        known: Mapping[str, Customer] = _NO_CUSTOMERS,  # noqa: ARG002 - as the base has it
    ) -> Customer:
        """Return the user's own customer; without a record, or for another one, raise an error."""
        own = await self._own_customer()
        if own is None:
            raise self._no_customer()
        if customer_id not in (None, own.id):
            raise _not_owned(customer_id)
        return own

    async def readable_customers(self, customer_ids: tuple[str, ...] | None) -> tuple[str, ...]:
        """Return the user's own customer; empty if there is no record, or none was requested."""
        own = await self._own_customer()
        owned = () if own is None else (own.id,)
        for customer_id in customer_ids or ():
            if customer_id not in owned:
                raise _not_owned(customer_id)
        return owned if customer_ids is None else customer_ids

    async def filter_visible(
        self, interactions: list[CustomerInteraction]
    ) -> list[CustomerInteraction]:
        """Return those that were forged by nobody."""
        if not interactions:
            await self._actor.check_session()
        return [each for each in interactions if self._is_own(each)]

    async def can_see(self, interaction: CustomerInteraction) -> bool:
        """Return whether the interaction belongs to exactly the user's own customer."""
        own = await self._own_customer()
        return own is not None and interaction.customer_id == own.id and self._is_own(interaction)

    async def not_found(self, message: str) -> InteractionNotFoundError:
        """Return the error for another customer's row, after the same number of requests."""
        await self._own_customer()
        return OwnershipError(message)

    async def require_change(self, interaction: CustomerInteraction) -> None:
        """Reject a change to a row that was written for a different user.

        The customer may have been given to another user since it was read, or it was given to this
        user and the row still has the permissions of the previous one. So the customer is read
        again.
        """
        if not grants_to_others(interaction.permissions, self.user_id):
            return
        customer = await self._customers.get(interaction.customer_id)
        if customer.user_id != self.user_id:
            raise OwnershipError(
                f"Row with the requested ID '{interaction.id}' could not be found."
            )

    def _is_own(self, interaction: CustomerInteraction) -> bool:
        return not self._customers.verifies_owners or is_owned_by(
            interaction.permissions, self.user_id
        )

    async def _own_customer(self) -> Customer | None:
        own = await self._customers.get_cached_by_user_id(self.user_id)
        if own is None:
            await self._actor.check_session()
        return own

    def _no_customer(self) -> CustomerNotFoundError:
        error = CustomerNotFoundError(NO_CUSTOMER)
        if self._actor.is_signed_in:
            error.hint = (
                "If it exists, the user lacks permission to read it: run crm.customers.ensure() or "
                "reconcile() with an API key and Settings(user_sessions=True)."
            )
        return error


class AsyncAdminAccess(AsyncAccess):
    """An admin: any customer."""

    is_admin = True

    @property
    def can_update_customer(self) -> bool:
        """True: the admin role may change customers."""
        return True

    async def resolve_customer(
        self, customer_id: str | None, known: Mapping[str, Customer] = _NO_CUSTOMERS
    ) -> Customer:
        """Return the customer that was named.

        Raises:
            BadRequestError: None was named.
            CustomerNotFoundError: There is no such customer.
            ConfigurationError: An authenticated admin is not the customer's user, and Appwrite does
                not let the admin grant that user permission to read the interaction.
        """
        if customer_id is None:
            raise BadRequestError(
                "Admins must pass customer_id=: they have no customer record of their own."
            )
        customer = known.get(customer_id) or await self._customers.get_cached(customer_id)
        if self._actor.is_signed_in and customer.user_id != self.user_id:
            raise api_key_required("as_admin().create")
        return customer

    async def readable_customers(
        self, customer_ids: tuple[str, ...] | None
    ) -> tuple[str, ...] | None:
        """Return the requested customers."""
        return customer_ids

    async def filter_visible(
        self, interactions: list[CustomerInteraction]
    ) -> list[CustomerInteraction]:
        """Return those that were forged by nobody."""
        if not interactions:
            await self._actor.check_session()
        return await self._customers.filter_owned(interactions)

    async def can_see(self, interaction: CustomerInteraction) -> bool:
        """Return whether the interaction was forged by nobody."""
        return bool(await self._customers.filter_owned([interaction]))

    async def require_change(self, interaction: CustomerInteraction) -> None:
        """Accept any row, because the customer's user does not matter."""

    async def not_found(self, message: str) -> InteractionNotFoundError:
        """Return the error; nothing is hidden from an admin."""
        return InteractionNotFoundError(message)


def _not_owned(customer_id: str | None) -> OwnershipError:
    return OwnershipError(no_such_customer(str(customer_id)).message)
