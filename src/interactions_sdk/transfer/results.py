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
"""Rejected lines that a report names, so that a file of bad lines only does not fill the memory."""


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not imported.

    Attributes:
        number: Where it begins in the file, from 1; the header of a CSV file is line 1.
        reason: What is wrong with it.

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
    """Something to know about a line that was imported.

    Attributes:
        number: Where it begins in the file, from 1.
        message: What it is.

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
        columns: The columns of the file that they were read from.
        formats: The formats that were used, and how many lines each of them read.
        tz: The zone of values that name none; None where there was none.
        earliest: The first date among the lines that are drafts, in UTC; None where there is none.
        latest: The last one.
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
        new: How many became new interactions; in a dry run, how many would.
        already_there: How many are interactions already, equal to the line.
        changed_since: How many are interactions already, which were changed since; they are left
            as they are.
        refused: How many lines are not interactions.
        rejected: The refused lines, and why, in their order: the first 10,000 of them.
        changed: The lines counted by `changed_since`, in their order: the first 10,000 of them.
        notes: What else is to be known about lines, such as times that the clocks repeat: the first
            10,000.
        blank: How many lines held nothing but blanks and delimiters.
        skipped: How many lines an earlier run had dealt with, where this one resumed it.
        dates: The dates that were found, by field.
        dry_run: Whether nothing was written.
        layout: What a file was recognized as, with `preset=`, such as `HubSpot calls`.
        unmapped: How many names of customers have no ID in the mapping file, with `preset=`.
        left_out: Records that are not contacts, with `preset="close"`, by their type.
        matched_by_name: Whom the export gives no ID, with `preset=`, so that their name decided.
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
        """How many lines are interactions now, by this run or an earlier one."""
        return self.new + self.already_there + self.changed_since

    @property
    def rejected_count(self) -> int:
        """How many lines are not interactions: another name of `refused`."""
        return self.refused


@dataclass(frozen=True, slots=True)
class ArchiveResult:
    """What was archived.

    Attributes:
        archived: How many interactions are in files now and were deleted from the server.
        open_follow_ups: How many were left because something is still to be done.
        changed: How many were left because someone changed or deleted them during the run.
    """

    archived: int
    open_follow_ups: int
    changed: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What was brought back.

    Attributes:
        restored: How many interactions were written to the server.
        already_there: How many were there, equal to those in the files.
        conflicting: The ids of interactions that are there and differ; they were left alone, and
            their files kept.
        updated_at_kept: Whether the server took `updated_at` as well. Where it does not, it is the
            time of the restoration.
    """

    restored: int
    already_there: int
    conflicting: tuple[str, ...]
    updated_at_kept: bool


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What was erased by this run.

    Attributes:
        interactions: Interactions on the server that were deleted or redacted.
        archived: Interactions in archived files that were.
        customer: Whether the customer record was deleted.
        files: Attached files that were deleted.
        files_left: The links of attached files that could not be deleted. Their interactions, and
            the customer record, are kept: run it again.
        out_of_reach: Where data about the customer may be that this library cannot erase.
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
