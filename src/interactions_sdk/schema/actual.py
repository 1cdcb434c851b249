"""The actual schema: databases, tables, columns and indexes as Appwrite returns them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ActualColumn", "ActualDatabase", "ActualIndex", "ActualTable"]

AVAILABLE = "available"

_TEXTS_WITH_SIZE = frozenset({"string", "varchar"})
_TEXTS_WITHOUT_SIZE = frozenset({"text", "mediumtext", "longtext"})
_TEXTS = _TEXTS_WITH_SIZE | _TEXTS_WITHOUT_SIZE
_MAX_INDEXED_LENGTH = 768


class _ServerModel(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)


class ActualColumn(_ServerModel):
    """A column as it is (transcripts `columns`, `column-text-kinds`).

    Attributes:
        type: `string`, `varchar`, `text`, `integer`, `datetime` and others; an enum is a `string`.
        format: The format of a string, such as `enum` or `email`.
        status: `available`, `processing`, `deleting`, `stuck` or `failed`.
        error: Why it is stuck or failed.
        array: Whether it holds a list.
        size: The maximum length of a string; the long text types have none.
    """

    key: str
    type: str
    format: str | None = None
    status: str = AVAILABLE
    error: str | None = None
    required: bool = False
    array: bool | None = False
    size: int | None = None
    elements: tuple[str, ...] | None = None
    min: int | float | None = None
    max: int | float | None = None

    @property
    def is_enum(self) -> bool:
        """Whether it accepts only certain values."""
        return self.format == "enum"

    @property
    def is_relationship(self) -> bool:
        """Whether it refers to rows of another table."""
        return self.type == "relationship"

    @property
    def is_text(self) -> bool:
        """Whether it accepts any text; all types without a size hold 16,383 characters or more."""
        return not self.format and self.type in _TEXTS

    @property
    def holds_text(self) -> bool:
        """Whether its values are texts, even if it accepts only some, such as email addresses."""
        return not self.array and self.type in _TEXTS

    @property
    def can_be_indexed(self) -> bool:
        """Whether a key index on it is possible (transcript `schema-customer-interactions`)."""
        too_long = self.type in _TEXTS_WITHOUT_SIZE or (self.size or 0) > _MAX_INDEXED_LENGTH
        return not (self.array or too_long or self.is_relationship)

    def __str__(self) -> str:
        size = f" of {self.size} characters" if self.size else ""
        return (self.format or self.type) + size


class ActualIndex(_ServerModel):
    """An index as it is (transcript `indexes`).

    Attributes:
        type: `key`, `unique`, `fulltext` or `spatial`.
        status: As a column's.
        error: Why it is stuck or failed.
    """

    key: str
    type: str
    status: str = AVAILABLE
    error: str | None = None
    columns: tuple[str, ...]


class ActualTable(_ServerModel):
    """A table as it is, with all of its columns and indexes (transcript `tables`)."""

    id: str = Field(validation_alias="$id")
    name: str = ""
    enabled: bool = True
    row_security: bool
    permissions: tuple[str, ...] = Field(validation_alias="$permissions")
    columns: tuple[ActualColumn, ...]
    indexes: tuple[ActualIndex, ...]

    def column(self, key: str) -> ActualColumn | None:
        """Find a column as Appwrite does, for which `userid` and `userId` are the same."""
        return next((found for found in self.columns if found.key.lower() == key.lower()), None)

    def indexes_on(self, *columns: str) -> list[ActualIndex]:
        """Find the indexes that begin with these columns, and so serve queries on them."""
        return [
            index
            for index in self.indexes
            if index.type in {"key", "unique"} and index.columns[: len(columns)] == columns
        ]

    def may_repeat(self, key: str) -> bool:
        """Return whether two rows may have the same text in a column; False if it has no texts."""
        column = self.column(key)
        if column is None or not column.is_text or (column.key, column.status) != (key, AVAILABLE):
            return False
        return not any(
            index.type == "unique" and index.columns == (key,) and index.status == AVAILABLE
            for index in self.indexes
        )


@dataclass(frozen=True, slots=True)
class ActualDatabase:
    """The parts of the expected schema that a server has.

    Attributes:
        database: Whether the database exists.
        tables: The expected tables that exist, by ID.
        with_rows: The IDs of tables that are known to have rows.
        bucket: Whether the expected bucket exists.
    """

    database: bool
    tables: Mapping[str, ActualTable] = field(default_factory=dict[str, ActualTable])
    with_rows: frozenset[str] = frozenset()
    bucket: bool = False
