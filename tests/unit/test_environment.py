from __future__ import annotations

import os
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest

from interactions_sdk.environment import (
    connection_from_environment,
    reveal_secret,
    settings_from_environment,
)
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import CustomerColumns, Settings

if TYPE_CHECKING:
    from pathlib import Path

KEY = "standard_c0ffee"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove all variables, and any `.env` file in the working directory."""
    for name in list(os.environ):
        if name.upper().startswith(("APPWRITE_", "INTERACTIONS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_connection_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three variables name the server and the credentials."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "https://crm.example/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", KEY)

    connection = connection_from_environment()

    assert ("https://crm.example/v1", "crm") == (
        reveal_secret(connection.endpoint),
        connection.project_id,
    )
    assert KEY == reveal_secret(connection.api_key)
    assert KEY not in f"{connection} {connection!r} {connection.model_dump()}"
    assert KEY not in connection.model_dump_json()


def test_all_missing_variables_are_named_at_once() -> None:
    """One error names all missing variables."""
    with pytest.raises(ConfigurationError) as caught:
        connection_from_environment()

    assert (
        "Set APPWRITE_ENDPOINT and APPWRITE_PROJECT_ID and APPWRITE_API_KEY in the environment, "
        "or use InteractionsClient.embedded(), which needs no server."
    ) == str(caught.value)


def test_an_empty_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI systems set missing secrets to an empty string."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "https://crm.example/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", "")

    with pytest.raises(ConfigurationError, match=r"^Set APPWRITE_API_KEY in the environment"):
        connection_from_environment()


@pytest.mark.parametrize("name", ["jwt", "session"])
def test_a_user_signs_in_without_a_key(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A JWT or a session replaces the key, and is not shown either."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "https://crm.example/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", "")
    monkeypatch.setenv(f"APPWRITE_{name}".upper(), KEY)

    connection = connection_from_environment()

    assert KEY == reveal_secret(getattr(connection, name))
    assert reveal_secret(connection.api_key) is None
    assert KEY not in f"{connection} {connection!r} {connection.model_dump_json()}"


def test_more_than_one_to_sign_in_with_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variables, but not their values."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "https://crm.example/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    for name in ("APPWRITE_API_KEY", "APPWRITE_SESSION"):
        monkeypatch.setenv(name, KEY)

    with pytest.raises(ConfigurationError) as caught:
        connection_from_environment()

    assert ("APPWRITE_API_KEY and APPWRITE_SESSION are set. Set only one of them.") == str(
        caught.value
    )


def test_the_key_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is not in the error, its attributes or its traceback."""
    monkeypatch.setenv("APPWRITE_API_KEY", KEY)

    with pytest.raises(ConfigurationError) as caught:
        connection_from_environment()

    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    assert KEY not in shown
    assert KEY.encode() not in pickle.dumps(error)


def test_a_file_is_read_and_the_environment_goes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A `.env` file supplies missing variables; unrelated ones are ignored."""
    file = tmp_path / "crm.env"
    file.write_text(
        "APPWRITE_ENDPOINT=https://file.example/v1\nAPPWRITE_PROJECT_ID=file\n"
        f"APPWRITE_API_KEY='{KEY}'\nINTERACTIONS_PAGE_SIZE=7\nINTERACTIONS_BULK_SIZE=8\nOTHER=1\n"
    )
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "environment")
    monkeypatch.setenv("INTERACTIONS_BULK_SIZE", "9")

    connection = connection_from_environment(file)
    settings = settings_from_environment(str(file))

    assert "https://file.example/v1" == reveal_secret(connection.endpoint)
    assert "environment" == connection.project_id
    assert KEY == reveal_secret(connection.api_key)
    assert Settings(page_size=7, bulk_size=9) == settings


def test_no_file_is_read_unasked(tmp_path: Path) -> None:
    """A `.env` file in the working directory is not read by default."""
    (tmp_path / ".env").write_text("INTERACTIONS_PAGE_SIZE=7\n")

    assert 100 == settings_from_environment().page_size


def test_without_variables_the_defaults_hold() -> None:
    """The settings are the defaults, and none counts as set."""
    settings = settings_from_environment()

    assert Settings() == settings
    assert set() == settings.model_fields_set


def test_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Booleans, numbers, none and nested names are parsed."""
    monkeypatch.setenv("INTERACTIONS_DATABASE_ID", "crm")
    monkeypatch.setenv("INTERACTIONS_AUDIT_TABLE", "none")
    monkeypatch.setenv("INTERACTIONS_ADMIN_ROLE", "team:crew/owner")
    monkeypatch.setenv("INTERACTIONS_CONSISTENCY", "fast")
    monkeypatch.setenv("INTERACTIONS_VERIFY_USERS", "false")
    monkeypatch.setenv("INTERACTIONS_PAGE_SIZE", "250")
    monkeypatch.setenv("INTERACTIONS_CACHE_TTL", "1.5")
    monkeypatch.setenv("INTERACTIONS_CUSTOMER_COLUMNS__USER_ID", "owner")
    monkeypatch.setenv("INTERACTIONS_CUSTOMER_COLUMNS__LAST_CONTACT_AT", "seen")

    settings = settings_from_environment()

    assert (
        Settings(
            database_id="crm",
            audit_table=None,
            admin_role="team:crew/owner",
            consistency="fast",
            verify_users=False,
            page_size=250,
            cache_ttl=1.5,
            customer_columns=CustomerColumns(user_id="owner", last_contact_at="seen"),
        )
        == settings
    )
    assert "verify_users" in settings.model_fields_set
    assert "bulk_size" not in settings.model_fields_set


def test_columns_are_also_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns can be in one variable."""
    monkeypatch.setenv("INTERACTIONS_CUSTOMER_COLUMNS", '{"user_id": "owner"}')

    assert "owner" == settings_from_environment().customer_columns.user_id


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each invalid variable is named with its problem."""
    monkeypatch.setenv("INTERACTIONS_PAGE_SIZE", "many")
    monkeypatch.setenv("INTERACTIONS_DATABASE_ID", "../x")
    monkeypatch.setenv("INTERACTIONS_CUSTOMERS_TABLE", "none")
    monkeypatch.setenv("INTERACTIONS_CONSISTENCY", "eventual")
    monkeypatch.setenv("INTERACTIONS_CUSTOMER_COLUMNS__USER_ID", "_x")

    with pytest.raises(ConfigurationError) as caught:
        settings_from_environment()

    faults = str(caught.value).split("; ")
    assert [
        "INTERACTIONS_CONSISTENCY",
        "INTERACTIONS_CUSTOMERS_TABLE",
        "INTERACTIONS_CUSTOMER_COLUMNS__USER_ID",
        "INTERACTIONS_DATABASE_ID",
        "INTERACTIONS_PAGE_SIZE",
    ] == sorted(fault.partition(":")[0] for fault in faults)


def test_columns_that_are_not_json_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that cannot be parsed raises a ConfigurationError too."""
    monkeypatch.setenv("INTERACTIONS_CUSTOMER_COLUMNS", "owner")

    with pytest.raises(ConfigurationError, match=r"INTERACTIONS_.*customer_columns"):
        settings_from_environment()


def test_values_of_code_win_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values not set in code come from the environment, even within a group."""
    monkeypatch.setenv("INTERACTIONS_DATABASE_ID", "from-env")
    monkeypatch.setenv("INTERACTIONS_PAGE_SIZE", "7")
    monkeypatch.setenv("INTERACTIONS_CUSTOMER_COLUMNS__USER_ID", "owner")
    given = Settings(
        page_size=9, customer_columns=CustomerColumns(last_contact_at="lastSeenAt"), cache_ttl=1
    )

    found = settings_from_environment(settings=given)

    assert ("from-env", 9, 1) == (found.database_id, found.page_size, found.cache_ttl)
    assert CustomerColumns(user_id="owner", last_contact_at="lastSeenAt") == found.customer_columns


def test_what_holds_a_key_is_not_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle would contain the key."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", "https://crm.example/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", KEY)

    with pytest.raises(TypeError, match="contain a secret"):
        pickle.dumps(connection_from_environment())
