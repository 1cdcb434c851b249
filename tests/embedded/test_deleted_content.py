"""Deleted content is removed from the files, including free pages and the log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import pytest

from interactions_sdk import InteractionsClient
from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.http_client import ROWS, Talk, query
from tests.embedded.test_power_failure import make_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = "Ada's secret word 7f3a"
SECONDS = 20.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the database."""
    return tmp_path / "crm.db"


@pytest.fixture
def talk(path: Path) -> Iterator[Talk]:
    """Return a client of a server with a file, which has some rows before and after."""
    with EmbeddedAppwrite(path) as server:
        talk = make_table(server)
        for number in range(20):
            talk.row(f"other{number}", text=f"another text {number} " * 50)
        yield talk


def files_with(path: Path, text: str) -> list[str]:
    """Return the files that contain a text in SQLite's encoding."""
    return sorted(
        each.name
        for each in path.parent.iterdir()
        if each.is_file() and text.encode() in each.read_bytes()
    )


def wait_until_gone(path: Path) -> None:
    """Wait until the text is removed, which happens with a delay."""
    ends = time.monotonic() + SECONDS
    while files_with(path, SECRET):
        assert time.monotonic() < ends
        time.sleep(0.02)


def in_a_transaction(action: str, row_id: str | None, data: object) -> Callable[[Talk], None]:
    """Make a change in a transaction."""

    def change(talk: Talk) -> None:
        transaction = talk.good("POST", "/tablesdb/transactions", {})["$id"]
        path = f"/tablesdb/transactions/{transaction}"
        target = {"action": action, "databaseId": "d", "tableId": "t", "data": data}
        operation = target | ({"rowId": row_id} if row_id else {})
        talk.good("POST", f"{path}/operations", {"operations": [operation]})
        talk.good("PATCH", path, {"commit": True})

    return change


ONE = query("equal", "$id", "secret")


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "delete",
    [
        lambda talk: talk("DELETE", f"{ROWS}/secret"),
        lambda talk: talk("DELETE", ROWS, {"queries": [ONE]}),
        lambda talk: talk("DELETE", "/tablesdb/d/tables/t"),
        lambda talk: talk("DELETE", "/tablesdb/d"),
        in_a_transaction("delete", "secret", {}),
        in_a_transaction("bulkDelete", None, {"queries": [ONE]}),
    ],
)
@pytest.mark.parametrize("size", [1, 60])
def test_deleted_rows(path: Path, talk: Talk, delete: Callable[[Talk], None], size: int) -> None:
    """When a deletion returns, the deleted text is in none of the files, however long it is."""
    talk.row("secret", text=(SECRET * size)[:2000])
    assert [] != files_with(path, SECRET)
    delete(talk)
    assert [] == files_with(path, SECRET)


@pytest.mark.parametrize(
    "change",
    [
        lambda talk: talk("PATCH", f"{ROWS}/secret", {"data": {"text": "[erased]"}}),
        lambda talk: talk("PATCH", ROWS, {"data": {"text": None}, "queries": [ONE]}),
        in_a_transaction("update", "secret", {"text": "[erased]"}),
    ],
)
def test_overwritten_text(path: Path, talk: Talk, change: Callable[[Talk], None]) -> None:
    """Overwritten text is removed a second later, which is cheaper than after each update."""
    talk.row("secret", text=SECRET)
    change(talk)
    wait_until_gone(path)


def test_deleted_while_somebody_reads(path: Path, talk: Talk) -> None:
    """The log cannot be emptied while another connection reads, so that happens afterwards."""
    talk.row("secret", text=SECRET)
    with talk.server._store.reading() as connection:
        connection.execute("SELECT count(*) FROM rows_1").fetchone()
        talk.good("DELETE", f"{ROWS}/secret")
        assert ["crm.db-wal"] == [name for name in files_with(path, SECRET) if "wal" in name]
    wait_until_gone(path)


def test_closing_with_something_left(path: Path) -> None:
    """Closing the last connection removes the log, and no cleaning is scheduled afterwards."""
    with EmbeddedAppwrite(path) as server:
        talk = make_table(server)
        talk.row("secret", text=SECRET)
        talk.good("PATCH", f"{ROWS}/secret", {"data": {"text": ""}})
    assert [] == files_with(path, SECRET)
    server._store._clean_now()
    server._store.clean_later()
    assert server._store._cleaning is None


@pytest.mark.unmeasured
@pytest.mark.parametrize("mode", ["delete", "redact"])
def test_an_erased_customer(path: Path, mode: Literal["delete", "redact"]) -> None:
    """`erase_customer()` leaves no text of the customer in the files."""
    with InteractionsClient.embedded(path) as crm:
        ada = crm.customers.ensure("ada")
        crm.as_user("ada").log_note(SECRET, subject=SECRET)
        crm.as_user("ada").log_call(SECRET)
        assert [] != files_with(path, SECRET)
        crm.as_admin("root").erase_customer(ada.id, mode=mode)
        wait_until_gone(path)
