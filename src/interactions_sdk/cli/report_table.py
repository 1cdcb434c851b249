"""The result of a report as a table, for terminals of any width."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from interactions_sdk.cli.console import safe_text, stdout
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    import polars as pl
    from rich.console import RenderableType

    from interactions_sdk.reports import Column

__all__ = ["render_report"]

_COLUMN_GAP = 2


def render_report(result: pl.DataFrame, columns: Sequence[Column], tz: tzinfo) -> RenderableType:
    """Return a table with headers in one or several lines, or each row as a record."""
    if result.is_empty():
        return Text("Nothing to report. Log or import interactions, or change the options.")
    cells = [
        [
            safe_text(_cell(value, column, tz), empty="-")
            for value, column in zip(row, columns, strict=True)
        ]
        for row in result.iter_rows()
    ]
    in_one_line = [[_header(column)] for column in columns]
    in_several = [_header(column).split() for column in columns]
    for headers in (in_one_line, in_several):
        widths = _widths(headers, cells)
        gap = (stdout.width - sum(widths)) // len(widths)
        if gap > 0:
            return _table(columns, cells, widths, min(gap, _COLUMN_GAP))
    return _as_records(columns, cells)


def _widths(headers: Sequence[Sequence[str]], cells: Sequence[Sequence[Text]]) -> list[int]:
    texts = [[cell.plain for cell in column] for column in zip(*cells, strict=True)]
    return [
        max(map(len, [*header, *column])) for header, column in zip(headers, texts, strict=True)
    ]


def _table(
    columns: Sequence[Column], cells: Sequence[Sequence[Text]], widths: Sequence[int], gap: int
) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, gap, 0, 0))
    for column, width in zip(columns, widths, strict=True):
        is_number = column.kind in {"count", "number"}
        table.add_column(_header(column), justify="right" if is_number else "left", width=width)
    for row in cells:
        table.add_row(*row)
    return table


def _as_records(columns: Sequence[Column], cells: Sequence[Sequence[Text]]) -> Group:
    """Return the rows as records, for a terminal that is too narrow for the table."""
    records: list[RenderableType] = []
    for row in cells:
        record = Table.grid(padding=(0, 2, 0, 0))
        record.add_column(style="dim")
        for column, cell in zip(columns, row, strict=True):
            record.add_row(_header(column), cell)
        records += [record, Text()]
    return Group(*records)


def _header(column: Column) -> str:
    return column.name.replace("_", " ").replace("follow up", "follow-up")


def _cell(value: object, column: Column, tz: tzinfo) -> str | None:
    if isinstance(value, datetime):
        local = value if column.kind == "period" else value.astimezone(tz)
        return f"{local:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.0%}" if column.unit == "0 to 1" else f"{value:.1f}"
    if value is None:
        return None
    return readable_id(str(value)) if column.unit == "id" else str(value)
