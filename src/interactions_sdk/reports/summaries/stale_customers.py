"""Customers without recent contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.reports.columns import with_column_docs
from interactions_sdk.reports.engines import run
from interactions_sdk.reports.times import (
    DAY,
    Milliseconds,
    add_time_columns,
    to_epoch_milliseconds,
)

if TYPE_CHECKING:
    from datetime import datetime

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["stale_customers"]


@with_column_docs
def stale_customers(
    frame: IntoFrameT, *, days: float = 30, as_of: datetime | None = None
) -> IntoFrameT:
    """List the customers without any interaction for a number of days, longest first.

    Only customers that have an interaction in the frame can be found.

    Args:
        frame: Interactions, as returned by `reports.frame`, in any dataframe that Narwhals
            supports.
        days: The minimum time without contact, in days of 24 hours, 0 or more.
        as_of: The time up to which the report counts, aware (default: now). Later interactions are
            left out.

    Returns:
        The same kind of dataframe, one row for each such customer, the longest without
        contact first, then by ID.

    Raises:
        ConfigurationError: `as_of` has no time zone, or `days` is negative.

    Example:
        >>> from interactions_sdk import reports
        >>> stale_customers(reports.frame([]), days=90).columns[:2]
        ['customer_id', 'last_contact_at']
    """
    now = to_epoch_milliseconds(as_of)
    if days < 0:
        raise ConfigurationError(f"days must be 0 or more, not {days}.")

    def query(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        columns = ("created_at", "customer_id", "outcome", "next_action_date")
        timed = add_time_columns(rows, *columns, created=Milliseconds("created_at"))
        outcome = nw.col("outcome")
        is_open = ~nw.col("next_action_date").is_null() & (
            outcome.is_null() | (outcome != "resolved")
        )
        customers = (
            timed.filter(nw.col("created") <= now)
            .with_columns(open_date=nw.when(is_open).then(nw.col("next_action_date")))
            .group_by("customer_id")
            .agg(
                last_contact_at=nw.col("created_at").max(),
                interactions=nw.len(),
                open_follow_ups=nw.col("open_date").count(),
                next_follow_up_at=nw.col("open_date").min(),
            )
        )
        dated = add_time_columns(customers, last=Milliseconds("last_contact_at"))
        return dated.filter(nw.col("last") <= now - days * DAY)

    return run(
        "stale_customers",
        frame,
        query,
        order=["days_since_last_contact", "customer_id"],
        descending=[True, False],
        computed={"days_since_last_contact": (now - nw.col("last")) / DAY},
    )
