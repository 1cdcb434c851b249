"""Actors: a guest, a user, or a program with the API key."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interactions_sdk.embedded.access import permissions, tokens
from interactions_sdk.embedded.values.datetimes import now
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

USER_SCOPES = frozenset(
    {
        "account",
        "files.read",
        "files.write",
        "public",
        "rows.read",
        "rows.write",
        "sessions.write",
        "teams.read",
        "teams.write",
    }
)
GUEST_SCOPES = frozenset(
    {"files.read", "files.write", "public", "rows.read", "rows.write", "sessions.write"}
)


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a request, with roles and scopes.

    Attributes:
        user_id: Empty for a guest and for the API key.
        session_id: The session that the user came with, if any.
        roles: The roles, in the order that Appwrite's errors show.
        is_key: Whether it is the API key, which has all permissions.
    """

    user_id: str
    session_id: str
    roles: tuple[str, ...]
    is_key: bool = False

    def has_role(self, granted: Sequence[str]) -> bool:
        """Return whether the actor has one of these roles."""
        return self.is_key or any(role in self.roles for role in granted)

    def require_role(self, action: str, granted: Sequence[str]) -> None:
        """Raise Appwrite's error if none of the actor's roles is granted an action."""
        if not self.has_role(granted):
            message = permissions.missing_permission_error(action, granted, self.roles)
            raise AppwriteError("user_unauthorized", message=message)

    def require_scope(self, scopes: Sequence[str]) -> None:
        """Raise an error if the kind of actor may not use a route (transcript `authentication`)."""
        held = USER_SCOPES if self.user_id else GUEST_SCOPES
        if not self.is_key and held.isdisjoint(scopes):
            names = json.dumps(list(scopes), separators=(",", ":"))
            kind = "users" if self.user_id else "guests"
            message = f"User (role: {kind}) missing scopes ({names})"
            raise AppwriteError("general_unauthorized_scope", message=message)


GUEST = Actor("", "", ("any", "guests"))
API_KEY_ACTOR = Actor("", "", (), is_key=True)


def constant_time_equal(secret: str, expected: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(secret.encode(), expected.encode())


def is_one_of(secret: str, keys: Sequence[str]) -> bool:
    """Compare a secret with each of several, in a time that does not depend on them."""
    equal = [constant_time_equal(secret, key) for key in keys]
    return any(equal)


def authenticate(
    connection: sqlite3.Connection,
    headers: Mapping[str, str],
    project: str,
    api_keys: Sequence[str],
) -> Actor:
    """Return who calls.

    Raises:
        AppwriteError: The key or the JWT is not one of this server's, or the user is blocked.
    """
    if key := headers.get("x-appwrite-key"):
        if not is_one_of(key, api_keys):
            raise AppwriteError("user_unauthorized")
        return API_KEY_ACTOR
    if jwt := headers.get("x-appwrite-jwt"):
        claims = tokens.verify_jwt(connection, jwt)
        return _user(connection, claims["userId"], claims["sessionId"])
    session = headers.get("x-appwrite-session") or _cookie(headers, f"a_session_{project}")
    parts = tokens.decode_session(session) if session else None
    if not parts:
        return GUEST
    user_id, secret = parts
    row = connection.execute(
        'SELECT id FROM _sessions WHERE "user" = ? AND secret = ? AND expires > ?',
        (user_id, tokens.hash_secret(secret), now()),
    ).fetchone()
    return _user(connection, user_id, row[0]) if row else GUEST


def _cookie(headers: Mapping[str, str], name: str) -> str:
    for pair in headers.get("cookie", "").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value.strip('"')
    return ""


def _user(connection: sqlite3.Connection, user_id: str, session_id: str) -> Actor:
    row = connection.execute(
        "SELECT id, status, labels, email_verification OR phone_verification"
        " FROM _users WHERE id = ?",
        (user_id,),
    ).fetchone()
    if row is None or (session_id and not _is_active(connection, session_id)):
        return GUEST
    name, status, labels, verified = row
    if not status:
        raise AppwriteError("user_blocked")
    dimension = "verified" if verified else "unverified"
    roles = [
        *("any", "users", f"user:{name}", f"user:{name}/{dimension}", f"users/{dimension}"),
        *_memberships(connection, name),
        *(f"label:{label}" for label in json.loads(labels)),
    ]
    return Actor(name, session_id, tuple(roles))


def _is_active(connection: sqlite3.Connection, session_id: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM _sessions WHERE id = ? AND expires > ?", (session_id, now())
    ).fetchone()
    return row is not None


def _memberships(connection: sqlite3.Connection, user_id: str) -> list[str]:
    roles: list[str] = []
    for team, membership, names in connection.execute(
        'SELECT team, id, roles FROM _memberships WHERE "user" = ? ORDER BY sequence', (user_id,)
    ):
        roles += [f"team:{team}", f"member:{membership}"]
        roles += [f"team:{team}/{name}" for name in json.loads(names)]
    return roles
