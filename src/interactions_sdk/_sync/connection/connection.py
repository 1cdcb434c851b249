# Generated from src/interactions_sdk/_async/connection/connection.py by scripts/unasync.py; do not edit.
"""The connection, the only place that sends requests, with timeouts, retries and typed errors."""

from __future__ import annotations

import logging
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, TypeVar

import httpx

from interactions_sdk._sync.connection.jwt_refresh import JwtProvider
from interactions_sdk._sync.connection.pool import (
    ConnectionPool,
    basic_auth,
    make_ssl_context,
)
from interactions_sdk.concurrency import shielded, sleep
from interactions_sdk.errors import (
    BadRequestError,
    InteractionsError,
    add_user_hint,
    mark_possibly_applied,
)
from interactions_sdk.transport.api_key_only import api_key_required
from interactions_sdk.transport.credentials import redact_password
from interactions_sdk.transport.hooks import Hooks, RequestEvent, ResponseEvent
from interactions_sdk.transport.responses import (
    delay_before_retry,
    error_from_exception,
    is_expired_jwt,
    log_attempt,
    log_wait,
    parse,
    parse_endpoint,
    parse_raw,
    request_id_of,
    validate_headers,
)
from interactions_sdk.transport.retry import is_patient, waits_out
from interactions_sdk.transport.secret_frames import SecretFrames

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from interactions_sdk.transport.api_key_only import ApiKeyOperation
    from interactions_sdk.transport.credentials import Credential, Credentials
    from interactions_sdk.transport.retry import RetryPolicy
    from interactions_sdk.wire import Call
    from interactions_sdk.wire.call import RawResponse

__all__ = ["Connection"]

T = TypeVar("T")
R = TypeVar("R")

logger = logging.getLogger("interactions_sdk")


class Connection:
    """A pool of connections to one Appwrite project.

    Args:
        endpoint: The address of the API, such as `https://cloud.appwrite.io/v1`.
        headers: The headers of every request, without credentials.
        credentials: The credentials, which are never shown.
        policy: When to try again.
        timeout: Seconds for connecting, and between parts of the response.
        deadline: Seconds for one call as a whole; None sets no limit.
        max_response_bytes: Maximum size of a response after decompression.
        verify: Whether to check certificates, or an SSL context.
        transport: A custom httpx transport, such as that of an embedded server.
        hooks: Called for requests and responses.

    Raises:
        ConfigurationError: The endpoint is not a URL, or a header cannot be sent.

    Attributes:
        endpoint: The URL of the API, without a trailing slash, name or password.
        policy: When to try again.
        uses_network: Whether requests use the network, so a websocket can too.
    """

    def __init__(
        self,
        endpoint: httpx.URL | str,
        headers: Mapping[str, str],
        *,
        credentials: Credentials,
        policy: RetryPolicy,
        timeout: httpx.Timeout,
        deadline: float | None = None,
        max_response_bytes: int = 64_000_000,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.endpoint = redact_password(str(endpoint).rstrip("/"))
        address = parse_endpoint(endpoint)
        validate_headers(headers)
        self._address = address
        self._headers = headers
        static = credentials.static
        self._credentials = credentials
        self._jwts = (
            JwtProvider(credentials.jwt_provider) if credentials.jwt_provider is not None else None
        )
        self.policy = policy
        self.uses_network = transport is None
        self._hooks = hooks or Hooks()
        with SecretFrames():
            self._pool = ConnectionPool(
                address,
                {**headers, **(static.headers if static is not None else {})},
                timeout=timeout,
                max_response_bytes=max_response_bytes,
                verify=verify,
                transport=transport,
            )
        self._deadline = deadline
        self._verify = verify

    @property
    def project(self) -> str:
        """The project's ID."""
        return self._headers["X-Appwrite-Project"]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.endpoint}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A connection cannot be pickled: it holds sockets and the API key.")

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the SSL context of requests, for a websocket; None for plain HTTP."""
        return make_ssl_context(self._verify) if self.endpoint.startswith("https:") else None

    @property
    def is_user(self) -> bool:
        """Whether the client is authenticated as a user instead of with an API key."""
        return self._credentials.is_user

    @property
    def claimed_user_id(self) -> str | None:
        """The user named by the given JWT or session, unverified."""
        return self._credentials.static.user_id if self._credentials.static is not None else None

    def require_api_key(self, what: ApiKeyOperation) -> None:
        """Reject an operation that needs an API key, before anything is sent.

        Raises:
            ConfigurationError: The client is authenticated as a user.
        """
        if self.is_user:
            raise api_key_required(what)

    def get_credential(self) -> Credential:
        """Return the current credential, for code that sends elsewhere.

        Returns:
            The credential; do not keep it.

        Raises:
            PermissionDeniedError: The function given as `jwt=` failed.
        """
        if self._jwts is not None:
            return self._jwts.get()
        assert self._credentials.static is not None  # noqa: S101 - one of the two is there
        return self._credentials.static

    def handshake_headers(self, credential: Credential) -> dict[str, str]:
        """Return the headers that authenticate a websocket's handshake; never shown."""
        return {**basic_auth(self._address), **credential.headers}

    def refresh_credential(self, refused: Credential) -> Credential | None:
        """Return a new credential after Appwrite rejected one; None if there is no other.

        Args:
            refused: The rejected credential. Several requests with the same one fetch one JWT.

        Raises:
            PermissionDeniedError: The function given as `jwt=` failed.
        """
        return self._jwts.refresh(refused) if self._jwts is not None else None

    def send(self, call: Call[T], *, policy: RetryPolicy | None = None) -> T:
        """Send a request, retry it if this may help, and parse its response.

        Args:
            call: The request.
            policy: When to retry (default: the connection's policy).

        Returns:
            The response, parsed by `call.read`.

        Raises:
            APIConnectionError: No response after the retries. `may_have_landed` says whether any
                attempt may have been applied.
            APIError: Appwrite's error; `may_have_landed` as above, so a 404 of a repeated delete
                and a 409 of a repeated create can be distinguished from someone else's.
            SchemaError: The database or a table is missing.
            BadRequestError: The request is too long to be sent.
        """
        return self._send_with_retries(call, parse, policy or self.policy)

    def send_raw(self, call: Call[bytes]) -> RawResponse:
        """Send a request of the official package, and return the raw response.

        Args:
            call: The request.

        Returns:
            The response, which may be a redirect: none is followed, because the key would be sent
            along.

        Raises:
            ConfigurationError: A header cannot be sent.
            APIConnectionError: As in `send`.
            APIError: As in `send`. A missing database or table is a `NotFoundError` here, because
                these calls may concern any table.
        """
        validate_headers(call.headers or {})
        return self._send_with_retries(call, parse_raw, self.policy)

    def _send_with_retries(
        self,
        call: Call[T],
        read: Callable[[Call[T], httpx.Response], R | InteractionsError],
        policy: RetryPolicy,
    ) -> R:
        began = monotonic()
        may_have_landed = False
        attempt = 0
        credential = self._jwts.get() if self._jwts is not None else None
        is_renewed = False
        while True:
            attempt += 1
            left = self._seconds_left(policy, monotonic() - began)
            outcome = self._attempt(call, read, attempt, credential, left)
            if not isinstance(outcome, InteractionsError):
                return outcome
            if self.is_user:
                add_user_hint(outcome)
            is_outage = waits_out(policy, outcome)  # before earlier attempts make it uncertain
            may_have_landed = outcome.may_have_landed = may_have_landed or outcome.may_have_landed
            if credential is not None and is_expired_jwt(outcome) and not is_renewed:
                is_renewed = True
                with mark_possibly_applied(applied=may_have_landed):
                    credential = self.refresh_credential(credential)
                continue
            elapsed = monotonic() - began
            pause = delay_before_retry(
                call, outcome, policy, attempt, elapsed, is_counted=not is_outage
            )
            if pause is None or not self._may_wait(policy, elapsed + pause):
                raise outcome
            if is_outage:
                log_wait(self.endpoint, outcome, pause, self._patience(policy) - elapsed)
            sleep(pause)

    def _seconds_left(self, policy: RetryPolicy, elapsed: float) -> float | None:
        """Return the seconds for the next attempt; long-running work has all of them for each."""
        if self._deadline is None or is_patient(policy):
            return self._deadline
        return max(0.0, self._deadline - elapsed)

    def _patience(self, policy: RetryPolicy) -> float:
        """Return the seconds within which a call may be retried."""
        if self._deadline is None or is_patient(policy):
            return policy.max_elapsed
        return min(self._deadline, policy.max_elapsed)

    def _may_wait(self, policy: RetryPolicy, until: float) -> bool:
        return self._deadline is None or is_patient(policy) or until < self._deadline

    def _attempt(
        self,
        call: Call[T],
        read: Callable[[Call[T], httpx.Response], R | InteractionsError],
        attempt: int,
        credential: Credential | None,
        seconds: float | None,
    ) -> R | InteractionsError:
        """Send once; errors are returned, so that no traceback contains the request's headers."""
        self._hooks.notify_request(RequestEvent(call.method, call.route, attempt))
        began = monotonic()
        try:
            response = shielded(partial(self._request, call, credential, seconds))
        except httpx.InvalidURL:
            return BadRequestError("The filter is too long for one request. Use fewer values.")
        except httpx.RequestError as failure:
            error = error_from_exception(failure, self.endpoint)
            self._report(call, attempt, monotonic() - began, failure=type(failure).__name__)
            return error
        self._report(call, attempt, monotonic() - began, response=response)
        return read(call, response)

    def _request(
        self, call: Call[T], credential: Credential | None, seconds: float | None
    ) -> httpx.Response:
        with SecretFrames():
            return self._pool.request(
                call.method, call.path, call.body, _headers_of(call, credential), seconds=seconds
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
            request_id=request_id_of(response) if response is not None else None,
        )
        log_attempt(level, event)
        self._hooks.notify_response(event)


def _headers_of(call: Call[T], credential: Credential | None) -> Mapping[str, str] | None:
    return call.headers if credential is None else {**(call.headers or {}), **credential.headers}
