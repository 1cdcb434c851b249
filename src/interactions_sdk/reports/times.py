"""Time conversions that are equal on every engine: milliseconds, local time and periods.

Narwhals does not cover this: DuckDB and Spark keep the time zone in the connection or session
instead of the column, so Narwhals cannot convert to another zone there, has no `dt.timestamp` for
them, and truncates in the session's zone. So these three conversions use the engine directly,
independently of the session's zone; everything else is done with integers and Narwhals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw

from interactions_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

__all__ = [
    "DAY",
    "HOUR",
    "Every",
    "LocalTime",
    "Milliseconds",
    "Period",
    "add_time_columns",
    "start_of_day",
    "to_epoch_milliseconds",
]

Every = Literal["1d", "1w", "1mo", "1q", "1y"]

HOUR = 3_600_000
"""Milliseconds."""

DAY = 24 * HOUR
"""Milliseconds."""

_MINUTE = 60_000

_NAME_OF_PERIOD = {"1d": "day", "1w": "week", "1mo": "month", "1q": "quarter", "1y": "year"}


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Milliseconds since 1970, UTC."""

    column: str


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The local time in the report's zone, as a datetime without a zone."""

    column: str


@dataclass(frozen=True, slots=True)
class Period:
    """Local midnight of the first day of the day, week (from Monday), month, quarter or year."""

    column: str
    every: Every


Time = Milliseconds | LocalTime | Period

ExpressionT = TypeVar("ExpressionT")


def to_epoch_milliseconds(moment: datetime | None) -> int:
    """Return a time as milliseconds since 1970 (default: now).

    Raises:
        ConfigurationError: It has no time zone.
    """
    moment = datetime.now(UTC) if moment is None else moment
    if moment.tzinfo is None:
        raise ConfigurationError(f"as_of needs a time zone, such as UTC: {moment!r} has none.")
    return int(moment.timestamp() * 1000)


def start_of_day(milliseconds: int, tz: str | tzinfo) -> int:
    """Return the start of the day, in a zone, that contains a time, as milliseconds since 1970."""
    moment = datetime.fromtimestamp(milliseconds / 1000, _zone(tz))
    return int(moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def add_time_columns(
    rows: nw.LazyFrame[Any], *columns: str, tz: str | tzinfo = UTC, **times: Time
) -> nw.LazyFrame[Any]:
    """Select columns (default: all) and add conversions of datetimes, by their new names.

    Datetimes without a zone count as UTC; local times and periods are in `tz`.

    Raises:
        ConfigurationError: The zone or the period is unknown, or a column does not hold datetimes.
    """
    name = _zone(tz).key
    for time in times.values():
        if isinstance(time, Period) and time.every not in _NAME_OF_PERIOD:
            raise ConfigurationError(
                f"every must be one of {', '.join(get_args(Every))}, not {time.every!r}."
            )
    if rows.implementation.is_duckdb():
        return _in_duckdb(rows, columns, name, times)
    spark = rows.implementation.is_pyspark() or rows.implementation.is_pyspark_connect()
    if spark:  # pragma: no cover - Spark runs in the slow tests only
        return _in_spark(rows, columns, name, times)
    return _in_narwhals(rows, columns, name, times)


def _zone(tz: str | tzinfo) -> ZoneInfo:
    try:
        return ZoneInfo(str(tz))
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(
            f"Unknown time zone {str(tz)!r}. Use an IANA name such as Europe/Berlin."
        ) from None


def _in_narwhals(
    rows: nw.LazyFrame[Any], columns: tuple[str, ...], tz: str, times: Mapping[str, Time]
) -> nw.LazyFrame[Any]:
    schema = rows.collect_schema()

    def instant(column: str) -> nw.Expr:
        dtype = schema[column]
        if not isinstance(dtype, nw.Datetime):
            raise ConfigurationError(f"The column {column} must hold datetimes, not {dtype}.")
        if dtype.time_zone is None:
            return nw.col(column).dt.replace_time_zone("UTC")
        return nw.col(column)

    def local(column: str) -> nw.Expr:
        return instant(column).dt.convert_time_zone(tz).dt.replace_time_zone(None)

    def period(column: str, every: Every) -> nw.Expr:
        if every != "1w":
            return local(column).dt.truncate(every)
        midnight = local(column).dt.truncate("1d")
        since_monday = (local(column).dt.weekday().cast(nw.Int64) - 1) * DAY
        return (midnight.dt.timestamp("ms") - since_monday).cast(nw.Datetime("ms"))

    read = _time_expression(times, lambda c: instant(c).dt.timestamp("ms"), local, period)
    return rows.select(*columns, **read) if columns else rows.with_columns(**read)


def _in_duckdb(
    rows: nw.LazyFrame[Any], columns: tuple[str, ...], tz: str, times: Mapping[str, Time]
) -> nw.LazyFrame[Any]:
    from duckdb import (  # noqa: PLC0415 - only those who use it need it
        ColumnExpression,
        ConstantExpression,
        Expression,
        FunctionExpression,
        StarExpression,
    )

    relation = rows.to_native()
    zoned = {
        name
        for name, dtype in zip(relation.columns, relation.types, strict=True)
        if str(dtype) == "TIMESTAMP WITH TIME ZONE"
    }

    def in_zone(zone: str, expression: Expression) -> Expression:
        return FunctionExpression("timezone", ConstantExpression(zone), expression)

    def instant(column: str) -> Expression:
        stored = ColumnExpression(column)
        return stored if column in zoned else in_zone("UTC", stored.cast("timestamp"))

    def local(column: str) -> Expression:
        return in_zone(tz, instant(column))

    def period(column: str, every: Every) -> Expression:
        name = ConstantExpression(_NAME_OF_PERIOD[every])
        return FunctionExpression("date_trunc", name, local(column)).cast("timestamp")

    read = _time_expression(
        times, lambda c: FunctionExpression("epoch_ms", instant(c)), local, period
    )
    added = (expression.alias(name) for name, expression in read.items())
    kept = map(ColumnExpression, columns) if columns else [StarExpression()]
    return _lazy(relation.select(*kept, *added))


def _in_spark(  # pragma: no cover - Spark runs in the slow tests only
    rows: nw.LazyFrame[Any], columns: tuple[str, ...], tz: str, times: Mapping[str, Time]
) -> nw.LazyFrame[Any]:
    from pyspark.sql import (  # noqa: PLC0415 - only those who use it need it
        Column,
        functions,
    )
    from pyspark.sql.types import TimestampType  # noqa: PLC0415 - the same

    frame = rows.to_native()
    zoned = {field.name for field in frame.schema if isinstance(field.dataType, TimestampType)}
    epoch = functions.lit("1970-01-01").cast("timestamp_ntz")

    def wall(column: str) -> Column:
        if column not in zoned:
            return functions.col(column)
        seconds = (functions.unix_micros(column) / 1_000_000).cast("decimal(18,6)")
        return epoch + functions.make_dt_interval(secs=seconds)

    def milliseconds(column: str) -> Column:
        if column in zoned:
            return functions.unix_millis(column)
        days = functions.unix_date(functions.to_date(column))
        seconds = functions.extract(functions.lit("SECOND"), functions.col(column))
        return (
            days.cast("long") * DAY
            + functions.hour(column) * HOUR
            + functions.minute(column) * _MINUTE
            + functions.floor(seconds * 1000).cast("long")
        )

    def local(column: str) -> Column:
        return functions.convert_timezone(functions.lit("UTC"), functions.lit(tz), wall(column))

    def period(column: str, every: Every) -> Column:
        day = functions.to_date(local(column))
        first = day if every == "1d" else functions.trunc(day, _NAME_OF_PERIOD[every])
        return first.cast("timestamp_ntz")

    read = _time_expression(times, milliseconds, local, period)
    added = (expression.alias(name) for name, expression in read.items())
    return _lazy(frame.select(*(columns or ["*"]), *added))


def _lazy(native: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401 - of whichever engine
    return cast("nw.LazyFrame[Any]", nw.from_native(native))


def _time_expression(
    times: Mapping[str, Time],
    milliseconds: Callable[[str], ExpressionT],
    local: Callable[[str], ExpressionT],
    period: Callable[[str, Every], ExpressionT],
) -> dict[str, ExpressionT]:
    def read(time: Time) -> ExpressionT:
        if isinstance(time, Milliseconds):
            return milliseconds(time.column)
        if isinstance(time, LocalTime):
            return local(time.column)
        return period(time.column, time.every)

    return {name: read(time) for name, time in times.items()}
