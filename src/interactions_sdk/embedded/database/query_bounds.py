"""The bounds that all alternatives of a filter have in common.

Pages that start at a position in an order use `or(less(a, x), and(equal(a, x), less(b, y)))`.
SQLite uses no index for this, although every matching row has `a <= x`. With this condition added,
an index finds the position, however many rows come before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from interactions_sdk.embedded.database.attributes import Attribute
    from interactions_sdk.embedded.database.query_parser import Query
    from interactions_sdk.embedded.values.column_types import Scalar

UPPER: Final = "<="
LOWER: Final = ">="

Bounds: TypeAlias = dict[tuple[str, str], Any]
"""The value of each bound, by attribute and sign."""

_SIGNS: dict[str, tuple[str, ...]] = {
    "equal": (LOWER, UPPER),
    "between": (LOWER, UPPER),
    "lessThan": (UPPER,),
    "lessThanEqual": (UPPER,),
    "greaterThan": (LOWER,),
    "greaterThanEqual": (LOWER,),
}


def common_bounds(alternatives: Iterable[Query], attributes: Mapping[str, Attribute]) -> Bounds:
    """Return the loosest bounds that all alternatives have."""
    first, *others = (_bounds(query, attributes) for query in alternatives)
    return {
        bound: _wider(bound, [first[bound], *(other[bound] for other in others)])
        for bound in first
        if all(bound in other for other in others)
    }


def _wider(bound: tuple[str, str], values: list[Any]) -> Scalar:
    looser: Scalar = max(values) if bound[1] == UPPER else min(values)
    return looser


def _bounds(query: Query, attributes: Mapping[str, Attribute]) -> Bounds:
    """Return the bounds of a filter; one of several for the same attribute is enough."""
    if query.method == "and":
        return {
            bound: value
            for part in query.values
            for bound, value in _bounds(part, attributes).items()
        }
    if query.method == "or":
        return common_bounds(query.values, attributes)
    attribute = attributes.get(query.attribute)
    if attribute is None or attribute.array:
        return {}
    values = [attribute.to_sql(value) for value in query.values]
    return {
        (attribute.key, sign): _wider((attribute.key, sign), values)
        for sign in _SIGNS.get(query.method, ())
    }
