"""Copies of the files, truncated as a power failure could leave them, can be opened.

After a power failure, synced data exists, and any part of what was written since. So each copy has
the main file as it is, and the log up to some byte after the last synced one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.http_client import Talk

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk.embedded.database.store import Durability

LIMIT = '{"method": "limit", "values": [1000]}'


def make_table(server: EmbeddedAppwrite) -> Talk:
    """Create the table that is written to."""
    talk = Talk(server)
    talk.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
    talk.good("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t"})
    column = {"key": "text", "size": 2000, "required": False}
    talk.good("POST", "/tablesdb/d/tables/t/columns/string", column)
    return talk


def open_copy(folder: Path, main: bytes, log: bytes) -> set[str]:
    """Open copies of the files; return the IDs of the rows if the file is intact."""
    path = folder / "copy.db"
    for name, content in (("copy.db", main), ("copy.db-wal", log)):
        (folder / name).write_bytes(content)
    path.with_name("copy.db-shm").unlink(missing_ok=True)
    with EmbeddedAppwrite(path) as server:
        ids = Talk(server).ids(LIMIT)
    with closing(sqlite3.connect(path)) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
    return set(ids)


@pytest.mark.unmeasured
@pytest.mark.parametrize("durability", ["full", "normal"])
def test_copies_cut_off_anywhere(tmp_path: Path, durability: Durability) -> None:
    """With `full`, each copy has every confirmed row; with `normal`, each copy is intact."""
    random = Random(20)  # noqa: S311 - to be repeated
    path, copies = tmp_path / "crm.db", tmp_path / "copies"
    copies.mkdir()
    log = path.with_name("crm.db-wal")
    with EmbeddedAppwrite(path, durability=durability) as server:
        talk = make_table(server)
        start = log.stat().st_size
        confirmed: list[str] = []
        for number in range(30):
            before = log.stat().st_size
            talk.row(f"r{number}", text="x" * random.randrange(2000))
            confirmed.append(f"r{number}")
            written = log.read_bytes()
            synced = len(written) if durability == "full" else start
            for _ in range(2):
                cut = random.randrange(synced, len(written) + 1)
                found = open_copy(copies, path.read_bytes(), written[:cut])
                assert found <= set(confirmed)
                assert durability == "normal" or found == set(confirmed)
            half = open_copy(
                copies, path.read_bytes(), written[: random.randrange(before, len(written))]
            )
            assert half == set(confirmed[:-1]) or durability == "normal"


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
def test_what_is_synced(tmp_path: Path, durability: Durability, level: int) -> None:
    """With `full`, SQLite syncs the log at every commit (`PRAGMA synchronous`)."""
    with (
        EmbeddedAppwrite(tmp_path / "crm.db", durability=durability) as server,
        server._store.reading() as connection,
    ):
        assert (level,) == connection.execute("PRAGMA synchronous").fetchone()


def test_full_is_the_default(tmp_path: Path) -> None:
    """The default durability is `full`."""
    with (
        EmbeddedAppwrite(tmp_path / "crm.db") as server,
        server._store.reading() as connection,
    ):
        assert (2,) == connection.execute("PRAGMA synchronous").fetchone()
