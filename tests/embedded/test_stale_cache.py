"""`stale_cache=True`: reads of single rows behave like Appwrite's row cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.http_client import ROWS, Talk, query

if TYPE_CHECKING:
    from collections.abc import Iterator

Operation = dict[str, Any]


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Yield a server with the cache."""
    with EmbeddedAppwrite(api_key="a-key", stale_cache=True) as started:
        yield started


def op(action: str, row_id: str | None, data: object = None) -> Operation:
    """Return an operation on one row or on many."""
    made: Operation = {"action": action, "databaseId": "d", "tableId": "t", "data": data}
    return made if row_id is None else made | {"rowId": row_id}


UPDATE = op("update", "a", {"text": "new"})


def commit(talk: Talk, *operations: Operation) -> int:
    """Run operations in a transaction; return the status."""
    return finish(talk, stage(talk, *operations))


def stage(talk: Talk, *operations: Operation) -> str:
    """Stage operations in a transaction; return its ID."""
    begun: str = talk.good("POST", "/tablesdb/transactions", {})["$id"]
    talk.good("POST", f"/tablesdb/transactions/{begun}/operations", {"operations": operations})
    return begun


def finish(talk: Talk, transaction: str) -> int:
    """Commit a transaction; return the status."""
    status, _ = talk("PATCH", f"/tablesdb/transactions/{transaction}", {"commit": True})
    return status


def read(talk: Talk, row_id: str = "a") -> str | None:
    """Read a row by its ID; return its text."""
    text: str | None = talk.good("GET", f"{ROWS}/{row_id}")["text"]
    return text


def listed(talk: Talk) -> list[str]:
    """Return the texts of all rows in a list."""
    return [row["text"] for row in talk.good("GET", ROWS)["rows"]]


@pytest.mark.parametrize(
    "operation",
    [
        UPDATE,
        op("upsert", "a", {"$id": "a", "text": "new"}),
        op("bulkUpdate", None, {"queries": [query("equal", "$id", "a")], "data": {"text": "new"}}),
        op("bulkUpsert", None, [{"$id": "a", "text": "new"}]),
    ],
    ids=lambda operation: str(operation["action"]),
)
def test_a_row_that_was_read_is_outdated_after_a_commit(talk: Talk, operation: Operation) -> None:
    """After a commit, a cached row is read in its earlier state, but lists have the new one."""
    talk.row("a", text="old")
    assert "old" == read(talk)

    assert 200 == commit(talk, operation)

    assert ["old", "old"] == [read(talk), read(talk)]
    assert ["new"] == listed(talk)


def test_an_increment_is_not_seen(talk: Talk) -> None:
    """An increment is a change like any other."""
    talk.row("a", whole=1)
    read(talk)

    commit(talk, op("increment", "a", {"column": "whole", "value": 2}))

    assert 1 == talk.good("GET", f"{ROWS}/a")["whole"]


def test_chosen_columns_are_outdated_too(talk: Talk) -> None:
    """`select` returns the cached values, and only of the selected columns."""
    talk.row("a", text="old", whole=1)
    read(talk)
    commit(talk, UPDATE)

    row = talk.good("GET", f"{ROWS}/a", queries=(query("select", "", "text"),))

    assert ("old", False) == (row["text"], "whole" in row)


def test_a_row_that_nobody_read_is_current(talk: Talk) -> None:
    """A row that was not read before is current."""
    talk.row("a", text="old")

    commit(talk, UPDATE)

    assert "new" == read(talk)


def test_the_state_is_that_before_the_last_commit(talk: Talk) -> None:
    """The cached state is the one before the last commit, however often that changed the row."""
    talk.row("a", text="old")
    read(talk)
    commit(talk, UPDATE)

    commit(talk, op("update", "a", {"text": "newer"}), op("update", "a", {"text": "newest"}))

    assert "new" == read(talk)


@pytest.mark.parametrize("many", [False, True], ids=["one row", "many rows"])
def test_a_write_outside_of_a_transaction_ends_it(talk: Talk, *, many: bool) -> None:
    """After a write outside of a transaction, the row is current until the next commit."""
    talk.row("a", text="old")
    read(talk)
    commit(talk, UPDATE)

    if many:
        talk.good("PATCH", ROWS, {"queries": [query("equal", "$id", "a")], "data": {"whole": 1}})
    else:
        talk.good("PATCH", f"{ROWS}/a", {"data": {"whole": 1}})
    assert "new" == read(talk)

    commit(talk, op("update", "a", {"text": "newer"}))
    assert "new" == read(talk)


def test_a_write_that_changes_nothing_does_not_end_it(talk: Talk) -> None:
    """An update without changes leaves the cached state."""
    talk.row("a", text="old")
    read(talk)
    commit(talk, UPDATE)

    talk.good("PATCH", f"{ROWS}/a", {"data": {"text": "new"}})

    assert "old" == read(talk)


def test_a_refused_commit_ends_it(talk: Talk) -> None:
    """A commit rejected because this row has changed ends the outdated state."""
    talk.row("a", text="old")
    read(talk)
    loser = stage(talk, op("update", "a", {"text": "lost"}))
    commit(talk, UPDATE)
    assert "old" == read(talk)

    assert 409 == finish(talk, loser)

    assert "new" == read(talk)


def test_a_commit_that_is_refused_for_another_row_ends_it(talk: Talk) -> None:
    """A commit rejected because of another row ends the outdated state, too."""
    talk.row("a", text="old")
    talk.row("b", text="b")
    read(talk)
    commit(talk, UPDATE)
    assert "old" == read(talk)

    assert 409 == commit(
        talk, op("update", "a", {"text": "lost"}), op("create", "b", {"text": "b"})
    )

    assert "new" == read(talk)


def test_creates_and_deletions_are_seen(talk: Talk) -> None:
    """Created and deleted rows are read as they are, also in transactions."""
    talk.row("a", text="old")
    read(talk)
    commit(talk, UPDATE)

    commit(talk, op("delete", "a", {}))
    assert 404 == talk("GET", f"{ROWS}/a")[0]

    commit(talk, op("create", "a", {"text": "again"}))
    assert "again" == read(talk)


def test_what_is_staged_is_seen_over_it(talk: Talk) -> None:
    """A read within a transaction returns what the transaction has staged."""
    talk.row("a", text="old")
    read(talk)
    commit(talk, UPDATE)
    begun = stage(talk, op("update", "a", {"text": "staged"}))

    inside = talk.good("GET", f"{ROWS}/a", {"transactionId": begun})

    assert "staged" == inside["text"]


def test_a_usual_server_has_no_such_cache() -> None:
    """By default, every read is current."""
    with EmbeddedAppwrite(api_key="a-key") as server:
        talk = Talk(server)
        talk("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
        talk("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t"})
        talk(
            "POST",
            "/tablesdb/d/tables/t/columns/string",
            {"key": "text", "size": 9, "required": False},
        )
        talk.row("a", text="old")
        read(talk)
        commit(talk, UPDATE)
        assert "new" == read(talk)
