"""Writing a chunk of new interactions: in one transaction, or a hundred at a time.

Each interaction is written once, whatever fails: interactions that were written before, by an
interrupted run or another one, are found by ID and recognized by their draft's fingerprint.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.connection.rows import MAX_ROWS_PER_REQUEST, batched, read_by_ids
from interactions_sdk._async.connection.transactions import commit_operations
from interactions_sdk._async.writing.audit_log import first_changes
from interactions_sdk.errors import APIError, BadRequestError, ConflictError, InteractionsError
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.models.row import CREATED_AT, ID
from interactions_sdk.rules.audit_log import CREATED_ACTION, fingerprint
from interactions_sdk.rules.conflicts import (
    deleted_conflict,
    different_draft_conflict,
    ownership_conflict,
    was_changed,
)
from interactions_sdk.rules.idempotency import (
    is_unchanged_draft,
    may_be_changed_draft,
    was_drafted_as,
)
from interactions_sdk.rules.operations import Operation
from interactions_sdk.rules.ownership import is_owned_by

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan
    from interactions_sdk.wire import Table

    _Send = Callable[[Sequence[Plan], "BulkOutcome"], Awaitable[None]]

__all__ = ["AsyncBulkExecutor", "BulkOutcome", "error_for_item"]

_MAX_ATTEMPTS = 4
_ROW_ERROR_STATUSES = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}


@dataclass(slots=True)
class BulkOutcome:
    """The result of a chunk; interactions in neither mapping were newly written.

    Attributes:
        errors: Why interactions were not written, by their IDs.
        existing: The interactions that were written before, by their IDs.
        changed: The IDs of existing interactions that were changed after they were written.
    """

    errors: dict[str, InteractionsError] = field(default_factory=dict[str, InteractionsError])
    existing: dict[str, CustomerInteraction] = field(
        default_factory=dict[str, "CustomerInteraction"]
    )
    changed: set[str] = field(default_factory=set[str])

    def fail(self, plans: Iterable[Plan], error: InteractionsError) -> None:
        """Record that all of these failed for the same reason."""
        for plan in plans:
            self.errors[plan.interaction_id] = error_for_item(error, plan.interaction_id)


def error_for_item(
    error: InteractionsError, interaction_id: str | None = None
) -> InteractionsError:
    """Return a copy of an error for a draft, without the traceback, which holds whole chunks."""
    own = copy.copy(error)
    own.interaction_id = interaction_id
    return own


class AsyncBulkExecutor:
    """Writes the chunks of one run.

    Args:
        project: The project.
        events: Whether each row raises Appwrite's events, which a transaction's `bulkCreate`
            does not.
        imported: Whether drafts are copies that may be older than the interactions: an existing
            interaction with the same content, or one that was changed later, is not a conflict.
    """

    def __init__(self, project: AsyncProject, *, events: bool, imported: bool) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._events = events
        self._imported = imported
        self._max_rows_per_transaction = project.settings.bulk_size

    async def write(self, plans: Sequence[Plan], repeats: Sequence[Plan] = ()) -> BulkOutcome:
        """Write new interactions and their audit rows, or find existing ones; nothing is raised.

        All IDs are distinct. `repeats` must not be written, but may have been written before.
        """
        written = BulkOutcome()
        together: list[Plan] = []
        posted: list[Plan] = []
        for plan in plans:
            (posted if self._outside_transaction(plan) else together).append(plan)
        for batch in batched(together, self._max_rows_per_transaction):
            await self._write(batch, self._commit, written)
        for batch in batched(posted):
            await self._write(batch, self._create_rows, written)
        for batch in batched(repeats):
            written.fail(await self._resolve_conflict(batch, written), _late())
        return written

    def _outside_transaction(self, plan: Plan) -> bool:
        """Return whether a transaction would suppress wanted events, or lose the date.

        Appwrite accepts dates only outside transactions (transcript `transaction-system-columns`).
        """
        return self._events or CREATED_AT in plan.write.columns

    async def _write(self, plans: Sequence[Plan], send: _Send, written: BulkOutcome) -> None:
        """Send plans until each is written, was written before, or failed."""
        attempts_left = _MAX_ATTEMPTS
        while plans:
            try:
                await send(plans, written)
            except ConflictError as conflict:
                unsettled = await self._resolve_conflict(plans, written)
                attempts_left -= len(unsettled) == len(plans)
                plans = unsettled
                if not attempts_left:
                    written.fail(plans, conflict)
                    return
            except InteractionsError as error:
                if len(plans) > 1 and _is_about_the_rows(error):
                    await self._write_split(plans, send, written)
                else:
                    written.fail(plans, error)
                return
            else:
                return

    async def _write_split(self, plans: Sequence[Plan], send: _Send, written: BulkOutcome) -> None:
        """Write a rejected chunk in smaller parts, until the invalid row is isolated."""
        was_more = len(plans) > MAX_ROWS_PER_REQUEST
        for part in batched(plans, MAX_ROWS_PER_REQUEST if was_more else (len(plans) + 1) // 2):
            await self._write(part, send, written)
        if was_more and not any(plan.interaction_id in written.errors for plan in plans):
            self._max_rows_per_transaction = MAX_ROWS_PER_REQUEST

    async def _commit(self, plans: Sequence[Plan], _written: BulkOutcome) -> None:
        """Write interactions and audit rows in one transaction (transcript `transaction-bulk`)."""
        operations = [
            Operation("bulkCreate", table, None, rows)
            for table, rows in (
                (self._tables.interactions.id, [plan.write.row for plan in plans]),
                (self._settings.audit_table, list(_audit_rows(plans))),
            )
            if table is not None
        ]
        await commit_operations(self._connection, self._settings.database_id, operations)

    async def _create_rows(self, plans: Sequence[Plan], written: BulkOutcome) -> None:
        """Write up to 100 interactions, all or none, and then their audit rows."""
        rows = [plan.write.row for plan in plans]
        await self._connection.send(wire.create_rows(self._tables.interactions, rows))
        await self._audit(plans, written)

    async def _audit(self, plans: Sequence[Plan], written: BulkOutcome) -> None:
        """Write the audit rows of existing interactions."""
        if self._tables.audit is None:
            return
        for batch in batched(plans):
            try:
                existed = await self._write_missing(self._tables.audit, list(_audit_rows(batch)))
                await self._delete_second(batch, existed, written)
            except InteractionsError as error:
                error.may_have_landed = True
                written.fail(batch, error)

    async def _delete_second(
        self, plans: Sequence[Plan], existed: Mapping[str, datetime], written: BulkOutcome
    ) -> None:
        """Delete interactions whose IDs were used before for interactions that were deleted.

        Their audit rows are older than they are.
        """
        times = {
            plan.interaction_id: time
            for plan in plans
            if plan.audit is not None and (time := existed.get(str(plan.audit.row_id)))
        }
        if not times:
            return
        found = await read_by_ids(self._connection, self._tables.interactions, times, ID)
        again = {row.id for row in found if times.get(row.id, row.updated_at) < row.updated_at}
        for plan in plans:
            if plan.interaction_id in again and plan.interaction_id not in written.existing:
                call = wire.delete_row(self._tables.interactions, plan.interaction_id)
                await self._connection.send(call)
                written.errors[plan.interaction_id] = deleted_conflict(plan)

    async def _write_missing(
        self, table: Table[AuditEntry], rows: list[Mapping[str, object]]
    ) -> dict[str, datetime]:
        """Write up to 100 audit rows; an existing row with the same ID is the same row.

        Returns:
            The times of the rows that existed already, by their IDs.
        """
        existed: dict[str, datetime] = {}
        attempts_left = _MAX_ATTEMPTS
        while rows:
            try:
                await self._connection.send(wire.create_rows(table, rows))
            except ConflictError:
                attempts_left -= 1
                if not attempts_left:
                    raise
                ids = [str(row[ID]) for row in rows]
                found = await read_by_ids(self._connection, table, ids, ID)
                present = {entry.id: entry.created_at for entry in found}
                rows = [row for row in rows if row[ID] not in present]
                existed |= present
            else:
                break
        return existed

    async def _resolve_conflict(
        self, plans: Sequence[Plan], written: BulkOutcome
    ) -> Sequence[Plan]:
        """Find out which interactions were written before, by this draft or another one.

        Returns:
            The plans that still have to be written.
        """
        unsettled, not_audited = await self._compare(plans, written)
        await self._audit(not_audited, written)
        return unsettled

    async def compare(self, plans: Sequence[Plan]) -> BulkOutcome:
        """Find out which interactions exist already, and write nothing."""
        outcome = BulkOutcome()
        for batch in batched(plans):
            await self._compare(batch, outcome)
        return outcome

    async def _compare(
        self, plans: Sequence[Plan], written: BulkOutcome
    ) -> tuple[list[Plan], list[Plan]]:
        """Compare plans with what exists.

        Returns:
            The plans of interactions that do not exist, and of those that lack their audit row.
        """
        try:
            # In this order: an interaction that is written in between is not taken for a deleted
            # one, whose audit row alone is left.
            entries = await self._audit_entries(plans)
            existing = await self._existing(plans)
        except InteractionsError as error:
            error.may_have_landed = True
            written.fail(plans, error)
            return [], []
        unsettled: list[Plan] = []
        not_audited: list[Plan] = []
        for plan in plans:
            row = existing.get(plan.interaction_id.lower())
            entry = entries.get(plan.interaction_id)
            if row is None and entry is None:
                unsettled.append(plan)
            elif row is None:
                written.errors[plan.interaction_id] = deleted_conflict(plan)
            elif self._settings.user_sessions and not is_owned_by(row.permissions, plan.owner_id):
                written.errors[plan.interaction_id] = ownership_conflict(plan)
            else:
                await self._compare_row(plan, row, entry, written)
                if entry is None and plan.interaction_id in written.existing:
                    not_audited.append(plan)
        return unsettled, not_audited

    async def _compare_row(
        self,
        plan: Plan,
        row: CustomerInteraction,
        entry: AuditEntry | None,
        written: BulkOutcome,
    ) -> None:
        """Record whether a row matches its draft, was changed later, or is a different one."""
        written_as = entry.fingerprint if entry is not None else None
        is_equal = row.id == plan.interaction_id and is_unchanged_draft(plan, row)
        is_copy = self._imported and (is_equal or was_changed(row, plan, written_as))
        if not (is_copy or await self._is_same(plan, row, entry)):
            written.errors[plan.interaction_id] = different_draft_conflict(plan, row)
            return
        written.existing[plan.interaction_id] = row
        if not is_equal:
            written.changed.add(plan.interaction_id)

    async def _is_same(
        self, plan: Plan, row: CustomerInteraction, entry: AuditEntry | None
    ) -> bool:
        """Return whether an interaction was written from exactly this draft."""
        if row.id != plan.interaction_id:
            return False
        if entry is not None and entry.action == CREATED_ACTION:
            return entry.fingerprint == fingerprint(plan.write.columns)
        if is_unchanged_draft(plan, row):
            return True
        if self._tables.audit is None:
            return may_be_changed_draft(plan, row)
        first = await first_changes(self._connection, self._tables.audit, [row.id])
        return was_drafted_as(plan, row, first.get(row.id))

    async def _existing(self, plans: Sequence[Plan]) -> Mapping[str, CustomerInteraction]:
        """Return the interactions with these IDs, by the ID in lower case."""
        ids = [plan.interaction_id for plan in plans]
        rows = await read_by_ids(self._connection, self._tables.interactions, ids)
        return {row.id.lower(): row for row in rows}

    async def _audit_entries(self, plans: Sequence[Plan]) -> Mapping[str, AuditEntry]:
        """Return the audit rows of these creates, by the interaction's ID."""
        if self._tables.audit is None:
            return {}
        ids = {audit_row_id(plan.interaction_id, CREATED): plan.interaction_id for plan in plans}
        entries = await read_by_ids(
            self._connection, self._tables.audit, ids, ID, "fingerprint", "action"
        )
        return {ids[entry.id]: entry for entry in entries if entry.id in ids}


def _audit_rows(plans: Iterable[Plan]) -> Iterator[dict[str, object]]:
    return (plan.audit.row for plan in plans if plan.audit is not None)


def _is_about_the_rows(error: InteractionsError) -> bool:
    """Return whether fewer or other rows might be accepted."""
    return isinstance(error, APIError) and error.status_code in _ROW_ERROR_STATUSES


def _late() -> BadRequestError:
    return BadRequestError(
        "The draft's next_action_date has passed, and it was not written before.",
        hint="Give it a later next_action_date, or occurred_at.",
    )
