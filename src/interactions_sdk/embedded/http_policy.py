"""The host names of a served server, and the web pages that may call it.

A web page in a browser on this machine can send requests to any local port. The `Host` header shows
a name that was made to point here (DNS rebinding); the `Origin` header shows a page of another
site, to which Appwrite responds according to its platforms.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognized, not bound
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d*)?")
_NO_ORIGIN = "http://localhost"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Appwrite's own lists, without the headers of services that this server does not have.
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = (
    "Origin, Cookie, Set-Cookie, X-Requested-With, Content-Type, Access-Control-Allow-Origin, "
    "Access-Control-Request-Headers, Accept, X-Appwrite-Project, X-Appwrite-Key, "
    "X-Appwrite-Locale, X-Appwrite-Mode, X-Appwrite-JWT, X-Appwrite-Response-Format, "
    "X-Appwrite-Timeout, X-Appwrite-ID, X-Appwrite-Timestamp, X-Appwrite-Session, "
    "X-SDK-Version, X-SDK-Name, X-SDK-Language, X-SDK-Platform, X-SDK-GraphQL, "
    "Content-Range, Range, Cache-Control, Expires, Pragma, X-Forwarded-For, X-Forwarded-User-Agent"
)
_EXPOSED_HEADERS = "X-Appwrite-Session, X-Fallback-Cookies"


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached only from this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_host(value: str) -> str:
    """Return the name in a `Host` header, in lower case without the port; None if it is invalid.

    https://www.rfc-editor.org/rfc/rfc9110#section-7.2
    """
    found = _HOST.fullmatch(value)
    return found[1].strip("[]").rstrip(".").lower() if found else ""


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """The checks of a request before it is answered.

    Attributes:
        hosts: The names of this server, in lower case.
        any_address: Whether every IP address is accepted, because the server listens on all of
            them; an address cannot be rebound.
        platforms: The host names of the web pages that may call it.
    """

    hosts: frozenset[str]
    any_address: bool
    platforms: frozenset[str]

    def require_host(self, authority: str) -> None:
        """Reject a request to another host name."""
        host = split_host(authority)
        if host not in self.hosts and not (self.any_address and _is_address(host)):
            message = (
                f"This server does not answer to the host {host or authority!r}. "
                "Add the name to allowed_hosts."
            )
            raise AppwriteError("general_access_forbidden", message=message)

    def require_origin(self, method: str, headers: Mapping[str, str]) -> None:
        """Reject a call without an API key from a page of another site.

        Raises:
            AppwriteError: `general_unknown_origin`.
        """
        if method in _SAFE_METHODS or headers.get("x-appwrite-key"):
            return
        self.require_platform(headers.get("origin") or headers.get("referer"))

    def require_platform(self, origin: str | None) -> None:
        """Reject an origin that is not a platform."""
        if origin is not None and not self._is_platform(origin):
            raise AppwriteError("general_unknown_origin", _origin_host(origin) or origin)

    def response_headers(self, origin: str | None) -> list[tuple[str, str]]:
        """Return the CORS headers of every response."""
        allowed = origin if origin is not None and self._is_platform(origin) else _NO_ORIGIN
        return [
            ("access-control-allow-methods", _METHODS),
            ("access-control-allow-headers", _HEADERS),
            ("access-control-expose-headers", _EXPOSED_HEADERS),
            ("access-control-allow-origin", allowed),
            ("access-control-allow-credentials", "true"),
            ("vary", "Origin"),
            ("x-content-type-options", "nosniff"),
        ]

    def _is_platform(self, origin: str) -> bool:
        return _origin_host(origin) in self.platforms


def make_policy(
    host: str, allowed_hosts: Iterable[str] = (), platforms: Iterable[str] = ()
) -> HttpPolicy:
    """Create the policy of a server on an address, which also has the names of this machine."""
    names = LOOPBACK_NAMES | {split_host(f"[{host}]" if ":" in host else host)}
    return HttpPolicy(
        names | {name.lower() for name in allowed_hosts},
        host in _ANY_ADDRESS,
        LOOPBACK_NAMES | {name.lower() for name in platforms},
    )


def _origin_host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
