from __future__ import annotations

import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from interactions_sdk.settings import CustomerColumns, Settings


def test_the_defaults_are_the_document_s() -> None:
    """The default settings are those of the specification."""
    assert {
        "database_id": "console-db",
        "interactions_table": "customer_interactions",
        "customers_table": "customers",
        "audit_table": "audit_logs",
        "audit_text": True,
        "audit_via": None,
        "admin_role": "label:superadmin",
        "consistency": "atomic",
        "user_sessions": False,
        "verify_users": True,
        "time_zone": "UTC",
        "page_size": 100,
        "bulk_size": 500,
        "cache_ttl": 5,
        "cache_size": 4096,
        "customer_update_attempts": 50,
        "attachments_bucket": None,
        "attachments_max_bytes": 5_000_000,
        "attachments_allowed_extensions": (),
        "timeout": 60,
        "max_response_bytes": 64_000_000,
        "follow_up_plans": {},
        "customer_columns": {
            "user_id": "userId",
            "last_contact_at": "lastContactAt",
            "next_follow_up_at": "nextFollowUpAt",
            "name": "name",
            "email": "email",
            "phone": "phone",
        },
    } == Settings().model_dump()


@pytest.mark.parametrize(
    "name",
    ["database_id", "interactions_table", "customers_table", "audit_table", "attachments_bucket"],
)
@pytest.mark.parametrize("value", ["", "../x", "a/b", "_a", "a" * 37, "a b"])
def test_invalid_ids_are_refused(name: str, value: str) -> None:
    """The error names the setting."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})

    assert [(name,)] == [fault["loc"] for fault in caught.value.errors()]


def test_an_audit_log_is_not_a_must() -> None:
    """None disables the audit log."""
    assert Settings(audit_table=None).audit_table is None


@pytest.mark.parametrize(
    "role", ["label:admin", "label:A1", "team:crew", "team:a.b-c", "team:crew/super_admin"]
)
def test_roles_of_admins(role: str) -> None:
    """Labels, teams and roles within teams are accepted."""
    assert role == Settings(admin_role=role).admin_role


@pytest.mark.parametrize(
    "role",
    [
        "",
        "superadmin",
        "role:super_admin",
        "label:super_admin",
        "label:",
        "label:é",
        "team:",
        "team:_x",
        "team:crew/",
        "team:crew/é",
        "team:a/b/c",
        "users",
        'label:a") , read("any',
        "label:a\n",
    ],
)
def test_what_appwrite_takes_for_no_role_is_refused(role: str) -> None:
    """An invalid role is rejected, since Appwrite would reject or misinterpret it."""
    with pytest.raises(ValidationError, match="use label:NAME"):
        Settings(admin_role=role)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page_size", 0),
        ("page_size", 5001),
        ("bulk_size", 0),
        ("bulk_size", 1001),
        ("cache_ttl", -1),
        ("cache_size", 0),
        ("customer_update_attempts", 0),
        ("consistency", "eventual"),
        ("verify_users", "perhaps"),
        ("customer_columns", {"user_id": "_x"}),
        ("customer_columns", {"user_id": ""}),
        ("customer_columns", {"last_contact_at": "a" * 37}),
        ("customer_columns", {"name": ""}),
        ("customer_columns", {"fax": "fax"}),
        ("no_such_setting", 1),
    ],
)
def test_wrong_values_are_named(name: str, value: Any) -> None:
    """The error names each invalid setting."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})

    assert [name] == [fault["loc"][0] for fault in caught.value.errors()]


@pytest.mark.parametrize(
    ("name", "value"),
    [("page_size", 1), ("page_size", 5000), ("bulk_size", 1000), ("cache_ttl", 0)],
)
def test_limits_are_inclusive(name: str, value: int) -> None:
    """The limits of each range are valid values."""
    assert value == getattr(Settings.model_validate({name: value}), name)


def test_settings_are_values() -> None:
    """Settings are frozen, equal by value, and survive a pickle."""
    settings = Settings(customer_columns=CustomerColumns(user_id="owner"))

    with pytest.raises(ValidationError, match="frozen"):
        settings.page_size = 5
    assert settings == pickle.loads(pickle.dumps(settings))  # noqa: S301 - our own bytes
    assert {settings: 1}[settings.model_copy()]
