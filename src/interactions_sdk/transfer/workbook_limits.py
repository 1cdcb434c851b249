"""Limits for workbooks of unknown origin, in which a few bytes can stand for billions of cells."""

from __future__ import annotations

import re
import zipfile
import zlib
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_workbook"]

_MAX_UNPACKED = 2**30
_MAX_CELLS = 20_000_000
_MAX_TAG = 2**20
_PIECE = 2**18
_WORKBOOK = "xl/workbook.xml"
_CELL = re.compile(rb"<(?:\w{1,99}:)?(?:c|row)\b")
_POSITION = re.compile(_CELL.pattern + rb"""[^<]*?\br=["']([A-Za-z]{0,7})([0-9]{1,12})["']""")
_FAILURES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def check_workbook(path: str | Path) -> None:
    """Check that the cells of a workbook fit in memory, without loading it as a whole.

    calamine allocates every cell up to the last one of a sheet, even empty ones, and aborts the
    process if there is not enough memory. A file that is not an archive, such as an Excel 97
    workbook, is left to it.

    Raises:
        ValueError: The cells do not fit, or the archive is not an .xlsx file.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if _WORKBOOK not in names:
                raise ValueError("it is not an .xlsx file")
            unpacked = 0
            for name in names:
                unpacked = _check_member(archive, name, unpacked)
    except _FAILURES as error:
        raise ValueError(str(error)) from error


def _check_member(archive: zipfile.ZipFile, name: str, unpacked: int) -> int:
    """Check one file of the archive; return how many bytes are unpacked so far."""
    columns = rows = 1
    kept = b""
    with archive.open(name) as file:
        for read in iter(partial(file.read, _PIECE), b""):
            unpacked += len(read)
            if unpacked > _MAX_UNPACKED:
                raise ValueError(f"it has more than {_MAX_UNPACKED // 2**20} MiB")
            whole, tag, rest = (kept + read).rpartition(b"<")
            kept = tag + rest if tag else b""  # a tag that continues in the next piece
            if len(kept) > _MAX_TAG:
                if _CELL.match(kept):
                    raise ValueError(f"a cell of {name} is too large")
                kept = b""  # a long text: nothing in it counts until the next tag
            for column, row in _POSITION.findall(whole):
                columns = max(columns, _column_number(column))
                rows = max(rows, int(row))
            if columns * rows > _MAX_CELLS:
                raise ValueError(
                    f"a sheet has {rows:,} rows and {columns:,} columns, more than {_MAX_CELLS:,} "
                    "cells. Delete empty rows and columns at its end"
                )
    return unpacked


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
