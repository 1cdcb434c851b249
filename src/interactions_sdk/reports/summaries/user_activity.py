"""The activity of each user."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from interactions_sdk.models.enums import InteractionType
from interactions_sdk.reports.columns import with_column_docs
from interactions_sdk.reports.engines import count_if, run
from interactions_sdk.reports.times import HOUR, Every, Milliseconds, Period, add_time_columns

if TYPE_CHECKING:
    from datetime import tzinfo

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["user_activity"]

_TYPES = [kind.value for kind in InteractionType]


@with_column_docs
def user_activity(frame: IntoFrameT, *, every: Every = "1mo", tz: str | tzinfo = UTC) -> IntoFrameT:
    """Report what each user did in each period.

    Args:
        frame: Interactions, as returned by `reports.frame`, in any dataframe that Narwhals
            supports.
        every: The period: `1d`, `1w` (from Monday), `1mo`, `1q` or `1y`.
        tz: The time zone of the periods, or its IANA name.

    Returns:
        The same kind of dataframe, one row for each period and user, in that order.

    Raises:
        ConfigurationError: The period or the zone is unknown.

    Example:
        >>> from interactions_sdk import reports
        >>> user_activity(reports.frame([])).columns[:5]
        ['period', 'user_id', 'interactions', 'call', 'email']
    """

    def query(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        timed = add_time_columns(
            rows.filter(~nw.col("created_at").is_null()),
            *("user_id", "customer_id", "interaction_type", "duration", "outcome"),
            tz=tz,
            period=Period("created_at", every),
            created=Milliseconds("created_at"),
            completed=Milliseconds("follow_up_completed_at"),
        )
        kind = nw.col("interaction_type")
        return (
            timed.with_columns(
                to_follow_up=nw.when(nw.col("outcome") == "resolved").then(
                    nw.col("completed") - nw.col("created")
                ),
                unlisted=count_if(~kind.is_in(_TYPES) | kind.is_null()),
                **{name: count_if(kind == name) for name in _TYPES},
            )
            .group_by("period", "user_id")
            .agg(
                nw.col(*_TYPES, "unlisted").sum(),
                interactions=nw.len(),
                customers=nw.col("customer_id").n_unique(),
                minutes=nw.col("duration").sum(),
                median_to_follow_up=nw.col("to_follow_up").median(),
            )
        )

    computed = {
        "minutes": nw.col("minutes").fill_null(0),
        "median_hours_to_follow_up": nw.col("median_to_follow_up") / HOUR,
    }
    return run("user_activity", frame, query, order=["period", "user_id"], computed=computed)
