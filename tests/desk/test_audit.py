"""The history of an entry, and the audit log for admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    CustomerInteraction,
    InteractionUpdate,
    Settings,
)
from interactions_sdk.desk import Admin, User, desk
from tests.desk.pages import Surfer

if TYPE_CHECKING:
    from tests.desk.conftest import Office

pytestmark = pytest.mark.anyio


@pytest.fixture
async def call(office: Office) -> CustomerInteraction:
    """Log a call and update it."""
    call = await office.repo.log_call("Renewal", customer_id=office.ada.id)
    await office.crm.as_user("ada").update(
        call.id,
        InteractionUpdate(subject="Renewals", next_action_date=datetime(2126, 5, 4, 9, tzinfo=UTC)),
    )
    return call


@pytest.mark.parametrize("person", ["root", "user"])
async def test_an_entry_has_its_history(
    call: CustomerInteraction, person: str, request: pytest.FixtureRequest
) -> None:
    """The history shows users, times, and the values of each field before and after."""
    surfer: Surfer = request.getfixturevalue(person)

    page = await surfer.open(f"/interactions/{call.id}")
    if person == "user":
        page = await surfer.open(page.links["History"])
        assert f"/interactions/{call.id}" == page.links["The entry"]

    history = page.text[page.text.rindex("History") :]
    assert history.index("root created it") < history.index("ada updated")
    assert "Subject Renewal → Renewals" in history
    assert "Next action date nothing → 4 May 2126, 11:00" in history


async def test_admins_see_who_did_what(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """The log can be filtered by user, action and days, and shows changes newest first."""
    page = await root.open("/audit")
    assert "Who did what" in page.links
    assert page.text.index("interaction.updated") < page.text.index("interaction.created")
    assert "Subject Renewal → Renewals" in page.text
    form = next(form for form in page.forms if "actor" in form.fields)

    by_root = await root.send(page, form, actor="root")
    updates = await root.send(page, form, action="interaction.updated")
    nothing = await root.send(page, form, since="2126-01-01")
    wrong = await root.send(page, form, until="soon")

    assert "interaction.updated" not in by_root.links
    assert "interaction.created" not in updates.links
    assert "Nothing matches." in nothing.text
    assert "Enter a date, such as 2026-05-04." in wrong.text
    assert "interaction.updated" in wrong.links
    entry = await root.open(updates.links["interaction.updated"])
    assert f"/interactions/{call.id}" == entry.url.path
    assert office.requests


async def test_a_deleted_entry_has_a_history_for_admins(
    office: Office, root: Surfer, user: Surfer, call: CustomerInteraction
) -> None:
    """Only admins see the history of a deleted entry."""
    await office.repo.delete(call.id)
    log = await root.open("/audit")

    page = await root.open(log.links["interaction.deleted"])

    assert (404, True) == (page.status, "root deleted it" in page.text)
    assert "root deleted it" not in (await user.open(f"/interactions/{call.id}")).text


async def test_a_long_log_has_more_pages(office: Office, root: Surfer) -> None:
    """The link to the next page keeps the filters."""
    for number in range(52):
        await office.repo.log_call(f"Number {number}.", customer_id=office.ada.id)
    page = await root.open("/audit?actor=root")

    page = await root.open(page.links["Older"])

    assert 2 == page.text.count("interaction.created")
    assert b"actor=root" in page.url.query


async def test_it_is_for_admins(office: Office, user: Surfer) -> None:
    """For users, the page does not exist."""
    assert 404 == (await user.open("/audit")).status
    assert "Who did what" not in (await user.open("/")).links
    assert 404 == (await office.surfer(User("eve")).open("/audit")).status


async def test_without_an_audit_log_there_is_neither() -> None:
    """Without an audit log, there is no history and no link to the log."""
    async with AsyncInteractionsClient.embedded(settings=Settings(audit_table=None)) as crm:
        customer = await crm.customers.ensure("ada")
        call = await crm.as_admin("root").log_call("Renewal", customer_id=customer.id)
        surfer = Surfer(desk(crm, identify=lambda _: Admin("root")))

        page = await surfer.open(f"/interactions/{call.id}")
        assert 200 == page.status
        assert "History" not in page.text
        assert "Who did what" not in page.links
        for path in ("/audit", f"/interactions/{call.id}/history", "/interactions/nothing"):
            assert 404 == (await surfer.open(path)).status
        empty = await surfer.open("/reports/activity")
        assert 200 == empty.status
