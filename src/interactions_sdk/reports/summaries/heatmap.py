"""Interactions by weekday and hour."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from interactions_sdk.reports.columns import with_column_docs
from interactions_sdk.reports.engines import run
from interactions_sdk.reports.times import LocalTime, add_time_columns

if TYPE_CHECKING:
    from datetime import tzinfo

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["heatmap"]


@with_column_docs
def heatmap(frame: IntoFrameT, *, tz: str | tzinfo = UTC) -> IntoFrameT:
    """Count interactions by weekday and hour.

    Hours are in local time. When the clocks are set back, both occurrences of the repeated hour are
    counted together; a skipped hour stays empty.

    Args:
        frame: Interactions, as returned by `reports.frame`, in any dataframe that Narwhals
            supports.
        tz: The time zone, or its IANA name.

    Returns:
        The same kind of dataframe, one row for each weekday and hour that has interactions, in
        that order.

    Raises:
        ConfigurationError: The zone is unknown.

    Example:
        >>> from interactions_sdk import reports
        >>> heatmap(reports.frame([]), tz="Europe/Berlin").columns
        ['weekday', 'hour', 'interactions']
    """

    def query(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        local = add_time_columns(rows, "created_at", tz=tz, local=LocalTime("created_at"))
        clock = nw.col("local").dt
        return (
            local.filter(~nw.col("created_at").is_null())
            .with_columns(day=clock.weekday(), hour=clock.hour())
            .group_by("day", "hour")
            .agg(interactions=nw.len())
            .with_columns(weekday=_from_monday(nw.col("day")))
        )

    return run("heatmap", frame, query, order=["weekday", "hour"])


def _from_monday(day: nw.Expr) -> nw.Expr:
    """Return 1 for Monday to 7 for Sunday; Narwhals 2.29 says 0 for Sunday on Spark."""
    return (day.cast(nw.Int64) + 6) % 7 + 1
