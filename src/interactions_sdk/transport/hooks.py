"""Hooks that are called for requests and responses: for metrics and traces."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Hooks", "OnRequest", "OnResponse", "RequestEvent", "ResponseEvent"]

logger = logging.getLogger("interactions_sdk")


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """A request that is about to be sent; it contains no ID, body, header or key.

    Attributes:
        method: The HTTP method, such as `GET`.
        route: The path with placeholders for IDs, such as
            `/tablesdb/{database}/tables/{table}/rows/{row}`: few distinct values, suitable as a
            metric label.
        attempt: The number of the attempt, from 1.
    """

    method: str
    route: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ResponseEvent:
    """The end of an attempt: a status, or a failure.

    Attributes:
        method: The HTTP method.
        route: The path with placeholders for IDs.
        attempt: The number of the attempt, from 1.
        status: The HTTP status; None without a response.
        failure: The name of httpx's error, such as `ReadTimeout`; None with a response.
        seconds: Duration of the attempt.
        request_id: The server's ID of the request, if it sent one.
    """

    method: str
    route: str
    attempt: int
    status: int | None
    failure: str | None
    seconds: float
    request_id: str | None


EventT = TypeVar("EventT")

OnRequest = Callable[[RequestEvent], object]
OnResponse = Callable[[ResponseEvent], object]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Functions called before and after each attempt; their exceptions are logged, and no more.

    Example:
        >>> seen = []
        >>> Hooks(on_request=seen.append).notify_request(RequestEvent("GET", "/users/{user}", 1))
        >>> seen[0].route
        '/users/{user}'
    """

    on_request: OnRequest | None = None
    on_response: OnResponse | None = None

    def notify_request(self, event: RequestEvent) -> None:
        """Report that an attempt begins."""
        if self.on_request is not None:
            _notify(self.on_request, event, "on_request")

    def notify_response(self, event: ResponseEvent) -> None:
        """Report how an attempt ended."""
        if self.on_response is not None:
            _notify(self.on_response, event, "on_response")


def _notify(hook: Callable[[EventT], object], event: EventT, name: str) -> None:
    try:
        hook(event)
    except Exception:  # a write may have been applied, so its response must reach the caller
        logger.exception("the hook %s failed", name, extra={"interactions_sdk": {"hook": name}})
