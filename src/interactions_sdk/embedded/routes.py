"""The routes of Appwrite's TablesDB, Users, Account, Teams and Storage, as a table.

A route without a handler exists in Appwrite but not in this server, which answers 501.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk.embedded.services import (
    account,
    bulk_rows,
    columns,
    databases,
    indexes,
    rows,
    storage,
    tables,
    teams,
    transactions,
    users,
)
from interactions_sdk.embedded.values.column_types import COLUMN_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from interactions_sdk.embedded.services.context import RequestContext
    from interactions_sdk.embedded.values.responses import Response


@dataclass(frozen=True, slots=True)
class Route:
    """One route below `/v1`, with `{placeholders}` in its path.

    Attributes:
        scopes: The scopes, of which a caller needs one.
        handler: The handler; None if this server does not support the route.
    """

    method: str
    path: str
    scopes: tuple[str, ...]
    handler: Callable[[RequestContext], Response] | None
    parts: tuple[str, ...]

    @property
    def reads_only(self) -> bool:
        """Whether it does not change the file."""
        return self.method == "GET"


def _route(line: str, scopes: str, handler: Callable[[RequestContext], Response] | None) -> Route:
    method, path = line.split()
    return Route(method, path, tuple(scopes.split()), handler, tuple(path.split("/")[1:]))


_DATABASE = "/tablesdb/{databaseId}"
_TABLE = f"{_DATABASE}/tables/{{tableId}}"
_ROW = f"{_TABLE}/rows/{{rowId}}"
_COLUMN = f"{_TABLE}/columns/{{key}}"
_INDEX = f"{_TABLE}/indexes/{{key}}"
_TRANSACTION = "/tablesdb/transactions/{transactionId}"
_USER = "/users/{userId}"
_TEAM = "/teams/{teamId}"
_MEMBERSHIP = f"{_TEAM}/memberships/{{membershipId}}"
_BUCKET = "/storage/buckets/{bucketId}"
_FILE = f"{_BUCKET}/files/{{fileId}}"

_READ_TABLES = "tables.read collections.read"
_WRITE_TABLES = "tables.write collections.write"
_READ_COLUMNS = f"{_READ_TABLES} columns.read attributes.read"
_WRITE_COLUMNS = f"{_WRITE_TABLES} columns.write attributes.write"
_READ_INDEXES = f"{_READ_TABLES} indexes.read"
_WRITE_INDEXES = f"{_WRITE_TABLES} indexes.write"
_READ_ROWS = "rows.read documents.read"
_WRITE_ROWS = "rows.write documents.write"

_COVERED = [
    _route("GET /tablesdb", "databases.read", databases.list_databases),
    _route("POST /tablesdb", "databases.write", databases.create),
    _route("GET /tablesdb/transactions", _READ_ROWS, transactions.list_transactions),
    _route("POST /tablesdb/transactions", _WRITE_ROWS, transactions.create),
    _route(f"GET {_TRANSACTION}", _READ_ROWS, transactions.get),
    _route(f"PATCH {_TRANSACTION}", _WRITE_ROWS, transactions.update),
    _route(f"DELETE {_TRANSACTION}", _WRITE_ROWS, transactions.delete),
    _route(f"POST {_TRANSACTION}/operations", _WRITE_ROWS, transactions.stage),
    _route(f"GET {_DATABASE}", "databases.read", databases.get),
    _route(f"PUT {_DATABASE}", "databases.write", databases.update),
    _route(f"DELETE {_DATABASE}", "databases.write", databases.delete),
    _route(f"GET {_DATABASE}/tables", _READ_TABLES, tables.list_tables),
    _route(f"POST {_DATABASE}/tables", _WRITE_TABLES, tables.create),
    _route(f"GET {_TABLE}", _READ_TABLES, tables.get),
    _route(f"PUT {_TABLE}", _WRITE_TABLES, tables.update),
    _route(f"DELETE {_TABLE}", _WRITE_TABLES, tables.delete),
    _route(f"GET {_TABLE}/columns", _READ_COLUMNS, columns.list_columns),
    *(
        _route(f"POST {_TABLE}/columns/{kind}", _WRITE_COLUMNS, partial(columns.create, kind))
        for kind in COLUMN_TYPES
    ),
    _route(f"GET {_COLUMN}", _READ_COLUMNS, columns.get),
    _route(f"DELETE {_COLUMN}", _WRITE_COLUMNS, columns.delete),
    _route(f"GET {_TABLE}/indexes", _READ_INDEXES, indexes.list_indexes),
    _route(f"POST {_TABLE}/indexes", _WRITE_INDEXES, indexes.create),
    _route(f"GET {_INDEX}", _READ_INDEXES, indexes.get),
    _route(f"DELETE {_INDEX}", _WRITE_INDEXES, indexes.delete),
    _route(f"GET {_TABLE}/rows", _READ_ROWS, rows.list_rows),
    _route(f"POST {_TABLE}/rows", _WRITE_ROWS, rows.create),
    _route(f"PUT {_TABLE}/rows", _WRITE_ROWS, bulk_rows.upsert),
    _route(f"PATCH {_TABLE}/rows", _WRITE_ROWS, bulk_rows.update),
    _route(f"DELETE {_TABLE}/rows", _WRITE_ROWS, bulk_rows.delete),
    _route(f"GET {_ROW}", _READ_ROWS, rows.get),
    _route(f"PUT {_ROW}", _WRITE_ROWS, rows.upsert),
    _route(f"PATCH {_ROW}", _WRITE_ROWS, rows.update),
    _route(f"DELETE {_ROW}", _WRITE_ROWS, rows.delete),
    *(
        _route(f"PATCH {_ROW}/{{column}}/{action}", _WRITE_ROWS, partial(rows.step, action))
        for action in ("increment", "decrement")
    ),
    _route("GET /users", "users.read", users.list_users),
    _route("POST /users", "users.write", users.create),
    _route(f"GET {_USER}", "users.read", users.get),
    _route(f"DELETE {_USER}", "users.write", users.delete),
    _route(f"POST {_USER}/jwts", "users.write", users.create_jwt),
    _route(f"PUT {_USER}/labels", "users.write", users.update_labels),
    _route(f"GET {_USER}/memberships", "users.read", teams.list_user_memberships),
    _route(f"PATCH {_USER}/name", "users.write", users.update_name),
    _route(f"GET {_USER}/prefs", "users.read", users.get_prefs),
    _route(f"PATCH {_USER}/prefs", "users.write", users.update_prefs),
    _route(f"GET {_USER}/sessions", "users.read", users.list_sessions),
    _route(f"POST {_USER}/sessions", "users.write", users.create_session),
    _route(f"DELETE {_USER}/sessions", "users.write", users.delete_sessions),
    _route(f"DELETE {_USER}/sessions/{{sessionId}}", "users.write", users.delete_session),
    _route(f"PATCH {_USER}/status", "users.write", users.update_status),
    _route(f"PATCH {_USER}/verification", "users.write", users.update_verification),
    _route("GET /account", "account", account.get),
    _route("POST /account/jwts", "account", account.create_jwt),
    _route("GET /account/prefs", "account", account.get_prefs),
    _route("POST /account/sessions/email", "sessions.write", account.create_email_session),
    _route("GET /account/sessions", "account", account.list_sessions),
    _route("GET /account/sessions/{sessionId}", "account", account.get_session),
    _route("DELETE /account/sessions/{sessionId}", "account", account.delete_session),
    _route("GET /teams", "teams.read", teams.list_teams),
    _route("POST /teams", "teams.write", teams.create),
    _route(f"GET {_TEAM}", "teams.read", teams.get),
    _route(f"PUT {_TEAM}", "teams.write", teams.update_name),
    _route(f"DELETE {_TEAM}", "teams.write", teams.delete),
    _route(f"GET {_TEAM}/memberships", "teams.read", teams.list_memberships),
    _route(f"POST {_TEAM}/memberships", "teams.write", teams.create_membership),
    _route(f"GET {_MEMBERSHIP}", "teams.read", teams.get_membership),
    _route(f"PATCH {_MEMBERSHIP}", "teams.write", teams.update_membership),
    _route(f"DELETE {_MEMBERSHIP}", "teams.write", teams.delete_membership),
    _route("GET /storage/buckets", "buckets.read", storage.list_buckets),
    _route("POST /storage/buckets", "buckets.write", storage.create_bucket),
    _route(f"GET {_BUCKET}", "buckets.read", storage.get_bucket),
    _route(f"PUT {_BUCKET}", "buckets.write", storage.update_bucket),
    _route(f"DELETE {_BUCKET}", "buckets.write", storage.delete_bucket),
    _route(f"GET {_BUCKET}/files", "files.read", storage.list_files),
    _route(f"POST {_BUCKET}/files", "files.write", storage.create_file),
    _route(f"GET {_FILE}", "files.read", storage.get_file),
    _route(f"PUT {_FILE}", "files.write", storage.update_file),
    _route(f"DELETE {_FILE}", "files.write", storage.delete_file),
    _route(f"GET {_FILE}/download", "files.read", partial(storage.get_content, "attachment")),
    _route(f"GET {_FILE}/view", "files.read", partial(storage.get_content, "inline")),
]

_KINDS_NOT_COVERED = ("bigint", "line", "point", "polygon", "relationship")
_NOT_COVERED = [
    _route(line, "public", None)
    for line in (
        *(f"POST {_TABLE}/columns/{kind}" for kind in _KINDS_NOT_COVERED),
        *(
            f"PATCH {_TABLE}/columns/{kind}/{{key}}"
            for kind in (*COLUMN_TYPES, *_KINDS_NOT_COVERED)
        ),
        f"PATCH {_COLUMN}/relationship",
        "POST /users/argon2",
        "POST /users/bcrypt",
        "POST /users/md5",
        "POST /users/phpass",
        "POST /users/scrypt",
        "POST /users/scrypt-modified",
        "POST /users/sha",
        "GET /users/identities",
        "DELETE /users/identities/{identityId}",
        f"PATCH {_USER}/email",
        f"PATCH {_USER}/impersonator",
        f"PATCH {_USER}/mfa",
        f"DELETE {_USER}/mfa/authenticators/{{type}}",
        f"GET {_USER}/mfa/challenges/{{challengeId}}",
        f"GET {_USER}/mfa/factors",
        f"GET {_USER}/mfa/recovery-codes",
        f"PATCH {_USER}/mfa/recovery-codes",
        f"PUT {_USER}/mfa/recovery-codes",
        f"PATCH {_USER}/password",
        f"PATCH {_USER}/phone",
        f"GET {_USER}/targets",
        f"POST {_USER}/targets",
        f"GET {_USER}/targets/{{targetId}}",
        f"PATCH {_USER}/targets/{{targetId}}",
        f"DELETE {_USER}/targets/{{targetId}}",
        f"POST {_USER}/tokens",
        f"PATCH {_USER}/verification/phone",
        "POST /account",
        "DELETE /account",
        "PATCH /account/email",
        "GET /account/identities",
        "DELETE /account/identities/{identityId}",
        "PATCH /account/mfa",
        "POST /account/mfa/authenticators/{type}",
        "PUT /account/mfa/authenticators/{type}",
        "DELETE /account/mfa/authenticators/{type}",
        "POST /account/mfa/challenges",
        "PUT /account/mfa/challenges",
        "GET /account/mfa/factors",
        "GET /account/mfa/recovery-codes",
        "PATCH /account/mfa/recovery-codes",
        "POST /account/mfa/recovery-codes",
        "PATCH /account/name",
        "PATCH /account/password",
        "PATCH /account/phone",
        "PATCH /account/prefs",
        "POST /account/recovery",
        "PUT /account/recovery",
        "DELETE /account/sessions",
        "PATCH /account/sessions/{sessionId}",
        "POST /account/sessions/anonymous",
        "PUT /account/sessions/magic-url",
        "GET /account/sessions/oauth2/{provider}",
        "PUT /account/sessions/phone",
        "POST /account/sessions/token",
        "PATCH /account/status",
        "POST /account/targets/push",
        "PUT /account/targets/{targetId}/push",
        "DELETE /account/targets/{targetId}/push",
        "POST /account/tokens/email",
        "POST /account/tokens/magic-url",
        "GET /account/tokens/oauth2/{provider}",
        "POST /account/tokens/phone",
        "POST /account/verifications/email",
        "PUT /account/verifications/email",
        "POST /account/verifications/phone",
        "PUT /account/verifications/phone",
        f"PATCH {_MEMBERSHIP}/status",
        f"GET {_TEAM}/prefs",
        f"PUT {_TEAM}/prefs",
        f"GET {_FILE}/preview",
        f"GET {_FILE}/push",
    )
]

ROUTES: tuple[Route, ...] = (*_COVERED, *_NOT_COVERED)
"""Every route of the services that this server supports in part."""

SERVICES = frozenset(route.parts[0] for route in ROUTES)
"""The services whose routes are all in the table."""


def _by_shape(routes: Iterable[Route]) -> dict[tuple[str, int, str], list[Route]]:
    """Sort routes by method, length and last word; words come before placeholders."""
    sorted_routes: dict[tuple[str, int, str], list[Route]] = {}
    for route in sorted(routes, key=lambda route: [part.startswith("{") for part in route.parts]):
        last = "" if route.parts[-1].startswith("{") else route.parts[-1]
        sorted_routes.setdefault((route.method, len(route.parts), last), []).append(route)
    return sorted_routes


_ROUTES_BY_SHAPE = _by_shape(ROUTES)


def match(method: str, segments: list[str]) -> tuple[Route, dict[str, str]] | None:
    """Find the route of a request, and the values of its placeholders."""
    count = len(segments)
    for last in (segments[-1], "") if segments else ():
        for route in _ROUTES_BY_SHAPE.get((method, count, last), ()):
            values = _values(route, segments)
            if values is not None:
                return route, values
    return None


def _values(route: Route, segments: list[str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for part, segment in zip(route.parts, segments, strict=True):
        if part[0] == "{":
            values[part[1:-1]] = segment
        elif part != segment:
            return None
    return values
