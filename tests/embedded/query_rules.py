"""The rules of Appwrite's row queries in plain Python, written to be read rather than fast.

None of this code is the server's. The rules are first compared with recorded responses of a real
Appwrite (transcripts `fuzz-queries` and `list-`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cmp_to_key
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Kind: TypeAlias = Literal["text", "integer", "double", "boolean", "datetime", "sequence"]
Row: TypeAlias = dict[str, Any]
Query: TypeAlias = dict[str, Any]
Order: TypeAlias = tuple[str, int]
"""A column, and 1 for ascending or -1 for descending."""

INVALID = "general_query_invalid"
SERVER_ERROR = "general_unknown"
CURSOR_GONE = "general_cursor_not_found"
ORDER_NULL = "database_query_order_null"

_LOGICAL = {"and": all, "or": any}
_SHAPING = ("limit", "offset", "select", "orderAsc", "orderDesc", "cursorAfter", "cursorBefore")
_PATTERNS = {
    "contains": any,
    "containsAny": any,
    "containsAll": all,
    "notContains": any,
}
_VALUES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("equal", *_PATTERNS), (1, 500)),
    **dict.fromkeys(("between", "notBetween"), (2, 2)),
    **dict.fromkeys(("isNull", "isNotNull"), (0, 500)),
    **dict.fromkeys(
        (
            *("notEqual", "lessThan", "lessThanEqual", "greaterThan", "greaterThanEqual"),
            *("startsWith", "notStartsWith", "endsWith", "notEndsWith", "search", "notSearch"),
        ),
        (1, 1),
    ),
}
_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}")
_CLOCK = re.compile(r"([01]\d|2[0-3])[0-5]\d")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")

# The weights of some letters in utf8mb4_general_ci; the others weigh as their upper case.
_BASES = {"S": "sß\N{LATIN SMALL LETTER LONG S}", "E": "éÉê", "A": "äÄáÁ", "C": "ç", "N": "ñń"}
_BASES |= {"Y": "ÿ", "I": "\N{LATIN SMALL LETTER DOTLESS I}"}
_WEIGHTS = {letter: base for base, letters in _BASES.items() for letter in letters}


@dataclass(frozen=True)
class Column:
    """The properties of a column that matter for queries."""

    kind: Kind
    array: bool = False
    searchable: bool = False


@dataclass
class Table:
    """Columns by key, and rows in the order of creation."""

    columns: dict[str, Column]
    rows: list[Row] = field(default_factory=list[Row])

    def __post_init__(self) -> None:
        """Add the system columns."""
        self.columns = self.columns | {
            "$id": Column("text"),
            "$sequence": Column("sequence"),
            "$createdAt": Column("datetime"),
            "$updatedAt": Column("datetime"),
        }


@dataclass(frozen=True)
class Found:
    """A result: the number of matching rows, and the IDs of the page."""

    total: int
    ids: list[str]


def answer(table: Table, queries: Sequence[Query]) -> Found | str:
    """Return the result of a list request, or the type of its error."""
    cursor = next((query for query in queries if query["method"].startswith("cursor")), None)
    start = cursor and next((row for row in table.rows if _is(row, cursor["values"][0])), None)
    if cursor is not None and _is_sound(table, cursor) and start is None:
        return CURSOR_GONE
    if not all(_is_sound(table, query) for query in queries):
        return INVALID
    filters = [query for query in queries if query["method"] not in _SHAPING]
    if any(_breaks_search(query) for query in filters):
        return SERVER_ERROR
    rows = [row for row in table.rows if all(_holds(table, query, row) for query in filters)]
    total = min(len(rows), 5000)
    orders = _orders(queries)
    compared = _comparison(table, orders)
    rows.sort(key=cmp_to_key(compared))
    backwards = cursor is not None and cursor["method"] == "cursorBefore"
    if start is not None:
        if any(start[key] is None for key, _ in orders):
            return ORDER_NULL
        way = -1 if backwards else 1
        rows = [
            row
            for row in rows
            if compared(row, start) * way > 0 and _decides(table, orders, row, start)
        ]
    limit = _number(queries, "limit", 25)
    offset = _number(queries, "offset", 0)
    rows = rows[::-1][offset:][:limit][::-1] if backwards else rows[offset:][:limit]
    return Found(total, [row["$id"] for row in rows])


def _breaks_search(query: Query) -> bool:
    """Return whether a search is only `%`, which MariaDB rejects."""
    if query["method"] in _LOGICAL:
        return any(_breaks_search(part) for part in query["values"])
    searches = query["method"] in {"search", "notSearch"}
    return searches and bool(
        re.fullmatch(r"[\s@+*()<>~\"-]*%[\s@+*()<>~\"%-]*", query["values"][0])
    )


def _number(queries: Sequence[Query], method: str, default: int) -> int:
    return next((query["values"][0] for query in queries if query["method"] == method), default)


def _is(row: Row, wanted: str) -> bool:
    return compare_text(row["$id"], wanted) == 0


def _is_sound(table: Table, query: Query) -> bool:
    method: str = query["method"]
    values: list[Any] = query.get("values", [])
    match method:
        case "and" | "or":
            parts_filter = all(part["method"] not in _SHAPING for part in values)
            return (
                len(values) >= 2 and parts_filter and all(_is_sound(table, each) for each in values)
            )
        case "limit" | "offset":
            least = 1 if method == "limit" else 0
            return type(values[0]) is int and least <= values[0] <= 2**63 - 1
        case "select":
            keys = {*table.columns, "*", "$permissions", "$collection"}
            return bool(values) and len(set(values)) == len(values) and set(values) <= keys
        case "orderAsc" | "orderDesc":
            return query["attribute"] in {"", *table.columns}
        case "cursorAfter" | "cursorBefore":
            return _ID.fullmatch(values[0]) is not None
        case _:
            return _is_sound_filter(table, method, query["attribute"], values)


def _is_sound_filter(table: Table, method: str, key: str, values: list[Any]) -> bool:
    least, most = _VALUES[method]
    if not least <= len(values) <= most or key not in table.columns:
        return False
    column = table.columns[key]
    if not all(_fits(column.kind, value) for value in values):
        return False
    if method in {"search", "notSearch"}:
        return column.searchable
    if column.array:
        return method in {*_PATTERNS, "isNull", "isNotNull"}
    return column.kind == "text" or method not in _PATTERNS


def _fits(kind: Kind, value: object) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "integer":
            return type(value) is int and -(2**63) <= value < 2**63
        case "double":
            return type(value) in {int, float}
        case "boolean":
            return type(value) is bool
        case "datetime":
            return isinstance(value, str) and _moment(value) is not None
        case "sequence":
            return type(value) is int or (isinstance(value, str) and value.isdigit())


def _moment(text: str) -> datetime | None:
    if not _YEAR.search(text):
        return None
    if _CLOCK.fullmatch(text):
        # PHP reads four digits as a time of the current day, if they are valid as one.
        return datetime.now(UTC).replace(hour=int(text[:2]), minute=int(text[2:]))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def weights(text: str) -> list[str]:
    """Return the weights of characters: without case and accents, and equal outside the BMP."""
    return [
        "\ufffd" if character > "\uffff" else _WEIGHTS.get(character) or character.upper()
        for character in text
    ]


def compare_text(one: str, other: str) -> int:
    """Compare texts as if the shorter one were padded with spaces."""
    for left, right in zip_longest(weights(one), weights(other), fillvalue=" "):
        if left != right:
            return -1 if left < right else 1
    return 0


def _compare(column: Column, one: Any, other: Any) -> int:
    if column.kind == "text":
        return compare_text(one, other)
    if column.kind == "datetime":
        one, other = _moment(one), _moment(other)
    if column.kind == "sequence":
        one, other = int(one), int(other)
    return int(one > other) - int(one < other)


_SIGNS: dict[str, Callable[[int], bool]] = {
    "notEqual": lambda sign: sign != 0,
    "lessThan": lambda sign: sign < 0,
    "lessThanEqual": lambda sign: sign <= 0,
    "greaterThan": lambda sign: sign > 0,
    "greaterThanEqual": lambda sign: sign >= 0,
}


def _holds(table: Table, query: Query, row: Row) -> bool:
    """Return whether a row matches a filter.

    Null matches only `isNull` and `notSearch`.
    """
    method: str = query["method"]
    if method in _LOGICAL:
        return _LOGICAL[method](_holds(table, part, row) for part in query["values"])
    column, value = table.columns[query["attribute"]], row[query["attribute"]]
    if method in {"isNull", "isNotNull"}:
        return (value is None) == (method == "isNull")
    if method == "notSearch" and value is None:
        return True
    return value is not None and _holds_of(method, column, value, query["values"])


def _holds_of(  # noqa: PLR0911 - one for each rule
    method: str, column: Column, value: Any, values: list[Any]
) -> bool:
    match method:
        case "equal":
            return any(_compare(column, value, each) == 0 for each in values)
        case "between" | "notBetween":
            inside = (
                _compare(column, value, values[0]) >= 0 and _compare(column, value, values[1]) <= 0
            )
            return inside == (method == "between")
        case "startsWith" | "notStartsWith":
            spelled, wanted = _spelled(column, value), _spelled(column, values[0])
            starts = _like(spelled, wanted, at_start=True)
            return starts == (method == "startsWith")
        case "endsWith" | "notEndsWith":
            spelled, wanted = _spelled(column, value), _spelled(column, values[0])
            ends = _like(spelled, wanted, at_end=True)
            return ends == (method == "endsWith")
        case "search" | "notSearch":
            return _is_found(value, values[0]) == (method == "search")
        case "contains" | "containsAny" | "containsAll" | "notContains":
            if column.array:
                held = _PATTERNS[method](each in value for each in values)
            else:
                held = _PATTERNS[method](_like(value, each) for each in values)
            return held == (method != "notContains")
        case _:
            return _SIGNS[method](_compare(column, value, values[0]))


def _spelled(column: Column, value: Any) -> str:
    """Return a value as text for patterns, with datetimes in one form."""
    return str(_moment(value)) if column.kind == "datetime" else str(value)


def _like(text: str, wanted: str, *, at_start: bool = False, at_end: bool = False) -> bool:
    r"""Match a text like `LIKE`: spaces count, and a backslash escapes the next character."""
    pattern = re.sub(r"[%_]", r"\\\g<0>", wanted)
    pattern = ("" if at_start else "%") + pattern + ("" if at_end else "%")
    expression = ""
    for token in re.findall(r"\\.|.", "".join(weights(pattern)), re.DOTALL):
        any_of = {"%": ".*", "_": "."}
        expression += any_of.get(token, re.escape(token[-1]))
    return re.fullmatch(expression, "".join(weights(text)), re.DOTALL) is not None


def _is_found(text: str, search: str) -> bool:
    """Search words of at least three letters; the last word of the search may be a prefix."""
    words = [word for word in re.findall(r"\w+", "".join(weights(text))) if len(word) >= 3]
    wanted = re.findall(r"\w+", "".join(weights(search)))
    if search.startswith('"') and search.endswith('"'):
        phrase = " ".join(wanted)
        return bool(phrase) and f" {phrase} " in f" {' '.join(words)} "
    return bool(wanted) and any(word in wanted or word.startswith(wanted[-1]) for word in words)


def _orders(queries: Sequence[Query]) -> list[Order]:
    """Return the columns and directions to sort by; the sequence decides between equal rows."""
    orders = [
        (query["attribute"] or "$sequence", 1 if query["method"] == "orderAsc" else -1)
        for query in queries
        if query["method"].startswith("order")
    ]
    if not {key for key, _ in orders} & {"$id", "$sequence"}:
        dated = orders and orders[0][0] in {"$createdAt", "$updatedAt"}
        orders.append(("$sequence", orders[0][1] if dated else 1))
    return orders


def _comparison(table: Table, orders: Sequence[Order]) -> Callable[[Row, Row], int]:
    def compared(one: Row, other: Row) -> int:
        for key, way in orders:
            left, right = one[key], other[key]
            if left is None or right is None:
                sign = (left is not None) - (right is not None)
            else:
                sign = _compare(table.columns[key], left, right)
            if sign:
                return sign * way
        return 0

    return compared


def _decides(table: Table, orders: Sequence[Order], row: Row, start: Row) -> bool:
    """Return whether a row differs from the cursor's before a null value.

    A cursor is a comparison in SQL, which null never satisfies.
    """
    for key, _ in orders:
        if row[key] is None:
            return False
        if _compare(table.columns[key], row[key], start[key]):
            return True
    return False
