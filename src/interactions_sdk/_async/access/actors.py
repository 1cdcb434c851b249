"""Acting users: one that the program names, or the one that the client is authenticated as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from interactions_sdk.identifiers import validate_id

if TYPE_CHECKING:
    from interactions_sdk._async.access.account import AsyncAccount
    from interactions_sdk._async.access.users import AsyncUserDirectory

__all__ = ["AsyncActor", "AsyncDelegatedActor", "AsyncSessionActor"]


class AsyncActor(Protocol):
    """Who acts."""

    @property
    def user_id(self) -> str:
        """The user's id; empty where it is not known before `verify`."""
        ...

    @property
    def is_signed_in(self) -> bool:
        """Whether Appwrite itself knows who acts, and enforces what may be done."""
        ...

    async def verify(self, *, is_admin: bool) -> None:
        """Refuse a user who does not exist, or an admin who is none."""
        ...

    async def check_session(self) -> None:
        """Do not trust an empty response if the session has ended in the meantime."""
        ...


class AsyncDelegatedActor:
    """A user whom a program with an API key names."""

    def __init__(self, user_id: str, directory: AsyncUserDirectory) -> None:
        self.user_id = validate_id(user_id, "user id")
        self._directory = directory

    @property
    def is_signed_in(self) -> bool:
        """Appwrite knows the key only."""
        return False

    async def verify(self, *, is_admin: bool) -> None:
        """Look the user up, once."""
        await self._directory.verify(self.user_id, is_admin=is_admin)

    async def check_session(self) -> None:
        """Believe it: a key that ended answers with an error."""


class AsyncSessionActor:
    """The user whom the client is signed in as.

    Args:
        asked: The id that the program expects, or None for whoever it is.
        account: The account.

    Raises:
        BadRequestError: `asked` is no valid id.
        PermissionDeniedError: The JWT or the session names another user.
    """

    def __init__(self, asked: str | None, account: AsyncAccount) -> None:
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

    async def verify(self, *, is_admin: bool) -> None:
        """Ask Appwrite, once, who is signed in."""
        await self._account.get()
        self._account.require_user(self._asked)
        if is_admin:
            await self._account.require_admin()

    async def check_session(self) -> None:
        """Ask Appwrite again: a user whose session has ended is a guest, to whom all is empty."""
        await self._account.refresh()
