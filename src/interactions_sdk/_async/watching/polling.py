"""Changes found by polling: rows by update time, deletions in the audit log."""

from __future__ import annotations

import logging
from collections import deque
from itertools import cycle
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeVar

from interactions_sdk import wire
from interactions_sdk._async.connection.rows import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    SortOrder,
    iterate_pages,
    read_by_ids,
)
from interactions_sdk.change_tracking import (
    SCAN_OVERLAP,
    KnownRows,
    SeenChanges,
    ServerClock,
    Watermark,
)
from interactions_sdk.cursors import WatchPosition, encode_watch_cursor
from interactions_sdk.datetimes import MIN_DATETIME, utc_now
from interactions_sdk.errors import NotFoundError, PermissionDeniedError
from interactions_sdk.models.change import Change
from interactions_sdk.models.row import ID, UPDATED_AT, Row
from interactions_sdk.rules.deletions import DELETIONS, parse_deletion
from interactions_sdk.transport.retry import RetryPolicy
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.cursors import Position
    from interactions_sdk.filters import RowFilter
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.change import ChangeKind
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire import RowList, Table
    from interactions_sdk.wire.query import Query
    from interactions_sdk.wire.realtime import RowEvent

__all__ = ["AsyncPoller", "Scan"]

logger = logging.getLogger("interactions_sdk")

RowT = TypeVar("RowT", bound=Row)

Scan = Literal["rows", "deletions", "user", "customers"]

_SCANS: tuple[Scan, ...] = ("rows", "rows", "deletions")
"""Deletions are rarer; scanning them each time would double the requests of an idle watch."""

_BY_UPDATE: SortOrder[Row] = SortOrder(UPDATED_AT, attrgetter("updated_at"))
_ONCE = RetryPolicy(retries=0)
"""The watch retries a failed scan itself, so that it can be stopped while waiting."""


class AsyncPoller:
    """Polls for changes, one request at a time; rows are checked exactly as by `find`."""

    def __init__(
        self, project: AsyncProject, *, access: AsyncAccess, row_filter: RowFilter
    ) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._interactions = project.tables.interactions
        self._audit = project.tables.audit
        self._access = access
        self._requested = row_filter
        self._cursor_scope = row_filter.fingerprint()
        self._row_filter = row_filter
        self._clock = ServerClock()
        self._rows = Watermark(self._clock)
        self._deletions = Watermark(self._clock)
        self._seen = SeenChanges()
        self._known = KnownRows() if project.settings.user_sessions else None
        self._scheduled: deque[Scan] = deque()
        self._scan: Scan | None = None
        self._after: Position | None = None
        self._scans = cycle(_SCANS)
        self._due: deque[Scan] = deque()
        self._checked_at = 0.0
        self._has_unconfirmed = False
        self._has_scanned = False

    @property
    def is_idle(self) -> bool:
        """Whether no scan is scheduled."""
        return self._scan is None and not self._scheduled

    def schedule(self, *scans: Scan) -> None:
        """Schedule scans, unless they are already scheduled."""
        self._scheduled.extend(scan for scan in scans if scan not in self._scheduled)

    def schedule_next(self, *, both: bool) -> None:
        """Schedule the next scan, unless the acting user and customer have to be verified again.

        They are verified as often as by `find`, every `Settings.cache_ttl` seconds, with one
        request each. Changes are remembered as seen until both rows and deletions are scanned.
        """
        is_due = monotonic() - self._checked_at >= self._settings.cache_ttl
        if is_due and self._has_scanned and not self._due:
            self._due.extend(
                ("user", "customers") if self._settings.verify_users else ("customers",)
            )
        if self._due:
            self.schedule(self._due.popleft())
        elif both:
            self.schedule("rows", "deletions")
        else:
            self.schedule(next(self._scans))

    async def start(self, since: WatchPosition | None) -> None:
        """Determine the start: now, or where an earlier watch ended."""
        await self._access.verify()
        await self._restrict()
        if self._audit is None:
            self._log_deletions_unavailable("no audit log is kept")
        if self._known is not None and self._audit is not None:
            await self._read_known(self._known)
        if since is None:
            await self._begin_at_present()
        else:
            self._rows = Watermark(self._clock, since.rows)
            self._deletions = Watermark(self._clock, since.deletions)
            await self._observe_server_time()
            self.schedule("rows", "deletions")

    async def _begin_at_present(self) -> None:
        if self._row_filter.matches_nothing:
            return
        begin, rows = await self._latest(self._interactions, self._row_filter.queries(), _BY_UPDATE)
        self._rows = Watermark(self._clock, begin)
        for row in rows:
            self._seen.is_new(row.id, row.updated_at)
        if self._audit is None:
            return
        try:
            begin, entries = await self._latest(self._audit, self._deletion_queries(), OLDEST_FIRST)
        except (NotFoundError, PermissionDeniedError):
            if not self._connection.is_user:
                raise
            self._audit = None
            self._log_deletions_unavailable("the signed-in user may not read the audit log")
            return
        self._deletions = Watermark(self._clock, max(begin, self._rows.settled))
        for entry in entries:
            self._seen.is_new_deletion(entry.entity_id, entry.created_at)

    async def _read_known(self, known: KnownRows) -> None:
        """Read which rows exist, so that later deletions can be verified."""
        if self._row_filter.matches_nothing:
            return
        columns = query.select(*dict.fromkeys([ID, "customerId", *self._row_filter.columns]))
        pages = iterate_pages(
            self._connection,
            self._interactions,
            [*self._row_filter.queries(), columns],
            NEWEST_FIRST,
            page_size=query.MAX_LIMIT,
        )
        newest: list[CustomerInteraction] = []
        async for page in pages:
            newest += await self._access.filter_visible(self._row_filter.filter(page))
            if len(newest) >= known.size:
                break
        for row in reversed(newest):
            known.add(row.id, row.customer_id)

    async def _latest(
        self, table: Table[RowT], queries: list[Query], order: SortOrder[Row]
    ) -> tuple[datetime, list[RowT]]:
        """Return the start, and the rows that are known from there on."""
        newest_first: SortOrder[Row] = SortOrder(order.column, order.time_of, descending=True)
        begin = MIN_DATETIME
        latest: list[RowT] = []
        pages = iterate_pages(
            self._connection, table, queries, newest_first, page_size=self._settings.page_size
        )
        async for page in pages:
            for row in page:
                time = order.time_of(row)
                if self._observe(time):
                    begin = max(begin, time - SCAN_OVERLAP)
                if time <= begin:
                    return begin, latest
                latest.append(row)
        return begin, latest

    async def _observe_server_time(self) -> None:
        """Update the server's clock from the times of its rows."""
        if self._row_filter.matches_nothing:
            return
        newest = [query.descending(UPDATED_AT), query.limit(1), query.select(ID)]
        call = wire.list_rows(self._interactions, [*self._row_filter.queries(), *newest])
        for row in (await self._connection.send(call)).rows:
            self._observe(row.updated_at)

    def _observe(self, time: datetime) -> bool:
        return self._clock.observe(time, now=monotonic(), present=utc_now())

    def _deletion_queries(self) -> list[Query]:
        queries = [query.equal("action", *DELETIONS)]
        customers = self._row_filter.customer_ids
        return queries if customers is None else [*queries, query.equal("customerId", *customers)]

    def _log_deletions_unavailable(self, reason: str) -> None:
        logger.warning(
            "watch: deletions can only be seen over the websocket: %s",
            reason,
            extra={"interactions_sdk": {"watch": "no deletions", "reason": reason}},
        )

    def _log_unconfirmed_deletion(self) -> None:
        """Log once that a deletion was not shown; users may write many audit rows."""
        if self._has_unconfirmed:
            return
        self._has_unconfirmed = True
        logger.warning(
            "watch: a deletion was not shown, because it is known only from an audit row, which "
            "users may write: see crm.schema.audit_ownership()",
            extra={"interactions_sdk": {"watch": "unconfirmed deletion"}},
        )

    async def next_page(self) -> list[Change]:
        """Send the next request, and return its changes in order.

        Raises:
            OwnershipError: The requested customer no longer belongs to the user.
            PermissionDeniedError: The acting user is no longer an admin.
            APIConnectionError: No response; the next call tries again.
        """
        if self._scan is None:
            self._scan = self._scheduled.popleft()
            self._after = None
            self._watermark.start_scan(now=monotonic())
        scans = {
            "rows": self._read_rows,
            "deletions": self._read_deletions,
            "user": self._verify,
            "customers": self._restrict,
        }
        return await scans[self._scan]()

    @property
    def _watermark(self) -> Watermark:
        return self._deletions if self._scan == "deletions" else self._rows

    async def _verify(self) -> list[Change]:
        await self._access.verify()
        await self._access.check_session()
        self._scan = None
        return []

    async def _restrict(self) -> list[Change]:
        customers = await self._access.readable_customers(self._requested.customer_ids)
        self._row_filter = self._requested.restrict_to(customers)
        self._scan = None
        self._checked_at = monotonic()
        self._has_scanned = False
        return []

    async def _read_rows(self) -> list[Change]:
        if self._row_filter.matches_nothing:
            self._finish()
            return []
        page = await self._page(self._interactions, self._row_filter.queries(), _BY_UPDATE)
        rows = self._row_filter.filter(page.rows)
        visible = await self._access.filter_visible(rows) if rows else []
        changes = [change for row in visible if (change := self._change_of(row)) is not None]
        self._continue(page, _BY_UPDATE)
        return changes

    async def _read_deletions(self) -> list[Change]:
        if self._audit is None or self._row_filter.matches_nothing:
            self._finish()
            return []
        page = await self._page(self._audit, self._deletion_queries(), OLDEST_FIRST)
        entries = await self._filter_deleted(page.rows)
        deletions = [each for entry in entries if (each := self._deletion_of(entry)) is not None]
        self._continue(page, OLDEST_FIRST)
        return deletions

    async def _filter_deleted(self, entries: list[AuditEntry]) -> list[AuditEntry]:
        """Return the deletions of rows that no longer exist.

        Where users write audit rows, they may report any deletion. And a row that was seen in the
        same millisecond as its deletion may have been created again.
        """
        claimed = {
            entry.entity_id.lower()
            for entry in entries
            if self._settings.user_sessions
            or self._seen.latest_for(entry.entity_id) == entry.created_at
        }
        if not claimed:
            return entries
        rows = await read_by_ids(self._connection, self._interactions, claimed, ID)
        existing = {row.id.lower() for row in rows}
        return [entry for entry in entries if entry.entity_id.lower() not in existing]

    async def _page(
        self, table: Table[RowT], queries: list[Query], order: SortOrder[Row]
    ) -> RowList[RowT]:
        since = query.greater_than(order.column, self._watermark.settled)
        call = wire.list_rows(
            table,
            [
                *queries,
                *([since] if self._after is None else []),
                *order.queries(self._after),
                query.limit(self._settings.page_size),
            ],
        )
        page = await self._connection.send(call, policy=_ONCE)
        for row in page.rows:
            self._observe(order.time_of(row))
        return page

    def _continue(self, page: RowList[RowT], order: SortOrder[RowT]) -> None:
        """Go to the next page, or finish the scan."""
        if len(page.rows) == self._settings.page_size:
            self._after = order.end_of(page)
            if not self._watermark.covers(order.time_of(page.rows[-1])):
                return
        self._watermark.finish_scan()
        self._finish()

    def _finish(self) -> None:
        self._scan = None
        self._has_scanned = True
        settled = self._rows.settled
        has_log = self._audit is not None
        self._seen.prune(min(settled, self._deletions.settled) if has_log else settled)

    def _change_of(self, row: CustomerInteraction) -> Change | None:
        if self._known is not None:
            self._known.add(row.id, row.customer_id)
        known_until = self._seen.latest_for(row.id) or self._rows.settled
        if not self._seen.is_new(row.id, row.updated_at):
            return None
        kind: ChangeKind = "created" if row.created_at > known_until else "updated"
        cursor = self._cursor(rows=self._rows.safe_position(row.updated_at))
        return Change(kind, row, row.updated_at, cursor)

    def _deletion_of(self, entry: AuditEntry) -> Change | None:
        interaction, unknown = parse_deletion(entry)
        if entry.action not in DELETIONS or not self._row_filter.matches(
            interaction, unknown=unknown
        ):
            return None
        if self._known is not None and not self._known.has(interaction.id, interaction.customer_id):
            self._log_unconfirmed_deletion()
            return None
        if not self._seen.is_new_deletion(interaction.id, entry.created_at):
            return None
        cursor = self._cursor(deletions=self._deletions.safe_position(entry.created_at))
        return Change("deleted", interaction, entry.created_at, cursor)

    async def change_from_event(self, event: RowEvent) -> Change | None:
        """Return the change reported by an event; None if it is not a change, or has to be read.

        Rows that only the server can match (text filters), or that cannot be parsed, are polled
        next.
        """
        row, at = event.row, event.at
        if event.action is None or row is None or at is None:
            self.schedule("rows", "deletions")
            return None
        if not self._row_filter.matches(row) or not await self._access.filter_visible([row]):
            return None
        self._observe(at)
        if event.action == "delete":
            is_news = self._seen.is_new_deletion(row.id, at)
            return Change("deleted", row, at, self._cursor()) if is_news else None
        if self._row_filter.text is not None:
            self.schedule("rows")
            return None
        if self._known is not None:
            self._known.add(row.id, row.customer_id)
        if row.updated_at <= self._rows.settled or not self._seen.is_new(row.id, row.updated_at):
            return None
        kind: ChangeKind = "created" if event.action == "create" else "updated"
        return Change(kind, row, row.updated_at, self._cursor())

    def _cursor(self, *, rows: datetime | None = None, deletions: datetime | None = None) -> str:
        """Return the cursor for another run: the position up to which all changes are known."""
        position = WatchPosition(rows or self._rows.settled, deletions or self._deletions.settled)
        return encode_watch_cursor(position, self._cursor_scope)
