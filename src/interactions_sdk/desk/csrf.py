"""Forms that other sites cannot send (https://cheatsheetseries.owasp.org, CSRF prevention).

A form has a token that only this server can create, for one browser (by its cookie) and one person.
Each page has different tokens, so that compression does not reveal them.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["FIELD", "csrf_token", "is_from_here", "is_own_token"]

FIELD = "csrf"
"""The name of the field."""

_NONCE_LENGTH = 16


def csrf_token(secret: bytes, browser: str, person_id: str) -> str:
    """Return a new token, for a browser by its cookie and the person who is signed in."""
    nonce = secrets.token_hex(_NONCE_LENGTH // 2)
    return nonce + _signature(secret, nonce, browser, person_id)


def is_own_token(token: str, secret: bytes, browser: str, person_id: str) -> bool:
    """Return whether this server created the token, for this browser and person."""
    nonce = token[:_NONCE_LENGTH]
    expected = nonce + _signature(secret, nonce, browser, person_id)
    return hmac.compare_digest(token.encode(errors="replace"), expected.encode())


def is_from_here(request: Request) -> bool:
    """Return whether a page of this origin sent the request, according to the browser.

    For browsers that do not send this (over plain HTTP, for example), only the token is checked.
    """
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _signature(secret: bytes, nonce: str, browser: str, person_id: str) -> str:
    text = f"{nonce}\0{browser}\0{person_id}"
    return hmac.new(secret, text.encode(errors="replace"), sha256).hexdigest()
