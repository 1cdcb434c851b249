"""Results of imports, archiving, restoring and erasing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "MAX_LISTED_REJECTS",
    "ArchiveResult",
    "DateSummary",
    "ErasureResult",
    "ImportReport",
    "LineNote",
    "NameMatches",
    "RejectedLine",
    "RestoreResult",
    "out_of_reach",
]

MAX_LISTED_REJECTS = 10_000
"""Maximum number of rejected lines in a report, which limits memory."""


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not imported.

    Attributes:
        number: The line where it begins, from 1; the header of a CSV file is line 1.
        reason: Why it was rejected.

    Example:
        >>> print(RejectedLine(7, "duration: 'long' is not an integer"))
        line 7: duration: 'long' is not an integer
    """

    number: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


@dataclass(frozen=True, slots=True)
class LineNote:
    """A note about a line that was imported.

    Attributes:
        number: The line where it begins, from 1.
        message: The note.

    Example:
        >>> print(LineNote(7, "the clocks repeat '2026-10-25 02:30'"))
        line 7: the clocks repeat '2026-10-25 02:30'
    """

    number: int
    message: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.message}"


@dataclass(frozen=True, slots=True)
class DateSummary:
    """The dates that were found for one field.

    Attributes:
        field: The field, such as `occurred_at`.
        columns: The columns of the file from which they were read.
        formats: The formats that were used, with the number of lines read in each.
        tz: The zone of values without one; None if there were none.
        earliest: The first date among the valid lines, in UTC; None if there is none.
        latest: The last date.
    """

    field: str
    columns: tuple[str, ...]
    formats: Mapping[str, int]
    tz: str | None
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class NameMatches:
    """Whom an export of another system gives no ID: namesakes were taken for one.

    Attributes:
        customers: How many customers were identified by their name.
        customer_lines: How many lines name them.
        owners: How many owners were.
        owner_lines: How many lines name these.

    Example:
        >>> print(NameMatches(customers=2, customer_lines=5, owners=1, owner_lines=5))
        identified by name, so that namesakes are one: 2 customers (5 lines), 1 owner (5 lines)
    """

    customers: int
    customer_lines: int
    owners: int
    owner_lines: int

    def __str__(self) -> str:
        counts = (
            (self.customers, "customer", self.customer_lines),
            (self.owners, "owner", self.owner_lines),
        )
        named = ", ".join(
            f"{_counted(count, noun)} ({_counted(lines, 'line')})"
            for count, noun, lines in counts
            if count
        )
        return f"identified by name, so that namesakes are one: {named}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import.

    Attributes:
        lines: How many lines were read, without the header and blank ones.
        new: How many became new interactions; in a dry run, how many would become new ones.
        already_there: How many exist already as interactions, equal to the line.
        changed_since: How many exist already as interactions that have been changed; these are left
            as they are.
        refused: How many lines were refused.
        rejected: The first 10,000 refused lines, in order, with the reasons.
        changed: The first 10,000 lines counted by `changed_since`, in order.
        notes: The first 10,000 notes about lines, for example times that the clocks repeat.
        blank: How many lines had only blanks and delimiters.
        skipped: How many lines an earlier run had processed, if this run resumed it.
        dates: The dates that were found, by field.
        dry_run: Whether nothing was written.
        layout: The kind of file that `preset=` recognized, such as `HubSpot calls`.
        unmapped: With `preset=`, how many customers have no ID in the mapping file.
        left_out: With `preset="close"`, how many records are not contacts, by type.
        matched_by_name: With `preset=`, the customers and owners that were identified by name,
            because the export has no ID for them.
    """

    lines: int
    new: int
    already_there: int
    changed_since: int
    refused: int
    rejected: tuple[RejectedLine, ...]
    changed: tuple[LineNote, ...]
    notes: tuple[LineNote, ...]
    blank: int
    skipped: int
    dates: tuple[DateSummary, ...]
    dry_run: bool
    layout: str | None = None
    unmapped: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    matched_by_name: NameMatches | None = None

    @property
    def imported(self) -> int:
        """How many lines exist as interactions, from this run or an earlier one."""
        return self.new + self.already_there + self.changed_since

    @property
    def rejected_count(self) -> int:
        """How many lines were refused; the same as `refused`."""
        return self.refused


@dataclass(frozen=True, slots=True)
class ArchiveResult:
    """The result of archiving.

    Attributes:
        archived: How many interactions are in files now and were deleted from the server.
        open_follow_ups: How many were not archived because they are open follow-ups.
        changed: How many were not archived because someone changed or deleted them during the run.
    """

    archived: int
    open_follow_ups: int
    changed: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The result of restoring.

    Attributes:
        restored: How many interactions were written to the server.
        already_there: How many existed already, equal to those in the files.
        conflicting: The IDs of interactions that exist and differ; these were left as they are, and
            their files were kept.
        updated_at_kept: Whether the server kept `updated_at`. If not, it is the time of the
            restoration.
    """

    restored: int
    already_there: int
    conflicting: tuple[str, ...]
    updated_at_kept: bool


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The result of one run of an erasure.

    Attributes:
        interactions: How many interactions on the server were deleted or redacted.
        archived: How many interactions in archive files were deleted or redacted.
        customer: Whether the customer record was deleted.
        files: How many attached files were deleted.
        files_left: The links of attached files that could not be deleted. Their interactions and
            the customer record are kept; run it again.
        out_of_reach: Where there may be data about the customer that this library cannot erase.
    """

    interactions: int
    archived: int
    customer: bool
    files: int = 0
    files_left: tuple[str, ...] = ()
    out_of_reach: tuple[str, ...] = field(default=(), repr=False, compare=False)


def out_of_reach(*, has_archive: bool) -> tuple[str, ...]:
    """Return where data about an erased customer may still be."""
    archives = (
        "other archive folders than the one that was given"
        if has_archive
        else "archives: pass their folder as archive="
    )
    return (
        archives,
        "files written by export_csv, export_jsonl, export_parquet and export_customer",
        "backups and snapshots of the database, and of the embedded file",
        "the server's own logs and caches, and events already sent to subscribers",
        "links to files that were not attached with attach()",
    )
