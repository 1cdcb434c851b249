"""A transport that simulates failures, for tests."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

__all__ = ["Fault", "FaultyTransport", "SentRequest"]


@dataclass(frozen=True, slots=True)
class _FaultSpec:
    """How a request fails.

    Attributes:
        reaches_server: Whether the server processes the request anyway.
        raises: The error that httpx raises, if there is no response.
        status: The status of the response, if there is one; None keeps the server's.
        headers: The headers of the response.
        body: The body of the response; None truncates the server's.
    """

    reaches_server: bool
    raises: type[httpx.TransportError] | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


def _appwrite_error(status: int, kind: str, message: str) -> str:
    return f'{{"message":"{message}","code":{status},"type":"{kind}","version":"1.9.6"}}'


_HTML = "<!doctype html><title>Welcome</title><p>Please sign in to the network."
_LIMITED = _appwrite_error(429, "general_rate_limit_exceeded", "Rate limit exceeded.")
_BROKEN = _appwrite_error(500, "general_unknown", "Server Error")
_CONFLICT = _appwrite_error(409, "transaction_conflict", "The transaction has a conflict.")
_PROXY = "<html><h1>The upstream server does not answer.</h1></html>"


class Fault(Enum):
    """A way in which a request fails.

    Before the write, the server never gets the request; after the write, it has carried it out, and
    only the response fails.

    Example:
        >>> Fault.TIMEOUT_AFTER_WRITE.reaches_server
        True
    """

    REFUSED = _FaultSpec(reaches_server=False, raises=httpx.ConnectError)
    RESET_BEFORE_WRITE = _FaultSpec(reaches_server=False, raises=httpx.ReadError)
    RESET_AFTER_WRITE = _FaultSpec(reaches_server=True, raises=httpx.ReadError)
    TIMEOUT_BEFORE_WRITE = _FaultSpec(reaches_server=False, raises=httpx.ReadTimeout)
    TIMEOUT_AFTER_WRITE = _FaultSpec(reaches_server=True, raises=httpx.ReadTimeout)
    RATE_LIMITED = _FaultSpec(reaches_server=False, status=429, body=_LIMITED)
    RATE_LIMITED_FOR_A_SECOND = _FaultSpec(
        reaches_server=False, status=429, headers=(("retry-after", "1"),), body=_LIMITED
    )
    SERVER_ERROR_BEFORE_WRITE = _FaultSpec(reaches_server=False, status=500, body=_BROKEN)
    SERVER_ERROR_AFTER_WRITE = _FaultSpec(reaches_server=True, status=500, body=_BROKEN)
    BAD_GATEWAY_BEFORE_WRITE = _FaultSpec(reaches_server=False, status=502, body=_PROXY)
    BAD_GATEWAY_AFTER_WRITE = _FaultSpec(reaches_server=True, status=502, body=_PROXY)
    UNAVAILABLE_BEFORE_WRITE = _FaultSpec(reaches_server=False, status=503, body=_PROXY)
    UNAVAILABLE_AFTER_WRITE = _FaultSpec(reaches_server=True, status=503, body=_PROXY)
    TRUNCATED_BODY = _FaultSpec(reaches_server=True)
    NOT_JSON_BEFORE_WRITE = _FaultSpec(reaches_server=False, status=200, body=_HTML)
    NOT_JSON_AFTER_WRITE = _FaultSpec(reaches_server=True, status=200, body=_HTML)
    TRANSACTION_CONFLICT = _FaultSpec(reaches_server=False, status=409, body=_CONFLICT)

    @property
    def reaches_server(self) -> bool:
        """Whether the server carries out the request nevertheless."""
        return self.value.reaches_server

    def answer(
        self, request: httpx.Request, real_response: httpx.Response | None
    ) -> httpx.Response:
        """Return what the client receives.

        Args:
            request: The request.
            real_response: The server's own response, already read, if the request reached it.

        Raises:
            httpx.TransportError: There is no response.
        """
        spec = self.value
        if spec.raises is not None:
            raise spec.raises(f"injected: {self.name}", request=request)
        if real_response is not None and spec.status is None:
            return httpx.Response(
                real_response.status_code, stream=_TruncatedStream(real_response.content)
            )
        return httpx.Response(spec.status or 0, headers=spec.headers, text=spec.body)


class _TruncatedStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Half of a body, followed by httpx's error for a closed connection."""

    def __init__(self, whole: bytes) -> None:
        self._half = whole[: len(whole) // 2]

    def _error(self) -> httpx.RemoteProtocolError:
        return httpx.RemoteProtocolError("injected: peer closed connection within the body")

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise self._error()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._half
        raise self._error()


class SentRequest(NamedTuple):
    """A request that a program sent.

    Attributes:
        method: The HTTP method.
        route: The path below the endpoint, with `{id}` for the ID of the row, transaction or user,
            such as `/tablesdb/console-db/tables/customers/rows/{id}`.
        fault: The simulated failure, if any.
    """

    method: str
    route: str
    fault: Fault | None = None


_WITH_ID = re.compile(
    r"^(/users|/tablesdb/transactions|/tablesdb/[^/]+/tables/[^/]+/rows)/[^/]+", re.ASCII
)


class FaultyTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport on which requests fail as configured; without a fault it only records them.

    It works with synchronous and asynchronous clients, if the inner transport does, and with
    threads.

    Args:
        inner: The transport that does the work, such as an embedded server's, or an
            `httpx.HTTPTransport()`.
        fault: The failure to simulate.
        first: The first request that fails, from 1, among those that match `method` and `route`.
        count: How many of them fail in a row; None for all from the first on.
        method: Only requests with this method.
        route: Only requests whose route matches this pattern, such as `*/customers/rows/{id}`; `*`
            matches anything.

    Attributes:
        requests: The requests, in order.

    Example:
        >>> from interactions_sdk import InteractionsClient
        >>> from interactions_sdk.embedded import EmbeddedAppwrite
        >>> server = EmbeddedAppwrite()
        >>> transport = FaultyTransport(server.transport, Fault.RATE_LIMITED_FOR_A_SECOND)
        >>> with InteractionsClient(
        ...     "http://embedded/v1", server.project, api_key=server.api_key, transport=transport
        ... ) as crm:
        ...     _ = crm.schema.check()
        >>> [request.fault for request in transport.requests]
        [<Fault.RATE_LIMITED_FOR_A_SECOND: ...>, None]
        >>> server.close()
    """

    def __init__(
        self,
        inner: httpx.BaseTransport | httpx.AsyncBaseTransport,
        fault: Fault | None = None,
        *,
        first: int = 1,
        count: int | None = 1,
        method: str | None = None,
        route: str = "*",
    ) -> None:
        self.requests: list[SentRequest] = []
        self._inner = inner
        self._choose: Callable[[str, str], Fault | None] = _Sequential(
            fault, first, count, method, route
        )
        self._one_by_one = Lock()

    @classmethod
    def random(
        cls,
        inner: httpx.BaseTransport | httpx.AsyncBaseTransport,
        *,
        rate: float,
        seed: int,
        faults: Sequence[Fault] = tuple(Fault),
    ) -> Self:
        """Return a transport on which any request may fail.

        Args:
            inner: The transport that does the work.
            rate: The probability of a fault, 0 to 1.
            seed: The seed; the same requests in the same order get the same faults.
            faults: The faults to draw from.
        """
        transport = cls(inner)
        transport._choose = _Random(rate, seed, faults)
        return transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, unless its fault prevents it."""
        if not isinstance(self._inner, httpx.BaseTransport):
            raise TypeError("The inner transport supports asynchronous clients only.")
        fault = self._record(request)
        if fault is None:
            return self._inner.handle_request(request)
        real_response = None
        if fault.reaches_server:
            real_response = self._inner.handle_request(request)
            real_response.read()
        return fault.answer(request, real_response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, unless its fault prevents it."""
        if not isinstance(self._inner, httpx.AsyncBaseTransport):
            raise TypeError("The inner transport supports synchronous clients only.")
        fault = self._record(request)
        if fault is None:
            return await self._inner.handle_async_request(request)
        real_response = None
        if fault.reaches_server:
            real_response = await self._inner.handle_async_request(request)
            await real_response.aread()
        return fault.answer(request, real_response)

    def _record(self, request: httpx.Request) -> Fault | None:
        method = request.method
        route = _WITH_ID.sub(r"\1/{id}", request.url.path.removeprefix("/v1"))
        with self._one_by_one:
            fault = self._choose(method, route)
            self.requests.append(SentRequest(method, route, fault))
        return fault

    def close(self) -> None:
        """Close the inner transport."""
        if isinstance(self._inner, httpx.BaseTransport):
            self._inner.close()

    async def aclose(self) -> None:
        """Close the inner transport."""
        if isinstance(self._inner, httpx.AsyncBaseTransport):
            await self._inner.aclose()


class _Sequential:
    """Selects the nth matching request, and the given number of requests from there."""

    def __init__(
        self, fault: Fault | None, first: int, count: int | None, method: str | None, route: str
    ) -> None:
        self._fault = fault
        self._first = first
        self._last = None if count is None else first + count - 1
        self._method = method
        self._pattern = route
        self._seen = 0

    def __call__(self, method: str, route: str) -> Fault | None:
        if self._method not in (None, method) or not fnmatchcase(route, self._pattern):
            return None
        self._seen += 1
        has_come = self._seen >= self._first
        is_over = self._last is not None and self._seen > self._last
        return self._fault if has_come and not is_over else None


class _Random:
    """Selects requests at random."""

    def __init__(self, rate: float, seed: int, faults: Sequence[Fault]) -> None:
        self._rate = rate
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311 - it guards nothing

    def __call__(self, method: str, route: str) -> Fault | None:  # noqa: ARG002 - any request
        if self._random.random() >= self._rate:
            return None
        return self._random.choice(self._faults)
