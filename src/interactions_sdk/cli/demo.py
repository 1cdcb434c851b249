"""`interactions demo`: an example that needs no server and keeps nothing."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from interactions_sdk import (
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionsClient,
    InteractionType,
    Outcome,
    Timeline,
)
from interactions_sdk.cli import options
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.rendering import render_due, render_timeline
from interactions_sdk.cli.times import parse_timezone
from interactions_sdk.datetimes import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from interactions_sdk import InteractionRepository

__all__ = ["demo"]

_LATER = timedelta(days=3)
_SUCCESSES = frozenset({Outcome.SUCCESSFUL, Outcome.RESOLVED})
_NEXT = (
    "log call 'Asked about prices' --user ada --new-customer --due 'in 3d' --embedded crm.db",
    "timeline ada --embedded crm.db",
    "follow-ups list --user ada --when upcoming --embedded crm.db",
)


@dataclass(frozen=True)
class _Week:
    """What the demonstration shows."""

    timeline: Timeline
    due: list[CustomerInteraction]
    due_later: list[CustomerInteraction]
    completed: list[CustomerInteraction]
    still_due: list[CustomerInteraction]
    customer: Customer


def demo(*, tz: options.TimeZoneName = None, as_json: options.Json = False) -> None:
    """Show an example in memory: a timeline, follow-ups and a report. Needs no server."""
    zone = parse_timezone(tz)
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        week = _play(crm, crm.as_user("ada"), zone)
    if as_json:
        print_json(
            {
                "timeline": _records(week.timeline),
                "due": _records(week.due),
                "completed": _records(week.completed),
                "customer": week.customer.model_dump(mode="json"),
            }
        )
    else:
        _show(week, zone)


def _records(interactions: Iterable[CustomerInteraction]) -> list[dict[str, object]]:
    return [interaction.model_dump(mode="json") for interaction in interactions]


def _play(crm: InteractionsClient, repo: InteractionRepository, tz: tzinfo) -> _Week:
    """Log a week, wait three days, and complete what is due then."""
    now = utc_now()
    _log_a_week(repo, now)
    timeline = repo.timeline(tz=tz)
    due = list(repo.follow_ups.due())
    due_later = list(repo.follow_ups.due(as_of=now + _LATER))
    next_step = InteractionCreate(
        interaction_type="task",
        subject="Ask whether the offer fits",
        next_action_date=now + timedelta(days=10),
    )
    completed = [
        repo.follow_ups.complete(
            follow_up.id, next=next_step if follow_up.next_action == "Send an offer" else None
        )
        for follow_up in due_later
    ]
    return _Week(
        timeline,
        due,
        due_later,
        completed,
        list(repo.follow_ups.due(as_of=now + _LATER)),
        crm.customers.get_by_user_id("ada"),
    )


def _show(week: _Week, tz: tzinfo) -> None:
    stdout.print("A week with [bold]Ada[/], in memory:")
    stdout.print(render_timeline(week.timeline, with_ids=False))
    _heading("Follow-ups due now")
    stdout.print(render_due(week.due, tz, with_ids=False))
    _heading("Follow-ups due in three days")
    stdout.print(render_due(week.due_later, tz, with_ids=False))
    stdout.print()
    for follow_up in week.completed:
        stdout.print(Text.assemble(("✓ ", "green"), f"{follow_up.next_action}: completed"))
    stdout.print(f"Still due: {len(week.still_due) or 'none'}.")
    _heading("Report of the week")
    stdout.print(_report(week.timeline))
    dates = [
        ("Last contact", week.customer.last_contact_at),
        ("next follow-up", week.customer.next_follow_up_at),
    ]
    stdout.print()
    stdout.print(Text(", ".join(_dated(name, at, tz) for name, at in dates) + "."))
    stdout.print("\nTry it with your own file:", style="dim")
    for line in _NEXT:
        stdout.print(Text(f"  $ {_program()} {line}"), soft_wrap=True)
    stdout.print("\nOr in the browser:", style="dim")
    stdout.print(Text(f"    {_program()} desk --demo"), soft_wrap=True)


def _heading(text: str) -> None:
    stdout.print()
    stdout.print(Rule(Text(text, style="bold"), align="left", style="dim"))


def _report(interactions: Iterable[CustomerInteraction]) -> Table:
    """Return interactions, minutes and successes by type, the most frequent type first."""
    by_type: dict[str, list[CustomerInteraction]] = {}
    for interaction in interactions:
        by_type.setdefault(interaction.interaction_type, []).append(interaction)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    table.add_column("Type")
    for name in ("Interactions", "Minutes", "Successful"):
        table.add_column(name, justify="right")
    for name, group in sorted(by_type.items(), key=lambda item: (-len(item[1]), item[0])):
        minutes = sum(interaction.duration or 0 for interaction in group)
        outcomes = [interaction.outcome for interaction in group if interaction.outcome]
        successes = sum(outcome in _SUCCESSES for outcome in outcomes)
        table.add_row(
            Text(InteractionType(name).value),
            str(len(group)),
            str(minutes or ""),
            f"{successes} of {len(outcomes)}" if outcomes else "",
        )
    return table


def _program() -> str:
    """Return how to call this program from the current folder."""
    called = Path(sys.argv[0])
    if called.suffix == ".py":
        return "python -m interactions_sdk.cli"
    is_found = called.is_absolute() and shutil.which(called.name) == str(called)
    return called.name if is_found else str(called)


def _dated(name: str, at: datetime | None, tz: tzinfo) -> str:
    return f"{name} {'none' if at is None else f'{at.astimezone(tz):%d %b %Y %H:%M}'}"


def _log_a_week(repo: InteractionRepository, now: datetime) -> None:
    repo.log_email(
        "Question about invoices",
        direction="inbound",
        occurred_at=now - timedelta(days=6, hours=2),
        outcome="resolved",
    )
    repo.log_task(
        "Send the contract",
        occurred_at=now - timedelta(days=3, hours=4),
        next_action="Send the contract, with the appendix on data protection",
        next_action_date=now - timedelta(days=1),
    )
    repo.log_call("Called back", outcome="voicemail", occurred_at=now - timedelta(days=3))
    repo.log_meeting(
        "Kick-off",
        "Agreed on goals, dates and who does what.",
        duration=45,
        outcome="successful",
        contact_method="video_call",
        occurred_at=now - timedelta(days=1, hours=3),
        metadata=InteractionMetadata(participants=["ada@example.com", "bob@example.com"]),
    )
    repo.log_note("Prefers email to calls, and mornings to afternoons.")
    repo.log_call(
        "Asked about the annual plan",
        direction="inbound",
        duration=12,
        outcome="follow_up_required",
        next_action="Send an offer",
        next_action_date=now + timedelta(days=2),
    )
