"""Credentials: exactly one is needed, and none is shown."""

from __future__ import annotations

import base64
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.transport.credentials import Credential, jwt_credential, make_credentials

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECRET = "c0ffee"


def encoded(claims: object) -> str:
    """Return JSON in the encoding of a JWT's parts."""
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def jwt_of(claims: object) -> str:
    """Return an unsigned JWT."""
    return f"{encoded({'alg': 'HS256'})}.{encoded(claims)}.{SECRET}"


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({"api_key": SECRET}, "X-Appwrite-Key"),
        ({"jwt": SECRET}, "X-Appwrite-JWT"),
        ({"session": SECRET}, "X-Appwrite-Session"),
    ],
)
def test_each_has_its_header(given: dict[str, str], header: str) -> None:
    """Each credential has Appwrite's header; None and empty values are ignored."""
    credentials = make_credentials(**{"api_key": None, "jwt": "", "session": None} | given)

    assert credentials.static is not None
    assert {header: SECRET} == credentials.static.headers
    assert (header != "X-Appwrite-Key") == credentials.is_user


def test_one_of_them_is_needed() -> None:
    """If all are missing, the message names all three."""
    with pytest.raises(ConfigurationError, match=r"api_key=.*jwt= or session="):
        make_credentials()


@pytest.mark.parametrize(
    "given",
    [
        {"api_key": SECRET, "jwt": SECRET},
        {"jwt": lambda: SECRET, "session": SECRET},
        {"api_key": SECRET, "jwt": SECRET, "session": SECRET},
    ],
)
def test_two_are_too_many(given: dict[str, Any]) -> None:
    """More than one is rejected, since it is unclear whose permissions apply."""
    with pytest.raises(ConfigurationError, match="one of api_key=, jwt= and session=") as caught:
        make_credentials(**given)

    assert SECRET not in str(caught.value)


def test_no_secret_is_shown_or_pickled() -> None:
    """Neither a `repr` nor a pickle contains the secret."""
    credentials = make_credentials(jwt=SECRET)
    fetching = make_credentials(jwt=lambda: SECRET)

    for thing in (credentials, credentials.static, fetching, jwt_credential(SECRET)):
        assert SECRET not in repr(thing)
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)


@pytest.mark.parametrize("secret", [f"{SECRET}\n", f" {SECRET}", f"{SECRET}é"])
@pytest.mark.parametrize("given", ["api_key", "jwt", "session"])
def test_what_http_does_not_carry_is_refused_unseen(given: str, secret: str) -> None:
    """The message names the argument and its variable, but not the value."""
    with pytest.raises(ConfigurationError, match=f"Check APPWRITE_{given.upper()}") as caught:
        make_credentials(**{given: secret})

    assert SECRET not in str(caught.value)


async def _asynchronous() -> str:
    return SECRET


@pytest.mark.parametrize(
    ("fetch", "told"),
    [
        (lambda: None, "returned a NoneType"),
        (SECRET.encode, "returned a bytes"),
        (lambda: "", "what the function given as jwt= returned: it is empty"),
        (_asynchronous, "AsyncInteractionsClient accepts asynchronous ones"),
    ],
)
def test_what_a_function_returns_is_checked(
    fetch: Callable[[], str | bytes | Awaitable[str] | None], told: str
) -> None:
    """The result of a user's function is validated."""
    with pytest.raises(ConfigurationError, match=told) as caught:
        jwt_credential(fetch())

    assert SECRET not in str(caught.value)


def test_a_jwt_and_a_session_name_their_user() -> None:
    """The user ID in a JWT or session is read, so a mismatch is found before a request."""
    session = base64.b64encode(json.dumps({"id": "ada", "secret": SECRET}).encode()).decode()

    assert "ada" == Credential("jwt", jwt_of({"userId": "ada"})).user_id
    assert "ada" == Credential("session", session).user_id


@pytest.mark.parametrize(
    "credential",
    [
        Credential("key", SECRET),
        Credential("session", SECRET),
        Credential("session", "bm90aGluZw=="),
        Credential("jwt", SECRET),
        Credential("jwt", f"a.!.{SECRET}"),
        Credential("jwt", jwt_of(["ada"])),
        Credential("jwt", jwt_of({"userId": 7})),
        Credential("jwt", jwt_of({})),
    ],
)
def test_what_names_nobody_names_nobody(credential: Credential) -> None:
    """Other formats are accepted without a user ID; the server then returns it."""
    assert credential.user_id is None
