"""The messages of a mailbox, as items to import."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from interactions_sdk.arguments import describe
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import BadRequestError
from interactions_sdk.integrations.mail.bodies import attachment_names, attachments, body_text
from interactions_sdk.integrations.mail.classification import KINDS, classify
from interactions_sdk.integrations.mail.headers import Headers
from interactions_sdk.integrations.mail.mailboxes import iterate_messages
from interactions_sdk.integrations.mail.parsing import PARSING_ERRORS, parse_message
from interactions_sdk.integrations.own_addresses import OwnAddresses
from interactions_sdk.sentences import truncate
from interactions_sdk.transfer.sources import SourceItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from interactions_sdk.integrations.mail.classification import MailKind
    from interactions_sdk.integrations.mail.mailboxes import OpenMessage
    from interactions_sdk.integrations.mail.parsing import ParsedMessage

__all__ = ["MailSource"]

_MAX_SUBJECT = 200
_MAX_TEXT = 5000
_MAX_ID = 200
_MAX_REFERENCES = 5
_MAX_PARTICIPANTS = 15
_MAX_PARTICIPANT = 100
_MAX_FILES = 5
_MAX_FILE_NAME = 100


class MailSource:
    r"""The messages of an `.eml` file, an mbox file, a Maildir, or a folder of such files.

    Args:
        path: The file or folder.
        own: Your own addresses and domains, such as `sales@acme.example` and `acme.example`; a
            domain covers its subdomains.
        include: Kinds of automatic messages to import.
        attach: Whether attachments are to be attached.

    Raises:
        BadRequestError: `own` is empty, or a kind is unknown.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> text = "From: Ada <ada@example.com>\nTo: sales@acme.example\nSubject: Offer\n\nYes."
        >>> with TemporaryDirectory() as folder:
        ...     size = Path(folder, "offer.eml").write_text(text)
        ...     [item] = MailSource(folder, own=["acme.example"]).items()
        >>> item.place, item.addresses, item.fault
        ('offer.eml', ['ada@example.com'], 'neither Date nor Received says when it was sent')
    """

    def __init__(
        self,
        path: str | Path,
        *,
        own: Iterable[str],
        include: Collection[MailKind] = (),
        attach: bool = False,
    ) -> None:
        self._own = OwnAddresses(own)
        for kind in include:
            if kind not in KINDS:
                raise BadRequestError(f"include= takes {', '.join(KINDS)}, not {describe(kind)}.")
        self._path = path
        self._include = frozenset(include)
        self._attach = attach

    def items(self) -> Iterator[SourceItem]:
        """Yield the messages, one after the other; a copy of an earlier one is skipped."""
        now = utc_now()
        seen: set[str] = set()
        for place, open_message in iterate_messages(self._path):
            item = self._item(place, open_message, now)
            if item.key in seen:
                item = SourceItem(place=place, skipped="duplicate")
            elif item.key:
                seen.add(item.key)
            yield item

    def _item(self, place: str, open_message: OpenMessage, now: datetime) -> SourceItem:
        notes: list[str] = []
        try:
            with open_message() as file:
                parsed = parse_message(file)
            return self._read(place, parsed, open_message, now, notes)
        except PARSING_ERRORS as error:
            fault = f"it cannot be read: {_reason(error)}"
            return SourceItem(place=place, fault=fault, notes=notes)

    def _read(
        self,
        place: str,
        parsed: ParsedMessage,
        open_message: OpenMessage,
        now: datetime,
        notes: list[str],
    ) -> SourceItem:
        message, headers = parsed.email, Headers(parsed.email, notes.append)
        ids = headers.message_ids("message-id")
        key = f"mail {ids[0] if ids else 'sha256:' + parsed.sha256}"
        kind = classify(message, headers)
        if kind is not None and kind not in self._include:
            return SourceItem(place=place, key=key, skipped=kind, notes=notes)
        senders = headers.addresses("from") or headers.addresses("sender")
        recipients = headers.addresses("to", "cc", "bcc")
        is_outbound = any(sender in self._own for sender in senders)
        parties = recipients if is_outbound else senders
        others = [each for each in parties if each not in self._own]
        if is_outbound and recipients and not others:
            return SourceItem(place=place, key=key, skipped="internal", notes=notes)
        fault = "" if others else f"it has no {'recipient' if is_outbound else 'sender'}"
        sent_at = headers.sent_at(now)
        if sent_at is None:
            fault = fault or "neither Date nor Received says when it was sent"
        return SourceItem(
            place=place,
            key=key,
            fields={
                "interaction_type": "email",
                "contact_method": "email",
                "direction": "outbound" if is_outbound else "inbound",
                "subject": truncate(headers.text("subject"), _MAX_SUBJECT) or None,
                "description": truncate(body_text(message, notes.append), _MAX_TEXT) or None,
                "occurred_at": sent_at,
                "metadata": _metadata(parsed, headers, ids, [*senders, *recipients], kind),
            },
            addresses=others,
            is_for_all=is_outbound,
            fault=fault,
            notes=notes,
            load_files=partial(_load_files, open_message) if self._attach else None,
        )


def _metadata(
    parsed: ParsedMessage,
    headers: Headers,
    ids: list[str],
    participants: list[str],
    kind: MailKind | None,
) -> dict[str, object]:
    """Return the metadata: the thread, the participants and the names of the files, bounded."""
    references = headers.message_ids("references")
    replied_to = headers.message_ids("in-reply-to")[:1]
    thread = [*references, *replied_to, *ids][:1]
    if len(references) > _MAX_REFERENCES:
        references = [references[0], *references[1 - _MAX_REFERENCES :]]
    names = attachment_names(parsed.email)
    fields: dict[str, object] = {
        "messageId": _first(ids),
        "inReplyTo": _first(replied_to),
        "references": [truncate(each, _MAX_ID) for each in references],
        "files": [truncate(each, _MAX_FILE_NAME) for each in names[:_MAX_FILES]],
        "fileCount": len(names),
    }
    people = list(dict.fromkeys(participants))[:_MAX_PARTICIPANTS]
    metadata: dict[str, object] = {
        "participants": [truncate(each, _MAX_PARTICIPANT) for each in people],
        "tags": [kind] if kind else None,
        "emailThreadId": _first(thread),
        "customFields": _non_empty(fields),
    }
    return _non_empty(metadata)


def _non_empty(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


def _first(ids: list[str]) -> str | None:
    return truncate(ids[0], _MAX_ID) if ids else None


def _load_files(open_message: OpenMessage) -> list[tuple[str, bytes]]:
    try:
        with open_message() as file:
            return attachments(parse_message(file, whole=True).email)
    except PARSING_ERRORS as error:
        raise ValueError(_reason(error)) from error


def _reason(error: Exception) -> str:
    return str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
