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

__all__ = ["grants_to_others", "is_owned_by", "read_permission", "reassigned_permissions"]


def read_permission(user_id: str) -> str:
    """Return the permission that lets a user read a row.

    Example:
        >>> read_permission("ada")
        'read("user:ada")'
    """
    return f'read("user:{user_id}")'


def reassigned_permissions(permissions: Sequence[str], to: str) -> list[str]:
    """Return permissions with those of single users replaced by those of one.

    Example:
        >>> reassigned_permissions(['read("user:ada")', 'read("team:sales")'], "bob")
        ['read("team:sales")', 'read("user:bob")', 'update("user:bob")', 'delete("user:bob")']
    """
    own = [f'{right}("user:{to}")' for right in ("read", "update", "delete")]
    kept = [each for each in permissions if '("user:' not in each]
    return list(permissions) if set(permissions) == {*kept, *own} else [*kept, *own]


def grants_to_others(permissions: Sequence[str], user_id: str) -> bool:
    """Return whether a row grants reading to users, and not to this one.

    Example:
        >>> grants_to_others(['read("user:ada")'], "bob"), grants_to_others([], "bob")
        (True, False)
    """
    readers = [each for each in permissions if each.startswith('read("user:')]
    return bool(readers) and read_permission(user_id) not in readers


def is_owned_by(permissions: Sequence[str], owner: str | None) -> bool:
    """Return whether a row is what it claims to be: its customer's own.

    Args:
        permissions: The row's permissions.
        owner: The user of the customer that it claims to belong to; None or empty where there is
            no such customer, or nobody's.

    Example:
        >>> is_owned_by(['read("user:ada")', 'update("user:ada")'], "ada")
        True
        >>> is_owned_by(['read("user:eve")'], "ada"), is_owned_by(['read("users")'], "ada")
        (False, False)
    """
    return bool(owner) and read_permission(str(owner)) in permissions
