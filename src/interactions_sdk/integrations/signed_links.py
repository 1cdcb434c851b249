"""Links that work without signing in, for programs that cannot, such as calendars.

Anyone who has such a link can use it until it expires, so it should give access to one thing only.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from interactions_sdk import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SignedLinks"]

_LEAST_KEY = 32
_EXPIRES, _SIGNATURE = "expires", "signature"


class SignedLinks:
    """Signs links, and verifies them, by HMAC-SHA256.

    The path, the query and the time of expiry are signed; scheme and host are not, because proxies
    change them. To replace a key, put the new one first: new links are signed with it, and links
    signed with other keys remain valid until you remove these keys. There is no other way to revoke
    a link early.

    Args:
        keys: One key, or several with the newest first; at least 32 characters each, such as
            `secrets.token_hex()`.

    Example:
        >>> links = SignedLinks("0123456789abcdef0123456789abcdef")
        >>> url = links.sign("https://crm.example/calendars/ada.ics", timedelta(days=365))
        >>> links.verify(url), links.verify(url.replace("ada", "bob"))
        (True, False)
    """

    def __init__(self, keys: str | Sequence[str]) -> None:
        given: list[object] = [keys] if isinstance(keys, str) else list(keys)
        strong = [key for key in given if isinstance(key, str) and len(key) >= _LEAST_KEY]
        if not given or len(strong) < len(given):
            raise ConfigurationError(
                f"keys must be one key or several, of at least {_LEAST_KEY} characters each, such "
                "as secrets.token_hex() makes."
            )
        self._keys = [key.encode() for key in strong]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self._keys)} keys>"

    def sign(self, url: str, lifetime: timedelta) -> str:
        """Return the link with its time of expiry and a signature.

        Args:
            url: The link; its query is signed too.
            lifetime: How long it is valid.

        Raises:
            ConfigurationError: The query already has `expires` or `signature`, or the lifetime is
                not positive.
        """
        if lifetime <= timedelta():
            raise ConfigurationError("lifetime must be longer than 0, such as timedelta(days=365).")
        scheme, host, path, query, _ = urlsplit(url)
        parts = parse_qsl(query, keep_blank_values=True)
        if {_EXPIRES, _SIGNATURE} & dict(parts).keys():
            raise ConfigurationError(
                f"The URL already has {_EXPIRES} or {_SIGNATURE} in its query."
            )
        parts.append((_EXPIRES, str(int((datetime.now(UTC) + lifetime).timestamp()))))
        signed = urlencode([*parts, (_SIGNATURE, _signature(self._keys[0], path, parts))])
        return urlunsplit((scheme, host, path, signed, ""))

    def verify(self, url: str) -> bool:
        """Return whether a link, or its path with the query, was signed and has not expired."""
        try:
            _, _, path, query, _ = urlsplit(url)
            *parts, (name, given) = parse_qsl(query, keep_blank_values=True)
            signatures = [_signature(key, path, parts) for key in self._keys]
            matches = [hmac.compare_digest(each.encode(), given.encode()) for each in signatures]
        except ValueError:  # it has no query, or is no URL at all
            return False
        if name != _SIGNATURE or not any(matches):
            return False
        expires = int(dict(parts)[_EXPIRES])  # signed, so it is there
        return datetime.now(UTC).timestamp() < expires


def _signature(key: bytes, path: str, parts: Sequence[tuple[str, str]]) -> str:
    message = f"interactions-sdk link {path}?{urlencode(parts)}"
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()
