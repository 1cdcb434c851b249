"""The embedded Appwrite itself: it takes requests, and gives answers."""

from __future__ import annotations

import sqlite3
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from interactions_sdk.embedded import routes
from interactions_sdk.embedded.access.actors import authenticated, same
from interactions_sdk.embedded.database.catalog import Catalog, schema_version
from interactions_sdk.embedded.database.store import Store
from interactions_sdk.embedded.services import users
from interactions_sdk.embedded.services.context import Call, Request, checked_path, read_params
from interactions_sdk.embedded.subscribers import Subscribers
from interactions_sdk.embedded.values.responses import Answer, AppwriteError, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Self

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.events import Raised
    from interactions_sdk.embedded.http_server import Running
    from interactions_sdk.embedded.httpx_transport import EmbeddedTransport
    from interactions_sdk.embedded.values.responses import JsonObject

DEFAULT_API_KEY = "embedded"
_BASE = "v1"


class EmbeddedAppwrite:
    """An Appwrite in one SQLite file: TablesDB, Users, Teams, sessions, JWTs and Storage.

    It answers as a recorded Appwrite 1.9.6 does, status, body and error text alike; what it does
    not cover answers 501 and names the route. Threads, and over a file also processes, may use
    one at the same time.

    Args:
        path: The file, made if it is missing; `:memory:` keeps nothing.
        project: The id of its one project.
        api_key: Its one API key, which may do everything.
        image: What one in memory holds from the start: the `image()` of another.

    Raises:
        StoreError: The file belongs to another program, is damaged, or cannot be opened. It is
            left as it is.
        ValueError: An image is given for a file.

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
        api_key: str = DEFAULT_API_KEY,
        image: bytes | None = None,
    ) -> None:
        if image is not None and str(path) != ":memory:":
            message = "An image is what a server in memory begins with; a file has its own rows."
            raise ValueError(message)
        self.project = project
        self.api_key = api_key
        self.subscribers = Subscribers()
        self._store = Store(str(path), image)
        self._catalog = Catalog(-1)
        self._transport: EmbeddedTransport | None = None

    def __repr__(self) -> str:
        return f"EmbeddedAppwrite({self._store.path!r}, project={self.project!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. What was answered is in it."""
        self._store.close()

    def image(self) -> bytes:
        """Return all that it holds, as of now, to start others in memory with.

        Tests that begin with the same rows begin in a millisecond. Users, sessions and files are
        in it, but each server signs its own JWTs.

        Example:
            >>> with EmbeddedAppwrite() as prepared:
            ...     image = prepared.image()
            >>> with EmbeddedAppwrite(image=image) as server:
            ...     print(server)
            EmbeddedAppwrite(':memory:', project='embedded')
        """
        return self._store.image()

    @property
    def transport(self) -> EmbeddedTransport:
        """One httpx transport, for `httpx.Client` and for `httpx.AsyncClient`."""
        if self._transport is None:
            from interactions_sdk.embedded.httpx_transport import EmbeddedTransport  # noqa: PLC0415 - httpx is slow to import

            self._transport = EmbeddedTransport(self)
        return self._transport

    def serve(
        self, host: str = "127.0.0.1", port: int = 0, *, allow_remote: bool = False
    ) -> Running:
        """Serve HTTP, and the websocket `/v1/realtime`, until the context that this gives is left.

        The websocket needs the package `websockets` (extra `realtime`). It tells of what is
        written through this server; another process on the same file has listeners of its own.

        Args:
            host: An address of this machine.
            port: 0 takes a free one; `endpoint` tells which.
            allow_remote: Lets others than this machine in. They need the API key, which must
                then be one of your own.

        Raises:
            ValueError: The host is not this machine's alone, without the flag or with the
                default key.
            OSError: The port is taken.
        """
        from interactions_sdk.embedded.http_server import Running  # noqa: PLC0415 - http.server is slow to import

        own_key = self.api_key != DEFAULT_API_KEY
        return Running(self, host, port, allow_remote=allow_remote, own_key=own_key)

    def handle(self, request: Request) -> Answer:
        """Answer a request."""
        try:
            return self._handle(request)
        except AppwriteError as error:
            return refusal(error)
        except UnicodeEncodeError:
            message = "The request holds half of a surrogate pair"
            return refusal(AppwriteError("general_bad_request", message=message))
        except sqlite3.DatabaseError as error:
            message = f"The file of the embedded Appwrite cannot be used: {error}"
            return refusal(AppwriteError("general_unknown", message=message))

    def _handle(self, request: Request) -> Answer:
        segments = [unquote(segment) for segment in request.path.split("/")[1:]]
        matched = routes.match(request.method, segments[1:]) if segments[0] == _BASE else None
        if matched is None:
            return _no_such_route(request, segments)
        route, path = matched
        if route.handler is None:
            raise AppwriteError("general_not_implemented", f"{route.method} {route.path}")
        headers = request.headers
        params = read_params(request.query, headers.get("content-type", ""), request.body)
        self.refuse_other_projects(headers, params.get("project"))
        loan = self._store.reading() if route.reads_only else self._store.writing()
        raised: list[Raised] | None = [] if self.subscribers else None
        if raised is not None:
            loan.after_commit = partial(self.subscribers.tell, raised)
        with loan as connection:
            actor = authenticated(connection, headers, self.project, self.api_key)
            actor.refuse_without(route.scopes)
            checked_path(path)
            catalog = self._current_catalog(connection)
            return route.handler(
                Call(connection, catalog, actor, path, params, headers, request.body, raised)
            )

    def signed_in(self, headers: Mapping[str, str]) -> tuple[Actor, JsonObject | None]:
        """Tell which user a JWT or a session stands for; a key stands for none.

        Args:
            headers: Those of a handshake, names in small letters.

        Raises:
            AppwriteError: The JWT is none of this server's, or the user is blocked.
        """
        personal = {name: value for name, value in headers.items() if name != "x-appwrite-key"}
        with self._store.reading() as connection:
            actor = authenticated(connection, personal, self.project, self.api_key)
            if not actor.user_id:
                return actor, None
            return actor, users.user(connection, actor.user_id).answered()

    def refuse_other_projects(self, headers: Mapping[str, str], param: object) -> None:
        """Raise where a request is about another project than the one there is.

        Raises:
            AppwriteError: `project_not_found`, `project_id_missing`.
        """
        project = headers.get("x-appwrite-project") or param
        if not project and headers.get("x-appwrite-key"):
            raise AppwriteError("project_id_missing")
        if not isinstance(project, str) or not same(project, self.project):
            raise AppwriteError("project_not_found")

    def _current_catalog(self, connection: sqlite3.Connection) -> Catalog:
        """Give what is known of the schema, or start anew where it has changed."""
        catalog = self._catalog
        version = schema_version(connection)
        if catalog.version != version:
            catalog = self._catalog = Catalog(version)
        return catalog


def _no_such_route(request: Request, segments: list[str]) -> Answer:
    """Answer with Appwrite's page, or say that the service is not covered.

    A service all of whose routes are known has no other: Appwrite itself answers such a request
    with a page (transcript `authentication`).
    """
    if segments[0] == _BASE and segments[1:2] and segments[1] in routes.SERVICES:
        return Answer(404, _page_not_found(), "text/html; charset=UTF-8")
    raise AppwriteError("general_not_implemented", f"{request.method} {request.path}")


@cache
def _page_not_found() -> bytes:
    """Read the page, which is Appwrite's own (see THIRD_PARTY_NOTICES.md), as it was recorded."""
    return (Path(__file__).parent / "route_not_found.html").read_bytes()
