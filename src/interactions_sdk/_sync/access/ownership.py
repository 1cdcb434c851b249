# Generated from src/interactions_sdk/_async/access/ownership.py by scripts/unasync.py; do not edit.
"""Applying the rules of `interactions_sdk.rules.ownership` to rows that were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from interactions_sdk.rules.ownership import is_owned_by

if TYPE_CHECKING:
    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.settings import Settings

__all__ = ["OwnershipFilter"]

InteractionT = TypeVar("InteractionT", bound="CustomerInteraction")


class OwnershipFilter:
    """Ignores interactions that do not belong to their customers, where users write rows.

    Attributes:
        applies: Whether users write rows; rows written only with a key can be trusted.
    """

    def __init__(self, settings: Settings, customers: CustomerStore) -> None:
        self.enabled = settings.user_sessions
        self._customers = customers

    def filter_owned(self, interactions: list[InteractionT]) -> list[InteractionT]:
        """Return the interactions that belong to their customers; all, if only a key writes.

        Customers that are not cached are read a hundred per request.
        """
        if not self.enabled or not interactions:
            return interactions
        owners = self._customers.owner_ids(each.customer_id for each in interactions)
        return [
            each
            for each in interactions
            if is_owned_by(each.permissions, owners.get(each.customer_id))
        ]
