"""Writes as values: they can be staged together or sent one by one."""

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
        action: What to do.
        table: The table's id.
        row_id: The row; None for many rows.
        data: The columns, with `$permissions` and `$createdAt` where they are given; a list of
            rows with their `$id` for `bulkCreate`; the `queries` that find the rows for
            `bulkDelete`; None for `delete`.
    """

    action: Literal["create", "update", "delete", "bulkCreate", "bulkDelete"]
    table: str
    row_id: str | None = None
    data: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None

    @property
    def columns(self) -> Mapping[str, object]:
        """The columns of a single row; none for a delete and for many rows."""
        # A dict first: whether anything is a Mapping takes long to find out.
        return self.data if isinstance(self.data, (dict, Mapping)) else {}

    @property
    def as_row(self) -> dict[str, object]:
        """The new row of a create as one of many: its `$id` and its columns."""
        return {"$id": self.row_id, **self.columns}


@dataclass(frozen=True, slots=True)
class Plan:
    """The write of one interaction, and the audit row that goes with it.

    Attributes:
        interaction_id: The interaction.
        write: The write itself.
        audit: The audit row; None where no audit log is kept.
        owner: The user of the customer that a new interaction belongs to; empty for a change.
        has_explicit_id: Whether the caller chose the id of a new interaction, and so may repeat it.
    """

    interaction_id: str
    write: Operation
    audit: Operation | None
    owner: str = ""
    has_explicit_id: bool = False

    @property
    def operations(self) -> list[Operation]:
        """The writes, in order."""
        return [self.write] if self.audit is None else [self.write, self.audit]


def to_column_value(value: object) -> ColumnValue:
    """Return a model's value as its column holds it.

    Raises:
        TypeError: No column holds such a value.
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
