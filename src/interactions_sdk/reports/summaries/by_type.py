"""Interaction statistics by type."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from interactions_sdk.reports.columns import SUCCESS_OUTCOMES, with_column_docs
from interactions_sdk.reports.engines import count_if, ratio, run
from interactions_sdk.reports.times import Every, Period, add_time_columns

if TYPE_CHECKING:
    from datetime import tzinfo

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["by_type"]


@with_column_docs
def by_type(frame: IntoFrameT, *, every: Every = "1mo", tz: str | tzinfo = UTC) -> IntoFrameT:
    """Count interactions by type and period, with durations and success.

    Args:
        frame: Interactions, as returned by `reports.frame`, in any dataframe that Narwhals
            supports.
        every: The period: `1d`, `1w` (from Monday), `1mo`, `1q` or `1y`.
        tz: The time zone of the periods, or its IANA name.

    Returns:
        The same kind of dataframe, one row for each period and type, in that order.

    Raises:
        ConfigurationError: The period or the zone is unknown.

    Example:
        >>> from interactions_sdk import reports
        >>> by_type(reports.frame([])).columns[:3]
        ['period', 'interaction_type', 'interactions']
    """

    def query(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        timed = add_time_columns(
            rows.filter(~nw.col("created_at").is_null()),
            *("interaction_type", "duration", "outcome"),
            tz=tz,
            period=Period("created_at", every),
        )
        return (
            timed.with_columns(success=count_if(nw.col("outcome").is_in(SUCCESS_OUTCOMES)))
            .group_by("period", "interaction_type")
            .agg(
                interactions=nw.len(),
                mean_duration=nw.col("duration").mean(),
                median_duration=nw.col("duration").median(),
                successes=nw.col("success").sum(),
                outcomes=nw.col("outcome").count(),
            )
        )

    computed = {
        "share": nw.col("interactions") / nw.col("interactions").sum().over("period"),
        "success_rate": ratio("successes", "outcomes"),
    }
    return run("by_type", frame, query, order=["period", "interaction_type"], computed=computed)
