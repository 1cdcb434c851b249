"""Fixtures: an embedded server and a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.http_client import ROWS, Talk

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Yield a server in memory."""
    with EmbeddedAppwrite(api_key="a-key") as started:
        yield started


@pytest.fixture
def talk(server: EmbeddedAppwrite) -> Talk:
    """Return a client with the API key; the server has a table with a column of every type."""
    talk = Talk(server)
    talk("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
    talk("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t", "rowSecurity": True})
    for kind, options in (
        ("string", {"key": "text", "size": 100}),
        ("string", {"key": "long", "size": 2000}),
        ("integer", {"key": "whole"}),
        ("float", {"key": "real"}),
        ("boolean", {"key": "truth"}),
        ("datetime", {"key": "moment"}),
        ("enum", {"key": "choice", "elements": ["a", "b"]}),
        ("email", {"key": "mail"}),
        ("url", {"key": "link"}),
        ("ip", {"key": "address"}),
        ("text", {"key": "bytes"}),
        ("string", {"key": "tags", "size": 10, "array": True}),
        ("datetime", {"key": "moments", "array": True}),
        ("integer", {"key": "numbers", "array": True}),
    ):
        status, body = talk(
            "POST", f"/tablesdb/d/tables/t/columns/{kind}", {"required": False, **options}
        )
        assert 202 == status, body
    assert "/tablesdb/d/tables/t/rows" == ROWS
    return talk
