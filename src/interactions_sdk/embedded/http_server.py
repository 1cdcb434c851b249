"""The embedded Appwrite on a port, with a thread per connection up to a limit."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from time import monotonic
from typing import TYPE_CHECKING

from interactions_sdk.embedded.http_connection import Budget, HttpConnection, Limits, Shared
from interactions_sdk.embedded.http_policy import make_policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from interactions_sdk.embedded.application import Application

_BACKLOG = 128
_CLOSING_SECONDS = 5.0
_PAUSE_SECONDS = 0.05
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
    b"content-type: text/plain\r\ncontent-length: 21\r\n\r\nToo many connections."
)

logger = logging.getLogger("interactions_sdk.embedded")


class RunningServer:
    """A server that is being served over HTTP.

    Attributes:
        endpoint: The endpoint for clients.
        api_key: The key that clients need.
        is_new_key: Whether the key was just created for this server.
    """

    def __init__(
        self,
        application: Application,
        host: str,
        port: int,
        *,
        api_key: str,
        is_new_key: bool = False,
        allowed_hosts: Sequence[str] = (),
        platforms: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        limits = limits or Limits()
        self.api_key = api_key
        self.is_new_key = is_new_key
        self._limits = limits
        self._shared = Shared(
            application,
            make_policy(host, allowed_hosts, platforms),
            limits,
            Budget(limits.total_bytes),
            Budget(limits.websockets),
        )
        self._connections: dict[HttpConnection, threading.Thread] = {}
        self._lock = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._listener.setblocking(False)  # noqa: FBT003 - the name of socket's
        self._waker, self._woken = socket.socketpair()
        shown = f"[{host}]" if ":" in host else host
        self.endpoint = f"http://{shown}:{self._listener.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._listen, name="embedded-appwrite", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving, after the responses in progress; the server itself stays open."""
        self._waker.close()
        self._thread.join()
        self._woken.close()
        for at_once in (False, True):
            with self._lock:
                connections = list(self._connections.items())
            for connection, _ in connections:
                connection.close(at_once=at_once)
            ends = monotonic() + _CLOSING_SECONDS
            for _, thread in connections:
                thread.join(max(0.0, ends - monotonic()))

    def _listen(self) -> None:
        """Accept connections until `close` closes the waker."""
        with self._listener, selectors.DefaultSelector() as ready:
            ready.register(self._listener, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while all(key.fileobj is not self._woken for key, _ in ready.select()):
                try:
                    connection, _ = self._listener.accept()
                    self._start(connection)
                except (OSError, RuntimeError) as error:
                    # No file or thread is left for it, or the client is gone already.
                    logger.warning(
                        "A connection was not accepted: %s",
                        error,
                        extra={"interactions_sdk": {"reason": str(error)}},
                    )
                    threading.Event().wait(_PAUSE_SECONDS)

    def _start(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self._can_accept():
            with connection:
                connection.setblocking(False)  # noqa: FBT003 - the name of socket's
                connection.send(_TOO_MANY)
            return
        http = HttpConnection(connection, self._shared)
        thread = threading.Thread(target=self._run, args=(http,), name="embedded-http", daemon=True)
        with self._lock:
            self._connections[http] = thread
        try:
            thread.start()
        except RuntimeError:
            self._forget(http)
            connection.close()
            raise

    def _can_accept(self) -> bool:
        """Return whether another connection is possible; an idle one may be closed for it."""
        with self._lock:
            connections = list(self._connections)
        if len(connections) < self._limits.connections:
            return True
        idle = next((each for each in connections if each.is_idle), None)
        if idle is None:
            return False
        idle.close(at_once=True)
        self._forget(idle)
        return True

    def _run(self, connection: HttpConnection) -> None:
        try:
            connection.run()
        finally:
            self._forget(connection)

    def _forget(self, connection: HttpConnection) -> None:
        with self._lock:
            self._connections.pop(connection, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
