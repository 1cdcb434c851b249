# Generated from src/interactions_sdk/_async/watching/websocket.py by scripts/unasync.py; do not edit.
"""The only user of `websockets`: one connection."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NoReturn

from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    ProxyError,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect

from interactions_sdk.concurrency import receive

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator, Mapping

    from interactions_sdk.concurrency import StopEvent

__all__ = ["Websocket", "HandshakeRefusedError", "WebsocketClosedError"]

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

    def handshake(self, *args: object, **settings: object) -> None:
        try:
            super().handshake(*args, **settings)  # type: ignore[arg-type]
        except InvalidStatus as error:
            raise HandshakeRefusedError(error.response.status_code) from None


class Websocket:
    """A websocket; its methods raise a `WebsocketClosedError` if it was closed by either side."""

    def __init__(self, connection: ClientConnection, closing: ExitStack) -> None:
        self._connection = connection
        self._closing = closing

    @classmethod
    def open(
        cls, address: str, headers: Mapping[str, str], tls: ssl.SSLContext | None
    ) -> Websocket:
        """Open a websocket; the headers authenticate the handshake, and are never shown.

        Raises:
            HandshakeRefusedError: The server rejected the handshake.
            WebsocketClosedError: It could not be reached.
        """
        with ExitStack() as closing:
            with _translate_errors():
                connection = closing.enter_context(
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

    def receive(self, seconds: float, stopped: StopEvent) -> str | bytes | None:
        """Return the next message; None after a number of seconds, or when the watch is stopped."""
        with _translate_errors():
            return receive(self._connection, seconds, stopped)

    def send(self, message: str) -> None:
        """Send a message."""
        with _translate_errors():
            self._connection.send(message)

    def close(self) -> None:
        """Close it, even if it is already lost."""
        self._closing.close()


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
