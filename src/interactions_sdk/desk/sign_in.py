"""Signing in without accounts, as Jupyter does: with a token that works once."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING

from interactions_sdk.caching import Cache

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

__all__ = ["LocalSignIn", "is_local"]

_SESSION_SECONDS = 12 * 60 * 60
_MAX_SESSIONS = 100
_ATTEMPTS, _ATTEMPT_SECONDS = 5, 60.0


def is_local(request: Request) -> bool:
    """Return whether a request comes from this machine."""
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class LocalSignIn:
    """One-time tokens, and the browsers that have redeemed one.

    Each new token, which opens the desk once, is passed to `on_token`.
    """

    def __init__(self, on_token: Callable[[str], object]) -> None:
        self._on_token = on_token
        self._sessions = Cache[str, bool](ttl=_SESSION_SECONDS, size=_MAX_SESSIONS)
        self._failures: deque[float] = deque(maxlen=_ATTEMPTS)
        self._token = ""
        self._renew()

    def is_signed_in(self, browser: str) -> bool:
        """Return whether a browser, by its cookie, has redeemed a token."""
        return self._sessions.get(browser) is not None

    def redeem(self, token: str) -> str | None:
        """Return the cookie of a new session; None if the token is wrong.

        The token is then invalid; a new one is created for the next browser.
        """
        if not hmac.compare_digest(token.strip().encode(errors="replace"), self._token.encode()):
            self._failures.append(monotonic())
            return None
        browser = secrets.token_urlsafe(32)
        self._sessions.put(browser, True)  # noqa: FBT003 - a value
        self._renew()
        return browser

    def sign_out(self, browser: str) -> None:
        """End the session of a browser."""
        self._sessions.discard(browser)

    @property
    def is_locked(self) -> bool:
        """Whether there were too many wrong tokens in the last minute."""
        is_full = len(self._failures) == _ATTEMPTS
        return is_full and monotonic() - self._failures[0] < _ATTEMPT_SECONDS

    def _renew(self) -> None:
        self._token = secrets.token_urlsafe(32)
        self._on_token(self._token)
