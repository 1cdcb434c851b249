"""Cursors can be read back, and any other text is rejected."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.cursors import (
    Position,
    WatchPosition,
    decode_cursor,
    decode_watch_cursor,
    encode_cursor,
    encode_watch_cursor,
    parse_since,
)
from interactions_sdk.datetimes import MIN_DATETIME, truncate_to_milliseconds
from interactions_sdk.errors import BadRequestError

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
OWNER = ["digest", "newest"]
TIMES = st.datetimes(timezones=st.just(UTC)).map(truncate_to_milliseconds)


@pytest.mark.unmeasured
@given(
    time=st.datetimes(timezones=st.just(UTC)).map(truncate_to_milliseconds),
    sequence=st.from_regex(r"[0-9]{1,20}", fullmatch=True) | st.uuids(version=4).map(str),
)
def test_a_cursor_comes_back_as_it_was(time: datetime, sequence: str) -> None:
    """A cursor is exact to the millisecond and needs no escaping in a URL."""
    position = Position(time, sequence)
    cursor = encode_cursor(position, OWNER)
    assert position == decode_cursor(cursor, OWNER)
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_cursor_of_an_earlier_version_is_read() -> None:
    """An earlier version's cursor contains the row's ID, and so do those of the next pages."""
    text = json.dumps(["2026-03-10T12:00:00.000+00:00", "r1", *OWNER], separators=(",", ":"))
    earlier = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    position = decode_cursor(earlier, OWNER)
    assert Position(NOON, "r1", "$id") == position
    assert earlier == encode_cursor(position, OWNER)


@given(st.text() | st.binary().map(lambda each: base64.urlsafe_b64encode(each).decode()))
def test_anything_else_is_refused(text: str) -> None:
    """No text causes another error than `BadRequestError`."""
    with pytest.raises(BadRequestError):
        decode_cursor(text, OWNER)


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
        ["sequence"],
        ["sequence", "never", "1", *OWNER],
        ["sequence", "2026-01-01T00:00", "1", *OWNER],
        ["sequence", "2026-01-01T00:00Z", 1, *OWNER],
        ["sequence", "2026-01-01T00:00Z", "", *OWNER],
        ["sequence", "2026-01-01T00:00Z", "1 or 2", *OWNER],
    ],
)
def test_json_that_is_no_cursor_is_refused(content: object) -> None:
    """A position needs an aware time and a row ID."""
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(BadRequestError, match="Invalid after"):
        decode_cursor(text, OWNER)


def test_a_cursor_of_others_is_refused() -> None:
    """The error suggests what to do."""
    cursor = encode_cursor(Position(NOON, "r1"), OWNER)
    for other in (["digest", "oldest"], ["other", "newest"], ["digest"], []):
        with pytest.raises(BadRequestError, match="other filters or another order"):
            decode_cursor(cursor, other)


@pytest.mark.parametrize(
    ("descending", "after", "until"),
    [(True, "lessThan", "greaterThan"), (False, "greaterThan", "lessThan")],
)
def test_what_comes_after_a_position_and_up_to_it(
    descending: bool,  # noqa: FBT001 - parametrized
    after: str,
    until: str,
) -> None:
    """Rows after a position differ in time or sequence; rows up to it include its own."""
    at = "2026-03-10T12:00:00.000+00:00"
    equal = {"method": "equal", "attribute": "$createdAt", "values": [at]}

    def expected(method: str, tie: str) -> list[object]:
        time = {"method": method, "attribute": "$createdAt", "values": [at]}
        sequence = {"method": tie, "attribute": "$sequence", "values": ["7"]}
        return [{"method": "or", "values": [time, {"method": "and", "values": [equal, sequence]}]}]

    position = Position(NOON, "7")
    assert expected(after, after) == position.after_queries("$createdAt", descending=descending)
    assert expected(until, f"{until}Equal") == position.until_queries(
        "$createdAt", descending=descending
    )


@given(rows=TIMES, deletions=TIMES)
def test_a_watch_s_cursor_comes_back_as_it_was(rows: datetime, deletions: datetime) -> None:
    """A watch cursor is exact to the millisecond."""
    position = WatchPosition(rows, deletions)
    assert position == decode_watch_cursor(encode_watch_cursor(position, "digest"), "digest")


@given(st.text() | st.binary().map(lambda each: base64.urlsafe_b64encode(each).decode()))
def test_anything_else_is_no_watch_s_cursor(text: str) -> None:
    """No text causes another error than `BadRequestError`."""
    with pytest.raises(BadRequestError, match="Invalid since"):
        decode_watch_cursor(text, "digest")


@pytest.mark.parametrize(
    "content",
    [
        5,
        ["watch", "2026-01-01T00:00:00+00:00", "never", "digest"],
        ["watch", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00", "digest"],
        ["watch", "2026-01-01T00:00:00+00:00", 5, "digest"],
    ],
)
def test_json_that_is_no_watch_s_cursor(content: object) -> None:
    """The parts of a cursor are validated, too."""
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(BadRequestError, match="Invalid since"):
        decode_watch_cursor(text, "digest")


def test_a_cursor_of_another_watch() -> None:
    """A cursor is rejected by a watch with another filter."""
    cursor = encode_watch_cursor(WatchPosition(NOON, NOON), "digest")
    with pytest.raises(BadRequestError, match="other filters"):
        decode_watch_cursor(cursor, "other")
    with pytest.raises(BadRequestError, match="Invalid since"):
        parse_since(encode_cursor(Position(NOON, "r1"), OWNER), "digest")


def test_a_watch_since_a_time_includes_it() -> None:
    """The position is a millisecond earlier, unless that is out of range."""
    before = NOON - timedelta(milliseconds=1)
    assert WatchPosition(before, before) == parse_since(NOON, "digest")
    assert MIN_DATETIME == parse_since(MIN_DATETIME, "digest").rows
    with pytest.raises(BadRequestError, match="time zone"):
        parse_since(NOON.replace(tzinfo=None), "digest")
