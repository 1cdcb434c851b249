"""Servers in memory that start with a copy of another server's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionsClient, Settings
from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.http_client import ROWS, Talk

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = "ada@example.com"
PASSWORD = "a long password"


def test_a_server_begins_where_another_one_stands(talk: Talk) -> None:
    """Tables, rows and users are copied, and later writes are not shared."""
    talk.good("POST", ROWS, {"rowId": "first", "data": {"text": "Intro"}})
    with EmbeddedAppwrite(snapshot=talk.server.snapshot()) as server:
        other = Talk(server)
        assert talk.good("GET", f"{ROWS}/first") == other.good("GET", f"{ROWS}/first")
        other.good("POST", ROWS, {"rowId": "second", "data": {"text": "Offer"}})
        talk.good("DELETE", f"{ROWS}/first")

        assert ["first", "second"] == [row["$id"] for row in other.good("GET", ROWS)["rows"]]
        assert [] == talk.good("GET", ROWS)["rows"]


def test_a_file_can_be_taken_along(tmp_path: Path) -> None:
    """The snapshot of a file that is in use includes its log."""
    with EmbeddedAppwrite(tmp_path / "crm.db") as kept:
        Talk(kept).good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
        snapshot = kept.snapshot()
    with EmbeddedAppwrite(snapshot=snapshot) as server:
        assert 1 == Talk(server).good("GET", "/tablesdb")["total"]


def test_no_server_takes_the_jwts_of_another(talk: Talk) -> None:
    """The copied user exists, but each server signs its JWTs with its own secret."""
    talk.good("POST", "/users", {"userId": "ada", "email": EMAIL, "password": PASSWORD})
    jwt = talk.good("POST", "/users/ada/jwts", {})["jwt"]
    with EmbeddedAppwrite(snapshot=talk.server.snapshot()) as server:
        here = Talk(talk.server, {"x-appwrite-jwt": jwt})
        there = Talk(server, {"x-appwrite-jwt": jwt})

        assert "ada" == here.good("GET", "/account")["$id"]
        assert (401, "user_jwt_invalid") == refused(there)


def refused(talk: Talk) -> tuple[int, str]:
    """Request the account, and return the type of the error."""
    status, answer = talk("GET", "/account")
    return status, answer["type"]


def test_a_file_begins_with_its_own(tmp_path: Path) -> None:
    """A snapshot cannot be combined with a file, whose rows it would overwrite."""
    with EmbeddedAppwrite() as empty, pytest.raises(ValueError, match="memory"):
        EmbeddedAppwrite(tmp_path / "crm.db", snapshot=empty.snapshot())
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("can_be_copied", [True, False])
def test_an_embedded_client_begins_empty(
    monkeypatch: pytest.MonkeyPatch,
    can_be_copied: bool,  # noqa: FBT001 - a case
) -> None:
    """Each embedded client has the schema, and no rows of other clients."""
    monkeypatch.setattr("interactions_sdk.embedded_setup._CAN_SERIALIZE", can_be_copied)
    for _ in range(2):
        with InteractionsClient.embedded() as crm:
            assert [] == crm.schema.plan()
            crm.customers.ensure("ada")
            crm.as_user("ada").log_call("Intro")
            assert 1 == crm.as_admin("root").count()


def test_settings_of_ones_own_have_their_tables() -> None:
    """Other settings do not use the prepared tables."""
    for name in ("calls", "talks"):
        settings = Settings(database_id=f"{name}-db", interactions_table=name)
        with InteractionsClient.embedded(settings=settings) as crm:
            crm.customers.ensure("ada")
            assert "Intro" == crm.as_user("ada").log_call("Intro").subject
