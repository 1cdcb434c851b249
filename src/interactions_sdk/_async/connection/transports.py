"""The connections to one server: one httpx transport for each request that is under way.

httpcore's own pool goes through all of its connections for every request, and gives one that has
become free to all that wait, of which all but one start again (1.0.9): with 64 requests in flight,
that takes several times as long as the requests themselves. With more than 20 it also opens a
connection for each. A transport of one connection has no such choices to make.
"""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import httpx

from interactions_sdk.concurrency import aslots
from interactions_sdk.transport.idle_pool import Idle

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["AsyncTransports"]

_MOST = 100
"""Connections at once; further requests wait for one."""

_IDLE_SECONDS = 30.0
"""How long a connection waits for its next request: less than proxies and servers give it."""

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS)


class AsyncTransports:
    """Transports of one connection each, used again and again.

    Args:
        scheme: `http` or `https`.
        proxy: The address of a proxy, or None to go straight.
    """

    def __init__(self, scheme: str, proxy: str | None) -> None:
        self._scheme = scheme
        self._proxy = proxy
        self._slots = aslots(_MOST)
        self._idle: Idle[httpx.AsyncHTTPTransport] = Idle(seconds=_IDLE_SECONDS)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The certificates that are trusted; reading them takes longer than a request."""
        if self._scheme == "https":
            return httpx.create_ssl_context()
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts none, and is never asked

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[httpx.AsyncHTTPTransport]:
        """Lend a transport for one request, whose answer is read to its end."""
        async with self._slots:
            transport = self._idle.take() or httpx.AsyncHTTPTransport(
                verify=self._trusted, proxy=self._proxy, limits=_ONE
            )
            try:
                yield transport
            except BaseException:
                # One that is interrupted as soon as it is open counts as busy for ever (httpcore
                # 1.0.9), and whoever gets it next waits in vain.
                await transport.aclose()
                raise
            for each in self._idle.put(transport):
                await each.aclose()

    async def aclose(self) -> None:
        """Close the connections; those that are lent are closed when they come back."""
        for each in self._idle.close():
            await each.aclose()
