# Generated from src/interactions_sdk/_async/repository/base.py by scripts/unasync.py; do not edit.
"""The acting user of a repository, and the services that its methods call."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from interactions_sdk._sync.reader import InteractionReader

if TYPE_CHECKING:
    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk._sync.attachments import Attachments
    from interactions_sdk._sync.audit_reader import AuditReader
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.follow_ups import FollowUps
    from interactions_sdk._sync.privacy import Privacy
    from interactions_sdk._sync.transfer.archiving import Archiver
    from interactions_sdk._sync.transfer.importing import Importer
    from interactions_sdk._sync.transfer.sources import SourceImporter
    from interactions_sdk._sync.writing.bulk import Bulk
    from interactions_sdk._sync.writing.customer_dates import CustomerDates
    from interactions_sdk._sync.writing.interactions import InteractionService

__all__ = ["RepositoryBase"]


class RepositoryBase:
    """What the methods of a repository share."""

    def __init__(
        self,
        project: Project,
        *,
        access: Access,
        customers: CustomerStore,
        dates: CustomerDates,
        records: InteractionService,
        account: Account,
    ) -> None:
        self._project = project
        self._access = access
        self._reader = InteractionReader(project, access=access, customers=customers)
        self._customers = customers
        self._dates = dates
        self._interactions = records
        self._account = account

    def __repr__(self) -> str:
        who = repr(self._access.user_id) if self._access.user_id else "the signed-in user"
        return f"<{type(self).__name__} of {who}>"

    # Rarely used modules are loaded when they are used: together they take as long as all the rest.

    @cached_property
    def follow_ups(self) -> FollowUps:
        """The open follow-ups."""
        from interactions_sdk._sync.follow_ups import FollowUps  # noqa: PLC0415 - see above

        return FollowUps(self._project, access=self._access, records=self._interactions)

    @cached_property
    def _audit(self) -> AuditReader:
        from interactions_sdk._sync.audit_reader import AuditReader  # noqa: PLC0415 - see above

        return AuditReader(self._project, self._account)

    @cached_property
    def _bulk(self) -> Bulk:
        from interactions_sdk._sync.writing.bulk import Bulk  # noqa: PLC0415 - see above

        return Bulk(
            self._project, access=self._access, customers=self._customers, dates=self._dates
        )

    @cached_property
    def _importer(self) -> Importer:
        from interactions_sdk._sync.transfer.importing import Importer  # noqa: PLC0415 - see above

        return Importer(self._project, access=self._access, bulk=self._bulk)

    @cached_property
    def _source_importer(self) -> SourceImporter:
        from interactions_sdk._sync.transfer.sources import (  # noqa: PLC0415 - see above
            SourceImporter,
        )

        return SourceImporter(
            self._project,
            access=self._access,
            bulk=self._bulk,
            attach=self._attachments.attach,
            records=self._interactions,
        )

    @cached_property
    def _archiver(self) -> Archiver:
        from interactions_sdk._sync.transfer.archiving import Archiver  # noqa: PLC0415 - see above

        return Archiver(self._project, access=self._access)

    @cached_property
    def _attachments(self) -> Attachments:
        from interactions_sdk._sync.attachments import (  # noqa: PLC0415 - see above
            Attachments,
        )

        return Attachments(self._project, records=self._interactions)

    @cached_property
    def _privacy(self) -> Privacy:
        from interactions_sdk._sync.privacy import Privacy  # noqa: PLC0415 - see above

        return Privacy(self._project, access=self._access, customers=self._customers)
