"""What a response or a failed attempt means: a value, a typed error, a delay, a log line.

Plain functions, shared by both clients; nothing here sends a request.
"""

from __future__ import annotations

import logging
import random
import re
from typing import TYPE_CHECKING, TypeVar

import httpx
from pydantic import ValidationError
from pydantic_core import from_json

from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    CertificateError,
    ConfigurationError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseTooLargeError,
    SchemaError,
    ServerError,
    error_from_response,
)
from interactions_sdk.sentences import end_sentence, join_sentences
from interactions_sdk.transport import retry
from interactions_sdk.transport.credentials import redact_password, validate_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk.transport.hooks import ResponseEvent
    from interactions_sdk.wire import Call
    from interactions_sdk.wire.call import RawResponse

__all__ = [
    "CallTimeout",
    "ResponseTooLarge",
    "delay_before_retry",
    "error_from_exception",
    "is_expired_jwt",
    "log_attempt",
    "log_wait",
    "parse",
    "parse_endpoint",
    "parse_raw",
    "request_id_of",
    "validate_headers",
]

T = TypeVar("T")

logger = logging.getLogger("interactions_sdk")

_FIRST_REDIRECT = 300
_FIRST_ERROR = 400
_TOO_MANY_REQUESTS = 429
_MAX_SHOWN = 120
_ERROR_TYPE = re.compile(r"[a-z0-9_]+")
_NOT_SENT_ERRORS = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def parse(call: Call[T], response: httpx.Response) -> T | InteractionsError:
    """Parse a response, or return it as an error."""
    if response.status_code >= _FIRST_REDIRECT:
        return _error_from_response(response)
    if call.expected_header is not None and call.expected_header not in response.headers:
        return _foreign_response(response)
    try:
        return call.read(response.content)
    except ValidationError as mismatch:
        return _invalid_response(response, mismatch)


def is_expired_jwt(error: InteractionsError) -> bool:
    """Return whether a fresh JWT may help, in which case nothing was written."""
    return isinstance(error, PermissionDeniedError) and error.type == "user_jwt_invalid"


def parse_raw(call: Call[bytes], response: httpx.Response) -> RawResponse | InteractionsError:
    """Return a response unparsed, or as an error."""
    from interactions_sdk.wire.call import RawResponse  # noqa: PLC0415 - it would build models

    if response.status_code < _FIRST_ERROR:
        return RawResponse(response.status_code, response.headers, call.read(response.content))
    error = _error_from_response(response)
    if isinstance(error, SchemaError):
        answer = from_json(response.content)
        error = NotFoundError(str(answer["message"]), type=str(answer["type"]))
    error.response = response.text
    return error


def parse_endpoint(endpoint: httpx.URL | str) -> httpx.URL:
    """Return the URL of an endpoint, whose `repr` does not show a password.

    Raises:
        ConfigurationError: It is not the URL of an API.
    """
    try:
        address = httpx.URL(endpoint)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host:
        raise ConfigurationError(
            f"{redact_password(str(endpoint))!r} is not a valid endpoint. Check "
            "APPWRITE_ENDPOINT, such as https://cloud.appwrite.io/v1."
        )
    return address


def validate_headers(headers: Mapping[str, str]) -> None:
    """Reject headers that cannot be sent, before an error of httpx or h11 shows them.

    Raises:
        ConfigurationError: A header cannot be sent.
    """
    for name, value in headers.items():
        validate_header(value, f"the value for the header {name}")


def delay_before_retry(
    call: Call[T],
    error: InteractionsError,
    policy: retry.RetryPolicy,
    attempt: int,
    elapsed: float,
    *,
    is_counted: bool,
) -> float | None:
    """Return the seconds to wait before a retry; None to give up."""
    if not retry.is_transient(error) or (error.may_have_landed and not call.idempotent):
        return None
    return retry.retry_delay(
        policy,
        attempt,
        elapsed=elapsed,
        retry_after=error.retry_after if isinstance(error, APIError) else None,
        jitter=random.random(),  # noqa: S311 - it spreads retries, it guards nothing
        is_counted=is_counted,
    )


def log_wait(endpoint: str, error: InteractionsError, pause: float, left: float) -> None:
    """Log that the client waits for a server that is down."""
    reason = str(error.status_code) if isinstance(error, APIError) else type(error).__name__
    logger.warning(
        "%s is not available (%s): next attempt in %.1f s, for up to %.0f s more",
        endpoint,
        reason,
        pause,
        left,
        extra={"interactions_sdk": {"failure": reason, "pause": pause, "left": left}},
    )


def log_attempt(level: int, event: ResponseEvent) -> None:
    """Log how an attempt ended."""
    milliseconds = round(event.seconds * 1000, 1)
    logger.log(
        level,
        "%s %s: %s in %s ms, attempt %d",
        event.method,
        event.route,
        event.status or event.failure,
        milliseconds,
        event.attempt,
        extra={
            "interactions_sdk": {
                "method": event.method,
                "route": event.route,
                "status": event.status,
                "failure": event.failure,
                "milliseconds": milliseconds,
                "attempt": event.attempt,
                "request_id": event.request_id,
            }
        },
    )


def request_id_of(response: httpx.Response) -> str | None:
    """Return the ID under which the server logged a request, if it sent one."""
    for name in ("x-appwrite-request-id", "x-request-id"):
        if name in response.headers:
            return str(response.headers[name])
    return None


class CallTimeout(httpx.ReadTimeout):
    """The response was not complete in time, although parts of it may have arrived.

    Attributes:
        seconds: The time limit.
    """

    seconds: float = 0


class ResponseTooLarge(httpx.ReadError):
    """The response has more bytes than allowed."""


def _untrusted_certificate(failure: BaseException) -> str | None:
    """Return why a certificate is not trusted, if this caused a failure."""
    error: BaseException | None = failure
    while error is not None:
        if type(error).__name__ == "SSLCertVerificationError":
            return str(getattr(error, "verify_message", "")) or str(error)
        error = error.__cause__ or error.__context__
    return None


def error_from_exception(failure: httpx.RequestError, endpoint: str) -> APIConnectionError:
    """Return the error for an attempt without a response."""
    may_have_landed = not isinstance(failure, _NOT_SENT_ERRORS)
    if isinstance(failure, ResponseTooLarge):
        return ResponseTooLargeError(
            end_sentence(f"The response of {endpoint} is too large: {failure}")
        )
    if reason := _untrusted_certificate(failure):
        return CertificateError(
            join_sentences(
                f"The certificate of {endpoint} is not trusted: {reason}",
                "For a private authority, set SSL_CERT_FILE or SSL_CERT_DIR to its certificates, "
                "or pass verify= to the client.",
            ),
            may_have_landed=False,
        )
    if isinstance(failure, CallTimeout):
        return APITimeoutError(
            f"{endpoint} did not answer completely within {failure.seconds:g} s (timeout=).",
            may_have_landed=True,
        )
    if isinstance(failure, httpx.TimeoutException):
        message = f"{endpoint} did not answer in time ({type(failure).__name__})."
        return APITimeoutError(message, may_have_landed=may_have_landed)
    reason = str(failure) or type(failure).__name__
    message = join_sentences(
        f"Cannot reach {endpoint}: {reason}",
        "Check the endpoint and that the server is running.",
    )
    return APIConnectionError(message, may_have_landed=may_have_landed)


def _error_from_response(response: httpx.Response) -> APIError | SchemaError:
    retry_after = retry.parse_retry_after(response.headers, utc_now())
    request_id = request_id_of(response)
    error = _appwrite_error(response.content)
    if error is None:
        not_appwrite = RateLimitError if response.status_code == _TOO_MANY_REQUESTS else ServerError
        return not_appwrite(
            f"{_not_appwrite(response)} Check that the endpoint ends in /v1 and that no proxy is "
            "in between.",
            status_code=response.status_code,
            type="general_unknown",
            request_id=request_id,
            retry_after=retry_after,
        )
    return error_from_response(
        response.status_code,
        *error,
        request_id=request_id,
        retry_after=retry_after,
    )


def _appwrite_error(content: bytes) -> tuple[str, str] | None:
    """Return the type and message of Appwrite's error; None if the body is not Appwrite's."""
    try:
        answer = from_json(content)
    except ValueError:
        return None
    match answer:
        case {"type": str(kind), "message": str(message), "code": int()}:
            return (kind, message) if _ERROR_TYPE.fullmatch(kind) else None
        case _:
            return None


def _not_appwrite(response: httpx.Response) -> str:
    """Describe a response that does not come from Appwrite, with its first line."""
    lines = (line.strip() for line in response.text.splitlines())
    first = next(filter(None, lines), "an empty answer")
    shown = "".join(char if char.isprintable() else "\ufffd" for char in first[:_MAX_SHOWN])
    return end_sentence(f"The server answered {response.status_code}, not Appwrite: {shown}")


def _foreign_response(response: httpx.Response) -> ServerError:
    message = f"{_not_appwrite(response)} Check that the endpoint ends in /v1."
    return ServerError(message, status_code=502, request_id=request_id_of(response))


def _invalid_response(response: httpx.Response, mismatch: ValidationError) -> ServerError:
    if response.content.lstrip()[:1] not in {b"{", b"["}:
        return _foreign_response(response)
    faults = {str(fault["type"]) for fault in mismatch.errors(include_input=False)}
    message = (  # without the body, which may contain a customer's text
        f"The server answered {response.status_code} with a body that is not Appwrite's "
        f"({', '.join(sorted(faults))}). Check that the endpoint ends in /v1."
    )
    return ServerError(message, status_code=502, request_id=request_id_of(response))
