"""`interactions import mail`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run

MAIL = "From: {}\nSubject: Offer\nMessage-ID: <{}@x>\nDate: Fri, 1 May 2026 10:00:00 +0200\n\nx"


@pytest.fixture
def box(folder: Path) -> Path:
    """Return a folder with mail from Ada, a stranger, a mailing list, and without a sender."""
    path = folder / "mail"
    path.mkdir()
    (path / "1.eml").write_text(MAIL.format("ada@example.com", 1))
    (path / "2.eml").write_text(MAIL.format("eve@example.com", 2))
    (path / "3.eml").write_text("List-Id: <news>\n" + MAIL.format("ada@example.com", 3))
    return path


def test_mail_is_imported(run: Run, crm: InteractionsClient, box: Path) -> None:
    """Every message is counted, and unknown addresses are listed."""
    crm.customers.create("eva", email="ada@example.com")
    command = ("import", "mail", str(box), "--own", "acme.example", "--admin", "root")
    said = run(*command, "--dry-run")
    assert "3 messages: 1 would be new" in said
    assert "1 without a customer, 0 refused, 1 skipped (bulk)." in said
    assert "no customer: eve@example.com (1 message)" in said
    assert 0 == crm.as_admin("root").count()
    assert 2 == json.loads(run(*command, "--include", "bulk", "--json"))["new"]
    assert 2 == crm.as_admin("root").count()


def test_customers_come_from_a_file(
    run: Run, crm: InteractionsClient, box: Path, folder: Path
) -> None:
    """`--customers` reads an address and an ID from each line, and rejects other lines."""
    ada = crm.customers.get_by_user_id("ada")
    command = ("import", "mail", str(box), "--own", "acme.example", "--user", "ada")
    (folder / "known.csv").write_text(f"eve@example.com, {ada.id}\n\n")
    assert "3 messages: 1 new" in run(*command, "--customers", "known.csv")
    (folder / "known.csv").write_text("eve@example.com\n")
    assert "expected an address and a customer ID" in run(
        *command, "--customers", "known.csv", code=2
    )


def test_refused_messages_are_shown(run: Run, crm: InteractionsClient, box: Path) -> None:
    """Rejected messages are shown with the reason, and the exit code is 1."""
    crm.customers.create("eva", email="ada@example.com")
    (box / "4.eml").write_text("Content-Type: multipart/mixed\n\nx")
    run("import", "mail", str(box), "--own", "acme.example", "--admin", "root", code=1)
    assert 1 == crm.as_admin("root").count()
