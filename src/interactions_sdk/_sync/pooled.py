# Generated from src/interactions_sdk/_async/pooled.py by scripts/unasync.py; do not edit.
"""HTTP on a pool of connections to one server; what all requests share is made once.

It is httpx's transport, and not its client, that sends: a client merges URLs, headers, cookies and
redirections anew for each request, a third of the time that a small one takes, and each of ours
goes to one address, keeps no cookie and follows no redirection, as the key would go along.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import httpx

from interactions_sdk.proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Pool"]

_EVERY_REQUEST = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
}


_LONGEST_PATH = 65_536
"""As long as httpx takes them."""


class Pool:
    """Connections to one server, each used again and again.

    Args:
        endpoint: The address that paths are below.
        headers: The headers of every request; they hold the key, so they are never shown.
        timeout: Seconds for connecting and for reading.
        transport: Another way to the server; the proxies of the environment are for the usual one.
    """

    def __init__(
        self,
        endpoint: httpx.URL,
        headers: Mapping[str, str],
        *,
        timeout: httpx.Timeout,
        transport: httpx.BaseTransport | None,
    ) -> None:
        proxy = proxy_for(endpoint.scheme, endpoint.host)
        self._endpoint = endpoint
        self._address = str(endpoint).rstrip("/")
        self._path = endpoint.raw_path.rstrip(b"/")
        self._headers = httpx.Headers({**_EVERY_REQUEST, **_basic_auth(endpoint), **headers})
        self._timeouts = timeout.as_dict()
        self._is_straight = transport is None and proxy is None
        self._transport = transport or httpx.HTTPTransport(proxy=proxy)
        self._is_closed = False

    def request(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str] | None
    ) -> httpx.Response:
        """Send a request, and return its answer, read to the end.

        Args:
            method: The HTTP method.
            path: The path below the endpoint.
            content: The body, if any.
            headers: Headers besides those of every request, or instead of them.

        Raises:
            httpx.RequestError: There is no answer.
            httpx.InvalidURL: The path is too long.
            RuntimeError: The pool is closed; the transport would open connections that stay.
        """
        if self._is_closed:
            raise RuntimeError("The client is closed: make another one.")
        url, extensions = self._target(path)
        request = httpx.Request(
            method,
            url,
            headers=self._headers_with(headers) if headers else self._headers,
            content=content,
            extensions=extensions,
        )
        response = self._transport.handle_request(request)
        try:
            response.read()
        except BaseException:
            response.close()
            raise
        return response

    def _target(self, path: str) -> tuple[httpx.URL | str, dict[str, Any]]:
        """Return where a request goes, and what the transport is told besides.

        Queries make paths of hundreds of characters, and httpx reads a URL character by character.
        Straight to the server, the path is told beside the URL
        (https://www.python-httpx.org/advanced/extensions/#target); proxies would misunderstand
        that, and the transports of users look at the URL.
        """
        if not self._is_straight:
            return self._address + path, {"timeout": self._timeouts}
        if len(path) > _LONGEST_PATH:
            raise httpx.InvalidURL("URL too long")
        target = self._path + path.encode("ascii")
        return self._endpoint, {"timeout": self._timeouts, "target": target}

    def _headers_with(self, headers: Mapping[str, str]) -> httpx.Headers:
        merged = httpx.Headers(self._headers)
        merged.update(headers)
        return merged

    def close(self) -> None:
        """Close the connections, for good."""
        self._is_closed = True
        self._transport.close()


def _basic_auth(endpoint: httpx.URL) -> dict[str, str]:
    """Return the header for a name and password in the address, as of something in between."""
    if not endpoint.userinfo:
        return {}
    signed = b64encode(f"{endpoint.username}:{endpoint.password}".encode()).decode()
    return {"Authorization": f"Basic {signed}"}
