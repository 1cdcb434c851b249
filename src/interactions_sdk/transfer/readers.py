"""The lines of CSV and JSON Lines files, read one by one, and written back where they are bad."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue, TypeAdapter, ValidationError

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from interactions_sdk.transfer.converters import Row

__all__ = ["CsvReader", "JsonLinesReader", "Line", "Reader"]

_NUMBER, _REASON = "import_line", "import_error"
_SEPARATOR = "\x1f"
_read_object = TypeAdapter(dict[str, JsonValue]).validate_json


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: Where it begins, from 1.
        raw: What stands there: the fields of a CSV line, or the one text of a JSON line.
        row: The value of each column; None where the line cannot be read.
        fault: Why it cannot be read.
    """

    number: int
    raw: Sequence[str]
    row: Row | None = None
    fault: str = ""

    def idempotency_key(self, source: str) -> str:
        """Return the idempotency key of the line: the same whenever the file is read again.

        Args:
            source: The file's name.
        """
        content = _SEPARATOR.join(self.raw).encode(errors="surrogateescape")
        return f"import {source} {self.number} {hashlib.sha256(content).hexdigest()}"


class Reader(Protocol):
    """The lines of a file in one of the formats."""

    @property
    def columns(self) -> Sequence[str] | None:
        """The columns that every line has, if the format defines them."""
        ...

    @property
    def header(self) -> str:
        """What a file of rejected lines begins with."""
        ...

    def __iter__(self) -> Iterator[Line]: ...

    def rejected_line(self, line: Line, reason: str) -> str:
        """Write a rejected line so that it can be fixed and imported again."""
        ...


class CsvReader:
    r"""The lines of a CSV file.

    Args:
        texts: The file's lines of text, line ends as they are.
        delimiter: What stands between two fields.

    Raises:
        BadRequestError: There is no header, or it names a column twice.

    Example:
        >>> reader = CsvReader(["subject,minutes\n", "Renewal,12\n"])
        >>> [(line.number, line.row) for line in reader]
        [(2, {'subject': 'Renewal', 'minutes': '12'})]
    """

    def __init__(self, texts: Iterable[str], delimiter: str = ",") -> None:
        self._delimiter = delimiter
        try:
            self._reader = csv.reader(texts, delimiter=delimiter)
            header = next(self._reader, list[str]())
        except (TypeError, csv.Error) as error:
            raise BadRequestError(f"The file cannot be read as CSV: {error}.") from error
        self.columns = [name.strip() for name in header]
        if not any(self.columns):
            raise BadRequestError("The file has no header: its first line must name the columns.")
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise BadRequestError(f"The header names more than one column {twice[0]!r}.")

    def __iter__(self) -> Iterator[Line]:
        while True:
            number = self._reader.line_num + 1
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, (), fault=f"not CSV: {error}")
                continue
            if fields:
                yield self._line(number, fields)

    def _line(self, number: int, fields: list[str]) -> Line:
        if len(fields) != len(self.columns):
            fault = f"expected {len(self.columns)} fields, found {len(fields)}"
            return Line(number, fields, fault=fault)
        if fault := _decoding_error(fields):
            return Line(number, fields, fault=fault)
        return Line(number, fields, dict(zip(self.columns, fields, strict=True)))

    @property
    def header(self) -> str:
        """The header, after the columns that say what is wrong."""
        return self._write([_NUMBER, _REASON, *self._kept(self.columns)])

    def rejected_line(self, line: Line, reason: str) -> str:
        """Write what is wrong, and the fields as they are."""
        return self._write([str(line.number), reason, *self._kept(line.raw)])

    def _kept(self, fields: Sequence[str]) -> Sequence[str]:
        """Leave out what an earlier import said, where its rejected lines are imported."""
        return fields[2:] if self.columns[:2] == [_NUMBER, _REASON] else fields

    def _write(self, fields: Sequence[str]) -> str:
        written = io.StringIO()
        csv.writer(written, delimiter=self._delimiter).writerow(fields)
        return written.getvalue()


class JsonLinesReader:
    """The lines of a JSON Lines file: an object in each.

    Args:
        texts: The file's lines of text.

    Example:
        >>> [(line.number, line.row) for line in JsonLinesReader(['{"subject": "Renewal"}'])]
        [(1, {'subject': 'Renewal'})]
    """

    columns = None
    header = ""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[Line]:
        for number, text in enumerate(self._texts, start=1):
            raw = text.strip()
            if raw:
                yield self._line(number, raw)

    def _line(self, number: int, raw: str) -> Line:
        if fault := _decoding_error([raw]):
            return Line(number, [raw], fault=fault)
        try:
            return Line(number, [raw], _read_object(raw))
        except ValidationError as error:
            return Line(number, [raw], fault=f"not a JSON object: {error.errors()[0]['msg']}")

    def rejected_line(self, line: Line, reason: str) -> str:
        """Write the object with what is wrong; what is not an object, unchanged."""
        if line.row is None:
            return f"{line.raw[0]}\n"
        told = {**line.row, _NUMBER: line.number, _REASON: reason}
        return json.dumps(told, ensure_ascii=False) + "\n"


def _decoding_error(texts: Sequence[str]) -> str:
    """Return an error for bytes that are not characters of the file's encoding."""
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError as error:
        byte = ord(error.object[error.start]) - 0xDC00
        return f"the byte {byte:#04x} is not a character in the file's encoding"
    return ""
