"""The base model of all rows; one bad row never breaks a page."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from pydantic import AliasGenerator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

__all__ = ["CREATED_AT", "ID", "SEQUENCE", "UPDATED_AT", "DefaultOnInvalid", "Row", "column_name"]

ID = "$id"
CREATED_AT = "$createdAt"
UPDATED_AT = "$updatedAt"
SEQUENCE = "$sequence"
"""The sequence number of a row: a number on some databases, text on others."""

_SYSTEM_COLUMNS = {
    "id": ID,
    "created_at": CREATED_AT,
    "updated_at": UPDATED_AT,
    "permissions": "$permissions",
}


@cache
def column_name(field: str) -> str:
    """Return the name of the column that a field is read from.

    Example:
        >>> column_name("customer_id"), column_name("created_at")
        ('customerId', '$createdAt')
    """
    return _SYSTEM_COLUMNS.get(field) or to_camel(field)


class DefaultOnInvalid:
    """Marks a field whose default replaces a column that is missing, null or unreadable.

    This is done inside pydantic-core, so it costs nothing for a well-formed page.
    """

    def __init__(self, default: object) -> None:
        self.default = default

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Wrap the field's schema."""
        return core_schema.with_default_schema(
            handler(source), default=self.default, on_error="default"
        )


class Row(BaseModel):
    """A row as it was read: frozen, and equal to any row with the same values.

    Attributes:
        id: The row ID, 1 to 36 characters.
        created_at: When it was created, UTC, to the millisecond.
        updated_at: When it was last changed, UTC, to the millisecond.
        permissions: The row's own permissions, such as `read("user:ada")`.
    """

    model_config = ConfigDict(
        frozen=True,
        alias_generator=AliasGenerator(
            validation_alias=column_name, serialization_alias=column_name
        ),
        validate_by_name=True,
        validate_by_alias=True,
    )

    id: str
    created_at: datetime
    updated_at: datetime
    permissions: list[str] = []

    def __hash__(self) -> int:
        return hash((type(self), self.id, self.updated_at))
