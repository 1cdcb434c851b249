"""Executing the planned write of an interaction, in one transaction or one by one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.connection.group_commit import AsyncGroupCommit
from interactions_sdk._async.connection.rows import find_row
from interactions_sdk._async.connection.transactions import commit_operations, id_exists
from interactions_sdk._async.writing.audit_log import first_changes, write_audit_row
from interactions_sdk.datetimes import format_datetime, utc_now
from interactions_sdk.errors import (
    ConflictError,
    DeletedError,
    InteractionsError,
    NotFoundError,
    mark_possibly_applied,
)
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.rules.audit_log import (
    CREATED_ACTION,
    draft_marker_entry,
    fingerprint,
    refusal_of_create,
)
from interactions_sdk.rules.conflicts import deleted_conflict, different_draft_conflict
from interactions_sdk.rules.idempotency import (
    is_unchanged_draft,
    may_be_changed_draft,
    was_drafted_as,
)
from interactions_sdk.rules.interactions import already_has, from_draft_row, with_columns
from interactions_sdk.rules.operations import Operation
from interactions_sdk.rules.ownership import is_owned_by

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Plan

__all__ = ["AsyncPlanExecutor", "Written"]

_MAX_ATTEMPTS = 4
_COUNTDOWN = range(_MAX_ATTEMPTS - 1, -1, -1)
"""The number of attempts left, at each attempt."""


@dataclass(frozen=True, slots=True)
class Written:
    """The result of a write.

    Attributes:
        interaction: The interaction as stored. If it could not be read back, or was deleted in the
            meantime, as it was written, with times that may differ.
        is_repeat: Whether an earlier call wrote it.
        is_gone: Whether it was deleted in the meantime.
        is_unread: Whether it could not be read back.
        failure: Why it could not be read back, or its audit row could not be written.
    """

    interaction: CustomerInteraction
    is_repeat: bool = False
    is_gone: bool = False
    is_unread: bool = False
    failure: InteractionsError | None = None

    def unwrap(self) -> CustomerInteraction:
        """Return the interaction.

        Raises:
            InteractionsError: The failure.
        """
        if self.failure is not None:
            raise self.failure
        return self.interaction


class AsyncPlanExecutor:
    """Executes plans so that nothing is lost or duplicated."""

    def __init__(self, project: AsyncProject) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._group_commit = AsyncGroupCommit(project.connection, project.tables.interactions)

    async def create(self, plan: Plan) -> Written:
        """Write a new interaction and its audit row, or find existing ones.

        Args:
            plan: The plan of a create.

        Raises:
            ConflictError: The ID or key belongs to another draft.
            InteractionsError: Any other failure. If the interaction may have been written,
                the error says so and has its ID.
        """
        is_dated = "$createdAt" in plan.write.columns
        with _name_interaction_in_errors(plan):
            if self._is_atomic(plan) and not is_dated:
                written = await self._create_atomic(plan)
            else:
                written = await self._create_sequential(plan)
        if written.failure is not None:
            _name_interaction(plan, written.failure)
        return written

    async def _create_atomic(self, plan: Plan) -> Written:
        for attempts_left in _COUNTDOWN:  # pragma: no branch - the last attempt ends it
            try:
                row = await self._group_commit.commit(self._operations(plan), plan.interaction_id)
            except ConflictError as conflict:
                settled = await self._find_earlier_write(plan)
                if settled is not None:
                    return Written(settled, is_repeat=not conflict.may_have_landed)
                if not attempts_left:
                    raise self._create_failed(plan, conflict) from None
            else:
                if row is None:
                    return await self._read_committed(_as_drafted(plan))
                return Written(row)
        raise AssertionError  # pragma: no cover - as above

    def _operations(self, create: Plan) -> list[Operation]:
        return [create.write, *self._audit_row(create), *self._draft_marker(create)]

    def _audit_row(self, create: Plan) -> list[Operation]:
        """Return the audit row of a create, as a `bulkCreate` if the credentials allow it.

        A `bulkCreate` in a transaction raises no events, so it is faster. Nobody needs the event of
        this row.
        """
        audit = create.audit
        if audit is None or self._connection.is_user:
            return [] if audit is None else [audit]
        return [Operation("bulkCreate", audit.table, None, [audit.row])]

    def _draft_marker(self, create: Plan) -> list[Operation]:
        """Return the audit row by which a user's draft is recognized, if one is needed."""
        return (
            draft_marker_entry(create)
            if self._connection.is_user and create.has_explicit_id
            else []
        )

    async def _create_sequential(self, plan: Plan) -> Written:
        call = wire.create_row(self._tables.interactions, plan.interaction_id, plan.write.columns)
        try:
            interaction = await self._connection.send(call)
        except ConflictError as conflict:
            with mark_possibly_applied(applied=conflict.may_have_landed):
                settled = await self._find_earlier_write(plan)
            if settled is None:
                raise self._create_failed(plan, conflict) from None
            return Written(settled, is_repeat=True)
        failure = await self._audit(plan, created=interaction)
        if isinstance(failure, DeletedError):
            raise failure
        return Written(interaction, failure=failure)

    async def find_repeat(self, plan: Plan, missing: Exception) -> Written:
        """Return what an earlier create wrote from this draft.

        Args:
            plan: The plan of the create.
            missing: What to raise if there is nothing.
        """
        with _name_interaction_in_errors(plan):
            existing = await self._find_earlier_write(plan)
        if existing is None:
            raise missing
        return Written(existing, is_repeat=True)

    async def _find_earlier_write(self, plan: Plan) -> CustomerInteraction | None:
        """Return what an earlier attempt of the same create wrote, or None.

        Raises:
            ConflictError: The ID or key belongs to another draft, or the interaction was deleted.
        """
        existing = await self._get_or_none(plan.interaction_id)
        entry = await self._audit_entry(plan.interaction_id)
        if existing is None:
            if entry is None:
                return None
            raise deleted_conflict(plan)
        if self._settings.user_sessions and not is_owned_by(existing.permissions, plan.owner_id):
            raise _id_taken(plan)
        if existing.id != plan.interaction_id or not await self._was_written_from(
            plan, existing, entry
        ):
            raise different_draft_conflict(plan, existing)
        if entry is None and (failure := await self._audit(plan)) is not None:
            raise failure
        return existing

    def _create_failed(self, plan: Plan, conflict: ConflictError) -> ConflictError:
        """Return the error for a create that conflicts with a row that cannot be found."""
        if not self._connection.is_user:
            return conflict
        taken = _id_taken(plan)
        taken.may_have_landed = conflict.may_have_landed
        return taken

    async def _was_written_from(
        self, plan: Plan, existing: CustomerInteraction, entry: AuditEntry | None
    ) -> bool:
        """Return whether an interaction was written from exactly this draft."""
        if entry is not None and entry.action == CREATED_ACTION:
            return entry.fingerprint == fingerprint(plan.write.columns)
        if is_unchanged_draft(plan, existing):
            return True
        for mark in self._draft_marker(plan):
            return await id_exists(self._connection, self._settings.database_id, mark)
        if self._tables.audit is None:
            return may_be_changed_draft(plan, existing)
        first = await first_changes(self._connection, self._tables.audit, [existing.id])
        return was_drafted_as(plan, existing, first.get(existing.id))

    async def undo_create(self, created: CustomerInteraction, *, user_id: str) -> None:
        """Delete an interaction that should not exist; mark its audit row as refused."""
        operations = [Operation("delete", self._tables.interactions.id, created.id)]
        if self._tables.audit is not None:
            refused = refusal_of_create(self._tables.audit.id, created.id, user_id=user_id)
            operations.append(refused)
        await self._commit(operations)

    async def update(self, current: CustomerInteraction, plan: Plan) -> Written:
        """Write a change to an interaction, if it has not changed since it was read.

        Args:
            current: The interaction as it was read.
            plan: The plan of a change.

        Returns:
            What was written. If the interaction already has these values, nothing is written or
            audited: its `updated_at` would not change, and the audit row's ID, which is derived
            from it, would stay in use forever.

        Raises:
            ConflictError: Somebody else was first; it carries the newer interaction.
        """
        if already_has(current, plan.write.columns):
            return Written(current, is_repeat=True)
        if self._is_atomic(plan):
            await self._change_together(current, plan.operations)
            return await self._read_committed(with_columns(current, plan.write.columns))
        changed = await self._update_row(current, plan)
        return Written(changed, failure=await self._audit(plan))

    async def update_and_create(
        self, current: CustomerInteraction, change: Plan, create: Plan
    ) -> tuple[Written, Written]:
        """Write a change and a new interaction in one transaction, whatever the consistency.

        If the new interaction was written before, only the change is written.

        Returns:
            The changed and the new interaction.

        Raises:
            ConflictError: Somebody else was first; it carries the newer interaction. Or the ID or
                key of the new one belongs to another draft.
        """
        if already_has(current, change.write.columns):
            return Written(current, is_repeat=True), await self.create(create)
        with _name_interaction_in_errors(create):
            try:
                await self._change_together(
                    current, [*change.operations, *self._operations(create)]
                )
            except ConflictError:
                settled = await self._find_earlier_write(create)
                if settled is None:
                    raise
                return await self.update(current, change), Written(settled, is_repeat=True)
            changed = with_columns(current, change.write.columns)
            written = [
                await self._read_committed(changed),
                await self._read_committed(_as_drafted(create)),
            ]
        for each in written:
            if each.failure is not None:
                _name_interaction(create, each.failure)
        return written[0], written[1]

    async def delete(self, current: CustomerInteraction, plan: Plan) -> None:
        """Delete an interaction, if it has not changed since it was read.

        With an audit log, this is always done in one transaction, because the audit row is all that
        is left of the interaction.

        Raises:
            ConflictError: Somebody else was first; it carries the newer interaction.
        """
        if plan.audit is not None:
            await self._change_together(current, plan.operations)
            return
        call = wire.delete_row(
            self._tables.interactions, current.id, if_unmodified_since=current.updated_at
        )
        for attempts_left in _COUNTDOWN:  # pragma: no branch - the last attempt ends it
            try:
                await self._connection.send(call)
            except NotFoundError as error:
                if not error.may_have_landed:
                    raise await self._lost_update(current) from error
                return
            except ConflictError as error:
                newer = await self._get_or_none(current.id)
                is_unchanged = newer is not None and newer.updated_at == current.updated_at
                if not (is_unchanged and attempts_left):
                    raise await self._lost_update(current) from error
            else:
                return

    def _is_atomic(self, plan: Plan) -> bool:
        return self._settings.consistency == "atomic" and plan.audit is not None

    async def _change_together(
        self, current: CustomerInteraction, operations: Sequence[Operation]
    ) -> None:
        """Commit a change; the audit row's ID lets only one of two writers succeed."""

        async def is_still_current() -> None:
            newer = await self._get_or_none(current.id)
            if newer is None or newer.updated_at != current.updated_at:
                raise await self._lost_update(current)

        for attempts_left in _COUNTDOWN:  # pragma: no branch - the last attempt ends it
            try:
                await self._commit(operations, before_commit=is_still_current)
            except (ConflictError, NotFoundError) as error:
                newer = await self._get_or_none(current.id)
                if newer is None or newer.updated_at != current.updated_at:
                    raise await self._lost_update(current) from error
                if not attempts_left:
                    raise _rejected_unchanged(current) from error
            else:
                return

    async def _commit(
        self,
        operations: Sequence[Operation],
        *,
        before_commit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        await commit_operations(
            self._connection, self._settings.database_id, operations, before_commit=before_commit
        )

    async def _update_row(self, current: CustomerInteraction, plan: Plan) -> CustomerInteraction:
        call = wire.update_row(
            self._tables.interactions,
            current.id,
            plan.write.columns,
            if_unmodified_since=current.updated_at,
        )
        try:
            return await self._connection.send(call)
        except ConflictError as error:
            with mark_possibly_applied(applied=error.may_have_landed):
                newer = await self._get_or_none(current.id)
            if (
                error.may_have_landed
                and newer is not None
                and already_has(newer, plan.write.columns)
            ):
                return newer
            raise await self._lost_update(current) from error
        except NotFoundError as error:
            raise await self._lost_update(current) from error

    async def _lost_update(self, current: CustomerInteraction) -> ConflictError:
        newer = await self._get_or_none(current.id)
        what = "changed" if newer is not None else "deleted"
        return ConflictError(
            f"Interaction '{current.id}' was {what} by another client after it was read.",
            hint="See `error.current`, and repeat your change if it still applies.",
            current=newer if newer and self._equally_visible(newer, current) else None,
        )

    def _equally_visible(self, newer: CustomerInteraction, current: CustomerInteraction) -> bool:
        """Return whether the newer state of an interaction is visible to the same users."""
        if newer.customer_id != current.customer_id:
            return False
        return not self._settings.user_sessions or newer.permissions == current.permissions

    async def _get_or_none(self, interaction_id: str) -> CustomerInteraction | None:
        return await find_row(self._connection, self._tables.interactions, interaction_id)

    async def _audit_entry(self, interaction_id: str) -> AuditEntry | None:
        if self._tables.audit is None or self._connection.is_user:  # a user cannot read it
            return None
        row_id = audit_row_id(interaction_id, CREATED)
        return await find_row(self._connection, self._tables.audit, row_id)

    async def _delete_second(
        self, plan: Plan, created: CustomerInteraction, entry: AuditEntry
    ) -> None:
        """Delete an interaction whose ID was used before for one that was deleted.

        Raises:
            DeletedError: The ID was used before; the interaction is deleted again.
        """
        if entry.created_at >= created.updated_at:
            return  # reconcile() was faster
        call = wire.delete_row(self._tables.interactions, created.id)
        await self._connection.send(call)
        raise deleted_conflict(plan)

    async def _read_committed(self, committed: CustomerInteraction) -> Written:
        """Read what was committed; if this fails, it stays committed."""
        try:
            interaction = await self._get_or_none(committed.id)
        except InteractionsError as error:
            error.may_have_landed = True
            return Written(committed, is_unread=True, failure=error)
        if interaction is None:
            return Written(committed, is_gone=True)
        return Written(interaction)

    async def _audit(
        self, plan: Plan, *, created: CustomerInteraction | None = None
    ) -> InteractionsError | None:
        """Write the audit row; if this fails, the interaction stays written.

        Args:
            plan: The plan.
            created: The new interaction. If its audit row is older, the ID belonged to a deleted
                interaction, and the new one is deleted again.

        Returns:
            Why the audit row was not written, or None.
        """
        if plan.audit is None or self._tables.audit is None:
            return None
        try:
            entry = await write_audit_row(self._connection, self._tables.audit, plan.audit)
            if created is not None and entry is not None:
                await self._delete_second(plan, created, entry)
            for operation in self._draft_marker(plan):
                await write_audit_row(self._connection, self._tables.audit, operation)
        except DeletedError as error:
            return error
        except InteractionsError as error:
            error.may_have_landed = True
            return error
        return None


def _as_drafted(create: Plan) -> CustomerInteraction:
    return from_draft_row(create.interaction_id, create.write.columns, now=utc_now())


def _rejected_unchanged(current: CustomerInteraction) -> ConflictError:
    """Return the error for a rejected change of an unchanged interaction."""
    in_the_way = audit_row_id(current.id, format_datetime(current.updated_at))
    return ConflictError(
        f"Interaction '{current.id}' has not changed, but Appwrite rejected the update.",
        hint="Retry. If that does not help, delete the audit row "
        f"'{in_the_way}', which blocks this update.",
        current=current,
    )


def _id_taken(plan: Plan) -> ConflictError:
    return ConflictError(
        f"Interaction '{plan.interaction_id}' was not created: the ID belongs to a deleted "
        "interaction, or to one that this customer does not own.",
        type="row_already_exists",
        hint="Use another idempotency_key or id. crm.schema.audit_ownership(), with an API key, "
        "reports forged rows.",
    )


@contextmanager
def _name_interaction_in_errors(create: Plan) -> Generator[None]:
    """Add the ID of the new interaction to errors in the block."""
    try:
        yield
    except InteractionsError as error:
        _name_interaction(create, error)
        raise


def _name_interaction(create: Plan, error: InteractionsError) -> None:
    """Add the ID of the new interaction to an error."""
    error.interaction_id = create.interaction_id
    if error.may_have_landed:
        error.add_note(
            "The interaction may have been created. To be sure, call create() again with "
            f"id={create.interaction_id!r} (or the same idempotency_key)."
        )
