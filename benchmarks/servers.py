"""A server to measure: an embedded one in its own process, or the one in the environment."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from multiprocessing.connection import Connection

    from interactions_sdk.embedded.application import Application
    from interactions_sdk.embedded.services.context import Request
    from interactions_sdk.embedded.values.responses import Response

SLOW_ROW = "slow"
"""The ID of a row that a distant server takes a second to find."""

_SLOW = 1.0
_KEY = "bench"


@dataclass(frozen=True)
class Server:
    """The address of a server, and a new database on it."""

    endpoint: str
    project: str
    key: str
    database: str


class DistantAppwrite(EmbeddedAppwrite):
    """An embedded server with a network delay.

    Args:
        distance: The time of a request and its response in the network, in seconds.
    """

    def __init__(self, distance: float) -> None:
        self._distance = distance
        super().__init__(api_key=_KEY)

    def _make_application(self, api_keys: Sequence[str]) -> Application:
        application = super()._make_application(api_keys)
        handle = application.handle

        def handle_later(request: Request) -> Response:
            is_slow = request.method == "GET" and f"%22{SLOW_ROW}%22" in request.query
            time.sleep(_SLOW if is_slow else self._distance)
            return handle(request)

        application.handle = handle_later  # type: ignore[method-assign]
        return application


@contextmanager
def a_server(*, live: bool, distance: float = 0.0) -> Generator[Server]:
    """Yield the server; its database is deleted afterwards.

    Args:
        live: Whether to use the server in the environment.
        distance: The round-trip time to an embedded server, in seconds.
    """
    database = f"bench{secrets.token_hex(6)}"
    if not live:
        with _embedded_process(distance) as endpoint:
            yield Server(endpoint, "embedded", _KEY, database)
        return
    endpoint = os.environ["APPWRITE_ENDPOINT"].rstrip("/")
    project, key = os.environ["APPWRITE_PROJECT_ID"], os.environ["APPWRITE_API_KEY"]
    try:
        yield Server(endpoint, project, key, database)
    finally:
        headers = {"X-Appwrite-Project": project, "X-Appwrite-Key": key}
        httpx.delete(f"{endpoint}/tablesdb/{database}", headers=headers).raise_for_status()


@contextmanager
def _embedded_process(distance: float) -> Generator[str]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, distance))
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def _serve(ready: Connection, distance: float) -> None:
    appwrite = DistantAppwrite(distance) if distance else EmbeddedAppwrite(api_key=_KEY)
    with appwrite as server, server.serve() as running:
        ready.send(running.endpoint)
        ready.poll(None)
