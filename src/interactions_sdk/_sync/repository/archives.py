# Generated from src/interactions_sdk/_async/repository/archives.py by scripts/unasync.py; do not edit.
"""Archiving old interactions, and restoring them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._sync.repository.base import RepositoryBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.transfer.results import ArchiveResult, RestoreResult

__all__ = ["InteractionArchives"]


class InteractionArchives(RepositoryBase):
    """Archiving old interactions, and restoring them."""

    def archive(
        self,
        before: TimeLike,
        directory: str | Path,
        *,
        on_progress: Callable[[int], object] | None = None,
        events: bool = False,
    ) -> ArchiveResult:
        """Move old interactions to Parquet files, in folders by year and month.

        A file is written, read back and compared. Only then are its interactions deleted, up to 200
        per transaction, with their audit rows. You can stop it at any point and run it again:
        nothing is lost, and nothing stays in two places. Open follow-ups are not archived, and
        neither are interactions that someone changes during the run; customers keep their
        `lastContactAt`. Every column of a row is kept, including those that this library does not
        know. `reports.scan` reads the folder. Only one run at a time may write to a folder.

        Args:
            before: Interactions created before this, aware, are archived.
            directory: The folder; it is created if it does not exist.
            on_progress: Called from time to time with the number archived.
            events: Whether each deletion raises Appwrite's events, on which realtime, webhooks and
                functions depend. By default, interactions are deleted in bulk, which raises none.
                With events, they are deleted one by one, which takes several times as long; this
                is always so without an audit log, and with `Settings.consistency="fast"`.

        Returns:
            How many interactions were archived, and how many were not.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            ConfigurationError: The extra `reports` is not installed.
            BadRequestError: `before` has no time zone.

        Example:
            >>> from datetime import UTC, datetime
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     then = datetime(2020, 5, 1, tzinfo=UTC)
            ...     call = crm.as_user("ada").log_call("Intro", occurred_at=then)
            ...     root = crm.as_admin("root")
            ...     with TemporaryDirectory() as folder:
            ...         result = root.archive(datetime(2021, 1, 1, tzinfo=UTC), folder)
            ...         print(result.archived, root.count())
            ...         result = root.restore(folder)
            ...         print(result.restored, call == root.get(call.id))
            1 0
            1 True
        """
        return self._archiver.archive(before, directory, on_progress, events=events)

    def restore(
        self,
        directory: str | Path,
        *,
        year: int | None = None,
        month: int | None = None,
        keep_files: bool = False,
        on_progress: Callable[[int], object] | None = None,
    ) -> RestoreResult:
        """Restore archived interactions with their IDs, times and permissions.

        They are created a hundred at a time outside transactions, which would lose their times
        (transcript `transaction-system-columns`). You can stop it at any point and run it again.

        Args:
            directory: The folder that `archive` wrote to.
            year: Only this year, in UTC.
            month: Only this month, 1 to 12.
            keep_files: Whether to keep files whose interactions have all been restored. Reports
                over both the folder and the server then count them twice.
            on_progress: Called from time to time with the number restored.

        Returns:
            How many interactions were restored, and which exist in a different state.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            ConfigurationError: The extra `reports` is not installed.
            BadRequestError: A file is damaged; the files before it have been restored.

        Example:
            See `archive`.
        """
        return self._archiver.restore(
            directory, year=year, month=month, keep_files=keep_files, on_progress=on_progress
        )
