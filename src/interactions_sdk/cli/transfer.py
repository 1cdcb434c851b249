"""`interactions import`, `export`, `archive`, `restore`: interactions to files, and back."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interactions_sdk.cli.clients import DOTENV, admin_repository, open_client, repository_for
from interactions_sdk.cli.console import (
    print_json,
    progress_bar,
    progress_callback,
    safe_text,
    stdout,
)
from interactions_sdk.cli.exit_codes import NEGATIVE_RESULT
from interactions_sdk.cli.options import (
    AsAdmin,
    AsUser,
    CustomerId,
    DryRun,
    Embedded,
    EnvFile,
    Json,
    Since,
    TimeZoneName,
    Until,
)
from interactions_sdk.cli.output_files import validate_output_path
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.transfer import constant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk.transfer.converters import Converter

__all__ = ["archive", "export_command", "import_command", "restore"]

_SHOWN_REJECTS = 10
_MAX_LIMIT = datetime(9999, 12, 31, tzinfo=UTC)


def import_command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A .csv or .jsonl file."),
    ],
    *,
    user: AsUser = None,
    admin: AsAdmin = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="Where a field is found; may be repeated."),
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
            help="Write invalid lines to this file.",
        ),
    ] = None,
    resume: Annotated[  # noqa: ARG001 - every run goes on; people look for the word
        bool,
        typer.Option(
            "--resume", help="Resume after a failure (the default; lines are never duplicated)."
        ),
    ] = False,
    dry_run: DryRun = False,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
) -> None:
    """Log the lines of a file; run again, it goes on where it was. 1 if lines were rejected."""
    read = {".csv": "import_csv", ".jsonl": "import_jsonl"}
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        repo = repository_for(crm, user, admin)
        report = getattr(repo, _method_for_suffix(file, read))(
            file,
            _columns(column, value),
            dry_run=dry_run,
            rejects=rejects,
            on_progress=progress_callback(progress, "Lines"),
        )
    if as_json:
        print_json(asdict(report))
    else:
        what = "would be imported" if dry_run else "imported"
        stdout.print(safe_text(f"{report.lines} lines: {report.imported} {what}."))
        for line in report.rejected[:_SHOWN_REJECTS]:
            stdout.print(safe_text(f"  {line}", "red"))
        if report.rejected_count > _SHOWN_REJECTS:
            stdout.print(
                safe_text(f"  {report.rejected_count} rejected in all: see --rejects.", "dim")
            )
    if report.rejected_count:
        raise typer.Exit(NEGATIVE_RESULT)


def export_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", callback=validate_output_path, help="A .csv, .jsonl or .parquet file."
        ),
    ],
    *,
    user: AsUser = None,
    admin: AsAdmin = None,
    customer: CustomerId = None,
    since: Since = None,
    until: Until = None,
    tz: TimeZoneName = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
) -> None:
    """Write interactions to a file, oldest first; it is there when it is whole."""
    write = {".csv": "export_csv", ".jsonl": "export_jsonl", ".parquet": "export_parquet"}
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm, progress_bar() as progress:
        repo = repository_for(crm, user, admin)
        written = getattr(repo, _method_for_suffix(file, write))(
            file,
            customer_id=customer,
            since=parse_datetime(since, here),
            until=parse_datetime(until, here),
            on_progress=progress_callback(progress, "Interactions"),
        )
    if as_json:
        print_json({"written": written, "file": str(file)})
    else:
        stdout.print(safe_text(f"Wrote {written} interactions to {file}."))


def archive(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go.")],
    *,
    before: Annotated[
        str, typer.Option(metavar="TIME", help="Interactions before then: 2025-01-01, 1y ago.")
    ],
    admin: AsAdmin = None,
    dry_run: DryRun = False,
    tz: TimeZoneName = None,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
) -> None:
    """Move old interactions to Parquet, deleting what was verified as written."""
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
                ended, folder, on_progress=progress_callback(progress, "Archived")
            )
            result = asdict(archived)
    _print_result(result, as_json=as_json)


def restore(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The archive.")
    ],
    *,
    admin: AsAdmin = None,
    year: Annotated[int | None, typer.Option(metavar="YEAR", help="Only this year.")] = None,
    month: Annotated[
        int | None, typer.Option(min=1, max=12, metavar="MONTH", help="Only this month.")
    ] = None,
    keep_files: Annotated[
        bool, typer.Option("--keep-files", help="Leave files whose interactions are back.")
    ] = False,
    embedded: Embedded = None,
    env_file: EnvFile = DOTENV,
    as_json: Json = False,
) -> None:
    """Bring archived interactions back, with their ids, times and permissions."""
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
        raise typer.BadParameter(
            f"{file} should end in {', '.join(methods)}: that tells the format."
        ) from None


def _columns(
    columns: list[str] | None, values: list[str] | None
) -> dict[str, str | Converter] | None:
    """Return where fields are found; None means the names that `export` writes."""
    if not columns and not values:
        return None
    found: dict[str, str | Converter] = dict(map(_pair, columns or []))
    found.update((field, constant(value)) for field, value in map(_pair, values or []))
    if "interaction_type" not in found:
        raise typer.BadParameter("Set the interaction type, e.g. --value interaction_type=call.")
    return found


def _pair(text: str) -> tuple[str, str]:
    field, equals, rest = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is no FIELD=...: --column subject=topic.")
    return field, rest


def _print_result(result: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(dict(result))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in result.items():
        number = len(value) if isinstance(value, Sized) else value
        table.add_row(safe_text(name.replace("_", " ").capitalize()), safe_text(number))
    stdout.print(table)
