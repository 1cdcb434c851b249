"""Calls on users, their sessions and their JWTs (transcripts `users`, `sessions`)."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.access import tokens
from interactions_sdk.embedded.database.attributes import BOOLEAN, DATETIME, collated, plain
from interactions_sdk.embedded.services import listings
from interactions_sdk.embedded.services.context import invalid
from interactions_sdk.embedded.values.column_types import is_email
from interactions_sdk.embedded.values.datetimes import after, now, now_later_than
from interactions_sdk.embedded.values.identifiers import unique
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    Answer,
    AppwriteError,
    JsonObject,
    answer,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import Call

_SESSION_SECONDS = 365 * 24 * 3600
_JWT_SECONDS = 900
_LONGEST_JWT_SECONDS = 3600
_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 8, 256
_MOST_LABELS, _LONGEST_LABEL = 1000, 36
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LABEL = re.compile(rf"[{_ALPHANUMERIC}]+")
_PHONE = re.compile(r"\+\d{1,15}")

_LISTED = listings.NAMED | {
    "email": collated("email", "email"),
    "phone": collated("phone", "phone"),
    "status": plain("status", BOOLEAN, "status"),
    "registration": plain("registration", DATETIME, "registration"),
    "emailVerification": plain("emailVerification", BOOLEAN, "email_verification"),
    "phoneVerification": plain("phoneVerification", BOOLEAN, "phone_verification"),
    "labels": collated("labels", "labels"),
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

    def answered(self) -> JsonObject:
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


def user(connection: sqlite3.Connection, user_id: str) -> User:
    """Find a user.

    Raises:
        AppwriteError: `user_not_found`.
    """
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM _users WHERE id = ?",  # noqa: S608 - a constant
        (user_id,),
    ).fetchone()
    if found is None:
        raise AppwriteError("user_not_found")
    return User(*found)


def _found(call: Call) -> User:
    return user(call.connection, call.path["userId"])


def create(call: Call) -> Answer:
    """Make a user."""
    user_id = call.new_id("userId")
    email = _email(call)
    phone = _phone(call)
    password = _password(call)
    name = call.text("name", "", 128)
    moment = now()
    made = User(
        user_id,
        name,
        email,
        phone,
        password and tokens.password_hash(password),
        status=True,
        labels="[]",
        prefs="{}",
        email_verification=False,
        phone_verification=False,
        registration=moment,
        created=moment,
        updated=moment,
    )
    try:
        call.connection.execute(
            f"INSERT INTO _users ({_COLUMNS})"  # noqa: S608 - a constant
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(made.id, made.name, made.email, made.phone, made.password, made.status),
                *(made.labels, made.prefs, made.email_verification, made.phone_verification),
                *(made.registration, made.created, made.updated),
            ),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("user_already_exists") from error
    return answer(made.answered(), 201)


def _email(call: Call) -> str | None:
    email = cast("object", call.params.get("email"))
    if email is None:
        return None
    if not is_email(email):
        raise invalid("email", "Value must be a valid email address or null")
    return cast("str", email).lower()


def _phone(call: Call) -> str | None:
    phone = cast("object", call.params.get("phone"))
    if phone is None:
        return None
    if not isinstance(phone, str) or not _PHONE.fullmatch(phone):
        rule = "Phone number must start with a '+' can have a maximum of fifteen digits. or null"
        raise invalid("phone", rule)
    return phone


def _password(call: Call) -> str | None:
    password = cast("object", call.params.get("password"))
    if not password:
        return None
    if (
        not isinstance(password, str)
        or not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD
    ):
        rule = (
            f"Password must be between {_SHORTEST_PASSWORD} and {_LONGEST_PASSWORD} "
            "characters long."
        )
        raise invalid("password", rule)
    return password


def get(call: Call) -> Answer:
    """Show a user."""
    return answer(_found(call).answered())


def list_users(call: Call) -> Answer:
    """List users."""
    total, found = listings.listed(
        call, "_users", _LISTED, searched=("id", "name", "email", "phone")
    )
    shown = [
        User(*row).answered()
        for (sequence,) in found
        for row in call.connection.execute(
            f"SELECT {_COLUMNS} FROM _users WHERE sequence = ?",  # noqa: S608 - a constant
            (sequence,),
        )
    ]
    return answer({"total": total, "users": shown})


def _changed(call: Call, column: str, value: object) -> Answer:
    found = _found(call)
    call.connection.execute(
        f"UPDATE _users SET {column} = ?, updated = ? WHERE id = ?",  # noqa: S608 - a constant
        (value, now_later_than(found.updated), found.id),
    )
    return answer(_found(call).answered())


def update_labels(call: Call) -> Answer:
    """Give a user labels in place of those it has (transcript `permissions-table`)."""
    allowed = ", ".join(_ALPHANUMERIC)
    rule = f" and only consist of '{allowed}' chars"
    labels = call.texts("labels", _MOST_LABELS, _LONGEST_LABEL, rule)
    if not all(map(_LABEL.fullmatch, labels)):
        raise invalid(
            "labels",
            f"Value must a valid array no longer than {_MOST_LABELS} items and Value must be a "
            f"valid string and at least 1 chars and no longer than {_LONGEST_LABEL} chars{rule}",
        )
    return _changed(call, "labels", json.dumps(list(dict.fromkeys(labels))))


def update_status(call: Call) -> Answer:
    """Block a user, or let it in again."""
    call.required("status")
    return _changed(call, "status", call.flag("status", default=True))


def update_name(call: Call) -> Answer:
    """Name a user."""
    return _changed(call, "name", call.name())


def update_verification(call: Call) -> Answer:
    """Say whether a user's address is known to be its own."""
    call.required("emailVerification")
    verified = call.flag("emailVerification", default=False)
    return _changed(call, "email_verification", verified)


def get_prefs(call: Call) -> Answer:
    """Show what a user prefers."""
    return answer(json.loads(_found(call).prefs))


def update_prefs(call: Call) -> Answer:
    """Keep what a user prefers."""
    prefs = call.object("prefs")
    _changed(call, "prefs", json.dumps(prefs))
    return answer(prefs)


def delete(call: Call) -> Answer:
    """Delete a user, its sessions and its memberships."""
    found = _found(call)
    for about in ("_sessions", "_memberships"):
        call.connection.execute(f'DELETE FROM {about} WHERE "user" = ?', (found.id,))  # noqa: S608 - constants
    call.connection.execute("DELETE FROM _users WHERE id = ?", (found.id,))
    return NO_CONTENT


def create_jwt(call: Call) -> Answer:
    """Sign a JWT for a user, of a session if one is named (`recent` is the latest)."""
    found = _found(call)
    seconds = call.whole_number("duration", _JWT_SECONDS, 0, _LONGEST_JWT_SECONDS)
    wanted = call.text("sessionId", "", _LONGEST_LABEL)
    session = call.connection.execute(
        'SELECT id FROM _sessions WHERE "user" = ? AND (? OR id = ?)'
        " ORDER BY sequence DESC LIMIT 1",
        (found.id, wanted == "recent", wanted),
    ).fetchone()
    session_id = session[0] if session else ""
    return answer({"jwt": tokens.jwt_for(call.connection, found.id, session_id, seconds)}, 201)


_SESSION_COLUMNS = 'id, created, updated, "user", expires, provider'


def open_session(call: Call, user_id: str, provider: str) -> JsonObject:
    """Open a session of a user; its secret is shown this once."""
    moment = now()
    secret = tokens.new_session_secret()
    row = (unique(), moment, moment, user_id, after(_SESSION_SECONDS), provider)
    call.connection.execute(
        f"INSERT INTO _sessions ({_SESSION_COLUMNS}, secret)"  # noqa: S608 - a constant
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, tokens.digest(secret)),
    )
    return _session_answered(call, row) | {"secret": tokens.session_text(user_id, secret)}


def _session_answered(call: Call, row: tuple[str, ...]) -> JsonObject:
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
        "current": session_id == call.actor.session_id,
        "factors": ["server" if provider == "server" else "password"],
    }


def sessions_of(call: Call, user_id: str) -> list[JsonObject]:
    """Show the sessions of a user."""
    found = call.connection.execute(
        f"SELECT {_SESSION_COLUMNS} FROM _sessions"  # noqa: S608 - a constant
        ' WHERE "user" = ? ORDER BY sequence',
        (user_id,),
    ).fetchall()
    return [_session_answered(call, row) for row in found]


def close_session(call: Call, user_id: str, session_id: str) -> Answer:
    """Close a session.

    Raises:
        AppwriteError: `user_session_not_found`.
    """
    closed = call.connection.execute(
        'DELETE FROM _sessions WHERE "user" = ? AND id = ?', (user_id, session_id)
    )
    if not closed.rowcount:
        raise AppwriteError("user_session_not_found")
    return NO_CONTENT


def create_session(call: Call) -> Answer:
    """Open a session for a user."""
    return answer(open_session(call, _found(call).id, "server"), 201)


def list_sessions(call: Call) -> Answer:
    """List the sessions of a user."""
    shown = sessions_of(call, _found(call).id)
    return answer({"total": len(shown), "sessions": shown})


def delete_session(call: Call) -> Answer:
    """Close one session of a user."""
    return close_session(call, _found(call).id, call.path["sessionId"])


def delete_sessions(call: Call) -> Answer:
    """Close all sessions of a user."""
    call.connection.execute('DELETE FROM _sessions WHERE "user" = ?', (_found(call).id,))
    return NO_CONTENT
