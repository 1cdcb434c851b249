"""Appwrite's queries as values: filters, order, limit (https://appwrite.io/docs/products/databases/queries).

A query is a dictionary that Appwrite accepts as JSON. Times are written in Appwrite's format.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MAX_LIMIT",
    "Query",
    "Value",
    "and_",
    "ascending",
    "contains",
    "descending",
    "encode_queries",
    "equal",
    "greater_than",
    "greater_than_equal",
    "is_not_null",
    "is_null",
    "less_than",
    "less_than_equal",
    "limit",
    "not_equal",
    "offset",
    "or_",
    "select",
]

Value = str | int | float | bool | datetime
Query = dict[str, object]

MAX_LIMIT = 5000
"""Maximum number of rows in one request."""

_MAX_LENGTH = 4096
_MAX_QUERIES = 100

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def equal(column: str, *values: Value) -> Query:
    """Rows whose column is any of the values, ignoring case, accents and trailing spaces."""
    return _compare("equal", column, *values)


def not_equal(column: str, value: Value) -> Query:
    """Rows whose column has another value; rows where it is null are also left out."""
    return _compare("notEqual", column, value)


def less_than(column: str, value: Value) -> Query:
    """Rows whose column is less."""
    return _compare("lessThan", column, value)


def less_than_equal(column: str, value: Value) -> Query:
    """Rows whose column is less or equal."""
    return _compare("lessThanEqual", column, value)


def greater_than(column: str, value: Value) -> Query:
    """Rows whose column is greater."""
    return _compare("greaterThan", column, value)


def greater_than_equal(column: str, value: Value) -> Query:
    """Rows whose column is greater or equal."""
    return _compare("greaterThanEqual", column, value)


def contains(column: str, text: str) -> Query:
    """Rows whose column contains the text, ignoring case and accents.

    In this filter, and in those for beginnings and ends, Appwrite treats a backslash as an escape
    character, so it is doubled; `equal` uses it literally.
    """
    return _compare("contains", column, text.replace("\\", "\\\\"))


def is_null(column: str) -> Query:
    """Rows whose column is null."""
    return _compare("isNull", column)


def is_not_null(column: str) -> Query:
    """Rows whose column is not null."""
    return _compare("isNotNull", column)


def or_(*queries: Query) -> Query:
    """Rows that match at least one of the queries; Appwrite requires two or more."""
    return {"method": "or", "values": list(queries)}


def and_(*queries: Query) -> Query:
    """Rows that match all of the queries; Appwrite requires two or more."""
    return {"method": "and", "values": list(queries)}


def ascending(column: str) -> Query:
    """Order by the column, ascending, nulls first."""
    return {"method": "orderAsc", "attribute": column}


def descending(column: str) -> Query:
    """Order by the column, descending, nulls last."""
    return {"method": "orderDesc", "attribute": column}


def limit(rows: int) -> Query:
    """A maximum number of rows; without it, a server returns 25."""
    return {"method": "limit", "values": [rows]}


def offset(rows: int) -> Query:
    """Skip a number of rows, which the server still reads."""
    return {"method": "offset", "values": [rows]}


def select(*columns: str) -> Query:
    """Only these columns; the system columns are always included."""
    return {"method": "select", "values": list(columns)}


def encode_queries(queries: Sequence[Query]) -> list[str]:
    """Serialize the queries as the JSON texts of a request.

    Raises:
        BadRequestError: There are more than Appwrite accepts, one is too long (transcript
            `list-bad-queries`), or a value cannot be represented as JSON.
    """
    if len(queries) > _MAX_QUERIES:
        message = f"Appwrite takes at most {_MAX_QUERIES} filters in a request, not {len(queries)}."
        raise BadRequestError(message)
    texts = [_write(query) for query in queries]
    for text in texts:
        if len(text) > _MAX_LENGTH:
            message = (
                f"A filter may have at most {_MAX_LENGTH} characters, not {len(text)}. "
                "Split it into several requests."
            )
            raise BadRequestError(message)
    return texts


def _write(query: Query) -> str:
    try:
        text = _encode(query)
        text.encode()
    except (TypeError, ValueError) as error:
        raise BadRequestError(f"A filter's value cannot be sent as JSON: {error}.") from error
    return text


def _compare(method: str, column: str, *values: Value) -> Query:
    return {"method": method, "attribute": column, "values": [_plain(value) for value in values]}


def _plain(value: Value) -> str | int | float | bool:
    return format_datetime(value) if isinstance(value, datetime) else value
