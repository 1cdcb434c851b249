"""Hypothesis strategies for tables, rows and queries that often match something."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.embedded.query_rules import Column, Kind, Query, Row

# Letters that differ only in case and accents, trailing spaces, wildcards, quotes, and text
# outside the BMP.
_CHARACTERS = (
    "aAbBéÉäçßsSø0 _%\\'\"-😀🦊日\u0301"
    "\N{LATIN SMALL LETTER LONG S}\N{LATIN SMALL LETTER DOTLESS I}"
)
_WORDS = (
    *("alpha", "Alpha", "álpha ", "ALPHA beta", "beta", "Bêta", "alpha  beta", "gamma_ray"),
    *("C:\\temp", "C:temp", "C:\\\\temp", "\\", "x\\", "\\%", "\\_", "50\\% off"),
    *("", " ", "100%", "100 percent", "strasse", "straße", "😀", "😁", "😀 fox", "日本"),
)
TEXTS = st.one_of(st.sampled_from(_WORDS), st.text(_CHARACTERS, max_size=5))
_ELEMENTS = ("call", "email", "Meeting", "note")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_MOMENTS = st.sampled_from([(_START + timedelta(hours=hours)).isoformat() for hours in range(7)])

_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "integer": st.sampled_from((0, 1, 2, 3, -1, -2, 2**31, -(2**63), 2**63 - 1)),
    "double": st.sampled_from((-1.5, -1, 0, 0.1, 0.25, 1.0, 3, 1e300)),
    "boolean": st.booleans(),
    "datetime": st.sampled_from(
        (
            *((_START + timedelta(hours=hours)).isoformat() for hours in range(5)),
            *("2026-01-01", "2026-01-01T02:00:00", "2026-01-01T02:00:00+02:00"),
            *("2026-01-01T01:00:00.5Z", "2025-12-31T23:00:00-03:00"),
        )
    ),
    "sequence": st.sampled_from((0, 1, 2, 5, 8, "3", "12", "0")),
}
_KINDS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "short": ("text", {"kind": "string", "size": 100}),
    "long": ("text", {"kind": "string", "size": 2000}),
    "huge": ("text", {"kind": "longtext"}),
    "choice": ("text", {"kind": "enum", "elements": list(_ELEMENTS)}),
    "whole": ("integer", {"kind": "integer"}),
    "real": ("double", {"kind": "float"}),
    "truth": ("boolean", {"kind": "boolean"}),
    "moment": ("datetime", {"kind": "datetime"}),
    "texts": ("text", {"kind": "string", "size": 100, "array": True}),
    "wholes": ("integer", {"kind": "integer", "array": True}),
}
_INDEXABLE = ("short", "whole", "real", "truth", "moment", "$id", "$createdAt", "$updatedAt")
_SEARCHABLE = ("short", "long", "huge")

_NULLS = ("isNull", "isNotNull")
_COMPARING = (
    *("equal", "notEqual", "lessThan", "lessThanEqual", "greaterThan", "greaterThanEqual"),
    *("between", "notBetween"),
)
# Numbers are not matched with patterns, since their text form is specific to MariaDB.
_OF_TEXT = (
    *("startsWith", "notStartsWith", "endsWith", "notEndsWith"),
    *("contains", "containsAny", "containsAll", "notContains"),
)
_SOME_VALUES = frozenset({"equal", "contains", "containsAny", "containsAll", "notContains"})


_ASKED: dict[str, st.SearchStrategy[Any]] = {
    **{key: _VALUES[kind] for key, (kind, _) in _KINDS.items()},
    "choice": st.sampled_from((*_ELEMENTS, "CALL", "fax")),
    "$id": st.sampled_from(("a0", "A1", "b2", "B", "a", "é")),
    "$createdAt": _VALUES["datetime"],
    "$sequence": _VALUES["sequence"],
}
_CELLS: dict[str, st.SearchStrategy[Any]] = {
    key: st.none()
    | (st.lists(_VALUES[kind], max_size=3) if options.get("array") else _VALUES[kind])
    for key, (kind, options) in _KINDS.items()
} | {"choice": st.sampled_from((None, *_ELEMENTS))}
_IDS = [f"{letter}{number}" for number in range(6) for letter in "aB"]
_SHAPING: dict[str, tuple[Any, ...]] = {
    "limit": (1, 2, 3, 5, 100),
    "offset": (0, 1, 2, 20),
    "cursorAfter": ("a0", "B0", "A1", "b1", "a2", "B2", "a3"),
    "cursorBefore": ("a0", "B0", "A1", "b1", "a2", "B2", "a3", "B5"),
    "select": ("$id", "*"),
}
_MISTAKES: tuple[Query, ...] = (
    {"method": "limit", "values": [0]},
    {"method": "limit", "values": [-1]},
    {"method": "offset", "values": [-1]},
    {"method": "select", "values": ["parse_nothing"]},
    {"method": "select", "values": []},
    {"method": "cursorAfter", "values": ["gone"]},
    {"method": "cursorAfter", "values": [""]},
    {"method": "cursorBefore", "values": ["-"]},
    {"method": "orderAsc", "attribute": "parse_nothing"},
    {"method": "isNull", "attribute": "parse_nothing", "values": []},
    {"method": "equal", "attribute": "$id", "values": []},
    {"method": "equal", "attribute": "$id", "values": ["a0"] * 501},
    {"method": "equal", "attribute": "$createdAt", "values": ["soon"]},
    {"method": "equal", "attribute": "$id", "values": [None]},
    {"method": "notEqual", "attribute": "$id", "values": ["a0", "a1"]},
    {"method": "between", "attribute": "$sequence", "values": [1]},
    {"method": "contains", "attribute": "$createdAt", "values": ["2026-01-01"]},
    {"method": "search", "attribute": "$id", "values": ["a0"]},
    {"method": "or", "values": [{"method": "isNull", "attribute": "$id", "values": []}]},
    {"method": "and", "values": [{"method": "limit", "values": [1]}] * 2},
)


@dataclass(frozen=True)
class Scene:
    """A table to create, and queries to run on it."""

    columns: dict[str, Column]
    column_bodies: list[tuple[str, dict[str, Any]]]
    index_bodies: list[dict[str, Any]]
    rows: list[Row] = field(repr=False)
    queries: list[list[Query]]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Return a strategy for scenes."""
    keys = draw(st.lists(st.sampled_from(tuple(_KINDS)), min_size=1, max_size=5, unique=True))
    searchable = [key for key in keys if key in _SEARCHABLE and draw(st.booleans())]
    columns = {
        key: Column(
            _KINDS[key][0], array=bool(_KINDS[key][1].get("array")), searchable=key in searchable
        )
        for key in keys
    }
    fulltext = [{"key": f"s_{key}", "type": "fulltext", "columns": [key]} for key in searchable]
    count = draw(st.integers(0, 6)) * 2
    return Scene(
        columns,
        [_column_body(key) for key in keys],
        [*fulltext, *draw(_indexes(keys))],
        [_row(draw, keys, row_id) for row_id in _IDS[:count]],
        [_queries(draw, keys) for _ in range(draw(st.integers(2, 6)))],
    )


def _column_body(key: str) -> tuple[str, dict[str, Any]]:
    options = dict(_KINDS[key][1])
    kind: str = options.pop("kind")
    return kind, {"key": key, "required": False, **options}


@st.composite
def _indexes(draw: st.DrawFn, keys: list[str]) -> list[dict[str, Any]]:
    """Return a strategy for indexes, which must not change any results."""
    able = [key for key in _INDEXABLE if key in keys or key.startswith("$")]
    columns = st.lists(st.sampled_from(able), min_size=1, max_size=2, unique=True)
    wanted = draw(st.lists(columns, max_size=3, unique_by=tuple))
    return [
        {
            "key": f"k{number}",
            "type": "key",
            "columns": indexed,
            "orders": [draw(st.sampled_from(("ASC", "DESC"))) for _ in indexed],
        }
        for number, indexed in enumerate(wanted)
    ]


def _row(draw: st.DrawFn, keys: list[str], row_id: str) -> Row:
    cells = {key: draw(_CELLS[key]) for key in keys}
    return {"$id": row_id, "$createdAt": draw(_MOMENTS), **cells}


def _queries(draw: st.DrawFn, keys: list[str]) -> list[Query]:
    flat = [key for key in keys if not _KINDS[key][1].get("array")]
    orders = draw(
        st.lists(st.sampled_from((*flat, *flat, "$id", "$createdAt", "$sequence", "")), max_size=3)
    )
    shaping = draw(st.lists(st.sampled_from(tuple(_SHAPING)), max_size=3))
    mistakes = draw(st.sampled_from((*[()] * 9, *[(each,) for each in _MISTAKES])))
    return [
        *(_filter(draw, keys, depth=2) for _ in range(draw(st.integers(0, 3)))),
        *({"method": draw(_ORDERS), "attribute": key} for key in orders),
        *(
            {"method": method, "values": [draw(st.sampled_from(_SHAPING[method]))]}
            for method in shaping
        ),
        *mistakes,
    ]


_ORDERS = st.sampled_from(("orderAsc", "orderDesc"))
_LOGIC = st.sampled_from((None, None, None, "and", "or", "or"))


def _filter(draw: st.DrawFn, keys: list[str], depth: int) -> Query:
    """Return a strategy for filters that suit their columns, and for combinations of them."""
    logic = draw(_LOGIC) if depth else None
    if logic is not None:
        parts = range(draw(st.integers(2, 3)))
        return {"method": logic, "values": [_filter(draw, keys, depth - 1) for _ in parts]}
    key = draw(st.sampled_from((*keys, *keys, "$id", "$createdAt", "$sequence")))
    method = draw(_methods(key))
    least, most = _counts(method)
    values = [draw(_ASKED[key]) for _ in range(draw(st.integers(least, most)))]
    return {"method": method, "attribute": key, "values": values}


@cache
def _methods(key: str) -> st.SearchStrategy[str]:
    kind, options = _KINDS.get(key, ("text" if key == "$id" else "sequence", {}))
    if options.get("array"):
        return st.sampled_from(("contains", "containsAny", "containsAll", "notContains", *_NULLS))
    if kind == "text":
        # A search on a column without a fulltext index is an error.
        searching = (*("search", "notSearch"),) if key in _SEARCHABLE else ()
        return st.sampled_from((*_COMPARING, *_OF_TEXT, *searching, *_NULLS))
    return st.sampled_from((*_COMPARING, *_NULLS))


def _counts(method: str) -> tuple[int, int]:
    if method in _SOME_VALUES:
        return 1, 3
    if method in _NULLS:
        return 0, 0
    return (2, 2) if "etween" in method else (1, 1)
