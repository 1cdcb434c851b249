"""Close: the JSON export of leads with their activities.

Sources: https://developer.close.com/api/resources/exports/create-lead (an array of leads) and
https://developer.close.com/api/resources/activities (the fields of an activity; the duration of a
call counts seconds).
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.errors import BadRequestError
from interactions_sdk.integrations.crm_exports.layout import (
    Cells,
    Layout,
    Party,
    chosen,
    description,
    direction,
    first,
    minutes,
    subject,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["CLOSE_COLUMNS", "LAYOUTS", "flatten_close"]

CLOSE_COLUMNS = ("_type", "lead_id", "date_created")
"""Keys that every activity of an export has."""

_TYPES = {
    "call": "call",
    "email": "email",
    "note": "note",
    "meeting": "meeting",
    "sms": "other",
    "whatsappmessage": "other",
    "task": "task",
}
_METHODS = {"call": "phone", "email": "email", "sms": "chat", "whatsappmessage": "chat"}


def _is_open_task(cells: Cells) -> bool:
    return (cells.first("_type") or "").lower() == "task" and cells.first("is_complete") != "true"


LAYOUTS = (
    Layout(
        name="Close activities",
        signature=CLOSE_COLUMNS,
        record="id",
        customers=(Party("lead_id", ("lead_name",)),),
        owners=(Party("user_id", ("user_name",)), Party("assigned_to", ("assigned_to_name",))),
        fields={
            "interaction_type": chosen(_TYPES, "_type"),
            "contact_method": chosen(_METHODS, "_type"),
            "subject": subject("subject", "title", "text"),
            "description": description("note", "body_text", "text", "note_html", "title"),
            "direction": direction("direction"),
            "duration": minutes(60, "duration"),
            "outcome": lambda cells: (
                "resolved"
                if cells.first("is_complete") == "true"
                else chosen(
                    {
                        "answered": "successful",
                        "no-answer": "no_answer",
                        "vm-answer": "voicemail",
                        "vm-left": "voicemail",
                        "busy": "busy",
                    },
                    "disposition",
                )(cells)
            ),
            "next_action": lambda cells: subject("text")(cells) if _is_open_task(cells) else None,
        },
        dates={
            "occurred_at": first("activity_at", "starts_at", "date_created"),
            "next_action_date": lambda cells: (
                cells.first("due_date", "date") if _is_open_task(cells) else None
            ),
        },
        kept=("disposition", "status", "lead_id"),
    ),
)


@contextmanager
def flatten_close(
    path: str | Path, encoding: str = "utf-8-sig"
) -> Generator[tuple[Path, dict[str, int]]]:
    """Write the activities and tasks of all leads to a temporary JSON Lines file.

    The export, an array of leads or `{"data": [...]}`, is read as a whole, as JSON is. Activities
    that are not contacts, such as changes of a lead's status, are left out, and counted by type.

    Raises:
        BadRequestError: It is not an export of Close.
    """
    left_out: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        file = Path(folder, "activities.jsonl")
        with file.open("w", encoding="utf-8") as written:
            for activity in _activities(path, encoding):
                kind = str(activity.get("_type"))
                if kind.lower() in _TYPES:
                    written.write(json.dumps(activity, ensure_ascii=False) + "\n")
                else:
                    left_out[kind] += 1
        yield file, left_out


def _activities(path: str | Path, encoding: str) -> Iterator[dict[str, Any]]:
    try:
        content: object = json.loads(Path(path).read_text(encoding=encoding))
    except ValueError as error:
        raise BadRequestError(f"{path} is not the JSON of an export of Close: {error}.") from error
    leads = cast("dict[str, object]", content).get("data") if isinstance(content, dict) else content
    if not isinstance(leads, list):
        raise BadRequestError(f"{path} is not an export of Close: it holds no list of leads.")
    for lead in cast("list[dict[str, Any]]", leads):
        names = {
            "lead_id": lead.get("id"),
            "lead_name": lead.get("display_name") or lead.get("name"),
        }
        for activity in cast("list[dict[str, Any]]", lead.get("activities") or []):
            yield {**_plain(activity), **names}
        for task in cast("list[dict[str, Any]]", lead.get("tasks") or []):
            yield {**_plain(task), **names, "_type": "Task"}


def _plain(activity: dict[str, Any]) -> dict[str, Any]:
    """Leave out lists and objects, which text columns cannot hold."""
    return {name: value for name, value in activity.items() if not isinstance(value, (list, dict))}
