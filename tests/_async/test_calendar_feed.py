"""Follow-ups as a calendar."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
import vobject  # type: ignore[import-untyped]

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConfigurationError,
    Settings,
)

pytestmark = pytest.mark.anyio


def in_days(days: int) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


async def entries(repo: AsyncInteractionRepository) -> dict[str, datetime]:
    """Return the start of each entry in the feed."""
    calendar = vobject.readOne((await repo.follow_ups.ical()).decode())
    events = calendar.contents.get("vevent", [])
    return {event.summary.value: event.dtstart.value for event in events}


async def test_the_feed_is_what_is_open(
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
    admin: AsyncInteractionRepository,
) -> None:
    """The feed contains the user's open follow-ups, whenever they are due."""
    due = in_days(400)
    task = await ada.log_task("Call back", next_action_date=due, recurrence="FREQ=DAILY")
    await ada.log_call("No follow-up")
    await bob.log_task("Bob's", next_action_date=in_days(1))

    assert {"Call back": due} == await entries(ada)
    assert {"Call back", "Bob's"} == (await entries(admin)).keys()
    by_bob = await admin.follow_ups.ical("bob", title=lambda each: f"Call {each.user_id}")
    assert [b"SUMMARY:Call bob"] == [line for line in by_bob.split(b"\r\n") if b"SUMMARY" in line]

    await ada.follow_ups.complete(task.id)
    assert {"Call back": due + timedelta(days=1)} == await entries(ada)
    (following,) = [each async for each in ada.follow_ups.due(as_of=in_days(500))]
    await ada.follow_ups.cancel(following.id)
    assert {} == await entries(ada)


async def test_the_zone_is_the_clients() -> None:
    """The default zone is the client's, and an invalid one is rejected."""
    settings = Settings(time_zone="Europe/Zurich")
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        follow_ups = crm.as_admin("root").follow_ups
        assert b"X-WR-TIMEZONE:Europe/Zurich" in await follow_ups.ical()
        assert b"X-WR-TIMEZONE:Asia/Tokyo" in await follow_ups.ical(tz="Asia/Tokyo")
        with pytest.raises(BadRequestError, match="Unknown time zone"):
            await follow_ups.ical(tz="Mars")


async def test_the_extra_is_named(
    ada: AsyncInteractionRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra if it is not installed."""
    monkeypatch.setitem(sys.modules, "icalendar", None)

    with pytest.raises(ConfigurationError, match="with the extra `calendar`"):
        await ada.follow_ups.ical()
