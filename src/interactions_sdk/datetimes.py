"""Times as Appwrite stores them: UTC, with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from interactions_sdk.errors import BadRequestError

__all__ = ["MAX_DATETIME", "MIN_DATETIME", "format_datetime", "truncate_to_milliseconds", "utc_now"]

MIN_DATETIME = datetime(1000, 1, 1, tzinfo=UTC)
"""The earliest date that Appwrite accepts (transcript `row-datetimes`)."""

MAX_DATETIME = datetime.max.replace(tzinfo=UTC)
"""The end of the year 9999 in UTC, the latest time that Appwrite accepts."""


def utc_now() -> datetime:
    """Return the current time with the precision of Appwrite."""
    return truncate_to_milliseconds(datetime.now(UTC))


def truncate_to_milliseconds(value: datetime) -> datetime:
    """Truncate a time to the milliseconds that Appwrite stores (transcript `row-datetimes`)."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def is_supported(value: datetime) -> bool:
    """Return whether Appwrite accepts an aware time: in the years 1000 to 9999, in UTC."""
    try:
        return value.astimezone(UTC) >= MIN_DATETIME
    except OverflowError:
        return False


def format_datetime(value: datetime) -> str:
    """Format an aware time as Appwrite does.

    Raises:
        BadRequestError: The time has no zone, which cannot be guessed.

    Example:
        >>> format_datetime(datetime(2026, 5, 1, 10, tzinfo=UTC))
        '2026-05-01T10:00:00.000+00:00'
    """
    if value.utcoffset() is None:
        raise BadRequestError(
            f"{value.isoformat()} has no time zone: use an aware datetime, such as "
            "datetime.now(UTC)."
        )
    return value.astimezone(UTC).isoformat(timespec="milliseconds")
