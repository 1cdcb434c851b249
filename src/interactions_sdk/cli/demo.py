"""`interactions demo`: what this is about, in a second and without a server."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from interactions_sdk import InteractionMetadata, InteractionsClient
from interactions_sdk.cli.console import print_json, stdout
from interactions_sdk.cli.options import Json, TimeZoneName
from interactions_sdk.cli.rendering import render_due, render_timeline
from interactions_sdk.cli.times import parse_timezone
from interactions_sdk.datetimes import utc_now

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from interactions_sdk import InteractionRepository

__all__ = ["demo"]

_NEXT = (
    "log call 'Asked about prices' --user ada --new-customer --embedded crm.db",
    "timeline ada --embedded crm.db",
)


def demo(*, tz: TimeZoneName = None, as_json: Json = False) -> None:
    """Log a customer's week in memory, and show it: needs no server, keeps nothing."""
    here = parse_timezone(tz)
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        _log_a_week(repo, utc_now())
        timeline, due = repo.timeline(tz=here), list(repo.follow_ups.due())
        customer = crm.customers.get_by_user_id("ada")
    if as_json:
        print_json(
            {
                "timeline": [each.model_dump(mode="json") for each in timeline],
                "due": [each.model_dump(mode="json") for each in due],
                "customer": customer.model_dump(mode="json"),
            }
        )
        return
    stdout.print("A week with [bold]Ada[/], in memory:")
    stdout.print(render_timeline(timeline))
    stdout.print("\n[bold]Follow-ups that are due[/]")
    stdout.print(render_due(due, here))
    dates = [
        ("Last contact", customer.last_contact_at),
        ("next follow-up", customer.next_follow_up_at),
    ]
    stdout.print()
    stdout.print(Text(", ".join(_dated(name, at, here) for name, at in dates) + "."))
    stdout.print("\nNow with a file of your own:", style="dim")
    for line in _NEXT:
        stdout.print(Text(f"  $ interactions {line}"), soft_wrap=True)


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
