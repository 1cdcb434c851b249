# Generated from src/interactions_sdk/_async/connection/pool.py by scripts/unasync.py; do not edit.
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
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import httpx

from interactions_sdk.concurrency import PerProcess, semaphore
from interactions_sdk.transport.idle_pool import IdlePool
from interactions_sdk.transport.proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

__all__ = ["ConnectionPool", "TransportPool", "basic_auth"]

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


class ConnectionPool:
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
        self._endpoint = endpoint.copy_with(userinfo=b"")
        self._headers = _SecretHeaders({**_DEFAULT_HEADERS, **basic_auth(endpoint), **headers})
        self._timeouts = timeout.as_dict()
        self._transport = transport
        proxy = proxy_for(endpoint.scheme, endpoint.host, endpoint.port)
        # Connections of an event loop that has ended are of no use any more; of those of the
        # process before a fork, parent and child would read each other's answers.
        self._transports = PerProcess(partial(TransportPool, endpoint.scheme, proxy))
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
        request = httpx.Request(
            method,
            self._endpoint,
            headers=self._headers_with(headers) if headers else self._headers,
            content=content,
            extensions={"timeout": self._timeouts},
        )
        request.url = _LazyURL(self._endpoint, path)
        if self._transport is not None:
            return _exchange(self._transport, request)
        with self._transports.get().acquire() as transport:
            return _exchange(transport, request)

    def _headers_with(self, headers: Mapping[str, str]) -> httpx.Headers:
        merged = httpx.Headers(self._headers)
        merged.update(headers)
        return merged

    def close(self) -> None:
        """Close the connections, for good."""
        self._is_closed = True
        self._transports.get().close()
        if self._transport is not None:
            self._transport.close()


class TransportPool:
    """Transports of one connection each, used again and again.

    Args:
        scheme: `http` or `https`.
        proxy: The address of a proxy, or None to go straight.
    """

    def __init__(self, scheme: str, proxy: str | None) -> None:
        self._scheme = scheme
        self._proxy = proxy
        self._slots = semaphore(_MAX_CONNECTIONS)
        self._idle: IdlePool[httpx.HTTPTransport] = IdlePool(seconds=_IDLE_SECONDS)

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        """The certificates that are trusted; reading them takes longer than a request."""
        if self._scheme == "https":
            return httpx.create_ssl_context()
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts none, and is never asked

    @contextmanager
    def acquire(self) -> Generator[httpx.HTTPTransport]:
        """Lend a transport for one request, whose answer is read to its end."""
        with self._slots:
            transport = self._idle.acquire() or httpx.HTTPTransport(
                verify=self._ssl_context, proxy=self._proxy, limits=_SINGLE_CONNECTION
            )
            try:
                yield transport
            except BaseException:
                # One that is interrupted as soon as it is open counts as busy for ever (httpcore
                # 1.0.9), and whoever gets it next waits in vain.
                transport.close()
                raise
            for each in self._idle.release(transport):
                each.close()

    def close(self) -> None:
        """Close the connections; those that are lent are closed when they come back."""
        for each in self._idle.close():
            each.close()


def _exchange(transport: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    response = transport.handle_request(request)
    try:
        response.read()
    except BaseException:
        response.close()
        raise
    return response


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
