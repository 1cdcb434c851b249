"""HTTP on a pool of connections to one server; what all requests share is built once.

It is httpx's transport, and not its client, that sends: a client merges URLs, headers, cookies and
redirections for each request, a third of the time that a small one takes, and each of our requests
goes to one address, keeps no cookie and follows no redirection, as the key would go along.

Each request that is under way has an httpx transport of its own. httpcore's own pool goes through
all of its connections for every request, and gives one that has become free to all that wait, of
which all but one start again (1.0.9): with 64 requests under way, that takes several times as long
as the requests themselves. With more than 20 it also opens a connection for each. A transport of
one connection has no such choices to make.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import httpx

from interactions_sdk.concurrency import PerEventLoop, adeadline, alimit_reads, asemaphore
from interactions_sdk.transport.idle_pool import IdlePool
from interactions_sdk.transport.proxies import proxy_for
from interactions_sdk.transport.responses import CallTimeout, ResponseTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

__all__ = ["AsyncConnectionPool", "AsyncTransportPool", "basic_auth", "make_ssl_context"]

_DEFAULT_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
}

_MAX_CONNECTIONS = 100
"""Connections at once; further requests wait for one."""

_IDLE_SECONDS = 30.0
"""How long a connection waits for its next request: less than proxies and servers give it."""

_SINGLE_CONNECTION = httpx.Limits(
    max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS
)

_MAX_PATH_LENGTH = 65_536
"""As long as httpx takes them."""


class AsyncConnectionPool:
    """Connections to one server, each used again and again.

    Args:
        endpoint: The address that paths are below.
        headers: The headers of every request; they hold the key, so they are never shown.
        timeout: Seconds for connecting, and for each piece that is read.
        max_response_bytes: Largest answer, after decompression.
        verify: Whether certificates are checked, or by which context.
        transport: Another way to the server; the proxies of the environment are for the usual one.
    """

    def __init__(
        self,
        endpoint: httpx.URL,
        headers: Mapping[str, str],
        *,
        timeout: httpx.Timeout,
        transport: httpx.AsyncBaseTransport | None,
        max_response_bytes: int = 64_000_000,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self._endpoint = endpoint.copy_with(userinfo=b"")
        self._headers = _SecretHeaders({**_DEFAULT_HEADERS, **basic_auth(endpoint), **headers})
        self._timeouts = timeout.as_dict()
        self._transport = transport
        self._max_response_bytes = max_response_bytes
        is_usual = transport is None
        proxy = proxy_for(endpoint.scheme, endpoint.host, endpoint.port) if is_usual else None
        # Connections of an event loop that has ended are of no use any more; of those of the
        # process before a fork, parent and child would read each other's answers.
        self._transports = PerEventLoop(
            partial(AsyncTransportPool, endpoint.scheme, proxy, verify=verify)
        )
        self._is_closed = False

    async def request(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        *,
        seconds: float | None = None,
    ) -> httpx.Response:
        """Send a request, and return its answer, read to the end.

        Args:
            method: The HTTP method.
            path: The path below the endpoint.
            content: The body, if any.
            headers: Headers besides those of every request, or instead of them.
            seconds: Until when the answer must be complete; None sets no limit.

        Raises:
            httpx.RequestError: There is no answer.
            httpx.InvalidURL: The path is too long.
            RuntimeError: The pool is closed; the transport would open connections that stay.
        """
        if self._is_closed:
            raise RuntimeError("The client is closed. Create a new one.")
        request = httpx.Request(
            method,
            self._endpoint,
            headers=self._headers_with(headers) if headers else self._headers,
            content=content,
            extensions={"timeout": self._timeouts},
        )
        request.url = _LazyURL(self._endpoint, path)
        if self._transport is not None:
            return await self._exchange(self._transport, request, seconds)
        async with self._transports.get().acquire() as transport:
            return await self._exchange(transport, request, seconds)

    async def _exchange(
        self, transport: httpx.AsyncBaseTransport, request: httpx.Request, seconds: float | None
    ) -> httpx.Response:
        try:
            async with adeadline(seconds):
                response = await transport.handle_async_request(request)
                try:
                    await _read(response, self._max_response_bytes)
                except BaseException:
                    await response.aclose()
                    raise
        except TimeoutError as error:
            late = CallTimeout("the answer is not complete", request=request)
            late.seconds = seconds or 0
            raise late from error
        return response

    def _headers_with(self, headers: Mapping[str, str]) -> httpx.Headers:
        merged = httpx.Headers(self._headers)
        merged.update(headers)
        return merged

    async def aclose(self) -> None:
        """Close the connections, for good."""
        self._is_closed = True
        await self._transports.get().aclose()
        if self._transport is not None:
            await self._transport.aclose()


class AsyncTransportPool:
    """Transports of one connection each, used again and again.

    Args:
        scheme: `http` or `https`.
        proxy: The address of a proxy, or None to go straight.
        verify: Whether certificates are checked, or by which context.
    """

    def __init__(
        self, scheme: str, proxy: str | None, *, verify: ssl.SSLContext | bool = True
    ) -> None:
        self._scheme = scheme
        self._verify = verify
        self._proxy = proxy
        self._slots = asemaphore(_MAX_CONNECTIONS)
        self._idle: IdlePool[httpx.AsyncHTTPTransport] = IdlePool(seconds=_IDLE_SECONDS)

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        """The certificates that are trusted; reading them takes longer than a request."""
        if self._scheme == "https":
            return make_ssl_context(self._verify)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts none, and is never asked

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator[httpx.AsyncHTTPTransport]:
        """Lend a transport for one request, whose answer is read to its end."""
        async with self._slots:
            transport = self._idle.acquire() or self._make()
            try:
                yield transport
            except BaseException:
                # One that is interrupted as soon as it is open counts as busy for ever (httpcore
                # 1.0.9), and whoever gets it next waits in vain.
                await transport.aclose()
                raise
            for each in self._idle.release(transport):
                await each.aclose()

    def _make(self) -> httpx.AsyncHTTPTransport:
        transport = httpx.AsyncHTTPTransport(
            verify=self._ssl_context, proxy=self._proxy, limits=_SINGLE_CONNECTION
        )
        alimit_reads(transport)
        return transport

    async def aclose(self) -> None:
        """Close the connections; those that are lent are closed when they come back."""
        for each in self._idle.close():
            await each.aclose()


def make_ssl_context(verify: ssl.SSLContext | bool) -> ssl.SSLContext:  # noqa: FBT001 - as httpx
    """Return the certificates that are trusted: `SSL_CERT_FILE` and `SSL_CERT_DIR` are read."""
    return httpx.create_ssl_context() if verify is True else httpx.create_ssl_context(verify)


async def _read(response: httpx.Response, limit: int) -> None:
    """Read an answer to its end, and no further than the limit."""
    length = response.headers.get("content-length", "")
    if "content-encoding" not in response.headers and length.isdecimal() and int(length) <= limit:
        await response.aread()
        return
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > limit:
            message = f"more than {limit:,} bytes (Settings.max_response_bytes)"
            raise ResponseTooLarge(message)
        chunks.append(chunk)
    # What aread() would keep.
    response._content = b"".join(chunks)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


class _LazyURL(httpx.URL):
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
        if len(path) > _MAX_PATH_LENGTH:
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
    """Return the header for a name and password in the address: a proxy's."""
    if not endpoint.userinfo:
        return {}
    pair = f"{endpoint.username}:{endpoint.password}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}
