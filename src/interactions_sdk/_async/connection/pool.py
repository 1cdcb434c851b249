"""HTTP over a pool of connections to one server.

Requests are sent by httpx's transport and not by its client: a client merges URLs, headers, cookies
and redirects for each request, which takes a third of the time of a small one. Our requests go to
one address, keep no cookies and follow no redirects, because the key would be sent along.

Each request in flight has its own httpx transport. httpcore's pool examines all its connections for
every request, and offers a free connection to all waiting requests, of which all but one start
again (1.0.9): with 64 requests in flight, this takes several times as long as the requests
themselves. With more than 20, it also opens a connection for each. A transport with one connection
avoids both.
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
"""Maximum number of connections; further requests wait for one."""

_IDLE_SECONDS = 30.0
"""How long a connection may be idle: less than proxies and servers allow."""

_SINGLE_CONNECTION = httpx.Limits(
    max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS
)

_MAX_PATH_LENGTH = 65_536
"""The maximum that httpx accepts."""


class AsyncConnectionPool:
    """Connections to one server, each used again and again.

    Args:
        endpoint: The base URL of paths.
        headers: The headers of every request; they contain the key, so they are never shown.
        timeout: Seconds for connecting, and for each piece that is read.
        max_response_bytes: Largest answer, after decompression.
        verify: Whether certificates are checked, or by which context.
        transport: A custom transport; proxies from the environment apply only to the default one.
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
        """Send a request, and return its complete response.

        Args:
            method: The HTTP method.
            path: The path below the endpoint.
            content: The body, if any.
            headers: Additional headers, which override those of every request.
            seconds: The time limit for the complete response; None sets no limit.

        Raises:
            httpx.RequestError: There is no response. httpx.InvalidURL: The path is too long.
            RuntimeError: The pool is closed; the transport would open connections that are never
                closed.
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
        """Close the connections permanently."""
        self._is_closed = True
        await self._transports.get().aclose()
        if self._transport is not None:
            await self._transport.aclose()


class AsyncTransportPool:
    """Transports with one connection each, which are reused.

    Args:
        scheme: `http` or `https`.
        proxy: The URL of a proxy, or None for a direct connection.
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
        """The trusted certificates, loaded once because this takes longer than a request."""
        if self._scheme == "https":
            return make_ssl_context(self._verify)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts none, and is never used

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator[httpx.AsyncHTTPTransport]:
        """Lend a transport for one request, whose response is read completely."""
        async with self._slots:
            transport = self._idle.acquire() or self._make()
            try:
                yield transport
            except BaseException:
                # One that is interrupted as soon as it is open counts as busy forever (httpcore
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
        """Close the connections; those in use are closed when they are returned."""
        for each in self._idle.close():
            await each.aclose()


def make_ssl_context(verify: ssl.SSLContext | bool) -> ssl.SSLContext:  # noqa: FBT001 - as httpx
    """Return the trusted certificates; `SSL_CERT_FILE` and `SSL_CERT_DIR` are read."""
    return httpx.create_ssl_context() if verify is True else httpx.create_ssl_context(verify)


async def _read(response: httpx.Response, limit: int) -> None:
    """Read a response completely, up to the limit."""
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
    # what aread() would store
    response._content = b"".join(chunks)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


class _LazyURL(httpx.URL):
    """The URL of a request, which is parsed only if something reads it.

    Queries make paths hundreds of characters long, and httpx parses a URL character by character,
    which takes a tenth of the time for a page of rows. The bytes on the wire are already known;
    users' transports and tracing tools get a normal URL.

    Args:
        endpoint: The base URL of the path.
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
        """Parse the whole URL when any other part of it is read."""
        if name.startswith("__"):  # a copy reads it before it has any attributes
            raise AttributeError(name)
        whole = vars(httpx.URL(str(self._endpoint).rstrip("/") + self._below))
        if name not in whole:
            raise AttributeError(name)
        vars(self).update(whole)
        return whole[name]


class _SecretHeaders(httpx.Headers):
    """Headers that are not shown; httpx hides only the values of `Authorization`."""

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"


def basic_auth(endpoint: httpx.URL) -> dict[str, str]:
    """Return the header for a name and password in a proxy's URL."""
    if not endpoint.userinfo:
        return {}
    pair = f"{endpoint.username}:{endpoint.password}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}
