"""The only place that sends: pooled, with timeouts, retries, typed errors and log lines."""

from __future__ import annotations

import logging
import random
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, TypeVar

import httpx
from pydantic import ValidationError
from pydantic_core import from_json

from interactions_sdk._async.connection.jwt_refresh import AsyncFreshJwts
from interactions_sdk._async.connection.pool import AsyncPool, basic_auth
from interactions_sdk.concurrency import asheltered, asleep
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    SchemaError,
    ServerError,
    add_user_hint,
    error_from_response,
    mark_possibly_applied,
)
from interactions_sdk.transport import retry
from interactions_sdk.transport.api_key_only import needs_key
from interactions_sdk.transport.credentials import check_header, without_password
from interactions_sdk.transport.hooks import Hooks, RequestEvent, ResponseEvent
from interactions_sdk.transport.secret_frames import SecretFrames

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from interactions_sdk.transport.api_key_only import OnlyWithKey
    from interactions_sdk.transport.credentials import Credentials, SignIn
    from interactions_sdk.wire import Call
    from interactions_sdk.wire.call import RawAnswer

__all__ = ["AsyncConnection", "parse_endpoint"]

T = TypeVar("T")
R = TypeVar("R")

logger = logging.getLogger("interactions_sdk")

_FIRST_REDIRECT = 300
_FIRST_ERROR = 400
_TOO_MANY = 429
_NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class AsyncConnection:
    """A pool of connections to one Appwrite project.

    Args:
        endpoint: The address of the API, such as `https://cloud.appwrite.io/v1`.
        headers: The headers of every request, besides what signs it in.
        credentials: What requests are signed in with; it is never shown.
        policy: When to try again.
        timeout: Seconds for connecting and for reading.
        transport: Another way to the server, such as the embedded one's.
        hooks: Who is told of requests and responses.

    Raises:
        ConfigurationError: The endpoint is no address, or a header cannot be sent.

    Attributes:
        endpoint: The address of the API, without a slash at its end, or a name and password.
        policy: When to try again.
        is_on_sockets: Whether requests go over the network, so that a websocket can as well.
    """

    def __init__(
        self,
        endpoint: httpx.URL | str,
        headers: Mapping[str, str],
        *,
        credentials: Credentials,
        policy: retry.RetryPolicy,
        timeout: httpx.Timeout,
        transport: httpx.AsyncBaseTransport | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        address = parse_endpoint(endpoint)
        _check_headers(headers)
        self.endpoint = without_password(str(endpoint).rstrip("/"))
        self._proxy_login = basic_auth(address)
        self._headers = headers
        fixed = credentials.fixed
        self._credentials = credentials
        self._jwts = AsyncFreshJwts(credentials.fetch) if credentials.fetch is not None else None
        self.policy = policy
        self.is_on_sockets = transport is None
        self._hooks = hooks or Hooks()
        with SecretFrames():
            self._pool = AsyncPool(
                address,
                {**headers, **self._proxy_login, **(fixed.headers if fixed is not None else {})},
                timeout=timeout,
                transport=transport,
            )

    @property
    def project(self) -> str:
        """The project's id."""
        return self._headers["X-Appwrite-Project"]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.endpoint}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A connection does not pickle: it holds sockets and the API key.")

    async def aclose(self) -> None:
        """Close the pool."""
        await self._pool.aclose()

    def tls(self) -> ssl.SSLContext | None:
        """Return the certificates that requests trust, for a websocket; None for plain HTTP."""
        return httpx.create_ssl_context() if self.endpoint.startswith("https:") else None

    @property
    def is_user(self) -> bool:
        """Whether a user is signed in, and no API key is held."""
        return self._credentials.is_user

    @property
    def named_user(self) -> str | None:
        """The user whom a JWT or a session that was given names; nothing is verified."""
        return self._credentials.fixed.user_id if self._credentials.fixed is not None else None

    def require_key(self, what: OnlyWithKey) -> None:
        """Refuse, before anything is sent, what Appwrite would refuse a signed-in user.

        Raises:
            ConfigurationError: A user is signed in.
        """
        if self.is_user:
            raise needs_key(what)

    async def sign_in(self) -> SignIn:
        """Return what requests are signed in with now, for those who send elsewhere.

        Returns:
            It is to be asked for each time.

        Raises:
            PermissionDeniedError: The function given as `jwt=` failed.
        """
        if self._jwts is not None:
            return await self._jwts.current()
        assert self._credentials.fixed is not None  # noqa: S101 - one of the two is there
        return self._credentials.fixed

    def handshake_headers(self, sign_in: SignIn) -> dict[str, str]:
        """Return the headers that sign in a websocket's handshake; they are never shown."""
        return {**self._proxy_login, **sign_in.headers}

    async def renew_sign_in(self, refused: SignIn) -> SignIn | None:
        """Return another sign-in than one that Appwrite refused; None where there is no other.

        Args:
            refused: What `sign_in` returned. Several that were refused the same fetch one JWT.

        Raises:
            PermissionDeniedError: The function given as `jwt=` failed.
        """
        return await self._jwts.renewed(refused) if self._jwts is not None else None

    async def send(self, call: Call[T], *, policy: retry.RetryPolicy | None = None) -> T:
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
        return await self._settle(call, _read, policy or self.policy)

    async def exchange(self, call: Call[bytes]) -> RawAnswer:
        """Send a request of the official package's, and return the answer as it came.

        Args:
            call: The request.

        Returns:
            The answer, which may be a redirection: none is followed, as the key would go along.

        Raises:
            ConfigurationError: A header cannot be sent.
            APIConnectionError: As in `send`.
            APIError: As in `send`. A database or table that is missing is a `NotFoundError` here,
                since these calls may be about any.
        """
        _check_headers(call.headers or {})
        return await self._settle(call, _take, self.policy)

    async def _settle(
        self,
        call: Call[T],
        read: Callable[[Call[T], httpx.Response], R | InteractionsError],
        policy: retry.RetryPolicy,
    ) -> R:
        began = monotonic()
        may_have_landed = False
        attempt = 0
        sign_in = await self._jwts.current() if self._jwts is not None else None
        is_renewed = False
        while True:
            attempt += 1
            outcome = await self._attempt(call, read, attempt, sign_in)
            if not isinstance(outcome, InteractionsError):
                return outcome
            if self.is_user:
                add_user_hint(outcome)
            may_have_landed = outcome.may_have_landed = may_have_landed or outcome.may_have_landed
            if sign_in is not None and _is_stale(outcome) and not is_renewed:
                is_renewed = True
                with mark_possibly_applied(applied=may_have_landed):
                    sign_in = await self.renew_sign_in(sign_in)
                continue
            pause = _pause_before_repeating(call, outcome, policy, attempt, monotonic() - began)
            if pause is None:
                raise outcome
            await asleep(pause)

    async def _attempt(
        self,
        call: Call[T],
        read: Callable[[Call[T], httpx.Response], R | InteractionsError],
        attempt: int,
        sign_in: SignIn | None,
    ) -> R | InteractionsError:
        """Send once; errors are returned, so that no traceback leads to the request's headers."""
        self._hooks.tell_request(RequestEvent(call.method, call.route, attempt))
        began = monotonic()
        try:
            response = await asheltered(partial(self._request, call, sign_in))
        except httpx.InvalidURL:
            return BadRequestError("The filters are too long for one request: give fewer values.")
        except httpx.RequestError as failure:
            error = _error_of_failure(failure, self.endpoint)
            self._report(call, attempt, monotonic() - began, failure=type(failure).__name__)
            return error
        self._report(call, attempt, monotonic() - began, response=response)
        return read(call, response)

    async def _request(self, call: Call[T], sign_in: SignIn | None) -> httpx.Response:
        with SecretFrames():
            return await self._pool.request(
                call.method, call.path, call.body, _headers_of(call, sign_in)
            )

    def _report(
        self,
        call: Call[T],
        attempt: int,
        seconds: float,
        *,
        response: httpx.Response | None = None,
        failure: str | None = None,
    ) -> None:
        level = logging.DEBUG if failure is None else logging.WARNING
        if self._hooks.on_response is None and not logger.isEnabledFor(level):
            return
        event = ResponseEvent(
            call.method,
            call.route,
            attempt,
            status=response.status_code if response is not None else None,
            failure=failure,
            seconds=seconds,
            request_id=_request_id(response) if response is not None else None,
        )
        _log(level, event)
        self._hooks.tell_response(event)


def _read(call: Call[T], response: httpx.Response) -> T | InteractionsError:
    if response.status_code >= _FIRST_REDIRECT:
        return _error_of_response(response)
    try:
        return call.read(response.content)
    except ValidationError as mismatch:
        return _unreadable(response, mismatch)


def _is_stale(error: InteractionsError) -> bool:
    """Tell whether a fresh JWT may help; nothing has landed then (transcript `authentication`)."""
    return isinstance(error, PermissionDeniedError) and error.type == "user_jwt_invalid"


def _take(call: Call[bytes], response: httpx.Response) -> RawAnswer | InteractionsError:
    from interactions_sdk.wire.call import RawAnswer  # noqa: PLC0415 - it would build models

    if response.status_code < _FIRST_ERROR:
        return RawAnswer(response.status_code, response.headers, call.read(response.content))
    error = _error_of_response(response)
    if isinstance(error, SchemaError):
        answer = from_json(response.content)
        error = NotFoundError(str(answer["message"]), type=str(answer["type"]))
    error.response = response.text
    return error


def _headers_of(call: Call[T], sign_in: SignIn | None) -> Mapping[str, str] | None:
    return call.headers if sign_in is None else {**(call.headers or {}), **sign_in.headers}


def parse_endpoint(endpoint: httpx.URL | str) -> httpx.URL:
    """Return the address of an API, which does not show the password that may be in it.

    Raises:
        ConfigurationError: It is not an address.
    """
    try:
        address = httpx.URL(endpoint)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host:
        raise ConfigurationError(
            f"{without_password(str(endpoint))!r} is not the address of an API: check "
            "APPWRITE_ENDPOINT, which is like https://cloud.appwrite.io/v1."
        )
    return address


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what HTTP cannot carry, before an error of httpx or h11 shows it."""
    for name, value in headers.items():
        check_header(value, f"the value for the header {name}")


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


def _log(level: int, event: ResponseEvent) -> None:
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


def _error_of_response(response: httpx.Response) -> APIError | SchemaError:
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
    return error_from_response(
        response.status_code, kind, message, request_id=request_id, retry_after=asked
    )


def _unreadable(response: httpx.Response, mismatch: ValidationError) -> ServerError:
    faults = {str(fault["type"]) for fault in mismatch.errors(include_input=False)}
    message = (
        f"The server answered {response.status_code} with a body that is not Appwrite's "
        f"({', '.join(sorted(faults))}). Does the endpoint end in /v1?"
    )
    return ServerError(message, status_code=502, request_id=_request_id(response))
