# Generated from src/interactions_sdk/_async/access/users.py by scripts/unasync.py; do not edit.
"""Verifying that acting users exist, and that admins have the admin role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.access.admin_team import find_admin_team_problem
from interactions_sdk.caching import Cache
from interactions_sdk.errors import (
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    UserNotFoundError,
)
from interactions_sdk.rules.admin_role import AdminRole, not_an_admin

if TYPE_CHECKING:
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.settings import Settings

__all__ = ["UserDirectory"]

_MISSING_SCOPE_HINT = (
    "verify_users needs an API key with the scope users.read: give the key this scope, or set "
    "Settings(verify_users=False) (INTERACTIONS_VERIFY_USERS=false) if your service "
    "verifies its users itself."
)
_MISSING_SCOPE = "general_unauthorized_scope"


class UserDirectory:
    """Looks up, once, whether an acting user exists and has the admin role."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._has_team = False
        self._verified: Cache[tuple[str, bool], str] = Cache(
            ttl=settings.cache_ttl, size=settings.cache_size
        )

    def verify(self, user_id: str, *, is_admin: bool) -> None:
        """Reject a user who does not exist, or who acts as an admin without being one.

        Raises:
            UserNotFoundError: The user does not exist.
            PermissionDeniedError: The user does not have the admin role, or the API key may not
                read users.
            ConfigurationError: The team of the admin role does not exist.
        """
        if self._verified.get((user_id, is_admin)):
            return
        if not self._settings.verify_users:
            if is_admin:
                self._require_team()
            return
        holds_role = self.has_admin_role(user_id)
        if is_admin and not holds_role:
            self._require_team()
            raise not_an_admin(user_id, self._settings)
        self._verified.put((user_id, is_admin), user_id)

    def _require_team(self) -> None:
        """Reject admins while anyone could create the team of admins."""
        if self._has_team:
            return
        try:
            problem = find_admin_team_problem(self._connection, self._settings)
        except PermissionDeniedError as error:
            if error.type != _MISSING_SCOPE:
                raise
            problem = None  # the key may not read teams; `schema.check` can, with another key
        if problem is not None:
            raise ConfigurationError(problem)
        self._has_team = True

    def has_admin_role(self, user_id: str) -> bool:
        """Return whether a user has the admin role.

        Raises:
            UserNotFoundError: There is no such user.
            PermissionDeniedError: The API key may not read users.
        """
        try:
            return self._has_admin_role(user_id)
        except PermissionDeniedError as error:
            if error.type == _MISSING_SCOPE:
                error.hint = _MISSING_SCOPE_HINT
            raise
        except NotFoundError as error:
            raise _user_not_found(user_id) from error

    def _has_admin_role(self, user_id: str) -> bool:
        role = AdminRole.parse(self._settings.admin_role)
        user = self._connection.send(wire.get_user(user_id))
        if user.id != user_id:  # Appwrite ignores case in IDs
            raise _user_not_found(user_id)
        if role.is_label:
            return role.name in user.labels
        memberships = self._connection.send(wire.list_memberships(user_id))
        return any(each.has_role(role.name) for each in memberships.memberships)


def _user_not_found(user_id: str) -> UserNotFoundError:
    return UserNotFoundError(
        f"User '{user_id}' does not exist in Appwrite.",
        hint="Create the user first, or set Settings(verify_users=False) if your service verifies "
        "users itself.",
    )
