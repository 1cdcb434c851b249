"""Archived interactions, read lazily."""

from __future__ import annotations

from datetime import UTC
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.reports.frames import SCHEMA

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["scan"]


def scan(
    directory: str | Path, *, since: datetime | None = None, until: datetime | None = None
) -> pl.LazyFrame:
    """Read archived Parquet files lazily: only the requested columns and months.

    The files are in folders such as `year=2026/month=5`, which DuckDB and Spark also read. The year
    and month are those of `created_at` in UTC.

    Args:
        directory: The folder that `repo.archive` wrote to.
        since: Only interactions created at or after this, aware. Earlier months are not opened.
        until: Only interactions created before this, aware. Later months are not opened.

    Returns:
        A Polars LazyFrame with the columns of `reports.SCHEMA`; without rows if the folder has no
        Parquet files. Columns missing from the files are null, and additional columns are left out.

    Raises:
        FileNotFoundError: The folder does not exist.
        ConfigurationError: `since` or `until` has no time zone.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as empty:
        ...     scan(empty).collect().height
        0
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise FileNotFoundError(f"Archive folder {str(folder)!r} not found.")
    bounds = [
        condition
        for moment, conditions in ((since, _since), (until, _until))
        if moment is not None
        for condition in conditions(_in_utc(moment))
    ]
    if next(folder.rglob("*.parquet"), None) is None:
        return pl.LazyFrame(schema=SCHEMA)
    rows = pl.scan_parquet(
        Path(escape(str(folder))) / "**" / "*.parquet",
        schema=SCHEMA,
        hive_partitioning=True,
        hive_schema={"year": pl.Int32, "month": pl.Int32},
        missing_columns="insert",
        extra_columns="ignore",
    )
    return rows.filter(*bounds).select(SCHEMA.names())


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ConfigurationError(
            f"since and until need a time zone, such as UTC: {moment!r} has none."
        )
    return moment.astimezone(UTC)


def _month() -> pl.Expr:
    return pl.col("year") * 12 + pl.col("month")


def _since(moment: datetime) -> tuple[pl.Expr, pl.Expr]:
    return _month() >= moment.year * 12 + moment.month, pl.col("created_at") >= moment


def _until(moment: datetime) -> tuple[pl.Expr, pl.Expr]:
    return _month() <= moment.year * 12 + moment.month, pl.col("created_at") < moment
