"""When to retry and how long to wait: pure functions, no sleeping.

The rules are those of other API clients: up to three retries, full jitter, and the delay that the
server requests with `Retry-After` or `X-RateLimit-Reset` (RFC 9110, section 10.2.3;
https://appwrite.io/docs/advanced/platform/rate-limits).
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from interactions_sdk.arguments import check_integer, check_type, describe
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    CertificateError,
    ConfigurationError,
    ResponseTooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

    from interactions_sdk.errors import InteractionsError

__all__ = [
    "RetryPolicy",
    "backoff_delay",
    "is_patient",
    "is_transient",
    "parse_retry_after",
    "retry_delay",
    "waiting_out_outages",
    "waits_out",
]

_TRANSIENT_STATUSES = frozenset({408, 429})
_FIRST_SERVER_ERROR = 500
_PERMANENT_SERVER_ERRORS = frozenset({501, 505})
"""Statuses from 500 that would occur again for the same request. All others may be temporary,
including those of a proxy, such as Cloudflare's 520 to 530."""
_OUTAGE_STATUSES = frozenset({502, 503, 504, *range(520, 528), 530})
"""The statuses of a proxy while the server behind it restarts."""
_PERMANENT_ERRORS = (CertificateError, ResponseTooLargeError)
_MAX_DOUBLINGS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and for how long, a failed request is retried.

    Attributes:
        retries: Retries after the first attempt; 0 never retries.
        initial_delay: Longest first delay, in seconds; it doubles with each retry.
        max_delay: Longest delay, in seconds, unless the server asks for more.
        max_elapsed: Seconds after which no further attempt of a request begins.
        wait_out_outages: Whether to wait for a server that is down, however many attempts that
            takes. None: a single call waits while connections are refused, until its timeout or
            `max_elapsed` expires; long work (imports, archives, restores and `reconcile`) also
            waits after interrupted requests and 502 to 504 and 520 to 530, until `max_elapsed`.
            True: every call waits like long work. False: none waits, and `retries` is the limit;
            so it is without retries or delays.

    Example:
        >>> RetryPolicy(retries=5, max_elapsed=30).max_delay
        8.0
    """

    retries: int = 3
    initial_delay: float = 0.5
    max_delay: float = 8.0
    max_elapsed: float = 60.0
    wait_out_outages: bool | None = None

    def __post_init__(self) -> None:
        check_integer(self.retries, "retries", minimum=0, error=ConfigurationError)
        for name in ("initial_delay", "max_delay", "max_elapsed"):
            seconds: object = getattr(self, name)
            expected = "a number of seconds of 0 or more"
            check_type(seconds, (int, float), name, expected, error=ConfigurationError)
            if not getattr(self, name) >= 0:
                raise ConfigurationError(f"{name} must be {expected}, not {describe(seconds)}.")


def is_transient(error: InteractionsError) -> bool:
    """Return whether the same request may succeed later.

    Example:
        >>> from interactions_sdk.errors import ConflictError, ServerError
        >>> is_transient(ServerError("busy", status_code=503)), is_transient(ConflictError("taken"))
        (True, False)
    """
    if isinstance(error, APIError):
        is_server_error = error.status_code >= _FIRST_SERVER_ERROR
        may_pass = is_server_error and error.status_code not in _PERMANENT_SERVER_ERRORS
        return may_pass or error.status_code in _TRANSIENT_STATUSES
    return isinstance(error, APIConnectionError) and not isinstance(error, _PERMANENT_ERRORS)


_outages_are_waited_out: ContextVar[bool] = ContextVar("outages_are_waited_out", default=False)


@contextmanager
def waiting_out_outages() -> Generator[None]:
    """Let every call in a block wait for a server that is down, for up to `max_elapsed` seconds.

    Example:
        >>> unanswered = APIConnectionError("reset", may_have_landed=True)
        >>> with waiting_out_outages():
        ...     waits_out(RetryPolicy(), unanswered)
        True
        >>> waits_out(RetryPolicy(), unanswered)
        False
    """
    token = _outages_are_waited_out.set(True)
    try:
        yield
    finally:
        _outages_are_waited_out.reset(token)


def is_patient(policy: RetryPolicy) -> bool:
    """Return whether calls may take `max_elapsed` seconds instead of their own timeout."""
    if policy.wait_out_outages is None:
        return _outages_are_waited_out.get()
    return policy.wait_out_outages


def waits_out(policy: RetryPolicy, error: InteractionsError) -> bool:
    """Return whether an error means that the server is down and the call should wait for it.

    Single calls also wait if the request was not sent, because sending it again is always safe.
    """
    may_wait = policy.retries and policy.initial_delay and policy.max_delay
    if not may_wait or policy.wait_out_outages is False:
        return False
    if isinstance(error, APIError):
        return is_patient(policy) and error.status_code in _OUTAGE_STATUSES
    is_unsent = isinstance(error, APIConnectionError) and not error.may_have_landed
    return is_transient(error) and (is_unsent or is_patient(policy))


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how many seconds the server asks to wait, or None.

    An invalid `Retry-After` is ignored. `X-RateLimit-Reset` is also sent with responses that were
    not limited, so it is used only if no requests remain.

    Example:
        >>> from datetime import UTC, datetime
        >>> parse_retry_after({"retry-after": "2"}, datetime.now(UTC))
        2.0
    """
    retry_after = _seconds(headers.get("retry-after", ""), now)
    reset = headers.get("x-ratelimit-reset", "")
    remaining = headers.get("x-ratelimit-remaining", "0")
    if retry_after is None and remaining == "0" and reset.isdecimal():
        return max(0.0, float(reset) - now.timestamp())
    return retry_after


def _seconds(retry_after: str, now: datetime) -> float | None:
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # the zone `-0000`, or none: UTC (RFC 5322, section 3.3)
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def retry_delay(
    policy: RetryPolicy,
    retry: int,
    *,
    elapsed: float,
    retry_after: float | None,
    jitter: float,
    is_counted: bool = True,
) -> float | None:
    """Return the seconds to wait before a retry (numbered from 1), or None to give up.

    `jitter` is a random number from 0 to 1. Unless `is_counted`, only the time counts, and not the
    number of retries.

    Example:
        >>> retry_delay(RetryPolicy(), 1, elapsed=0.1, retry_after=None, jitter=0.5)
        0.25
        >>> retry_delay(RetryPolicy(), 4, elapsed=3.0, retry_after=None, jitter=0.5) is None
        True
    """
    if is_counted and retry > policy.retries:
        return None
    pause = backoff_delay(policy, retry, retry_after=retry_after, jitter=jitter)
    return pause if elapsed + pause <= policy.max_elapsed else None


def backoff_delay(
    policy: RetryPolicy, retry: int, *, jitter: float, retry_after: float | None = None
) -> float:
    """Return the seconds to wait before a retry, for callers that never give up.

    Example:
        >>> [backoff_delay(RetryPolicy(), retry, jitter=1.0) for retry in (1, 2, 99)]
        [0.5, 1.0, 8.0]
    """
    longest = min(policy.max_delay, policy.initial_delay * 2.0 ** min(retry - 1, _MAX_DOUBLINGS))
    return max(longest * jitter, retry_after or 0.0)
