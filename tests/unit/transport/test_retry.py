from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    ConfigurationError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    SchemaError,
    ServerError,
)
from interactions_sdk.transport.retry import (
    RetryPolicy,
    is_transient,
    parse_retry_after,
    retry_delay,
)

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)

finite = st.floats(0, 1e6)
policies = st.builds(
    RetryPolicy,
    retries=st.integers(0, 5000),
    initial_delay=finite,
    max_delay=finite,
    max_elapsed=finite,
)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, *range(520, 528), 530, 599])
def test_these_answers_are_tried_again(status: int) -> None:
    """Temporary errors are retried."""
    assert is_transient(APIError("x", status_code=status))


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 413, 418, 501, 505])
def test_these_answers_are_final(status: int) -> None:
    """The same request would get the same response; callers decide about a 409."""
    assert not is_transient(APIError("x", status_code=status))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (APIConnectionError("x"), True),
        (APITimeoutError("x"), True),
        (RateLimitError("x"), True),
        (ServerError("x"), True),
        (ConflictError("x"), False),
        (NotFoundError("x"), False),
        (PermissionDeniedError("x"), False),
        (SchemaError("x"), False),
        (ConfigurationError("x"), False),
    ],
)
def test_which_errors_pass(*, error: InteractionsError, expected: bool) -> None:
    """Missing responses, rate limits and server errors are temporary."""
    assert expected == is_transient(error)


def http_date(moment: datetime) -> str:
    """Return the time in HTTP's format."""
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": http_date(NOW + timedelta(seconds=90))}, 90.0),
        ({"retry-after": http_date(NOW - timedelta(seconds=90))}, 0.0),
        ({"retry-after": "Fri, 01 May 2026 10:00:30 -0000"}, 30.0),
        ({"retry-after": "Fri, 01 May 2026 12:00:30 +0200"}, 30.0),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, 7.0),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) - 7)}, 0.0),
        ({"retry-after": "2", "x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, 2.0),
        ({"retry-after": "soon", "x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, 7.0),
        (
            {"x-ratelimit-reset": str(int(NOW.timestamp()) + 7), "x-ratelimit-remaining": "0"},
            7.0,
        ),
        (
            {"x-ratelimit-reset": str(int(NOW.timestamp()) + 7), "x-ratelimit-remaining": "59"},
            None,
        ),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], expected: float | None) -> None:
    """The header has seconds, a date or the time of the reset."""
    assert expected == parse_retry_after(headers, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "-5",
        "1.5",
        "²",
        "1e3",
        "nan",
        "Fri, 99 Foo 2026 10:00:00 GMT",
        "Fri, 01 May 99999999999999999999 10:00:00 GMT",
        "Fri, 01 May 2026 10:00:00 +99999999999999",
    ],
)
def test_a_header_that_cannot_be_read_says_nothing(text: str) -> None:
    """Invalid headers are ignored."""
    assert parse_retry_after({"retry-after": text}, NOW) is None
    assert parse_retry_after({"x-ratelimit-reset": text}, NOW) is None


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_us(retry_after: str, reset: str, remaining: str) -> None:
    """Whatever the headers contain, the result is None or not negative."""
    headers = {
        "retry-after": retry_after,
        "x-ratelimit-reset": reset,
        "x-ratelimit-remaining": remaining,
    }

    asked = parse_retry_after(headers, NOW)

    assert asked is None or asked >= 0


@pytest.mark.parametrize("digits", [400, 5000])
def test_an_absurd_wait_is_for_ever(digits: int) -> None:
    """A number too large for a float is infinite, so there is no retry."""
    headers = ({"retry-after": "9" * digits}, {"x-ratelimit-reset": "9" * digits})

    assert [float("inf")] * 2 == [parse_retry_after(each, NOW) for each in headers]
    assert retry_delay(RetryPolicy(), 1, elapsed=0, retry_after=float("inf"), jitter=0) is None


def test_the_policy_that_users_know() -> None:
    """The defaults are three retries, pauses from 0.5 to 8 seconds, and a minute in all."""
    assert RetryPolicy(retries=3, initial_delay=0.5, max_delay=8, max_elapsed=60) == RetryPolicy()


@pytest.mark.parametrize(
    ("retry", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (2000, 8.0)]
)
def test_pauses_double_up_to_the_longest(retry: int, longest: float) -> None:
    """With full jitter, pauses are between zero and the doubled limit."""
    policy = RetryPolicy(retries=5000)

    assert longest == retry_delay(policy, retry, elapsed=0, retry_after=None, jitter=1)
    assert longest / 2 == retry_delay(policy, retry, elapsed=0, retry_after=None, jitter=0.5)
    assert 0 == retry_delay(policy, retry, elapsed=0, retry_after=None, jitter=0)


@pytest.mark.parametrize(
    ("retries", "retry", "expected"), [(0, 1, None), (1, 1, 0.5), (1, 2, None), (3, 4, None)]
)
def test_retries_are_counted(retries: int, retry: int, expected: float | None) -> None:
    """After the configured number of retries, there is no further one."""
    policy = RetryPolicy(retries=retries)

    assert expected == retry_delay(policy, retry, elapsed=0, retry_after=None, jitter=1)


def test_the_server_s_wish_goes_over_the_longest_pause() -> None:
    """`Retry-After` may exceed `max_delay`, but does not shorten the pause."""
    assert 30 == retry_delay(RetryPolicy(), 1, elapsed=0, retry_after=30, jitter=0.5)
    assert 0.5 == retry_delay(RetryPolicy(), 1, elapsed=0, retry_after=0.1, jitter=1)


@pytest.mark.parametrize(
    ("elapsed", "retry_after", "expected"),
    [(0, 60, 60), (0, 60.1, None), (59, 1, 1), (59, 2, None), (61, None, None)],
)
def test_max_elapsed_ends_it(
    elapsed: float, retry_after: float | None, expected: float | None
) -> None:
    """No attempt begins after `max_elapsed`."""
    assert expected == retry_delay(
        RetryPolicy(), 1, elapsed=elapsed, retry_after=retry_after, jitter=0
    )


@given(policies, st.integers(1, 6000), finite, st.none() | finite, st.floats(0, 1))
def test_every_pause_is_within_its_bounds(
    policy: RetryPolicy, retry: int, elapsed: float, retry_after: float | None, jitter: float
) -> None:
    """No pause is negative, shorter than `Retry-After`, or too long."""
    pause = retry_delay(policy, retry, elapsed=elapsed, retry_after=retry_after, jitter=jitter)

    if pause is None:
        return
    assert retry <= policy.retries
    assert (retry_after or 0) <= pause <= max(retry_after or 0, policy.max_delay)
    assert elapsed + pause <= policy.max_elapsed
