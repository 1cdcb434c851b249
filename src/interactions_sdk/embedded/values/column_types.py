"""Column types: their values, their JSON, and their validation."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, cast

from interactions_sdk.embedded.values import datetimes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from interactions_sdk.embedded.values.responses import JsonObject

MAX_INDEXED_LENGTH = 768
"""Characters that an index can hold (transcript `schema-customer-interactions`)."""

MIN_INTEGER = -(2**63)
MAX_INTEGER = 2**63 - 1
MAX_FLOAT = 1.7976931348623157e308
_MAX_32_BIT = 2**31 - 1

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/]+\S*")

Scalar: TypeAlias = str | int | float | None
"""What SQLite keeps."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What the columns of one kind have in common.

    Attributes:
        shown_options: The options that Appwrite's answers show, in their order.
        format: None where its answers show no format.
        size: Characters (for the text kinds without a size of their own, bytes) it can hold;
            None where each column has a size.
    """

    type: str
    shown_options: tuple[str, ...]
    format: str | None = None
    size: int | None = None


_SIZED = ("size", "default", "encrypt")

COLUMN_TYPES: dict[str, ColumnType] = {
    "string": ColumnType("string", _SIZED),
    "varchar": ColumnType("varchar", _SIZED),
    "text": ColumnType("text", ("default", "encrypt"), size=65_535),
    "mediumtext": ColumnType("mediumtext", ("default", "encrypt"), size=16_777_215),
    "longtext": ColumnType("longtext", ("default", "encrypt"), size=4_294_967_295),
    "enum": ColumnType("string", ("elements", "format", "default"), "enum", 255),
    "email": ColumnType("string", ("format", "default"), "email", 254),
    "url": ColumnType("string", ("format", "default"), "url", 2000),
    "ip": ColumnType("string", ("format", "default"), "ip", 39),
    "integer": ColumnType("integer", ("min", "max", "default")),
    "float": ColumnType("double", ("min", "max", "default")),
    "datetime": ColumnType("datetime", ("format", "default"), ""),
    "boolean": ColumnType("boolean", ("default",)),
}
TEXT_TYPES = frozenset({"string", "varchar", "text", "mediumtext", "longtext"})
SIZED_KINDS = ("string", "varchar")
BOUNDED_KINDS = frozenset({"integer", "float"})

ValidationError: TypeAlias = str | None
"""Why a value is refused; None where it is taken."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        sequence: Numbers the columns of a file, and names them in SQL.
        kind: A key of `COLUMN_TYPES`.
        options: `required`, `array`, `default` and what the kind takes besides.
    """

    sequence: int
    key: str
    kind: str
    options: Mapping[str, object]
    created: str
    updated: str

    @cached_property
    def type(self) -> str:
        """Its type, as Appwrite answers it."""
        return COLUMN_TYPES[self.kind].type

    @cached_property
    def required(self) -> bool:
        """Whether every row must have a value."""
        return bool(self.options["required"])

    @cached_property
    def array(self) -> bool:
        """Whether it holds a list of values."""
        return bool(self.options["array"])

    @property
    def default(self) -> object:
        """What a row gets that says nothing."""
        return self.options["default"]

    @cached_property
    def size(self) -> int:
        """How many characters (of the text kinds: bytes) it holds; 0 if it holds no text."""
        size = COLUMN_TYPES[self.kind].size
        return cast("int", self.options.get("size", 0)) if size is None else size

    @cached_property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self.type in TEXT_TYPES

    @cached_property
    def name(self) -> str:
        """Its name in SQL; no name of a user's ever gets there."""
        return f'"c{self.sequence}"'

    @cached_property
    def sort_column(self) -> str | None:
        """The SQL column that keeps its text as the collation sees it, if there is one.

        Longer text is folded when it is compared: it cannot be indexed anyway.
        """
        short = self.is_text and not self.array and self.size <= MAX_INDEXED_LENGTH
        return f'"f{self.sequence}"' if short else None

    def to_json(self, status: str) -> JsonObject:
        """Show the column (transcripts `columns`, `column-text-kinds`)."""
        kind = COLUMN_TYPES[self.kind]
        shown: JsonObject = {
            "key": self.key,
            "type": kind.type,
            "status": status,
            "error": "",
            "required": self.required,
            "array": self.array,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
        }
        for option in kind.shown_options:
            shown[option] = kind.format if option == "format" else self.options.get(option)
        return shown

    @cached_property
    def check(self) -> Callable[[Column, object], ValidationError]:
        """The check of one value of its kind."""
        return _CHECKS[self.kind]

    def error(self, value: object) -> ValidationError:
        """Say why the column does not take a value; None if it does.

        The words complete `Attribute "key" ...` (transcripts `row-create`, `row-datetimes`).
        """
        if not self.array:
            return self._item_error(value, "")
        if value is None or (not value and not self.required):
            return None
        if not isinstance(value, list):
            return f'Attribute "{self.key}" must be an array'
        for position, each in enumerate(cast("list[object]", value)):
            if each is None and not self.required:
                continue
            if wrong := self._item_error(each, f"['{position}']"):
                return wrong
        return None

    def _item_error(self, value: object, place: str) -> ValidationError:
        wrong = self.check(self, value)
        if wrong is None:
            return None
        label = "format" if COLUMN_TYPES[self.kind].format or self.kind in BOUNDED_KINDS else "type"
        return f'Attribute "{self.key}{place}" has invalid {label}. {wrong}'

    def normalize(self, value: object) -> object:
        """Bring datetimes to their one form; a value that is none is left to be refused."""
        if self.kind != "datetime" or value is None:
            return value
        if isinstance(value, list):
            each_value = cast("list[object]", value)
            return [datetimes.normalize(each) or each for each in each_value]
        return datetimes.normalize(value) or value

    def to_sql(self, value: object) -> Scalar:
        """Give the form in which SQLite keeps a value that was taken."""
        if self.array and value is not None:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cast("Scalar", value)

    @cached_property
    def from_sql(self) -> Callable[[Scalar], object] | None:
        """Undo `stored`, where it changed anything."""
        if self.array:
            return _load_json
        return _bool_or_none if self.kind == "boolean" else None


def _load_json(value: Scalar) -> object:
    return None if value is None else json.loads(cast("str", value))


def _bool_or_none(value: Scalar) -> object:
    return None if value is None else bool(value)


def is_integer(value: object) -> bool:
    """Return whether a value is an integer of 64 bits, and not a bool."""
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and MIN_INTEGER <= value <= MAX_INTEGER
    )


def is_number(value: object) -> bool:
    """Return whether a value is a number, and not a bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def length_error(value: object, size: int) -> ValidationError:
    """Return an error if a value is not a string, or too long."""
    if isinstance(value, str) and len(value) <= size:
        return None
    return f"Value must be a valid string and no longer than {size} chars"


def _bytes_error(column: Column, value: object) -> ValidationError:
    if isinstance(value, str) and len(value.encode()) <= column.size:
        return None
    return f"Value must be a valid string no longer than {column.size} bytes"


def range_error(value: float, options: Mapping[str, object]) -> ValidationError:
    """Say that a number is out of a column's bounds."""
    lowest, highest = cast("tuple[float | None, float | None]", (options["min"], options["max"]))
    if lowest is None or highest is None:
        return None
    if lowest <= value <= highest:
        return None
    bounds = f"{_format_number(lowest)} and {_format_number(highest)}"
    return f"Value must be a valid range between {bounds}"


def _format_number(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.0f}"


def _integer_error(column: Column, value: object) -> ValidationError:
    highest = cast("int", column.options["max"] or MAX_INTEGER)
    bits = 64 if highest > _MAX_32_BIT else 32
    limit = 2 ** (bits - 1)
    if not is_integer(value) or not -limit <= cast("int", value) < limit:
        return (
            f"Value must be a valid signed {bits}-bit integer between {-limit:,} and {limit - 1:,}"
        )
    return range_error(cast("int", value), column.options)


def _float_error(column: Column, value: object) -> ValidationError:
    if not is_number(value):
        return "Value must be a valid float"
    return range_error(cast("float", value), column.options)


def _boolean_error(_column: Column, value: object) -> ValidationError:
    return None if isinstance(value, bool) else "Value must be a valid boolean"


def _datetime_error(_column: Column, value: object) -> ValidationError:
    return datetime_error(value)


def datetime_error(value: object) -> ValidationError:
    """Return an error if a normalized value is not a datetime."""
    if isinstance(value, str) and datetimes.normalize(value) == value:
        return None
    return datetimes.DATE_RANGE


def _text_error(column: Column, value: object) -> ValidationError:
    return length_error(value, column.size)


def _enum_error(column: Column, value: object) -> ValidationError:
    elements = cast("list[str]", column.options["elements"])
    if value in elements:
        return None
    names = ", ".join(elements)
    return length_error(value, column.size) or f"Value must be one of ({names})"


def _email_error(column: Column, value: object) -> ValidationError:
    wrong = length_error(value, column.size)
    if wrong or _EMAIL.fullmatch(cast("str", value)):
        return wrong
    return "Value must be a valid email address"


def is_email(value: object) -> bool:
    """Return whether a text looks like an email address."""
    return isinstance(value, str) and _EMAIL.fullmatch(value) is not None


def _url_error(column: Column, value: object) -> ValidationError:
    wrong = length_error(value, column.size)
    if wrong or _URL.fullmatch(cast("str", value)):
        return wrong
    return "Value must be a valid URL"


def _ip_error(column: Column, value: object) -> ValidationError:
    if wrong := length_error(value, column.size):
        return wrong
    import ipaddress  # noqa: PLC0415 - few tables hold addresses, and every server starts at once

    try:
        ipaddress.ip_address(cast("str", value))
    except ValueError:
        return "Value must be a valid IP address"
    return None


_CHECKS: dict[str, Callable[[Column, object], ValidationError]] = {
    "string": _text_error,
    "varchar": _text_error,
    "text": _bytes_error,
    "mediumtext": _bytes_error,
    "longtext": _bytes_error,
    "enum": _enum_error,
    "email": _email_error,
    "url": _url_error,
    "ip": _ip_error,
    "integer": _integer_error,
    "float": _float_error,
    "datetime": _datetime_error,
    "boolean": _boolean_error,
}
