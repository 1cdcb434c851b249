"""Customers as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from interactions_sdk.cli.console import safe_text, stdout
from interactions_sdk.cli.details import details_table, time_text
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from rich.console import RenderableType

    from interactions_sdk import Customer

__all__ = ["render_customer", "render_customers"]

_GAP = 2
_ELSEWHERE = {"Name", "Created", "Updated", "ID"}
"""Fields that a record in a list does not repeat, or shows without a label."""


def render_customer(customer: Customer, tz: tzinfo) -> RenderableType:
    """Return a line for each column that has a value, and the command that shows the timeline."""
    title = safe_text(customer.display_name, "bold")
    user = readable_id(customer.user_id)
    step = safe_text(f"interactions timeline {user}" if user else "", "dim")
    return Group(title, details_table(_lines(customer, tz)), Text(), step)


def render_customers(customers: Sequence[Customer], tz: tzinfo) -> RenderableType:
    """Return a table, or a record for each customer if the terminal is too narrow for whole IDs.

    Columns without any value are left out.
    """
    columns = {
        "Name": [safe_text(each.name, "bold") for each in customers],
        "Email": [safe_text(each.email) for each in customers],
        "Phone": [safe_text(each.phone) for each in customers],
        "User": [safe_text(readable_id(each.user_id)) for each in customers],
        "Last contact": [_short_time(each.last_contact_at, tz) for each in customers],
        "Next follow-up": [_short_time(each.next_follow_up_at, tz) for each in customers],
        "ID": [safe_text(readable_id(each.id), "dim") for each in customers],
    }
    shown = {name: cells for name, cells in columns.items() if any(cell.plain for cell in cells)}
    widths = [max(len(name), *(cell.cell_len for cell in cells)) for name, cells in shown.items()]
    if sum(widths) + _GAP * (len(widths) - 1) > stdout.width:
        return Group(*(_record(each, tz) for each in customers))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, _GAP, 0, 0))
    for name in shown:
        table.add_column(name, no_wrap=True)
    for row in zip(*shown.values(), strict=True):
        table.add_row(*row)
    return table


def _record(customer: Customer, tz: tzinfo) -> RenderableType:
    lines = (line for line in _lines(customer, tz) if line[0] not in _ELSEWHERE)
    return Group(
        safe_text(customer.display_name, "bold"),
        Padding.indent(details_table(lines), _GAP),
        Padding.indent(safe_text(readable_id(customer.id), "dim"), _GAP),
    )


def _short_time(moment: datetime | None, tz: tzinfo) -> Text:
    return Text("" if moment is None else f"{moment.astimezone(tz):%d %b %Y %H:%M}")


def _lines(customer: Customer, tz: tzinfo) -> Iterator[tuple[str, Text | None]]:
    yield "Name", safe_text(customer.name)
    yield "Email", safe_text(customer.email)
    yield "Phone", safe_text(customer.phone)
    yield "User", safe_text(readable_id(customer.user_id))
    yield "Last contact", time_text(customer.last_contact_at, tz)
    yield "Next follow-up", time_text(customer.next_follow_up_at, tz)
    for name, value in (customer.model_extra or {}).items():
        if not name.startswith("$"):
            yield safe_text(name).plain, safe_text(value)
    yield "Created", time_text(customer.created_at, tz)
    yield "Updated", time_text(customer.updated_at, tz)
    yield "ID", safe_text(readable_id(customer.id))
