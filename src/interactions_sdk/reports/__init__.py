"""Reports over interactions, on any dataframe engine that Narwhals supports.

Every report takes a dataframe with the columns of `SCHEMA` and returns the same kind of dataframe,
which is lazy if the engine is lazy. `columns(report)` describes each column of a result.

Needs the extra `reports` of interactions-sdk.
"""

from __future__ import annotations

from interactions_sdk.reports import requirements as requirements
from interactions_sdk.reports.archive import scan
from interactions_sdk.reports.columns import Column, columns
from interactions_sdk.reports.frames import SCHEMA, frame
from interactions_sdk.reports.names import with_customer_names
from interactions_sdk.reports.plots import plot
from interactions_sdk.reports.summaries.by_type import by_type
from interactions_sdk.reports.summaries.engagement import engagement
from interactions_sdk.reports.summaries.follow_up_completion import follow_up_completion
from interactions_sdk.reports.summaries.heatmap import heatmap
from interactions_sdk.reports.summaries.stale_customers import stale_customers
from interactions_sdk.reports.summaries.user_activity import user_activity

__all__ = [
    "SCHEMA",
    "Column",
    "by_type",
    "columns",
    "engagement",
    "follow_up_completion",
    "frame",
    "heatmap",
    "plot",
    "scan",
    "stale_customers",
    "user_activity",
    "with_customer_names",
]
