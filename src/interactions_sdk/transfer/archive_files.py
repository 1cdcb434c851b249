"""The files of an archive: Parquet in folders by year and month."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.sentences import join_sentences
from interactions_sdk.transfer.archive_rows import (
    OTHER_COLUMNS,
    extra_columns,
    to_interaction,
    to_stored_row,
)
from interactions_sdk.transfer.files import atomic_file, import_extra, sync_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

    from interactions_sdk.transfer.archive_rows import StoredRow

__all__ = ["ArchiveFiles"]


class ArchiveFiles:
    """The archive in one folder, which is created with the first file.

    Raises:
        ConfigurationError: The extra `reports` is not installed.
    """

    def __init__(self, directory: str | Path) -> None:
        self._directory = Path(directory)
        self._polars = import_extra("polars")
        self._parquet = import_extra("pyarrow.parquet")
        self._frame = import_extra("interactions_sdk.reports").frame

    def find(self, year: int | None = None, month: int | None = None) -> list[Path]:
        """Return the files, the earliest month first."""
        years = "*" if year is None else str(year)
        months = "*" if month is None else str(month)
        return sorted(self._directory.glob(f"year={years}/month={months}/*.parquet"), key=_order)

    def write(self, year: int, month: int, rows: Sequence[StoredRow]) -> Path:
        """Write rows of one month to a new file; it is on the disk when this returns."""
        folder = self._directory / f"year={year}" / f"month={month}"
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder.parent, self._directory, self._directory.parent):
            sync_folder(above)
        path = folder / f"{utc_now():%Y%m%dT%H%M%S}-{uuid4().hex}.parquet"
        self._write(path, rows)
        return path

    def _write(self, path: Path, rows: Sequence[StoredRow]) -> None:
        others = self._polars.Series(OTHER_COLUMNS, map(extra_columns, rows), self._polars.String)
        frame = self._frame(map(to_interaction, rows)).with_columns(others)
        # Files may change on a disk over the years; without checksums, a reader would not notice.
        options = {"write_page_checksum": True}
        with atomic_file(path) as part, part.open("wb") as file:
            frame.write_parquet(file, use_pyarrow=True, pyarrow_options=options)

    def read(self, path: Path) -> list[StoredRow]:
        """Return the rows of a file.

        Raises:
            BadRequestError: It is damaged, or not an archive file.
        """
        with self._opened(path) as file:
            return [to_stored_row(archived) for archived in file.read().to_pylist()]

    def values(self, path: Path, column: str) -> set[str]:
        """Return the different values of a column of a file, such as `id`; see `read`."""
        with self._opened(path) as file:
            return set(file.read([column])[column].to_pylist())

    @contextmanager
    def _opened(self, path: Path) -> Generator[Any]:
        """Open a file, and name it in errors."""
        try:
            with self._parquet.ParquetFile(path, page_checksum_verification=True) as file:
                yield file
        except (OSError, ValueError, LookupError, NotImplementedError) as error:
            raise BadRequestError(
                join_sentences(
                    f"{path} is not an archive file or is damaged: {error}",
                    "It was left unchanged; replace it with a copy or move it away.",
                )
            ) from error

    def remove(self, path: Path, ids: Collection[str]) -> None:
        """Remove rows from a file; delete the file if no row is left."""
        self.replace(path, [row for row in self.read(path) if row["$id"] not in ids])

    def remove_duplicates_of(self, year: int, month: int, row_id: str) -> None:
        """Keep a row that several files of a month contain only in the earliest of them."""
        holding = [path for path in self.find(year, month) if row_id in self.values(path, "id")]
        for path in holding[1:]:
            self.remove(path, {row_id})

    def replace(self, path: Path, rows: Sequence[StoredRow]) -> None:
        """Replace the rows of a file; without rows, delete the file."""
        if rows:
            self._write(path, rows)
        else:
            path.unlink()


def _order(path: Path) -> tuple[int, int, str]:
    year, month = (int(folder.name.partition("=")[2]) for folder in (path.parents[1], path.parent))
    return year, month, path.name
