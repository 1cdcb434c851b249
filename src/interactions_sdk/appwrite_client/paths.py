"""Which paths of the official package are sent: those whose ids are only ids.

The package puts ids into the path as they are. With it alone,
`delete_row(db, "customer_interactions", "../../audit_logs/rows/x")` deletes a row of another table.
"""

from __future__ import annotations

import json
import re
from inspect import currentframe
from typing import TYPE_CHECKING

from interactions_sdk.errors import BadRequestError
from interactions_sdk.wire.rows import CHOOSE_NO_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["check_bulk_write", "check_path", "template_of_caller", "writes_many"]

_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.~:@()+-]+")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_MANY = ("/rows", "/documents")
_SERVICES = "appwrite.services."


def template_of_caller(path: str) -> str | None:
    """Return the template that a service's method has filled in, such as `/users/{userId}`.

    It is a constant of the method, and the only trace of where an id begins and ends. To be called
    by what the method calls.

    Args:
        path: What became of the template; a method may have several.

    Returns:
        The template that the path agrees with, else any; None where no service calls.
    """
    here = currentframe()
    method = here and here.f_back and here.f_back.f_back
    if method is None or not method.f_globals["__name__"].startswith(_SERVICES):
        return None
    constants = method.f_code.co_consts
    templates = [each for each in constants if isinstance(each, str) and each.startswith("/")]
    fitting = [template for template in templates if _fits(path, template)]
    return next(iter(fitting or templates), None)


def _fits(path: str, template: str) -> bool:
    fixed = map(re.escape, _PLACEHOLDER.split(template))
    return re.fullmatch("[^/]+".join(fixed), path) is not None


def check_path(path: str, template: str | None) -> None:
    """Refuse a path in which an id is more than one segment, or none.

    Args:
        path: The path below the endpoint.
        template: The template it was made from, if known.

    Raises:
        BadRequestError: It is not what the template stands for.

    Example:
        >>> check_path("/users/ada", "/users/{userId}")
        >>> check_path("/users/ada/sessions", "/users/{userId}")
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: '/users/ada/sessions' is not sent: ...
    """
    segments = path.removeprefix("/").split("/")
    whole = all(_SEGMENT.fullmatch(segment) for segment in segments)
    if not (path.startswith("/") and whole and (template is None or _fits(path, template))):
        raise BadRequestError(
            f"{path!r} is not sent: an id in it has a character that would lead to another path. "
            "Ids are 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, and do not start "
            "with a special character."
        )


def check_bulk_write(method: str, path: str, queries: Sequence[str]) -> None:
    """Refuse to change or delete all rows of a table at once.

    Appwrite takes a bulk write without a filter as one of every row (transcripts `bulk-update`,
    `bulk-delete`).

    Args:
        method: The HTTP method, in capitals.
        path: The path below the endpoint.
        queries: The queries, each as the JSON text that Appwrite takes.

    Raises:
        BadRequestError: No query chooses rows.

    Example:
        >>> try:
        ...     check_bulk_write("DELETE", "/tablesdb/crm/tables/customers/rows", [])
        ... except BadRequestError as error:
        ...     print(error)
        A bulk write without a filter would reach every row of the table: give queries.
    """
    if method not in {"PATCH", "DELETE"} or not path.endswith(_MANY):
        return
    if CHOOSE_NO_ROWS.issuperset(json.loads(query)["method"] for query in queries):
        raise BadRequestError(
            "A bulk write without a filter would reach every row of the table: give queries."
        )


def writes_many(method: str, path: str, params: Mapping[str, object]) -> bool:
    """Tell whether a request writes many rows, which Appwrite takes from an API key only.

    Args:
        method: The HTTP method, in capitals.
        path: The path below the endpoint.
        params: What it is sent with.

    Example:
        >>> writes_many("POST", "/tablesdb/crm/tables/customers/rows", {"rows": []})
        True
        >>> writes_many("POST", "/tablesdb/crm/tables/customers/rows", {"rowId": "c1"})
        False
    """
    if not path.endswith(_MANY):
        return False
    return method in {"PUT", "PATCH", "DELETE"} or (
        method == "POST" and not params.keys().isdisjoint({"rows", "documents"})
    )
