"""The server gives all responses recorded from a real Appwrite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.conftest import VERSIONS
from tests.contract.replayer import Replay, differences, read_transcript, transcript_names

if TYPE_CHECKING:
    import httpx

    from interactions_sdk.embedded import EmbeddedAppwrite


SHAPED_BY_HTTP = {"authentication", "row-unicode", "sessions", "storage", "users"}
"""Transcripts that the fast tests also replay over HTTP; the slow tests replay all."""


@pytest.mark.parametrize(
    ("clients", "name"),
    [
        *(pytest.param("in process", name) for name in transcript_names()),
        *(
            pytest.param(
                "over HTTP", name, marks=[] if name in SHAPED_BY_HTTP else pytest.mark.slow
            )
            for name in transcript_names()
        ),
    ],
    indirect=["clients"],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_transcript(
    name: str,
    version: str,
    clients: dict[str, httpx.Client],
    servers: dict[str, EmbeddedAppwrite],
) -> None:
    """A transcript can be replayed twice in a row on the same server, without differences."""
    steps = read_transcript(name, version)
    server = servers[version]
    for _ in range(2):
        assert [] == Replay(clients[version], server.project, server.api_key).differences(steps)


@pytest.mark.parametrize("version", VERSIONS)
def test_transcripts_are_all_there(version: str) -> None:
    """Each version has 50 transcripts with 1,577 responses."""
    names = transcript_names()
    answers = sum("response" in step for name in names for step in read_transcript(name, version))
    assert (50, 1577) == (len(names), answers)


def test_the_versions_differ_in_fourteen_answers() -> None:
    """As many responses differ as did on the real servers."""
    differing = sum(
        old != new
        for name in transcript_names()
        for old, new in zip(*(read_transcript(name, version) for version in VERSIONS), strict=True)
    )
    assert 14 == differing


@pytest.mark.parametrize(
    ("recorded", "answered", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["body.a is 2, was 1"]),
        ({"a": 1}, {"b": 1}, ["body.b is new", "body.a is missing"]),
        ([1], [1, 2], ["body is [1, 2], was [1]"]),
        ([{"a": 1}], [{"a": 2}], ["body[0].a is 2, was 1"]),
        ({"$match": "datetime"}, "noon", ["body is 'noon', was any datetime"]),
        ({"$match": "datetime"}, "2026-01-01T00:00:00.000+00:00", []),
        ({"$match": "id"}, "abc", []),
        ({"$match": "sequence"}, None, ["body is None, was any sequence"]),
        ({"$match": "any"}, None, []),
    ],
)
def test_replayer_tells_differences(
    recorded: object, answered: object, expected: list[str]
) -> None:
    """The replayer detects differences."""
    assert expected == differences(recorded, answered, "body")
