"""A server to measure against: an embedded one in a process of its own, or the environment's."""

from __future__ import annotations

import multiprocessing
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from collections.abc import Generator
    from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Server:
    """Where a server is, and a database of one's own on it."""

    endpoint: str
    project: str
    key: str
    database: str


@contextmanager
def a_server(*, live: bool) -> Generator[Server]:
    """Yield the server; its database is deleted afterwards."""
    database = f"bench{secrets.token_hex(6)}"
    if not live:
        with _embedded_process() as endpoint:
            yield Server(endpoint, "embedded", "embedded", database)
        return
    endpoint = os.environ["APPWRITE_ENDPOINT"].rstrip("/")
    project, key = os.environ["APPWRITE_PROJECT_ID"], os.environ["APPWRITE_API_KEY"]
    try:
        yield Server(endpoint, project, key, database)
    finally:
        headers = {"X-Appwrite-Project": project, "X-Appwrite-Key": key}
        httpx.delete(f"{endpoint}/tablesdb/{database}", headers=headers).raise_for_status()


@contextmanager
def _embedded_process() -> Generator[str]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,))
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def _serve(ready: Connection) -> None:
    with EmbeddedAppwrite() as server, server.serve() as running:
        ready.send(running.endpoint)
        ready.poll(None)
