# Generated from src/interactions_sdk/_async/audit.py by scripts/unasync.py; do not edit.
"""The audit log, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from interactions_sdk._sync.audit_reader import AuditPageRequest, AuditReader
from interactions_sdk.arguments import check_integer
from interactions_sdk.errors import file_errors
from interactions_sdk.filters import AuditFilters, parse_audit_filters
from interactions_sdk.signatures import spell_out
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.filters import RowFilter
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.page import Page
    from interactions_sdk.transfer.audit_files import OpenAuditFile

__all__ = ["AuditLog"]


class AuditLog:
    """The audit log of a project: `crm.audit`.

    With an API key, it reads everything, so show the results to admins only. A client that is
    authenticated as a user needs the admin role.

    Where users write with their own sessions (`Settings.user_sessions`), no entry can be trusted:
    each is an `UnverifiedAuditEntry`.
    """

    def __init__(self, project: Project, account: Account) -> None:
        self._settings = project.settings
        self._reader = AuditReader(project, account)

    @spell_out(AuditFilters, default=None)
    def find(
        self,
        *,
        limit: int = 50,
        after: str | None = None,
        newest_first: bool = True,
        **filters: Unpack[AuditFilters],
    ) -> Page[AuditEntry]:
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
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     call = crm.as_user("ada").log_call("Renewal")
            ...     page = crm.audit.find(actor="ada", limit=10)
            ...     print([entry.action for entry in page.items])
            ['interaction.created']
        """
        check_integer(
            limit, "limit", minimum=1, maximum=query.MAX_LIMIT, hint="Use iterate() to read all."
        )
        row_filter = self._parse(filters)
        return self._reader.find(AuditPageRequest(row_filter, limit, after, newest_first))

    @spell_out(AuditFilters, default=None)
    def iterate(
        self, *, newest_first: bool = True, **filters: Unpack[AuditFilters]
    ) -> Iterator[AuditEntry]:
        """Yield all entries, reading page by page.

        Args:
            newest_first: Whether the latest comes first.
            filters: See `AuditFilters`.

        Raises:
            BadRequestError: A filter is invalid.
            PermissionDeniedError: The authenticated user is not an admin.
            ConfigurationError: `Settings.audit_table` is None.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     call = crm.as_user("ada").log_call("Renewal")
            ...     for entry in crm.audit.iterate(entity=call.id):
            ...         print(entry.user_id, entry.action)
            ada interaction.created
        """
        for page in self._reader.pages(self._parse(filters), newest_first=newest_first):
            for entry in page:
                yield entry

    @spell_out(AuditFilters, default=None)
    def export_csv(
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
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     call = crm.as_user("ada").log_call("Renewal")
            ...     with TemporaryDirectory() as folder:
            ...         print(crm.audit.export_csv(Path(folder, "audit.csv")))
            1
        """
        from interactions_sdk.transfer.audit_files import open_audit_csv  # noqa: PLC0415 - if used

        return self._export(path, open_audit_csv, on_progress, filters, newest_first)

    @spell_out(AuditFilters, default=None)
    def export_jsonl(
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
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     call = crm.as_user("ada").log_call("Renewal")
            ...     with TemporaryDirectory() as folder:
            ...         print(crm.audit.export_jsonl(Path(folder, "audit.jsonl")))
            1
        """
        from interactions_sdk.transfer.audit_files import open_audit_jsonl  # noqa: PLC0415 - if used

        return self._export(path, open_audit_jsonl, on_progress, filters, newest_first)

    def _export(
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
            for page in self._reader.pages(row_filter, newest_first=newest_first):
                write(page)
                written += len(page)
                if on_progress is not None:
                    on_progress(written)
        return written

    def _parse(self, filters: AuditFilters) -> RowFilter:
        return parse_audit_filters(filters, tz=self._settings.time_zone)
