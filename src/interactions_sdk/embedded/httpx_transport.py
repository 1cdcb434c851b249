"""The embedded Appwrite as an httpx transport, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from interactions_sdk.embedded.services.context import Request

if TYPE_CHECKING:
    from interactions_sdk.embedded.application import Application
    from interactions_sdk.embedded.values.responses import Response


class EmbeddedTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests in this process, for `httpx.Client` and `httpx.AsyncClient`.

    Closing a client does not close the server, which may have other clients.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        return _response(request, self._application.handle(_request(request, request.read())))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request without yielding to other tasks: it takes less time than a switch."""
        return _response(
            request, self._application.handle(_request(request, await request.aread()))
        )


def _request(request: httpx.Request, body: bytes) -> Request:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    headers = {
        name.decode("ascii").lower(): value.decode("utf-8", "replace")
        for name, value in request.headers.raw
    }
    return Request(request.method, path, query, headers, body)


def _response(request: httpx.Request, response: Response) -> httpx.Response:
    headers = {**response.headers, "content-type": response.content_type}
    if request.method == "HEAD":
        headers["content-length"] = str(len(response.body))
        return httpx.Response(response.status, headers=headers)
    return httpx.Response(response.status, headers=headers, content=response.body)
