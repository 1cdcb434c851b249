"""The recorder records a server's responses and compares them with the committed ones."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import ConfigurationError
from tests.contract import recorder
from tests.contract.recorder import (
    REALTIME,
    Recorder,
    compare,
    compare_realtime,
    from_environment,
    main,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.embedded.http_server import RunningServer

NAME = "users"
"""A short transcript, which creates users."""


@pytest.fixture(scope="module")
def running(server: EmbeddedAppwrite) -> Iterator[RunningServer]:
    """Serve HTTP and the websocket."""
    with server.serve() as started:
        yield started


@pytest.fixture
def environment(
    running: RunningServer,
    server: EmbeddedAppwrite,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Path:
    """Set the server's environment variables, and return the empty working directory."""
    monkeypatch.setenv("APPWRITE_ENDPOINT", running.endpoint)
    monkeypatch.setenv("APPWRITE_PROJECT_ID", server.project)
    monkeypatch.setenv("APPWRITE_API_KEY", server.api_key)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def totals(running: RunningServer, server: EmbeddedAppwrite) -> list[int]:
    """Return the number of databases and users on the server."""
    headers = {"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.api_key}
    with httpx.Client(base_url=running.endpoint, headers=headers, trust_env=False) as client:
        return [client.get(path).json()["total"] for path in ("/tablesdb", "/users")]


def test_a_recording_is_written_and_compared(
    environment: Path,
    running: RunningServer,
    server: EmbeddedAppwrite,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same server has no differences, and everything that was created is deleted."""
    before = totals(running, server)

    assert 0 == main([NAME])

    assert f"{NAME}: 0 differences\n" == capsys.readouterr().out
    written = json.loads((environment / "build" / "transcripts" / f"{NAME}.json").read_text())
    assert read(NAME)["steps"] == written["steps"]
    assert before == totals(running, server)


def test_a_recording_can_replace_the_committed_one(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--update` replaces the transcript, even one without responses."""
    transcript = read(NAME)
    steps = [{k: v for k, v in step.items() if k != "response"} for step in transcript["steps"]]
    path = environment / f"{NAME}.json"
    path.write_text(json.dumps({**transcript, "steps": steps}))
    monkeypatch.setattr(recorder, "TRANSCRIPTS", environment)

    assert 0 == main(["--update", NAME])

    assert transcript["steps"] == json.loads(path.read_text())["steps"]


def test_a_recording_of_the_websocket_is_compared(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All websocket messages are received again."""
    assert 0 == main([REALTIME])

    assert "realtime: 0 differences\n" == capsys.readouterr().out
    assert (environment / "build" / "transcripts" / "realtime.json").exists()


@pytest.mark.usefixtures("environment")
def test_differences_fail_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each difference names the step, the request and both values."""
    changed = deepcopy(read(NAME))
    number = next(i for i, step in enumerate(changed["steps"]) if "response" in step)
    changed["steps"][number]["response"]["status"] = 418
    monkeypatch.setattr(recorder, "read", lambda _: changed)

    assert 1 == main([NAME])

    printed = capsys.readouterr().out
    assert f"{NAME}: 1 differences" in printed
    assert "response.status is 201, was 418" in printed


def test_a_recording_without_a_server_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the missing variables."""
    for name in recorder.VARIABLES:
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(SystemExit):
        main([NAME])

    assert "Set APPWRITE_ENDPOINT and APPWRITE_PROJECT_ID and APPWRITE_API_KEY" in (
        capsys.readouterr().err
    )


def test_an_empty_variable_counts_as_missing() -> None:
    """Only the empty variable is named."""
    with pytest.raises(ConfigurationError, match=r"^Set APPWRITE_API_KEY: "):
        from_environment(
            {"APPWRITE_ENDPOINT": "http://a/v1", "APPWRITE_PROJECT_ID": "p", "APPWRITE_API_KEY": ""}
        )


def test_what_failed_half_way_is_deleted_too(
    running: RunningServer, server: EmbeddedAppwrite
) -> None:
    """After a step that fails, the database is deleted nevertheless."""
    before = totals(running, server)
    steps = [
        {"method": "POST", "path": "/tablesdb", "body": {"databaseId": "db{run}", "name": "x"}},
        {"method": "GET", "path": "/tablesdb/db{run}", "actor": "nobody"},
    ]

    with pytest.raises(KeyError, match="nobody"):
        Recorder(running.endpoint, server.project, server.api_key).record({"steps": steps})

    assert before == totals(running, server)


def test_two_recordings_are_compared_step_by_step() -> None:
    """Pauses have no response, and times and IDs of websocket messages are not compared."""
    step = {"method": "GET", "path": "/users", "response": {"status": 200, "body": {"total": 1}}}
    other = {**step, "response": {"status": 200, "body": {"total": 2}}}
    message = {"connection": "ann", "direction": "received", "message": {"timestamp": "x", "a": 1}}

    assert ["step 1 GET /users: response.body.total is 2, was 1"] == compare(
        {"steps": [{"sleep": 1}, step]}, {"steps": [{"sleep": 1}, other]}
    )
    assert ["message 0 on 'ann': message.a is 2, was 1"] == compare_realtime(
        {"log": [message]}, {"log": [{**message, "message": {"timestamp": "x", "a": 2}}]}
    )
