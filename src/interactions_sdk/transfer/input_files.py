"""Files to import: opened as text more than once, or as a sheet of a workbook."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from interactions_sdk.errors import BadRequestError
from interactions_sdk.transfer.excel import SheetReader, open_sheet
from interactions_sdk.transfer.files import sync_folder
from interactions_sdk.transfer.readers import CsvReader, JsonLinesReader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TextIO

    Reader = CsvReader | JsonLinesReader | SheetReader
    """Reads the lines of a file in one format."""
    OpenReader = Callable[[], Reader]
    """Opens a file for reading, each time from the start."""

__all__ = ["RejectsFile", "csv_input", "json_lines_input", "open_rejects", "xlsx_input"]


class _TextFile:
    """A file whose text can be read from the start any number of times."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._text: TextIO | None = None

    def text(self) -> TextIO:
        """Return the text from the start; bytes that are not characters are kept as surrogates."""
        if self._text is not None:
            self._text.detach()  # type: ignore[attr-defined]
        self._file.seek(0)
        self._text = io.TextIOWrapper(
            self._file, encoding=self._encoding, errors="surrogateescape", newline=""
        )
        return self._text


@contextmanager
def _open_text(path: str | Path, encoding: str) -> Generator[_TextFile]:
    """Open a file for reading.

    A file that can be read only once, such as a pipe, is copied to a temporary file, because date
    formats are determined before the lines are read.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise BadRequestError(f"Unknown encoding {encoding!r}.") from error
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(Path(path).open("rb"))
        if not file.seekable():
            copy = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(file, copy)
            file = copy
        yield _TextFile(file, encoding)


@contextmanager
def csv_input(path: str | Path, *, delimiter: str, encoding: str) -> Generator[OpenReader]:
    """Open a CSV file."""
    with _open_text(path, encoding) as file:
        yield lambda: CsvReader(file.text(), delimiter, encoding=encoding)


@contextmanager
def json_lines_input(path: str | Path, *, encoding: str) -> Generator[OpenReader]:
    """Open a JSON Lines file."""
    with _open_text(path, encoding) as file:
        yield lambda: JsonLinesReader(file.text(), encoding=encoding)


@contextmanager
def xlsx_input(path: str | Path, *, sheet: str | int) -> Generator[OpenReader]:
    """Open a sheet of a workbook."""
    opened = open_sheet(path, sheet)
    yield lambda: SheetReader(opened)


class RejectsFile:
    """The file for rejected lines, created with the first of them.

    Attributes:
        append: Whether lines of an earlier run are kept.
        in_place: Whether the lines are written to the file itself, so they exist when a progress
            file marks them as processed. Otherwise, the file gets its name at the end of the run.
    """

    def __init__(self, path: Path | None, encoding: str) -> None:
        self.append = False
        self.in_place = False
        self._part: Path | None = None
        self._path = path
        self._encoding = encoding
        self._file: TextIO | None = None

    def write(self, text: str, header: str) -> None:
        """Add a rejected line."""
        if self._path is None:
            return
        if self._file is None:
            is_there = self.append and self._path.exists()
            if not self.in_place:
                self._part = self._path.with_name(f"{self._path.name}.{uuid4().hex}.part")
            self._file = (self._part or self._path).open(
                "a" if is_there else "w",
                encoding=self._encoding,
                errors="surrogateescape",
                newline="",
            )
            self._file.write("" if is_there else header)
        self._file.write(text)

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file, if there is one, and rename it into place."""
        if self._file is None or self._path is None:
            return
        try:
            with self._file:
                self.sync()
            if self._part is not None:
                self._part.replace(self._path)
            sync_folder(self._path.parent)
        finally:
            if self._part is not None:
                self._part.unlink(missing_ok=True)


@contextmanager
def open_rejects(
    source: str | Path, rejects: str | Path | None, encoding: str
) -> Generator[RejectsFile]:
    """Open the file of rejected lines for a run.

    Raises:
        BadRequestError: It is the imported file.
    """
    if rejects is not None and Path(rejects).exists() and Path(rejects).samefile(source):
        raise BadRequestError("rejects= must not be the imported file itself.")
    writing = RejectsFile(None if rejects is None else Path(rejects), encoding)
    try:
        yield writing
    finally:
        writing.close()
