"""What alternatives have in common: the bounds that every one of them keeps.

Pages that go on at a place in an order ask for `or(less(a, x), and(equal(a, x), less(b, y)))`.
SQLite finds no index for that, though every row in question has `a <= x`: where that is said as
well, an index leads to the place, however many rows come before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from interactions_sdk.embedded.database.attributes import Attribute
    from interactions_sdk.embedded.database.query_parser import Query
    from interactions_sdk.embedded.values.column_types import Scalar

AT_MOST: Final = "<="
AT_LEAST: Final = ">="

Bounds: TypeAlias = dict[tuple[str, str], Any]
"""The value of each bound, by attribute and sign."""

_SIGNS: dict[str, tuple[str, ...]] = {
    "equal": (AT_LEAST, AT_MOST),
    "between": (AT_LEAST, AT_MOST),
    "lessThan": (AT_MOST,),
    "lessThanEqual": (AT_MOST,),
    "greaterThan": (AT_LEAST,),
    "greaterThanEqual": (AT_LEAST,),
}


def common(alternatives: Iterable[Query], attributes: Mapping[str, Attribute]) -> Bounds:
    """Give the loosest of the bounds that all alternatives have."""
    first, *others = (_of(query, attributes) for query in alternatives)
    return {
        bound: _looser(bound, [first[bound], *(other[bound] for other in others)])
        for bound in first
        if all(bound in other for other in others)
    }


def _looser(bound: tuple[str, str], values: list[Any]) -> Scalar:
    looser: Scalar = max(values) if bound[1] == AT_MOST else min(values)
    return looser


def _of(query: Query, attributes: Mapping[str, Attribute]) -> Bounds:
    """Give the bounds that a filter keeps; one of several for the same is enough."""
    if query.method == "and":
        return {
            bound: value for part in query.values for bound, value in _of(part, attributes).items()
        }
    if query.method == "or":
        return common(query.values, attributes)
    attribute = attributes.get(query.attribute)
    if attribute is None or attribute.array:
        return {}
    values = [attribute.bound(value) for value in query.values]
    return {
        (attribute.key, sign): _looser((attribute.key, sign), values)
        for sign in _SIGNS.get(query.method, ())
    }
