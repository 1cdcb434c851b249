"""The exception hierarchy.

```text
InteractionsError
├── ConfigurationError           (also a ValueError)
├── StoreError                   the file of an embedded server cannot be used
├── FileAccessError              a file cannot be read or written (also an OSError)
├── SchemaError                  the database is not what this library needs
├── BulkError                    some rows of a bulk write failed; holds the result
├── APIConnectionError           no answer (also a ConnectionError)
│   ├── APITimeoutError          no answer in time (also a TimeoutError)
│   ├── CertificateError         the server's certificate is not trusted
│   └── ResponseTooLargeError    more bytes than `Settings.max_response_bytes`
└── APIError                     Appwrite answered with an error (also an AppwriteException)
    ├── BadRequestError          400 (also a ValueError)
    ├── PermissionDeniedError    401, 403
    ├── NotFoundError            404 (also a LookupError)
    │   ├── InteractionNotFoundError
    │   │   └── OwnershipError   a self-service user's: missing, or another customer's
    │   ├── CustomerNotFoundError
    │   └── UserNotFoundError
    ├── ConflictError            409: another client was first; holds the row as it is now
    │   └── DeletedError         the interaction with this ID or key was deleted
    ├── RateLimitError           429
    └── ServerError              5xx, and answers that are not Appwrite's
```

Every error can be pickled, and none contains the API key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from appwrite.exception import AppwriteException

from interactions_sdk.error_hints import (
    MISSING_SCHEMA_HINT,
    MISSING_SCHEMA_USER_HINT,
    USER_HINTS,
    hint_for,
)
from interactions_sdk.escaping.characters import without_controls
from interactions_sdk.sentences import end_sentence, join_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from interactions_sdk.models.bulk import BulkError  # noqa: TC004 - `_load_bulk_error` loads it
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "BadRequestError",
    "BulkError",
    "CertificateError",
    "ConfigurationError",
    "ConflictError",
    "CustomerNotFoundError",
    "DeletedError",
    "FileAccessError",
    "InteractionNotFoundError",
    "InteractionsError",
    "NotFoundError",
    "OwnershipError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseTooLargeError",
    "SchemaError",
    "ServerError",
    "StoreError",
    "UserNotFoundError",
    "add_user_hint",
    "error_from_response",
    "file_errors",
    "mark_possibly_applied",
    "outcome_unknown",
]


def _unpickle(kind: type[Exception], state: dict[str, Any], args: tuple[object, ...]) -> Exception:
    """Restore an error from a pickle without calling its constructor."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InteractionsError(Exception):
    """Base class of all errors that this library raises.

    Attributes:
        may_have_landed: Whether the server may have applied the request anyway, because an attempt
            got no clear response.
        interaction_id: The ID that a create used. If the interaction may have been written, another
            create with this `id=` finds it.
    """

    may_have_landed: bool = False
    interaction_id: str | None = None

    def __reduce__(
        self,
    ) -> tuple[
        Callable[[type[Exception], dict[str, Any], tuple[object, ...]], Exception],
        tuple[type[Exception], dict[str, Any], tuple[object, ...]],
    ]:
        return _unpickle, (type(self), self.__dict__, self.args)


class ConfigurationError(InteractionsError, ValueError):
    """An argument, a setting or an environment variable is missing or wrong."""


class StoreError(InteractionsError):
    """The file of an embedded server cannot be used; it was not changed."""


class SchemaError(InteractionsError):
    """The database, a table or a column is missing or differs from what this library needs.

    Attributes:
        problems: The differences, one sentence each.
    """

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class FileAccessError(InteractionsError, OSError):
    """A file or folder cannot be read or written.

    Attributes:
        path: The file or folder.
    """

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


@contextmanager
def file_errors(path: object) -> Generator[None]:
    """Convert errors of the operating system in the block to a `FileAccessError`.

    Example:
        >>> with file_errors("calls.csv"):
        ...     open("/nosuch/calls.csv")
        Traceback (most recent call last):
        ...
        interactions_sdk.FileAccessError: /nosuch/calls.csv: No such file or directory.
    """
    try:
        yield
    except InteractionsError:
        raise  # some are OSErrors as well
    except OSError as error:
        name = str(error.filename or path)
        message = end_sentence(f"{name}: {error.strerror or error}")
        raise FileAccessError(message, path=name) from error


class APIConnectionError(InteractionsError, ConnectionError):
    """The server could not be reached, or its response could not be read."""

    def __init__(self, message: str, *, may_have_landed: bool = True) -> None:
        super().__init__(message)
        self.may_have_landed = may_have_landed


class APITimeoutError(APIConnectionError, TimeoutError):
    """The server did not respond in time."""


class CertificateError(APIConnectionError):
    """The server's certificate is not trusted; nothing was sent, and the request is not retried."""


class ResponseTooLargeError(APIConnectionError):
    """The response is larger than `Settings.max_response_bytes`; the request is not retried."""


class APIError(InteractionsError, AppwriteException):
    """Appwrite returned an error.

    Attributes:
        message: Appwrite's message.
        status_code: The HTTP status.
        type: Appwrite's error type, such as `row_not_found`.
        hint: How to fix it, from this library.
        request_id: The server's ID of the request, if it sent one.
        retry_after: Seconds to wait before a retry, if the server sent it.
    """

    status_code: int = 0
    type: str = ""

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        type: str | None = None,
        hint: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
        may_have_landed: bool | None = None,
    ) -> None:
        self.status_code = self.status_code if status_code is None else status_code
        AppwriteException.__init__(
            self, message, self.status_code, self.type if type is None else type, None
        )
        self.hint = hint
        self.request_id = request_id
        self.retry_after = retry_after
        self.may_have_landed = (
            outcome_unknown(self.status_code) if may_have_landed is None else may_have_landed
        )

    def __str__(self) -> str:
        return join_sentences(self.message, self.hint) if self.hint else self.message


class BadRequestError(APIError, ValueError):
    """The request was invalid (400)."""

    status_code = 400
    type = "general_argument_invalid"


class PermissionDeniedError(APIError):
    """The key or the acting user is not allowed to do this (401, 403)."""

    status_code = 403
    type = "user_unauthorized"


class NotFoundError(APIError, LookupError):
    """The row does not exist, or the caller may not see it (404)."""

    status_code = 404
    type = "row_not_found"


class InteractionNotFoundError(NotFoundError):
    """The interaction does not exist."""


class CustomerNotFoundError(NotFoundError):
    """The customer does not exist, or the user has no customer record."""


class UserNotFoundError(NotFoundError):
    """The Appwrite user does not exist."""

    type = "user_not_found"


class OwnershipError(InteractionNotFoundError):
    """The row is not the acting user's: it does not exist, or belongs to another customer.

    Neither the class nor the message reveals which.
    """


class ConflictError(APIError):
    """The row was changed by someone else, or the ID or key is in use (409).

    Attributes:
        current: The interaction as it is now, or None if it was deleted or does not apply.
    """

    status_code = 409
    type = "row_update_conflict"

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        type: str | None = None,
        hint: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
        may_have_landed: bool | None = None,
        current: CustomerInteraction | None = None,
    ) -> None:
        super().__init__(
            message,
            status_code=status_code,
            type=type,
            hint=hint,
            request_id=request_id,
            retry_after=retry_after,
            may_have_landed=may_have_landed,
        )
        self.current = current


class DeletedError(ConflictError):
    """The ID or key of a draft belongs to an interaction that has been deleted (409).

    Repeating the create does not write the interaction again.
    """

    type = "row_already_exists"


class RateLimitError(APIError):
    """Too many requests (429), even after the retries."""

    status_code = 429
    type = "general_rate_limit_exceeded"


class ServerError(APIError):
    """The server failed (5xx), or the response did not come from Appwrite."""

    status_code = 500
    type = "general_unknown"


_FIRST_SERVER_ERROR = 500
_REQUEST_TIMEOUT = 408


def outcome_unknown(status: int) -> bool:
    """Return whether a server that answered with this status may have applied the request anyway.

    Example:
        >>> outcome_unknown(502), outcome_unknown(429)
        (True, False)
    """
    return status >= _FIRST_SERVER_ERROR or status == _REQUEST_TIMEOUT


_CLASS_BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: PermissionDeniedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}

_CLASS_BY_TYPE: dict[str, type[APIError]] = {
    "user_not_found": UserNotFoundError,
    # these two are also 404s, but no row is missing
    "project_not_found": APIError,
    "general_route_not_found": ServerError,
}

_MISSING_SCHEMA_TYPES = {
    "database_not_found",
    "table_not_found",
    "collection_not_found",
    "storage_bucket_not_found",
}

SESSION_ENDED = "Not signed in: the session has ended. Sign in again."
"""The hint if an authenticated user has become a guest, for whom all lists are empty."""


def add_user_hint(error: InteractionsError) -> InteractionsError:
    """Add a hint for a program that is authenticated as a user, without an API key.

    Example:
        >>> add_user_hint(error_from_response(401, "general_unauthorized_scope", "Missing.")).hint
        'No signed-in user may do this: use a client with an API key. Or the session has ended...'
    """
    if isinstance(error, APIError):
        error.hint = USER_HINTS.get(error.type, error.hint)
    elif isinstance(error, SchemaError):
        error.args = (f"{str(error).partition(MISSING_SCHEMA_HINT)[0]}{MISSING_SCHEMA_USER_HINT}",)
    return error


def error_from_response(
    status: int,
    kind: str,
    message: str,
    *,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> APIError | SchemaError:
    """Return the error for an error response from Appwrite.

    For the types, see https://appwrite.io/docs/advanced/platform/response-codes.

    Example:
        >>> error_from_response(404, "row_not_found", "Row with the requested ID 'x' ...")
        NotFoundError("Row with the requested ID 'x' ...")
    """
    message = without_controls(message, keep="\n\t")  # a terminal would show it in a traceback
    if kind in _MISSING_SCHEMA_TYPES:
        return SchemaError(join_sentences(message, MISSING_SCHEMA_HINT))
    by_status = _CLASS_BY_STATUS.get(status)
    if by_status is None:
        by_status = ServerError if outcome_unknown(status) else APIError
    return _CLASS_BY_TYPE.get(kind, by_status)(
        message,
        status_code=status,
        type=kind,
        hint=hint_for(kind, message),
        request_id=request_id,
        retry_after=retry_after,
    )


@contextmanager
def mark_possibly_applied(*, applied: bool = True) -> Generator[None]:
    """Mark errors in the block as following a write that may have been applied.

    The error of a request says whether that request may have been applied. The error of an
    operation with several requests must say whether any of them may have been.
    """
    try:
        yield
    except InteractionsError as error:
        error.may_have_landed = error.may_have_landed or applied
        raise


def _set_public_module() -> None:
    """Make tracebacks show the classes under the names that users import."""
    for value in list(globals().values()):
        if isinstance(value, type) and value.__module__ == __name__:
            value.__module__ = "interactions_sdk"


_set_public_module()


def _load_bulk_error(name: str) -> type[Exception]:
    """Return `BulkError`, which is defined next to the result that it contains."""
    if name != "BulkError":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from interactions_sdk.models.bulk import BulkError  # noqa: PLC0415 - it imports this module

    return BulkError


# With a function of this name, type checkers would assume that the module has any attribute.
globals()["__getattr__"] = _load_bulk_error
