# Generated from src/interactions_sdk/_async/audit_reader.py by scripts/unasync.py; do not edit.
"""Reading the audit log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from interactions_sdk._sync.connection.rows import (
    MAX_PAGE_SIZE,
    NEWEST_FIRST,
    OLDEST_FIRST,
    SortOrder,
    iterate_pages,
    list_pages,
)
from interactions_sdk.cursors import decode_cursor, encode_cursor
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.filters import RowFilter
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.audit import UnverifiedAuditEntry
from interactions_sdk.models.page import Page
from interactions_sdk.rules.audit_log import DRAFTED_ACTION, REFUSED_ACTION
from interactions_sdk.transport.api_key_only import api_key_required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.wire import Table

__all__ = ["AuditReader", "AuditPageRequest"]


class AuditPageRequest(NamedTuple):
    """A request for a page of the audit log."""

    filter: RowFilter
    limit: int
    after: str | None
    newest_first: bool

    @property
    def cursor_scope(self) -> list[str]:
        """The scope that a cursor must share with its page."""
        return ["audit", self.filter.fingerprint(), "newest" if self.newest_first else "oldest"]


class AuditReader:
    """Reads the audit log of a project."""

    def __init__(self, project: Project, account: Account) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._audit = project.tables.audit
        self._account = account

    def find(self, request: AuditPageRequest) -> Page[AuditEntry]:
        """Return a page that can read the next one; see `AuditLog.find`."""
        after = (
            decode_cursor(request.after, request.cursor_scope)
            if request.after is not None
            else None
        )
        table = self._authorize()
        order = _order(newest_first=request.newest_first)
        entries: list[AuditEntry] = []
        sequences: dict[str, str] = {}
        # One more than requested shows whether there is a next page.
        pages = list_pages(
            self._connection,
            table,
            request.filter.queries(),
            order,
            page_size=request.limit + 1,
            after=after,
        )
        if not request.filter.matches_nothing:
            for page in pages:
                entries += request.filter.filter(page.rows)
                sequences |= zip((row.id for row in page.rows), page.sequences, strict=True)
                if len(entries) > request.limit:
                    break
        next_cursor = None
        if len(entries) > request.limit:
            entries = entries[: request.limit]
            last = order.position_of(entries[-1], sequences[entries[-1].id], after)
            next_cursor = encode_cursor(last, request.cursor_scope)
        page_of_entries = Page(items=tuple(self._marked(entries)), next_cursor=next_cursor)
        return page_of_entries.followed_by(partial(self.find, request._replace(after=next_cursor)))

    def pages(self, row_filter: RowFilter, *, newest_first: bool) -> Iterator[list[AuditEntry]]:
        """Yield all pages; see `AuditLog.iterate`."""
        table = self._authorize()
        for page in self._pages(table, row_filter, newest_first=newest_first):
            yield page

    def history(
        self,
        interaction_id: str,
        access: Access,
        *,
        read: Callable[[str], object],
    ) -> list[AuditEntry]:
        """Return the entries of one interaction; see `InteractionRepository.history`.

        `read` reads an interaction, and fails where the acting user may not see it.
        """
        validate_id(interaction_id, "interaction id")
        access.verify()
        if not access.is_admin:
            read(interaction_id)
        entries = self._entries_about(interaction_id, access)
        if not entries:
            read(interaction_id)
        return entries

    def _entries_about(self, interaction_id: str, access: Access) -> list[AuditEntry]:
        """Return the entries that the acting user may see, oldest first."""
        if self._connection.is_user and not access.is_admin:
            raise api_key_required("history")
        row_filter = RowFilter((("entity_id", (interaction_id,)),))
        entries = [
            entry
            for page in self._pages(self._table(), row_filter, newest_first=False)
            for entry in page
            if entry.action != DRAFTED_ACTION
        ]
        if access.is_admin:
            return entries
        return [entry for entry in entries if entry.action != REFUSED_ACTION]

    def _pages(
        self, table: Table[AuditEntry], row_filter: RowFilter, *, newest_first: bool
    ) -> Iterator[list[AuditEntry]]:
        if row_filter.matches_nothing:
            return
        page_size = self._settings.page_size
        pages = iterate_pages(
            self._connection,
            table,
            row_filter.queries(),
            _order(newest_first=newest_first),
            page_size=page_size,
            max_page_size=max(page_size, MAX_PAGE_SIZE),
        )
        for page in pages:
            yield self._marked(row_filter.filter(page))

    def _authorize(self) -> Table[AuditEntry]:
        """Return the audit table, if the authenticated user is an admin."""
        if self._connection.is_user:
            self._account.require_admin()
        return self._table()

    def _table(self) -> Table[AuditEntry]:
        if self._audit is None:
            raise ConfigurationError("There is no audit log: Settings.audit_table is None.")
        return self._audit

    def _marked(self, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
        """Return the entries; those that a user may have written are marked."""
        return [
            UnverifiedAuditEntry.of(entry)
            if self._settings.user_sessions or entry.permissions
            else entry
            for entry in entries
        ]


def _order(*, newest_first: bool) -> SortOrder[AuditEntry]:
    return NEWEST_FIRST if newest_first else OLDEST_FIRST
