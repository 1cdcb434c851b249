"""Messages about users with more than one customer record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["duplicate_customers_problem"]


def duplicate_customers_problem(user_id: str, customer_ids: Iterable[str]) -> str:
    """Describe a user with two or more customer records, and how to merge them.

    Example:
        >>> duplicate_customers_problem("ada", ["c1", "c2"])
        "The user 'ada' has 2 customer records, 'c1' and 'c2': merge them ..."
    """
    names = sorted(repr(each) for each in customer_ids)
    return (
        f"The user {user_id!r} has {len(names)} customer records, {', '.join(names[:-1])} and "
        f"{names[-1]}: merge them (set customerId of the interactions and audit rows of one to "
        "the other's ID, delete the empty record, and run crm.customers.reconcile()), or give one "
        "of them to another user with crm.customers.reassign()."
    )
