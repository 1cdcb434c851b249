"""The websocket `/v1/realtime`, message by message as recorded (`tests/contract/realtime.json`)."""

from __future__ import annotations

import logging
import selectors
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from interactions_sdk.embedded.access.actors import GUEST
from interactions_sdk.embedded.events import Subscriber
from interactions_sdk.embedded.services.context import parse_params
from interactions_sdk.embedded.values.responses import (
    AppwriteError,
    JsonObject,
    as_list,
    encode_json,
    parse_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from websockets.http11 import Request

    from interactions_sdk.embedded.application import Application

_MAX_MESSAGE_SIZE = 64_000
_READ_AT_ONCE = 65_536

_WRONG_MESSAGE = 1003
_WRONG_PROJECT = 1008

# websockets logs handshakes, with the secrets in them, where its logger is set to DEBUG. This
# logger belongs to no tree, so nobody can set it.
_SILENT = logging.Logger("embedded-appwrite", logging.CRITICAL)  # noqa: LOG001 - see above

Message: TypeAlias = dict[str, Any]


class RealtimeConnection:
    """One websocket on a socket of which the handshake was read, and nothing beyond."""

    def __init__(self, connection: socket.socket, application: Application) -> None:
        self._socket = connection
        self._application = application
        self._protocol = ServerProtocol(max_size=_MAX_MESSAGE_SIZE, logger=_SILENT)
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)  # noqa: FBT003 - the name of socket's

    def run(
        self,
        handshake: bytes,
        early: bytes,
        query: str,
        headers: Mapping[str, str],
        require_platform: Callable[[], None],
    ) -> None:
        """Answer the handshake, and talk until one side ends it.

        `early` is what the client sent right behind it; `require_platform` raises if it may not
        connect.
        """
        with self._waker, self._woken:
            self._protocol.receive_data(handshake)
            for request in self._protocol.events_received():
                response = self._protocol.accept(cast("Request", request))
                self._protocol.send_response(response)
            self._send()
            if self._protocol.state is State.OPEN:
                self._protocol.receive_data(early)
                self._loop(query, headers, require_platform)

    def _loop(
        self, query: str, headers: Mapping[str, str], require_platform: Callable[[], None]
    ) -> None:
        params = parse_params(query, "", b"")
        try:
            require_platform()
            project = params.get("project", self._application.project)
            self._application.require_project(headers, project)
            actor, user = self._application.authenticate_realtime(headers)
        except AppwriteError as error:
            self._send_error(error)
            return
        channels = [str(channel) for channel in as_list(params.get("channels"))]
        subscriber = Subscriber(channels, actor, wake=self._wake, cut_off=self._disconnect)
        self._application.subscribers.add(subscriber)
        try:
            data = {
                "channels": channels,
                "subscriptions": [subscriber.id] if channels else [],
                "user": user,
            }
            self._send_json({"type": "connected", "data": data})
            self._on_events(subscriber)
            self._send()
            self._subscribe(subscriber)
        finally:
            self._application.subscribers.remove(subscriber)

    def _send_error(self, error: AppwriteError) -> None:
        self._send_json(
            {"type": "error", "data": {"code": _WRONG_PROJECT, "message": error.message}}
        )
        self._protocol.send_close(_WRONG_PROJECT)
        self._send()

    def _subscribe(self, subscriber: Subscriber) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while self._protocol.state is not State.CLOSED:
                sources = {key.fileobj for key, _ in ready.select()}
                if self._woken in sources:
                    self._woken.recv(_READ_AT_ONCE)
                    self._send_event(subscriber)
                if self._socket in sources:
                    self._on_message(subscriber)
                self._send()

    def _send_event(self, subscriber: Subscriber) -> None:
        for raised in subscriber.drain():
            self._write(raised.message(subscriber.id))

    def _on_message(self, subscriber: Subscriber) -> None:
        if data := self._socket.recv(_READ_AT_ONCE):
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._on_events(subscriber)

    def _on_events(self, subscriber: Subscriber) -> None:
        for event in self._protocol.events_received():
            frame = cast("Frame", event)
            if frame.opcode in {Opcode.TEXT, Opcode.BINARY}:
                self._answer(frame, subscriber)

    def _answer(self, frame: Frame, subscriber: Subscriber) -> None:
        match _read(frame):
            case {"type": "ping"}:
                self._send_json({"type": "pong"})
            case {"type": "authentication", "data": {"session": str(session)}}:
                self._authenticate(session, subscriber)
            case _:
                self._send_message_error()

    def _authenticate(self, session: str, subscriber: Subscriber) -> None:
        try:
            actor, user = self._application.authenticate_realtime({"x-appwrite-session": session})
        except AppwriteError:
            actor, user = GUEST, None
        if user is None:
            self._send_message_error()
            return
        subscriber.actor = actor
        data: JsonObject = {"to": "authentication", "success": True, "user": user}
        self._send_json({"type": "response", "data": data})

    def _send_message_error(self) -> None:
        data = {"code": _WRONG_MESSAGE, "message": "Error: Server Error"}
        self._send_json({"type": "error", "data": data})

    def _send_json(self, message: Message) -> None:
        self._write(encode_json(message).encode())

    def _write(self, message: bytes) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_text(message)

    def _send(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)
            else:
                self._socket.shutdown(socket.SHUT_WR)

    # These two are called by writers, which must not hear that this websocket has just ended.

    def _wake(self) -> None:
        with suppress(OSError):
            self._waker.send(b".")

    def _disconnect(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _read(frame: Frame) -> object:
    try:
        return parse_json(bytes(frame.data))
    except ValueError:
        return None
