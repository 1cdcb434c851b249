"""The official clients work unchanged with a served embedded Appwrite."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from appwrite.client import Client
from appwrite.exception import AppwriteException
from appwrite.id import ID
from appwrite.permission import Permission  # type: ignore[import-untyped]
from appwrite.query import Query as TypedQuery
from appwrite.role import Role  # type: ignore[import-untyped]
from appwrite.services.tables_db import TablesDB
from appwrite.services.users import Users

from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite

Query: Any = TypedQuery
"""The package's stubs contain only what the library uses."""

NODE_APPWRITE = "node-appwrite@27.1.0"
SCRIPT = Path(__file__).with_name("official_client.mjs")

TOLD: dict[str, Any] = {
    "database": ["shop", "Shop", True],
    "columns": ["title", "amount", "due", "state"],
    "user": "ada",
    "row": ["Éclair", 3, "2026-05-01T08:00:00.000+00:00", "open", ['read("user:ada")']],
    "read": "Éclair",
    "updated": 4,
    "stepped": 6,
    "upserted": "u1",
    "made": 4,
    "changed": 3,
    "deleted": 2,
    "page": [3, [["Éclair", 6], ["Bulk", 4]]],
    "unseen": [404, "row_not_found"],
    "committed": "committed",
    "seen": ["Staged", 30],
    "again": [409, "row_already_exists"],
    "gone": [404, "row_not_found"],
}
"""The responses that both clients must get for the same calls."""


@pytest.fixture
def endpoint(server: EmbeddedAppwrite) -> Iterator[str]:
    """Serve the server over HTTP."""
    with server.serve() as running:
        yield running.endpoint


def refusal(call: Callable[[], object]) -> list[Any] | None:
    """Return the code and the type of the error that a call raises."""
    try:
        call()
    except AppwriteException as error:
        return [error.code, error.type]
    return None


def test_python_package(server: EmbeddedAppwrite, endpoint: str) -> None:
    """The Python client can use databases, rows, bulk operations and a transaction."""
    client = Client().set_endpoint(endpoint).set_project(server.project).set_key(server.api_key)
    tables = TablesDB(client)
    told: dict[str, Any] = {}
    database = tables.create("shop", "Shop")
    told["database"] = [database.id, database.name, database.enabled]
    place = ("shop", "orders")
    tables.create_table(*place, "Orders", row_security=True)
    tables.create_varchar_column(*place, "title", 100, required=True)
    tables.create_integer_column(*place, "amount", required=False, min=0)
    tables.create_datetime_column(*place, "due", required=False)
    tables.create_enum_column(*place, "state", ["open", "paid"], required=False)
    tables.create_index(*place, "title", "key", ["title"])
    told["columns"] = [column.key for column in tables.list_columns(*place).columns]

    told["user"] = Users(client).create("ada", email="ada@example.com").id
    row = tables.create_row(
        *place,
        ID.unique(),
        {"title": "Éclair", "amount": 3, "due": "2026-05-01T10:00:00+02:00", "state": "open"},
        [Permission.read(Role.user("ada"))],
    )
    shown = [row.data[key] for key in ("title", "amount", "due", "state")]
    told["row"] = [*shown, row.permissions]
    read = tables.get_row(*place, row.id, [Query.select(["title"])])
    told["read"] = read.data["title"]
    told["updated"] = tables.update_row(*place, row.id, {"amount": 4}).data["amount"]
    told["stepped"] = tables.increment_row_column(*place, row.id, "amount", 2).data["amount"]
    told["upserted"] = tables.upsert_row(*place, "u1", {"title": "Tea"}).id

    many = [{"$id": f"b{number}", "title": "Bulk", "amount": number} for number in (1, 2, 3, 4)]
    told["made"] = tables.create_rows(*place, many).total
    over_one = [Query.equal("title", "bulk"), Query.greater_than("amount", 1)]
    told["changed"] = tables.update_rows(*place, {"state": "paid"}, over_one).total
    told["deleted"] = tables.delete_rows(*place, [Query.equal("$id", ["b1", "b2"])]).total
    queries = [
        Query.or_queries([Query.equal("state", "paid"), Query.starts_with("title", "ECL")]),
        Query.order_desc("amount"),
        Query.limit(2),
    ]
    page = tables.list_rows(*place, queries)
    told["page"] = [page.total, [[row.data["title"], row.data["amount"]] for row in page.rows]]

    transaction = tables.create_transaction(60).id
    staged = {"databaseId": "shop", "tableId": "orders"}
    tables.create_operations(
        transaction,
        [
            staged | {"action": "create", "rowId": "t1", "data": {"title": "Staged"}},
            staged | {"action": "update", "rowId": "b3", "data": {"amount": 30}},
        ],
    )
    told["unseen"] = refusal(lambda: tables.get_row(*place, "t1"))
    told["committed"] = tables.update_transaction(transaction, commit=True).status
    told["seen"] = [
        tables.get_row(*place, "t1").data["title"],
        tables.get_row(*place, "b3").data["amount"],
    ]
    told["again"] = refusal(lambda: tables.create_row(*place, "t1", {"title": "x"}))
    tables.delete_row(*place, "t1")
    told["gone"] = refusal(lambda: tables.get_row(*place, "t1"))
    assert TOLD == told


@pytest.fixture
def node_folder(pytestconfig: pytest.Config) -> Path:
    """Install the Node client once; skip the test if that is not possible."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node and npm are not installed.")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir(NODE_APPWRITE.replace("@", "-"))
    if not (folder / "installed").exists():
        installing = subprocess.run(  # noqa: S603 - the versions stand above
            [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", NODE_APPWRITE],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )
        if installing.returncode:
            pytest.skip(f"npm cannot install {NODE_APPWRITE}: {installing.stderr[-300:]}")
        (folder / "installed").touch()
    return folder


def test_node_package(server: EmbeddedAppwrite, endpoint: str, node_folder: Path) -> None:
    """The Node client can do the same."""
    node = shutil.which("node")
    assert node is not None
    # Node searches for packages next to the script.
    script = shutil.copy(SCRIPT, node_folder)
    ran = subprocess.run(  # noqa: S603 - our own script
        [node, script, endpoint, server.project, server.api_key],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert (0, "") == (ran.returncode, ran.stderr)
    assert TOLD == json.loads(ran.stdout)
