"""Handles one request: its project, caller, route and transaction."""

from __future__ import annotations

import sqlite3
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from interactions_sdk.embedded import routes
from interactions_sdk.embedded.access.actors import authenticate, constant_time_equal, is_one_of
from interactions_sdk.embedded.database.catalog import Catalog, schema_version
from interactions_sdk.embedded.database.store import Store, explain
from interactions_sdk.embedded.services import users
from interactions_sdk.embedded.services.context import (
    Request,
    RequestContext,
    parse_params,
    validate_path,
)
from interactions_sdk.embedded.values.responses import AppwriteError, Response, error_response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.row_cache import StaleRowCache
    from interactions_sdk.embedded.events import Event, Subscribers
    from interactions_sdk.embedded.values.responses import JsonObject
    from interactions_sdk.embedded.values.versions import Version

_PREFIX = "v1"


class Application:
    """Answers requests from any transport.

    More API keys may be added to the list. Without a row cache, reads of single rows are answered
    from the rows themselves.
    """

    def __init__(
        self,
        store: Store,
        project: str,
        api_keys: Sequence[str],
        version: Version,
        subscribers: Subscribers,
        *,
        row_cache: StaleRowCache | None = None,
    ) -> None:
        self.project = project
        self.subscribers = subscribers
        self._api_keys = api_keys
        self._store = store
        self._version = version
        self._row_cache = row_cache
        self._catalog = Catalog(-1)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        try:
            return self._handle(request)
        except AppwriteError as error:
            return self._refuse(error)
        except RecursionError:
            message = "The request is nested too deeply"
            return self._refuse(AppwriteError("general_bad_request", message=message))
        except UnicodeEncodeError:
            message = "The request holds half of a surrogate pair"
            return self._refuse(AppwriteError("general_bad_request", message=message))
        except sqlite3.DatabaseError as error:
            message = f"The file of the embedded Appwrite cannot be used: {explain(error)}"
            return self._refuse(AppwriteError("general_unknown", message=message))

    def _refuse(self, error: AppwriteError) -> Response:
        if error.type == "row_unique_constraint_violation":
            error = AppwriteError(self._version.unique_error, *error.subjects)
        return error_response(error, self._version.number)

    def _handle(self, request: Request) -> Response:
        segments = [unquote(segment) for segment in request.path.split("/")[1:]] or [""]
        method = "GET" if request.method == "HEAD" else request.method
        matched = routes.match(method, segments[1:]) if segments[0] == _PREFIX else None
        if matched is None:
            return self._not_found(request, segments)
        route, path = matched
        if route.handler is None:
            raise AppwriteError("general_not_implemented", f"{route.method} {route.path}")
        headers = request.headers
        params = parse_params(request.query, headers.get("content-type", ""), request.body)
        self.require_project(headers, params.get("project"))
        loan = self._store.reading() if route.reads_only else self._store.writing()
        raised: list[Event] | None = [] if self.subscribers else None
        if raised is not None:
            loan.after_commit = partial(self.subscribers.publish, raised)
        loan.deletes, loan.overwrites = method == "DELETE", method in {"PATCH", "PUT"}
        with loan as connection:
            actor = authenticate(connection, headers, self.project, self._api_keys)
            actor.require_scope(route.scopes)
            validate_path(path)
            catalog = self._current_catalog(connection)
            context = RequestContext(
                *(connection, catalog, actor, path, params, headers, request.body),
                *(self._version, self._row_cache, raised),
            )
            response = route.handler(context)
            loan.deletes |= context.deletes
            return response

    def _not_found(self, request: Request, segments: list[str]) -> Response:
        """Answer with Appwrite's page, or report that the service is not supported.

        If all routes of a service are known, Appwrite itself answers other requests with a page
        (transcript `authentication`).
        """
        if segments[0] == _PREFIX and segments[1:2] and segments[1] in routes.SERVICES:
            return Response(
                404, _read_page(self._version.not_found_page), "text/html; charset=UTF-8"
            )
        raise AppwriteError("general_not_implemented", f"{request.method} {request.path}")

    def is_api_key(self, key: str) -> bool:
        """Return whether a key is one of this server's."""
        return is_one_of(key, self._api_keys)

    def authenticate_realtime(self, headers: Mapping[str, str]) -> tuple[Actor, JsonObject | None]:
        """Return the user of a JWT or a session in the headers of a handshake; an API key has none.

        Raises:
            AppwriteError: The JWT was not signed by this server, or the user is blocked.
        """
        personal = {name: value for name, value in headers.items() if name != "x-appwrite-key"}
        with self._store.reading() as connection:
            actor = authenticate(connection, personal, self.project, self._api_keys)
            if not actor.user_id:
                return actor, None
            return actor, users.get_user(connection, actor.user_id).to_json()

    def require_project(self, headers: Mapping[str, str], param: object) -> None:
        """Reject a request for a project other than the only one."""
        project = headers.get("x-appwrite-project") or param
        if not project and headers.get("x-appwrite-key"):
            raise AppwriteError("project_id_missing")
        if not isinstance(project, str) or not constant_time_equal(project, self.project):
            raise AppwriteError("project_not_found")

    def _current_catalog(self, connection: sqlite3.Connection) -> Catalog:
        """Return the catalog of the schema, reloaded if the schema has changed."""
        catalog = self._catalog
        version = schema_version(connection)
        if catalog.version != version:
            catalog = self._catalog = Catalog(version)
        return catalog


@cache
def _read_page(name: str) -> bytes:
    """Read one of Appwrite's own pages, as recorded (see THIRD_PARTY_NOTICES.md)."""
    return (Path(__file__).parent / name).read_bytes()
