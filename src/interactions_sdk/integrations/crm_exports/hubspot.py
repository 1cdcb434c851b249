"""HubSpot: the exports of the pages for calls, emails, meetings, notes and tasks.

Source: https://knowledge.hubspot.com/properties/hubspots-default-activity-properties (the names of
the properties, which are the columns; the duration of a call counts milliseconds).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk.integrations.crm_exports.layout import (
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
    from interactions_sdk.integrations.crm_exports.layout import Cells

__all__ = ["LAYOUTS"]

_CUSTOMERS = (
    Party("Associated Contact IDs", ("Associated Contact",)),
    Party("Associated Company IDs", ("Associated Company",), prefix="company "),
)
_OWNERS = (Party(id="", names=("Activity assigned to", "Assigned to")),)
_CREATED = ("Activity date", "Create date")


def _is_done(cells: Cells) -> bool:
    return (cells.first("Task status") or "").lower() == "completed"


_layout = partial(Layout, record="Record ID", customers=_CUSTOMERS, owners=_OWNERS)

LAYOUTS = (
    _layout(
        name="HubSpot calls",
        signature=("Call title", "Call direction"),
        fields={
            "interaction_type": lambda _: "call",
            "contact_method": lambda _: "phone",
            "subject": subject("Call title"),
            "description": description("Call notes"),
            "direction": direction("Call direction"),
            "duration": minutes(60_000, "Call duration"),
            "outcome": chosen(
                {
                    "connected": "successful",
                    "left live message": "successful",
                    "left voicemail": "voicemail",
                    "no answer": "no_answer",
                    "busy": "busy",
                    "wrong number": "other",
                },
                "Call outcome",
            ),
        },
        dates={"occurred_at": first(*_CREATED)},
        kept=("Call outcome", "Call and meeting type", "Recording URL"),
    ),
    _layout(
        name="HubSpot emails",
        signature=("Email subject", "Email direction"),
        fields={
            "interaction_type": lambda _: "email",
            "contact_method": lambda _: "email",
            "subject": subject("Email subject"),
            "description": description("Email body"),
            "direction": direction("Email direction"),
        },
        dates={"occurred_at": first(*_CREATED)},
        kept=("Email send status",),
    ),
    _layout(
        name="HubSpot meetings",
        signature=("Meeting name", "Meeting start time"),
        fields={
            "interaction_type": lambda _: "meeting",
            "subject": subject("Meeting name"),
            "description": description(
                "Meeting description", "Internal meeting notes", "Meeting name"
            ),
            "outcome": chosen(
                {
                    "completed": "successful",
                    "no show": "no_answer",
                    "canceled": "cancelled",
                    "rescheduled": "other",
                },
                "Meeting outcome",
            ),
        },
        dates={"occurred_at": first("Meeting start time", *_CREATED)},
        kept=("Meeting outcome", "Meeting location", "Call and meeting type"),
    ),
    _layout(
        name="HubSpot tasks",
        signature=("Task title", "Due date"),
        fields={
            "interaction_type": lambda _: "task",
            "subject": subject("Task title"),
            "description": description("Task notes"),
            "next_action": subject("Task title"),
            "outcome": lambda cells: "resolved" if _is_done(cells) else None,
        },
        dates={
            "occurred_at": first("Create date", "Activity date"),
            "next_action_date": first("Due date"),
        },
        kept=("Task status", "Task type", "Priority"),
    ),
    _layout(
        name="HubSpot notes",
        signature=("Note body", "Activity date"),
        fields={"interaction_type": lambda _: "note", "description": description("Note body")},
        dates={"occurred_at": first(*_CREATED)},
    ),
)
