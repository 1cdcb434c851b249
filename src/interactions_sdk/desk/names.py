"""What customers are called, for a list of interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk import CustomerNotFoundError
from interactions_sdk.desk.rendering import customer_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from interactions_sdk.desk.visit import Visit

__all__ = ["customer_names"]


async def customer_names(visit: Visit, customer_ids: Collection[str]) -> Mapping[str, str]:
    """Return the names by ID, with one request; an ID that belongs to no customer is left out."""
    if len(customer_ids) != 1:
        return {}
    [only] = customer_ids
    try:
        customer = await visit.crm.customers.get(only)
    except CustomerNotFoundError:
        return {}
    return {only: customer_name(customer)}
