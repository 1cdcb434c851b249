"""Pipedrive: the export of the list of activities.

Source: https://developers.pipedrive.com/docs/api/v1/Activities (the fields, whose labels are the
columns; due time and duration are `HH:MM`). A file that was exported together with other records
has the columns `Activity - Subject` and so on.
"""

from __future__ import annotations

from interactions_sdk.integrations.crm_exports.layout import (
    Cells,
    Layout,
    Party,
    clock_minutes,
    description,
    subject,
)

__all__ = ["LAYOUTS"]

_TYPES = {
    "call": "call",
    "meeting": "meeting",
    "lunch": "meeting",
    "email": "email",
    "task": "task",
    "deadline": "task",
}
_METHODS = {"call": "phone", "email": "email"}


def _is_done(cells: Cells) -> bool:
    return (cells.first("Done") or "").lower() in {"done", "yes", "true", "1"}


def _type(cells: Cells) -> str:
    """An activity that is not done yet is a task, whatever its type."""
    if not _is_done(cells):
        return "task"
    return _TYPES.get((cells.first("Type") or "").lower(), "other")


def _due(cells: Cells) -> str | None:
    parts = cells.first("Due date"), cells.first("Due time")
    return " ".join(filter(None, parts)) or None


def _occurred(cells: Cells) -> str | None:
    if _is_done(cells):
        return cells.first("Marked as done time") or _due(cells)
    return cells.first("Add time", "Creation date")


LAYOUTS = (
    Layout(
        name="Pipedrive activities",
        signature=("Subject", "Type", "Due date", "Done"),
        record="ID",
        customers=(
            Party("Organization - ID", ("Organization",)),
            Party("Person - ID", ("Contact person", "Person"), prefix="person "),
        ),
        owners=(Party("Assigned to user - ID", ("Assigned to user", "Owner")),),
        fields={
            "interaction_type": _type,
            "contact_method": lambda cells: _METHODS.get(_type(cells)),
            "subject": subject("Subject"),
            "description": description("Note", "Public description", "Subject"),
            "duration": clock_minutes(3600, "Duration"),
            "next_action": lambda cells: None if _is_done(cells) else subject("Subject")(cells),
        },
        dates={
            "occurred_at": _occurred,
            "next_action_date": lambda cells: None if _is_done(cells) else _due(cells),
        },
        kept=("Type", "Deal", "Location"),
    ),
)
