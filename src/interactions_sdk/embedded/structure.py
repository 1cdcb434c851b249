"""Whether a row fits its table: Appwrite's checks, in its order and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import AppwriteError
from .datetimes import normalised
from .kinds import datetime_objection
from .operators import Operator

if TYPE_CHECKING:
    from .answers import JsonObject
    from .catalog import Table

_SYSTEM_KEYS = frozenset(
    {"$id", "$sequence", "$createdAt", "$updatedAt", "$permissions", "$databaseId", "$tableId"}
)
_DATED = ("$createdAt", "$updatedAt")


def normalise(table: Table, data: JsonObject) -> None:
    """Bring the datetimes of a row to their one form, in place."""
    for key, value in data.items():
        column = table.columns.get(key)
        if column is not None and column.kind == "datetime":
            data[key] = column.normalised(value)
        elif key in _DATED:
            data[key] = normalised(value) or value


def check(table: Table, data: JsonObject) -> None:
    """Hold a whole row to its table.

    Raises:
        AppwriteError: `row_invalid_structure` (transcripts `row-create`, `row-update`).
    """
    for key, column in table.columns.items():
        if column.required and data.get(key) is None:
            raise _invalid(f'Missing required attribute "{key}"')
    check_partial(table, data)


def check_partial(table: Table, data: JsonObject) -> None:
    """Hold a part of a row to its table (transcript `bulk-update`).

    Raises:
        AppwriteError: `row_invalid_structure`.
    """
    for key in data:
        if key not in table.columns and key not in _SYSTEM_KEYS:
            raise _invalid(f'Unknown attribute: "{key}"')
    for key, value in data.items():
        column = table.columns.get(key)
        if column is None:
            wrong = datetime_objection(value) if key in _DATED and value is not None else None
            if wrong:
                raise _invalid(f'Attribute "{key}" has invalid type. {wrong}')
        elif isinstance(value, Operator):
            wrong = value.objection(column)
            if wrong:
                raise _invalid(wrong)
        elif value is not None or column.required:
            wrong = column.objection(value)
            if wrong:
                raise _invalid(wrong)


def _invalid(what: str) -> AppwriteError:
    message = f"Invalid document structure: {what}"
    return AppwriteError("row_invalid_structure", message=message)
