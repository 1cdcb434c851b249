# Generated from src/interactions_sdk/_async/access/actors.py by scripts/unasync.py; do not edit.
"""Acting users: named by the program, or authenticated with the client's credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from interactions_sdk.identifiers import validate_id

if TYPE_CHECKING:
    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.access.users import UserDirectory

__all__ = ["Actor", "DelegatedActor", "SessionActor"]


class Actor(Protocol):
    """The acting user."""

    @property
    def user_id(self) -> str:
        """The user's ID; empty if it is not known before `verify`."""
        ...

    @property
    def is_signed_in(self) -> bool:
        """Whether Appwrite itself knows the acting user and enforces permissions."""
        ...

    def verify(self, *, is_admin: bool) -> None:
        """Reject a user who does not exist, or who acts as an admin without being one."""
        ...

    def check_session(self) -> None:
        """Raise an error if the session has ended, so an empty response cannot be trusted."""
        ...


class DelegatedActor:
    """A user named by a program with an API key."""

    def __init__(self, user_id: str, directory: UserDirectory) -> None:
        self.user_id = validate_id(user_id, "user id")
        self._directory = directory

    @property
    def is_signed_in(self) -> bool:
        """False: Appwrite knows only the key."""
        return False

    def verify(self, *, is_admin: bool) -> None:
        """Look the user up, once."""
        self._directory.verify(self.user_id, is_admin=is_admin)

    def check_session(self) -> None:
        """Do nothing, because a deleted key causes an error."""


class SessionActor:
    """The user as whom the client is authenticated; None expects any.

    Raises:
        BadRequestError: `expected_id` is not a valid ID.
        PermissionDeniedError: The JWT or the session names another user.
    """

    def __init__(self, expected_id: str | None, account: Account) -> None:
        self._expected_id = (
            expected_id if expected_id is None else validate_id(expected_id, "user id")
        )
        self._account = account
        account.require_user(self._expected_id)

    @property
    def user_id(self) -> str:
        """The account's ID."""
        return self._account.user_id or self._expected_id or ""

    @property
    def is_signed_in(self) -> bool:
        """True: Appwrite knows the user."""
        return True

    def verify(self, *, is_admin: bool) -> None:
        """Read the authenticated account, once."""
        self._account.get()
        self._account.require_user(self._expected_id)
        if is_admin:
            self._account.require_admin()

    def check_session(self) -> None:
        """Read the account again: a user whose session has ended is a guest, who sees nothing."""
        self._account.refresh()
