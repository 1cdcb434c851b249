"""The SQL of validated queries: conditions, order, and the start of a page.

Every value is bound; the SQL itself is made of this server's own words.
"""

# ruff: noqa: S608 - the names in this SQL are made of sequence numbers, never of users' words

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.database import query_bounds
from interactions_sdk.embedded.database.attributes import TEXT, Attribute
from interactions_sdk.embedded.database.query_parser import (
    ASCENDING,
    COMPARISONS,
    CONTAINING,
    DESCENDING,
    FILTERS,
    LOGICAL,
    ORDERS,
    RANDOM,
    TWO_VALUES,
    Query,
    cursor_of,
    validate,
)
from interactions_sdk.embedded.values import fulltext, like
from interactions_sdk.embedded.values.collation import fold
from interactions_sdk.embedded.values.responses import AppwriteError, JsonObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from interactions_sdk.embedded.values.column_types import Scalar

DEFAULT_LIMIT = 25
MAX_COUNTED = 5000


@dataclass(slots=True)
class Condition:
    """A condition in SQL, and the values bound in it."""

    sql: str = "TRUE"
    values: list[Scalar] = field(default_factory=list["Scalar"])

    def and_(self, other: Condition) -> Condition:
        """Demand both."""
        return Condition(f"{self.sql} AND {other.sql}", [*self.values, *other.values])


def where_clause(queries: Iterable[Query], attributes: Mapping[str, Attribute]) -> Condition:
    """Turn the filters among checked queries into SQL."""
    condition = Condition()
    parts = [
        _sql(query, attributes, condition.values) for query in queries if query.method in FILTERS
    ]
    if parts:
        condition.sql = " AND ".join(parts)
    return condition


def _sql(query: Query, attributes: Mapping[str, Attribute], values: list[Scalar]) -> str:
    if query.method in LOGICAL:
        bounds = (
            query_bounds.common_bounds(query.values, attributes) if query.method == "or" else {}
        )
        implied = [f"{attributes[key].compared} {sign} ?" for key, sign in bounds]
        values += bounds.values()
        parts = (_sql(part, attributes, values) for part in query.values)
        return f"({' AND '.join([*implied, f'({LOGICAL[query.method].join(parts)})'])})"
    attribute = attributes[query.attribute]
    if attribute.array and query.method in CONTAINING:
        return _array_sql(query, attribute, values)
    return _FILTER_SQL[query.method](query, attribute, values)


def _equal(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    bound = [attribute.to_sql(value) for value in query.values]
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
    values.append(attribute.to_sql(query.values[0]))
    return f"{attribute.compared} {COMPARISONS[query.method]} ?"


def _between(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    values += [attribute.to_sql(value) for value in query.values]
    negation = "NOT " if query.method == "notBetween" else ""
    return f"{attribute.compared} {negation}BETWEEN ? AND ?"


def _search(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    if fulltext.is_syntax_error(query.values[0]):
        raise AppwriteError("general_unknown", message="Server Error")
    values.append(query.values[0])
    negation = "NOT " if query.method == "notSearch" else ""
    return f"{negation}fulltext_match({attribute.raw}, ?)"


def _needle(attribute: Attribute, value: object) -> tuple[str, str]:
    """Choose what to look into, and what for.

    Patterns see trailing spaces, which the compared text has lost; it will do, and needs no
    folding, for whatever ends in something else.
    """
    if attribute.kind != TEXT:
        return attribute.pattern, str(attribute.to_sql(value))
    needle = fold(cast("str", value))
    return (attribute.pattern if needle.endswith(" ") else attribute.compared), needle


def _like(attribute: Attribute, pattern: str, values: list[Scalar]) -> str:
    values.append(pattern)
    return f"mariadb_like({attribute.raw}, ?)"


def _has_escape(attribute: Attribute, value: object) -> bool:
    """Return whether a value is a pattern of its own, for which no index serves."""
    return attribute.kind == TEXT and "\\" in cast("str", value)


def _starts_with(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    negation = "NOT " if query.method == "notStartsWith" else ""
    if _has_escape(attribute, query.values[0]):
        return negation + _like(attribute, f"{like.escape(query.values[0])}%", values)
    text, needle = _needle(attribute, query.values[0])
    # A range, so that an index serves; no folded character comes after the last of Unicode.
    values += [needle, f"{needle}\U0010ffff"]
    return f"{negation}({text} >= ? AND {text} < ?)"


def _ends_with(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    negation = "NOT " if query.method == "notEndsWith" else ""
    if _has_escape(attribute, query.values[0]):
        return negation + _like(attribute, f"%{like.escape(query.values[0])}", values)
    _, needle = _needle(attribute, query.values[0])
    values.append(needle)
    text = attribute.raw if attribute.kind == TEXT else attribute.pattern
    return f"{negation}ends_with({text}, ?)"


def _contains(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    parts: list[str] = []
    negation = "NOT " if query.method == "notContains" else ""
    for value in query.values:
        if _has_escape(attribute, value):
            parts.append(negation + _like(attribute, f"%{like.escape(value)}%", values))
            continue
        text, needle = _needle(attribute, value)
        values.append(needle)
        parts.append(f"{negation}instr({text}, ?) > 0")
    every = query.method in {"notContains", "containsAll"}
    return f"({(' AND ' if every else ' OR ').join(parts)})"


def _array_sql(query: Query, attribute: Attribute, values: list[Scalar]) -> str:
    bound = [attribute.to_sql(value) for value in query.values]
    items = f"SELECT value FROM json_each({attribute.raw})"
    values.append(json.dumps(bound))
    wanted = "SELECT value FROM json_each(?)"
    if query.method == "containsAll":
        return f"NOT EXISTS ({wanted} EXCEPT {items})"
    overlap = f"EXISTS ({wanted} INTERSECT {items})"
    if query.method == "notContains":
        return f"({attribute.raw} IS NOT NULL AND NOT {overlap})"
    return overlap


_FILTER_SQL: dict[str, Callable[[Query, Attribute, list[Scalar]], str]] = {
    "equal": _equal,
    **dict.fromkeys(COMPARISONS, _compared),
    **dict.fromkeys(TWO_VALUES, _between),
    "isNull": lambda _query, attribute, _values: f"{attribute.raw} IS NULL",
    "isNotNull": lambda _query, attribute, _values: f"{attribute.raw} IS NOT NULL",
    **dict.fromkeys(("search", "notSearch"), _search),
    **dict.fromkeys(("startsWith", "notStartsWith"), _starts_with),
    **dict.fromkeys(("endsWith", "notEndsWith"), _ends_with),
    **dict.fromkeys(CONTAINING, _contains),
}


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What queries say besides filtering: the first of each kind counts.

    Attributes:
        limit: How many; -1 for all of them.
        cursor: The ID of the row to go on from.
        selected: Keys; None for all of them.
    """

    limit: int
    offset: int
    orders: list[tuple[Attribute, str]]
    cursor: str | None
    backwards: bool
    selected: list[str] | None


def validated_list_options(
    queries: Sequence[Query], attributes: Mapping[str, Attribute], limit: int = DEFAULT_LIMIT
) -> ListOptions:
    """Check queries, and read what they say besides filtering."""
    cursor_of(queries)
    validate(queries, attributes)
    return list_options(queries, attributes, limit)


def list_options(
    queries: Sequence[Query], attributes: Mapping[str, Attribute], limit: int = DEFAULT_LIMIT
) -> ListOptions:
    """Read what checked queries say besides filtering."""
    cursor, backwards = cursor_of(queries)
    selects = [key for query in queries if query.method == "select" for key in query.values]
    return ListOptions(
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
        (attributes.get(query.attribute, sequence), ORDERS[query.method])
        for query in queries
        if query.method in ORDERS
    ]
    if not any(attribute.key in {"$id", "$sequence"} for attribute, _ in orders):
        dated = orders and orders[0][0].key in {"$createdAt", "$updatedAt"}
        orders.append((sequence, orders[0][1] if dated else ASCENDING))
    return orders


def order_clause(orders: Iterable[tuple[Attribute, str]], *, backwards: bool) -> str:
    """Write the order."""
    return ", ".join(
        "random()" if way == RANDOM else f"{attribute.compared} {_reversed(way, backwards)}"
        for attribute, way in orders
    )


def cursor_clause(
    orders: Sequence[tuple[Attribute, str]], cursor: JsonObject, *, backwards: bool
) -> Condition:
    """Demand what comes after a row in the order, or before it."""
    condition = Condition()
    alternatives: list[str] = []
    equal: list[str] = []
    bound: list[Scalar] = []
    for attribute, way in orders:
        if cursor[attribute.key] is None:
            raise AppwriteError("database_query_order_null", attribute.key)
        value = attribute.to_sql(cursor[attribute.key])
        sign = "<" if _reversed(way, backwards) == DESCENDING else ">"
        alternatives.append(" AND ".join([*equal, f"{attribute.compared} {sign} ?"]))
        condition.values += [*bound, value]
        equal.append(f"{attribute.compared} = ?")
        bound.append(value)
    condition.sql = f"({' OR '.join(f'({each})' for each in alternatives)})"
    # Said twice, so that an index on the first attribute finds where to begin.
    first, way = orders[0]
    sign = "<=" if _reversed(way, backwards) == DESCENDING else ">="
    return Condition(f"{first.compared} {sign} ?", [bound[0]]).and_(condition)


def _reversed(way: str, backwards: bool) -> str:  # noqa: FBT001 - private, and named at each call
    if not backwards:
        return way
    return ASCENDING if way == DESCENDING else DESCENDING
