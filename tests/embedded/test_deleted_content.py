"""Nothing of what was deleted is left in the files: not in free pages, not in the log."""

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
    """Return where the files are."""
    return tmp_path / "crm.db"


@pytest.fixture
def talk(path: Path) -> Iterator[Talk]:
    """Talk to a server that keeps a file, with some rows before and behind."""
    with EmbeddedAppwrite(path) as server:
        talk = make_table(server)
        for number in range(20):
            talk.row(f"other{number}", text=f"another text {number} " * 50)
        yield talk


def files_with(path: Path, text: str) -> list[str]:
    """Name the files that hold a text, in the encoding of SQLite's."""
    return sorted(
        each.name
        for each in path.parent.iterdir()
        if each.is_file() and text.encode() in each.read_bytes()
    )


def wait_until_gone(path: Path) -> None:
    """Wait for what is done soon, and not at once."""
    ends = time.monotonic() + SECONDS
    while files_with(path, SECRET):
        assert time.monotonic() < ends
        time.sleep(0.02)


def in_a_transaction(action: str, row_id: str | None, data: object) -> Callable[[Talk], None]:
    """Make a change that a transaction carries out."""

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
    """When the call is answered, their text is in none of the files, however long it is."""
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
    """It is gone a second later, which costs less than each time."""
    talk.row("secret", text=SECRET)
    change(talk)
    wait_until_gone(path)


def test_deleted_while_somebody_reads(path: Path, talk: Talk) -> None:
    """A reader keeps the log; it is taken out when the reader is gone."""
    talk.row("secret", text=SECRET)
    with talk.server._store.reading() as connection:
        connection.execute("SELECT count(*) FROM rows_1").fetchone()
        talk.good("DELETE", f"{ROWS}/secret")
        assert ["crm.db-wal"] == [name for name in files_with(path, SECRET) if "wal" in name]
    wait_until_gone(path)


def test_closing_with_something_left(path: Path) -> None:
    """The last one to close the file leaves no log, and waits for nothing."""
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
    """`erase_customer` leaves nothing of what was written about the customer."""
    with InteractionsClient.embedded(path) as crm:
        ada = crm.customers.ensure("ada")
        crm.as_user("ada").log_note(SECRET, subject=SECRET)
        crm.as_user("ada").log_call(SECRET)
        assert [] != files_with(path, SECRET)
        crm.as_admin("root").erase_customer(ada.id, mode=mode)
        wait_until_gone(path)
