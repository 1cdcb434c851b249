"""HTTP on a pool of connections to one server; what all requests share is made once.

It is httpx's transport, and not its client, that sends: a client merges URLs, headers, cookies and
redirections anew for each request, a third of the time that a small one takes, and each of ours
goes to one address, keeps no cookie and follows no redirection, as the key would go along.
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from interactions_sdk._async.connection.transports import AsyncTransports
from interactions_sdk.concurrency import AsyncOwn
from interactions_sdk.transport.proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AsyncPool", "basic_auth"]

_EVERY_REQUEST = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
}

_LONGEST_PATH = 65_536
"""As long as httpx takes them."""


class AsyncPool:
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
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._endpoint = endpoint.copy_with(userinfo=b"")
        self._headers = _SecretHeaders({**_EVERY_REQUEST, **headers})
        self._timeouts = timeout.as_dict()
        self._transport = transport
        proxy = proxy_for(endpoint.scheme, endpoint.host)
        # Connections of an event loop that has ended are of no use any more; of those of the
        # process before a fork, parent and child would read each other's answers.
        self._transports = AsyncOwn(partial(AsyncTransports, endpoint.scheme, proxy))
        self._is_closed = False

    async def request(
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
        request = httpx.Request(
            method,
            self._endpoint,
            headers=self._headers_with(headers) if headers else self._headers,
            content=content,
            extensions={"timeout": self._timeouts},
        )
        request.url = _Below(self._endpoint, path)
        if self._transport is not None:
            return await _exchange(self._transport, request)
        async with self._transports.here().one() as transport:
            return await _exchange(transport, request)

    def _headers_with(self, headers: Mapping[str, str]) -> httpx.Headers:
        merged = httpx.Headers(self._headers)
        merged.update(headers)
        return merged

    async def aclose(self) -> None:
        """Close the connections, for good."""
        self._is_closed = True
        await self._transports.here().aclose()
        if self._transport is not None:
            await self._transport.aclose()


async def _exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.Response:
    response = await transport.handle_async_request(request)
    try:
        await response.aread()
    except BaseException:
        await response.aclose()
        raise
    return response


class _Below(httpx.URL):
    """The URL of a request, which httpx reads only where somebody looks at it.

    Queries make paths of hundreds of characters, and httpx reads a URL character by character: for
    a page of rows that takes a tenth of all. What goes over the wire is written already; users'
    transports, and whatever traces requests, find a URL like any other.

    Args:
        endpoint: The address that the path is below.
        path: The path and its query, as they go over the wire.

    Raises:
        httpx.InvalidURL: The path is too long.
    """

    def __init__(self, endpoint: httpx.URL, path: str) -> None:
        if len(path) > _LONGEST_PATH:
            raise httpx.InvalidURL("URL too long")
        self._endpoint = endpoint
        self._below = path

    @property
    def raw_scheme(self) -> bytes:
        return self._endpoint.raw_scheme

    @property
    def raw_host(self) -> bytes:
        return self._endpoint.raw_host

    @property
    def port(self) -> int | None:
        return self._endpoint.port

    @property
    def raw_path(self) -> bytes:
        return self._endpoint.raw_path.rstrip(b"/") + self._below.encode("ascii")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a URL has
        """Read the whole URL, once anything else of it is asked for."""
        if name.startswith("__"):  # a copy asks before it has anything to read
            raise AttributeError(name)
        whole = vars(httpx.URL(str(self._endpoint).rstrip("/") + self._below))
        if name not in whole:
            raise AttributeError(name)
        vars(self).update(whole)
        return whole[name]


class _SecretHeaders(httpx.Headers):
    """Headers that are not shown; httpx hides the values of `Authorization` only."""

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"


def basic_auth(endpoint: httpx.URL) -> dict[str, str]:
    """Return the header for a name and password in the address, as of something in between."""
    if not endpoint.userinfo:
        return {}
    signed = b64encode(f"{endpoint.username}:{endpoint.password}".encode()).decode()
    return {"Authorization": f"Basic {signed}"}
