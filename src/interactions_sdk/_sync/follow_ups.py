# Generated from src/interactions_sdk/_async/follow_ups.py by scripts/unasync.py; do not edit.
"""Listing, claiming and completing follow-ups."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import (
    BY_DUE_DATE,
    MAX_PAGE_SIZE,
    find_row,
    iterate_pages,
)
from interactions_sdk.arguments import check_duration, check_integer, check_text, check_type
from interactions_sdk.calendars import (
    add_days,
    add_time,
    parse_time,
    start_of_day,
    start_of_week,
)
from interactions_sdk.datetimes import MAX_DATETIME, utc_now
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    mark_possibly_applied,
)
from interactions_sdk.filters import open_follow_up_queries, parse_filters
from interactions_sdk.models.draft_fields import draft_from
from interactions_sdk.models.drafts import InteractionUpdate
from interactions_sdk.rules.follow_up_plans import check_plan, next_step
from interactions_sdk.rules.follow_ups import (
    TOKEN_DIGITS,
    can_hold_lease,
    cancel_columns,
    claim_columns,
    complete_columns,
    is_cancelled,
    is_completed,
    is_leased,
    lease_token,
    require_open,
    snooze_columns,
)
from interactions_sdk.rules.recurrence import (
    next_draft,
    next_id,
    skip_columns,
    stop_columns,
    without_next,
)
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dateutil.relativedelta import relativedelta

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.interactions import InteractionService
    from interactions_sdk.calendars import TimeLike, TimeZone
    from interactions_sdk.filters import OneOrMany
    from interactions_sdk.models.draft_fields import InteractionFields
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire.query import Query

__all__ = ["FollowUps"]

logger = logging.getLogger("interactions_sdk")

_MAX_LOST_CLAIMS = 3


@dataclass(slots=True)
class _ClaimRound:
    """The follow-ups that a call of `claim` has claimed, and those that others claimed first."""

    limit: int
    lease: timedelta
    taken: list[CustomerInteraction]
    passed_over: set[str]
    is_crowded: bool = False

    def candidates(self, page: Sequence[CustomerInteraction]) -> list[CustomerInteraction]:
        """Return candidates to claim: by due date, or in random order if other workers claim too.

        In order of due date, all workers would compete for the same follow-ups.
        """
        now = utc_now()
        free = [
            each for each in page if each.id not in self.passed_over and not is_leased(each, at=now)
        ]
        if self.is_crowded or len(free) < len(page):
            secrets.SystemRandom().shuffle(free)
        return free


class FollowUps:
    """The follow-ups of an acting user: `repo.follow_ups`.

    A follow-up is open while it has a `next_action_date` and its outcome is not `resolved`.
    """

    def __init__(self, project: Project, *, access: Access, records: InteractionService) -> None:
        self._read_cache = project.read_cache
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._interactions = records

    def due(
        self, user_id: OneOrMany | None = None, as_of: TimeLike | None = None
    ) -> Iterator[CustomerInteraction]:
        """Yield the open follow-ups that are due, by due date.

        Args:
            user_id: Only those logged by this user, or these users.
            as_of: Due at or before this time, aware (default: now).

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     for interaction in crm.as_admin("root").follow_ups.due():
            ...         print(interaction.subject, interaction.next_action_date)
        """
        bound = query.less_than_equal("nextActionDate", self._time(as_of))
        for interaction in self._open([bound], user_id):
            yield interaction

    def overdue(
        self,
        user_id: OneOrMany | None = None,
        as_of: TimeLike | None = None,
        *,
        tz: TimeZone | None = None,
    ) -> Iterator[CustomerInteraction]:
        """Yield the open follow-ups that were due before today, by due date.

        Args:
            user_id: Only those logged by this user, or these users.
            as_of: A time on the day, aware (default: now).
            tz: The time zone of the day (default: `Settings.time_zone`).

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     desk = crm.as_admin("root").follow_ups
            ...     for interaction in desk.overdue(tz="Europe/Zurich"):
            ...         print(interaction.subject, interaction.next_action_date)
        """
        today = start_of_day(self._time(as_of), self._zone(tz))
        for interaction in self._open([query.less_than("nextActionDate", today)], user_id):
            yield interaction

    def today(
        self,
        user_id: OneOrMany | None = None,
        as_of: TimeLike | None = None,
        *,
        tz: TimeZone | None = None,
    ) -> Iterator[CustomerInteraction]:
        """Yield the open follow-ups that are due today, by due date.

        Args:
            user_id: Only those logged by this user, or these users.
            as_of: A time on the day, aware (default: now).
            tz: The time zone of the day (default: `Settings.time_zone`).

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     desk = crm.as_admin("root").follow_ups
            ...     for interaction in desk.today(tz="Europe/Zurich"):
            ...         print(interaction.subject, interaction.next_action_date)
        """
        begin = start_of_day(self._time(as_of), self._zone(tz))
        for interaction in self._open(_date_range_queries(begin, add_days(begin, 1)), user_id):
            yield interaction

    def this_week(
        self,
        user_id: OneOrMany | None = None,
        as_of: TimeLike | None = None,
        *,
        tz: TimeZone | None = None,
    ) -> Iterator[CustomerInteraction]:
        """Yield the open follow-ups that are due this week, Monday to Sunday, by due date.

        Args:
            user_id: Only those logged by this user, or these users.
            as_of: A time in the week, aware (default: now).
            tz: The time zone of the days (default: `Settings.time_zone`).

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     for interaction in crm.as_admin("root").follow_ups.this_week():
            ...         print(interaction.subject, interaction.next_action_date)
        """
        begin = start_of_week(self._time(as_of), self._zone(tz))
        for interaction in self._open(_date_range_queries(begin, add_days(begin, 7)), user_id):
            yield interaction

    def upcoming(
        self,
        within: timedelta = timedelta(days=7),
        user_id: OneOrMany | None = None,
        as_of: TimeLike | None = None,
    ) -> Iterator[CustomerInteraction]:
        """Yield the open follow-ups that will be due soon, by due date.

        Args:
            within: The time range, starting at `as_of`.
            user_id: Only those logged by this user, or these users.
            as_of: Due after this time, aware (default: now).

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task("Call back", next_action_date=tomorrow)
            ...     for interaction in ada.follow_ups.upcoming(timedelta(days=2)):
            ...         print(interaction.subject)
            Call back
        """
        begin = self._time(as_of)
        check_duration(within, "within")
        end = begin + min(within, MAX_DATETIME - begin)
        bounds = [
            query.greater_than("nextActionDate", begin),
            query.less_than_equal("nextActionDate", end),
        ]
        for interaction in self._open(bounds, user_id):
            yield interaction

    def _time(self, as_of: TimeLike | None) -> datetime:
        return utc_now() if as_of is None else parse_time(as_of, "as_of", self._settings.time_zone)

    def _zone(self, tz: TimeZone | None) -> TimeZone:
        return tz or self._settings.time_zone

    def _open(
        self, bounds: list[Query], user_id: OneOrMany | None
    ) -> Iterator[CustomerInteraction]:
        for page in self._open_pages(bounds, user_id):
            for interaction in page:
                yield interaction

    def _open_pages(
        self, bounds: list[Query], user_id: OneOrMany | None
    ) -> Iterator[list[CustomerInteraction]]:
        self._access.verify()
        customers = self._access.readable_customers(None)
        row_filter = parse_filters({"customer_id": customers, "user_id": user_id})
        if row_filter.matches_nothing:
            return
        pages = iterate_pages(
            self._connection,
            self._tables.interactions,
            [*row_filter.queries(), *bounds, *open_follow_up_queries()],
            BY_DUE_DATE,
            page_size=self._settings.page_size,
            max_page_size=max(self._settings.page_size, MAX_PAGE_SIZE),
        )
        for page in pages:
            open_ones = [each for each in row_filter.filter(page) if each.is_open_follow_up]
            yield self._access.filter_visible(open_ones)

    def ical(
        self,
        user_id: OneOrMany | None = None,
        *,
        name: str = "Follow-ups",
        tz: str | None = None,
        duration: timedelta = timedelta(minutes=30),
        alarm: timedelta | None = timedelta(minutes=15),
        title: Callable[[CustomerInteraction], str] | None = None,
        url: str | None = None,
    ) -> bytes:
        """Return all open follow-ups as an iCalendar feed, for a calendar to subscribe to.

        Each follow-up is an entry that keeps its identity when it is postponed, and disappears when
        it is completed or cancelled. A recurring follow-up is listed with its current date.

        Args:
            user_id: Only those logged by this user, or these users.
            name: The name of the calendar.
            tz: The time zone that the calendar is meant for (default: `Settings.time_zone`). Times
                are in UTC, and every calendar shows them in its user's zone.
            duration: How long an entry is.
            alarm: How long before the due date a reminder is shown; None for no reminder.
            title: Returns the title of an entry (default: its next action, subject or type).
            url: The URL of an interaction in your application, with `{id}` as a placeholder.

        Returns:
            The content of an `.ics` file, of the media type `text/calendar; charset=utf-8`.

        Raises:
            ConfigurationError: The extra `calendar` is not installed.
            BadRequestError: An argument is invalid.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task("Call back", next_action_date=tomorrow)
            ...     feed = ada.follow_ups.ical()
            ...     print(b"SUMMARY:Call back" in feed)
            True
        """
        from interactions_sdk.transfer.calendar_feed import (  # noqa: PLC0415 - see the repository
            CalendarFeed,
        )

        zone = tz or self._settings.time_zone
        feed = CalendarFeed(name, zone, duration, alarm, title, url)
        return feed.render([each for each in self._open([], user_id)])

    def claim(
        self,
        limit: int,
        *,
        lease: timedelta = timedelta(minutes=5),
        user_id: OneOrMany | None = None,
        as_of: TimeLike | None = None,
    ) -> list[CustomerInteraction]:
        """Claim due follow-ups for this worker; no other worker gets them until the lease ends.

        The lease is stored in the metadata under a lock. It expires automatically, so follow-ups
        claimed by a crashed worker become available again. `complete`, `snooze` and `cancel` end
        it.

        Args:
            limit: Maximum number, 1 or more.
            lease: How long they are reserved. It must be longer than the work takes plus the clock
                difference between workers.
            user_id: Only those logged by this user, or these users.
            as_of: Due at or before this time, aware (default: now).

        Returns:
            The claimed follow-ups by due date; fewer than `limit` if there are no more, or if the
            connection failed after some were claimed. The earliest go first, unless other workers
            claim at the same time.

        Raises:
            BadRequestError: `limit` is less than 1, or `lease` is not positive.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     follow_ups = crm.as_admin("root").follow_ups
            ...     for reminder in follow_ups.claim(50):
            ...         print("send it, then:", reminder.id)
            ...         reminder = follow_ups.complete(reminder.id)
        """
        check_integer(limit, "limit", minimum=1)
        check_duration(lease, "lease")
        due = query.less_than_equal("nextActionDate", self._time(as_of))
        round_ = _ClaimRound(limit, lease, [], set())
        try:
            while self._claim_batch(round_, due, user_id):
                pass
        except InteractionsError as error:
            if not round_.taken:
                raise
            logger.warning(
                "only %s follow-ups were claimed: %s",
                len(round_.taken),
                type(error).__name__,
                extra={
                    "interactions_sdk": {
                        "claimed": len(round_.taken),
                        "failure": type(error).__name__,
                    }
                },
            )
        return sorted(round_.taken, key=BY_DUE_DATE.time_of)

    def _claim_batch(self, round_: _ClaimRound, due: Query, user_id: OneOrMany | None) -> bool:
        """Claim from what is due now; return whether to read it again because others claim too."""
        lost = 0
        for page in self._open_pages([due], user_id):
            for interaction in round_.candidates(page):
                claim = self._claim(interaction, until=utc_now() + round_.lease)
                if claim is not None:
                    round_.taken.append(claim)
                    if len(round_.taken) == round_.limit:
                        return False
                    continue
                round_.passed_over.add(interaction.id)
                if not can_hold_lease(interaction):
                    continue  # no other worker was faster
                round_.is_crowded = True
                lost += 1
                if lost == _MAX_LOST_CLAIMS:
                    return True
        return False

    def _claim(
        self, interaction: CustomerInteraction, *, until: datetime
    ) -> CustomerInteraction | None:
        token = secrets.token_hex(TOKEN_DIGITS // 2)
        columns = claim_columns(interaction, token=token, until=until)
        if columns is None:
            logger.warning(
                "follow-up %s cannot be claimed: its metadata has no room for a lease",
                interaction.id,
                extra={"interactions_sdk": {"interaction_id": interaction.id}},
            )
            return None
        call = wire.update_row(
            self._tables.interactions,
            interaction.id,
            columns,
            if_unmodified_since=interaction.updated_at,
        )
        try:
            with self._read_cache.invalidate_after(interaction.customer_id):
                return self._connection.send(call)
        except NotFoundError:
            return None
        except ConflictError as error:
            if not error.may_have_landed:
                return None
        with mark_possibly_applied():
            now = find_row(self._connection, self._tables.interactions, interaction.id)
        return now if now is not None and lease_token(now) == token else None

    def complete(
        self,
        id: str,
        *,
        note: str | None = None,
        next: InteractionCreate | InteractionFields | str | None = None,
    ) -> CustomerInteraction:
        """Complete a follow-up, and log the next one if there is one.

        The outcome becomes `resolved`; data for reports is stored in the metadata, under
        `custom_fields["followUp"]`. If the follow-up recurs, the follow-up at its next date after
        now is written in the same transaction, and its ID is stored as `nextId`.

        Args:
            id: The ID of the interaction.
            note: A note about the result.
            next: A new interaction of the same customer, written in the same transaction: a draft,
                its fields as a dictionary, or the name of a plan in `Settings.follow_up_plans`.
                Completing a step of a plan creates the next one automatically.

        Returns:
            The completed interaction; one that is already completed is returned unchanged.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer, or `next` does.
            ConflictError: Someone else has changed it.
            BadRequestError: It is not an open follow-up; it recurs and `next` was passed as well;
                the plan is unknown; or `next` belongs to another customer, or has an `occurred_at`,
                which Appwrite accepts only outside of transactions (transcript
                `transaction-system-columns`).

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task("Call back", next_action_date=tomorrow)
            ...     done = ada.follow_ups.complete(task.id, note="She signed.")
            ...     print(done.outcome)
            resolved
        """
        plan = check_plan(self._settings, next) if isinstance(next, str) else None
        following = None if next is None or isinstance(next, str) else draft_from(next, "next")
        if note is not None:
            check_text(note, "note")
        current = self._interactions.get_for_update(id, "complete")
        if is_completed(current):
            self._interactions.recompute_follow_up(current)
            return current
        require_open(current, "completed")
        if following is not None and following.occurred_at is not None:
            raise BadRequestError(
                "next must not have occurred_at: Appwrite dates rows of a transaction itself."
            )
        if following is not None and following.customer_id not in (None, current.customer_id):
            self._interactions.authorize_create(following.customer_id, "complete")
            raise BadRequestError("next must belong to the same customer.")
        at = utc_now()
        planned = None if following else next_step(self._settings, current, plan, now=at)
        recurring = next_draft(current, now=at)
        if recurring is not None and next is not None:
            raise BadRequestError(
                "This follow-up recurs, so completing it writes the next one by itself. Use stop() "
                "first to log another one instead."
            )
        same_work = recurring or planned
        columns = complete_columns(
            without_next(current),
            at=at,
            note=note,
            next_id=next_id(self._settings, current, same_work or following),
        )
        if note is not None and "metadata" not in columns:
            logger.warning(
                "the note on follow-up %s was not kept: its metadata has no room for it",
                id,
                extra={"interactions_sdk": {"interaction_id": id}},
            )
        return self._interactions.update(
            current,
            columns,
            action="interaction.completed",
            following=same_work or following,
            is_same_work=same_work is not None,
        )

    def skip(self, id: str) -> CustomerInteraction:
        """Skip the current date of a recurring follow-up, which moves to its next date after now.

        Args:
            id: The ID of the interaction.

        Returns:
            The interaction with its new due date.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer.
            ConflictError: Someone else has changed it.
            BadRequestError: It is not an open follow-up, does not recur, or this is its last date.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task(
            ...         "Call back", next_action_date=tomorrow, recurrence="FREQ=WEEKLY"
            ...     )
            ...     later = ada.follow_ups.skip(task.id)
            ...     print(later.next_action_date - task.next_action_date)
            7 days, 0:00:00
        """
        current = self._interactions.get_for_update(id, "skip")
        require_open(current, "skipped")
        columns = skip_columns(current, now=utc_now())
        return self._interactions.update(current, columns, action="interaction.skipped")

    def stop(self, id: str) -> CustomerInteraction:
        """Stop a follow-up from recurring, or end its plan; it stays open.

        Args:
            id: The ID of the interaction.

        Returns:
            The interaction; if it does not recur and belongs to no plan, it is returned unchanged.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer.
            ConflictError: Someone else has changed it.
            BadRequestError: It is not an open follow-up.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task(
            ...         "Call back", next_action_date=tomorrow, recurrence="FREQ=WEEKLY"
            ...     )
            ...     task = ada.follow_ups.stop(task.id)
            ...     print(task.recurrence)
            None
        """
        current = self._interactions.get_for_update(id, "stop")
        require_open(current, "stopped")
        columns = stop_columns(current)
        if not columns:
            return current
        return self._interactions.update(current, columns, action="interaction.stopped")

    def snooze(
        self,
        id: str,
        *,
        until: TimeLike | None = None,
        by: timedelta | relativedelta | None = None,
        tz: TimeZone | None = None,
    ) -> CustomerInteraction:
        """Postpone a follow-up; its first due date is kept for reports.

        Args:
            id: The ID of the interaction.
            until: The new due date, in the future: an aware datetime, a date, or ISO text.
            by: How much later than the due date, or than now if the result would be in the past: a
                `timedelta`, or a `relativedelta` for calendar units.
            tz: The time zone for calendar units, in which nine o'clock stays nine o'clock across a
                clock change (default: `Settings.time_zone`).

        Returns:
            The interaction with its new due date.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer.
            ConflictError: Someone else has changed it.
            BadRequestError: Neither or both of `until` and `by` were passed, `until` has no time
                zone, or it is not an open follow-up.
            ValidationError: The new date is not in the future.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task("Call back", next_action_date=tomorrow)
            ...     moved = ada.follow_ups.snooze(task.id, by=timedelta(days=2))
            ...     print(moved.next_action_date - task.next_action_date)
            2 days, 0:00:00
        """
        if (until is None) == (by is None):
            raise BadRequestError("Pass either until= or by=.")
        if by is not None:
            _check_by(by)
        due = None if until is None else parse_time(until, "until", self._settings.time_zone)
        current = self._interactions.get_for_update(id, "snooze")
        require_open(current, "snoozed")
        if by is not None:
            due = _snoozed_date(current.next_action_date, by, self._zone(tz))
        checked = InteractionUpdate(next_action_date=due).next_action_date
        assert checked is not None  # noqa: S101 - until is given by now
        columns = snooze_columns(current, until=checked)
        return self._interactions.update(current, columns, action="interaction.snoozed")

    def cancel(self, id: str) -> CustomerInteraction:
        """Cancel a follow-up: clear its due date. Cancelling it again returns it as it is.

        Args:
            id: The ID of the interaction.

        Returns:
            The interaction without a due date.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer.
            ConflictError: Someone else has changed it.
            BadRequestError: It is not an open follow-up.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = ada.log_task("Call back", next_action_date=tomorrow)
            ...     dropped = ada.follow_ups.cancel(task.id)
            ...     print(dropped.next_action_date)
            None
        """
        current = self._interactions.get_for_update(id, "cancel")
        if current.next_action_date is None:
            self._interactions.recompute_follow_up(current)
        if is_cancelled(current):
            return current
        require_open(current, "cancelled")
        return self._interactions.update(
            current, cancel_columns(current), action="interaction.cancelled"
        )


def _check_by(by: object) -> None:
    from dateutil.relativedelta import relativedelta  # noqa: PLC0415 - only if used

    check_type(by, (timedelta, relativedelta), "by", "a timedelta or a relativedelta")


def _date_range_queries(begin: datetime, end: datetime) -> list[Query]:
    return [
        query.greater_than_equal("nextActionDate", begin),
        query.less_than("nextActionDate", end),
    ]


def _snoozed_date(
    due: datetime | None, by: timedelta | relativedelta, tz: TimeZone | None
) -> datetime:
    now = utc_now()
    until = add_time(due or now, by, tz)
    return until if until > now else add_time(now, by, tz)
