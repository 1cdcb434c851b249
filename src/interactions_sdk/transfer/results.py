"""Results of imports, archiving, restoring and erasing."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "MAX_LISTED_REJECTS",
    "ArchiveResult",
    "ErasureResult",
    "ImportReport",
    "RejectedLine",
    "RestoreResult",
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
class ImportReport:
    """The result of an import.

    Attributes:
        lines: How many lines were read, without the header and blank ones.
        imported: How many are interactions now, by this run or an earlier one; in a dry run, how
            many would be.
        rejected: The lines that are not, and why, in their order: the first 10,000 of them.
        rejected_count: How many lines are not.
        dry_run: Whether nothing was written.
    """

    lines: int
    imported: int
    rejected: tuple[RejectedLine, ...]
    rejected_count: int
    dry_run: bool


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
    """

    interactions: int
    archived: int
    customer: bool
