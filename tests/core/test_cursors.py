"""Cursors: what is written is read back, and nothing else is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.cursors import Position, read_cursor, write_cursor
from interactions_sdk.datetimes import to_milliseconds
from interactions_sdk.errors import BadRequestError

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
OWNER = ["digest", "newest"]


@given(
    time=st.datetimes(timezones=st.just(UTC)).map(to_milliseconds),
    row_id=st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}", fullmatch=True),
)
def test_a_cursor_comes_back_as_it_was(time: datetime, row_id: str) -> None:
    """To the millisecond, in characters that need no escape in an address."""
    position = Position(time, row_id)
    cursor = write_cursor(position, OWNER)
    assert position == read_cursor(cursor, OWNER)
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda each: base64.urlsafe_b64encode(each).decode()))
def test_anything_else_is_refused(text: str) -> None:
    """No text makes it fail otherwise."""
    with pytest.raises(BadRequestError):
        read_cursor(text, OWNER)


@pytest.mark.parametrize(
    "content",
    [
        5,
        "text",
        {},
        [],
        ["2026-01-01"],
        [5, "r1", *OWNER],
        ["never", "r1", *OWNER],
        ["2026-01-01T00:00", "r1", *OWNER],
        ["2026-01-01T00:00Z", 5, *OWNER],
        ["2026-01-01T00:00Z", "../x", *OWNER],
    ],
)
def test_json_that_is_no_cursor_is_refused(content: object) -> None:
    """A place has an aware time and a row's id."""
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(BadRequestError, match="not a cursor"):
        read_cursor(text, OWNER)


def test_a_cursor_of_others_is_refused() -> None:
    """The error says what to do."""
    cursor = write_cursor(Position(NOON, "r1"), OWNER)
    for other in (["digest", "oldest"], ["other", "newest"], ["digest"], []):
        with pytest.raises(BadRequestError, match="repeat those of its page"):
            read_cursor(cursor, other)


def test_what_comes_after_a_place() -> None:
    """Another time, or the same time and another id."""
    at = "2026-03-10T12:00:00.000+00:00"
    equal = {"method": "equal", "attribute": "$createdAt", "values": [at]}
    for descending, beyond in ((True, "lessThan"), (False, "greaterThan")):
        time = {"method": beyond, "attribute": "$createdAt", "values": [at]}
        id = {"method": beyond, "attribute": "$id", "values": ["r1"]}
        both = {"method": "and", "values": [equal, id]}
        expected = [{"method": "or", "values": [time, both]}]
        position = Position(NOON, "r1")
        assert expected == position.queries_after("$createdAt", descending=descending)
