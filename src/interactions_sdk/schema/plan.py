"""Planning what to create on a server, in order. Nothing is ever removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Literal

from interactions_sdk.schema.actual import AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.schema.actual import ActualDatabase, ActualTable
    from interactions_sdk.schema.expected import (
        Column,
        ExpectedBucket,
        ExpectedDatabase,
        ExpectedTable,
        Index,
    )

__all__ = [
    "PendingResource",
    "PermissionChange",
    "SchemaChange",
    "missing_resources",
    "pending_columns",
    "pending_indexes",
    "plan",
]

_FAILED_STATUSES = frozenset({"failed", "stuck"})
_MAX_KEY_LENGTH = 36


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """A change that lets users write to an existing table with their own sessions.

    Appwrite sets all of this in one request, so unchanged values are sent too.

    Attributes:
        name: The table's name.
        enabled: Whether it is in use.
        row_security: Whether its rows have their own permissions.
        permissions: The permissions on the whole table.
    """

    name: str
    enabled: bool
    row_security: bool
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A change to make.

    Attributes:
        kind: What it is.
        table: The table that it belongs to; None for the database and the bucket.
        name: Its name.
        description: The change in words.
        makes: The resource to create, as data.
    """

    kind: Literal["database", "bucket", "table", "permissions", "column", "index"]
    table: str | None
    name: str
    description: str
    makes: ExpectedDatabase | ExpectedBucket | ExpectedTable | PermissionChange | Column | Index

    def __str__(self) -> str:
        return self.description


@dataclass(frozen=True, slots=True)
class PendingResource:
    """A column or an index that cannot be used yet.

    Attributes:
        kind: What it is.
        table: The table that it belongs to.
        name: Its name.
        status: Its status in Appwrite; `absent` if it is not listed.
        error: Appwrite's reason why it failed.
    """

    kind: Literal["column", "index"]
    table: str
    name: str
    status: str
    error: str

    @property
    def is_broken(self) -> bool:
        """Whether it failed, so waiting does not help."""
        return self.status in _FAILED_STATUSES

    def __str__(self) -> str:
        reason = f" ({self.error})" if self.error else ""
        return f"The {self.kind} `{self.name}` of the table `{self.table}` is {self.status}{reason}"


def plan(expected: ExpectedDatabase, existing: ActualDatabase) -> list[SchemaChange]:
    """Return what is missing: the database and bucket, then tables with columns, then indexes.

    A table that already has rows gets no required column and no unique index, because its rows
    could no longer be changed, or the index could not be created.

    Example:
        >>> from interactions_sdk.schema import ActualDatabase, expected_schema
        >>> from interactions_sdk.settings import Settings
        >>> expected = expected_schema(Settings(audit_table=None))
        >>> changes = plan(expected, ActualDatabase(database=False))
        >>> print(changes[0], len(changes))
        Create the database `console-db`. 38
    """
    changes = [] if existing.database else [_database(expected)]
    if expected.bucket is not None and not existing.bucket:
        changes.append(_bucket(expected.bucket))
    for table in expected.tables:
        if table.id not in existing.tables:
            changes.append(_table(table))
        elif expected.user_sessions:
            changes.extend(_permission_change(table, existing.tables[table.id]))
        changes.extend(_column(table, column) for column in _missing_columns(table, existing))
    for table in expected.tables:
        changes.extend(_index(table, index) for index in _missing_indexes(table, existing))
    return changes


def missing_resources(expected: ExpectedDatabase, existing: ActualDatabase) -> list[str]:
    """Return the IDs of the existing tables that lack something.

    How it is created depends on whether these tables have rows.
    """
    return [
        table.id
        for table in expected.tables
        if table.id in existing.tables
        and any((*_missing_columns(table, existing), *_missing_indexes(table, existing)))
    ]


def pending_columns(table: ExpectedTable, found: ActualTable) -> Iterator[PendingResource]:
    """Yield the expected columns of a table that cannot be used yet."""
    for column in table.columns:
        state = found.column(column.key)
        if state is None:
            if not column.optional:
                yield PendingResource("column", table.id, column.key, "absent", "")
        elif state.status != AVAILABLE:
            yield PendingResource("column", table.id, column.key, state.status, state.error or "")


def pending_indexes(table: ExpectedTable, found: ActualTable) -> Iterator[PendingResource]:
    """Yield the expected indexes of a table that cannot be used yet."""
    for index in table.indexes:
        states = found.indexes_on(*index.columns)
        if not states and _can_create(table, index, found, holds_rows=True):
            yield PendingResource("index", table.id, index.key, "absent", "")
        elif states and all(state.status != AVAILABLE for state in states):
            state = states[0]
            yield PendingResource("index", table.id, state.key, state.status, state.error or "")


def _missing_columns(table: ExpectedTable, existing: ActualDatabase) -> Iterator[Column]:
    found = existing.tables.get(table.id)
    holds_rows = table.id in existing.with_rows
    for column in table.columns:
        is_missing = found is None or found.column(column.key) is None
        if is_missing and not (holds_rows and column.optional):
            yield replace(column, required=False) if holds_rows else column


def _missing_indexes(table: ExpectedTable, existing: ActualDatabase) -> Iterator[Index]:
    found = existing.tables.get(table.id)
    holds_rows = table.id in existing.with_rows
    for index in table.indexes:
        made = replace(index, type="key") if holds_rows else index
        if found is None:
            yield made
        elif not found.indexes_on(*index.columns) and _can_create(
            table, index, found, holds_rows=holds_rows
        ):
            yield replace(made, key=_unused_key(index.key, found))


def _can_create(
    table: ExpectedTable, index: Index, found: ActualTable, *, holds_rows: bool
) -> bool:
    """Return whether an existing column, if any, can be indexed; otherwise, `check` reports it."""
    column = found.column(index.column)
    if column is None:
        return not (holds_rows and table.may_lack(index.column))
    return column.key == index.column and column.can_be_indexed


def _unused_key(key: str, found: ActualTable) -> str:
    """Return the key, or a similar one if another kind of index, such as fulltext, has it."""
    taken = {index.key.lower() for index in found.indexes}
    keys = (f"{key[: _MAX_KEY_LENGTH - 3]}_{number}" for number in count(2))
    return key if key.lower() not in taken else next(k for k in keys if k.lower() not in taken)


def _database(expected: ExpectedDatabase) -> SchemaChange:
    description = f"Create the database `{expected.id}`."
    return SchemaChange("database", None, expected.id, description, expected)


def _bucket(bucket: ExpectedBucket) -> SchemaChange:
    description = (
        f"Create the bucket `{bucket.id}` with file security, for files of at most "
        f"{bucket.max_bytes} bytes."
    )
    return SchemaChange("bucket", None, bucket.id, description, bucket)


def _table(table: ExpectedTable) -> SchemaChange:
    security = "with" if table.row_security else "without"
    rights = ", ".join(table.admin_rights)
    description = (
        f"Create the table `{table.id}` {security} row security; "
        f"only `{table.admin_role}` may {rights}."
    )
    if table.user_rights:
        description += f" Every signed-in user may {', '.join(table.user_rights)} as well."
    return SchemaChange("table", table.id, table.id, description, table)


def _permission_change(table: ExpectedTable, found: ActualTable) -> Iterator[SchemaChange]:
    """Yield the permissions that users need to write with their own sessions; none is removed."""
    lacking = [each for each in table.user_permissions if each not in found.permissions]
    is_unsecured = table.row_security and not found.row_security
    steps = [f"Grant {each} on the table `{table.id}`." for each in lacking]
    if is_unsecured:
        steps.append(f"Switch row security on for the table `{table.id}`.")
    if steps:
        opened = PermissionChange(
            found.name or table.id,
            found.enabled,
            found.row_security or is_unsecured,
            (*found.permissions, *lacking),
        )
        yield SchemaChange("permissions", table.id, table.id, " ".join(steps), opened)


def _column(table: ExpectedTable, column: Column) -> SchemaChange:
    description = f"Add the column `{column.key}` ({column}) to the table `{table.id}`."
    return SchemaChange("column", table.id, column.key, description, column)


def _index(table: ExpectedTable, index: Index) -> SchemaChange:
    columns = ", ".join(f"`{column}` {index.order}" for column in index.columns)
    description = (
        f"Add the {index.type} index `{index.key}` on {columns} to the table `{table.id}`."
    )
    return SchemaChange("index", table.id, index.key, description, index)
