"""HTTP as bytes, such as broken or hostile clients send."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import h11

if TYPE_CHECKING:
    from interactions_sdk.embedded.http_server import RunningServer

SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """A parsed response."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(running: RunningServer) -> socket.socket:
    """Open a connection."""
    address = urlsplit(running.endpoint)
    assert address.port is not None
    return socket.create_connection((str(address.hostname), address.port), timeout=SECONDS)


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes the connection, even if it does so early."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65_536):
            received += data
    return received


def read_answers(connection: socket.socket, *methods: str) -> list[Answer]:
    """Read responses until the server closes the connection.

    Args:
        connection: The connection on which requests were sent.
        methods: The methods of the requests; a response to HEAD has no body.
    """
    received = read_all(connection)
    answers: list[Answer] = []
    for method in (*methods, *["GET"] * 100):
        if not received:
            break
        client = h11.Connection(h11.CLIENT)
        client.send(h11.Request(method=method, target="/", headers=[("host", "localhost")]))
        client.send(h11.EndOfMessage())
        client.receive_data(received)
        head, body = client.next_event(), b""
        while isinstance(head, h11.InformationalResponse):
            head = client.next_event()
        assert isinstance(head, h11.Response), received
        while isinstance(event := client.next_event(), h11.Data):
            body += event.data
        assert isinstance(event, h11.EndOfMessage), received
        headers = {name.decode(): value.decode() for name, value in head.headers}
        answers.append(Answer(head.status_code, headers, body))
        received = client.trailing_data[0]
    assert not received
    return answers


def exchange(running: RunningServer, sent: bytes, *methods: str) -> list[Answer]:
    """Send bytes over a new connection, and return all responses."""
    with connect(running) as connection:
        with contextlib.suppress(OSError):  # the server stops reading
            connection.sendall(sent)
        return read_answers(connection, *methods)


def request(
    line: str, *headers: str, body: bytes = b"", host: str = "localhost", close: bool = True
) -> bytes:
    """Return the bytes of a request; unless `close` is false, it is the last of its connection."""
    lines = [f"{line} HTTP/1.1", f"Host: {host}", *headers]
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
