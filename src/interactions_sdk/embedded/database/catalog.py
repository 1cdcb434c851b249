"""The tables, read from the file once and cached until the schema changes."""

# ruff: noqa: S608 - the names in this SQL are made of sequence numbers, never of users' words

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from interactions_sdk.embedded.access.permissions import TABLE_ACTIONS, roles_with
from interactions_sdk.embedded.database.attributes import ROW_ATTRIBUTES, from_column
from interactions_sdk.embedded.values.column_types import Column
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    import sqlite3

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.attributes import Attribute
    from interactions_sdk.embedded.values.responses import JsonObject

SYSTEM_COLUMNS = ("_sequence", "_id", "_createdAt", "_updatedAt", "_permissions")


@dataclass(frozen=True, slots=True)
class Database:
    """A database: a name for a set of tables."""

    COLUMNS: ClassVar = "sequence, id, name, enabled, created, updated"

    sequence: int
    id: str
    name: str
    enabled: bool
    created: str
    updated: str

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Database:
        """Make a database of its row."""
        return cls(row[0], row[1], row[2], bool(row[3]), *row[4:])

    def to_json(self) -> JsonObject:
        """Show the database (transcript `databases`)."""
        return {
            "$id": self.id,
            "name": self.name,
            "description": "",
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            "enabled": self.enabled,
            "type": "tablesdb",
            "policies": [],
            "archives": [],
        }


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table."""

    sequence: int
    key: str
    type: str
    columns: tuple[str, ...]
    lengths: tuple[int, ...]
    orders: tuple[str, ...]
    created: str
    updated: str

    def to_json(self, table: Table, status: str) -> JsonObject:
        """Show the index (transcript `indexes`)."""
        return {
            "$id": f"{table.database.sequence}_{table.sequence}_{self.key}",
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            "key": self.key,
            "type": self.type,
            "status": status,
            "error": "",
            "columns": list(self.columns),
            "lengths": list(self.lengths),
            "orders": list(self.orders),
        }


@dataclass(frozen=True)
class Table:
    """A table, with the SQL that its rows are written and read by.

    Attributes:
        sequence: Numbers the tables of a file, and names them in SQL.
        enabled: A disabled table exists for the API key only.
        row_security: Whether rows grant permissions of their own.
        permissions: What the table grants on all of its rows.
        columns: By key, in the order of their making.
        indexes: By key, in the order of their making.
    """

    sequence: int
    database: Database
    id: str
    name: str
    enabled: bool
    row_security: bool
    permissions: tuple[str, ...]
    created: str
    updated: str
    columns: dict[str, Column]
    indexes: dict[str, Index]

    def to_json(self) -> JsonObject:
        """Show the table, its columns and its indexes (transcript `tables`)."""
        return {
            "$id": self.id,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            "$permissions": list(self.permissions),
            "databaseId": self.database.id,
            "name": self.name,
            "description": "",
            "enabled": self.enabled,
            "rowSecurity": self.row_security,
            "columns": [column.to_json("available") for column in self.columns.values()],
            "indexes": [index.to_json(self, "available") for index in self.indexes.values()],
            "bytesMax": 65_535,
            "bytesUsed": 0,
        }

    @cached_property
    def _permissions_by_action(self) -> dict[str, list[str]]:
        return {action: roles_with(self.permissions, action) for action in TABLE_ACTIONS}

    def table_permissions(self, action: str) -> list[str]:
        """Return the roles to which the table grants an action on all of its rows."""
        return self._permissions_by_action[action]

    @cached_property
    def rows(self) -> str:
        """The name, in SQL, of the table of its rows."""
        return f'"rows_{self.sequence}"'

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The SQL columns that hold the users' values, shadows last."""
        columns = list(self.columns.values())
        shadows = [column.sort_column for column in columns if column.sort_column]
        return (*(column.name for column in columns), *shadows)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys of the columns that every row must have a value of."""
        return tuple(key for key, column in self.columns.items() if column.required)

    @cached_property
    def dated(self) -> tuple[Column, ...]:
        """The columns that hold datetimes."""
        return tuple(column for column in self.columns.values() if column.kind == "datetime")

    @cached_property
    def defaulted(self) -> tuple[Column, ...]:
        """The columns that have a default."""
        return tuple(column for column in self.columns.values() if column.default is not None)

    @cached_property
    def arrays(self) -> tuple[str, ...]:
        """The keys of the columns that hold lists."""
        return tuple(key for key, column in self.columns.items() if column.array)

    @cached_property
    def with_sort_column(self) -> tuple[str, ...]:
        """The keys of the columns that have a shadow."""
        return tuple(key for key, column in self.columns.items() if column.sort_column)

    @cached_property
    def insert(self) -> str:
        """The statement that adds a row; its values follow `SYSTEM_COLUMNS` and `written`."""
        names = ", ".join((*SYSTEM_COLUMNS, *self.written))
        places = ", ".join("?" * (len(SYSTEM_COLUMNS) + len(self.written)))
        return f"INSERT INTO {self.rows} ({names}) VALUES ({places})"

    @cached_property
    def upsert(self) -> str:
        """The statement that overwrites whichever row the new one clashes with.

        The overwritten row keeps its ID and its time of creation, as in MariaDB.
        """
        replaced = ("_updatedAt", "_permissions", *self.written)
        changes = ", ".join(f"{name} = excluded.{name}" for name in replaced)
        return f"{self.insert} ON CONFLICT DO UPDATE SET {changes} RETURNING _sequence"

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """What queries on its rows can ask about."""
        searchable = {
            key
            for index in self.indexes.values()
            if index.type == "fulltext"
            for key in index.columns
        }
        return ROW_ATTRIBUTES | {
            key: from_column(column, searchable=key in searchable)
            for key, column in self.columns.items()
        }

    @cached_property
    def full_projection(self) -> Projection:
        """All columns, as a row is answered that nothing was selected of."""
        return Projection(self, tuple(self.columns.values()))


class Projection:
    """Some columns of a table: how to select them, and how to make rows of the result."""

    def __init__(self, table: Table, columns: tuple[Column, ...]) -> None:
        names = [column.name for column in columns]
        self.selected = ", ".join([*names, "CAST(_sequence AS TEXT)", *SYSTEM_COLUMNS[1:]])
        self._keys = (
            *(column.key for column in columns),
            *("$sequence", "$id", "$createdAt", "$updatedAt", "$permissions"),
        )
        self._restored = [
            (column.key, column.from_sql) for column in columns if column.from_sql is not None
        ]
        self._database_id = table.database.id
        self._table_id = table.id

    def row(self, values: tuple[object, ...]) -> JsonObject:
        """Make a row, as it is answered, of what SQLite selected."""
        row: JsonObject = dict(zip(self._keys, values, strict=True))
        granted: str = row["$permissions"]
        row["$permissions"] = [] if granted == "[]" else json.loads(granted)
        for key, restore in self._restored:
            row[key] = restore(row[key])
        row["$databaseId"] = self._database_id
        row["$tableId"] = self._table_id
        return row


class Catalog:
    """The databases and tables of one version of the schema.

    SQLite's `user_version` counts the versions, so that a change by another process is seen by
    the next request, and costs one number to look for.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self._databases: dict[str, Database] = {}
        self._tables: dict[tuple[str, str], Table] = {}

    def database(self, connection: sqlite3.Connection, database_id: str, actor: Actor) -> Database:
        """Find a database."""
        database = self._databases.get(database_id)
        if database is None:
            database = _load_database(connection, database_id)
            self._databases[database_id] = database
        if not database.enabled and not actor.is_key:
            raise AppwriteError("database_not_found", database_id)
        return database

    def table(
        self, connection: sqlite3.Connection, database_id: str, table_id: str, actor: Actor
    ) -> Table:
        """Find a table of a database.

        Raises:
            AppwriteError: `database_not_found`, `table_not_found`.
        """
        table = self._tables.get((database_id, table_id))
        database = self.database(connection, database_id, actor)
        if table is None:
            table = _load_table(connection, database, table_id)
            self._tables[database_id, table_id] = table
        if not table.enabled and not actor.is_key:
            raise AppwriteError("table_not_found", table_id)
        return table


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the version of the schema that the transaction sees."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def bump_version(connection: sqlite3.Connection) -> Catalog:
    """Count a change of the schema, and give the catalog of what it is now.

    That catalog is for this request alone: were the change undone, another one would get its
    number.
    """
    version = schema_version(connection) + 1
    connection.execute(f"PRAGMA user_version = {version}")
    return Catalog(version)


def _load_database(connection: sqlite3.Connection, database_id: str) -> Database:
    row = connection.execute(
        f"SELECT {Database.COLUMNS} FROM _databases WHERE id = ?", (database_id,)
    ).fetchone()
    if row is None:
        raise AppwriteError("database_not_found", database_id)
    return Database.of(row)


TABLE_COLUMNS = "sequence, id, name, enabled, row_security, permissions, created, updated"


def _load_table(connection: sqlite3.Connection, database: Database, table_id: str) -> Table:
    row = connection.execute(
        f"SELECT {TABLE_COLUMNS} FROM _tables WHERE database = ? AND id = ?",
        (database.sequence, table_id),
    ).fetchone()
    if row is None:
        raise AppwriteError("table_not_found", table_id)
    return load_table(connection, database, row)


def load_table(connection: sqlite3.Connection, database: Database, row: tuple[Any, ...]) -> Table:
    """Make a table of its row, and read its columns and indexes."""
    sequence, table_id, name, enabled, row_security, permissions, created, updated = row
    return Table(
        sequence,
        database,
        table_id,
        name,
        bool(enabled),
        bool(row_security),
        tuple(json.loads(permissions)),
        created,
        updated,
        _load_columns(connection, sequence),
        _load_indexes(connection, sequence),
    )


def _load_columns(connection: sqlite3.Connection, table: int) -> dict[str, Column]:
    rows = connection.execute(
        "SELECT sequence, key, kind, options, created, updated"
        ' FROM _columns WHERE "table" = ? ORDER BY sequence',
        (table,),
    )
    return {
        key: Column(sequence, key, kind, json.loads(options), created, updated)
        for sequence, key, kind, options, created, updated in rows
    }


def _load_indexes(connection: sqlite3.Connection, table: int) -> dict[str, Index]:
    rows = connection.execute(
        "SELECT sequence, key, type, columns, lengths, orders, created, updated"
        ' FROM _indexes WHERE "table" = ? ORDER BY sequence',
        (table,),
    )
    return {
        row[1]: Index(*row[:3], *(tuple(json.loads(part)) for part in row[3:6]), *row[6:])
        for row in rows
    }
