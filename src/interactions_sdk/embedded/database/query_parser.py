"""Appwrite's queries: parsed, held to what can be asked, turned into SQL.

Every value is bound; the SQL itself is made of this server's own words.
"""

# ruff: noqa: S608 - the names in this SQL are made of sequence numbers, never of users' words

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.embedded.database import query_bounds
from interactions_sdk.embedded.database.attributes import TEXT, Attribute
from interactions_sdk.embedded.values.collation import folded
from interactions_sdk.embedded.values.column_types import LARGEST_INTEGER
from interactions_sdk.embedded.values.identifiers import UID_RULE, is_id
from interactions_sdk.embedded.values.responses import AppwriteError, JsonObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from interactions_sdk.embedded.values.column_types import Scalar

DEFAULT_LIMIT = 25
MOST_COUNTED = 5000
MOST_VALUES = 500

ASCENDING, DESCENDING, RANDOM = "ASC", "DESC", "RANDOM"

_LOGICAL = {"and": " AND ", "or": " OR "}
_ORDERS = {"orderAsc": ASCENDING, "orderDesc": DESCENDING, "orderRandom": RANDOM}
_CURSORS = {"cursorAfter": False, "cursorBefore": True}
_COMPARISONS = {
    "notEqual": "!=",
    "lessThan": "<",
    "lessThanEqual": "<=",
    "greaterThan": ">",
    "greaterThanEqual": ">=",
}
_ONE_VALUE = frozenset(
    {
        *_COMPARISONS,
        *("search", "notSearch", "startsWith", "notStartsWith", "endsWith", "notEndsWith"),
    }
)
_SOME_VALUES = frozenset({"equal", "contains", "containsAny", "containsAll", "notContains"})
_TWO_VALUES = frozenset({"between", "notBetween"})
_NO_VALUES = frozenset({"isNull", "isNotNull"})
_CONTAINING = frozenset({"contains", "containsAny", "containsAll", "notContains"})
_FILTERS = _ONE_VALUE | _SOME_VALUES | _TWO_VALUES | _NO_VALUES | frozenset(_LOGICAL)
_SHAPING = frozenset({"limit", "offset", "select"}) | frozenset(_ORDERS) | frozenset(_CURSORS)

# Appwrite has them; this server says so instead of calling them wrong.
NOT_COVERED = frozenset(
    {
        *("regex", "exists", "notExists", "elemMatch"),
        *("crosses", "notCrosses", "intersects", "notIntersects", "overlaps", "notOverlaps"),
        *("touches", "notTouches", "covers", "notCovers", "spatialEquals", "notSpatialEquals"),
        *("distanceEqual", "distanceNotEqual", "distanceGreaterThan", "distanceLessThan"),
        *("vectorDot", "vectorCosine", "vectorEuclidean"),
    }
)
_PHP_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "double",
    bool: "boolean",
    type(None): "NULL",
}


@dataclass(frozen=True, slots=True)
class Query:
    """One query, as parsed; the values of a logical one are queries."""

    method: str
    attribute: str
    values: list[Any]


@dataclass(slots=True)
class Condition:
    """A condition in SQL, and the values bound in it."""

    sql: str = "TRUE"
    values: list[Scalar] = field(default_factory=list["Scalar"])

    def joined(self, other: Condition) -> Condition:
        """Demand both."""
        return Condition(f"{self.sql} AND {other.sql}", [*self.values, *other.values])


def invalid_query(what: str) -> AppwriteError:
    """Word the refusal of a query."""
    return AppwriteError("general_query_invalid", message=what)


def parse(texts: Iterable[str]) -> list[Query]:
    """Parse queries (transcript `list-bad-queries`).

    Raises:
        AppwriteError: `general_query_invalid`.
    """
    return [_parse_text(text) for text in texts]


def _parse_text(text: str) -> Query:
    try:
        parsed = json.loads(text)
    except ValueError as error:
        what = "Invalid query: Syntax error"
        raise invalid_query(what) from error
    return _parse_one(parsed)


def _parse_one(parsed: object) -> Query:
    if isinstance(parsed, list):
        parsed = {}
    if not isinstance(parsed, dict):
        what = f"Invalid query. Must be an array, got {_php_type(parsed)}"
        raise invalid_query(what)
    given = cast("JsonObject", parsed)
    method = given.get("method", "")
    attribute = given.get("attribute", "")
    values = given.get("values", [])
    if not isinstance(method, str):
        what = f"Invalid query method. Must be a string, got {_php_type(method)}"
        raise invalid_query(what)
    if method in NOT_COVERED:
        raise AppwriteError("general_not_implemented", f"The query method {method}")
    if method not in _FILTERS and method not in _SHAPING:
        what = f"Invalid query method: {method}"
        raise invalid_query(what)
    if not isinstance(attribute, str):
        what = f"Invalid query attribute. Must be a string, got {_php_type(attribute)}"
        raise invalid_query(what)
    if not isinstance(values, list):
        what = f"Invalid query values. Must be an array, got {_php_type(values)}"
        raise invalid_query(what)
    values = cast("list[object]", values)
    if method in _LOGICAL:
        return Query(method, attribute, [_parse_one(value) for value in values])
    return Query(method, attribute, values)


def _php_type(value: object) -> str:
    return _PHP_TYPES.get(type(value), "array")


def refuse_all_but_select(queries: Iterable[Query]) -> None:
    """Hold the queries of a single row to `select` (transcript `row-get`)."""
    for query in queries:
        if query.method != "select":
            what = f"Invalid query method: {query.method}"
            raise invalid_query(what)


def check(queries: Sequence[Query], attributes: Mapping[str, Attribute]) -> None:
    """Hold queries to the attributes there are.

    Raises:
        AppwriteError: `general_query_invalid`, in Appwrite's words.
    """
    for query in queries:
        if query.method in _LOGICAL:
            check(query.values, attributes)
        wrong = _objection(query, attributes)
        if wrong:
            what = f"Invalid query: {wrong}"
            raise invalid_query(what)
    for query in queries:
        if query.method in {"search", "notSearch"} and not attributes[query.attribute].searchable:
            what = f'Searching by attribute "{query.attribute}" requires a fulltext index.'
            raise invalid_query(what)


def _objection(  # noqa: PLR0911 - one for each kind of query
    query: Query, attributes: Mapping[str, Attribute]
) -> str | None:
    match query.method:
        case "and" | "or":
            return _objection_to_logic(query)
        case "limit":
            return _objection_to_number("limit", query.values, lowest=1)
        case "offset":
            return _objection_to_number("offset", query.values, lowest=0)
        case "select":
            return _objection_to_select(query.values, attributes)
        case "cursorAfter" | "cursorBefore":
            return _objection_to_cursor(query)
        case "orderRandom":
            return None
        case "orderAsc" | "orderDesc":
            known = not query.attribute or query.attribute in attributes
            return None if known else f"Attribute not found in schema: {query.attribute}"
        case _:
            return _objection_to_filter(query, attributes)


def _objection_to_logic(query: Query) -> str | None:
    name = query.method.capitalize()
    if any(part.method not in _FILTERS for part in query.values):
        return f"{name} queries can only contain filter queries"
    if len(query.values) < 2:  # noqa: PLR2004 - one part is no alternative
        return f"{name} queries require at least two queries"
    return None


def _objection_to_number(name: str, values: list[Any], *, lowest: int) -> str | None:
    number = values[0] if values else None
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return "Invalid limit: Value must be a valid number"
    if number != int(number) or not lowest <= number <= LARGEST_INTEGER:
        rule = f"Value must be a valid range between {lowest} and {LARGEST_INTEGER:,}"
        return f"Invalid {name}: {rule}"
    return None


def _objection_to_select(values: list[Any], attributes: Mapping[str, Attribute]) -> str | None:
    if not values:
        return "No attributes selected"
    for value in values:
        if not isinstance(value, str):
            return f"Attribute selection must be a string, got {_php_type(value)}"
    if len(set(values)) != len(values):
        return "Duplicate attributes selected"
    for value in values:
        if value not in attributes and value not in {"*", "$permissions", "$collection"}:
            return f"Attribute not found in schema: {value}"
    return None


def _objection_to_filter(  # noqa: PLR0911 - one for each rule
    query: Query, attributes: Mapping[str, Attribute]
) -> str | None:
    name = query.method[0].upper() + query.method[1:]
    count = len(query.values)
    if query.method in _SOME_VALUES and (not count or query.values[0] == []):
        return f"{name} queries require at least one value."
    if query.method in _ONE_VALUE and count != 1:
        return f"{name} queries require exactly one value."
    if query.method in _TWO_VALUES and count != 2:  # noqa: PLR2004 - from and to
        return f"{name} queries require exactly two values."
    attribute = attributes.get(query.attribute)
    if attribute is None:
        return f"Attribute not found in schema: {query.attribute}"
    if count > MOST_VALUES:
        return f"Query on attribute has greater than {MOST_VALUES} values: {attribute.key}"
    if not all(map(attribute.takes, query.values)):
        return f'Query value is invalid for attribute "{attribute.key}"'
    return _objection_to_containing(query.method, attribute)


def _objection_to_containing(method: str, attribute: Attribute) -> str | None:
    if method in _CONTAINING and not attribute.array and attribute.kind != TEXT:
        asked = "notContains" if method == "notContains" else "contains"
        return (
            f'Cannot query {asked} on attribute "{attribute.key}" '
            "because it is not an array, string, or object."
        )
    if attribute.array and method not in _CONTAINING and method not in _NO_VALUES:
        return f'Cannot query {method} on attribute "{attribute.key}" because it is an array.'
    return None


def filters(queries: Iterable[Query], attributes: Mapping[str, Attribute]) -> Condition:
    """Turn the filters among checked queries into SQL."""
    condition = Condition()
    parts = [
        _sql(query, attributes, condition.values) for query in queries if query.method in _FILTERS
    ]
    if parts:
        condition.sql = " AND ".join(parts)
    return condition


def _sql(query: Query, attributes: Mapping[str, Attribute], values: list[Scalar]) -> str:
    if query.method in _LOGICAL:
        known = query_bounds.common(query.values, attributes) if query.method == "or" else {}
        implied = [f"{attributes[key].compared} {sign} ?" for key, sign in known]
        values += known.values()
        parts = (_sql(part, attributes, values) for part in query.values)
        return f"({' AND '.join([*implied, f'({_LOGICAL[query.method].join(parts)})'])})"
    attribute = attributes[query.attribute]
    if attribute.array and query.method in _CONTAINING:
        return _array_sql(query, attribute, values)
    return _FILTER_SQL[query.method](query, attribute, values)


def _equal(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    bound = [attribute.bound(value) for value in query.values]
    if len(bound) == 1:
        values.append(bound[0])
        return f"{attribute.compared} = ?"
    if any(isinstance(value, str) and "\0" in value for value in bound):
        values += bound
        return f"{attribute.compared} IN ({', '.join('?' * len(bound))})"
    # One list for any number of values: their count is limited, but not the sum of the counts.
    # SQLite would cut its texts at a NUL.
    values.append(json.dumps(bound))
    return f"{attribute.compared} IN (SELECT value FROM json_each(?))"


def _compared(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    values.append(attribute.bound(query.values[0]))
    return f"{attribute.compared} {_COMPARISONS[query.method]} ?"


def _between(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    values += [attribute.bound(value) for value in query.values]
    negation = "NOT " if query.method == "notBetween" else ""
    return f"{attribute.compared} {negation}BETWEEN ? AND ?"


def _is_null(_query: Query, attribute: Attribute, _values: list[Scalar]) -> str:
    return f"{attribute.raw} IS NULL"


def _is_not_null(_query: Query, attribute: Attribute, _values: list[Scalar]) -> str:
    return f"{attribute.raw} IS NOT NULL"


def _search(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    values.append(query.values[0])
    negation = "NOT " if query.method == "notSearch" else ""
    return f"{negation}fulltext_match({attribute.raw}, ?)"


def _needle(attribute: Attribute, value: object) -> tuple[str, str]:
    """Choose what to look into, and what for.

    Patterns see trailing spaces, which the compared text has lost; it will do, and needs no
    folding, for whatever ends in something else.
    """
    if attribute.kind != TEXT:
        return attribute.pattern, str(attribute.bound(value))
    needle = folded(cast("str", value))
    return (attribute.pattern if needle.endswith(" ") else attribute.compared), needle


def _starts_with(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    text, needle = _needle(attribute, query.values[0])
    # A range, so that an index serves; no folded character comes after the last of Unicode.
    values += [needle, f"{needle}\U0010ffff"]
    negation = "NOT " if query.method == "notStartsWith" else ""
    return f"{negation}({text} >= ? AND {text} < ?)"


def _ends_with(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    _, needle = _needle(attribute, query.values[0])
    values.append(needle)
    negation = "NOT " if query.method == "notEndsWith" else ""
    text = attribute.raw if attribute.kind == TEXT else attribute.pattern
    return f"{negation}ends_with({text}, ?)"


def _contains(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    parts: list[str] = []
    for value in query.values:
        text, needle = _needle(attribute, value)
        values.append(needle)
        parts.append(f"instr({text}, ?) {'=' if query.method == 'notContains' else '>'} 0")
    every = query.method in {"notContains", "containsAll"}
    return f"({(' AND ' if every else ' OR ').join(parts)})"


def _array_sql(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    bound = [attribute.bound(value) for value in query.values]
    items = f"SELECT value FROM json_each({attribute.raw})"
    values.append(json.dumps(bound))
    wanted = "SELECT value FROM json_each(?)"
    if query.method == "containsAll":
        return f"NOT EXISTS ({wanted} EXCEPT {items})"
    overlap = f"EXISTS ({wanted} INTERSECT {items})"
    if query.method == "notContains":
        return f"({attribute.raw} IS NOT NULL AND NOT {overlap})"
    return overlap


_FILTER_SQL = {
    "equal": _equal,
    **dict.fromkeys(_COMPARISONS, _compared),
    **dict.fromkeys(_TWO_VALUES, _between),
    "isNull": _is_null,
    "isNotNull": _is_not_null,
    **dict.fromkeys(("search", "notSearch"), _search),
    **dict.fromkeys(("startsWith", "notStartsWith"), _starts_with),
    **dict.fromkeys(("endsWith", "notEndsWith"), _ends_with),
    **dict.fromkeys(_CONTAINING, _contains),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What queries say besides filtering: the first of each kind counts.

    Attributes:
        limit: How many; -1 for all of them.
        offset: How many to skip.
        orders: By what, and which way round.
        cursor: The id of the row to go on from.
        backwards: Whether to go towards the beginning.
        selected: Keys; None for all of them.
    """

    limit: int
    offset: int
    orders: list[tuple[Attribute, str]]
    cursor: str | None
    backwards: bool
    selected: list[str] | None


def _objection_to_cursor(query: Query) -> str | None:
    wrong = not query.values or not is_id(query.values[0])
    return f"Invalid cursor: {UID_RULE}" if wrong else None


def cursor_of(queries: Iterable[Query]) -> tuple[str | None, bool]:
    """Find the first cursor (transcript `list-order-page`).

    Raises:
        AppwriteError: `general_query_invalid`.
    """
    for query in queries:
        if query.method in _CURSORS:
            wrong = _objection_to_cursor(query)
            if wrong:
                raise invalid_query(wrong)
            return query.values[0], _CURSORS[query.method]
    return None, False


def checked_shape(
    queries: Sequence[Query], attributes: Mapping[str, Attribute], limit: int = DEFAULT_LIMIT
) -> Shape:
    """Check queries, and read what they say besides filtering.

    Raises:
        AppwriteError: `general_query_invalid`.
    """
    cursor_of(queries)
    check(queries, attributes)
    return shape(queries, attributes, limit)


def shape(
    queries: Sequence[Query], attributes: Mapping[str, Attribute], limit: int = DEFAULT_LIMIT
) -> Shape:
    """Read what checked queries say besides filtering."""
    cursor, backwards = cursor_of(queries)
    selects = [key for query in queries if query.method == "select" for key in query.values]
    return Shape(
        limit=_first_number(queries, "limit") or limit,
        offset=_first_number(queries, "offset") or 0,
        orders=_orders(queries, attributes),
        cursor=cursor,
        backwards=backwards,
        selected=None if not selects or "*" in selects else selects,
    )


def _first_number(queries: Iterable[Query], method: str) -> int | None:
    return next((int(query.values[0]) for query in queries if query.method == method), None)


def _orders(
    queries: Iterable[Query], attributes: Mapping[str, Attribute]
) -> list[tuple[Attribute, str]]:
    """Read the order, and make it complete: what is equal in it follows the sequence."""
    sequence = attributes["$sequence"]
    orders = [
        (attributes.get(query.attribute, sequence), _ORDERS[query.method])
        for query in queries
        if query.method in _ORDERS
    ]
    if not any(attribute.key in {"$id", "$sequence"} for attribute, _ in orders):
        dated = orders and orders[0][0].key in {"$createdAt", "$updatedAt"}
        orders.append((sequence, orders[0][1] if dated else ASCENDING))
    return orders


def order_sql(orders: Iterable[tuple[Attribute, str]], *, backwards: bool) -> str:
    """Write the order."""
    return ", ".join(
        "random()" if way == RANDOM else f"{attribute.compared} {_turned(way, backwards)}"
        for attribute, way in orders
    )


def after_cursor(
    orders: Sequence[tuple[Attribute, str]], cursor: JsonObject, *, backwards: bool
) -> Condition:
    """Demand what comes after a row in the order, or before it.

    Raises:
        AppwriteError: `database_query_order_null`, where the row has null in the order.
    """
    condition = Condition()
    alternatives: list[str] = []
    equal: list[str] = []
    bound: list[Scalar] = []
    for attribute, way in orders:
        value = attribute.of_row(cursor[attribute.key])
        if value is None:
            raise AppwriteError("database_query_order_null", attribute.key)
        sign = "<" if _turned(way, backwards) == DESCENDING else ">"
        alternatives.append(" AND ".join([*equal, f"{attribute.compared} {sign} ?"]))
        condition.values += [*bound, value]
        equal.append(f"{attribute.compared} = ?")
        bound.append(value)
    condition.sql = f"({' OR '.join(f'({each})' for each in alternatives)})"
    # Said twice, so that an index on the first attribute finds where to begin.
    first, way = orders[0]
    sign = "<=" if _turned(way, backwards) == DESCENDING else ">="
    return Condition(f"{first.compared} {sign} ?", [bound[0]]).joined(condition)


def _turned(way: str, backwards: bool) -> str:  # noqa: FBT001 - private, and named at each call
    if not backwards:
        return way
    return ASCENDING if way == DESCENDING else DESCENDING
