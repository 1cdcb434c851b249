"""Workbooks that would not fit in memory are rejected before they are read."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from interactions_sdk import BadRequestError
from interactions_sdk.transfer import workbook_limits
from interactions_sdk.transfer.excel import SheetReader, open_sheet
from tests.workbooks import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>subject</t></is></c></row>'
SHEET = "xl/worksheets/sheet1.xml"


def workbook(folder: Path, rows: str, **more: bytes) -> Path:
    """Write a workbook with these rows in its sheet, and other files."""
    path = folder / "book.xlsx"
    write_workbook(folder / "whole.xlsx", {"S": [["subject"]]})
    with ZipFile(folder / "whole.xlsx") as whole, ZipFile(path, "w", ZIP_DEFLATED) as written:
        for name in whole.namelist():
            if name != SHEET:
                written.writestr(name, whole.read(name))
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        data = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
        written.writestr(SHEET, data)
        for name, content in more.items():
            written.writestr(name, content)
    return path


def cell(position: str, attributes: str = "") -> str:
    """Return a row with one cell."""
    return f'<row><c {attributes} r="{position}"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROW + cell("XFD1048576"), "a sheet has 1,048,576 rows and 16,384 columns, more than"),
        (ROW + cell("ZZZZZZZ99999999999"), "a sheet has 99,999,999,999 rows"),
        (ROW + cell("XFD1048576", 't=">"'), "a sheet has 1,048,576 rows"),
        (ROW + cell("XFD1048576").replace('"', "'"), "a sheet has 1,048,576 rows"),
        (ROW + "<x:row r='20000001'><x:c></x:c></x:row>".replace("x:c", "c"), "20,000,001 rows"),
        (ROW + cell("XFD1048576", f't="{"a" * 2**18}"'), "a sheet has 1,048,576 rows"),
        (ROW + cell("XFD1048576", f't="{"a" * 2**21}"'), "a cell of xl/worksheets/sheet1.xml"),
        (ROW.replace("</row>", "<"), "sheetData"),
        ('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "Cell string index"),
        (ROW + cell("A2", 't="b"').replace(">1<", ">2<"), "Unrecognized boolean"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused(tmp_path: Path, rows: str, reason: str) -> None:
    """Oversized and invalid sheets are rejected before they exhaust memory or crash calamine."""
    with pytest.raises(BadRequestError, match="cannot be read as an Excel workbook") as refused:
        open_sheet(workbook(tmp_path, rows), 0)
    assert reason in str(refused.value)


def test_what_unpacks_to_more_than_fits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unpacked size of all files together is limited."""
    monkeypatch.setattr(workbook_limits, "_MAX_UNPACKED", 2**21)
    path = workbook(tmp_path, ROW, a=b"a" * 2**20, b=b"b" * 2**20)
    with pytest.raises(BadRequestError, match="it has more than 2 MiB"):
        open_sheet(path, 0)


def test_what_only_looks_like_a_cell_does_not_count(tmp_path: Path) -> None:
    """Large images, and texts that contain cell references, are accepted."""
    text = cell("A2", 't="str"').replace(">1<", '>c r="XFD1048576"<')
    path = workbook(tmp_path, ROW + text, picture=b"<" + bytes(2**21), other=bytes(10))

    lines = list(SheetReader(open_sheet(path, 0)))

    assert [{"subject": 'c r="XFD1048576"'}] == [line.row for line in lines]


def test_a_long_text_takes_no_memory(tmp_path: Path) -> None:
    """A text of any length is checked in pieces."""
    path = workbook(tmp_path, ROW, text=b"<t>" + b"a" * 2**25)
    tracemalloc.start()
    try:
        workbook_limits.check_workbook(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**23


def test_other_archives_are_no_workbooks(tmp_path: Path) -> None:
    """Other archives, and workbooks with a damaged file, are rejected."""
    other = tmp_path / "other.xlsx"
    with ZipFile(other, "w") as file:
        file.writestr("content.xml", "")
    with pytest.raises(BadRequestError, match=r"it is not an \.xlsx file"):
        open_sheet(other, 0)
    path = workbook(tmp_path, ROW, z=bytes(range(256)) * 100)
    content = path.read_bytes()
    (tmp_path / "damaged.xlsx").write_bytes(content.replace(b"PK\x03\x04", b"PK\x03\x05", 1))
    with pytest.raises(BadRequestError, match="cannot be read as an Excel workbook"):
        open_sheet(tmp_path / "damaged.xlsx", 0)


def test_a_file_that_is_no_archive_is_left_to_calamine(tmp_path: Path) -> None:
    """If the file is not an archive, the error is calamine's."""
    path = tmp_path / "text.xlsx"
    path.write_text("subject\n")
    with pytest.raises(BadRequestError, match="cannot be read as an Excel workbook"):
        open_sheet(path, 0)
