"""Date columns of a file: the format is determined from all values before any is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from interactions_sdk.calendars import get_timezone
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.transfer.converters import Converter, joined_text
from interactions_sdk.transfer.date_formats import (
    DAY_FIRST,
    EXCEL,
    EXCEL_1904,
    MONTH_FIRST,
    YEAR_FIRST,
    parser_for,
    readings,
)
from interactions_sdk.transfer.results import DateSummary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.transfer.converters import Row
    from interactions_sdk.transfer.date_formats import DateValue

__all__ = ["CONTACT_DATE", "DUE_DATE", "DateColumn", "DateConverter", "Default", "dates"]

CONTACT_DATE = "occurred_at"
"""The field that must not be empty, because it would default to the current time."""

DUE_DATE = "next_action_date"
"""The field for which a date without a time means the end of its day."""

_END_OF_DAY = time(23, 59, 59, 999_000)
_EXAMPLES = 2


Default = datetime | Literal["reject", "now"] | Callable[["Row"], datetime | None]
"""The time for an empty date: a time, `"now"`, or a function of the row."""

Note = Callable[[str], object]
"""Called with a note about a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateConverter(Converter):
    """The source of a date, and what is known about its format before a file is read.

    Attributes:
        text: Returns the value of a row as text; None if it is empty.
        tz: The zone of values without one; None uses the import's.
        parsers: Functions that parse the values, tried in turn; empty if the format has to be
            determined.
        dayfirst: Whether `03/04/2026` is in April, if known.
        fold: Which of two readings to use when the clocks change, as in `datetime.fold`.
        default: The date for an empty value.
    """

    text: Callable[[Row], str | None]
    tz: tzinfo | None = None
    parsers: Sequence[Callable[[str], DateValue]] = ()
    dayfirst: bool | None = None
    fold: Literal[0, 1] = 0
    default: Default = "reject"


def dates(
    *columns: str,
    tz: TimeZone | None = None,
    format: str | Iterable[str] | None = None,  # noqa: A002 - the word of pandas and strptime
    dayfirst: bool | None = None,
    fold: Literal[0, 1] = 0,
    default: Default = "reject",
) -> DateConverter:
    """Parse dates, in the format that all values of the column have.

    An import reads the file once before it writes anything. Values that begin with the year,
    contain the English name of a month, or are epoch seconds or milliseconds are unambiguous. For
    `03/04/2026` and the serial numbers of Excel, the other values of the column decide; if they do
    not, the file is rejected with both readings.

    Args:
        columns: The column, or several that belong together, such as a date and a time.
        tz: The zone of values without one, such as `Europe/Zurich` (default: the import's `tz`).
        format: The format, if it is known: one of `strptime`, such as `%d/%m/%Y`, or `epoch`,
            `epoch_ms`, `excel`, `excel_1904`; or several, which are tried in turn. Values in
            another format are rejected.
        dayfirst: Whether `03/04/2026` is in April (`True`) or in March (`False`). Values that
            cannot be read this way are rejected, unless they begin with a four-digit year.
        fold: How to read a time that the clocks skip or repeat: with the offset before the change
            (0) or after it (1). The report lists such lines.
        default: The time for an empty value in `occurred_at`: a time, `"now"`, or a function from
            the row to a time; without it, such a line is rejected. An empty due date is None.

    Returns:
        A converter. A date without a time is the start of its day; for `next_action_date`, its end.

    Raises:
        BadRequestError: The zone is unknown, or the format is invalid.

    Example:
        >>> when = dates("when", tz="Europe/Zurich", dayfirst=True)
        >>> when.read({"when": "3.4.2026 14:30"}).isoformat()
        '2026-04-03T14:30:00+02:00'
    """
    formats = [format] if isinstance(format, str) else list(format or ())

    def read(row: Row) -> datetime | None:
        alone = DateColumn(converter, "")
        alone.survey(1, row)
        alone.decide()
        return alone.read(row)

    converter = DateConverter(
        columns=columns,
        read=read,
        text=lambda row: joined_text(row, *columns),
        tz=None if tz is None else get_timezone(tz),
        parsers=[parser_for(form) for form in formats],
        dayfirst=dayfirst,
        fold=fold,
        default=default,
    )
    return converter


@dataclass(frozen=True, slots=True)
class _OpenValue:
    """An ambiguous value, and its line."""

    line: int
    text: str
    readings: Mapping[str, DateValue]

    def __str__(self) -> str:
        days = " or ".join(reading.when.date().isoformat() for reading in self.readings.values())
        return f"line {self.line}: {self.text!r} is {days}"


class _OpenValues:
    """The ambiguous values of a column, and the formats that all of them allow.

    Attributes:
        agreed: The orders in which all values can be read.
        seen: The orders in which any value can be read.
        undecided: The first two values with several readings.
        against: For each order, the first value that cannot be read in it.
    """

    def __init__(self, orders: Sequence[str]) -> None:
        self.agreed = list(orders)
        self.seen: set[str] = set()
        self.undecided: list[_OpenValue] = []
        self.against: dict[str, _OpenValue] = {}

    def add(self, value: _OpenValue) -> None:
        """Add a value."""
        self.seen |= value.readings.keys()
        if len(value.readings) > 1 and len(self.undecided) < _EXAMPLES:
            self.undecided.append(value)
        for order in [order for order in self.agreed if order not in value.readings]:
            self.agreed.remove(order)
            self.against[order] = value


class DateColumn:
    """The dates of one field in one file: surveyed in a first pass, parsed in a second.

    `tz` is the import's zone, for values and converters without one.

    Example:
        >>> column = DateColumn(dates("when", tz="UTC"), "occurred_at")
        >>> for line, text in enumerate(["03/04/2026", "13/04/2026"], start=2):
        ...     column.survey(line, {"when": text})
        >>> column.decide()
        >>> column.read({"when": "03/04/2026"}).date().isoformat()
        '2026-04-03'
    """

    def __init__(
        self,
        converter: DateConverter,
        field: str,
        *,
        tz: tzinfo | None = None,
        now: datetime | None = None,
    ) -> None:
        self.field = field
        self._converter = converter
        self._tz = converter.tz or tz
        self._now = now or utc_now()
        self._triples = _OpenValues((DAY_FIRST, MONTH_FIRST, YEAR_FIRST))
        self._serials = _OpenValues((EXCEL, EXCEL_1904))
        self._order: str | None = None
        self._epoch: str | None = None
        self._formats: Counter[str] = Counter()

    @property
    def needs_survey(self) -> bool:
        """Whether all values must be seen before the first one can be parsed."""
        return not self._converter.parsers

    def survey(self, line: int, row: Row) -> None:
        """Examine the value of a row to determine the format."""
        if self._converter.parsers:
            return
        try:
            text = self._converter.text(row)
            if text is None:
                return
            found = readings(text, self._now.year)
        except ValueError:  # it is rejected when it is read
            return
        if "" in found:
            return
        if EXCEL in found:
            self._serials.add(_OpenValue(line, text, self._without_future(found)))
        else:
            self._triples.add(_OpenValue(line, text, found))

    def _without_future(self, found: Mapping[str, DateValue]) -> Mapping[str, DateValue]:
        """Exclude the later epoch if a contact would be in the future with this epoch only."""
        latest = (self._now + timedelta(days=1)).replace(tzinfo=None)
        is_contact = self.field == CONTACT_DATE
        if is_contact and found[EXCEL].when <= latest < found[EXCEL_1904].when:
            return {EXCEL: found[EXCEL]}
        return found

    def decide(self) -> None:
        """Decide on the format, after all rows have been surveyed.

        Raises:
            BadRequestError: The values allow several formats, or no one format reads them.
        """
        if self._serials.seen:
            self._epoch = self._agreed(self._serials, "format='excel' or format='excel_1904'")
        if self._converter.dayfirst is not None:
            wished = DAY_FIRST if self._converter.dayfirst else MONTH_FIRST
            year_first = YEAR_FIRST in self._triples.seen and wished not in self._triples.seen
            self._order = YEAR_FIRST if year_first else wished
        elif self._triples.seen:
            self._order = self._agreed(self._triples, "dayfirst=True, dayfirst=False or format=")

    def _agreed(self, values: _OpenValues, remedy: str) -> str:
        if len(values.agreed) == 1:
            return values.agreed[0]
        column = self._names
        how = (
            f"Say which it is: {remedy}. On the command line that is --day-first, --month-first or "
            "--date-format."
        )
        if not values.agreed:
            lines = "; ".join(
                f"line {value.line}: {value.text!r} is not {order}"
                for order, value in values.against.items()
            )
            raise BadRequestError(f"No single format fits the dates of {column}: {lines}. {how}")
        examples = "; ".join(map(str, values.undecided))
        raise BadRequestError(
            f"The dates of {column} may be {' or '.join(values.agreed)}: {examples}. {how}"
        )

    @property
    def _names(self) -> str:
        names = " and ".join(map(repr, self._converter.columns)) or repr(self.field)
        return f"the column{'s' * (len(self._converter.columns) > 1)} {names}"

    def read(self, row: Row, note: Note | None = None) -> datetime | None:
        """Return the date of a row; `note` is called for a time that the clocks skip or repeat.

        Raises:
            ValueError: The value is not a date in the format of the column, or lacks a zone.
        """
        text = self._converter.text(row)
        if text is None:
            return self._default(row)
        value = self._parse(text)
        self._formats[value.format] += 1
        if value.when.tzinfo is not None:
            return value.when
        if self._tz is None:
            raise ValueError(f"{text!r} has no time zone: give tz=, such as tz='Europe/Zurich'")
        when = value.when
        if self.field == DUE_DATE and not value.has_time:
            when = datetime.combine(when, _END_OF_DAY)
        return self._in_zone(text, when, self._tz, note)

    def _default(self, row: Row) -> datetime | None:
        default = self._converter.default
        if self.field != CONTACT_DATE or default == "now":
            return None
        if default == "reject":
            raise ValueError(f"{self._names} is empty")
        return default if isinstance(default, datetime) else default(row)

    def _parse(self, text: str) -> DateValue:
        if self._converter.parsers:
            return _first_that_fits(self._converter.parsers, text)
        found = readings(text, self._now.year)
        if "" in found:
            return found[""]
        order = self._epoch if EXCEL in found else self._order
        if order is None or order not in found:
            raise ValueError(f"{text!r} is not a date in the format {order}")
        return found[order]

    def _in_zone(self, text: str, when: datetime, tz: tzinfo, note: Note | None) -> datetime:
        before, after = (when.replace(tzinfo=tz, fold=fold) for fold in (0, 1))
        difference = (before.utcoffset() or timedelta()) - (after.utcoffset() or timedelta())
        if not difference:
            return before
        shown = [
            each.astimezone(UTC).astimezone(tz).isoformat(timespec="minutes")
            for each in (before, after)
        ]
        if note is not None:
            change = "repeat" if difference > timedelta() else "skip"
            note(
                f"{self.field}: the clocks of {tz} {change} {text!r}, which is {shown[0]} or "
                f"{shown[1]}; read as {shown[self._converter.fold]}"
            )
        return after if self._converter.fold else before

    @property
    def is_used(self) -> bool:
        """Whether any date was read."""
        return bool(self._formats)

    def summary(self, span: tuple[datetime, datetime] | None) -> DateSummary:
        """Return the formats that were found, with the first and the last date."""
        earliest, latest = span or (None, None)
        return DateSummary(
            self.field,
            self._converter.columns,
            dict(self._formats.most_common()),
            None if self._tz is None else str(self._tz),
            earliest,
            latest,
        )


def _first_that_fits(parsers: Sequence[Callable[[str], DateValue]], text: str) -> DateValue:
    reasons: list[str] = []
    for parse in parsers:
        try:
            return parse(text)
        except ValueError as error:
            reasons.append(str(error))
    raise ValueError("; ".join(reasons))
