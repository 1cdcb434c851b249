"""Zoho CRM: the exports of the modules Calls, Tasks and Meetings.

Source: https://help.zoho.com/portal/en/kb/crm/customize-crm-account/customizing-fields/articles/
standard-modules-fields (the names of the fields, which are the columns).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk.integrations.crm_exports.layout import (
    Layout,
    Party,
    chosen,
    clock_minutes,
    description,
    direction,
    first,
    is_completed,
    minutes,
    subject,
)

if TYPE_CHECKING:
    from interactions_sdk.integrations.crm_exports.layout import Cells

__all__ = ["LAYOUTS"]

_layout = partial(
    Layout,
    record="Record Id",
    customers=(
        Party("Contact Name.id", ("Contact Name",)),
        Party("Related To.id", ("Related To",)),
        Party("Account Name.id", ("Account Name",)),
    ),
)


def _call_minutes(cells: Cells) -> int | None:
    seconds = "Call Duration (in seconds)"
    if cells.first(seconds):
        return minutes(60, seconds)(cells)
    return clock_minutes(60, "Call Duration")(cells)


LAYOUTS = (
    _layout(
        name="Zoho calls",
        signature=("Subject", "Call Type", "Call Start Time"),
        owners=(Party("Call Owner.id", ("Call Owner",)),),
        fields={
            "interaction_type": lambda _: "call",
            "contact_method": lambda _: "phone",
            "subject": subject("Subject"),
            "description": description("Description", "Call Agenda"),
            "direction": direction("Call Type"),
            "duration": _call_minutes,
            "outcome": chosen({"missed": "no_answer"}, "Call Type"),
        },
        dates={"occurred_at": first("Call Start Time")},
        kept=("Call Result", "Call Purpose"),
    ),
    _layout(
        name="Zoho tasks",
        signature=("Subject", "Due Date", "Task Owner"),
        owners=(Party("Task Owner.id", ("Task Owner",)),),
        fields={
            "interaction_type": lambda _: "task",
            "subject": subject("Subject"),
            "description": description("Description"),
            "next_action": subject("Subject"),
            "outcome": lambda cells: "resolved" if is_completed(cells) else None,
        },
        dates={
            "occurred_at": first("Created Time"),
            "next_action_date": first("Due Date"),
        },
        kept=("Status", "Priority"),
    ),
    _layout(
        name="Zoho meetings",
        signature=("From", "To", "Host"),
        owners=(Party("Host.id", ("Host",)),),
        fields={
            "interaction_type": lambda _: "meeting",
            "subject": subject("Title", "Event Title"),
            "description": description("Description", "Title", "Event Title"),
        },
        dates={"occurred_at": first("From")},
        kept=("Location",),
    ),
)
