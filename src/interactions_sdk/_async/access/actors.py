"""Acting users: named by the program, or authenticated with the client's credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from interactions_sdk.identifiers import validate_id

if TYPE_CHECKING:
    from interactions_sdk._async.access.account import AsyncAccount
    from interactions_sdk._async.access.users import AsyncUserDirectory

__all__ = ["AsyncActor", "AsyncDelegatedActor", "AsyncSessionActor"]


class AsyncActor(Protocol):
    """The acting user."""

    @property
    def user_id(self) -> str:
        """The user's ID; empty if it is not known before `verify`."""
        ...

    @property
    def is_signed_in(self) -> bool:
        """Whether Appwrite itself knows the acting user and enforces permissions."""
        ...

    async def verify(self, *, is_admin: bool) -> None:
        """Reject a user who does not exist, or who acts as an admin without being one."""
        ...

    async def check_session(self) -> None:
        """Raise an error if the session has ended, so an empty response cannot be trusted."""
        ...


class AsyncDelegatedActor:
    """A user named by a program with an API key."""

    def __init__(self, user_id: str, directory: AsyncUserDirectory) -> None:
        self.user_id = validate_id(user_id, "user id")
        self._directory = directory

    @property
    def is_signed_in(self) -> bool:
        """False: Appwrite knows only the key."""
        return False

    async def verify(self, *, is_admin: bool) -> None:
        """Look the user up, once."""
        await self._directory.verify(self.user_id, is_admin=is_admin)

    async def check_session(self) -> None:
        """Do nothing, because a deleted key causes an error."""


class AsyncSessionActor:
    """The user as whom the client is authenticated; None expects any.

    Raises:
        BadRequestError: `expected_id` is not a valid ID.
        PermissionDeniedError: The JWT or the session names another user.
    """

    def __init__(self, expected_id: str | None, account: AsyncAccount) -> None:
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

    async def verify(self, *, is_admin: bool) -> None:
        """Read the authenticated account, once."""
        await self._account.get()
        self._account.require_user(self._expected_id)
        if is_admin:
            await self._account.require_admin()

    async def check_session(self) -> None:
        """Read the account again: a user whose session has ended is a guest, who sees nothing."""
        await self._account.refresh()
