"""A transport on which many creates meet, so that they share a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import httpx

from tests.waiting import LIMIT, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.transport.commit_queue import CommitQueue

__all__ = ["CrowdedTransport"]


class CrowdedTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Holds requests that begin a transaction until so many callers wait for their turn.

    Args:
        inner: The transport that does the work.
        waiting: How many callers are waited for; 0 holds nothing.

    Attributes:
        queue: Returns the queue of the client; to be set before the first create.
    """

    queue: Callable[[], CommitQueue[object]]  # type: ignore[type-var]

    def __init__(
        self, inner: httpx.BaseTransport | httpx.AsyncBaseTransport, waiting: int = 0
    ) -> None:
        self._inner = inner
        self.waiting = waiting

    def _holds(self, request: httpx.Request) -> bool:
        return bool(self.waiting) and request.url.path.endswith("/transactions")

    def _is_crowded(self) -> bool:
        """Return whether all have come; from then on, nothing is held."""
        if self.waiting and len(vars(self.queue())["_waiting"]) == self.waiting:
            self.waiting = 0
        return not self.waiting

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, when all have come."""
        assert isinstance(self._inner, httpx.BaseTransport)
        if self._holds(request):
            wait_until(self._is_crowded)
        return self._inner.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request, when all have come."""
        assert isinstance(self._inner, httpx.AsyncBaseTransport)
        if self._holds(request):
            with anyio.fail_after(LIMIT):
                while not self._is_crowded():
                    await anyio.lowlevel.checkpoint()
        return await self._inner.handle_async_request(request)
