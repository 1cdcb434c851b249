"""Finding and counting interactions, timelines, and watching for changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from interactions_sdk._async.repository.base import AsyncRepositoryBase
from interactions_sdk.filters import ChangeFilters, InteractionFilters
from interactions_sdk.paging import pending_page
from interactions_sdk.signatures import spell_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import timedelta

    from interactions_sdk._async.watching.watch import AsyncWatch
    from interactions_sdk.calendars import TimeLike, TimeZone
    from interactions_sdk.filters import OneOrMany
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.models.page import AsyncPage
    from interactions_sdk.timeline import EntityUrl, Timeline

__all__ = ["AsyncInteractionQueries"]


class AsyncInteractionQueries(AsyncRepositoryBase):
    """Finding and counting interactions, timelines, and watching for changes."""

    @pending_page
    @spell_out(InteractionFilters, default=None)
    async def find(
        self,
        *,
        limit: int = 50,
        after: str | None = None,
        newest_first: bool = True,
        with_total: bool = False,
        max_age: timedelta | None = None,
        include_unverified: bool = False,
        **filters: Unpack[InteractionFilters],
    ) -> AsyncPage[CustomerInteraction]:
        """Return a page of interactions. Filters take one value or several.

        A loop over the page, or over the call itself, continues with the next pages and reads them
        as they are reached; `page.items`, `len(page)` and `page[0]` refer to this page only.

        Args:
            limit: Interactions per page, 1 to 5,000.
            after: The `next_cursor` of the previous page, with the same filters and order.
            newest_first: Whether the latest comes first.
            with_total: Whether to count all matching interactions as well.
            max_age: The age up to which a cached result is accepted, 1 second to 24 hours; None
                does not use a cache. Results about a single customer come from this client's cache
                (`crm.read_cache`), which keeps them for up to `cache_ttl` seconds and drops them
                when this client writes to the customer. Results about several customers come from
                Appwrite's list cache, which no write clears (older servers have none).
            include_unverified: Whether an admin also gets rows that do not belong to the customer
                that they name, as `UnverifiedInteraction`; see `Settings.user_sessions`.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The interactions ordered by `created_at`, and the cursor of the next page.

        Raises:
            BadRequestError: The limit, the age or the cursor is wrong, or a time has no zone.
            OwnershipError: A user requested another customer's interactions.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     call = await repo.log_call("Renewal", outcome="busy")
            ...     page = await repo.find(interaction_type="call", outcome=["busy", "no_answer"])
            ...     print(len(page), page[0].subject, page.has_more)
            ...     async for interaction in repo.find(interaction_type="call"):
            ...         print(interaction.subject)
            1 Renewal False
            Renewal
        """
        return await self._reader.find(
            filters,
            limit=limit,
            after=after,
            newest_first=newest_first,
            with_total=with_total,
            max_age=max_age,
            include_unverified=include_unverified,
        )

    @spell_out(InteractionFilters, default=None)
    async def iterate(
        self,
        *,
        newest_first: bool = True,
        include_unverified: bool = False,
        **filters: Unpack[InteractionFilters],
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield all interactions, page by page. None is skipped while others write or delete.

        Args:
            newest_first: Whether the latest comes first.
            include_unverified: Whether an admin also gets rows that do not belong to the customer
                that they name, as `UnverifiedInteraction`; see `Settings.user_sessions`.
            filters: Which interactions to include; see `InteractionFilters`.

        Raises:
            BadRequestError: A filter is wrong, or `include_unverified` is not for this user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal", outcome="busy")
            ...     async for interaction in ada.iterate(outcome=["busy", "no_answer"]):
            ...         print(interaction.subject)
            Renewal
        """
        pages = self._reader.pages(
            filters, newest_first=newest_first, include_unverified=include_unverified
        )
        async for page in pages:
            for interaction in page:
                yield interaction
            del page  # or it would be kept while the next is read

    @spell_out(InteractionFilters, default=None)
    async def count(
        self, *, include_unverified: bool = False, **filters: Unpack[InteractionFilters]
    ) -> int:
        """Return the exact number of interactions, even beyond Appwrite's limit of 5,000.

        Args:
            include_unverified: As in `find`; the difference is the number of rows that reads
                ignore.
            filters: Which interactions to include; see `InteractionFilters`.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     print(await ada.count(interaction_type="call"))
            1
        """
        return await self._reader.count(filters, include_unverified=include_unverified)

    @pending_page
    async def recent(
        self,
        days: int = 7,
        limit: int = 100,
        *,
        customer_id: OneOrMany | None = None,
        max_age: timedelta | None = None,
    ) -> AsyncPage[CustomerInteraction]:
        """Return a page of recent interactions, newest first; see `find`.

        Args:
            days: Number of days of 24 hours.
            limit: Interactions per page, 1 to 5,000.
            customer_id: Only those of this customer, or these.
            max_age: The age up to which a cached result is accepted; see `find`. The start of the
                period is then rounded to a multiple of it, so repeated calls can share a result.

        Example:
            >>> from datetime import timedelta
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     page = await ada.recent(max_age=timedelta(seconds=30))
            ...     page = await ada.recent(max_age=timedelta(seconds=30))
            ...     print(crm.read_cache.hits, crm.read_cache.misses)
            1 1
        """
        return await self._reader.recent(days, limit, customer_id=customer_id, max_age=max_age)

    async def timeline(
        self,
        customer_id: OneOrMany | None = None,
        *,
        interaction_type: OneOrMany | None = None,
        user_id: OneOrMany | None = None,
        related_entity: str | tuple[str, str] | None = None,
        text: str | None = None,
        since: TimeLike | None = None,
        until: TimeLike | None = None,
        limit: int = 200,
        tz: TimeZone | None = None,
        entity_url: EntityUrl | None = None,
    ) -> Timeline:
        """Return interactions of all types, newest first, grouped by day.

        Args:
            customer_id: The customer or customers (default: a user's own, or for an admin all).
            interaction_type: Only this type, or these.
            user_id: Only interactions logged by this user, or these users.
            related_entity: Only interactions about this type, or this type and ID.
            text: Only interactions that contain this text.
            since: The earliest `created_at`, aware, inclusive.
            until: The latest `created_at`, aware, exclusive.
            limit: Maximum number of interactions, 1 to 5,000; `is_truncated` says whether there are
                more.
            tz: The time zone of the days, such as `Europe/Zurich` (default: `Settings.time_zone`).
            entity_url: The URL of related entities: `https://erp.example/{type}/{id}`, or a
                function of type and ID. Only http, https and relative addresses become links.

        Raises:
            BadRequestError: The zone is unknown, or an argument is invalid.
            OwnershipError: A user requested another customer's interactions.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     timeline = await ada.timeline(tz="Europe/Zurich")
            ...     for day in timeline.days:
            ...         print([interaction.subject for interaction in day.interactions])
            ['Renewal']
        """
        filters: InteractionFilters = {
            "customer_id": customer_id,
            "interaction_type": interaction_type,
            "user_id": user_id,
            "related_entity": related_entity,
            "text": text,
            "since": since,
            "until": until,
        }
        return await self._reader.timeline(filters, limit=limit, tz=tz, entity_url=entity_url)

    @spell_out(ChangeFilters, default=None)
    def watch(
        self,
        *,
        since: TimeLike | None = None,
        interval: float = 1.0,
        realtime: bool | None = None,
        **filters: Unpack[ChangeFilters],
    ) -> AsyncWatch:
        """Watch interactions as they are created, updated and deleted.

        It polls, which works everywhere. If the acting user can be authenticated on Appwrite's
        websocket (extra `realtime`; with the client's own session or JWT, or with a key that has
        the scope `users.write`), changes arrive within milliseconds, and polling only catches up
        after each reconnect and every 30 seconds. Otherwise, the reason is logged once.

        Changes to one interaction arrive in order, and never twice within a run. The watch
        continues after network failures. If an interaction no longer matches after a change, the
        change is not reported.

        Deletions are found through the audit log. Without one (`audit_table=None`), and for
        deletions by other programs, only the websocket reports them. Restored interactions keep
        their times and are not reported.

        Args:
            since: Where to start: a time (aware; by the server's clock, inclusive), or the `cursor`
                of a change of an earlier run, with the same filters. Changes since then are
                reported first, at least once: after a cursor, the changes of its last seconds may
                be repeated; `interaction.id` and `at` identify them. None starts now.
            interval: Polling interval in seconds while there are changes, more than 0. Without
                changes it grows to up to five times that (with the websocket to 30 seconds).
            realtime: Whether to use the websocket. None uses it if possible; True also logs a
                warning if it is not.
            filters: Which interactions to watch; see `ChangeFilters`. Less is known about deleted
                ones: they are reported unless what is known rules them out.

        Returns:
            An iterator of changes, which `stop()` ends from anywhere; see `AsyncWatch`.

        Raises:
            BadRequestError: The time has no zone, the cursor is invalid or belongs to other
                filters, or the interval is not positive.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     async with ada.watch(interval=0.1, interaction_type="call") as changes:
            ...         call = await ada.log_call("Renewal")
            ...         change = await anext(changes)
            ...     print(change.kind, change.interaction.subject)
            created Renewal
        """
        from interactions_sdk._async.watching.watch import start_watch  # noqa: PLC0415 - see base.py

        return start_watch(
            self._project,
            filters,
            access=self._access,
            since=since,
            interval=interval,
            realtime=realtime,
        )
