"""Errors as problem details, the JSON format for HTTP errors (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    APIError,
    BadRequestError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HANDLED", "MEDIA_TYPE", "ProblemDetails", "problem_details"]

MEDIA_TYPE = "application/problem+json"
"""The content type of a response that holds problem details."""

HANDLED: tuple[type[Exception], ...] = (InteractionsError, ValidationError)
"""The exceptions to register a handler for: this library's own, and invalid drafts."""

_STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (ValidationError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadRequestError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (PermissionDeniedError, HTTPStatus.FORBIDDEN),
    (RateLimitError, HTTPStatus.SERVICE_UNAVAILABLE),
    (APIConnectionError, HTTPStatus.SERVICE_UNAVAILABLE),
    (APIError, HTTPStatus.BAD_GATEWAY),
)
"""The first class that matches decides; every other error is a 500."""

_OWN_WORDS = (BadRequestError, NotFoundError, ConflictError)
"""Errors about what the caller sent, whose messages may be shown to them."""

_GENERAL_WORDS = {
    HTTPStatus.UNPROCESSABLE_ENTITY: "Some fields are not valid.",
    HTTPStatus.FORBIDDEN: "You are not allowed to do this.",
    HTTPStatus.BAD_GATEWAY: "The database returned an error.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is not available at the moment. Try again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The service is not set up correctly.",
}


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """A problem, ready to be sent.

    Attributes:
        status: The HTTP status code.
        title: The status in words, such as `Not Found`.
        detail: One sentence for the caller. It never contains an address, a key or a setting.
        errors: For invalid drafts, what is wrong with each field, as Pydantic lists it, without
            the value.
        may_have_landed: Whether the request may have been applied although it failed. The caller
            should repeat it with the same idempotency key.
        retry_after: Seconds to wait before the next attempt, if the server said so.
    """

    status: int
    title: str
    detail: str
    errors: tuple[Mapping[str, object], ...] = ()
    may_have_landed: bool = False
    retry_after: float | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the response: its content type, and `Retry-After` if it is known."""
        headers = {"Content-Type": MEDIA_TYPE}
        if self.retry_after is not None:
            headers["Retry-After"] = str(max(0, round(self.retry_after)))
        return headers

    def to_dict(self) -> dict[str, object]:
        """Return the body of the response; members that do not apply are left out."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        if self.may_have_landed:
            body["mayHaveLanded"] = True
        return body


def problem_details(error: Exception) -> ProblemDetails:
    """Return what the caller of a web service should see of an error.

    Errors in the caller's input are explained with the error's own message. Errors of the service
    itself, such as a missing table or an unreachable server, get a generic sentence, because their
    messages contain addresses and settings; log the exception instead. The `OwnershipError` of
    another customer's interaction looks exactly like the error of an interaction that does not
    exist.

    Args:
        error: An error of this library, or pydantic's `ValidationError`. Any other exception
            becomes a 500.

    Returns:
        The problem: 422 for invalid input, 404, 409 and 403 as their names say, 503 if another
        attempt makes sense, 502 for other errors of the server, 500 for everything else.

    Example:
        >>> from interactions_sdk import NotFoundError
        >>> problem_details(NotFoundError("Interaction not found.")).to_dict()["status"]
        404

    Source: https://www.rfc-editor.org/rfc/rfc9457
    """
    status = next(
        (status for kind, status in _STATUSES if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    return ProblemDetails(
        status=status.value,
        title=status.phrase,
        detail=_detail(error, status),
        errors=_field_errors(error),
        may_have_landed=isinstance(error, InteractionsError) and error.may_have_landed,
        retry_after=error.retry_after if isinstance(error, APIError) else None,
    )


def _detail(error: Exception, status: HTTPStatus) -> str:
    if isinstance(error, NotFoundError):
        return error.message  # without the hint, which is for the operator of the service
    return str(error) if isinstance(error, _OWN_WORDS) else _GENERAL_WORDS[status]


def _field_errors(error: Exception) -> tuple[Mapping[str, object], ...]:
    if not isinstance(error, ValidationError):
        return ()
    return tuple(
        dict(each)
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    )
