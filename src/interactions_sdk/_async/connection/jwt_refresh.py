"""JWTs that a function fetches, refreshed when they expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.concurrency import alock, amaybe_await
from interactions_sdk.errors import InteractionsError, PermissionDeniedError
from interactions_sdk.transport.credentials import jwt_credential
from interactions_sdk.transport.secret_frames import SecretFrames

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.transport.credentials import Credential

__all__ = ["AsyncJwtProvider"]


class AsyncJwtProvider:
    """Keeps the last JWT; if many requests need a fresh one, it is fetched once."""

    def __init__(self, fetch: Callable[[], object]) -> None:
        self._fetch = fetch
        self._current: Credential | None = None
        self._lock = alock()

    async def get(self) -> Credential:
        """Return the credential, fetched when it is first needed.

        Raises:
            PermissionDeniedError: The function failed.
            ConfigurationError: It returned no JWT.
        """
        return self._current or await self.refresh(None)

    async def refresh(self, stale: Credential | None) -> Credential:
        """Return a new credential after Appwrite rejected one; see `get`.

        If another request has already fetched a newer one, that is returned.
        """
        async with self._lock:
            if self._current is None or self._current is stale:
                with SecretFrames():
                    fetched = await self._fetch_credential()
                self._current = _require_same_user(self._current, fetched)
            return self._current

    async def _fetch_credential(self) -> Credential:
        try:
            fetched = await amaybe_await(self._fetch)
        except InteractionsError:
            raise
        except Exception as failure:
            raise PermissionDeniedError(
                f"The function given as jwt= failed ({type(failure).__name__}), so nothing was "
                "sent.",
                status_code=401,
                type="user_jwt_invalid",
                hint="Check that function and the service it depends on.",
            ) from failure
        return jwt_credential(fetched)


def _require_same_user(before: Credential | None, now: Credential) -> Credential:
    """Reject another user's JWT, because data read as one user must not be shown to another."""
    if before is not None and before.user_id != now.user_id:
        raise PermissionDeniedError(
            "The function given as jwt= returned a JWT of a different user.",
            status_code=401,
            type="user_jwt_invalid",
            hint="Create one client per user.",
        )
    return now
