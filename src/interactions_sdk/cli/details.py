"""One interaction as text, with all its columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from rich.console import Group
from rich.table import Table
from rich.text import Text

from interactions_sdk.cli.console import safe_text
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, tzinfo

    from rich.console import RenderableType

    from interactions_sdk import CustomerInteraction, InteractionMetadata
    from interactions_sdk.cli.rendering import Customers

__all__ = ["details_table", "render_details", "time_text"]


def render_details(
    interaction: CustomerInteraction, tz: tzinfo, *, customers: Customers | None = None
) -> RenderableType:
    """Return a line for each column that has a value, long texts with their line breaks."""
    title = safe_text(interaction.subject, "bold", empty="(untitled)")
    return Group(title, details_table(_lines(interaction, tz, customers or {})))


def details_table(lines: Iterable[tuple[str, Text | None]]) -> Table:
    """Return a table of labels and texts; those without a text are left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in lines:
        if text is not None and text.plain:
            table.add_row(label, text)
    return table


def time_text(moment: datetime | None, tz: tzinfo) -> Text | None:
    """Return a time with its zone's offset, or None."""
    return None if moment is None else Text(f"{moment.astimezone(tz):%a %d %b %Y %H:%M %z}")


def _lines(
    interaction: CustomerInteraction, tz: tzinfo, customers: Customers
) -> Iterator[tuple[str, Text | None]]:
    yield "Type", safe_text(interaction.interaction_type)
    yield "When", time_text(interaction.created_at, tz)
    yield "Direction", safe_text(interaction.direction)
    yield "Method", safe_text(interaction.contact_method)
    if interaction.duration is not None:
        yield "Duration", Text(f"{interaction.duration} min")
    yield "Outcome", safe_text(interaction.outcome)
    yield "Description", _paragraphs(interaction.description)
    yield "Next action", safe_text(interaction.next_action)
    yield "Due", time_text(interaction.next_action_date, tz)
    yield "Repeats", safe_text(interaction.recurrence)
    entity = (interaction.related_entity_type, interaction.related_entity_id)
    yield "About", safe_text(":".join(part for part in entity if part))
    yield from _metadata_lines(interaction.metadata)
    name = customers.get(interaction.customer_id)
    id = readable_id(interaction.customer_id)
    yield "Customer", safe_text(id if name is None else f"{name} ({id})")
    yield "Logged by", safe_text(interaction.created_by)
    yield "User", safe_text(interaction.user_id)
    yield "Updated", time_text(interaction.updated_at, tz)
    yield "ID", safe_text(readable_id(interaction.id))


def _metadata_lines(metadata: InteractionMetadata | None) -> Iterator[tuple[str, Text | None]]:
    if metadata is None:
        return
    if metadata.invalid_text is not None:
        yield "Metadata", safe_text(metadata.invalid_text)
        return
    for name, value in metadata.model_dump(mode="json", exclude_unset=True).items():
        yield name.replace("_", " ").capitalize(), _value(value)


def _value(value: object) -> Text | None:
    if isinstance(value, list):
        values = cast("list[object]", value)
        texts = [each for each in values if isinstance(each, str)]
        if len(texts) == len(values):
            return safe_text(", ".join(texts))
    return safe_text(value if isinstance(value, str | None) else json.dumps(value))


def _paragraphs(text: str | None) -> Text | None:
    return None if text is None else Text("\n").join(map(safe_text, text.splitlines()))
