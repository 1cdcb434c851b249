# Generated from src/interactions_sdk/_async/repository/imports.py by scripts/unasync.py; do not edit.
"""Importing interactions from files, mailboxes and calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._sync.repository.base import RepositoryBase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from interactions_sdk.calendars import TimeLike, TimeZone
    from interactions_sdk.integrations.crm_exports import Preset
    from interactions_sdk.integrations.mail import MailKind
    from interactions_sdk.transfer.converters import ColumnMapping
    from interactions_sdk.transfer.results import ImportReport
    from interactions_sdk.transfer.sources import SourceReport

__all__ = ["InteractionImports"]


class InteractionImports(RepositoryBase):
    """Importing interactions from files, mailboxes and calendars."""

    def import_csv(
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
        r"""Import the lines of a CSV file, as many as a million, in constant memory.

        An invalid line is left out, listed in the report and written to `rejects`; the others are
        imported. You can run it again after a crash: each line has a key, derived from the file
        name, the line number and the content, so lines already written are found and not written
        twice.

        If the mapping has `transfer.dates`, the file is read twice: first to determine the date
        formats from all values of a column. A file that can be read only once, such as a pipe, is
        copied to a temporary file.

        Args:
            path: The file, with a header. A first line `sep=;` sets the delimiter.
            columns: For each field of `InteractionCreate`, a column, a converter from
                `interactions_sdk.transfer`, or your own function. By default, the columns are named
                like the fields, and texts are escaped as by `export_csv`.
            preset: The system that exported the file: `"hubspot"`, `"salesforce"`, `"pipedrive"`,
                `"zoho"`, `"espocrm"`, or `"auto"` to recognize it by its header. Fields that are
                also in `columns` are read as given there.
            mapping: With `preset`, a CSV file that maps names to customers and users; a dry run
                writes it, so you can fill in the IDs. By default, it is named like the file, with
                `.mapping.csv` at the end.
            dry_run: Whether only to read and check, and write nothing.
            rejects: A file for rejected lines, with the same columns plus `line` and `reason`, to
                be corrected and imported with the same `columns`. It is overwritten.
            on_progress: Called from time to time with the number of lines processed.
            tz: The zone of dates without one, such as `Europe/Berlin`. A due date without a time is
                the end of its day there.
            delimiter: The character between two fields.
            encoding: The file's encoding, such as `cp1252`.
            source: The prefix of the lines' keys, instead of the file name. If you regularly
                receive files with the same name, pass a different one for each.
            limit: Maximum number of lines to read, 1 or more (default: all).
            resume: A file that records how far the import got, every 5,000 lines. If it exists, the
                import continues after these lines; at the end, it is removed. Without it, lines
                already written are looked up a hundred at a time.
            events: Whether each row raises Appwrite's events; see `create_many`.

        Returns:
            How many lines are new, exist already, exist but have been changed, and were refused;
            and the date formats.

        Raises:
            BadRequestError: The file lacks columns or a header, an argument is invalid, or a date
                column is ambiguous.
            APIConnectionError: The server did not respond; run the import again.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import InteractionsClient, transfer
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     with TemporaryDirectory() as folder:
            ...         file = Path(folder, "calls.csv")
            ...         written = file.write_text("topic,seconds\nRenewal,90\nOffer,long\n")
            ...         report = crm.as_user("ada").import_csv(
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
        return self._importer.import_csv(
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

    def import_jsonl(
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
        """Import the lines of a JSON Lines file, one object per line; otherwise like `import_csv`.

        In text fields, numbers are kept as written, and `NaN`, `Infinity`, lists and objects are
        rejected.

        Args:
            path: The file.
            columns: For each field of `InteractionCreate`, a key of the objects, a converter, or a
                function. By default, the keys are those that `export_jsonl` writes.
            preset: `"close"`, for the JSON export of Close: an array of leads.
            mapping: With `preset`, the mapping file; see `import_csv`.
            dry_run: Whether to read and check only.
            rejects: A file for rejected lines; a line that is not an object is written unchanged.
            on_progress: Called from time to time with the number of lines processed.
            tz: The zone of dates without one.
            encoding: The file's encoding.
            source: The prefix of the lines' keys, instead of the file name.
            limit: Maximum number of lines to read, 1 or more (default: all).
            resume: A file that records how far the import got; see `import_csv`.
            events: Whether each row raises Appwrite's events.

        Returns:
            As `import_csv`.

        Example:
            See `export_jsonl`.
        """
        return self._importer.import_jsonl(
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

    def import_xlsx(
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
        """Import the rows of an Excel workbook; otherwise like `import_csv`.

        It needs the extra `excel`. A sheet is read as a whole, of 1,048,576 rows at most; date
        cells are read as dates, however they are formatted.

        Args:
            path: The workbook: `.xlsx`, or another that calamine reads (`.xlsb`, `.xls`, `.ods`).
            columns: As for `import_csv`; the first row with any text is the header.
            preset: The system that exported the file; see `import_csv`.
            mapping: With `preset`, the mapping file; see `import_csv`.
            sheet: The name of the sheet, or its index from 0.
            dry_run: Whether to read and check only.
            rejects: A CSV file for rejected rows, to be corrected and imported with `import_csv`.
            on_progress: Called from time to time with the number of rows processed.
            tz: The zone of the dates, because a workbook has none.
            source: The prefix of the rows' keys, instead of the file name.
            limit: Maximum number of rows to read, 1 or more (default: all).
            resume: A file that records how far the import got; see `import_csv`.
            events: Whether each row raises Appwrite's events.

        Returns:
            As `import_csv`; lines are the rows of the sheet, from 1.

        Raises:
            ConfigurationError: The extra is not installed.
            BadRequestError: It is not a workbook, the sheet does not exist, or as in `import_csv`.

        Example:
            >>> from interactions_sdk import InteractionsClient, BadRequestError
            >>> with InteractionsClient.embedded() as crm:
            ...     try:
            ...         crm.as_admin("root").import_xlsx("README.md", tz="Europe/Berlin")
            ...     except BadRequestError as error:
            ...         print(error)
            README.md cannot be read as an Excel workbook: ...
        """
        return self._importer.import_xlsx(
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

    def import_mail(
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
        r"""Import the messages of an `.eml` or mbox file, a Maildir, or a folder of such files.

        A message is recognized by its Message-ID, so it can be imported again, even from another
        mailbox. Sent messages are logged for every customer among the recipients, received ones for
        the sender. Automatic messages, and mail within your own domains, are skipped and counted.

        Args:
            path: The file or folder.
            own: Your own addresses and domains, such as `acme.example`. A message from one of them
                is outbound, any other is inbound.
            customers: The customer ID of each email address. By default, addresses are looked up in
                the email column of the customers table.
            include: Kinds to import as well: `"bulk"` (newsletters and mailing lists),
                `"auto_reply"`, `"bounce"`, `"calendar"` (invitations and replies).
            attachments: Whether to attach the files, in the bucket of the settings.
            dry_run: Whether to read and look up only, and write nothing.
            on_progress: Called from time to time with the number of messages processed.

        Returns:
            The number of messages by result, and the addresses that belong to no customer.

        Raises:
            BadRequestError: The file does not exist, or `own` or `include` is invalid.
            ConfigurationError: There is no email column and no `customers`, no bucket for
                attachments, or a message has only HTML and the extra `mail` is not installed.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import InteractionsClient
            >>> mail = (
            ...     "From: Ada <ada@example.com>\nTo: sales@acme.example\nSubject: Offer\n"
            ...     "Date: Fri, 1 May 2026 10:00:00 +0200\nMessage-ID: <1@example.com>\n\nYes."
            ... )
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.create("ada", email="ada@example.com")
            ...     with TemporaryDirectory() as folder:
            ...         size = Path(folder, "offer.eml").write_text(mail)
            ...         report = crm.as_admin("root").import_mail(folder, own="acme.example")
            ...     print(report.read, report.new)
            1 1
        """
        return self._source_importer.import_mail(
            path,
            own=own,
            customers=customers,
            include=include,
            attachments=attachments,
            dry_run=dry_run,
            on_progress=on_progress,
        )

    def import_calendar(
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
        r"""Import the events and to-dos of an `.ics` file, or of a folder of such files.

        An event that has begun becomes a meeting with each customer among its attendees; a to-do
        becomes a task with its due date. Recurring events are expanded. An event is recognized by
        its UID and the time of its occurrence, so it can be imported again: a newer version,
        according to SEQUENCE, updates the interaction. Needs the extra `calendar`.

        Args:
            path: The file or folder.
            own: Your own addresses and domains, such as `acme.example`.
            tz: The zone of dates and times without one (default: `Settings.time_zone`).
            since: The earliest start of an event (default: a year ago). Events that have not begun
                yet are skipped; a later run imports them.
            customers: The customer ID of each email address. If not given, addresses are looked up
                in the email column of the customers table.
            customer_id: The customer of events and to-dos without attendees; by default, these are
                skipped.
            dry_run: Whether to read and look up only, and write nothing.
            on_progress: Called from time to time with the number of items processed.

        Returns:
            The number of events, occurrences and to-dos by result.

        Raises:
            BadRequestError: The file does not exist, or is not a calendar.
            ConfigurationError: The extra is not installed, or there is neither an email column nor
                `customers`.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import InteractionsClient
            >>> event = (
            ...     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260501T080000Z\n"
            ...     "DURATION:PT1H\nSUMMARY:Demo\nATTENDEE:mailto:ada@example.com\n"
            ...     "END:VEVENT\nEND:VCALENDAR\n"
            ... )
            >>> with InteractionsClient.embedded() as crm:
            ...     ada = crm.customers.create("ada", email="ada@example.com")
            ...     with TemporaryDirectory() as folder:
            ...         size = Path(folder, "demo.ics").write_text(event)
            ...         report = crm.as_admin("root").import_calendar(
            ...             folder, own="acme.example", since="2026-01-01T00:00:00Z"
            ...         )
            ...     print(report.read, report.new)
            1 1
        """
        return self._source_importer.import_calendar(
            path,
            own=own,
            tz=tz,
            since=since,
            customers=customers,
            customer_id=customer_id,
            dry_run=dry_run,
            on_progress=on_progress,
        )
