"""Salesforce: the objects Task and Event, as the Data Loader and the weekly export write them.

Sources: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
sforce_api_objects_task.htm and sforce_api_objects_event.htm (the names of the fields, which are the
columns; the duration of a call counts seconds).
"""

from __future__ import annotations

from functools import partial

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

__all__ = ["LAYOUTS"]

_TYPES = {"call": "call", "email": "email", "listemail": "email"}


def _is_closed(cells: Cells) -> bool:
    if closed := cells.first("IsClosed"):
        return closed.lower() in {"true", "1"}
    return (cells.first("Status") or "").lower() == "completed"


def _type(cells: Cells) -> str:
    """A completed task may be a call or an email; an open one is a task."""
    if not _is_closed(cells):
        return "task"
    subtype = (cells.first("TaskSubtype") or "").lower()
    is_call = not subtype and cells.first("CallType", "CallDurationInSeconds")
    return "call" if is_call else _TYPES.get(subtype, "task")


def _due(cells: Cells) -> str | None:
    return cells.first("ActivityDate") if _type(cells) == "task" else None


def _occurred(cells: Cells) -> str | None:
    if _type(cells) == "task":
        return cells.first("CreatedDate", "CompletedDateTime")
    return cells.first("CompletedDateTime", "ActivityDate", "CreatedDate")


_layout = partial(
    Layout,
    record="Id",
    customers=(Party("AccountId"), Party("WhoId"), Party("WhatId")),
    owners=(Party("OwnerId"),),
)

LAYOUTS = (
    _layout(
        name="Salesforce tasks",
        signature=("Subject", "Status", "ActivityDate", "OwnerId"),
        fields={
            "interaction_type": _type,
            "contact_method": lambda cells: {"call": "phone", "email": "email"}.get(_type(cells)),
            "subject": subject("Subject"),
            "description": description("Description"),
            "direction": direction("CallType"),
            "duration": minutes(60, "CallDurationInSeconds"),
            "next_action": lambda cells: _due(cells) and subject("Subject")(cells),
            "outcome": lambda cells: (
                "resolved" if _type(cells) == "task" and _is_closed(cells) else None
            ),
        },
        dates={"occurred_at": _occurred, "next_action_date": _due},
        kept=("Status", "Priority", "CallDisposition", "WhoId", "WhatId"),
    ),
    _layout(
        name="Salesforce events",
        signature=("Subject", "StartDateTime", "EndDateTime"),
        fields={
            "interaction_type": lambda _: "meeting",
            "contact_method": chosen({"call": "phone", "web meeting": "video_call"}, "Type"),
            "subject": subject("Subject"),
            "description": description("Description", "Subject"),
            "duration": minutes(1, "DurationInMinutes"),
        },
        dates={"occurred_at": first("StartDateTime", "ActivityDateTime", "ActivityDate")},
        kept=("Location", "WhoId", "WhatId"),
    ),
)
