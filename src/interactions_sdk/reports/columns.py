"""The meaning of every column of every report, for code, docstrings and documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.models.enums import InteractionType

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "COLUMNS",
    "FREQUENCY_SATURATION",
    "NOT_REACHED_OUTCOMES",
    "RECENCY_HALF_LIFE_DAYS",
    "RECENT_DAYS",
    "SCORE_WEIGHTS",
    "SUCCESS_OUTCOMES",
    "Column",
    "columns",
    "with_column_docs",
]

Kind = Literal["text", "count", "number", "time", "period"]

FunctionT = TypeVar("FunctionT", bound="Callable[..., object]")

SUCCESS_OUTCOMES = ("successful", "resolved")
"""Outcomes that count as success."""

NOT_REACHED_OUTCOMES = ("no_answer", "voicemail", "busy")
"""Outcomes of an outbound contact that did not reach the customer."""

RECENT_DAYS = 90
"""The number of days before `as_of` in which contacts count as recent."""

FREQUENCY_SATURATION = 12
"""The number of recent contacts that gives the full score for frequency."""

RECENCY_HALF_LIFE_DAYS = 30
"""The number of days without contact that halves the score for recency."""

SCORE_WEIGHTS = {"recency": 50, "frequency": 30, "reciprocity": 20}
"""The points of each part of the engagement score, 100 in total."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report.

    Attributes:
        name: Its name in the dataframe.
        kind: `text`, `count` (an integer), `number` (a float), `time` (as in the input) or
            `period` (a datetime without zone: midnight of the period's first day, local).
        unit: What is counted or measured.
        definition: Its meaning, and when it is null.
    """

    name: str
    kind: Kind
    unit: str
    definition: str


_PERIOD = Column("period", "period", "local time", "The first day of the period, in `tz`.")
_CUSTOMER = Column("customer_id", "text", "id", "The customer.")
_USER = Column("user_id", "text", "id", "The user who performed the interactions.")
_LAST_CONTACT = Column(
    "last_contact_at", "time", "time", "The latest interaction up to `as_of`, of any type."
)
_SILENCE = Column(
    "days_since_last_contact",
    "number",
    "days",
    "Days of 24 hours from the last contact to `as_of`.",
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "by_type": (
        _PERIOD,
        Column("interaction_type", "text", "type", "The interaction type, as it is written."),
        Column("interactions", "count", "interactions", "Interactions created in the period."),
        Column("share", "number", "0 to 1", "Their share of all interactions of the period."),
        Column(
            "mean_duration",
            "number",
            "minutes",
            "Mean of the known durations; null where none is known.",
        ),
        Column(
            "median_duration",
            "number",
            "minutes",
            "Median of the known durations; null where none is known.",
        ),
        Column(
            "success_rate",
            "number",
            "0 to 1",
            "Interactions with the outcome `successful` or `resolved`, of those that have an"
            " outcome; null where none has.",
        ),
    ),
    "user_activity": (
        _PERIOD,
        _USER,
        Column("interactions", "count", "interactions", "Interactions created in the period."),
        *(
            Column(name, "count", "interactions", f"Those of type `{name}`.")
            for name in InteractionType
        ),
        Column(
            "unlisted", "count", "interactions", "Those of a type that the schema does not name."
        ),
        Column("customers", "count", "customers", "The number of different customers."),
        Column("minutes", "count", "minutes", "Sum of the known durations; 0 where none is known."),
        Column(
            "median_hours_to_follow_up",
            "number",
            "hours",
            "Median time from an interaction to the completion of its follow-up, of those whose"
            " completion is known; null where none is.",
        ),
    ),
    "engagement": (
        _CUSTOMER,
        Column("interactions", "count", "interactions", "Interactions up to `as_of`."),
        Column("first_contact_at", "time", "time", "The first of them."),
        _LAST_CONTACT,
        _SILENCE,
        Column(
            "median_gap_days",
            "number",
            "days",
            "Median time between one contact and the next; null with a single contact.",
        ),
        Column(
            "longest_gap_days",
            "number",
            "days",
            "Longest time between one contact and the next; null with a single contact.",
        ),
        Column("inbound_share", "number", "0 to 1", "Share of inbound interactions."),
        Column(
            "response_rate",
            "number",
            "0 to 1",
            "Outbound interactions that reached the customer (an outcome other than `no_answer`,"
            " `voicemail` and `busy`), of the outbound ones that have an outcome and were not"
            " `cancelled`; null where there is none.",
        ),
        Column(
            "recent_interactions",
            "count",
            "interactions",
            f"Interactions of the {RECENT_DAYS} days up to `as_of`.",
        ),
        Column(
            "score",
            "number",
            "0 to 100",
            f"{SCORE_WEIGHTS['recency']} x recency + {SCORE_WEIGHTS['frequency']} x frequency +"
            f" {SCORE_WEIGHTS['reciprocity']} x reciprocity. Recency is {RECENCY_HALF_LIFE_DAYS} /"
            f" ({RECENCY_HALF_LIFE_DAYS} + days since the last contact); frequency is recent"
            f" interactions / {FREQUENCY_SATURATION}, at most 1; reciprocity is twice the inbound"
            " share, at most 1.",
        ),
    ),
    "follow_up_completion": (
        Column(
            "period",
            "period",
            "local time",
            "The first day of the period, in `tz`, in which the follow-up was first due.",
        ),
        _USER,
        Column(
            "planned",
            "count",
            "follow-ups",
            "Follow-ups first due in the period, of interactions created up to `as_of`; cancelled"
            " ones, whose date was cleared, are not counted.",
        ),
        Column("due", "count", "follow-ups", "Planned ones first due at or before `as_of`."),
        Column(
            "done",
            "count",
            "follow-ups",
            "Planned ones with the outcome `resolved`, unless completed after `as_of`.",
        ),
        Column(
            "done_in_time",
            "count",
            "follow-ups",
            "Done ones completed on the day, in `tz`, on which they were first due, or earlier;"
            " where the completion's time is unknown, not counted.",
        ),
        Column(
            "overdue",
            "count",
            "follow-ups",
            "Planned ones that are not done and whose present date, after all snoozes, lies"
            " before the start of the day of `as_of` in `tz`.",
        ),
        Column(
            "completion_rate",
            "number",
            "0 to 1",
            "Share of the due ones that are done; null where none is due.",
        ),
        Column(
            "in_time_rate",
            "number",
            "0 to 1",
            "Done in time, of the done ones whose completion's time is known; null where there is"
            " none.",
        ),
        Column(
            "median_delay_days",
            "number",
            "days",
            "Median time from the first due date to the completion, negative where it was early;"
            " null where no completion's time is known.",
        ),
    ),
    "stale_customers": (
        _CUSTOMER,
        _LAST_CONTACT,
        _SILENCE,
        Column("interactions", "count", "interactions", "Interactions up to `as_of`."),
        Column("open_follow_ups", "count", "follow-ups", "Those with an open follow-up."),
        Column(
            "next_follow_up_at",
            "time",
            "time",
            "The earliest date of an open follow-up; null where none is open.",
        ),
    ),
    "heatmap": (
        Column("weekday", "count", "1 to 7", "Day of the week in `tz`: 1 is Monday, 7 Sunday."),
        Column("hour", "count", "0 to 23", "Hour of the day in `tz`."),
        Column(
            "interactions",
            "count",
            "interactions",
            "Interactions created then; an hour without any has no row.",
        ),
    ),
}
"""The columns of each report, in order."""


def columns(report: str) -> tuple[Column, ...]:
    """Return the meaning of a report's columns, in order.

    Args:
        report: The name of a report function, such as `by_type`.

    Returns:
        One `Column` each, with `name`, `kind`, `unit` and `definition`.

    Raises:
        ConfigurationError: The report is unknown.

    Example:
        >>> [column.name for column in columns("heatmap")]
        ['weekday', 'hour', 'interactions']
        >>> columns("by_type")[4].unit
        'minutes'
    """
    try:
        return COLUMNS[report]
    except KeyError:
        raise ConfigurationError(
            f"Unknown report {report!r}. Available: {', '.join(COLUMNS)}."
        ) from None


def with_column_docs(function: FunctionT) -> FunctionT:
    """Append the columns of a report to the docstring of its function."""
    lines = (
        f"    - `{column.name}` ({column.unit}): {column.definition}"
        for column in columns(function.__name__)
    )
    function.__doc__ = "\n".join(
        [(function.__doc__ or "").rstrip(), "", "    Columns:", "", *lines]
    )
    return function
