"""Requests about databases, tables, columns and indexes.

See https://appwrite.io/docs/references/cloud/server-rest/tablesDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.identifiers import validate_id
from interactions_sdk.schema import (
    ActualTable,
    Column,
    ExpectedBucket,
    ExpectedDatabase,
    ExpectedTable,
    Index,
    PermissionChange,
)
from interactions_sdk.wire.call import Call, parse_nothing, to_json

if TYPE_CHECKING:
    from interactions_sdk.schema import SchemaChange

__all__ = ["create_resource", "create_table_with_columns", "get_database", "get_table"]

_BUCKETS = "/storage/buckets"
_DATABASES = "/tablesdb"
_DATABASE = _DATABASES + "/{database}"
_TABLES = _DATABASE + "/tables"
_TABLE = _TABLES + "/{table}"
_INDEXES = _TABLE + "/indexes"

_read_table = ActualTable.__pydantic_validator__.validate_json


def get_database(database_id: str) -> Call[None]:
    """Ask whether a database exists; a `SchemaError` means that it does not."""
    return Call("GET", _DATABASE, _database_path(database_id), parse_nothing)


def get_table(database_id: str, table_id: str) -> Call[ActualTable]:
    """Read a table; a `SchemaError` means that it does not exist.

    The response contains all columns and indexes, whereas their own lists are paginated by 25
    (transcript `schema-customer-interactions`).
    """
    return Call("GET", _TABLE, _table_path(database_id, table_id), _read_table)


def create_resource(database_id: str, change: SchemaChange) -> Call[None]:
    """Create a missing resource; an existing one is answered 409 or stays as it is."""
    made = change.makes
    if isinstance(made, ExpectedDatabase):
        body = to_json({"databaseId": made.id, "name": made.id})
        return Call("POST", _DATABASES, _DATABASES, parse_nothing, body)
    if isinstance(made, ExpectedBucket):
        return Call("POST", _BUCKETS, _BUCKETS, parse_nothing, _bucket_body(made))
    if isinstance(made, ExpectedTable):
        path = f"{_database_path(database_id)}/tables"
        return Call("POST", _TABLES, path, parse_nothing, to_json(_table_attributes(made)))
    path = _table_path(database_id, change.table or "")
    if isinstance(made, PermissionChange):
        return Call("PUT", _TABLE, path, parse_nothing, _permission_body(made))
    if isinstance(made, Column):
        kind = f"/columns/{made.type}"
        body = to_json(_column_attributes(made))
        return Call("POST", _TABLE + kind, path + kind, parse_nothing, body)
    body = to_json(_index_attributes(made))
    return Call("POST", _INDEXES, f"{path}/indexes", parse_nothing, body)


def create_table_with_columns(database_id: str, table: ExpectedTable) -> Call[ActualTable]:
    """Create a table with all its columns and indexes.

    Appwrite 1.9.6 rejects columns of the type `enum` here (transcript `schema-inline` of each
    version). Columns and indexes that are not in the response were not created.
    """
    path = f"{_database_path(database_id)}/tables"
    body = _table_attributes(table) | {
        "columns": [{"type": column.type} | _column_attributes(column) for column in table.columns],
        "indexes": [_inline_index_attributes(index) for index in table.indexes],
    }
    return Call("POST", _TABLES, path, _read_table, to_json(body))


def _bucket_body(bucket: ExpectedBucket) -> bytes:
    return to_json(
        {
            "bucketId": bucket.id,
            "name": bucket.id,
            "permissions": bucket.permissions,
            "fileSecurity": True,
            "maximumFileSize": bucket.max_bytes,
            "allowedFileExtensions": bucket.extensions,
        }
    )


def _table_attributes(table: ExpectedTable) -> dict[str, object]:
    return {
        "tableId": table.id,
        "name": table.id,
        "permissions": table.permissions,
        "rowSecurity": table.row_security,
    }


def _permission_body(opened: PermissionChange) -> bytes:
    return to_json(
        {
            "name": opened.name,
            "permissions": opened.permissions,
            "rowSecurity": opened.row_security,
            "enabled": opened.enabled,
        }
    )


def _column_attributes(column: Column) -> dict[str, object]:
    of_its_kind: dict[str, dict[str, object]] = {
        "string": {"size": column.size},
        "enum": {"elements": column.elements},
        "integer": {"min": column.minimum},
        "datetime": {},
    }
    return {"key": column.key, "required": column.required} | of_its_kind[column.type]


def _index_attributes(index: Index) -> dict[str, object]:
    orders = [index.order] * len(index.columns)
    return {"key": index.key, "type": index.type, "columns": index.columns, "orders": orders}


def _inline_index_attributes(index: Index) -> dict[str, object]:
    """Return an index in the format for a new table, where its columns are called `attributes`."""
    attributes = _index_attributes(index)
    return attributes | {"attributes": attributes.pop("columns")}


def _database_path(database_id: str) -> str:
    return f"{_DATABASES}/{validate_id(database_id, 'database id')}"


def _table_path(database_id: str, table_id: str) -> str:
    return f"{_database_path(database_id)}/tables/{validate_id(table_id, 'table id')}"
