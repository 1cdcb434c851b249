# Generated from src/interactions_sdk/_async/transfer/archiving.py by scripts/unasync.py; do not edit.
"""Archiving old interactions to Parquet files, and restoring them.

An interaction is always stored permanently in one of the two places: it is deleted only after its
file was written, read back and compared. After an interruption, the next run finds what the files
already contain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import (
    MAX_ROWS_PER_REQUEST,
    OLDEST_FIRST,
    batched,
    find_row,
    iterate_pages,
    read_by_ids,
)
from interactions_sdk._sync.connection.transactions import commit_operations
from interactions_sdk._sync.writing.refusals import require_admin
from interactions_sdk.arguments import check_integer
from interactions_sdk.calendars import parse_time
from interactions_sdk.concurrency import map_concurrent
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import (
    ConflictError,
    FileAccessError,
    InteractionsError,
    NotFoundError,
    ServerError,
    file_errors,
)
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.models.row import CREATED_AT, ID
from interactions_sdk.rules.audit_log import REFUSED_ACTION, change_entry
from interactions_sdk.rules.deletions import ARCHIVED, DELETIONS, deletion_details
from interactions_sdk.rules.operations import Operation
from interactions_sdk.transfer.archive_files import ArchiveFiles
from interactions_sdk.transfer.archive_rows import (
    RawRow,
    equal_except_updated_at,
    group_by_month,
    to_interaction,
    to_row,
)
from interactions_sdk.transfer.results import ArchiveResult, RestoreResult
from interactions_sdk.transport.retry import waiting_out_outages
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.transfer.archive_rows import StoredRow
    from interactions_sdk.wire import Table

__all__ = ["Archiver"]

_RESTORED = "interaction.restored"
_BATCH_SIZE = 2000
"""Number of interactions read at once, about 10 MB."""
_DELETE_BATCH_SIZE = 200
"""Number of interactions deleted in one transaction, by bulk deletes; more are hardly faster."""
_SINGLE_DELETE_BATCH_SIZE = wire.MAX_OPERATIONS - 1
"""The same with one operation for each; one operation is for the audit rows."""
_MAX_ATTEMPTS = 4
_MAX_CONCURRENCY = 3
"""Number of batches deleted one by one, or restored, concurrently.

Bulk deletes are not concurrent: of two with neighbouring rows, InnoDB may end one as a deadlock.
"""


@dataclass(slots=True)
class _Counts:
    archived: int = 0
    open_follow_ups: int = 0
    changed: int = 0
    restored: int = 0
    already_there: int = 0
    updated_at_kept: bool = True


class Archiver:
    """Archives and restores for one acting user, who must be an admin."""

    def __init__(self, project: Project, *, access: Access) -> None:
        self._project = project
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._read_cache = project.read_cache
        self._raw = wire.Table(
            project.settings.database_id, project.settings.interactions_table, RawRow
        )

    def archive(
        self,
        before: TimeLike,
        directory: str | Path,
        on_progress: Callable[[int], object] | None,
        *,
        events: bool,
    ) -> ArchiveResult:
        """Move old interactions to files; see `InteractionRepository.archive`."""
        self._connection.require_api_key("archive")
        with file_errors(directory), waiting_out_outages():
            return self._archive(before, directory, on_progress, events=events)

    def _archive(
        self,
        before: TimeLike,
        directory: str | Path,
        on_progress: Callable[[int], object] | None,
        *,
        events: bool,
    ) -> ArchiveResult:
        ended = parse_time(before, "before", self._settings.time_zone)
        require_admin(self._project, self._access, "archive")
        files = ArchiveFiles(directory)
        counts = _Counts()
        one_by_one = events or not self._claims_are_atomic
        pages = iterate_pages(
            self._connection,
            self._raw,
            [query.less_than(CREATED_AT, ended)],
            OLDEST_FIRST,
            page_size=_BATCH_SIZE,
            max_page_size=_BATCH_SIZE,
        )
        for page in pages:
            rows = self._filter_owned([to_row(raw) for raw in page])
            done = [row for row in rows if not to_interaction(row).is_open_follow_up]
            counts.open_follow_ups += len(rows) - len(done)
            for (year, month), batch in group_by_month(done).items():
                self._archive_month(files, year, month, batch, counts, one_by_one=one_by_one)
                if on_progress is not None:
                    on_progress(counts.archived)
        return ArchiveResult(counts.archived, counts.open_follow_ups, counts.changed)

    @property
    def _claims_are_atomic(self) -> bool:
        """Return whether every change writes its audit row in the same transaction.

        Only then may interactions be deleted in bulk: a bulk delete skips rows that are gone, and
        may miss what is changed while it runs, so the IDs of the audit rows have to find it out.
        """
        return self._tables.audit is not None and self._settings.consistency == "atomic"

    def _filter_owned(self, rows: Sequence[StoredRow]) -> list[StoredRow]:
        """Return the rows that are not forged."""
        own = self._access.filter_visible([to_interaction(row) for row in rows])
        ids = {interaction.id for interaction in own}
        return [row for row in rows if row[ID] in ids]

    def _archive_month(
        self,
        files: ArchiveFiles,
        year: int,
        month: int,
        rows: Sequence[StoredRow],
        counts: _Counts,
        *,
        one_by_one: bool,
    ) -> None:
        """Write rows of one month to a file, unless a file already has them, and delete them."""
        file_of, overtaken = _not_yet_archived(files, year, month, rows)
        counts.changed += len(overtaken)
        rows = [row for row in rows if _id(row) not in overtaken]
        new = [row for row in rows if _id(row) not in file_of]
        if new:
            path = files.write(year, month, new)
            if files.read(path) != new:
                path.unlink()
                raise InteractionsError(
                    f"The file {path} does not match what was written, so nothing was deleted."
                )
            file_of |= {_id(row): path for row in new}
        delete = partial(self._delete_batch, one_by_one=one_by_one)
        size = _SINGLE_DELETE_BATCH_SIZE if one_by_one else _DELETE_BATCH_SIZE
        concurrency = _MAX_CONCURRENCY if one_by_one else 1
        with map_concurrent(delete, batched(rows, size), concurrency) as deletions:
            for batch, left, undone in deletions:
                archived_elsewhere = self._archived_elsewhere(left)
                for row_id in map(_id, left):
                    if row_id in archived_elsewhere:
                        files.remove_duplicates_of(year, month, row_id)
                    else:
                        files.remove(file_of[row_id], {row_id})
                for row_id in undone:
                    files.remove(file_of[row_id], {row_id})
                counts.changed += len(left) + len(undone)
                counts.archived += len(batch) - len(left) - len(undone)

    def _delete_batch(
        self, rows: Sequence[StoredRow], *, one_by_one: bool
    ) -> tuple[Sequence[StoredRow], Sequence[StoredRow], set[str]]:
        """Delete rows.

        Returns:
            The rows, those that someone else changed or deleted, and the IDs of those that were
            gone because their create was undone. A bulk delete skips such a row, and undoing writes
            no audit row that would conflict; but it marks the audit row of the create.
        """
        audit = self._tables.audit
        if one_by_one or audit is None:
            return rows, self._delete(rows, one_by_one=True), set()
        refused = self._refused(audit, rows)
        left = self._delete(rows, one_by_one=False)
        undone = self._refused(audit, rows) - refused
        return rows, left, undone.difference(map(_id, left))

    def _refused(self, audit: Table[AuditEntry], rows: Sequence[StoredRow]) -> set[str]:
        """Return the IDs of interactions whose create is marked as refused."""
        id_of = {audit_row_id(_id(row), CREATED): _id(row) for row in rows}
        entries = read_by_ids(self._connection, audit, id_of, ID, "action")
        return {id_of[entry.id] for entry in entries if entry.action == REFUSED_ACTION}

    def _delete(self, rows: Sequence[StoredRow], *, one_by_one: bool) -> Sequence[StoredRow]:
        """Delete rows that have not changed since they were read, with their audit rows.

        Returns:
            The rows that someone else changed or deleted.
        """
        interactions = [to_interaction(row) for row in rows]
        try:
            with self._read_cache.invalidate_after(*{each.customer_id for each in interactions}):
                self._commit(interactions, one_by_one=one_by_one)
        except (ConflictError, NotFoundError):
            if len(rows) == 1:
                return [] if self._finish_earlier_run(interactions[0]) else rows
            half = (len(rows) + 1) // 2
            return [
                each
                for batch in batched(rows, half)
                for each in self._delete(batch, one_by_one=one_by_one)
            ]
        return []

    def _archived_elsewhere(self, rows: Sequence[StoredRow]) -> set[str]:
        """Return the IDs of rows that another run deleted, which may rely on this run's file.

        Without an audit log, every missing row counts as such: better kept than lost.
        """
        ids = [_id(row) for row in rows]
        there = {row.id for row in read_by_ids(self._connection, self._raw, ids, ID)}
        gone = [row for row in rows if _id(row) not in there]
        if self._tables.audit is None:
            return set(map(_id, gone))
        id_of = {audit_row_id(_id(row), str(row["$updatedAt"])): _id(row) for row in gone}
        entries = read_by_ids(self._connection, self._tables.audit, id_of, ID, "action")
        return {id_of[entry.id] for entry in entries if entry.action == ARCHIVED}

    def _commit(self, interactions: Sequence[CustomerInteraction], *, one_by_one: bool) -> None:
        """Delete interactions and write their audit rows, whose IDs block other writers."""
        table = self._settings.interactions_table
        expected = {interaction.id: interaction.updated_at for interaction in interactions}

        def are_unchanged() -> None:
            if self._updated_at(expected) != expected:
                raise ConflictError("Interactions were changed while they were archived.")

        operations = (
            [Operation("delete", table, row_id) for row_id in expected]
            if one_by_one
            else _bulk_deletes(table, expected)
        )
        if self._settings.audit_table is not None:
            entries = [
                change_entry(
                    self._settings.audit_table,
                    each,
                    action=ARCHIVED,
                    user_id=self._access.user_id,
                    details=deletion_details(each),
                )
                for each in interactions
            ]
            rows = [entry.row for entry in entries]
            operations.append(Operation("bulkCreate", self._settings.audit_table, None, rows))
        commit_operations(
            self._connection,
            self._settings.database_id,
            operations,
            before_commit=are_unchanged,
        )
        if not one_by_one:
            self._finish_deletion(expected)

    def _updated_at(self, ids: Iterable[str]) -> dict[str, datetime]:
        found = read_by_ids(self._connection, self._raw, ids, ID)
        return {row.id: row.updated_at for row in found}

    def _finish_earlier_run(self, interaction: CustomerInteraction) -> bool:
        """Delete an interaction that was recorded as archived, but left; return whether it was."""
        if self._tables.audit is None:
            return False
        expected = {interaction.id: interaction.updated_at}
        row_id = audit_row_id(interaction.id, format_datetime(interaction.updated_at))
        entry = find_row(self._connection, self._tables.audit, row_id)
        is_recorded = entry is not None and entry.action == ARCHIVED
        if not is_recorded or self._updated_at(expected) != expected:
            return False
        with self._read_cache.invalidate_after(interaction.customer_id):
            self._finish_deletion(expected)
        return True

    def _finish_deletion(self, expected: Mapping[str, datetime]) -> None:
        """Delete what a committed transaction has left.

        If a bulk delete ends in a deadlock, InnoDB rolls the transaction back, and Appwrite repeats
        only this operation: those before it are lost, and yet the commit succeeds (seen on 1.9.6).
        The audit rows come last and were written, so nobody else changes these interactions.

        Raises:
            ConflictError: A program that writes no audit rows changed them nevertheless.
        """
        for _ in range(_MAX_ATTEMPTS):
            left = self._updated_at(expected)
            if not left:
                return
            if any(expected[row_id] != time for row_id, time in left.items()):
                raise ConflictError("Interactions were changed while they were archived.")
            operations = _bulk_deletes(self._settings.interactions_table, left)
            commit_operations(self._connection, self._settings.database_id, operations)
        raise ServerError("Committed deletions were not applied.", may_have_landed=True)

    def restore(
        self,
        directory: str | Path,
        *,
        year: int | None,
        month: int | None,
        keep_files: bool,
        on_progress: Callable[[int], object] | None,
    ) -> RestoreResult:
        """Restore interactions from files; see `InteractionRepository.restore`."""
        self._connection.require_api_key("restore")
        if month is not None:
            check_integer(month, "month", minimum=1, maximum=12)
        if not Path(directory).is_dir():  # noqa: ASYNC240 - like all that reads files here
            raise FileAccessError(f"{directory}: No such directory.", path=str(directory))
        with file_errors(directory), waiting_out_outages():
            return self._restore_files(
                ArchiveFiles(directory), year, month, on_progress, keep_files=keep_files
            )

    def _restore_files(
        self,
        files: ArchiveFiles,
        year: int | None,
        month: int | None,
        on_progress: Callable[[int], object] | None,
        *,
        keep_files: bool,
    ) -> RestoreResult:
        require_admin(self._project, self._access, "restore")
        counts = _Counts()
        conflicting: list[str] = []
        for path in files.find(year, month):
            differing: list[str] = []
            restore = partial(self._restore, path.name)
            batches = batched(files.read(path), MAX_ROWS_PER_REQUEST)
            with map_concurrent(restore, batches, _MAX_CONCURRENCY) as restorations:
                for restored, different in restorations:
                    counts.restored += restored.restored
                    counts.already_there += restored.already_there
                    counts.updated_at_kept &= restored.updated_at_kept
                    differing += different
                    if on_progress is not None:
                        on_progress(counts.restored + counts.already_there)
            conflicting += differing
            if not (differing or keep_files):
                path.unlink()
        return RestoreResult(
            counts.restored, counts.already_there, tuple(conflicting), counts.updated_at_kept
        )

    def _restore(self, file: str, rows: Sequence[StoredRow]) -> tuple[_Counts, list[str]]:
        """Write up to 100 rows, unless they exist.

        Returns:
            The restored rows, and the IDs of rows that exist and differ.
        """
        existing = self._read(rows)
        missing = [row for row in rows if _key(row) not in existing]
        there = existing
        if missing:
            self._audit_restoration([to_interaction(row) for row in missing], file)
            there = existing | self._create_rows(missing)
        updated_at_kept = all(
            there[key]["$updatedAt"] == row["$updatedAt"]
            for row in missing
            if (key := _key(row)) in there
        )
        differing = {
            _key(row): _id(row)
            for row in rows
            if not equal_except_updated_at(row, there.get(_key(row), {}))
        }
        counts = _Counts(
            restored=len(missing),
            already_there=len(existing.keys() - differing.keys()),
            updated_at_kept=updated_at_kept,
        )
        return counts, list(differing.values())

    def _read(self, rows: Sequence[StoredRow]) -> dict[str, StoredRow]:
        ids = [_id(row) for row in rows]
        found = read_by_ids(self._connection, self._raw, ids)
        return {_key(row): row for row in map(to_row, found)}

    def _create_rows(self, rows: Sequence[StoredRow]) -> dict[str, StoredRow]:
        """Create rows outside a transaction, which would lose their times, and read them."""
        with self._read_cache.invalidate_after(*{str(row.get("customerId")) for row in rows}):
            self._create_missing(self._raw, rows)
        return self._read(rows)

    def _create_missing(
        self, table: Table[RawRow | AuditEntry], rows: Iterable[Mapping[str, object]]
    ) -> None:
        """Create up to 100 rows; rows that exist by now are left unchanged."""
        missing = list(rows)
        for _ in range(_MAX_ATTEMPTS - 1):
            try:
                self._connection.send(wire.create_rows(table, missing))
            except ConflictError:
                ids = [_id(row) for row in missing]
                found = read_by_ids(self._connection, table, ids, ID)
                present = {row.id.lower() for row in found}
                missing = [row for row in missing if _key(row) not in present]
                if not missing:
                    return
            else:
                return
        self._connection.send(wire.create_rows(table, missing))

    def _audit_restoration(self, interactions: Sequence[CustomerInteraction], file: str) -> None:
        """Record that interactions were restored, and free the IDs that their next changes need.

        The audit row of an archiving or another deletion has the ID that any change of the same
        state would have, which blocked other writers. The interaction is restored in exactly this
        state, so the row gets another ID; its time and everything else stay the same.
        """
        table = self._tables.audit
        if table is None:
            return
        entries = [
            change_entry(table.id, each, action=_RESTORED, user_id=self._access.user_id)
            for each in interactions
        ]
        restored = [
            {**entry.columns, ID: audit_row_id(each.id, f"restored from {file}")}
            for each, entry in zip(interactions, entries, strict=True)
        ]
        raw = wire.Table(table.database_id, table.id, RawRow)
        taken = [str(entry.row_id) for entry in entries]
        found = map(to_row, read_by_ids(self._connection, raw, taken))
        deletions = [entry for entry in found if entry["action"] in DELETIONS]
        copies = [
            {**entry, ID: audit_row_id(str(entry["entityId"]), f"archived to {file}")}
            for entry in deletions
        ]
        self._replace(table, map(_id, deletions), [*restored, *copies])

    def _replace(
        self, table: Table[AuditEntry], ids: Iterable[str], rows: Sequence[Mapping[str, object]]
    ) -> None:
        """Delete up to 100 audit rows, and create others that may already exist."""
        deletion = _bulk_deletes(table.id, ids)
        creation = Operation("bulkCreate", table.id, None, rows)
        database_id = self._settings.database_id
        try:
            commit_operations(self._connection, database_id, [creation, *deletion])
        except ConflictError:
            for batch in batched(rows, MAX_ROWS_PER_REQUEST):
                self._create_missing(table, batch)
            if deletion:
                commit_operations(self._connection, database_id, deletion)


def _not_yet_archived(
    files: ArchiveFiles, year: int, month: int, rows: Sequence[StoredRow]
) -> tuple[dict[str, Path], set[str]]:
    """Return the rows that files already have, and the IDs of those with newer states in files.

    The former are from an interrupted run, the latter from a run that overtook this one. If a row
    was changed since, it is removed from its file.
    """
    now = {_id(row): row for row in rows}
    file_of: dict[str, Path] = {}
    overtaken: set[str] = set()
    for path in files.find(year, month):
        if files.values(path, "id").isdisjoint(now):
            continue
        then = {_id(row): row for row in files.read(path)}
        both = then.keys() & now.keys()
        differing = {row_id for row_id in both if then[row_id] != now[row_id]}
        newer = {each for each in differing if _updated(then[each]) > _updated(now[each])}
        if stale := differing - newer:
            files.remove(path, stale)
        file_of |= dict.fromkeys(both - differing, path)
        overtaken |= newer
    return file_of, overtaken


def _bulk_deletes(table: str, ids: Iterable[str]) -> list[Operation]:
    """Return operations that delete exactly the rows with these IDs, without Appwrite's events."""
    return [
        Operation(
            "bulkDelete", table, None, {"queries": query.encode_queries([query.equal(ID, *batch)])}
        )
        for batch in batched(ids, MAX_ROWS_PER_REQUEST)
    ]


def _id(row: StoredRow) -> str:
    return str(row[ID])


def _updated(row: StoredRow) -> str:
    return str(row["$updatedAt"])


def _key(row: StoredRow) -> str:
    """Return what distinguishes rows: Appwrite ignores case in IDs."""
    return _id(row).lower()
