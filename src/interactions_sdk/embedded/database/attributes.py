"""Attributes that queries can use, and their SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from interactions_sdk.embedded.values.collation import sort_key
from interactions_sdk.embedded.values.column_types import is_integer, is_number
from interactions_sdk.embedded.values.datetimes import normalize, normalize_in_query

if TYPE_CHECKING:
    from interactions_sdk.embedded.values.column_types import Column, Scalar

_SEQUENCE_TEXT = re.compile(r"[0-9]{1,18}")

TEXT: Final = "text"
DATETIME: Final = "datetime"
INTEGER: Final = "integer"
FLOAT: Final = "double"
BOOLEAN: Final = "boolean"
SEQUENCE: Final = "sequence"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute for filters and orders.

    Attributes:
        kind: One of the constants of this module.
        raw: The SQL of its stored value.
        compared: The SQL of its value for comparing and ordering.
        pattern: The SQL of its value for patterns: folded, with trailing spaces.
        array: Whether it holds a JSON list.
        searchable: Whether a fulltext index covers it.
    """

    key: str
    kind: str
    raw: str
    compared: str
    pattern: str
    array: bool = False
    searchable: bool = False

    def accepts(self, value: object) -> bool:
        """Return whether a value can be compared with it (transcript `list-equality`)."""
        match self.kind:
            case "text":
                return isinstance(value, str)
            case "datetime":
                return normalize_in_query(value) is not None
            case "integer":
                return is_integer(value)
            case "double":
                return is_number(value)
            case "boolean":
                return isinstance(value, bool)
            case _:
                return is_integer(value) or (
                    isinstance(value, str) and bool(_SEQUENCE_TEXT.fullmatch(value))
                )

    def to_sql(self, value: object) -> Scalar:
        """Return the value to bind for comparisons in SQL."""
        match self.kind:
            case "text" if not self.array:
                return sort_key(cast("str", value))
            case "datetime":
                return normalize(value)
            case "sequence":
                return int(cast("int | str", value))
            case _:
                return cast("Scalar", value)


def attribute(key: str, kind: str, sql: str) -> Attribute:
    """Create an attribute that is compared as stored."""
    return Attribute(key, kind, sql, sql, f"CAST({sql} AS TEXT)")


def collated_attribute(key: str, sql: str) -> Attribute:
    """Create an attribute whose text is folded for comparisons."""
    return Attribute(key, TEXT, sql, f"sort_key({sql})", f"folded({sql})")


# Ids are ASCII, where the collation is no more than capitals, which SQLite knows itself.
_ID = Attribute("$id", TEXT, "_id", "upper(_id)", "upper(_id)")
_CREATED = attribute("$createdAt", DATETIME, "_createdAt")
_UPDATED = attribute("$updatedAt", DATETIME, "_updatedAt")
_SEQUENCE = attribute("$sequence", SEQUENCE, "_sequence")

ROW_ATTRIBUTES = {attribute.key: attribute for attribute in (_ID, _SEQUENCE, _CREATED, _UPDATED)}

_KINDS = {"integer": INTEGER, "double": FLOAT, "boolean": BOOLEAN, "datetime": DATETIME}


def from_column(column: Column, *, searchable: bool) -> Attribute:
    """Create the attribute of a column."""
    name = column.name
    if column.array:
        kind = _KINDS.get(column.type, TEXT)
        return Attribute(column.key, kind, name, name, name, array=True)
    if not column.is_text:
        return attribute(column.key, _KINDS[column.type], name)
    compared = column.sort_column or f"sort_key({name})"
    return Attribute(column.key, TEXT, name, compared, f"folded({name})", searchable=searchable)
