"""Confirmed writes are never lost or half done, and other programs' files are never changed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import InteractionsClient, InteractionsError, RetryPolicy, Settings
from interactions_sdk.embedded import EmbeddedAppwrite, StoreError
from interactions_sdk.embedded.database.store import explain
from tests.embedded.writer_processes import KEY, ROWS, Writer, connected, in_threads
from tests.processes import Program
from tests.waiting import LIMIT, join

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ENOUGH = 200
"""The number of confirmed writes after which a server is killed."""


def started(*arguments: str) -> Program:
    """Start one of the programs in `writer_processes`."""
    return Program(sys.executable, "-m", "tests.embedded.writer_processes", *arguments, cwd=ROOT)


def next_word(program: Program) -> str:
    """Wait for a line from a program."""
    return program.read_line().strip()


def words_after_kill(program: Program) -> set[str]:
    """Kill a program, and return the remaining complete lines of its output."""
    program.kill()
    return {line.strip() for line in program.remaining_lines() if line.endswith("\n")}


def prepared(path: Path) -> str:
    """Return the path of a file with the writers' table."""
    with EmbeddedAppwrite(path) as server, connected(server) as client:
        Writer(client).prepare()
    return str(path)


def rows_of(path: str) -> dict[str, int]:
    """Return the IDs of all rows in a file, with their numbers."""
    with EmbeddedAppwrite(path) as server, connected(server) as client:
        limit = '{"method": "limit", "values": [100000]}'
        answered = client.get(ROWS, params={"queries[]": limit}).json()
    return {row["$id"]: row["n"] for row in answered["rows"]}


def assert_sound(path: str, confirmed: set[str]) -> None:
    """Assert that every confirmed row exists, and that no pair is incomplete."""
    found = set(rows_of(path))
    singles = {word for word in confirmed if word.startswith("s")}
    pairs = {f"{word}-{half}" for word in confirmed - singles for half in ("a", "b")}
    assert set() == (singles | pairs) - found
    halves = {word.rpartition("-") for word in found if "-" in word}
    assert {name for name, _, half in halves if half == "a"} == {
        name for name, _, half in halves if half == "b"
    }
    with closing(sqlite3.connect(path)) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()


@pytest.mark.unmeasured
def test_killed_in_the_middle_of_writes_over_http(tmp_path: Path) -> None:
    """A server killed during writes of eight clients keeps all confirmed rows and whole pairs."""
    path = prepared(tmp_path / "crm.db")
    confirmed: set[str] = set()
    enough = threading.Event()
    with started("serve", path) as program:
        endpoint = next_word(program)
        with EmbeddedAppwrite(api_key=KEY) as names, connected(names, endpoint) as client:
            writer = Writer(client)

            def write(thread: int) -> None:
                for number in range(thread, 1000, 8):
                    word = f"s{number}" if number % 3 else f"p{number}"
                    try:
                        (writer.single if number % 3 else writer.pair)(word)
                    except httpx.TransportError:
                        return
                    confirmed.add(word)
                    if len(confirmed) > ENOUGH:
                        enough.set()

            clients = threading.Thread(target=in_threads, args=(8, write))
            clients.start()
            assert enough.wait(LIMIT)
            program.kill()
            join(clients)
    assert ENOUGH < len(confirmed) < 1000
    assert_sound(path, confirmed)


@pytest.mark.unmeasured
@pytest.mark.parametrize("kill_after", [1, 2, 500])
def test_killed_in_the_middle_of_writes_in_process(tmp_path: Path, kill_after: int) -> None:
    """A program killed during its writes keeps all confirmed rows and whole pairs."""
    path = prepared(tmp_path / "crm.db")
    with started("write", path, "0", "1000") as program:
        confirmed = {next_word(program) for _ in range(kill_after)}
        confirmed |= words_after_kill(program)
    assert kill_after <= len(confirmed) < 1000
    assert_sound(path, confirmed)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path) -> None:
    """Killing the writers of one file fifty times, at different points, loses nothing."""
    path = prepared(tmp_path / "crm.db")
    confirmed: set[str] = set()
    for turn in range(50):
        first = turn * 1000
        with started("write", path, str(first), str(first + 1000)) as program:
            confirmed |= {next_word(program) for _ in range(1 + turn * 3)}
            confirmed |= words_after_kill(program)
        assert_sound(path, confirmed)


@pytest.mark.unmeasured
def test_threads_lose_nothing(tmp_path: Path) -> None:
    """With 32 threads writing to one file, every row and every increment is kept."""
    path = prepared(tmp_path / "crm.db")
    with EmbeddedAppwrite(path) as server, connected(server) as client:
        writer = Writer(client)

        def write(thread: int) -> None:
            for number in range(10):
                writer.single(f"t{thread}.{number}")
                writer.count_up()

        in_threads(32, write)
    rows = rows_of(path)
    assert 320 == rows.pop("counter")
    assert {f"t{thread}.{number}" for thread in range(32) for number in range(10)} == set(rows)


@pytest.mark.unmeasured
def test_processes_lose_nothing(tmp_path: Path) -> None:
    """Four processes with eight threads each, on one file, lose no row and no increment."""
    path = prepared(tmp_path / "crm.db")
    with ExitStack() as running:
        programs = [
            running.enter_context(started("share", path, name, "8", "10")) for name in "wxyz"
        ]
        assert [0] * 4 == [program.exit_code() for program in programs]
    rows = rows_of(path)
    assert 320 == rows.pop("counter")
    assert 320 == len(rows)


def test_threads_make_one_file_at_once(tmp_path: Path) -> None:
    """Servers that start at the same time create one file together."""
    for turn in range(10):
        path = tmp_path / f"{turn}.db"

        def open_and_close(_thread: int, path: Path = path) -> None:
            EmbeddedAppwrite(path).close()

        in_threads(16, open_and_close)
        prepared(path)
        assert {"counter": 0} == rows_of(str(path))


def a_text(path: Path) -> None:
    """Write a text file."""
    path.write_text("Dear diary, this is no database.\n" * 200)


def a_short_text(path: Path) -> None:
    """Write a file shorter than SQLite's header."""
    path.write_text("no")


def a_foreign_database(path: Path) -> None:
    """Create another program's SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
        connection.execute("INSERT INTO photos VALUES ('cat.jpg')")
        connection.commit()


def a_foreign_empty_database(path: Path) -> None:
    """Create another program's SQLite file, with an application ID but without tables."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 1234")


def _own(path: Path) -> bytes:
    prepared(path)
    return path.read_bytes()


def a_truncated_header(path: Path) -> None:
    """Truncate a database file within its header."""
    path.write_bytes(_own(path)[:60])


def a_truncated_file(path: Path) -> None:
    """Truncate a database file in the middle of a page."""
    content = _own(path)
    path.write_bytes(content[: len(content) // 2 + 100])


def a_lost_schema(path: Path) -> None:
    """Overwrite the page with the schema."""
    content = _own(path)
    path.write_bytes(content[:100] + b"\xff" * 3996 + content[4096:])


@pytest.mark.parametrize(
    "make",
    [
        a_text,
        a_short_text,
        a_foreign_database,
        a_foreign_empty_database,
        a_truncated_header,
        a_truncated_file,
        a_lost_schema,
    ],
)
def test_foreign_and_damaged_files_are_left_alone(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """Other programs' files and damaged files are rejected by name and remain unchanged."""
    path = tmp_path / "crm.db"
    make(path)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"crm\.db (?s:.*)left as it is"):
            EmbeddedAppwrite(path)
    assert before == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_database_whose_tables_stand_in_its_log(tmp_path: Path) -> None:
    """Another program's open file, whose tables are only in the log, is rejected."""
    path = tmp_path / "crm.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE photos (name TEXT)")
        before = path.read_bytes()
        with pytest.raises(StoreError, match="another program"):
            EmbeddedAppwrite(path)
        assert before == path.read_bytes()
        assert 0 == connection.execute("SELECT count(*) FROM photos").fetchone()[0]


OPEN_AS_NOBODY = """
import os, sys
from interactions_sdk import InteractionsClient, InteractionsError, RetryPolicy, Settings
from interactions_sdk.embedded import EmbeddedAppwrite, StoreError
from interactions_sdk.embedded.database.store import explain
if os.geteuid() == 0:
    os.setuid(65534)
try:
    EmbeddedAppwrite(sys.argv[1])
except StoreError as error:
    print(error)
"""


@pytest.mark.unmeasured
@pytest.mark.skipif(os.name != "posix", reason="permissions of files are POSIX's")
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o755), (0o666, 0o555), (0, 0o755)])
def test_read_only(file_mode: int, folder_mode: int) -> None:
    """A file without write permission, or in a folder without it, is rejected and kept."""
    # Not in tmp_path, whose parents other users cannot access; root can write anywhere.
    with TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / "crm.db"
        prepared(path)
        before = path.read_bytes()
        path.chmod(file_mode)
        Path(folder).chmod(folder_mode)
        said = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", OPEN_AS_NOBODY, str(path)],
            check=True,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        Path(folder).chmod(0o755)
        assert "crm.db cannot be opened: " in said.stdout
        path.chmod(0o644)
        assert before == path.read_bytes()
        assert [path] == list(Path(folder).iterdir())


@pytest.mark.parametrize("name", [".", "missing/crm.db"])
def test_no_file(tmp_path: Path, name: str) -> None:
    """A directory, or a file in a missing directory, cannot be opened."""
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedAppwrite(tmp_path / name)
    assert [] == list(tmp_path.iterdir())


def test_empty_file_becomes_a_new_one(tmp_path: Path) -> None:
    """An empty file is used for a new database."""
    path = tmp_path / "crm.db"
    path.touch()
    prepared(path)
    assert {"counter": 0} == rows_of(str(path))


def test_a_full_disk(tmp_path: Path) -> None:
    """The error suggests freeing space, and confirmed rows are kept."""
    path = tmp_path / "crm.db"
    prepared(path)
    with InteractionsClient.embedded(path) as crm:
        crm.customers.ensure("ada")
    with EmbeddedAppwrite(path) as server:
        with server._store.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
        with server._store.writing() as connection:
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        crm = InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=server.transport,
            retry=RetryPolicy(retries=0),
            settings=Settings(verify_users=False),
        )
        with pytest.raises(InteractionsError, match="The disk is full: free some space"):
            for _ in range(1000):
                crm.as_user("ada").log_note("x" * 4000, subject="long")
        before = crm.as_user("ada").count()
        crm.close()
    with InteractionsClient.embedded(path) as crm:
        assert before == crm.as_user("ada").count()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (sqlite3.SQLITE_FULL, "The disk is full"),
        (sqlite3.SQLITE_READONLY, "read-only"),
        (sqlite3.SQLITE_IOERR | 10 << 8, "The disk reports an error"),
        (sqlite3.SQLITE_CORRUPT, "restore a copy"),
        (sqlite3.SQLITE_BUSY, "Another program is writing"),
        (sqlite3.SQLITE_ERROR, None),
        (None, None),
    ],
)
def test_failures_of_sqlite_say_what_to_do(code: int | None, advice: str | None) -> None:
    """The advice depends on the error code; unknown errors have none."""
    error = sqlite3.DatabaseError("what SQLite says")
    if code is not None:
        error.sqlite_errorcode = code
    told = explain(error)
    assert told.startswith("what SQLite says.")
    assert advice in told if advice else told == "what SQLite says."


def test_a_store_error_is_one_of_ours(tmp_path: Path) -> None:
    """A `StoreError` is an `InteractionsError`, also when a client raises it."""
    path = tmp_path / "crm.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    before = path.read_bytes()
    with pytest.raises(InteractionsError, match=r"crm\.db is an SQLite file of another program"):
        InteractionsClient.embedded(path)
    assert before == path.read_bytes()


def open_damaged(path: Path) -> EmbeddedAppwrite | StoreError:
    """Open a file, or return the error that is raised."""
    try:
        return EmbeddedAppwrite(path)
    except StoreError as error:
        return error


def test_damaged_files(tmp_path: Path) -> None:
    """Whichever byte is damaged, opening or reading raises a clear error or works."""
    random = Random(7)  # noqa: S311 - to be repeated
    path, copy = tmp_path / "crm.db", tmp_path / "copy.db"
    prepared(path)
    sound = path.read_bytes()
    refused = answered = 0
    for number in range(150):
        damaged = bytearray(sound)
        start = random.randrange(100 if number % 2 else 4096)
        for _ in range(random.choice((1, 20))):
            damaged[start + random.randrange(len(damaged) - start)] = random.randrange(256)
        copy.write_bytes(damaged)
        opened = open_damaged(copy)
        if isinstance(opened, StoreError):
            refused += 1
            assert "copy.db" in str(opened)
            assert bytes(damaged) == copy.read_bytes()
            continue
        with opened, connected(opened) as client:
            answered += client.get("/tablesdb").status_code in {200, 500}
    assert refused > 10
    assert answered == 150 - refused


def test_schema_text_that_is_no_text(tmp_path: Path) -> None:
    """If SQLite cannot decode the schema, the file is reported as damaged."""
    path = tmp_path / "crm.db"
    prepared(path)
    damaged = path.read_bytes().replace(b"CREATE TABLE _users", b"CREATE \xff\xfeBLE _users")
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="is damaged"):
        EmbeddedAppwrite(path)
    assert damaged == path.read_bytes()
