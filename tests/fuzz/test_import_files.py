"""Importing any file either succeeds or raises a known error, and the report adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from interactions_sdk import InteractionsClient, InteractionsError, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from interactions_sdk import InteractionRepository

MAIL = [
    b"From: Ada <ada@example.com>\r\n",
    b"From: \xe4\xf6 <\xff@x>\n",
    b"From: [1.2.3.4]@\n",
    b"To: s@acme.example\r\n",
    b"To: undisclosed-recipients:;\n",
    b"To: a@[IPv6:::1], <a@b@c>\n",
    b'Cc: "a\\" <b@c>, (((x), @d, <@e:f@g>, g:;\n',
    b"Cc: =?utf-8?q?=2C=22?= <x@y>\n",
    b"Subject: =?utf-8?q?caf=C3=A9?=\r\n",
    b"Subject: =?xyz?b?////?=\n",
    b"Date: Mon, 2 Mar 2026 10:00:00 +0100\n",
    b"Date: Mon, 32 Foo 99999 25:61:61 +9999\n",
    b"Date: 0\n",
    b"Message-ID: <a@b>\n",
    b"Message-ID: <\n",
    b"References: <a@b> <c@d> <<>>\n",
    b"Received: from x; Mon, 2 Mar 2026 10:00:00 +0100\n",
    b"Auto-Submitted: ;\n",
    b"Return-Path: <>\n",
    b'Content-Type: multipart/mixed; boundary="b"\n',
    b"Content-Type: multipart/mixed\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
    b"Content-Type: message/delivery-status\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Type: text/html; charset=utf-99\n",
    b'Content-Type: text/plain; charset="\\"\n',
    b"Content-Type: text/plain; name*0*=utf-8''a%ff; name*1=b\n",
    b"Content-Type: a/b/c; x=\xff\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Transfer-Encoding: x-uuencode\n",
    b'Content-Disposition: attachment; filename="../../x"\n',
    b"Content-Disposition: attachment; filename*=xx'yy'%00%ff\n",
    b"\n",
    b"\r\n\r\n",
    b"--b\n",
    b"--b--\n",
    b"hello w\xf6rld \xff\xfe\n",
    b"=E4=20=\n",
    b"////====\n",
    b"begin 666 x\n",
    b"<html><b>x</b><table><tr><td>",
    b"\0",
    b" folded\n",
    b"From x\n",
]
CALENDAR = [
    b"BEGIN:VCALENDAR\r\n",
    b"END:VCALENDAR\r\n",
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
    b"BEGIN:VTODO\n",
    b"END:VTODO\n",
    b"BEGIN:VTIMEZONE\nTZID:Foo\n",
    b"BEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n",
    b"BEGIN:DAYLIGHT\nDTSTART:00010101T000000\nTZOFFSETFROM:+9900\nTZOFFSETTO:x\nEND:DAYLIGHT\n",
    b"END:VTIMEZONE\n",
    b"UID:1@x\n",
    b"UID:\n",
    b"DTSTART:20260301T100000Z\n",
    b"DTSTART;TZID=Foo:20260301T100000\n",
    b"DTSTART;TZID=Europe/Berlin:20260329T023000\n",
    b"DTSTART;VALUE=DATE:20260301\n",
    b"DTSTART:00010101T000000Z\n",
    b"DTSTART:99991231T235959Z\n",
    b"DTEND:20260301T110000Z\n",
    b"DURATION:-P99999999D\n",
    b"DUE:20270101T000000Z\n",
    b"DUE;TZID=Nope:20270101T000000\n",
    b"RRULE:FREQ=DAILY;COUNT=5\n",
    b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\n",
    b"RRULE:FREQ=MONTHLY;BYDAY=20MO\n",
    b"RRULE:FREQ=DAILY;INTERVAL=0\n",
    b"RRULE:FREQ=\n",
    b"RDATE:20260302T100000Z,20260303T100000Z\n",
    b"RDATE;VALUE=PERIOD:20260302T100000Z/PT1H\n",
    b"EXDATE:x\n",
    b"RECURRENCE-ID:20260302T100000Z\n",
    b"RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T100000Z\n",
    b"SEQUENCE:99999999999999999999999\n",
    b"ATTENDEE:mailto:ada@example.com\n",
    b'ATTENDEE;PARTSTAT="DECLINED:mailto:a@b\n',
    b"ORGANIZER:MAILTO:s@acme.example\n",
    b"SUMMARY:Hi\\, there\\n\n",
    b"DESCRIPTION:\xff\xfe\x00\n",
    b"STATUS:CANCELLED\n",
    b"METHOD:CANCEL\n",
    b" folded\n",
    b"X:;:;\n",
    b"BEGIN:X\n",
    b"END:X\n",
]
CSV = [
    *(b"interaction_type", b"occurred_at", b"subject", b"customer_id", b"metadata", b"duration"),
    *(
        b",",
        b";",
        b"\t",
        b'"',
        b'""',
        b"\r\n",
        b"\n",
        b"\r",
        b"sep=;\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ),
    *(b"=1+1", b"call", b"email", b"c1", b"2026-03-01T10:00:00Z", b"02/13/2026", b"1767225600"),
    *(b"99999999999999999999", b"1e400", b"NaN", b"\0", b"\xc3\x28", b"\xed\xa0\x80", b'{"a":'),
    *(b"[[[[", b"-1", b"1h30", b"line", b"reason", b" ", b"\xc2\xa0"),
]
JSON_LINES = [
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\n", b"\r\n", b"\xff", b"\xed\xa0\x80"),
    *(b'"interaction_type":"call",', b'"customer_id":"c1",', b'"subject":', b'"x"', b"null"),
    *(b'"\\ud800"', b'"\\u0000"', b"1e999", b"-0", b"007", b"NaN", b"9" * 5000, b"[[" * 300),
    *(b'"occurred_at":"2026-03-01",', b'"metadata":{"tags":["\\udfff"]},', b'"duration":1.5,'),
    *(b'"next_action_date":"2099-01-01",', b'"participants":[1,{}],', b'"line": 1, "reason": "x"'),
]
OPENINGS = {
    "eml": [b"", b"From: ada@example.com\nTo: s@acme.example\nMessage-ID: <1@b>\n"],
    "ics": [
        b"BEGIN:VCALENDAR\n",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260301T100000Z\nATTENDEE:mailto:ada@example.com\n",
    ],
    "csv": [b"", b"interaction_type,subject,occurred_at,customer_id\n"],
    "jsonl": [b"", b'{"interaction_type":"call","customer_id":"c1","subject":"x"}\n{'],
}
PIECES = {"eml": MAIL, "ics": CALENDAR, "csv": CSV, "jsonl": JSON_LINES}
KNOWN_ERRORS = (InteractionsError, ValidationError)


def _closed(calendar: bytes) -> bytes:
    """Return a calendar with the missing ends of components, so that more of it is read."""
    still_open: list[bytes] = []
    for line in calendar.splitlines():
        name, _, value = line.partition(b":")
        if name == b"BEGIN":
            still_open.append(value)
        elif name == b"END" and still_open[-1:] == [value]:
            still_open.pop()
    return calendar + b"".join(b"\nEND:%s" % name for name in reversed(still_open)) + b"\n"


def files(kind: str) -> st.SearchStrategy[bytes]:
    """Return a strategy for files of meaningful pieces in any order."""
    pieces = st.lists(st.sampled_from(PIECES[kind]) | st.binary(max_size=2), max_size=25)
    joined = st.tuples(st.sampled_from(OPENINGS[kind]), pieces.map(b"".join)).map(b"".join)
    return joined | joined.map(_closed) if kind == "ics" else joined


def _import(repo: InteractionRepository, path: Path, *, dry_run: bool) -> tuple[int, int]:
    """Import a file; return the number of items read, and that in the report."""
    if path.suffix in (".csv", ".jsonl"):
        run = repo.import_csv if path.suffix == ".csv" else repo.import_jsonl
        lines = run(path, dry_run=dry_run)
        return lines.lines, lines.imported + lines.refused + lines.skipped
    read = repo.import_mail if path.suffix == ".eml" else repo.import_calendar
    items = read(path, own=["acme.example"], customers={"ada@example.com": "c1"}, dry_run=dry_run)
    skipped = sum(items.skipped.values())
    return items.read, items.matched + items.unmatched + items.refused + skipped


@pytest.fixture(scope="module")
def repo() -> Iterator[InteractionRepository]:
    """Yield the repository of an admin, with a customer `c1`."""
    with InteractionsClient.embedded(settings=Settings(verify_users=False)) as crm:
        crm.customers.create("ada", id="c1")
        yield crm.as_admin("root")


@pytest.mark.parametrize("kind", PIECES)
@pytest.mark.parametrize(
    "examples", [15, pytest.param(1_500, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_any_file(repo: InteractionRepository, tmp_path: Path, kind: str, examples: int) -> None:
    """A file is imported or rejected with a message, and each of its items is counted once."""
    path = tmp_path / f"file.{kind}"
    outcomes: list[str] = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(content=files(kind), dry_run=st.booleans())
    def check(content: bytes, *, dry_run: bool) -> None:
        path.write_bytes(content)
        try:
            read, accounted = _import(repo, path, dry_run=dry_run)
        except KNOWN_ERRORS:
            outcomes.append("refused")
        else:
            outcomes.append("imported")
            assert read == accounted

    check()
    assert "imported" in outcomes
