"""The server as a whole: routes, project, file and transports."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk.embedded import EmbeddedAppwrite, StoreError
from interactions_sdk.embedded.database.store import Store, _create_tables
from interactions_sdk.embedded.routes import ROUTES
from interactions_sdk.embedded.services.context import Request
from tests.embedded.http_client import ROWS, Talk
from tests.waiting import join

if TYPE_CHECKING:
    from pathlib import Path


def test_key_is_not_shown(server: EmbeddedAppwrite) -> None:
    """The `repr` of a server does not contain its key."""
    assert "EmbeddedAppwrite(':memory:', project='embedded')" == repr(server)


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("GET", "/functions", "GET /v1/functions"),
        ("PATCH", "/users/ann/email", "PATCH /users/{userId}/email"),
        ("POST", "/tablesdb/d/tables/t/columns/point", None),
    ],
)
def test_not_covered(talk: Talk, method: str, path: str, named: str | None) -> None:
    """Routes that are not covered return 501, and the message names the route."""
    status, type_, message = talk.refused(method, path, {})
    named = named or "POST /tablesdb/{databaseId}/tables/{tableId}/columns/point"
    assert (501, "general_not_implemented") == (status, type_)
    assert f"{named} is not part of the embedded Appwrite." == message


def test_no_such_path(server: EmbeddedAppwrite) -> None:
    """Paths outside the API return 501."""
    statuses = [
        server.handle(Request("GET", path, "", {}, b"")).status
        for path in ("/", "/v2/users", "/v1")
    ]
    assert [501, 501, 501] == statuses


def test_every_route_says_whether_it_is_covered() -> None:
    """The table of routes contains each route once."""
    names = [(route.method, route.path) for route in ROUTES]
    assert len(set(names)) == len(names)
    assert {True, False} == {route.handler is not None for route in ROUTES}


@pytest.mark.parametrize("project", ["other", ""])
def test_other_project(server: EmbeddedAppwrite, project: str) -> None:
    """Only the server's own project exists."""
    talk = Talk(server, {"x-appwrite-project": project})
    assert "project_not_found" == talk.refused("GET", "/tablesdb")[1]


def test_project_as_a_parameter(server: EmbeddedAppwrite) -> None:
    """The project may be a query parameter."""
    request = Request("GET", "/v1/tablesdb", "project=embedded", {"x-appwrite-key": "a-key"}, b"")
    assert 200 == server.handle(request).status


def test_closed_server() -> None:
    """A closed server raises an error."""
    server = EmbeddedAppwrite()
    server.close()
    with pytest.raises(StoreError, match=r"The embedded Appwrite is closed\."):
        Talk(server)("GET", "/tablesdb")


def test_file_keeps_everything(tmp_path: Path) -> None:
    """Everything that was confirmed exists when the file is opened again."""
    path = tmp_path / "crm.db"
    for expected in (201, 409):
        with EmbeddedAppwrite(path) as server:
            sent = {"databaseId": "d", "name": "d"}
            assert expected == Talk(server)("POST", "/tablesdb", sent)[0]


@pytest.mark.parametrize("content", [b"not SQLite at all" * 100, b"SQLite format 3\x00 damaged"])
def test_foreign_bytes_are_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file of another format is rejected and not changed."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is no SQLite file, or a damaged one"):
        EmbeddedAppwrite(path)
    assert content == path.read_bytes()


def test_foreign_database_is_left_alone(tmp_path: Path) -> None:
    """Another program's SQLite file is rejected and not changed."""
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is an SQLite file of another program"):
        EmbeddedAppwrite(path)
    assert before == path.read_bytes()


def test_empty_file_is_taken(tmp_path: Path) -> None:
    """An empty file, and one that another process has just created, can be used."""
    path = tmp_path / "new.db"
    path.touch()
    EmbeddedAppwrite(path).close()
    begun = tmp_path / "begun.db"
    connection = sqlite3.connect(begun)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    EmbeddedAppwrite(begun).close()


def test_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """A path that cannot be opened is reported."""
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedAppwrite(tmp_path / "missing" / "crm.db")


def test_file_that_is_damaged_while_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damage found when the file is opened is reported."""
    path = tmp_path / "crm.db"
    EmbeddedAppwrite(path).close()

    def damaged(_: sqlite3.Connection) -> int:
        message = "database disk image is malformed"
        raise sqlite3.DatabaseError(message)

    monkeypatch.setattr("interactions_sdk.embedded.database.store._application_id", damaged)
    with pytest.raises(StoreError, match=r"is damaged .*it was left as it is\. .*: restore"):
        EmbeddedAppwrite(path)


def test_file_that_is_damaged_later(talk: Talk, server: EmbeddedAppwrite) -> None:
    """Damage found later causes a 500 that describes it."""
    with server._store.writing() as connection:
        connection.execute("DROP TABLE rows_1")
    status, _, message = talk.refused("GET", ROWS)
    assert (500, True) == (status, "no such table: rows_1" in message)


def test_file_that_is_locked_while_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For an intact file that cannot be opened, the reason is reported, not damage."""

    def locked(_: sqlite3.Connection) -> int:
        message = "database is locked"
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr("interactions_sdk.embedded.database.store._application_id", locked)
    with pytest.raises(StoreError, match="cannot be opened: database is locked"):
        EmbeddedAppwrite(tmp_path / "crm.db")


def test_file_that_goes_while_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the file disappears, a `StoreError` is raised instead of SQLite's error."""

    def gone(*_: object, **__: object) -> None:
        message = "unable to open database file"
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr("interactions_sdk.embedded.database.store.sqlite3.connect", gone)
    with pytest.raises(StoreError, match="cannot be opened: unable to open database file"):
        EmbeddedAppwrite(tmp_path / "crm.db")


def test_read_only_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without write permission is rejected."""
    path = tmp_path / "crm.db"
    EmbeddedAppwrite(path).close()
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(StoreError, match="read-only"):
        EmbeddedAppwrite(path)


def test_commit_that_cannot_begin_anew(talk: Talk, server: EmbeddedAppwrite) -> None:
    """An error outside of an SQLite transaction does not cause another one on rollback."""
    with pytest.raises(KeyError), server._store.writing() as connection:
        connection.execute("ROLLBACK")
        raise KeyError
    assert [] == talk.ids()


def test_file_is_laid_out_once(tmp_path: Path) -> None:
    """If two processes find a new file, only one creates the tables."""
    store = Store(str(tmp_path / "crm.db"))
    with store._idle_lock:
        connection = store._idle[0]
    _create_tables(connection)
    assert 1 == connection.execute("SELECT count(*) FROM _meta").fetchone()[0]
    store.close()


def test_connection_comes_back_to_a_closed_store(tmp_path: Path) -> None:
    """A connection in use while the store is closed is closed when it is returned."""
    store = Store(str(tmp_path / "crm.db"))
    with store.reading() as connection:
        store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_transaction_that_cannot_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the file stays locked, an error is returned, and the next request works."""
    monkeypatch.setattr("interactions_sdk.embedded.database.store._BUSY_SECONDS", 0.01)
    path = tmp_path / "crm.db"
    with EmbeddedAppwrite(path) as server:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        talk = Talk(server)
        sent = {"databaseId": "d", "name": "d"}
        assert 500 == talk.refused("POST", "/tablesdb", sent)[0]
        other.execute("ROLLBACK")
        other.close()
        assert 201 == talk("POST", "/tablesdb", sent)[0]


def test_commit_that_fails_is_undone(tmp_path: Path) -> None:
    """A commit that SQLite rejects leaves no open transaction."""
    store = Store(str(tmp_path / "crm.db"))
    with store.writing() as connection:
        connection.execute("CREATE TABLE one (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE two (one REFERENCES one DEFERRABLE INITIALLY DEFERRED)")
    with store.reading() as connection:
        pass
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError), store.writing() as connection:
        connection.execute("INSERT INTO two VALUES (1)")
    assert not connection.in_transaction
    with pytest.raises(sqlite3.OperationalError, match="no transaction"), store.reading() as lent:
        lent.execute("COMMIT")
    store.close()


def test_threads_lose_nothing(tmp_path: Path) -> None:
    """With many threads on one file, every confirmed write is stored."""
    with EmbeddedAppwrite(tmp_path / "crm.db") as server:
        talk = Talk(server)
        talk.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
        talk.good("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t"})
        sent = {"key": "whole", "required": False}
        talk.good("POST", "/tablesdb/d/tables/t/columns/integer", sent)
        talk.row("counter", whole=0)

        def work(thread: int) -> None:
            for number in range(10):
                talk.row(f"r{thread}-{number}", whole=number)
                talk.good("PATCH", f"{ROWS}/counter/whole/increment", {})
                talk.ids()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        join(*threads)
        assert (80, 81) == (
            talk.good("GET", f"{ROWS}/counter")["whole"],
            talk.good("GET", ROWS)["total"],
        )


@pytest.mark.anyio
async def test_async_transport(server: EmbeddedAppwrite) -> None:
    """Asynchronous clients use the same transport."""
    headers = {"x-appwrite-project": "embedded", "x-appwrite-key": "a-key"}
    assert server.transport is server.transport
    async with httpx.AsyncClient(transport=server.transport, headers=headers) as client:
        answered = await client.post(
            "http://embedded/v1/tablesdb", json={"databaseId": "d", "name": "d"}
        )
    assert (201, "d") == (answered.status_code, answered.json()["$id"])
