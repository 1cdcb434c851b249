"""Writing a chunk of drafts: finding their customers, planning rows, and recording results."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interactions_sdk._async.connection.rows import read_by_ids
from interactions_sdk._async.writing.bulk_executor import AsyncBulkExecutor, error_for_item
from interactions_sdk._async.writing.chosen_ids import AsyncChosenIds
from interactions_sdk._async.writing.refusals import audit_refusals
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    BadRequestError,
    CustomerNotFoundError,
    InteractionsError,
    OwnershipError,
    PermissionDeniedError,
)
from interactions_sdk.models.bulk import BULK_STATUSES
from interactions_sdk.models.customer import Customer
from interactions_sdk.models.drafts import late_next_action
from interactions_sdk.models.enums import Outcome
from interactions_sdk.models.row import CREATED_AT, ID
from interactions_sdk.rules.audit_log import fingerprint
from interactions_sdk.rules.conflicts import different_draft_conflict
from interactions_sdk.rules.customer_dates import ContactUpdate, contact_from
from interactions_sdk.rules.interactions import plan_create

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.writing.bulk_executor import BulkOutcome
    from interactions_sdk.models.drafts import InteractionCreate
    from interactions_sdk.rules.operations import Plan

__all__ = ["AsyncBulkChunks", "ChunkResult"]

logger = logging.getLogger("interactions_sdk")

_ALREADY_THERE = BULK_STATUSES.index("already_there")
_CHANGED_SINCE = BULK_STATUSES.index("changed_since")


@dataclass(slots=True)
class ChunkResult:
    """The result of a chunk of drafts.

    Attributes:
        size: The number of drafts.
        ids: The IDs of written interactions, by the draft's index in the chunk.
        customers: The customers for whom they were written, likewise.
        errors: Why drafts were not written, by their index.
        contacts: The updates of customers, by their IDs.
        owners: The users of the customers, by the customers' IDs.
        statuses: The status of existing interactions, by their index, as an index in
            `BULK_STATUSES`.
    """

    size: int
    ids: dict[int, str] = field(default_factory=dict[int, str])
    customers: dict[int, str] = field(default_factory=dict[int, str])
    errors: dict[int, InteractionsError] = field(default_factory=dict[int, InteractionsError])
    contacts: dict[str, ContactUpdate] = field(default_factory=dict[str, ContactUpdate])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    statuses: dict[int, int] = field(default_factory=dict[int, int])

    def add_contact(self, customer_id: str, contact: ContactUpdate) -> None:
        """Record what a draft means for its customer, together with those before it."""
        so_far = self.contacts.get(customer_id)
        if so_far != contact:  # a contact that is merged with itself stays what it is
            self.contacts[customer_id] = contact if so_far is None else so_far.merge(contact)


@dataclass(frozen=True, slots=True)
class _PlannedDraft:
    """A draft, its index in its chunk, and its plan.

    Attributes:
        key: The ID in lower case, because Appwrite ignores case in IDs.
    """

    index: int
    draft: InteractionCreate
    plan: Plan
    customer_id: str
    key: str

    def is_same_as(self, other: _PlannedDraft) -> bool:
        """Return whether two drafts with one ID are equal."""
        if self.index == other.index:
            return True
        same_id = self.plan.interaction_id == other.plan.interaction_id
        columns, others = self.plan.write.columns, other.plan.write.columns
        return same_id and fingerprint(columns) == fingerprint(others)

    def is_late(self, now: datetime) -> bool:
        """Return whether the draft can only be the repeat of one that was written in time."""
        return self.plan.has_explicit_id and late_next_action(self.draft, now=now) is not None

    def contact(self, created_at: datetime) -> ContactUpdate:
        """Return the effect of a written draft on its customer."""
        is_open = self.draft.outcome != Outcome.RESOLVED
        return ContactUpdate(created_at, self.draft.next_action_date if is_open else None)


class AsyncBulkChunks:
    """Writes the chunks of one run independently, so that several can be in progress.

    For `events` and `imported`, see `AsyncBulkExecutor`.
    """

    def __init__(
        self,
        project: AsyncProject,
        *,
        access: AsyncAccess,
        customers: AsyncCustomerStore,
        events: bool,
        imported: bool,
    ) -> None:
        self._project = project
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._access = access
        self._customers = customers
        self._read_cache = project.read_cache
        self._imported = imported
        self._executor = AsyncBulkExecutor(project, events=events, imported=imported)
        self._chosen_ids = AsyncChosenIds(project, access)

    async def verify(self) -> None:
        """Reject an acting user who does not exist, or who acts as an admin without being one."""
        try:
            await self._access.verify()
        except PermissionDeniedError:
            await self._audit_refusals([""])
            raise

    async def write(self, drafts: Sequence[InteractionCreate]) -> ChunkResult:
        """Write drafts; all errors are in the result."""
        chunk = ChunkResult(len(drafts))
        try:
            customers = await self.resolve_customers(drafts)
            drafts = await self._with_stored_ids(drafts, customers)
        except InteractionsError as error:
            chunk.errors = {index: error_for_item(error) for index in range(len(drafts))}
            return chunk
        waiting = self._plan(drafts, customers, chunk)
        await self._audit_refusals(
            drafts[index].customer_id or ""
            for index, error in chunk.errors.items()
            if isinstance(error, OwnershipError)
        )
        while waiting:
            waiting = await self._write_first_of_each_id(waiting, chunk)
        return chunk

    async def preview(self, drafts: Sequence[InteractionCreate]) -> ChunkResult:
        """Return what `write` would do, without writing."""
        chunk = ChunkResult(len(drafts))
        customers = await self.resolve_customers(drafts)
        drafts = await self._with_stored_ids(drafts, customers)
        waiting = self._plan(drafts, customers, chunk)
        firsts = _first_of_each_id(waiting)
        found = await self._executor.compare([planned.plan for planned in firsts.values()])
        for planned in waiting:
            _record(planned, firsts[planned.key], found, chunk)
        return chunk

    async def resolve_customers(
        self, drafts: Sequence[InteractionCreate]
    ) -> Mapping[str | None, Customer | InteractionsError]:
        """Return the customer of each `customer_id`, or why drafts with it are refused."""
        customers: dict[str | None, Customer | InteractionsError] = {}
        customer_ids = dict.fromkeys(draft.customer_id for draft in drafts)
        known = await self._customers.get_many_cached(
            each for each in customer_ids if each is not None
        )
        for customer_id in customer_ids:
            try:
                customers[customer_id] = await self._access.resolve_customer(customer_id, known)
            except (OwnershipError, CustomerNotFoundError, BadRequestError) as refusal:
                customers[customer_id] = refusal
        return customers

    async def _with_stored_ids(
        self,
        drafts: Sequence[InteractionCreate],
        customers: Mapping[str | None, Customer | InteractionsError],
    ) -> Sequence[InteractionCreate]:
        """Return drafts with the IDs under which they are stored."""
        own = next((each for each in customers.values() if isinstance(each, Customer)), None)
        return drafts if own is None else await self._chosen_ids.resolve(drafts, own)

    def _plan(
        self,
        drafts: Sequence[InteractionCreate],
        customers: Mapping[str | None, Customer | InteractionsError],
        chunk: ChunkResult,
    ) -> list[_PlannedDraft]:
        planned: list[_PlannedDraft] = []
        user_id, now = self._access.user_id, utc_now()
        for index, draft in enumerate(drafts):
            customer = customers[draft.customer_id]
            if isinstance(customer, Customer):
                plan = plan_create(
                    self._settings, draft, customer=customer, user_id=user_id, now=now
                )
                key = plan.interaction_id.lower()
                planned.append(_PlannedDraft(index, draft, plan, customer.id, key))
                chunk.owners[customer.id] = customer.user_id
            else:
                chunk.errors[index] = error_for_item(customer)
        return planned

    async def _audit_refusals(self, customer_ids: Iterable[str]) -> None:
        await audit_refusals(
            self._project, action="create", user_id=self._access.user_id, entity_ids=customer_ids
        )

    async def _write_first_of_each_id(
        self, waiting: Sequence[_PlannedDraft], chunk: ChunkResult
    ) -> list[_PlannedDraft]:
        """Write the first draft of each ID, and record the result of all drafts with that ID.

        Returns:
            The other drafts with an ID whose first draft failed, so the ID is still unused.
        """
        firsts = _first_of_each_id(waiting)
        with self._read_cache.invalidate_after(
            *{planned.customer_id for planned in firsts.values()}
        ):
            late, in_time = self._late_and_others(firsts.values())
            written = await self._executor.write(in_time, late)
        for planned in waiting:
            _record(planned, firsts[planned.key], written, chunk)
        await self._record_contacts(firsts.values(), written, chunk)
        return [each for each in waiting if each.index not in chunk.ids | chunk.errors]

    def _late_and_others(self, drafts: Iterable[_PlannedDraft]) -> tuple[list[Plan], list[Plan]]:
        """Separate the plans of drafts that can only be repeats from the others.

        Imported drafts may have been due long ago.
        """
        now = utc_now()
        late: list[Plan] = []
        others: list[Plan] = []
        for draft in drafts:
            is_late = not self._imported and draft.is_late(now)
            (late if is_late else others).append(draft.plan)
        return late, others

    async def _record_contacts(
        self, attempted: Iterable[_PlannedDraft], written: BulkOutcome, chunk: ChunkResult
    ) -> None:
        undated: dict[str, _PlannedDraft] = {}
        for planned in attempted:
            interaction_id = planned.plan.interaction_id
            if interaction_id in written.errors:
                continue
            if existing := written.existing.get(interaction_id):
                chunk.add_contact(existing.customer_id, contact_from(existing))
            elif occurred_at := planned.draft.occurred_at:
                chunk.add_contact(planned.customer_id, planned.contact(occurred_at))
            else:
                undated[interaction_id] = planned
        if undated:
            await self._record_missing_times(undated, chunk)

    async def _record_missing_times(
        self, undated: dict[str, _PlannedDraft], chunk: ChunkResult
    ) -> None:
        """Record the contacts of interactions whose time only Appwrite knows.

        All rows of one staged bulk create have the same time. Times only increase, so if the first
        and the last row have the same time, all others do too, whatever the server does.
        """
        try:
            ends = {next(iter(undated)), next(reversed(undated))}
            times = await self._read_times(ends)
            if times.keys() == ends and len(set(times.values())) == 1:
                times = dict.fromkeys(undated, next(iter(times.values())))
            else:
                times = await self._read_times(undated)
        except InteractionsError as error:
            logger.warning(
                "the times of %d new interactions could not be read (%s); repair the dates of "
                "their customers with crm.customers.reconcile()",
                len(undated),
                type(error).__name__,
                extra={
                    "interactions_sdk": {
                        "interaction_ids": sorted(undated),
                        "failure": type(error).__name__,
                    }
                },
            )
            return
        for interaction_id, created_at in times.items():
            planned = undated.get(interaction_id)
            if planned is not None:  # a server may return other rows
                chunk.add_contact(planned.customer_id, planned.contact(created_at))

    async def _read_times(self, ids: Iterable[str]) -> dict[str, datetime]:
        rows = await read_by_ids(self._connection, self._tables.interactions, ids, ID, CREATED_AT)
        return {row.id: row.created_at for row in rows}


def _first_of_each_id(waiting: Sequence[_PlannedDraft]) -> dict[str, _PlannedDraft]:
    firsts: dict[str, _PlannedDraft] = {}
    for planned in waiting:
        firsts.setdefault(planned.key, planned)
    return firsts


def _record(
    planned: _PlannedDraft, first: _PlannedDraft, written: BulkOutcome, chunk: ChunkResult
) -> None:
    error = written.errors.get(first.plan.interaction_id)
    if not planned.is_same_as(first):
        if error is None:
            chunk.errors[planned.index] = different_draft_conflict(planned.plan)
    elif error is None:
        chunk.ids[planned.index] = planned.plan.interaction_id
        chunk.customers[planned.index] = planned.customer_id
        if planned.plan.interaction_id in written.changed:
            chunk.statuses[planned.index] = _CHANGED_SINCE
        elif planned.index != first.index or planned.plan.interaction_id in written.existing:
            chunk.statuses[planned.index] = _ALREADY_THERE
    else:
        chunk.errors[planned.index] = error_for_item(error, planned.plan.interaction_id)
