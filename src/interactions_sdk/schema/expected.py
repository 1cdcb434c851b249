"""The expected schema: tables, columns, indexes and permissions as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.metadata import MAX_METADATA_LENGTH
from interactions_sdk.models.row import CREATED_AT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum

    from interactions_sdk.settings import CustomerColumns, Settings

__all__ = [
    "Column",
    "ExpectedBucket",
    "ExpectedDatabase",
    "ExpectedTable",
    "Index",
    "expected_schema",
]

USERS = "users"
"""The role of all authenticated users."""

_ID = 128
_NAME, _EMAIL, _PHONE = 200, 320, 64
_APPWRITE_ID = 36


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        key: Its name.
        type: Its type; each has its own endpoint.
        required: Whether rows without it are rejected. A required column has no default (transcript
            `columns`).
        size: The length of a new `string` column; for an `enum`, the length that a string column in
            its place needs.
        min_size: The minimum length of an existing column.
        elements: The values of an `enum`.
        minimum: The minimum value of an `integer`.
        optional: Whether a table with rows may lack it, and is left without it.
    """

    key: str
    type: Literal["string", "enum", "integer", "datetime"]
    required: bool = False
    size: int = 0
    min_size: int = 0
    elements: tuple[str, ...] = ()
    minimum: int = 0
    optional: bool = False

    def __str__(self) -> str:
        words = {
            "string": f"string of {self.size} characters",
            "enum": f"enum of {', '.join(self.elements)}",
            "integer": f"integer, {self.minimum} or more",
            "datetime": "datetime",
        }
        return words[self.type] + (", required" if self.required else "")


@dataclass(frozen=True, slots=True)
class Index:
    """An index on one column, or on one and then another.

    Attributes:
        key: Its name.
        column: The column.
        order: Ascending or descending.
        type: `unique` rejects a second row with the same value.
        then: The second column, if there is one; it has the order of the first, because MariaDB
            reads an index with mixed orders in one direction only.
        advised: Whether this library also works without it, but more slowly.
        purpose: What is slower without it, if it is advised; used in sentences.
    """

    key: str
    column: str
    order: Literal["ASC", "DESC"] = "ASC"
    type: Literal["key", "unique"] = "key"
    then: str | None = None
    advised: bool = False
    purpose: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, in order."""
        return (self.column,) if self.then is None else (self.column, self.then)


@dataclass(frozen=True, slots=True)
class ExpectedTable:
    """A table.

    Attributes:
        id: Its ID, and its name if this library creates it.
        columns: The columns that this library reads or writes.
        indexes: The indexes that its queries need.
        admin_role: The role of admins.
        admin_rights: What that role may do.
        row_security: Whether rows have their own permissions.
        user_rights: What every authenticated user may do with the whole table.
        shared: Whether the table belongs to the application, and so may have its own required
            columns, unique indexes and permissions.
    """

    id: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    admin_role: str
    admin_rights: tuple[str, ...]
    row_security: bool
    user_rights: tuple[str, ...] = ()
    shared: bool = False

    def may_lack(self, column: str) -> bool:
        """Return whether a table with rows is left without this column."""
        return any(each.key == column and each.optional for each in self.columns)

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions on the whole table, as Appwrite writes them."""
        admin = tuple(f'{right}("{self.admin_role}")' for right in self.admin_rights)
        return admin + self.user_permissions

    @property
    def user_permissions(self) -> tuple[str, ...]:
        """The permissions that every authenticated user has."""
        return tuple(f'{right}("{USERS}")' for right in self.user_rights)


@dataclass(frozen=True, slots=True)
class ExpectedBucket:
    """The bucket of attached files, each of which has its own permissions.

    Attributes:
        id: Its ID, and its name if this library creates it.
        admin_role: The role of admins, who may do everything with all files.
        max_bytes: Maximum size of a file in bytes.
        extensions: The allowed file name extensions; empty allows all.
    """

    id: str
    admin_role: str
    max_bytes: int
    extensions: tuple[str, ...]

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions on all of its files, as Appwrite writes them."""
        return tuple(f'{right}("{self.admin_role}")' for right in _ALL_RIGHTS)


@dataclass(frozen=True, slots=True)
class ExpectedDatabase:
    """The database and its tables, and the bucket, if the settings name one.

    Attributes:
        id: Its ID.
        tables: Its tables.
        bucket: The bucket.
        user_sessions: Whether users write with their own sessions.
    """

    id: str
    tables: tuple[ExpectedTable, ...]
    bucket: ExpectedBucket | None = None
    user_sessions: bool = False


def expected_schema(settings: Settings) -> ExpectedDatabase:
    """Return what this library needs with these settings.

    Example:
        >>> from interactions_sdk.settings import Settings
        >>> [table.id for table in expected_schema(Settings()).tables]
        ['customer_interactions', 'customers', 'audit_logs']
    """
    tables = (_interactions(settings), _customers(settings), *_audit(settings))
    return ExpectedDatabase(settings.database_id, tables, _bucket(settings), settings.user_sessions)


def _bucket(settings: Settings) -> ExpectedBucket | None:
    if settings.attachments_bucket is None:
        return None
    return ExpectedBucket(
        settings.attachments_bucket,
        settings.admin_role,
        settings.attachments_max_bytes,
        settings.attachments_allowed_extensions,
    )


def _string(key: str, size: int, *, required: bool = False) -> Column:
    return Column(key, "string", required, size=size, min_size=size)


def _enum(key: str, values: type[StrEnum], size: int, *, required: bool = False) -> Column:
    elements = tuple(value.value for value in values)
    return Column(key, "enum", required, size=size, min_size=size, elements=elements)


_INTERACTION_COLUMNS = (
    _string("customerId", _ID, required=True),
    _enum("interactionType", InteractionType, 50, required=True),
    _string("subject", 200),
    _string("description", 5000),
    _string("userId", _ID, required=True),
    _enum("contactMethod", ContactMethod, 50),
    _enum("direction", Direction, 20, required=True),
    Column("duration", "integer", minimum=1),
    _enum("outcome", Outcome, 50),
    _string("nextAction", 500),
    Column("nextActionDate", "datetime"),
    _string("relatedEntityType", 50),
    _string("relatedEntityId", _ID),
    _string("metadata", MAX_METADATA_LENGTH),
    _string("createdBy", _ID),
)

_INDEXED_COLUMNS = (
    *("customerId", "interactionType", "subject", "userId"),
    *("contactMethod", "direction", "outcome", "nextActionDate"),
)

_INTERACTION_INDEXES = (
    *(Index(column, column) for column in _INDEXED_COLUMNS),
    Index("createdAt", CREATED_AT, "DESC"),
    Index(
        "customerId_createdAt",
        "customerId",
        then=CREATED_AT,
        advised=True,
        purpose="reading a customer's newest interactions",
    ),
)

_AUDIT_COLUMNS = (
    _string("action", 64, required=True),
    _string("userId", _ID, required=True),
    _string("entityId", _ID, required=True),
    _string("customerId", _ID),
    _string("fingerprint", 64),
    _string("details", 5000),
)

_AUDIT_INDEXES = (
    Index("entityId", "entityId"),
    Index("customerId", "customerId"),
    Index(
        "userId_createdAt",
        "userId",
        then=CREATED_AT,
        advised=True,
        purpose="reading what one user has done",
    ),
)

_ALL_RIGHTS = ("create", "read", "update", "delete")


def _interactions(settings: Settings) -> ExpectedTable:
    return ExpectedTable(
        settings.interactions_table,
        _INTERACTION_COLUMNS,
        _INTERACTION_INDEXES,
        settings.admin_role,
        _ALL_RIGHTS,
        row_security=True,
        user_rights=_insert_right(settings),
    )


def _insert_right(settings: Settings) -> tuple[str, ...]:
    """Return the right that lets users insert rows, with any content."""
    return ("create",) if settings.user_sessions else ()


def _customers(settings: Settings) -> ExpectedTable:
    names = settings.customer_columns
    return ExpectedTable(
        settings.customers_table,
        (
            # It holds the ID of an Appwrite user, so a shorter existing column is sufficient.
            Column(names.user_id, "string", required=True, size=_ID, min_size=_APPWRITE_ID),
            Column(names.last_contact_at, "datetime"),
            Column(names.next_follow_up_at, "datetime"),
            *_contact_columns(names),
        ),
        (
            Index(names.user_id, names.user_id, type="unique"),
            _sorting_index(names.last_contact_at, "their last contact"),
            _sorting_index(names.next_follow_up_at, "their next follow-up"),
            *([] if names.name is None else [_sorting_index(names.name, "name")]),
        ),
        settings.admin_role,
        _ALL_RIGHTS,
        row_security=True,
        shared=True,
    )


def _contact_columns(names: CustomerColumns) -> Iterator[Column]:
    """Yield the columns for the name and contact details of a customer.

    Only columns that the settings name are added to an application's own table.
    """
    for field, size in (("name", _NAME), ("email", _EMAIL), ("phone", _PHONE)):
        key: str | None = getattr(names, field)
        if key is not None:
            is_named = field in names.model_fields_set
            yield Column(key, "string", size=size, min_size=1, optional=not is_named)


def _sorting_index(column: str, what: str) -> Index:
    purpose = f"listing customers by {what}"
    return Index(column, column, advised=True, purpose=purpose)


def _audit(settings: Settings) -> tuple[ExpectedTable, ...]:
    if settings.audit_table is None:
        return ()
    return (
        ExpectedTable(
            settings.audit_table,
            _AUDIT_COLUMNS,
            _AUDIT_INDEXES,
            settings.admin_role,
            ("read",),
            # Off, so that no permission on a row can ever make the log readable.
            row_security=False,
            user_rights=_insert_right(settings),
        ),
    )
