"""Databases, tables, columns and indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.http_client import ROWS, Talk, query

if TYPE_CHECKING:
    from interactions_sdk.embedded import EmbeddedAppwrite

TABLE = "/tablesdb/d/tables/t"
INVALID = "general_argument_invalid"


def test_disabled_database_exists_for_the_key_only(talk: Talk) -> None:
    """For users, a disabled database does not exist."""
    talk.row("r", ['read("any")'], text="x")
    talk.good("PUT", "/tablesdb/d", {"enabled": False})
    expected = (404, "database_not_found", "Database with the requested ID 'd' could not be found.")
    assert expected == talk.guest().refused("GET", f"{ROWS}/r")
    assert "x" == talk.good("GET", f"{ROWS}/r")["text"]


def test_disabled_table_exists_for_the_key_only(talk: Talk) -> None:
    """For users, a disabled table does not exist."""
    talk.row("r", ['read("any")'], text="x")
    talk.good("PUT", TABLE, {"name": "t", "rowSecurity": True, "enabled": False})
    assert "table_not_found" == talk.guest().refused("GET", f"{ROWS}/r")[1]
    assert "x" == talk.good("GET", f"{ROWS}/r")["text"]


def test_update_table_keeps_permissions_it_is_not_told(talk: Talk) -> None:
    """An update without permissions keeps them."""
    talk.good("PUT", TABLE, {"name": "t", "permissions": ['write("users")']})
    expected = ['create("users")', 'update("users")', 'delete("users")']
    assert expected == talk.good("PUT", TABLE, {"name": "renamed"})["$permissions"]


def test_list_databases_and_tables(talk: Talk) -> None:
    """Databases and tables can be listed, searched and paged."""
    talk.good("POST", "/tablesdb", {"databaseId": "other", "name": "Zoo"})
    talk.good("POST", "/tablesdb/d/tables", {"tableId": "u", "name": "Zebra"})
    listed = talk.good("GET", "/tablesdb", queries=(query("orderDesc", "name"),))
    assert (2, ["other", "d"]) == (listed["total"], [each["$id"] for each in listed["databases"]])
    found = talk.good("GET", "/tablesdb/d/tables", search="zeb")
    assert ["u"] == [each["$id"] for each in found["tables"]]
    after = talk.good("GET", "/tablesdb/d/tables", queries=(query("cursorAfter", "", "t"),))
    assert ["u"] == [each["$id"] for each in after["tables"]]
    before = talk.good(
        "GET", "/tablesdb/d/tables", queries=(query("cursorBefore", "", "u"),), total="0"
    )
    assert (0, ["t"]) == (before["total"], [each["$id"] for each in before["tables"]])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            query("equal", "nope", "x"),
            (
                400,
                INVALID,
                "Invalid `queries` param: Invalid query: Attribute not found in schema: nope",
            ),
        ),
        (
            query("cursorAfter", "", "gone"),
            (400, "general_cursor_not_found", "'gone' for the 'cursor' value not found."),
        ),
        (
            query("regex", "name", "x"),
            (
                501,
                "general_not_implemented",
                "The query method regex is not part of the embedded Appwrite.",
            ),
        ),
    ],
)
def test_list_refusals(talk: Talk, asked: str, expected: tuple[int, str, str]) -> None:
    """Invalid queries of a list are rejected."""
    assert expected == talk.refused("GET", "/tablesdb", queries=(asked,))


def test_delete_database_takes_everything(talk: Talk, server: EmbeddedAppwrite) -> None:
    """Deleting a database deletes everything in it, and its ID can be used again."""
    talk.row("r", ['read("any")'], text="x")
    talk.good("POST", f"{TABLE}/indexes", {"key": "i", "type": "key", "columns": ["text"]})
    talk.good("DELETE", "/tablesdb/d")
    with server._store.reading() as connection:
        left = [
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - constants
            for name in ("_databases", "_tables", "_columns", "_indexes", "_permissions")
        ]
    assert [0, 0, 0, 0, 0] == left


def test_inline_columns_and_indexes(talk: Talk) -> None:
    """A table can be created with columns and indexes."""
    made = talk.good(
        "POST",
        "/tablesdb/d/tables",
        {
            "tableId": "u",
            "name": "u",
            "columns": [
                {"key": "a", "type": "string", "size": 20, "required": True},
                {"key": "x", "type": "double"},
            ],
            "indexes": [{"key": "i", "type": "unique", "attributes": ["a"]}],
        },
    )
    assert ["a", "x"] == [column["key"] for column in made["columns"]]
    assert [("i", ["a"])] == [(index["key"], index["columns"]) for index in made["indexes"]]


REQUIRED = {"required": False}


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("string", {"size": 5, "required": False}, 'Param "key" is not optional.'),
        ("string", {"key": "k", "size": 5}, 'Param "required" is not optional.'),
        ("string", {"key": "k", **REQUIRED}, 'Param "size" is not optional.'),
        ("enum", {"key": "k", **REQUIRED}, 'Param "elements" is not optional.'),
        (
            "enum",
            {"key": "k", "elements": "a", **REQUIRED},
            (
                "Invalid `elements` param: Value must a valid array no longer than 100 items and "
                "Value must be a valid string and at least 1 chars and no longer than 255 chars"
            ),
        ),
        (
            "integer",
            {"key": "k", "min": "1", **REQUIRED},
            "Invalid `min` param: Value must be a valid integer or null",
        ),
        (
            "integer",
            {"key": "k", "default": "1", **REQUIRED},
            "Invalid `default` param: Value must be a valid integer or null",
        ),
        (
            "integer",
            {"key": "k", "min": 1, "default": 0, **REQUIRED},
            "Value must be a valid range between 1 and 9,223,372,036,854,775,807",
        ),
        (
            "email",
            {"key": "k", "default": "x", **REQUIRED},
            "Invalid `default` param: Value must be a valid email address or null",
        ),
        (
            "string",
            {"key": "k", "size": 9, "array": True, "default": "x", **REQUIRED},
            "Cannot set default value for array columns",
        ),
    ],
)
def test_column_refusals(talk: Talk, kind: str, options: dict[str, Any], expected: str) -> None:
    """An invalid column is rejected with Appwrite's message."""
    assert expected == talk.refused("POST", f"{TABLE}/columns/{kind}", options)[2]


@pytest.mark.parametrize(
    ("kind", "options", "kept"),
    [
        ("datetime", {"default": "2026-05-01"}, "2026-05-01T00:00:00.000+00:00"),
        ("boolean", {"default": True}, True),
        ("email", {"default": "a@b.cd"}, "a@b.cd"),
        ("float", {"default": 0.5}, 0.5),
    ],
)
def test_column_defaults(talk: Talk, kind: str, options: dict[str, Any], kept: object) -> None:
    """A missing value is replaced by the column's default."""
    talk.good("POST", f"{TABLE}/columns/{kind}", {"key": "k", **REQUIRED, **options})
    assert kept == talk.row("r", text="x")["k"]


def test_delete_column_leaves_its_indexes_without_it(talk: Talk) -> None:
    """An index loses a deleted column, and is deleted with its last one."""
    for key, type_, columns in (
        ("both", "key", ["text", "whole"]),
        ("one", "key", ["text"]),
        ("rare", "unique", ["text", "whole"]),
        ("other", "key", ["whole"]),
    ):
        sent = {"key": key, "type": type_, "columns": columns, "orders": ["DESC"]}
        talk.good("POST", f"{TABLE}/indexes", sent)
    talk.row("r", text="x", whole=5)
    talk.good("DELETE", f"{TABLE}/columns/text")
    talk.good("DELETE", f"{TABLE}/columns/long")
    indexes = talk.good("GET", f"{TABLE}/indexes")["indexes"]
    assert [("both", ["whole"]), ("other", ["whole"])] == sorted(
        (index["key"], index["columns"]) for index in indexes
    )
    assert ["r"] == talk.ids(query("equal", "whole", 5))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"type": "key", "columns": ["text"]}, 'Param "key" is not optional.'),
        (
            {"key": "?", "type": "key", "columns": ["text"]},
            (
                "Invalid `key` param: Parameter must contain at most 36 chars. Valid chars are "
                "a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char"
            ),
        ),
        (
            {"key": "i", "type": "spatial", "columns": ["text"]},
            "The index type spatial is not part of the embedded Appwrite.",
        ),
        (
            {"key": "i", "type": "key", "columns": ["tags"]},
            "Creating indexes on array attributes is not currently supported.",
        ),
        ({"key": "i", "type": "key", "columns": ["text", "Text"]}, None),
        (
            {"key": "i", "type": "key", "columns": ["text", "text"]},
            "Duplicate attributes provided",
        ),
        (
            {"key": "i", "type": "key", "columns": ["text"], "lengths": [500]},
            'Index length 500 is larger than the size for text: 100"',
        ),
        (
            {"key": "i", "type": "key", "columns": ["text"], "orders": ["UP"]},
            "Invalid `orders` param: Value must be one of (ASC, DESC)",
        ),
        (
            {"key": "i", "type": "key", "columns": [1]},
            (
                "Invalid `columns` param: Value must a valid array no longer than 20 items and "
                "Value must be a valid string and at least 1 chars"
            ),
        ),
        (
            {"key": "i", "type": "key", "columns": ["text"], "lengths": ["long"]},
            "Invalid `lengths` param: Value must a valid array and Value must be a valid integer",
        ),
    ],
)
def test_index_refusals(talk: Talk, sent: dict[str, Any], expected: str | None) -> None:
    """An invalid index is rejected with Appwrite's message."""
    missing = (
        "The column 'Text' required for the index could not be found. "
        "Please confirm all your columns are in the available state."
    )
    assert (expected or missing) == talk.refused("POST", f"{TABLE}/indexes", sent)[2]


def test_unique_index_on_rows_that_are_not(talk: Talk) -> None:
    """A unique index cannot be created over duplicates, and no index remains."""
    talk.row("r1", text="Same")
    talk.row("r2", text="same ")
    sent = {"key": "i", "type": "unique", "columns": ["text"]}
    assert (400, "column_index_invalid") == talk.refused("POST", f"{TABLE}/indexes", sent)[:2]
    assert 0 == talk.good("GET", f"{TABLE}/indexes")["total"]


@pytest.mark.parametrize(
    ("columns", "orders", "asked"),
    [
        (["text"], ["ASC"], (query("equal", "text", "É"),)),
        (["text"], ["ASC"], (query("startsWith", "text", "a"),)),
        (["text"], [], (query("equal", "text", "a"), query("orderDesc", "$createdAt"))),
        (["$createdAt"], ["DESC"], (query("orderDesc", "$createdAt"),)),
        (["whole", "moment"], ["ASC", "DESC"], (query("orderAsc", "whole"),)),
        (["real"], [], (query("equal", "real", 0.5, 1.5),)),
    ],
)
def test_queries_use_indexes(
    talk: Talk,
    server: EmbeddedAppwrite,
    columns: list[str],
    orders: list[str],
    asked: tuple[str, ...],
) -> None:
    """SQLite uses Appwrite's indexes, also for sorting."""
    talk.good(
        "POST",
        f"{TABLE}/indexes",
        {"key": "i", "type": "key", "columns": columns, "orders": orders},
    )
    plans: list[str] = []
    with server._store.reading() as connection:
        connection.set_trace_callback(plans.append)
    talk.good("GET", ROWS, queries=asked, total="0")
    with server._store.reading() as connection:
        connection.set_trace_callback(None)
        select = next(sql for sql in plans if sql.startswith("SELECT") and '"rows_' in sql)
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {select}"))
    # Every table has its own index on `$createdAt`.
    assert f"USING INDEX {'created' if columns == ['$createdAt'] else 'index'}_1" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan or "orderDesc" not in "".join(asked)


def test_another_process_changes_the_schema(tmp_path: Any) -> None:
    """A schema change by one server is visible to another one on the same file."""
    from interactions_sdk.embedded import EmbeddedAppwrite  # noqa: PLC0415 - used here alone

    path = tmp_path / "crm.db"
    with EmbeddedAppwrite(path) as one, EmbeddedAppwrite(path) as other:
        first, second = Talk(one), Talk(other)
        first.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
        first.good("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t"})
        sent = {"key": "text", "size": 9, "required": False}
        second.good("POST", f"{TABLE}/columns/string", sent)
        assert "x" == first.row("r", text="x")["text"]
        second.good("DELETE", TABLE)
        assert "table_not_found" == first.refused("GET", ROWS)[1]
