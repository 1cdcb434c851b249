"""The engagement of each customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from interactions_sdk.reports.columns import (
    FREQUENCY_SATURATION,
    NOT_REACHED_OUTCOMES,
    RECENCY_HALF_LIFE_DAYS,
    RECENT_DAYS,
    SCORE_WEIGHTS,
    with_column_docs,
)
from interactions_sdk.reports.engines import count_if, ratio, run
from interactions_sdk.reports.times import (
    DAY,
    Milliseconds,
    add_time_columns,
    to_epoch_milliseconds,
)

if TYPE_CHECKING:
    from datetime import datetime

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["engagement"]


@with_column_docs
def engagement(frame: IntoFrameT, *, as_of: datetime | None = None) -> IntoFrameT:
    """Measure how each customer and the company keep in contact.

    Args:
        frame: Interactions, as returned by `reports.frame`, in any dataframe that Narwhals
            supports.
        as_of: The time up to which the report counts, aware (default: now). Later interactions are
            left out.

    Returns:
        The same kind of dataframe, one row for each customer, by ID.

    Raises:
        ConfigurationError: `as_of` has no time zone.

    Example:
        >>> from interactions_sdk import reports
        >>> engagement(reports.frame([])).columns[:3]
        ['customer_id', 'interactions', 'first_contact_at']
    """
    now = to_epoch_milliseconds(as_of)

    def query(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        columns = ("created_at", "customer_id", "direction", "outcome")
        timed = add_time_columns(rows, *columns, created=Milliseconds("created_at"))
        customers = _by_customer(timed.filter(nw.col("created") <= now), now)
        return add_time_columns(customers, last=Milliseconds("last_contact_at"))

    return run("engagement", frame, query, order=["customer_id"], computed=_measures(now))


def _by_customer(timed: nw.LazyFrame[Any], now: int) -> nw.LazyFrame[Any]:
    outcome = nw.col("outcome")
    answerable = (nw.col("direction") == "outbound") & ~outcome.is_null() & (outcome != "cancelled")
    earlier = nw.col("created").shift(1).over("customer_id", order_by="created")
    return (
        timed.with_columns(
            gap=nw.col("created") - earlier,
            inbound=count_if(nw.col("direction") == "inbound"),
            recent=count_if(nw.col("created") > now - RECENT_DAYS * DAY),
            answerable=count_if(answerable),
            reached=count_if(answerable & ~outcome.is_in(NOT_REACHED_OUTCOMES)),
        )
        .group_by("customer_id")
        .agg(
            interactions=nw.len(),
            first_contact_at=nw.col("created_at").min(),
            last_contact_at=nw.col("created_at").max(),
            median_gap=nw.col("gap").median(),
            longest_gap=nw.col("gap").max(),
            inbound=nw.col("inbound").sum(),
            recent_interactions=nw.col("recent").sum(),
            answerable=nw.col("answerable").sum(),
            reached=nw.col("reached").sum(),
        )
    )


def _measures(now: int) -> dict[str, nw.Expr]:
    days = (now - nw.col("last")) / DAY
    inbound_share = nw.col("inbound") / nw.col("interactions")
    recency = RECENCY_HALF_LIFE_DAYS / (days + RECENCY_HALF_LIFE_DAYS)
    frequency = _at_most_one(nw.col("recent_interactions") / FREQUENCY_SATURATION)
    reciprocity = _at_most_one(inbound_share * 2)
    return {
        "days_since_last_contact": days,
        "median_gap_days": nw.col("median_gap") / DAY,
        "longest_gap_days": nw.col("longest_gap") / DAY,
        "inbound_share": inbound_share,
        "response_rate": ratio("reached", "answerable"),
        "score": recency * SCORE_WEIGHTS["recency"]
        + frequency * SCORE_WEIGHTS["frequency"]
        + reciprocity * SCORE_WEIGHTS["reciprocity"],
    }


def _at_most_one(value: nw.Expr) -> nw.Expr:
    return nw.when(value < 1).then(value).otherwise(nw.lit(1.0))
