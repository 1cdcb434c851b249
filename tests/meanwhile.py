"""A transport that runs an action just before a request, as another program could."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import httpx

from interactions_sdk import InteractionsClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import Settings
    from interactions_sdk.embedded import EmbeddedAppwrite


class Meanwhile(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport to an embedded server, for asynchronous and synchronous clients.

    Args:
        server: The server.
        settings: The settings of the other program's client.
    """

    def __init__(self, server: EmbeddedAppwrite, settings: Settings) -> None:
        self._server = server
        self._settings = settings
        self._waiting: list[tuple[str, str, int, Callable[[InteractionsClient], object]]] = []

    def before(
        self,
        method: str,
        path: str,
        action: Callable[[InteractionsClient], object],
        *,
        number: int = 1,
    ) -> None:
        """Run an action once, before a request.

        Args:
            method: The method of the request.
            path: A pattern of its path.
            action: The action, which is called with the other program's client.
            number: The number of the request among those that match, from 1.
        """
        self._waiting.append((method, path, number, action))

    def _act(self, request: httpx.Request) -> None:
        waiting, self._waiting = self._waiting, []
        for method, path, number, action in waiting:
            is_meant = request.method == method and fnmatchcase(request.url.path, path)
            if not is_meant:
                self._waiting.append((method, path, number, action))
            elif number > 1:
                self._waiting.append((method, path, number - 1, action))
            else:
                self._call(action)

    def _call(self, action: Callable[[InteractionsClient], object]) -> None:
        with InteractionsClient(
            "http://embedded/v1",
            self._server.project,
            api_key=self._server.api_key,
            settings=self._settings,
            transport=self._server.transport,
        ) as crm:
            action(crm)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the action if it is due, and forward the request."""
        self._act(request)
        return self._server.transport.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Run the action if it is due, and forward the request."""
        self._act(request)
        return await self._server.transport.handle_async_request(request)
