"""The rows of a sheet of an Excel workbook, as lines of texts."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from interactions_sdk.errors import BadRequestError
from interactions_sdk.sentences import end_sentence
from interactions_sdk.transfer.files import import_extra
from interactions_sdk.transfer.readers import Line, TableReader
from interactions_sdk.transfer.workbook_limits import check_workbook

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

__all__ = ["SheetReader", "open_sheet"]


def open_sheet(path: str | Path, sheet: str | int) -> Any:  # noqa: ANN401 - calamine's own
    """Open a sheet of a workbook, by name or by index from 0; it is read as a whole.

    Raises:
        ConfigurationError: The extra `excel` is not installed.
        BadRequestError: It is not a workbook, has no such sheet, or has too many cells.
    """
    calamine = import_extra("python_calamine", "excel")
    with _readable(path, calamine):
        check_workbook(path)
        workbook = calamine.CalamineWorkbook.from_path(str(path))
    names: list[str] = workbook.sheet_names
    name = sheet if isinstance(sheet, str) else dict(enumerate(names)).get(sheet)
    if name not in names:
        raise BadRequestError(
            f"{path} has no sheet {sheet!r}; it has {', '.join(map(repr, names))}."
        )
    with _readable(path, calamine):
        return workbook.get_sheet_by_name(name)


@contextmanager
def _readable(path: str | Path, calamine: Any) -> Generator[None]:  # noqa: ANN401 - the module
    try:
        yield
    except (ValueError, calamine.CalamineError) as error:
        raise BadRequestError(
            end_sentence(f"{path} cannot be read as an Excel workbook: {error}")
        ) from error


class SheetReader(TableReader):
    """Reads the rows of a sheet; the first row with any text is the header.

    Dates become ISO texts, and numbers the shortest equivalent text. A file of rejected rows is CSV
    with the same columns.

    Raises:
        BadRequestError: There is no header, or it names a column twice.
    """

    def __init__(self, sheet: Any) -> None:  # noqa: ANN401 - calamine's own
        self.read_as = f"the sheet {sheet.name!r}"
        self._rows = self._texts(sheet)
        with_text = (fields for _, fields in self._rows if any(map(str.strip, fields)))
        header = next(with_text, list[str]())
        super().__init__(header, ",")

    def _texts(self, sheet: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401
        rows = enumerate(sheet.to_python(skip_empty_area=False), start=1)
        for number, cells in rows:
            yield number, list(map(_text, cells))

    def __iter__(self) -> Iterator[Line]:
        for number, fields in self._rows:
            if any(map(str.strip, fields)):
                yield self.line(number, fields)
            else:
                self.blank += 1


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)
