"""The embedded Appwrite server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.embedded.application import Application
from interactions_sdk.embedded.database.row_cache import StaleRowCache
from interactions_sdk.embedded.database.store import Durability, Store
from interactions_sdk.embedded.events import Subscribers
from interactions_sdk.embedded.values.versions import get_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from typing import Self

    from interactions_sdk.embedded.http_server import RunningServer
    from interactions_sdk.embedded.httpx_transport import EmbeddedTransport
    from interactions_sdk.embedded.services.context import Request
    from interactions_sdk.embedded.values.responses import Response

DEFAULT_API_KEY = "embedded"


class EmbeddedAppwrite:
    """An Appwrite in one SQLite file: TablesDB, Users, Teams, sessions, JWTs and Storage.

    It answers as a recorded Appwrite does: status, body and error message. Unsupported routes
    answer 501 and name the route. Several threads, and with a file also several processes, can use
    it at the same time.

    Args:
        path: The file, created if missing; `:memory:` keeps the data in memory.
        project: The ID of its only project.
        api_key: Its only API key, which has all scopes. Without one, the key is `"embedded"` in
            this process, and `serve` creates a random one.
        version: The recorded Appwrite that it answers as: the released `1.9.6`, or
            `1.9.x-2026-08`, the unreleased source of August 2026.
        durability: `full` writes to the disk before a request is answered, so that a power failure
            loses nothing that was confirmed. `normal` is faster and may lose the latest writes
            then, but leaves the file sound. When the process is killed, both keep everything.
        snapshot: The initial data of a server in memory: the `snapshot()` of another one.
        stale_cache: Answer `GET .../rows/{id}` of a row that was read before as a real Appwrite
            sometimes does: with the state from before the last transaction that changed the row,
            until another write of it, or a commit that is refused. Lists are always current.

    Raises:
        StoreError: The file belongs to another program, is damaged, or cannot be opened. It is not
            changed.
        ValueError: A snapshot was passed for a file, or the version is unknown.

    Example:
        >>> import httpx
        >>> with EmbeddedAppwrite() as server:
        ...     http = httpx.Client(transport=server.transport, base_url="http://embedded/v1")
        ...     http.get("/health/version").status_code
        501
    """

    def __init__(
        self,
        path: str | PathLike[str] = ":memory:",
        *,
        project: str = "embedded",
        api_key: str | None = None,
        version: str = "1.9.6",
        durability: Durability = "full",
        snapshot: bytes | None = None,
        stale_cache: bool = False,
    ) -> None:
        if snapshot is not None and str(path) != ":memory:":
            raise ValueError("snapshot= can only be used with ':memory:'.")
        answers = get_version(version)
        self.project = project
        self.api_key = DEFAULT_API_KEY if api_key is None else api_key
        self._own_key = api_key
        self._api_keys = [self.api_key]
        self._store = Store(str(path), snapshot, durability)
        self._subscribers = Subscribers()
        self._version = answers
        self._row_cache = StaleRowCache() if stale_cache else None
        self._application = self._make_application(self._api_keys)
        self._transport: EmbeddedTransport | None = None

    def _make_application(self, api_keys: Sequence[str]) -> Application:
        return Application(
            *(self._store, self.project, api_keys, self._version, self._subscribers),
            row_cache=self._row_cache,
        )

    def __repr__(self) -> str:
        return f"EmbeddedAppwrite({self._store.path!r}, project={self.project!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Everything confirmed has been written."""
        self._store.close()

    def snapshot(self) -> bytes:
        """Return a copy of all data, to start other servers in memory.

        A server starts from it in a millisecond. It contains users, sessions and files, but each
        server signs its own JWTs.

        Example:
            >>> with EmbeddedAppwrite() as prepared:
            ...     snapshot = prepared.snapshot()
            >>> with EmbeddedAppwrite(snapshot=snapshot) as server:
            ...     print(server)
            EmbeddedAppwrite(':memory:', project='embedded')
        """
        return self._store.snapshot()

    @property
    def transport(self) -> EmbeddedTransport:
        """One httpx transport, for `httpx.Client` and for `httpx.AsyncClient`."""
        if self._transport is None:
            from interactions_sdk.embedded.httpx_transport import EmbeddedTransport  # noqa: PLC0415 - httpx is slow to import

            self._transport = EmbeddedTransport(self._application)
        return self._transport

    def serve(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        allow_remote: bool = False,
        allowed_hosts: Sequence[str] = (),
        platforms: Sequence[str] = (),
    ) -> RunningServer:
        """Serve HTTP and the websocket `/v1/realtime` until the returned context is left.

        Clients need the API key of this server. If none was passed, a random one is created when
        the server is first served; it is kept in the file, and is `api_key` from then on.

        The websocket needs the package `websockets` (extra `realtime`). It reports writes through
        this server; another process on the same file has its own subscribers.

        Args:
            host: An address of this machine.
            port: 0 takes a free one; see `endpoint`.
            allow_remote: Allow connections from other machines.
            allowed_hosts: Host names that clients may use, beside `host` and those of this
                machine. Others are refused, because a web page can make a name point here.
            platforms: Host names of web pages that may call it from a browser, beside those of
                this machine; Appwrite's console calls them web platforms.

        Raises:
            ValueError: The host can be reached from other machines, and the flag is missing.
            OSError: The port is taken.

        Example:
            >>> with EmbeddedAppwrite() as server, server.serve() as running:
            ...     print(running.endpoint.partition(":")[0], running.api_key.partition("_")[0])
            http standard
        """
        from interactions_sdk.embedded.http_policy import is_loopback  # noqa: PLC0415 - the same
        from interactions_sdk.embedded.http_server import RunningServer  # noqa: PLC0415 - h11 is slow to import

        if not allow_remote and not is_loopback(host):
            raise ValueError(f"Binding to {host} requires allow_remote=True.")
        is_new_key = False
        if self._own_key is None:
            self.api_key, is_new_key = self._store.served_key()
            self._api_keys.append(self.api_key)
        return RunningServer(
            self._make_application([self.api_key]),
            host,
            port,
            api_key=self.api_key,
            is_new_key=is_new_key,
            allowed_hosts=allowed_hosts,
            platforms=platforms,
        )

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        return self._application.handle(request)
