"""The library's queries use indexes, so they stay fast with a million rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import pytest

from interactions_sdk import InteractionRepository, InteractionsClient, Settings
from interactions_sdk.embedded.database import query_bounds
from interactions_sdk.embedded.database.attributes import ROW_ATTRIBUTES
from interactions_sdk.embedded.database.query_parser import Query, parse
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Operation: TypeAlias = Callable[[InteractionsClient, InteractionRepository], object]

NOW = datetime.now(UTC)


def archive(crm: InteractionsClient) -> None:
    """Archive everything to a temporary folder."""
    with TemporaryDirectory() as folder:
        crm.as_admin("root").archive(NOW + timedelta(days=1), folder)


OPERATIONS: dict[str, Operation] = {
    "find": lambda _crm, repo: repo.find(limit=2),
    "find, next page": lambda _crm, repo: repo.find(limit=2, after=repo.find(limit=2).next_cursor),
    "find oldest first": lambda _crm, repo: repo.find(newest_first=False),
    "find by type": lambda _crm, repo: repo.find(interaction_type="call"),
    "find since": lambda _crm, repo: repo.find(since=NOW - timedelta(days=1), until=NOW),
    "iterate": lambda _crm, repo: list(repo.iterate()),
    "iterate everything": lambda crm, _repo: list(crm.as_admin("root").iterate()),
    "count": lambda _crm, repo: repo.count(),
    "timeline": lambda _crm, repo: repo.timeline(),
    "archive": lambda crm, _repo: archive(crm),
    "recent": lambda _crm, repo: repo.recent(),
    "due": lambda crm, _repo: list(
        crm.as_admin("root").follow_ups.due(as_of=NOW + timedelta(days=99))
    ),
    "overdue": lambda crm, _repo: list(crm.as_admin("root").follow_ups.overdue()),
    "upcoming": lambda crm, _repo: list(crm.as_admin("root").follow_ups.upcoming()),
    "customer of a user": lambda crm, _repo: crm.customers.get_by_user_id("ada"),
    "create": lambda _crm, repo: repo.log_call("One more"),
}


Statement: TypeAlias = tuple[str, Sequence[object]]
Recorded: TypeAlias = tuple[InteractionsClient, list[Statement], Path]


class Recorder(sqlite3.Connection):
    """A connection that records its statements.

    The statements are explained as executed: with literal values, SQLite may choose another plan.
    """

    statements: ClassVar[list[Statement]] = []

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:  # type: ignore[override]
        """Record a statement, and execute it."""
        self.statements.append((sql, parameters))
        return super().execute(sql, parameters)


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """Connect to an embedded server on a file, and record its statements."""
    connect = partial(sqlite3.connect, factory=Recorder)
    monkeypatch.setattr("interactions_sdk.embedded.database.store.sqlite3.connect", connect)
    path = tmp_path / "crm.db"
    settings = Settings(page_size=2, verify_users=False)
    with (
        start_embedded_server(str(path), settings) as server,
        InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=settings,
            transport=server.transport,
        ) as crm,
    ):
        yield crm, Recorder.statements, path


def plan_of(path: Path, statements: Iterable[Statement]) -> list[str]:
    """Return the query plans of the statements that read rows."""
    with closing(sqlite3.connect(path, factory=sqlite3.Connection)) as connection:
        return [
            step[3]
            for sql, values in statements
            if sql.startswith("SELECT") and '"rows_' in sql
            for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        ]


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", OPERATIONS)
def test_indexes_are_used(name: str, recorded: Recorded) -> None:
    """No query scans a table or sorts rows."""
    crm, statements, path = recorded
    crm.customers.ensure("ada")
    repo = crm.as_user("ada")
    for number in range(5):
        repo.log_task(f"Task {number}", next_action_date=NOW + timedelta(days=number + 1))
    statements.clear()
    OPERATIONS[name](crm, repo)
    steps = plan_of(path, statements)
    assert steps
    assert [] == [step for step in steps if "SCAN" in step and "INDEX" not in step]
    assert [] == [step for step in steps if step.startswith("USE TEMP B-TREE")]


CUSTOMER_LISTS: dict[str, tuple[dict[str, Any], int]] = {
    "created": ({}, 6),
    "last contact": ({"order_by": "last_contact"}, 6),
    "longest without": ({"order_by": "last_contact", "descending": False}, 6),
    "next follow-up": ({"order_by": "next_follow_up"}, 6),
    "name": ({"order_by": "name"}, 6),
    "Z to A": ({"order_by": "name", "descending": True}, 6),
    "no contact since": ({"order_by": "last_contact", "no_contact_since": NOW}, 6),
    "follow-up before": ({"order_by": "next_follow_up", "follow_up_before": NOW}, 4),
    "text": ({"order_by": "name", "text": "n"}, 4),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", CUSTOMER_LISTS)
def test_lists_of_customers_are_read_off_an_index(name: str, recorded: Recorded) -> None:
    """Pages are read from an index; only customers with the same name are sorted."""
    crm, statements, path = recorded
    for number in range(6):
        crm.customers.create(
            f"u{number}",
            name=None if number > 3 else f"N{number}",
            lastContactAt=None if number > 4 else NOW - timedelta(days=1),
            nextFollowUpAt=None if number > 3 else NOW - timedelta(days=1),
        )
    statements.clear()
    asked, found = CUSTOMER_LISTS[name]
    assert found == len(list(crm.customers.iterate(**asked)))
    steps = plan_of(path, statements)
    assert steps
    sorted_ = [step for step in steps if "TEMP B-TREE" in step]
    assert all("LAST TERM" in step or "RIGHT PART" in step for step in sorted_)
    assert not sorted_ or asked["order_by"] == "name"


def parsed(asked: query.Query) -> Query:
    """Parse a query as the server does."""
    return parse([json.dumps(asked)])[0]


FOLLOW_UPS_OF_A_CUSTOMER: dict[str, Operation] = {
    "due": lambda _crm, repo: list(repo.follow_ups.due()),
    "reconcile": lambda crm, _repo: crm.customers.reconcile(),
}


@pytest.mark.parametrize("name", FOLLOW_UPS_OF_A_CUSTOMER)
def test_follow_ups_of_one_customer(name: str, recorded: Recorded) -> None:
    """Only the customer's rows are searched and sorted."""
    crm, statements, path = recorded
    crm.customers.ensure("ada")
    repo = crm.as_user("ada")
    repo.log_task("Task", next_action_date=NOW + timedelta(days=1))
    statements.clear()
    FOLLOW_UPS_OF_A_CUSTOMER[name](crm, repo)
    steps = plan_of(path, statements)
    assert steps
    assert [] == [step for step in steps if "SCAN" in step and "INDEX" not in step]


@pytest.mark.parametrize(
    ("alternatives", "expected"),
    [
        ([query.less_than("$id", "b"), query.equal("$id", "a", "c")], {("$id", "<="): "C"}),
        ([query.less_than("$id", "b"), query.is_null("$id")], {}),
        ([query.less_than("$id", "b"), query.greater_than("$id", "c")], {}),
        ([query.less_than("$id", "b"), query.less_than("nothing", "c")], {}),
        (
            [
                query.greater_than("$sequence", 4),
                query.and_(query.equal("$sequence", 3), query.less_than("$id", "b")),
            ],
            {("$sequence", ">="): 3},
        ),
        (
            [
                query.or_(query.less_than("$id", "b"), query.less_than_equal("$id", "d")),
                query.less_than("$id", "c"),
            ],
            {("$id", "<="): "D"},
        ),
    ],
)
def test_bounds_of_alternatives(
    alternatives: list[query.Query], expected: dict[tuple[str, str], object]
) -> None:
    """The result contains only bounds that all alternatives have in common."""
    assert expected == query_bounds.common_bounds(map(parsed, alternatives), ROW_ATTRIBUTES)


def test_two_indexes_that_are_one_in_sqlite_cost_a_write_once(recorded: Recorded) -> None:
    """Only one of two indexes that are equal in SQLite is created; when deleted, the other is."""
    crm, statements, path = recorded
    crm.customers.ensure("ada")

    def indexes() -> list[str]:
        with closing(sqlite3.connect(path, factory=sqlite3.Connection)) as connection:
            found = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")
            return [sql for (sql,) in found if sql and "_createdAt ASC)" in sql]

    before = indexes()
    assert len(set(before)) == len(before)
    path_of_index = "/tablesdb/console-db/tables/customer_interactions/indexes/customerId"
    crm.appwrite.call("delete", path_of_index)
    assert len(before) == len(indexes())
    statements.clear()
    crm.as_user("ada").find()
    steps = plan_of(path, statements)
    assert [] == [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]
