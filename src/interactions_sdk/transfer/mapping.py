"""Converting a line to a draft, or rejecting it with a reason."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from pydantic import ValidationError

from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.escaping.spreadsheet import unescape_formula
from interactions_sdk.models.drafts import IMPORTED, InteractionCreate
from interactions_sdk.transfer import converters
from interactions_sdk.transfer.converters import Converter, joined_text
from interactions_sdk.transfer.date_columns import (
    CONTACT_DATE,
    DUE_DATE,
    DateColumn,
    DateConverter,
    dates,
)
from interactions_sdk.transfer.results import DateSummary
from interactions_sdk.transfer.sources import draft_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from interactions_sdk.transfer.converters import ColumnMapping, Row
    from interactions_sdk.transfer.date_columns import Note
    from interactions_sdk.transfer.readers import Line

__all__ = ["EXPORTED_CSV", "EXPORTED_JSON", "ConverterError", "DraftMapper"]

_FIELDS = InteractionCreate.model_fields.keys()
_CONVERTERS: dict[str, Callable[[str], Converter]] = {
    "duration": converters.integer,
    "metadata": converters.metadata,
    CONTACT_DATE: dates,
    DUE_DATE: dates,
}
"""The converters of columns given only by name; any other field is text."""


class ConverterError(ValueError):
    """A converter raised an error other than `ValueError`, so the converter is probably wrong.

    Attributes:
        failure: The error, which is the same for lines that fail in the same way.
    """

    def __init__(self, field: str, converter: Converter, error: Exception) -> None:
        name = getattr(converter.read, "__qualname__", type(converter.read).__name__)
        columns = "".join(f" of the column {column!r}" for column in converter.columns[:1])
        self.failure = (field, type(error).__name__)
        super().__init__(
            f"{field}: the converter {name}{columns} raised {type(error).__name__}: {error}"
        )


def _value_converter(field: str) -> Converter:
    return Converter((), lambda row: row.get(field))


def _cell_converter(field: str) -> Converter:
    return Converter((), lambda row: unescape_formula(str(row.get(field) or "")))


def _metadata_cell(row: Row) -> object:
    return _METADATA.read({"metadata": unescape_formula(str(row.get("metadata") or ""))})


def _exported_dates(*columns: str) -> DateConverter:
    """Parse the first of several columns that is not empty; none of them is required."""

    def text(row: Row) -> str | None:
        return next((found for each in columns if (found := joined_text(row, each))), None)

    def default(row: Row) -> None:
        if not row.keys().isdisjoint(columns):
            raise ValueError("it is empty")

    return DateConverter(columns=(), read=text, text=text, default=default)


_METADATA = converters.metadata("metadata")
_REQUIRED: ColumnMapping = {
    "interaction_type": converters.text("interaction_type"),
    CONTACT_DATE: _exported_dates(CONTACT_DATE, "created_at"),  # as in a draft, or in an export
    DUE_DATE: _exported_dates(DUE_DATE),
}

EXPORTED_JSON: ColumnMapping = {
    **{field: _value_converter(field) for field in _FIELDS},
    **_REQUIRED,
    "metadata": _METADATA.read,
}
"""The columns that `export_jsonl` writes, named like the fields."""

EXPORTED_CSV: ColumnMapping = {
    **{field: _cell_converter(field) for field in _FIELDS},
    **_REQUIRED,
    "metadata": _metadata_cell,
    "duration": converters.integer("duration").read,
}
"""The columns that `export_csv` writes, named like the fields, with formulas escaped."""


class DraftMapper:
    """Makes drafts of lines, and determines the date formats of the file.

    Raises:
        BadRequestError: A field is unknown, or the interaction type is missing.

    Example:
        >>> from interactions_sdk.transfer.readers import Line
        >>> mapper = DraftMapper({"interaction_type": "kind", "duration": "minutes"})
        >>> mapper.map_fields(Line(2, ["call", "12"], {"kind": "call", "minutes": "12"}))
        {'interaction_type': 'call', 'duration': 12}
    """

    def __init__(self, columns: ColumnMapping, *, tz: tzinfo | None = None) -> None:
        unknown = sorted(columns.keys() - _FIELDS)
        if unknown:
            raise BadRequestError(
                f"A draft has no field {', '.join(unknown)}; it has {', '.join(_FIELDS)}."
            )
        if "interaction_type" not in columns:
            raise BadRequestError('Map interaction_type, e.g. transfer.constant("call").')
        self._converters = {
            field: _as_converter(field, source) for field, source in columns.items()
        }
        now = utc_now()
        self._dates = {
            field: DateColumn(converter, field, tz=tz, now=now)
            for field, converter in self._converters.items()
            if isinstance(converter, DateConverter)
        }
        self._readers = [
            (field, converter, self._dates.get(field))
            for field, converter in self._converters.items()
        ]
        self._spans: dict[str, tuple[datetime, datetime]] = {}

    def validate_columns(self, available: Sequence[str] | None, read_as: str = "") -> None:
        """Reject a file that lacks columns, before anything is written.

        `available` is None if each line has its own columns.
        """
        if available is None:
            return
        needed = [column for converter in self._converters.values() for column in converter.columns]
        missing = [column for column in dict.fromkeys(needed) if column not in available]
        if missing:
            raise BadRequestError(
                f"The file has no column {', '.join(map(repr, missing))}; it has "
                f"{', '.join(map(repr, filter(None, available)))}."
                + (f" It was read as {read_as}." if read_as else "")
            )

    @property
    def needs_survey(self) -> bool:
        """Whether all lines must be seen before the first one can be parsed."""
        return any(column.needs_survey for column in self._dates.values())

    def survey(self, line: Line) -> None:
        """Examine a line to determine the formats of dates."""
        if line.row is None:
            return
        for column in self._dates.values():
            column.survey(line.number, line.row)

    def decide(self) -> None:
        """Decide on the formats of dates, after a survey of all lines.

        Raises:
            BadRequestError: The values allow several formats, or no one format reads them.
        """
        for column in self._dates.values():
            column.decide()

    def map_fields(self, line: Line, note: Note | None = None) -> dict[str, object]:
        """Return the fields of a line; the customer may still have to be looked up.

        Raises:
            ValueError: The line is invalid; the message says why.
        """
        if line.row is None:
            raise ValueError(line.fault)
        fields: dict[str, object] = {}
        for field, converter, column in self._readers:
            try:
                value = converter.read(line.row) if column is None else column.read(line.row, note)
            except ValueError as error:
                raise ValueError(f"{field}: {error}") from error
            except Exception as error:  # a user's converter may raise anything
                raise ConverterError(field, converter, error) from error
            if value is not None:
                fields[field] = value
        return fields

    def make_draft(self, fields: Mapping[str, object], key: str) -> InteractionCreate:
        """Make the draft of a line, with this idempotency key unless it has its own ID or key.

        Raises:
            ValueError: The draft is invalid; the message names the fields and the reasons.
        """
        identity = {} if fields.keys() & {"id", "idempotency_key"} else {"idempotency_key": key}
        try:
            told = {"contact_method": None, **fields, **identity}  # no guesses about the past
            draft = InteractionCreate.model_validate(told, context=IMPORTED)
        except ValidationError as error:
            raise ValueError(draft_faults(error)) from error
        self._extend_spans(draft)
        return draft

    def _extend_spans(self, draft: InteractionCreate) -> None:
        for field, when in ((CONTACT_DATE, draft.occurred_at), (DUE_DATE, draft.next_action_date)):
            if when is not None:
                utc = when.astimezone(UTC)
                earliest, latest = self._spans.get(field, (utc, utc))
                self._spans[field] = min(earliest, utc), max(latest, utc)

    def date_summaries(self) -> tuple[DateSummary, ...]:
        """Return what was found about the dates of the file."""
        used = {field: column for field, column in self._dates.items() if column.is_used}
        return tuple(
            used[field].summary(self._spans.get(field))
            if field in used
            else DateSummary(field, (), {}, None, *self._spans[field])
            for field in sorted(used.keys() | self._spans.keys(), reverse=True)
        )


def _as_converter(field: str, source: str | Converter | Callable[[Row], object]) -> Converter:
    if isinstance(source, str):
        return _CONVERTERS.get(field, converters.text)(source)
    return source if isinstance(source, Converter) else Converter((), source)
