"""The embedded Appwrite over HTTP/1.1 with keep-alive connections."""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.embedded.services.context import Request
from interactions_sdk.embedded.values.responses import AppwriteError, error_response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from interactions_sdk.embedded.application import Application
    from interactions_sdk.embedded.values.responses import Response

_MAX_BODY_SIZE = 256 * 1024 * 1024
_REALTIME = "/v1/realtime"
_NO_WEBSOCKETS = (
    "The websocket /v1/realtime needs the package websockets: "
    "pip install 'interactions-sdk[realtime]'."
)


class RunningServer:
    """A server that is being served over HTTP.

    Attributes:
        endpoint: What clients take as their endpoint.
    """

    def __init__(
        self, application: Application, host: str, port: int, *, allow_remote: bool, own_key: bool
    ) -> None:
        if not _is_loopback(host) and not (allow_remote and own_key):
            message = (
                f"{host} can be reached from other machines: pass allow_remote=True, "
                "and give the server an api_key of your own."
            )
            raise ValueError(message)
        self._http = _HttpServer(host, port, application)
        shown = f"[{host}]" if ":" in host else host
        self.endpoint = f"http://{shown}:{self._http.server_port}/v1"
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="embedded-appwrite", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving; the server itself stays open."""
        self._http.shutdown()
        self._thread.join()
        self._http.close_connections()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, application: Application) -> None:
        self.application = application
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _RequestHandler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in socketserver
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as in socketserver
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the connections that clients keep open."""
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):  # the client has just gone away
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in socketserver
        """Say nothing of a client that went away; its request is answered or undone."""


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "EmbeddedAppwrite"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _MAX_BODY_SIZE or "transfer-encoding" in headers:
            self.send_error(411 if "transfer-encoding" in headers else 413)
            return
        body = self.rfile.read(int(length))
        path, _, query = self.path.partition("?")
        application = cast("_HttpServer", self.server).application
        if path == _REALTIME and headers.get("upgrade", "").lower() == "websocket":
            self._upgrade_websocket(application, query, headers)
            return
        self._reply(application.handle(Request(self.command, path, query, headers, body)))

    def _upgrade_websocket(
        self, application: Application, query: str, headers: Mapping[str, str]
    ) -> None:
        """Leave the connection to a websocket, until that ends."""
        try:
            from interactions_sdk.embedded.websocket import RealtimeConnection  # noqa: PLC0415 - an extra, and only if used
        except ModuleNotFoundError:
            error = AppwriteError("general_not_implemented", message=_NO_WEBSOCKETS)
            self._reply(error_response(error))
            return
        self.close_connection = True
        lines = (self.requestline, *(f"{name}: {each}" for name, each in self.headers.items()))
        handshake = "".join(f"{line}\r\n" for line in (*lines, ""))
        RealtimeConnection(self.connection, application).run(
            handshake.encode("latin-1"), query, headers
        )

    def _reply(self, answered: Response) -> None:
        self.send_response(answered.status)
        for name, value in answered.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", answered.content_type)
        if answered.status != 204:  # noqa: PLR2004 - which has no length by its definition
            self.send_header("content-length", str(len(answered.body)))
        self.end_headers()
        self.wfile.write(answered.body)
        self.wfile.flush()

    do_GET = _answer  # noqa: N815 - as http.server looks them up
    do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the same
    do_HEAD = do_OPTIONS = _answer  # noqa: N815 - the same

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in http.server
        """Keep the console quiet."""
