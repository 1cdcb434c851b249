# Generated from tests/_async/test_calendar_feed.py by scripts/unasync.py; do not edit.
"""Follow-ups as a calendar."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
import vobject  # type: ignore[import-untyped]

from interactions_sdk import (
    BadRequestError,
    ConfigurationError,
    InteractionRepository,
    InteractionsClient,
    Settings,
)


def in_days(days: int) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def entries(repo: InteractionRepository) -> dict[str, datetime]:
    """Return the start of each entry in the feed."""
    calendar = vobject.readOne((repo.follow_ups.ical()).decode())
    events = calendar.contents.get("vevent", [])
    return {event.summary.value: event.dtstart.value for event in events}


def test_the_feed_is_what_is_open(
    ada: InteractionRepository,
    bob: InteractionRepository,
    admin: InteractionRepository,
) -> None:
    """The feed contains the user's open follow-ups, whenever they are due."""
    due = in_days(400)
    task = ada.log_task("Call back", next_action_date=due, recurrence="FREQ=DAILY")
    ada.log_call("No follow-up")
    bob.log_task("Bob's", next_action_date=in_days(1))

    assert {"Call back": due} == entries(ada)
    assert {"Call back", "Bob's"} == (entries(admin)).keys()
    by_bob = admin.follow_ups.ical("bob", title=lambda each: f"Call {each.user_id}")
    assert [b"SUMMARY:Call bob"] == [line for line in by_bob.split(b"\r\n") if b"SUMMARY" in line]

    ada.follow_ups.complete(task.id)
    assert {"Call back": due + timedelta(days=1)} == entries(ada)
    (following,) = [each for each in ada.follow_ups.due(as_of=in_days(500))]
    ada.follow_ups.cancel(following.id)
    assert {} == entries(ada)


def test_the_zone_is_the_clients() -> None:
    """The default zone is the client's, and an invalid one is rejected."""
    settings = Settings(time_zone="Europe/Zurich")
    with InteractionsClient.embedded(settings=settings) as crm:
        follow_ups = crm.as_admin("root").follow_ups
        assert b"X-WR-TIMEZONE:Europe/Zurich" in follow_ups.ical()
        assert b"X-WR-TIMEZONE:Asia/Tokyo" in follow_ups.ical(tz="Asia/Tokyo")
        with pytest.raises(BadRequestError, match="Unknown time zone"):
            follow_ups.ical(tz="Mars")


def test_the_extra_is_named(ada: InteractionRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra if it is not installed."""
    monkeypatch.setitem(sys.modules, "icalendar", None)

    with pytest.raises(ConfigurationError, match="with the extra `calendar`"):
        ada.follow_ups.ical()
