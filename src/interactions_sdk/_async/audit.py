"""The audit log, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from interactions_sdk._async.audit_reader import AsyncAuditReader, AuditPageRequest
from interactions_sdk.arguments import check_integer
from interactions_sdk.errors import file_errors
from interactions_sdk.filters import AuditFilters, parse_audit_filters
from interactions_sdk.paging import pending_page
from interactions_sdk.signatures import spell_out
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from interactions_sdk._async.access.account import AsyncAccount
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.filters import RowFilter
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.page import AsyncPage
    from interactions_sdk.transfer.audit_files import OpenAuditFile

__all__ = ["AsyncAuditLog"]


class AsyncAuditLog:
    """The audit log of a project: `crm.audit`.

    With an API key, it reads everything, so show the results to admins only. A client that is
    authenticated as a user needs the admin role.

    Where users write with their own sessions (`Settings.user_sessions`), no entry can be trusted:
    each is an `UnverifiedAuditEntry`.
    """

    def __init__(self, project: AsyncProject, account: AsyncAccount) -> None:
        self._settings = project.settings
        self._reader = AsyncAuditReader(project, account)

    @pending_page
    @spell_out(AuditFilters, default=None)
    async def find(
        self,
        *,
        limit: int = 50,
        after: str | None = None,
        newest_first: bool = True,
        **filters: Unpack[AuditFilters],
    ) -> AsyncPage[AuditEntry]:
        """Return one page of entries; a loop over it continues with the next pages.

        Args:
            limit: Maximum number of entries, 1 to 5,000.
            after: The `next_cursor` of a page with the same filters and order.
            newest_first: Whether the latest comes first.
            filters: See `AuditFilters`.

        Raises:
            BadRequestError: An argument is invalid, or the cursor belongs to another list.
            PermissionDeniedError: The authenticated user is not an admin.
            ConfigurationError: `Settings.audit_table` is None.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     page = await crm.audit.find(actor="ada", limit=10)
            ...     print([entry.action for entry in page.items])
            ['interaction.created']
        """
        check_integer(
            limit, "limit", minimum=1, maximum=query.MAX_LIMIT, hint="Use iterate() to read all."
        )
        row_filter = self._parse(filters)
        return await self._reader.find(AuditPageRequest(row_filter, limit, after, newest_first))

    @spell_out(AuditFilters, default=None)
    async def iterate(
        self, *, newest_first: bool = True, **filters: Unpack[AuditFilters]
    ) -> AsyncIterator[AuditEntry]:
        """Yield all entries, reading page by page.

        Args:
            newest_first: Whether the latest comes first.
            filters: See `AuditFilters`.

        Raises:
            BadRequestError: A filter is invalid.
            PermissionDeniedError: The authenticated user is not an admin.
            ConfigurationError: `Settings.audit_table` is None.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     async for entry in crm.audit.iterate(entity=call.id):
            ...         print(entry.user_id, entry.action)
            ada interaction.created
        """
        async for page in self._reader.pages(self._parse(filters), newest_first=newest_first):
            for entry in page:
                yield entry

    @spell_out(AuditFilters, default=None)
    async def export_csv(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[AuditFilters],
    ) -> int:
        """Write entries to a CSV file that is safe to open in a spreadsheet.

        Each change of a field is one line, and so is an entry without changes. The columns are
        `created_at` (ISO 8601 in UTC), `action`, `user_id`, `entity_id`, `customer_id`, `field`,
        `before`, `after`, `values`, `is_verified` and `id`. The file appears only when it is
        complete.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            on_progress: Called from time to time with the number of entries written.
            filters: See `AuditFilters`.

        Returns:
            The number of entries written.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     with TemporaryDirectory() as folder:
            ...         print(await crm.audit.export_csv(Path(folder, "audit.csv")))
            1
        """
        from interactions_sdk.transfer.audit_files import open_audit_csv  # noqa: PLC0415 - if used

        return await self._export(path, open_audit_csv, on_progress, filters, newest_first)

    @spell_out(AuditFilters, default=None)
    async def export_jsonl(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[AuditFilters],
    ) -> int:
        """Write entries to a JSON Lines file, one object each, with their changes.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            on_progress: Called from time to time with the number of entries written.
            filters: See `AuditFilters`.

        Returns:
            The number of entries written.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     with TemporaryDirectory() as folder:
            ...         print(await crm.audit.export_jsonl(Path(folder, "audit.jsonl")))
            1
        """
        from interactions_sdk.transfer.audit_files import open_audit_jsonl  # noqa: PLC0415 - if used

        return await self._export(path, open_audit_jsonl, on_progress, filters, newest_first)

    async def _export(
        self,
        path: str | Path,
        open_file: OpenAuditFile,
        on_progress: Callable[[int], object] | None,
        filters: AuditFilters,
        newest_first: bool,  # noqa: FBT001 - passed on
    ) -> int:
        row_filter = self._parse(filters)
        written = 0
        with file_errors(path), open_file(path) as write:
            async for page in self._reader.pages(row_filter, newest_first=newest_first):
                write(page)
                written += len(page)
                if on_progress is not None:
                    on_progress(written)
        return written

    def _parse(self, filters: AuditFilters) -> RowFilter:
        return parse_audit_filters(filters, tz=self._settings.time_zone)
