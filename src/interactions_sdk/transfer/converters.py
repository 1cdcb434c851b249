"""Converters from the columns of a line to the fields of a draft."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal, NamedTuple

from pydantic import TypeAdapter

from interactions_sdk.models.metadata import InteractionMetadata, StoredMetadata
from interactions_sdk.transfer.json_numbers import WrittenFloat, WrittenInt

__all__ = [
    "MAX_CUSTOMER_KEY_LENGTH",
    "ColumnMapping",
    "Converter",
    "CustomerLookup",
    "Row",
    "constant",
    "custom_fields",
    "customer_by",
    "integer",
    "joined_text",
    "map_values",
    "metadata",
    "minutes",
    "text",
]

Row = Mapping[str, object]
"""The values of a line by column: texts, or JSON values."""

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_REJECT = object()

MAX_CUSTOMER_KEY_LENGTH = 100
"""Maximum length of a value by which a customer is looked up."""

_read_metadata = TypeAdapter[InteractionMetadata | None](StoredMetadata).validate_python


@dataclass(frozen=True, slots=True)
class Converter:
    """Where a field comes from.

    Attributes:
        columns: The columns that a file must have for it.
        read: Returns the field's value for a line; None leaves the field out. A `ValueError`
            rejects the line.
    """

    columns: tuple[str, ...]
    read: Callable[[Row], object]


ColumnMapping = Mapping[str, str | Converter | Callable[[Row], object]]
"""For each field of a draft: a column's name, a converter of `transfer`, or your own function
from the line's values to the field's."""


class CustomerLookup(NamedTuple):
    """A value other than the ID by which a customer is looked up.

    Attributes:
        column: The column of the customers table.
        value: Its value.
    """

    column: str
    value: str


def _text(row: Row, column: str) -> str | None:
    """Return a value as text; an empty value counts as missing.

    Raises:
        ValueError: It is not text, a number or a boolean.
    """
    value = row.get(column)
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and math.isfinite(value):
        return value.written if isinstance(value, WrittenInt | WrittenFloat) else str(value)
    raise ValueError(f"the column {column!r} holds {_kind_of(value)}, which is not text")


def _kind_of(value: object) -> str:
    if isinstance(value, float):
        return json.dumps(value)
    return "a list" if isinstance(value, list) else f"an object ({type(value).__name__})"


def _is_given(value: object) -> bool:
    return value is not None and value != ""


def joined_text(row: Row, *columns: str) -> str | None:
    """Join the texts of columns, without surrounding blanks; None if all are empty."""
    if len(columns) == 1:
        return (_text(row, columns[0]) or "").strip() or None
    texts = [(_text(row, column) or "").strip() for column in columns]
    return " ".join(filter(None, texts)) or None


def text(column: str) -> Converter:
    """Copy a column unchanged; an empty value counts as missing.

    Args:
        column: The name of the column.

    Example:
        >>> text("topic").read({"topic": "Renewal"})
        'Renewal'
    """
    return Converter((column,), lambda row: _text(row, column))


def constant(value: object) -> Converter:
    """Use the same value for every line.

    Args:
        value: The value of the field, on every line.

    Example:
        >>> constant("call").read({})
        'call'
    """
    return Converter((), lambda _: value)


def integer(column: str) -> Converter:
    """Parse a column as an integer.

    Args:
        column: The name of the column.

    Example:
        >>> integer("minutes").read({"minutes": " 12 "})
        12
    """

    def read(row: Row) -> int | None:
        found = joined_text(row, column)
        if found is None:
            return None
        try:
            return int(found)
        except ValueError as error:
            raise ValueError(f"{found!r} is not an integer") from error

    return Converter((column,), read)


def minutes(column: str, *, unit: Literal["seconds", "minutes", "hours"] = "seconds") -> Converter:
    """Parse a duration, rounded to whole minutes: at least 1, or None if it is 0.

    Args:
        column: The column, which holds a decimal number.
        unit: The unit of the number.

    Example:
        >>> from_seconds = minutes("duration", unit="seconds")
        >>> [from_seconds.read({"duration": text}) for text in ("0", "5", "90", "261")]
        [None, 1, 2, 4]
    """

    def read(row: Row) -> int | None:
        found = joined_text(row, column)
        if found is None:
            return None
        try:
            exact = Decimal(found) * _SECONDS[unit] / 60
            rounded = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        except (InvalidOperation, ValueError) as error:
            raise ValueError(f"{found!r} is not a number of {unit}") from error
        if exact < 0:
            raise ValueError(f"a duration of {found} {unit} is negative")
        return max(1, rounded) if exact else None

    return Converter((column,), read)


def map_values(
    column: str, values: Mapping[str, object], *, default: object = _REJECT
) -> Converter:
    """Translate the values of a column, such as the words of another system into outcomes.

    Args:
        column: The column; blanks around its values are ignored.
        values: The translation of each value.
        default: The translation of any other value; without it, such a line is rejected. An empty
            value counts as missing, unless `values` contains it.

    Example:
        >>> outcome = map_values("subscribed", {"yes": "successful", "no": "other"})
        >>> outcome.read({"subscribed": "yes"})
        'successful'
    """

    def read(row: Row) -> object:
        found = joined_text(row, column) or ""
        if found in values:
            return values[found]
        if not found:
            return None
        if default is _REJECT:
            raise ValueError(f"{found!r} is not one of {', '.join(map(repr, values))}")
        return default

    return Converter((column,), read)


def customer_by(customers_column: str, column: str) -> Converter:
    """Look the customer up by a column of the customers table other than the ID.

    Args:
        customers_column: The column of the customers table, such as `userId` or `email`; an index
            makes this fast.
        column: The column of the file with exactly the same value; at most 100 characters.

    Example:
        >>> customer_by("userId", "agent").read({"agent": "ada"})
        CustomerLookup(column='userId', value='ada')
    """

    def read(row: Row) -> CustomerLookup | None:
        found = joined_text(row, column)
        if found is not None and len(found) > MAX_CUSTOMER_KEY_LENGTH:
            raise ValueError(
                f"customer keys may have at most {MAX_CUSTOMER_KEY_LENGTH} characters, "
                f"not {len(found)}"
            )
        return None if found is None else CustomerLookup(customers_column, found)

    return Converter((column,), read)


def custom_fields(*columns: str) -> Converter:
    """Store columns as custom fields with the same names; for the field `metadata`.

    Args:
        columns: The names of the columns.

    Example:
        >>> custom_fields("age", "job").read({"age": "56", "job": "housemaid"}).to_wire()
        '{"customFields":{"age":"56","job":"housemaid"}}'
    """

    def read(row: Row) -> InteractionMetadata | None:
        found = {column: row[column] for column in columns if _is_given(row.get(column))}
        return InteractionMetadata.model_validate({"customFields": found}) if found else None

    return Converter(columns, read)


def metadata(column: str) -> Converter:
    """Parse the metadata, given as JSON or as the JSON text that Appwrite stores."""

    def read(row: Row) -> InteractionMetadata | None:
        value = row.get(column)
        if not _is_given(value):
            return None
        written = value if isinstance(value, str) else json.dumps(value)
        found = _read_metadata(written)
        if found is not None and found.invalid_text is not None:
            raise ValueError("it is not the JSON of metadata")
        return found

    return Converter((column,), read)
