"""The supported date formats, one of which is chosen from a column's values.

A value that begins with the year, contains the name of the month, or is a number is unambiguous.
The format of others, such as `03/04/2026`, is decided by all values of the column or by the caller,
and never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "DAY_FIRST",
    "EXCEL",
    "EXCEL_1904",
    "MONTH_FIRST",
    "YEAR_FIRST",
    "DateValue",
    "parser_for",
    "readings",
]

DAY_FIRST = "%d/%m/%Y"
MONTH_FIRST = "%m/%d/%Y"
YEAR_FIRST = "%y/%m/%d"
EXCEL = "excel"
EXCEL_1904 = "excel_1904"

_YEARS_BACK, _YEARS_AHEAD = 20, 10
"""Two-digit years stand for years in this range around the current year."""

_MONTHS = {
    name: number
    for number, full in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
    for name in {full, full[:3], "sept" if full.startswith("sept") else full}
}
_MONTH = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_WEEKDAY = r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?:\s?(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r"(?:\s?(?P<zone>z|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?|[a-z]{2,5})(?:\s\([^)]*\))?)?"
_TIME = rf"(?:(?P<lead>t|,?\s+(?:at\s+)?){_CLOCK}{_ZONE})?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII | re.IGNORECASE)


_ISO = _pattern(
    rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}}){_TIME}"
)
_COMPACT = _pattern(
    r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:(?P<lead>[t ]?)(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>z|[+-]\d{4})?)?"
)
_COMPACT_DATE = _pattern(rf"(?P<year>(?:19|20)\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}){_TIME}")
_TRIPLE = _pattern(
    r"(?P<one>\d{1,2})(?P<sep>[-/.])\s?(?P<two>\d{1,2})(?P=sep)\s?(?P<three>\d{4}|\d{2})" + _TIME
)
_DAY_NAME_YEAR = _pattern(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?(?P<sep>[-/\s]?){_MONTH}"
    rf"(?:[-/,]|,?\s)?(?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_NAME_DAY_YEAR = _pattern(
    rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}"
)
_CTIME = _pattern(
    rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})(?P<lead>\s+){_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})"
)
_NUMBER = _pattern(r"(?P<whole>\d+)(?:\.\d+)?")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_EPOCHS = {
    EXCEL: datetime(1899, 12, 30),  # noqa: DTZ001 - a spreadsheet knows no zones
    EXCEL_1904: datetime(1904, 1, 1),  # noqa: DTZ001 - the same
}
_EXCEL_DIGITS = {5}
_SECONDS_DIGITS = {9, 10}
_MILLISECONDS_DIGITS = {12, 13}
_NOON = 12


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date as parsed in one format.

    Attributes:
        when: The date and time; without a zone if the value has none.
        has_time: Whether the value has a time of day; if not, it is the start of the day.
        format: The format, with the codes of `strptime` or by its name.
    """

    when: datetime
    has_time: bool
    format: str


def readings(text: str, this_year: int) -> Mapping[str, DateValue]:
    """Return the possible readings of a value, by the order that would decide for them.

    There is one reading under the key `""` if the value is unambiguous; otherwise, one for each of
    `DAY_FIRST`, `MONTH_FIRST`, `YEAR_FIRST`, `EXCEL`, `EXCEL_1904` that is possible. Years of two
    digits are close to this year.

    Raises:
        ValueError: It is not a date.

    Example:
        >>> list(readings("2026/04/03", 2026)), list(readings("03/04/2026", 2026))
        ([''], ['%d/%m/%Y', '%m/%d/%Y'])
        >>> readings("26/04/03", 2026)["%y/%m/%d"].when.isoformat()
        '2026-04-03T00:00:00'
    """
    try:
        if match := _ISO.fullmatch(text):
            sep = match["sep"]
            return {"": _value(match, match["year"], match["month"], f"%Y{sep}%m{sep}%d")}
        if match := _TRIPLE.fullmatch(text):
            return _triple(match, this_year)
        if match := _COMPACT.fullmatch(text) or _COMPACT_DATE.fullmatch(text):
            return {"": _value(match, match["year"], match["month"], "%Y%m%d")}
        if match := _NUMBER.fullmatch(text):
            return _number(text, len(match["whole"]))
        return {"": _named(text, this_year)}
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a date: {error}") from error


def _triple(match: re.Match[str], this_year: int) -> dict[str, DateValue]:
    """Parse three numbers in which the year is not first, or has two digits."""
    one, two, three, sep = match["one"], match["two"], match["three"], match["sep"]
    code = "%Y" if len(three) > 2 else "%y"  # noqa: PLR2004 - digits of a year
    orders = {
        DAY_FIRST: (three, two, one, f"%d{sep}%m{sep}{code}"),
        MONTH_FIRST: (three, one, two, f"%m{sep}%d{sep}{code}"),
    }
    if code == "%y" and len(one) == len(three):
        orders[YEAR_FIRST] = (one, two, three, f"%y{sep}%m{sep}%d")
    found: dict[str, DateValue] = {}
    reason: ValueError | None = None
    for order, (year, month, day, form) in orders.items():
        try:
            full = _full_year(year, this_year)
            found[order] = _value(match, full, month, form, day=day)
        except ValueError as error:
            reason = reason or error
    if not found:
        assert reason is not None  # noqa: S101 - no order fits, so each has one
        raise reason
    return found


def _full_year(year: str, this_year: int) -> str:
    if len(year) > 2:  # noqa: PLR2004 - digits of a year
        return year
    full = 2000 + int(year)
    first, last = this_year - _YEARS_BACK, this_year + _YEARS_AHEAD
    if not first <= full <= last:
        raise ValueError(f"a two-digit year must be from {first} to {last}")
    return str(full)


def _number(text: str, digits: int) -> dict[str, DateValue]:
    if digits in _EXCEL_DIGITS:
        return {name: _excel(name, text) for name in _EXCEL_EPOCHS}
    if digits in _SECONDS_DIGITS:
        return {"": _epoch("epoch", 1000, text)}
    if digits in _MILLISECONDS_DIGITS:
        return {"": _epoch("epoch_ms", 1, text)}
    raise ValueError("a number with this many digits cannot be a date")


def _epoch(name: str, milliseconds: int, text: str) -> DateValue:
    return DateValue(
        _EPOCH + timedelta(milliseconds=round(float(text) * milliseconds)),
        has_time=True,
        format=name,
    )


def _excel(name: str, text: str) -> DateValue:
    days = float(text)
    since = timedelta(seconds=round(days * 86_400_000) / 1000)
    return DateValue(_EXCEL_EPOCHS[name] + since, has_time=not days.is_integer(), format=name)


def _named(text: str, this_year: int) -> DateValue:
    """Parse a date with the name of a month."""
    if match := _DAY_NAME_YEAR.fullmatch(text):
        sep = match["sep"]
        code = "%Y" if len(match["year"]) > 2 else "%y"  # noqa: PLR2004 - digits of a year
        form = f"%d{sep}{_month_code(match)}{sep}{code}"
    elif match := _NAME_DAY_YEAR.fullmatch(text):
        form = f"{_month_code(match)} %d, %Y"
    elif match := _CTIME.fullmatch(text):
        form = f"{_month_code(match)} %d %Y"
    else:
        raise ValueError("it has none of the known date formats")
    month = _MONTHS[match["name"].lower()]
    return _value(match, _full_year(match["year"], this_year), month, form)


def _month_code(match: re.Match[str]) -> str:
    return "%b" if len(match["name"]) == 3 else "%B"  # noqa: PLR2004 - Jan, and not January


def _value(
    match: re.Match[str], year: str, month: str | int, form: str, *, day: str | None = None
) -> DateValue:
    """Return the date of these parts, with the time of day from the match."""
    when = datetime(int(year), int(month), int(day or match["day"]))  # noqa: DTZ001 - see below
    if match["hour"] is None:
        return DateValue(when, has_time=False, format=form)
    parts = match.groupdict()
    hour, half = int(match["hour"]), (parts.get("half") or "").lower()
    if half:
        if not 1 <= hour <= _NOON:
            raise ValueError("an hour on the 12-hour clock must be from 1 to 12")
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    elif match["minute"] is None:
        raise ValueError("the time of day lacks its minutes")
    fraction = (parts.get("fraction") or "").ljust(6, "0")[:6]
    when = when.replace(
        hour=hour,
        minute=int(match["minute"] or 0),
        second=int(match["second"] or 0),
        microsecond=int(fraction),
        tzinfo=_offset(match["zone"]),
    )
    return DateValue(when, has_time=True, format=form + _time_format(match, parts))


def _time_format(match: re.Match[str], parts: Mapping[str, str | None]) -> str:
    lead = "T" if match["lead"].lower() == "t" else match["lead"] and " "
    colon = ":" if match[0][match.end("hour") :][:1] == ":" else ""
    written = f"{lead}%I" if parts.get("half") else f"{lead}%H"
    written += f"{colon}%M" if match["minute"] else ""
    written += f"{colon}%S" if match["second"] else ""
    written += ".%f" if parts.get("fraction") else ""
    written += " %p" if parts.get("half") else ""
    return written + ("%z" if match["zone"] else "")


def _offset(zone: str | None) -> tzinfo | None:
    """Return the zone of a value, which must be an offset: EST or CST names several zones."""
    if zone is None:
        return None
    offset = zone.lower().removeprefix("utc").removeprefix("gmt")
    if offset in {"", "z"}:
        return UTC
    if offset[0] not in "+-":
        raise ValueError(f"{zone} is not an offset such as +02:00")
    hours, minutes = int(offset[1:3]), int(offset[3:].removeprefix(":") or 0)
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if offset[0] == "-" else ahead)


def parser_for(form: str) -> Callable[[str], DateValue]:
    """Return a parser for one format.

    Args:
        form: A format of `strptime`, such as `%d/%m/%Y %H:%M`, or one of `epoch` (seconds),
            `epoch_ms`, `excel` and `excel_1904` (days, by the epoch of the workbook).

    Returns:
        A function that raises a `ValueError` for values in another format.

    Raises:
        BadRequestError: It is not a format, or it lacks the year, the month or the day.

    Example:
        >>> parser_for("%d/%m/%Y")("03/04/2026").when.isoformat()
        '2026-04-03T00:00:00'
    """
    if form in {"epoch", "epoch_ms"}:
        return partial(_parse_number, form, partial(_epoch, form, 1000 if form == "epoch" else 1))
    if form in _EXCEL_EPOCHS:
        return partial(_parse_number, form, partial(_excel, form))
    for probe in (datetime(2001, 2, 3, 16), datetime(2014, 11, 25, 16)):  # noqa: DTZ001 - any two
        try:
            again = datetime.strptime(probe.replace(tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
        except ValueError as error:
            raise BadRequestError(f"{form!r} is not a date format: {error}.") from error
        if again.date() != probe.date():
            raise BadRequestError(f"The date format {form!r} lacks the year, the month or the day.")
    return partial(_parse_with, form, has_time=again.hour == probe.hour)


def _parse_number(form: str, read: Callable[[str], DateValue], text: str) -> DateValue:
    try:
        if _NUMBER.fullmatch(text):
            return read(text)
    except OverflowError as error:
        raise ValueError(f"{text!r} is not a date: {error}") from error
    raise ValueError(f"{text!r} does not have the format {form}")


def _parse_with(form: str, text: str, *, has_time: bool) -> DateValue:
    try:
        return DateValue(datetime.strptime(text, form), has_time=has_time, format=form)  # noqa: DTZ007
    except ValueError as error:
        raise ValueError(f"{text!r} does not have the format {form}") from error
