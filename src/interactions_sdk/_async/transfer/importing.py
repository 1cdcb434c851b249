"""Interactions from the lines of a file: read, looked up and written; rejected lines are kept.

Files are read and written here without awaiting, in the asynchronous version too: a file on a disk
is never long in coming, and a thread for each chunk would cost more than it saves.
"""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from interactions_sdk._async.connection.rows import OLDEST_FIRST, batched, iterate_rows
from interactions_sdk.caching import Cache
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    NotFoundError,
)
from interactions_sdk.transfer.converters import CustomerLookup
from interactions_sdk.transfer.mapping import EXPORTED_CSV, EXPORTED_JSON, DraftMapper, make_draft
from interactions_sdk.transfer.readers import CsvReader, JsonLinesReader
from interactions_sdk.transfer.results import MAX_LISTED_REJECTS, ImportReport, RejectedLine
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.bulk import AsyncBulk
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.transfer.converters import ColumnMapping
    from interactions_sdk.transfer.readers import Line, Reader

__all__ = ["AsyncImporter"]

_BATCH_SIZE = 5000
"""Lines that are held at once, some 20 MB with their drafts."""
_CUSTOMER_CACHE_SIZE = 20_000
_LOOKUP_BATCH_SIZE = 16
"""Values of at most `MAX_CUSTOMER_KEY_LENGTH` that fit into one filter, even if all is escaped."""
_NO_EXPIRY = float(60 * 60 * 24 * 365)


@contextmanager
def _open_text(path: str | Path, encoding: str) -> Generator[TextIO]:
    """Open a file to read; bytes that are no characters are kept, to be reported by line."""
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise BadRequestError(f"Unknown encoding {encoding!r}.") from error
    with Path(path).open(encoding=encoding, errors="surrogateescape", newline="") as file:
        yield file


class _RejectsFile:
    """The file for rejected lines, created with the first of them."""

    def __init__(self, path: Path | None, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._file: TextIO | None = None

    def write(self, text: str, head: str) -> None:
        """Add a bad line."""
        if self._path is None:
            return
        if self._file is None:
            self._file = self._path.open(
                "w", encoding=self._encoding, errors="surrogateescape", newline=""
            )
            self._file.write(head)
        self._file.write(text)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


@contextmanager
def _open_rejects(
    source: str | Path, rejects: str | Path | None, encoding: str
) -> Generator[_RejectsFile]:
    """Hold the file of bad lines open for a run.

    Raises:
        BadRequestError: It is the file that is read.
    """
    if rejects is not None and Path(rejects).exists() and Path(rejects).samefile(source):
        raise BadRequestError("rejects= must not be the imported file itself.")
    writing = _RejectsFile(None if rejects is None else Path(rejects), encoding)
    try:
        yield writing
    finally:
        writing.close()


@dataclass(slots=True)
class _ImportRun:
    """One run through a file: how it is read, and what has become of it so far.

    Attributes:
        reader: Reads the file's lines.
        mapper: Makes drafts of them.
        rejects: The file for rejected lines.
        source: What the lines' keys begin with.
        dry_run: Whether nothing is written.
        events: Whether each row raises Appwrite's events.
        on_progress: Called with the number of lines processed.
        customer_ids: The customers that were looked up. The next run looks them up again, since a
            key may belong to another customer by then.
    """

    reader: Reader
    mapper: DraftMapper
    rejects: _RejectsFile
    source: str
    dry_run: bool
    events: bool
    on_progress: Callable[[int], object] | None
    read: int = 0
    imported: int = 0
    rejected_count: int = 0
    rejected: list[RejectedLine] = field(default_factory=list[RejectedLine])
    customer_ids: Cache[CustomerLookup, str] = field(
        default_factory=lambda: Cache(ttl=_NO_EXPIRY, size=_CUSTOMER_CACHE_SIZE)
    )

    def reject(self, bad: Sequence[tuple[Line, str]]) -> None:
        """Put bad lines aside, in their order."""
        for line, reason in sorted(bad, key=lambda each: each[0].number):
            self.rejected_count += 1
            if len(self.rejected) < MAX_LISTED_REJECTS:
                self.rejected.append(RejectedLine(line.number, reason))
            self.rejects.write(self.reader.rejected_line(line, reason), self.reader.header)

    def report_progress(self, dealt_with: int) -> None:
        """Report the progress to the caller."""
        if self.on_progress is not None:
            self.on_progress(dealt_with)

    def report(self) -> ImportReport:
        """Return the result of the import."""
        return ImportReport(
            self.read, self.imported, tuple(self.rejected), self.rejected_count, self.dry_run
        )


class AsyncImporter:
    """Imports for one acting user."""

    def __init__(self, project: AsyncProject, *, access: AsyncAccess, bulk: AsyncBulk) -> None:
        self._connection = project.connection
        self._tables = project.tables
        self._access = access
        self._bulk = bulk

    async def import_csv(
        self,
        path: str | Path,
        columns: ColumnMapping | None,
        *,
        dry_run: bool,
        rejects: str | Path | None,
        on_progress: Callable[[int], object] | None,
        delimiter: str,
        encoding: str,
        source: str | None,
        events: bool,
    ) -> ImportReport:
        """Import a CSV file; see `AsyncInteractionRepository.import_csv`."""
        mapper = DraftMapper(EXPORTED_CSV if columns is None else columns)
        with (
            _open_text(path, encoding) as file,
            _open_rejects(path, rejects, encoding) as put_aside,
        ):
            run = _ImportRun(
                CsvReader(file, delimiter),
                mapper,
                put_aside,
                source=source or Path(path).name,
                dry_run=dry_run,
                events=events,
                on_progress=on_progress,
            )
            return await self._run(run)

    async def import_jsonl(
        self,
        path: str | Path,
        columns: ColumnMapping | None,
        *,
        dry_run: bool,
        rejects: str | Path | None,
        on_progress: Callable[[int], object] | None,
        encoding: str,
        source: str | None,
        events: bool,
    ) -> ImportReport:
        """Import a JSON Lines file; see `AsyncInteractionRepository.import_jsonl`."""
        mapper = DraftMapper(EXPORTED_JSON if columns is None else columns)
        without_mark = encoding.removesuffix("-sig")
        with (
            _open_text(path, encoding) as file,
            _open_rejects(path, rejects, without_mark) as put_aside,
        ):
            run = _ImportRun(
                JsonLinesReader(file),
                mapper,
                put_aside,
                source=source or Path(path).name,
                dry_run=dry_run,
                events=events,
                on_progress=on_progress,
            )
            return await self._run(run)

    async def _run(self, run: _ImportRun) -> ImportReport:
        await self._access.verify()
        run.mapper.validate_columns(run.reader.columns)
        for lines in batched(run.reader, _BATCH_SIZE):
            await self._import(run, lines)
            run.report_progress(run.read)
        return run.report()

    async def _import(self, run: _ImportRun, lines: Sequence[Line]) -> None:
        bad: list[tuple[Line, str]] = []
        drafts = await self._drafts(run, lines, bad)
        failed = [*bad, *await self._write_or_check(run, drafts, len(bad))]
        run.reject(failed)
        run.read += len(lines)
        run.imported += len(lines) - len(failed)

    async def _write_or_check(
        self, run: _ImportRun, drafts: Sequence[tuple[Line, InteractionCreate]], bad: int
    ) -> list[tuple[Line, str]]:
        if run.dry_run:
            return await self._check(drafts)
        return await self._write(run, drafts, bad)

    async def _drafts(
        self, run: _ImportRun, lines: Sequence[Line], bad: list[tuple[Line, str]]
    ) -> list[tuple[Line, InteractionCreate]]:
        """Read lines, look their customers up, and make drafts; note the lines that are bad."""
        read: list[tuple[Line, dict[str, object]]] = []
        for line in lines:
            try:
                read.append((line, run.mapper.map_fields(line)))
            except ValueError as error:
                bad.append((line, str(error)))
        known = await self._look_up(run, [fields.get("customer_id") for _, fields in read])
        drafts: list[tuple[Line, InteractionCreate]] = []
        for line, fields in read:
            try:
                drafts.append(
                    (
                        line,
                        make_draft(_fill_customer(fields, known), line.idempotency_key(run.source)),
                    )
                )
            except ValueError as error:
                bad.append((line, str(error)))
        return drafts

    async def _look_up(
        self, run: _ImportRun, customers: Sequence[object]
    ) -> dict[CustomerLookup, str]:
        """Return the ids of customers that are named by another column."""
        keys = dict.fromkeys(each for each in customers if isinstance(each, CustomerLookup))
        known = {key: found for key in keys if (found := run.customer_ids.get(key))}
        columns = dict.fromkeys(key.column for key in keys)
        for column in columns:
            unknown = [key.value for key in keys if key.column == column and key not in known]
            for values in batched(unknown, _LOOKUP_BATCH_SIZE):
                known |= await self._find_customers(column, values)
        for key, customer_id in known.items():
            run.customer_ids.put(key, customer_id)
        own = await self._access.readable_customers(None)
        return {key: found for key, found in known.items() if own is None or found in own}

    async def _find_customers(
        self, column: str, values: Sequence[str]
    ) -> dict[CustomerLookup, str]:
        """Find customers by the exact value of a column; the first, if there are several."""
        found: dict[CustomerLookup, str] = {}
        rows = iterate_rows(
            self._connection,
            self._tables.customers,
            [query.equal(column, *values)],
            OLDEST_FIRST,
            page_size=query.MAX_LIMIT,
        )
        async for customer in rows:
            written = customer.model_dump(by_alias=True).get(column)
            if written in values:
                found.setdefault(CustomerLookup(column, str(written)), customer.id)
        return found

    async def _check(
        self, drafts: Sequence[tuple[Line, InteractionCreate]]
    ) -> list[tuple[Line, str]]:
        """Report lines without a customer, without writing anything."""
        refused_customers = await self._bulk.refused_customers([draft for _, draft in drafts])
        return [
            (line, str(refused_customers[draft.customer_id]))
            for line, draft in drafts
            if draft.customer_id in refused_customers
        ]

    async def _write(
        self, run: _ImportRun, drafts: Sequence[tuple[Line, InteractionCreate]], bad: int
    ) -> list[tuple[Line, str]]:
        result = await self._bulk.create_many(
            (draft for _, draft in drafts),
            on_error="continue",
            on_progress=lambda written: run.report_progress(run.read + bad + written),
            events=run.events,
        )
        failed = [(drafts[item.index][0], item.error) for item in result.failed]
        for line, error in failed:
            if error is not None and not _is_line_error(error):
                error.add_note(
                    f"Import stopped at line {line.number}. Run it again: lines already "
                    "written are not duplicated."
                )
                raise error
        return [(line, str(error)) for line, error in failed]


def _fill_customer(
    fields: dict[str, object], known: dict[CustomerLookup, str]
) -> dict[str, object]:
    key = fields.get("customer_id")
    if not isinstance(key, CustomerLookup):
        return fields
    if key not in known:
        raise ValueError(f"customer_id: no customer found whose {key.column} is {key.value!r}")
    return {**fields, "customer_id": known[key]}


def _is_line_error(error: Exception) -> bool:
    """Return whether the error is about this line, so that other lines may succeed."""
    if not isinstance(error, (BadRequestError, NotFoundError, ConflictError)):
        return False
    return not error.may_have_landed
