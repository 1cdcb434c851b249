"""Importing a source, such as a mailbox: looking up customers, writing and counting items."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from interactions_sdk._async.connection.rows import OLDEST_FIRST, batched, iterate_rows
from interactions_sdk.caching import Cache
from interactions_sdk.calendars import parse_time
from interactions_sdk.errors import (
    BadRequestError,
    ConfigurationError,
    ConflictError,
    file_errors,
)
from interactions_sdk.rules.attachments import attachment_links
from interactions_sdk.transfer.sources import SourceRun, is_item_error, status_of
from interactions_sdk.transport.retry import waiting_out_outages
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from pathlib import Path

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.bulk import AsyncBulk
    from interactions_sdk._async.writing.interactions import AsyncInteractionService
    from interactions_sdk.calendars import TimeLike, TimeZone
    from interactions_sdk.integrations.mail import MailKind
    from interactions_sdk.models.bulk import BulkItem
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.transfer.sources import Source, SourceItem, SourceReport

__all__ = ["AsyncSourceImporter"]

_BATCH_SIZE = 100
_LOOKUP_BATCH_SIZE = 16
_CACHE_SIZE = 20_000


class AsyncSourceImporter:
    """Imports from sources for one acting user."""

    def __init__(
        self,
        project: AsyncProject,
        *,
        access: AsyncAccess,
        bulk: AsyncBulk,
        attach: Callable[[str, bytes, str], Awaitable[object]],
        records: AsyncInteractionService,
    ) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._bulk = bulk
        self._attach_file = attach
        self._interactions = records

    async def import_mail(
        self,
        path: str | Path,
        *,
        own: str | Iterable[str],
        customers: Mapping[str, str] | None,
        include: Collection[MailKind],
        attachments: bool,
        dry_run: bool,
        on_progress: Callable[[int], object] | None,
    ) -> SourceReport:
        """Import mail; see `AsyncInteractionRepository.import_mail`."""
        from interactions_sdk.integrations.mail import MailSource  # noqa: PLC0415 - if used

        self._connection.require_api_key("import")
        source = MailSource(path, own=own, include=include, attach=attachments)
        with file_errors(path):
            return await self._import(
                source, customers, attach=attachments, dry_run=dry_run, on_progress=on_progress
            )

    async def import_calendar(
        self,
        path: str | Path,
        *,
        own: str | Iterable[str],
        tz: TimeZone | None,
        since: TimeLike | None,
        customers: Mapping[str, str] | None,
        customer_id: str | None,
        dry_run: bool,
        on_progress: Callable[[int], object] | None,
    ) -> SourceReport:
        """Import a calendar; see `AsyncInteractionRepository.import_calendar`."""
        from interactions_sdk.integrations.calendar_files import (  # noqa: PLC0415 - if used
            CalendarSource,
        )

        self._connection.require_api_key("import")
        zone = tz or self._settings.time_zone
        source = CalendarSource(
            path,
            own=own,
            tz=zone,
            since=None if since is None else parse_time(since, "since", zone),
            customer_id=customer_id,
        )
        with file_errors(path):
            return await self._import(
                source, customers, attach=False, dry_run=dry_run, on_progress=on_progress
            )

    async def _import(
        self,
        source: Source,
        customers: Mapping[str, str] | None,
        *,
        attach: bool,
        dry_run: bool,
        on_progress: Callable[[int], object] | None,
    ) -> SourceReport:
        """Import all items of a source.

        `customers` has the customer ID of each email address; None looks addresses up in the email
        column of the customers table.
        """
        if customers is None and self._settings.customer_columns.email is None:
            raise ConfigurationError(
                "customers= is missing: Settings.customer_columns names no email column to look "
                "addresses up in."
            )
        if attach and self._settings.attachments_bucket is None:
            raise ConfigurationError("Attachments need Settings(attachments_bucket=...).")
        await self._access.verify()
        run = SourceRun(dry_run=dry_run)
        addresses = _AddressBook(customers)
        with waiting_out_outages():
            for items in batched(source.items(), _BATCH_SIZE):
                drafts = run.drafts(items, await self._customers(addresses, items))
                for only_noted in (False, True):
                    batch = [each for each in drafts if each[0].is_cancelled is only_noted]
                    await self._write(run, batch, is_preview=dry_run or only_noted, dry_run=dry_run)
                if on_progress is not None:
                    on_progress(run.read)
        return run.report()

    async def _write(
        self,
        run: SourceRun,
        drafts: Sequence[tuple[SourceItem, list[InteractionCreate]]],
        *,
        is_preview: bool,
        dry_run: bool,
    ) -> None:
        """Write the drafts of items, update older versions, and count all items."""
        results = await self._results(
            [draft for _, each in drafts for draft in each], is_preview=is_preview
        )
        for item, each in drafts:
            written = [next(results) for _ in each]
            _raise_other_faults(item, written)
            updated = 0
            for result in written:
                updated += await self._update_older(item, result, dry_run=dry_run)
            run.record(item, written, updated)
            if not is_preview:
                await self._attach(run, item, written)

    async def _results(
        self, drafts: Sequence[InteractionCreate], *, is_preview: bool
    ) -> Iterator[BulkItem]:
        if is_preview:
            return iter(await self._bulk.preview(drafts))
        return iter(
            await self._bulk.create_many(
                drafts, on_error="continue", on_progress=None, events=False, imported=True
            )
        )

    async def _update_older(self, item: SourceItem, result: BulkItem, *, dry_run: bool) -> bool:
        """Update an interaction if it exists in an older version; return whether it does."""
        if item.revision is None or status_of(result) != "changed_since":
            return False
        there = result.error.current if isinstance(result.error, ConflictError) else None
        current = there or await self._interactions.get(str(result.id))
        changes = item.update(current)
        if changes is None:
            return False
        if not dry_run:
            await self._interactions.update_fields(current.id, changes, None)
        return True

    async def _customers(self, book: _AddressBook, items: Iterable[SourceItem]) -> dict[str, str]:
        """Return the customers of items' addresses for whom the acting user may write."""
        addresses = [address for item in items for address in item.addresses]
        for batch in batched(book.missing(addresses), _LOOKUP_BATCH_SIZE):
            book.add(batch, await self._find_customers(batch))
        own = await self._access.readable_customers(None)
        return {
            address: customer_id
            for address, customer_id in book.find(addresses).items()
            if own is None or customer_id in own
        }

    async def _find_customers(self, addresses: Sequence[str]) -> dict[str, str]:
        """Find customers by email address, ignoring case; if there are several, the oldest."""
        column = str(self._settings.customer_columns.email)
        found: dict[str, str] = {}
        rows = iterate_rows(
            self._connection,
            self._tables.customers,
            [query.equal(column, *addresses)],
            OLDEST_FIRST,
            page_size=query.MAX_LIMIT,
        )
        async for customer in rows:
            found.setdefault((customer.email or "").lower(), customer.id)
        return found

    async def _lacks_files(self, result: BulkItem) -> bool:
        """Return whether an interaction is new, or an earlier run ended before its files.

        If it was changed since, its files may have been removed on purpose: detached, or erased
        with the customer.
        """
        if status_of(result) == "already_there":
            return not attachment_links(await self._interactions.get(str(result.id)))
        return status_of(result) == "new"

    async def _attach(self, run: SourceRun, item: SourceItem, written: Sequence[BulkItem]) -> None:
        """Attach the files of an item; a file that the settings do not allow becomes a note."""
        if item.load_files is None:
            return
        ids = [str(each.id) for each in written if await self._lacks_files(each)]
        if not ids:
            return
        try:
            files = item.load_files()
        except ValueError as error:
            run.note(item, f"its files were not attached: {error}")
            return
        for name, content in files:
            for interaction_id in ids:
                try:
                    await self._attach_file(interaction_id, content, name)
                except BadRequestError as error:
                    run.note(item, f"the file {name!r} was not attached: {error}")
                else:
                    run.files += 1


class _AddressBook:
    """The customers of addresses, either given or looked up so far."""

    def __init__(self, customers: Mapping[str, str] | None) -> None:
        self._given = customers and {
            address.lower(): customer_id for address, customer_id in customers.items()
        }
        self._looked_up: Cache[str, str] = Cache(ttl=inf, size=_CACHE_SIZE)

    def missing(self, addresses: Iterable[str]) -> list[str]:
        """Return the addresses that have not been looked up."""
        if self._given is not None:
            return []
        unique = dict.fromkeys(addresses)
        return [address for address in unique if self._looked_up.get(address) is None]

    def add(self, addresses: Iterable[str], found: Mapping[str, str]) -> None:
        """Remember the customers of addresses, including addresses without one."""
        for address in addresses:
            self._looked_up.put(address, found.get(address, ""))

    def find(self, addresses: Iterable[str]) -> dict[str, str]:
        """Return the customers of addresses."""
        look_up = self._looked_up.get if self._given is None else self._given.get
        unique = dict.fromkeys(addresses)
        return {address: found for address in unique if (found := look_up(address))}


def _raise_other_faults(item: SourceItem, written: Iterable[BulkItem]) -> None:
    """Raise an error that does not concern this item, and would occur for others as well."""
    for result in written:
        if result.error is not None and not is_item_error(result.error):
            result.error.add_note(
                f"The import stopped at {item.place}. Run it again: what is written already is "
                "not duplicated."
            )
            raise result.error
