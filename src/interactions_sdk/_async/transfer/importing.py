"""Importing the lines of a file: reading, looking up customers, writing, keeping rejects.

Files are read and written without awaiting, even in the asynchronous version: a disk is faster than
the server, and a thread for each chunk would cost more than it saves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from interactions_sdk._async.connection.rows import OLDEST_FIRST, batched, iterate_rows
from interactions_sdk.caching import Cache
from interactions_sdk.calendars import get_timezone
from interactions_sdk.concurrency import asleep
from interactions_sdk.errors import BadRequestError, file_errors
from interactions_sdk.transfer.converters import CustomerLookup
from interactions_sdk.transfer.input_files import (
    csv_input,
    json_lines_input,
    open_rejects,
    xlsx_input,
)
from interactions_sdk.transfer.mapping import (
    EXPORTED_CSV,
    EXPORTED_JSON,
    ConverterError,
    DraftMapper,
)
from interactions_sdk.transfer.progress_file import ProgressFile
from interactions_sdk.transfer.results import (
    MAX_LISTED_REJECTS,
    ImportReport,
    LineNote,
    RejectedLine,
)
from interactions_sdk.transfer.sources import is_item_error
from interactions_sdk.transport.retry import waiting_out_outages
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.bulk import AsyncBulk
    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.integrations.crm_exports import Preset
    from interactions_sdk.models.bulk import BulkItem
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.transfer.converters import ColumnMapping
    from interactions_sdk.transfer.input_files import OpenReader, RejectsFile
    from interactions_sdk.transfer.readers import Line, Reader

__all__ = ["AsyncImporter", "ImportOptions"]

_BATCH_SIZE = 5000
"""Number of lines in memory at once, about 20 MB with their drafts."""
_CUSTOMER_CACHE_SIZE = 20_000
_LOOKUP_BATCH_SIZE = 16
"""Number of values of `MAX_CUSTOMER_KEY_LENGTH` that fit into one filter, even if escaped."""
_LINES_TO_GIVE_UP = 20
"""Number of lines after which an import stops, if a converter failed the same way for all."""


class ImportOptions(TypedDict):
    """The options of an import, for every format; see `AsyncInteractionRepository.import_csv`."""

    dry_run: bool
    rejects: str | Path | None
    on_progress: Callable[[int], object] | None
    tz: TimeZone | None
    source: str | None
    limit: int | None
    resume: str | Path | None
    events: bool


@dataclass(slots=True)
class _ImportRun:
    """One run through a file: how it is read, and the results so far.

    Attributes:
        source: What the lines' keys begin with.
        counts: The number of lines, by the status of their interactions.
        customer_ids: The customers that were looked up. The next run looks them up again, because a
            key may then belong to another customer.
    """

    reader: Reader
    mapper: DraftMapper
    rejects: RejectsFile
    source: str
    options: ImportOptions
    progress: ProgressFile
    read: int = 0
    refused: int = 0
    counts: dict[str, int] = field(default_factory=dict[str, int])
    rejected: list[RejectedLine] = field(default_factory=list[RejectedLine])
    changed: list[LineNote] = field(default_factory=list[LineNote])
    notes: list[LineNote] = field(default_factory=list[LineNote])
    customer_ids: Cache[CustomerLookup, str] = field(
        default_factory=lambda: Cache(ttl=inf, size=_CUSTOMER_CACHE_SIZE)
    )

    def reject(self, bad: Sequence[tuple[Line, str]]) -> None:
        """Keep rejected lines, in order."""
        for line, reason in sorted(bad, key=lambda each: each[0].number):
            self.refused += 1
            if len(self.rejected) < MAX_LISTED_REJECTS:
                self.rejected.append(RejectedLine(line.number, reason))
            self.rejects.write(self.reader.rejected_line(line, reason), self.reader.header)

    def count(self, line: Line, item: BulkItem) -> None:
        """Count a line that is, or would become, an interaction."""
        status = item.status or "new"
        self.counts[status] = self.counts.get(status, 0) + 1
        if status == "changed_since" and len(self.changed) < MAX_LISTED_REJECTS:
            self.changed.append(LineNote(line.number, f"interaction '{item.id}' was changed since"))

    def note(self, line: Line, message: str) -> None:
        """Keep a note about a line."""
        if len(self.notes) < MAX_LISTED_REJECTS:
            self.notes.append(LineNote(line.number, message))

    def report_progress(self, dealt_with: int) -> None:
        """Report the progress to the caller."""
        if self.options["on_progress"] is not None:
            self.options["on_progress"](dealt_with)

    def report(self) -> ImportReport:
        """Return the result of the import."""
        return ImportReport(
            self.read,
            self.counts.get("new", 0),
            self.counts.get("already_there", 0),
            self.counts.get("changed_since", 0),
            self.refused,
            rejected=tuple(self.rejected),
            changed=tuple(self.changed),
            notes=tuple(self.notes),
            blank=self.reader.blank,
            skipped=self.progress.skipped,
            dates=self.mapper.date_summaries(),
            dry_run=self.options["dry_run"],
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
        preset: Preset | None,
        mapping: str | Path | None,
        delimiter: str,
        encoding: str,
        **options: Unpack[ImportOptions],
    ) -> ImportReport:
        """Import a CSV file; see `AsyncInteractionRepository.import_csv`."""
        open_file = partial(csv_input, path, delimiter=delimiter, encoding=encoding)
        return await self._import_table(
            path,
            open_file,
            columns,
            options,
            preset=preset,
            mapping=mapping,
            rejects_encoding=encoding,
        )

    async def import_xlsx(
        self,
        path: str | Path,
        columns: ColumnMapping | None,
        *,
        preset: Preset | None,
        mapping: str | Path | None,
        sheet: str | int,
        **options: Unpack[ImportOptions],
    ) -> ImportReport:
        """Import a sheet of a workbook; see `AsyncInteractionRepository.import_xlsx`."""
        open_file = partial(xlsx_input, path, sheet=sheet)
        return await self._import_table(
            path, open_file, columns, options, preset=preset, mapping=mapping
        )

    async def _import_table(
        self,
        path: str | Path,
        open_file: Callable[[], AbstractContextManager[OpenReader]],
        columns: ColumnMapping | None,
        options: ImportOptions,
        *,
        preset: Preset | None,
        mapping: str | Path | None,
        rejects_encoding: str = "utf-8-sig",
    ) -> ImportReport:
        """Import a file with a header: with the given columns, or as an export of another CRM."""
        self._connection.require_api_key("import")
        with file_errors(path):
            if preset is None:
                return await self._import_file(
                    path, open_file(), columns or EXPORTED_CSV, options, rejects_encoding
                )
            from interactions_sdk.integrations.crm_exports import CrmExport  # noqa: PLC0415 - if used

            export = CrmExport.open(preset, path, mapping, open_file())
            all_columns = {**export.columns, **(columns or {})}
            report = await self._import_file(
                path, open_file(), all_columns, options, rejects_encoding
            )
            return export.finish(report)

    async def import_jsonl(
        self,
        path: str | Path,
        columns: ColumnMapping | None,
        *,
        preset: Preset | None,
        mapping: str | Path | None,
        encoding: str,
        **options: Unpack[ImportOptions],
    ) -> ImportReport:
        """Import a JSON Lines file; see `AsyncInteractionRepository.import_jsonl`."""
        self._connection.require_api_key("import")
        with file_errors(path):
            if preset is None:
                file = json_lines_input(path, encoding=encoding)
                return await self._import_file(
                    path, file, columns or EXPORTED_JSON, options, encoding.removesuffix("-sig")
                )
            from interactions_sdk.integrations.crm_exports import (  # noqa: PLC0415 - if used
                CLOSE_COLUMNS,
                CrmExport,
                flatten_close,
            )

            options["source"] = options["source"] or Path(path).name
            with flatten_close(path, encoding) as (flat, left_out):
                export = CrmExport(preset, CLOSE_COLUMNS, mapping or f"{path}.mapping.csv")
                report = await self._import_file(
                    flat,
                    json_lines_input(flat, encoding="utf-8"),
                    {**export.columns, **(columns or {})},
                    options,
                    "utf-8",
                )
            return replace(export.finish(report), left_out=left_out)

    async def _import_file(
        self,
        path: str | Path,
        file: AbstractContextManager[OpenReader],
        columns: ColumnMapping,
        options: ImportOptions,
        rejects_encoding: str,
    ) -> ImportReport:
        limit, tz = options["limit"], options["tz"]
        if limit is not None and limit < 1:
            raise BadRequestError(f"limit= must be 1 or more, not {limit}.")
        mapper = DraftMapper(columns, tz=None if tz is None else get_timezone(tz))
        progress = ProgressFile(None if options["dry_run"] else options["resume"])
        rejects_file = open_rejects(path, options["rejects"], rejects_encoding)
        with file as open_reader, rejects_file as rejects:
            await self._access.verify()
            if mapper.needs_survey:
                await _survey(open_reader(), mapper)
            source = options["source"] or Path(path).name
            run = _ImportRun(open_reader(), mapper, rejects, source, options, progress)
            with waiting_out_outages():
                return await self._run(run)

    async def _run(self, run: _ImportRun) -> ImportReport:
        run.mapper.validate_columns(run.reader.columns, run.reader.read_as)
        reader = iter(run.reader)
        run.progress.skip(reader)
        run.rejects.append = run.progress.skipped > 0
        run.rejects.in_place = run.options["resume"] is not None
        for lines in batched(islice(reader, run.options["limit"]), _BATCH_SIZE):
            await self._import(run, lines)
            run.report_progress(run.read)
            for line in lines:
                run.progress.add(line)
            run.rejects.sync()
            run.progress.save()
        if next(reader, None) is None:
            run.progress.remove()
        return run.report()

    async def _import(self, run: _ImportRun, lines: Sequence[Line]) -> None:
        bad: list[tuple[Line, str]] = []
        drafts = await self._drafts(run, lines, bad)
        items = await self._write_or_preview(run, [draft for _, draft in drafts], len(bad))
        for (line, _), item in zip(drafts, items, strict=True):
            if item.error is None:
                run.count(line, item)
            elif is_item_error(item.error):
                bad.append((line, str(item.error)))
            else:
                item.error.add_note(
                    f"Import stopped at line {line.number}. Run it again: lines already "
                    "written are not duplicated."
                )
                raise item.error
        run.reject(bad)
        run.read += len(lines)

    async def _write_or_preview(
        self, run: _ImportRun, drafts: Sequence[InteractionCreate], bad: int
    ) -> Sequence[BulkItem]:
        if run.options["dry_run"]:
            return await self._bulk.preview(drafts)
        return await self._bulk.create_many(
            drafts,
            on_error="continue",
            on_progress=lambda written: run.report_progress(run.read + bad + written),
            events=run.options["events"],
            imported=True,
        )

    async def _drafts(
        self, run: _ImportRun, lines: Sequence[Line], bad: list[tuple[Line, str]]
    ) -> list[tuple[Line, InteractionCreate]]:
        """Read lines, look up their customers, and make drafts; record invalid lines."""
        read: list[tuple[Line, dict[str, object]]] = []
        alike: set[tuple[str, str] | None] = set()
        for number, line in enumerate(lines, run.read + 1):
            failure = None
            try:
                read.append((line, run.mapper.map_fields(line, partial(run.note, line))))
            except ValueError as error:
                failure = error.failure if isinstance(error, ConverterError) else None
                bad.append((line, str(error)))
            alike.add(failure)
            if number == _LINES_TO_GIVE_UP and len(alike) == 1 and None not in alike:
                raise BadRequestError(
                    f"The first {number} lines all failed in the same way. Line {bad[0][0].number}:"
                    f" {bad[0][1]}."
                )
        customer_ids = await self._look_up(run, [fields.get("customer_id") for _, fields in read])
        drafts: list[tuple[Line, InteractionCreate]] = []
        for line, fields in read:
            key = line.idempotency_key(run.source)
            try:
                filled = _fill_customer(fields, customer_ids)
                drafts.append((line, run.mapper.make_draft(filled, key)))
            except ValueError as error:
                bad.append((line, str(error)))
        return drafts

    async def _look_up(
        self, run: _ImportRun, customers: Sequence[object]
    ) -> dict[CustomerLookup, str]:
        """Return the IDs of customers that are identified by another column."""
        keys = dict.fromkeys(each for each in customers if isinstance(each, CustomerLookup))
        ids = {key: customer_id for key in keys if (customer_id := run.customer_ids.get(key))}
        for column in dict.fromkeys(key.column for key in keys):
            missing = [key.value for key in keys if key.column == column and key not in ids]
            for values in batched(missing, _LOOKUP_BATCH_SIZE):
                ids |= await self._find_customers(column, values)
        for key, customer_id in ids.items():
            run.customer_ids.put(key, customer_id)
        own = await self._access.readable_customers(None)
        return {key: each for key, each in ids.items() if own is None or each in own}

    async def _find_customers(
        self, column: str, values: Sequence[str]
    ) -> dict[CustomerLookup, str]:
        """Find customers by the exact value of a column; if there are several, the first."""
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


async def _survey(reader: Reader, mapper: DraftMapper) -> None:
    """Determine the date formats from all lines, without blocking the event loop."""
    mapper.validate_columns(reader.columns, reader.read_as)
    for lines in batched(reader, _BATCH_SIZE):
        for line in lines:
            mapper.survey(line)
        await asleep(0)
    mapper.decide()


def _fill_customer(
    fields: dict[str, object], customer_ids: dict[CustomerLookup, str]
) -> dict[str, object]:
    key = fields.get("customer_id")
    if not isinstance(key, CustomerLookup):
        return fields
    if key not in customer_ids:
        raise ValueError(f"customer_id: no customer found whose {key.column} is {key.value!r}")
    fields["customer_id"] = customer_ids[key]
    return fields
