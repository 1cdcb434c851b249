"""Credentials of a client: an API key, or a user's JWT or session.

No secret is ever shown: neither by `repr`, nor in a pickle.
"""

from __future__ import annotations

import inspect
import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from pydantic_core import from_json

from interactions_sdk.arguments import check_type
from interactions_sdk.errors import ConfigurationError

__all__ = [
    "AsyncJwtSource",
    "Credential",
    "Credentials",
    "JwtSource",
    "jwt_credential",
    "make_credentials",
    "redact_password",
    "validate_header",
]

JwtSource = str | Callable[[], str]
"""A JWT, or a function that fetches a fresh one."""
AsyncJwtSource = str | Callable[[], str] | Callable[[], Awaitable[str]]
"""A JWT, or a function, asynchronous or not, that fetches a fresh one."""

Kind = Literal["key", "jwt", "session"]

_HEADERS: dict[Kind, str] = {
    "key": "X-Appwrite-Key",
    "jwt": "X-Appwrite-JWT",
    "session": "X-Appwrite-Session",
}
_ARGUMENTS: dict[Kind, str] = {"key": "api_key", "jwt": "jwt", "session": "session"}
_VARIABLES: dict[Kind, str] = {
    "key": "APPWRITE_API_KEY",
    "jwt": "APPWRITE_JWT",
    "session": "APPWRITE_SESSION",
}
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


@dataclass(frozen=True, slots=True)
class Credential:
    """The current credential of requests.

    Attributes:
        kind: `key`, `jwt` or `session`.
        secret: The key, the JWT or the session's secret.
    """

    kind: Kind
    secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The header that authenticates a request or a websocket's handshake."""
        return {_HEADERS[self.kind]: self.secret}

    @property
    def user_id(self) -> str | None:
        """The user named by a JWT or a session, or None.

        It is not verified, so use it only to reject a user early.
        """
        if self.kind == "key":
            return None
        try:
            if self.kind == "jwt":
                _header, payload, _signature = self.secret.split(".")
                claims = from_json(urlsafe_b64decode(payload + "=="))
            else:
                claims = from_json(b64decode(self.secret, validate=True))
        except ValueError:
            return None
        match claims:
            case {"userId": str(user_id)} if user_id and self.kind == "jwt":
                return user_id
            case {"id": str(user_id)} if user_id and self.kind == "session":
                return user_id
            case _:
                return None

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials cannot be pickled: they hold a secret.")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a client.

    Attributes:
        kind: `key`, `jwt` or `session`.
        static: The credential that never changes; None if `jwt_provider` returns it.
        jwt_provider: A function that returns a fresh JWT, or an awaitable of one.
    """

    kind: Kind
    static: Credential | None = None
    jwt_provider: Callable[[], object] | None = field(default=None, repr=False)

    @property
    def is_user(self) -> bool:
        """Whether a user is authenticated, for whom Appwrite enforces permissions."""
        return self.kind != "key"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials cannot be pickled: they hold a secret.")


def make_credentials(
    *, api_key: str | None = None, jwt: AsyncJwtSource | None = None, session: str | None = None
) -> Credentials:
    """Return the credentials from the arguments, exactly one of which must be given.

    Raises:
        ConfigurationError: None or several are given, or it cannot be sent in a header.

    Example:
        >>> make_credentials(api_key="standard_c0ffee")
        Credentials(kind='key', static=Credential(kind='key'))
    """
    secrets: dict[Kind, AsyncJwtSource | None] = {"key": api_key, "jwt": jwt, "session": session}
    given: list[tuple[Kind, AsyncJwtSource]] = [
        (kind, secret) for kind, secret in secrets.items() if secret
    ]
    if not given:
        raise ConfigurationError(
            "The API key is missing. Pass api_key=, created in the Appwrite console, or jwt= or "
            "session= of a signed-in user. Check APPWRITE_API_KEY, if it comes from there."
        )
    if len(given) > 1:
        raise ConfigurationError("Pass exactly one of api_key=, jwt= and session=.")
    [(kind, secret)] = given
    if callable(secret):
        return Credentials(kind, jwt_provider=secret)
    check_type(secret, str, _ARGUMENTS[kind], "a string", error=ConfigurationError, show=False)
    validate_header(secret, f"{_VARIABLES[kind]} (the header {_HEADERS[kind]})")
    return Credentials(kind, Credential(kind, secret))


def jwt_credential(fetched: object) -> Credential:
    """Return the credential with the JWT that a function passed as `jwt=` returned.

    Raises:
        ConfigurationError: It is not a JWT.
    """
    if inspect.iscoroutine(fetched):
        fetched.close()  # so that Python does not warn about it as well
        raise ConfigurationError(
            "InteractionsClient needs a synchronous jwt= function; AsyncInteractionsClient accepts "
            "asynchronous ones."
        )
    if not isinstance(fetched, str):
        raise ConfigurationError(
            f"The function given as jwt= returned a {type(fetched).__name__}, not a string."
        )
    validate_header(fetched, "what the function given as jwt= returned")
    return Credential("jwt", fetched)


def validate_header(value: str, what: str) -> None:
    """Reject a value that cannot be sent in a header, without showing it.

    Raises:
        ConfigurationError: It cannot be sent.
    """
    if _HEADER_VALUE.fullmatch(value) is None:
        raise ConfigurationError(
            f"Check {what}: it is empty, or contains characters that are not allowed in an HTTP "
            "header."
        )


def redact_password(address: str) -> str:
    """Return a URL without the name and password that it may contain.

    It need not be valid: the scheme may be missing, and the password may contain slashes.

    Example:
        >>> redact_password("https://ada:secret@crm.example/v1")
        'https://crm.example/v1'
    """
    before, _, place = address.rpartition("@")
    scheme, between, _ = before.partition("://")
    return f"{scheme}{between}{place}" if between else place
