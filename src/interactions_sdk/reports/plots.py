"""A chart for each report, in shades of grey: readable in print and to colour-blind people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import narwhals.stable.v2 as nw
import polars as pl

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.reports.charts import as_static
from interactions_sdk.reports.columns import COLUMNS
from interactions_sdk.reports.labels import labelled
from interactions_sdk.reports.names import CUSTOMER_NAME
from interactions_sdk.reports.themes import THEMES
from interactions_sdk.sentences import count_noun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from interactions_sdk.reports.charts import Chart
    from interactions_sdk.reports.themes import Theme, ThemeName

__all__ = ["plot"]

_WIDTH = 620
_MAX_USERS = 20
_MAX_CUSTOMERS = 30
_MAX_NUMBERED_PERIODS = 14
_MAX_LABELS = 8
_MIN_MONTH_LENGTH = timedelta(days=28)
_MONTH = timedelta(days=30)
_PERIODS = [
    (timedelta(days=365), "1y"),
    (timedelta(days=90), "1q"),
    (_MIN_MONTH_LENGTH, "1mo"),
    (timedelta(days=7), "1w"),
    (timedelta(days=1), "1d"),
]
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def plot(
    result: object, *, names: Mapping[str, str] | None = None, theme: ThemeName = "light"
) -> Chart:
    """Draw the chart that fits a report.

    The report is recognised by its columns. A lazy result is computed.

    Args:
        result: The result of a report function, on any engine.
        names: What to call customers and users, by ID (default: the column `customer_name` of
            `with_customer_names`); others are shown by their IDs. Two with the same name are
            distinguished by their IDs.
        theme: `light` or `dark`.

    Returns:
        An Altair chart. Notebooks show it, and `.save("x.png")`, `.save("x.svg")`,
        `.save("x.html")` and `.to_html()` write it, all without a network: HTML is a picture with
        tooltips and a text for screen readers, without scripts. Text that is not a valid Appwrite
        ID is shown escaped, with a warning sign. `by_type`: bars by period, one panel for each
        type. `user_activity`: a grid of the 20 busiest users by period. `engagement`: customers by
        score, with the days since the last contact. `follow_up_completion`: the completion of
        follow-ups by period. `stale_customers`: the 30 customers longest without contact.
        `heatmap`: the week by hour. A report without rows results in a chart that says so.

    Raises:
        ConfigurationError: `result` does not have the columns of a report, or the theme is unknown.

    Example:
        >>> import polars as pl
        >>> chart = plot(pl.DataFrame({"weekday": [1], "hour": [9], "interactions": [4]}))
        >>> chart.to_dict()["title"]["text"]
        'Interactions by weekday and hour'
    """
    if theme not in THEMES:
        raise ConfigurationError(f"Unknown theme {theme!r}. Available: {', '.join(THEMES)}.")
    colours = THEMES[theme]
    rows, named = _without_names(_collected(result))
    report = _REPORTS.get(tuple(rows.columns))
    if report is None:
        raise ConfigurationError(
            f"plot draws the result of a report ({', '.join(COLUMNS)}) with all of its columns;"
            f" these are {', '.join(rows.columns)}."
        )
    draw, title = _CHARTS[report]
    if rows.is_empty():
        return _style(_empty_chart(), title, "nothing to report", colours)
    chart, subtitle = draw(labelled(rows, COLUMNS[report], {**named, **(names or {})}), colours)
    return _style(chart, title, subtitle, colours)


def _without_names(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the rows of a report without customer names, and the names by ID."""
    if CUSTOMER_NAME not in rows.columns:
        return rows, {}
    named = rows.select("customer_id", CUSTOMER_NAME).drop_nulls()
    return rows.drop(CUSTOMER_NAME), dict(named.iter_rows())


_REPORTS = {tuple(column.name for column in columns): report for report, columns in COLUMNS.items()}


def _collected(result: object) -> pl.DataFrame:
    frame = cast("nw.DataFrame[Any] | nw.LazyFrame[Any]", nw.from_native(cast("Any", result)))
    if isinstance(frame, nw.LazyFrame):
        return cast("pl.DataFrame", frame.collect(backend="polars").to_native())
    return frame.to_polars()


def _by_type(rows: pl.DataFrame, theme: Theme) -> tuple[Chart, str]:
    kinds = rows.group_by("interaction_type").agg(pl.col("interactions").sum())
    order = kinds.sort("interactions", "interaction_type", descending=[True, False])
    columns = min(order.height, 3)
    width = _WIDTH // columns - 16
    chart = (
        alt.Chart(_with_positions(rows))
        .mark_bar(color=theme.ink, size=_bar_size(rows, width))
        .encode(
            x=_period_axis(rows, labels=_MAX_LABELS // columns),
            y=alt.Y(
                "interactions:Q", title="interactions", axis=_integer_axis(rows["interactions"], 4)
            ),
            tooltip=["interaction_type", "period", "interactions", "share", "success_rate"],
        )
        .properties(width=width, height=90)
        .facet(
            facet=alt.Facet(
                "interaction_type:N", title=None, sort=order["interaction_type"].to_list()
            ),
            columns=columns,
        )
    )
    return chart, count_noun(rows["interactions"].sum(), "interaction")


def _user_activity(rows: pl.DataFrame, theme: Theme) -> tuple[Chart, str]:
    users = rows.group_by("user_id").agg(pl.col("interactions").sum())
    busiest = users.sort("interactions", "user_id", descending=[True, False])
    shown = busiest["user_id"].head(_MAX_USERS)
    cells = rows.filter(pl.col("user_id").is_in(shown.implode())).with_columns(
        label=_label(rows, pl.col("period"))
    )
    labels = _labels(rows)
    most = cast("int", cells["interactions"].max())
    base = alt.Chart(cells).encode(
        x=alt.X(
            "label:O",
            title="period",
            axis=alt.Axis(labelOverlap=True, labelAngle=-45),
            scale=alt.Scale(domain=labels),
        ),
        y=alt.Y("user_id:N", title="user", sort=shown.to_list(), axis=_ids()),
    )
    grid = base.mark_rect(stroke=theme.ground).encode(
        color=_grey_scale("interactions", most, theme),
        tooltip=["user_id", "label", "interactions", "minutes"],
    )
    numbers = base.mark_text(fontSize=10).encode(
        text="interactions:Q",
        color=alt.condition(
            alt.datum["interactions"] > most / 2, alt.value(theme.ground), alt.value(theme.text)
        ),
    )
    few = len(labels) <= _MAX_NUMBERED_PERIODS
    chart = (grid + numbers if few else grid).properties(width=_WIDTH)
    return chart, f"{len(shown)} of {count_noun(busiest.height, 'user')}, the busiest first"


def _engagement(rows: pl.DataFrame, theme: Theme) -> tuple[Chart, str]:
    band = (pl.col("score") // 10).clip(0, 9).cast(pl.Int64) * 10
    bands = (
        rows.with_columns(band=band)
        .group_by("band")
        .agg(customers=pl.len(), silence=pl.col("days_since_last_contact").median())
        .with_columns(label=pl.format("{}-{}", "band", pl.col("band") + 10))
    )
    labels = [f"{low}-{low + 10}" for low in range(90, -1, -10)]
    base = alt.Chart(bands).encode(
        y=alt.Y(
            "label:O",
            title="engagement score (0 to 100)",
            sort=labels,
            scale=alt.Scale(domain=labels),
        )
    )

    def panel(
        column: str, title: str, style: str, axis: alt.Axis
    ) -> alt.LayerChart | alt.FacetChart:
        x = alt.X(f"{column}:Q", title=title, axis=axis)
        bars = base.mark_bar(color=theme.ink).encode(x=x)
        numbers = base.mark_text(align="left", dx=4, color=theme.text).encode(
            x=x, text=alt.Text(column, format=style)
        )
        both: alt.LayerChart | alt.FacetChart
        both = (bars + numbers).properties(width=(_WIDTH - 90) // 2)
        return both

    days = "median days since the last contact"
    chart = panel("customers", "customers", ",d", _integer_axis(bands["customers"], 5)) | panel(
        "silence", days, ",.0f", alt.Axis(tickCount=5)
    )
    return chart, count_noun(rows.height, "customer")


_STATES = {
    "done in time": pl.col("done_in_time"),
    "done late, or at an unknown time": pl.col("done") - pl.col("done_in_time"),
    "open": pl.col("planned") - pl.col("done") - pl.col("overdue"),
    "overdue": pl.col("overdue"),
}


def _follow_up_completion(rows: pl.DataFrame, theme: Theme) -> tuple[Chart, str]:
    states = (
        rows.group_by("period")
        .agg(**{state: value.sum() for state, value in _STATES.items()})
        .unpivot(index="period", variable_name="state", value_name="follow_ups")
        .with_columns(order=pl.col("state").replace_strict(list(_STATES), range(len(_STATES))))
    )
    size = _bar_size(rows, _WIDTH)
    totals = rows.group_by("period").agg(pl.col("planned").sum())["planned"]
    chart = (
        alt.Chart(_with_positions(states))
        .mark_bar(size=size, stroke=theme.text, strokeWidth=min(0.7, size / 10))
        .encode(
            x=_period_axis(rows, labels=_MAX_LABELS),
            y=alt.Y(
                "follow_ups:Q",
                title="follow-ups first due in the period",
                axis=_integer_axis(totals),
            ),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=list(_STATES), range=list(theme.states)),
                legend=alt.Legend(orient="bottom", symbolStrokeColor=theme.text, labelLimit=0),
            ),
            order="order:Q",
            tooltip=["period", "state", "follow_ups"],
        )
        .properties(width=_WIDTH, height=260)
    )
    counts = (f"{rows[name].sum():,} {name}" for name in ("planned", "due", "done"))
    return chart, ", ".join(counts)


def _stale_customers(rows: pl.DataFrame, theme: Theme) -> tuple[Chart, str]:
    planned = pl.when(pl.col("open_follow_ups") > 0).then(pl.lit("yes")).otherwise(pl.lit("no"))
    shown = rows.head(_MAX_CUSTOMERS).with_columns(planned=planned)
    base = alt.Chart(shown).encode(
        x=alt.X(
            "days_since_last_contact:Q",
            title="days since the last contact",
            axis=alt.Axis(tickCount=8),
        ),
        y=alt.Y(
            "customer_id:N", title="customer", sort=shown["customer_id"].to_list(), axis=_ids()
        ),
    )
    bars = base.mark_bar(stroke=theme.text, strokeWidth=0.7).encode(
        color=alt.Color(
            "planned:N",
            title="follow-up planned",
            scale=alt.Scale(domain=["no", "yes"], range=[theme.ink, theme.states[2]]),
            legend=alt.Legend(orient="bottom", symbolStrokeColor=theme.text),
        ),
        tooltip=list(rows.columns),
    )
    numbers = base.mark_text(align="left", dx=4, color=theme.text).encode(
        text=alt.Text("days_since_last_contact:Q", format=",.0f")
    )
    chart = (bars + numbers).properties(width=_WIDTH - 40)
    of_all = count_noun(rows.height, "customer")
    return chart, f"{shown.height} of {of_all}, the longest without contact first"


def _heatmap(rows: pl.DataFrame, theme: Theme) -> tuple[Chart, str]:
    week = pl.DataFrame(
        [(day, name, hour) for day, name in enumerate(_WEEKDAYS, 1) for hour in range(24)],
        schema=["weekday", "day", "hour"],
        orient="row",
    )
    cells = week.join(rows, on=["weekday", "hour"], how="left").with_columns(
        pl.col("interactions").fill_null(0)
    )
    chart = (
        alt.Chart(cells)
        .mark_rect(stroke="white")
        .encode(
            x=alt.X("hour:O", title="hour of the day (0 to 23)", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("day:O", title="weekday", sort=_WEEKDAYS),
            color=_grey_scale("interactions", cast("int", cells["interactions"].max()), theme),
            tooltip=["day", "hour", "interactions"],
        )
        .properties(width=_WIDTH, height=190)
    )
    return chart, count_noun(rows["interactions"].sum(), "interaction")


_CHARTS: dict[str, tuple[Callable[[pl.DataFrame, Theme], tuple[Chart, str]], str]] = {
    "by_type": (_by_type, "Interactions by type and period"),
    "user_activity": (_user_activity, "Interactions by user and period"),
    "engagement": (_engagement, "Engagement of customers"),
    "follow_up_completion": (_follow_up_completion, "Follow-up completion"),
    "stale_customers": (_stale_customers, "Customers without contact"),
    "heatmap": (_heatmap, "Interactions by weekday and hour"),
}


def _empty_chart() -> Chart:
    """Return an empty chart: a report without rows still gets an image."""
    point = alt.Chart(pl.DataFrame({"nothing": [0]})).mark_point(opacity=0)
    empty: alt.Chart = point.properties(width=_WIDTH)
    return empty


def _integer_axis(counts: pl.Series, ticks: int = 8) -> alt.Axis:
    """Return an axis for counts, with integers only."""
    most = cast("int", counts.max())
    return alt.Axis(tickCount=min(most, ticks), tickMinStep=1, format=",d")


def _ids() -> alt.Axis:
    """Return an axis on which Appwrite's longest IDs, of 36 characters, remain distinct."""
    return alt.Axis(labelLimit=280, maxExtent=300)


def _style(chart: Chart, title: str, subtitle: str, theme: Theme) -> Chart:
    heading = alt.TitleParams(title, subtitle=subtitle, anchor="start", offset=10)
    # Each class of chart has these methods, but their union is more than pyright can hold.
    untyped = cast("Any", as_static(chart))
    coloured = {"labelColor": theme.text, "titleColor": theme.text}
    return cast(
        "Chart",
        untyped.properties(
            title=heading, description=f"{title}: {subtitle}.", background=theme.ground
        )
        .configure_axis(
            labelFontSize=11,
            titleFontSize=12,
            titleFontWeight="normal",
            domainColor=theme.muted,
            tickColor=theme.muted,
            gridColor=theme.line,
            **coloured,
        )
        .configure_header(**coloured)
        .configure_legend(**coloured)
        .configure_title(
            fontSize=15, subtitleFontSize=12, color=theme.text, subtitleColor=theme.muted
        )
        .configure_view(strokeWidth=0),
    )


def _grey_scale(column: str, most: int, theme: Theme) -> alt.Color:
    return alt.Color(
        f"{column}:Q",
        title=column,
        scale=alt.Scale(range=list(theme.shades), domain=[0, most]),
        legend=alt.Legend(values=list(range(0, most + 1, -(-most // 4))), format=",d"),
    )


def _with_positions(rows: pl.DataFrame) -> pl.DataFrame:
    """Place periods on a UTC axis, so that they do not depend on the reader's time zone."""
    return rows.with_columns(position=pl.col("period").dt.timestamp("ms"))


def _step(rows: pl.DataFrame) -> timedelta:
    """Return the shortest distance between two periods; a month, if there is only one."""
    shortest = rows["period"].unique().sort().diff().min()
    return cast("timedelta | None", shortest) or _MONTH


def _bar_size(rows: pl.DataFrame, width: int) -> float:
    span: timedelta = rows.select(pl.col("period").max() - pl.col("period").min()).item()
    return max(1.0, 0.8 * width / (span / _step(rows) + 1))


def _period_axis(rows: pl.DataFrame, *, labels: int) -> alt.X:
    periods = rows["period"].unique().sort().dt.timestamp("ms")
    half = int(_step(rows) / timedelta(milliseconds=2))
    return alt.X(
        "position:T",
        title="period",
        scale=alt.Scale(
            type="utc", domain=[cast("int", periods[0]) - half, cast("int", periods[-1]) + half]
        ),
        axis=alt.Axis(
            values=periods.gather_every(-(-len(periods) // labels)).to_list(),
            format="%b %Y" if _are_months(rows) else "%-d %b %Y",
            grid=False,
        ),
    )


def _labels(rows: pl.DataFrame) -> list[str]:
    """Return the labels of all periods from the first to the last, including those without rows."""
    every = next(every for shortest, every in _PERIODS if _step(rows) >= shortest)
    first, last = cast("datetime", rows["period"].min()), cast("datetime", rows["period"].max())
    periods = pl.datetime_range(first, last, every, eager=True).alias("period").to_frame()
    return periods.select(_label(rows, pl.col("period")))["period"].to_list()


def _label(rows: pl.DataFrame, period: pl.Expr) -> pl.Expr:
    return period.dt.to_string("%Y-%m" if _are_months(rows) else "%Y-%m-%d")


def _are_months(rows: pl.DataFrame) -> bool:
    """Return whether the periods are months or longer, judging by their first days."""
    return _step(rows) >= _MIN_MONTH_LENGTH and bool((rows["period"].dt.day() == 1).all())
