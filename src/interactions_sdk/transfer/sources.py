"""Interactions from what other programs keep: the items of a source, and the result of an import.

A source, such as a mailbox or a calendar, yields an item for each thing it holds. An import looks
the customers up, writes the interactions, and counts every item exactly once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pydantic import ValidationError

from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import ConflictError
from interactions_sdk.models.drafts import IMPORTED, InteractionCreate, InteractionUpdate
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.transfer.results import MAX_LISTED_REJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from interactions_sdk.models.bulk import BulkItem
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = [
    "ItemNote",
    "Source",
    "SourceItem",
    "SourceReport",
    "SourceRun",
    "draft_faults",
    "status_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One thing that a source holds.

    Attributes:
        place: Where it is, for the report, such as `inbox.mbox message 12`.
        key: What it is recognized by in a later run.
        fields: The fields of `InteractionCreate`, without the customer.
        addresses: The email addresses that the customer may have; the first one that is known
            decides, or each of them where `is_for_all`.
        is_for_all: Whether every customer that is found gets an interaction.
        customer_id: The customer, where no address says who it is.
        revision: Which version of the item it is; a newer one than is there updates it.
        is_cancelled: Whether it is only to be noted where it is there already.
        skipped: Why it is left out on purpose, in one word.
        fault: Why it cannot be an interaction.
        notes: What else is to be known about it.
        load_files: Reads the files to attach, as pairs of a name and the content.
    """

    place: str
    key: str = ""
    fields: Mapping[str, object] = field(default_factory=dict[str, object])
    addresses: Sequence[str] = ()
    is_for_all: bool = False
    customer_id: str = ""
    revision: int | None = None
    is_cancelled: bool = False
    skipped: str = ""
    fault: str = ""
    notes: Sequence[str] = ()
    load_files: Callable[[], Sequence[tuple[str, bytes]]] | None = None

    def customers(self, known: Mapping[str, str]) -> list[str]:
        """Return the IDs of the customers that it is about.

        Args:
            known: The customer of each address, in lower case.
        """
        if self.customer_id:
            return [self.customer_id]
        found = list(dict.fromkeys(known[each] for each in self.addresses if each in known))
        return found if self.is_for_all else found[:1]

    def draft(self, customer_id: str) -> InteractionCreate:
        """Return the draft for one customer.

        Raises:
            ValidationError: It breaks a rule of the model.
        """
        identity = {"customer_id": customer_id, "idempotency_key": f"{self.key} {customer_id}"}
        return InteractionCreate.model_validate({**self.fields, **identity}, context=IMPORTED)

    def update(self, current: CustomerInteraction) -> InteractionUpdate | None:
        """Return what to change in the interaction of an older version; None if it is not older.

        Only what the source knows is changed: the outcome only if the item has one, and a due date
        only if it is still to come.
        """
        fields = current.metadata.custom_fields if current.metadata is not None else {}
        known = fields.get("sequence", 0)
        if self.revision is None or not isinstance(known, int) or known >= self.revision:
            return None
        changes = {name: self.fields[name] for name in _UPDATED if name in self.fields}
        if self.fields.get("outcome") is not None:
            changes["outcome"] = self.fields["outcome"]
        due = self.fields.get("next_action_date")
        if isinstance(due, datetime) and due > utc_now():
            changes["next_action_date"] = due
        newer = InteractionMetadata.model_validate(self.fields["metadata"])
        merged = (current.metadata or InteractionMetadata()).model_copy(
            update={
                **{name: getattr(newer, name) for name in newer.model_fields_set},
                "custom_fields": {**fields, **newer.custom_fields},
            }
        )
        return InteractionUpdate.model_validate({**changes, "metadata": merged})


_UPDATED = ("subject", "description", "duration", "next_action")


class Source(Protocol):
    """What an import reads."""

    def items(self) -> Iterator[SourceItem]:
        """Yield everything that the source holds, one item after the other."""
        ...


@dataclass(frozen=True, slots=True)
class ItemNote:
    """Something to know about an item.

    Attributes:
        place: Where it is.
        message: What it is.

    Example:
        >>> print(ItemNote("inbox.mbox message 12", "the Date is in the future"))
        inbox.mbox message 12: the Date is in the future
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The result of an import from a source. Every item is counted in exactly one of the counts.

    Attributes:
        read: How many items were read.
        matched: How many of them are interactions now, by this run or an earlier one; an item about
            several customers is one interaction for each.
        unmatched: How many are about nobody who is a customer.
        refused: How many cannot be interactions; of an item about several customers, those of the
            others are counted as what they are.
        skipped: How many were left out on purpose, by the reason.
        new: How many interactions are new; in a dry run, how many would be.
        already_there: How many interactions were there already.
        changed_since: How many were there and have been changed since, or were written from
            another version of the item; they are left as they are. Attaching a file is a change.
        updated: How many were there in an older version, and were updated.
        unknown_addresses: The addresses of unmatched items, and how many items each has: the first
            10,000.
        rejected: The refused items, and why: the first 10,000.
        notes: What else is to be known about items: the first 10,000.
        files: How many files this run has attached.
        dry_run: Whether nothing was written.
    """

    read: int
    matched: int
    unmatched: int
    refused: int
    skipped: Mapping[str, int]
    new: int
    already_there: int
    changed_since: int
    updated: int
    unknown_addresses: Mapping[str, int]
    rejected: tuple[ItemNote, ...]
    notes: tuple[ItemNote, ...]
    files: int
    dry_run: bool


class SourceRun:
    """Counts the items of a source by their result."""

    def __init__(self, *, dry_run: bool) -> None:
        self._dry_run = dry_run
        self.read = 0
        self.files = 0
        self._updated = 0
        self._matched = 0
        self._unmatched = 0
        self._refused = 0
        self._skipped: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._unknown: dict[str, int] = {}
        self._rejected: list[ItemNote] = []
        self._notes: list[ItemNote] = []

    def drafts(
        self, items: Sequence[SourceItem], known: Mapping[str, str]
    ) -> list[tuple[SourceItem, list[InteractionCreate]]]:
        """Return the drafts of the items that are interactions, and count all others."""
        found: list[tuple[SourceItem, list[InteractionCreate]]] = []
        for item in items:
            self.read += 1
            for message in item.notes:
                self.note(item, message)
            if item.skipped:
                self._skipped[item.skipped] += 1
            elif item.fault:
                self._reject(item, item.fault)
            elif customers := item.customers(known):
                try:
                    found.append((item, [item.draft(each) for each in customers]))
                except ValidationError as error:
                    self._reject(item, draft_faults(error))
            else:
                self._count_unmatched(item)
        return found

    def record(self, item: SourceItem, results: Sequence[BulkItem], updated: int = 0) -> None:
        """Count the interactions of an item by their result.

        Args:
            item: The item.
            results: The results of its drafts.
            updated: How many of the interactions were there, and were updated.
        """
        errors = [result.error for result in results if not status_of(result)]
        statuses = Counter(map(status_of, results)) - Counter(changed_since=updated)
        not_written = statuses.pop("new", 0) if item.is_cancelled else 0
        if errors:
            self._reject(item, str(errors[0]))
        elif not_written:
            self._skipped["cancelled"] += 1
        else:
            self._matched += 1
        self._statuses += statuses
        self._updated += updated

    def note(self, item: SourceItem, message: str) -> None:
        """Keep what is to be known about an item."""
        if len(self._notes) < MAX_LISTED_REJECTS:
            self._notes.append(ItemNote(item.place, message))

    def _reject(self, item: SourceItem, reason: str) -> None:
        self._refused += 1
        if len(self._rejected) < MAX_LISTED_REJECTS:
            self._rejected.append(ItemNote(item.place, reason))

    def _count_unmatched(self, item: SourceItem) -> None:
        self._unmatched += 1
        for address in item.addresses:
            if address in self._unknown or len(self._unknown) < MAX_LISTED_REJECTS:
                self._unknown[address] = self._unknown.get(address, 0) + 1

    def report(self) -> SourceReport:
        """Return the result."""
        return SourceReport(
            self.read,
            self._matched,
            self._unmatched,
            self._refused,
            dict(self._skipped.most_common()),
            self._statuses["new"],
            self._statuses["already_there"],
            self._statuses["changed_since"],
            self._updated,
            dict(sorted(self._unknown.items(), key=lambda each: -each[1])),
            tuple(self._rejected),
            tuple(self._notes),
            self.files,
            self._dry_run,
        )


def status_of(result: BulkItem) -> str:
    """Return what the interaction of a draft is; empty if there is none."""
    if result.error is None:
        return result.status or "new"
    is_there = isinstance(result.error, ConflictError) and result.error.current is not None
    return "changed_since" if is_there else ""


def draft_faults(error: ValidationError) -> str:
    """Return what is wrong with the fields of a draft, without their values."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".removeprefix(": ")
        for fault in error.errors(include_url=False, include_input=False)
    )
