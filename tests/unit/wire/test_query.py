from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.enums import InteractionType
from interactions_sdk.models.row import CREATED_AT, ID, UPDATED_AT
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from interactions_sdk.wire.query import Query

EAST = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        (
            query.equal("customerId", "c1", "c2"),
            '{"method":"equal","attribute":"customerId","values":["c1","c2"]}',
        ),
        (
            query.equal("interactionType", InteractionType.CALL),
            '{"method":"equal","attribute":"interactionType","values":["call"]}',
        ),
        (
            query.not_equal("outcome", "resolved"),
            '{"method":"notEqual","attribute":"outcome","values":["resolved"]}',
        ),
        (
            query.less_than("duration", 5),
            '{"method":"lessThan","attribute":"duration","values":[5]}',
        ),
        (
            query.less_than_equal("nextActionDate", datetime(2026, 5, 1, 10, tzinfo=EAST)),
            (
                '{"method":"lessThanEqual","attribute":"nextActionDate",'
                '"values":["2026-05-01T04:30:00.000+00:00"]}'
            ),
        ),
        (
            query.greater_than(CREATED_AT, datetime(2026, 5, 1, 10, 0, 0, 123999, UTC)),
            (
                '{"method":"greaterThan","attribute":"$createdAt",'
                '"values":["2026-05-01T10:00:00.123+00:00"]}'
            ),
        ),
        (
            query.greater_than_equal("score", 1.5),
            '{"method":"greaterThanEqual","attribute":"score","values":[1.5]}',
        ),
        (
            query.contains("subject", 'É "x" 100%'),
            '{"method":"contains","attribute":"subject","values":["É \\"x\\" 100%"]}',
        ),
        (query.is_null("outcome"), '{"method":"isNull","attribute":"outcome","values":[]}'),
        (query.is_not_null("done"), '{"method":"isNotNull","attribute":"done","values":[]}'),
        (query.equal("done", True), '{"method":"equal","attribute":"done","values":[true]}'),  # noqa: FBT003 - a value
        (query.ascending("$id"), '{"method":"orderAsc","attribute":"$id"}'),
        (query.descending(UPDATED_AT), '{"method":"orderDesc","attribute":"$updatedAt"}'),
        (query.limit(query.MAX_LIMIT), '{"method":"limit","values":[5000]}'),
        (query.select(ID, "subject"), '{"method":"select","values":["$id","subject"]}'),
        (
            query.or_(query.is_null("outcome"), query.not_equal("outcome", "resolved")),
            (
                '{"method":"or","values":[{"method":"isNull","attribute":"outcome","values":[]},'
                '{"method":"notEqual","attribute":"outcome","values":["resolved"]}]}'
            ),
        ),
        (
            query.and_(query.equal("a", 1), query.equal("b", 2)),
            (
                '{"method":"and","values":[{"method":"equal","attribute":"a","values":[1]},'
                '{"method":"equal","attribute":"b","values":[2]}]}'
            ),
        ),
    ],
)
def test_queries_have_appwrite_s_shape(built: Query, expected: str) -> None:
    """The JSON is exactly what Appwrite accepts."""
    assert [expected] == query.encode_queries([built])


def test_a_naive_time_is_refused() -> None:
    """A naive time is ambiguous."""
    with pytest.raises(BadRequestError, match="no time zone"):
        query.less_than("nextActionDate", datetime(2026, 5, 1))  # noqa: DTZ001 - that is the point


def test_at_most_a_hundred_queries() -> None:
    """Transcript `list-bad-queries`: the 101st query is rejected before sending."""
    queries = [query.equal("customerId", f"c{number}") for number in range(101)]

    assert 100 == len(query.encode_queries(queries[:100]))
    with pytest.raises(BadRequestError, match="at most 100 filters in a request, not 101"):
        query.encode_queries(queries)


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_at_most_4096_characters(letter: str) -> None:
    """Transcript `list-bad-queries`: characters are counted, not bytes."""
    frame = len(query.encode_queries([query.contains("subject", "")])[0])
    longest = letter * (4096 - frame)

    assert 4096 == len(query.encode_queries([query.contains("subject", longest)])[0])
    with pytest.raises(BadRequestError, match="at most 4096 characters, not 4097"):
        query.encode_queries([query.contains("subject", longest + letter)])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", object()])
def test_what_json_cannot_hold_is_refused(value: float) -> None:
    """Lone surrogates and NaN raise a `BadRequestError`."""
    with pytest.raises(BadRequestError, match="cannot be sent as JSON"):
        query.encode_queries([query.equal("subject", value)])


@pytest.mark.unmeasured
@given(st.lists(st.text(max_size=20).filter(str.isprintable), min_size=1, max_size=20))
def test_values_survive(values: list[str]) -> None:
    """Quotes, backslashes and braces in a value are escaped."""
    [text] = query.encode_queries([query.equal("subject", *values)])

    assert {"method": "equal", "attribute": "subject", "values": values} == json.loads(text)


def test_backslashes_of_a_pattern_are_doubled() -> None:
    """In `contains`, but not in `equal`, Appwrite treats a backslash as an escape character."""
    assert [r"C:\\temp"] == query.contains("subject", r"C:\temp")["values"]
    assert [r"C:\temp"] == query.equal("subject", r"C:\temp")["values"]
