"""Which rows belong to a customer, if users write with their own sessions.

With `create("users")` on a table, any authenticated user may insert rows that name another
customer, and may change the `customerId` of their own rows. But users cannot grant permissions to
roles they do not have (transcript `permissions-row`). So a row belongs to a customer if it grants
read permission to the customer's user: it was written by that user or with an API key.
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


def owner_permissions(user_id: str) -> list[str]:
    """Return the row permissions of a customer's own user.

    Example:
        >>> owner_permissions("ada")
        ['read("user:ada")', 'update("user:ada")', 'delete("user:ada")']
    """
    return [f'{right}("user:{user_id}")' for right in ("read", "update", "delete")]


def reassigned_permissions(permissions: Sequence[str], to: str) -> list[str]:
    """Return permissions in which those of single users are replaced by those of one user.

    Example:
        >>> reassigned_permissions(['read("user:ada")', 'read("team:sales")'], "bob")
        ['read("team:sales")', 'read("user:bob")', 'update("user:bob")', 'delete("user:bob")']
    """
    own = owner_permissions(to)
    kept = [each for each in permissions if '("user:' not in each]
    return list(permissions) if set(permissions) == {*kept, *own} else [*kept, *own]


def grants_to_others(permissions: Sequence[str], user_id: str) -> bool:
    """Return whether a row grants read permission to single users, but not to this one.

    Example:
        >>> grants_to_others(['read("user:ada")'], "bob"), grants_to_others([], "bob")
        (True, False)
    """
    readers = [each for each in permissions if each.startswith('read("user:')]
    return bool(readers) and read_permission(user_id) not in readers


def is_owned_by(permissions: Sequence[str], owner: str | None) -> bool:
    """Return whether a row belongs to the customer that it names.

    Args:
        permissions: The row's permissions.
        owner: The user of the customer that it names; None or empty if the customer does not exist
            or has no user.

    Example:
        >>> is_owned_by(['read("user:ada")', 'update("user:ada")'], "ada")
        True
        >>> is_owned_by(['read("user:eve")'], "ada"), is_owned_by(['read("users")'], "ada")
        (False, False)
    """
    return bool(owner) and read_permission(str(owner)) in permissions
