from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import ValidationError

from interactions_sdk import wire
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.models.customer import Customer
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.rules.operations import Operation
from interactions_sdk.settings import CustomerColumns, Settings
from interactions_sdk.wire import Call, Table, query
from interactions_sdk.wire.tables import tables_for

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Table("console-db", "customer_interactions", CustomerInteraction)
ROWS = "/tablesdb/console-db/tables/customer_interactions/rows"
LOCK = datetime(2026, 5, 1, 12, 0, 0, 123_000, timezone(timedelta(hours=2)))
ROW = (
    b'{"$id":"i1","$createdAt":"2026-05-01T10:00:00.000+00:00",'
    b'"$updatedAt":"2026-05-01T10:00:00.123+00:00","customerId":"c1"}'
)
LIST = b'{"total":1,"rows":[' + ROW + b"]}"
TRANSACTION = (
    b'{"$id":"t1","$createdAt":"2026-05-01T10:00:00.000+00:00",'
    b'"$updatedAt":"2026-05-01T10:00:00.000+00:00","status":"pending","operations":2,'
    b'"expiresAt":"2026-05-01T11:00:00.000+00:00"}'
)
INVALID_IDS = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a" * 37,
    "_a",
    "-a",
    "a b",
    "a?x=1",
    "a#b",
    "é",
    "a\n",
]
OPERATION = Operation("delete", "customer_interactions", "i1")


def asked(call: Call[Any]) -> tuple[str, str, Any]:
    """Return the method, the path without its query, and the body as JSON."""
    body = None if call.body is None else json.loads(call.body)
    return (call.method, urlsplit(call.path).path, body)


def parameters(call: Call[Any]) -> list[tuple[str, str]]:
    """Return the query of the path as parsed by a server."""
    return parse_qsl(urlsplit(call.path).query, strict_parsing=True)


# --- rows


def test_list_rows_without_a_count() -> None:
    """`total=0` saves the server from counting."""
    queries = [query.equal("subject", "a&b=c #1 + é"), query.limit(5)]

    call = wire.list_rows(TABLE, queries)

    assert ("GET", ROWS, None) == asked(call)
    first, second = query.encode_queries(queries)
    assert [("queries[]", first), ("queries[]", second), ("total", "0")] == parameters(call)
    assert ["i1"] == [row.id for row in call.read(LIST).rows]


def test_list_rows_with_a_count() -> None:
    """With `with_total`, the rows are counted."""
    call = wire.list_rows(TABLE, [query.limit(5)], with_total=True)

    assert ["queries[]"] == [name for name, _ in parameters(call)]
    assert 1 == call.read(LIST).total


def test_list_rows_of_some_age() -> None:
    """`ttl` accepts a response that the server has cached."""
    call = wire.list_sequenced_rows(TABLE, [], max_age=timedelta(minutes=2, milliseconds=900))

    assert [("total", "0"), ("ttl", "120")] == parameters(call)


def test_create_row() -> None:
    """In a single create, permissions are next to the data."""
    data = {"subject": "é", "$createdAt": "2026-05-01T10:00:00.000+00:00", "duration": None}
    permissions = ['read("user:ada")']

    call = wire.create_row(TABLE, "i1", {**data, "$permissions": permissions})

    assert (
        "POST",
        ROWS,
        {"rowId": "i1", "data": data, "permissions": permissions},
    ) == asked(call)
    assert call.body is not None
    assert "é".encode() in call.body
    assert call.idempotent
    assert "permissions" not in asked(wire.create_row(TABLE, "i1", data))[2]


def test_create_rows() -> None:
    """Each row has its own ID; the response is not read."""
    rows = [{"$id": "i1", "subject": "x"}, {"$id": "i2"}]

    call = wire.create_rows(TABLE, rows)

    assert ("POST", ROWS, {"rows": rows}) == asked(call)
    call.read(b'{"total":2,"rows":[]}')


@pytest.mark.parametrize(
    "call", [wire.create_rows(TABLE, [{"$id": "i1"}]), wire.delete_row(TABLE, "i1")]
)
def test_a_page_of_somebody_else_is_no_success(call: Call[None]) -> None:
    """A login page with status 200 does not count as a deletion."""
    with pytest.raises(ValidationError):
        call.read(b"<html>Please sign in</html>")


def test_update_row() -> None:
    """An update has the columns of one row."""
    call = wire.update_row(TABLE, "i1", {"subject": None})

    assert ("PATCH", f"{ROWS}/i1", {"data": {"subject": None}}) == asked(call)
    assert call.headers is None
    assert "i1" == call.read(ROW).id


def test_delete_row() -> None:
    """The response of a deletion is not read."""
    call = wire.delete_row(TABLE, "i1")

    assert ("DELETE", f"{ROWS}/i1", None) == asked(call)
    assert call.headers is None
    call.read(b"")


@pytest.mark.parametrize(
    "call",
    [
        wire.update_row(TABLE, "i1", {}, if_unmodified_since=LOCK),
        wire.delete_row(TABLE, "i1", if_unmodified_since=LOCK),
    ],
    ids=["update", "delete"],
)
def test_the_lock_is_the_state_that_was_read(call: Call[Any]) -> None:
    """Transcript `row-timestamp-lock`: the timestamp is in UTC, with milliseconds."""
    assert {"X-Appwrite-Timestamp": "2026-05-01T10:00:00.123+00:00"} == call.headers


def test_update_rows() -> None:
    """All matching rows are updated."""
    queries = [query.equal("$id", "i1", "i2")]

    call = wire.update_rows(TABLE, queries, {"subject": "x"})

    assert (
        "PATCH",
        ROWS,
        {"queries": query.encode_queries(queries), "data": {"subject": "x"}},
    ) == asked(call)
    assert 1 == call.read(LIST).total


@pytest.mark.parametrize(
    "queries", [[], [query.limit(5)], [query.ascending("$id"), query.select("$id")]]
)
def test_update_rows_wants_a_filter(queries: list[query.Query]) -> None:
    """Without a filter, every row of the table would change."""
    with pytest.raises(BadRequestError, match="would change every row"):
        wire.update_rows(TABLE, queries, {"subject": "x"})


# --- transactions


def test_begin_transaction() -> None:
    """The response has the transaction's ID."""
    call = wire.begin_transaction()
    state = call.read(TRANSACTION)

    assert ("POST", "/tablesdb/transactions", {}) == asked(call)
    assert ("t1", "pending", 2) == (state.id, state.status, state.operations)


def test_get_transaction() -> None:
    """The response has the transaction's status."""
    call = wire.get_transaction("t1")

    assert ("GET", "/tablesdb/transactions/t1", None) == asked(call)
    assert "pending" == call.read(TRANSACTION).status


@pytest.mark.parametrize("character", ["x", "/", "я", "😀"])
def test_an_operation_that_is_too_large_is_refused(character: str) -> None:
    """The operation is rejected before sending, since Appwrite would return a server error."""
    written = {"x": 1, "/": 2, "я": 6, "😀": 12}[character]
    fitting, rest = divmod(5_000_000 - len('[{"$id":"r"}]') - len(',"text":""'), written)
    longest = character * fitting + "x" * rest

    def stage(text: str) -> Call[wire.TransactionState]:
        rows = [{"$id": "r", "text": text}]
        return wire.stage_operations(
            "t1", "db", [OPERATION, Operation("bulkCreate", "t", None, rows)]
        )

    assert longest in json.loads(stage(longest).body or b"")["operations"][1]["data"][0]["text"]
    with pytest.raises(BadRequestError, match=r"has 5,000,001 characters .* fewer rows"):
        stage(longest + "x")


def test_stage_operations() -> None:
    """Each kind of operation has Appwrite's format, and staging is not retried."""
    call = wire.stage_operations(
        "t1",
        "console-db",
        [
            Operation("create", "audit_logs", "a1", {"action": "x"}),
            Operation("update", "customers", "c1", {"name": None}),
            Operation("delete", "customer_interactions", "i1"),
            Operation("bulkCreate", "customer_interactions", None, [{"$id": "i2"}]),
        ],
    )

    where = {"databaseId": "console-db"}
    assert (
        "POST",
        "/tablesdb/transactions/t1/operations",
        {
            "operations": [
                where
                | {
                    "action": "create",
                    "tableId": "audit_logs",
                    "rowId": "a1",
                    "data": {"action": "x"},
                },
                where
                | {
                    "action": "update",
                    "tableId": "customers",
                    "rowId": "c1",
                    "data": {"name": None},
                },
                where | {"action": "delete", "tableId": "customer_interactions", "rowId": "i1"},
                where
                | {
                    "action": "bulkCreate",
                    "tableId": "customer_interactions",
                    "data": [{"$id": "i2"}],
                },
            ]
        },
    ) == asked(call)
    assert not call.idempotent
    assert 2 == call.read(TRANSACTION).operations
    assert 100 == wire.MAX_OPERATIONS


def test_commit_transaction() -> None:
    """A commit is not retried, since the second one returns 400 whatever the outcome was."""
    call = wire.commit_transaction("t1")

    assert ("PATCH", "/tablesdb/transactions/t1", {"commit": True}) == asked(call)
    assert not call.idempotent
    assert "t1" == call.read(TRANSACTION).id


def test_roll_back_transaction() -> None:
    """A rollback can be retried."""
    call = wire.roll_back_transaction("t1")

    assert ("PATCH", "/tablesdb/transactions/t1", {"rollback": True}) == asked(call)
    assert call.idempotent


# --- users


def test_get_user() -> None:
    """Only the ID and the labels are read."""
    call = wire.get_user("ada")
    user = call.read(b'{"$id":"ada","labels":["superadmin"],"name":"A"}')

    assert ("GET", "/users/ada", None) == asked(call)
    assert ("ada", ["superadmin"]) == (user.id, user.labels)


def test_list_memberships() -> None:
    """The response has the user's teams and the roles in them."""
    call = wire.list_memberships("ada")
    answer = call.read(
        b'{"total":2,"memberships":[{"$id":"m","teamId":"crew","roles":["owner"],"confirm":false},'
        b'{"$id":"n","teamId":"team","roles":[]}]}'
    )

    assert ("GET", "/users/ada/memberships") == asked(call)[:2]
    assert [("crew", ["owner"], False), ("team", [], True)] == [
        (each.team_id, each.roles, each.confirm) for each in answer.memberships
    ]


# --- IDs


@pytest.mark.parametrize("value", INVALID_IDS)
@pytest.mark.parametrize(
    "build",
    [
        lambda value: wire.create_row(TABLE, value, {}),
        lambda value: wire.update_row(TABLE, value, {}),
        lambda value: wire.delete_row(TABLE, value),
        lambda value: wire.delete_row(Table("console-db", value, CustomerInteraction), "i1"),
        lambda value: wire.list_rows(Table(value, "t", CustomerInteraction), []),
        lambda value: wire.create_rows(Table("console-db", value, CustomerInteraction), []),
        wire.get_transaction,
        wire.commit_transaction,
        wire.roll_back_transaction,
        lambda value: wire.stage_operations(value, "console-db", [OPERATION]),
        lambda value: wire.stage_operations("t1", "db", [Operation("delete", "t", value)]),
        wire.get_user,
        wire.list_memberships,
    ],
)
def test_no_request_is_made_of_an_invalid_id(build: Callable[[str], Call[Any]], value: str) -> None:
    """IDs that could change the path are rejected before it is built."""
    with pytest.raises(BadRequestError, match=r"is not a valid (row id|user id|transaction id|id)"):
        build(value)


@pytest.mark.parametrize(
    ("call", "route"),
    [
        (wire.delete_row(TABLE, "i1"), "/tablesdb/{database}/tables/{table}/rows/{row}"),
        (
            wire.list_rows(TABLE, [query.equal("customerId", "c1")]),
            "/tablesdb/{database}/tables/{table}/rows",
        ),
        (wire.commit_transaction("t1"), "/tablesdb/transactions/{transaction}"),
        (
            wire.stage_operations("t1", "db", [OPERATION]),
            "/tablesdb/transactions/{transaction}/operations",
        ),
        (wire.get_user("ada"), "/users/{user}"),
    ],
)
def test_routes_name_no_ids(call: Call[Any], route: str) -> None:
    """Routes in log messages contain no IDs."""
    assert route == call.route


# --- bodies and responses


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), datetime(2026, 5, 1, tzinfo=UTC), {1}, "\ud800", b"x"]
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    """The error is raised before anything is sent."""
    with pytest.raises(BadRequestError, match="cannot be sent as JSON"):
        wire.create_row(TABLE, "i1", {"column": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", object()])
def test_what_json_cannot_hold_is_not_staged(value: object) -> None:
    """Rows in a bulk operation are checked as well when they are staged."""
    rows = [{"$id": "i1", "column": value}]
    with pytest.raises(BadRequestError, match="cannot be sent as JSON"):
        wire.stage_operations("t1", "db", [Operation("bulkCreate", "t", None, rows)])


@pytest.mark.parametrize(
    "value",
    ["NaN", "-Infinity", 'Zo\u00eb \u2028 "\\" \x1f \x7f \U0001f600', 10**30, 1.5, True, None],
)
def test_staged_values_arrive_as_they_are(value: object) -> None:
    """A text such as `NaN` is a valid value."""
    rows = [{"$id": "i1", "column": value}]
    call = wire.stage_operations("t1", "db", [Operation("bulkCreate", "t", None, rows)])
    assert call.body is not None
    assert json.loads(call.body)["operations"][0]["data"] == rows


def test_bottomless_data_is_refused() -> None:
    """A list that contains itself is rejected."""
    endless: list[Any] = []
    endless.append(endless)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    for value in (endless, deep):
        with pytest.raises(BadRequestError, match="cannot be sent as JSON"):
            wire.create_row(TABLE, "i1", {"column": value})


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        ([], []),
        ([{"$sequence": "7"}, {"$sequence": "9"}], ["7", "9"]),
        ([{"$sequence": 7}, {"$sequence": 9}], ["7", "9"]),
        ([{"$sequence": "7"}, {}], ["7", ""]),
    ],
    ids=["no rows", "text", "numbers", "none"],
)
def test_sequences_are_text_whatever_the_database_has(
    sequences: list[dict[str, object]], expected: list[str]
) -> None:
    """A list has the sequence of its last row, or of each row if it was asked for."""
    rows = [json.loads(ROW) | {"$id": f"i{n}", **each} for n, each in enumerate(sequences)]
    answer = json.dumps({"total": len(rows), "rows": rows}).encode()

    page = wire.list_rows(TABLE, []).read(answer)
    sequenced = wire.list_sequenced_rows(TABLE, []).read(answer)

    last = expected[-1] if expected else ""
    assert (page.rows, page.last_sequence) == (sequenced.rows, last)
    assert last == sequenced.last_sequence
    assert expected == sequenced.sequences


@pytest.mark.parametrize(
    "answer", [b"", b"{", b"[]", b"null", b"<html>", b"{}", b'{"total":1}', b'{"rows":null}']
)
def test_what_is_no_answer_is_not_read(answer: bytes) -> None:
    """Truncated or foreign bodies raise pydantic's error, which the connection reports."""
    for read in (
        TABLE.read_row,
        TABLE.read_rows,
        TABLE.read_sequenced_rows,
        wire.begin_transaction().read,
    ):
        with pytest.raises(ValidationError):
            read(answer)


# --- the tables of a client


def test_tables_follow_the_settings() -> None:
    """Each table has the ID in the settings and the model of its rows."""
    tables = tables_for(
        Settings(
            database_id="db",
            interactions_table="logs",
            customers_table="clients",
            audit_table="audits",
        )
    )

    assert Table("db", "logs", CustomerInteraction) == tables.interactions
    assert Table("db", "clients", Customer) == tables.customers
    assert Table("db", "audits", AuditEntry) == tables.audit
    assert tables_for(Settings(audit_table=None)).audit is None


def test_customers_columns_may_have_other_names() -> None:
    """The names in the settings are read; the default names are then ordinary columns."""
    columns = CustomerColumns(user_id="user_id", last_contact_at="seen")
    read = tables_for(Settings(customer_columns=columns)).customers.read_row

    customer = read(
        b'{"$id":"c1","$createdAt":"2026-05-01T10:00:00Z","$updatedAt":"2026-05-01T10:00:00Z",'
        b'"user_id":"ada","seen":"2026-05-01T10:00:00Z","userId":"other","nextFollowUpAt":5.5e99}'
    )

    assert "ada" == customer.user_id
    assert datetime(2026, 5, 1, 10, tzinfo=UTC) == customer.last_contact_at
    assert customer.next_follow_up_at is None
    assert {"userId": "other"} == customer.model_extra
