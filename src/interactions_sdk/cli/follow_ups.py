"""`interactions follow-ups`: what is still to be done."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from interactions_sdk.calendars import add_time
from interactions_sdk.cli import options
from interactions_sdk.cli.clients import DOTENV, customers_of, open_client, repository_for
from interactions_sdk.cli.console import stderr, stdout
from interactions_sdk.cli.groups import LIST, DefaultListGroup
from interactions_sdk.cli.records import print_records
from interactions_sdk.cli.rendering import print_interaction, render_due
from interactions_sdk.cli.times import parse_datetime, parse_duration, parse_timezone
from interactions_sdk.cli.usage import UsageError
from interactions_sdk.datetimes import utc_now
from interactions_sdk.transfer.writers import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk import CustomerInteraction, FollowUps

__all__ = ["app"]

app = typer.Typer(
    cls=DefaultListGroup,
    help="List follow-ups (default), complete, snooze, cancel, skip or stop them.",
)

_SOON = "7d"


class DueRange(StrEnum):
    """Which follow-ups to list."""

    DUE = "due"
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    UPCOMING = "upcoming"


_WORDS = {
    DueRange.DUE: "are due",
    DueRange.OVERDUE: "are overdue",
    DueRange.TODAY: "are due today",
    DueRange.WEEK: "are due this week",
    DueRange.UPCOMING: "are coming up",
}
_NEXT = (
    "See what is due next: --when upcoming.",
    "Plan one: interactions log task 'Call back' --user USER --due tomorrow",
)


@app.command(LIST)
def list_command(
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    when: Annotated[
        DueRange, typer.Option(metavar="WHEN", help=f"Which follow-ups: {', '.join(DueRange)}.")
    ] = DueRange.DUE,
    within: Annotated[
        str | None,
        typer.Option(metavar="LENGTH", help="Time range of `--when upcoming`: 7d."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only those logged by this user.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Maximum number.")] = 100,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """List open follow-ups, by due date."""
    if within is not None and when is not DueRange.UPCOMING:
        raise UsageError("--within goes with --when upcoming.")
    with open_client(embedded, env_file) as crm:
        follow_ups = repository_for(crm, user, admin).follow_ups
        matching = _query(follow_ups, when, by, within=within or _SOON, tz=tz)
        listed = list(islice(matching, limit))
        customers = customers_of(crm, listed, admin)
        is_truncated = len(listed) == limit and next(matching, None) is not None
    if as_json or as_csv:
        print_records(listed, FIELDS, as_csv=as_csv)
    elif listed:
        stdout.print(render_due(listed, parse_timezone(tz), customers=customers))
    else:
        stdout.print(f"[green]✓[/] No follow-ups {_WORDS[when]}.")
        stdout.print(_NEXT[when is DueRange.UPCOMING], style="dim")
    if is_truncated:
        output = stderr if as_json or as_csv else stdout
        output.print("More follow-ups match: raise --limit.", style="dim")


def _query(
    follow_ups: FollowUps, when: DueRange, by: list[str] | None, *, within: str, tz: str | None
) -> Iterator[CustomerInteraction]:
    here, now = parse_timezone(tz), utc_now()
    if when is DueRange.UPCOMING:
        soon: timedelta = add_time(now, parse_duration(within), here) - now
        return follow_ups.upcoming(soon, by, now)
    if when is DueRange.DUE:
        return follow_ups.due(by, now)
    days = {
        DueRange.OVERDUE: follow_ups.overdue,
        DueRange.TODAY: follow_ups.today,
        DueRange.WEEK: follow_ups.this_week,
    }
    return days[when](by, now, tz=here)


@app.command()
def complete(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A note about the result.")
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Complete a follow-up."""
    with open_client(embedded, env_file) as crm:
        completed = repository_for(crm, user, admin).follow_ups.complete(id, note=note)
        print_interaction(crm, completed, admin, parse_timezone(tz), as_json=as_json)


@app.command()
def snooze(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="The new due date: 2026-05-01, in 3d.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="LENGTH", help="How much later: 2h, 3d, 1w, 1mo.")
    ] = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Postpone a follow-up; its first due date is kept for reports."""
    if (until is None) == (by is None):
        raise UsageError("Pass either --until or --by.")
    here = parse_timezone(tz)
    with open_client(embedded, env_file) as crm:
        snoozed = repository_for(crm, user, admin).follow_ups.snooze(
            id,
            until=parse_datetime(until, here),
            by=None if by is None else parse_duration(by),
            tz=here,
        )
        print_interaction(crm, snoozed, admin, here, as_json=as_json)


@app.command()
def cancel(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Cancel a follow-up: its due date is cleared."""
    with open_client(embedded, env_file) as crm:
        cancelled = repository_for(crm, user, admin).follow_ups.cancel(id)
        print_interaction(crm, cancelled, admin, parse_timezone(tz), as_json=as_json)


@app.command()
def skip(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Skip this date of a follow-up that recurs."""
    with open_client(embedded, env_file) as crm:
        skipped = repository_for(crm, user, admin).follow_ups.skip(id)
        print_interaction(crm, skipped, admin, parse_timezone(tz), as_json=as_json)


@app.command()
def stop(
    id: options.InteractionId,
    *,
    user: options.AsUser = None,
    admin: options.AsAdmin = None,
    tz: options.TimeZoneName = None,
    embedded: options.Embedded = None,
    env_file: options.EnvFile = DOTENV,
    as_json: options.Json = False,
) -> None:
    """Stop a follow-up from recurring; it stays open."""
    with open_client(embedded, env_file) as crm:
        stopped = repository_for(crm, user, admin).follow_ups.stop(id)
        print_interaction(crm, stopped, admin, parse_timezone(tz), as_json=as_json)
