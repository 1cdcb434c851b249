"""Interactions on the screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Group
from rich.constrain import Constrain
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from interactions_sdk.cli.console import safe_text, stdout
from interactions_sdk.datetimes import utc_now
from interactions_sdk.identifiers import readable_id
from interactions_sdk.models.enums import Direction, InteractionType, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime, tzinfo

    from rich.console import RenderableType

    from interactions_sdk import Change, CustomerInteraction, Timeline

__all__ = ["render_change", "render_due", "render_interaction", "render_timeline"]

_STYLES = {
    InteractionType.CALL: "green",
    InteractionType.EMAIL: "blue",
    InteractionType.MEETING: "magenta",
    InteractionType.NOTE: "yellow",
    InteractionType.TASK: "cyan",
    InteractionType.COMPLAINT: "red",
}
_CUSTOMER = Text("customer ", style="dim")
_ARROWS = {Direction.INBOUND: "←", Direction.OUTBOUND: "→"}
_WIDEST = 120
"""Columns beyond which lines are hard to follow."""

_NARROWEST = 16
"""Columns that a text needs beside others."""

_COLUMN_GAP = 2
_DESCRIPTION = 300
_TODAY, _TOMORROW = 0, 1


def render_timeline(timeline: Timeline) -> RenderableType:
    """Return the days, the latest first, each with what happened."""
    of_several = _are_of_several_customers(timeline)
    parts: list[RenderableType] = []
    for day in timeline.days:
        parts.append(Text())
        parts.append(Rule(Text(_day(day.date), style="bold"), align="left", style="dim"))
        table = _table()
        for interaction in day.interactions:
            _add(table, interaction, timeline.tz, names_customer=of_several)
        parts.append(table)
    if timeline.is_truncated:
        parts.append(Text("Older interactions were left out: see --limit and --until.", "dim"))
    return Constrain(Group(*parts), _WIDEST)


def render_interaction(interaction: CustomerInteraction, tz: tzinfo) -> RenderableType:
    """Return one interaction, with its day and its id."""
    table = _table()
    _add(table, interaction, tz)
    day = Text(_day(interaction.created_at.astimezone(tz).date()), style="bold")
    id_line = Text("id ", style="dim") + safe_text(interaction.id)
    return Constrain(Group(day, table, id_line), _WIDEST)


def render_due(interactions: Collection[CustomerInteraction], tz: tzinfo) -> RenderableType:
    """Return follow-ups by due date, with the ids that `complete`, `snooze` and `cancel` take.

    Where the terminal is too narrow for a table that shows these ids, each is a record of lines.
    """
    columns = {
        "Due": [_due(each.next_action_date, tz) for each in interactions],
        "Type": [_kind(each) for each in interactions],
        "What": [safe_text(_description(each), empty="(untitled)") for each in interactions],
        "Customer": [safe_text(readable_id(each.customer_id), "dim") for each in interactions],
        "Id": [safe_text(each.id, "dim") for each in interactions],
    }
    if not _are_of_several_customers(interactions):
        del columns["Customer"]
    beside = sum(_width(texts) + _COLUMN_GAP for name, texts in columns.items() if name != "What")
    if stdout.width - beside < _NARROWEST:
        return Group(*map(_due_record, *columns.values()))
    table = Table(
        box=None, pad_edge=False, header_style="dim", expand=True, padding=(0, _COLUMN_GAP, 0, 0)
    )
    for name in columns:
        if name == "What":
            table.add_column(name, ratio=1, overflow="fold")
        else:
            table.add_column(name, no_wrap=True)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return Constrain(table, _WIDEST)


def _description(follow_up: CustomerInteraction) -> str | None:
    return follow_up.next_action or follow_up.subject or follow_up.description


def _width(texts: Iterable[Text]) -> int:
    return max(text.cell_len for text in texts)


def _due_record(due: Text, kind: Text, what: Text, *ids: Text) -> RenderableType:
    *customer, id = ids
    lines = [what, *(_CUSTOMER + each for each in customer), id]
    return Group(due + Text("  ") + kind, *(Padding.indent(line, _COLUMN_GAP) for line in lines))


def _are_of_several_customers(interactions: Iterable[CustomerInteraction]) -> bool:
    return len({each.customer_id for each in interactions}) > 1


def render_change(change: Change, tz: tzinfo, *, names_customer: bool) -> Text:
    """Return a change of an interaction, on one line.

    Args:
        change: The change.
        tz: The time zone of the time.
        names_customer: Whether to say whose interaction it is.
    """
    interaction = change.interaction
    title = interaction.subject or interaction.description or interaction.id
    line = Text("  ").join(
        (
            Text(f"{change.at.astimezone(tz):%H:%M:%S}", style="dim"),
            Text(f"{change.kind:7}"),
            _kind(interaction),
            safe_text(title),
        )
    )
    return line + Text("  ") + _customer(interaction) if names_customer else line


def _table() -> Table:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim", min_width=5)
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(ratio=1, overflow="fold")
    return table


def _add(
    table: Table, interaction: CustomerInteraction, tz: tzinfo, *, names_customer: bool = False
) -> None:
    at = interaction.created_at.astimezone(tz)
    body = _body(interaction, tz)
    if names_customer:
        body += Text("\n") + _customer(interaction)
    table.add_row(f"{at:%H:%M}", _kind(interaction), body)


def _customer(interaction: CustomerInteraction) -> Text:
    return _CUSTOMER + safe_text(readable_id(interaction.customer_id), "dim")


def _kind(interaction: CustomerInteraction) -> Text:
    kind = interaction.interaction_type
    style = _STYLES.get(kind, "") if isinstance(kind, InteractionType) else ""
    arrow = (
        _ARROWS.get(interaction.direction, " ")
        if isinstance(interaction.direction, Direction)
        else " "
    )
    return Text(f"{arrow} ", style="dim") + safe_text(kind, style)


def _body(interaction: CustomerInteraction, tz: tzinfo) -> Text:
    title = interaction.subject or interaction.description
    lines = [safe_text(title, "bold" if interaction.subject else "", empty="(untitled)")]
    facts = [
        f"{interaction.duration} min" if interaction.duration else None,
        _humanize(interaction.outcome),
        _humanize(interaction.contact_method),
    ]
    if any(facts):
        known = " · ".join(fact for fact in facts if fact)
        lines[0] += Text("  ") + safe_text(known, "dim")
    if interaction.subject and interaction.description:
        lines.append(safe_text(_shortened(interaction.description), "dim"))
    if interaction.next_action_date is not None or interaction.next_action is not None:
        lines.append(_next_step(interaction, tz))
    return Text("\n").join(lines)


def _next_step(interaction: CustomerInteraction, tz: tzinfo) -> Text:
    what = safe_text(interaction.next_action, empty="follow up")
    if interaction.outcome == Outcome.RESOLVED:
        return Text("✓ ", style="green") + what
    due = _due(interaction.next_action_date, tz)
    return Text("↳ ", style="dim") + Text(", ").join(text for text in (what, due) if text)


def _due(moment: datetime | None, tz: tzinfo) -> Text:
    if moment is None:
        return Text("")
    local = moment.astimezone(tz)
    days = (local.date() - utc_now().astimezone(tz).date()) // timedelta(days=1)
    names = {_TODAY: "today", _TOMORROW: "tomorrow"}
    name = names.get(days, f"{local:%d %b %Y}")
    is_past = moment <= utc_now()
    return Text(f"{name} {local:%H:%M}", style="bold red" if is_past else "")


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _humanize(value: str | None) -> str | None:
    return None if value is None else value.replace("_", " ")


def _shortened(text: str) -> str:
    return text if len(text) <= _DESCRIPTION else f"{text[:_DESCRIPTION].rstrip()} …"
