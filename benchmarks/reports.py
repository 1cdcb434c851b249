"""Reports over generated interactions, compared with the same queries written by hand.

python benchmarks/reports.py [--rows 1000000] [--repeats 5]

Prints, for Polars and DuckDB, the best time of each report and of the query that a developer would
write for that engine, which must give the same result; then the time to build a frame. Each part
runs in its own process, whose peak memory is printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import polars.selectors as cs
from polars.testing import assert_frame_equal

from interactions_sdk import InteractionCreate, InteractionsClient, reports
from interactions_sdk.models.enums import InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AS_OF = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
FIRST = datetime(2023, 6, 1, tzinfo=UTC)
CUSTOMERS = 20_000
USERS = 200
EMBEDDED_ROWS = 20_000
LEAST_SECONDS = 5.0

TYPES = [kind.value for kind in InteractionType]


# The same queries, written by hand.


def polars_by_type(f: pl.LazyFrame) -> pl.LazyFrame:
    """Interactions by type."""
    return (
        f.group_by(period=pl.col("created_at").dt.truncate("1mo"), by="interaction_type")
        .agg(
            interactions=pl.len(),
            mean_duration=pl.col("duration").mean(),
            median_duration=pl.col("duration").median(),
            success_rate=pl.col("outcome").is_in(["successful", "resolved"]).mean(),
        )
        .with_columns(share=pl.col("interactions") / pl.col("interactions").sum().over("period"))
        .sort("period", "by")
    )


def polars_user_activity(f: pl.LazyFrame) -> pl.LazyFrame:
    """The activity of each user."""
    kind = pl.col("interaction_type")
    resolved = pl.col("outcome") == "resolved"
    to_follow_up = pl.col("follow_up_completed_at") - pl.col("created_at")
    return (
        f.group_by(period=pl.col("created_at").dt.truncate("1mo"), by="user_id")
        .agg(
            *((kind == name).sum().alias(name) for name in TYPES),
            unlisted=(~kind.is_in(TYPES)).sum(),
            interactions=pl.len(),
            customers=pl.col("customer_id").n_unique(),
            minutes=pl.col("duration").sum(),
            median_hours_to_follow_up=to_follow_up.filter(resolved).median().dt.total_milliseconds()
            / 3_600_000,
        )
        .sort("period", "by")
    )


def polars_engagement(f: pl.LazyFrame) -> pl.LazyFrame:
    """The engagement of customers."""
    day = timedelta(days=1)
    created = pl.col("created_at")
    tried = (pl.col("direction") == "outbound") & (pl.col("outcome") != "cancelled")
    reached = tried & ~pl.col("outcome").is_in(["no_answer", "voicemail", "busy"])
    return (
        f.filter(created <= AS_OF)
        .group_by(by="customer_id")
        .agg(
            interactions=pl.len(),
            first=created.min(),
            last=created.max(),
            median_gap_days=created.sort().diff().median().dt.total_milliseconds() / 86_400_000,
            longest_gap_days=created.sort().diff().max().dt.total_milliseconds() / 86_400_000,
            inbound_share=(pl.col("direction") == "inbound").mean(),
            response_rate=reached.sum() / tried.sum(),
            recent_interactions=(created > AS_OF - 90 * day).sum(),
        )
        .with_columns(days=(AS_OF - pl.col("last")).dt.total_milliseconds() / 86_400_000)
        .with_columns(
            score=50 * 30 / (30 + pl.col("days"))
            + 30 * (pl.col("recent_interactions") / 12).clip(upper_bound=1)
            + 20 * (2 * pl.col("inbound_share")).clip(upper_bound=1)
        )
        .sort("by")
    )


def polars_follow_up_completion(f: pl.LazyFrame) -> pl.LazyFrame:
    """Follow-up completion."""
    completed = pl.col("follow_up_completed_at")
    first_due = pl.coalesce("follow_up_first_due_at", "next_action_date")
    done = (pl.col("outcome") == "resolved").fill_null(value=False) & ~(
        completed > AS_OF
    ).fill_null(value=False)
    timed = pl.col("done") & completed.is_not_null()
    in_time = timed & (completed.dt.truncate("1d") <= pl.col("first_due").dt.truncate("1d"))
    due = pl.col("first_due") <= AS_OF
    today = AS_OF.replace(hour=0, minute=0)
    return (
        f.filter(pl.col("created_at") <= AS_OF)
        .with_columns(first_due=first_due, done=done)
        .filter(
            pl.col("first_due").is_not_null()
            & (pl.col("next_action_date").is_not_null() | pl.col("done"))
        )
        .group_by(period=pl.col("first_due").dt.truncate("1mo"), by="user_id")
        .agg(
            planned=pl.len(),
            due=due.sum(),
            done=pl.col("done").sum(),
            done_in_time=in_time.sum(),
            overdue=(~pl.col("done") & (pl.col("next_action_date") < today)).sum(),
            completion_rate=(due & pl.col("done")).sum() / due.sum(),
            in_time_rate=in_time.sum() / timed.sum(),
            median_delay_days=(completed - pl.col("first_due"))
            .filter(timed)
            .median()
            .dt.total_milliseconds()
            / 86_400_000,
        )
        .sort("period", "by")
    )


def polars_stale_customers(f: pl.LazyFrame) -> pl.LazyFrame:
    """Customers without contact."""
    is_open = pl.col("next_action_date").is_not_null() & pl.col("outcome").ne_missing("resolved")
    return (
        f.filter(pl.col("created_at") <= AS_OF)
        .group_by(by="customer_id")
        .agg(
            last=pl.col("created_at").max(),
            interactions=pl.len(),
            open_follow_ups=is_open.sum(),
            next_follow_up_at=pl.col("next_action_date").filter(is_open).min(),
        )
        .filter(pl.col("last") <= AS_OF - timedelta(days=30))
        .sort("last", "by")
    )


def polars_heatmap(f: pl.LazyFrame) -> pl.LazyFrame:
    """Interactions by weekday and hour."""
    local = pl.col("created_at").dt.convert_time_zone("Europe/Berlin")
    return (
        f.group_by(weekday=local.dt.weekday(), hour=local.dt.hour())
        .agg(interactions=pl.len())
        .sort("weekday", "hour")
    )


DUCKDB = {
    "by_type": """
        select *, interactions / sum(interactions) over (partition by period) as share from (
            select date_trunc('month', created_at) as period, interaction_type as by_,
                count(*) as interactions, mean(duration) as mean_duration,
                median(duration) as median_duration,
                count(*) filter (outcome in ('successful', 'resolved')) / count(outcome)
                    as success_rate
            from interactions group by all
        ) order by period, by_""",
    "user_activity": """
        select date_trunc('month', created_at) as period, user_id as by_,
            count(*) as interactions,
            $by_type, count(*) filter (interaction_type not in $types) as unlisted,
            count(distinct customer_id) as customers, coalesce(sum(duration), 0) as minutes,
            median(epoch_ms(follow_up_completed_at) - epoch_ms(created_at))
                filter (outcome = 'resolved') / 3600000 as median_hours_to_follow_up
        from interactions group by period, by_ order by period, by_""",
    "engagement": """
        with contacts as (
            select *, (epoch_ms(created_at) - epoch_ms(lag(created_at) over (
                partition by customer_id order by created_at))) / 86400000 as gap,
                direction = 'outbound' and outcome != 'cancelled' as tried
            from interactions where created_at <= $now
        ), customers as (
            select customer_id as by_, count(*) as interactions, min(created_at) as first,
                max(created_at) as last,
                (epoch_ms($now) - epoch_ms(max(created_at))) / 86400000 as days,
                median(gap) as median_gap_days, max(gap) as longest_gap_days,
                count(*) filter (direction = 'inbound') / count(*) as inbound_share,
                count(*) filter (tried and outcome not in ('no_answer', 'voicemail', 'busy'))
                    / count(*) filter (tried) as response_rate,
                count(*) filter (created_at > $now - interval 90 day) as recent_interactions
            from contacts group by customer_id
        )
        select *, 50 * 30 / (30 + days) + 30 * least(recent_interactions / 12, 1)
            + 20 * least(2 * inbound_share, 1) as score
        from customers order by by_""",
    "follow_up_completion": """
        with judged as (
            select *, coalesce(follow_up_first_due_at, next_action_date) as first_due,
                coalesce(outcome = 'resolved', false)
                    and not coalesce(follow_up_completed_at > $now, false) as is_done,
                is_done and follow_up_completed_at is not null as timed
            from interactions where created_at <= $now
        )
        select date_trunc('month', first_due) as period, user_id as by_, count(*) as planned,
            count(*) filter (first_due <= $now) as due, count(*) filter (is_done) as done,
            count(*) filter (timed and date_trunc('day', follow_up_completed_at)
                <= date_trunc('day', first_due)) as done_in_time,
            count(*) filter (not is_done and next_action_date < date_trunc('day', $now))
                as overdue,
            count(*) filter (is_done and first_due <= $now)
                / count(*) filter (first_due <= $now) as completion_rate,
            count(*) filter (timed and date_trunc('day', follow_up_completed_at)
                <= date_trunc('day', first_due)) / count(*) filter (timed) as in_time_rate,
            median(epoch_ms(follow_up_completed_at) - epoch_ms(first_due)) filter (timed)
                / 86400000 as median_delay_days
        from judged where first_due is not null and (next_action_date is not null or is_done)
        group by period, by_ order by period, by_""",
    "stale_customers": """
        select customer_id as by_, max(created_at) as last, count(*) as interactions,
            count(*) filter (next_action_date is not null
                and outcome is distinct from 'resolved') as open_follow_ups,
            min(next_action_date) filter (outcome is distinct from 'resolved')
                as next_follow_up_at
        from interactions where created_at <= $now group by customer_id
        having max(created_at) <= $now - interval 30 day order by last, by_""",
    "heatmap": """
        select isodow(timezone('Europe/Berlin', created_at)) as weekday,
            hour(timezone('Europe/Berlin', created_at)) as hour, count(*) as interactions
        from interactions group by all order by weekday, hour""",
}

_WORDS = {
    "$now": f"timestamptz '{AS_OF.isoformat()}'",
    "$by_type": ", ".join(
        f"count(*) filter (interaction_type = '{name}') as \"{name}\"" for name in TYPES
    ),
    "$types": str(tuple(TYPES)),
}


def in_sql(report: str) -> str:
    """Return the query with the time and the types filled in."""
    query = DUCKDB[report]
    for word, text in _WORDS.items():
        query = query.replace(word, text)
    return query


POLARS: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    "by_type": polars_by_type,
    "user_activity": polars_user_activity,
    "engagement": polars_engagement,
    "follow_up_completion": polars_follow_up_completion,
    "stale_customers": polars_stale_customers,
    "heatmap": polars_heatmap,
}

REPORTS: dict[str, Callable[[Any], Any]] = {
    "by_type": reports.by_type,
    "user_activity": reports.user_activity,
    "engagement": lambda f: reports.engagement(f, as_of=AS_OF),
    "follow_up_completion": lambda f: reports.follow_up_completion(f, as_of=AS_OF),
    "stale_customers": lambda f: reports.stale_customers(f, as_of=AS_OF),
    "heatmap": lambda f: reports.heatmap(f, tz="Europe/Berlin"),
}


def generated(rows: int) -> pl.DataFrame:
    """Return three years of interactions of 20,000 customers and 200 users, as a frame."""
    numbers = pl.int_range(rows, eager=True)

    def dice(seed: int, below: int) -> pl.Expr:
        return pl.col("n").hash(seed) % below

    def minutes(seed: int, below: int) -> pl.Expr:
        return pl.duration(minutes=dice(seed, below).cast(pl.Int64))

    def one_of(seed: int, values: list[str | None]) -> pl.Expr:
        return dice(seed, len(values)).replace_strict(
            range(len(values)), values, return_dtype=pl.String
        )

    outcomes: list[str | None] = [None, *(outcome.value for outcome in Outcome)]
    created = pl.lit(FIRST).dt.cast_time_unit("ms") + pl.duration(
        milliseconds=dice(1, 3 * 365 * 86_400_000).cast(pl.Int64)
    )
    follow_up = dice(10, 10)
    columns = {
        "id": pl.format("i{}", "n"),
        "created_at": created,
        "updated_at": created,
        "customer_id": pl.format("customer-{}", dice(2, CUSTOMERS)),
        "interaction_type": one_of(3, list(TYPES)),
        "subject": pl.lit("Quarterly review"),
        "description": pl.format("What was said in conversation {}.", "n"),
        "user_id": pl.format("user-{}", dice(4, USERS)),
        "contact_method": one_of(5, ["phone", "email", None]),
        "direction": one_of(6, ["inbound", "outbound", "outbound"]),
        "duration": pl.when(dice(7, 3) > 0).then(dice(8, 90).cast(pl.Int64) + 1),
        "outcome": one_of(9, outcomes),
    }
    frame = pl.DataFrame({"n": numbers}).select(**columns, n="n", follow_up=follow_up)
    first_due = pl.col("created_at") + minutes(11, 60_000)
    has_date = pl.col("follow_up") < 5  # noqa: PLR2004 - 5 of 10 values
    has_facts = has_date & (pl.col("outcome") == "resolved")
    frame = frame.with_columns(
        next_action_date=pl.when(has_date).then(first_due + minutes(12, 3) * 1440),
        follow_up_first_due_at=pl.when(has_facts).then(first_due),
        follow_up_completed_at=pl.when(has_facts).then(
            first_due + minutes(13, 9_000) - timedelta(minutes=4_000)
        ),
    )
    empty = reports.frame([])
    return pl.concat([empty, frame.drop("n", "follow_up")], how="diagonal").select(empty.columns)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a function took, and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def fastest(*works: Callable[[], Any], repeats: int) -> list[tuple[float, float]]:
    """Return the minimum seconds of each function, as wall time and as CPU time of all cores.

    The functions run in turn, so that a busy machine affects all alike; CPU time hardly changes.
    Fast functions run more often, since they are affected most.
    """

    def once(work: Callable[[], Any]) -> tuple[float, float]:
        before = time.process_time()
        seconds, _ = timed(work)
        return seconds, time.process_time() - before

    rounds: list[list[tuple[float, float]]] = []
    began = time.perf_counter()
    while len(rounds) < repeats or time.perf_counter() - began < LEAST_SECONDS:
        rounds.append([once(work) for work in works])
    return [
        (min(clock for clock, _ in runs), min(processors for _, processors in runs))
        for runs in zip(*rounds, strict=True)
    ]


def peak_memory() -> float:
    """Return the peak memory of this process, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def check(ours: pl.DataFrame, by_hand: pl.DataFrame) -> None:
    """Compare the numbers that both results have, in the same order of rows."""
    shared = [
        name for name in by_hand.columns if name in ours.columns and ours.schema[name].is_numeric()
    ]
    assert_frame_equal(
        ours.select(shared),
        by_hand.select(shared).with_columns(cs.float().fill_nan(None)),
        check_dtypes=False,
        rel_tol=1e-6,  # Polars cuts the median of durations to milliseconds
        abs_tol=1e-6,
    )


def compare(engine: str, path: str, repeats: int) -> None:
    """Measure every report on one engine."""
    print(f"\n{engine}: report, seconds, by hand, ratio, ratio of processor time")
    lazy: Any = None
    if engine == "Polars":
        eager = pl.read_parquet(path)
    else:
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'; set enable_progress_bar = false")
        connection.execute(f"create table interactions as from '{path}'")
        lazy = connection.table("interactions")
    for name, report in REPORTS.items():
        if engine == "Polars":
            ours = partial(report, eager)
            by_hand = partial(lambda query: query(eager.lazy()).collect(), POLARS[name])
        else:
            ours = partial(lambda report: report(lazy).pl(), report)
            by_hand = partial(lambda query: connection.sql(query).pl(), in_sql(name))
        check(ours(), by_hand())
        (clock, work), (clock_by_hand, work_by_hand) = fastest(ours, by_hand, repeats=repeats)
        ratios = f"{clock / clock_by_hand:6.2f} {work / work_by_hand:6.2f}"
        print(f"  {name:22} {clock:8.3f} {clock_by_hand:8.3f} {ratios}")
    print(f"  peak memory {peak_memory():.2f} GiB")


def models(rows: int) -> Iterator[CustomerInteraction]:
    """Yield interactions as they come from pages of responses: validated from JSON."""
    texts = [
        f'{{"$id":"i{n}","$createdAt":"2026-05-01T10:00:00.000+00:00",'
        f'"$updatedAt":"2026-05-01T10:00:00.000+00:00",'
        f'"$permissions":["read(\\"user:u{n % 50}\\")"],'
        f'"customerId":"customer-{n}","interactionType":"call","subject":"Review",'
        f'"description":"What was said in conversation {n}.","userId":"user-{n % 200}",'
        f'"contactMethod":"phone","direction":"outbound","duration":{n % 90 + 1},'
        f'"outcome":"resolved","nextActionDate":"2026-05-03T10:00:00.000+00:00",'
        f'"metadata":"{{\\"customFields\\":{{\\"followUp\\":{{\\"completedAt\\":'
        f'\\"2026-05-03T09:00:00.000+00:00\\",\\"snoozes\\":1}}}}}}"}}'
        for n in range(1000)
    ]
    read = CustomerInteraction.model_validate_json
    return (read(texts[number % 1000]) for number in range(rows))


def build_from_models(rows: int) -> None:
    """Measure `reports.frame` on validated responses, and the validation without it."""
    alone, _ = timed(lambda: sum(1 for _ in models(rows)))
    seconds, frame = timed(lambda: reports.frame(models(rows)))
    print(
        f"\nframe of {rows:,} answers: {seconds:.1f} s, {rows / seconds:,.0f} rows/s (of which"
        f" validating {alone:.1f} s); {frame.estimated_size('mb'):,.0f} MB;"
        f" peak memory {peak_memory():.2f} GiB"
    )


def build_from_parquet(path: str) -> None:
    """Measure `reports.scan` of the archive's layout."""
    with tempfile.TemporaryDirectory() as folder:
        frame = pl.read_parquet(path)
        for (year, month), part in frame.group_by(
            year=pl.col("created_at").dt.year(), month=pl.col("created_at").dt.month()
        ):
            target = Path(folder) / f"year={year}" / f"month={month}"
            target.mkdir(parents=True)
            part.write_parquet(target / "part.parquet")
        seconds, scanned = timed(lambda: reports.scan(folder).collect())
    print(f"scan of {scanned.height:,} archived rows: {scanned.height / seconds:,.0f} rows/s")


def build_from_embedded(rows: int) -> None:
    """Measure `reports.frame(repo.iterate())` on the embedded server."""
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        drafts = (
            InteractionCreate(interaction_type="call", subject=f"Call {number}", duration=5)
            for number in range(rows)
        )
        repo.create_many(drafts).raise_for_failures()
        seconds, frame = timed(lambda: reports.frame(repo.iterate()))
    print(f"frame of {frame.height:,} rows of the embedded server: {rows / seconds:,.0f} rows/s")


def alone(work: Callable[..., None], *arguments: object) -> None:
    """Run a function in its own process."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(process.exitcode)


def main() -> None:
    """Run all benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "interactions.parquet")
        generated(options.rows).write_parquet(path)
        alone(compare, "Polars", path, options.repeats)
        alone(compare, "DuckDB", path, options.repeats)
        alone(build_from_models, options.rows)
        alone(build_from_parquet, path)
        alone(build_from_embedded, EMBEDDED_ROWS)


if __name__ == "__main__":
    main()
