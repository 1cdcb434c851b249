"""Secrets: JWTs, session secrets, passwords."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.values.responses import AppwriteError, JsonObject, parse_json

if TYPE_CHECKING:
    import sqlite3

# Cheap on purpose: passwords of an embedded server guard test users, whose making must be quick.
_SCRYPT = {"n": 2**10, "r": 8, "p": 1}
_SEGMENTS = 3


def create_jwt(connection: sqlite3.Connection, user_id: str, session_id: str, seconds: int) -> str:
    """Sign a JWT that lets its bearer act as a user."""
    issued = int(datetime.now(UTC).timestamp())
    claims = {
        "userId": user_id,
        "sessionId": session_id,
        "iat": issued,
        "exp": issued + seconds,
    }
    signed = f"{_segment({'typ': 'JWT', 'alg': 'HS256'})}.{_segment(claims)}"
    return f"{signed}.{_signature(connection, signed)}"


def verify_jwt(connection: sqlite3.Connection, jwt: str) -> JsonObject:
    """Read a JWT that this server signed."""
    if jwt.count(".") != _SEGMENTS - 1:
        raise AppwriteError("user_jwt_invalid", "Invalid token: Incomplete segments")
    signed, _, signature = jwt.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(connection, signed).encode()):
        raise AppwriteError("user_jwt_invalid", "Invalid token: Signature failed")
    claims = cast("JsonObject", json.loads(urlsafe_b64decode(signed.partition(".")[2] + "==")))
    if claims["exp"] <= datetime.now(UTC).timestamp():
        raise AppwriteError("user_jwt_invalid", "Invalid token: Expired")
    return claims


def _segment(value: JsonObject) -> str:
    return _unpadded(json.dumps(value, separators=(",", ":")).encode())


def _signature(connection: sqlite3.Connection, signed: str) -> str:
    key: str = connection.execute("SELECT value FROM _meta WHERE name = 'jwt_secret'").fetchone()[0]
    return _unpadded(hmac.digest(key.encode(), signed.encode(), "sha256"))


def _unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_session_secret() -> str:
    """Generate the secret of a session."""
    return secrets.token_hex(64)


def encode_session(user_id: str, secret: str) -> str:
    """Encode a session for the header `X-Appwrite-Session`."""
    return b64encode(json.dumps({"id": user_id, "secret": secret}).encode()).decode()


def decode_session(text: str) -> tuple[str, str] | None:
    """Decode a session to the user's ID and the secret; None if it is invalid."""
    try:
        parts = parse_json(b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    match parts:
        case {"id": str(user_id), "secret": str(secret)}:
            return user_id, secret
        case _:
            return None


def hash_secret(secret: str) -> str:
    """Hash a session's secret, so that the file does not contain it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Hash a password with a new salt."""
    salt = secrets.token_bytes(16)
    hashed = hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)
    return f"{salt.hex()}${hashed.hex()}"


def verify_password(password: str, kept: str) -> bool:
    """Compare a password with its hash."""
    salt, _, expected = kept.partition("$")
    hashed = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **_SCRYPT)
    return hmac.compare_digest(hashed.hex(), expected)
