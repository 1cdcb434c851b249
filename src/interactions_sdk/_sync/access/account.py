# Generated from src/interactions_sdk/_async/access/account.py by scripts/unasync.py; do not edit.
"""The account that a client is authenticated as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk.errors import SESSION_ENDED, NotFoundError, PermissionDeniedError
from interactions_sdk.rules.admin_role import AdminRole, not_an_admin

if TYPE_CHECKING:
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.settings import Settings
    from interactions_sdk.wire import User

__all__ = ["Account"]

_MISSING_SCOPE = "general_unauthorized_scope"


class Account:
    """The authenticated account, read when it is first needed and then cached."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._user: User | None = None
        self._is_admin = False

    @property
    def user_id(self) -> str:
        """The account's ID; before it is read, the ID in the JWT or session, or an empty string."""
        if self._user is not None:
            return self._user.id
        return self._connection.claimed_user_id or ""

    def require_user(self, expected_id: str | None) -> None:
        """Reject another user's ID.

        Raises:
            PermissionDeniedError: Another user is known to be authenticated.
        """
        if expected_id is not None and self.user_id not in {"", expected_id}:
            raise PermissionDeniedError(
                f"This client is authenticated as '{self.user_id}' and cannot act as "
                f"'{expected_id}'.",
                hint="Omit the user ID, or use a client with an API key.",
            )

    def get(self) -> User:
        """Return the account.

        Raises:
            PermissionDeniedError: The session has ended, the JWT has expired, or the account is
                blocked.
        """
        return self._user or self.refresh()

    def refresh(self) -> User:
        """Read the account again; see `get`."""
        try:
            self._user = self._connection.send(wire.get_account())
        except PermissionDeniedError as error:
            if error.type == _MISSING_SCOPE:
                error.hint = SESSION_ENDED
            raise
        return self._user

    def is_admin(self) -> bool:
        """Return whether the account has the admin role."""
        self._is_admin = self._is_admin or self._has_admin_role()
        return self._is_admin

    def require_admin(self) -> None:
        """Reject an account without the admin role."""
        if not self.is_admin():
            raise not_an_admin(self.user_id, self._settings)

    def _has_admin_role(self) -> bool:
        role = AdminRole.parse(self._settings.admin_role)
        user = self.get()
        if role.is_label:
            return role.name in user.labels
        try:
            members = self._connection.send(wire.list_members(role.team_id, user.id))
        except NotFoundError:  # only its members can see a team
            return False
        return any(
            each.belongs_to(user.id) and each.has_role(role.name) for each in members.memberships
        )
