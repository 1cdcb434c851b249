"""Writes as values, which can be staged together or sent one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from interactions_sdk.datetimes import format_datetime
from interactions_sdk.models.metadata import InteractionMetadata

__all__ = ["ColumnValue", "Operation", "Plan", "to_column_value"]

ColumnValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One write of a row, or of many rows of one table.

    Attributes:
        row_id: The row's ID; None for several rows.
        data: The columns, with `$permissions` and `$createdAt` if given; for `bulkCreate`, a list
            of rows with their `$id`; for `bulkDelete`, the `queries` that select the rows; None for
            `delete`.
    """

    action: Literal["create", "update", "delete", "bulkCreate", "bulkDelete"]
    table: str
    row_id: str | None = None
    data: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None

    @property
    def columns(self) -> Mapping[str, object]:
        """The columns of a single row; empty for a delete and for several rows."""
        # Check for a dict first, because checking for a Mapping is slow.
        return self.data if isinstance(self.data, (dict, Mapping)) else {}

    @property
    def row(self) -> dict[str, object]:
        """The new row of a create as one of many: its `$id` and its columns."""
        return {"$id": self.row_id, **self.columns}


@dataclass(frozen=True, slots=True)
class Plan:
    """The write of one interaction, and its audit row.

    Attributes:
        audit: The audit row; None without an audit log.
        owner_id: The user of the customer that a new interaction belongs to; empty for a change.
        has_explicit_id: Whether the caller chose the ID of a new interaction, so the create may be
            a repeat.
    """

    interaction_id: str
    write: Operation
    audit: Operation | None
    owner_id: str = ""
    has_explicit_id: bool = False

    @property
    def operations(self) -> list[Operation]:
        """The writes, in order."""
        return [self.write] if self.audit is None else [self.write, self.audit]


def to_column_value(value: object) -> ColumnValue:
    """Return a model's value in the format of its column.

    Raises:
        TypeError: No column supports this type.
    """
    if type(value) is str:
        return value
    if isinstance(value, StrEnum):
        return str(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, InteractionMetadata):
        return value.to_wire()
    return format_datetime(value)  # type: ignore[arg-type]  # the models hold nothing else
