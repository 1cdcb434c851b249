"""Replays recorded requests, and reports where the responses of a server differ.

A transcript is a list of requests with the responses of a real Appwrite. Values that differ from
run to run (IDs, times, tokens) are matchers, or placeholders that are filled in at each replay.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import httpx

Json: TypeAlias = Any
Step: TypeAlias = dict[str, Any]

RELEASED = "1.9.6"
TRANSCRIPTS = Path(__file__).parent / "transcripts"

_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
_MADE_UP_ID = re.compile(r"[0-9a-f]{20}|\d+_\d+_\w+")
_MEMBER = re.compile(r"member:[0-9a-z]{20}")
_DATED_BY_SERVER = frozenset({"$createdAt", "$updatedAt", "expiresAt"})
_RECENT = timedelta(hours=2)
_ALWAYS_LEFT_OUT = frozenset({"$databaseId"})
_LEFT_OUT_OF_USERS = frozenset(
    {
        *("accessedAt", "emailCanonical", "emailIsCanonical", "emailIsCorporate"),
        *("emailIsDisposable", "emailIsFree", "emailVerification", "hash", "hashOptions"),
        *("impersonator", "impersonatorUserId", "mfa", "password", "passwordUpdate", "phone"),
        *("phoneVerification", "prefs", "registration", "targets"),
    }
)
_ERROR = ("message", "code", "type")
_ERROR_STATUS = 400


def transcript_names() -> list[str]:
    """Return the names of all transcripts."""
    return sorted(path.stem for path in TRANSCRIPTS.glob("*.json"))


def read_transcript(name: str, version: str = RELEASED) -> list[Step]:
    """Return a transcript of a version.

    The folder of a version other than the released one holds only the transcripts that differ.
    """
    path = TRANSCRIPTS / f"{name}.json"
    other = TRANSCRIPTS.with_name(f"transcripts-{version}") / path.name
    if version != RELEASED and other.exists():
        path = other
    steps: list[Step] = json.loads(path.read_text())["steps"]
    return steps


@dataclass
class Replay:
    """A replay of a transcript.

    Args:
        client: A client whose base URL is Appwrite's endpoint.
        project: The ID of the project.
        key: An API key of the project with all scopes.
        limit: Seconds to wait for columns and indexes; 0 expects them to be available immediately.
        pauses: Whether to make the pauses of the transcript, which keep times in order.
    """

    client: httpx.Client
    project: str
    key: str
    limit: float = 0
    pauses: bool = False
    words: dict[str, str] = field(default_factory=dict)
    jwts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Create unique IDs for this replay."""
        self.words["run"] = uuid.uuid4().hex[:10]

    def differences(self, steps: list[Step]) -> list[str]:
        """Replay all steps; the result is empty if every response is as recorded."""
        return [
            f"step {number}: {difference}"
            for number, step in enumerate(steps)
            for difference in self._play(step)
        ]

    def _play(self, step: Step) -> list[str]:
        response = self.respond(step)
        if response is None:
            return []
        recorded = step["response"]
        found = differences(recorded["body"], response["body"], "body")
        if response["status"] != recorded["status"]:
            found.insert(0, f"status is {response['status']}, was {recorded['status']}")
        return found

    def respond(self, step: Step) -> Step | None:
        """Send the request of a step; return the response as it is recorded, None for a pause."""
        if "wait" in step:
            self._wait(step["wait"])
            return None
        if "sleep" in step:
            time.sleep(step["sleep"] if self.pauses else 0.01)
            return None
        status, body = self._send(step)
        if status < _ERROR_STATUS:
            for word, place in step.get("capture", {}).items():
                self.words[word] = body[place]
        if "jwt" in step:
            self.jwts[step["jwt"]] = body["jwt"]
        return {"status": status, "body": self._reduced(step, status, body)}

    def _wait(self, path: str) -> None:
        end = time.monotonic() + self.limit
        while unfinished := self._unfinished(path):
            assert time.monotonic() < end, f"{path}: {unfinished}"
            time.sleep(0.1)

    def _unfinished(self, path: str) -> list[str]:
        """Return the columns and indexes of a table that are not yet available."""
        table = self.client.get(self.filled(path), headers=self._headers("key")).json()
        parts = (*table.get("columns", []), *table.get("indexes", []))
        return [part["key"] for part in parts if part["status"] in {"processing", "deleting"}]

    def _send(self, step: Step) -> tuple[int, Json]:
        query: list[tuple[str, str | int | float | bool | None]] = [
            ("queries[]", each if isinstance(each, str) else json.dumps(self.filled(each)))
            for each in step.get("queries", [])
        ]
        query += [(name, str(value)) for name, value in self.filled(step.get("params", {})).items()]
        content: dict[str, Any] = {"json": self.filled(step["body"])} if "body" in step else {}
        if "upload" in step:
            content = {"files": _form(self.filled(step["upload"]))}
        response = self.client.request(
            step["method"],
            self.filled(step["path"]),
            params=query or None,
            headers=self._headers(step.get("actor", "key")) | self.filled(step.get("headers", {})),
            **content,
        )
        if not response.content:
            return response.status_code, None
        if response.headers["content-type"].startswith("application/json"):
            return response.status_code, response.json()
        return response.status_code, response.text

    def _headers(self, actor: str) -> dict[str, str]:
        project = {"X-Appwrite-Project": self.project}
        match actor:
            case "key":
                return project | {"X-Appwrite-Key": self.key}
            case "badkey":
                return project | {"X-Appwrite-Key": "standard_not-a-key"}
            case "noproject":
                return {"X-Appwrite-Key": self.key}
            case "guest":
                return project
            case _:
                return project | {"X-Appwrite-JWT": self.jwts[actor]}

    def filled(self, value: Json) -> Json:
        """Replace the transcript's placeholders with the values of this replay."""
        match value:
            case str():
                for word, meant in self.words.items():
                    value = value.replace(f"{{{word}}}", meant)
                return value
            case list():
                return [self.filled(each) for each in value]
            case dict():
                return {self.filled(key): self.filled(each) for key, each in value.items()}
            case _:
                return value

    def _reduced(self, step: Step, status: int, body: Json) -> Json:
        """Return a response in the recorded form."""
        reduced = self._named(body, "")
        if not isinstance(reduced, dict):
            return reduced
        if reduced.keys() >= {"code", "message"}:
            reduced = {key: reduced[key] for key in _ERROR if key in reduced}
        if "keep" in step and status < _ERROR_STATUS:
            reduced = {key: reduced.get(key) for key in step["keep"]}
        return reduced

    def _named(self, value: Json, key: str) -> Json:
        match value:
            case dict():
                is_user = value.keys() >= {"labels", "targets"}
                left_out = _ALWAYS_LEFT_OUT | (_LEFT_OUT_OF_USERS if is_user else frozenset())
                return {
                    each: self._named(part, each)
                    for each, part in value.items()
                    if each not in left_out
                }
            case list():
                return [self._named(each, key) for each in value]
            case str():
                return self._named_text(value, key)
            case _:
                return value

    def _named_text(self, value: str, key: str) -> Json:
        if key == "$sequence":
            return {"$match": "sequence"}
        if key == "jwt":
            return {"$match": "any"}
        if key in _DATED_BY_SERVER and _DATETIME.fullmatch(value) and _is_recent(value):
            return {"$match": "datetime"}
        for word, meant in sorted(self.words.items(), key=lambda item: -len(item[1])):
            value = value.replace(meant, f"{{{word}}}")
        if key == "$id" and _MADE_UP_ID.fullmatch(value):
            return {"$match": "id"}
        return _MEMBER.sub("member:{id}", value)


def _is_recent(value: str) -> bool:
    """Return whether a time was set by the server, not by the transcript."""
    return abs(datetime.now(UTC) - datetime.fromisoformat(value)) < _RECENT


def _form(upload: dict[str, Any]) -> list[tuple[str, tuple[str | None, bytes]]]:
    return [
        (name, (value["name"], value["text"].encode()))
        if isinstance(value, dict)
        else (name, (None, value.encode()))
        for name, value in upload.items()
    ]


def differences(recorded: Json, answered: Json, place: str) -> list[str]:
    """Return the differences between a response and the recorded one."""
    match recorded:
        case {"$match": "any"}:
            return []
        case {"$match": kind}:
            return [] if _matches(kind, answered) else [f"{place} is {answered!r}, was any {kind}"]
        case dict() if isinstance(answered, dict):
            found = [f"{place}.{key} is new" for key in answered.keys() - recorded.keys()]
            found += [f"{place}.{key} is missing" for key in recorded.keys() - answered.keys()]
            for key in recorded.keys() & answered.keys():
                found += differences(recorded[key], answered[key], f"{place}.{key}")
            return found
        case list() if isinstance(answered, list) and len(answered) == len(recorded):
            pairs = enumerate(zip(recorded, answered, strict=True))
            return [
                difference
                for at, (before, after) in pairs
                for difference in differences(before, after, f"{place}[{at}]")
            ]
        case _:
            return [] if recorded == answered else [f"{place} is {answered!r}, was {recorded!r}"]


def _matches(kind: str, answered: Json) -> bool:
    if answered == {"$match": kind}:
        return True
    text = isinstance(answered, str)
    return text and (kind != "datetime" or _DATETIME.fullmatch(answered) is not None)
