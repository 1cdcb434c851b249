"""Creating, updating and reading rows, and the errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.http_client import ROWS, Talk, query

INVALID = "Invalid document structure: "


def test_row_of_every_kind_comes_back(talk: Talk) -> None:
    """A row with all types of columns is returned unchanged."""
    data: dict[str, Any] = {
        "text": "a\x00b",
        "long": "y" * 2000,
        "whole": -(2**63),
        "real": 0.25,
        "truth": True,
        "moment": "2026-05-01T10:00:00.000+00:00",
        "choice": "a",
        "mail": "a@b.cd",
        "link": "https://example.com/x",
        "address": "::1",
        "bytes": "é",
        "tags": ["x", None, "y"],
        "moments": ["2026-05-01T00:00:00.000+00:00"],
        "numbers": [1, 2],
    }
    talk.row("r", **data)
    row = talk.good("GET", f"{ROWS}/r")
    assert data == {key: row[key] for key in data}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"truth": 1}, 'Attribute "truth" has invalid type. Value must be a valid boolean'),
        ({"real": "1"}, 'Attribute "real" has invalid format. Value must be a valid float'),
        ({"mail": "a"}, 'Attribute "mail" has invalid format. Value must be a valid email address'),
        ({"link": "a"}, 'Attribute "link" has invalid format. Value must be a valid URL'),
        (
            {"address": "a"},
            'Attribute "address" has invalid format. Value must be a valid IP address',
        ),
        (
            {"address": 1},
            (
                'Attribute "address" has invalid format. '
                "Value must be a valid string and no longer than 39 chars"
            ),
        ),
        (
            {"bytes": "é" * 40_000},
            (
                'Attribute "bytes" has invalid type. '
                "Value must be a valid string no longer than 65535 bytes"
            ),
        ),
        ({"tags": "x"}, 'Attribute "tags" must be an array'),
        (
            {"tags": ["x", 5]},
            (
                "Attribute \"tags['1']\" has invalid type. "
                "Value must be a valid string and no longer than 10 chars"
            ),
        ),
        (
            {"whole": 2**63},
            (
                'Attribute "whole" has invalid format. Value must be a valid signed 64-bit integer '
                "between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,807"
            ),
        ),
    ],
)
def test_values_that_do_not_fit(talk: Talk, data: dict[str, Any], expected: str) -> None:
    """A value that does not fit its column is rejected with Appwrite's message."""
    refused = talk.refused("POST", ROWS, {"rowId": "r", "data": data})
    assert (400, "row_invalid_structure", INVALID + expected) == refused


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"data": {"text": "x"}, "rows": [{"text": "x"}]}, "You can only send one of"),
        ({"rowId": "r", "rows": [{"text": "x"}]}, 'Param "rowId" is not allowed when'),
        ({"permissions": ['read("any")'], "rows": [{"text": "x"}]}, 'Param "permissions" is'),
        ({"rows": [{"$id": "?", "text": "x"}]}, "Parameter must contain at most 36 chars."),
        ({"rows": [{"$permissions": ["*"], "text": "x"}]}, "Wildcard permission"),
        ({"rows": ["x"]}, "Invalid `rows` param: "),
    ],
)
def test_create_refusals(talk: Talk, body: dict[str, Any], expected: str) -> None:
    """A request must contain one row or several, and each invalid form has its own error."""
    status, _, message = talk.refused("POST", ROWS, body)
    assert (400, True) == (status, message.startswith(expected)), message


def test_ids_differ_in_more_than_capitals(talk: Talk) -> None:
    """`R` and `r` are the same ID in MariaDB's collation."""
    talk.row("r", text="x")
    refused = talk.refused("POST", ROWS, {"rowId": "R", "data": {"text": "y"}})
    assert (409, "row_already_exists") == refused[:2]
    assert "r" == talk.good("GET", f"{ROWS}/R")["$id"]


def test_update_that_changes_nothing(talk: Talk) -> None:
    """An update without changes needs only read permission and keeps `$updatedAt`."""
    talk.row("r", ['read("any")'], text="x")
    before = talk.good("GET", f"{ROWS}/r")
    assert before == talk.guest().good("PATCH", f"{ROWS}/r", {"data": {"text": "x"}})
    assert 401 == talk.guest().refused("PATCH", f"{ROWS}/r", {"data": {"text": "y"}})[0]


def test_lock_has_one_winner(talk: Talk) -> None:
    """Of two changes with the same timestamp header, the second one is rejected."""
    lock = {"x-appwrite-timestamp": talk.row("r", text="x")["$updatedAt"]}
    first = talk.good("PATCH", f"{ROWS}/r", {"data": {"text": "y"}}, headers=lock)
    refused = talk.refused("PATCH", f"{ROWS}/r", {"data": {"text": "z"}}, headers=lock)
    assert (409, "row_update_conflict", "Remote row is newer than local.") == refused
    assert first["$updatedAt"] > lock["x-appwrite-timestamp"]


def test_unique_index_refuses_an_update(talk: Talk) -> None:
    """An update that violates a unique index is rejected and undone."""
    sent = {"key": "i", "type": "unique", "columns": ["text"]}
    talk.good("POST", "/tablesdb/d/tables/t/indexes", sent)
    talk.row("r1", text="one")
    talk.row("r2", text="two")
    refused = talk.refused("PATCH", f"{ROWS}/r2", {"data": {"text": "ONE"}})
    assert (409, "row_already_exists") == refused[:2]
    assert "two" == talk.good("GET", f"{ROWS}/r2")["text"]


def test_upsert_overwrites_what_it_clashes_with(talk: Talk) -> None:
    """As in MariaDB, the existing row keeps its ID and takes the new values."""
    sent = {"key": "i", "type": "unique", "columns": ["text"]}
    talk.good("POST", "/tablesdb/d/tables/t/indexes", sent)
    talk.row("r1", ['read("any")'], text="one", whole=1)
    talk.good("PUT", f"{ROWS}/r2", {"data": {"text": "one", "whole": 2}})
    assert 2 == talk.good("GET", f"{ROWS}/r1")["whole"]
    assert 404 == talk.refused("GET", f"{ROWS}/r2")[0]
    assert [] == talk.guest().ids()


def test_upsert_needs_the_right(talk: Talk) -> None:
    """An upsert needs permission to create the row or to update it."""
    talk.row("r", text="x")
    user = talk.user("ann")
    assert 401 == user.refused("PUT", f"{ROWS}/r", {"data": {"text": "y"}})[0]
    assert 401 == user.refused("PUT", f"{ROWS}/new", {"data": {"text": "y"}})[0]
    talk.good("PUT", "/tablesdb/d/tables/t", {"name": "t", "permissions": ['create("users")']})
    made = user.good("PUT", f"{ROWS}/new", {"data": {"text": "y"}})
    assert 'update("user:ann")' in made["$permissions"]
    assert "row_missing_payload" == user.refused("PUT", f"{ROWS}/new", {})[1]


def test_rows_of_one_call_have_one_moment(talk: Talk) -> None:
    """Appwrite uses one time for all rows of a request."""
    rows = [{"$id": f"r{number}"} for number in range(100)]

    made = talk.good("POST", ROWS, {"rows": rows})["rows"]

    assert 1 == len({row["$createdAt"] for row in made} | {row["$updatedAt"] for row in made})


def test_bulk_needs_the_key(talk: Talk) -> None:
    """Only an API key may use bulk requests."""
    user = talk.user("ann")
    for method in ("PUT", "PATCH", "DELETE"):
        body = {"rows": [{"text": "x"}], "data": {"text": "x"}}
        assert "database_not_found" == user.refused(method, ROWS, body)[1]


def test_bulk_upsert_keeps_permissions(talk: Talk) -> None:
    """In a bulk upsert, permissions that are not sent stay unchanged."""
    talk.row("r", ['read("any")'], text="x")
    rows = talk.good("PUT", ROWS, {"rows": [{"$id": "r", "text": "y"}]})["rows"]
    assert [("y", ['read("any")'])] == [(row["text"], row["$permissions"]) for row in rows]


def test_bulk_update_of_dates_and_permissions(talk: Talk) -> None:
    """An API key may set dates and permissions of many rows."""
    talk.row("r", text="x")
    date = "2020-01-01T00:00:00.000+00:00"
    data = {"$updatedAt": date, "$permissions": ['read("any")'], "$id": "other"}
    [row] = talk.good("PATCH", ROWS, {"data": data})["rows"]
    assert ("r", date, ['read("any")']) == (row["$id"], row["$updatedAt"], row["$permissions"])
    assert ["r"] == talk.guest().ids()


def test_many_rows_are_changed_and_hundred_shown(talk: Talk) -> None:
    """A bulk request returns at most 100 rows, and the full total."""
    for start in (0, 100):
        rows = [{"$id": f"r{number}", "whole": number} for number in range(start, start + 60)]
        talk.good("POST", ROWS, {"rows": rows})
    changed = talk.good("PATCH", ROWS, {"data": {"whole": 5}})
    assert (120, 100) == (changed["total"], len(changed["rows"]))
    deleted = talk.good("DELETE", ROWS, {})
    assert (120, 100) == (deleted["total"], len(deleted["rows"]))


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("r/whole/increment", {"value": 0}, "Value must be numeric and greater than 0"),
        ("r/tags/increment", {}, 'tablesDB "tags" is not a number'),
        ("r/$x/increment", {}, "Column with the requested key '%s' could not be found."),
        ("r/?/increment", {}, "Invalid `column` param: Parameter must contain at most 36 chars."),
    ],
)
def test_increment_refusals(talk: Talk, path: str, body: dict[str, Any], expected: str) -> None:
    """A column that is not a number cannot be incremented."""
    talk.row("r", whole=1)
    assert talk.refused("PATCH", f"{ROWS}/{path.replace('?', '%3F')}", body)[2].startswith(expected)


def test_increment_needs_the_right(talk: Talk) -> None:
    """Incrementing needs update permission."""
    talk.row("r", ['read("any")'], whole=1)
    assert 401 == talk.guest().refused("PATCH", f"{ROWS}/r/whole/increment", {})[0]


def test_user_sees_its_own_and_the_public_rows(talk: Talk) -> None:
    """A user sees rows that any of their roles may read."""
    user = talk.user("ann", "vip")
    talk.row("own", ['read("user:ann")'], text="x")
    talk.row("vip", ['read("label:vip")'], text="x")
    talk.row("any", ['read("any")'], text="x")
    talk.row("none", text="x")
    assert ["own", "vip", "any"] == user.ids()
    talk.good("PATCH", f"{ROWS}/vip", {"permissions": []})
    talk.good("DELETE", f"{ROWS}/any")
    assert ["own"] == user.ids(query("equal", "text", "X"))


def test_half_a_surrogate_pair_is_refused(talk: Talk) -> None:
    """Text with a lone surrogate is rejected, and the row is not created."""
    refused = talk.refused("POST", ROWS, b'{"rowId": "r", "data": {"text": "\\ud800"}}')
    assert (400, "general_bad_request") == refused[:2]
    assert [] == talk.ids()


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"'])
def test_body_that_is_no_object(talk: Talk, body: bytes) -> None:
    """A body other than a JSON object counts as empty."""
    assert "row_missing_data" == talk.refused("POST", ROWS, body)[1]


def test_data_may_be_text(talk: Talk) -> None:
    """The data of a row may be a text with a JSON object."""
    assert "x" == talk.good("POST", ROWS, {"rowId": "r", "data": '{"text": "x"}'})["text"]
    refused = talk.refused("POST", ROWS, {"rowId": "q", "data": "no JSON"})
    assert "row_missing_data" == refused[1]
