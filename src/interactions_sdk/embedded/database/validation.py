"""Validation of rows: Appwrite's checks, in its order and with its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.embedded.values import datetimes
from interactions_sdk.embedded.values.column_types import datetime_error
from interactions_sdk.embedded.values.operators import Operator
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    from interactions_sdk.embedded.database.catalog import Table
    from interactions_sdk.embedded.values.column_types import Column, ValidationError
    from interactions_sdk.embedded.values.responses import JsonObject

_SYSTEM_KEYS = frozenset(
    {"$id", "$sequence", "$createdAt", "$updatedAt", "$permissions", "$databaseId", "$tableId"}
)
_DATED = ("$createdAt", "$updatedAt")


def normalize_datetimes(table: Table, data: JsonObject) -> None:
    """Bring the datetimes of a row to their one form, in place."""
    for column in table.dated:
        if column.key in data:
            data[column.key] = column.normalize(data[column.key])
    for key in _DATED:
        if data.get(key) is not None:
            data[key] = datetimes.normalize(data[key]) or data[key]


def validate_row(table: Table, data: JsonObject) -> None:
    """Hold a whole row to its table.

    Raises:
        AppwriteError: `row_invalid_structure` (transcripts `row-create`, `row-update`).
    """
    for key in table.required:
        if data.get(key) is None:
            raise _invalid(f'Missing required attribute "{key}"')
    validate_partial(table, data)


def validate_partial(table: Table, data: JsonObject) -> None:
    """Hold a part of a row to its table (transcript `bulk-update`)."""
    columns = table.columns
    for key in data:
        if key not in columns and key not in _SYSTEM_KEYS:
            raise _invalid(f'Unknown attribute: "{key}"')
    for key, value in data.items():
        wrong = _error(columns[key], value) if key in columns else _date_error(key, value)
        if wrong is not None:
            raise _invalid(wrong)


def _error(column: Column, value: object) -> ValidationError:
    if isinstance(value, Operator):
        return value.error(column)
    if value is None and not column.required:
        return None
    if not column.array and column.check(column, value) is None:
        return None
    return column.error(value)


def _date_error(key: str, value: object) -> ValidationError:
    wrong = datetime_error(value) if key in _DATED and value is not None else None
    return wrong and f'Attribute "{key}" has invalid type. {wrong}'


def _invalid(problem: str) -> AppwriteError:
    message = f"Invalid document structure: {problem}"
    return AppwriteError("row_invalid_structure", message=message)
