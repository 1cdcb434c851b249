"""Record how an Appwrite server answers, and compare it with the committed transcripts.

    python -m tests.contract.recorder                   record all of them into build/transcripts
    python -m tests.contract.recorder NAME ...          only these; `realtime` is the websocket
    python -m tests.contract.recorder --update ...      replace the committed ones

The server is that of APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY, a key with all
scopes. Each recording uses its own database and users, and deletes them afterwards.

To record something new, add a file with `about` and `steps` to tests/contract/transcripts, whose
steps have no `response` yet, and record it with `--update`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from interactions_sdk import ConfigurationError
from tests.contract.realtime import RECORD, RealtimeScenario, reduced
from tests.contract.replayer import (
    TRANSCRIPTS,
    Replay,
    Step,
    differences,
    transcript_names,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

REALTIME = RECORD.stem
FOLDER = Path("build") / "transcripts"
VARIABLES = ("APPWRITE_ENDPOINT", "APPWRITE_PROJECT_ID", "APPWRITE_API_KEY")
_TIMEOUT = 60.0
_READY_LIMIT = 120.0
_SILENCE = 3.0
_LINE = 400
_CREATED_IN = {"/tablesdb", "/users", "/teams", "/storage/buckets"}


class Recorder:
    """Records the responses of one server.

    Args:
        endpoint: The endpoint of its API.
        project: The ID of the project.
        api_key: A key with all scopes.
    """

    def __init__(self, endpoint: str, project: str, api_key: str) -> None:
        self._endpoint, self._project, self._api_key = endpoint, project, api_key

    def version(self, client: httpx.Client) -> str:
        """Return the version of the server."""
        headers = {"X-Appwrite-Project": self._project, "X-Appwrite-Key": self._api_key}
        response = client.get("/health/version", headers=headers)
        return str(response.json().get("version", "unknown")) if response.is_success else "unknown"

    def record(self, transcript: Step) -> Step:
        """Return a transcript with the responses of this server."""
        with httpx.Client(base_url=self._endpoint, timeout=_TIMEOUT, trust_env=False) as client:
            replay = Replay(client, self._project, self._api_key, limit=_READY_LIMIT, pauses=True)
            try:
                steps = [_recorded(step, replay.respond(step)) for step in transcript["steps"]]
            finally:
                self._delete(client, replay, transcript["steps"])
            return {**transcript, "server": f"Appwrite {self.version(client)}", "steps": steps}

    def record_realtime(self, record: Step) -> Step:
        """Return the recorded websocket session with the messages of this server."""
        scenario = RealtimeScenario(
            self._endpoint, self._project, self._api_key, uuid.uuid4().hex[:8]
        )
        with scenario.stack:
            log = [
                step if received is None else {**step, "message": scenario.named(received)}
                for step, received in scenario.play(record["log"], _SILENCE)
            ]
            scenario.delete()
        return {**record, "log": log}

    def _delete(self, client: httpx.Client, replay: Replay, steps: list[Step]) -> None:
        """Delete what the steps created, whether they succeeded or not."""
        headers = {"X-Appwrite-Project": self._project, "X-Appwrite-Key": self._api_key}
        for step in steps:
            if step.get("method") != "POST" or step["path"] not in _CREATED_IN:
                continue
            ids = [value for name, value in step.get("body", {}).items() if name.endswith("Id")]
            for id in ids:
                client.delete(f"{step['path']}/{replay.filled(id)}", headers=headers)


def _recorded(step: Step, response: Step | None) -> Step:
    return step if response is None else {**step, "response": response}


def compare(before: Step, after: Step) -> list[str]:
    """Return where two recordings of a transcript differ."""
    return [
        f"step {number} {old['method']} {old['path']}: {difference}"
        for number, (old, new) in enumerate(zip(before["steps"], after["steps"], strict=True))
        if "response" in old
        for difference in differences(old["response"], new["response"], "response")
    ]


def compare_realtime(before: Step, after: Step) -> list[str]:
    """Return where two recordings of the websocket differ."""
    return [
        f"message {number} on {old['connection']!r}: {difference}"
        for number, (old, new) in enumerate(zip(before["log"], after["log"], strict=True))
        for difference in differences(reduced(old["message"]), reduced(new["message"]), "message")
    ]


def read(name: str) -> Step:
    """Return a committed transcript.

    Raises:
        FileNotFoundError: There is none of this name.
    """
    path = RECORD if name == REALTIME else TRANSCRIPTS / f"{name}.json"
    transcript: Step = json.loads(path.read_text(encoding="utf-8"))
    return transcript


def from_environment(environment: Mapping[str, str]) -> Recorder:
    """Return a recorder of the server in the environment.

    Raises:
        ConfigurationError: A variable is missing.
    """
    missing = [name for name in VARIABLES if not environment.get(name)]
    if missing:
        raise ConfigurationError(f"Set {' and '.join(missing)}: the server to record.")
    return Recorder(*(environment[name] for name in VARIABLES))


def main(arguments: list[str] | None = None) -> int:
    """Record; return 1 if a response differs from the committed ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="transcripts; all by default")
    parser.add_argument("--update", action="store_true", help="replace the committed ones")
    options = parser.parse_args(arguments)
    try:
        recorder = from_environment(os.environ)
    except ConfigurationError as error:
        parser.error(str(error))
    found = 0
    for name in options.names or [*transcript_names(), REALTIME]:
        before = read(name)
        if name == REALTIME:
            after = recorder.record_realtime(before)
            problems = compare_realtime(before, after)
        else:
            after = recorder.record(before)
            problems = compare(before, after)
        _write(name, after, update=options.update)
        shown = (f"  {problem[:_LINE]}" for problem in problems)
        lines = [f"{name}: {len(problems)} differences", *shown]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        found += len(problems)
    return 1 if found else 0


def _write(name: str, transcript: Step, *, update: bool) -> None:
    if update:
        path = RECORD if name == REALTIME else TRANSCRIPTS / f"{name}.json"
    else:
        path = FOLDER / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(transcript, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
