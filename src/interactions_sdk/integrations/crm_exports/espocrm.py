"""EspoCRM: the exports of calls, meetings and tasks.

Source: https://github.com/espocrm/espocrm, application/Espo/Modules/Crm/Resources/metadata/
entityDefs (`Call.json`, `Meeting.json`, `Task.json`: the names of the fields, which are the
columns; the duration counts seconds).
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
    is_completed,
    minutes,
    subject,
)

if TYPE_CHECKING:
    from interactions_sdk.integrations.crm_exports.layout import Cells

__all__ = ["LAYOUTS"]

_CUSTOMERS = (
    Party("Parent Id", ("Parent Name", "Parent")),
    Party("Account Id", ("Account Name", "Account")),
    Party("Contacts Ids", ("Contacts",)),
)
_OWNERS = (Party("Assigned User Id", ("Assigned User Name", "Assigned User")),)
_CALL = ("Name", "Status", "Date Start", "Date End", "Direction")


def _is_planned(cells: Cells) -> bool:
    return (cells.first("Status") or "").lower() == "planned"


_OUTCOME = chosen({"held": "successful", "not held": "cancelled"}, "Status")


def _when(cells: Cells) -> str | None:
    return cells.first("Created At") if _is_planned(cells) else cells.first("Date Start")


def _due(cells: Cells) -> str | None:
    return cells.first("Date Start") if _is_planned(cells) else None


_layout = partial(Layout, record="Id", customers=_CUSTOMERS, owners=_OWNERS)

LAYOUTS = (
    _layout(
        name="EspoCRM calls",
        signature=_CALL,
        fields={
            "interaction_type": lambda cells: "task" if _is_planned(cells) else "call",
            "contact_method": lambda _: "phone",
            "subject": subject("Name"),
            "description": description("Description"),
            "direction": direction("Direction"),
            "duration": minutes(60, "Duration"),
            "outcome": _OUTCOME,
            "next_action": lambda cells: _due(cells) and subject("Name")(cells),
        },
        dates={"occurred_at": _when, "next_action_date": _due},
    ),
    _layout(
        name="EspoCRM meetings",
        signature=_CALL[:-1],
        fields={
            "interaction_type": lambda cells: "task" if _is_planned(cells) else "meeting",
            "subject": subject("Name"),
            "description": description("Description", "Name"),
            "duration": minutes(60, "Duration"),
            "outcome": _OUTCOME,
            "next_action": lambda cells: _due(cells) and subject("Name")(cells),
        },
        dates={"occurred_at": _when, "next_action_date": _due},
    ),
    _layout(
        name="EspoCRM tasks",
        signature=("Name", "Status", "Priority", "Date End"),
        fields={
            "interaction_type": lambda _: "task",
            "subject": subject("Name"),
            "description": description("Description"),
            "next_action": subject("Name"),
            "outcome": lambda cells: "resolved" if is_completed(cells) else None,
        },
        dates={"occurred_at": first("Created At"), "next_action_date": first("Date End")},
        kept=("Status", "Priority"),
    ),
)
