# Generated from src/interactions_sdk/_async/access/actors.py by scripts/unasync.py; do not edit.
"""Acting users: one that the program names, or the one that the client is authenticated as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from interactions_sdk.identifiers import validate_id

if TYPE_CHECKING:
    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.access.users import UserDirectory

__all__ = ["Actor", "DelegatedActor", "SessionActor"]


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

    def check_session(self) -> None:
        """Do not trust an empty response if the session has ended in the meantime."""
        ...


class DelegatedActor:
    """A user whom a program with an API key names."""

    def __init__(self, user_id: str, directory: UserDirectory) -> None:
        self.user_id = validate_id(user_id, "user id")
        self._directory = directory

    @property
    def is_signed_in(self) -> bool:
        """Appwrite knows the key only."""
        return False

    def verify(self, *, is_admin: bool) -> None:
        """Look the user up, once."""
        self._directory.verify(self.user_id, is_admin=is_admin)

    def check_session(self) -> None:
        """Believe it: a key that ended answers with an error."""


class SessionActor:
    """The user whom the client is signed in as.

    Args:
        asked: The id that the program expects, or None for whoever it is.
        account: The account.

    Raises:
        BadRequestError: `asked` is no valid id.
        PermissionDeniedError: The JWT or the session names another user.
    """

    def __init__(self, asked: str | None, account: Account) -> None:
        self._asked = asked if asked is None else validate_id(asked, "user id")
        self._account = account
        account.require_user(self._asked)

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
        self._account.get()
        self._account.require_user(self._asked)
        if is_admin:
            self._account.require_admin()

    def check_session(self) -> None:
        """Ask Appwrite again: a user whose session has ended is a guest, to whom all is empty."""
        self._account.refresh()
