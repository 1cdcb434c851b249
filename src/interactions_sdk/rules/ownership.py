"""Which rows belong to a customer, if users write with their own sessions.

With `create("users")` on a table any signed-in user may insert rows that claim to be another's, and
may change `customerId` of its own. What it cannot do is to grant a right to a role that it does not
have (transcript `permissions-row`). So a row belongs to a customer if it grants reading to the
customer's user: that user wrote it, or an API key did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_own", "read_by"]


def read_by(user_id: str) -> str:
    """Return the permission that lets a user read a row.

    Example:
        >>> read_by("ada")
        'read("user:ada")'
    """
    return f'read("user:{user_id}")'


def is_own(permissions: Sequence[str], owner: str | None) -> bool:
    """Return whether a row is what it claims to be: its customer's own.

    Args:
        permissions: The row's permissions.
        owner: The user of the customer that it claims to belong to; None or empty where there is
            no such customer, or nobody's.

    Example:
        >>> is_own(['read("user:ada")', 'update("user:ada")'], "ada")
        True
        >>> is_own(['read("user:eve")'], "ada"), is_own(['read("users")'], "ada")
        (False, False)
    """
    return bool(owner) and read_by(str(owner)) in permissions
