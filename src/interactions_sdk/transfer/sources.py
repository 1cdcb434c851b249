"""Interactions from other programs' files: the items of a source, and the result of an import.

A source, such as a mailbox or a calendar, yields items. An import looks up the customers, writes
the interactions, and counts every item exactly once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pydantic import ValidationError

from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError, ConflictError, NotFoundError
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
    "is_item_error",
    "status_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One item of a source, such as a message or an event.

    Attributes:
        place: Where it is, for the report, such as `inbox.mbox message 12`.
        key: The key by which a later run recognizes it.
        fields: The fields of `InteractionCreate`, without the customer.
        addresses: The possible email addresses of the customer; the first known address decides, or
            all of them if `is_for_all`.
        is_for_all: Whether every customer that is found gets an interaction.
        customer_id: The customer, if it is not found by address.
        revision: The version of the item; a newer version updates the interaction.
        is_cancelled: Whether it is a cancellation, which only updates an existing interaction.
        skipped: Why it is skipped, in one word.
        fault: Why it cannot be an interaction.
        notes: Notes about it.
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

    def customers(self, customer_ids: Mapping[str, str]) -> list[str]:
        """Return the item's customers, given the customer of each address in lower case."""
        if self.customer_id:
            return [self.customer_id]
        addresses = (address for address in self.addresses if address in customer_ids)
        found = list(dict.fromkeys(customer_ids[address] for address in addresses))
        return found if self.is_for_all else found[:1]

    def draft(self, customer_id: str) -> InteractionCreate:
        """Return the draft for one customer.

        Raises:
            ValidationError: The draft is invalid.
        """
        identity = {"customer_id": customer_id, "idempotency_key": f"{self.key} {customer_id}"}
        return InteractionCreate.model_validate({**self.fields, **identity}, context=IMPORTED)

    def update(self, current: CustomerInteraction) -> InteractionUpdate | None:
        """Return the change to an interaction from an older version; None if it is not older.

        Only fields of the source are changed: the outcome only if the item has one, and a due date
        only if it is in the future.
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
    """The source of an import."""

    def items(self) -> Iterator[SourceItem]:
        """Yield all items of the source, one after the other."""
        ...


@dataclass(frozen=True, slots=True)
class ItemNote:
    """A note about an item.

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
    """The result of an import from a source. Every item is counted exactly once.

    Attributes:
        read: How many items were read.
        matched: How many exist as interactions, from this run or an earlier one; an item about
            several customers is one interaction for each.
        unmatched: How many involve no customer.
        refused: How many were refused. If an item is refused for one of several customers, its
            interactions with the others are counted normally.
        skipped: How many were skipped, by reason.
        new: How many interactions are new; in a dry run, how many would be.
        already_there: How many interactions existed already.
        changed_since: How many existed and have been changed, or were written from another version
            of the item; these are left as they are. Attaching a file is a change.
        updated: How many existed in an older version and were updated.
        unknown_addresses: The first 10,000 addresses of unmatched items, with the number of items.
        rejected: The first 10,000 refused items, with the reasons.
        notes: The first 10,000 notes about items.
        files: How many files this run attached.
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
        self, items: Sequence[SourceItem], customer_ids: Mapping[str, str]
    ) -> list[tuple[SourceItem, list[InteractionCreate]]]:
        """Return the drafts of the items to import, and count all others."""
        found: list[tuple[SourceItem, list[InteractionCreate]]] = []
        for item in items:
            self.read += 1
            for message in item.notes:
                self.note(item, message)
            if item.skipped:
                self._skipped[item.skipped] += 1
            elif item.fault:
                self._reject(item, item.fault)
            elif customers := item.customers(customer_ids):
                try:
                    found.append((item, [item.draft(each) for each in customers]))
                except ValidationError as error:
                    self._reject(item, draft_faults(error))
            else:
                self._count_unmatched(item)
        return found

    def record(self, item: SourceItem, results: Sequence[BulkItem], updated: int = 0) -> None:
        """Count the interactions of an item by their result; `updated` of them were updated."""
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
        """Keep a note about an item."""
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
    """Return the status of a draft's interaction; empty if there is none."""
    if result.error is None:
        return result.status or "new"
    is_there = isinstance(result.error, ConflictError) and result.error.current is not None
    return "changed_since" if is_there else ""


def is_item_error(error: Exception) -> bool:
    """Return whether an error is about one draft, so that others may succeed."""
    if not isinstance(error, (BadRequestError, NotFoundError, ConflictError)):
        return False
    return not error.may_have_landed


def draft_faults(error: ValidationError) -> str:
    """Describe the invalid fields of a draft, without their values."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".removeprefix(": ")
        for fault in error.errors(include_url=False, include_input=False)
    )
