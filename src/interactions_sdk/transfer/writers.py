"""Interactions as the lines of a CSV or JSON Lines file."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.escaping.spreadsheet import escape_formula
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.metadata import InteractionMetadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CSV_HEAD",
    "CSV_HEAD_WITH_NAMES",
    "CUSTOMER_NAME",
    "FIELDS",
    "to_csv",
    "to_json_lines",
    "to_plain",
]

FIELDS = tuple(CustomerInteraction.model_fields)
"""The columns, in order: the fields of the model."""

CUSTOMER_NAME = "customer_name"
"""The last column, with the names of customers."""

CSV_HEAD = ",".join(FIELDS) + "\r\n"
"""The header of a CSV file."""

CSV_HEAD_WITH_NAMES = ",".join((*FIELDS, CUSTOMER_NAME)) + "\r\n"
"""The header of a CSV file with the names of customers."""


def to_csv(
    interactions: Iterable[CustomerInteraction], names: Mapping[str, str] | None = None
) -> str:
    """Write interactions as CSV lines without a header; formulas are escaped.

    Times are ISO 8601 in UTC, permissions and metadata JSON. `names`, the names of customers by ID,
    adds a last column.
    """
    written = io.StringIO()
    csv.writer(written).writerows(
        [
            *(_cell(getattr(interaction, field)) for field in FIELDS),
            *([] if names is None else [_cell(names.get(interaction.customer_id))]),
        ]
        for interaction in interactions
    )
    return written.getvalue()


def to_json_lines(
    interactions: Iterable[CustomerInteraction], names: Mapping[str, str] | None = None
) -> str:
    """Write interactions as lines of JSON objects.

    Metadata is an object, or text if it is not valid JSON; times are ISO 8601 in UTC. `names`, the
    names of customers by ID, adds a last key.
    """
    return "".join(
        json.dumps(
            {field: _json_value(getattr(interaction, field)) for field in FIELDS}
            | ({} if names is None else {CUSTOMER_NAME: names.get(interaction.customer_id)}),
            ensure_ascii=False,
        )
        + "\n"
        for interaction in interactions
    )


def _cell(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    plain = to_plain(value)
    return escape_formula(plain if plain is None or isinstance(plain, str) else json.dumps(plain))


def _json_value(value: object) -> object:
    if isinstance(value, InteractionMetadata) and value.invalid_text is None:
        return json.loads(value.to_wire())
    return to_plain(value)


def to_plain(value: object) -> object:
    """Return a field's value as a JSON value."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, InteractionMetadata):
        return value.to_wire()
    return format_datetime(value) if isinstance(value, datetime) else value
