"""One HTTP connection: h11 reads requests within limits, and they are answered in order."""

from __future__ import annotations

import logging
import re
import socket
import threading
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

import h11

from interactions_sdk.embedded.services.context import Request
from interactions_sdk.embedded.values.responses import (
    VERSION,
    AppwriteError,
    Response,
    error_response,
    json_response,
)
from interactions_sdk.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk.embedded.application import Application
    from interactions_sdk.embedded.http_policy import HttpPolicy

_REALTIME = "/v1/realtime"
_NO_WEBSOCKETS = (
    "The websocket /v1/realtime needs the package websockets: "
    "install interactions-sdk with the extra `realtime`."
)
_READ_SIZE = 65_536
_FOLDED_LINE = re.compile(rb"\n[ \t]")
_NO_CONTENT: Final = 204
_MAX_DRAINED = 16 * 1024 * 1024
_DRAIN_SECONDS = 2.0
_WEBSOCKET_SEND_SECONDS = 30.0

_UNREAD: Final = (h11.IDLE, h11.SEND_BODY, h11.ERROR)
"""States of a client whose request was not read completely."""

logger = logging.getLogger("interactions_sdk.embedded")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a served server.

    Attributes:
        head_bytes: Size of the request line and the headers.
        total_bytes: Size of all bodies being read or answered.
        idle_seconds: Time between two requests of a connection.
        stall_seconds: Time without a byte, within a request or its response.
        request_seconds: Time for a request, before `bytes_per_second` applies.
        bytes_per_second: The minimum speed of a slow client.
    """

    connections: int = 256
    websockets: int = 128
    head_bytes: int = 131_072
    body_bytes: int = 25_000_000
    body_bytes_with_key: int = 256_000_000
    total_bytes: int = 512_000_000
    idle_seconds: float = 30.0
    stall_seconds: float = 5.0
    request_seconds: float = 10.0
    bytes_per_second: int = 65_536


class Budget:
    """A budget that connections share."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()

    def take(self, amount: int) -> bool:
        """Take an amount, if enough is left."""
        with self._lock:
            if amount > self._left:
                return False
            self._left -= amount
            return True

    def give_back(self, amount: int) -> None:
        """Return an amount."""
        with self._lock:
            self._left += amount


@dataclass(frozen=True, slots=True)
class Shared:
    """The state that the connections of one server share."""

    application: Application
    policy: HttpPolicy
    limits: Limits
    memory: Budget
    websockets: Budget


class _RefusedError(Exception):
    """A request that is not read completely; its connection is closed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class HttpConnection:
    """One connection, until either side closes it.

    Attributes:
        is_idle: Whether it waits for a request to begin.
        is_websocket: Whether it has become a websocket.
    """

    def __init__(self, connection: socket.socket, shared: Shared) -> None:
        self.is_idle = True
        self.is_websocket = False
        self._socket = connection
        self._shared = shared
        self._limits = shared.limits
        self._protocol = h11.Connection(
            h11.SERVER, max_incomplete_event_size=shared.limits.head_bytes
        )
        self._closing = False
        self._started = 0.0
        self._received = 0
        self._held = 0
        self._origin: str | None = None
        self._is_head = False

    def run(self) -> None:
        """Answer requests until the connection ends."""
        try:
            with self._socket:
                while self._answer_one() and not self._closing:
                    self._protocol.start_next_cycle()
        except OSError as error:
            logger.debug(
                "A connection ended early: %s",
                error,
                extra={"interactions_sdk": {"reason": str(error)}},
            )
        except h11.LocalProtocolError as error:
            logger.exception(
                "An answer could not be sent.",
                extra={"interactions_sdk": {"reason": str(error)}},
            )
        finally:
            self._release()

    def close(self, *, at_once: bool) -> None:
        """Close the connection, after the response in progress or immediately."""
        self._closing = True
        if at_once or self.is_idle or self.is_websocket:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError as error:
                logger.debug(
                    "A connection had ended by itself: %s",
                    error,
                    extra={"interactions_sdk": {"reason": str(error)}},
                )

    def _answer_one(self) -> bool:
        """Read and answer a request; return whether another one may follow."""
        self._started, self._received = monotonic(), 0
        self.is_idle = not self._protocol.trailing_data[0]
        self._origin, self._is_head = None, False
        try:
            request = self._next_event()
            if not isinstance(request, h11.Request):
                return False  # the client has closed the connection
            self.is_idle = False
            response = self._respond(request)
        except _RefusedError as error:
            self._closing = True
            response = _plain_error(error.status, str(error))
        except h11.RemoteProtocolError as error:
            response = _plain_error(error.error_status_hint, str(error))
        except TimeoutError:
            if self.is_idle:
                return False
            response = _plain_error(408, "The request did not come in time.")
        if response is None:
            return False  # a websocket took the connection, and has ended
        self._send(response)
        self._release()
        if self._protocol.their_state in _UNREAD:
            self._drain()
        return self._protocol.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    def _respond(self, request: h11.Request) -> Response | None:
        """Return the response to a request; None if it became a websocket."""
        headers = _headers(request)
        if request.http_version not in {b"1.0", b"1.1"}:
            raise _RefusedError(505, "HTTP/1.1 is spoken here.")
        _require_one_length(request, headers)
        method = request.method.decode("ascii")
        self._is_head = method == "HEAD"
        path, query = self._target(request.target.decode("ascii"), headers.get("host", ""))
        self._origin = headers.get("origin")
        if headers.keys().isdisjoint({"content-length", "transfer-encoding"}):
            self._next_event()  # the end of a request without a body
        policy, application = self._shared.policy, self._shared.application
        try:
            policy.require_origin(method, headers)
        except AppwriteError as error:
            return error_response(error)
        if method == "OPTIONS":
            return Response(_NO_CONTENT, b"", "text/plain")
        if path == _REALTIME and headers.get("upgrade", "").lower() == "websocket":
            return self._upgrade_websocket(request, query, headers)
        body = self._read_body(headers)
        try:
            return application.handle(Request(method, path, query, headers, body))
        except StoreError as error:
            raise _RefusedError(503, str(error)) from error
        except Exception:
            logger.exception(
                "A request failed: %s %s",
                method,
                path,
                extra={"interactions_sdk": {"method": method, "path": path}},
            )
            return error_response(AppwriteError("general_unknown", message="Server Error"))

    def _target(self, target: str, authority: str) -> tuple[str, str]:
        """Return the path and query of a request, if it was sent to a name of this server."""
        if not target.startswith("/") and "://" in target:
            _, _, rest = target.partition("://")
            authority, slash, rest = rest.partition("/")
            target = slash + rest
        try:
            self._shared.policy.require_host(authority)
        except AppwriteError as error:
            raise _RefusedError(error.status, error.message) from error
        path, _, query = target.partition("?")
        return (path if path.startswith("/") else "/"), query

    def _read_body(self, headers: Mapping[str, str]) -> bytes:
        if self._protocol.their_state is not h11.SEND_BODY:
            return b""
        key = headers.get("x-appwrite-key", "")
        with_key = bool(key) and self._shared.application.is_api_key(key)
        limit = self._limits.body_bytes_with_key if with_key else self._limits.body_bytes
        announced = int(headers.get("content-length", "0"))
        if announced > limit:
            raise _RefusedError(413, f"A body may have at most {limit:,} bytes.")
        self._hold(announced)
        if self._protocol.they_are_waiting_for_100_continue:
            answer = h11.InformationalResponse(status_code=100, headers=[])
            self._socket.sendall(self._protocol.send(answer) or b"")
        chunks: list[bytes] = []
        size = 0
        while isinstance(event := self._next_event(), h11.Data):
            size += len(event.data)
            if size > limit:
                raise _RefusedError(413, f"A body may have at most {limit:,} bytes.")
            if size > announced:
                self._hold(len(event.data))
            chunks.append(bytes(event.data))
        return b"".join(chunks)

    def _hold(self, amount: int) -> None:
        """Count bytes that this connection keeps in memory until its response is sent."""
        if not self._shared.memory.take(amount):
            raise _RefusedError(503, "Too many large requests at one time; try again.")
        self._held += amount

    def _release(self) -> None:
        self._shared.memory.give_back(self._held)
        self._held = 0

    def _next_event(self) -> object:
        if self._protocol.their_state is h11.IDLE:
            self._reject_folded_lines()
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            self._protocol.receive_data(self._receive())
            if self._protocol.their_state is h11.IDLE:
                self._reject_folded_lines()
        return event

    def _reject_folded_lines(self) -> None:
        """Reject a header that is continued on the next line, which h11 would join.

        Other servers may read the next line as a separate header.
        https://www.rfc-editor.org/rfc/rfc9112#section-5.2
        """
        head = self._protocol.trailing_data[0].partition(b"\r\n\r\n")[0]
        if _FOLDED_LINE.search(head):
            raise _RefusedError(400, "A header may not go on in the next line.")

    def _receive(self) -> bytes:
        """Read available data, within the remaining time.

        Raises:
            TimeoutError: The client was too slow.
        """
        if self.is_idle:
            self._socket.settimeout(self._limits.idle_seconds)
            data = self._socket.recv(_READ_SIZE)
            self._started, self.is_idle = monotonic(), False
        else:
            earned = self._received / self._limits.bytes_per_second
            left = self._started + self._limits.request_seconds + earned - monotonic()
            self._socket.settimeout(max(0.001, min(left, self._limits.stall_seconds)))
            data = self._socket.recv(_READ_SIZE)
        self._received += len(data)
        return data

    def _send(self, response: Response) -> None:
        headers = [
            *response.headers.items(),
            *self._shared.policy.response_headers(self._origin),
            ("server", "EmbeddedAppwrite"),
            ("content-type", response.content_type),
        ]
        if response.status != _NO_CONTENT:
            headers.append(("content-length", str(len(response.body))))
        if self._closing or self._protocol.their_state in _UNREAD:
            headers.append(("connection", "close"))
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        send = self._protocol.send
        sent = send(h11.Response(status_code=response.status, headers=encoded)) or b""
        if response.body and not self._is_head:
            sent += send(h11.Data(data=response.body)) or b""
        sent += send(h11.EndOfMessage()) or b""
        self._socket.settimeout(
            self._limits.stall_seconds + len(sent) / self._limits.bytes_per_second
        )
        self._socket.sendall(sent)

    def _drain(self) -> None:
        """Keep reading for a moment, so that the client gets the response and not a reset."""
        self._socket.shutdown(socket.SHUT_WR)
        ends, left = monotonic() + _DRAIN_SECONDS, _MAX_DRAINED
        while left > 0 and (seconds := ends - monotonic()) > 0:
            self._socket.settimeout(seconds)
            data = self._socket.recv(_READ_SIZE)
            if not data:
                return
            left -= len(data)

    def _upgrade_websocket(
        self, request: h11.Request, query: str, headers: Mapping[str, str]
    ) -> Response | None:
        """Hand the connection over to a websocket until it ends."""
        try:
            from interactions_sdk.embedded.websocket import (  # noqa: PLC0415 - an extra
                RealtimeConnection,
            )
        except ModuleNotFoundError:
            error = AppwriteError("general_not_implemented", message=_NO_WEBSOCKETS)
            return error_response(error)
        if request.method != b"GET" or self._protocol.their_state is h11.SEND_BODY:
            raise _RefusedError(400, "A websocket begins with a GET without a body.")
        if not self._shared.websockets.take(1):
            raise _RefusedError(503, "Too many websockets are open.")
        try:
            handshake = b"".join(
                (
                    b"%s %s HTTP/1.1\r\n" % (request.method, request.target),
                    *(b"%s: %s\r\n" % header for header in request.headers.raw_items()),
                    b"\r\n",
                )
            )
            early = self._protocol.trailing_data[0]
            self._socket.settimeout(_WEBSOCKET_SEND_SECONDS)
            websocket = RealtimeConnection(self._socket, self._shared.application)
            self.is_websocket = True
            require_platform = partial(self._shared.policy.require_platform, headers.get("origin"))
            websocket.run(handshake, early, query, headers, require_platform)
        finally:
            self._shared.websockets.give_back(1)
        return None


def _headers(request: h11.Request) -> dict[str, str]:
    """Return headers in the application's format; repeated headers are joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _require_one_length(request: h11.Request, headers: Mapping[str, str]) -> None:
    """Reject a body with two lengths, because a proxy may use the other one.

    https://www.rfc-editor.org/rfc/rfc9112#section-6.1
    """
    if "transfer-encoding" in headers and (
        "content-length" in headers or request.http_version < b"1.1"
    ):
        raise _RefusedError(400, "A body has either a length or chunks.")


def _plain_error(status: int, message: str) -> Response:
    """Answer an invalid request in the format of Appwrite's errors."""
    body = {"message": message, "code": status, "type": "general_bad_request", "version": VERSION}
    return json_response(body, status)
