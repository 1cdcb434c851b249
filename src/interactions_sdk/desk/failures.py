"""Pages for errors."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from interactions_sdk.desk.rendering import page, simple_page
from interactions_sdk.errors import (
    APIConnectionError,
    BadRequestError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from interactions_sdk.desk.visit import Visit

__all__ = ["HANDLERS"]

logger = logging.getLogger("interactions_sdk")

_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (NotFoundError, 404, "Not found"),
    (ConflictError, 409, "Someone else was faster"),
    (BadRequestError, 400, "That is not possible"),
    (PermissionDeniedError, 403, "Not allowed"),
    (RateLimitError, 503, "Too many requests"),
    (APIConnectionError, 503, "The server does not respond"),
)
"""The first matching class is used."""
_TOLD = (NotFoundError, ConflictError, BadRequestError)
"""Errors whose messages may be shown; others may contain servers and settings."""
_TITLES = {401: "Not signed in", 403: "Not allowed", 404: "Not found", 413: "Too large"}
_SERVER_ERROR = 500
_TRY_AGAIN = "No data appears to be lost. Try again, or tell whoever runs this desk."


async def _on_library_error(request: Request, error: Exception) -> Response:
    status, title = next(
        ((status, title) for kind, status, title in _STATUS if isinstance(error, kind)),
        (_SERVER_ERROR, "Something went wrong"),
    )
    visit: Visit | None = getattr(request.state, "visit", None)
    is_told = isinstance(error, _TOLD) or (visit is not None and visit.person.is_admin)
    if status >= _SERVER_ERROR:
        logger.error(
            "the desk could not answer %s: %s",
            request.url.path,
            type(error).__name__,
            extra={"interactions_sdk": {"failure": type(error).__name__}},
        )
    return _failure(request, status, title, str(error) if is_told else _TRY_AGAIN)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for this class
    title = _TITLES.get(error.status_code, "That is not possible")
    response = _failure(request, error.status_code, title, error.detail)
    response.headers.update(error.headers or {})
    return response


def _failure(request: Request, status: int, title: str, message: str) -> Response:
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is None:
        return simple_page(request, "failure", status=status, title=title, message=message)
    return page(visit, "failure", status=status, title=title, message=message)


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    InteractionsError: _on_library_error,
    HTTPException: _on_http_error,
}
