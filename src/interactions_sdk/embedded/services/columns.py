"""Calls on columns (transcripts `columns`, `column-text-kinds`, `column-delete`)."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.services import indexes
from interactions_sdk.embedded.services.context import invalid, missing
from interactions_sdk.embedded.values.column_types import (
    BOUNDED_KINDS,
    LARGEST_FLOAT,
    LARGEST_INTEGER,
    SIZED_KINDS,
    SMALLEST_INTEGER,
    Column,
    is_integer,
    is_number,
    length_objection,
    range_objection,
)
from interactions_sdk.embedded.values.datetimes import DATE_RANGE, normalised, now
from interactions_sdk.embedded.values.identifiers import KEY_RULE, is_id
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    Answer,
    AppwriteError,
    JsonObject,
    answer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded.services.context import Call

_LARGEST_SIZE = {"string": 1_073_741_824, "varchar": 16_381}
_MOST_ELEMENTS = 100
_LONGEST_ELEMENT = 255

_BOUNDS: dict[str, tuple[Callable[[object], bool], float, float, str]] = {
    "integer": (is_integer, SMALLEST_INTEGER, LARGEST_INTEGER, "Value must be a valid integer"),
    "float": (is_number, -LARGEST_FLOAT, LARGEST_FLOAT, "Value must be a valid float"),
}


def create(kind: str, call: Call) -> Answer:
    """Make a column; it is available at once, and answered as if it were not yet."""
    column = add(call, kind, call.params)
    shown = column.answered("processing")
    if "encrypt" in shown:
        # Only this answer of the newer kinds says so.
        shown["encrypt"] = False
    return answer(shown, 202)


def add(call: Call, kind: str, sent: JsonObject) -> Column:
    """Make a column of what was sent.

    Raises:
        AppwriteError: Something is missing or does not fit together.
    """
    key = sent.get("key")
    if key is None:
        raise missing("key")
    if not is_id(key):
        raise invalid("key", KEY_RULE)
    options = _options(kind, sent)
    table = call.table()
    if options["required"] and options["default"] is not None:
        raise AppwriteError("column_default_unsupported")
    if options["array"] and options["default"] is not None:
        message = "Cannot set default value for array columns"
        raise AppwriteError("column_default_unsupported", message=message)
    moment = now()
    try:
        sequence = call.connection.execute(
            'INSERT INTO _columns ("table", key, kind, options, created, updated)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            (table.sequence, key, kind, json.dumps(options), moment, moment),
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise AppwriteError("column_already_exists", key) from error
    column = Column(cast("int", sequence), str(key), kind, options, moment, moment)
    for name in (column.name, column.shadow):
        if name:
            call.connection.execute(f"ALTER TABLE {table.rows} ADD COLUMN {name}")
    call.schema_changed()
    return column


def _options(kind: str, sent: JsonObject) -> JsonObject:
    if sent.get("required") is None:
        raise missing("required")
    options: JsonObject = {
        "required": bool(sent["required"]),
        "array": bool(sent.get("array", False)),
        "default": sent.get("default"),
    }
    if kind in SIZED_KINDS:
        options["size"] = _size(kind, sent)
    if kind == "string":
        options["encrypt"] = False
    if kind == "enum":
        options["elements"] = _elements(sent)
    if kind in BOUNDED_KINDS:
        options["min"], options["max"] = _range(kind, sent)
    if options["default"] is not None:
        options["default"] = _default(kind, options)
    return options


def _size(kind: str, sent: JsonObject) -> int:
    size = cast("object", sent.get("size"))
    largest = _LARGEST_SIZE[kind]
    if size is None:
        raise missing("size")
    if not isinstance(size, int) or not 1 <= size <= largest:
        raise invalid("size", f"Value must be a valid range between 1 and {largest:,}")
    return size


def _elements(sent: JsonObject) -> list[str]:
    elements = cast("object", sent.get("elements"))
    if elements is None:
        raise missing("elements")
    if (
        not isinstance(elements, list)
        or len(cast("list[object]", elements)) > _MOST_ELEMENTS
        or any(
            length_objection(element, _LONGEST_ELEMENT) or not element
            for element in cast("list[object]", elements)
        )
    ):
        rule = (
            f"Value must a valid array no longer than {_MOST_ELEMENTS} items and Value must be a "
            f"valid string and at least 1 chars and no longer than {_LONGEST_ELEMENT} chars"
        )
        raise invalid("elements", rule)
    return cast("list[str]", elements)


def _range(kind: str, sent: JsonObject) -> tuple[float, float]:
    takes, lowest, highest, rule = _BOUNDS[kind]
    bounds: dict[str, float] = {"min": lowest, "max": highest}
    for name in bounds:
        value = cast("object", sent.get(name))
        if value is None:
            continue
        if not takes(value):
            raise invalid(name, f"{rule} or null")
        bounds[name] = cast("float", value)
    if bounds["min"] > bounds["max"]:
        message = "Minimum value must be lesser than maximum value"
        raise AppwriteError("column_value_invalid", message=message)
    return bounds["min"], bounds["max"]


def _default(kind: str, options: JsonObject) -> object:
    """Check a default by the rule of its kind, and bring it to the form rows keep."""
    value: object = options["default"]
    wrong = None
    if kind == "datetime":
        moment = normalised(value) if value not in {"yesterday", "today", "tomorrow"} else None
        if not moment:
            raise invalid("default", f"{DATE_RANGE} or null")
        return moment
    if kind == "enum" and value not in cast("list[str]", options["elements"]):
        wrong = "Default value not found in elements"
    elif kind in SIZED_KINDS:
        wrong = length_objection(value, options["size"])
    elif kind in BOUNDED_KINDS:
        takes, _, _, rule = _BOUNDS[kind]
        if not takes(value):
            raise invalid("default", f"{rule} or null")
        wrong = range_objection(cast("float", value), options)
    else:
        trial = Column(0, "default", kind, options | {"array": False}, "", "")
        refused = trial.objection(value)
        if refused:
            raise invalid("default", f"{refused.partition('. ')[2]} or null")
    if wrong:
        raise AppwriteError("column_value_invalid", message=wrong)
    return value


def _found(call: Call) -> Column:
    column = call.table().columns.get(call.path["key"])
    if column is None:
        raise AppwriteError("column_not_found", call.path["key"])
    return column


def get(call: Call) -> Answer:
    """Show a column."""
    return answer(_found(call).answered("available"))


def list_columns(call: Call) -> Answer:
    """List the columns of a table."""
    shown = [column.answered("available") for column in call.table().columns.values()]
    return answer({"total": len(shown), "columns": shown})


def delete(call: Call) -> Answer:
    """Delete a column, its values, and its part in indexes."""
    column = _found(call)
    table = call.table()
    indexes.forget_column(call.connection, table, column.key)
    for name in (column.name, column.shadow):
        if name:
            call.connection.execute(f"ALTER TABLE {table.rows} DROP COLUMN {name}")
    call.connection.execute("DELETE FROM _columns WHERE sequence = ?", (column.sequence,))
    call.schema_changed()
    return NO_CONTENT
