"""Calls on users, their sessions and their JWTs (transcripts `users`, `sessions`)."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access import tokens
from interactions_sdk.embedded.database.attributes import (
    BOOLEAN,
    DATETIME,
    attribute,
    collated_attribute,
)
from interactions_sdk.embedded.services import listings
from interactions_sdk.embedded.services.context import invalid_param
from interactions_sdk.embedded.values.column_types import is_email
from interactions_sdk.embedded.values.datetimes import after, now, now_later_than
from interactions_sdk.embedded.values.identifiers import unique
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import RequestContext

_SESSION_SECONDS = 365 * 24 * 3600
_JWT_SECONDS = 900
_MAX_JWT_SECONDS = 3600
_MIN_PASSWORD_LENGTH, _MAX_PASSWORD_LENGTH = 8, 256
_MAX_LABELS, _MAX_LABEL_LENGTH = 1000, 36
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LABEL = re.compile(rf"[{_ALPHANUMERIC}]+")
_PHONE = re.compile(r"\+\d{1,15}")

_ATTRIBUTES = listings.NAMED | {
    "email": collated_attribute("email", "email"),
    "phone": collated_attribute("phone", "phone"),
    "status": attribute("status", BOOLEAN, "status"),
    "registration": attribute("registration", DATETIME, "registration"),
    "emailVerification": attribute("emailVerification", BOOLEAN, "email_verification"),
    "phoneVerification": attribute("phoneVerification", BOOLEAN, "phone_verification"),
    "labels": collated_attribute("labels", "labels"),
}
_COLUMNS = (
    "id, name, email, phone, password, status, labels, prefs,"
    " email_verification, phone_verification, registration, created, updated"
)


@dataclass(frozen=True, slots=True)
class User:
    """A user as the file keeps it."""

    id: str
    name: str
    email: str | None
    phone: str | None
    password: str | None
    status: bool
    labels: str
    prefs: str
    email_verification: bool
    phone_verification: bool
    registration: str
    created: str
    updated: str

    def to_json(self) -> JsonObject:
        """Show the user, without the hash of its password."""
        return {
            "$id": self.id,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            "name": self.name,
            "registration": self.registration,
            "status": bool(self.status),
            "labels": json.loads(self.labels),
            "passwordUpdate": self.registration if self.password else "",
            "email": self.email or "",
            "phone": self.phone or "",
            "emailVerification": bool(self.email_verification),
            "phoneVerification": bool(self.phone_verification),
            "mfa": False,
            "prefs": json.loads(self.prefs),
            "targets": [],
            "accessedAt": "",
        }


def get_user(connection: sqlite3.Connection, user_id: str) -> User:
    """Find a user."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM _users WHERE id = ?",  # noqa: S608 - a constant
        (user_id,),
    ).fetchone()
    if row is None:
        raise AppwriteError("user_not_found")
    return User(*row)


def _get(context: RequestContext) -> User:
    return get_user(context.connection, context.path["userId"])


def create(context: RequestContext) -> Response:
    """Make a user."""
    user_id = context.new_id("userId")
    email = _email(context)
    phone = _phone(context)
    password = _password(context)
    name = context.str_param("name", "", 128)
    timestamp = now()
    made = User(
        user_id,
        name,
        email,
        phone,
        password and tokens.hash_password(password),
        status=True,
        labels="[]",
        prefs="{}",
        email_verification=False,
        phone_verification=False,
        registration=timestamp,
        created=timestamp,
        updated=timestamp,
    )
    try:
        context.connection.execute(
            f"INSERT INTO _users ({_COLUMNS})"  # noqa: S608 - a constant
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            astuple(made),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("user_already_exists") from error
    return json_response(made.to_json(), 201)


def _email(context: RequestContext) -> str | None:
    email = cast("object", context.params.get("email"))
    if email is None:
        return None
    if not is_email(email):
        raise invalid_param("email", "Value must be a valid email address or null")
    return cast("str", email).lower()


def _phone(context: RequestContext) -> str | None:
    phone = cast("object", context.params.get("phone"))
    if phone is None:
        return None
    if not isinstance(phone, str) or not _PHONE.fullmatch(phone):
        rule = "Phone number must start with a '+' can have a maximum of fifteen digits. or null"
        raise invalid_param("phone", rule)
    return phone


def _password(context: RequestContext) -> str | None:
    password = cast("object", context.params.get("password"))
    if not password:
        return None
    if (
        not isinstance(password, str)
        or not _MIN_PASSWORD_LENGTH <= len(password) <= _MAX_PASSWORD_LENGTH
    ):
        rule = (
            f"Password must be between {_MIN_PASSWORD_LENGTH} and {_MAX_PASSWORD_LENGTH} "
            "characters long."
        )
        raise invalid_param("password", rule)
    return password


def get(context: RequestContext) -> Response:
    """Show a user."""
    return json_response(_get(context).to_json())


def list_users(context: RequestContext) -> Response:
    """List users."""
    total, rows = listings.list_resources(
        context, "_users", _COLUMNS, _ATTRIBUTES, searched=("id", "name", "email", "phone")
    )
    return json_response({"total": total, "users": [User(*row).to_json() for row in rows]})


def _update_column(context: RequestContext, column: str, value: object) -> Response:
    user = _get(context)
    context.connection.execute(
        f"UPDATE _users SET {column} = ?, updated = ? WHERE id = ?",  # noqa: S608 - a constant
        (value, now_later_than(user.updated), user.id),
    )
    return json_response(_get(context).to_json())


def update_labels(context: RequestContext) -> Response:
    """Give a user labels in place of those it has (transcript `permissions-table`)."""
    allowed = ", ".join(_ALPHANUMERIC)
    rule = f" and only consist of '{allowed}' chars"
    labels = context.str_list_param("labels", _MAX_LABELS, _MAX_LABEL_LENGTH, rule)
    if not all(map(_LABEL.fullmatch, labels)):
        raise invalid_param(
            "labels",
            f"Value must a valid array no longer than {_MAX_LABELS} items and Value must be a "
            f"valid string and at least 1 chars and no longer than {_MAX_LABEL_LENGTH} chars{rule}",
        )
    return _update_column(context, "labels", json.dumps(list(dict.fromkeys(labels))))


def update_status(context: RequestContext) -> Response:
    """Block a user, or let it in again."""
    context.required_param("status")
    return _update_column(context, "status", context.bool_param("status", default=True))


def update_name(context: RequestContext) -> Response:
    """Name a user."""
    return _update_column(context, "name", context.name_param())


def update_verification(context: RequestContext) -> Response:
    """Say whether a user's address is known to be its own."""
    context.required_param("emailVerification")
    verified = context.bool_param("emailVerification", default=False)
    return _update_column(context, "email_verification", verified)


def get_prefs(context: RequestContext) -> Response:
    """Show what a user prefers."""
    return json_response(json.loads(_get(context).prefs))


def update_prefs(context: RequestContext) -> Response:
    """Keep what a user prefers."""
    prefs = context.object_param("prefs")
    _update_column(context, "prefs", json.dumps(prefs))
    return json_response(prefs)


def delete(context: RequestContext) -> Response:
    """Delete a user, its sessions and its memberships."""
    user = _get(context)
    for about in ("_sessions", "_memberships"):
        context.connection.execute(f'DELETE FROM {about} WHERE "user" = ?', (user.id,))  # noqa: S608 - constants
    context.connection.execute("DELETE FROM _users WHERE id = ?", (user.id,))
    return NO_CONTENT


def create_jwt(context: RequestContext) -> Response:
    """Sign a JWT for a user, of a session if one is named (`recent` is the latest)."""
    user = _get(context)
    seconds = context.int_param("duration", _JWT_SECONDS, 0, _MAX_JWT_SECONDS)
    requested = context.str_param("sessionId", "", _MAX_LABEL_LENGTH)
    session = context.connection.execute(
        'SELECT id FROM _sessions WHERE "user" = ? AND (? OR id = ?)'
        " ORDER BY sequence DESC LIMIT 1",
        (user.id, requested == "recent", requested),
    ).fetchone()
    session_id = session[0] if session else ""
    return json_response(
        {"jwt": tokens.create_jwt(context.connection, user.id, session_id, seconds)}, 201
    )


_SESSION_COLUMNS = 'id, created, updated, "user", expires, provider'


def create_session_row(context: RequestContext, user_id: str, provider: str) -> JsonObject:
    """Open a session of a user; its secret is shown this once."""
    timestamp = now()
    secret = tokens.new_session_secret()
    row = (unique(), timestamp, timestamp, user_id, after(_SESSION_SECONDS), provider)
    context.connection.execute(
        f"INSERT INTO _sessions ({_SESSION_COLUMNS}, secret)"  # noqa: S608 - a constant
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, tokens.hash_secret(secret)),
    )
    return _session_to_json(context, row) | {"secret": tokens.encode_session(user_id, secret)}


def _session_to_json(context: RequestContext, row: tuple[str, ...]) -> JsonObject:
    session_id, created, updated, user_id, expires, provider = row
    unknown = (
        *("providerUid", "providerAccessToken", "providerAccessTokenExpiry"),
        *("providerRefreshToken", "ip", "osCode", "osName", "osVersion", "clientType"),
        *("clientCode", "clientName", "clientVersion", "clientEngine", "clientEngineVersion"),
        *("deviceName", "deviceBrand", "deviceModel", "countryCode", "countryName"),
        *("secret", "mfaUpdatedAt"),
    )
    return {
        "$id": session_id,
        "$createdAt": created,
        "$updatedAt": updated,
        "userId": user_id,
        "expire": expires,
        "provider": provider,
        **dict.fromkeys(unknown, ""),
        "current": session_id == context.actor.session_id,
        "factors": ["server" if provider == "server" else "password"],
    }


def sessions_for(context: RequestContext, user_id: str) -> list[JsonObject]:
    """Show the sessions of a user."""
    rows = context.connection.execute(
        f"SELECT {_SESSION_COLUMNS} FROM _sessions"  # noqa: S608 - a constant
        ' WHERE "user" = ? ORDER BY sequence',
        (user_id,),
    ).fetchall()
    return [_session_to_json(context, row) for row in rows]


def delete_session_row(context: RequestContext, user_id: str, session_id: str) -> Response:
    """Close a session."""
    closed = context.connection.execute(
        'DELETE FROM _sessions WHERE "user" = ? AND id = ?', (user_id, session_id)
    )
    if not closed.rowcount:
        raise AppwriteError("user_session_not_found")
    return NO_CONTENT


def create_session(context: RequestContext) -> Response:
    """Open a session for a user."""
    return json_response(create_session_row(context, _get(context).id, "server"), 201)


def list_sessions(context: RequestContext) -> Response:
    """List the sessions of a user."""
    shown = sessions_for(context, _get(context).id)
    return json_response({"total": len(shown), "sessions": shown})


def delete_session(context: RequestContext) -> Response:
    """Close one session of a user."""
    return delete_session_row(context, _get(context).id, context.path["sessionId"])


def delete_sessions(context: RequestContext) -> Response:
    """Close all sessions of a user."""
    context.connection.execute('DELETE FROM _sessions WHERE "user" = ?', (_get(context).id,))
    return NO_CONTENT
