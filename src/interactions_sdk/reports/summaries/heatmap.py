"""When in the week interactions take place."""

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

    Hours are the wall clock's. In the hour that a zone repeats when its clocks are set back, both
    times around are counted together; the hour that it skips stays empty.

    Args:
        frame: Interactions, as `reports.frame` gives them, in any dataframe Narwhals speaks.
        tz: The zone, or its IANA name, whose clock counts.

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
