"""Reading CSV and JSON Lines files line by line, and writing rejected lines."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from interactions_sdk.errors import BadRequestError
from interactions_sdk.sentences import end_sentence, join_sentences
from interactions_sdk.transfer.json_numbers import read_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from interactions_sdk.transfer.converters import Row

__all__ = ["CsvReader", "JsonLinesReader", "Line", "Reader", "TableReader"]

_LINE, _REASON = "line", "reason"
"""The additional columns of a file of rejected lines."""

_REJECTED = re.compile(r',? ?"line": \d+, "reason": "(?:[^"\\]|\\.)*"$')
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_SEPARATOR = "\x1f"
_MAX_CELL = 16 * 2**20
"""Maximum length of a cell; Python's default of 131,072 is too small for some exports."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: Where it begins, from 1.
        raw: Its content: the fields of a CSV line, or the text of a JSON line.
        row: The value of each column; None if the line cannot be read.
        fault: Why it cannot be read.
    """

    number: int
    raw: Sequence[str]
    row: Row | None = None
    fault: str = ""

    def idempotency_key(self, source: str) -> str:
        """Return the idempotency key of the line, which is the same whenever the file is read."""
        content = _SEPARATOR.join(self.raw).encode(errors="surrogateescape")
        return f"import {source} {self.number} {hashlib.sha256(content).hexdigest()}"


class Reader(Protocol):
    """Reads the lines of a file in one format."""

    blank: int
    """The number of lines so far with only blanks and delimiters."""

    @property
    def columns(self) -> Sequence[str] | None:
        """The columns that every line has, if the format defines them."""
        ...

    @property
    def header(self) -> str:
        """The beginning of a file of rejected lines."""
        ...

    @property
    def read_as(self) -> str:
        """How the file is read, for messages."""
        ...

    def __iter__(self) -> Iterator[Line]: ...

    def rejected_line(self, line: Line, reason: str) -> str:
        """Write a rejected line so that it can be corrected and imported."""
        ...


class _Recorder:
    """The lines of a file as text, which remembers those that were read last."""

    def __init__(self, texts: Iterable[str], encoding: str) -> None:
        self._texts = iter(texts)
        self._encoding = encoding
        self._number = 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._number += 1
        try:
            text = next(self._texts)
        except UnicodeError as error:  # of an encoding that surrogates cannot represent
            raise BadRequestError(
                join_sentences(
                    f"The file cannot be read as {self._encoding} from about line {self._number} "
                    f"on: {error}",
                    "Give its encoding=, such as cp1252 or utf-16.",
                )
            ) from error
        self.taken.append(text)
        return text


class TableReader:
    """Reads lines of fields; the first line is the header.

    Raises:
        BadRequestError: There is no header, or it names a column twice.

    Attributes:
        columns: The names of the columns, in order; an empty string for a column without a name.
        delimiter: The character between two fields of rejected lines.
        blank: Lines so far without any text.
    """

    def __init__(self, header: Sequence[str], delimiter: str) -> None:
        self.blank = 0
        self.delimiter = delimiter
        self.columns = [name.strip() for name in header]
        _require_header(self.columns)
        self._named = [(index, name) for index, name in enumerate(self.columns) if name]

    def line(self, number: int, fields: Sequence[str]) -> Line:
        """Return a line of these fields."""
        if len(fields) != len(self.columns):
            fault = f"expected {len(self.columns)} fields, found {len(fields)}"
            return Line(number, fields, fault=fault)
        return Line(number, fields, {name: fields[index] for index, name in self._named})

    @property
    def header(self) -> str:
        """The header, with the columns for the line number and the reason."""
        return self._write([*self._without_reason(self.columns), _LINE, _REASON])

    def rejected_line(self, line: Line, reason: str) -> str:
        """Write the fields unchanged, with the line number and the reason."""
        fields = self._without_reason(line.raw)
        missing = len(self._without_reason(self.columns)) - len(fields)
        return self._write([*fields, *[""] * missing, str(line.number), reason])

    def _without_reason(self, fields: Sequence[str]) -> Sequence[str]:
        """Leave out the reason columns if the file contains an earlier import's rejected lines."""
        has_reason = self.columns[-2:] == [_LINE, _REASON] and len(fields) == len(self.columns)
        return fields[:-2] if has_reason else fields

    def _write(self, fields: Sequence[str]) -> str:
        written = io.StringIO()
        csv.writer(written, delimiter=self.delimiter).writerow(fields)
        return written.getvalue()


class CsvReader(TableReader):
    r"""Reads the lines of a CSV file.

    A first line such as `sep=;` sets the delimiter, as in Excel. Columns without a name are
    ignored, and blank lines are counted and skipped. `encoding` is for messages.

    Raises:
        BadRequestError: There is no header, or it names a column twice.

    Example:
        >>> reader = CsvReader(["subject,minutes\n", "Renewal,12\n"])
        >>> [(line.number, line.row) for line in reader]
        [(2, {'subject': 'Renewal', 'minutes': '12'})]
    """

    def __init__(
        self, texts: Iterable[str], delimiter: str = ",", *, encoding: str = "utf-8"
    ) -> None:
        # The limit applies to the process. Raising it is safe: it only limits memory.
        csv.field_size_limit(max(csv.field_size_limit(), _MAX_CELL))
        self._encoding = encoding
        self._raw = _Recorder(texts, encoding)
        first = next(self._raw, "")
        declared = _DELIMITER_LINE.fullmatch(first)
        delimiter = declared[1] if declared else delimiter
        self._declaration = f"sep={delimiter}\r\n" if declared else ""
        try:
            lines = self._raw if declared else chain([first], self._raw)
            self._reader = csv.reader(lines, delimiter=delimiter)
            header = next(self._reader, list[str]())
        except (TypeError, csv.Error) as error:
            raise BadRequestError(
                end_sentence(
                    f"The header cannot be read as CSV with the delimiter {delimiter!r}: {error}"
                )
            ) from error
        super().__init__(header, delimiter)

    @property
    def read_as(self) -> str:
        """How the file is read, for messages."""
        return f"{self._encoding} with the delimiter {self.delimiter!r}"

    def __iter__(self) -> Iterator[Line]:
        while True:
            number = self._reader.line_num + bool(self._declaration) + 1
            self._raw.taken.clear()
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, ["".join(self._raw.taken)], fault=f"not CSV: {error}")
                continue
            if fault := _decoding_error(fields, self._encoding):
                yield Line(number, fields, fault=fault)
            elif any(map(str.strip, fields)):
                yield self.line(number, fields)
            else:
                self.blank += 1

    @property
    def header(self) -> str:
        """The header, after the line that declares the delimiter, if there is one."""
        return self._declaration + super().header


def _require_header(columns: Sequence[str]) -> None:
    if not any(columns):
        raise BadRequestError("The file has no header: its first line must name the columns.")
    positions: dict[str, int] = {}
    for position, name in enumerate(columns, start=1):
        if name and positions.setdefault(name, position) != position:
            raise BadRequestError(
                f"The header names the column {name!r} twice, in the positions {positions[name]} "
                f"and {position}: rename one of them."
            )


class JsonLinesReader:
    """Reads the lines of a JSON Lines file, one object per line.

    Numbers keep their written form, for text columns. `encoding` is for messages.

    Example:
        >>> [(line.number, line.row) for line in JsonLinesReader(['{"subject": "Renewal"}'])]
        [(1, {'subject': 'Renewal'})]
    """

    columns = None
    header = ""

    def __init__(self, texts: Iterable[str], *, encoding: str = "utf-8") -> None:
        self._texts = texts
        self._encoding = encoding
        self.blank = 0

    def __iter__(self) -> Iterator[Line]:
        for number, text in enumerate(_Recorder(self._texts, self._encoding), start=1):
            raw = text.strip()
            if raw:
                yield self._line(number, raw)
            else:
                self.blank += 1

    @property
    def read_as(self) -> str:
        """How the file is read, for messages."""
        return self._encoding

    def _line(self, number: int, raw: str) -> Line:
        if fault := _decoding_error([raw], self._encoding):
            return Line(number, [raw], fault=fault)
        try:
            return Line(number, [raw], read_object(raw))
        except ValueError as error:
            return Line(number, [raw], fault=f"not a JSON object: {error}")

    def rejected_line(self, line: Line, reason: str) -> str:
        """Write the object with its line number and the reason; anything else stays unchanged."""
        [raw] = line.raw
        if line.row is None:
            return f"{raw}\n"
        members = _REJECTED.sub("", raw[:-1].rstrip())
        added = json.dumps({_LINE: line.number, _REASON: reason}, ensure_ascii=False)
        separator = "" if members.endswith("{") else ", "
        return f"{members}{separator}{added[1:]}\n"


def _decoding_error(texts: Sequence[str], encoding: str) -> str:
    """Describe bytes that are invalid in the file's encoding, which reading keeps."""
    if all(map(str.isascii, texts)):
        return ""
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError as error:
        byte = ord(error.object[error.start]) - 0xDC00
        return f"the byte {byte:#04x} is not a character in the encoding {encoding}"
    return ""
