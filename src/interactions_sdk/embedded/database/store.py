"""The SQLite file, shared by threads and processes."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from interactions_sdk.embedded.values import collation, fulltext, like
from interactions_sdk.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

APPLICATION_ID = 0x41504B31
"""The ID in the file's header: an embedded Appwrite, first layout."""

Durability: TypeAlias = Literal["full", "normal"]

_BUSY_SECONDS = 60.0
_CLEANING_SECONDS = 1.0

_DAMAGED = "The file is damaged: restore a copy of it, and of the files -wal and -shm beside it."
# https://www.sqlite.org/rescode.html
_ADVICE = {
    sqlite3.SQLITE_FULL: "The disk is full: free some space and repeat the call; nothing of it was "
    "written.",
    sqlite3.SQLITE_READONLY: "The file or its folder is read-only: this user must be able to write "
    "to both.",
    sqlite3.SQLITE_CANTOPEN: "Check that the folder exists and that this user can write to it.",
    sqlite3.SQLITE_BUSY: "Another program is writing to the file; repeat the call.",
    sqlite3.SQLITE_IOERR: "The disk reports an error; nothing of the call was written.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_PRIVATE = 0o600

# Of https://sqlite.org/fileformat.html#the_database_header
_HEADER = 100
_MAGIC = b"SQLite format 3\0"
_VERSIONS_AT = slice(18, 20)
_ROLLBACK_JOURNAL = b"\1\1"  # in memory there is no write-ahead log
_ID_AT = slice(68, 72)

# Of the tables below, `_meta` holds the secret that signs JWTs; `_permissions` repeats what the
# rows grant, so that an index finds the rows that a role may read. The rows themselves live in
# a table for each Appwrite table, made by `layout`. `user_version` counts changes of the schema.
_LAYOUT = """
CREATE TABLE _meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE _databases (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL, enabled INTEGER NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE _tables (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, database INTEGER NOT NULL,
    id TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, enabled INTEGER NOT NULL,
    row_security INTEGER NOT NULL, permissions TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, UNIQUE (database, id));
CREATE TABLE _columns (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, "table" INTEGER NOT NULL,
    key TEXT NOT NULL COLLATE NOCASE, kind TEXT NOT NULL, options TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, UNIQUE ("table", key));
CREATE TABLE _indexes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, "table" INTEGER NOT NULL,
    key TEXT NOT NULL COLLATE NOCASE, type TEXT NOT NULL, columns TEXT NOT NULL,
    lengths TEXT NOT NULL, orders TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, UNIQUE ("table", key));
CREATE TABLE _permissions (
    "table" INTEGER NOT NULL, action TEXT NOT NULL, role TEXT NOT NULL, "row" INTEGER NOT NULL,
    PRIMARY KEY ("table", action, role, "row")) WITHOUT ROWID;
CREATE TABLE _transactions (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner TEXT,
    status TEXT NOT NULL, operations INTEGER NOT NULL, expires TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE _operations (
    "transaction" INTEGER NOT NULL, position INTEGER NOT NULL,
    "table" INTEGER NOT NULL, database_id TEXT NOT NULL, table_id TEXT NOT NULL,
    "row" TEXT, action TEXT NOT NULL, data TEXT NOT NULL, base TEXT, created TEXT NOT NULL,
    PRIMARY KEY ("transaction", position)) WITHOUT ROWID;
CREATE TABLE _users (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL, email TEXT UNIQUE COLLATE NOCASE, phone TEXT UNIQUE,
    password TEXT, status INTEGER NOT NULL, labels TEXT NOT NULL, prefs TEXT NOT NULL,
    email_verification INTEGER NOT NULL, phone_verification INTEGER NOT NULL,
    registration TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE _sessions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    "user" TEXT NOT NULL COLLATE NOCASE, provider TEXT NOT NULL, secret TEXT NOT NULL,
    expires TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE INDEX _sessions_user ON _sessions ("user");
CREATE TABLE _teams (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL, prefs TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE _memberships (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    team TEXT NOT NULL COLLATE NOCASE, "user" TEXT NOT NULL COLLATE NOCASE, roles TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, UNIQUE ("user", team));
CREATE INDEX _memberships_team ON _memberships (team);
CREATE TABLE _buckets (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE COLLATE NOCASE,
    options TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE _files (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, bucket INTEGER NOT NULL,
    id TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, permissions TEXT NOT NULL,
    mime_type TEXT NOT NULL, signature TEXT NOT NULL, size INTEGER NOT NULL,
    content BLOB NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, UNIQUE (bucket, id));
"""


def explain(error: sqlite3.DatabaseError) -> str:
    """Explain an error of SQLite, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & 0xFF) if isinstance(code, int) else None
    return f"{error}. {advice}" if advice else f"{error}."


class Store:
    """Connections to the file, lent for one request each.

    A file is opened once per request under way (readers beside one writer, as SQLite's
    write-ahead log allows); `:memory:` is one connection, lent to one request at a time. What a
    writing request changed is in the log, and survives the death of the process, before it is
    answered; several processes may share a file.

    Args:
        path: The file, created if it is missing, or `:memory:`.
        snapshot: What it holds from the start, in memory only: another store's `snapshot()`.
        durability: `full` writes to the disk before a commit returns, so that a power failure
            loses nothing that was confirmed; `normal` may lose the latest commits then, but
            leaves the file sound.

    Raises:
        StoreError: The file belongs to another program, is damaged, or cannot be opened.
    """

    def __init__(
        self, path: str, snapshot: bytes | None = None, durability: Durability = "full"
    ) -> None:
        self.path = path
        self._durability = durability
        self._snapshot = snapshot
        self.in_memory = path == ":memory:"
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._turn = threading.Lock()
        self._closed = False
        self._cleaning: threading.Timer | None = None
        if not self.in_memory:
            _reject_other_files(Path(path))
            _create_private(Path(path))
        self._idle.append(self._open())

    def close(self) -> None:
        """Close every connection; those in use are closed when they are released."""
        with self._idle_lock:
            self._closed = True
            idle, self._idle = self._idle, []
            if self._cleaning is not None:
                self._cleaning.cancel()
        for connection in idle:
            connection.close()

    def snapshot(self) -> bytes:
        """Return all data, as the start of other stores."""
        with self.reading() as connection:
            snapshot = connection.serialize()
        return snapshot[: _VERSIONS_AT.start] + _ROLLBACK_JOURNAL + snapshot[_VERSIONS_AT.stop :]

    def served_key(self) -> tuple[str, bool]:
        """Return the API key of whoever comes over a network, and whether it is a new one.

        It is generated once and stored in the file, which nobody else may then read.
        """
        with self.writing() as connection:
            kept = connection.execute("SELECT value FROM _meta WHERE name = 'api_key'").fetchone()
            key: str = kept[0] if kept else f"standard_{secrets.token_hex(32)}"
            if kept is None:
                connection.execute("INSERT INTO _meta VALUES ('api_key', ?)", (key,))
        if not self.in_memory:
            Path(self.path).chmod(_PRIVATE)
        return key, kept is None

    def reading(self) -> PooledConnection:
        """Lend a connection that sees one state of the file throughout."""
        return PooledConnection(self, "BEGIN", self._turn if self.in_memory else nullcontext())

    def writing(self) -> PooledConnection:
        """Lend the only connection that may write; an exception rolls its changes back.

        Writers of this process wait for a lock, so only other processes need SQLite's own waiting,
        which is slow and unfair among many.
        """
        return PooledConnection(self, "BEGIN IMMEDIATE", self._turn)

    def acquire(self) -> sqlite3.Connection:
        """Take an idle connection, or open one.

        Raises:
            StoreError: The store is closed, or the file cannot be opened.
        """
        with self._idle_lock:
            if self._closed:
                raise StoreError("The embedded Appwrite is closed.")
            if self._idle:
                return self._idle.pop()
        return self._open()

    def release(self, connection: sqlite3.Connection) -> None:
        """Keep a connection for the next request."""
        with self._idle_lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def clean(self, connection: sqlite3.Connection) -> None:
        """Remove deleted content from the log as well: write the log to the file and reset it.

        The file itself has zeros in place of what was deleted (`secure_delete`). Where a reader
        still needs the log, this is tried again.
        """
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        if is_busy:
            self.clean_later()

    def clean_later(self) -> None:
        """Clean within a second, once for all that is overwritten until then."""
        with self._idle_lock:
            if self.in_memory or self._closed or self._cleaning is not None:
                return
            self._cleaning = threading.Timer(_CLEANING_SECONDS, self._clean_now)
            self._cleaning.daemon = True
            self._cleaning.start()

    def _clean_now(self) -> None:
        with self._idle_lock:
            self._cleaning = None
            if self._closed:
                return
        with self._turn:
            connection = self._open()
            try:
                self.clean(connection)
            finally:
                connection.close()

    def _open(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
        except sqlite3.OperationalError as error:
            raise StoreError(f"{self.path} cannot be opened: {explain(error)}") from error
        try:
            if self._snapshot is not None:
                _load_snapshot(connection, self._snapshot)
            self._reject_foreign(connection)
            self._prepare(connection)
        except sqlite3.OperationalError as error:
            connection.close()
            raise StoreError(f"{self.path} cannot be opened: {explain(error)}") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            # SQLite quotes what it does not understand, and that need not be text.
            connection.close()
            message = f"{self.path} is damaged ({error}); it was left as it is. {_DAMAGED}"
            raise StoreError(message) from error
        except StoreError:
            connection.close()
            raise
        return connection

    def _reject_foreign(self, connection: sqlite3.Connection) -> None:
        """Check the whole file, including its log, before writing to it."""
        connection.execute("BEGIN")  # One state of the file: another process may be making it.
        application_id = _application_id(connection)
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        connection.execute("COMMIT")
        # A file of nothing yet is one that another process is just making, or died while making.
        if application_id != APPLICATION_ID and (application_id or tables):
            raise _foreign_file(self.path)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        functions = (
            ("folded", 1, _folded),
            ("sort_key", 1, _sort_key),
            ("ends_with", 2, _ends_with),
            ("fulltext_match", 2, fulltext.matches),
            ("mariadb_like", 2, like.matches),
        )
        for name, arguments, function in functions:
            connection.create_function(name, arguments, function, deterministic=True)
        connection.execute("PRAGMA journal_mode = WAL")
        # Either keeps what was committed when the process is killed; when the power fails, FULL
        # does: https://www.sqlite.org/pragma.html#pragma_synchronous
        connection.execute(f"PRAGMA synchronous = {self._durability}")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # nothing of it in files beside
        # Longer than usual: what is written often is then copied to the file less often.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -16000")  # 16 MB
        if _application_id(connection) == 0:
            _create_tables(connection)


class PooledConnection:
    """A connection for one request, within one SQLite transaction.

    Attributes:
        after_commit: What to do once the transaction is committed, while other writers of this
            process still wait: so events of writes are sent in their order.
        deletes: Whether what was deleted is to be taken out of the log at once.
        overwrites: Whether what was overwritten is to be taken out of the log soon.
    """

    def __init__(self, store: Store, begin: str, turn: AbstractContextManager[object]) -> None:
        self._store = store
        self._begin = begin
        self._turn = turn
        self.after_commit: Callable[[], object] | None = None
        self.deletes = False
        self.overwrites = False

    def __enter__(self) -> sqlite3.Connection:
        self._turn.__enter__()
        try:
            self._connection = self._store.acquire()
            try:
                self._connection.execute(self._begin)
            except BaseException:
                self._store.release(self._connection)
                raise
        except BaseException:
            self._turn.__exit__(None, None, None)
            raise
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._commit()
            elif self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        finally:
            self._store.release(self._connection)
            self._turn.__exit__(None, None, None)

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except BaseException:
            # Of a full disk, for one: the connection must not be lent on inside a transaction.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        if self.after_commit is not None:
            self.after_commit()
        if self.deletes and not self._store.in_memory:
            self._store.clean(self._connection)
        elif self.overwrites:
            self._store.clean_later()


def _foreign_file(path: str) -> StoreError:
    return StoreError(f"{path} is an SQLite file of another program; it was left as it is.")


def _reject_other_files(path: Path) -> None:
    """Check the header, so that SQLite opens only its own files.

    Opening a file, even only for reading, may leave other files next to it.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
        writable = os.access(path, os.W_OK)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error
    if header and (len(header) < _HEADER or not header.startswith(_MAGIC)):
        raise StoreError(f"{path} is no SQLite file, or a damaged one; it was left as it is.")
    if header and int.from_bytes(header[_ID_AT]) not in {0, APPLICATION_ID}:
        raise _foreign_file(str(path))
    if not writable:
        raise StoreError(f"{path} cannot be opened: it is read-only.")


def _create_private(path: Path) -> None:
    """Create a file that nobody else may read, because it contains secrets and personal text."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE))
        _sync_folder(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error


def _sync_folder(folder: Path) -> None:
    """Write the name of a new file to the disk; SQLite does this for the files it creates."""
    with suppress(PermissionError):  # Windows opens no folders
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _application_id(connection: sqlite3.Connection) -> int:
    application_id: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return application_id


def _create_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of a new file, unless another process has just created them."""
    connection.execute("BEGIN IMMEDIATE")
    if _application_id(connection) == 0:
        for statement in _LAYOUT.split(";\n"):
            connection.execute(statement)
        _rotate_secret(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("COMMIT")


def _load_snapshot(connection: sqlite3.Connection, snapshot: bytes) -> None:
    with closing(sqlite3.connect(":memory:")) as source:
        source.deserialize(snapshot)
        source.backup(connection)
    _rotate_secret(connection)


def _rotate_secret(connection: sqlite3.Connection) -> None:
    """Replace the secret, so that no server accepts the JWTs of another."""
    connection.execute(
        "INSERT OR REPLACE INTO _meta VALUES ('jwt_secret', ?)", (secrets.token_urlsafe(32),)
    )


def _folded(text: str | None) -> str | None:
    return None if text is None else collation.fold(text)


def _sort_key(text: str | None) -> str | None:
    return None if text is None else collation.sort_key(text)


def _ends_with(text: str | None, folded_ending: str) -> bool | None:
    return None if text is None else collation.fold(text).endswith(folded_ending)
