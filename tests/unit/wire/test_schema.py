from __future__ import annotations

import json

import pytest

from interactions_sdk import schema
from interactions_sdk.errors import BadRequestError
from interactions_sdk.schema import ActualDatabase
from interactions_sdk.settings import Settings
from interactions_sdk.wire.schema import create_resource, get_database, get_table

CHANGES = schema.plan(schema.expected_schema(Settings()), ActualDatabase(database=False))


@pytest.mark.parametrize(
    ("kind", "table", "name", "path", "body"),
    [
        (
            "database",
            None,
            "console-db",
            "/tablesdb",
            {"databaseId": "console-db", "name": "console-db"},
        ),
        (
            "table",
            "audit_logs",
            "audit_logs",
            "/tablesdb/console-db/tables",
            {
                "tableId": "audit_logs",
                "name": "audit_logs",
                "permissions": ['read("label:superadmin")'],
                "rowSecurity": False,
            },
        ),
        (
            "column",
            "customers",
            "userId",
            "/tablesdb/console-db/tables/customers/columns/string",
            {"key": "userId", "required": True, "size": 128},
        ),
        (
            "column",
            "customer_interactions",
            "direction",
            "/tablesdb/console-db/tables/customer_interactions/columns/enum",
            {"key": "direction", "required": True, "elements": ["inbound", "outbound"]},
        ),
        (
            "column",
            "customer_interactions",
            "duration",
            "/tablesdb/console-db/tables/customer_interactions/columns/integer",
            {"key": "duration", "required": False, "min": 1},
        ),
        (
            "column",
            "customer_interactions",
            "nextActionDate",
            "/tablesdb/console-db/tables/customer_interactions/columns/datetime",
            {"key": "nextActionDate", "required": False},
        ),
        (
            "index",
            "customer_interactions",
            "createdAt",
            "/tablesdb/console-db/tables/customer_interactions/indexes",
            {"key": "createdAt", "type": "key", "columns": ["$createdAt"], "orders": ["DESC"]},
        ),
        (
            "index",
            "customers",
            "userId",
            "/tablesdb/console-db/tables/customers/indexes",
            {"key": "userId", "type": "unique", "columns": ["userId"], "orders": ["ASC"]},
        ),
    ],
)
def test_a_change_becomes_the_request_that_appwrite_takes(
    kind: str, table: str | None, name: str, path: str, body: dict[str, object]
) -> None:
    """Each kind has the recorded path and body."""
    (change,) = [c for c in CHANGES if (c.kind, c.table, c.name) == (kind, table, name)]

    call = create_resource("console-db", change)

    assert ("POST", path) == (call.method, call.path)
    assert body == json.loads(call.body or b"")


def test_a_route_names_no_ids() -> None:
    """Routes in log messages contain no IDs."""
    routes = {create_resource("console-db", change).route for change in CHANGES}

    assert {
        "/tablesdb",
        "/tablesdb/{database}/tables",
        "/tablesdb/{database}/tables/{table}/columns/string",
        "/tablesdb/{database}/tables/{table}/columns/enum",
        "/tablesdb/{database}/tables/{table}/columns/integer",
        "/tablesdb/{database}/tables/{table}/columns/datetime",
        "/tablesdb/{database}/tables/{table}/indexes",
    } == routes


def test_ids_are_checked_before_they_reach_a_path() -> None:
    """A name that would change the path is rejected."""
    with pytest.raises(BadRequestError):
        get_database("../users")
    with pytest.raises(BadRequestError):
        get_table("console-db", "customers/../../users")


def test_a_table_is_read_with_what_is_not_known_here() -> None:
    """Columns of unknown types can be read."""
    answer = {
        "$id": "customers",
        "$createdAt": "2026-01-01T00:00:00.000+00:00",
        "name": "Customers",
        "enabled": True,
        "rowSecurity": False,
        "$permissions": ['read("team:sales")'],
        "columns": [
            {
                "key": "orders",
                "type": "relationship",
                "status": "available",
                "error": "",
                "required": False,
                "array": False,
                "relatedTable": "orders",
                "relationType": "oneToMany",
            },
            {
                "key": "score",
                "type": "double",
                "status": "available",
                "error": "",
                "required": True,
                "array": None,
                "min": -1.7976931348623157e308,
                "max": 1.5,
                "default": None,
            },
        ],
        "indexes": [
            {
                "$id": "x",
                "key": "both",
                "type": "key",
                "status": "processing",
                "error": "",
                "columns": ["score", "$createdAt"],
                "lengths": [0, 0],
                "orders": ["ASC", None],
            }
        ],
    }

    table = get_table("console-db", "customers").read(json.dumps(answer).encode())

    assert [("orders", False), ("score", True)] == [(c.key, c.required) for c in table.columns]
    assert ["both"] == [index.key for index in table.indexes_on("score")]
    assert [] == table.indexes_on("$createdAt")
