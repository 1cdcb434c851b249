"""Operators: values of an update that change what is there, such as `increment`.

They come as the text of a JSON object in place of a value (transcript `row-operators`).
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from interactions_sdk.embedded.values.column_types import (
    TEXT_TYPES,
    Column,
    is_integer,
    is_number,
)
from interactions_sdk.embedded.values.datetimes import format_datetime, now
from interactions_sdk.embedded.values.responses import AppwriteError, as_list, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded.values.responses import JsonObject
    from interactions_sdk.embedded.values.versions import Version

Values: TypeAlias = list[Any]

_CONDITIONS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanEqual": operator.le,
    "isNull": lambda item, _: item is None,
    "isNotNull": lambda item, _: item is not None,
}
_TARGET_TYPES = {
    "numeric": frozenset({"integer", "double"}),
    "string": TEXT_TYPES,
    "boolean": frozenset({"boolean"}),
    "datetime": frozenset({"datetime"}),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator, as parsed.

    Attributes:
        clamps: Whether it stops at its limit; a value that would pass it stays otherwise.
    """

    method: str
    values: Values
    clamps: bool = True

    def error(self, column: Column) -> str | None:
        """Say why the operator cannot be applied to a column; None if it can."""
        spec = _OPERATORS[self.method]
        if not _is_target(column, spec.target):
            return f"Cannot apply {self.method} operator to non-{spec.target} field '{column.key}'"
        wrong = spec.check(self.values)
        return wrong and f"Cannot apply {self.method} operator: {wrong}"

    def apply(self, column: Column, value: object) -> object:
        """Give what becomes of a value of a column.

        Raises:
            AppwriteError: `row_invalid_structure`, where the result is nothing to be kept.
        """
        try:
            result = _OPERATORS[self.method].apply(value, self.values)
            if self._passes_limit(result):
                result = self.values[1] if self.clamps else value
            if column.kind == "integer" and isinstance(result, float):
                result = round(result)
        except (ArithmeticError, TypeError) as error:
            raise self._type_error(column) from error
        can_be_kept = is_integer(result) or isinstance(result, float)
        if _is_target(column, "numeric") and not can_be_kept:
            raise self._type_error(column)
        return result

    def _passes_limit(self, result: object) -> bool:
        """Return whether a result is beyond the second value (transcript `row-operators`)."""
        limit = self.values[1] if len(self.values) > 1 else None
        beyond = _OPERATORS[self.method].beyond
        return beyond is not None and limit is not None and beyond(result, limit)

    def _type_error(self, column: Column) -> AppwriteError:
        message = (
            "Invalid document structure: "
            f"Cannot apply {self.method} operator to the value of '{column.key}'"
        )
        return AppwriteError("row_invalid_structure", message=message)


def _is_target(column: Column, target: str) -> bool:
    if column.array:
        return target == "array"
    return column.type in _TARGET_TYPES.get(target, ())


def parse(data: JsonObject, version: Version) -> JsonObject:
    """Replace the texts of a row's data that are operators."""
    return {key: _parse(value, version) for key, value in data.items()}


def _parse(value: object, version: Version) -> object:
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    try:
        parsed = parse_json(value)
    except ValueError:
        return value
    match parsed:
        case {"method": str(method)} if method in _OPERATORS:
            values = as_list(cast("JsonObject", parsed).get("values"))
            return Operator(method, values, version.clamps)
        case _:
            return value


def _require_number(values: Values) -> str | None:
    if not values or not is_number(values[0]):
        kind = type(values[0]).__name__ if values else "NULL"
        return f"value must be numeric, got {kind}"
    if len(values) > 1 and values[1] is not None and not is_number(values[1]):
        return f"max/min limit must be numeric, got {type(values[1]).__name__}"
    return None


def _require_divisor(values: Values) -> str | None:
    if values and values[0] == 0 and is_number(values[0]):
        return "division by zero"
    return _require_number(values)


def _require_text(values: Values) -> str | None:
    return None if values and isinstance(values[0], str) else "requires a string value"


def _require_two_texts(values: Values) -> str | None:
    if len(values) == 2 and all(isinstance(value, str) for value in values):  # noqa: PLR2004 - both
        return None
    return "requires exactly 2 string values (search and replace)"


def _require_days(values: Values) -> str | None:
    fits = len(values) == 1 and isinstance(values[0], int) and not isinstance(values[0], bool)
    return None if fits else "requires an integer number of days"


def _require_something(values: Values) -> str | None:
    return None if values else "requires a value to remove"


def _require_position(values: Values) -> str | None:
    if len(values) != 2:  # noqa: PLR2004 - an index and a value
        return "requires exactly 2 values (index and value)"
    if not isinstance(values[0], int) or values[0] < 0:
        return "index must be a non-negative integer"
    return None


def _require_condition(values: Values) -> str | None:
    if values and isinstance(values[0], str) and values[0] in _CONDITIONS:
        return None
    return f"condition must be one of: {', '.join(_CONDITIONS)}"


def _require_nothing(_values: Values) -> str | None:
    return None


def _numeric(compute: Callable[[Any, Any], float]) -> Callable[[object, Values], object]:
    def apply(value: object, values: Values) -> object:
        return compute(value or 0, values[0])

    return apply


def _divided(value: float, other: float) -> float:
    quotient = value / other
    return int(quotient) if quotient.is_integer() else quotient


def _remainder(value: float, other: float) -> float:
    # MariaDB's remainder has the sign of the dividend.
    result = math.fmod(value, other)
    return int(result) if result.is_integer() else result


def _power(value: float, other: float) -> float:
    return cast("float", value**other)


def _shifted(days: int) -> Callable[[object, Values], object]:
    def apply(value: object, values: Values) -> object:
        if value is None:
            return None
        timestamp = datetime.fromisoformat(cast("str", value))
        return format_datetime(timestamp + timedelta(days=days * values[0]))

    return apply


def _concatenated(value: object, values: Values) -> object:
    return f"{value or ''}{values[0]}"


def _replaced(value: object, values: Values) -> object:
    return None if value is None else cast("str", value).replace(values[0], values[1])


def _toggled(value: object, _values: Values) -> object:
    return not value


def _present(_value: object, _values: Values) -> object:
    return now()


def _items(value: object) -> Values:
    return cast("Values", value or [])


def _appended(value: object, values: Values) -> object:
    return [*_items(value), *values]


def _prepended(value: object, values: Values) -> object:
    return [*values, *_items(value)]


def _inserted(value: object, values: Values) -> object:
    items = list(_items(value))
    items.insert(values[0], values[1])
    return items


def _removed(value: object, values: Values) -> object:
    return [item for item in _items(value) if item != values[0]]


def _unique(value: object, _values: Values) -> object:
    return list(dict.fromkeys(_items(value)))


def _common(value: object, values: Values) -> object:
    return [item for item in _items(value) if item in values]


def _without(value: object, values: Values) -> object:
    return [item for item in _items(value) if item not in values]


def _filtered(value: object, values: Values) -> object:
    holds = _CONDITIONS[values[0]]
    other = values[1] if len(values) > 1 else None
    return [item for item in _items(value) if holds(item, other)]


@dataclass(frozen=True, slots=True)
class _OperatorSpec:
    target: str
    check: Callable[[Values], str | None]
    apply: Callable[[object, Values], object]
    beyond: Callable[[Any, Any], bool] | None = None


_OPERATORS: dict[str, _OperatorSpec] = {
    "increment": _OperatorSpec("numeric", _require_number, _numeric(operator.add), operator.gt),
    "decrement": _OperatorSpec("numeric", _require_number, _numeric(operator.sub), operator.lt),
    "multiply": _OperatorSpec("numeric", _require_number, _numeric(operator.mul), operator.gt),
    "divide": _OperatorSpec("numeric", _require_divisor, _numeric(_divided), operator.lt),
    "modulo": _OperatorSpec("numeric", _require_divisor, _numeric(_remainder), operator.lt),
    "power": _OperatorSpec("numeric", _require_number, _numeric(_power), operator.gt),
    "stringConcat": _OperatorSpec("string", _require_text, _concatenated),
    "stringReplace": _OperatorSpec("string", _require_two_texts, _replaced),
    "toggle": _OperatorSpec("boolean", _require_nothing, _toggled),
    "dateAddDays": _OperatorSpec("datetime", _require_days, _shifted(1)),
    "dateSubDays": _OperatorSpec("datetime", _require_days, _shifted(-1)),
    "dateSetNow": _OperatorSpec("datetime", _require_nothing, _present),
    "arrayAppend": _OperatorSpec("array", _require_nothing, _appended),
    "arrayPrepend": _OperatorSpec("array", _require_nothing, _prepended),
    "arrayInsert": _OperatorSpec("array", _require_position, _inserted),
    "arrayRemove": _OperatorSpec("array", _require_something, _removed),
    "arrayUnique": _OperatorSpec("array", _require_nothing, _unique),
    "arrayIntersect": _OperatorSpec("array", _require_something, _common),
    "arrayDiff": _OperatorSpec("array", _require_nothing, _without),
    "arrayFilter": _OperatorSpec("array", _require_condition, _filtered),
}
