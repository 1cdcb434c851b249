"""The acting user of a repository, and the services that its methods call."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from interactions_sdk._async.reader import AsyncInteractionReader

if TYPE_CHECKING:
    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.access.account import AsyncAccount
    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk._async.attachments import AsyncAttachments
    from interactions_sdk._async.audit_reader import AsyncAuditReader
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.follow_ups import AsyncFollowUps
    from interactions_sdk._async.privacy import AsyncPrivacy
    from interactions_sdk._async.transfer.archiving import AsyncArchiver
    from interactions_sdk._async.transfer.importing import AsyncImporter
    from interactions_sdk._async.transfer.sources import AsyncSourceImporter
    from interactions_sdk._async.writing.bulk import AsyncBulk
    from interactions_sdk._async.writing.customer_dates import AsyncCustomerDates
    from interactions_sdk._async.writing.interactions import AsyncInteractionService

__all__ = ["AsyncRepositoryBase"]


class AsyncRepositoryBase:
    """What the methods of a repository share."""

    def __init__(
        self,
        project: AsyncProject,
        *,
        access: AsyncAccess,
        customers: AsyncCustomerStore,
        dates: AsyncCustomerDates,
        records: AsyncInteractionService,
        account: AsyncAccount,
    ) -> None:
        self._project = project
        self._access = access
        self._reader = AsyncInteractionReader(project, access=access, customers=customers)
        self._customers = customers
        self._dates = dates
        self._interactions = records
        self._account = account

    def __repr__(self) -> str:
        who = repr(self._access.user_id) if self._access.user_id else "the signed-in user"
        return f"<{type(self).__name__} of {who}>"

    # Rarely used modules are loaded when they are used: together they take as long as all the rest.

    @cached_property
    def follow_ups(self) -> AsyncFollowUps:
        """The open follow-ups."""
        from interactions_sdk._async.follow_ups import AsyncFollowUps  # noqa: PLC0415 - see above

        return AsyncFollowUps(self._project, access=self._access, records=self._interactions)

    @cached_property
    def _audit(self) -> AsyncAuditReader:
        from interactions_sdk._async.audit_reader import AsyncAuditReader  # noqa: PLC0415 - see above

        return AsyncAuditReader(self._project, self._account)

    @cached_property
    def _bulk(self) -> AsyncBulk:
        from interactions_sdk._async.writing.bulk import AsyncBulk  # noqa: PLC0415 - see above

        return AsyncBulk(
            self._project, access=self._access, customers=self._customers, dates=self._dates
        )

    @cached_property
    def _importer(self) -> AsyncImporter:
        from interactions_sdk._async.transfer.importing import AsyncImporter  # noqa: PLC0415 - see above

        return AsyncImporter(self._project, access=self._access, bulk=self._bulk)

    @cached_property
    def _source_importer(self) -> AsyncSourceImporter:
        from interactions_sdk._async.transfer.sources import (  # noqa: PLC0415 - see above
            AsyncSourceImporter,
        )

        return AsyncSourceImporter(
            self._project,
            access=self._access,
            bulk=self._bulk,
            attach=self._attachments.attach,
            records=self._interactions,
        )

    @cached_property
    def _archiver(self) -> AsyncArchiver:
        from interactions_sdk._async.transfer.archiving import AsyncArchiver  # noqa: PLC0415 - see above

        return AsyncArchiver(self._project, access=self._access)

    @cached_property
    def _attachments(self) -> AsyncAttachments:
        from interactions_sdk._async.attachments import (  # noqa: PLC0415 - see above
            AsyncAttachments,
        )

        return AsyncAttachments(self._project, records=self._interactions)

    @cached_property
    def _privacy(self) -> AsyncPrivacy:
        from interactions_sdk._async.privacy import AsyncPrivacy  # noqa: PLC0415 - see above

        return AsyncPrivacy(self._project, access=self._access, customers=self._customers)
