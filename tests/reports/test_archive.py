"""Lazy reading of archived interactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from interactions_sdk import reports
from interactions_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from interactions_sdk.models.interaction import CustomerInteraction


def _write(folder: Path, frame: pl.DataFrame) -> None:
    created = pl.col("created_at")
    for (year, month), part in frame.group_by(year=created.dt.year(), month=created.dt.month()):
        target = folder / f"year={year}" / f"month={month}"
        target.mkdir(parents=True)
        part.write_parquet(target / "part-0.parquet")


@pytest.fixture
def frame(make: Callable[..., CustomerInteraction]) -> pl.DataFrame:
    """Return interactions of four months in two years."""
    moments = ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-05-04T10:00:00Z"]
    return reports.frame([make(moment) for moment in [*moments, "2026-10-01T00:00:00Z"]])


@pytest.fixture
def archive(tmp_path: Path, frame: pl.DataFrame) -> Path:
    """Return an archive of the same interactions."""
    _write(tmp_path, frame)
    return tmp_path


def test_an_archive_is_read_as_it_was_written(archive: Path, frame: pl.DataFrame) -> None:
    """The lazy frame has the columns of a frame, without the folders' year and month."""
    scanned = reports.scan(archive)

    assert isinstance(scanned, pl.LazyFrame)
    assert frame.equals(scanned.collect().sort("created_at"))
    assert frame.equals(reports.scan(str(archive)).collect().sort("created_at"))


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), None, ["i2", "i3", "i4"]),
        (None, datetime(2026, 1, 1, tzinfo=UTC), ["i1"]),
        (
            datetime(2026, 5, 4, 12, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 10, 1, tzinfo=UTC),
            ["i3"],
        ),
        (datetime(2026, 5, 4, 10, 0, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC), []),
    ],
)
def test_a_range_of_time_is_since_inclusive_until_exclusive(
    archive: Path, since: datetime | None, until: datetime | None, expected: list[str]
) -> None:
    """`since` is inclusive and `until` exclusive, by `created_at`."""
    scanned = reports.scan(archive, since=since, until=until).collect()

    assert expected == scanned.sort("created_at")["id"].to_list()


def test_months_outside_the_range_are_not_opened(archive: Path) -> None:
    """An invalid file of another month is not read."""
    (archive / "year=2025" / "month=12" / "part-0.parquet").write_bytes(b"broken")

    scanned = reports.scan(archive, since=datetime(2026, 1, 1, tzinfo=UTC)).collect()

    assert 3 == scanned.height


def test_columns_may_be_missing_or_more(tmp_path: Path, frame: pl.DataFrame) -> None:
    """Missing columns are added and further ones ignored."""
    _write(tmp_path, frame.drop("follow_up_snoozes").with_columns(new=pl.lit(1)))

    scanned = reports.scan(tmp_path).collect()

    assert reports.SCHEMA == scanned.schema
    assert [None] * 4 == scanned["follow_up_snoozes"].to_list()


def test_an_empty_archive_has_no_rows(tmp_path: Path) -> None:
    """A report on an empty archive is empty."""
    scanned = reports.scan(tmp_path, since=datetime(2026, 1, 1, tzinfo=UTC))

    assert reports.frame([]).equals(scanned.collect())


def test_a_missing_archive_is_an_error(tmp_path: Path) -> None:
    """A missing folder is an error, not an empty archive."""
    with pytest.raises(FileNotFoundError, match=r"Archive folder .* not found"):
        reports.scan(tmp_path / "nowhere")


def test_bounds_need_a_zone(tmp_path: Path) -> None:
    """A naive time is rejected."""
    with pytest.raises(ConfigurationError, match="time zone"):
        reports.scan(tmp_path, since=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_a_report_reads_only_what_it_needs(archive: Path) -> None:
    """Only the report's columns are read from the files."""
    plan = reports.heatmap(reports.scan(archive)).explain()

    assert "PROJECT 1/" in plan


def test_duckdb_reads_the_archive_itself(archive: Path, frame: pl.DataFrame) -> None:
    """Other engines can read the archive without this library."""
    with duckdb.connect() as connection:
        rows = connection.read_parquet(f"{archive}/**/*.parquet", hive_partitioning=True)
        found = reports.by_type(rows, every="1y").pl()

    assert reports.by_type(frame, every="1y")["interactions"].equals(found["interactions"])
