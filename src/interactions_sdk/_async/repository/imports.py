"""Importing interactions from files, mailboxes and calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._async.repository.base import AsyncRepositoryBase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from interactions_sdk.calendars import TimeLike, TimeZone
    from interactions_sdk.integrations.crm_exports import Preset
    from interactions_sdk.integrations.mail import MailKind
    from interactions_sdk.transfer.converters import ColumnMapping
    from interactions_sdk.transfer.results import ImportReport
    from interactions_sdk.transfer.sources import SourceReport

__all__ = ["AsyncInteractionImports"]


class AsyncInteractionImports(AsyncRepositoryBase):
    """Importing interactions from files, mailboxes and calendars."""

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
        return await self._importer.import_csv(
            path,
            columns,
            preset=preset,
            mapping=mapping,
            delimiter=delimiter,
            encoding=encoding,
            dry_run=dry_run,
            rejects=rejects,
            on_progress=on_progress,
            tz=tz,
            source=source,
            limit=limit,
            resume=resume,
            events=events,
        )

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
        return await self._importer.import_jsonl(
            path,
            columns,
            preset=preset,
            mapping=mapping,
            encoding=encoding,
            dry_run=dry_run,
            rejects=rejects,
            on_progress=on_progress,
            tz=tz,
            source=source,
            limit=limit,
            resume=resume,
            events=events,
        )

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
        return await self._importer.import_xlsx(
            path,
            columns,
            preset=preset,
            mapping=mapping,
            sheet=sheet,
            dry_run=dry_run,
            rejects=rejects,
            on_progress=on_progress,
            tz=tz,
            source=source,
            limit=limit,
            resume=resume,
            events=events,
        )

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
        return await self._source_importer.import_mail(
            path,
            own=own,
            customers=customers,
            include=include,
            attachments=attachments,
            dry_run=dry_run,
            on_progress=on_progress,
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
        return await self._source_importer.import_calendar(
            path,
            own=own,
            tz=tz,
            since=since,
            customers=customers,
            customer_id=customer_id,
            dry_run=dry_run,
            on_progress=on_progress,
        )
