# Generated from tests/_async/test_client.py by scripts/unasync.py; do not edit.
"""Creating a client: arguments, environment, the official client, an embedded server."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import httpx
import pytest
from appwrite.client import Client

from interactions_sdk import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    InteractionsClient,
    PermissionDeniedError,
    RetryPolicy,
    SchemaError,
    Settings,
)
from interactions_sdk.embedded import EmbeddedAppwrite

if TYPE_CHECKING:
    from pathlib import Path


KEY = "standard_very-secret"


def answers_nothing(request: httpx.Request) -> httpx.Response:
    """Answer every request with an empty list."""
    return httpx.Response(200, json={"total": 0, "rows": []}, request=request)


@pytest.mark.parametrize(
    ("endpoint", "project", "key", "message"),
    [
        ("localhost/v1", "p", KEY, "endpoint must be a URL"),
        ("http://localhost/v1", "", KEY, "project must be the ID"),
        ("http://localhost/v1", "p", None, "API key is missing"),
        ("http://localhost/v1", "p", "", "API key is missing"),
    ],
)
def test_what_is_missing_is_named(
    endpoint: str, project: str, key: str | None, message: str
) -> None:
    """An incomplete connection is rejected, and the error names what is missing."""
    with pytest.raises(ConfigurationError, match=message):
        InteractionsClient(endpoint, project, api_key=key)


def test_missing_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All missing variables are named in one message."""
    for name in ("APPWRITE_ENDPOINT", "APPWRITE_PROJECT_ID", "APPWRITE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError) as caught:
        InteractionsClient.from_env()
    assert "APPWRITE_ENDPOINT and APPWRITE_PROJECT_ID and APPWRITE_API_KEY" in str(caught.value)


def test_the_environment_makes_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Endpoint, project, key and settings are read; arguments take precedence one by one."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "http://localhost/v1/")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "p")
    monkeypatch.setenv("APPWRITE_API_KEY", KEY)
    monkeypatch.setenv("INTERACTIONS_CONSISTENCY", "fast")
    with InteractionsClient.from_env() as crm:
        assert "fast" == crm.settings.consistency
        assert KEY not in repr(crm)
        assert "http://localhost/v1" in repr(crm)
    with InteractionsClient.from_env(settings=Settings(page_size=7)) as crm:
        assert ("fast", 7) == (crm.settings.consistency, crm.settings.page_size)


def test_the_official_client_makes_a_client() -> None:
    """Endpoint, project and key are taken from the official client; a missing key is an error."""
    official = Client().set_endpoint("http://localhost/v1").set_project("p").set_key(KEY)
    with InteractionsClient.from_appwrite(official) as crm:
        assert "http://localhost/v1" in repr(crm)
    for signed_in in (Client().set_jwt(KEY), Client().set_session(KEY)):
        official = signed_in.set_endpoint("http://localhost/v1").set_project("p")
        with InteractionsClient.from_appwrite(official) as crm:
            assert KEY not in repr(crm)
    with pytest.raises(ConfigurationError, match="API key"):
        InteractionsClient.from_appwrite(Client().set_project("p"))


def test_an_embedded_file_keeps_the_data(tmp_path: Path) -> None:
    """Interactions are kept in the file after a restart."""
    path = tmp_path / "crm.db"
    with InteractionsClient.embedded(path) as crm:
        crm.customers.ensure("ada")
        call = crm.as_user("ada").log_call("Intro")
    with InteractionsClient.embedded(path) as crm:
        assert call == crm.as_user("ada").get(call.id)


def test_embedded_users_are_verified_only_if_asked() -> None:
    """Embedded servers start without users, so users are not verified by default."""
    with InteractionsClient.embedded() as crm:
        assert not crm.settings.verify_users
    with InteractionsClient.embedded(settings=Settings(verify_users=True)) as crm:
        assert crm.settings.verify_users


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """The embedded server rejects the file and does not overwrite it."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ada, " * 200)
    with pytest.raises(Exception, match=r"letter\.txt"):
        InteractionsClient.embedded(path)
    assert "Dear Ada, " * 200 == path.read_text()


def test_a_wrong_key_says_what_to_check() -> None:
    """The error has Appwrite's message and the variable to check."""
    server = EmbeddedAppwrite()
    with InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key="wrong",
        transport=server.transport,
        settings=Settings(verify_users=False),
    ) as crm:
        with pytest.raises((PermissionDeniedError, SchemaError)) as caught:
            crm.as_admin("root").find()
    server.close()
    assert isinstance(caught.value, PermissionDeniedError | SchemaError)


def test_a_database_that_was_never_applied_says_so() -> None:
    """The error names the command."""
    server = EmbeddedAppwrite()
    with InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=Settings(verify_users=False),
    ) as crm:
        with pytest.raises(SchemaError, match="schema apply"):
            crm.as_admin("root").find()
        with pytest.raises(SchemaError, match="schema apply"):
            crm.customers.ensure("ada")
    server.close()


def test_a_server_that_does_not_answer_is_named() -> None:
    """The error names the endpoint on which nothing listens."""
    with InteractionsClient(
        "http://127.0.0.1:9/v1",
        "p",
        api_key=KEY,
        retry=RetryPolicy(retries=0),
        timeout=2,
        settings=Settings(verify_users=False),
    ) as crm:
        with pytest.raises(APIConnectionError, match=r"127\.0\.0\.1:9") as caught:
            crm.as_admin("root").find()
    assert not caught.value.may_have_landed
    assert KEY.encode() not in pickle.dumps(caught.value)


def test_an_acting_user_has_a_valid_id() -> None:
    """The ID becomes part of permissions, so it is validated immediately."""
    transport = httpx.MockTransport(answers_nothing)
    crm = InteractionsClient("http://localhost/v1", "p", api_key=KEY, transport=transport)
    for act in (crm.as_user, crm.as_admin):
        with pytest.raises(BadRequestError, match="user id"):
            act('ada")')


def test_a_repository_shows_its_user() -> None:
    """The `repr` has the user, but not the key."""
    transport = httpx.MockTransport(answers_nothing)
    crm = InteractionsClient("http://localhost/v1", "p", api_key=KEY, transport=transport)
    assert "<InteractionRepository of 'ada'>" == repr(crm.as_user("ada"))


@pytest.mark.parametrize("name", ["import_mail", "import_calendar", "follow_ups", "create", "find"])
def test_a_call_without_somebody_who_acts_is_answered(crm: InteractionsClient, name: str) -> None:
    """The error suggests the calls that name the acting user."""
    with pytest.raises(AttributeError) as caught:
        getattr(crm, name)
    told = str(caught.value)
    assert told.startswith(f"'InteractionsClient' object has no attribute '{name}'. Somebody")
    assert f"as_user(user_id).{name}" in told
    assert f"as_admin(user_id).{name}" in told
    assert hasattr(crm.as_user("ada"), name)
    assert not hasattr(crm, name)


@pytest.mark.parametrize("name", ["nothing", "__len__", "_access"])
def test_other_names_have_no_such_answer(crm: InteractionsClient, name: str) -> None:
    """Unknown names, and names not meant for users, raise the normal error."""
    with pytest.raises(AttributeError, match=f"no attribute '{name}'$"):
        getattr(crm, name)
