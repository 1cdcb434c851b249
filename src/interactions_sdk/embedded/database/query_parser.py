"""Parsing Appwrite's queries, and validating them against the existing attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.embedded.database.attributes import TEXT, Attribute
from interactions_sdk.embedded.values.column_types import MAX_INTEGER
from interactions_sdk.embedded.values.identifiers import UID_RULE, is_id
from interactions_sdk.embedded.values.responses import AppwriteError, JsonObject, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_VALUES = 500

ASCENDING, DESCENDING, RANDOM = "ASC", "DESC", "RANDOM"

LOGICAL = {"and": " AND ", "or": " OR "}
ORDERS = {"orderAsc": ASCENDING, "orderDesc": DESCENDING, "orderRandom": RANDOM}
CURSORS = {"cursorAfter": False, "cursorBefore": True}
COMPARISONS = {
    "notEqual": "!=",
    "lessThan": "<",
    "lessThanEqual": "<=",
    "greaterThan": ">",
    "greaterThanEqual": ">=",
}
_ONE_VALUE = frozenset(
    {
        *COMPARISONS,
        *("search", "notSearch", "startsWith", "notStartsWith", "endsWith", "notEndsWith"),
    }
)
_SOME_VALUES = frozenset({"equal", "contains", "containsAny", "containsAll", "notContains"})
TWO_VALUES = frozenset({"between", "notBetween"})
_NO_VALUES = frozenset({"isNull", "isNotNull"})
CONTAINING = frozenset({"contains", "containsAny", "containsAll", "notContains"})
FILTERS = _ONE_VALUE | _SOME_VALUES | TWO_VALUES | _NO_VALUES | frozenset(LOGICAL)
_SHAPING = frozenset({"limit", "offset", "select"}) | frozenset(ORDERS) | frozenset(CURSORS)

# Appwrite has them; this server says so instead of calling them wrong.
UNSUPPORTED_METHODS = frozenset(
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


def invalid_query(message: str) -> AppwriteError:
    """Return the error for an invalid query."""
    return AppwriteError("general_query_invalid", message=message)


def parse(texts: Iterable[object]) -> list[Query]:
    """Parse queries (transcript `list-bad-queries`).

    Queries staged in a transaction may be any JSON value.

    Raises:
        AppwriteError: `general_query_invalid`.
    """
    return [_parse_text(text) for text in texts]


def _parse_text(text: object) -> Query:
    message = "Invalid query: Syntax error"
    if not isinstance(text, str):
        raise invalid_query(message)
    try:
        parsed = parse_json(text)
    except ValueError as error:
        raise invalid_query(message) from error
    return _parse_one(parsed)


def _parse_one(parsed: object) -> Query:
    if isinstance(parsed, list):
        parsed = {}
    if not isinstance(parsed, dict):
        raise invalid_query(f"Invalid query. Must be an array, got {_php_type(parsed)}")
    query = cast("JsonObject", parsed)
    method = query.get("method", "")
    attribute = query.get("attribute", "")
    values = query.get("values", [])
    if not isinstance(method, str):
        raise invalid_query(f"Invalid query method. Must be a string, got {_php_type(method)}")
    if method in UNSUPPORTED_METHODS:
        raise AppwriteError("general_not_implemented", f"The query method {method}")
    if method not in FILTERS and method not in _SHAPING:
        raise invalid_query(f"Invalid query method: {method}")
    if not isinstance(attribute, str):
        message = f"Invalid query attribute. Must be a string, got {_php_type(attribute)}"
        raise invalid_query(message)
    if not isinstance(values, list):
        raise invalid_query(f"Invalid query values. Must be an array, got {_php_type(values)}")
    values = cast("list[object]", values)
    if method in LOGICAL:
        return Query(method, attribute, [_parse_one(value) for value in values])
    return Query(method, attribute, values)


def _php_type(value: object) -> str:
    return _PHP_TYPES.get(type(value), "array")


def require_select_only(queries: Iterable[Query]) -> None:
    """Reject queries other than `select` for a single row (transcript `row-get`)."""
    for query in queries:
        if query.method != "select":
            raise invalid_query(f"Invalid query method: {query.method}")


def validate(queries: Sequence[Query], attributes: Mapping[str, Attribute]) -> None:
    """Validate queries against the existing attributes.

    Raises:
        AppwriteError: `general_query_invalid`, in Appwrite's words.
    """
    for query in queries:
        if query.method in LOGICAL:
            validate(query.values, attributes)
        if wrong := _error(query, attributes):
            raise invalid_query(f"Invalid query: {wrong}")
    for query in queries:
        if query.method in {"search", "notSearch"} and not attributes[query.attribute].searchable:
            message = f'Searching by attribute "{query.attribute}" requires a fulltext index.'
            raise invalid_query(message)


def _error(  # noqa: PLR0911 - one for each kind of query
    query: Query, attributes: Mapping[str, Attribute]
) -> str | None:
    match query.method:
        case "and" | "or":
            return _logic_error(query)
        case "limit":
            return _number_error("limit", query.values, lowest=1)
        case "offset":
            return _number_error("offset", query.values, lowest=0)
        case "select":
            return _select_error(query.values, attributes)
        case "cursorAfter" | "cursorBefore":
            return _cursor_error(query)
        case "orderRandom":
            return None
        case "orderAsc" | "orderDesc":
            exists = not query.attribute or query.attribute in attributes
            return None if exists else f"Attribute not found in schema: {query.attribute}"
        case _:
            return _filter_error(query, attributes)


def _logic_error(query: Query) -> str | None:
    name = query.method.capitalize()
    if any(part.method not in FILTERS for part in query.values):
        return f"{name} queries can only contain filter queries"
    if len(query.values) < 2:  # noqa: PLR2004 - one part is no alternative
        return f"{name} queries require at least two queries"
    return None


def _number_error(name: str, values: list[Any], *, lowest: int) -> str | None:
    number = values[0] if values else None
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return "Invalid limit: Value must be a valid number"
    if number != int(number) or not lowest <= number <= MAX_INTEGER:
        rule = f"Value must be a valid range between {lowest} and {MAX_INTEGER:,}"
        return f"Invalid {name}: {rule}"
    return None


def _select_error(values: list[Any], attributes: Mapping[str, Attribute]) -> str | None:
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


def _filter_error(  # noqa: PLR0911 - one for each rule
    query: Query, attributes: Mapping[str, Attribute]
) -> str | None:
    name = query.method[0].upper() + query.method[1:]
    count = len(query.values)
    if query.method in _SOME_VALUES and (not count or query.values[0] == []):
        return f"{name} queries require at least one value."
    if query.method in _ONE_VALUE and count != 1:
        return f"{name} queries require exactly one value."
    if query.method in TWO_VALUES and count != 2:  # noqa: PLR2004 - from and to
        return f"{name} queries require exactly two values."
    attribute = attributes.get(query.attribute)
    if attribute is None:
        return f"Attribute not found in schema: {query.attribute}"
    if count > MAX_VALUES:
        return f"Query on attribute has greater than {MAX_VALUES} values: {attribute.key}"
    if not all(map(attribute.accepts, query.values)):
        return f'Query value is invalid for attribute "{attribute.key}"'
    return _containing_error(query.method, attribute)


def _containing_error(method: str, attribute: Attribute) -> str | None:
    if method in CONTAINING and not attribute.array and attribute.kind != TEXT:
        base_method = "notContains" if method == "notContains" else "contains"
        return (
            f'Cannot query {base_method} on attribute "{attribute.key}" '
            "because it is not an array, string, or object."
        )
    if attribute.array and method not in CONTAINING and method not in _NO_VALUES:
        return f'Cannot query {method} on attribute "{attribute.key}" because it is an array.'
    return None


def _cursor_error(query: Query) -> str | None:
    wrong = not query.values or not is_id(query.values[0])
    return f"Invalid cursor: {UID_RULE}" if wrong else None


def cursor_of(queries: Iterable[Query]) -> tuple[str | None, bool]:
    """Find the first cursor (transcript `list-order-page`)."""
    for query in queries:
        if query.method in CURSORS:
            if wrong := _cursor_error(query):
                raise invalid_query(wrong)
            return query.values[0], CURSORS[query.method]
    return None, False
