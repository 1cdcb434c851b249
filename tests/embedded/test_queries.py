"""Queries and their errors."""

from __future__ import annotations

import pytest

from tests.embedded.http_client import ROWS, Talk, query

LONG = "x" * 1500
FULLTEXT = {"key": "f", "type": "fulltext", "columns": ["text"]}


@pytest.fixture
def filled(talk: Talk) -> Talk:
    """Return a client of a table with four rows."""
    talk.row(
        "r1", text="Alpha beta ", long=f"Ünï {LONG}", whole=1, real=1.5, truth=True, tags=["a", "b"]
    )
    talk.row("r2", text="gamma", long="short ", whole=20, real=2.5, truth=False, tags=["b"])
    talk.row("r3", whole=3, moment="2026-05-01", moments=["2026-05-01"], numbers=[1, 2])
    talk.row("r4", text="", whole=-4, tags=[])
    return talk


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (query("equal", "long", f"uni {LONG.upper()}"), ["r1"]),
        (query("contains", "long", "Í"), ["r1"]),
        (query("startsWith", "long", "UNI "), ["r1"]),
        (query("endsWith", "long", "short "), ["r2"]),
        (query("endsWith", "long", "short"), []),
        (query("endsWith", "text", "beta"), []),
        (query("startsWith", "text", "alpha beta "), ["r1"]),
        (query("contains", "text", "beta "), ["r1"]),
        (query("containsAny", "text", "BETA", "amm"), ["r1", "r2"]),
        (query("containsAll", "text", "a", "beta"), ["r1"]),
        (query("notStartsWith", "text", "alpha"), ["r2", "r4"]),
        (query("startsWith", "text", ""), ["r1", "r2", "r4"]),
        (query("equal", "real", 1.5, 9), ["r1"]),
        ('{"method": "equal", "attribute": "truth", "values": [true]}', ["r1"]),
        (query("startsWith", "whole", 2), ["r2"]),
        (query("endsWith", "whole", 0), ["r2"]),
        (query("contains", "tags", "b"), ["r1", "r2"]),
        (query("containsAll", "tags", "a", "b"), ["r1"]),
        (query("notContains", "tags", "a"), ["r2", "r4"]),
        (query("isNull", "tags"), ["r3"]),
        (query("contains", "numbers", 2), ["r3"]),
        (query("contains", "moments", "2026-05-01T00:00:00Z"), ["r3"]),
        (query("equal", "$sequence", "2"), ["r2"]),
        (query("greaterThan", "$sequence", 3), ["r4"]),
        (query("equal", "moment", "2026-05-01"), ["r3"]),
        (query("orderDesc", "whole"), ["r2", "r3", "r1", "r4"]),
        (query("orderDesc", "long"), ["r1", "r2", "r3", "r4"]),
        (query("orderDesc"), ["r4", "r3", "r2", "r1"]),
    ],
)
def test_found(filled: Talk, asked: str, expected: list[str]) -> None:
    """Each query returns the expected rows."""
    assert expected == filled.ids(asked)


def test_random_order(filled: Talk) -> None:
    """Rows can be returned in random order."""
    assert ["r1", "r2", "r3", "r4"] == sorted(filled.ids(query("orderRandom")))


def test_search_and_its_negation(filled: Talk) -> None:
    """Words can be searched for in a column with a fulltext index."""
    filled.good("POST", "/tablesdb/d/tables/t/indexes", FULLTEXT)
    assert ["r1"] == filled.ids(query("search", "text", "alph"))
    assert ["r2", "r3", "r4"] == filled.ids(query("notSearch", "text", "alph"))


@pytest.mark.parametrize("way", ["orderAsc", "orderDesc"])
@pytest.mark.parametrize("key", ["$createdAt", "$id", "whole", "$sequence"])
def test_pages_meet(filled: Talk, way: str, key: str) -> None:
    """Paging forwards and backwards returns each row once."""
    order = query(way, key)
    everything = filled.ids(order)
    paged: list[str] = []
    while page := filled.ids(
        order, query("limit", "", 1), *([query("cursorAfter", "", paged[-1])] if paged else [])
    ):
        paged += page
    back = filled.ids(order, query("cursorBefore", "", everything[-1]))
    assert (everything, everything[:-1]) == (paged, back)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("5", "Invalid query. Must be an array, got integer"),
        ('{"method": 5}', "Invalid query method. Must be a string, got integer"),
        (
            '{"method": "equal", "attribute": {}}',
            "Invalid query attribute. Must be a string, got array",
        ),
        ('{"method": "or", "values": [5]}', "Invalid query. Must be an array, got integer"),
        (
            query("select", "", 5),
            "Invalid query: Attribute selection must be a string, got integer",
        ),
        (query("select", "", "text", "text"), "Invalid query: Duplicate attributes selected"),
        (query("limit", "", 1.5), None),
        (
            query("equal", "tags", "x"),
            'Invalid query: Cannot query equal on attribute "tags" because it is an array.',
        ),
        (query("equal", "real", "x"), 'Invalid query: Query value is invalid for attribute "real"'),
        (query("equal", "text", []), "Invalid query: Equal queries require at least one value."),
    ],
)
def test_refused(talk: Talk, asked: str, expected: str | None) -> None:
    """An invalid query is rejected with Appwrite's message."""
    rule = (
        "Invalid query: Invalid limit: "
        "Value must be a valid range between 1 and 9,223,372,036,854,775,807"
    )
    refused = talk.refused("GET", ROWS, queries=(asked,))
    assert (400, "general_query_invalid", expected or rule) == refused


def test_queries_by_number(talk: Talk) -> None:
    """The form `queries[0]`, which some clients use, is accepted."""
    talk.row("r", text="x")
    listed = talk.good("GET", ROWS, **{"queries[0]": query("equal", "text", "y")})
    assert [] == listed["rows"]


def test_total_is_counted_on_demand(filled: Talk) -> None:
    """Only `total=0` skips the count."""
    one = query("limit", "", 1)
    totals = [
        filled.good("GET", ROWS, queries=(one,), total=total)["total"]
        for total in ("true", "false", "1", "0")
    ]
    assert [4, 4, 4, 0] == totals


@pytest.mark.unmeasured
def test_total_stops_at_5000(talk: Talk) -> None:
    """Like Appwrite's, the total is at most 5,000."""
    for start in range(0, 5100, 100):
        rows = [{"$id": f"r{start + number}", "whole": 1} for number in range(100)]
        talk.good("POST", ROWS, {"rows": rows})
    assert 5000 == talk.good("GET", ROWS, queries=(query("limit", "", 1),))["total"]


STORED = {
    "one": "C:\\temp",
    "none": "C:temp",
    "two": "C:\\\\temp",
    "off": "50\\% off",
    "end": "x\\",
}


@pytest.mark.parametrize(
    ("method", "value", "expected"),
    [
        ("equal", "C:\\temp", ["one"]),
        ("contains", "C:\\temp", ["none"]),
        ("contains", "C:\\\\temp", ["one"]),
        ("contains", "C:\\\\\\temp", ["one"]),
        ("contains", "C:\\\\\\\\temp", ["two"]),
        ("contains", "\\", []),
        ("contains", "\\\\", ["one", "two", "off", "end"]),
        ("contains", "\\%", ["one", "two", "off", "end"]),
        ("contains", "\\_", ["one", "two", "off"]),
        ("contains", "\\\\%", ["off"]),
        ("notContains", "C:\\temp", ["one", "two", "off", "end"]),
        ("startsWith", "C:\\", []),
        ("startsWith", "c:\\\\", ["one", "two"]),
        ("notStartsWith", "c:\\\\", ["none", "off", "end"]),
        ("endsWith", "x\\", ["end"]),
        ("endsWith", "x\\\\", ["end"]),
        ("endsWith", "\\_ off", ["off"]),
        ("notEndsWith", "x\\\\", ["one", "none", "two", "off"]),
    ],
)
def test_backslash_in_patterns(talk: Talk, method: str, value: str, expected: list[str]) -> None:
    """A backslash escapes the next character, as measured on Appwrite with MariaDB."""
    for row_id, text in STORED.items():
        talk.row(row_id, text=text)
    talk.row("null", whole=1)
    assert expected == talk.ids(query(method, "text", value))


def test_wildcards_that_only_look_like_a_match(talk: Talk) -> None:
    """A pattern with many wildcards is matched correctly and quickly."""
    talk.row("near", text="\\a" * 40)
    talk.row("far", text="\\a" * 40 + "\\b")
    pattern = "\\%" * 40 + "b"
    assert ["far"] == talk.ids(query("endsWith", "text", pattern))
    assert [] == talk.ids(query("startsWith", "text", "\\_a" * 40 + "\\_\\_"))


@pytest.mark.parametrize("search", ["%", "%%", "+% ", '"%"'])
def test_search_for_percent(talk: Talk, search: str) -> None:
    """A search without words is a server error, as in MariaDB."""
    talk.good("POST", "/tablesdb/d/tables/t/indexes", FULLTEXT)
    sent = (query("search", "text", search),)
    assert (500, "general_unknown", "Server Error") == talk.refused("GET", ROWS, queries=sent)
    assert [] == talk.ids(query("search", "text", "100%"))
