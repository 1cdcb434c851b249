# Generated from src/interactions_sdk/_async/access/actors.py by scripts/unasync.py; do not edit.
"""Who acts: a user whom the program names, or the one whom the client is signed in as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from interactions_sdk import wire
from interactions_sdk.caching import Cache
from interactions_sdk.errors import (
    NotFoundError,
    PermissionDeniedError,
    UserNotFoundError,
)
from interactions_sdk.identifiers import check_id

if TYPE_CHECKING:
    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.settings import Settings

__all__ = ["Actor", "NamedActor", "SignedInActor", "UserDirectory"]

_NO_USERS_READ = (
    "verify_users needs an API key with the scope users.read: give the key this scope, or set "
    "Settings(verify_users=False) (INTERACTIONS_VERIFY_USERS=false) where your service has "
    "verified its users itself."
)
_LACKS_A_SCOPE = "general_unauthorized_scope"


class Actor(Protocol):
    """Who acts."""

    @property
    def user_id(self) -> str:
        """The user's id; empty where it is not known before `verify`."""
        ...

    @property
    def is_signed_in(self) -> bool:
        """Whether Appwrite itself knows who acts, and enforces what may be done."""
        ...

    def verify(self, *, is_admin: bool) -> None:
        """Refuse a user who does not exist, or an admin who is none."""
        ...

    def confirm(self) -> None:
        """Refuse to take an empty answer for the truth, where the session has ended meanwhile."""
        ...


class NamedActor:
    """A user whom a program with an API key names."""

    def __init__(self, user_id: str, directory: UserDirectory) -> None:
        self.user_id = check_id(user_id, "user id")
        self._directory = directory

    @property
    def is_signed_in(self) -> bool:
        """Appwrite knows the key only."""
        return False

    def verify(self, *, is_admin: bool) -> None:
        """Look the user up, once."""
        self._directory.verify(self.user_id, is_admin=is_admin)

    def confirm(self) -> None:
        """Believe it: a key that ended answers with an error."""


class SignedInActor:
    """The user whom the client is signed in as.

    Args:
        asked: The id that the program expects, or None for whoever it is.
        account: The account.

    Raises:
        BadRequestError: `asked` is no valid id.
        PermissionDeniedError: The JWT or the session names another user.
    """

    def __init__(self, asked: str | None, account: Account) -> None:
        self._asked = asked if asked is None else check_id(asked, "user id")
        self._account = account
        account.refuse_other(self._asked)

    @property
    def user_id(self) -> str:
        """The account's id."""
        return self._account.user_id or self._asked or ""

    @property
    def is_signed_in(self) -> bool:
        """Appwrite knows the user."""
        return True

    def verify(self, *, is_admin: bool) -> None:
        """Ask Appwrite, once, who is signed in."""
        self._account.read()
        self._account.refuse_other(self._asked)
        if is_admin:
            self._account.refuse_unless_admin()

    def confirm(self) -> None:
        """Ask Appwrite anew: to a guest, which one is once a session has ended, all is empty."""
        self._account.confirm()


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
        holds_role = self.holds_admin_role(user_id)
        if is_admin and not holds_role:
            raise no_admin(user_id, self._settings)
        self._verified.put((user_id, is_admin), user_id)

    def holds_admin_role(self, user_id: str) -> bool:
        """Tell whether a user carries the admin role.

        Raises:
            UserNotFoundError: There is no such user.
            PermissionDeniedError: The API key may not read users.
        """
        try:
            return self._holds_admin_role(user_id)
        except PermissionDeniedError as error:
            if error.type == _LACKS_A_SCOPE:
                error.hint = _NO_USERS_READ
            raise
        except NotFoundError as error:
            raise _no_such_user(user_id) from error

    def _holds_admin_role(self, user_id: str) -> bool:
        kind, name = self._settings.admin_role.split(":", maxsplit=1)
        user = self._connection.send(wire.get_user(user_id))
        if user.id != user_id:  # Appwrite ignores case in ids
            raise _no_such_user(user_id)
        if kind == "label":
            return name in user.labels
        memberships = self._connection.send(wire.list_memberships(user_id))
        return any(each.holds(name) for each in memberships.memberships)


def no_admin(user_id: str, settings: Settings) -> PermissionDeniedError:
    """Return the error of a user who acts as an admin and is none."""
    return PermissionDeniedError(
        f"User '{user_id}' is no admin.",
        hint=f"An admin carries the role {settings.admin_role} in Appwrite.",
    )


def _no_such_user(user_id: str) -> UserNotFoundError:
    return UserNotFoundError(
        f"User '{user_id}' does not exist in Appwrite.",
        hint="Create the user first, or set Settings(verify_users=False).",
    )
