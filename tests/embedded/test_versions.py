"""Versions of Appwrite that the server imitates, beyond the recorded requests."""

from __future__ import annotations

import json

import pytest

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.http_client import ROWS, Talk

NEWER = "1.9.x-2026-08"


def talk_to(server: EmbeddedAppwrite) -> Talk:
    """Create a table with a number and a unique text; return a client."""
    talk = Talk(server)
    talk.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
    talk.good("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t"})
    for kind, column in (
        ("string", {"key": "name", "size": 20, "required": False}),
        ("integer", {"key": "whole", "required": False}),
    ):
        talk.good("POST", f"/tablesdb/d/tables/t/columns/{kind}", column)
    index = {"key": "name", "type": "unique", "columns": ["name"]}
    talk.good("POST", "/tablesdb/d/tables/t/indexes", index)
    return talk


def test_an_unknown_version_is_refused() -> None:
    """The error names the recorded versions."""
    with pytest.raises(ValueError, match=r"'1\.4'; recorded are 1\.9\.6, 1\.9\.x-2026-08"):
        EmbeddedAppwrite(version="1.4")


@pytest.mark.parametrize(
    ("version", "type_"),
    [("1.9.6", "row_already_exists"), (NEWER, "row_unique_constraint_violation")],
)
def test_a_change_that_clashes_on_a_unique_index(version: str, type_: str) -> None:
    """The update is rejected like a create; in a transaction, both are conflicts."""
    with EmbeddedAppwrite(version=version) as server:
        talk = talk_to(server)
        talk.row("r1", name="a")
        talk.row("r2", name="b")
        assert (409, type_) == talk.refused("PATCH", f"{ROWS}/r2", {"data": {"name": "a"}})[:2]
        taken = {"rowId": "r1", "data": {"name": "c"}}
        assert (409, "row_already_exists") == talk.refused("POST", ROWS, taken)[:2]

        transaction = talk.good("POST", "/tablesdb/transactions", {})["$id"]
        path = f"/tablesdb/transactions/{transaction}"
        operation = {"action": "create", "databaseId": "d", "tableId": "t", "rowId": "r3"}
        staged = {"operations": [operation | {"data": {"name": "a"}}]}
        talk.good("POST", f"{path}/operations", staged)
        refused = talk.refused("PATCH", path, {"commit": True})
        assert (409, "transaction_conflict") == refused[:2]


@pytest.mark.parametrize(
    ("version", "method", "values", "expected"),
    [
        ("1.9.6", "increment", [5, 12], 12),
        (NEWER, "increment", [5, 12], 10),
        (NEWER, "increment", [2, 12], 12),
        (NEWER, "increment", [5, None], 15),
        ("1.9.6", "decrement", [5, 8], 8),
        (NEWER, "decrement", [5, 8], 10),
        (NEWER, "multiply", [2, 15], 10),
    ],
)
def test_operators_with_a_limit(
    version: str, method: str, values: list[int], expected: int
) -> None:
    """The released version stops at the limit, and the newer one then changes nothing."""
    with EmbeddedAppwrite(version=version) as server:
        talk = talk_to(server)
        talk.row("r1", whole=10)
        operator = json.dumps({"method": method, "values": values})
        assert expected == talk.good("PATCH", f"{ROWS}/r1", {"data": {"whole": operator}})["whole"]


@pytest.mark.parametrize(("sent", "shown"), [({}, (None, None)), ({"min": 1, "max": 9}, (1, 9))])
def test_bounds_of_an_inline_column(
    sent: dict[str, int], shown: tuple[int | None, int | None]
) -> None:
    """Omitted bounds are returned as null, and 64-bit values are accepted."""
    with EmbeddedAppwrite(version=NEWER) as server:
        talk = Talk(server)
        talk.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
        column = {"key": "whole", "type": "integer"} | sent
        body = {"tableId": "t", "name": "t", "columns": [column]}
        [made] = talk.good("POST", "/tablesdb/d/tables", body)["columns"]
        assert shown == (made["min"], made["max"])
        talk.row("r1", whole=9)
        status, _ = talk("POST", ROWS, {"rowId": "r2", "data": {"whole": 2**40}})
        assert (400 if sent else 201) == status
