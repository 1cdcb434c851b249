from __future__ import annotations

import json
from typing import Any

import pytest

from tests.embedded.http_client import ROWS, Talk


def operator(method: str, *values: Any) -> str:
    """Return the JSON of an operator."""
    return json.dumps({"method": method, "values": list(values)})


@pytest.mark.parametrize(
    ("key", "before", "sent", "after"),
    [
        ("whole", 5, operator("increment", 2), 7),
        ("whole", None, operator("increment", 2), 2),
        ("whole", 5, operator("decrement", 2, 4), 4),
        ("whole", 5, operator("multiply", 3, 10), 10),
        ("whole", 9, operator("divide", 2), 4),
        ("whole", 8, operator("divide", 2), 4),
        ("real", 9, operator("divide", 2, 5), 5),
        ("whole", -7, operator("modulo", 4), -3),
        ("real", 7.5, operator("modulo", 4), 3.5),
        ("whole", 2, operator("power", 10, 1000), 1000),
        ("whole", 2, operator("increment", 0.6), 3),
        ("text", None, operator("stringConcat", "b"), "b"),
        ("text", "abab", operator("stringReplace", "a", "x"), "xbxb"),
        ("text", None, operator("stringReplace", "a", "x"), None),
        ("truth", None, operator("toggle"), True),
        ("moment", "2026-05-01", operator("dateSubDays", 1), "2026-04-30T00:00:00.000+00:00"),
        ("tags", ["a"], operator("arrayAppend", "b", "c"), ["a", "b", "c"]),
        ("tags", None, operator("arrayPrepend", "b"), ["b"]),
        ("tags", ["a", "c"], operator("arrayInsert", 1, "b"), ["a", "b", "c"]),
        ("tags", ["a", "b", "a"], operator("arrayRemove", "a"), ["b"]),
        ("tags", ["a", "b", "a"], operator("arrayUnique"), ["a", "b"]),
        ("tags", ["a", "b"], operator("arrayIntersect", "b", "c"), ["b"]),
        ("tags", ["a", "b"], operator("arrayDiff", "b"), ["a"]),
        ("tags", ["a", "b"], operator("arrayFilter", "notEqual", "a"), ["b"]),
        ("tags", ["a", None], operator("arrayFilter", "isNull"), [None]),
        ("tags", ["a", None], operator("arrayFilter", "isNotNull"), ["a"]),
        ("tags", ["a", "b"], operator("arrayFilter", "equal", "a"), ["a"]),
        ("numbers", [1, 2, 3], operator("arrayFilter", "greaterThan", 2), [3]),
        ("numbers", [1, 2, 3], operator("arrayFilter", "greaterThanEqual", 2), [2, 3]),
        ("numbers", [1, 2, 3], operator("arrayFilter", "lessThan", 2), [1]),
        ("numbers", [1, 2, 3], operator("arrayFilter", "lessThanEqual", 2), [1, 2]),
        ("text", "x", "{no operator", "{no operator"),
        ("text", "x", '{"method": "explode"}', '{"method": "explode"}'),
    ],
)
def test_applied(talk: Talk, key: str, before: object, sent: str, after: object) -> None:
    """An operator changes the current value."""
    data: dict[str, Any] = {key: before, "mail": "a@b.cd"}
    talk.row("r", **data)
    assert after == talk.good("PATCH", f"{ROWS}/r", {"data": {key: sent}})[key]


def test_date_set_now(talk: Talk) -> None:
    """`dateSetNow` sets a date to the server's time."""
    talk.row("r", text="x")
    row = talk.good("PATCH", f"{ROWS}/r", {"data": {"moment": operator("dateSetNow")}})
    assert row["moment"][:16] == row["$updatedAt"][:16]


def test_upsert_with_operators(talk: Talk) -> None:
    """In an upsert, operators also work for a new row."""
    sent = {"data": {"whole": operator("increment", 5), "text": "x"}}
    assert 5 == talk.good("PUT", f"{ROWS}/r", sent)["whole"]
    assert 10 == talk.good("PUT", f"{ROWS}/r", sent)["whole"]


@pytest.mark.parametrize(
    ("key", "sent", "expected"),
    [
        ("text", operator("divide", 1), "to non-numeric field 'text'"),
        ("whole", operator("stringConcat", "x"), "to non-string field 'whole'"),
        ("whole", operator("toggle"), "to non-boolean field 'whole'"),
        ("whole", operator("dateSetNow"), "to non-datetime field 'whole'"),
        ("whole", operator("arrayUnique"), "to non-array field 'whole'"),
        ("whole", operator("increment"), "value must be numeric, got NULL"),
        ("whole", operator("increment", 1, "x"), "max/min limit must be numeric, got str"),
        ("whole", operator("divide", 0), "division by zero"),
        ("text", operator("stringConcat"), "requires a string value"),
        ("text", operator("stringReplace", "x"), "requires exactly 2 string values"),
        ("moment", operator("dateAddDays", "x"), "requires an integer number of days"),
        ("tags", operator("arrayRemove"), "requires a value to remove"),
        ("tags", operator("arrayInsert", 1), "requires exactly 2 values"),
        ("tags", operator("arrayInsert", -1, "x"), "index must be a non-negative integer"),
        ("tags", operator("arrayFilter", "odd"), "condition must be one of"),
        ("whole", operator("power", 100), "to the value of 'whole'"),
        ("whole", operator("power", -0.5), "to the value of 'whole'"),
        ("real", operator("power", -1), "to the value of 'real'"),
    ],
)
def test_refused(talk: Talk, key: str, sent: str, expected: str) -> None:
    """An operator that does not suit its column is rejected."""
    talk.row("r", whole=-5)
    status, _, message = talk.refused("PATCH", f"{ROWS}/r", {"data": {key: sent}})
    assert (400, True) == (status, expected in message), message
