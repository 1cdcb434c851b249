# Generated from src/interactions_sdk/_async/connection.py by scripts/unasync.py; do not edit.
"""The only place that sends: pooled, with timeouts, retries, typed errors and log lines."""

from __future__ import annotations

import logging
import random
import re
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, TypeVar

import httpx
from pydantic import ValidationError
from pydantic_core import from_json

from interactions_sdk import retry
from interactions_sdk.concurrency import sleep
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    InteractionsError,
    RateLimitError,
    ServerError,
    error_of_answer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk.wire import Call

__all__ = ["Connection"]

T = TypeVar("T")

logger = logging.getLogger("interactions_sdk")

_FIRST_ERROR = 300
_TOO_MANY = 429
_NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


class Connection:
    """A pool of connections to one Appwrite project.

    Args:
        endpoint: The address of the API, such as `https://cloud.appwrite.io/v1`.
        headers: The headers of every request; they hold the key, so they are never shown.
        policy: When to try again.
        timeout: Seconds for connecting and for reading.
        transport: Another way to the server, such as the embedded one's.

    Raises:
        ConfigurationError: The endpoint is no address, or a header cannot be sent.
    """

    def __init__(
        self,
        endpoint: str,
        headers: Mapping[str, str],
        *,
        policy: retry.RetryPolicy,
        timeout: httpx.Timeout,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._endpoint = _checked_endpoint(endpoint)
        _check_headers(headers)
        self._policy = policy
        self._http = httpx.Client(
            headers={**headers, "content-type": "application/json"},
            timeout=timeout,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._endpoint}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A connection does not pickle: it holds sockets and the API key.")

    def close(self) -> None:
        """Close the pool."""
        self._http.close()

    def send(self, call: Call[T], *, policy: retry.RetryPolicy | None = None) -> T:
        """Send a request, again where that may help, and read its answer.

        Args:
            call: The request.
            policy: When to try again, if not as the connection does.

        Returns:
            What `call.read` makes of the answer.

        Raises:
            APIConnectionError: No answer, after the retries. `may_have_landed` tells whether any
                attempt may have been carried out.
            APIError: Appwrite's error; `may_have_landed` as above, so a 404 of a repeated delete
                and a 409 of a repeated create can be told from somebody else's.
            SchemaError: The database or a table is missing.
            BadRequestError: The request is too long to be sent.
        """
        began = monotonic()
        may_have_landed = False
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(call, attempt)
            if not isinstance(outcome, InteractionsError):
                return outcome
            may_have_landed = outcome.may_have_landed = may_have_landed or outcome.may_have_landed
            pause = _pause_before_repeating(
                call, outcome, policy or self._policy, attempt, monotonic() - began
            )
            if pause is None:
                raise outcome
            sleep(pause)

    def _attempt(self, call: Call[T], attempt: int) -> T | InteractionsError:
        """Send once; errors are returned, so that no traceback leads to the request's headers."""
        began = monotonic()
        try:
            response = self._http.request(
                call.method,
                self._endpoint + call.path,
                content=call.body,
                headers=call.headers,
            )
        except httpx.InvalidURL:
            return BadRequestError("The filters are too long for one request: give fewer values.")
        except httpx.RequestError as failure:
            error = _error_of_failure(failure, self._endpoint)
            _log(call, attempt, monotonic() - began, failure=type(failure).__name__)
            return error
        _log(call, attempt, monotonic() - began, response=response)
        if response.status_code >= _FIRST_ERROR:
            return _error_of_response(response)
        try:
            return call.read(response.content)
        except ValidationError as mismatch:
            return _unreadable(response, mismatch)


def _checked_endpoint(endpoint: str) -> str:
    try:
        address = httpx.URL(endpoint)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host:
        raise ConfigurationError(
            f"{endpoint!r} is not the address of an API: check APPWRITE_ENDPOINT, which is like "
            "https://cloud.appwrite.io/v1."
        )
    return endpoint.rstrip("/")


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what HTTP cannot carry, before an error of httpx or h11 shows the key."""
    for name, value in headers.items():
        if _HEADER_VALUE.fullmatch(value) is None:
            raise ConfigurationError(
                f"The value for the header {name} is empty, or has a line end, a blank at its end "
                "or a character that HTTP does not carry. Check APPWRITE_API_KEY and "
                "APPWRITE_PROJECT_ID."
            )


def _pause_before_repeating(
    call: Call[T],
    error: InteractionsError,
    policy: retry.RetryPolicy,
    attempt: int,
    elapsed: float,
) -> float | None:
    if not retry.is_transient(error) or (error.may_have_landed and not call.repeatable):
        return None
    return retry.pause_before(
        policy,
        attempt,
        elapsed=elapsed,
        asked=error.retry_after if isinstance(error, APIError) else None,
        jitter=random.random(),  # noqa: S311 - it spreads retries, it guards nothing
    )


def _log(
    call: Call[T],
    attempt: int,
    seconds: float,
    *,
    response: httpx.Response | None = None,
    failure: str | None = None,
) -> None:
    level = logging.DEBUG if failure is None else logging.WARNING
    if not logger.isEnabledFor(level):
        return
    fields = {
        "method": call.method,
        "route": call.route,
        "status": response.status_code if response is not None else None,
        "failure": failure,
        "milliseconds": round(seconds * 1000, 1),
        "attempt": attempt,
        "request_id": _request_id(response) if response is not None else None,
    }
    outcome = fields["status"] or failure
    message = "%s %s: %s in %s ms, attempt %d"
    logger.log(
        level,
        message,
        call.method,
        call.route,
        outcome,
        fields["milliseconds"],
        attempt,
        extra={"interactions_sdk": fields},
    )


def _request_id(response: httpx.Response) -> str | None:
    for name in ("x-appwrite-request-id", "x-request-id"):
        if name in response.headers:
            return str(response.headers[name])
    return None


def _error_of_failure(failure: httpx.RequestError, endpoint: str) -> APIConnectionError:
    may_have_landed = not isinstance(failure, _NOTHING_SENT)
    if isinstance(failure, httpx.TimeoutException):
        message = f"{endpoint} did not answer in time ({type(failure).__name__})."
        return APITimeoutError(message, may_have_landed=may_have_landed)
    reason = str(failure) or type(failure).__name__
    message = (
        f"{endpoint} could not be reached: {reason}. Is the endpoint right, and the server up?"
    )
    return APIConnectionError(message, may_have_landed=may_have_landed)


def _error_of_response(response: httpx.Response) -> InteractionsError:
    asked = retry.asked_to_wait(response.headers, utc_now())
    request_id = _request_id(response)
    try:
        answer = from_json(response.content)
        kind, message = str(answer["type"]), str(answer["message"])
    except (ValueError, KeyError, TypeError):
        not_appwrite = RateLimitError if response.status_code == _TOO_MANY else ServerError
        return not_appwrite(
            f"The server answered {response.status_code} without an Appwrite error. Does the "
            "endpoint end in /v1, and is nothing else in between?",
            status_code=response.status_code,
            type="general_unknown",
            request_id=request_id,
            retry_after=asked,
        )
    return error_of_answer(
        response.status_code, kind, message, request_id=request_id, retry_after=asked
    )


def _unreadable(response: httpx.Response, mismatch: ValidationError) -> ServerError:
    faults = {str(fault["type"]) for fault in mismatch.errors(include_input=False)}
    message = (
        f"The server answered {response.status_code} with a body that is not Appwrite's "
        f"({', '.join(sorted(faults))}). Does the endpoint end in /v1?"
    )
    return ServerError(message, status_code=502, request_id=_request_id(response))
