"""The completion of planned follow-ups."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from interactions_sdk.reports.columns import with_column_docs
from interactions_sdk.reports.engines import count_if, ratio, run
from interactions_sdk.reports.times import (
    DAY,
    Every,
    Milliseconds,
    Period,
    add_time_columns,
    start_of_day,
    to_epoch_milliseconds,
)

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["follow_up_completion"]


@with_column_docs
def follow_up_completion(
    frame: IntoFrameT,
    *,
    as_of: datetime | None = None,
    every: Every = "1mo",
    tz: str | tzinfo = UTC,
) -> IntoFrameT:
    """Report which follow-ups were completed, in time or late, and which are overdue.

    Interactions have only their current state: the first and the current due date, and the
    completion. So with an `as_of` in the past, later completions are recognized, but later
    snoozing, cancelling and reopening is not.

    Args:
        frame: Interactions, as returned by `reports.frame`, in any dataframe that Narwhals
            supports.
        as_of: The time up to which the report counts, aware (default: now).
        every: The period: `1d`, `1w` (from Monday), `1mo`, `1q` or `1y`.
        tz: The time zone of days and periods, or its IANA name.

    Returns:
        The same kind of dataframe, one row for each period and user, in that order.

    Raises:
        ConfigurationError: `as_of` has no time zone, or the period or the zone is unknown.

    Example:
        >>> from interactions_sdk import reports
        >>> follow_up_completion(reports.frame([])).columns[:5]
        ['period', 'user_id', 'planned', 'due', 'done']
    """
    now = to_epoch_milliseconds(as_of)

    def query(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        planned = _planned(rows, now, every, tz)
        classified = _classified(planned, now, start_of_day(now, tz))
        return classified.group_by("period", "user_id").agg(
            nw.col("due", "due_done", "done", "known", "done_in_time", "overdue").sum(),
            planned=nw.len(),
            median_delay=nw.col("delay").median(),
        )

    computed = {
        "completion_rate": ratio("due_done", "due"),
        "in_time_rate": ratio("done_in_time", "known"),
        "median_delay_days": nw.col("median_delay") / DAY,
    }
    return run("follow_up_completion", frame, query, order=["period", "user_id"], computed=computed)


def _planned(
    rows: nw.LazyFrame[Any], now: int, every: Every, tz: str | tzinfo
) -> nw.LazyFrame[Any]:
    """Select the follow-ups that were not cancelled, with the times needed to assess them."""
    candidates = rows.select(
        *("created_at", "user_id", "outcome", "next_action_date", "follow_up_completed_at"),
        first_due=nw.coalesce("follow_up_first_due_at", "next_action_date"),
    ).filter(~nw.col("first_due").is_null())
    timed = add_time_columns(
        candidates,
        tz=tz,
        period=Period("first_due", every),
        created=Milliseconds("created_at"),
        first_due_ms=Milliseconds("first_due"),
        next_due_ms=Milliseconds("next_action_date"),
        completed_ms=Milliseconds("follow_up_completed_at"),
        first_due_day=Period("first_due", "1d"),
        completed_day=Period("follow_up_completed_at", "1d"),
    )
    resolved = count_if(nw.col("outcome") == "resolved")
    later = count_if(nw.col("completed_ms") > now)
    return (
        timed.filter(nw.col("created") <= now)
        .with_columns(done=resolved * (1 - later))
        .filter(~nw.col("next_action_date").is_null() | (nw.col("done") == 1))
    )


def _classified(planned: nw.LazyFrame[Any], now: int, today: int) -> nw.LazyFrame[Any]:
    done = nw.col("done") == 1
    known = done & ~nw.col("completed_ms").is_null()
    on_the_day = nw.col("completed_day") <= nw.col("first_due_day")
    due = nw.col("first_due_ms") <= now
    return planned.with_columns(
        due=count_if(due),
        due_done=count_if(due & done),
        known=count_if(known),
        done_in_time=count_if(known & on_the_day),
        overdue=count_if(~done & (nw.col("next_due_ms") < today)),
        delay=nw.when(known).then(nw.col("completed_ms") - nw.col("first_due_ms")),
    )
