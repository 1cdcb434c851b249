"""The repository: the interactions that an acting user can see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

from interactions_sdk._async.reader import AsyncInteractionReader
from interactions_sdk.arguments import check_integer, check_type
from interactions_sdk.caching import check_max_age
from interactions_sdk.calendars import get_timezone, parse_time
from interactions_sdk.datetimes import MIN_DATETIME, utc_now
from interactions_sdk.errors import ConflictError, FileAccessError, file_errors
from interactions_sdk.filters import ChangeFilters, InteractionFilters, parse_filters
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.draft_fields import (
    InteractionChanges,
    InteractionDetails,
    InteractionFields,
    read_draft,
    read_update,
)
from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate, validate_update
from interactions_sdk.models.enums import (
    ContactMethod,
    ContactMethodValue,
    InteractionType,
)
from interactions_sdk.paging import pending_page
from interactions_sdk.rules.interactions import changed_columns
from interactions_sdk.rules.recurrence import recurrence_columns
from interactions_sdk.signatures import spell_out
from interactions_sdk.transport.retry import waiting_out_outages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.access.customers import AsyncCustomerStore
    from interactions_sdk._async.attachments import AsyncAttachments
    from interactions_sdk._async.audit_reader import AsyncAuditReader
    from interactions_sdk._async.connection.project import AsyncProject
    from interactions_sdk._async.follow_ups import AsyncFollowUps
    from interactions_sdk._async.privacy import AsyncPrivacy, ErasureMode
    from interactions_sdk._async.transfer.archiving import AsyncArchiver
    from interactions_sdk._async.transfer.importing import AsyncImporter
    from interactions_sdk._async.transfer.sources import AsyncSourceImporter
    from interactions_sdk._async.watching.watch import AsyncWatch
    from interactions_sdk._async.writing.bulk import AsyncBulk, OnError
    from interactions_sdk._async.writing.customer_dates import AsyncCustomerDates
    from interactions_sdk._async.writing.interactions import AsyncInteractionService
    from interactions_sdk.calendars import TimeLike, TimeZone
    from interactions_sdk.filters import OneOrMany
    from interactions_sdk.integrations.crm_exports import Preset
    from interactions_sdk.integrations.mail import MailKind
    from interactions_sdk.models.attachment import Attachment
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.bulk import BulkResult
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.models.page import AsyncPage
    from interactions_sdk.timeline import EntityUrl, Timeline
    from interactions_sdk.transfer.converters import ColumnMapping
    from interactions_sdk.transfer.files import OpenFile
    from interactions_sdk.transfer.results import (
        ArchiveResult,
        ErasureResult,
        ImportReport,
        RestoreResult,
    )
    from interactions_sdk.transfer.sources import SourceReport

__all__ = ["AsyncInteractionRepository"]


_MAX_DAYS = 365_000
"""Days before now that are still within the calendar."""


class AsyncInteractionRepository:
    """The interactions that an acting user can see: `crm.as_user("ada")`, `crm.as_admin("root")`.

    Attributes:
        follow_ups: The open follow-ups.
    """

    def __init__(
        self,
        project: AsyncProject,
        *,
        access: AsyncAccess,
        customers: AsyncCustomerStore,
        dates: AsyncCustomerDates,
        records: AsyncInteractionService,
        audit: AsyncAuditReader,
        follow_ups: AsyncFollowUps,
    ) -> None:
        self._project = project
        self._connection = project.connection
        self._access = access
        self._reader = AsyncInteractionReader(project, access=access)
        self._customers = customers
        self._dates = dates
        self._interactions = records
        self._audit = audit
        self.follow_ups = follow_ups

    # What few programs use is loaded when it is used: together it takes as long as all the rest.

    @cached_property
    def _bulk(self) -> AsyncBulk:
        from interactions_sdk._async.writing.bulk import AsyncBulk  # noqa: PLC0415 - see above

        return AsyncBulk(
            self._project, access=self._access, customers=self._customers, dates=self._dates
        )

    @cached_property
    def _importing(self) -> AsyncImporter:
        from interactions_sdk._async.transfer.importing import AsyncImporter  # noqa: PLC0415 - see above

        return AsyncImporter(self._project, access=self._access, bulk=self._bulk)

    @cached_property
    def _source_importing(self) -> AsyncSourceImporter:
        from interactions_sdk._async.transfer.sources import (  # noqa: PLC0415 - see above
            AsyncSourceImporter,
        )

        return AsyncSourceImporter(
            self._project,
            access=self._access,
            bulk=self._bulk,
            attach=self._attachments.attach,
            get=self.get,
            update=self.update,
        )

    @cached_property
    def _attachments(self) -> AsyncAttachments:
        from interactions_sdk._async.attachments import (  # noqa: PLC0415 - see above
            AsyncAttachments,
        )

        return AsyncAttachments(self._project, records=self._interactions)

    @cached_property
    def _privacy(self) -> AsyncPrivacy:
        from interactions_sdk._async.privacy import AsyncPrivacy  # noqa: PLC0415 - see above

        return AsyncPrivacy(self._project, access=self._access, customers=self._customers)

    @cached_property
    def _archiving(self) -> AsyncArchiver:
        from interactions_sdk._async.transfer.archiving import AsyncArchiver  # noqa: PLC0415 - see above

        return AsyncArchiver(self._project, access=self._access)

    def __repr__(self) -> str:
        who = repr(self._access.user_id) if self._access.user_id else "the signed-in user"
        return f"<{type(self).__name__} of {who}>"

    @overload
    async def create(self, draft: InteractionCreate) -> CustomerInteraction: ...

    @overload
    async def create(self, **fields: Unpack[InteractionFields]) -> CustomerInteraction: ...

    @spell_out(InteractionFields)
    async def create(
        self, draft: InteractionCreate | None = None, **fields: Any
    ) -> CustomerInteraction:
        """Log an interaction: the row, its audit row, and the customer's dates.

        Row and audit row are written together or not at all. If moving the customer's dates finally
        fails, the create still succeeds; `crm.customers.reconcile()` repairs them.

        Args:
            draft: The interaction to log.
            fields: Instead of a draft, the fields of one as keywords; see `InteractionCreate`.

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
                second try safe.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, InteractionCreate
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.create(interaction_type="call", subject="Intro")
            ...     draft = InteractionCreate(interaction_type="quote", subject="Offer")
            ...     quote = await ada.create(draft)
            ...     print(call.subject, quote.subject)
            Intro Offer
        """
        return await self._interactions.create(read_draft(draft, fields))

    async def create_many(
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
        a hundred at a time without a transaction, which would lose the date: interactions first,
        then their audit rows. The dates of each customer are updated once, at the end.

        It can be run again after a crash: drafts with the same `id` or `idempotency_key` are found,
        and none is written twice. If your drafts have neither, generate keys first.

        Args:
            drafts: The interactions to log. If the iterable raises, what came before is still
                written, and then the error is raised.
            on_error: `stop` starts no further chunk after a failure (chunks in progress are
                finished, and drafts that were not read are not in the result); `continue`
                continues. Either way, all valid drafts of a chunk are written.
            on_progress: Called after each chunk with the number of drafts processed.
            events: Whether each row raises Appwrite's events, which realtime, webhooks and
                functions depend on. The default is no, because a bulk write in a transaction raises
                none. With events, all drafts are written a hundred at a time.

        Returns:
            The ID or the error of each draft, in input order. See `raise_for_failures`.

        Raises:
            PermissionDeniedError: The acting user is not an admin, or the key may not read users.
            UserNotFoundError: The acting user does not exist.
            BadRequestError: `on_error` is not `stop` or `continue`.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, InteractionCreate
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     drafts = (
            ...         InteractionCreate(interaction_type="call", idempotency_key=f"old-{number}")
            ...         for number in range(1000)
            ...     )
            ...     result = await crm.as_user("ada").create_many(drafts)
            ...     result.raise_for_failures()
            ...     print(len(result.ids))
            1000
        """
        self._connection.require_api_key("create_many")
        return await self._bulk.create_many(
            drafts, on_error=on_error, on_progress=on_progress, events=events
        )

    @spell_out(InteractionDetails)
    async def log_call(
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
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal", outcome="voicemail")
            ...     print(call.outcome)
            voicemail
        """
        return await self._log(InteractionType.CALL, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    async def log_email(
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
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     email = await crm.as_user("ada").log_email("Offer", direction="inbound")
            ...     print(email.direction)
            inbound
        """
        return await self._log(InteractionType.EMAIL, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    async def log_meeting(
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
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     meeting = await repo.log_meeting("Kick-off", "Goals and dates.", duration=45)
            ...     print(meeting.duration)
            45
        """
        return await self._log(
            InteractionType.MEETING, subject, description, contact_method, details
        )

    @spell_out(InteractionDetails)
    async def log_note(
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
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     note = await crm.as_user("ada").log_note("Prefers email.")
            ...     print(note.interaction_type)
            note
        """
        return await self._log(InteractionType.NOTE, subject, description, contact_method, details)

    @spell_out(InteractionDetails)
    async def log_task(
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
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     tomorrow = datetime.now(UTC) + timedelta(days=1)
            ...     task = await crm.as_user("ada").log_task("Send it", next_action_date=tomorrow)
            ...     print(task.is_open_follow_up)
            True
        """
        return await self._log(InteractionType.TASK, subject, description, contact_method, details)

    async def _log(
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
        return await self.create(draft)

    async def get(self, id: str) -> CustomerInteraction:
        """Return one interaction.

        Args:
            id: The ID of the interaction.

        Raises:
            InteractionNotFoundError: No interaction has this ID.
            OwnershipError: It belongs to another customer; the message is that of a missing
                interaction.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     print((await ada.get(call.id)).subject)
            Renewal
        """
        return await self._interactions.get(id)

    @overload
    async def update(
        self, id: str, update: InteractionUpdate, *, if_unchanged_since: TimeLike | None = None
    ) -> CustomerInteraction: ...

    @overload
    async def update(
        self,
        id: str,
        *,
        if_unchanged_since: TimeLike | None = None,
        **changes: Unpack[InteractionChanges],
    ) -> CustomerInteraction: ...

    @spell_out(InteractionChanges)
    async def update(
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
            update: What to change; only what is set is sent, and None clears a column.
            changes: Instead of an update, its fields as keywords; see `InteractionUpdate`.
            if_unchanged_since: The `updated_at` that the change is based on; a newer state is a
                conflict.

        Returns:
            The interaction as it is now stored.

        Raises:
            ConflictError: Someone else has changed it; `error.current` is the newer interaction.
            ValidationError: The interaction would break the rules of the schema document.
            BadRequestError: Both an update and changes were passed.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     call = await repo.log_call("Renewal")
            ...     call = await repo.update(call.id, outcome="successful", next_action=None)
            ...     print(call.outcome)
            successful
        """
        update = read_update(update, changes)
        if if_unchanged_since is not None:
            if_unchanged_since = parse_time(
                if_unchanged_since, "if_unchanged_since", self._project.settings.time_zone
            )
        current = await self._interactions.get_for_update(id, "update")
        if if_unchanged_since is not None and current.updated_at != if_unchanged_since:
            raise ConflictError(
                f"Interaction '{id}' was changed since {if_unchanged_since.isoformat()}.",
                hint="See `error.current`, and repeat your change if it still applies.",
                current=current,
            )
        validate_update(current, update)
        columns = changed_columns(update)
        columns |= recurrence_columns(self._project.settings, current, update)
        if not columns:
            return current
        return await self._interactions.update(current, columns, action="interaction.updated")

    async def delete(self, id: str) -> None:
        """Delete an interaction. The customer's `lastContactAt` does not change.

        If a deletion fails with `may_have_landed`, repeat it: where it was carried out, the
        customer's dates are brought up to date, and the error says that it was already deleted.

        Args:
            id: The ID of the interaction.

        Raises:
            InteractionNotFoundError: No interaction has this ID, or it was already deleted.
            OwnershipError: It belongs to another customer; the message is that of a missing
                interaction.
            ConflictError: Someone else has changed it.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     await ada.delete(call.id)
            ...     print(await ada.count())
            0
        """
        current = await self._interactions.get_for_deletion(id)
        await self._interactions.delete(current)

    async def history(self, id: str) -> list[AuditEntry]:
        """Return what was done to an interaction, by whom and when, oldest first.

        `entry.changes` are the fields that an update set, with their values before and after. The
        create has none: its values are today's, or the `before` of the first change.

        An admin also gets refused attempts, and the history of interactions that were deleted. A
        self-service user gets the history of its own interactions that exist, without attempts of
        others. That needs a client with an API key, because users cannot read the audit log.

        Args:
            id: The ID of the interaction.

        Raises:
            InteractionNotFoundError: No interaction has this ID, and for admins none had.
            OwnershipError: It belongs to another customer; the message is that of a missing
                interaction.
            ConfigurationError: `Settings.audit_table` is None, or the client is authenticated as a
                user who is not an admin.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     call = await repo.log_call("Renewal")
            ...     call = await repo.update(call.id, outcome="busy")
            ...     for entry in await repo.history(call.id):
            ...         print(entry.user_id, entry.action, *entry.changes)
            ada interaction.created
            ada interaction.updated outcome: nothing -> busy
        """
        validate_id(id, "interaction id")
        await self._access.verify()
        if not self._access.is_admin:
            await self._interactions.get(id)
        entries = await self._audit.history(id, self._access)
        if not entries:
            await self._interactions.get(id)
        return entries

    @pending_page
    @spell_out(InteractionFilters, default=None)
    async def find(
        self,
        *,
        limit: int = 50,
        after: str | None = None,
        newest_first: bool = True,
        with_total: bool = False,
        max_age: timedelta | None = None,
        include_unverified: bool = False,
        **filters: Unpack[InteractionFilters],
    ) -> AsyncPage[CustomerInteraction]:
        """Return a page of interactions. Filters take one value or several.

        A loop over the page, or over the call itself, goes on with the pages that follow and reads
        them as they are reached; `page.items`, `len(page)` and `page[0]` are about this one.

        Args:
            limit: Interactions per page, 1 to 5,000.
            after: The `next_cursor` of the previous page, with the same filters and order.
            newest_first: Whether the latest comes first.
            with_total: Whether to count all matching interactions as well.
            max_age: The age up to which a cached result is accepted, 1 second to 24 hours; None
                does not use a cache. Results about a single customer come from this client's cache
                (`crm.read_cache`), which keeps them for up to `cache_ttl` seconds and drops them
                when this client writes to the customer. Results about several customers come from
                Appwrite's list cache, which no write clears (older servers have none).
            include_unverified: Whether an admin also gets rows that do not belong to the customer
                that they name, as `UnverifiedInteraction`; see `Settings.user_sessions`.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The interactions ordered by `created_at`, and the cursor of the next page.

        Raises:
            BadRequestError: The limit, the age or the cursor is wrong, or a time has no zone.
            OwnershipError: A user requested another customer's interactions.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     repo = crm.as_user("ada")
            ...     call = await repo.log_call("Renewal", outcome="busy")
            ...     page = await repo.find(interaction_type="call", outcome=["busy", "no_answer"])
            ...     print(len(page), page[0].subject, page.has_more)
            ...     async for interaction in repo.find(interaction_type="call"):
            ...         print(interaction.subject)
            1 Renewal False
            Renewal
        """
        return await self._reader.find(
            filters,
            limit=limit,
            after=after,
            newest_first=newest_first,
            with_total=with_total,
            max_age=max_age,
            include_unverified=include_unverified,
        )

    @spell_out(InteractionFilters, default=None)
    async def iterate(
        self,
        *,
        newest_first: bool = True,
        include_unverified: bool = False,
        **filters: Unpack[InteractionFilters],
    ) -> AsyncIterator[CustomerInteraction]:
        """Yield all interactions, page by page. Nothing is skipped while others write or delete.

        Args:
            newest_first: Whether the latest comes first.
            include_unverified: Whether an admin also gets rows that do not belong to the customer
                that they name, as `UnverifiedInteraction`; see `Settings.user_sessions`.
            filters: Which interactions to include; see `InteractionFilters`.

        Raises:
            BadRequestError: A filter is wrong, or `include_unverified` is not for this user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal", outcome="busy")
            ...     async for interaction in ada.iterate(outcome=["busy", "no_answer"]):
            ...         print(interaction.subject)
            Renewal
        """
        pages = self._reader.pages(
            filters, newest_first=newest_first, include_unverified=include_unverified
        )
        async for page in pages:
            for interaction in page:
                yield interaction

    @spell_out(InteractionFilters, default=None)
    async def count(
        self, *, include_unverified: bool = False, **filters: Unpack[InteractionFilters]
    ) -> int:
        """Return the exact number of interactions, also beyond Appwrite's limit of 5,000.

        Args:
            include_unverified: As in `find`; the difference is what reads ignore.
            filters: Which interactions to include; see `InteractionFilters`.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     print(await ada.count(interaction_type="call"))
            1
        """
        return await self._reader.count(filters, include_unverified=include_unverified)

    @pending_page
    async def recent(
        self,
        days: int = 7,
        limit: int = 100,
        *,
        customer_id: OneOrMany | None = None,
        max_age: timedelta | None = None,
    ) -> AsyncPage[CustomerInteraction]:
        """Return a page of the interactions of the last days, newest first; see `find`.

        Args:
            days: Number of days of 24 hours.
            limit: Interactions per page, 1 to 5,000.
            customer_id: Only those of this customer, or these.
            max_age: The age up to which a cached result is accepted; see `find`. The start of the
                days is then rounded to a multiple of it, so that repeated calls can share a result.

        Example:
            >>> from datetime import timedelta
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     page = await ada.recent(max_age=timedelta(seconds=30))
            ...     page = await ada.recent(max_age=timedelta(seconds=30))
            ...     print(crm.read_cache.hits, crm.read_cache.misses)
            1 1
        """
        check_max_age(max_age)
        check_integer(days, "days", minimum=1, maximum=_MAX_DAYS)
        since = utc_now() - timedelta(days=days)
        if max_age is not None:
            since -= (since - MIN_DATETIME) % max_age
        return await self.find(since=since, limit=limit, customer_id=customer_id, max_age=max_age)

    async def timeline(
        self,
        customer_id: OneOrMany | None = None,
        *,
        interaction_type: OneOrMany | None = None,
        user_id: OneOrMany | None = None,
        related_entity: str | tuple[str, str] | None = None,
        text: str | None = None,
        since: TimeLike | None = None,
        until: TimeLike | None = None,
        limit: int = 200,
        tz: TimeZone | None = None,
        entity_url: EntityUrl | None = None,
    ) -> Timeline:
        """Return interactions of all types, newest first, grouped by day.

        Args:
            customer_id: The customer or customers (default: a user's own, or for an admin all).
            interaction_type: Only this type, or these.
            user_id: Only interactions logged by this user, or these users.
            related_entity: Only interactions about this type, or this type and ID.
            text: Only interactions that contain this text.
            since: The earliest `created_at`, aware, inclusive.
            until: The latest `created_at`, aware, exclusive.
            limit: How many interactions at most, 1 to 5,000; `is_truncated` says whether
                there are more.
            tz: The time zone of the days, such as `Europe/Zurich` (default: `Settings.time_zone`).
            entity_url: The URL of related entities: `https://erp.example/{type}/{id}`, or a
                function of type and ID. Only http, https and relative addresses become links.

        Raises:
            BadRequestError: The zone is unknown, or an argument is invalid.
            OwnershipError: A user requested another customer's interactions.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     timeline = await ada.timeline(tz="Europe/Zurich")
            ...     for day in timeline.days:
            ...         print([interaction.subject for interaction in day.interactions])
            ['Renewal']
        """
        from interactions_sdk.timeline.timeline import (  # noqa: PLC0415 - see above
            Timeline,
            validate_entity_url,
        )

        shown_in = get_timezone(tz or self._project.settings.time_zone)
        validate_entity_url(entity_url)
        page = await self.find(
            customer_id=customer_id,
            interaction_type=interaction_type,
            user_id=user_id,
            related_entity=related_entity,
            text=text,
            since=since,
            until=until,
            limit=limit,
        )
        names = await self._names_of(page.items)
        return Timeline(page.items, shown_in, page.next_cursor is not None, entity_url, names)

    @spell_out(ChangeFilters, default=None)
    def watch(
        self,
        *,
        since: TimeLike | None = None,
        interval: float = 1.0,
        realtime: bool | None = None,
        **filters: Unpack[ChangeFilters],
    ) -> AsyncWatch:
        """Watch interactions as they are created, updated and deleted.

        It polls, which works everywhere. If the acting user can be authenticated on Appwrite's
        websocket (extra `realtime`; with the client's own session or JWT, or with a key that has
        the scope `users.write`), changes arrive within milliseconds, and polling only catches up:
        after each reconnect, and every 30 seconds. Otherwise the reason is logged once.

        Changes of one interaction arrive in order, and never twice within a run. The watch
        continues after network failures. A change after which an interaction no longer matches is
        not reported.

        Deletions are found through the audit log. Without one (`audit_table=None`), and for
        deletions by other programs, only the websocket reports them. Restored interactions keep
        their times and are not reported.

        Args:
            since: Where to start: a time (aware; by the server's clock, inclusive), or the `cursor`
                of a change of an earlier run, with the same filters. Changes since then are
                reported first, at least once: after a cursor, the changes of its last seconds may
                be repeated; `interaction.id` and `at` identify them. None starts now.
            interval: Polling interval in seconds while there are changes, more than 0. Without
                changes it grows to up to five times that (with the websocket to 30 seconds).
            realtime: Whether to use the websocket. None uses it if possible; True also logs a
                warning if it is not.
            filters: Which interactions to watch; see `ChangeFilters`. Less is known about deleted
                ones: they are reported unless what is known rules them out.

        Returns:
            An iterator of changes, which `stop()` ends from anywhere; see `AsyncWatch`.

        Raises:
            BadRequestError: The time has no zone, the cursor is invalid or belongs to other
                filters, or the interval is not positive.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     async with ada.watch(interval=0.1, interaction_type="call") as changes:
            ...         call = await ada.log_call("Renewal")
            ...         change = await anext(changes)
            ...     print(change.kind, change.interaction.subject)
            created Renewal
        """
        from interactions_sdk._async.watching.watch import start_watch  # noqa: PLC0415 - see above

        return start_watch(
            self._project,
            access=self._access,
            asked=parse_filters(filters, tz=self._project.settings.time_zone),
            since=since,
            interval=interval,
            realtime=realtime,
        )

    async def import_csv(
        self,
        path: str | Path,
        columns: ColumnMapping | None = None,
        *,
        preset: Preset | None = None,
        mapping: str | Path | None = None,
        dry_run: bool = False,
        rejects: str | Path | None = None,
        on_progress: Callable[[int], object] | None = None,
        tz: TimeZone | None = None,
        delimiter: str = ",",
        encoding: str = "utf-8-sig",
        source: str | None = None,
        limit: int | None = None,
        resume: str | Path | None = None,
        events: bool = False,
    ) -> ImportReport:
        r"""Log the lines of a CSV file, as many as a million, in constant memory.

        A line that is wrong is left out, listed in the report and written to `rejects`; the others
        are written. It can be run again after a crash, since each line has its own key, made from
        the name of the file, its number and its content: what is written already is found, and not
        written twice.

        Where the mapping has `transfer.dates`, the file is read twice: first for the formats of its
        dates, which all values of a column decide. A file that can be read only once, such as a
        pipe, is copied to a temporary file for that.

        Args:
            path: The file, with a header. A first line `sep=;` sets the delimiter.
            columns: For each field of `InteractionCreate` a column, a converter of
                `interactions_sdk.transfer`, or your own function. If not given, the columns have
                the names of the fields, and texts the form that `export_csv` gives them.
            preset: The system that exported the file: `"hubspot"`, `"salesforce"`, `"pipedrive"`,
                `"zoho"`, `"espocrm"`, or `"auto"` to recognize it by its header. Fields that are
                also in `columns` are read as given there.
            mapping: With `preset`, a CSV file that says which customer and which user a name stands
                for; a dry run writes it, for the IDs to be filled in. If not given, it is named
                like the file, with `.mapping.csv` at the end.
            dry_run: Whether to read and check only, and write nothing.
            rejects: A file for rejected lines, with the same columns, and `line` and `reason`, to
                be fixed and imported with the same `columns`. It is overwritten.
            on_progress: Called from time to time with the number of lines processed.
            tz: The zone of dates that name none, such as `Europe/Berlin`. A due date without a
                time is the end of its day there.
            delimiter: The character between two fields.
            encoding: The file's encoding, such as `cp1252`.
            source: What the lines' keys begin with, instead of the name of the file. Files of one
                name that come every week need one each.
            limit: How many lines are read at most, 1 or more; not given, all.
            resume: A file that notes how far the import got, every 5,000 lines. Where it exists,
                the import goes on behind them; at the end it is removed. Without it, lines that
                are written already are found one hundred at a time.
            events: Whether each row is to raise Appwrite's events; see `create_many`.

        Returns:
            How many lines are new interactions, were there already, were there and changed since,
            and were refused; and which formats the dates have.

        Raises:
            BadRequestError: The file has no such columns or no header, an argument is wrong, or
                the values of a date column leave open how they are read.
            APIConnectionError: The server does not answer; run it again.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient, transfer
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     with TemporaryDirectory() as folder:
            ...         file = Path(folder, "calls.csv")
            ...         written = file.write_text("topic,seconds\nRenewal,90\nOffer,long\n")
            ...         report = await crm.as_user("ada").import_csv(
            ...             file,
            ...             {
            ...                 "interaction_type": transfer.constant("call"),
            ...                 "subject": "topic",
            ...                 "duration": transfer.minutes("seconds"),
            ...             },
            ...         )
            ...     print(report.new, *report.rejected)
            1 line 3: duration: 'long' is not a number of seconds
        """
        from interactions_sdk._async.transfer.importing import (  # noqa: PLC0415 - see above
            ImportOptions,
        )

        self._connection.require_api_key("import")
        options = ImportOptions(
            dry_run=dry_run,
            rejects=rejects,
            on_progress=on_progress,
            tz=tz,
            source=source,
            limit=limit,
            resume=resume,
            events=events,
        )
        with file_errors(path):
            if preset is None:
                return await self._importing.import_csv(
                    path, columns, options, delimiter=delimiter, encoding=encoding
                )
            from interactions_sdk.integrations.crm_exports import CrmExport  # noqa: PLC0415 - see above
            from interactions_sdk.transfer.input_files import csv_input  # noqa: PLC0415 - the same

            opened = csv_input(path, delimiter=delimiter, encoding=encoding)
            export = CrmExport.open(preset, path, mapping, opened)
            report = await self._importing.import_csv(
                path,
                {**export.columns, **(columns or {})},
                options,
                delimiter=delimiter,
                encoding=encoding,
            )
            return export.finish(report)

    async def import_jsonl(
        self,
        path: str | Path,
        columns: ColumnMapping | None = None,
        *,
        preset: Preset | None = None,
        mapping: str | Path | None = None,
        dry_run: bool = False,
        rejects: str | Path | None = None,
        on_progress: Callable[[int], object] | None = None,
        tz: TimeZone | None = None,
        encoding: str = "utf-8-sig",
        source: str | None = None,
        limit: int | None = None,
        resume: str | Path | None = None,
        events: bool = False,
    ) -> ImportReport:
        """Log the lines of a JSON Lines file, one object per line; otherwise like `import_csv`.

        A number in a text field keeps the form it is written in; `NaN`, `Infinity`, lists and
        objects there are rejected.

        Args:
            path: The file.
            columns: For each field of `InteractionCreate` a key of the objects, a converter, or a
                function. If not given, the keys are those that `export_jsonl` writes.
            preset: `"close"`, for the JSON export of Close: an array of leads.
            mapping: With `preset`, the mapping file; see `import_csv`.
            dry_run: Whether to read and check only.
            rejects: A file for rejected lines; a line that is not an object is written as it is.
            on_progress: Called from time to time with the number of lines processed.
            tz: The zone of dates that name none.
            encoding: The file's encoding.
            source: What the lines' keys begin with, instead of the name of the file.
            limit: How many lines are read at most, 1 or more; not given, all.
            resume: A file that notes how far the import got; see `import_csv`.
            events: Whether each row is to raise Appwrite's events.

        Returns:
            As `import_csv`.

        Example:
            See `export_jsonl`.
        """
        from interactions_sdk._async.transfer.importing import (  # noqa: PLC0415 - see above
            ImportOptions,
        )

        self._connection.require_api_key("import")
        options = ImportOptions(
            dry_run=dry_run,
            rejects=rejects,
            on_progress=on_progress,
            tz=tz,
            source=source or Path(path).name,
            limit=limit,
            resume=resume,
            events=events,
        )
        with file_errors(path):
            if preset is None:
                return await self._importing.import_jsonl(path, columns, options, encoding=encoding)
            from interactions_sdk.integrations.crm_exports import (  # noqa: PLC0415 - see above
                CLOSE_COLUMNS,
                CrmExport,
                flatten_close,
            )

            with flatten_close(path, encoding) as (file, left_out):
                export = CrmExport(preset, CLOSE_COLUMNS, mapping or f"{path}.mapping.csv")
                report = await self._importing.import_jsonl(
                    file, {**export.columns, **(columns or {})}, options, encoding="utf-8"
                )
            return replace(export.finish(report), left_out=left_out)

    async def import_xlsx(
        self,
        path: str | Path,
        columns: ColumnMapping | None = None,
        *,
        preset: Preset | None = None,
        mapping: str | Path | None = None,
        sheet: str | int = 0,
        dry_run: bool = False,
        rejects: str | Path | None = None,
        on_progress: Callable[[int], object] | None = None,
        tz: TimeZone | None = None,
        source: str | None = None,
        limit: int | None = None,
        resume: str | Path | None = None,
        events: bool = False,
    ) -> ImportReport:
        """Log the rows of an Excel workbook; otherwise as `import_csv`.

        It needs the extra `excel`. A sheet is read as a whole, of 1,048,576 rows at most; dates are
        dates, whatever their cells look like.

        Args:
            path: The workbook: `.xlsx`, or another that calamine reads (`.xlsb`, `.xls`, `.ods`).
            columns: As for `import_csv`; the first row with any text names the columns.
            preset: The system that exported the file; see `import_csv`.
            mapping: With `preset`, the mapping file; see `import_csv`.
            sheet: The name of the sheet, or its index from 0.
            dry_run: Whether to read and check only.
            rejects: A CSV file for rejected rows, to be fixed and imported by `import_csv`.
            on_progress: Called from time to time with the number of rows processed.
            tz: The zone of the dates: a workbook knows none.
            source: What the rows' keys begin with, instead of the name of the file.
            limit: How many rows are read at most, 1 or more; not given, all.
            resume: A file that notes how far the import got; see `import_csv`.
            events: Whether each row is to raise Appwrite's events.

        Returns:
            As `import_csv`; lines are the rows of the sheet, from 1.

        Raises:
            ConfigurationError: The extra is not installed.
            BadRequestError: It is not a workbook, has no such sheet, or as in `import_csv`.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, BadRequestError
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     try:
            ...         await crm.as_admin("root").import_xlsx("README.md", tz="Europe/Berlin")
            ...     except BadRequestError as error:
            ...         print(error)
            README.md cannot be read as an Excel workbook: ...
        """
        from interactions_sdk._async.transfer.importing import (  # noqa: PLC0415 - see above
            ImportOptions,
        )

        self._connection.require_api_key("import")
        options = ImportOptions(
            dry_run=dry_run,
            rejects=rejects,
            on_progress=on_progress,
            tz=tz,
            source=source,
            limit=limit,
            resume=resume,
            events=events,
        )
        with file_errors(path):
            if preset is None:
                return await self._importing.import_xlsx(path, columns, options, sheet=sheet)
            from interactions_sdk.integrations.crm_exports import CrmExport  # noqa: PLC0415 - see above
            from interactions_sdk.transfer.input_files import xlsx_input  # noqa: PLC0415 - the same

            export = CrmExport.open(preset, path, mapping, xlsx_input(path, sheet=sheet))
            report = await self._importing.import_xlsx(
                path, {**export.columns, **(columns or {})}, options, sheet=sheet
            )
            return export.finish(report)

    async def import_mail(
        self,
        path: str | Path,
        *,
        own: str | Iterable[str],
        customers: Mapping[str, str] | None = None,
        include: Collection[MailKind] = (),
        attachments: bool = False,
        dry_run: bool = False,
        on_progress: Callable[[int], object] | None = None,
    ) -> SourceReport:
        r"""Log the messages of an `.eml` file, an mbox file, a Maildir, or a folder of such files.

        A message is known by its Message-ID, so it can be imported again, also from another
        mailbox. What you sent is logged for every customer among the recipients, what you received
        for the sender. Mail that programs write is left out and counted; so is mail within your
        own domains.

        Args:
            path: The file or folder.
            own: Your own addresses and domains, such as `acme.example`. A message from one of them
                is outbound, any other is inbound.
            customers: The customer ID of each email address. If not given, addresses are looked up
                in the email column of the customers table.
            include: Kinds to import as well: `"bulk"` (newsletters and mailing lists),
                `"auto_reply"`, `"bounce"`, `"calendar"` (invitations and their answers).
            attachments: Whether to attach the files, in the bucket of the settings.
            dry_run: Whether to read and look up only, and write nothing.
            on_progress: Called from time to time with the number of messages processed.

        Returns:
            The result of every message, counted; and the addresses that belong to no customer.

        Raises:
            BadRequestError: There is no such file, or `own` or `include` is wrong.
            ConfigurationError: There is no email column and no `customers`, no bucket for
                attachments, or a message of HTML only needs the extra `mail`.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> mail = (
            ...     "From: Ada <ada@example.com>\nTo: sales@acme.example\nSubject: Offer\n"
            ...     "Date: Fri, 1 May 2026 10:00:00 +0200\nMessage-ID: <1@example.com>\n\nYes."
            ... )
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     ada = await crm.customers.create("ada", email="ada@example.com")
            ...     with TemporaryDirectory() as folder:
            ...         size = Path(folder, "offer.eml").write_text(mail)
            ...         report = await crm.as_admin("root").import_mail(folder, own="acme.example")
            ...     print(report.read, report.new)
            1 1
        """
        # Integrations are built on top of this; one is loaded when it is used.
        from interactions_sdk.integrations.mail import MailSource  # noqa: PLC0415

        self._connection.require_api_key("import")
        source = MailSource(path, own=own, include=include, attach=attachments)
        with file_errors(path):
            return await self._source_importing.run(
                source, customers, attach=attachments, dry_run=dry_run, on_progress=on_progress
            )

    async def import_calendar(
        self,
        path: str | Path,
        *,
        own: str | Iterable[str],
        tz: TimeZone | None = None,
        since: TimeLike | None = None,
        customers: Mapping[str, str] | None = None,
        customer_id: str | None = None,
        dry_run: bool = False,
        on_progress: Callable[[int], object] | None = None,
    ) -> SourceReport:
        r"""Log the events and to-dos of an `.ics` file, or of a folder of such files.

        An event that has begun becomes a meeting of each customer among its attendees; a to-do
        becomes a task with its due date. Events that recur are expanded. An event is known by its
        UID and the time of its occurrence, so it can be imported again: a newer version, by its
        SEQUENCE, updates what is there. Needs the extra `calendar`.

        Args:
            path: The file or folder.
            own: Your own addresses and domains, such as `acme.example`.
            tz: The zone of dates and times that name none (default: `Settings.time_zone`).
            since: The earliest beginning of an event (default: a year ago). Events that have not
                begun yet are skipped; they are imported by a later run.
            customers: The customer ID of each email address. If not given, addresses are looked up
                in the email column of the customers table.
            customer_id: The customer of events and to-dos without attendees; if not given, they
                are skipped.
            dry_run: Whether to read and look up only, and write nothing.
            on_progress: Called from time to time with the number of items processed.

        Returns:
            The result of every event, occurrence and to-do, counted.

        Raises:
            BadRequestError: There is no such file, or it is not a calendar.
            ConfigurationError: The extra is not installed, or nothing says where customers are
                found.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> event = (
            ...     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260501T080000Z\n"
            ...     "DURATION:PT1H\nSUMMARY:Demo\nATTENDEE:mailto:ada@example.com\n"
            ...     "END:VEVENT\nEND:VCALENDAR\n"
            ... )
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     ada = await crm.customers.create("ada", email="ada@example.com")
            ...     with TemporaryDirectory() as folder:
            ...         size = Path(folder, "demo.ics").write_text(event)
            ...         report = await crm.as_admin("root").import_calendar(
            ...             folder, own="acme.example", since="2026-01-01T00:00:00Z"
            ...         )
            ...     print(report.read, report.new)
            1 1
        """
        # Integrations are built on top of this; one is loaded when it is used.
        from interactions_sdk.integrations.calendar_files import CalendarSource  # noqa: PLC0415

        self._connection.require_api_key("import")
        zone = tz or self._project.settings.time_zone
        source = CalendarSource(
            path,
            own=own,
            tz=zone,
            since=None if since is None else parse_time(since, "since", zone),
            customer_id=customer_id,
        )
        with file_errors(path):
            return await self._source_importing.run(
                source, customers, attach=False, dry_run=dry_run, on_progress=on_progress
            )

    @spell_out(InteractionFilters, default=None)
    async def export_csv(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        include_unverified: bool = False,
        customer_names: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[InteractionFilters],
    ) -> int:
        """Write interactions to a CSV file that is safe to open in a spreadsheet.

        Text that a spreadsheet would execute as a formula is prefixed with an apostrophe, which
        `import_csv` removes again. The columns are the fields of `CustomerInteraction`; times are
        ISO 8601 in UTC, permissions and metadata are JSON. The interactions are read page by page;
        the file appears only when it is complete.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            include_unverified: As in `find`; unverified rows lack the permission
                `read("user:...")` of their customer's user in the column `permissions`.
            customer_names: Whether to add a last column `customer_name`, with what
                `crm.customers.names` returns: one request for up to 100 customers.
            on_progress: Called from time to time with the number written.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The number of interactions written.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("=1+1")
            ...     with TemporaryDirectory() as folder:
            ...         file = Path(folder, "calls.csv")
            ...         print(await ada.export_csv(file, interaction_type="call"))
            ...         print("'=1+1" in file.read_text())
            1
            True
        """
        from interactions_sdk.transfer.files import open_csv  # noqa: PLC0415 - see above

        return await self._export(
            path,
            open_csv,
            on_progress,
            filters,
            newest_first=newest_first,
            include_unverified=include_unverified,
            customer_names=customer_names,
        )

    @spell_out(InteractionFilters, default=None)
    async def export_jsonl(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        include_unverified: bool = False,
        customer_names: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[InteractionFilters],
    ) -> int:
        """Write interactions to a JSON Lines file; otherwise like `export_csv`.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            include_unverified: As in `find`; unverified rows lack the permission
                `read("user:...")` of their customer's user in the column `permissions`.
            customer_names: Whether to add a last column `customer_name`, with what
                `crm.customers.names` returns: one request for up to 100 customers.
            on_progress: Called from time to time with the number written.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The number of interactions written.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import mkdtemp
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> path = Path(mkdtemp()) / "calls.jsonl"
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     print(await ada.export_jsonl(path))
            1
            >>> async with AsyncInteractionsClient.embedded() as other:
            ...     customer = await other.customers.ensure("ada")
            ...     print((await other.as_user("ada").import_jsonl(path)).imported)
            1
        """
        from interactions_sdk.transfer.files import open_jsonl  # noqa: PLC0415 - see above

        return await self._export(
            path,
            open_jsonl,
            on_progress,
            filters,
            newest_first=newest_first,
            include_unverified=include_unverified,
            customer_names=customer_names,
        )

    @spell_out(InteractionFilters, default=None)
    async def export_parquet(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        include_unverified: bool = False,
        customer_names: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[InteractionFilters],
    ) -> int:
        """Write interactions to a Parquet file with the columns of `reports.SCHEMA`.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            include_unverified: As in `find`; unverified rows lack the permission
                `read("user:...")` of their customer's user in the column `permissions`.
            customer_names: Whether to add a last column `customer_name`, with what
                `crm.customers.names` returns: one request for up to 100 customers.
            on_progress: Called from time to time with the number written.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The number of interactions written.

        Raises:
            ConfigurationError: The extra `reports` is not installed.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import mkdtemp
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     print(await ada.export_parquet(Path(mkdtemp()) / "calls.parquet"))
            1
        """
        from interactions_sdk.transfer.files import open_parquet  # noqa: PLC0415 - see above

        return await self._export(
            path,
            open_parquet,
            on_progress,
            filters,
            newest_first=newest_first,
            include_unverified=include_unverified,
            customer_names=customer_names,
        )

    async def archive(
        self,
        before: TimeLike,
        directory: str | Path,
        *,
        on_progress: Callable[[int], object] | None = None,
    ) -> ArchiveResult:
        """Move old interactions to Parquet files, in folders by year and month.

        A file is written, read back and compared, and only then are its interactions deleted, a
        hundred at a time in one transaction with their audit rows. It can be stopped at any point
        and run again: nothing is lost, and nothing is in two places for good. Open follow-ups are
        left, and so is what someone changes during it; customers keep their `lastContactAt`. Every
        column of a row is kept, also those that this library does not know. `reports.scan` reads
        the folder. One run at a time may write to a folder.

        Args:
            before: Interactions created before this, aware, are archived.
            directory: The folder; it is created if it does not exist.
            on_progress: Called from time to time with the number archived.

        Returns:
            How many were archived, and how many were not.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            ConfigurationError: The extra `reports` is not installed.
            BadRequestError: `before` has no time zone.

        Example:
            >>> from datetime import UTC, datetime
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     then = datetime(2020, 5, 1, tzinfo=UTC)
            ...     call = await crm.as_user("ada").log_call("Intro", occurred_at=then)
            ...     root = crm.as_admin("root")
            ...     with TemporaryDirectory() as folder:
            ...         result = await root.archive(datetime(2021, 1, 1, tzinfo=UTC), folder)
            ...         print(result.archived, await root.count())
            ...         result = await root.restore(folder)
            ...         print(result.restored, call == await root.get(call.id))
            1 0
            1 True
        """
        self._connection.require_api_key("archive")
        with file_errors(directory), waiting_out_outages():
            return await self._archiving.archive(before, directory, on_progress)

    async def restore(
        self,
        directory: str | Path,
        *,
        year: int | None = None,
        month: int | None = None,
        keep_files: bool = False,
        on_progress: Callable[[int], object] | None = None,
    ) -> RestoreResult:
        """Restore archived interactions with their IDs, times and permissions.

        They are created a hundred at a time outside of transactions, which would lose their times
        (transcript `transaction-system-columns`). It can be stopped at any point and run again.

        Args:
            directory: The folder that `archive` wrote to.
            year: Only this year, in UTC.
            month: Only this month, 1 to 12.
            keep_files: Whether to keep files whose interactions have all been restored. Reports
                over both the folder and the server then count them twice.
            on_progress: Called from time to time with the number restored.

        Returns:
            How many were restored, and which exist in another state.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            ConfigurationError: The extra `reports` is not installed.
            BadRequestError: A file is damaged; those before it have been restored.

        Example:
            See `archive`.
        """
        self._connection.require_api_key("restore")
        if month is not None:
            check_integer(month, "month", minimum=1, maximum=12)
        if not Path(directory).is_dir():  # noqa: ASYNC240 - like all that reads files here
            raise FileAccessError(f"{directory}: No such directory.", path=str(directory))
        with file_errors(directory), waiting_out_outages():
            return await self._archiving.restore(
                directory, year=year, month=month, keep_files=keep_files, on_progress=on_progress
            )

    async def attach(
        self, id: str, file: bytes | str | Path, *, name: str | None = None
    ) -> CustomerInteraction:
        """Attach a file to an interaction: upload it, and link it in `metadata.attachments`.

        The file has the permissions of the interaction, so its owner can read it. If the link
        cannot be written, the file is deleted again. Attaching the same file twice stores it once,
        so an interrupted call can be repeated.

        Args:
            id: The ID of the interaction.
            file: Its content, or its path; `Settings.attachments_max_bytes` bytes at most.
            name: The file name (default for a path: its name).

        Returns:
            The interaction with the link.

        Raises:
            ConfigurationError: `Settings.attachments_bucket` is not set.
            BadRequestError: The file is empty, too large or of another kind than the settings
                allow, or a link does not fit into the metadata.
            SchemaError: The bucket does not exist; `crm.schema.apply()` creates it.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, Settings
            >>> settings = Settings(attachments_bucket="attachments")
            >>> async with AsyncInteractionsClient.embedded(settings=settings) as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     call = await ada.attach(call.id, b"Dear Ada", name="offer.txt")
            ...     [link] = call.metadata.attachments
            ...     print(await ada.read_attachment(call.id, link))
            ...     call = await ada.detach(call.id, link)
            ...     print(call.metadata.attachments)
            b'Dear Ada'
            []
        """
        self._connection.require_api_key("attach")
        check_type(file, (bytes, str, Path), "file", "bytes or a path")
        with file_errors(file if isinstance(file, str | Path) else name):
            return await self._attachments.attach(id, file, name)

    async def list_attachments(self, id: str) -> list[Attachment]:
        """Return the attachments of an interaction, with the names and sizes of its files.

        Args:
            id: The ID of the interaction.

        Raises:
            ConfigurationError: `Settings.attachments_bucket` is not set.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, Settings
            >>> settings = Settings(attachments_bucket="attachments")
            >>> async with AsyncInteractionsClient.embedded(settings=settings) as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     call = await ada.attach(call.id, b"Dear Ada", name="offer.txt")
            ...     for attachment in await ada.list_attachments(call.id):
            ...         print(attachment.name, attachment.size)
            offer.txt 8
        """
        return await self._attachments.list_attachments(id)

    async def read_attachment(self, id: str, link: str) -> bytes:
        """Return the content of an attached file.

        Args:
            id: The ID of the interaction.
            link: One of its `metadata.attachments`.

        Raises:
            BadRequestError: The interaction has no such attachment.
            NotFoundError: The file no longer exists.

        Example:
            See `attach`.
        """
        return await self._attachments.read_attachment(id, link)

    async def open_attachment(self, id: str, link: str) -> bytes:
        """Return the content of an attached file: the former name of `read_attachment`."""
        return await self.read_attachment(id, link)

    async def detach(self, id: str, link: str) -> CustomerInteraction:
        """Remove an attachment: first the link, then the file. Repeat it after a failure.

        Args:
            id: The ID of the interaction.
            link: One of its `metadata.attachments`. If it points to a file that was not attached to
                this interaction, only the link is removed.

        Returns:
            The interaction without the link.

        Example:
            See `attach`.
        """
        return await self._attachments.detach(id, link)

    async def export_customer(self, customer_id: str) -> dict[str, Any]:
        """Return all data about one customer, for a privacy request.

        Args:
            customer_id: The customer.

        Returns:
            A dictionary that `json.dumps` accepts: `customer`, the record with all its columns, or
            None if it was deleted; `interactions`, oldest first; `audit`, the audit log's rows
            about the customer and its interactions; `files`, the attached files with their content
            as `base64`. The names are Appwrite's.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            CustomerNotFoundError: Nothing is stored about this customer.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     found = await crm.as_admin("root").export_customer(customer.id)
            ...     print(found["interactions"][0]["subject"])
            Renewal
        """
        return await self._privacy.export_customer(customer_id)

    async def erase_customer(
        self,
        customer_id: str,
        mode: ErasureMode = "delete",
        *,
        archive: str | Path | None = None,
    ) -> ErasureResult:
        """Erase all data about one customer, for a privacy request.

        Attached files are found by the links in the rows, and deleted first. Up to 99 interactions
        are erased per transaction, with audit rows that say who did it and when. It ends when a
        pass finds no interactions left; after a failure it can be run again.

        Args:
            customer_id: The customer.
            mode: `delete` deletes the interactions, and the customer record at the end. `redact`
                removes text and links (subject, description, next action, related entity, metadata)
                and keeps types, times, durations, outcomes and users for reports; the customer
                record, which belongs to your application, does not change.
            archive: A folder that `archive` wrote to, to erase the customer from its files as well.

        Returns:
            What this run erased. A file that could not be deleted is named in `files_left`; its
            interaction and the customer record are kept, and a second run erases them.
            `out_of_reach` lists what may hold data and cannot be erased here.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            ConflictError: Others keep writing to the customer.
            BadRequestError: `mode` is not `delete` or `redact`.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     print(await crm.as_admin("root").erase_customer(customer.id))
            ErasureResult(interactions=1, archived=0, customer=True, files=0, files_left=())
        """
        self._connection.require_api_key("erase_customer")
        return await self._privacy.erase_customer(customer_id, mode, archive)

    async def _export(
        self,
        path: str | Path,
        open_file: OpenFile,
        on_progress: Callable[[int], object] | None,
        filters: InteractionFilters,
        *,
        newest_first: bool,
        include_unverified: bool,
        customer_names: bool,
    ) -> int:
        from interactions_sdk._async.transfer.exporting import export  # noqa: PLC0415 - see above

        pages = self._reader.pages(
            filters, newest_first=newest_first, include_unverified=include_unverified
        )
        with file_errors(path):
            return await export(
                pages, path, open_file, on_progress, self._names_of if customer_names else None
            )

    async def _names_of(self, interactions: Iterable[CustomerInteraction]) -> dict[str, str]:
        """Return what the customers of interactions are called, by their IDs."""
        return await self._customers.display_names(each.customer_id for each in interactions)
