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
    """There is no connection, or none any more; another one may be had."""


class HandshakeRefusedError(Exception):
    """What answered will not speak on a websocket.

    Attributes:
        status: The HTTP status, where there was one.
    """

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


class _NoRedirectConnect(ClientConnection):
    """Follows no redirection: the secret of the handshake would go along."""

    def handshake(self, *args: object, **settings: object) -> None:
        try:
            super().handshake(*args, **settings)  # type: ignore[arg-type]
        except InvalidStatus as error:
            raise HandshakeRefusedError(error.response.status_code) from None


class Websocket:
    """A websocket.

    Raises:
        HandshakeRefusedError: See `open`.
        WebsocketClosedError: It is closed, by whomever.
    """

    def __init__(self, connection: ClientConnection, closing: ExitStack) -> None:
        self._connection = connection
        self._closing = closing

    @classmethod
    def open(
        cls, address: str, headers: Mapping[str, str], tls: ssl.SSLContext | None
    ) -> Websocket:
        """Open a websocket.

        Args:
            address: Where to, `ws` or `wss`.
            headers: What signs the handshake in; it is never shown.
            tls: Which certificates are trusted, for `wss`.

        Raises:
            HandshakeRefusedError: The server answered something else.
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
                        ping_interval=None,  # Appwrite has a ping of its own
                        logger=_QUIET_LOGGER,
                        create_connection=_NoRedirectConnect,
                    )
                )
            return cls(connection, closing.pop_all())
        raise AssertionError  # pragma: no cover - the block above returns or raises

    def __reduce__(self) -> NoReturn:
        raise TypeError("A websocket cannot be pickled.")

    def receive(self, seconds: float, stopped: StopEvent) -> str | bytes | None:
        """Return the next message; None after so many seconds without, or when it is to stop."""
        with _translate_errors():
            return receive(self._connection, seconds, stopped)

    def send(self, message: str) -> None:
        """Send a message."""
        with _translate_errors():
            self._connection.send(message)

    def close(self) -> None:
        """Close it; one that is lost already is let go."""
        self._closing.close()


@contextmanager
def _translate_errors() -> Generator[None]:
    """Translate errors, and drop what they contain of the handshake."""
    try:
        yield
    except (InvalidMessage, ProxyError) as failure:  # it went away before it answered
        raise WebsocketClosedError(type(failure).__name__) from None
    except InvalidHandshake:
        raise HandshakeRefusedError(None) from None
    except (OSError, EOFError, WebSocketException) as failure:
        raise WebsocketClosedError(type(failure).__name__) from None
