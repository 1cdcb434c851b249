"""Reading interactions: pages and counts, with exact filters and access rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from interactions_sdk import wire
from interactions_sdk._async.connection.rows import (
    MAX_PAGE_SIZE,
    NEWEST_FIRST,
    OLDEST_FIRST,
    SortOrder,
    iterate_pages,
    list_pages,
)
from interactions_sdk.arguments import check_integer
from interactions_sdk.caching import check_max_age
from interactions_sdk.calendars import get_timezone
from interactions_sdk.cursors import decode_cursor, encode_cursor
from interactions_sdk.datetimes import MIN_DATETIME, utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.filters import InteractionFilters, RowFilter, parse_filters
from interactions_sdk.models.interaction import UnverifiedInteraction
from interactions_sdk.models.page import AsyncPage
from interactions_sdk.models.row import ID
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.filters import OneOrMany
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.timeline import EntityUrl, Timeline

__all__ = ["AsyncInteractionReader"]

_MAX_DAYS = 365_000
"""Days before now that are still within the calendar."""
_OTHER_CUSTOMER = (
    "If they are, the user's customer record has changed since: start again from the first page."
)


class _PageRequest(NamedTuple):
    filter: RowFilter
    limit: int
    after: str | None
    newest_first: bool
    with_total: bool
    include_unverified: bool = False

    @property
    def cursor_scope(self) -> list[str]:
        """The scope that a cursor must share with its page."""
        return [self.filter.fingerprint(), "newest" if self.newest_first else "oldest"]


@dataclass(frozen=True, slots=True)
class _CheckedPage:
    """The matching rows of a page, and which of them belong to the customers that they name."""

    matching: list[CustomerInteraction]
    verified: list[CustomerInteraction]

    @property
    def all(self) -> list[CustomerInteraction]:
        """All rows in order; those that do not belong to their customer are marked."""
        if len(self.verified) == len(self.matching):
            return self.verified
        own = {row.id for row in self.verified}
        return [row if row.id in own else UnverifiedInteraction.of(row) for row in self.matching]


class AsyncInteractionReader:
    """Reads the interactions that an acting user may see.

    Args:
        project: The project.
        access: What the acting user may see.
        customers: What knows the customers' names.
    """

    def __init__(
        self, project: AsyncProject, *, access: AsyncAccess, customers: AsyncCustomerStore
    ) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._read_cache = project.read_cache
        self._access = access
        self._customers = customers

    async def find(
        self,
        filters: InteractionFilters,
        *,
        limit: int,
        after: str | None,
        newest_first: bool,
        with_total: bool,
        max_age: timedelta | None,
        include_unverified: bool,
    ) -> AsyncPage[CustomerInteraction]:
        """Return one page; see `AsyncInteractionRepository.find`."""
        check_integer(
            limit, "limit", minimum=1, maximum=query.MAX_LIMIT, hint="Use iterate() to read all."
        )
        check_max_age(max_age)
        row_filter = parse_filters(filters, tz=self._settings.time_zone)
        request = _PageRequest(
            row_filter, limit, after, newest_first, with_total, include_unverified
        )
        return await self._find(request, max_age)

    async def _find(
        self, request: _PageRequest, max_age: timedelta | None
    ) -> AsyncPage[CustomerInteraction]:
        """Return one page, which reads the next by itself: as much later as its user likes."""
        row_filter = await self._authorize(request.filter)
        self._check_unverified(include_unverified=request.include_unverified)
        page = await self._read_or_recall(request._replace(filter=row_filter), max_age)
        following = request._replace(after=page.next_cursor, with_total=False)
        return page.followed_by(partial(self._find, following, max_age))

    async def _read_or_recall(
        self, request: _PageRequest, max_age: timedelta | None
    ) -> AsyncPage[CustomerInteraction]:
        customer_id = request.filter.single_customer
        if max_age is None or customer_id is None:
            return await self._read_page(request, max_age)
        asked_at = monotonic()
        reads = self._read_cache.for_customer(customer_id)
        remembered = self._read_cache.get(reads, request, max_age)
        if remembered is not None:
            return _copy_page(remembered)
        page = await self._read_page(request)
        self._read_cache.put(reads, request, _copy_page(page), asked_at=asked_at)
        return page

    async def pages(
        self, filters: InteractionFilters, *, newest_first: bool, include_unverified: bool = False
    ) -> AsyncIterator[list[CustomerInteraction]]:
        """Yield all pages; see `AsyncInteractionRepository.iterate`."""
        row_filter = await self._authorized_filter(filters)
        self._check_unverified(include_unverified=include_unverified)
        pages = self._iterate_pages(
            row_filter,
            newest_first=newest_first,
            page_size=self._settings.page_size,
            include_unverified=include_unverified,
        )
        async for page in pages:
            yield page
            del page  # or it would be kept while the next is read

    async def recent(
        self,
        days: int,
        limit: int,
        *,
        customer_id: OneOrMany | None,
        max_age: timedelta | None,
    ) -> AsyncPage[CustomerInteraction]:
        """Return one page; see `AsyncInteractionRepository.recent`."""
        check_max_age(max_age)
        check_integer(days, "days", minimum=1, maximum=_MAX_DAYS)
        since = utc_now() - timedelta(days=days)
        if max_age is not None:
            since -= (since - MIN_DATETIME) % max_age
        filters: InteractionFilters = {"since": since, "customer_id": customer_id}
        return await self._find_newest(filters, limit, max_age)

    async def timeline(
        self,
        filters: InteractionFilters,
        *,
        limit: int,
        tz: TimeZone | None,
        entity_url: EntityUrl | None,
    ) -> Timeline:
        """Return interactions by day; see `AsyncInteractionRepository.timeline`."""
        from interactions_sdk.timeline.timeline import (  # noqa: PLC0415 - loaded when it is used
            Timeline,
            validate_entity_url,
        )

        shown_in = get_timezone(tz or self._settings.time_zone)
        validate_entity_url(entity_url)
        page = await self._find_newest(filters, limit)
        names = await self.customer_names(page.items)
        return Timeline(page.items, shown_in, page.next_cursor is not None, entity_url, names)

    async def customer_names(self, interactions: Sequence[CustomerInteraction]) -> dict[str, str]:
        """Return what the customers of interactions are called, by their IDs."""
        return await self._customers.display_names(row.customer_id for row in interactions)

    async def _find_newest(
        self, filters: InteractionFilters, limit: int, max_age: timedelta | None = None
    ) -> AsyncPage[CustomerInteraction]:
        return await self.find(
            filters,
            limit=limit,
            after=None,
            newest_first=True,
            with_total=False,
            max_age=max_age,
            include_unverified=False,
        )

    async def count(self, filters: InteractionFilters, *, include_unverified: bool = False) -> int:
        """Return the number of interactions; see `AsyncInteractionRepository.count`."""
        row_filter = await self._authorized_filter(filters)
        self._check_unverified(include_unverified=include_unverified)
        return await self._count(row_filter, include_unverified=include_unverified)

    def _check_unverified(self, *, include_unverified: bool) -> None:
        if include_unverified and not self._access.is_admin:
            raise BadRequestError("include_unverified is for admins: use crm.as_admin(...).")

    async def _read_page(
        self, request: _PageRequest, max_age: timedelta | None = None
    ) -> AsyncPage[CustomerInteraction]:
        row_filter, limit = request.filter, request.limit
        position = None
        if request.after is not None:
            hint = "" if self._access.is_admin else _OTHER_CUSTOMER
            position = decode_cursor(request.after, request.cursor_scope, hint=hint)
        items: list[CustomerInteraction] = []
        ignored = 0
        sequences: dict[str, str] = {}
        order = _creation_order(newest_first=request.newest_first)
        # One more than requested shows whether there is a next page.
        pages = list_pages(
            self._connection,
            self._tables.interactions,
            row_filter.queries(),
            order,
            page_size=limit + 1,
            after=position,
            max_age=max_age,
        )
        if not row_filter.matches_nothing:
            async for page in pages:
                checked = await self._check(row_filter.filter(page.rows))
                items += checked.all if request.include_unverified else checked.verified
                ignored += len(checked.matching) - len(checked.verified)
                sequences |= zip((row.id for row in page.rows), page.sequences, strict=True)
                if len(items) > limit:
                    break
        next_cursor = None
        if len(items) > limit:
            items = items[:limit]
            last = order.position_of(items[-1], sequences[items[-1].id], position)
            next_cursor = encode_cursor(last, request.cursor_scope)
        if request.include_unverified:
            ignored = sum(not item.is_verified for item in items)
        total = (
            await self._count(row_filter, include_unverified=request.include_unverified)
            if request.with_total
            else None
        )
        return AsyncPage(
            items=tuple(items), next_cursor=next_cursor, total=total, unverified=ignored
        )

    async def _check(self, matching: list[CustomerInteraction]) -> _CheckedPage:
        return _CheckedPage(matching, await self._access.filter_visible(matching))

    async def _authorized_filter(self, filters: InteractionFilters) -> RowFilter:
        """Return the filter, restricted to what the acting user may read."""
        return await self._authorize(parse_filters(filters, tz=self._settings.time_zone))

    async def _authorize(self, row_filter: RowFilter) -> RowFilter:
        await self._access.verify()
        customers = await self._access.readable_customers(row_filter.customer_ids)
        return row_filter.restrict_to(customers)

    async def _iterate_pages(
        self,
        row_filter: RowFilter,
        *,
        newest_first: bool,
        page_size: int,
        include_unverified: bool,
        columns: list[str] | None = None,
    ) -> AsyncIterator[list[CustomerInteraction]]:
        """Yield pages of the rows that match exactly."""
        if row_filter.matches_nothing:
            return
        pages = iterate_pages(
            self._connection,
            self._tables.interactions,
            [*row_filter.queries(), *([query.select(*columns)] if columns else [])],
            NEWEST_FIRST if newest_first else OLDEST_FIRST,
            page_size=page_size,
            max_page_size=max(page_size, MAX_PAGE_SIZE),
        )
        async for page in pages:
            checked = await self._check(row_filter.filter(page))
            yield checked.all if include_unverified else checked.verified
            del page, checked  # as in `pages`

    async def _count(self, row_filter: RowFilter, *, include_unverified: bool) -> int:
        if row_filter.matches_nothing:
            return 0
        counts_all = include_unverified or not self._settings.user_sessions
        if row_filter.is_exact_server_side and counts_all:
            counted = wire.list_rows(
                self._tables.interactions,
                [*row_filter.queries(), query.select(ID), query.limit(1)],
                with_total=True,
            )
            total = (await self._connection.send(counted)).total
            if total < query.MAX_LIMIT:
                return total
        return await self._count_by_reading(row_filter, include_unverified=include_unverified)

    async def _count_by_reading(self, row_filter: RowFilter, *, include_unverified: bool) -> int:
        """Count exact matches, reading only the needed columns."""
        counted = 0
        pages = self._iterate_pages(
            row_filter,
            newest_first=True,
            page_size=query.MAX_LIMIT,
            include_unverified=include_unverified,
            columns=list(dict.fromkeys([ID, "customerId", *row_filter.columns])),
        )
        async for page in pages:
            counted += len(page)
        return counted


def _copy_page(page: AsyncPage[CustomerInteraction]) -> AsyncPage[CustomerInteraction]:
    """Return a page with copies of the interactions: lists in their metadata are mutable."""
    return page.model_copy(
        update={"items": tuple(item.model_copy(deep=True) for item in page.items)}
    )


def _creation_order(*, newest_first: bool) -> SortOrder[CustomerInteraction]:
    return NEWEST_FIRST if newest_first else OLDEST_FIRST
