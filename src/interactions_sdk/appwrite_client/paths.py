"""Validates the paths that the official package sends: an ID in them must be an ID only.

The package inserts IDs into the path without escaping. On its own,
`delete_row(db, "customer_interactions", "../../audit_logs/rows/x")` deletes a row of another table.
"""

from __future__ import annotations

import json
import re
from inspect import currentframe
from typing import TYPE_CHECKING

from interactions_sdk.errors import BadRequestError
from interactions_sdk.wire.rows import QUERIES_WITHOUT_FILTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["is_bulk_write", "path_template_of_caller", "require_bulk_filter", "validate_path"]

_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.~:@()+-]+")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_BULK_PATHS = ("/rows", "/documents")
_SERVICES = "appwrite.services."


def path_template_of_caller(path: str) -> str | None:
    """Return the path template that a service's method has filled in, such as `/users/{userId}`.

    The template is a constant of the method, and the only record of where an ID begins and ends.
    Call this from the function that the method calls. A method may have several templates: the one
    that matches the path is returned, or else any of them. If no service called, there is none.
    """
    here = currentframe()
    method = here and here.f_back and here.f_back.f_back
    if method is None or not method.f_globals["__name__"].startswith(_SERVICES):
        return None
    constants = method.f_code.co_consts
    templates = [each for each in constants if isinstance(each, str) and each.startswith("/")]
    fitting = [template for template in templates if _matches(path, template)]
    return next(iter(fitting or templates), None)


def _matches(path: str, template: str) -> bool:
    fixed = map(re.escape, _PLACEHOLDER.split(template))
    return re.fullmatch("[^/]+".join(fixed), path) is not None


def validate_path(path: str, template: str | None) -> None:
    """Reject a path in which an ID is not exactly one segment of its template, if that is known.

    Raises:
        BadRequestError: The path does not match the template.

    Example:
        >>> validate_path("/users/ada", "/users/{userId}")
        >>> validate_path("/users/ada/sessions", "/users/{userId}")
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: '/users/ada/sessions' is not sent: ...
    """
    segments = path.removeprefix("/").split("/")
    whole = all(_SEGMENT.fullmatch(segment) for segment in segments)
    if not (path.startswith("/") and whole and (template is None or _matches(path, template))):
        raise BadRequestError(
            f"{path!r} is not sent: an ID in it has a character that would lead to another path. "
            "IDs are 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, and do not start "
            "with a special character."
        )


def require_bulk_filter(method: str, path: str, queries: Sequence[str]) -> None:
    """Reject a request that would change or delete every row of a table.

    Appwrite applies a bulk write without a filter to every row (transcripts `bulk-update`,
    `bulk-delete`).

    Raises:
        BadRequestError: No query selects rows.

    Example:
        >>> try:
        ...     require_bulk_filter("DELETE", "/tablesdb/crm/tables/customers/rows", [])
        ... except BadRequestError as error:
        ...     print(error)
        A bulk write without a filter would affect every row of the table. Pass `queries`.
    """
    if method not in {"PATCH", "DELETE"} or not path.endswith(_BULK_PATHS):
        return
    if QUERIES_WITHOUT_FILTER.issuperset(json.loads(query)["method"] for query in queries):
        raise BadRequestError(
            "A bulk write without a filter would affect every row of the table. Pass `queries`."
        )


def is_bulk_write(method: str, path: str, params: Mapping[str, object]) -> bool:
    """Return whether a request writes many rows, which Appwrite allows with an API key only.

    Example:
        >>> is_bulk_write("POST", "/tablesdb/crm/tables/customers/rows", {"rows": []})
        True
        >>> is_bulk_write("POST", "/tablesdb/crm/tables/customers/rows", {"rowId": "c1"})
        False
    """
    if not path.endswith(_BULK_PATHS):
        return False
    return method in {"PUT", "PATCH", "DELETE"} or (
        method == "POST" and not params.keys().isdisjoint({"rows", "documents"})
    )
