# Generated from src/interactions_sdk/_async/writing/bulk.py by scripts/unasync.py; do not edit.
"""Writing many interactions, several chunks concurrently."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from interactions_sdk._sync.writing.bulk_chunks import BulkChunks
from interactions_sdk._sync.writing.bulk_undo import BulkUndo
from interactions_sdk.arguments import check_callable, check_type, describe
from interactions_sdk.concurrency import map_concurrent
from interactions_sdk.errors import BadRequestError, OwnershipError
from interactions_sdk.models.bulk import BulkResult, CompactIdList
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.rules.customer_dates import RECOMPUTE_FOLLOW_UP, ContactUpdate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.bulk_chunks import ChunkResult
    from interactions_sdk._sync.writing.customer_dates import CustomerDates
    from interactions_sdk.errors import InteractionsError

__all__ = ["Bulk", "OnError"]

OnError = Literal["stop", "continue"]

_MAX_CONCURRENCY = 3
"""Number of chunks in progress at once; more gain nothing on a server with two cores."""
_MAX_PENDING_CUSTOMERS = 4000
"""Number of customers whose updates a run collects before it writes their dates."""


class Bulk:
    """Writes many drafts of one acting user."""

    def __init__(
        self,
        project: Project,
        *,
        access: Access,
        customers: CustomerStore,
        dates: CustomerDates,
    ) -> None:
        self._project = project
        self._access = access
        self._customers = customers
        self._dates = dates

    def create_many(
        self,
        drafts: Iterable[InteractionCreate],
        *,
        on_error: OnError,
        on_progress: Callable[[int], object] | None,
        events: bool,
        imported: bool = False,
    ) -> BulkResult:
        """Write many new interactions; see `InteractionRepository.create_many`."""
        self._project.connection.require_api_key("create_many")
        if on_error not in ("stop", "continue"):
            raise BadRequestError(
                f"on_error must be 'stop' or 'continue', not {describe(on_error)}."
            )
        _check_iterable(drafts)
        check_callable(on_progress, "on_progress")
        chunks = self._chunks(events=events, imported=imported)
        chunks.verify()
        run = _BulkRun(
            drafts,
            chunks,
            self._dates,
            BulkUndo(self._project, self._access),
            chunk_size=self._project.settings.bulk_size,
            stop_on_error=on_error == "stop",
        )
        return run.write(on_progress)

    def preview(self, drafts: Sequence[InteractionCreate]) -> BulkResult:
        """Return what an import of drafts would do, without writing."""
        chunk = self._chunks(events=False, imported=True).preview(drafts)
        ids = [chunk.ids.get(index) for index in range(chunk.size)]
        return BulkResult(ids, chunk.errors, bytes(_statuses(chunk)))

    def _chunks(self, *, events: bool, imported: bool) -> BulkChunks:
        return BulkChunks(
            self._project,
            access=self._access,
            customers=self._customers,
            events=events,
            imported=imported,
        )


class _BulkRun:
    """One run through an input: the results so far, and when it ends."""

    def __init__(
        self,
        drafts: Iterable[InteractionCreate],
        chunks: BulkChunks,
        dates: CustomerDates,
        undo: BulkUndo,
        *,
        chunk_size: int,
        stop_on_error: bool,
    ) -> None:
        self._drafts = iter(drafts)
        self._chunks = chunks
        self._dates = dates
        self._undo = undo
        self._chunk_size = chunk_size
        self._stop_on_error = stop_on_error
        self._fault: Exception | None = None
        self._has_failed = False
        self._ids = CompactIdList()
        self._statuses = bytearray()
        self._errors: dict[int, Exception] = {}
        self._undone: dict[str, InteractionsError] = {}
        self._customer_numbers: dict[str, int] = {}
        self._customers = array("I")  # their numbers, by the draft's index
        self._contacts: dict[str, ContactUpdate] = {}
        self._owners: dict[str, str] = {}

    def write(self, on_progress: Callable[[int], object] | None) -> BulkResult:
        """Write the drafts, and then update the dates of their customers."""
        try:
            with map_concurrent(self._write, iter(self._take, []), _MAX_CONCURRENCY) as chunks:
                for chunk in chunks:
                    self._record(chunk)
                    if len(self._contacts) >= _MAX_PENDING_CUSTOMERS:
                        self._update_dates()
                    if on_progress is not None:
                        on_progress(len(self._ids))
        except Exception:
            self._update_dates()
            raise
        except BaseException as interruption:
            interruption.add_note(
                f"create_many() was interrupted: the first {len(self._ids)} drafts are processed, "
                f"{len(self._errors)} of them failed. Run it again with the same ids or "
                "idempotency keys, and crm.customers.reconcile()."
            )
            raise
        self._update_dates()
        if self._fault is not None:
            self._fault.add_note(
                f"create_many() had read {len(self._ids)} drafts; {len(self._errors)} of them "
                "failed, and the rest were written."
            )
            raise self._fault
        return BulkResult(self._ids, self._errors, self._statuses)

    def _write(self, drafts: list[InteractionCreate]) -> ChunkResult:
        chunk = self._chunks.write(drafts)
        self._has_failed = self._has_failed or bool(chunk.errors)
        return chunk

    def _take(self) -> list[InteractionCreate]:
        """Take the next drafts; if the input fails, the drafts before it are still written."""
        chunk: list[InteractionCreate] = []
        if self._fault is not None or (self._stop_on_error and self._has_failed):
            return chunk
        try:
            chunk.extend(map(_checked, islice(self._drafts, self._chunk_size)))
        except Exception as fault:  # noqa: BLE001 - it is raised when what came before is written
            self._fault = fault
        return chunk

    def _record(self, chunk: ChunkResult) -> None:
        begin = len(self._ids)
        for place in range(chunk.size):
            self._ids.append(chunk.ids.get(place))
            self._customers.append(self._number_of(chunk.customers.get(place, "")))
        self._statuses += bytes(_statuses(chunk))
        for place, error in chunk.errors.items():
            self._errors[begin + place] = error
        for customer_id in chunk.owners.keys() & chunk.contacts.keys():
            self._owners.setdefault(customer_id, chunk.owners[customer_id])
        for customer_id, contact in chunk.contacts.items():
            so_far = self._contacts.get(customer_id, ContactUpdate())
            self._contacts[customer_id] = so_far.merge(contact)

    def _number_of(self, customer_id: str) -> int:
        return self._customer_numbers.setdefault(customer_id, len(self._customer_numbers))

    def _update_dates(self) -> None:
        """Update the dates of the customers, and undo writes that some should not have."""
        contacts, self._contacts = self._contacts, {}
        owners, self._owners = self._owners, {}
        refusals = self._dates.update_many(contacts, owners)
        for customer_id, refusal in refusals.items():
            new_ids = self._new_ids(customer_id)
            self._undone |= self._undo.undo(customer_id, refusal, new_ids)
            if isinstance(refusal, OwnershipError):
                self._dates.update(customer_id, RECOMPUTE_FOLLOW_UP)
        if self._undone:
            self._record_undone()

    def _new_ids(self, customer_id: str) -> list[str]:
        """Return the interactions that the run wrote for a customer."""
        number = self._number_of(customer_id)
        return [
            row_id
            for row_id, each, status in zip(self._ids, self._customers, self._statuses, strict=True)
            if row_id is not None and each == number and not status
        ]

    def _record_undone(self) -> None:
        """Record the errors of undone drafts, including their repeats."""
        self._has_failed = True
        ids = CompactIdList()
        for index, row_id in enumerate(self._ids):
            error = self._undone.get(row_id or "")
            if error is not None:
                self._errors[index] = error
            ids.append(row_id if error is None else None)
        self._ids = ids


def _check_iterable(drafts: object) -> None:
    """Reject input that is not an iterable of drafts, such as a single draft, a text or a dict."""
    if not isinstance(drafts, Iterable) or isinstance(drafts, str | BaseModel | Mapping):
        raise BadRequestError(
            f"drafts must be an iterable of InteractionCreate, not {describe(drafts)}."
        )


def _statuses(chunk: ChunkResult) -> Iterator[int]:
    return (chunk.statuses.get(index, 0) for index in range(chunk.size))


def _checked(draft: object) -> InteractionCreate:
    return check_type(draft, InteractionCreate, "each draft", "an InteractionCreate")
