"""What is still to be done, by when, and by whom."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.connection.rows import BY_DUE_DATE, iterate_pages
from interactions_sdk.calendars import days_after, later, start_of_day, start_of_week
from interactions_sdk.datetimes import to_milliseconds, utc_now
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    mark_possibly_applied,
)
from interactions_sdk.filters import open_follow_up_queries, parse_filters
from interactions_sdk.models.drafts import InteractionUpdate
from interactions_sdk.models.enums import Outcome
from interactions_sdk.rules.follow_ups import (
    TOKEN_DIGITS,
    cancelled,
    claimed,
    completed,
    is_leased,
    lease_token,
    snoozed,
    takes_lease,
)
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from dateutil.relativedelta import relativedelta

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.interactions import AsyncRecords
    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.filters import OneOrMany
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire.query import Query

__all__ = ["AsyncFollowUps"]

logger = logging.getLogger("interactions_sdk")

_LOST_BEFORE_READING_ANEW = 3


@dataclass(slots=True)
class _ClaimRound:
    """What one call of `claim` has taken so far, and what others were faster with."""

    limit: int
    lease: timedelta
    taken: list[CustomerInteraction]
    passed_over: set[str]
    is_crowded: bool = False

    def in_turn(self, page: Sequence[CustomerInteraction]) -> list[CustomerInteraction]:
        """Return what may be claimed: by due date, or where others claim, too, in any order.

        Workers that went by due date would all be at the same place.
        """
        now = utc_now()
        free = [
            each for each in page if each.id not in self.passed_over and not is_leased(each, at=now)
        ]
        if self.is_crowded or len(free) < len(page):
            secrets.SystemRandom().shuffle(free)
        return free


class AsyncFollowUps:
    """The follow-ups of an acting user: `repo.follow_ups`.

    A follow-up is open while it has a `next_action_date` and its outcome is not `resolved`.
    """

    def __init__(
        self, project: AsyncProject, *, access: AsyncAccess, records: AsyncRecords
    ) -> None:
        self._read_cache = project.read_cache
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._records = records

    async def due(
        self, user_id: OneOrMany | None = None, as_of: datetime | None = None
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield the open follow-ups that are due, by due date.

        Args:
            user_id: Only those that this user, or these users, logged.
            as_of: Due at or before this time, aware; now, if not given.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     async for interaction in crm.as_admin("root").follow_ups.due():
            ...         print(interaction.subject, interaction.next_action_date)
        """
        bound = query.less_than_equal("nextActionDate", _aware(as_of) or utc_now())
        async for interaction in self._open([bound], user_id):
            yield interaction

    async def overdue(
        self,
        user_id: OneOrMany | None = None,
        as_of: datetime | None = None,
        *,
        tz: TimeZone | None = None,
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield the open follow-ups that were due before today, by due date.

        Args:
            user_id: Only those that this user, or these users, logged.
            as_of: The time whose day is meant, aware; now, if not given.
            tz: The zone in which the day began; UTC, if not given.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     desk = crm.as_admin("root").follow_ups
            ...     async for interaction in desk.overdue(tz="Europe/Zurich"):
            ...         print(interaction.subject, interaction.next_action_date)
        """
        today = start_of_day(_aware(as_of) or utc_now(), tz)
        async for interaction in self._open([query.less_than("nextActionDate", today)], user_id):
            yield interaction

    async def today(
        self,
        user_id: OneOrMany | None = None,
        as_of: datetime | None = None,
        *,
        tz: TimeZone | None = None,
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield the open follow-ups that are due today, by due date.

        Args:
            user_id: Only those that this user, or these users, logged.
            as_of: The time whose day is meant, aware; now, if not given.
            tz: The zone in which the day begins and ends; UTC, if not given.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     desk = crm.as_admin("root").follow_ups
            ...     async for interaction in desk.today(tz="Europe/Zurich"):
            ...         print(interaction.subject, interaction.next_action_date)
        """
        begin = start_of_day(_aware(as_of) or utc_now(), tz)
        async for interaction in self._open(_between(begin, days_after(begin, 1)), user_id):
            yield interaction

    async def this_week(
        self,
        user_id: OneOrMany | None = None,
        as_of: datetime | None = None,
        *,
        tz: TimeZone | None = None,
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield the open follow-ups that are due this week, Monday to Sunday, by due date.

        Args:
            user_id: Only those that this user, or these users, logged.
            as_of: The time whose week is meant, aware; now, if not given.
            tz: The zone in which the days begin and end; UTC, if not given.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     async for interaction in crm.as_admin("root").follow_ups.this_week():
            ...         print(interaction.subject, interaction.next_action_date)
        """
        begin = start_of_week(_aware(as_of) or utc_now(), tz)
        async for interaction in self._open(_between(begin, days_after(begin, 7)), user_id):
            yield interaction

    async def upcoming(
        self,
        within: timedelta = timedelta(days=7),
        user_id: OneOrMany | None = None,
        as_of: datetime | None = None,
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield the open follow-ups that will be due soon, by due date.

        Args:
            within: How soon.
            user_id: Only those that this user, or these users, logged.
            as_of: Due after this time, aware; now, if not given.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = await ada.log_task("Call back", next_action_date=tomorrow)
            ...     async for interaction in ada.follow_ups.upcoming(timedelta(days=2)):
            ...         print(interaction.subject)
            Call back
        """
        begin = _aware(as_of) or utc_now()
        bounds = [
            query.greater_than("nextActionDate", begin),
            query.less_than_equal("nextActionDate", begin + within),
        ]
        async for interaction in self._open(bounds, user_id):
            yield interaction

    async def _open(
        self, bounds: list[Query], user_id: OneOrMany | None
    ) -> AsyncIterator[CustomerInteraction]:
        async for page in self._open_pages(bounds, user_id):
            for interaction in page:
                yield interaction

    async def _open_pages(
        self, bounds: list[Query], user_id: OneOrMany | None
    ) -> AsyncIterator[list[CustomerInteraction]]:
        await self._access.verify()
        customers = await self._access.readable_customers(None)
        meant = parse_filters(customer_id=customers, user_id=user_id)
        if meant.matches_nothing:
            return
        pages = iterate_pages(
            self._connection,
            self._tables.interactions,
            [*meant.queries(), *bounds, *open_follow_up_queries()],
            BY_DUE_DATE,
            page_size=self._settings.page_size,
        )
        async for page in pages:
            open_ones = [each for each in meant.filter(page) if each.is_open_follow_up]
            yield await self._access.visible(open_ones)

    async def claim(
        self,
        limit: int,
        *,
        lease: timedelta = timedelta(minutes=5),
        user_id: OneOrMany | None = None,
        as_of: datetime | None = None,
    ) -> list[CustomerInteraction]:
        """Claim due follow-ups for this worker; no other worker gets them until the lease ends.

        The lease is noted in the metadata under a lock. It ends by itself, so that what a worker
        that died had claimed is claimed again; `complete`, `snooze` and `cancel` end it, too.

        Args:
            limit: How many at most, 1 or more.
            lease: How long they are this worker's. Workers go by their own clocks, so let it be
                longer than these may differ.
            user_id: Only those that this user, or these users, logged.
            as_of: Due at or before this time, aware; now, if not given.

        Returns:
            What was claimed, by due date; fewer than `limit` when there are no more, or when the
            connection failed after some were claimed. The earliest go first, unless other workers
            claim at the same time.

        Raises:
            BadRequestError: The limit or the lease is none.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     follow_ups = crm.as_admin("root").follow_ups
            ...     for reminder in await follow_ups.claim(50):
            ...         print("send it, then:", reminder.id)
            ...         reminder = await follow_ups.complete(reminder.id)
        """
        if limit < 1 or lease <= timedelta():
            raise BadRequestError("claim() takes a limit of 1 or more, and a lease that lasts.")
        due = query.less_than_equal("nextActionDate", _aware(as_of) or utc_now())
        round_ = _ClaimRound(limit, lease, [], set())
        try:
            while await self._claim_more(round_, due, user_id):
                pass
        except InteractionsError as error:
            if not round_.taken:
                raise
            logger.warning(
                "claimed %s follow-ups only: %s",
                len(round_.taken),
                type(error).__name__,
                extra={
                    "interactions_sdk": {
                        "claimed": len(round_.taken),
                        "failure": type(error).__name__,
                    }
                },
            )
        return sorted(round_.taken, key=BY_DUE_DATE.position_of)

    async def _claim_more(self, round_: _ClaimRound, due: Query, user_id: OneOrMany | None) -> bool:
        """Claim from what is due now; True if it should be read again, as others claim, too."""
        lost = 0
        async for page in self._open_pages([due], user_id):
            for interaction in round_.in_turn(page):
                claim = await self._claim(interaction, until=utc_now() + round_.lease)
                if claim is not None:
                    round_.taken.append(claim)
                    if len(round_.taken) == round_.limit:
                        return False
                    continue
                round_.passed_over.add(interaction.id)
                if not takes_lease(interaction):
                    continue  # nobody was faster
                round_.is_crowded = True
                lost += 1
                if lost == _LOST_BEFORE_READING_ANEW:
                    return True
        return False

    async def _claim(
        self, interaction: CustomerInteraction, *, until: datetime
    ) -> CustomerInteraction | None:
        token = secrets.token_hex(TOKEN_DIGITS // 2)
        columns = claimed(interaction, token=token, until=until)
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
                return await self._connection.send(call)
        except NotFoundError:
            return None
        except ConflictError as error:
            if not error.may_have_landed:
                return None
        with mark_possibly_applied():
            now = await self._connection.send(
                wire.get_row(self._tables.interactions, interaction.id)
            )
        return now if lease_token(now) == token else None

    async def complete(
        self, id: str, *, note: str | None = None, next: InteractionCreate | None = None
    ) -> CustomerInteraction:
        """Mark a follow-up as done, and plan the next one with it.

        The outcome becomes `resolved`; what the reports need to know is kept in the metadata,
        under `custom_fields["followUp"]`.

        Args:
            id: The interaction.
            note: How it went.
            next: A new interaction of the same customer, written in the same transaction.

        Returns:
            The completed interaction.

        Raises:
            InteractionNotFoundError: There is no such interaction.
            OwnershipError: It is another customer's, or a user named one for `next`.
            ConflictError: Someone else has changed it.
            BadRequestError: `next` is of another customer, or dated: Appwrite takes `$createdAt`
                only outside of transactions (transcript `transaction-system-columns`).

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = await ada.log_task("Call back", next_action_date=tomorrow)
            ...     done = await ada.follow_ups.complete(task.id, note="She signed.")
            ...     print(done.outcome)
            resolved
        """
        current = await self._records.read_for_write(id, "complete")
        if next is not None and next.occurred_at is not None:
            raise BadRequestError(
                "next= cannot have occurred_at: in a transaction Appwrite dates the row itself."
            )
        if next is not None and next.customer_id not in (None, current.customer_id):
            await self._records.customer_to_write_for(next.customer_id, "complete")
            raise BadRequestError("next= must be of the same customer.")
        columns = completed(current, at=utc_now(), note=note)
        if note is not None and "metadata" not in columns:
            logger.warning(
                "the note on follow-up %s was not kept: its metadata has no room for it",
                id,
                extra={"interactions_sdk": {"interaction_id": id}},
            )
        return await self._records.change(
            current, columns, action="interaction.completed", following=next
        )

    async def snooze(
        self,
        id: str,
        *,
        until: datetime | None = None,
        by: timedelta | relativedelta | None = None,
        tz: TimeZone | None = None,
    ) -> CustomerInteraction:
        """Put a follow-up off; its first due date is kept.

        Args:
            id: The interaction.
            until: The new due date, aware and in the future.
            by: How much later than it is due: a `timedelta`, or a `relativedelta` for calendar
                units. If that is also in the past, or there is no date: how much later than now.
            tz: The zone in which calendar units are counted, so that nine o'clock stays nine
                o'clock when the clocks are changed; UTC, if not given.

        Returns:
            The interaction with its new due date.

        Raises:
            InteractionNotFoundError: There is no such interaction.
            OwnershipError: It is another customer's.
            ConflictError: Someone else has changed it.
            BadRequestError: Neither or both of `until` and `by` are given, or it is done already.
            ValidationError: The new date is naive or not in the future.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = await ada.log_task("Call back", next_action_date=tomorrow)
            ...     moved = await ada.follow_ups.snooze(task.id, by=timedelta(days=2))
            ...     print(moved.next_action_date - task.next_action_date)
            2 days, 0:00:00
        """
        if (until is None) == (by is None):
            raise BadRequestError("Give until= or by=, one of them.")
        current = await self._records.read_for_write(id, "snooze")
        if current.outcome == Outcome.RESOLVED:
            raise BadRequestError(
                f"Follow-up '{id}' is done already. To open it again, update its outcome and its "
                "next_action_date."
            )
        if by is not None:
            until = _put_off(current.next_action_date, by, tz)
        checked = InteractionUpdate(next_action_date=until).next_action_date
        assert checked is not None  # noqa: S101 - until is given by now
        columns = snoozed(current, until=checked)
        return await self._records.change(current, columns, action="interaction.snoozed")

    async def cancel(self, id: str) -> CustomerInteraction:
        """Clear the due date of a follow-up that is not to be done.

        Args:
            id: The interaction.

        Returns:
            The interaction without a due date; one that had none is left as it is.

        Raises:
            InteractionNotFoundError: There is no such interaction.
            OwnershipError: It is another customer's.
            ConflictError: Someone else has changed it.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = await ada.log_task("Call back", next_action_date=tomorrow)
            ...     dropped = await ada.follow_ups.cancel(task.id)
            ...     print(dropped.next_action_date)
            None
        """
        current = await self._records.read_for_write(id, "cancel")
        if current.next_action_date is None:
            return current
        return await self._records.change(
            current, cancelled(current), action="interaction.cancelled"
        )


def _between(begin: datetime, end: datetime) -> list[Query]:
    return [
        query.greater_than_equal("nextActionDate", begin),
        query.less_than("nextActionDate", end),
    ]


def _put_off(due: datetime | None, by: timedelta | relativedelta, tz: TimeZone | None) -> datetime:
    now = utc_now()
    until = later(due or now, by, tz)
    return until if until > now else later(now, by, tz)


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise BadRequestError(
            "as_of needs a time zone: use datetime(..., tzinfo=UTC), for example."
        )
    return to_milliseconds(moment)
