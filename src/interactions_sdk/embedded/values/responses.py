"""Responses: bodies, and a table of errors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

JsonObject: TypeAlias = dict[str, Any]
Json: TypeAlias = Any
"""Any value that JSON can have."""

VERSION = "1.9.6"
"""The Appwrite whose recorded answers this server gives."""

encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_TRY_ANOTHER_ID = "Try again with a different ID or use ID.unique() to generate a unique ID."

# type -> (status, message); {0} is the id or key that the refusal is about.
ERRORS: dict[str, tuple[int, str]] = {
    "attribute_type_invalid": (400, "The attribute '{0}' type is invalid."),
    "collection_not_found": (404, "Collection with the requested ID '{0}' could not be found."),
    "column_already_exists": (
        409,
        (
            "Column with the requested key '{0}' already exists. "
            "Column keys must be unique, try again with a different key."
        ),
    ),
    "column_default_unsupported": (400, "Cannot set default value for required column"),
    "column_index_already_exists": (
        409,
        "Index with the requested key '{0}' already exists. Try again with a different key.",
    ),
    "column_index_invalid": (400, "Index invalid."),
    "column_index_not_found": (404, "Index with the requested key '{0}' could not be found."),
    "column_limit_exceeded": (
        400,
        "The maximum number or size of columns for table '{0}' has been reached.",
    ),
    "column_not_found": (404, "Column with the requested key '{0}' could not be found."),
    "column_unknown": (
        400,
        (
            "The column '{0}' required for the index could not be found. "
            "Please confirm all your columns are in the available state."
        ),
    ),
    "column_value_invalid": (400, "The column value is invalid."),
    "database_already_exists": (
        409,
        f"Database with the requested ID '{{0}}' already exists. {_TRY_ANOTHER_ID}",
    ),
    "database_not_found": (404, "Database with the requested ID '{0}' could not be found."),
    "database_query_order_null": (
        400,
        (
            "The order column '{0}' had a null value. "
            "Cursor pagination requires all rows order column values are non-null."
        ),
    ),
    "document_invalid_structure": (400, "The document structure is invalid."),
    "document_not_found": (404, "Document with the requested ID '{0}' could not be found."),
    "general_access_forbidden": (403, "Access to this API is forbidden."),
    "general_argument_invalid": (400, "The request contains one or more invalid arguments."),
    "general_bad_request": (400, "There was an error processing your request."),
    "general_cursor_not_found": (400, "The cursor is invalid."),
    "general_not_implemented": (501, "{0} is not part of the embedded Appwrite."),
    "general_query_invalid": (400, "The query's syntax is invalid."),
    "general_unauthorized_scope": (
        401,
        (
            "The current user or API key does not have the required scopes "
            "to access the requested resource."
        ),
    ),
    "general_unknown_origin": (
        403,
        (
            "Invalid Origin. Register your new client ({0}) as a new Web platform on your project "
            "console dashboard"
        ),
    ),
    "general_unknown": (500, "An unknown error has occurred."),
    "membership_not_found": (404, "Membership with the requested ID could not be found."),
    "project_id_missing": (
        403,
        (
            "When using project API key, make sure to pass x-appwrite-project header "
            "with your project ID."
        ),
    ),
    "project_not_found": (
        404,
        (
            "Project with the requested ID could not be found. Please check the value of the "
            "X-Appwrite-Project header to ensure the correct project ID is being used."
        ),
    ),
    "row_already_exists": (
        409,
        f"Row with the requested ID '{{0}}' already exists. {_TRY_ANOTHER_ID}",
    ),
    "row_invalid_structure": (400, "The row structure is invalid."),
    "row_missing_data": (400, "The row data is missing. Try again with row data populated."),
    "row_missing_payload": (
        400,
        (
            "The row data and permissions are missing. "
            "You must provide either row data or permissions to be updated."
        ),
    ),
    "row_not_found": (404, "Row with the requested ID '{0}' could not be found."),
    "row_unique_constraint_violation": (
        409,
        "Row violates a unique column constraint. Try again with different value(s).",
    ),
    "row_update_conflict": (409, "Remote row is newer than local."),
    "storage_bucket_already_exists": (
        409,
        f"A storage bucket with the requested ID already exists. {_TRY_ANOTHER_ID}",
    ),
    "storage_bucket_not_found": (404, "Storage bucket with the requested ID could not be found."),
    "storage_file_already_exists": (409, "A storage file with the requested ID already exists."),
    "storage_file_empty": (400, "Empty file passed to the endpoint."),
    "storage_file_not_found": (404, "The requested file could not be found."),
    "storage_file_type_unsupported": (400, "File extension not allowed"),
    "storage_invalid_file_size": (400, "File size not allowed"),
    "table_already_exists": (
        409,
        f"A table with the requested ID '{{0}}' already exists. {_TRY_ANOTHER_ID}",
    ),
    "table_not_found": (404, "Table with the requested ID '{0}' could not be found."),
    "team_already_exists": (
        409,
        "Team with requested ID already exists. Please choose a different ID and try again.",
    ),
    "team_not_found": (404, "Team with the requested ID could not be found."),
    "transaction_conflict": (
        409,
        "The transaction has a conflict. Please resolve the conflict and try again.",
    ),
    "transaction_expired": (
        410,
        "The transaction has expired. Please create a new transaction and try again.",
    ),
    "transaction_limit_exceeded": (
        400,
        "Transaction already has {0} operations, adding {1} would exceed the maximum of {2}",
    ),
    "transaction_not_found": (404, "Transaction with the requested ID '{0}' could not be found."),
    "transaction_not_ready": (400, "The transaction is not ready yet. Please try again later."),
    "user_already_exists": (
        409,
        "A user with the same id, email, or phone already exists in this project.",
    ),
    "user_blocked": (403, "The current user has been blocked."),
    "user_invalid_credentials": (401, "Invalid credentials. Please check the email and password."),
    "user_jwt_invalid": (401, "Failed to verify JWT. {0}"),
    "user_not_found": (404, "User with the requested ID could not be found."),
    "user_session_not_found": (404, "The current user session could not be found."),
    "user_unauthorized": (
        401,
        "The current user is not authorized to perform the requested action.",
    ),
}


class AppwriteError(Exception):
    """A refusal, as Appwrite words it.

    The type is a key of `ERRORS`, whose message is about the subjects: an ID, a key, a number.
    `message` takes its place.
    """

    def __init__(self, type_: str, *subjects: object, message: str | None = None) -> None:
        status, template = ERRORS[type_]
        self.type = type_
        self.subjects = subjects
        self.status = status
        self.message = template.format(*subjects) if message is None else message
        super().__init__(f"{status} {type_}: {self.message}")


@dataclass(frozen=True, slots=True)
class Response:
    """A response before it takes the form of a transport."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict[str, str])


# The official Python client reads the content type of every answer.
NO_CONTENT = Response(204, b"", "text/html; charset=UTF-8")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _reject_constant(name: str) -> float:
    raise ValueError(name)


_decode_json = json.JSONDecoder(parse_float=_finite, parse_constant=_reject_constant).decode


def parse_json(text: str | bytes) -> object:
    """Parse JSON as PHP does: finite numbers, and not nested without end.

    Raises:
        ValueError: The text is not JSON.
    """
    try:
        return cast("object", _decode_json(text if isinstance(text, str) else text.decode()))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def json_response(value: object, status: int = 200) -> Response:
    """Answer with a JSON body."""
    return Response(status, encode_json(value).encode(), "application/json")


def error_response(error: AppwriteError, version: str = VERSION) -> Response:
    """Return the answer to an error, in the shape every Appwrite error has."""
    body = {
        "message": error.message,
        "code": error.status,
        "type": error.type,
        "version": version,
    }
    return json_response(body, error.status)


def as_object(value: object) -> JsonObject:
    """Take a JSON object, or its text; everything else counts as an empty one."""
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except ValueError:
            return {}
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Take a JSON array; null counts as an empty one, and another value as one of one."""
    if value is None:
        return []
    return list(cast("Iterable[object]", value)) if isinstance(value, list) else [value]
