# Generated from tests/_async/test_schema.py by scripts/unasync.py; do not edit.
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from interactions_sdk import schema
from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk._sync.connection.rows import find_row
from interactions_sdk._sync.schema import Schema
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.errors import ConflictError, PermissionDeniedError, SchemaError
from interactions_sdk.models.customer import Customer
from interactions_sdk.settings import Settings
from interactions_sdk.transport.credentials import make_credentials
from interactions_sdk.transport.retry import RetryPolicy
from interactions_sdk.wire.call import Call, Table, parse_nothing, to_json
from interactions_sdk.wire.rows import create_row
from interactions_sdk.wire.schema import get_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk.schema import SchemaChange


CUSTOMERS = Table("console-db", "customers", Customer)


class Watched(httpx.BaseTransport):
    """A transport that records and changes requests to the embedded server.

    Attributes:
        requests: The method and path of every request.
        meanwhile: What another process does just before the first request that writes.
        answers: Functions that change the responses.
    """

    def __init__(self, server: EmbeddedAppwrite) -> None:
        self._inner = server.transport
        self.requests: list[tuple[str, str]] = []
        self.meanwhile: Callable[[], object] | None = None
        self.answers: Callable[[httpx.Request, httpx.Response], httpx.Response] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request."""
        self.requests.append((request.method, request.url.path.removeprefix("/v1")))
        if self.meanwhile is not None and request.method != "GET":
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        response = self._inner.handle_request(request)
        response.read()
        return response if self.answers is None else self.answers(request, response)


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Return an embedded server without a database."""
    server = EmbeddedAppwrite()
    yield server
    server.close()


@pytest.fixture
def transport(server: EmbeddedAppwrite) -> Watched:
    """Return the transport to the server."""
    return Watched(server)


@pytest.fixture
def connection(server: EmbeddedAppwrite, transport: Watched) -> Iterator[Connection]:
    """Return a connection to the server, with its key."""
    connection = connect(server, server.api_key, transport)
    yield connection
    connection.close()


@pytest.fixture
def provisioning(connection: Connection) -> Schema:
    """Return the schema for the default settings."""
    return Schema(connection, Settings())


def connect(server: EmbeddedAppwrite, key: str, transport: Watched) -> Connection:
    """Return a connection that does not retry."""
    return Connection(
        "http://embedded/v1",
        {"X-Appwrite-Project": server.project},
        credentials=make_credentials(api_key=key),
        policy=RetryPolicy(retries=0),
        timeout=httpx.Timeout(30),
        transport=transport,
    )


def post(connection: Connection, path: str, **body: object) -> None:
    """Send a request as another program would."""
    connection.send(Call("POST", path, path, parse_nothing, to_json(body)))


def make_own_customers(connection: Connection, **row: object) -> None:
    """Create an application's own customers table, optionally with a row."""
    post(connection, "/tablesdb", databaseId="console-db", name="The console")
    post(
        connection,
        "/tablesdb/console-db/tables",
        tableId="customers",
        name="Customers",
        permissions=['read("team:sales")'],
        rowSecurity=False,
    )
    columns = "/tablesdb/console-db/tables/customers/columns/string"
    post(connection, columns, key="name", size=80, required=True)
    if row:
        connection.send(create_row(CUSTOMERS, "first", row))


def with_status(
    path: str, status: str, *, of: str, reads: int, error: str = ""
) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    """Change the status of columns or indexes in the next responses that contain any."""
    remaining = iter(range(reads))

    def answer(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method != "GET" or not request.url.path.endswith(path):
            return response
        table: dict[str, Any] = json.loads(response.content)
        if not table.get(of) or next(remaining, None) is None:
            return response
        table[of][1] |= {"status": status, "error": error}
        return httpx.Response(response.status_code, json=table)

    return answer


def test_apply_makes_all_that_is_needed(provisioning: Schema) -> None:
    """An empty server gets a schema without problems."""
    planned = provisioning.plan()

    assert planned == provisioning.apply()
    assert [] == provisioning.check()
    assert [] == provisioning.plan()


def test_a_second_apply_only_reads(provisioning: Schema, transport: Watched) -> None:
    """A second `apply()` reads the database and each table once, and changes nothing."""
    provisioning.apply()
    transport.requests.clear()

    assert [] == provisioning.apply()
    assert [
        ("GET", "/tablesdb/console-db"),
        ("GET", "/tablesdb/console-db/tables/customer_interactions"),
        ("GET", "/tablesdb/console-db/tables/customers"),
        ("GET", "/tablesdb/console-db/tables/audit_logs"),
    ] == transport.requests


def test_a_table_with_enums_is_made_in_steps(provisioning: Schema, transport: Watched) -> None:
    """1.9.6 rejects enums in a new table; the other tables take one request each."""
    changes = provisioning.apply()

    own = [change for change in changes if change.table == "customer_interactions"]
    methods = [method for method, _ in transport.requests]
    assert len(["database", "refused", *own, "customers", "audit_logs"]) == methods.count("POST")
    assert len(["database", "columns", "indexes"]) == methods.count("GET")


def test_a_newer_server_makes_each_table_in_one_request() -> None:
    """A newer server needs one request for each table, and no waiting."""
    server = EmbeddedAppwrite(version="1.9.x-2026-08")
    transport = Watched(server)
    connection = connect(server, server.api_key, transport)
    provisioning = Schema(connection, Settings())

    changes = provisioning.apply()

    assert [
        ("GET", "/tablesdb/console-db"),
        ("POST", "/tablesdb"),
        *[("POST", "/tablesdb/console-db/tables")] * 3,
    ] == transport.requests
    assert {"column", "index"} < {change.kind for change in changes}
    assert [] == provisioning.plan()
    connection.close()
    server.close()


def test_an_older_server_ignores_the_columns_of_a_new_table(
    provisioning: Schema, transport: Watched
) -> None:
    """Columns missing from the response are created one by one."""

    def forget(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method != "POST" or not request.url.path.endswith("/tables"):
            return response
        return httpx.Response(
            response.status_code, json=json.loads(response.content) | {"columns": []}
        )

    transport.answers = forget
    provisioning.apply()

    assert [] == provisioning.check()
    assert any(path.endswith("/audit_logs/columns/string") for _, path in transport.requests)


def test_progress_is_told_after_each_change(provisioning: Schema) -> None:
    """The arguments are the number done, the total, and the change."""
    told: list[tuple[int, int, SchemaChange]] = []

    changes = provisioning.apply(lambda *progress: told.append(progress))

    assert told == [(done, len(changes), change) for done, change in enumerate(changes, 1)]


def test_check_and_plan_only_read(provisioning: Schema, transport: Watched) -> None:
    """A missing database is the only problem, and is not created."""
    (problem,) = provisioning.check()
    changes = provisioning.plan()

    assert problem.startswith("The database `console-db` is missing")
    assert "Create the database `console-db`." == str(changes[0])
    assert [("GET", "/tablesdb/console-db")] * 2 == transport.requests


def test_names_are_those_of_the_settings(connection: Connection) -> None:
    """The names in the settings are used; without an audit table, none is created."""
    settings = Settings(
        database_id="crm", interactions_table="contacts", customers_table="people", audit_table=None
    )

    changes = Schema(connection, settings).apply()

    assert {None, "contacts", "people"} == {change.table for change in changes}
    assert [] == Schema(connection, settings).check()


def test_a_customers_table_keeps_what_it_has(connection: Connection, provisioning: Schema) -> None:
    """Columns, rows and permissions stay, and rows can still be changed."""
    make_own_customers(connection, name="Ada")

    provisioning.apply()

    table = connection.send(get_table("console-db", "customers"))
    columns = {column.key: column.required for column in table.columns}
    assert {
        "name": True,
        "userId": False,
        "lastContactAt": False,
        "nextFollowUpAt": False,
    } == columns
    assert {"userId", "lastContactAt", "nextFollowUpAt", "name"} == {
        index.key for index in table.indexes
    }
    assert {"key"} == {index.type for index in table.indexes}
    assert ('read("team:sales")',) == table.permissions
    assert not table.row_security
    ada = find_row(connection, CUSTOMERS, "first")
    assert ada is not None
    assert "Ada" == ada.name
    contact, required = provisioning.check()
    assert "no text column `email` or `phone`" in contact
    assert "the table `customers` requires `name`" in required
    assert [] == provisioning.plan()


def test_a_relationship_is_refused_before_anything_is_written(
    connection: Connection, provisioning: Schema, transport: Watched
) -> None:
    """`plan` and `apply` stop; `check` says the same, without mentioning `apply`."""
    make_own_customers(connection)
    columns = "/tablesdb/console-db/tables/customers/columns/string"
    post(connection, columns, key="userId", size=36, required=False)

    def relate(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith("/tables/customers"):
            return response
        table = response.json()
        for column in table["columns"]:
            if column["key"] == "userId":
                column.update({"type": "relationship", "relatedTable": "people"})
                del column["size"]
        return httpx.Response(200, json=table)

    transport.answers = relate
    transport.requests.clear()

    with pytest.raises(SchemaError, match=r"`userId` of the table `customers` is a rel") as caught:
        provisioning.apply()
    with pytest.raises(SchemaError, match=r"`userId` of the table `customers` is a rel"):
        provisioning.plan()

    assert {"GET"} == {method for method, _ in transport.requests}
    (problem,) = caught.value.problems
    assert problem in provisioning.check()


def test_an_empty_customers_table_is_completed_as_a_new_one(
    connection: Connection, provisioning: Schema
) -> None:
    """Without rows, the table gets a unique index on the user."""
    make_own_customers(connection)

    provisioning.apply()

    table = connection.send(get_table("console-db", "customers"))
    assert {"userId": "unique", "lastContactAt": "key", "nextFollowUpAt": "key", "name": "key"} == {
        index.key: index.type for index in table.indexes
    }
    assert {"name", "email", "phone"} <= {column.key for column in table.columns}
    assert ["name", "userId"] == [column.key for column in table.columns if column.required]


def test_apply_goes_on_where_it_was_cut_short(
    provisioning: Schema,
) -> None:
    """After an interruption, the next apply completes the schema."""

    def stop(_done: int, _total: int, change: SchemaChange) -> None:
        if change.kind == "index":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        provisioning.apply(stop)

    left = provisioning.apply()
    assert {("customer_interactions", "index")} == {(each.table, each.kind) for each in left}
    assert [] == provisioning.check()


def test_another_process_may_apply_at_the_same_time(
    server: EmbeddedAppwrite, provisioning: Schema, transport: Watched
) -> None:
    """What the other process created counts as created."""
    other = connect(server, server.api_key, Watched(server))
    transport.meanwhile = Schema(other, Settings()).apply

    changes = provisioning.apply()
    other.close()

    assert 48 == len(changes)
    assert [] == provisioning.check()


def test_another_conflict_is_an_error(provisioning: Schema, transport: Watched) -> None:
    """Other conflicts than `already exists` are raised."""
    refusal = {"message": "Try again.", "code": 409, "type": "database_busy"}
    transport.answers = lambda request, response: (
        httpx.Response(409, json=refusal) if request.method == "POST" else response
    )

    with pytest.raises(ConflictError, match="Try again"):
        provisioning.apply()


@pytest.mark.unmeasured
@pytest.mark.parametrize("of", ["columns", "indexes"])
def test_apply_waits_until_all_is_available(
    provisioning: Schema, transport: Watched, of: str
) -> None:
    """The server is polled with growing pauses."""
    transport.answers = with_status("/customer_interactions", "processing", of=of, reads=2)

    provisioning.apply()

    reads = transport.requests.count(("GET", "/tablesdb/console-db/tables/customer_interactions"))
    assert 2 + 2 == reads


def test_apply_waits_for_what_another_process_has_begun(
    provisioning: Schema, transport: Watched
) -> None:
    """Even if nothing is missing, it returns only when everything is available."""
    provisioning.apply()
    transport.answers = with_status("/customer_interactions", "processing", of="columns", reads=2)
    transport.requests.clear()

    assert [] == provisioning.apply()
    reads = transport.requests.count(("GET", "/tablesdb/console-db/tables/customer_interactions"))
    assert 1 + 2 == reads


@pytest.mark.parametrize("status", ["failed", "stuck"])
def test_what_the_server_cannot_make_is_an_error_with_its_reason(
    provisioning: Schema, transport: Watched, status: str
) -> None:
    """The error names the column, its status and Appwrite's reason, and suggests a solution."""
    transport.answers = with_status(
        "/customer_interactions", status, of="columns", reads=1, error="Row size too large"
    )

    with pytest.raises(SchemaError, match="Delete it in the Appwrite console") as caught:
        provisioning.apply()

    column = "The column `interactionType` of the table `customer_interactions`"
    assert (f"{column} is {status} (Row size too large)",) == caught.value.problems


def test_waiting_has_an_end(provisioning: Schema, transport: Watched) -> None:
    """The client does not wait forever for a server that never finishes."""
    transport.answers = with_status(
        "/customer_interactions", "processing", of="indexes", reads=1000
    )

    with pytest.raises(SchemaError, match="a longer timeout") as caught:
        provisioning.apply(timeout=0.1)

    index = "The index `interactionType` of the table `customer_interactions`"
    assert (f"{index} is processing",) == caught.value.problems


def test_check_tells_what_differs_on_the_server(
    connection: Connection, provisioning: Schema
) -> None:
    """A table created by another program is checked and not changed."""
    make_own_customers(connection)
    post(
        connection,
        "/tablesdb/console-db/tables",
        tableId="customer_interactions",
        name="Interactions",
        permissions=['read("users")'],
        rowSecurity=False,
    )
    columns = "/tablesdb/console-db/tables/customer_interactions/columns/string"
    post(connection, columns, key="subject", size=40, required=False)
    provisioning.apply()

    problems = [each for each in provisioning.check() if not isinstance(each, schema.Advice)]

    assert [
        "The column `subject` of the table `customer_interactions` holds on",
        "The table `customer_interactions` has row security off, so the per",
        "The table `customer_interactions` does not let `label:superadmin` ",
        'The table `customer_interactions` has read("users"), which lets ev',
    ] == [problem[:66] for problem in problems]


def test_a_wrong_key_is_told(server: EmbeddedAppwrite, transport: Watched) -> None:
    """A wrong key raises the same error as in other operations."""
    stranger = connect(server, "another-key", transport)

    with pytest.raises(PermissionDeniedError):
        Schema(stranger, Settings()).check()
    stranger.close()


def test_tables_are_opened_to_users_when_that_is_asked_for(
    connection: Connection, provisioning: Schema
) -> None:
    """The argument or the setting adds permissions; none is removed again."""
    provisioning.apply()
    planned = provisioning.plan(user_sessions=True)
    assert ["permissions", "permissions"] == [change.kind for change in planned]

    assert planned == provisioning.apply(user_sessions=True)

    opened = Schema(connection, Settings(user_sessions=True))
    assert ([], [], []) == (opened.plan(), opened.apply(), opened.check())
    assert [] == provisioning.plan()
    problems = provisioning.check()
    assert ["`customer_interactions`", "`audit_logs`"] == [each.split()[2] for each in problems]
    assert [] == provisioning.check(user_sessions=True)
    table = connection.send(get_table("console-db", "customer_interactions"))
    assert ("customer_interactions", True, True) == (table.name, table.enabled, table.row_security)
    assert 'create("users")' in table.permissions
    assert 'read("label:superadmin")' in table.permissions
