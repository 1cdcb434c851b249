"""Items from mail: each message is imported or counted, whatever it contains."""

from __future__ import annotations

import inspect
import mailbox
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, cast

import pytest

from interactions_sdk import BadRequestError
from interactions_sdk.datetimes import utc_now
from interactions_sdk.integrations.mail import MailSource, bodies
from interactions_sdk.integrations.mail.parsing import parse_message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from interactions_sdk.integrations.mail import MailKind
    from interactions_sdk.transfer.sources import SourceItem

HEAD = (
    "From: Ada <Ada@Example.com>\n"
    "To: sales@acme.example\n"
    "Subject: Offer\n"
    "Date: Fri, 1 May 2026 10:00:00 +0200\n"
    "Message-ID: <1@example.com>\n"
)
MAY = datetime(2026, 5, 1, 8, tzinfo=UTC)


def items_of(path: Path, *include: MailKind) -> list[SourceItem]:
    """Return the items of a path, for the company acme.example."""
    return list(MailSource(path, own=["@acme.example", " "], include=include).items())


def item_of(folder: Path, text: str | bytes, *include: MailKind) -> SourceItem:
    """Return the item of one message."""
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "one.eml").write_bytes(content)
    [item] = items_of(folder / "one.eml", *include)
    return item


def metadata_of(item: SourceItem) -> dict[str, Any]:
    """Return the metadata of an item."""
    return cast("dict[str, Any]", item.fields["metadata"])


def test_a_message_that_was_received(tmp_path: Path) -> None:
    """The sender is the customer; time, text and thread are stored."""
    item = item_of(
        tmp_path,
        HEAD + "References: <a@x> <b@x>\nIn-Reply-To: <b@x>\n\nAgreed.\r\n",
    )
    assert ("one.eml", "mail <1@example.com>", "", "", []) == (
        item.place,
        item.key,
        item.skipped,
        item.fault,
        item.notes,
    )
    assert (["ada@example.com"], False) == (item.addresses, item.is_for_all)
    assert {
        "interaction_type": "email",
        "contact_method": "email",
        "direction": "inbound",
        "subject": "Offer",
        "description": "Agreed.",
        "occurred_at": MAY,
        "metadata": {
            "participants": ["ada@example.com", "sales@acme.example"],
            "emailThreadId": "<a@x>",
            "customFields": {
                "messageId": "<1@example.com>",
                "inReplyTo": "<b@x>",
                "references": ["<a@x>", "<b@x>"],
            },
        },
    } == item.fields


def test_a_message_that_was_sent(tmp_path: Path) -> None:
    """All recipients outside the company are customers; its subdomains belong to the company."""
    item = item_of(
        tmp_path,
        "From: bob@crm.acme.example\nTo: ada@example.com, eve@acme.example\n"
        "Cc: Zoe <zoe@example.com>\n"
        "Date: Fri, 1 May 2026 10:00:00 -0000\n\nHello",
    )
    assert "outbound" == item.fields["direction"]
    assert (["ada@example.com", "zoe@example.com"], True) == (item.addresses, item.is_for_all)
    assert ["ada-id", "zoe-id"] == item.customers(
        {"ada@example.com": "ada-id", "zoe@example.com": "zoe-id"}
    )
    assert datetime(2026, 5, 1, 10, tzinfo=UTC) == item.fields["occurred_at"]
    assert None is item.fields["subject"]
    assert item.key.startswith("mail sha256:")
    assert "emailThreadId" not in metadata_of(item)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ('Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n', "bounce"),
        ("Auto-Submitted: auto-replied; owner=x\n", "auto_reply"),
        ("Precedence: auto_reply\n", "auto_reply"),
        ("X-Autoreply: yes\n", "auto_reply"),
        ("X-Autorespond: yes\n", "auto_reply"),
        ("Content-Type: text/calendar; method=REQUEST\n", "calendar"),
        ("List-Id: <news.example.com>\n", "bulk"),
        ("List-Unsubscribe: <mailto:out@example.com>\n", "bulk"),
        ("Precedence: Bulk\n", "bulk"),
    ],
)
def test_mail_of_programs_is_left_out_unless_it_is_asked_for(
    tmp_path: Path, headers: str, kind: MailKind
) -> None:
    """Each kind of automatic mail has a name, for counting, including and tagging it."""
    assert kind == item_of(tmp_path, f"{HEAD}{headers}\nHello").skipped
    item = item_of(tmp_path, f"{HEAD}{headers}\nHello", kind)
    assert "" == item.skipped
    assert [kind] == metadata_of(item)["tags"]


def test_a_daemon_without_a_report_is_a_bounce(tmp_path: Path) -> None:
    """An empty return path alone does not make a message a bounce."""
    empty = "Return-Path: <>\n"
    daemon = f"{empty}From: Mailer-Daemon@example.com\n\nUndelivered"
    assert "bounce" == item_of(tmp_path, daemon).skipped
    assert "" == item_of(tmp_path, f"{empty}{HEAD}\nHello").skipped
    report = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n'
    assert "" == item_of(tmp_path, f"{HEAD}{report}\n--b--\n").skipped


def test_a_person_may_say_that_no_program_wrote(tmp_path: Path) -> None:
    """In RFC 3834, `Auto-Submitted: no` marks mail from a person."""
    assert "" == item_of(tmp_path, f"{HEAD}Auto-Submitted: no\n\nHello").skipped


def test_mail_within_the_company_is_skipped(tmp_path: Path) -> None:
    """Internal mail concerns no customer."""
    text = "From: bob@acme.example\nTo: eve@acme.example\nDate: Fri, 1 May 2026 10:00:00 +0000\n\nx"
    assert "internal" == item_of(tmp_path, text).skipped


@pytest.mark.parametrize(
    ("date", "received", "expected"),
    [
        ("Fri, 1 May 2026 10:00:00 +0200", "", MAY),
        ("", "Fri, 1 May 2026 10:00:00 +0200", MAY),
        ("yesterday", "Fri, 1 May 2026 10:00:00 +0200", MAY),
        ("Fri, 1 May 2026 10:00:00 +9999", "Fri, 1 May 2026 10:00:00 +0200", MAY),
        ("Thu, 1 Jan 1970 00:00:00 +0000", "Fri, 1 May 2026 10:00:00 +0200", MAY),
        ("Mon, 1 May 2062 10:00:00 +0200", "Fri, 1 May 2026 10:00:00 +0200", MAY),
        ("Mon, 1 May 2062 10:00:00 +0200", "later", None),
        ("", "", None),
    ],
)
def test_the_time_is_that_of_date_or_received(
    tmp_path: Path, date: str, received: str, expected: datetime | None
) -> None:
    """Received is used, and noted, if Date is missing, invalid or implausible."""
    head = "From: ada@example.com\nSubject: x\n"
    head += f"Date: {date}\n" if date else ""
    head += f"Received: from a by b; {received}\n" if received else ""
    item = item_of(tmp_path, f"{head}\nHello")
    assert expected == item.fields["occurred_at"]
    assert (expected is None) == (item.fault == "neither Date nor Received says when it was sent")
    assert (expected is not None and not date.endswith("2026 10:00:00 +0200")) == bool(item.notes)


def test_clocks_may_differ(tmp_path: Path) -> None:
    """A time a few minutes ahead is accepted."""
    ahead = utc_now() + timedelta(minutes=2)
    item = item_of(
        tmp_path, f"From: ada@example.com\nDate: {ahead:%a, %d %b %Y %H:%M:%S} +0000\n\nHello"
    )
    assert [] == item.notes


def test_a_message_of_nobody_is_refused(tmp_path: Path) -> None:
    """A message without a sender or a recipient is rejected."""
    date = "Date: Fri, 1 May 2026 10:00:00 +0000\n"
    assert "it has no sender" == item_of(tmp_path, f"{date}\nHello").fault
    assert "it has no recipient" == item_of(tmp_path, f"From: a@acme.example\n{date}\nx").fault


def multipart(*parts: str, kind: str = "mixed") -> str:
    """Return the headers and the body of a multipart message."""
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f'{HEAD}MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b"\n\n{body}--b--\n'


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nPlain text"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Rich <b>text</b></p><ul><li>one</li></ul>"


def test_plain_text_comes_before_html(tmp_path: Path) -> None:
    """Several text parts are joined; HTML is used only if there is no plain text."""
    both = item_of(tmp_path, multipart(PLAIN, HTML, kind="alternative"))
    assert "Plain text" == both.fields["description"]
    assert (
        "Plain text\nPlain text" == item_of(tmp_path, multipart(PLAIN, PLAIN)).fields["description"]
    )
    only = item_of(tmp_path, multipart("Content-Type: text/plain\n\n \n", HTML))
    assert "Rich text\n\n  * one" == only.fields["description"]


def test_html_that_cannot_be_read_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is imported without its text."""

    def fail(_: str) -> str:
        raise ValueError("not HTML")

    monkeypatch.setattr("inscriptis.get_text", fail)
    item = item_of(tmp_path, multipart(HTML))
    assert (None, ["its HTML cannot be read: ValueError"]) == (
        item.fields["description"],
        item.notes,
    )


def test_attached_and_forwarded_messages_are_files(tmp_path: Path) -> None:
    """Attached and forwarded messages are files, named without folders, and not text."""
    parts = (
        PLAIN,
        'Content-Type: text/plain; name="../etc/notes.txt"\nContent-Disposition: attachment\n\nNo',
        "Content-Type: message/rfc822\n\nFrom: eve@example.com\nSubject: Inner\n\nInner text",
        "Content-Type: application/pdf\nContent-Disposition: attachment\n\n%PDF",
        "Content-Type: image/png; name=logo.png\nContent-Transfer-Encoding: base64\n\n",
    )
    item = item_of(tmp_path, multipart(*parts))
    assert "Plain text" == item.fields["description"]
    names = ["notes.txt", "message-3.eml", "part-4.pdf", "logo.png"]
    assert (names, 4) == (
        metadata_of(item)["customFields"]["files"],
        metadata_of(item)["customFields"]["fileCount"],
    )
    [file] = MailSource(tmp_path / "one.eml", own="acme.example", attach=True).items()
    assert file.load_files is not None
    files = dict(file.load_files())
    assert ["notes.txt", "message-3.eml", "part-4.pdf"] == list(files)
    assert b"Inner text" in files["message-3.eml"]
    assert b"%PDF" == files["part-4.pdf"]


def files_of(folder: Path, *parts: str) -> dict[str, bytes]:
    """Return the attachments of a message, by their names."""
    (folder / "one.eml").write_text(multipart(*parts))
    [item] = MailSource(folder / "one.eml", own="acme.example", attach=True).items()
    assert item.load_files is not None
    return dict(item.load_files())


NOTES = "Content-Type: text/plain; name=notes.txt\n\nNotes"


def test_an_attached_message_with_a_malformed_header_is_attached_as_it_is(tmp_path: Path) -> None:
    """The `email` package cannot write such an address."""
    sender = f"From: =?x?q?{'a' * 90}?=@"
    files = files_of(tmp_path, f"Content-Type: message/rfc822\n\n{sender}\n\nInner", NOTES)
    assert {"message-1.eml": f"{sender}\n\nInner".encode(), "notes.txt": b"Notes"} == files


def test_a_delivery_status_is_one_file(tmp_path: Path) -> None:
    """The `email` package treats each block of a delivery status as a message."""
    status = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; y\n\nFinal-Recipient: rfc822; z"
    files = files_of(tmp_path, f"Content-Type: message/delivery-status\n\n{status}", NOTES)
    assert {"message-1.eml": f"{status}\n\n".encode(), "notes.txt": b"Notes"} == files


def test_files_that_email_cannot_write_are_a_fault_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are rejected with a ValueError."""

    def fail(_: EmailMessage, **__: object) -> bytes:
        raise IndexError("string index out of range")

    monkeypatch.setattr(EmailMessage, "as_bytes", fail)
    with pytest.raises(ValueError, match="IndexError: string index out of range"):
        files_of(tmp_path, "Content-Type: message/rfc822\n\nFrom: eve@example.com\n\nInner")


@pytest.mark.parametrize("message_id", ["<>", "1@example.com>"])
def test_messages_without_an_id_are_told_apart_by_their_content(
    tmp_path: Path, message_id: str
) -> None:
    """An empty or incomplete ID counts as missing."""
    for name in ("a", "b"):
        text = HEAD.replace("<1@example.com>", message_id)
        (tmp_path / f"{name}.eml").write_text(f"{text}\nHello {name}")
    first, second = items_of(tmp_path)
    assert first.key.startswith("mail sha256:")
    assert ("", "Hello b") == (second.skipped, second.fields["description"])


def test_a_name_that_email_cannot_read_is_none() -> None:
    """The part counts as a file without a name."""

    class Broken(EmailMessage):
        def get_filename(self, failobj: object = None) -> str:
            raise LookupError(failobj)

    message = Broken()
    message["Content-Disposition"] = "attachment"
    assert ["part-1.plain"] == bodies.attachment_names(message)


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode("cp1252"), "Grüße"),
        ("hex", b"Hello", "Hello"),
        ("utf-8", b"a\x00b", "ab"),
        ("utf-8", b"\x81\x9d", "\ufffd\ufffd"),
    ],
)
def test_text_in_any_encoding_is_read(
    tmp_path: Path, charset: str, body: bytes, expected: str
) -> None:
    """The declared encoding is tried first, then UTF-8, then Windows-1252."""
    head = f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode()
    item = item_of(tmp_path, head + body)
    assert expected == item.fields["description"]
    is_as_declared = charset in {"utf-8", "iso-8859-1"} and b"\x81" not in body
    assert is_as_declared == (item.notes == [])


def test_headers_in_any_encoding_are_read(tmp_path: Path) -> None:
    """Encoded words are decoded, and invalid bytes are replaced."""
    words = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?x-none?b?!!?=\n"
    rest = HEAD.replace("Subject: Offer\n", "")
    assert str(item_of(tmp_path, f"{rest}{words}\nx").fields["subject"]).startswith("Grüße")
    raw = rest.encode() + b"Subject: Gr\xfc\xdfe\n\nx"
    assert "Gr\ufffd\ufffde" == item_of(tmp_path, raw).fields["subject"]


def test_headers_that_email_cannot_parse_are_read_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers on which the `email` package fails are used unparsed, and noted."""
    get_all = EmailMessage.get_all

    def broken(self: EmailMessage, name: str, failobj: Any = None) -> Any:
        if name in {"subject", "from"}:
            raise IndexError("list index out of range")
        return get_all(self, name, failobj)

    monkeypatch.setattr(EmailMessage, "get_all", broken)
    item = item_of(tmp_path, f"{HEAD}\nHello")
    assert ("Offer", ["ada@example.com"]) == (item.fields["subject"], item.addresses)
    assert ["the header from cannot be parsed", "the header subject cannot be parsed"] == item.notes


def test_what_cannot_be_read_at_all_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that cannot be parsed is counted with the reason, and the next one is read."""
    (tmp_path / "a.eml").write_text(f"{HEAD}\nHello")
    (tmp_path / "b.eml").write_text(HEAD.replace("<1@", "<2@") + "\nHello")
    get_content_type = EmailMessage.get_content_type
    calls = iter([True])

    def broken(self: EmailMessage) -> str:
        if next(calls, False):
            raise AttributeError("'str' object has no attribute 'walk'")
        return get_content_type(self)

    monkeypatch.setattr(EmailMessage, "get_content_type", broken)
    bad, good = items_of(tmp_path)
    assert "it cannot be read: AttributeError: 'str' object has no attribute 'walk'" == bad.fault
    assert ("", "Offer") == (good.fault, good.fields["subject"])


def test_a_message_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    """A few kilobytes can be nested deeper than Python's stack allows."""
    head = "".join(
        f"Content-Type: multipart/mixed; boundary={each}\n\n--{each}\n" for each in range(200)
    )
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 150)
    try:
        item = item_of(tmp_path, HEAD + head)
    finally:
        sys.setrecursionlimit(limit)
    assert "it cannot be read: it is nested too deeply" == item.fault


def test_parts_that_cannot_be_told_apart_are_text(tmp_path: Path) -> None:
    """Without the boundary, the whole message is used as text."""
    item = item_of(tmp_path, f"{HEAD}Content-Type: multipart/mixed\n\nHello")
    assert ("Hello", ["its parts cannot be separated; the whole message is used as text"]) == (
        item.fields["description"],
        item.notes,
    )


def test_what_is_too_long_for_a_column_is_cut(tmp_path: Path) -> None:
    """Subject, text, IDs, participants and file names are cut, so the metadata always fits."""
    people = ", ".join(f"{'a' * 90}{number}@example.com" for number in range(40))
    references = " ".join(f"<{'r' * 900}{number}@x>" for number in range(40))
    files = [
        f"Content-Type: a/b\nContent-Disposition: attachment; filename={'f' * 300}{number}\n\nx"
        for number in range(9)
    ]
    text = multipart(f"Content-Type: text/plain\n\n{'x' * 6000}", *files)
    text = text.replace("Offer", "o" * 300).replace("<1@", f"<{'i' * 900}@")
    item = item_of(tmp_path, f"Cc: {people}\nReferences: {references}\n{text}")
    draft = item.draft("c1")
    assert ("o" * 199 + "…", "x" * 4999 + "…") == (draft.subject, draft.description)
    assert draft.metadata is not None
    assert (15, 5, 9) == (
        len(draft.metadata.participants),
        len(metadata_of(item)["customFields"]["references"]),
        metadata_of(item)["customFields"]["fileCount"],
    )
    assert str(metadata_of(item)["customFields"]["references"][1]).startswith("<rrr")


class Endless(BytesIO):
    """A file with one attachment of many lines, which are not held in memory."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        head = multipart(PLAIN, "Content-Type: a/b\nContent-Transfer-Encoding: base64\n")
        start, _, end = head.rpartition("--b--")
        self._lines: Iterator[bytes] = chain(
            start.encode().splitlines(keepends=True),
            repeat(b"A" * 8191 + b"\n", lines),
            [b"--b--" + end.encode()],
        )

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line."""
        assert size is not None
        assert size > 8192
        return next(self._lines, b"")


def test_an_attachment_of_50_mb_takes_little_memory() -> None:
    """Only the beginning of an attachment is read, unless it is to be attached."""
    tracemalloc.start()
    parsed = parse_message(Endless(6400))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6_000_000
    assert ["part-2.b"] == bodies.attachment_names(parsed.email)
    assert "Plain text" == bodies.body_text(parsed.email, print)


@pytest.mark.parametrize("line", ["A" * 2_000_000, "A" * 65_536 * 17 + "--b"])
def test_a_part_of_one_long_line_ends_at_its_boundary(line: str) -> None:
    """The next boundary is recognized although the rest of the line is skipped."""
    file = "Content-Type: a/b\nContent-Disposition: attachment; filename={}\n\n{}"
    text = multipart(file.format("a", line), file.format("b", "x"))
    parsed = parse_message(BytesIO(text.encode()))
    assert ["a", "b"] == bodies.attachment_names(parsed.email)


def test_what_is_too_large_to_be_held_is_refused() -> None:
    """A message may have at most 64 MiB."""
    with pytest.raises(ValueError, match="larger than 64 MiB"):
        parse_message(Endless(8200), whole=True)


def test_an_mbox_a_maildir_and_a_folder_are_read(tmp_path: Path) -> None:
    """Every message has a place in its file, and repeated messages are duplicates."""
    box = mailbox.mbox(tmp_path / "inbox.mbox")
    for number in range(3):
        box.add(HEAD.replace("<1@", f"<{number}@") + f"\nFrom here on: {number}\n")
    box.close()
    maildir = mailbox.Maildir(tmp_path / "maildir")
    maildir.add(f"{HEAD}\nMaildir")
    maildir.add_folder("Sent").add(HEAD.replace("<1@", "<9@") + "\nSent")
    (tmp_path / "one.eml").write_text(f"{HEAD}\nHello")
    read = items_of(tmp_path / "inbox.mbox")
    assert [f"inbox.mbox message {number}" for number in (1, 2, 3)] == [each.place for each in read]
    assert "From here on: 2" in str(read[2].fields["description"])
    inbox, sent = items_of(tmp_path / "maildir")
    assert ("Maildir", "Sent") == (inbox.fields["description"], sent.fields["description"])
    assert sent.place.startswith("Sent/")
    assert [
        ("inbox.mbox message 1", ""),
        ("inbox.mbox message 2", ""),
        ("inbox.mbox message 3", ""),
        ("one.eml", "duplicate"),
    ] == [(each.place, each.skipped) for each in items_of(tmp_path)]


def test_a_line_of_text_does_not_separate_messages(tmp_path: Path) -> None:
    """A line beginning with "From " separates messages only after a blank line."""
    body = f"\n{'x' * 70_000}\nFrom me\n\n{'x' * 65_536}From here\n\nFrom y\n"
    (tmp_path / "inbox").write_text(f"From x\r\n{HEAD}{body}{HEAD.replace('<1', '<2')}\nEnd")
    assert ["mail <1@example.com>", "mail <2@example.com>"] == [
        each.key for each in items_of(tmp_path / "inbox")
    ]


def test_wrong_arguments_are_refused_in_words(tmp_path: Path) -> None:
    """The error names the argument, or the path without mail."""
    with pytest.raises(BadRequestError, match="own= must name"):
        MailSource(tmp_path, own=[" "])
    with pytest.raises(BadRequestError, match=r"include= takes bounce, .* not 'spam'"):
        MailSource(tmp_path, own="a.example", include=cast("Any", ["spam"]))
    with pytest.raises(BadRequestError, match=r"holds no \.eml or \.mbox files"):
        items_of(tmp_path)
    with pytest.raises(BadRequestError, match="No such file or folder"):
        items_of(tmp_path / "nothing")
