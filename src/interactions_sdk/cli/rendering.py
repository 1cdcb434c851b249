"""Interactions as text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from rich.console import Group
from rich.constrain import Constrain
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from interactions_sdk.cli.clients import customers_of
from interactions_sdk.cli.console import print_json, safe_text, stdout
from interactions_sdk.datetimes import utc_now
from interactions_sdk.identifiers import readable_id
from interactions_sdk.models.enums import Direction, InteractionType, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime, tzinfo

    from rich.console import RenderableType

    from interactions_sdk import Change, CustomerInteraction, InteractionsClient, Timeline

__all__ = [
    "Customers",
    "print_interaction",
    "render_change",
    "render_due",
    "render_timeline",
]

Customers: TypeAlias = "Mapping[str, str]"
"""Names of customers by their IDs; without a name, the ID is shown."""

_STYLES = {
    InteractionType.CALL: "green",
    InteractionType.EMAIL: "blue",
    InteractionType.MEETING: "magenta",
    InteractionType.NOTE: "yellow",
    InteractionType.TASK: "cyan",
    InteractionType.COMPLAINT: "red",
}
_CUSTOMER = Text("customer ", style="dim")
_ID = Text("ID ", style="dim")
_ARROWS = {Direction.INBOUND: "←", Direction.OUTBOUND: "→"}
_WIDEST = 120
"""The width beyond which lines are hard to read."""

_NARROWEST = 16
"""The minimum width of a text column."""

_COLUMN_GAP = 2
_MAX_DESCRIPTION = 300
_NEAR_DAYS = {0: "today", 1: "tomorrow"}


def render_timeline(
    timeline: Timeline, *, customers: Customers | None = None, with_ids: bool = True
) -> RenderableType:
    """Return the days, latest first, with their interactions.

    Each entry shows whose it is if the names of customers are passed.
    """
    parts: list[RenderableType] = []
    for day in timeline.days:
        parts.append(Text())
        parts.append(Rule(Text(_day(day.date), style="bold"), align="left", style="dim"))
        table = _table()
        for interaction in day.interactions:
            _add(table, interaction, timeline.tz, customers=customers, with_id=with_ids)
        parts.append(table)
    if timeline.is_truncated:
        parts.append(Text("Older interactions are not shown: see --limit and --until.", "dim"))
    return Constrain(Group(*parts), _WIDEST)


def print_interaction(
    crm: InteractionsClient,
    interaction: CustomerInteraction,
    admin: str | None,
    tz: tzinfo,
    *,
    as_json: bool,
) -> None:
    """Print one interaction as JSON, or with its day, its ID and, for admins, its customer."""
    if as_json:
        print_json(interaction.model_dump(mode="json"))
        return
    table = _table()
    _add(table, interaction, tz, customers=customers_of(crm, [interaction], admin))
    day = Text(_day(interaction.created_at.astimezone(tz).date()), style="bold")
    id_line = _labelled(_ID, safe_text(readable_id(interaction.id)))
    stdout.print(Constrain(Group(day, table, id_line), _WIDEST))


def render_due(
    interactions: Collection[CustomerInteraction],
    tz: tzinfo,
    *,
    customers: Customers | None = None,
    with_ids: bool = True,
) -> RenderableType:
    """Return follow-ups by due date, with the IDs that `complete`, `snooze` and `cancel` take.

    If the terminal is too narrow for a table with these IDs, each follow-up is a record of lines.
    """
    columns = {
        "Due": [_due(each.next_action_date, tz) for each in interactions],
        "Type": [_kind(each) for each in interactions],
        "What": [safe_text(_description(each), empty="(untitled)") for each in interactions],
        "Customer": [_customer(each, customers or {}) for each in interactions],
        "ID": [safe_text(each.id, "dim") for each in interactions],
    }
    if customers is None:
        del columns["Customer"]
    if not with_ids:
        del columns["ID"]
    widths = {name: max(text.cell_len for text in texts) for name, texts in columns.items()}
    beside = sum(width + _COLUMN_GAP for name, width in widths.items() if name != "What")
    if stdout.width - beside < _NARROWEST:
        rows = zip(*columns.values(), strict=True)
        return Group(*(_due_record(dict(zip(columns, row, strict=True))) for row in rows))
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


def _due_record(cells: Mapping[str, Text]) -> RenderableType:
    labels = {"Customer": _CUSTOMER, "ID": _ID}
    lines = [_labelled(label, cells[name]) for name, label in labels.items() if name in cells]
    head = Text("  ").join((cells["Due"], cells["Type"]))
    return Group(head, *(Padding.indent(line, _COLUMN_GAP) for line in (cells["What"], *lines)))


def render_change(change: Change, tz: tzinfo, *, customers: Customers | None = None) -> Text:
    """Return a change of an interaction, on one line."""
    interaction = change.interaction
    title = interaction.subject or interaction.description
    parts = [
        Text(f"{change.at.astimezone(tz):%H:%M:%S}", style="dim"),
        Text(f"{change.kind:7}"),
        _kind(interaction),
        safe_text(title, empty="(untitled)"),
        *([] if customers is None else [_labelled(_CUSTOMER, _customer(interaction, customers))]),
        _labelled(_ID, safe_text(readable_id(interaction.id), "dim")),
    ]
    return Text("  ").join(parts)


def _table() -> Table:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim", min_width=5)
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(ratio=1, overflow="fold")
    return table


def _add(
    table: Table,
    interaction: CustomerInteraction,
    tz: tzinfo,
    *,
    customers: Customers | None = None,
    with_id: bool = False,
) -> None:
    at = interaction.created_at.astimezone(tz)
    lines = _lines(interaction, tz)
    if customers is not None:
        lines.append(_labelled(_CUSTOMER, _customer(interaction, customers)))
    if with_id:
        lines.append(_labelled(_ID, safe_text(readable_id(interaction.id), "dim")))
    table.add_row(f"{at:%H:%M}", _kind(interaction), Text("\n").join(lines))


def _labelled(label: Text, text: Text) -> Text:
    """Prefix a label; `+` would also apply its style to the text."""
    return Text.assemble(label, text)


def _customer(interaction: CustomerInteraction, customers: Customers) -> Text:
    id = readable_id(interaction.customer_id)
    name = customers.get(interaction.customer_id)
    shown = safe_text(id, "dim")
    return shown if name is None else Text(" ").join((safe_text(name), shown))


def _kind(interaction: CustomerInteraction) -> Text:
    kind = interaction.interaction_type
    style = _STYLES.get(kind, "") if isinstance(kind, InteractionType) else ""
    direction = interaction.direction
    arrow = _ARROWS.get(direction, " ") if isinstance(direction, Direction) else " "
    return _labelled(Text(f"{arrow} ", style="dim"), safe_text(kind, style))


def _lines(interaction: CustomerInteraction, tz: tzinfo) -> list[Text]:
    title = interaction.subject or interaction.description
    lines = [safe_text(title, "bold" if interaction.subject else "", empty="(untitled)")]
    facts = [
        f"{interaction.duration} min" if interaction.duration else None,
        _humanize(interaction.outcome),
        _humanize(interaction.contact_method),
    ]
    if shown := " · ".join(fact for fact in facts if fact):
        lines[0] = Text("  ").join((lines[0], safe_text(shown, "dim")))
    if interaction.subject and interaction.description:
        lines.append(safe_text(_shortened(interaction.description), "dim"))
    if interaction.next_action_date is not None or interaction.next_action is not None:
        lines.append(_next_step(interaction, tz))
    return lines


def _next_step(interaction: CustomerInteraction, tz: tzinfo) -> Text:
    action = safe_text(interaction.next_action, empty="follow up")
    if interaction.outcome == Outcome.RESOLVED:
        return _labelled(Text("✓ ", style="green"), action)
    due = _due(interaction.next_action_date, tz)
    step = Text(", ").join(text for text in (action, due) if text)
    return _labelled(Text("↳ ", style="dim"), step)


def _due(moment: datetime | None, tz: tzinfo) -> Text:
    if moment is None:
        return Text("")
    local = moment.astimezone(tz)
    days = (local.date() - utc_now().astimezone(tz).date()) // timedelta(days=1)
    day = _NEAR_DAYS.get(days, f"{local:%d %b %Y}")
    is_past = moment <= utc_now()
    return Text(f"{day} {local:%H:%M}", style="bold red" if is_past else "")


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _humanize(value: str | None) -> str | None:
    return None if value is None else value.replace("_", " ")


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_DESCRIPTION else f"{text[:_MAX_DESCRIPTION].rstrip()} …"
