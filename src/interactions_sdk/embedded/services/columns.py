"""Calls on columns (transcripts `columns`, `column-text-kinds`, `column-delete`)."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, cast

from interactions_sdk.embedded.services import indexes
from interactions_sdk.embedded.services.context import invalid_param, missing_param, required_key
from interactions_sdk.embedded.values.column_types import (
    BOUNDED_KINDS,
    MAX_FLOAT,
    MAX_INTEGER,
    MIN_INTEGER,
    SIZED_KINDS,
    Column,
    is_integer,
    is_number,
    length_error,
    range_error,
)
from interactions_sdk.embedded.values.datetimes import DATE_RANGE, normalize, now
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    json_response,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded.services.context import RequestContext

_MAX_COLUMN_SIZE = {"string": 1_073_741_824, "varchar": 16_381}
_MAX_ELEMENTS = 100
_MAX_ELEMENT_LENGTH = 255

_BOUNDS: dict[str, tuple[Callable[[object], bool], float, float, str]] = {
    "integer": (is_integer, MIN_INTEGER, MAX_INTEGER, "Value must be a valid integer"),
    "float": (is_number, -MAX_FLOAT, MAX_FLOAT, "Value must be a valid float"),
}


def create(kind: str, context: RequestContext) -> Response:
    """Make a column; it is available at once, and answered as if it were not yet."""
    column = add(context, kind, context.params)
    shown = column.to_json("processing")
    if "encrypt" in shown:
        # Only this answer of the newer kinds says so.
        shown["encrypt"] = False
    return json_response(shown, 202)


def add(context: RequestContext, kind: str, sent: JsonObject, *, inline: bool = False) -> Column:
    """Make a column of what was sent.

    Raises:
        AppwriteError: Something is missing or does not fit together.
    """
    key = required_key("key", sent.get("key"))
    options = _options(kind, sent)
    if inline and not context.version.inline_bounds:
        _adjust_inline(options, sent)
    table = context.table()
    if options["required"] and options["default"] is not None:
        raise AppwriteError("column_default_unsupported")
    if options["array"] and options["default"] is not None:
        message = "Cannot set default value for array columns"
        raise AppwriteError("column_default_unsupported", message=message)
    timestamp = now()
    try:
        sequence = context.connection.execute(
            'INSERT INTO _columns ("table", key, kind, options, created, updated)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            (table.sequence, key, kind, json.dumps(options), timestamp, timestamp),
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise AppwriteError("column_already_exists", key) from error
    column = Column(cast("int", sequence), key, kind, options, timestamp, timestamp)
    for name in (column.name, column.sort_column):
        if name:
            context.connection.execute(f"ALTER TABLE {table.rows} ADD COLUMN {name}")
    context.bump_schema_version()
    return column


def _options(kind: str, sent: JsonObject) -> JsonObject:
    if sent.get("required") is None:
        raise missing_param("required")
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


def _adjust_inline(options: JsonObject, sent: JsonObject) -> None:
    """Leave out the bounds that are only those of the type (transcript `schema-inline`)."""
    for name in ("min", "max"):
        if name in options and sent.get(name) is None:
            options[name] = None
    if "size" in options:
        options["encrypt"] = False


def _size(kind: str, sent: JsonObject) -> int:
    size = cast("object", sent.get("size"))
    largest = _MAX_COLUMN_SIZE[kind]
    if size is None:
        raise missing_param("size")
    if not isinstance(size, int) or not 1 <= size <= largest:
        raise invalid_param("size", f"Value must be a valid range between 1 and {largest:,}")
    return size


def _elements(sent: JsonObject) -> list[str]:
    elements = cast("object", sent.get("elements"))
    if elements is None:
        raise missing_param("elements")
    if (
        not isinstance(elements, list)
        or len(cast("list[object]", elements)) > _MAX_ELEMENTS
        or any(
            length_error(element, _MAX_ELEMENT_LENGTH) or not element
            for element in cast("list[object]", elements)
        )
    ):
        rule = (
            f"Value must a valid array no longer than {_MAX_ELEMENTS} items and Value must be a "
            f"valid string and at least 1 chars and no longer than {_MAX_ELEMENT_LENGTH} chars"
        )
        raise invalid_param("elements", rule)
    return cast("list[str]", elements)


def _range(kind: str, sent: JsonObject) -> tuple[float, float]:
    takes, lowest, highest, rule = _BOUNDS[kind]
    bounds: dict[str, float] = {"min": lowest, "max": highest}
    for name in bounds:
        value = cast("object", sent.get(name))
        if value is None:
            continue
        if not takes(value):
            raise invalid_param(name, f"{rule} or null")
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
        timestamp = normalize(value) if value not in {"yesterday", "today", "tomorrow"} else None
        if not timestamp:
            raise invalid_param("default", f"{DATE_RANGE} or null")
        return timestamp
    if kind == "enum" and value not in cast("list[str]", options["elements"]):
        wrong = "Default value not found in elements"
    elif kind in SIZED_KINDS:
        wrong = length_error(value, options["size"])
    elif kind in BOUNDED_KINDS:
        takes, _, _, rule = _BOUNDS[kind]
        if not takes(value):
            raise invalid_param("default", f"{rule} or null")
        wrong = range_error(cast("float", value), options)
    else:
        trial = Column(0, "default", kind, options | {"array": False}, "", "")
        if refused := trial.error(value):
            raise invalid_param("default", f"{refused.partition('. ')[2]} or null")
    if wrong:
        raise AppwriteError("column_value_invalid", message=wrong)
    return value


def _column(context: RequestContext) -> Column:
    column = context.table().columns.get(context.path["key"])
    if column is None:
        raise AppwriteError("column_not_found", context.path["key"])
    return column


def get(context: RequestContext) -> Response:
    """Show a column."""
    return json_response(_column(context).to_json("available"))


def list_columns(context: RequestContext) -> Response:
    """List the columns of a table."""
    shown = [column.to_json("available") for column in context.table().columns.values()]
    return json_response({"total": len(shown), "columns": shown})


def delete(context: RequestContext) -> Response:
    """Delete a column, its values, and its part in indexes."""
    column = _column(context)
    table = context.table()
    indexes.forget_column(context.connection, table, column.key)
    for name in (column.name, column.sort_column):
        if name:
            context.connection.execute(f"ALTER TABLE {table.rows} DROP COLUMN {name}")
    context.connection.execute("DELETE FROM _columns WHERE sequence = ?", (column.sequence,))
    context.bump_schema_version()
    return NO_CONTENT
