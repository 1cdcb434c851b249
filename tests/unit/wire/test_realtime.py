"""Recorded and unexpected websocket messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.wire.call import Table
from interactions_sdk.wire.realtime import (
    ConnectedMessage,
    ErrorMessage,
    Message,
    RowEvent,
    parse_message,
    realtime_url,
)

LOG = json.loads((Path(__file__).parents[2] / "contract" / "realtime.json").read_text())["log"]
RECEIVED = [step["message"] for step in LOG if step["direction"] == "received"]
EVENT = next(message for message in RECEIVED if message["type"] == "event")
TABLE = Table("{db}", "interactions", CustomerInteraction)


def read(message: Any) -> Message | None:
    """Read a message about the recorded table."""
    return parse_message(json.dumps(message), TABLE)


def test_recorded_messages() -> None:
    """The recorded messages are connections, events with rows, errors and others."""
    told = [read(message) for message in RECEIVED]

    events = [each for each in told if isinstance(each, RowEvent)]
    assert 18 == len(events)
    assert all(each.row is not None and each.at is not None for each in events)
    assert [("r1", "create"), ("r1", "update"), ("r1", "delete"), ("r2", "create")] == [
        (each.row.id, each.action) for each in events[:4] if each.row is not None
    ]
    assert ["u{run}", "u{run}"] == [
        each.user_id for each in told if isinstance(each, ConnectedMessage) and each.user_id
    ]
    assert [ErrorMessage(1003)] == [each for each in told if isinstance(each, ErrorMessage)]
    assert [None, None] == [each for each in told if each is None]


@pytest.mark.parametrize(
    "change",
    [
        {"payload": None},
        {"payload": {"subject": "no id"}},
        {"events": None},
        {"timestamp": "never"},
        {"timestamp": 5},
        {"timestamp": "2026-11-23T04:37:33.417"},
    ],
)
def test_an_event_that_cannot_be_read(change: dict[str, Any]) -> None:
    """An event with an invalid row means that polling is needed."""
    assert RowEvent() == read(EVENT | {"data": EVENT["data"] | change})


def test_an_event_of_another_kind_or_table() -> None:
    """The action of an upsert, or of an event about another table, is unknown."""
    names = ["databases.{db}.tables.interactions.rows.r1.upsert"]
    told = read(EVENT | {"data": EVENT["data"] | {"events": names}})
    assert isinstance(told, RowEvent)
    assert told.action is None
    elsewhere = parse_message(json.dumps(EVENT), Table("{db}", "customers", CustomerInteraction))
    assert isinstance(elsewhere, RowEvent)
    assert elsewhere.action is None


@pytest.mark.unmeasured
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["type", "data", "user", "$id", "code", "events", "payload"]), inner
            )
        ),
    )
    | st.sampled_from(["connected", "event", "error"]).flatmap(
        lambda kind: st.fixed_dictionaries(
            {"type": st.just(kind), "data": st.dictionaries(st.text(), st.text())}
        )
    )
)
def test_no_message_breaks_it(message: Any) -> None:
    """Any JSON results in a message or None."""
    assert isinstance(read(message), (Message, type(None)))


@given(st.text() | st.binary())
def test_no_text_breaks_it(text: str | bytes) -> None:
    """Any text results in a message or None."""
    assert isinstance(parse_message(text, TABLE), (Message, type(None)))


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://localhost/v1", "ws://localhost/v1/realtime?project=a+b&channels"),
        ("https://[::1]:8443/v1", "wss://[::1]:8443/v1/realtime?project=a+b&channels"),
    ],
)
def test_the_address(endpoint: str, expected: str) -> None:
    """The URL has the endpoint's host, and uses TLS if the endpoint does."""
    assert realtime_url(endpoint, "a b", TABLE).startswith(expected)
