"""Interactions and other rows as JSON or CSV, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING

from interactions_sdk.cli.console import print_json
from interactions_sdk.escaping.characters import without_controls
from interactions_sdk.escaping.spreadsheet import escape_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import BaseModel

__all__ = ["print_csv", "print_records"]


def print_records(rows: Sequence[BaseModel], fields: Iterable[str], *, as_csv: bool) -> None:
    """Print rows as a JSON array, or some of their fields as CSV with a header."""
    records = [row.model_dump(mode="json") for row in rows]
    if as_csv:
        print_csv(records, fields)
    else:
        print_json(records)


def print_csv(records: Iterable[Mapping[str, object]], fields: Iterable[str]) -> None:
    r"""Print records as CSV (RFC 4180) that is safe for spreadsheets and terminals.

    Lists and objects are JSON. Formulas are prefixed with an apostrophe, and control characters
    other than line feeds become `\ufffd`.
    """
    names = list(fields)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(record.get(name)) for name in names] for record in records)
    sys.stdout.write(written.getvalue())


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = value if value is None or isinstance(value, str) else json.dumps(value)
    return escape_formula(text if text is None else without_controls(text, keep="\n"))
