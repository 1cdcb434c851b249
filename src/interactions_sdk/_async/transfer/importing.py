"""Interactions from the lines of a file: read, looked up, written, and the bad ones put aside.

Files are read and written here without awaiting, in the asynchronous half as well: a file on a disk
is never long in coming, and a thread for each chunk would cost more than it saves.
"""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from interactions_sdk._async.connection.batches import batches
from interactions_sdk._async.connection.rows import OLDEST_FIRST, iterate_rows
from interactions_sdk.caching import Cache
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    NotFoundError,
)
from interactions_sdk.transfer.converters import CustomerKey
from interactions_sdk.transfer.mapping import EXPORTED_CSV, EXPORTED_JSON, DraftReader, draft_of
from interactions_sdk.transfer.readers import CsvLines, JsonLines
from interactions_sdk.transfer.results import MOST_NAMED, ImportReport, RejectedLine
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.bulk import AsyncBulk
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.transfer.converters import Columns
    from interactions_sdk.transfer.readers import Line, Lines

__all__ = ["AsyncImporting"]

_TOGETHER = 5000
"""Lines that are held at once, some 20 MB with their drafts."""
_CUSTOMERS_KNOWN = 20_000
_LOOKED_UP_TOGETHER = 16
"""Values of at most `LONGEST_CUSTOMER_KEY` that fit into one filter, even if all is escaped."""
_FOR_EVER = float(60 * 60 * 24 * 365)


@contextmanager
def _opened(path: str | Path, encoding: str) -> Generator[TextIO]:
    """Open a file to read; bytes that are no characters are kept, to be told of by line."""
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise BadRequestError(f"There is no encoding {encoding!r}.") from error
    with Path(path).open(encoding=encoding, errors="surrogateescape", newline="") as file:
        yield file


class _Rejects:
    """The file that bad lines are put aside in, made with the first of them."""

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
def _rejects_of(
    source: str | Path, rejects: str | Path | None, encoding: str
) -> Generator[_Rejects]:
    """Hold the file of bad lines open for a run.

    Raises:
        BadRequestError: It is the file that is read.
    """
    if rejects is not None and Path(rejects).exists() and Path(rejects).samefile(source):
        raise BadRequestError("The rejected lines would overwrite the file that is imported.")
    writing = _Rejects(None if rejects is None else Path(rejects), encoding)
    try:
        yield writing
    finally:
        writing.close()


@dataclass(slots=True)
class _Run:
    """One run through a file: how it is read, and what has become of it so far.

    Attributes:
        lines: The file's lines.
        reader: Where the fields come from.
        rejects: Where bad lines are put aside.
        source: What the lines' keys begin with.
        dry_run: Whether nothing is written.
        events: Whether each row raises Appwrite's events.
        on_progress: Is told how many lines are dealt with.
        customer_ids: The customers that were looked up. The next run looks them up anew: what names
            one of them now may name another one then.
    """

    lines: Lines
    reader: DraftReader
    rejects: _Rejects
    source: str
    dry_run: bool
    events: bool
    on_progress: Callable[[int], object] | None
    read: int = 0
    imported: int = 0
    rejected_count: int = 0
    rejected: list[RejectedLine] = field(default_factory=list[RejectedLine])
    customer_ids: Cache[CustomerKey, str] = field(
        default_factory=lambda: Cache(ttl=_FOR_EVER, size=_CUSTOMERS_KNOWN)
    )

    def reject(self, bad: Sequence[tuple[Line, str]]) -> None:
        """Put bad lines aside, in their order."""
        for line, reason in sorted(bad, key=lambda each: each[0].number):
            self.rejected_count += 1
            if len(self.rejected) < MOST_NAMED:
                self.rejected.append(RejectedLine(line.number, reason))
            self.rejects.write(self.lines.rejected(line, reason), self.lines.head)

    def tell(self, dealt_with: int) -> None:
        """Tell the caller how far it got."""
        if self.on_progress is not None:
            self.on_progress(dealt_with)

    def report(self) -> ImportReport:
        """Return what became of the file."""
        return ImportReport(
            self.read, self.imported, tuple(self.rejected), self.rejected_count, self.dry_run
        )


class AsyncImporting:
    """Imports for one acting user."""

    def __init__(self, project: AsyncProject, *, access: AsyncAccess, bulk: AsyncBulk) -> None:
        self._connection = project.connection
        self._tables = project.tables
        self._access = access
        self._bulk = bulk

    async def import_csv(
        self,
        path: str | Path,
        columns: Columns | None,
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
        reader = DraftReader(EXPORTED_CSV if columns is None else columns)
        with _opened(path, encoding) as file, _rejects_of(path, rejects, encoding) as put_aside:
            run = _Run(
                CsvLines(file, delimiter),
                reader,
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
        columns: Columns | None,
        *,
        dry_run: bool,
        rejects: str | Path | None,
        on_progress: Callable[[int], object] | None,
        encoding: str,
        source: str | None,
        events: bool,
    ) -> ImportReport:
        """Import a JSON Lines file; see `AsyncInteractionRepository.import_jsonl`."""
        reader = DraftReader(EXPORTED_JSON if columns is None else columns)
        without_mark = encoding.removesuffix("-sig")
        with _opened(path, encoding) as file, _rejects_of(path, rejects, without_mark) as put_aside:
            run = _Run(
                JsonLines(file),
                reader,
                put_aside,
                source=source or Path(path).name,
                dry_run=dry_run,
                events=events,
                on_progress=on_progress,
            )
            return await self._run(run)

    async def _run(self, run: _Run) -> ImportReport:
        await self._access.verify()
        run.reader.check(run.lines.columns)
        for lines in batches(run.lines, _TOGETHER):
            await self._import(run, lines)
            run.tell(run.read)
        return run.report()

    async def _import(self, run: _Run, lines: Sequence[Line]) -> None:
        bad: list[tuple[Line, str]] = []
        drafts = await self._drafts(run, lines, bad)
        failed = [*bad, *await self._write_or_check(run, drafts, len(bad))]
        run.reject(failed)
        run.read += len(lines)
        run.imported += len(lines) - len(failed)

    async def _write_or_check(
        self, run: _Run, drafts: Sequence[tuple[Line, InteractionCreate]], bad: int
    ) -> list[tuple[Line, str]]:
        if run.dry_run:
            return await self._check(drafts)
        return await self._write(run, drafts, bad)

    async def _drafts(
        self, run: _Run, lines: Sequence[Line], bad: list[tuple[Line, str]]
    ) -> list[tuple[Line, InteractionCreate]]:
        """Read lines, look their customers up, and make drafts; note the lines that are bad."""
        read: list[tuple[Line, dict[str, object]]] = []
        for line in lines:
            try:
                read.append((line, run.reader.fields(line)))
            except ValueError as error:
                bad.append((line, str(error)))
        known = await self._look_up(run, [fields.get("customer_id") for _, fields in read])
        drafts: list[tuple[Line, InteractionCreate]] = []
        for line, fields in read:
            try:
                drafts.append((line, draft_of(_with_customer(fields, known), line.key(run.source))))
            except ValueError as error:
                bad.append((line, str(error)))
        return drafts

    async def _look_up(self, run: _Run, customers: Sequence[object]) -> dict[CustomerKey, str]:
        """Return the ids of customers that are named by another column."""
        keys = dict.fromkeys(each for each in customers if isinstance(each, CustomerKey))
        known = {key: found for key in keys if (found := run.customer_ids.get(key))}
        columns = dict.fromkeys(key.column for key in keys)
        for column in columns:
            unknown = [key.value for key in keys if key.column == column and key not in known]
            for values in batches(unknown, _LOOKED_UP_TOGETHER):
                known |= await self._find_customers(column, values)
        for key, customer_id in known.items():
            run.customer_ids.put(key, customer_id)
        own = await self._access.readable_customers(None)
        return {key: found for key, found in known.items() if own is None or found in own}

    async def _find_customers(self, column: str, values: Sequence[str]) -> dict[CustomerKey, str]:
        """Find customers by a column, to the letter; the first, where there are several."""
        found: dict[CustomerKey, str] = {}
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
                found.setdefault(CustomerKey(column, str(written)), customer.id)
        return found

    async def _check(
        self, drafts: Sequence[tuple[Line, InteractionCreate]]
    ) -> list[tuple[Line, str]]:
        """Tell for which lines there is no customer, without writing anything."""
        refusals = await self._bulk.refusals([draft for _, draft in drafts])
        return [
            (line, str(refusals[draft.customer_id]))
            for line, draft in drafts
            if draft.customer_id in refusals
        ]

    async def _write(
        self, run: _Run, drafts: Sequence[tuple[Line, InteractionCreate]], bad: int
    ) -> list[tuple[Line, str]]:
        result = await self._bulk.create_many(
            (draft for _, draft in drafts),
            on_error="continue",
            on_progress=lambda written: run.tell(run.read + bad + written),
            events=run.events,
        )
        failed = [(drafts[item.index][0], item.error) for item in result.failed]
        for line, error in failed:
            if error is not None and not _is_about_the_line(error):
                error.add_note(
                    f"The import stopped at line {line.number}. Run it again: what is written "
                    "already is found, and not written twice."
                )
                raise error
        return [(line, str(error)) for line, error in failed]


def _with_customer(fields: dict[str, object], known: dict[CustomerKey, str]) -> dict[str, object]:
    key = fields.get("customer_id")
    if not isinstance(key, CustomerKey):
        return fields
    if key not in known:
        raise ValueError(f"customer_id: there is no customer whose {key.column} is {key.value!r}")
    return {**fields, "customer_id": known[key]}


def _is_about_the_line(error: Exception) -> bool:
    """Tell whether another line may fare better, and this one must be mended."""
    if not isinstance(error, (BadRequestError, NotFoundError, ConflictError)):
        return False
    return not error.may_have_landed
