# Generated from tests/_async/transfer/test_mail.py by scripts/unasync.py; do not edit.
"""Importing mail: customers are found by address, and each message is logged once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    APIConnectionError,
    ConfigurationError,
    CustomerColumns,
    InteractionsClient,
    InteractionUpdate,
    RetryPolicy,
    Settings,
)
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.transfer import sources

if TYPE_CHECKING:
    from pathlib import Path


WITH_FILES = Settings(attachments_bucket="files")


def write_mail(folder: Path, number: int, sender: str, to: str = "sales@acme.example") -> None:
    """Write a message with an attached file."""
    (folder / f"{number}.eml").write_text(
        f"From: {sender}\nTo: {to}\nSubject: Offer {number}\nMessage-ID: <{number}@x>\n"
        "Date: Fri, 1 May 2026 10:00:00 +0200\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nHello\n--b\n'
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=offer.txt\n\nOffer\n"
        "--b--\n"
    )


def test_messages_are_logged_once(crm: InteractionsClient, tmp_path: Path) -> None:
    """Addresses are compared without case; repeated and changed messages are recognized."""
    ada = crm.customers.create("ada", email="Ada@Example.com")
    zoe = crm.customers.create("zoe", email="zoe@example.com")
    write_mail(tmp_path, 1, "ada@example.com")
    write_mail(tmp_path, 2, "bob@acme.example", "ADA@example.com, zoe@example.com")
    write_mail(tmp_path, 3, "nobody@example.com")
    (tmp_path / "4.eml").write_text("Subject: nothing else\n\n")
    root = crm.as_admin("root")
    told: list[int] = []
    dry = root.import_mail(tmp_path, own="acme.example", dry_run=True)
    first = root.import_mail(tmp_path, own="acme.example", on_progress=told.append)
    assert (4, 2, 1, 1, 3) == (first.read, first.matched, first.unmatched, first.refused, first.new)
    assert (dry.new, True, [4]) == (first.new, dry.dry_run, told)
    assert {"nobody@example.com": 1} == first.unknown_addresses
    assert ["4.eml: it has no sender"] == [str(each) for each in first.rejected]
    logged = [each for each in root.iterate()]
    assert {(ada.id, "inbound"), (ada.id, "outbound"), (zoe.id, "outbound")} == {
        (each.customer_id, each.direction) for each in logged
    }
    root.update(logged[0].id, InteractionUpdate(outcome="successful"))
    again = root.import_mail(tmp_path, own="acme.example")
    assert (0, 2, 1) == (again.new, again.already_there, again.changed_since)
    assert 3 == root.count()


def test_customers_may_be_given(crm: InteractionsClient, tmp_path: Path) -> None:
    """With `customers=`, the customers table is not searched; missing customers are rejected."""
    ada = crm.customers.create("ada")
    write_mail(tmp_path, 1, "ada@private.example")
    write_mail(tmp_path, 2, "bob@private.example")
    write_mail(tmp_path, 3, "eve@private.example")
    known = {"ADA@private.example": ada.id, "bob@private.example": "gone"}
    known["eve@private.example"] = "x" * 200
    root = crm.as_admin("root")
    report = root.import_mail(tmp_path, own="acme.example", customers=known)
    assert (1, 2) == (report.new, report.refused)
    reasons = {each.place: each.message for each in report.rejected}
    assert "customer_id: String should have at most 128 characters" == reasons["3.eml"]
    assert "gone" in reasons["2.eml"]


def test_a_user_logs_the_own_mail_only(crm: InteractionsClient, tmp_path: Path) -> None:
    """For a user, mail of other customers counts as unmatched."""
    crm.customers.create("ada", email="ada@example.com")
    crm.customers.create("zoe", email="zoe@example.com")
    write_mail(tmp_path, 1, "ada@example.com")
    write_mail(tmp_path, 2, "zoe@example.com")
    report = crm.as_user("ada").import_mail(tmp_path, own="acme.example")
    assert (1, 1) == (report.new, report.unmatched)


def test_a_message_that_was_written_otherwise_is_left_alone(
    crm: InteractionsClient, tmp_path: Path
) -> None:
    """Another copy of a message, for example from a mailing list, is not rejected."""
    crm.customers.create("ada", email="ada@example.com")
    write_mail(tmp_path, 1, "ada@example.com")
    root = crm.as_admin("root")
    root.import_mail(tmp_path, own="acme.example")
    path = tmp_path / "1.eml"
    path.write_text(path.read_text().replace("Hello", "Hello, and a footer"))
    again = root.import_mail(tmp_path, own="acme.example")
    assert (0, 1, 0) == (again.new, again.changed_since, again.refused)


def test_files_are_attached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is attached once, however often the import runs; invalid files are noted."""
    settings = Settings(attachments_bucket="files", attachments_max_bytes=5)
    with InteractionsClient.embedded(settings=settings) as crm:
        crm.customers.create("ada", email="ada@example.com")
        write_mail(tmp_path, 1, "ada@example.com")
        write_mail(tmp_path, 2, "nobody@example.com")
        write_mail(tmp_path, 3, "ada@example.com")
        big = tmp_path / "3.eml"
        big.write_text(big.read_text().replace("\n\nOffer", "\n\nToo long"))
        root = crm.as_admin("root")
        write_mail(tmp_path, 4, "ada@example.com")
        text = (tmp_path / "4.eml").read_text()
        (tmp_path / "4.eml").unlink()
        (tmp_path / "box.mbox").write_text(f"From x\n{text}\nFrom y\n{text.replace('<4', '<5')}")
        assert (
            2
            == (root.import_mail(tmp_path / "box.mbox", own="acme.example", attachments=True)).files
        )
        (tmp_path / "box.mbox").unlink()
        for files in (1, 0):
            report = root.import_mail(tmp_path, own="acme.example", attachments=True)
            assert files == report.files
            [note] = report.notes
            assert "3.eml: the file 'offer.txt' was not attached" in str(note)
        links = [len(each.metadata.attachments) for each in root.iterate() if each.metadata]
        assert [0, 1, 1, 1] == sorted(links)
        monkeypatch.setattr("interactions_sdk.integrations.mail.parsing.MAX_MESSAGE_BYTES", 3000)
        monkeypatch.setattr("interactions_sdk.integrations.mail.parsing._MAX_PART", 1000)
        big.write_text(big.read_text().replace("\n\nToo long", "\n\n" + 60 * f"{'x' * 99}\n"))
        report = root.import_mail(big, own="acme.example", attachments=True)
        assert (1, 0) == (report.matched, report.files)
        assert "3.eml: its files were not attached: it is larger than" in str(report.notes[0])


@pytest.mark.unmeasured
def test_files_that_were_taken_away_stay_away(tmp_path: Path) -> None:
    """Files of erased customers and detached files are not attached again."""
    with InteractionsClient.embedded(settings=WITH_FILES) as crm:
        root = crm.as_admin("root")
        for number, user in enumerate(("ada", "bob", "eve")):
            crm.customers.create(user, email=f"{user}@example.com")
            write_mail(tmp_path, number, f"{user}@example.com")
        first = root.import_mail(tmp_path, own="acme.example", attachments=True)
        erased, detached, _ = [each for each in root.iterate()]
        root.erase_customer(erased.customer_id, mode="redact")
        [file] = root.list_attachments(detached.id)
        root.detach(detached.id, file.link)
        again = root.import_mail(tmp_path, own="acme.example", attachments=True)
        assert (3, 0, 3) == (first.files, again.files, again.changed_since)
        assert [] == root.list_attachments(erased.id)
        assert [] == root.list_attachments(detached.id)


def test_files_that_were_not_attached_yet_are(tmp_path: Path) -> None:
    """A second run attaches the files that an interrupted run has not."""
    with InteractionsClient.embedded(settings=WITH_FILES) as crm:
        root = crm.as_admin("root")
        crm.customers.create("ada", email="ada@example.com")
        write_mail(tmp_path, 1, "ada@example.com")
        root.import_mail(tmp_path, own="acme.example")
        reports = [
            root.import_mail(tmp_path, own="acme.example", attachments=True) for _ in range(2)
        ]
        assert [(1, 0), (0, 1)] == [(each.already_there, each.changed_since) for each in reports]
        assert [1, 0] == [each.files for each in reports]


def test_what_is_missing_is_said_first(crm: InteractionsClient, tmp_path: Path) -> None:
    """A missing column for addresses or bucket for files is reported before the import."""
    write_mail(tmp_path, 1, "ada@example.com")
    settings = Settings(customer_columns=CustomerColumns(email=None))
    with InteractionsClient.embedded(settings=settings) as without:
        with pytest.raises(ConfigurationError, match="customers= is missing"):
            without.as_admin("root").import_mail(tmp_path, own="acme.example")
    with pytest.raises(ConfigurationError, match="attachments_bucket"):
        crm.as_admin("root").import_mail(tmp_path, own="acme.example", attachments=True)


def test_a_report_lists_a_bounded_number_of_everything(
    crm: InteractionsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists in a report are limited, but everything is counted."""
    monkeypatch.setattr(sources, "MAX_LISTED_REJECTS", 1)
    for number, sender in enumerate(("a@x.example", "b@x.example", "a@x.example")):
        write_mail(tmp_path, number, sender)
    for number in range(3, 5):
        (tmp_path / f"{number}.eml").write_text(
            f"Message-ID: <{number}@y>\nContent-Type: multipart/mixed\n\nx"
        )
    report = crm.as_admin("root").import_mail(tmp_path, own="acme.example")
    assert (3, {"a@x.example": 2}) == (report.unmatched, report.unknown_addresses)
    assert (2, 1, 1) == (report.refused, len(report.rejected), len(report.notes))


def test_a_server_that_fails_stops_the_import(tmp_path: Path) -> None:
    """The error names the message at which the import stopped, and the next run continues."""
    settings = Settings(verify_users=False)
    server = start_embedded_server(":memory:", settings)
    broken = FaultyTransport(
        server.transport,
        Fault.RESET_BEFORE_WRITE,
        count=None,
        method="POST",
        route="*/customer_interactions/rows",
    )
    clients = [
        InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=settings,
            transport=transport,
            retry=RetryPolicy(retries=0, max_elapsed=0),
        )
        for transport in (server.transport, broken)
    ]
    good, bad = clients
    good.customers.create("ada", email="ada@example.com")
    write_mail(tmp_path, 1, "ada@example.com")
    with pytest.raises(APIConnectionError) as caught:
        bad.as_admin("root").import_mail(tmp_path, own="acme.example")
    assert "The import stopped at 1.eml" in "".join(caught.value.__notes__)
    assert 1 == (good.as_admin("root").import_mail(tmp_path, own="acme.example")).new
    server.close()
