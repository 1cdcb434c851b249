"""`interactions import`, `export`, `archive`, `restore`: interactions to files, and back."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, admin_repository, open_client, repository_for
from interactions_sdk.cli.console import (
    print_json,
    progress_bar,
    progress_callback,
    safe_text,
    stdout,
)
from interactions_sdk.cli.exit_codes import NEGATIVE_RESULT
from interactions_sdk.cli.output_files import validate_output_path
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.sentences import count_noun
from interactions_sdk.transfer import constant, dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from interactions_sdk.transfer import Converter, DateSummary, ImportReport

__all__ = ["archive", "export_command", "import_command", "restore"]

_SHOWN_REJECTS = 10
_LABELS = {
    "dry_run": "Dry run",
    "older": "Older interactions",
    "open_follow_ups": "Not archived: open follow-ups",
    "changed": "Not archived: changed during the run",
    "already_there": "Already there",
    "conflicting": "Not restored: different on the server",
    "updated_at_kept": "Updated times kept",
}
"""Labels of the numbers in a result, where capitalizing the name is not enough."""

_DATE_FIELDS = {"occurred_at", "next_action_date"}
_MAX_LIMIT = datetime(9999, 12, 31, tzinfo=UTC)


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help="A .csv, .jsonl or .xlsx file."
        ),
    ],
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="The column of a field; may be repeated."),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="Set a field to a constant."),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=validate_output_path,
            help="Write refused lines to this file, with line and reason.",
        ),
    ] = None,
    tz: options.TimeZoneName = None,
    date_format: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORMAT",
            help="Format of ambiguous dates: %d/%m/%Y, epoch, epoch_ms, excel, excel_1904; may be "
            "repeated.",
        ),
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option("--day-first/--month-first", help="Whether 03/04/2026 is 3 April or 4 March."),
    ] = None,
    delimiter: Annotated[
        str, typer.Option(metavar="CHARACTER", help="Field delimiter of CSV files; tab for tabs.")
    ] = ",",
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="Encoding of CSV and JSON Lines files, e.g. cp1252.")
    ] = "utf-8-sig",
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Sheet of a workbook (default: the first).")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="LINES", help="Maximum number of lines to read.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="SYSTEM",
            help="The file is an export of hubspot, salesforce, pipedrive, zoho, espocrm or close "
            "(.json); auto recognizes it.",
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="With --preset: the file that maps names to customers and users; --dry-run writes "
            "it "
            "(default: FILE.mapping.csv).",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Save progress in FILE.progress, and continue from there."),
    ] = False,
    dry_run: options.DryRun = False,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Import interactions from a file; lines that are already imported are not duplicated."""
    text = {"encoding": encoding}
    own_options: dict[str, dict[str, object]] = {
        "import_csv": {**text, "delimiter": "\t" if delimiter == "tab" else delimiter},
        "import_jsonl": {**text},
        "import_xlsx": {"sheet": sheet or 0},
    }
    read = {".csv": "import_csv", ".jsonl": "import_jsonl", ".xlsx": "import_xlsx"}
    method = _method_for_suffix(file, read | ({".json": "import_jsonl"} if preset else {}))
    has_dates = bool(date_format) or day_first is not None
    convert_dates = partial(dates, format=date_format, dayfirst=day_first)
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        report: ImportReport = getattr(repository_for(crm, user, admin), method)(
            file,
            _columns(column, value, convert_dates, has_dates=has_dates, preset=preset),
            preset=preset,
            mapping=mapping,
            dry_run=dry_run,
            rejects=rejects,
            on_progress=progress_callback(progress, "Lines"),
            tz=parse_timezone(tz),
            limit=limit,
            resume=file.with_name(f"{file.name}.progress") if resume else None,
            **own_options[method],
        )
    if as_json:
        counts = {"imported": report.imported, "rejected_count": report.rejected_count}
        print_json({**asdict(report), **counts})
    else:
        _print_report(report)
        if report.unmapped:
            _print_unmapped(report, mapping or f"{file}.mapping.csv")
    if report.refused:
        raise typer.Exit(NEGATIVE_RESULT)


def _print_report(report: ImportReport) -> None:
    """Print the counts of lines by result, and the date formats."""
    new = "would be new" if report.dry_run else "new"
    counts = {
        new: report.new,
        "already there": report.already_there,
        "changed since": report.changed_since,
        "refused": report.refused,
    }
    shown = ", ".join(f"{count} {name}" for name, count in counts.items())
    others = {"blank": report.blank, "imported earlier": report.skipped}
    more = ", ".join(f"{count} {name}" for name, count in others.items() if count)
    lines = count_noun(report.lines, "line") + (f" (and {more})" if more else "")
    print_line = partial(stdout.print, soft_wrap=True)
    print_line(safe_text(f"{lines}: {shown}."))
    if report.layout is not None:
        left_out = ", ".join(f"{count} {name}" for name, count in report.left_out.items())
        print_line(
            safe_text(f"  {report.layout}" + (f"; left out: {left_out}" if left_out else ""))
        )
    if report.matched_by_name is not None:
        print_line(safe_text(f"  {report.matched_by_name}", "yellow"))
    for summary in report.dates:
        print_line(safe_text(_dates_text(summary), "dim"))
    for line in report.rejected[:_SHOWN_REJECTS]:
        print_line(safe_text(f"  {line}", "red"))
    if report.refused > _SHOWN_REJECTS:
        print_line(safe_text(f"  {report.refused} lines refused in all: see --rejects.", "dim"))
    for note in (*report.changed[:_SHOWN_REJECTS], *report.notes[:_SHOWN_REJECTS]):
        print_line(safe_text(f"  {note}", "yellow"))


def _print_unmapped(report: ImportReport, mapping: str | Path) -> None:
    written = "Fill in their IDs" if report.dry_run else "A dry run lists them"
    names = count_noun(report.unmapped, "name")
    stdout.print(
        safe_text(f"  {names} of customers without an ID. {written} in {mapping}.", "yellow"),
        soft_wrap=True,
    )


def _dates_text(summary: DateSummary) -> str:
    first, last = summary.earliest, summary.latest
    span = f" from {first:%Y-%m-%d} to {last:%Y-%m-%d}" if first else ""
    formats = ", ".join(f"{name} ({count})" for name, count in summary.formats.items())
    tz = f", zone {summary.tz}" if summary.tz else ""
    return f"  {summary.field}{span}: {formats or 'as they are in the file'}{tz}"


def export_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", callback=validate_output_path, help="A .csv, .jsonl or .parquet file."
        ),
    ],
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    customer: options.CustomerId = None,
    since: options.Since = None,
    until: options.Until = None,
    names: Annotated[
        bool, typer.Option("--names", help="Add a column with the names of the customers.")
    ] = False,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Export interactions to a file, oldest first."""
    write = {".csv": "export_csv", ".jsonl": "export_jsonl", ".parquet": "export_parquet"}
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        repo = repository_for(crm, user, admin)
        written = getattr(repo, _method_for_suffix(file, write))(
            file,
            customer_id=customer,
            since=parse_datetime(since, here),
            until=parse_datetime(until, here),
            customer_names=names,
            on_progress=progress_callback(progress, "Interactions"),
        )
    if as_json:
        print_json({"written": written, "file": str(file)})
    else:
        stdout.print(safe_text(f"Wrote {count_noun(written, 'interaction')} to {file}."))


def archive(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder for the files.")],
    *,
    before: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Archive interactions created before: 2025-01-01, 1y ago."
        ),
    ],
    admin: options.AsAdmin = None,
    events: Annotated[
        bool,
        typer.Option("--events", help="Delete one by one, so each deletion raises its event."),
    ] = False,
    dry_run: options.DryRun = False,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Move old interactions to Parquet files; they are deleted once these are verified."""
    ended = parse_datetime(before, parse_timezone(tz))
    assert ended is not None  # noqa: S101 - the option is required
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        repo = admin_repository(crm, admin)
        if dry_run:
            open_ones = repo.follow_ups.due(as_of=_MAX_LIMIT)
            result = {
                "dry_run": True,
                "older": repo.count(until=ended),
                "open_follow_ups": sum(each.created_at < ended for each in open_ones),
            }
        else:
            archived = repo.archive(
                ended,
                folder,
                on_progress=progress_callback(progress, "Archived"),
                events=events,
            )
            result = asdict(archived)
    _print_result(result, as_json=as_json)


def restore(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The archive."),
    ],
    *,
    admin: options.AsAdmin = None,
    year: Annotated[int | None, typer.Option(metavar="YEAR", help="Only this year.")] = None,
    month: Annotated[
        int | None, typer.Option(min=1, max=12, metavar="MONTH", help="Only this month.")
    ] = None,
    keep_files: Annotated[
        bool, typer.Option("--keep-files", help="Keep the files of restored interactions.")
    ] = False,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Restore archived interactions with their IDs, times and permissions."""
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        restored = admin_repository(crm, admin).restore(
            folder,
            year=year,
            month=month,
            keep_files=keep_files,
            on_progress=progress_callback(progress, "Restored"),
        )
    _print_result(asdict(restored), as_json=as_json)


def _method_for_suffix(file: Path, methods: Mapping[str, str]) -> str:
    try:
        return methods[file.suffix.lower()]
    except KeyError:
        raise UsageError(f"{file} must end in {', '.join(methods)}.") from None


def _columns(
    columns: list[str] | None,
    values: list[str] | None,
    convert_dates: Callable[[str], Converter],
    *,
    has_dates: bool,
    preset: str | None,
) -> dict[str, str | Converter] | None:
    """Return the column mapping; None means the names that `export` writes."""
    if not columns and not values:
        if has_dates:
            raise UsageError(
                "Name the column of the dates as well, e.g. --column occurred_at=Date."
            )
        return None
    mapping: dict[str, str | Converter] = dict(map(_pair, columns or []))
    for field in mapping.keys() & _DATE_FIELDS:
        mapping[field] = convert_dates(str(mapping[field]))
    mapping.update((field, constant(value)) for field, value in map(_pair, values or []))
    if "interaction_type" not in mapping and preset is None:
        raise UsageError("Set the interaction type, e.g. --value interaction_type=call.")
    return mapping


def _pair(text: str) -> tuple[str, str]:
    field, equals, rest = text.partition("=")
    if not equals:
        raise UsageError(f"--column and --value take FIELD=..., e.g. subject=topic, not {text!r}.")
    return field, rest


def _print_result(result: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(dict(result))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in result.items():
        number = len(value) if isinstance(value, Sized) else value
        table.add_row(safe_text(_LABELS.get(name, name.capitalize())), safe_text(number))
    stdout.print(table)
