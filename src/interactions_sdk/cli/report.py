"""`interactions report`: summaries, as a table, as JSON, as a chart."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, open_client, repository_for
from interactions_sdk.cli.console import print_json, progress_bar, progress_callback, stdout
from interactions_sdk.cli.output_files import print_written, validate_output_path
from interactions_sdk.cli.records import print_csv
from interactions_sdk.cli.report_table import render_report
from interactions_sdk.cli.times import parse_datetime, parse_timezone
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.errors import BadRequestError, ConfigurationError
from interactions_sdk.sentences import end_sentence
from interactions_sdk.transfer.files import atomic_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import polars as pl

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.reports import Column

__all__ = ["Report", "report"]

_CHARTS = (".png", ".svg", ".pdf", ".html")


class Report(StrEnum):
    """The reports; `interactions_sdk.reports` has a function of each name."""

    BY_TYPE = "by_type"
    USER_ACTIVITY = "user_activity"
    ENGAGEMENT = "engagement"
    FOLLOW_UP_COMPLETION = "follow_up_completion"
    STALE_CUSTOMERS = "stale_customers"
    HEATMAP = "heatmap"


class Every(StrEnum):
    """Periods."""

    DAY = "1d"
    WEEK = "1w"
    MONTH = "1mo"
    QUARTER = "1q"
    YEAR = "1y"


def _validate_chart_path(path: Path | None) -> Path | None:
    place = validate_output_path(path)
    if place is not None and place.suffix.lower() not in _CHARTS:
        raise typer.BadParameter(f"{place} must end in {', '.join(_CHARTS)}.")
    return place


def report(
    name: Annotated[Report, typer.Argument(metavar="NAME", help="The report.")],
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    since: options.Since = None,
    until: options.Until = None,
    every: Annotated[
        Every | None, typer.Option(metavar="PERIOD", help=f"Period: {', '.join(Every)}.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="Reference time (default: now).")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=0, metavar="DAYS", help="Days without contact that count as stale."),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Read archived files instead of the server."),
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=_validate_chart_path,
            help="Save a chart (.png, .svg, .pdf or .html).",
        ),
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Print a report on the interactions that the user or admin can see, or on an archive."""
    _need_extra()
    from interactions_sdk import reports  # noqa: PLC0415 - needs the extra, and takes a second

    here = parse_timezone(tz)
    summarise: Callable[..., pl.DataFrame] = getattr(reports, name)
    passed = {"every": every, "as_of": parse_datetime(as_of, here), "days": days}
    arguments: dict[str, object] = {
        option: value for option, value in passed.items() if value is not None
    }
    _refuse_useless(name, summarise, arguments)
    if "tz" in inspect.signature(summarise).parameters:
        arguments["tz"] = here if isinstance(here, ZoneInfo) else UTC
    began, ended = parse_datetime(since, here), parse_datetime(until, here)
    if archive is not None:
        result = summarise(_archived(archive, began, ended), **arguments)
    else:
        with open_client(embedded, env_file) as crm, progress_bar() as progress:
            repo = repository_for(crm, user, admin)
            interactions = repo.iterate(since=began, until=ended)
            count = progress_callback(progress, "Interactions")
            result = summarise(reports.frame(_counted(interactions, count)), **arguments)
            if "customer_id" in result.columns and admin is not None:
                names = crm.customers.names(result["customer_id"])
                result = reports.with_customer_names(result, names)
    if png is not None:
        chart: Any = reports.plot(result)
        with atomic_file(png) as part:
            chart.save(str(part), format=png.suffix.lower().removeprefix("."))
        print_written(png, as_json=as_json)
    elif as_json:
        print_json([_plain(row) for row in result.iter_rows(named=True)])
    elif as_csv:
        print_csv(map(_plain, result.iter_rows(named=True)), result.columns)
    else:
        stdout.print(render_report(result, _columns(name, result), here))


def _columns(name: str, result: pl.DataFrame) -> list[Column]:
    """Return what the columns are, also that of the names of customers."""
    from interactions_sdk import reports  # noqa: PLC0415 - needs the extra

    of_report = {column.name: column for column in reports.columns(name)}
    return [
        of_report.get(column) or reports.Column(column, "text", "name", "The customer's name.")
        for column in result.columns
    ]


def _archived(folder: Path, since: datetime | None, until: datetime | None) -> pl.DataFrame:
    from polars.exceptions import PanicException, PolarsError  # noqa: PLC0415 - needs the extra

    from interactions_sdk import reports  # noqa: PLC0415 - needs the extra

    try:
        return reports.scan(folder, since=since, until=until).collect()
    except (PolarsError, PanicException) as error:
        raise BadRequestError(
            end_sentence(f"A file in {folder} is damaged, or not an archive file: {error}")
        ) from error


def _counted(
    interactions: Iterable[CustomerInteraction], count: Callable[[int], None]
) -> Iterator[CustomerInteraction]:
    for number, interaction in enumerate(interactions, 1):
        yield interaction
        count(number)


def _need_extra() -> None:
    missing = [name for name in ("altair", "narwhals", "polars") if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"Reports need {' and '.join(missing)}: "
            "install interactions-sdk with the extra `reports`."
        )


def _refuse_useless(name: str, function: Callable[..., object], chosen: Iterable[str]) -> None:
    taken = inspect.signature(function).parameters
    useless = [f"--{option.replace('_', '-')}" for option in chosen if option not in taken]
    if useless:
        raise UsageError(f"The report {name} takes no {' and no '.join(useless)}.")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        column: value.isoformat() if isinstance(value, datetime) else value
        for column, value in row.items()
    }
