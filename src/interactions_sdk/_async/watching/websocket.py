"""The only user of `websockets`: one connection."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, NoReturn

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    ProxyError,
    WebSocketException,
)

from interactions_sdk.concurrency import areceive

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator, Mapping

    from interactions_sdk.concurrency import AsyncStopEvent

__all__ = ["AsyncWebsocket", "HandshakeRefusedError", "WebsocketClosedError"]

_OPEN_SECONDS = 10.0
_CLOSE_SECONDS = 1.0

# websockets logs the headers of the handshake, and the secret among them, where its logger is set
# to DEBUG. This logger belongs to no tree, so nobody can set it.
_QUIET_LOGGER = logging.Logger("interactions_sdk.websocket", logging.CRITICAL)  # noqa: LOG001 - see above


class WebsocketClosedError(Exception):
    """The connection could not be opened, or was lost; reconnecting may help."""


class HandshakeRefusedError(Exception):
    """The server rejected the handshake of a websocket.

    Attributes:
        status: The HTTP status, if there was one.
    """

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


class _NoRedirectConnect(ClientConnection):
    """Follows no redirects, because the secret of the handshake would be sent along."""

    async def handshake(self, *args: object, **settings: object) -> None:
        try:
            await super().handshake(*args, **settings)  # type: ignore[arg-type]
        except InvalidStatus as error:
            raise HandshakeRefusedError(error.response.status_code) from None


class AsyncWebsocket:
    """A websocket; its methods raise a `WebsocketClosedError` if it was closed by either side."""

    def __init__(self, connection: ClientConnection, closing: AsyncExitStack) -> None:
        self._connection = connection
        self._closing = closing

    @classmethod
    async def open(
        cls, address: str, headers: Mapping[str, str], tls: ssl.SSLContext | None
    ) -> AsyncWebsocket:
        """Open a websocket; the headers authenticate the handshake, and are never shown.

        Raises:
            HandshakeRefusedError: The server rejected the handshake.
            WebsocketClosedError: It could not be reached.
        """
        async with AsyncExitStack() as closing:
            with _translate_errors():
                connection = await closing.enter_async_context(
                    connect(
                        address,
                        additional_headers=headers,
                        ssl=tls,
                        open_timeout=_OPEN_SECONDS,
                        close_timeout=_CLOSE_SECONDS,
                        ping_interval=None,  # Appwrite has its own ping
                        logger=_QUIET_LOGGER,
                        create_connection=_NoRedirectConnect,
                    )
                )
            return cls(connection, closing.pop_all())
        raise AssertionError  # pragma: no cover - the block above returns or raises

    def __reduce__(self) -> NoReturn:
        raise TypeError("A websocket cannot be pickled.")

    async def receive(self, seconds: float, stopped: AsyncStopEvent) -> str | bytes | None:
        """Return the next message; None after a number of seconds, or when the watch is stopped."""
        with _translate_errors():
            return await areceive(self._connection, seconds, stopped)

    async def send(self, message: str) -> None:
        """Send a message."""
        with _translate_errors():
            await self._connection.send(message)

    async def aclose(self) -> None:
        """Close it, even if it is already lost."""
        await self._closing.aclose()


@contextmanager
def _translate_errors() -> Generator[None]:
    """Translate errors, and remove details of the handshake."""
    try:
        yield
    except (InvalidMessage, ProxyError) as failure:  # it was lost before it answered
        raise WebsocketClosedError(type(failure).__name__) from None
    except InvalidHandshake:
        raise HandshakeRefusedError(None) from None
    except (OSError, EOFError, WebSocketException) as failure:
        raise WebsocketClosedError(type(failure).__name__) from None
