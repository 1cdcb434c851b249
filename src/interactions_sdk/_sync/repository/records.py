# Generated from src/interactions_sdk/_async/repository/records.py by scripts/unasync.py; do not edit.
"""Logging interactions, and reading, changing and deleting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, overload

from interactions_sdk._sync.repository.base import RepositoryBase
from interactions_sdk.models.draft_fields import (
    InteractionChanges,
    InteractionDetails,
    InteractionFields,
    read_draft,
    read_update,
)
from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate
from interactions_sdk.models.enums import ContactMethod, ContactMethodValue, InteractionType
from interactions_sdk.signatures import spell_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from interactions_sdk._sync.writing.bulk import OnError
    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.bulk import BulkResult
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["InteractionRecords"]


class InteractionRecords(RepositoryBase):
    """Logging interactions, and reading, changing and deleting one."""

    @overload
    def create(self, draft: InteractionCreate) -> CustomerInteraction: ...

    @overload
    def create(self, **fields: Unpack[InteractionFields]) -> CustomerInteraction: ...

    @spell_out(InteractionFields)
    def create(self, draft: InteractionCreate | None = None, **fields: Any) -> CustomerInteraction:
        """Log an interaction: the row, its audit row, and the customer's dates.

        The row and its audit row are written together or not at all. If updating the customer's
        dates fails, the create still succeeds; `crm.customers.reconcile()` repairs the dates.

        Args:
            draft: The interaction to log.
            fields: The fields as keywords, instead of a draft; see `InteractionCreate`.

        Returns:
            The interaction as stored.

        Raises:
            ValidationError: The fields break the rules of the schema document.
            BadRequestError: Both a draft and fields were passed, or neither.
            CustomerNotFoundError: The user has no customer record, or an admin named one that
                does not exist.
            OwnershipError: A user named another customer.
            ConflictError: The ID or idempotency key belongs to another draft.
            APIConnectionError: No response after the retries. The error's `interaction_id` makes a
                second attempt safe.

        Example:
            >>> from interactions_sdk import InteractionsClient, InteractionCreate
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.create(interaction_type="call", subject="Intro")
            ...     draft = InteractionCreate(interaction_type="quote", subject="Offer")
            ...     quote = ada.create(draft)
            ...     print(call.subject, quote.subject)
            Intro Offer
        """
        return self._interactions.create(read_draft(draft, fields))

    def create_many(
        self,
        drafts: Iterable[InteractionCreate],
        *,
        on_error: OnError = "stop",
        on_progress: Callable[[int], object] | None = None,
        events: bool = False,
    ) -> BulkResult:
        """Log many interactions, as many as a million, in constant memory.

        Drafts are read from the input as needed, `Settings.bulk_size` at a time, and each chunk is
        written with its audit rows in one transaction. Backdated drafts (`occurred_at`) are written
        a hundred at a time without a transaction, which would lose the date: the interactions
        first, then their audit rows. The dates of each customer are updated once, at the end.

        You can run it again after a crash: drafts with the same `id` or `idempotency_key` are
        found, and none is written twice. If your drafts have neither, generate keys first.

        Args:
            drafts: The interactions to log. If the iterable raises an error, the drafts before it
                are still written, and then the error is raised.
            on_error: `stop` starts no further chunk after a failure (chunks in progress are
                finished, and drafts that were not read are not in the result); `continue`
                continues. Either way, all valid drafts of a chunk are written.
            on_progress: Called after each chunk with the number of drafts processed.
            events: Whether each row raises Appwrite's events, on which realtime, webhooks and
                functions depend. By default, none are raised, because a bulk write in a transaction
                raises none. With events, all drafts are written a hundred at a time.

        Returns:
            The ID or the error of each draft, in input order. See `raise_for_failures`.

        Raises:
            PermissionDeniedError: The acting user is not an admin, or the key may not read users.
            UserNotFoundError: The acting user does not exist.
            BadRequestError: `on_error` is not `stop` or `continue`.

        Example:
            >>> from interactions_sdk import InteractionsClient, InteractionCreate
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     drafts = (
            ...         InteractionCreate(interaction_type="call", idempotency_key=f"old-{number}")
            ...         for number in range(1000)
            ...     )
            ...     result = crm.as_user("ada").create_many(drafts)
            ...     result.raise_for_failures()
            ...     print(len(result.ids))
            1000
        """
        return self._bulk.create_many(
            drafts, on_error=on_error, on_progress=on_progress, events=events
        )

    @spell_out(InteractionDetails)
    def log_call(
        self,
        subject: str,
        *,
        description: str | None = None,
        contact_method: ContactMethodValue = ContactMethod.PHONE,
        **details: Unpack[InteractionDetails],
    ) -> CustomerInteraction:
        """Log a phone call. For a call without an answer, pass `outcome="no_answer"`.

        Args:
            subject: A short title, at most 200 characters.
            description: What was said, at most 5,000 characters.
            contact_method: The contact method.
            details: The other fields of `InteractionCreate`.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     call = crm.as_user("ada").log_call("Renewal", outcome="voicemail")
            ...     print(call.outcome)
            voicemail
        """
        return self._log(InteractionType.CALL, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    def log_email(
        self,
        subject: str,
        *,
        description: str | None = None,
        contact_method: ContactMethodValue = ContactMethod.EMAIL,
        **details: Unpack[InteractionDetails],
    ) -> CustomerInteraction:
        """Log an email. For a received email, pass `direction="inbound"`.

        Args:
            subject: The subject, at most 200 characters.
            description: The text, at most 5,000 characters.
            contact_method: The contact method.
            details: The other fields of `InteractionCreate`.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     email = crm.as_user("ada").log_email("Offer", direction="inbound")
            ...     print(email.direction)
            inbound
        """
        return self._log(InteractionType.EMAIL, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    def log_meeting(
        self,
        subject: str,
        description: str,
        *,
        contact_method: ContactMethodValue = ContactMethod.IN_PERSON,
        **details: Unpack[InteractionDetails],
    ) -> CustomerInteraction:
        """Log a meeting.

        Args:
            subject: A short title, at most 200 characters.
            description: What was discussed, at most 5,000 characters.
            contact_method: The contact method.
            details: The other fields of `InteractionCreate`.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     meeting = repo.log_meeting("Kick-off", "Goals and dates.", duration=45)
            ...     print(meeting.duration)
            45
        """
        return self._log(InteractionType.MEETING, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    def log_note(
        self,
        description: str,
        *,
        subject: str | None = None,
        contact_method: ContactMethodValue | None = None,
        **details: Unpack[InteractionDetails],
    ) -> CustomerInteraction:
        """Log a note.

        Args:
            description: The note, at most 5,000 characters.
            subject: A short title, at most 200 characters.
            contact_method: The contact method, if any.
            details: The other fields of `InteractionCreate`.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     note = crm.as_user("ada").log_note("Prefers email.")
            ...     print(note.interaction_type)
            note
        """
        return self._log(InteractionType.NOTE, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    def log_task(
        self,
        subject: str,
        *,
        description: str | None = None,
        contact_method: ContactMethodValue | None = None,
        **details: Unpack[InteractionDetails],
    ) -> CustomerInteraction:
        """Log a task, usually with a `next_action_date`.

        Args:
            subject: The task, at most 200 characters.
            description: Details, at most 5,000 characters.
            contact_method: The contact method, if any.
            details: The other fields of `InteractionCreate`.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = crm.as_user("ada").log_task("Send it", next_action_date=tomorrow)
            ...     print(task.is_open_follow_up)
            True
        """
        return self._log(InteractionType.TASK, subject, description, contact_method, details)

    def _log(
        self,
        interaction_type: InteractionType,
        subject: str | None,
        description: str | None,
        contact_method: str | None,
        details: InteractionDetails,
    ) -> CustomerInteraction:
        draft = InteractionCreate.model_validate(
            {
                "interaction_type": interaction_type,
                "subject": subject,
                "description": description,
                "contact_method": contact_method,
                **details,
            }
        )
        return self.create(draft)

    def get(self, id: str) -> CustomerInteraction:
        """Return one interaction.

        Args:
            id: The ID of the interaction.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer; the message is that of a missing
                interaction.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.log_call("Renewal")
            ...     print((ada.get(call.id)).subject)
            Renewal
        """
        return self._interactions.get(id)

    @overload
    def update(
        self, id: str, update: InteractionUpdate, *, if_unchanged_since: TimeLike | None = None
    ) -> CustomerInteraction: ...

    @overload
    def update(
        self,
        id: str,
        *,
        if_unchanged_since: TimeLike | None = None,
        **changes: Unpack[InteractionChanges],
    ) -> CustomerInteraction: ...

    @spell_out(InteractionChanges)
    def update(
        self,
        id: str,
        update: InteractionUpdate | None = None,
        *,
        if_unchanged_since: TimeLike | None = None,
        **changes: Any,
    ) -> CustomerInteraction:
        """Update an interaction. Concurrent updates raise `ConflictError`.

        Args:
            id: The ID of the interaction.
            update: The change; only fields that are set are sent, and None clears a column.
            changes: The fields as keywords, instead of an update; see `InteractionUpdate`.
            if_unchanged_since: The `updated_at` on which the change is based; a newer state is a
                conflict.

        Returns:
            The interaction as it is now stored.

        Raises:
            ConflictError: Someone else has changed it; `error.current` is the newer interaction.
            ValidationError: The interaction would break the rules of the schema document.
            BadRequestError: Both an update and changes were passed.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     call = repo.log_call("Renewal")
            ...     call = repo.update(call.id, outcome="successful", next_action=None)
            ...     print(call.outcome)
            successful
        """
        return self._interactions.update_fields(
            id, read_update(update, changes), if_unchanged_since
        )

    def delete(self, id: str) -> None:
        """Delete an interaction. The customer's `lastContactAt` does not change.

        If a deletion fails with `may_have_landed`, repeat it: if it was applied, the customer's
        dates are updated, and the error says that the interaction was already deleted.

        Args:
            id: The ID of the interaction.

        Raises:
            InteractionNotFoundError: No interaction has this ID, or it was already deleted.
            OwnershipError: It belongs to another customer; the message is that of a missing
                interaction.
            ConflictError: Someone else has changed it.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.log_call("Renewal")
            ...     ada.delete(call.id)
            ...     print(ada.count())
            0
        """
        self._interactions.delete(id)

    def history(self, id: str) -> list[AuditEntry]:
        """Return what was done to an interaction, by whom and when, oldest first.

        `entry.changes` are the fields that an update set, with their values before and after. The
        entry of the create has no changes: a field's original value is the `before` of its first
        change, or its current value.

        An admin also gets refused attempts, and the history of interactions that were deleted. A
        self-service user gets the history of their own existing interactions, without attempts by
        others. This needs a client with an API key, because users cannot read the audit log.

        Args:
            id: The ID of the interaction.

        Raises:
            InteractionNotFoundError: No interaction has this ID or, for admins, ever had it.
            OwnershipError: It belongs to another customer; the message is that of a missing
                interaction.
            ConfigurationError: `Settings.audit_table` is None, or the client is authenticated as a
                user who is not an admin.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     call = repo.log_call("Renewal")
            ...     call = repo.update(call.id, outcome="busy")
            ...     for entry in repo.history(call.id):
            ...         print(entry.user_id, entry.action, *entry.changes)
            ada interaction.created
            ada interaction.updated outcome: nothing -> busy
        """
        return self._audit.history(id, self._access, read=self._interactions.get)
