from __future__ import annotations

import json
import time
from typing import Any

import pytest
import time_machine

from tests.embedded.http_client import ROWS, Talk, query

BEGIN = "/tablesdb/transactions"


def begin(talk: Talk) -> str:
    """Begin a transaction; return its ID."""
    begun: str = talk.good("POST", BEGIN, {})["$id"]
    return begun


def op(action: str, row_id: str | None = None, data: Any = None) -> dict[str, Any]:
    """Return an operation."""
    made: dict[str, Any] = {"action": action, "databaseId": "d", "tableId": "t"}
    if row_id is not None:
        made["rowId"] = row_id
    return made | ({} if data is None else {"data": data})


def stage(talk: Talk, tx: str, *operations: dict[str, Any]) -> None:
    """Stage operations."""
    talk.good("POST", f"{BEGIN}/{tx}/operations", {"operations": operations})


def commit(talk: Talk, tx: str) -> tuple[int, Any]:
    """Commit a transaction."""
    status, body = talk("PATCH", f"{BEGIN}/{tx}", {"commit": True})
    return status, body["status"] if status == 200 else body["type"]


def test_every_action_lands(talk: Talk) -> None:
    """All ten actions are applied in order."""
    for row_id in ("a", "b", "c", "d", "e"):
        talk.row(row_id, text=row_id, whole=5)
    tx = begin(talk)
    stage(
        talk,
        tx,
        op("create", "new", {"text": "new", "whole": 1}),
        op("update", "new", {"text": "newer"}),
        op("increment", "new", {"column": "whole", "value": 2}),
        op("update", "a", {"text": json.dumps({"method": "stringConcat", "values": ["!"]})}),
        op("delete", "b"),
        op("upsert", "c", {"$id": "c", "text": "put"}),
        op("decrement", "d", {"column": "whole", "min": 0}),
        op("bulkCreate", None, [{"$id": "many", "text": "many"}, {"text": "unnamed"}]),
        op("bulkUpdate", None, {"queries": [query("equal", "text", "many")], "data": {"whole": 9}}),
        op("bulkUpsert", None, [{"$id": "d", "text": "upserted"}, {"$id": "f", "text": "f"}]),
        op("bulkDelete", None, {"queries": [query("equal", "$id", "e")]}),
    )
    assert (200, "committed") == commit(talk, tx)
    rows = {row["$id"]: (row["text"], row["whole"]) for row in talk.good("GET", ROWS)["rows"]}
    unnamed = rows.keys() - {"a", "c", "d", "f", "many", "new"}
    assert 1 == len(unnamed)
    expected = {
        "a": ("a!", 5),
        "c": ("put", 5),
        "d": ("upserted", 4),
        "f": ("f", None),
        "many": ("many", 9),
        "new": ("newer", 3),
    }
    assert expected == {key: rows[key] for key in expected}


def test_a_staged_query_that_is_no_text_is_refused(talk: Talk) -> None:
    """A staged query that is not text fails the commit like other invalid queries."""
    tx = begin(talk)
    stage(talk, tx, op("bulkDelete", None, {"queries": [{"method": "equal"}]}))

    assert (400, "general_query_invalid") == commit(talk, tx)


@pytest.mark.parametrize(
    "operation",
    [
        op("update", "r", {"text": "mine"}),
        op("delete", "r"),
        op("increment", "r", {"column": "whole"}),
        op("upsert", "r", {"$id": "r", "text": "mine"}),
        op("bulkUpdate", None, {"queries": [], "data": {"text": "mine"}}),
        op("bulkDelete", None, {"queries": []}),
        op("bulkUpsert", None, [{"$id": "r", "text": "mine"}]),
        op("create", "s", {"text": "mine"}),
        op("bulkCreate", None, [{"$id": "s", "text": "mine"}]),
    ],
)
def test_conflict(talk: Talk, operation: dict[str, Any]) -> None:
    """A row that changed since staging fails the commit.

    Single rows are compared exactly; for many rows, times are compared, as in Appwrite.
    """
    talk.row("r", text="x", whole=1)
    tx = begin(talk)
    stage(talk, tx, op("create", "new", {"text": "x"}), operation)
    if "rowId" not in operation:
        time.sleep(0.002)
    talk.good("PATCH", f"{ROWS}/r", {"data": {"text": "theirs"}})
    talk.row("s", text="theirs")
    assert (409, "transaction_conflict") == commit(talk, tx)
    assert ["theirs", "theirs"] == [row["text"] for row in talk.good("GET", ROWS)["rows"]]
    assert "failed" == talk.good("GET", f"{BEGIN}/{tx}")["status"]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (op("delete", "r"), "document_not_found"),
        (op("update", "r", {"text": "mine"}), "document_not_found"),
        (op("increment", "r", {"column": "whole"}), "document_not_found"),
        (op("upsert", "r", {"$id": "r", "text": "mine"}), "document_not_found"),
    ],
)
def test_row_is_gone(talk: Talk, operation: dict[str, Any], expected: str) -> None:
    """A row deleted since staging is not found."""
    talk.row("r", text="x", whole=1)
    tx = begin(talk)
    stage(talk, tx, operation)
    talk.good("DELETE", f"{ROWS}/r")
    assert (404, expected) == commit(talk, tx)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (op("increment", "r", {"column": "whole", "max": 1}), "column_limit_exceeded"),
        (op("create", "bad id", {"text": "x"}), "document_invalid_structure"),
        (op("bulkUpdate", None, {"queries": ["?"], "data": {}}), "general_query_invalid"),
    ],
)
def test_commit_refusals(talk: Talk, operation: dict[str, Any], expected: str) -> None:
    """Invalid operations fail the commit."""
    talk.row("r", text="x", whole=1)
    tx = begin(talk)
    stage(talk, tx, operation)
    assert (400, expected) == commit(talk, tx)


def test_own_row_is_gone(talk: Talk) -> None:
    """A row deleted by the transaction is not found by its later operations."""
    tx = begin(talk)
    again = op("update", "n", {"text": "y"})
    stage(talk, tx, op("create", "n", {"text": "x"}), op("delete", "n"), again)
    assert (404, "document_not_found") == commit(talk, tx)


def test_time_to_live_may_be_text(talk: Talk) -> None:
    """The time to live may be a text of digits."""
    assert "pending" == talk.good("POST", BEGIN, {"ttl": "60"})["status"]


def test_table_is_gone(talk: Talk) -> None:
    """Operations staged on a deleted table are ignored."""
    tx = begin(talk)
    stage(talk, tx, op("create", "r", {"text": "x"}))
    talk.good("DELETE", "/tablesdb/d/tables/t")
    assert (200, "committed") == commit(talk, tx)


WRONG = "Invalid `operations` param: Value must a valid array and "


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("x", "Value must be an array"),
        (op("create", "", {}), "Key 'rowId' must be a non-empty string"),
        (op("create", "r", "x"), "Key 'data' must be an array"),
        (
            op("create", "r", {}) | {"tableId": " "},
            "Key 'tableId' must be a non\N{NON-BREAKING HYPHEN}empty string",
        ),
        (op("bulkDelete", None, {}), "Key 'queries' is required in data for bulkDelete"),
        (op("bulkDelete", None, {"queries": 1}), "Key 'queries' must be an array for bulkDelete"),
        (op("bulkUpdate", None, {"queries": []}), "Key 'data' is required in data for bulkUpdate"),
        (op("increment", "r", {}), "Key 'column' is required in data for increment"),
        (
            op("increment", "r", {"column": "whole", "value": "x"}),
            "Key 'value' must be a numeric value for increment",
        ),
    ],
)
def test_operations_that_are_none(talk: Talk, operation: Any, expected: str) -> None:
    """An invalid operation is rejected with Appwrite's message."""
    tx = begin(talk)
    sent = {"operations": [operation]}
    refused = talk.refused("POST", f"{BEGIN}/{tx}/operations", sent)
    assert (400, "general_argument_invalid", WRONG + expected) == refused


@pytest.mark.parametrize("character", ["x", "/", "я", "😀"])
def test_an_operation_has_its_size(talk: Talk, character: str) -> None:
    """Appwrite stores at most 5,000,000 characters of an operation, as escaped by PHP."""
    tx = begin(talk)
    path = f"{BEGIN}/{tx}/operations"
    written = {"x": 1, "/": 2, "я": 6, "😀": 12}[character]
    fitting, rest = divmod(5_000_000 - len('{"long":""}'), written)
    longest = character * fitting + "x" * rest
    more = op("create", "r", {"long": longest + "x"})
    assert (500, "general_unknown", "Server Error") == talk.refused(
        "POST", path, {"operations": [op("create", "q", {}), more]}
    )
    assert 0 == talk.good("GET", f"{BEGIN}/{tx}")["operations"]
    stage(talk, tx, op("create", "r", {"long": longest}))


def test_staging_refusals(talk: Talk) -> None:
    """Staging requires valid data and an existing database."""
    tx = begin(talk)
    path = f"{BEGIN}/{tx}/operations"
    missing = op("create", "r", {"text": "x"}) | {"databaseId": "gone"}
    assert "database_not_found" == talk.refused("POST", path, {"operations": [missing]})[1]
    unsound = op("create", "r", {"text": "x", "$permissions": ["*"]})
    assert "general_bad_request" == talk.refused("POST", path, {"operations": [unsound]})[1]


def test_users_rights_are_checked_when_staging_and_when_committing(talk: Talk) -> None:
    """Permissions are checked when operations are staged and when they are committed."""
    user = talk.user("ann")
    talk.row("own", ['read("user:ann")', 'update("user:ann")'], text="x")
    talk.row("seen", ['read("any")'], text="x")
    tx = begin(user)
    path = f"{BEGIN}/{tx}/operations"
    for operation in (
        op("create", "r", {"text": "y"}),
        op("update", "seen", {"text": "y"}),
        op("delete", "own"),
        op("upsert", "q", {"text": "y"}),
    ):
        refused = user.refused("POST", path, {"operations": [operation]})
        assert "user_unauthorized" == refused[1], operation
    foreign = op("update", "own", {"$permissions": ['read("user:bob")']})
    message = user.refused("POST", path, {"operations": [foreign]})[2]
    assert message.startswith("Permissions must be one of: (any, users, user:ann,")
    stage(user, tx, op("update", "own", {"text": "y"}))
    assert (200, "committed") == commit(user, tx)
    assert "y" == talk.good("GET", f"{ROWS}/own")["text"]
    table = {"name": "t", "rowSecurity": True, "permissions": ['create("users")']}
    talk.good("PUT", "/tablesdb/d/tables/t", table)
    tx = begin(user)
    stage(user, tx, op("create", "made", {"text": "y"}))
    talk.good("PUT", "/tablesdb/d/tables/t", table | {"permissions": []})
    assert (401, "user_unauthorized") == commit(user, tx)


def test_transactions_are_listed_to_their_owners(talk: Talk) -> None:
    """A user sees their own transactions, the key sees all, and a guest sees none."""
    user = talk.user("ann")
    begin(talk)
    begin(user)
    begin(talk.guest())
    totals = [each.good("GET", BEGIN)["total"] for each in (talk, user, talk.guest())]
    assert [3, 1, 0] == totals


def test_staged_rows_are_seen_by_their_transaction(talk: Talk) -> None:
    """Reads within a transaction return staged rows of every kind of operation."""
    for row_id in ("a", "b", "c"):
        talk.row(row_id, text=row_id, whole=5)
    tx = begin(talk)
    stage(
        talk,
        tx,
        op("create", "n", {"text": "new", "whole": 50}),
        op("upsert", "a", {"text": "put"}),
        op("upsert", "q", {"text": "quite new", "whole": 60}),
        op("delete", "b"),
        op("update", "gone-later", {"text": "x"}) | {"rowId": "c"},
        op("increment", "c", {"column": "whole"}),
        op("bulkCreate", None, [{"$id": "m", "text": "many", "tags": ["a"]}, {"text": "no id"}]),
        op("bulkUpsert", None, [{"$id": "m", "whole": 70}, {"$id": "o", "text": "o"}, {}]),
        op("bulkUpdate", None, {"queries": [query("equal", "text", "many")], "data": {"real": 1}}),
        op("bulkDelete", None, {"queries": [query("startsWith", "text", "quite")]}),
    )
    inside = talk.good("GET", ROWS, transactionId=tx)
    shown = {row["$id"]: row["text"] for row in inside["rows"]}
    assert {"a": "put", "c": "x", "n": "new", "m": "many", "o": "o"} == shown
    assert 5 == inside["total"]
    selected = talk.good("GET", ROWS, transactionId=tx, queries=(query("select", "", "whole"),))
    assert {"whole", "$id", "$sequence", "$databaseId", "$tableId"} == set(selected["rows"][-2])
    row = talk.good("GET", f"{ROWS}/m", transactionId=tx)
    assert ("many", 70, 1) == (row["text"], row["whole"], row["real"])
    assert 404 == talk.refused("GET", f"{ROWS}/b", transactionId=tx)[0]
    assert 0 == talk.good("GET", ROWS, transactionId=tx, total="0")["total"]


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        *((query("notEqual", "text", "n1"), 1), (query("contains", "tags", "a"), 2)),
        *((query("endsWith", "text", "1"), 1), (query("startsWith", "text", "n"), 2)),
        *((query("isNull", "real"), 1), (query("isNotNull", "real"), 1)),
        *((query("lessThan", "whole", 2), 1), (query("lessThanEqual", "whole", 2), 2)),
        *((query("greaterThan", "whole", 1), 1), (query("greaterThanEqual", "whole", 1), 2)),
        *((query("between", "whole", 2, 3), 1), (query("equal", "text", "n1", "n2"), 2)),
    ],
)
def test_staged_rows_are_counted_if_they_match(talk: Talk, asked: str, total: int) -> None:
    """Filters are applied to staged rows, too."""
    tx = begin(talk)
    first = {"text": "n1", "whole": 1, "real": 0.5, "tags": ["a"]}
    second = {"text": "n2", "whole": 2, "tags": ["a", "b"]}
    stage(talk, tx, op("create", "n1", first), op("create", "n2", second))
    assert total == talk.good("GET", ROWS, transactionId=tx, queries=(asked,))["total"]


def test_calls_on_rows_are_staged(talk: Talk) -> None:
    """Each row request with a transaction ID is staged."""
    talk.row("r", text="x", whole=1)
    talk.row("s", text="x")
    tx = begin(talk)
    inside = {"transactionId": tx}
    put = talk("PUT", f"{ROWS}/p", {"data": {"text": "put"}, **inside})
    assert (201, "put") == (put[0], put[1]["text"])
    assert 1 == talk.good("PATCH", f"{ROWS}/r/whole/increment", inside)["whole"]
    many = {"rows": [{"$id": "m", "text": "many"}], **inside}
    assert {"total": 1, "rows": []} == talk.good("POST", ROWS, many)
    assert {"total": 1, "rows": []} == talk.good("PUT", ROWS, many)
    change = {"queries": [query("equal", "$id", "s")], "data": {"text": "y"}, **inside}
    assert {"total": 0, "rows": []} == talk.good("PATCH", ROWS, change)
    gone = {"queries": [query("equal", "$id", "m")], **inside}
    assert {"total": 0, "rows": []} == talk.good("DELETE", ROWS, gone)
    talk.good("PATCH", f"{ROWS}/p", {"data": {"text": "changed"}, **inside})
    assert (200, "committed") == commit(talk, tx)
    rows = {row["$id"]: (row["text"], row["whole"]) for row in talk.good("GET", ROWS)["rows"]}
    assert {"r": ("x", 2), "s": ("y", None), "p": ("changed", None)} == rows
    refused = talk.refused("PUT", f"{ROWS}/p", {"data": {"text": "put"}, **inside})
    assert "transaction_not_ready" == refused[1]
    wrong = talk.refused("DELETE", ROWS, {"transactionId": "?"})
    assert "general_argument_invalid" == wrong[1]


def test_expired_transaction(talk: Talk) -> None:
    """An expired transaction returns 410, and is removed some time later."""
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        tx = begin(talk)
        stage(talk, tx, op("create", "r", {"text": "x"}))
        clock.shift(301)
        assert (410, "transaction_expired") == commit(talk, tx)
        clock.shift(25 * 3600)
        for _ in range(50):
            begin(talk)
        assert 404 == talk.refused("GET", f"{BEGIN}/{tx}")[0]
