"""The kinds of column: what each holds, how it is answered, what it refuses."""

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

LONGEST_INDEXED = 768
"""Characters that an index can hold (transcript `schema-customer-interactions`)."""

SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**63 - 1
LARGEST_FLOAT = 1.7976931348623157e308
_LARGEST_32_BIT = 2**31 - 1

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/]+\S*")

Scalar: TypeAlias = str | int | float | None
"""What SQLite keeps."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the columns of one kind have in common.

    Attributes:
        type: As Appwrite answers it.
        answered: The options that its answers show, in their order.
        format: None where its answers show no format.
        size: Characters (for the text kinds without a size of their own, bytes) it can hold;
            None where each column has a size.
    """

    type: str
    answered: tuple[str, ...]
    format: str | None = None
    size: int | None = None


_SIZED = ("size", "default", "encrypt")

KINDS: dict[str, Kind] = {
    "string": Kind("string", _SIZED),
    "varchar": Kind("varchar", _SIZED),
    "text": Kind("text", ("default", "encrypt"), size=65_535),
    "mediumtext": Kind("mediumtext", ("default", "encrypt"), size=16_777_215),
    "longtext": Kind("longtext", ("default", "encrypt"), size=4_294_967_295),
    "enum": Kind("string", ("elements", "format", "default"), "enum", 255),
    "email": Kind("string", ("format", "default"), "email", 254),
    "url": Kind("string", ("format", "default"), "url", 2000),
    "ip": Kind("string", ("format", "default"), "ip", 39),
    "integer": Kind("integer", ("min", "max", "default")),
    "float": Kind("double", ("min", "max", "default")),
    "datetime": Kind("datetime", ("format", "default"), ""),
    "boolean": Kind("boolean", ("default",)),
}
TEXT_TYPES = frozenset({"string", "varchar", "text", "mediumtext", "longtext"})
SIZED_KINDS = ("string", "varchar")
BOUNDED_KINDS = frozenset({"integer", "float"})

Objection: TypeAlias = str | None
"""Why a value is refused; None where it is taken."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        sequence: Numbers the columns of a file, and names them in SQL.
        key: As the user calls it.
        kind: A key of `KINDS`.
        options: `required`, `array`, `default` and what the kind takes besides.
        created: When the column was made.
        updated: When it was last changed.
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
        return KINDS[self.kind].type

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
        size = KINDS[self.kind].size
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
    def shadow(self) -> str | None:
        """The SQL column that keeps its text as the collation sees it, if there is one.

        Longer text is folded when it is compared: it cannot be indexed anyway.
        """
        short = self.is_text and not self.array and self.size <= LONGEST_INDEXED
        return f'"f{self.sequence}"' if short else None

    def answered(self, status: str) -> JsonObject:
        """Show the column (transcripts `columns`, `column-text-kinds`)."""
        kind = KINDS[self.kind]
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
        for option in kind.answered:
            shown[option] = kind.format if option == "format" else self.options.get(option)
        return shown

    @cached_property
    def check(self) -> Callable[[Column, object], Objection]:
        """The check of one value of its kind."""
        return _CHECKS[self.kind]

    def objection(self, value: object) -> Objection:
        """Say why the column does not take a value; None if it does.

        The words complete `Attribute "key" ...` (transcripts `row-create`, `row-datetimes`).
        """
        if not self.array:
            return self._objection_to_one(value, "")
        if value is None or (not value and not self.required):
            return None
        if not isinstance(value, list):
            return f'Attribute "{self.key}" must be an array'
        for position, each in enumerate(cast("list[object]", value)):
            if each is None and not self.required:
                continue
            wrong = self._objection_to_one(each, f"['{position}']")
            if wrong:
                return wrong
        return None

    def _objection_to_one(self, value: object, place: str) -> Objection:
        wrong = self.check(self, value)
        if wrong is None:
            return None
        label = "format" if KINDS[self.kind].format or self.kind in BOUNDED_KINDS else "type"
        return f'Attribute "{self.key}{place}" has invalid {label}. {wrong}'

    def normalised(self, value: object) -> object:
        """Bring datetimes to their one form; a value that is none is left to be refused."""
        if self.kind != "datetime" or value is None:
            return value
        if isinstance(value, list):
            each_value = cast("list[object]", value)
            return [datetimes.normalised(each) or each for each in each_value]
        return datetimes.normalised(value) or value

    def stored(self, value: object) -> Scalar:
        """Give the form in which SQLite keeps a value that was taken."""
        if self.array and value is not None:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cast("Scalar", value)

    @cached_property
    def restore(self) -> Callable[[Scalar], object] | None:
        """Undo `stored`, where it changed anything."""
        if self.array:
            return _loaded
        return _truth if self.kind == "boolean" else None


def _loaded(value: Scalar) -> object:
    return None if value is None else json.loads(cast("str", value))


def _truth(value: Scalar) -> object:
    return None if value is None else bool(value)


def is_integer(value: object) -> bool:
    """Tell a whole number of 64 bits from a truth value and from larger ones."""
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and SMALLEST_INTEGER <= value <= LARGEST_INTEGER
    )


def is_number(value: object) -> bool:
    """Tell numbers, whole or not, from truth values."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def length_objection(value: object, size: int) -> Objection:
    """Say that a value is no text, or too long a one."""
    if isinstance(value, str) and len(value) <= size:
        return None
    return f"Value must be a valid string and no longer than {size} chars"


def _bytes_objection(column: Column, value: object) -> Objection:
    if isinstance(value, str) and len(value.encode()) <= column.size:
        return None
    return f"Value must be a valid string no longer than {column.size} bytes"


def range_objection(value: float, options: Mapping[str, object]) -> Objection:
    """Say that a number is out of a column's bounds."""
    lowest, highest = cast("float", options["min"]), cast("float", options["max"])
    if lowest <= value <= highest:
        return None
    return f"Value must be a valid range between {_shown(lowest)} and {_shown(highest)}"


def _shown(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.0f}"


def _integer_objection(column: Column, value: object) -> Objection:
    highest = cast("int", column.options["max"])
    bits = 64 if highest > _LARGEST_32_BIT else 32
    limit = 2 ** (bits - 1)
    if not is_integer(value) or not -limit <= cast("int", value) < limit:
        return (
            f"Value must be a valid signed {bits}-bit integer between {-limit:,} and {limit - 1:,}"
        )
    return range_objection(cast("int", value), column.options)


def _float_objection(column: Column, value: object) -> Objection:
    if not is_number(value):
        return "Value must be a valid float"
    return range_objection(cast("float", value), column.options)


def _boolean_objection(_column: Column, value: object) -> Objection:
    return None if isinstance(value, bool) else "Value must be a valid boolean"


def _datetime_objection(_column: Column, value: object) -> Objection:
    return datetime_objection(value)


def datetime_objection(value: object) -> Objection:
    """Say that a value, brought to its one form if that was possible, is no datetime."""
    if isinstance(value, str) and datetimes.normalised(value) == value:
        return None
    return datetimes.DATE_RANGE


def _text_objection(column: Column, value: object) -> Objection:
    return length_objection(value, column.size)


def _enum_objection(column: Column, value: object) -> Objection:
    elements = cast("list[str]", column.options["elements"])
    if value in elements:
        return None
    names = ", ".join(elements)
    return length_objection(value, column.size) or f"Value must be one of ({names})"


def _email_objection(column: Column, value: object) -> Objection:
    wrong = length_objection(value, column.size)
    if wrong or _EMAIL.fullmatch(cast("str", value)):
        return wrong
    return "Value must be a valid email address"


def is_email(value: object) -> bool:
    """Tell an email address by its look."""
    return isinstance(value, str) and _EMAIL.fullmatch(value) is not None


def _url_objection(column: Column, value: object) -> Objection:
    wrong = length_objection(value, column.size)
    if wrong or _URL.fullmatch(cast("str", value)):
        return wrong
    return "Value must be a valid URL"


def _ip_objection(column: Column, value: object) -> Objection:
    wrong = length_objection(value, column.size)
    if wrong:
        return wrong
    import ipaddress  # noqa: PLC0415 - few tables hold addresses, and every server starts at once

    try:
        ipaddress.ip_address(cast("str", value))
    except ValueError:
        return "Value must be a valid IP address"
    return None


_CHECKS: dict[str, Callable[[Column, object], Objection]] = {
    "string": _text_objection,
    "varchar": _text_objection,
    "text": _bytes_objection,
    "mediumtext": _bytes_objection,
    "longtext": _bytes_objection,
    "enum": _enum_objection,
    "email": _email_objection,
    "url": _url_objection,
    "ip": _ip_objection,
    "integer": _integer_objection,
    "float": _float_objection,
    "datetime": _datetime_objection,
    "boolean": _boolean_objection,
}
