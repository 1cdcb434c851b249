"""Follow-ups that are overdue, due today or due soon: completing, snoozing, cancelling."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from interactions_sdk import InteractionCreate
from interactions_sdk.calendars import add_days, start_of_day
from interactions_sdk.desk.forms import Fields, errors_by_field, read_fields
from interactions_sdk.desk.pages.interactions import entry_page
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page, title_of
from interactions_sdk.desk.times import InvalidTimeError, parse_input
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from starlette.responses import Response

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES"]

_MOST = 50
"""Maximum number of entries in each list."""
_SOON = timedelta(days=7)
_WEEK = 7
_MAX_SUBJECT = 200
_FIELDS = ("note", "next_subject", "next_date", "until")
_MILLISECOND = timedelta(milliseconds=1)


async def _show_today(visit: Visit) -> Response:
    await visit.verify()
    follow_ups = visit.repo.follow_ups
    is_mine = visit.person.is_admin and visit.argument("mine") == "1"
    user_id = visit.person.id if is_mine else None
    tomorrow = add_days(start_of_day(visit.now, visit.zone), 1)
    overdue, today, soon = await asyncio.gather(
        _first(follow_ups.overdue(user_id, visit.now, tz=visit.zone)),
        _first(follow_ups.today(user_id, visit.now, tz=visit.zone)),
        _first(follow_ups.upcoming(_SOON, user_id, tomorrow - _MILLISECOND)),
    )
    shown = [*overdue, *today, *soon]
    return page(
        visit,
        "today",
        lists=[("Overdue", overdue), ("Due today", today), ("Due in the next 7 days", soon)],
        names=await visit.crm.customers.names({each.customer_id for each in shown}),
        is_mine=is_mine,
        most=_MOST,
    )


async def _first(follow_ups: AsyncIterator[CustomerInteraction]) -> list[CustomerInteraction]:
    """Return the first of them, with no more requests than these take."""
    first: list[CustomerInteraction] = []
    async for follow_up in follow_ups:
        first.append(follow_up)
        if len(first) == _MOST:
            break
    return first


async def _complete(visit: Visit) -> Response:
    try:
        await visit.repo.follow_ups.complete(visit.id, note=_note(visit))
    except BadRequestError as error:
        return await _show_errors(visit, {"note": str(error)}, error)
    return visit.go_back("/", notice="completed")


async def _plan_next(visit: Visit) -> Response:
    """Complete a follow-up, and plan the same again: in a week, or at the time in the form."""
    current = await visit.repo.get(visit.id)
    subject = current.next_action or title_of(current)
    try:
        following = InteractionCreate(
            interaction_type="task",
            subject=visit.sent("next_subject").strip() or subject[:_MAX_SUBJECT],
            next_action=current.next_action,
            next_action_date=_time(visit, "next_date") or visit.morning(_WEEK),
        )
        await visit.repo.follow_ups.complete(current.id, note=_note(visit), next=following)
    except InvalidTimeError as error:
        return await _show_errors(visit, {"next_date": str(error)}, error)
    except ValidationError as error:
        names = {"subject": "next_subject", "next_action_date": "next_date"}
        errors = errors_by_field(error).items()
        return await _show_errors(visit, {names[name]: text for name, text in errors}, error)
    except BadRequestError as error:
        return await _show_errors(visit, {"note": str(error)}, error)
    return visit.go_back("/", notice="planned")


async def _snooze(visit: Visit) -> Response:
    """Snooze until a fixed time, so that a form that is sent twice has the same effect."""
    try:
        until = _time(visit, "until")
        if until is None:
            raise InvalidTimeError("Choose until when.")  # noqa: TRY301 - an error like the others
        await visit.repo.follow_ups.snooze(visit.id, until=until)
    except InvalidTimeError as error:
        return await _show_errors(visit, {"until": str(error)}, error)
    except ValidationError as error:
        return await _show_errors(
            visit, {"until": errors_by_field(error)["next_action_date"]}, error
        )
    return visit.go_back("/", notice="snoozed")


async def _cancel(visit: Visit) -> Response:
    await visit.repo.follow_ups.cancel(visit.id)
    return visit.go_back("/", notice="cancelled")


async def _skip(visit: Visit) -> Response:
    """Skip the date that was shown, only once, however often the form is sent."""
    current = await visit.repo.get(visit.id)
    due = current.next_action_date
    if due is None or due.isoformat() == visit.sent("due"):
        await visit.repo.follow_ups.skip(current.id)
    return visit.go_back("/", notice="skipped")


async def _stop(visit: Visit) -> Response:
    await visit.repo.follow_ups.stop(visit.id)
    return visit.go_back("/", notice="stopped")


async def _show_errors(visit: Visit, errors: dict[str, str], error: Exception) -> Response:
    """Show the entry with the typed values and the errors.

    An entry that is no longer an open follow-up has no such form; then, the error is raised.
    """
    interaction = await visit.repo.get(visit.id)
    if not interaction.is_open_follow_up:
        raise error
    typed = Fields(read_fields(visit, _FIELDS), errors)
    return await entry_page(visit, interaction, follow_up=typed, status=422)


def _note(visit: Visit) -> str | None:
    return visit.sent("note").strip() or None


def _time(visit: Visit, name: str) -> datetime | None:
    text = visit.sent(name)
    return parse_input(text, visit.zone) if text else None


ROUTES = (
    PageRoute("GET", "/", _show_today),
    PageRoute("POST", "/follow-ups/{id}/complete", _complete),
    PageRoute("POST", "/follow-ups/{id}/next", _plan_next),
    PageRoute("POST", "/follow-ups/{id}/snooze", _snooze),
    PageRoute("POST", "/follow-ups/{id}/skip", _skip),
    PageRoute("POST", "/follow-ups/{id}/stop", _stop),
    PageRoute("POST", "/follow-ups/{id}/cancel", _cancel),
)
